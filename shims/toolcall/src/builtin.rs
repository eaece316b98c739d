//! Steps that are emshim's own work, as data: what each of them is told, and its command. What they
//! do is in the crate `steps`.
//!
//! The commands, `emshim NAME [OPTION]... [OPERAND] -- WORD...`, run by hand as `emshim explain` and
//! the record show them. Each field of a step stands once, with its option; how its type is written
//! and read is the type's own matter.

use crate::display;
use crate::step_fields::{Field, Given, Word};
use camino::Utf8PathBuf;
use std::convert::Infallible;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A command that is none of ours.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// No step has this name.
    #[error("no such step: {0}")]
    NoSuchStep(String),
    /// Not what the step's `argv` writes.
    #[error("emshim {step}: not understood: {command}")]
    NotUnderstood {
        /// Its name.
        step: &'static str,
        /// The command.
        command: String,
    },
}

/// Defines a step's data with its command: `"OPTION" field: Type` in the order they are written, an
/// operand if it has one, and what its words behind `--` are.
macro_rules! step {
    (
        $(#[$doc:meta])*
        $step:ident, $command:literal:
        $( $(#[$option_doc:meta])* $option:literal $field:ident: $type:ty, )*
        $( operand { $(#[$operand_doc:meta])* $operand:ident } )?
        words { $(#[$words_doc:meta])* $words:ident }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $step {
            $( $(#[$option_doc])* pub $field: $type, )*
            $( $(#[$operand_doc])* pub $operand: OsString, )?
            $(#[$words_doc])*
            pub $words: Vec<OsString>,
        }

        impl $step {
            /// Its name in commands.
            pub const NAME: &str = $command;

            /// Its command.
            #[must_use]
            pub fn argv(&self) -> Vec<OsString> {
                let mut argv: Vec<OsString> = vec!["emshim".into(), $command.into()];
                $( Field::write(&self.$field, $option, &mut argv); )*
                $( argv.push(self.$operand.clone()); )?
                argv.push("--".into());
                argv.extend(self.$words.iter().cloned());
                argv
            }

            /// The step that a command states.
            ///
            /// # Errors
            /// It is not one that [`Self::argv`] writes.
            pub fn parse(argv: &[OsString]) -> Result<Self, UsageError> {
                Self::read(argv).ok_or_else(|| UsageError::NotUnderstood {
                    step: $command,
                    command: display::shell(argv),
                })
            }

            fn read(argv: &[OsString]) -> Option<Self> {
                let known: &[Vec<(&'static str, bool)>] =
                    &[$( <$type as Field>::options($option) ),*];
                #[allow(unused_mut, reason = "a step may have no options")]
                let mut given = Given::of(argv.get(2..)?, &known.concat())?;
                let step = Self {
                    $( $field: Field::read($option, &mut given)?, )*
                    $( $operand: given.operands.pop()?, )?
                    $words: given.words,
                };
                given.operands.is_empty().then_some(step)
            }
        }
    };
}

/// What a translation makes of its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// C.
    C,
    /// The tree of the source with what is known of its names and expressions, for people.
    Tree,
    /// The FORTRAN 77 that f2c gets, for people.
    Lowered,
    /// The preprocessed text: `-E`.
    Text,
    /// The macros as they are at its end: `-E -dM`.
    Macros,
    /// A rule for make: `-M`.
    Rule,
}

const MAKES: &[(&str, Makes)] = &[
    ("c", Makes::C),
    ("lowered", Makes::Lowered),
    ("macros", Makes::Macros),
    ("rule", Makes::Rule),
    ("text", Makes::Text),
    ("tree", Makes::Tree),
];

impl Word for Makes {
    fn to_word(&self) -> OsString {
        let row = MAKES.iter().find(|row| row.1 == *self);
        row.map_or("c", |row| row.0).into()
    }

    fn of_word(word: OsString) -> Option<Self> {
        let row = MAKES.iter().find(|row| word == row.0)?;
        Some(row.1)
    }
}

step! {
    /// Makes C of one Fortran source, or preprocesses it.
    Translate, "fortran":
    /// What is made.
    "--emit" makes: Makes,
    /// The program that translates.
    "--f2c" f2c: OsString,
    /// What `-x` calls the source.
    "--language" language: Option<OsString>,
    /// Where translations are kept.
    "--cache" cache: Option<OsString>,
    /// A file for the rule that make reads, beside what is made.
    "--dependencies" dependencies: Option<OsString>,
    /// The targets of that rule.
    "--target" targets: Vec<OsString>,
    /// The file to write; `-` is stdout.
    "-o" output: OsString,
    /// Whether warnings are shown.
    "--warnings" warnings: bool,
    /// Which known sources are corrected, as `EMSHIM_PATCHES` says it; those that fit where it is
    /// not said.
    "--patches" patches: Option<String>,
    /// Whether the C keeps silent about the lines it is made of, which it names by the source's path.
    "--no-lines" no_lines: bool,
    operand {
        /// The file to read; `-` is stdin.
        source
    }
    words {
        /// gfortran's switches.
        switches
    }
}

/// Which symbols a side module exports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exports {
    /// The `PyInit_` functions; every visible symbol of a module that has none.
    PyInit,
    /// Every symbol that is not hidden.
    Requested,
    /// Everything, whole archives included.
    All,
    /// These.
    List(Vec<String>),
}

impl FromStr for Exports {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text.trim() {
            "pyinit" | "" => Self::PyInit,
            "requested" => Self::Requested,
            // The second is pyodide-build's name for it.
            "all" | "whole_archive" => Self::All,
            list => Self::list(list),
        })
    }
}

impl Exports {
    fn list(names: &str) -> Self {
        let names = names.split(',').map(str::trim);
        let names = names.filter(|name| !name.is_empty());
        Self::List(names.map(str::to_owned).collect())
    }
}

const NAMES: &str = "--names";

/// The policy's name, and for a list the names in an option of their own.
impl Field for Exports {
    fn options(name: &'static str) -> Vec<(&'static str, bool)> {
        vec![(name, true), (NAMES, true)]
    }

    fn write(&self, name: &'static str, argv: &mut Vec<OsString>) {
        argv.push(name.into());
        match self {
            Self::PyInit | Self::All => argv.push("pyinit".into()),
            Self::Requested => argv.push("requested".into()),
            Self::List(names) => {
                argv.extend(["list".into(), NAMES.into(), names.join(",").into()]);
            }
        }
    }

    fn read(name: &'static str, given: &mut Given) -> Option<Self> {
        let policy = given.take(name).pop();
        let names = given.take(NAMES).pop();
        match (policy?.to_str()?, names) {
            ("pyinit", None) => Some(Self::PyInit),
            ("requested", None) => Some(Self::Requested),
            ("list", Some(names)) => Some(Self::list(names.to_str()?)),
            _ => None,
        }
    }
}

step! {
    /// Writes the list of symbols that a side module exports.
    ListExports, "exports":
    /// Which symbols; never [`Exports::All`], which needs no list.
    "--policy" policy: Exports,
    /// The Python module's name.
    "--module" module: OsString,
    /// The program that reads LLVM bitcode, the one form that emshim does not read itself.
    "--nm" nm: OsString,
    /// Version scripts, which say more, or less, is exported.
    "--version-script" scripts: Vec<PathBuf>,
    /// What `--exclude-libs` names.
    "--exclude-libs" exclude: Vec<String>,
    /// The list to write.
    "-o" list: OsString,
    words {
        /// Those of the link that say what it draws from, in its order: files, `-lNAME`, `-LDIR`,
        /// `--whole-archive` and its end.
        words
    }
}

step! {
    /// Gives Fortran's COMMON blocks their largest size at a link.
    SizeCommons, "commons":
    /// The response file for the link; empty where there is nothing to say.
    "-o" list: OsString,
    /// The C that the list names where blocks have to be defined.
    "--definitions" definitions: OsString,
    words {
        /// As those of [`ListExports`].
        words
    }
}

step! {
    /// Makes C's common symbols weak, in LLVM's text.
    WeakenCommons, "weaken":
    /// The text to write.
    "-o" output: OsString,
    operand {
        /// The text to read.
        text
    }
    words {
        /// None.
        words
    }
}

step! {
    /// Compares the signatures of what is linked, and bridges on request what is safe to bridge.
    CheckLink, "check-link":
    /// Whether what disagrees is a warning, as the caller told the linker.
    "--warn" warn: bool,
    /// Whether every archive is linked whole, as `-sSIDE_MODULE=1` does.
    "--whole" whole: bool,
    /// The log that knows how objects were made.
    "--log" log: Option<Utf8PathBuf>,
    /// Where repaired copies go, with [`CheckLink::list`] and [`CheckLink::reasons`].
    "--repair" repair: Option<PathBuf>,
    /// Whether what rules call safe is bridged too, not only what the objects prove to be.
    "--by-rules" by_rules: bool,
    words {
        /// Those of the link that name what it draws from, as they stand in it.
        words
    }
}

impl CheckLink {
    /// The response file that stands in a link for the words, in the folder of a repair.
    #[must_use]
    pub fn list(folder: &Path) -> PathBuf {
        folder.join("link")
    }

    /// The repairs and their reasons as JSON, in the folder of a repair.
    #[must_use]
    pub fn reasons(folder: &Path) -> PathBuf {
        folder.join("repairs.json")
    }
}

step! {
    /// Makes a side module use its own symbols, whatever modules loaded before it define.
    BindSymbols, "bind":
    /// The response file that stands in the link for the words.
    "-o" list: OsString,
    /// Where copies of objects go.
    "--copies" copies: PathBuf,
    /// The program that reads LLVM bitcode, the one form that emshim does not read itself.
    "--nm" nm: OsString,
    /// Whether everything visible is exported, with no list of exports.
    "--export-all" export_all: bool,
    words {
        /// Those of the link that name what it draws from, as they stand in it, or a response file
        /// with them.
        words
    }
}

step! {
    /// Makes what a shared library of the link defines too the library's.
    ShareSymbols, "share":
    /// The response file that stands in the link for the words.
    "-o" list: OsString,
    /// Where copies of objects go.
    "--copies" copies: PathBuf,
    /// Whether a program is linked, whose values win over a library's.
    "--program" program: bool,
    words {
        /// As those of [`BindSymbols`].
        words
    }
}

step! {
    /// Writes a module's run path, after its link.
    WriteRunPath, "run-path":
    /// The module.
    "-o" module: OsString,
    /// Whether it was there before, and stays where it cannot be given the run path.
    "--in-place" in_place: bool,
    words {
        /// The folders, in order; `$ORIGIN` is the module's own.
        paths
    }
}

step! {
    /// Removes sections from a module, as llvm-objcopy does.
    RemoveSections, "remove-sections":
    /// The module.
    "-o" module: OsString,
    words {
        /// Their names; with `*` at the end, all that begin so.
        names
    }
}

step! {
    /// Prints a module's run path.
    ShowRunPath, "show-run-path":
    words {
        /// The module.
        words
    }
}

step! {
    /// Writes the part of a program's script that finds the shared libraries it is linked with.
    FindLibraries, "libraries":
    /// The JavaScript to write.
    "-o" script: OsString,
    /// Where they were at the link.
    "--linked" linked: Vec<PathBuf>,
    words {
        /// The run path; `$ORIGIN` is the program's own folder.
        words
    }
}

step! {
    /// Puts a tool's output, which was made elsewhere, in its place.
    PlaceOutput, "place":
    /// The place.
    "-o" output: OsString,
    words {
        /// The file; where it is not there, the tool has made none.
        words
    }
}

/// Any of the steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuiltIn {
    /// `bind`
    BindSymbols(BindSymbols),
    /// `check-link`
    CheckLink(CheckLink),
    /// `commons`
    SizeCommons(SizeCommons),
    /// `exports`
    ListExports(ListExports),
    /// `libraries`
    FindLibraries(FindLibraries),
    /// `fortran`
    Translate(Translate),
    /// `remove-sections`
    RemoveSections(RemoveSections),
    /// `share`
    ShareSymbols(ShareSymbols),
    /// `weaken`
    WeakenCommons(WeakenCommons),
    /// `run-path`
    WriteRunPath(WriteRunPath),
    /// `show-run-path`
    ShowRunPath(ShowRunPath),
    /// `place`
    Place(PlaceOutput),
}

impl BuiltIn {
    const NAMES: [&str; 12] = [
        BindSymbols::NAME,
        CheckLink::NAME,
        SizeCommons::NAME,
        ListExports::NAME,
        FindLibraries::NAME,
        Translate::NAME,
        RemoveSections::NAME,
        ShareSymbols::NAME,
        WeakenCommons::NAME,
        WriteRunPath::NAME,
        ShowRunPath::NAME,
        PlaceOutput::NAME,
    ];

    /// Whether a command's second word names a step.
    #[must_use]
    pub fn is_named(argv: &[OsString]) -> bool {
        let name = argv.get(1);
        name.is_some_and(|name| Self::NAMES.iter().any(|step| name == step))
    }

    /// The step that a command states.
    ///
    /// # Errors
    /// The command names no step, or is not one that the step's `argv` writes.
    pub fn parse(argv: &[OsString]) -> Result<Self, UsageError> {
        match argv.get(1).map(OsString::as_os_str).and_then(OsStr::to_str) {
            Some(BindSymbols::NAME) => BindSymbols::parse(argv).map(Self::BindSymbols),
            Some(CheckLink::NAME) => CheckLink::parse(argv).map(Self::CheckLink),
            Some(SizeCommons::NAME) => SizeCommons::parse(argv).map(Self::SizeCommons),
            Some(ListExports::NAME) => ListExports::parse(argv).map(Self::ListExports),
            Some(FindLibraries::NAME) => FindLibraries::parse(argv).map(Self::FindLibraries),
            Some(Translate::NAME) => Translate::parse(argv).map(Self::Translate),
            Some(RemoveSections::NAME) => RemoveSections::parse(argv).map(Self::RemoveSections),
            Some(ShareSymbols::NAME) => ShareSymbols::parse(argv).map(Self::ShareSymbols),
            Some(WeakenCommons::NAME) => WeakenCommons::parse(argv).map(Self::WeakenCommons),
            Some(ShowRunPath::NAME) => ShowRunPath::parse(argv).map(Self::ShowRunPath),
            Some(WriteRunPath::NAME) => WriteRunPath::parse(argv).map(Self::WriteRunPath),
            Some(PlaceOutput::NAME) => PlaceOutput::parse(argv).map(Self::Place),
            _ => Err(UsageError::NoSuchStep(display::shell(argv))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn a_command_states_its_step() {
        for line in [
            "emshim fortran --emit c --f2c /f2c --cache /k --dependencies x.d --target x.o --target \
             y -o x.c --warnings --patches off --no-lines x.f -- -I a -- -DX",
            "emshim fortran --emit macros --f2c /f2c --language f77 -o - - --",
            "emshim exports --policy list --names a,b --module m --nm /nm --version-script v.map \
             --exclude-libs ALL -o l -- x.o -L d --names",
            "emshim exports --policy requested --module -- --nm -o -o l --",
            "emshim commons -o l --definitions c.c -- -lx --definitions",
            "emshim check-link --warn --whole --log /l --repair /r --by-rules -- x.o --log",
            "emshim check-link --",
            "emshim bind -o l --copies /c --nm /nm --export-all -- x.o -o",
            "emshim share -o l --copies /c --program -- x.o -o",
            "emshim run-path -o x.so -- $ORIGIN/lib -o",
            "emshim remove-sections -o x.so -- name .debug*",
            "emshim weaken -o w.ll x.ll --",
            "emshim run-path -o x.so --in-place --",
            "emshim show-run-path -- x.so",
            "emshim place -o /dev/null -- x.so",
            "emshim libraries -o x.js --linked /a --linked /b -- $ORIGIN/lib -o",
        ] {
            let argv = words(line);
            let again = match BuiltIn::parse(&argv) {
                Ok(BuiltIn::BindSymbols(step)) => step.argv(),
                Ok(BuiltIn::CheckLink(step)) => step.argv(),
                Ok(BuiltIn::SizeCommons(step)) => step.argv(),
                Ok(BuiltIn::RemoveSections(step)) => step.argv(),
                Ok(BuiltIn::ShareSymbols(step)) => step.argv(),
                Ok(BuiltIn::ListExports(step)) => step.argv(),
                Ok(BuiltIn::FindLibraries(step)) => step.argv(),
                Ok(BuiltIn::Translate(step)) => step.argv(),
                Ok(BuiltIn::WeakenCommons(step)) => step.argv(),
                Ok(BuiltIn::WriteRunPath(step)) => step.argv(),
                Ok(BuiltIn::ShowRunPath(step)) => step.argv(),
                Ok(BuiltIn::Place(step)) => step.argv(),
                Err(error) => panic!("{error}"),
            };
            assert_eq!(again, argv);
            let end = argv.iter().rposition(|word| word == "--").unwrap();
            let first = argv.iter().position(|word| word == "--").unwrap();
            for cut in 0..first.min(end) {
                assert!(BuiltIn::parse(&argv[..cut]).is_err(), "{line}: {cut}");
            }
        }
    }

    #[test]
    fn what_is_no_step_is_said_to_be_none() {
        for line in [
            "emshim",
            "emshim build --",
            "emshim commons -o l -- x.o",
            "emshim commons -o l --definitions d more -- x.o",
            "emshim check-link --wrong -- x.o",
            "emshim run-path x.so -- $ORIGIN",
            "emshim fortran --emit wasm --f2c /f2c -o x.c x.f --",
            "emshim fortran --emit c --f2c /f2c -o x.c x.f y.f --",
            "emshim fortran --emit c --f2c /f2c -o x.c --",
            "emshim exports --policy list --module m --nm n -o l --",
            "emshim exports --policy all --module m --nm n -o l --",
        ] {
            assert!(BuiltIn::parse(&words(line)).is_err(), "{line}");
        }
    }

    #[test]
    fn values_that_are_not_utf8_stay_as_they_are() {
        let odd = crate::os_str::os(b"\xff.f");
        let step = SizeCommons {
            list: odd.clone(),
            definitions: "d".into(),
            words: vec![odd],
        };
        assert_eq!(SizeCommons::parse(&step.argv()), Ok(step));
    }
}
