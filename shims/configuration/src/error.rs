//! What is wrong with a configuration: each message names the file, the key and the remedy.

use camino::Utf8PathBuf;

use crate::value::Place;

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigurationError {
    /// A file cannot be read.
    #[error("cannot read {path}: {source}")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is no TOML.
    #[error("{path} is no TOML: {why}")]
    Syntax {
        /// The file.
        path: Utf8PathBuf,
        /// What the parser said.
        why: String,
    },
    /// There is no such key, or its value means nothing.
    #[error("{place}: `{key}` {why}")]
    Value {
        /// Where it stands.
        place: Place,
        /// The key.
        key: String,
        /// What is wrong and what to write instead.
        why: String,
    },
}
