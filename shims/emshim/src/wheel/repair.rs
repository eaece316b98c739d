//! `emshim wheel repair`.

use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use pyodide_wheel::wheel::{WheelName, repack};
use serde_json::{Value, json};
use wheel_build::error::WheelBuildError;
use wheel_build::repair::{Missing, Repaired, Search, repair};

use super::file::Wheel;
use crate::build::source_date_epoch;
use crate::error::CliError;
use crate::ui;

/// `emshim wheel repair`.
#[derive(Debug, Args)]
pub struct RepairArgs {
    /// Wheels, which stay as they are
    #[arg(required = true, value_name = "WHEEL")]
    wheels: Vec<Utf8PathBuf>,
    /// A folder with shared libraries for the target, before those of EMSHIM_PREFIX (repeatable)
    #[arg(long, value_name = "DIR")]
    with_libs: Vec<Utf8PathBuf>,
    /// A library that another wheel brings (repeatable)
    #[arg(long, value_name = "LIBRARY")]
    exclude: Vec<String>,
    /// Folder for the repaired wheels
    #[arg(short, long, value_name = "DIR", default_value = "wheelhouse")]
    outdir: Utf8PathBuf,
    /// Print a list of JSON objects
    #[arg(long)]
    json: bool,
}

/// Repairs wheels, all of them or none.
///
/// # Errors
/// One is no wheel, or lacks a library that is nowhere.
pub fn run(args: &RepairArgs) -> Result<ExitCode, CliError> {
    if let Some(folder) = args.with_libs.iter().find(|folder| !folder.is_dir()) {
        return Err(CliError::Message(format!(
            "--with-libs {folder}: there is no such folder"
        )));
    }
    let mut search = Search::prefixes(|name| std::env::var(name).ok());
    search.folders.splice(0..0, args.with_libs.iter().cloned());
    search.elsewhere.clone_from(&args.exclude);
    let epoch = source_date_epoch()?;
    let mut repaired = Vec::new();
    for path in &args.wheels {
        let Wheel { name, entries, .. } = Wheel::read(path)?;
        let to = args.outdir.join(name.to_string());
        if same_file(path, &to) {
            return Err(CliError::Message(format!(
                "{path} would be written over: name another folder with --outdir"
            )));
        }
        let done = repair(&name, entries, &search)?;
        if !done.missing.is_empty() {
            return Err(refusal(path, &done.missing, &search));
        }
        repaired.push((path, name, done));
    }
    let mut answers = Vec::new();
    for (path, name, done) in repaired {
        let report = Report::of(&done, path);
        let to = write(path, name, done, epoch, &args.outdir)?;
        if args.json {
            answers.push(report.json(&to));
        } else {
            ui::answer(&report.text(&to))?;
        }
    }
    if args.json {
        ui::answer(&format!("{:#}\n", Value::from(answers)))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Writes a wheel; one that needed nothing is the same to the byte.
fn write(
    path: &Utf8Path,
    name: WheelName,
    done: Repaired,
    epoch: Option<i64>,
    outdir: &Utf8Path,
) -> Result<Utf8PathBuf, CliError> {
    if !done.changed.is_empty() {
        let to = repack(done.entries, &name, epoch, outdir);
        return Ok(to.map_err(WheelBuildError::from)?);
    }
    let to = outdir.join(name.to_string());
    let bytes = std::fs::read(path).map_err(CliError::io("cannot read", path))?;
    std::fs::create_dir_all(outdir).map_err(CliError::io("cannot create", outdir))?;
    disk::whole::replace(to.as_std_path(), disk::whole::FOR_ALL, &bytes)
        .map_err(CliError::io("cannot write", to.as_path()))?;
    Ok(to)
}

/// What was done to a wheel.
struct Report {
    notes: Vec<String>,
    json: Value,
}

impl Report {
    fn of(done: &Repaired, path: &Utf8Path) -> Self {
        let taken = done.taken.iter();
        let taken: Vec<_> = taken
            .map(|one| json!({ "from": one.from, "to": one.to }))
            .collect();
        Self {
            notes: done.notes(),
            json: json!({
                "wheel": path,
                "taken": taken,
                "changed": done.changed,
                "shared": done.shared,
            }),
        }
    }

    fn json(mut self, to: &Utf8Path) -> Value {
        self.json["repaired"] = to.as_str().into();
        self.json
    }

    fn text(&self, to: &Utf8Path) -> String {
        let mut lines = self.notes.clone();
        if lines.is_empty() {
            lines.push("it has all that its modules need".to_owned());
        }
        let lines: String = lines.iter().map(|line| format!("  {line}\n")).collect();
        format!("{to}\n{lines}")
    }
}

/// What a wheel lacks, and what can be done.
fn refusal(path: &Utf8Path, missing: &[Missing], search: &Search) -> CliError {
    let line = |one: &Missing| {
        let why = one.why.as_deref().map(|why| format!(": {why}"));
        format!(
            "  {} needs {}{}\n",
            one.module,
            one.library,
            why.unwrap_or_default()
        )
    };
    let lines: String = missing.iter().map(line).collect();
    let folders: Vec<&str> = search
        .folders
        .iter()
        .map(|folder| folder.as_str())
        .collect();
    let folders = match folders.as_slice() {
        [] => "no folder was named".to_owned(),
        names => format!("looked for in {}", names.join(", ")),
    };
    CliError::Message(format!(
        "{path} lacks shared libraries ({folders}):\n{lines}name their folders with --with-libs, link them \
         statically, or say --exclude {} where another wheel brings it",
        missing[0].library
    ))
}

fn same_file(a: &Utf8Path, b: &Utf8Path) -> bool {
    let real = |path: &Utf8Path| path.canonicalize().ok();
    real(b).is_some() && real(a) == real(b)
}
