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

/// Whether a call in `cwd` that reads `inputs` is a probe by its names.
#[must_use]
pub fn is_probe<'p>(cwd: &Path, inputs: impl IntoIterator<Item = &'p OsStr>) -> bool {
    named(cwd) || inputs.into_iter().any(|input| named(Path::new(input)))
}

fn named(path: &Path) -> bool {
    let begins = |name: &OsStr, start: &str| name.as_bytes().starts_with(start.as_bytes());
    let mut parent: &OsStr = OsStr::new("");
    for name in path.iter() {
        let inside = |(folder, start): &(&str, &str)| parent == *folder && begins(name, start);
        if NAMES.iter().any(|start| begins(name, start)) || FOLDERS.iter().any(inside) {
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
