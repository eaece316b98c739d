//! Where and how calls run again.

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a call finds when it runs again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Room {
    /// The machine as it is; what the call writes goes where it went.
    InPlace,
    /// The machine as it is, at the same paths; whatever the call writes goes to the sandbox.
    View,
    /// Copies of what it reads, in the sandbox: other paths, where the system has no views.
    Copies,
}

/// Where and how calls run again.
#[derive(Debug, Clone)]
pub struct Setting {
    /// The sandbox; a folder in it for each call.
    pub root: Utf8PathBuf,
    /// What the calls find.
    pub room: Room,
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
