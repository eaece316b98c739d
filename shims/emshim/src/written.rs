//! Files that a verb writes into a project: never in the place of one that is there, unless asked to.

use std::process::ExitCode;

use camino::Utf8Path;
use disk::whole;

use crate::error::CliError;
use crate::ui;

/// Prints a text, or writes it as a file and prints the file's name.
///
/// # Errors
/// There is a file, and `force` is not given; or it cannot be written.
pub fn answer(path: &Utf8Path, text: &str, print: bool, force: bool) -> Result<ExitCode, CliError> {
    if print {
        ui::answer(text)?;
        return Ok(ExitCode::SUCCESS);
    }
    if !force && path.symlink_metadata().is_ok() {
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
