//! `emshim signatures`: files whose functions are declared one way and defined another.

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::Args;
use serde::Serialize;
use signatures::check::{Findings, check};
use signatures::read::read;
use signatures::repair::{self, Repaired};
use signatures::report::count;
use signatures::unit::Unit;

use super::error::CliError;
use super::ui;

/// `emshim signatures`.
#[derive(Debug, Args)]
pub struct SignaturesArgs {
    /// Objects, archives, side modules, programs, wheels that are linked or loaded together
    #[arg(required = true, value_name = "FILE")]
    files: Vec<Utf8PathBuf>,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    /// Write copies of the files in which what is safe to bridge is bridged, into --outdir
    #[arg(long)]
    repair: bool,
    /// Folder of the repaired copies
    #[arg(short, long, value_name = "DIR", default_value = "repaired")]
    outdir: Utf8PathBuf,
}

/// Prints what disagrees. The exit status is 1 when there is something to mend.
///
/// # Errors
/// A file cannot be read or written.
pub fn run(args: &SignaturesArgs) -> Result<ExitCode, CliError> {
    let mut units: Vec<Unit> = Vec::new();
    for file in &args.files {
        units.extend(read(file)?.into_units());
    }
    let findings = check(&units);
    let repaired = if args.repair {
        let plan = repair::plan(&findings);
        Some(repair::write(&units, &plan, &|_| false, &args.outdir)?)
    } else {
        None
    };
    if args.json {
        let answer = Answer {
            findings: &findings,
            repaired: repaired.as_ref(),
        };
        let text = serde_json::to_string_pretty(&answer)
            .map_err(|e| CliError::Message(format!("cannot write JSON: {e}")))?;
        ui::answer(&(text + "\n"))?;
    } else {
        ui::answer(&text(&findings, units.len()))?;
        ui::answer(&repaired.as_ref().map(advice).unwrap_or_default())?;
    }
    Ok(if findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// What `--json` prints.
#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    findings: &'a Findings,
    #[serde(skip_serializing_if = "Option::is_none")]
    repaired: Option<&'a Repaired>,
}

/// What to link, and in the place of what.
fn advice(repaired: &Repaired) -> String {
    if repaired.first.is_empty() {
        return "nothing here is safe to bridge\n".into();
    }
    let list = |files: &[Utf8PathBuf]| {
        let words: Vec<_> = files
            .iter()
            .map(|f| shell_words::quote(f.as_str()))
            .collect();
        words.join(" ")
    };
    let mut text = format!("link first: {}\n", list(&repaired.first));
    for (file, copies) in &repaired.instead {
        text += &format!("link {} in the place of {file}\n", list(copies));
    }
    text
}

fn text(findings: &Findings, units: usize) -> String {
    if findings.is_empty() {
        return format!("{}: every signature agrees\n", count(units, "unit"));
    }
    let what = count(findings.mismatches.len(), "symbol");
    format!("{findings}\n{what} with more than one signature; int stands for pointers too\n")
}
