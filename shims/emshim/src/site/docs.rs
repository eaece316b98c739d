//! `emshim docs`: a JupyterLite folder for documentation by Sphinx.

use std::process::ExitCode;

use camino::Utf8Path;
use clap::Args;
use publish::lite;

use super::{Selection, finish, release};
use crate::error::CliError;

/// The folder's name, unless the user says otherwise.
const FOLDER: &str = "lite";

/// `emshim docs`.
#[derive(Debug, Args)]
pub struct DocsArgs {
    #[command(flatten)]
    selection: Selection,
}

/// Writes the folder.
///
/// # Errors
/// As for a page; or the index lacks what the kernel of notebooks needs.
pub fn run(args: &DocsArgs) -> Result<ExitCode, CliError> {
    let selection = &args.selection;
    let mut draft = selection.draft("docs", FOLDER)?;
    let session = selection.session()?;
    let release = release(&session)?;
    let micropip = super::micropip(&session);
    let further = [micropip, lite::kernel(&release)].concat();
    let packages = selection.packages(&session, &further)?;
    lite::write(&mut draft, &packages, &session.pyodide, &release)?;
    finish(draft, &packages, |place| {
        format!(
            "in conf.py: jupyterlite_dir = \"{}\"\n",
            seen_from_conf(place)
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The folder as `conf.py` names it: jupyterlite-sphinx works in the folder of that.
fn seen_from_conf(place: &Utf8Path) -> &str {
    let beside = place.with_file_name("conf.py").is_file();
    match place.file_name() {
        Some(name) if beside => name,
        _ => place.as_str(),
    }
}
