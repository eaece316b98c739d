//! A step's command with other paths: what it writes goes to a sandbox, what it read and is gone
//! comes from one.
//!
//! Only whole paths are replaced, in the places where tools take paths. What a path stands for in
//! the result stays: a macro's value, the target named in a dependency file.

use crate::driver;
use flags::parse::{self, Dashes};
use flags::rules::Role;
use flags::tables;
use memchr::memmem;
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use toolcall::plan::{Step, StepKind};
use toolcall::{sources, text};

/// Flags that take a path without a separator.
const JOINED: &[&str] = &[
    "-B",
    "-F",
    "-I",
    "-L",
    "-MF",
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

/// Which paths stand for which.
#[derive(Debug, Clone, Default)]
pub struct Moves {
    cwd: PathBuf,
    paths: HashMap<PathBuf, PathBuf>,
    /// Everything below a folder, the first that fits.
    folders: Vec<(PathBuf, PathBuf)>,
}

impl Moves {
    /// None yet, for commands that ran in `cwd`.
    #[must_use]
    pub fn new(cwd: &Path) -> Self {
        Self {
            cwd: cwd.to_owned(),
            ..Self::default()
        }
    }

    /// The folder of the commands.
    #[must_use]
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// Puts one path in the place of another, relative to the folder of the commands.
    pub fn add(&mut self, from: &OsStr, to: PathBuf) {
        self.paths.insert(self.whole(from), to);
    }

    /// Moves all that lies below a folder.
    pub fn add_folder(&mut self, from: &Path, to: PathBuf) {
        self.folders.push((from.to_owned(), to));
    }

    /// Where a path went, if it did.
    #[must_use]
    pub fn get(&self, path: &OsStr) -> Option<PathBuf> {
        if path.is_empty() {
            return None;
        }
        let whole = self.whole(path);
        if let Some(to) = self.paths.get(&whole) {
            return Some(to.clone());
        }
        // What stands relative to the folder moves with it.
        let absolute = Path::new(path).is_absolute();
        let folder = |(from, to): &(PathBuf, PathBuf)| {
            let rest = whole.strip_prefix(from).ok()?;
            let itself = rest.as_os_str().is_empty();
            Some(if itself { to.clone() } else { to.join(rest) })
        };
        self.folders.iter().filter(|_| absolute).find_map(folder)
    }

    fn whole(&self, path: &OsStr) -> PathBuf {
        // `components` leaves out what `.` and doubled slashes add.
        self.cwd.join(path).components().collect()
    }

    /// The contents of a file with the paths of before, if it names any that moved: preprocessed
    /// text names its source.
    #[must_use]
    pub fn undone(&self, contents: &[u8]) -> Option<Vec<u8>> {
        let mut contents = contents.to_owned();
        let mut found = false;
        for (from, to) in &self.paths {
            let finder = memmem::Finder::new(to.as_os_str().as_bytes());
            let at: Vec<usize> = finder.find_iter(&contents).collect();
            for start in at.iter().rev() {
                let end = start + to.as_os_str().len();
                contents.splice(*start..end, from.as_os_str().as_bytes().iter().copied());
            }
            found |= !at.is_empty();
        }
        found.then_some(contents)
    }

    /// The step with its paths replaced, in one command or, where the tool would name several
    /// outputs by itself, in one for each.
    #[must_use]
    pub fn apply(&self, step: &Step) -> Vec<Step> {
        let argv = self.words(&step.argv);
        let outputs: Vec<OsString> = step.outputs.iter().map(|path| self.path(path)).collect();
        let moved = Step {
            argv,
            outputs: outputs.clone(),
            ..step.clone()
        };
        if step.kind != StepKind::Run || driver::at(&step.argv).is_none() || outputs == step.outputs
        {
            return vec![moved];
        }
        let args = parse::parse(tables::DRIVER, Dashes::Named, &step.argv[1..]);
        let given = |role: Role| args.iter().any(|arg| arg.role() == Some(role));
        let named = args.iter().any(|arg| arg.role() == Some(Role::Output));
        let mut moved = moved;
        let target = |word: &OsString| {
            ["-MT", "-MQ"]
                .iter()
                .any(|flag| text::starts_with(word, flag))
        };
        if given(Role::DependencyFile) && !step.argv.iter().any(target) {
            // The file names its target by the output, which is another here.
            let first = step
                .outputs
                .iter()
                .find(|path| sources::suffix(path) != "d");
            moved.argv.extend(
                first
                    .iter()
                    .flat_map(|path| ["-MQ".into(), (*path).clone()]),
            );
        }
        if named {
            return vec![moved];
        }
        let made: Vec<usize> = (0..outputs.len())
            .filter(|&at| !matches!(sources::suffix(&outputs[at]).to_str(), Some("d" | "wasm")))
            .collect();
        let one = |&at: &usize| {
            let origin = |word: &OsString| {
                let stem = Path::new(word).file_stem();
                let other =
                    |&other: &usize| other != at && Path::new(&outputs[other]).file_stem() == stem;
                !text::starts_with(word, "-")
                    && sources::kind(word).is_source()
                    && made.iter().any(other)
            };
            let mut argv: Vec<OsString> = moved
                .argv
                .iter()
                .filter(|word| !origin(word))
                .cloned()
                .collect();
            argv.extend(["-o".into(), outputs[at].clone()]);
            Step {
                argv,
                ..moved.clone()
            }
        };
        match made.len() {
            0 => vec![moved],
            _ => made.iter().map(one).collect(),
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
            if let Some(to) = text::strip_prefix(word, flag).and_then(|path| self.get(path)) {
                return text::joined(flag, to.as_os_str());
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
        text::os(&out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(line: &str, outputs: &[&str]) -> Step {
        Step {
            kind: StepKind::Run,
            argv: line.split_whitespace().map(OsString::from).collect(),
            env: Vec::new(),
            outputs: outputs.iter().map(OsString::from).collect(),
        }
    }

    fn moved(line: &str, outputs: &[&str], moves: &[(&str, &str)]) -> Vec<String> {
        let mut all = Moves::new(Path::new("/w"));
        for (from, to) in moves {
            all.add(OsStr::new(from), to.into());
        }
        let steps = all.apply(&step(line, outputs));
        steps.iter().map(|step| text::shell(&step.argv)).collect()
    }

    #[test]
    fn outputs_move_and_texts_stay() {
        assert_eq!(
            moved(
                "/em/emcc -DOUT=x.o -D x.o -c x.c -o ./x.o -MD -MT x.o -MFx.d",
                &["x.o", "x.d"],
                &[("x.o", "/s/x.o"), ("x.d", "/s/x.d")],
            ),
            ["/em/emcc -DOUT=x.o -D x.o -c x.c -o /s/x.o -MD -MT x.o -MF/s/x.d"]
        );
        assert_eq!(
            moved(
                "/em/emcc a.o -o/w/a.so -sEXPORTED_FUNCTIONS=@/t/list -Wl,-Map,a.map",
                &["a.so", "/t/list", "a.map"],
                &[
                    ("a.so", "/s/a.so"),
                    ("/t/list", "/s/list"),
                    ("a.map", "/s/a.map")
                ]
            ),
            ["/em/emcc a.o -o/s/a.so -sEXPORTED_FUNCTIONS=@/s/list -Wl,-Map,/s/a.map"]
        );
        assert_eq!(
            moved(
                "/l/llvm-ar cr lib.a x.o",
                &["lib.a"],
                &[("lib.a", "/s/lib.a")]
            ),
            ["/l/llvm-ar cr /s/lib.a x.o"]
        );
    }

    #[test]
    fn a_response_file_moves_and_moved_names_are_undone() {
        assert_eq!(
            moved(
                "/em/emcc a.o @/t/list",
                &["a.so"],
                &[("/t/list", "/s/list"), ("a.so", "/s/a.so")],
            ),
            ["/em/emcc a.o @/s/list -o /s/a.so"]
        );
        let mut moves = Moves::new(Path::new("/w"));
        moves.add(OsStr::new("/t/x.f"), "/s/in/0/x.f".into());
        let text = b"# 1 \"/s/in/0/x.f\"\n";
        assert_eq!(moves.undone(text), Some(b"# 1 \"/t/x.f\"\n".to_vec()));
        assert_eq!(moves.undone(b"x"), None);
    }

    #[test]
    fn a_dependency_file_keeps_its_target() {
        assert_eq!(
            moved(
                "/em/emcc -MMD -c x.c -o x.o",
                &["x.o", "x.d"],
                &[("x.o", "/s/x.o"), ("x.d", "/s/x.d")]
            ),
            ["/em/emcc -MMD -c x.c -o /s/x.o -MQ x.o"]
        );
    }

    #[test]
    fn outputs_that_the_tool_names_are_named() {
        assert_eq!(
            moved("/em/emcc -c d/x.c", &["x.o"], &[("x.o", "/s/x.o")]),
            ["/em/emcc -c d/x.c -o /s/x.o"]
        );
        assert_eq!(
            moved(
                "/em/emcc -c x.c y.c -I.",
                &["x.o", "y.o"],
                &[("x.o", "/s/x.o"), ("y.o", "/s/y.o")]
            ),
            [
                "/em/emcc -c x.c -I. -o /s/x.o",
                "/em/emcc -c y.c -I. -o /s/y.o"
            ]
        );
        assert_eq!(
            moved(
                "/em/emcc x.o",
                &["a.out.js", "a.out.wasm"],
                &[("a.out.js", "/s/a.out.js"), ("a.out.wasm", "/s/a.out.wasm")]
            ),
            ["/em/emcc x.o -o /s/a.out.js"]
        );
    }
}
