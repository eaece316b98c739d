//! The files a translation reads, by number.

use camino::{Utf8Path, Utf8PathBuf};

/// Names of files; a [`super::Loc`] holds an index into it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    names: Vec<Utf8PathBuf>,
    /// The files whose contents were read; line markers name others too.
    read: Vec<Utf8PathBuf>,
    includes: usize,
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
        if !self.read.iter().any(|name| name == path) {
            self.read.push(path.to_owned());
        }
        self.intern(path)
    }

    /// Every file read, the user's own first.
    pub fn all(&self) -> &[Utf8PathBuf] {
        &self.read
    }

    /// Looks for an included file in `dirs`.
    pub fn find_include(
        &mut self,
        name: &str,
        dirs: &[&Utf8Path],
    ) -> Result<(Vec<u8>, Utf8PathBuf), NotIncluded> {
        self.includes += 1;
        if self.includes > MAX_INCLUDES {
            return Err(NotIncluded::TooMany);
        }
        let read = |dir: &&Utf8Path| {
            let path = dir.join(name);
            let file = path.metadata().is_ok_and(|metadata| metadata.is_file());
            let bytes = file.then(|| std::fs::read(&path).ok()).flatten()?;
            Some((bytes, path))
        };
        dirs.iter().find_map(read).ok_or(NotIncluded::Missing)
    }

    /// The folder of a file.
    pub fn folder(&self, file: u32) -> Utf8PathBuf {
        let parent = self.name(file).parent();
        parent.unwrap_or(Utf8Path::new("")).to_owned()
    }
}
