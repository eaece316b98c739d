//! `emshim page`: a static page with a console in which the wheels are installed.

use std::process::ExitCode;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use publish::page::Page;

use super::{FOLDER, Selection, finish};
use crate::error::CliError;

/// `emshim page`.
#[derive(Debug, Args)]
pub struct PageArgs {
    #[command(flatten)]
    selection: Selection,
    /// A Python program that the page shows, to be run and changed
    #[arg(long, value_name = "FILE")]
    example: Option<Utf8PathBuf>,
    /// The page's title [default: the first package and its version]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
}

/// Writes the folder.
///
/// # Errors
/// A wheel is not for the target, something it needs cannot be had, the example cannot be read, or
/// the folder would lose files.
pub fn run(args: &PageArgs) -> Result<ExitCode, CliError> {
    let selection = &args.selection;
    let mut draft = selection.draft("page", FOLDER)?;
    let example = args.example.as_deref().map(read).transpose()?;
    let session = selection.session()?;
    let packages = selection.packages(&session, &[])?;
    Page {
        title: args.title.as_deref(),
        example: example.as_ref().map(|(name, text)| (*name, text.as_str())),
        pyodide: &session.pyodide,
        release: session.target.name.release(),
    }
    .write(&mut draft, &packages)?;
    finish(draft, &packages, |place| {
        format!("look at it with: emshim serve {place}\n")
    })?;
    Ok(ExitCode::SUCCESS)
}

/// An example's name and text.
fn read(path: &Utf8Path) -> Result<(&str, String), CliError> {
    let text = std::fs::read_to_string(path).map_err(CliError::io("cannot read", path))?;
    Ok((path.file_name().unwrap_or_default(), text))
}
