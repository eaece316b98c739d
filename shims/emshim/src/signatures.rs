//! `emshim signatures`: functions that are declared one way and defined another, and what a module
//! asks of Pyodide that is not there.

use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use provision::Store;
use pyodide_wheel::tags::names_abi;
use pyodide_wheel::target::{Lock, Target, TargetName};
use pyodide_wheel::wheel::WheelName;
use serde::Serialize;
use signatures::audit::{Audit, Fault, audit};
use signatures::check::{Findings, check};
use signatures::read::{Binary, Wheel, read};
use signatures::repair::{self, Extent, Repaired};
use signatures::report::count;
use signatures::runtime::Runtime;
use signatures::unit::{Form, Unit};

use crate::args::TargetArgs;
use crate::error::CliError;
use crate::log::args::Folder;
use crate::ui::{self, Ui};
use steps::provenance;

/// `emshim signatures`.
#[derive(Debug, Args)]
pub struct SignaturesArgs {
    /// Objects, archives, side modules, programs and wheels. Objects and archives are taken to be
    /// linked together; modules and wheels are held against the target's Pyodide
    #[arg(required = true, value_name = "FILE")]
    files: Vec<Utf8PathBuf>,
    #[command(flatten)]
    target: TargetArgs,
    #[command(flatten)]
    log: Folder,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    /// Write copies of the objects in which what is safe to bridge is bridged, into --outdir
    #[arg(long)]
    repair: bool,
    /// Folder of the repaired copies
    #[arg(short, long, value_name = "DIR", default_value = "repaired")]
    outdir: Utf8PathBuf,
}

/// What the files hold.
#[derive(Default)]
struct Given {
    units: Vec<Unit>,
    wheels: Vec<(Utf8PathBuf, Wheel)>,
}

/// What was found; `--json` prints it.
#[derive(Serialize)]
struct Answer {
    #[serde(flatten)]
    findings: Findings,
    audits: Vec<Audit>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repaired: Option<Repaired>,
}

/// Prints what is wrong. The exit status is 1 when there is something to mend.
///
/// # Errors
/// A file cannot be read or written, or the target's Pyodide cannot be got.
pub fn run(args: &SignaturesArgs) -> Result<ExitCode, CliError> {
    let mut given = Given::default();
    for file in &args.files {
        match read(file)? {
            Binary::Wheel(wheel) => given.wheels.push((file.clone(), wheel)),
            other => given.units.extend(other.into_units()),
        }
    }
    let mut findings = check(&given.units);
    if !findings.is_empty() {
        provenance::trace(&mut findings, &given.units, &args.log.open()?);
    }
    let repaired = if args.repair {
        let plan = repair::plan(&findings, Extent::ByRules);
        Some(repair::write(
            &given.units,
            &plan,
            &|_| false,
            &args.outdir,
        )?)
    } else {
        None
    };
    let answer = Answer {
        findings,
        audits: audits(&given, &args.target)?,
        repaired,
    };
    if args.json {
        let text = serde_json::to_string_pretty(&answer)
            .map_err(|e| CliError::Message(format!("cannot write JSON: {e}")))?;
        ui::answer(&(text + "\n"))?;
    } else {
        ui::answer(&text(&answer, &given))?;
    }
    let sound = answer.audits.iter().all(|audit| audit.problems.is_empty());
    Ok(if sound && answer.findings.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Holds modules and wheels against the target's Pyodide, and against each other as far as they
/// are linked to each other.
fn audits(given: &Given, target: &TargetArgs) -> Result<Vec<Audit>, CliError> {
    let is_module = |unit: &&Unit| unit.form == Form::Module;
    let modules: Vec<Unit> = given.units.iter().filter(is_module).cloned().collect();
    if modules.is_empty() && given.wheels.is_empty() {
        return Ok(Vec::new());
    }
    let name = TargetName::parse(&target.target)?;
    let store = Store::from_env()?;
    let pyodide = provision::provision_pyodide(&store, name.release(), &Ui::quiet())?.root;
    let target = Target::from_lock(name, &Lock::read(&pyodide)?)?;
    for (path, _) in &given.wheels {
        fits(path, &target)?;
    }
    let runtime = Runtime::read(&pyodide)?;
    let in_wheels = given.wheels.iter().flat_map(|(_, wheel)| &wheel.modules);
    let all: Vec<Unit> = in_wheels.chain(&modules).cloned().collect();
    let mut audits: Vec<Audit> = Vec::new();
    if !modules.is_empty() {
        audits.push(audit(&modules, &all, &runtime));
    }
    let wheels = given.wheels.iter();
    audits.extend(wheels.map(|(_, wheel)| audit(&wheel.modules, &all, &runtime)));
    Ok(audits)
}

/// A wheel of another ABI would fail for reasons that are none of its own.
fn fits(path: &Utf8Path, target: &Target) -> Result<(), CliError> {
    let Ok(name) = WheelName::parse(path.file_name().unwrap_or_default()) else {
        return Ok(());
    };
    if name.is_any_platform() || names_abi(&name, target.abi) {
        return Ok(());
    }
    Err(CliError::Message(format!(
        "{path} is for {}, and {target} has ABI {}: name another with --target",
        name.platform.join(", "),
        target.abi.name
    )))
}

fn text(answer: &Answer, given: &Given) -> String {
    let mut text = answer.findings.to_string();
    for audit in &answer.audits {
        text += &audit.to_string();
    }
    let sum = |part: fn(&Audit) -> usize| answer.audits.iter().map(part).sum::<usize>();
    match answer.findings.mismatches.len() {
        0 if given.units.is_empty() => {}
        0 if answer.findings.models.is_empty() => {
            text += &format!("signatures agree in {}\n", count(given.units.len(), "file"));
        }
        n => {
            let symbols = count(n, "symbol");
            text += &format!("{symbols} with several signatures; int stands for pointers too\n");
        }
    }
    if !answer.audits.is_empty() {
        let imports = count(sum(|audit| audit.imports), "import");
        let modules = count(sum(|audit| audit.modules), "module");
        let problems = count(sum(|audit| audit.problems.len()), "problem");
        text += &format!("{problems} with {imports} of {modules}\n");
    }
    let unreached = answer.audits.iter().flat_map(|audit| &audit.unreached);
    let hints: usize = unreached.clone().map(|group| group.functions.len()).sum();
    if hints > 0 {
        let functions = count(hints, "function");
        text += &format!(
            "{functions} of a type that no known call through a pointer has (--json names them); a \
             call through a cast to another type traps\n"
        );
    }
    for group in unreached {
        for function in group.functions.iter().filter(|f| !f.taken.is_empty()) {
            let declared = group.signature.declare(&function.name);
            text += &format!(
                "  {declared}, address taken in {}\n",
                function.taken.join(", ")
            );
        }
    }
    let libraries = |audit: &Audit| {
        let mut faults = audit.problems.iter().map(|problem| &problem.fault);
        faults.any(|fault| matches!(fault, Fault::MissingLibrary))
    };
    let requires = given.wheels.iter().flat_map(|(_, wheel)| &wheel.requires);
    let requires: Vec<&str> = requires.map(String::as_str).collect();
    if answer.audits.iter().any(libraries) && !requires.is_empty() {
        text += &format!("give the wheels of {} too\n", requires.join(", "));
    }
    text + &answer.repaired.as_ref().map(advice).unwrap_or_default()
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
