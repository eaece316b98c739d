//! `cargo xtask bench shims`: what the shims cost, each against what it is measured by, in one run.

use std::fs;
use std::process::Stdio;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use provision::Store;
use serde_json::Value;
use toolcall::config::ShimConfig;

use super::call::Call;
use super::peer::Peer;
use super::report::{Report, Row, Rows};
use super::setup::{folder, install};
use crate::task::Result;

/// How to measure.
#[derive(Debug, Args)]
pub struct ShimsArgs {
    /// Runs of each command, in turn with the one it is measured by; the medians count
    #[arg(long, default_value_t = 41)]
    rounds: usize,
    /// How many of LAPACK's sources to build, or `all`; 0 leaves its rows out
    #[arg(long, value_name = "FILES", default_value = "all", value_parser = files)]
    lapack: usize,
}

/// What `--lapack` takes: a number of files, or `all`.
fn files(text: &str) -> std::result::Result<usize, String> {
    match text {
        "all" => Ok(usize::MAX),
        number => number
            .parse()
            .map_err(|_| "say all, or how many".to_owned()),
    }
}

/// Where measuring takes place.
pub struct Bench {
    pub work: Utf8PathBuf,
    pub shims: Utf8PathBuf,
    pub store: Store,
    rounds: usize,
}

/// The bench's name.
pub const NAME: &str = "shims";

/// Measures.
pub fn run(args: &ShimsArgs) -> Result<Report> {
    let work = folder(NAME);
    let (_, shims) = install(&work)?;
    let bench = Bench {
        work,
        shims,
        store: Store::from_env()?,
        rounds: args.rounds.max(1),
    };
    fs::write(bench.work.join("t.c"), SOURCE)?;
    let mut rows = Rows::default();
    rows.add("tiny C compile, clang", bench.tiny());
    rows.add("tiny C compile, pyodide-build", bench.tiny_by_peer());
    rows.add("side-module link", bench.link());
    rows.add("a probe's program", bench.probe());
    for question in ["--version", "-dumpmachine"] {
        rows.add(question, bench.question(question));
    }
    if args.lapack > 0 {
        rows.add("LAPACK's library", bench.lapack(args.lapack));
    }
    let peak = bench.peak_memory();
    let peak = peak.map_err(|error| rows.fail("peak memory", &error)).ok();
    Ok(rows.report(NAME, peak))
}

/// The source of [`COMPILE`].
const SOURCE: &str = "int add(int a, int b) { return a + b; }\n";

/// What Meson makes of a question for a function.
const PROBE: &str = "double hypot(double, double);\n\
                     int main(void) { return hypot(3, 4) != 5; }\n";

const COMPILE: &[&str] = &["gcc", "-O2", "-c", "t.c", "-o", "t.o"];

impl Bench {
    /// The step of a shim's plan that runs `program`, and the variables set for it.
    pub fn step(&self, words: &[&str], program: &str) -> Result<Call> {
        self.planned(words, program, "1")
    }

    /// emcc's command as it would run for a link without its own commands in its place.
    fn by_emcc(&self, words: &[&str]) -> Result<Call> {
        self.planned(words, "emcc", "0")
    }

    fn planned(&self, words: &[&str], program: &str, direct: &str) -> Result<Call> {
        let emshim = self.shims.join("emshim");
        let words = [&[emshim.as_str(), "explain", "--json", "--"], words].concat();
        let call = Call::new(words).with([("EMSHIM_DIRECT", direct)]);
        let output = call.command(&self.work).output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        let explanation: Value = serde_json::from_str(&text)?;
        let runs = |step: &&Value| {
            let path = step["argv"][0].as_str();
            path.is_some_and(|path| Utf8Path::new(path).file_name() == Some(program))
        };
        let mut steps = explanation["steps"].as_array().into_iter().flatten();
        let step = steps
            .find(runs)
            .ok_or_else(|| format!("{program} is not in the plan: {text}"))?;
        let strings = |list: &Value| -> Vec<String> {
            let list = list.as_array().into_iter().flatten();
            list.filter_map(|word| word.as_str().map(str::to_owned))
                .collect()
        };
        let changes = step["env"].as_array().into_iter().flatten();
        let pair = |change: &Value| {
            let value = change["value"].as_str()?;
            Some((change["name"].as_str()?.to_owned(), value.to_owned()))
        };
        Ok(Call {
            argv: strings(&step["argv"]),
            env: changes.filter_map(pair).collect(),
        })
    }

    fn shim(&self, words: &[&str]) -> Call {
        let log = ("EMSHIM_LOG", self.work.join("log").into_string());
        let mut call = Call::new(words.iter().copied()).with([log]);
        call.argv[0] = self.shims.join(words[0]).into_string();
        call
    }

    /// Runs both in turn.
    fn compare(
        &self,
        row: (&'static str, &'static str, f64),
        own: &Call,
        other: &Call,
    ) -> Result<Row> {
        let (work, against, aim) = row;
        eprintln!("{work}, against {against}");
        let mut rounds = Vec::new();
        // The first round only fills caches.
        for round in 0..=self.rounds {
            let costs = [own.measure(&self.work)?, other.measure(&self.work)?];
            rounds.extend((round > 0).then_some(costs));
        }
        Ok(Row::of(work, against, aim, &rounds))
    }

    fn tiny(&self) -> Result<Vec<Row>> {
        let clang = self.step(COMPILE, "clang")?;
        let row = ("tiny C compile", "clang by hand", 1.05);
        Ok(vec![self.compare(row, &self.shim(COMPILE), &clang)?])
    }

    fn tiny_by_peer(&self) -> Result<Vec<Row>> {
        let config = ShimConfig::load(&self.shims)?;
        let peer = Peer::provide(&self.work, &self.store, &config)?;
        let cc = peer.wrappers.join("cc");
        let words = std::iter::once(cc.as_str()).chain(COMPILE[1..].iter().copied());
        let peer = Call::new(words).with(peer.env);
        let row = ("tiny C compile", "pyodide-build's wrapper, with emcc", 0.22);
        Ok(vec![self.compare(row, &self.shim(COMPILE), &peer)?])
    }

    fn link(&self) -> Result<Vec<Row>> {
        self.shim(COMPILE).time(&self.work)?;
        let link = ["gcc", "-shared", "t.o", "-o", "t.so"];
        let mut emcc = self.by_emcc(&link)?;
        // Lists that earlier steps of the plan write; the object is in one of them.
        emcc.argv
            .retain(|word| !word.starts_with('@') && word != "t.o");
        emcc.argv.insert(1, "t.o".to_owned());
        for word in &mut emcc.argv {
            if word.starts_with("-sEXPORTED_FUNCTIONS=@") {
                *word = "-sEXPORTED_FUNCTIONS=_add".to_owned();
            }
        }
        let row = ("side-module link", "emcc by hand", 0.6);
        Ok(vec![self.compare(row, &self.shim(&link), &emcc)?])
    }

    /// What a build system tries out, and never runs.
    fn probe(&self) -> Result<Vec<Row>> {
        fs::write(self.work.join("probe.c"), PROBE)?;
        let words = ["gcc", "probe.c", "-o", "probe"];
        let emcc = self.by_emcc(&words)?;
        let row = ("a probe's program", "emcc by hand", 0.25);
        Ok(vec![self.compare(row, &self.shim(&words), &emcc)?])
    }

    fn question(&self, question: &'static str) -> Result<Vec<Row>> {
        let words = ["gcc", question];
        let emcc = self.step(&words, "emcc")?;
        let row = (question, "emcc", 0.02);
        Ok(vec![self.compare(row, &self.shim(&words), &emcc)?])
    }

    /// The most memory a shim has while its compiler runs, in kilobytes.
    fn peak_memory(&self) -> Result<u64> {
        let call = self.shim(&["gcc", "-x", "c", "-c", "-", "-o", "p.o"]);
        let mut child = call.command(&self.work).stdin(Stdio::piped()).spawn()?;
        let status = format!("/proc/{}/status", child.id());
        let mut peak = None;
        for _ in 0..50 {
            // clang waits for its source; by now the shim does nothing but wait for clang.
            std::thread::sleep(std::time::Duration::from_millis(20));
            let text = fs::read_to_string(&status)?;
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let value = line.and_then(|line| line.split_whitespace().next());
            peak = value.and_then(|value| value.parse().ok()).or(peak);
        }
        drop(child.stdin.take());
        child.wait()?;
        peak.ok_or_else(|| "the system does not tell a process's memory".into())
    }
}
