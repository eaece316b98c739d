//! `cargo xtask bench record`: what recording costs. Every call is made with and without it, one
//! after the other and first now the one, now the other, so that the machine's other work weighs on
//! both alike.

use std::fmt::Write as _;
use std::fs;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use clap::builder::RangedU64ValueParser;
use emshim_tests::progress::Lines;
use provision::{Store, unpack_source};
use serde_json::json;

use super::call::Call;
use super::report::Report;
use super::setup::{folder, install};
use crate::task::{Result, target};

/// How to measure.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// Calls of each kind, made twice
    #[arg(long, default_value_t = 300, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    calls: usize,
}

/// One kind of call, measured.
struct Row {
    name: &'static str,
    calls: usize,
    /// Sums, without and with.
    without: Duration,
    with: Duration,
    /// What recording adds to one call, in the middle of all.
    added_us: f64,
    /// Bytes of a record, its part of what records share left out.
    bytes: u64,
}

/// The bench's name.
pub const NAME: &str = "record";

/// Measures.
pub fn run(args: &RecordArgs) -> Result<Report> {
    let work = folder(NAME);
    let source = target().join("tmp/lapack/source");
    if !source.exists() {
        unpack_source(&Store::from_env()?, "lapack", &source, &Lines)?;
    }
    let (_, shims) = install(&work)?;
    let tiny = work.join("tiny.c");
    fs::write(&tiny, "int tiny(void) { return 1; }\n")?;
    let bench = Bench { work, shims };
    let question = vec!["-print-multiarch".to_owned()];
    let compile = vec!["-c".to_owned(), tiny.into_string()];
    let rows = [
        bench.measure("a question", "gcc", &vec![question; args.calls])?,
        bench.measure("a tiny compile", "gcc", &vec![compile; args.calls])?,
        bench.measure(
            "LAPACK's sources",
            "gfortran",
            &lapack(&source, args.calls)?,
        )?,
    ];
    let figures: Vec<_> = rows.iter().map(json).collect();
    let figures = json!({ "rows": figures });
    Ok(Report::new(NAME, markdown(&rows), figures))
}

/// Compiles of as many of LAPACK's sources, spread over all of them.
fn lapack(source: &Utf8Path, calls: usize) -> Result<Vec<Vec<String>>> {
    let mut files: Vec<Utf8PathBuf> = Vec::new();
    for folder in ["BLAS/SRC", "SRC"] {
        for entry in source.join(folder).read_dir_utf8()? {
            files.push(entry?.into_path());
        }
    }
    files.retain(|file| file.extension() == Some("f"));
    files.sort();
    let step = (files.len() / calls.max(1)).max(1);
    let files = files.into_iter().step_by(step).take(calls);
    let words = |file: Utf8PathBuf| vec!["-O2".into(), "-c".into(), file.into_string()];
    Ok(files.map(words).collect())
}

struct Bench {
    work: Utf8PathBuf,
    shims: Utf8PathBuf,
}

impl Bench {
    fn measure(&self, name: &'static str, tool: &str, calls: &[Vec<String>]) -> Result<Row> {
        let log = self.work.join("log");
        let _ = fs::remove_dir_all(&log);
        // What is done once, such as asking emcc for flags, is no part of it.
        let _ = self.time(tool, &calls[0], &log, "off")?;
        let mut times: Vec<(Duration, Duration)> = Vec::with_capacity(calls.len());
        for (number, words) in calls.iter().enumerate() {
            let time = |recording| self.time(tool, words, &log, recording);
            times.push(if number % 2 == 0 {
                let without = time("off")?;
                (without, time("on")?)
            } else {
                let with = time("on")?;
                (time("off")?, with)
            });
        }
        let mut added: Vec<f64> = times
            .iter()
            .map(|(without, with)| (with.as_secs_f64() - without.as_secs_f64()) * 1e6)
            .collect();
        added.sort_by(f64::total_cmp);
        let size = fs::metadata(log.join("records.jsonl"))?.len();
        Ok(Row {
            name,
            calls: calls.len(),
            without: times.iter().map(|(without, _)| without).sum(),
            with: times.iter().map(|(_, with)| with).sum(),
            added_us: added[added.len() / 2],
            bytes: size / calls.len() as u64,
        })
    }

    fn time(
        &self,
        tool: &str,
        words: &[String],
        log: &Utf8Path,
        recording: &str,
    ) -> Result<Duration> {
        let words = words.iter().map(String::as_str);
        let call = Call::new(std::iter::once(self.shims.join(tool).as_str()).chain(words))
            .with([("EMSHIM_LOG", log.as_str()), ("EMSHIM_RECORD", recording)]);
        Ok(Duration::from_secs_f64(call.time(&self.work)? / 1e3))
    }
}

/// With to without.
fn ratio(row: &Row) -> f64 {
    row.with.as_secs_f64() / row.without.as_secs_f64()
}

fn markdown(rows: &[Row]) -> String {
    let mut text = "| calls | without | with | ratio | added to one | record |\n\
                    | --- | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for row in rows {
        let _ = writeln!(
            text,
            "| {} of {} | {:.2} s | {:.2} s | {:.3} | {:.2} ms | {} B |",
            row.calls,
            row.name,
            row.without.as_secs_f64(),
            row.with.as_secs_f64(),
            ratio(row),
            row.added_us / 1e3,
            row.bytes,
        );
    }
    text
}

fn json(row: &Row) -> serde_json::Value {
    json!({
        "name": row.name, "calls": row.calls, "ratio": ratio(row),
        "without_s": row.without.as_secs_f64(), "with_s": row.with.as_secs_f64(),
        "added_us": row.added_us, "bytes": row.bytes,
    })
}
