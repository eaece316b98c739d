//! What this machine offers: environment variables and programs on PATH.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::fs::PermissionsExt;

use camino::{Utf8Path, Utf8PathBuf};

use crate::Error;

/// The file that marks a folder of emshim's own shims. Programs in such a folder are never "the
/// machine's own": they lead back to emshim.
pub const SHIM_FOLDER_MARKER: &str = "emshim.json";

/// The environment, captured once; the only reader of it in this crate.
#[derive(Debug, Clone, Default)]
pub struct Env(BTreeMap<OsString, OsString>);

impl Env {
    /// This process's environment.
    #[must_use]
    pub fn capture() -> Self {
        Self(std::env::vars_os().collect())
    }

    /// A variable's value; empty counts as unset.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&OsStr> {
        self.0
            .get(OsStr::new(name))
            .map(OsString::as_os_str)
            .filter(|value| !value.is_empty())
    }

    /// A variable that names a file or folder; a value that is not UTF-8 counts as unset.
    #[must_use]
    pub fn path(&self, name: &str) -> Option<Utf8PathBuf> {
        self.get(name)?.to_str().map(Utf8PathBuf::from)
    }

    /// The variables whose names pass a test; names that are not UTF-8 do not.
    pub(crate) fn names_that(&self, test: impl Fn(&str) -> bool) -> Vec<OsString> {
        let names = self.0.keys();
        names
            .filter(|name| name.to_str().is_some_and(&test))
            .cloned()
            .collect()
    }

    /// Every executable called `program` on PATH, first one first, except those in shim folders.
    #[must_use]
    pub fn programs(&self, program: &str) -> Vec<Utf8PathBuf> {
        let Some(path) = self.get("PATH") else {
            return Vec::new();
        };
        let mut found: Vec<Utf8PathBuf> = Vec::new();
        for folder in std::env::split_paths(path) {
            let Ok(folder) = Utf8PathBuf::try_from(folder) else {
                continue;
            };
            let exe = folder.join(program);
            if folder.is_absolute() && !is_shim_folder(&folder) && is_executable(&exe) {
                found.push(exe);
            }
        }
        found.dedup();
        found
    }

    /// The first [`program`](Self::programs) of that name.
    #[must_use]
    pub fn program(&self, name: &str) -> Option<Utf8PathBuf> {
        self.programs(name).into_iter().next()
    }

    /// The first program of that name, or an error with the remedy.
    pub(crate) fn require(&self, name: &str, remedy: &str) -> Result<Utf8PathBuf, Error> {
        self.program(name).ok_or_else(|| Error::Missing {
            what: format!("`{name}`"),
            why: "is not on PATH".to_owned(),
            remedy: remedy.to_owned(),
        })
    }
}

impl<K: Into<OsString>, V: Into<OsString>> FromIterator<(K, V)> for Env {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(variables: I) -> Self {
        Self(
            variables
                .into_iter()
                .map(|(k, v)| (k.into(), v.into()))
                .collect(),
        )
    }
}

fn is_shim_folder(folder: &Utf8Path) -> bool {
    folder.join(SHIM_FOLDER_MARKER).exists()
}

/// A regular file (or a link to one) that somebody may execute.
pub(crate) fn is_executable(path: &Utf8Path) -> bool {
    path.metadata()
        .is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A shell script as a program.
    pub(crate) fn program(folder: &Utf8Path, name: &str, script: &str) {
        std::fs::create_dir_all(folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn programs_skips_shim_folders_and_files_that_cannot_run() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        program(&root.join("shims"), "emcc", "");
        std::fs::write(root.join("shims").join(SHIM_FOLDER_MARKER), "{}").unwrap();
        std::fs::create_dir(root.join("data")).unwrap();
        std::fs::write(root.join("data/emcc"), "no program").unwrap();
        program(&root.join("bin"), "emcc", "");
        let path = format!("{root}/shims:{root}/data:{root}/none:{root}/bin");
        let env = Env::from_iter([("PATH", path.as_str())]);
        assert_eq!(env.programs("emcc"), [root.join("bin/emcc")]);
        assert!(env.program("em++").is_none());
    }

    #[test]
    fn an_empty_variable_is_unset() {
        let env = Env::from_iter([("EMSDK", "")]);
        assert!(env.get("EMSDK").is_none());
    }
}
