//! Outputs that were made elsewhere: a file takes the place of another whole, a device is written into.

use disk::whole;
use std::fs::File;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use toolcall::builtin::PlaceOutput;

/// An output that takes no more, or is gone.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", .path.display())]
pub struct PlaceError {
    path: PathBuf,
    source: io::Error,
}

/// What of a mode says who may do what.
const MODE: u32 = 0o777;

/// Puts what a tool made where it was asked for; where it made nothing, nothing is done.
///
/// # Errors
/// The place cannot be written.
pub fn run(step: &PlaceOutput, cwd: &Path) -> Result<(), PlaceError> {
    for file in &step.words {
        let (from, path) = (cwd.join(file), cwd.join(&step.output));
        let fill = |to: &mut File| io::copy(&mut File::open(&from)?, to).map(drop);
        let Ok(made) = from.metadata() else {
            continue;
        };
        // A program can be run in its place too.
        whole::replace_with(&path, made.permissions().mode() & MODE, fill)
            .map_err(|source| PlaceError { path, source })?;
    }
    Ok(())
}
