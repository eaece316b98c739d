//! Arguments become typed: which rule each one falls under, and which are inputs.

use crate::rules::{self, Matched, Role, Rule, Syntax};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use toolcall::os_str;

/// One argument of a command, with its value where that stands apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arg {
    /// The words as given, one or two.
    pub words: Vec<OsString>,
    /// What it is.
    pub what: What,
}

/// What an argument is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A file, or `-` for stdin.
    Input,
    /// A flag with a rule, and its value where it takes one. A separate value that is missing is
    /// `None`: the tool itself says so best.
    Flag(&'static Rule, Option<OsString>),
    /// A flag without a rule.
    Unknown,
}

impl Arg {
    /// The rule, if it is a flag that has one.
    #[must_use]
    pub fn rule(&self) -> Option<&'static Rule> {
        match &self.what {
            What::Flag(rule, _) => Some(rule),
            What::Input | What::Unknown => None,
        }
    }

    /// The role, if it is a flag that has a rule.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.rule().map(|rule| rule.role)
    }

    /// The value, if it is a flag with one.
    #[must_use]
    pub fn value(&self) -> Option<&OsStr> {
        match &self.what {
            What::Flag(_, value) => value.as_deref(),
            What::Input | What::Unknown => None,
        }
    }

    /// Whether it is a flag whose value is missing.
    #[must_use]
    pub fn lacks_value(&self) -> bool {
        let optional = [Syntax::Alone, Syntax::AloneOrSetting];
        match &self.what {
            What::Flag(rule, None) => !optional.contains(&rule.syntax),
            _ => false,
        }
    }

    /// The file it names, if it is an input.
    #[must_use]
    pub fn input(&self) -> Option<&OsStr> {
        (self.what == What::Input).then(|| self.words[0].as_os_str())
    }
}

/// Which arguments are looked up under what name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dashes {
    /// The table's names have their dashes.
    Named,
    /// The table's names have none; one or two are alike. How linkers see options.
    Bare,
}

/// Parses arguments by tables. Every word ends up in exactly one [`Arg`], in order.
#[must_use]
pub fn parse(tables: &[&'static [Rule]], dashes: Dashes, words: &[OsString]) -> Vec<Arg> {
    let mut args = Vec::with_capacity(words.len());
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let (what, separate) = recognise(tables, dashes, word, rest.as_slice().first());
        let mut own = vec![word.clone()];
        if separate {
            own.extend(rest.next().cloned());
        }
        args.push(Arg { words: own, what });
    }
    args
}

/// What `word` is, and whether the next word belongs to it.
fn recognise(
    tables: &[&'static [Rule]],
    dashes: Dashes,
    word: &OsStr,
    next: Option<&OsString>,
) -> (What, bool) {
    let bytes = word.as_bytes();
    if bytes == b"-" || bytes.first() != Some(&b'-') {
        return (What::Input, false);
    }
    let key = match dashes {
        Dashes::Named => word,
        Dashes::Bare => {
            os_str::strip_prefix(word, "--").unwrap_or_else(|| OsStr::from_bytes(&bytes[1..]))
        }
    };
    match rules::find(tables, key) {
        None => (What::Unknown, false),
        Some((rule, Matched::Within(value))) => (What::Flag(rule, value), false),
        Some((rule, Matched::Next)) => (What::Flag(rule, next.cloned()), next.is_some()),
        Some((rule, Matched::NextIfSetting)) => {
            let setting = next.filter(|next| rules::is_setting(next.as_bytes()));
            (What::Flag(rule, setting.cloned()), setting.is_some())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tables;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    fn driver(line: &str) -> Vec<Arg> {
        parse(tables::DRIVER, Dashes::Named, &words(line))
    }

    #[test]
    fn values_joined_and_apart_are_the_same() {
        for line in ["-Iinc", "-I inc"] {
            let args = driver(line);
            assert_eq!(args.len(), 1, "{line}");
            assert_eq!(args[0].value(), Some(OsStr::new("inc")));
        }
        assert_eq!(driver("-o").len(), 1);
        assert_eq!(driver("-o")[0].value(), None);
        let lacks = |line: &str| driver(line)[0].lacks_value();
        assert!(lacks("-o") && lacks("-I") && lacks("-include"));
        assert!(!lacks("-o x") && !lacks("-ox") && !lacks("-c") && !lacks("-s") && !lacks("-W"));
        assert_eq!(driver("--param=a=1")[0].value(), Some(OsStr::new("a=1")));
        assert_eq!(driver("--param a=1")[0].value(), Some(OsStr::new("a=1")));
    }

    #[test]
    fn the_longest_name_wins() {
        assert_eq!(driver("-shared")[0].rule().unwrap().name, "-shared");
        assert_eq!(
            driver("-fopenmp-simd")[0].rule().unwrap().name,
            "-fopenmp-simd"
        );
        assert_eq!(driver("-Wl,-s")[0].rule().unwrap().name, "-Wl,");
        assert_eq!(driver("-Wall")[0].rule().unwrap().name, "-W");
        assert_eq!(
            driver("-static-libgcc")[0].rule().unwrap().name,
            "-static-libgcc"
        );
    }

    #[test]
    fn bare_s_strips_and_capitals_are_a_setting() {
        assert_eq!(driver("-s a.o").len(), 2);
        assert_eq!(driver("-s WASM=1").len(), 1);
        assert_eq!(driver("-sWASM=1")[0].value(), Some(OsStr::new("WASM=1")));
        assert_eq!(driver("-somelib")[0].what, What::Unknown);
    }

    #[test]
    fn linker_options_take_one_dash_or_two() {
        for line in ["-soname x", "--soname x", "-soname=x", "--soname=x"] {
            let args = parse(tables::LINKER, Dashes::Bare, &words(line));
            assert_eq!(args.len(), 1, "{line}");
            assert_eq!(args[0].rule().unwrap().name, "soname");
            assert_eq!(args[0].value(), Some(OsStr::new("x")));
        }
    }
}
