//! What holds the shape of this repository: which crate and module uses which, and what documents
//! say of files and commands. The rules are in `tests/tests/tidy.rs`; this reads what they are about.

pub mod manifest;
pub mod modules;
pub mod source;

use camino::{Utf8Path, Utf8PathBuf};

/// The repository.
#[must_use]
pub fn root() -> &'static Utf8Path {
    let tests = Utf8Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap_or(tests)
}

/// The files below a folder whose names end so, sorted; what cargo builds is left out.
///
/// # Panics
/// A folder cannot be read.
#[must_use]
pub fn files(folder: &Utf8Path, ending: &str) -> Vec<Utf8PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = folder.read_dir_utf8().expect("a folder");
        for entry in entries.map(|entry| entry.expect("an entry")) {
            let path = entry.into_path();
            let own = !path.file_name().is_some_and(|name| name.starts_with('.'));
            if path.is_dir() && own && !path.ends_with("target") {
                folders.push(path);
            } else if path.as_str().ends_with(ending) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// A file's text.
///
/// # Panics
/// It cannot be read.
#[must_use]
pub fn text(path: &Utf8Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}
