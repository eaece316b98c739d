//! Words that emcc, which reads its response files as UTF-8 and ends with a traceback otherwise, cannot be given.

use planner::expand;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use toolcall::config::ShimConfig;
use toolcall::os_str;

/// The first of a command's words that is not UTF-8 in a response file, if the command is Emscripten's.
pub(crate) fn word(argv: &[OsString], cwd: &Path, config: &ShimConfig) -> Option<OsString> {
    let of_emscripten = Path::new(&argv[0]).starts_with(&config.emscripten.root);
    let files = argv[1..]
        .iter()
        .filter(|_| of_emscripten)
        .filter_map(|word| os_str::strip_prefix(word, "@"));
    files
        .filter_map(|file| std::fs::read(cwd.join(file)).ok())
        .find_map(|text| first(&text))
}

fn first(text: &[u8]) -> Option<OsString> {
    if std::str::from_utf8(text).is_ok() {
        return None;
    }
    let is_odd = |word: &OsString| OsStr::to_str(word).is_none();
    expand::split(text).into_iter().find(is_odd)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt as _;

    #[test]
    fn the_first_odd_word_is_named() {
        assert_eq!(first("a.o é.o".as_bytes()), None);
        assert_eq!(
            first(b"a.o\n\xe9.o\nb\xff"),
            Some(OsString::from_vec(b"\xe9.o".to_vec()))
        );
    }
}
