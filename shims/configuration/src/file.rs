//! The tables of a project's files.

use std::fs;
use std::io::ErrorKind;

use camino::Utf8Path;
use toml::Table;

use crate::error::ConfigurationError;

/// The file of emshim's own.
pub(crate) const OWN: &str = "emshim.toml";

/// The file that projects have anyway.
pub(crate) const PROJECT: &str = "pyproject.toml";

/// A file of a folder; `None` where there is none.
pub(crate) fn read(folder: &Utf8Path, name: &str) -> Result<Option<Table>, ConfigurationError> {
    match whole(&folder.join(name)) {
        Err(ConfigurationError::Read { source, .. }) if source.kind() == ErrorKind::NotFound => {
            Ok(None)
        }
        other => other.map(Some),
    }
}

/// A file that has to be there.
pub(crate) fn whole(path: &Utf8Path) -> Result<Table, ConfigurationError> {
    let path = path.to_owned();
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(source) => return Err(ConfigurationError::Read { path, source }),
    };
    match text.parse::<Table>() {
        Ok(table) => Ok(table),
        Err(error) => Err(ConfigurationError::Syntax {
            path,
            why: error.to_string().trim().to_owned(),
        }),
    }
}
