//! Which libraries were added for a target: a note for each.

use std::fs;

use camino::Utf8PathBuf;
use disk::whole;
use serde::{Deserialize, Serialize};

use super::chosen::Library;
use crate::error::WheelBuildError;
use crate::session::Session;

/// What `emshim library add` was told, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Note {
    /// The text of a recipe of the user's, and its folder.
    recipe: Option<(String, Utf8PathBuf)>,
    /// The settings that are on.
    settings: Vec<String>,
}

impl Session {
    /// Where the notes about added libraries are.
    fn added_folder(&self) -> Utf8PathBuf {
        let target = self.target.name.to_string().replace('@', "-");
        self.store.added().join(target)
    }

    fn note_of(&self, name: &str) -> Utf8PathBuf {
        self.added_folder().join(format!("{name}.json"))
    }

    /// The libraries that were added for the target, in the order of their names.
    ///
    /// # Errors
    /// A note of one cannot be read, or means nothing to this emshim.
    pub fn added_libraries(&self) -> Result<Vec<Library>, WheelBuildError> {
        let folder = self.added_folder();
        let entries = folder.read_dir_utf8().into_iter().flatten().flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| Some(entry.file_name().strip_suffix(".json")?.to_owned()))
            .filter(|name| !name.starts_with('.'))
            .collect();
        names.sort();
        names.iter().map(|name| self.added_library(name)).collect()
    }

    fn added_library(&self, name: &str) -> Result<Library, WheelBuildError> {
        let path = self.note_of(name);
        let unusable = |why: String| {
            WheelBuildError::Message(format!(
                "{path}: {why}; add the library again, or `emshim library remove {name}`"
            ))
        };
        let text = fs::read(&path).map_err(|error| unusable(error.to_string()))?;
        let note: Note =
            serde_json::from_slice(&text).map_err(|error| unusable(error.to_string()))?;
        let library = match note.recipe {
            Some((text, base)) => Library::read(text, Some(base), path.as_str()),
            None => Library::built_in(name),
        };
        let mut library = library.map_err(|error| unusable(error.to_string()))?;
        library.settings = note.settings;
        library
            .build()
            .map_err(|error| unusable(error.to_string()))?;
        Ok(library)
    }

    /// Notes that a library is to be found by everybody who builds for the target.
    ///
    /// # Errors
    /// The store cannot be written.
    pub fn note_library(&self, library: &Library) -> Result<(), WheelBuildError> {
        let path = self.note_of(&library.recipe.name);
        let recipe = library
            .base
            .clone()
            .map(|base| (library.text.clone(), base));
        let note = Note {
            recipe,
            settings: library.settings.clone(),
        };
        let text = serde_json::to_vec_pretty(&note).unwrap_or_default();
        fs::create_dir_all(self.added_folder())
            .and_then(|()| whole::replace(path.as_std_path(), whole::FOR_ALL, &text))
            .map_err(WheelBuildError::io("cannot write", path.as_path()))
    }

    /// Takes a library out of the prefix. Its folder stays, for builds that use it and for the next that
    /// asks for it.
    ///
    /// # Errors
    /// It was not added, or the store cannot be written.
    pub fn forget_library(&self, name: &str) -> Result<(), WheelBuildError> {
        let path = self.note_of(name);
        let plain = !name.is_empty() && !name.contains('/') && !name.starts_with('.');
        if !plain || !path.exists() {
            let target = &self.target;
            return Err(WheelBuildError::Message(format!(
                "`{name}` was not added for {target}; `emshim library list` has what was"
            )));
        }
        fs::remove_file(&path).map_err(WheelBuildError::io("cannot remove", path.as_path()))
    }
}
