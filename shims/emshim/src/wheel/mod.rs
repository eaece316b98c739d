//! `emshim wheel`: what is in wheels, and what they lack.

mod file;
mod kinds;
mod repair;
mod show;
mod size;

use std::process::ExitCode;

use camino::Utf8PathBuf;
use clap::{Args, Subcommand};
use file::Wheel;

use crate::error::CliError;
use crate::ui;

/// `emshim wheel`.
#[derive(Debug, Args)]
pub struct WheelArgs {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Show tags, ABI, toolchain, and what each module exports, imports and needs
    Show(FilesArgs),
    /// Show what takes the space
    Size(SizeArgs),
    /// Put the shared libraries into a copy of a wheel that its modules are linked with and it does not have, and
    /// set the modules' run paths
    Repair(repair::RepairArgs),
}

/// The wheels of a verb.
#[derive(Debug, Args)]
struct FilesArgs {
    /// Wheels
    #[arg(required = true, value_name = "WHEEL")]
    wheels: Vec<Utf8PathBuf>,
    /// Print a list of JSON objects
    #[arg(long)]
    json: bool,
}

/// The wheels whose size is shown, and what they are held against.
#[derive(Debug, Args)]
struct SizeArgs {
    #[command(flatten)]
    files: FilesArgs,
    /// Show beside it what this wheel takes, such as the same one before it was made smaller
    #[arg(long, value_name = "WHEEL")]
    before: Option<Utf8PathBuf>,
}

/// What is said of a wheel.
type Say<'s, T> = &'s dyn Fn(&Wheel<'_>) -> Result<T, CliError>;

/// Prints what is asked of each wheel.
///
/// # Errors
/// One is no wheel, or damaged.
pub fn run(args: &WheelArgs) -> Result<ExitCode, CliError> {
    match &args.verb {
        Verb::Show(files) => say(files, &show::text, &show::json),
        Verb::Size(SizeArgs { files, before }) => {
            let before = before.as_deref().map(Wheel::read).transpose()?;
            let before = before.as_ref();
            say(files, &|wheel| size::text(wheel, before), &|wheel| {
                size::json(wheel, before)
            })
        }
        Verb::Repair(args) => repair::run(args),
    }
}

fn say(
    files: &FilesArgs,
    text: Say<'_, String>,
    json: Say<'_, serde_json::Value>,
) -> Result<ExitCode, CliError> {
    let mut answers = Vec::new();
    for (at, path) in files.wheels.iter().enumerate() {
        let wheel = Wheel::read(path)?;
        if files.json {
            answers.push(json(&wheel)?);
        } else {
            let space = if at > 0 { "\n" } else { "" };
            ui::answer(&format!("{space}{}", text(&wheel)?))?;
        }
    }
    if files.json {
        ui::answer(&format!("{:#}\n", serde_json::Value::from(answers)))?;
    }
    Ok(ExitCode::SUCCESS)
}
