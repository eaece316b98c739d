//! `emshim doctor`: what is found, from where, which ABI it fits, and the remedy for the rest.

use std::process::ExitCode;

use clap::Args;
use provision::{Env, Finding, Store, Verdict, examine};
use pyodide_wheel::target::{EmscriptenFit, Target};
use secrets::mask;

use crate::args::TargetArgs;
use crate::error::CliError;
use crate::ui;
use wheel_build::fortran;
use wheel_build::toolchain::{self, Choice};

/// `emshim doctor`.
#[derive(Debug, Args)]
pub struct DoctorArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Reports what is found; nothing is provisioned. The exit status is 1 when something is in the way of a
/// build.
///
/// # Errors
/// The target is unknown or the store's place cannot be told.
pub fn run(args: &DoctorArgs) -> Result<ExitCode, CliError> {
    let target = Target::parse(&args.target.target)?;
    let (env, policy) = (Env::capture(), args.target.wanted().policy);
    let store = Store::from_env()?;
    let choice = Choice::make(&env, &target, policy);
    let sources = match &choice {
        Ok(choice) => choice.sources(&target),
        Err(_) => toolchain::nothing(&target),
    };
    let mut findings = examine(&env, &store, &sources);
    let emcc = findings.iter().find(|finding| finding.what == "emcc");
    if let Some(version) = emcc.and_then(|found| found.version.clone()) {
        findings.push(fortran::examine(&env, &store, &target, &version)?);
    }
    findings.push(provision::examine_rust(&env, &store));
    for finding in findings.iter_mut().filter(|f| f.what == "emcc") {
        judge_emscripten(finding, &target);
        match &choice {
            Ok(choice) => finding.remedy = finding.remedy.take().or(choice.note.clone()),
            Err(error) => finding.remedy = Some(error.to_string()),
        }
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
    // The address of a mirror may have a password in it.
    ui::answer(&mask(&text))?;
    let missing = findings
        .iter()
        .any(|finding| finding.verdict == Verdict::Missing);
    Ok(if missing {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// Says how an Emscripten fits the target's ABI.
fn judge_emscripten(finding: &mut Finding, target: &Target) {
    let Some(version) = &finding.version else {
        return;
    };
    let (abi, own) = (target.abi.name, target.abi.emscripten);
    let text = match target.check_emscripten(version) {
        EmscriptenFit::Exact => format!("ABI {abi}'s own"),
        EmscriptenFit::TestedPair => format!("a tested pair, ABI {abi}'s own is {own}"),
        EmscriptenFit::OnTrial | EmscriptenFit::Untested => {
            format!("to be tried before it is used, ABI {abi}'s own is {own}")
        }
    };
    note(finding, text);
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
