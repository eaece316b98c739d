//! `@file` arguments, read as gcc reads them.
//!
//! libiberty's `expandargv`: white space separates; a backslash takes the next character as it is,
//! inside quotes too; single and double quotes group; a file named inside a file is read in turn,
//! relative to the working directory; an argument whose file cannot be read stays as it is. The
//! linker's, `-Wl,@file`, are read alike. The user's file is never rewritten.

use crate::files::Files;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use toolcall::invocation::{Expanded, ResponseFile};
use toolcall::os_str;

/// How many files one command may name, as in libiberty: a file that names itself must end.
const MOST_FILES: usize = 2000;

/// More files than any command needs: a response file names itself.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("too many @-files encountered, the last is @{}; does it name itself?", .0.display())]
pub struct TooManyFiles(pub PathBuf);

/// Expands every `@file`, relative to `cwd`.
///
/// # Errors
/// More than 2000 files.
pub fn expand(args: &[OsString], cwd: &Path, files: &dyn Files) -> Result<Expanded, TooManyFiles> {
    let mut expanded = Expanded::default();
    // A stack of words still to look at, the next one last, and whether each is the linker's.
    let mut pending: Vec<(OsString, bool)> =
        args.iter().rev().map(|w| (w.clone(), false)).collect();
    while let Some((word, for_linker)) = pending.pop() {
        let driver = os_str::strip_prefix(&word, "-Wl,@").map(|name| (name, true));
        let named = driver.or(os_str::strip_prefix(&word, "@").map(|name| (name, for_linker)));
        let read = named
            .filter(|(name, _)| !name.is_empty())
            .and_then(|(name, to_linker)| {
                Some((name, to_linker, files.read_once(&cwd.join(name))?))
            });
        let Some((name, to_linker, contents)) = read else {
            expanded
                .args
                .extend(for_linker.then(|| OsString::from("-Xlinker")));
            expanded.args.push(word);
            continue;
        };
        if expanded.files.len() == MOST_FILES {
            return Err(TooManyFiles(name.into()));
        }
        pending.extend(
            split(&contents)
                .into_iter()
                .rev()
                .map(|word| (word, to_linker)),
        );
        let path = name.into();
        expanded.files.push(ResponseFile { path, contents });
    }
    Ok(expanded)
}

/// The words of a response file.
#[must_use]
pub fn split(contents: &[u8]) -> Vec<OsString> {
    let mut words = Vec::new();
    let mut word: Option<Vec<u8>> = None;
    let mut quote = None;
    let mut bytes = contents.iter().copied();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => word.get_or_insert_default().extend(bytes.next()),
            b'\'' | b'"' if quote == Some(byte) => quote = None,
            b'\'' | b'"' if quote.is_none() => {
                quote = Some(byte);
                word.get_or_insert_default();
            }
            _ if is_space(byte) && quote.is_none() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(byte),
        }
    }
    words.extend(word);
    words.iter().map(|word| os_str::os(word)).collect()
}

/// White space as C's `isspace` has it in the C locale.
fn is_space(byte: u8) -> bool {
    byte.is_ascii_whitespace() || byte == 0x0b
}

/// A response file's contents for these words, one per line. What must not be taken for syntax is
/// escaped by backslashes outside quotes, the one form that gcc, LLVM and emcc (Python's `shlex`)
/// read alike.
#[must_use]
pub fn quote(words: &[OsString]) -> Vec<u8> {
    let mut contents = Vec::new();
    for word in words {
        if word.is_empty() {
            contents.extend(b"\"\"");
        }
        for &byte in OsStr::as_bytes(word) {
            if is_space(byte) || matches!(byte, b'\\' | b'\'' | b'"') {
                contents.push(b'\\');
            }
            contents.push(byte);
        }
        contents.push(b'\n');
    }
    // At the beginning Python takes these bytes for a mark of UTF-8, and not for a part of the word.
    if contents.starts_with("\u{feff}".as_bytes()) {
        contents.insert(0, b'\n');
    }
    contents
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    struct Given(BTreeMap<PathBuf, Vec<u8>>);

    impl Files for Given {
        fn read(&self, path: &Path) -> Option<Vec<u8>> {
            self.0.get(path).cloned()
        }
        fn exists(&self, path: &Path) -> bool {
            self.0.contains_key(path)
        }
        fn is_other_program(&self, _: &Path) -> bool {
            false
        }
    }

    fn given(files: &[(&str, &str)]) -> Given {
        Given(
            files
                .iter()
                .map(|(p, c)| (Path::new("/w").join(p), c.as_bytes().to_vec()))
                .collect(),
        )
    }

    fn run(args: &[&str], files: &[(&str, &str)]) -> Result<Expanded, TooManyFiles> {
        let args: Vec<OsString> = args.iter().map(OsString::from).collect();
        expand(&args, Path::new("/w"), &given(files))
    }

    #[test]
    fn quoting_is_gnus() {
        let words = |text: &str| split(text.as_bytes());
        assert_eq!(words(" a\tb\n\nc \r\n"), ["a", "b", "c"]);
        assert_eq!(
            words(r#"-DX="a b" 'c "d"' e\ f"#),
            ["-DX=a b", "c \"d\"", "e f"]
        );
        assert_eq!(words(r#"'a\'b' "x\"y" \\"#), ["a'b", "x\"y", "\\"]);
        assert_eq!(words(r#""" ''"#), ["", ""]);
        assert_eq!(words("'open end"), ["open end"]);
        assert_eq!(words("end\\"), ["end"]);
        assert_eq!(words(""), Vec::<OsString>::new());
    }

    #[test]
    fn files_nest_and_order_is_kept() {
        let expanded = run(
            &["-c", "@a", "last"],
            &[("a", "one @b two"), ("b", "@c"), ("c", "'in ner'")],
        )
        .unwrap();
        assert_eq!(expanded.args, ["-c", "one", "in ner", "two", "last"]);
        assert_eq!(expanded.files.len(), 3);
    }

    #[test]
    fn a_missing_file_stays_an_argument() {
        let expanded = run(&["@no", "@", "x@y"], &[]).unwrap();
        assert_eq!(expanded.args, ["@no", "@", "x@y"]);
    }

    #[test]
    fn a_file_that_names_itself_ends() {
        let error = run(&["@a"], &[("a", "x @a")]).unwrap_err();
        assert_eq!(error, TooManyFiles("a".into()));
    }

    #[test]
    fn quoted_words_come_back() {
        let words: Vec<OsString> = ["", "a b", "'", "\"", "\\", "a\nb", "@x", "#", "é"]
            .map(OsString::from)
            .to_vec();
        assert_eq!(split(&quote(&words)), words);
        let marked = [OsString::from("\u{feff}-c")];
        let quoted = quote(&marked);
        assert!(quoted.starts_with(b"\n") && split(&quoted) == marked);
    }
}
