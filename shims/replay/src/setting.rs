//! Where and how calls run again.

use camino::Utf8PathBuf;
use std::path::PathBuf;

/// Where and how calls run again.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The sandbox; a folder in it for each call.
    pub root: Utf8PathBuf,
    /// Whether outputs go where they went.
    pub in_place: bool,
    /// Whether what the tools print is shown rather than kept.
    pub show: bool,
    /// This program.
    pub emshim: PathBuf,
}

impl Setting {
    /// The folder of one call.
    #[must_use]
    pub fn folder(&self, id: &str) -> Utf8PathBuf {
        self.root.join(id)
    }

    /// Where contents are that later calls read.
    #[must_use]
    pub fn shared(&self, hash: &str) -> Utf8PathBuf {
        self.root.join("contents").join(hash)
    }
}
