//! The answers of the toolchain that do not change, each kept in a file of the shim folder.
//!
//! A file is replaced by a rename, so calls at once may all ask and all write: they write the same.
//! An answer counts only while every file it depends on is the one it was, and it is as it was
//! written.

use crate::direct::toolchain::Witness;
use camino::{Utf8Path, Utf8PathBuf};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use toolcall::shim_folder;

/// Version of the files' layout; another one is not read.
const SCHEMA: u32 = 1;

/// The folder of the answers.
#[derive(Debug)]
pub struct AnswerCache {
    folder: Utf8PathBuf,
}

#[derive(Serialize, Deserialize)]
struct Entry<T> {
    schema: u32,
    witnesses: Vec<Witness>,
    answer: T,
}

impl AnswerCache {
    /// Of a shim folder.
    #[must_use]
    pub fn of(shim_dir: &Utf8Path) -> Self {
        Self {
            folder: shim_dir.join(shim_folder::ANSWERS),
        }
    }

    /// Where the answers are.
    #[must_use]
    pub fn folder(&self) -> &Utf8Path {
        &self.folder
    }

    /// An answer that still counts.
    pub fn read<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        let bytes = disk::read_checked(&self.folder.join(key), key)?;
        let entry: Entry<T> = serde_json::from_slice(&bytes).ok()?;
        let counts = entry.schema == SCHEMA && entry.witnesses.iter().all(Witness::holds);
        counts.then_some(entry.answer)
    }

    /// Keeps an answer. The witnesses are of before the question, so that what changed meanwhile
    /// makes it worthless.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn keep<T: Serialize>(
        &self,
        key: &str,
        witnesses: Vec<Witness>,
        answer: T,
    ) -> std::io::Result<()> {
        let entry = Entry {
            schema: SCHEMA,
            witnesses,
            answer,
        };
        disk::write_checked(&self.folder, key, &serde_json::to_vec(&entry)?)
    }

    /// A folder in it for the time of a question.
    ///
    /// # Errors
    /// The folder cannot be made or written to.
    pub fn scratch(&self) -> std::io::Result<tempfile::TempDir> {
        std::fs::create_dir_all(&self.folder)?;
        tempfile::Builder::new()
            .prefix("ask-")
            .tempdir_in(&self.folder)
    }
}
