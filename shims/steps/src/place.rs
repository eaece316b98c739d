//! Outputs that were made elsewhere: a file takes the place of another whole, a device is written into.

use disk::whole;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use toolcall::builtin::PlaceOutput;

/// An output that takes no more, or is gone.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", .path.display())]
pub struct PlaceError {
    path: PathBuf,
    source: io::Error,
}

/// Puts what a tool made where it was asked for; where it made nothing, nothing is done.
///
/// # Errors
/// The place cannot be written.
pub fn run(step: &PlaceOutput, cwd: &Path) -> Result<(), PlaceError> {
    for file in &step.words {
        let (from, path) = (cwd.join(file), cwd.join(&step.output));
        let fill = |to: &mut File| io::copy(&mut File::open(&from)?, to).map(drop);
        if from.exists() {
            whole::replace_with(&path, whole::FOR_ALL, fill)
                .map_err(|source| PlaceError { path, source })?;
        }
    }
    Ok(())
}
