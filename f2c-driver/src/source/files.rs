//! The files a translation reads, by number.

use std::cell::Cell;
use std::collections::HashMap;

use camino::{Utf8Path, Utf8PathBuf};

use crate::lookup::{Base, Folder, Lookup, Place, read_file};

/// Names of files; a [`super::Loc`] holds an index into it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    names: Vec<Utf8PathBuf>,
    /// The files whose contents were read; line markers name others too.
    read: Vec<Utf8PathBuf>,
    /// Where those are that were read: the source first, then what lookups found.
    places: HashMap<Utf8PathBuf, Place>,
    lookups: Vec<Lookup>,
    includes: usize,
    /// The result would not be the same in another tree that has the same files.
    bound: Cell<bool>,
}

/// More includes than this are taken for a circle: each of 40 nested files may include the next
/// twice.
const MAX_INCLUDES: usize = 10_000;

/// Why an included file's contents are not there.
pub(crate) enum NotIncluded {
    Missing,
    TooMany,
}

impl Files {
    /// The number of `path`, new or old.
    pub fn intern(&mut self, path: &Utf8Path) -> u32 {
        let index = self
            .names
            .iter()
            .position(|name| name == path)
            .unwrap_or_else(|| {
                self.names.push(path.to_owned());
                self.names.len() - 1
            });
        u32::try_from(index).unwrap_or(u32::MAX)
    }

    /// The name of a file; an unknown number gives an empty name.
    pub fn name(&self, file: u32) -> &Utf8Path {
        self.names
            .get(file as usize)
            .map_or(Utf8Path::new(""), |name| name.as_path())
    }

    /// The number of a file whose contents are about to be read.
    pub fn open(&mut self, path: &Utf8Path) -> u32 {
        if self.read.is_empty() {
            let name = path.file_name().unwrap_or_default();
            let place = Place::new(Base::Source, name);
            self.places.insert(path.to_owned(), place);
        }
        if !self.read.iter().any(|name| name == path) {
            self.read.push(path.to_owned());
        }
        self.intern(path)
    }

    /// Notes files that are read besides.
    pub fn open_all(&mut self, paths: &[Utf8PathBuf]) {
        for path in paths {
            self.open(path);
        }
    }

    /// Every file read, the user's own first.
    pub fn all(&self) -> &[Utf8PathBuf] {
        &self.read
    }

    /// Looks for an included file in `folders`.
    pub fn find_include(
        &mut self,
        name: &str,
        folders: &[Folder],
    ) -> Result<(Vec<u8>, Utf8PathBuf), NotIncluded> {
        self.includes += 1;
        if self.includes > MAX_INCLUDES {
            return Err(NotIncluded::TooMany);
        }
        for folder in folders {
            let (path, place) = (folder.path.join(name), folder.place.join(name));
            let found = read_file(&path);
            self.lookups
                .push(Lookup::new(place.clone(), found.as_deref()));
            if let Some(bytes) = found {
                let known = self.places.entry(path.clone()).or_insert(place.clone());
                if *known != place {
                    // Found in two ways, which another tree need not have.
                    self.bind();
                }
                return Ok((bytes, path));
            }
        }
        Err(NotIncluded::Missing)
    }

    /// Notes that the result names the tree.
    pub fn bind(&self) {
        self.bound.set(true);
    }

    /// The lookups so far, unless the result would not be the same in another tree that has the same
    /// files.
    pub fn lookups(&self) -> Option<&[Lookup]> {
        (!self.bound.get()).then_some(self.lookups.as_slice())
    }

    /// The folder of a file.
    pub fn folder(&self, file: u32) -> Folder {
        let name = self.name(file);
        let path = name.parent().unwrap_or(Utf8Path::new("")).to_owned();
        let place = match self.places.get(name) {
            Some(place) => place.parent(),
            // A line marker of the source's own names it.
            None => Place::new(Base::Working, path.clone()),
        };
        Folder { path, place }
    }
}
