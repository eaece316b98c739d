//! What a wheel can do without: its tests, debug information, headers.

use std::io;

use wasm_encoder::{Module, RawSection};
use wasmparser::{Parser, Payload};

use crate::wheel::archive::{Entries, is_dist_info};
use crate::wheel::name::WheelName;

/// What is taken out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Strip {
    /// Tests, which are kept in an archive of their own.
    pub tests: bool,
    /// Sections of modules with names and debug information.
    pub debug: bool,
    /// Headers and static libraries.
    pub headers: bool,
}

/// What was taken out.
#[derive(Debug, Default)]
pub(crate) struct Stripped {
    /// The tests.
    pub tests: Entries,
    /// What to say of it, one sentence each.
    pub notes: Vec<String>,
}

impl Strip {
    /// Takes it out.
    pub(crate) fn apply(self, entries: &mut Entries) -> Stripped {
        let mut stripped = Stripped::default();
        if self.tests {
            stripped.tests = take(entries, is_test);
            let count = stripped.tests.len();
            stripped
                .notes
                .push(format!("{count} files of tests are not in the wheel"));
        }
        if self.headers {
            let count = take(entries, is_header).len();
            stripped.notes.push(format!(
                "{count} headers and static libraries are not in the wheel"
            ));
        }
        if self.debug {
            let mut saved = 0;
            for entry in entries.values_mut() {
                if let Some(bytes) = without_debug(&entry.bytes) {
                    saved += entry.bytes.len().saturating_sub(bytes.len());
                    entry.bytes = bytes;
                }
            }
            stripped.notes.push(format!(
                "{saved} bytes of debug information are not in the wheel"
            ));
        }
        stripped
    }
}

/// Takes files out.
fn take(entries: &mut Entries, is_taken: fn(&str) -> bool) -> Entries {
    let (taken, left) = std::mem::take(entries)
        .into_iter()
        .partition(|(path, _)| is_taken(path));
    *entries = left;
    taken
}

fn parts(path: &str) -> (Vec<&str>, &str) {
    let mut folders: Vec<&str> = path.split('/').collect();
    let file = folders.pop().unwrap_or_default();
    (folders, file)
}

fn suffix(path: &str) -> &str {
    let (_, file) = parts(path);
    file.rsplit_once('.').map_or("", |(_, suffix)| suffix)
}

/// Whether a file of a wheel is one of its tests: those that Pyodide's distribution keeps apart.
/// Source: `unvendor_tests_in_wheel` of pyodide-build.
#[must_use]
pub fn is_test(path: &str) -> bool {
    let (folders, file) = parts(path);
    let is_file = |start: &str, end: &str| file.starts_with(start) && file.ends_with(end);
    let is_data = folders.first().is_some_and(|top| top.ends_with(".data"));
    !is_dist_info(path)
        && !is_data
        && (folders
            .iter()
            .any(|folder| ["test", "tests"].contains(folder))
            || file == "conftest.py"
            || is_file("test_", ".py")
            || is_file("", "_test.py"))
}

/// Whether it is of use to compilers and linkers alone.
#[must_use]
pub fn is_header(path: &str) -> bool {
    const SUFFIXES: &[&str] = &["a", "h", "hh", "hpp", "hxx", "inc", "lib", "pc"];
    !is_dist_info(path) && SUFFIXES.contains(&suffix(path))
}

/// A module without its names and debug information; `None` where it has none, or is no module.
fn without_debug(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_debug = |name: &str| {
        name == "name"
            || name.starts_with(".debug_")
            || ["sourceMappingURL", "external_debug_info"].contains(&name)
    };
    let mut module = Module::new();
    let mut any = false;
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload.ok()?;
        if matches!(&payload, Payload::CustomSection(section) if is_debug(section.name())) {
            any = true;
        } else if let Some((id, range)) = payload.as_section() {
            let place = |at: u64| usize::try_from(at).ok();
            let data = bytes.get(place(range.start)?..place(range.end)?)?;
            module.section(&RawSection { id, data });
        }
    }
    any.then(|| module.finish())
}

/// An archive of files as they lie in site-packages, the same for the same files.
pub(crate) fn archive(entries: &Entries) -> io::Result<Vec<u8>> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, entry) in entries {
        let mut header = tar::Header::new_gnu();
        header.set_size(entry.bytes.len() as u64);
        header.set_mode(if entry.executable { 0o755 } else { 0o644 });
        archive.append_data(&mut header, path, entry.bytes.as_slice())?;
    }
    archive.into_inner()
}

/// What that archive is called: the wheel's own name with this in the place of `.whl`. Pyodide's
/// distribution says `NAME-tests.tar`, having one version of each package for one runtime; a folder of wheels
/// may have several, and tests may have modules in them.
const TESTS: &str = "-tests.tar";

/// The name of the archive with the tests of a wheel.
#[must_use]
pub fn tests_archive(wheel: &WheelName) -> String {
    let wheel = wheel.to_string();
    format!("{}{TESTS}", wheel.strip_suffix(".whl").unwrap_or(&wheel))
}

#[cfg(test)]
mod tests {
    use wasm_encoder::CustomSection;

    use super::*;

    #[test]
    fn tests_and_headers_are_told_by_name() {
        for path in [
            "p/tests/data/x.so",
            "p/test/a.py",
            "p/test_a.py",
            "p/a_test.py",
            "p/conftest.py",
        ] {
            assert!(is_test(path), "{path}");
        }
        for path in [
            "p/testing/a.py",
            "p/latest.py",
            "p-1.dist-info/tests/x",
            "p-1.data/data/tests/x",
        ] {
            assert!(!is_test(path), "{path}");
        }
        assert!(is_header("p/include/p.h") && is_header("p/libp.a") && !is_header("p/a.py"));
    }

    #[test]
    fn names_and_debug_information_go_and_all_else_stays() {
        let custom = |name: &'static str| CustomSection {
            name: name.into(),
            data: name.as_bytes().into(),
        };
        let build = |names: &[&'static str]| {
            let mut module = Module::new();
            for name in names {
                module.section(&custom(name));
            }
            module.finish()
        };
        let full = build(&[
            "dylink.0",
            ".debug_info",
            "name",
            ".debug_line",
            "producers",
        ]);
        let left = build(&["dylink.0", "producers"]);
        assert_eq!(without_debug(&full), Some(left.clone()));
        assert_eq!(without_debug(&left), None);
        assert_eq!(without_debug(b"no module"), None);
    }
}
