//! A step's command with other paths: those of a bundle, or of copies in a sandbox.
//!
//! Only whole absolute paths are replaced, in the places where tools take paths; what is relative
//! moves with the folder that the command runs in. What a path stands for in the result stays: a
//! macro's value, the target named in a dependency file.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path, PathBuf};
use toolcall::os_str;
use toolcall::plan::Step;

/// Flags that take a path without a separator.
const JOINED: &[&str] = &[
    "-B",
    "-F",
    "-I",
    "-L",
    "-MF",
    "-MJ",
    "-T",
    "-idirafter",
    "-imacros",
    "-include",
    "-iquote",
    "-isystem",
    "-o",
];

/// Flags whose value is text that ends up in the result, or no path, joined or in the next word.
const TEXTS: &[&str] = &[
    "-D", "-MQ", "-MT", "-U", "-e", "-x", "--target", "--module", "--names",
];

/// What begins a path inside a word.
const SEPARATORS: &[u8] = b"=,@:";

/// A path without `.` and `..`.
#[must_use]
pub fn plain(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            other => plain.push(other),
        }
    }
    plain
}

/// Which folders stand for which.
#[derive(Debug, Clone, Default)]
pub struct Moves {
    /// Everything below a folder, the first that fits.
    folders: Vec<(PathBuf, PathBuf)>,
}

impl Moves {
    /// Moves all that lies below a folder.
    pub fn add_folder(&mut self, from: &Path, to: PathBuf) {
        self.folders.push((from.to_owned(), to));
    }

    /// Where a path went, if it did.
    #[must_use]
    pub fn get(&self, path: &OsStr) -> Option<PathBuf> {
        let path = Path::new(path);
        if !path.is_absolute() {
            return None;
        }
        let path = plain(path);
        let folder = |(from, to): &(PathBuf, PathBuf)| {
            let rest = path.strip_prefix(from).ok()?;
            let itself = rest.as_os_str().is_empty();
            Some(if itself { to.clone() } else { to.join(rest) })
        };
        self.folders.iter().find_map(folder)
    }

    /// The step with its paths replaced.
    #[must_use]
    pub fn apply(&self, step: &Step) -> Step {
        Step {
            argv: self.words(&step.argv),
            outputs: step.outputs.iter().map(|path| self.path(path)).collect(),
            ..step.clone()
        }
    }

    fn path(&self, path: &OsStr) -> OsString {
        self.get(path).map_or_else(|| path.to_owned(), Into::into)
    }

    fn words(&self, argv: &[OsString]) -> Vec<OsString> {
        let mut words = Vec::with_capacity(argv.len());
        let mut is_text = false;
        for word in argv {
            let next_is_text = TEXTS.iter().any(|flag| word == flag);
            words.push(if is_text {
                word.clone()
            } else {
                self.word(word)
            });
            is_text = next_is_text;
        }
        words
    }

    fn word(&self, word: &OsStr) -> OsString {
        if let Some(to) = self.get(word) {
            return to.into();
        }
        let bytes = word.as_bytes();
        let is_text = |flag: &&str| bytes.starts_with(flag.as_bytes());
        // `-e` and `-x` of the table are joined to nothing but themselves.
        // A response file, or a flag.
        let holds_paths = bytes.starts_with(b"@") || bytes.starts_with(b"-");
        if !holds_paths || TEXTS.iter().take(4).any(is_text) {
            return word.to_owned();
        }
        for flag in JOINED {
            if let Some(to) = os_str::strip_prefix(word, flag).and_then(|path| self.get(path)) {
                return os_str::joined(flag, to.as_os_str());
            }
        }
        let mut out = Vec::with_capacity(bytes.len());
        for part in bytes.split_inclusive(|b| SEPARATORS.contains(b)) {
            let (path, end) = match part.split_last() {
                Some((end, path)) if SEPARATORS.contains(end) => (path, Some(*end)),
                _ => (part, None),
            };
            let path = OsStr::from_bytes(path);
            out.extend_from_slice(self.path(path).as_bytes());
            out.extend(end);
        }
        os_str::os(&out)
    }
}

/// Every part of a command that may name a file, in the places where tools take paths.
#[must_use]
pub fn named(argv: &[OsString]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for word in argv.iter().skip(1) {
        let bytes = word.as_bytes();
        found.extend(
            JOINED
                .iter()
                .filter_map(|flag| Some(os_str::strip_prefix(word, flag)?.into())),
        );
        found.extend(
            bytes
                .split(|b| SEPARATORS.contains(b))
                .map(|part| PathBuf::from(os_str::os(part))),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moved(line: &str) -> String {
        let mut moves = Moves::default();
        moves.add_folder(Path::new("/em"), "/em".into());
        moves.add_folder(Path::new("/"), "/s".into());
        let argv = line.split_whitespace().map(OsString::from).collect();
        toolcall::display::shell(&moves.apply(&Step::run(argv, Vec::new())).argv)
    }

    #[test]
    fn absolute_paths_move_and_texts_stay() {
        assert_eq!(
            moved("/em/emcc -DOUT=/w/x.o -D /w/x.o -c /w/./x.c -o x.o -MD -MT /w/x.o -MF/w/x.d"),
            "/em/emcc -DOUT=/w/x.o -D /w/x.o -c /s/w/x.c -o x.o -MD -MT /w/x.o -MF/s/w/x.d"
        );
        assert_eq!(
            moved("/em/emcc @/t/list -o/w/a.so -sEXPORTED_FUNCTIONS=@/t/list -Wl,-Map,/w/a.map"),
            "/em/emcc @/s/t/list -o/s/w/a.so -sEXPORTED_FUNCTIONS=@/s/t/list -Wl,-Map,/s/w/a.map"
        );
        assert_eq!(
            moved("/l/llvm-ar cr lib.a /w/x.o"),
            "/s/l/llvm-ar cr lib.a /s/w/x.o"
        );
    }

    #[test]
    fn files_that_a_command_names_are_found_in_words() {
        let argv: Vec<OsString> = ["cc", "-Wl,--version-script=v.map", "@list", "-Iinc", "x.c"]
            .map(OsString::from)
            .into();
        let found = named(&argv);
        for name in ["v.map", "list", "inc", "x.c"] {
            assert!(found.contains(&PathBuf::from(name)), "{name}: {found:?}");
        }
    }
}
