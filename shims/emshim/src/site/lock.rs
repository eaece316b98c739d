//! `emshim lock`: a lock file and a simple index, from which Pyodide and micropip install.

use std::process::ExitCode;

use clap::Args;
use publish::packages::LOCK;
use publish::simple_index;

use super::{FOLDER, Selection, finish, release};
use crate::error::CliError;

/// `emshim lock`.
#[derive(Debug, Args)]
pub struct LockArgs {
    #[command(flatten)]
    selection: Selection,
}

/// Writes the folder.
///
/// # Errors
/// A wheel is not for the target, something it needs cannot be had, or the folder would lose files.
pub fn run(args: &LockArgs) -> Result<ExitCode, CliError> {
    let selection = &args.selection;
    let mut draft = selection.draft("lock", FOLDER)?;
    let session = selection.session()?;
    let micropip = super::micropip(&session);
    let packages = selection.packages(&session, &micropip)?;
    packages.write(&mut draft, "", &release(&session)?)?;
    simple_index::write(&mut draft, &packages.all)?;
    let (named, index) = (packages.named.join("\", \""), simple_index::FOLDER);
    finish(draft, &packages, |_| {
        format!(
            "in JavaScript: loadPyodide({{ lockFileURL: \"URL/{LOCK}\", packages: [\"{named}\"] }})\n\
             in Python: micropip.install([\"{named}\"], index_urls=\"URL/{index}\")\n"
        )
    })?;
    Ok(ExitCode::SUCCESS)
}
