//! Words of a link with other files in the place of those they name.

use crate::copies::CopyError;
use crate::link_inputs;
use planner::{expand, rewrite};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use toolcall::os_str;

/// What stands in the place of a file, if anything does.
pub(crate) type Instead<'i> = dyn Fn(&Path) -> Option<Vec<OsString>> + 'i;

/// The words, those of response files in their place.
pub(crate) fn listed(words: &[OsString], cwd: &Path) -> Result<Vec<OsString>, CopyError> {
    let mut all = Vec::new();
    for word in words {
        match os_str::strip_prefix(word, "@") {
            Some(list) => {
                let path = cwd.join(list);
                let read = std::fs::read(&path);
                let content = read.map_err(|source| CopyError::File { path, source })?;
                all.extend(expand::split(&content));
            }
            None => all.push(word.clone()),
        }
    }
    Ok(all)
}

/// The words, files and libraries replaced where `instead` knows others, also inside `-Wl,`.
pub(crate) fn substitute(words: &[OsString], cwd: &Path, instead: &Instead) -> Vec<OsString> {
    let folders = rewrite::drawn_from(words);
    let folders = folders
        .iter()
        .filter(|word| os_str::starts_with(word, "-L"));
    let folders: Vec<OsString> = folders.cloned().collect();
    let others = |word: &OsString| {
        let mut words = folders.clone();
        words.push(word.clone());
        let found = link_inputs::find(&words, cwd);
        instead(&found.first()?.path)
    };
    let mut out = Vec::new();
    for word in words {
        if let Some(list) = os_str::strip_prefix(word, "-Wl,") {
            let parts = list.as_bytes().split(|&byte| byte == b',').map(os_str::os);
            let parts = parts.flat_map(|part| others(&part).unwrap_or_else(|| vec![part]));
            let joined: Vec<Vec<u8>> = parts.map(|part| part.as_bytes().to_vec()).collect();
            out.push(os_str::joined("-Wl,", &os_str::os(&joined.join(&b','))));
        } else {
            match others(word) {
                Some(copies) => out.extend(copies),
                None => out.push(word.clone()),
            }
        }
    }
    out
}

/// The words with the files that `-lNAME` stands for in the place of those for which the folders have an archive
/// and a shared library. wasm-ld, to which Emscripten 6 leaves such words, takes a folder's shared library for a
/// module; Emscripten 3 takes the archive of any folder.
pub(crate) fn chosen_by_path(words: &[OsString], cwd: &Path) -> Vec<OsString> {
    let folders = rewrite::drawn_from(words);
    let folders = folders
        .iter()
        .filter_map(|word| os_str::strip_prefix(word, "-L"));
    let folders: Vec<PathBuf> = folders.map(|folder| cwd.join(folder)).collect();
    let is_there = |path: &Path, ending: &str| {
        let name = path.with_extension(ending);
        let name = name.file_name();
        name.is_some_and(|name| folders.iter().any(|folder| folder.join(name).is_file()))
    };
    substitute(words, cwd, &|path| {
        let both = is_there(path, "a") && is_there(path, "so");
        both.then(|| vec![path.as_os_str().to_owned()])
    })
}
