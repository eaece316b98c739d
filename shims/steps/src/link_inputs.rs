//! The files that the words of a link name.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use toolcall::os_str;

/// An input of the link.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct LinkInput {
    pub path: PathBuf,
    pub whole: bool,
}

/// Endings of the files that `-lNAME` may mean, of which a folder's first is taken, and the first folder that has
/// one. Linkers choose otherwise where there are several: they are told the file (`substitute::chosen_by_path`).
const LIBRARIES: [&str; 3] = [".a", ".dylib", ".so"];

/// The files that the words of a link name, libraries found in its own folders.
pub(crate) fn find(words: &[OsString], cwd: &Path) -> Vec<LinkInput> {
    let folders: Vec<PathBuf> = words
        .iter()
        .enumerate()
        .filter_map(|(at, word)| match os_str::strip_prefix(word, "-L")? {
            dir if dir.is_empty() => words.get(at + 1).map(|dir| cwd.join(dir)),
            dir => Some(cwd.join(dir)),
        })
        .collect();
    let mut whole = false;
    let mut inputs = Vec::new();
    for word in words {
        match word.as_bytes() {
            [b'-', option @ ..] if option.ends_with(b"whole-archive") => {
                whole = !option.ends_with(b"no-whole-archive");
            }
            [b'-', b'l', name @ ..] => {
                let files = match name {
                    [b':', exact @ ..] => vec![os_str::os(exact)],
                    name => LIBRARIES
                        .iter()
                        .map(|ending| os_str::os(&[b"lib", name, ending.as_bytes()].concat()))
                        .collect(),
                };
                let found = folders
                    .iter()
                    .flat_map(|dir| files.iter().map(move |file| dir.join(file)))
                    .find(|path| path.is_file());
                inputs.extend(found.map(|path| LinkInput { path, whole }));
            }
            [b'-', ..] => {}
            _ => inputs.push(LinkInput {
                path: cwd.join(word),
                whole,
            }),
        }
    }
    inputs.retain(|input| input.path.is_file());
    inputs
}
