//! What lies in a log's folder.

use std::path::{Path, PathBuf};

/// The file that every call appends to.
#[must_use]
pub fn records(log: &Path) -> PathBuf {
    log.join("records.jsonl")
}

/// The folder of contents kept once, by their name.
#[must_use]
pub fn blobs(log: &Path) -> PathBuf {
    log.join("blobs")
}
