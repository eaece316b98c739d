//! A wheel that is looked into.

use camino::Utf8Path;
use pyodide_wheel::wheel::{Entries, WheelName, read};

use crate::error::CliError;

/// A wheel in memory.
pub struct Wheel<'p> {
    /// Where it is.
    pub path: &'p Utf8Path,
    /// Its name.
    pub name: WheelName,
    /// Its files.
    pub entries: Entries,
}

impl<'p> Wheel<'p> {
    /// Reads one.
    ///
    /// # Errors
    /// It is no wheel, or damaged.
    pub fn read(path: &'p Utf8Path) -> Result<Self, CliError> {
        let name = WheelName::parse(path.file_name().unwrap_or_default());
        let name = name.map_err(|error| CliError::Message(error.to_string()))?;
        let entries = read(path).map_err(|error| CliError::Message(error.to_string()))?;
        Ok(Self {
            path,
            name,
            entries,
        })
    }

    /// Bytes of all its files.
    pub fn unpacked(&self) -> u64 {
        self.entries
            .values()
            .map(|entry| entry.bytes.len() as u64)
            .sum()
    }

    /// Its own bytes.
    ///
    /// # Errors
    /// It is gone.
    pub fn packed(&self) -> Result<u64, CliError> {
        let metadata = self.path.metadata();
        Ok(metadata
            .map_err(CliError::io("cannot read", self.path))?
            .len())
    }

    /// A file of the metadata folder.
    pub fn metadata(&self, name: &str) -> Option<&[u8]> {
        let is = |path: &str| {
            let folder = path
                .strip_suffix(name)
                .and_then(|path| path.strip_suffix('/'));
            folder.is_some_and(|folder| folder.ends_with(".dist-info") && !folder.contains('/'))
        };
        let found = self.entries.iter().find(|(path, _)| is(path));
        found.map(|(_, entry)| entry.bytes.as_slice())
    }
}
