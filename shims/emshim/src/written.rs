//! Files that a verb writes into a project: never in the place of one that is there, unless asked to.

use std::process::ExitCode;

use camino::Utf8Path;
use clap::Args;
use disk::whole;

use crate::error::CliError;
use crate::ui;

/// Whether it is written, and over what.
#[derive(Debug, Clone, Copy, Args)]
pub struct How {
    /// Print it and write nothing
    #[arg(long, conflicts_with = "force")]
    pub print: bool,
    /// Write it also in the place of another one
    #[arg(long)]
    pub force: bool,
}

/// Prints a text, or writes it as a file and prints the file's name.
///
/// # Errors
/// There is a file, and it is not to be replaced; or it cannot be written.
pub fn answer(path: &Utf8Path, text: &str, how: How) -> Result<ExitCode, CliError> {
    if how.print {
        ui::answer(text)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !how.force && path.symlink_metadata().is_ok() {
        return Err(CliError::Message(format!(
            "there is {path} already: --force writes another in its place, --print shows what it would be"
        )));
    }
    write(path, text)?;
    ui::answer(&format!("{path}\n"))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes a file, with the folders around it.
///
/// # Errors
/// The system says no.
pub fn write(path: &Utf8Path, text: &str) -> Result<(), CliError> {
    if let Some(folder) = path.parent().filter(|folder| !folder.as_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(CliError::io("cannot create", folder))?;
    }
    whole::replace(path.as_std_path(), whole::FOR_ALL, text.as_bytes())
        .map_err(CliError::io("cannot write", path))
}
