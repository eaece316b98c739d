//! How build systems name the files and folders in which they try a compiler out.
//!
//! Sources: autoconf's `AC_COMPILE_IFELSE`, CMake's `try_compile` and `CMakeDetermineCompilerId`,
//! Meson's `compilers.py`, distutils' `config` command, pybind11's and setuptools' flag checks.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Beginnings of names, sorted.
#[rustfmt::skip]
pub const NAMES: &[&str] = &[
    "CMakeScratch", "CMakeTmp", "CompilerId", "_CMakeLTOTest-", "_configtest.", "confdefs.h",
    "conftest.", "flagcheck.", "sanitycheckc", "sanitycheckcpp",
];

/// Folders whose own folders with this beginning are probes.
const FOLDERS: &[(&str, &str)] = &[("meson-private", "tmp")];

/// Meson's name for the one source in a temporary folder.
const SINGLE: &str = "testfile.";

/// Whether a call in `cwd` that reads `inputs` is a probe by its names.
#[must_use]
pub fn is_probe<'p>(cwd: &Path, inputs: impl IntoIterator<Item = &'p OsStr>) -> bool {
    named(cwd)
        || inputs
            .into_iter()
            .any(|input| named(Path::new(input)) || is_temporary(input))
}

/// Whether a file has a name of Python's `tempfile`, by which Meson and setuptools make single
/// sources: `tmp`, eight characters, a suffix.
fn is_temporary(path: &OsStr) -> bool {
    let stem = Path::new(path).file_stem().unwrap_or_default().as_bytes();
    let random = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_';
    let rest = stem.strip_prefix(b"tmp");
    rest.is_some_and(|rest| rest.len() == 8 && rest.iter().all(random))
}

fn named(path: &Path) -> bool {
    let begins = |name: &OsStr, start: &str| name.as_bytes().starts_with(start.as_bytes());
    let mut parent: &OsStr = OsStr::new("");
    for name in path.iter() {
        let inside = |(folder, start): &(&str, &str)| parent == *folder && begins(name, start);
        let single = is_temporary(parent) && begins(name, SINGLE);
        if single || NAMES.iter().any(|start| begins(name, start)) || FOLDERS.iter().any(inside) {
            return true;
        }
        parent = name;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_systems_probes_are_told_from_real_calls() {
        for (cwd, input, probe) in [
            ("/b", "conftest.c", true),
            ("/b/CMakeFiles/CMakeScratch/TryCompile-x1", "/b/t.c", true),
            (
                "/b/CMakeFiles/3.31.2/CompilerIdC",
                "CMakeCCompilerId.c",
                true,
            ),
            ("/b", "/b/meson-private/tmpab12/testfile.c", true),
            ("/b", "/b/meson-private/sanitycheckc.c", true),
            ("/s", "_configtest.c", true),
            ("/s", "/tmp/tmpdulfmibd.c", true),
            ("/s", "/tmp/tmph33t8w7l/testfile.cpp", true),
            ("/s", "src/testfile.cpp", false),
            ("/tmp/x", "src/conftest_helper.c", false),
            ("/b/tmp", "tmp/x.c", false),
        ] {
            assert_eq!(
                is_probe(Path::new(cwd), [OsStr::new(input)]),
                probe,
                "{input}"
            );
        }
    }
}
