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
    "conftest.", "flagcheck.", "sanity_check_for_", "sanitycheckc", "sanitycheckcpp",
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
/// sources.
fn is_temporary(path: &OsStr) -> bool {
    let stem = Path::new(path).file_stem().unwrap_or_default().as_bytes();
    is_random(stem, "tmp", 8)
}

/// Names with a part at random: how they begin, and how many characters follow. Sources: Python's
/// `tempfile`, CMake's `cmCoreTryCompile.cxx`.
const RANDOM: &[(&str, usize)] = &[("TryCompile-", 6), ("cmTC_", 5), ("tmp", 8)];

fn is_random(name: &[u8], beginning: &str, length: usize) -> bool {
    let rest = name.strip_prefix(beginning.as_bytes());
    let plain = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    rest.is_some_and(|rest| rest.len() == length && rest.iter().all(plain))
}

/// `text` with the part at random of such names replaced by `*`, to compare calls by.
#[must_use]
pub fn without_random(text: &str) -> String {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|c| !inside(c)).unwrap_or(rest.len());
        let (name, after) = rest.split_at(end);
        let row = RANDOM
            .iter()
            .find(|(start, length)| is_random(name.as_bytes(), start, *length));
        match row {
            Some((start, _)) => out.extend([*start, "*"]),
            None => out.push_str(name),
        }
        let outside = after.find(inside).unwrap_or(after.len());
        out.push_str(&after[..outside]);
        rest = &after[outside..];
    }
    out
}

/// The names in `text` that have a part at random.
#[must_use]
pub fn random_names(text: &str) -> Vec<String> {
    let inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let random = |name: &&str| {
        let mut rows = RANDOM.iter();
        rows.any(|(start, length)| is_random(name.as_bytes(), start, *length))
    };
    let names = text.split(|c| !inside(c)).filter(random);
    names.map(str::to_owned).collect()
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
    fn names_are_sorted() {
        assert!(NAMES.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn names_at_random_are_alike() {
        assert_eq!(
            without_random("/b/meson-private/tmpab12_3_x/t.c -o=TryCompile-a1B2c3 cmTC_0f1e2"),
            "/b/meson-private/tmp*/t.c -o=TryCompile-* cmTC_*"
        );
        assert_eq!(
            without_random("/tmp/tmpfile.c templates"),
            "/tmp/tmpfile.c templates"
        );
    }

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
