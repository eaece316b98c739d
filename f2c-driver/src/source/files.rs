//! The files a translation reads, by number.

use camino::{Utf8Path, Utf8PathBuf};

/// Names of files; a [`super::Loc`] holds an index into it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Files {
    names: Vec<Utf8PathBuf>,
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

    /// Every file read, the user's own first.
    pub fn all(&self) -> &[Utf8PathBuf] {
        &self.names
    }

    /// Looks for an included file: beside the including one, then in `dirs`.
    pub fn find_include(
        &self,
        name: &str,
        from: u32,
        dirs: &[Utf8PathBuf],
    ) -> Option<(Vec<u8>, Utf8PathBuf)> {
        let beside = self.name(from).parent().map(ToOwned::to_owned);
        beside
            .into_iter()
            .chain(dirs.iter().cloned())
            .find_map(|dir| {
                let path = dir.join(name);
                std::fs::read(&path).ok().map(|bytes| (bytes, path))
            })
    }
}
