//! What cannot be had from a log.

use camino::Utf8PathBuf;

/// What cannot be had from a log.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The folder has no records.
    #[error(
        "no records in {folder}: {source}; name the folder with --log or EMSHIM_LOG, as it was when the tools ran"
    )]
    Open {
        /// The log folder.
        folder: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file of records cannot be read to its end.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Contents that records share are gone or changed.
    #[error("{path}: {why}; this part of the log is lost")]
    Blob {
        /// The file in `blobs/`.
        path: Utf8PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// No call of that name, or several.
    #[error("{0}")]
    NotFound(String),
}
