//! `emshim doctor`: what is found, from where, which ABI it fits, and the remedy for the rest.

use std::process::ExitCode;

use clap::Args;
use provision::{Env, Finding, SUITES, Store, Verdict, examine};
use pyodide_wheel::target::{EmscriptenFit, Target};

use super::TargetArgs;
use super::error::CliError;
use super::fortran;
use super::session::suite_for;
use super::ui;

/// `emshim doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Looks and says; nothing is provisioned. The exit status is 1 when something is in the way of a
/// build.
///
/// # Errors
/// The target is unknown or the store's place cannot be told.
pub fn run(args: &DoctorArgs) -> Result<ExitCode, CliError> {
    let target = Target::parse(&args.target.target)?;
    let suite = suite_for(&target).unwrap_or(&SUITES[0]);
    let store = Store::from_env()?;
    let mut findings = examine(&Env::capture(), &store, suite, target.name.release());
    let emcc = findings.iter().find(|finding| finding.what == "emcc");
    if let Some(version) = emcc.and_then(|found| found.version.clone()) {
        findings.push(fortran::examine(&store, &target, &version)?);
    }
    for finding in &mut findings {
        judge_emscripten(finding, &target);
    }
    let text = if args.json {
        format!(
            "{:#}\n",
            serde_json::Value::from_iter(findings.iter().map(json))
        )
    } else {
        let abi = target.abi;
        let head = format!(
            "{}: ABI {}, Python {}, Emscripten {}\n\n",
            target.name, abi.name, abi.python, abi.emscripten
        );
        head + &findings.iter().map(lines).collect::<String>()
    };
    ui::answer(&text)?;
    let missing = findings
        .iter()
        .any(|finding| finding.verdict == Verdict::Missing);
    Ok(if missing {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Says which ABI a found Emscripten fits, and what to do when it is not the target's.
fn judge_emscripten(finding: &mut Finding, target: &Target) {
    if finding.what != "emcc" {
        return;
    }
    let Some(version) = &finding.version else {
        return;
    };
    match target.check_emscripten(version) {
        EmscriptenFit::Exact => note(finding, format!("the own of ABI {}", target.abi.name)),
        EmscriptenFit::TestedPair => note(
            finding,
            format!(
                "a tested pair, ABI {}'s own is {}",
                target.abi.name, target.abi.emscripten
            ),
        ),
        EmscriptenFit::Refused { remedy } => {
            finding.verdict = Verdict::Missing;
            finding.remedy = Some(remedy);
        }
    }
}

fn note(finding: &mut Finding, text: String) {
    finding.origin = Some(match &finding.origin {
        Some(origin) => format!("{origin}; {text}"),
        None => text,
    });
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ready => "ok",
        Verdict::OnDemand => "on demand",
        Verdict::Optional => "optional",
        Verdict::Missing => "MISSING",
    }
}

fn lines(finding: &Finding) -> String {
    let mut text = format!("{:<10} {:<16}", word(finding.verdict), finding.what);
    for part in [&finding.version, &finding.place].into_iter().flatten() {
        text.push(' ');
        text.push_str(part);
    }
    if let Some(origin) = &finding.origin {
        text.push_str(&format!(" ({origin})"));
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    if let Some(remedy) = &finding.remedy {
        text.push_str(&format!("{:<28}{remedy}\n", ""));
    }
    text
}

fn json(finding: &Finding) -> serde_json::Value {
    serde_json::json!({
        "what": finding.what,
        "verdict": word(finding.verdict),
        "version": finding.version,
        "place": finding.place,
        "origin": finding.origin,
        "remedy": finding.remedy,
    })
}
