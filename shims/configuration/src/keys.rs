//! The keys, in the order of the reference.

/// A setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// For which targets.
    Target,
    /// What the back end is told.
    ConfigSettings,
    /// Variables of the build.
    Environment,
    /// A command before the build.
    BeforeBuild,
    /// Libraries that the build finds.
    Libraries,
    /// Flags of every compile.
    Cflags,
    /// Flags of every compile of C++.
    Cxxflags,
    /// Flags of every link.
    Ldflags,
    /// What side modules export.
    Exports,
    /// Files that the wheel does not get.
    Exclude,
    /// Tests lie apart.
    StripTests,
    /// No debug information.
    StripDebug,
    /// No headers.
    StripHeaders,
    /// Bytecode in the place of sources.
    CompilePy,
    /// How modules are made smaller.
    WasmOpt,
    /// Which platform tag.
    LegacyTag,
    /// What tests the wheel.
    TestCommand,
    /// What the tests need.
    TestRequires,
}

/// What a key's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `true` or `false`.
    Switch,
    /// One of [`LEVELS`].
    Level,
    /// Names: a list, or a text with white space between them.
    Names,
    /// Flags: a list, or a text that is split as a shell splits it.
    Flags,
    /// Globs: a list, or one text.
    Globs,
    /// A command, or a list of commands that run one after the other.
    Commands,
    /// A table of texts, lists of texts, and switches.
    Settings,
    /// A table of texts, or a text such as `A=1 B=2`.
    Variables,
}

/// Levels of wasm-opt that are about size: the second is for the smallest modules, which may be slower.
pub const LEVELS: [&str; 2] = ["Os", "Oz"];

impl Kind {
    /// Whether a value is one thing, to which nothing can be added.
    pub(crate) fn is_single(self) -> bool {
        matches!(self, Self::Switch | Self::Level)
    }

    /// In words.
    #[must_use]
    pub fn says(self) -> &'static str {
        match self {
            Self::Switch => "`true` or `false`",
            Self::Level => "`Os` or `Oz`",
            Self::Names => "a list of names, or a text with spaces between them",
            Self::Flags => "a text with flags, or a list of them",
            Self::Globs => "a list of globs, or one",
            Self::Commands => "a command, or a list of them",
            Self::Settings => "a table of texts and lists of texts",
            Self::Variables => "a table of texts, or a text such as `A=1 B=2`",
        }
    }
}

/// A row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// Which setting.
    pub key: Key,
    /// Its name in a file.
    pub name: &'static str,
    /// What its value is.
    pub kind: Kind,
    /// The option of `emshim build` that says the same and wins over the others.
    pub option: Option<&'static str>,
    /// The environment variable that says the same and wins over files.
    pub variable: Option<&'static str>,
    /// Whether cibuildwheel has the name, with this meaning.
    pub cibuildwheel: bool,
    /// Whether it changes what the wheel holds.
    pub makes: bool,
    /// What it says.
    pub says: &'static str,
}

use Key::*;

/// The table.
#[rustfmt::skip]
pub const KEYS: &[Row] = &[
    Row { key: Target, name: "target", kind: Kind::Names, option: Some("target"), variable: Some("EMSHIM_TARGET"), cibuildwheel: false, makes: false,
        says: "the targets to build for, as `pyodide@VERSION`; those of an sdist are its author's and do not count" },
    Row { key: ConfigSettings, name: "config-settings", kind: Kind::Settings, option: Some("config-setting"), variable: None, cibuildwheel: true, makes: true,
        says: "settings for the build back end; one that the command line gives replaces that of its name" },
    Row { key: Environment, name: "environment", kind: Kind::Variables, option: None, variable: None, cibuildwheel: true, makes: true,
        says: "variables of the build and of the tests; `$NAME` in a value is another variable. One that is set already stays as it is, where cibuildwheel replaces it" },
    Row { key: BeforeBuild, name: "before-build", kind: Kind::Commands, option: None, variable: None, cibuildwheel: true, makes: true,
        says: "what a shell runs in the copy of the source, with the shims first in PATH, before the build requirements are read; `python` is that of PATH" },
    Row { key: Libraries, name: "libraries", kind: Kind::Names, option: None, variable: None, cibuildwheel: false, makes: true,
        says: "libraries for the target that this build finds: names of `emshim library list`, or paths of recipes in the project" },
    Row { key: Cflags, name: "cflags", kind: Kind::Flags, option: None, variable: Some("EMSHIM_CFLAGS"), cibuildwheel: false, makes: true,
        says: "further flags for every compile" },
    Row { key: Cxxflags, name: "cxxflags", kind: Kind::Flags, option: None, variable: Some("EMSHIM_CXXFLAGS"), cibuildwheel: false, makes: true,
        says: "further flags for every compile of C++, after those of `cflags`" },
    Row { key: Ldflags, name: "ldflags", kind: Kind::Flags, option: None, variable: Some("EMSHIM_LDFLAGS"), cibuildwheel: false, makes: true,
        says: "further flags for every link" },
    Row { key: Exports, name: "exports", kind: Kind::Names, option: Some("exports"), variable: Some("EMSHIM_EXPORTS"), cibuildwheel: false, makes: true,
        says: "what side modules export: `pyinit`, `requested`, `all`, or names of functions" },
    Row { key: Exclude, name: "exclude", kind: Kind::Globs, option: None, variable: None, cibuildwheel: false, makes: true,
        says: "files and folders of the wheel that are left out; without a `/`, in any folder" },
    Row { key: StripTests, name: "strip-tests", kind: Kind::Switch, option: Some("strip-tests"), variable: None, cibuildwheel: false, makes: true,
        says: "keep the tests in an archive beside the wheel, which has the wheel's name with `-tests.tar` in the place of `.whl`: folders `test` and `tests`, `test_*.py`, `*_test.py`, `conftest.py`" },
    Row { key: StripDebug, name: "strip-debug", kind: Kind::Switch, option: Some("strip-debug"), variable: None, cibuildwheel: false, makes: true,
        says: "leave names and debug information out of modules" },
    Row { key: StripHeaders, name: "strip-headers", kind: Kind::Switch, option: Some("strip-headers"), variable: None, cibuildwheel: false, makes: true,
        says: "leave headers and static libraries out of the wheel: packages that compile against it need them" },
    Row { key: CompilePy, name: "compile-py", kind: Kind::Switch, option: Some("compile-py"), variable: None, cibuildwheel: false, makes: true,
        says: "put bytecode of the target's Python in the place of modules' sources, tests apart: tracebacks then have no lines of source, and what reads them (`inspect.getsource`) finds none; a wheel for any platform stays as it is" },
    Row { key: WasmOpt, name: "wasm-opt", kind: Kind::Level, option: Some("wasm-opt"), variable: None, cibuildwheel: false, makes: true,
        says: "make modules smaller by wasm-opt at this level; names and debug information go with it" },
    Row { key: LegacyTag, name: "legacy-tag", kind: Kind::Switch, option: Some("legacy-tag"), variable: None, cibuildwheel: false, makes: true,
        says: "use the older platform tag" },
    Row { key: TestCommand, name: "test-command", kind: Kind::Commands, option: Some("test"), variable: None, cibuildwheel: true, makes: false,
        says: "tests the wheel: `python ...` or `pytest ...`, which runs in Pyodide in a folder with the project's tests; `--no-test` leaves it out" },
    Row { key: TestRequires, name: "test-requires", kind: Kind::Names, option: Some("test-with"), variable: None, cibuildwheel: true, makes: false,
        says: "packages that the tests need besides pytest" },
];

impl Key {
    /// Its row.
    #[must_use]
    pub fn row(self) -> &'static Row {
        let row = KEYS.iter().find(|row| row.key == self);
        row.unwrap_or(&KEYS[0])
    }
}

/// The row of a name.
pub(crate) fn named(name: &str) -> Option<&'static Row> {
    KEYS.iter().find(|row| row.name == name)
}

/// The one of `known` that is most like a name, if one is.
pub(crate) fn nearest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    /// Below this, two names have little in common.
    const ALIKE: f64 = 0.8;
    let plain = name.to_lowercase().replace('_', "-");
    let alike = known.map(|known| (strsim::jaro_winkler(&plain, known), known));
    let best = alike.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.filter(|(alike, _)| *alike >= ALIKE)
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_one_row() {
        for (at, row) in KEYS.iter().enumerate() {
            assert_eq!(row.key.row(), row);
            let before = &KEYS[..at];
            assert!(before.iter().all(|other| other.name != row.name));
        }
    }

    #[test]
    fn the_nearest_name_is_found_where_there_is_one() {
        let names = || KEYS.iter().map(|row| row.name);
        for (given, meant) in [
            ("test_command", "test-command"),
            ("config_setting", "config-settings"),
            ("excludes", "exclude"),
            ("export", "exports"),
        ] {
            assert_eq!(nearest(given, names()), Some(meant));
        }
        assert_eq!(nearest("python", names()), None);
    }
}
