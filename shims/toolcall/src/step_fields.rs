//! How the fields of a step are written as a command, and read from one.

use camino::Utf8PathBuf;
use std::ffi::OsString;
use std::path::PathBuf;

/// A value that is one word of a command.
pub(crate) trait Word: Sized {
    fn to_word(&self) -> OsString;
    fn of_word(word: OsString) -> Option<Self>;
}

impl Word for OsString {
    fn to_word(&self) -> OsString {
        self.clone()
    }

    fn of_word(word: OsString) -> Option<Self> {
        Some(word)
    }
}

impl Word for String {
    fn to_word(&self) -> OsString {
        self.into()
    }

    fn of_word(word: OsString) -> Option<Self> {
        word.into_string().ok()
    }
}

impl Word for PathBuf {
    fn to_word(&self) -> OsString {
        self.into()
    }

    fn of_word(word: OsString) -> Option<Self> {
        Some(word.into())
    }
}

impl Word for Utf8PathBuf {
    fn to_word(&self) -> OsString {
        self.into()
    }

    fn of_word(word: OsString) -> Option<Self> {
        word.into_string().ok().map(Into::into)
    }
}

/// A field of a step: how it is written as options, and read from those given.
pub(crate) trait Field: Sized {
    /// The options it takes of its own name, and whether each has a value.
    fn options(name: &'static str) -> Vec<(&'static str, bool)> {
        vec![(name, true)]
    }

    fn write(&self, name: &'static str, argv: &mut Vec<OsString>);

    /// Nothing where what is given is no value of it.
    fn read(name: &'static str, given: &mut Given) -> Option<Self>;
}

impl<W: Word> Field for W {
    fn write(&self, name: &'static str, argv: &mut Vec<OsString>) {
        argv.extend([name.into(), self.to_word()]);
    }

    fn read(name: &'static str, given: &mut Given) -> Option<Self> {
        W::of_word(given.take(name).pop()?)
    }
}

impl<W: Word> Field for Option<W> {
    fn write(&self, name: &'static str, argv: &mut Vec<OsString>) {
        if let Some(value) = self {
            value.write(name, argv);
        }
    }

    fn read(name: &'static str, given: &mut Given) -> Option<Self> {
        match given.take(name).pop() {
            Some(word) => W::of_word(word).map(Some),
            None => Some(None),
        }
    }
}

impl<W: Word> Field for Vec<W> {
    fn write(&self, name: &'static str, argv: &mut Vec<OsString>) {
        self.iter().for_each(|value| value.write(name, argv));
    }

    fn read(name: &'static str, given: &mut Given) -> Option<Self> {
        given.take(name).into_iter().map(W::of_word).collect()
    }
}

/// A switch.
impl Field for bool {
    fn options(name: &'static str) -> Vec<(&'static str, bool)> {
        vec![(name, false)]
    }

    fn write(&self, name: &'static str, argv: &mut Vec<OsString>) {
        if *self {
            argv.push(name.into());
        }
    }

    fn read(name: &'static str, given: &mut Given) -> Option<Self> {
        Some(!given.take(name).is_empty())
    }
}

/// A command taken apart.
pub(crate) struct Given {
    /// Options in order; the value of a switch is empty.
    options: Vec<(&'static str, OsString)>,
    pub(crate) operands: Vec<OsString>,
    /// What stands behind `--`.
    pub(crate) words: Vec<OsString>,
}

impl Given {
    /// Nothing where an option lacks its value, or `--` is missing.
    pub(crate) fn of(argv: &[OsString], known: &[(&'static str, bool)]) -> Option<Self> {
        let mut given = Self {
            options: Vec::new(),
            operands: Vec::new(),
            words: Vec::new(),
        };
        let mut rest = argv.iter();
        loop {
            let word = rest.next()?;
            if word == "--" {
                given.words = rest.cloned().collect();
                return Some(given);
            }
            match known.iter().find(|(name, _)| word == name) {
                Some(&(name, true)) => given.options.push((name, rest.next()?.clone())),
                Some(&(name, false)) => given.options.push((name, OsString::new())),
                None => given.operands.push(word.clone()),
            }
        }
    }

    pub(crate) fn take(&mut self, name: &str) -> Vec<OsString> {
        let own = self.options.extract_if(.., |(known, _)| *known == name);
        own.map(|(_, value)| value).collect()
    }
}
