//! What a rule about a flag says, and how the rule for an argument is found.
//!
//! A rule separates *syntax* (how the flag takes its value) from *policy* (what becomes of it).
//! The tables in [`crate::tables`] are sorted by name; the longest name that fits wins, so
//! `-ftree-vectorize` may be kept although `-ftree-` is dropped.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use toolcall::os_str;

/// How a flag takes its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// `-c`: the whole argument is the flag.
    Alone,
    /// `-include FILE`: the value is the next argument.
    Separate,
    /// `-std=c11`, `-fdump-tree`: everything after the name, which may be nothing.
    Joined,
    /// `-Idir` or `-I dir`.
    JoinedOrSeparate,
    /// `--param=x` or `--param x`.
    EqualsOrSeparate,
    /// `-Xarch_x86_64 FLAG`: a name that goes on, then a value.
    JoinedAndSeparate,
    /// emcc's `-sNAME=1` or `-s NAME=1`, in capitals; a bare `-s` strips.
    AloneOrSetting,
}

/// Which step of a command a flag is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Both compiling and linking.
    Both,
    /// Compiling only; the link step of a command split in two does not get it.
    Compile,
    /// Linking only; a compile would answer "unused", an error under `-Werror`.
    Link,
    /// Chooses the phase the driver stops after.
    Stop(Phase),
    /// Asks about the compiler; nothing is built.
    Query,
    /// `-shared` and its macOS likes.
    Shared,
    /// `-r`.
    Relocatable,
    /// `-o`.
    Output,
    /// `-s`: strip, or a setting of emcc.
    Setting,
    /// `-x`.
    Language,
    /// An optimisation level.
    Optimise,
    /// Debug information.
    Debug,
    /// Side effects of a compile that write a dependency file: `-MD`, `-MMD`.
    DependencyFile,
    /// `-MF`.
    DependencyOutput,
    /// Any other flag of the dependency family, such as `-MP`, `-MT`.
    Dependency,
    /// `-w`: no warnings at all.
    Silence,
    /// `-###`: nothing runs.
    DryRun,
    /// `--whole-archive` and its end, which give the archives between them another meaning.
    WholeArchive(bool),
}

/// Where the driver stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// `-E`
    Preprocess,
    /// `-M`, `-MM`
    Dependencies,
    /// `-fsyntax-only`
    Check,
    /// `-S`
    Assembly,
    /// `-c`
    Object,
}

/// What becomes of a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Passed on as given.
    Keep,
    /// Left out, for the reason given.
    Drop(&'static str),
    /// The same flag under the name the target's tool knows, for the reason given.
    Respell(&'static str, &'static str),
    /// The call fails with the reason given: a probe must see that the feature is missing.
    Refuse(&'static str),
    /// The translation of the command's Fortran sources carries it out; clang does not get it.
    Fortran,
    /// Depends on the value or on the rest of the command.
    Depends(Question),
}

macro_rules! questions {
    ($($name:ident: $asks:literal,)*) => {
        /// A decision that needs more than the flag's name; answered by the planner's `rewrite`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Question {
            $(#[doc = $asks] $name,)*
        }

        impl Question {
            /// The question in words.
            #[must_use]
            pub fn asks(self) -> &'static str {
                match self {
                    $(Self::$name => $asks,)*
                }
            }
        }
    };
}

questions! {
    IncludeDir: "Is this header folder the host's, or a host Python's?",
    LibraryDir: "Is this library folder the host's?",
    Library: "Does this library exist for the target, and was it named before?",
    LinkerWords: "What becomes of each of these linker options?",
    LinkerKeyword: "Is the value of this linker option one that wasm-ld knows?",
    Exports: "Does this say what a module exports?",
    RunPath: "Is this run path named by the module's own folder?",
    Warning: "Is this a warning that only gcc has, switched off?",
    LinkerState: "Which linker state does this save or restore?",
    HostSimd: "Is this x86 or ARM vector unit emulated by the flags given?",
    NoFeature: "Is this a WebAssembly feature that is switched off?",
    Cpu: "Is this a WebAssembly processor?",
    Lto: "Is this one of gcc's ways to ask for link-time optimisation?",
    Standard: "Is this a language standard, or gfortran's?",
    Forwarded: "Does the flag handed on need an answer of its own?",
    Setting: "Is this a setting of emcc, or `-s`, strip?",
}

/// One line of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// The flag as written, with its dashes; the linker's table leaves the dashes out.
    pub name: &'static str,
    /// How it takes its value.
    pub syntax: Syntax,
    /// The step it is for.
    pub role: Role,
    /// What becomes of it.
    pub policy: Policy,
}

/// How an argument matched a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matched {
    /// The value, if any, is inside the argument.
    Within(Option<OsString>),
    /// The value is the next argument.
    Next,
    /// The value is the next argument if that is a setting of emcc's.
    NextIfSetting,
}

/// Whether `text` is what emcc takes for `NAME` or `NAME=VALUE` after `-s`.
#[must_use]
pub fn is_setting(text: &[u8]) -> bool {
    let name = text.split(|&b| b == b'=').next().unwrap_or_default();
    let word = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_';
    name.first().is_some_and(u8::is_ascii_uppercase) && name.iter().all(word)
}

impl Rule {
    fn matches(&self, argument: &OsStr) -> Option<Matched> {
        let rest = os_str::strip_prefix(argument, self.name)?;
        let within = |value: &[u8]| Some(Matched::Within(Some(os_str::os(value))));
        match (self.syntax, rest.as_bytes()) {
            (Syntax::Alone, []) => Some(Matched::Within(None)),
            (Syntax::Separate | Syntax::JoinedOrSeparate | Syntax::EqualsOrSeparate, [])
            | (Syntax::JoinedAndSeparate, _) => Some(Matched::Next),
            (Syntax::AloneOrSetting, []) => Some(Matched::NextIfSetting),
            (Syntax::AloneOrSetting, setting) if is_setting(setting) => within(setting),
            (Syntax::EqualsOrSeparate, [b'=', value @ ..])
            | (Syntax::Joined | Syntax::JoinedOrSeparate, value) => within(value),
            _ => None,
        }
    }
}

/// Finds the rule for an argument in sorted tables, which share no name: of all names that begin
/// the argument and whose syntax fits, the longest.
#[must_use]
pub fn find<'t>(tables: &[&'t [Rule]], argument: &OsStr) -> Option<(&'t Rule, Matched)> {
    let found = tables.iter().filter_map(|table| {
        beginnings(table, argument.as_bytes())
            .find_map(|rule| Some((rule, rule.matches(argument)?)))
    });
    found.max_by_key(|(rule, _)| rule.name.len())
}

/// The rules of a sorted table whose names begin `text`, longest first.
fn beginnings<'t>(table: &'t [Rule], text: &[u8]) -> impl Iterator<Item = &'t Rule> {
    let mut length = text.len();
    std::iter::from_fn(move || {
        loop {
            let wanted = &text[..length];
            let behind = table.partition_point(|rule| rule.name.as_bytes() <= wanted);
            let rule = &table[behind.checked_sub(1)?];
            let name = rule.name.as_bytes();
            let alike = wanted.iter().zip(name).take_while(|(a, b)| a == b).count();
            if alike == name.len() {
                length = alike.checked_sub(1)?;
                return Some(rule);
            }
            // Names that begin the text and are longer than what is alike would lie between the two.
            length = alike;
        }
    })
}

/// The first pair of neighbours out of order, if any: tables must be sorted and hold no name twice.
#[must_use]
pub fn misplaced(table: &[Rule]) -> Option<(&'static str, &'static str)> {
    table
        .windows(2)
        .find(|pair| pair[0].name.as_bytes() >= pair[1].name.as_bytes())
        .map(|pair| (pair[0].name, pair[1].name))
}
