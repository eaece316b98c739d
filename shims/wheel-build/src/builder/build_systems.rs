//! CMake, Meson and Ninja for a source whose scripts call them and whose requirements do not name them: its authors
//! have them on their machines.

use std::ffi::OsStr;
use std::path::Path;
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use planner::files::find_program;
use regex::Regex;
use shim::files::Disk;

use super::Builder;

/// A call of one of them, or of what leads to one, in a script: a word by itself, no part of a name or path.
static CALL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)(?:^|[\s'\x22(=;&|`])(cmake|meson|ninja)(?:$|[\s'\x22);&|`])")
        .expect("a pattern")
});

impl Builder<'_> {
    /// `PATH` with those tools last, if a script of the source's calls one that is not in `path` nor in `bin`, the
    /// build environment's folder of programs. Without them the build says what is missing, so that they cannot be
    /// had is only told.
    pub(super) fn build_systems(
        &self,
        source: &Utf8Path,
        bin: &Utf8Path,
        path: &str,
    ) -> Option<(String, String)> {
        let there = |name: &str| {
            bin.join(name).exists()
                || find_program(&Disk, OsStr::new(path), Path::new("/"), name).is_some()
        };
        let (script, name) = calls(source).into_iter().find(|(_, name)| !there(name))?;
        let (store, tools) = (&self.session.store, &self.session.tools.exe);
        match provision::provision_build_systems(store, tools, self.progress) {
            Ok(last) => {
                self.progress.note(&format!(
                    "{script} calls {name}, which is not in PATH: emshim's own is"
                ));
                self.session.usage.add(&[&last]);
                Some(("PATH".to_owned(), format!("{path}:{last}")))
            }
            Err(error) => {
                self.progress.note(&format!(
                    "{script} calls {name}, which is not in PATH and cannot be had: {error}"
                ));
                None
            }
        }
    }
}

/// The scripts beside a source's `setup.py`, it among them, and which of the tools each calls.
fn calls(source: &Utf8Path) -> Vec<(String, String)> {
    let Ok(entries) = source.read_dir_utf8() else {
        return Vec::new();
    };
    let mut scripts: Vec<Utf8PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.into_path()))
        .filter(|path| path.file_name() == Some("setup.py") || path.extension() == Some("sh"))
        .collect();
    scripts.sort();
    let mut found = Vec::new();
    for script in scripts {
        let text = std::fs::read(&script).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let name = script.file_name().unwrap_or_default();
        let called = CALL.captures_iter(&text);
        found.extend(called.map(|call| (name.to_owned(), call[1].to_owned())));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_scripts_call_is_a_word_by_itself() {
        let folder = tempfile::tempdir().expect("a folder");
        let source = Utf8Path::from_path(folder.path()).expect("UTF-8");
        let write =
            |name: &str, text: &str| std::fs::write(source.join(name), text).expect("a file");
        write(
            "setup.py",
            "import cmake_build_extension\nopen('x/cmake/y.cmake')\nrun(['ninja', '-C', 'b'])\n",
        );
        write("make.sh", "mkdir b && cd b\ncmake .. && make\n");
        write("notes.txt", "meson setup b\n");
        let found = calls(source);
        let found: Vec<_> = found
            .iter()
            .map(|(a, b)| (a.as_str(), b.as_str()))
            .collect();
        assert_eq!(found, [("make.sh", "cmake"), ("setup.py", "ninja")]);
    }
}
