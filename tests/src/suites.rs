//! The suites, as the files of `tests/tests/` name them.
//!
//! A subject is a folder, and one test program; its `main.rs` has a line for each suite, and before
//! the line the attribute of those that need the real toolchain.

use crate::tidy::{root, text};
use std::fmt::{self, Display};

/// The attribute of a suite that needs the real toolchain and the network.
pub const TOOLCHAIN: &str = "#[cfg(feature = \"toolchain\")]";

/// The subject of which the suites with the toolchain come first: others use the NumPy that it builds.
const FIRST: &str = "wheel";

/// A suite.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Suite {
    /// Whether it needs the real toolchain and the network.
    pub toolchain: bool,
    /// Its subject, the name of a test program.
    pub subject: String,
    /// Its name in it; `None` where the program is one suite.
    pub name: Option<String>,
}

impl Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.name {
            Some(name) => write!(f, "{}::{name}", self.subject),
            None => f.write_str(&self.subject),
        }
    }
}

impl Suite {
    /// Whether a word of a command line means it: its name in full, its subject's, or its own.
    #[must_use]
    pub fn is_meant(&self, word: &str) -> bool {
        word == self.to_string() || word == self.subject || self.name.as_deref() == Some(word)
    }

    /// What libtest selects its tests by.
    #[must_use]
    pub fn filter(&self) -> Option<String> {
        self.name.as_ref().map(|name| format!("{name}::"))
    }
}

/// The suites of a subject's `main.rs`.
fn of_subject(subject: &str, main: &str) -> Vec<Suite> {
    let mut suites = Vec::new();
    let mut toolchain = false;
    for line in main.lines() {
        let name = line.strip_prefix("mod ").and_then(|l| l.strip_suffix(';'));
        if let Some(name) = name {
            suites.push(Suite {
                toolchain,
                subject: subject.to_owned(),
                name: Some(name.to_owned()),
            });
        }
        toolchain = line == TOOLCHAIN;
    }
    suites
}

/// All suites: those that need nothing first, then by subject, each in the order of its `main.rs`.
///
/// # Panics
/// The repository cannot be read.
#[must_use]
pub fn all() -> Vec<Suite> {
    let folder = root().join("tests/tests");
    let entries = folder.read_dir_utf8().expect("the suites' folder");
    let mut names: Vec<_> = entries
        .map(|entry| entry.expect("an entry").into_path())
        .collect();
    names.sort();
    let mut suites = Vec::new();
    for path in names {
        let subject = path.file_stem().unwrap_or_default();
        if path.is_dir() {
            suites.extend(of_subject(subject, &text(&path.join("main.rs"))));
        } else {
            suites.push(Suite {
                toolchain: false,
                subject: subject.to_owned(),
                name: None,
            });
        }
    }
    suites.sort_by_key(|suite| (suite.toolchain, suite.subject != FIRST));
    suites
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suites_are_read_with_what_they_need() {
        let main = format!("//! Cars.\n\nmod quick;\n\n{TOOLCHAIN}\nmod slow;\nmod other;\n");
        let suites = of_subject("cars", &main);
        let read: Vec<_> = suites
            .iter()
            .map(|s| (s.to_string(), s.toolchain))
            .collect();
        let names = ["cars::quick", "cars::slow", "cars::other"].map(str::to_owned);
        let needs = [false, true, false];
        assert_eq!(read, names.into_iter().zip(needs).collect::<Vec<_>>());
        assert!(
            ["cars", "slow", "cars::slow"]
                .iter()
                .all(|word| suites[1].is_meant(word))
        );
        assert!(!suites[1].is_meant("quick"));
    }
}
