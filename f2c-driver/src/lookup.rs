//! What a translation looked for in the file system. A translation follows from its source, its
//! options and what these lookups found; so whoever keeps its result knows by them whether it still
//! counts, in this tree or in another one.

use camino::{Utf8Path, Utf8PathBuf};
use serde::{Deserialize, Serialize};

/// What a place is relative to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Base {
    /// The working directory.
    Working,
    /// The folder of the source.
    Source,
    /// A folder of [`Options::include_dirs`](crate::Options::include_dirs), by its number.
    Include(usize),
}

/// Where something is, without the paths in which two trees differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// What the path is relative to.
    pub base: Base,
    /// The rest of the path.
    pub path: Utf8PathBuf,
}

impl Place {
    pub(crate) fn new(base: Base, path: impl Into<Utf8PathBuf>) -> Self {
        Self {
            base,
            path: path.into(),
        }
    }

    pub(crate) fn join(&self, name: &str) -> Self {
        Self::new(self.base, self.path.join(name))
    }

    pub(crate) fn parent(&self) -> Self {
        Self::new(self.base, self.path.parent().unwrap_or(Utf8Path::new("")))
    }

    /// The path for a translation of `source` with these folders, or nothing where it has not as
    /// many.
    #[must_use]
    pub fn resolve(&self, source: &Utf8Path, include_dirs: &[Utf8PathBuf]) -> Option<Utf8PathBuf> {
        let empty = Utf8Path::new("");
        let base = match self.base {
            Base::Working => empty,
            Base::Source => source.parent().unwrap_or(empty),
            Base::Include(number) => include_dirs.get(number)?,
        };
        Some(base.join(&self.path))
    }
}

/// A look for a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// Where.
    pub place: Place,
    /// The BLAKE3 of the file there, in hexadecimal; `None` where there is none.
    pub found: Option<String>,
}

impl Lookup {
    pub(crate) fn new(place: Place, found: Option<&[u8]>) -> Self {
        let hash = |bytes| blake3::hash(bytes).to_hex().to_string();
        Self {
            place,
            found: found.map(hash),
        }
    }

    /// Whether the file at `path` is the one that was found, or none is there as before.
    #[must_use]
    pub fn holds(&self, path: &Utf8Path) -> bool {
        Self::new(self.place.clone(), read_file(path).as_deref()) == *self
    }
}

/// The contents of a regular file.
pub(crate) fn read_file(path: &Utf8Path) -> Option<Vec<u8>> {
    // A pipe or a device would block, or be used up by looking.
    let regular = path.metadata().is_ok_and(|metadata| metadata.is_file());
    regular.then(|| std::fs::read(path).ok()).flatten()
}

/// A folder to look in.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub path: Utf8PathBuf,
    pub place: Place,
}

impl Folder {
    /// The working directory.
    pub fn working() -> Self {
        Self {
            path: Utf8PathBuf::new(),
            place: Place::new(Base::Working, ""),
        }
    }

    /// The folders of `-I`.
    pub fn given(include_dirs: &[Utf8PathBuf]) -> impl Iterator<Item = Self> {
        let folders = include_dirs.iter().enumerate();
        folders.map(|(number, path)| Self {
            path: path.clone(),
            place: Place::new(Base::Include(number), ""),
        })
    }
}
