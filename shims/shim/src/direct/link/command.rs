//! A link for emcc, of a side module or a program, taken apart into what emcc's commands depend on and what
//! it hands to wasm-ld as it is.
//!
//! What is not known to come out of emcc's commands alone is emcc's: all tables here say what is
//! known. Source: `parse_args`, `separate_linker_flags`, `process_libraries` and `link_lld` of
//! Emscripten 3.1.58 to 6.0.5.

use super::makes::{Makes, OF_PROGRAMS, ONE_FILE};
use super::object;
use crate::direct::compile;
use crate::direct::reason::Reason;
use flags::classify;
use flags::parse::{self, Arg, Dashes};
use flags::rules::Role;
use flags::tables;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use toolcall::os_str;
use toolcall::sources;

const NO_MODULE: &str =
    "only the link of a side module, or of a program in one file, does without it";
const LOADS: &str = "emcc makes a program that loads shared libraries in a way of its own";
const UNKNOWN: &str = "nobody has said that wasm-ld's command shows all that emcc makes of it";
const SOURCE: &str = "emcc compiles it first";
const NO_LIBRARY: &str = "no folder of the command has it as an archive, and emcc looks elsewhere";
const NO_OUTPUT: &str = "emcc chooses the output";
const ODD_OUTPUT: &str = "emcc may treat an output of this name in a way of its own";
const ODD_EXPORT: &str = "emcc knows this export";
const NO_EXPORTS: &str = "the list of exports is empty, or not one of ours";

/// Flags of emcc's own whose effect is in the commands that it runs, whatever their value.
#[rustfmt::skip]
const ASKED: &[&str] = &[
    "-Bdynamic", "-Bstatic", "-O", "-W", "-f", "-g0", "-g1", "-g2", "-g3", "-m", "-nodefaultlibs",
    "-nolibc", "-nostartfiles", "-nostdlib", "-pedantic", "-pipe", "-shared", "-static", "-std=", "-w",
];

/// Those that begin like one of [`ASKED`] and make emcc do more.
const NOT_ASKED: &[&str] = &[
    "-Wabsolute-paths",
    "-Werror=absolute-paths",
    "-Wl,",
    "-fsanitize",
    "-gs",
];

/// Flags that are asked about only as they stand here.
const WHOLE: &[&str] = &["-g", "-s"];

/// emcc's settings whose effect is in the commands that it runs.
const SETTINGS: &[&str] = &["SUPPORT_LONGJMP", "WASM_BIGINT", "WASM_LEGACY_EXCEPTIONS"];

/// Those of a side module alone. With undefined symbols allowed, emcc speaks of a program's.
const OF_MODULES: &[&str] = &["ERROR_ON_UNDEFINED_SYMBOLS", MODULE];

/// The setting by which a link is known for one of a module.
const MODULE: &str = "SIDE_MODULE";

/// The setting with the exports, whose value is not asked about but put in its place.
const EXPORTS: &str = "EXPORTED_FUNCTIONS=@";

/// wasm-ld's own options that need no file, and that emcc knows or hands on.
#[rustfmt::skip]
const LINKER: &[&str] = &[
    "--allow-multiple-definition", "--demangle", "--end-group", "--experimental-pic", "--export-dynamic",
    "--fatal-warnings", "--gc-sections", "--no-demangle", "--no-export-dynamic", "--no-fatal-warnings",
    "--no-gc-sections", "--no-whole-archive", "--start-group", "--strip-all", "--strip-debug",
    "--whole-archive", "-Bdynamic", "-Bstatic", "-Bsymbolic", "-O0", "-O1", "-O2", "-O3", "-S", "-s",
];

/// wasm-ld's own options that emcc hands on, with values without end.
const LINKER_HANDED_ON: &[&str] = &["--export-if-defined=", "--export="];

/// What emcc takes for an object or an archive, and hands to wasm-ld.
const BINARIES: &[&str] = &["a", "o", "obj"];

/// Suffixes of libraries that a program loads when it starts. Source: `find_library` of `tools/link.py`.
const SHARED: &[&str] = &[".so", ".wasm"];

/// Names of exports that emcc treats in ways of its own. Source: `is_internal_symbol`, `asmjs_mangle`
/// and the warning `unused-main`.
#[rustfmt::skip]
const OWN_EXPORTS: &[&str] = &[
    "__asyncify", "__em_", "__indirect_function_table", "__main_argc_argv", "__start_em_", "__stop_em_",
    "dynCall_", "main", "memory", "orig$",
];

/// One word's place in wasm-ld's command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// As it is.
    HandedOn(OsString),
    /// What emcc makes of this setting, by its number.
    Setting(usize),
    /// A library that the command's own folders have: the setting's number, and where it lies.
    Library(usize, PathBuf),
}

/// A link, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// What it makes.
    pub(super) makes: Makes,
    /// What follows what emcc puts first.
    pub(super) parts: Vec<Part>,
    /// What emcc's commands depend on, in order.
    pub(super) settings: Vec<Vec<String>>,
    /// The libraries among the settings, without `-l`.
    pub(super) libraries: Vec<String>,
    /// The symbols it exports, without C's underscore; none where emcc chooses.
    pub(super) exports: Option<Vec<String>>,
    /// The module.
    pub(super) output: OsString,
    /// The first object, whose features are most likely the module's.
    pub(super) object: Option<OsString>,
}

impl Command {
    /// Takes a command apart, its program left out and its response files read; paths are relative to
    /// `cwd`.
    ///
    /// # Errors
    /// Why emcc has to run itself.
    pub(super) fn read(words: &[OsString], cwd: &Path) -> Result<Self, Reason> {
        let args = parse::parse(tables::DRIVER, Dashes::Named, words);
        let makes = makes(&args)?;
        let mut command = Self {
            makes,
            parts: Vec::with_capacity(args.len()),
            settings: Vec::new(),
            libraries: Vec::new(),
            exports: None,
            output: OsString::new(),
            object: None,
        };
        let mut folders = Vec::new();
        let mut rest = args.as_slice();
        while let Some((arg, after)) = rest.split_first() {
            rest = after;
            if let Some(input) = arg.input() {
                command.input(input, cwd)?;
            } else if let Some(linker) = linker_words(arg, &mut rest) {
                command.linker(&linker)?;
            } else if let Some(folder) = joined(arg, "-L") {
                folders.push(cwd.join(folder));
                command.parts.push(Part::HandedOn(arg.words[0].clone()));
            } else if let Some(name) = joined(arg, "-l") {
                let name = plain(name).filter(|name| !name.ends_with(".js"));
                let name = name.ok_or_else(|| because(arg, UNKNOWN))?;
                command.libraries.push(name.to_owned());
                command
                    .parts
                    .push(Part::Library(command.settings.len(), PathBuf::new()));
                command.settings.push(vec![format!("-l{name}")]);
            } else if arg.role() == Some(Role::Output) {
                arg.value()
                    .unwrap_or_default()
                    .clone_into(&mut command.output);
            } else if arg.role() == Some(Role::Setting) && arg.value().is_some() {
                command.setting(arg, cwd)?;
            } else if !is_for_compiles(arg) {
                let asked = asked(arg).ok_or_else(|| because(arg, UNKNOWN))?;
                command.ask(asked);
            }
        }
        command.suffix()?;
        command.find(&folders)?;
        Ok(command)
    }

    /// The output's suffix, by which emcc may choose what to make.
    ///
    /// # Errors
    /// There is no output, or one of a kind that is not known here.
    pub(super) fn suffix(&self) -> Result<String, Reason> {
        let name = Path::new(&self.output).file_name().unwrap_or_default();
        let plain = |b: &u8| b.is_ascii_alphanumeric();
        let suffix = sources::suffix(name);
        match () {
            () if self.output.is_empty() => Err(NO_OUTPUT.into()),
            () if os_str::starts_with(&self.output, "-") || self.output == "/dev/null" => {
                Err(ODD_OUTPUT.into())
            }
            () if suffix.as_bytes().iter().all(plain) => Ok(suffix.to_string_lossy().into_owned()),
            () => Err(ODD_OUTPUT.into()),
        }
    }

    fn ask(&mut self, words: Vec<String>) {
        self.parts.push(Part::Setting(self.settings.len()));
        self.settings.push(words);
    }

    fn input(&mut self, path: &OsStr, cwd: &Path) -> Result<(), Reason> {
        let suffix = sources::suffix(path);
        let library = suffix == "so" && object::is_library(&cwd.join(path));
        if library && self.makes == Makes::Program {
            return Err(format!("{}: {LOADS}", path.display()).into());
        }
        if !library && !BINARIES.iter().any(|known| suffix == *known) {
            let why = match sources::kind(path).is_source() {
                true => SOURCE,
                false => UNKNOWN,
            };
            return Err(format!("{}: {why}", path.display()).into());
        }
        if suffix != "a" && !library && self.object.is_none() {
            self.object = Some(path.to_owned());
        }
        self.parts.push(Part::HandedOn(path.to_owned()));
        Ok(())
    }

    fn linker(&mut self, words: &[OsString]) -> Result<(), Reason> {
        let is_in = |word: &OsStr| LINKER.iter().any(|known| word == *known);
        for word in words {
            if LINKER_HANDED_ON
                .iter()
                .any(|name| os_str::starts_with(word, name))
            {
                self.parts.push(Part::HandedOn(word.clone()));
            } else if is_in(word) {
                self.ask(vec![format!("-Wl,{}", word.to_string_lossy())]);
            } else {
                return Err(format!("-Wl,{}: {UNKNOWN}", word.display()).into());
            }
        }
        Ok(())
    }

    /// Takes one of emcc's settings.
    fn setting(&mut self, arg: &Arg, cwd: &Path) -> Result<(), Reason> {
        let value = arg.value().and_then(OsStr::to_str).unwrap_or_default();
        let (name, given) = value.split_once('=').unwrap_or((value, "1"));
        let own = match self.makes {
            Makes::Module => OF_MODULES,
            Makes::Program => OF_PROGRAMS,
        };
        if let (Some(list), Makes::Module) = (value.strip_prefix(EXPORTS), self.makes) {
            self.exports = Some(exports(&cwd.join(list))?);
        } else if SETTINGS.contains(&name) || own.contains(&name) {
            plain(OsStr::new(given)).ok_or_else(|| because(arg, UNKNOWN))?;
            self.ask(vec![format!("-s{value}")]);
        } else {
            return Err(because(arg, UNKNOWN));
        }
        Ok(())
    }

    /// Finds the libraries in the command's own folders, the first one's first.
    fn find(&mut self, folders: &[PathBuf]) -> Result<(), Reason> {
        let Self {
            makes,
            parts,
            settings,
            ..
        } = self;
        for part in parts {
            let Part::Library(number, place) = part else {
                continue;
            };
            let word = &settings[*number][0];
            let stem = word.replacen("-l", "lib", 1);
            let found = |suffix: &str| {
                let name = format!("{stem}{suffix}");
                let paths = folders.iter().map(|folder| folder.join(&name));
                paths.into_iter().find(|path| path.is_file())
            };
            if *makes == Makes::Program && SHARED.iter().any(|suffix| found(suffix).is_some()) {
                return Err(format!("{word}: {LOADS}").into());
            }
            *place = found(".a").unwrap_or_default();
        }
        Ok(())
    }
}

/// What a link makes, by the settings that every plan for one has.
fn makes(args: &[Arg]) -> Result<Makes, Reason> {
    let says = |name: &str| classify::setting(args, name).is_some_and(|value| value != "0");
    match () {
        () if says(MODULE) => Ok(Makes::Module),
        () if says(ONE_FILE) => Ok(Makes::Program),
        () => Err(NO_MODULE.into()),
    }
}

/// What stands for a library in wasm-ld's command where emcc made `fragment` of it; `dummy` is where
/// emcc found it when it was asked.
///
/// # Errors
/// The command's own folders do not have it, so that emcc would look for more than an archive.
pub(super) fn library(
    fragment: &[String],
    dummy: &str,
    word: &str,
    found: &Path,
) -> Result<Vec<OsString>, Reason> {
    let missing = || Reason::from(format!("{word}: {NO_LIBRARY}"));
    match fragment {
        [] => Ok(Vec::new()),
        [one] if one == word && found.as_os_str().is_empty() => Err(missing()),
        [one] if one == dummy && found.as_os_str().is_empty() => Err(missing()),
        [one] if one == dummy => Ok(vec![found.into()]),
        words => Ok(words.iter().map(OsString::from).collect()),
    }
}

/// The value of a flag that stands in one word with it.
fn joined<'a>(arg: &'a Arg, name: &str) -> Option<&'a OsStr> {
    let rule = arg.rule().filter(|rule| rule.name == name)?;
    let [word] = arg.words.as_slice() else {
        return None;
    };
    os_str::strip_prefix(word, rule.name).filter(|value| !value.is_empty())
}

/// The linker's words of an argument; `-Xlinker` has one each, so those that follow are taken too.
fn linker_words(arg: &Arg, rest: &mut &[Arg]) -> Option<Vec<OsString>> {
    match arg.rule()?.name {
        "-Wl," => {
            let list = arg.value()?.as_bytes();
            Some(list.split(|b| *b == b',').map(os_str::os).collect())
        }
        "-Xlinker" => {
            let mut words = vec![arg.value()?.to_owned()];
            while let Some((next, after)) = rest.split_first()
                && next.rule().is_some_and(|rule| rule.name == "-Xlinker")
            {
                words.push(next.value()?.to_owned());
                *rest = after;
            }
            Some(words)
        }
        _ => None,
    }
}

/// Whether only compiles look at it, whatever its value: a link has none.
fn is_for_compiles(arg: &Arg) -> bool {
    let spelled = match arg.words.as_slice() {
        [_] => true,
        // emcc takes these values for inputs, and one that begins with a dash for a flag.
        [name, value] => {
            !["-D", "-I", "-U"].iter().any(|short| name == short)
                && !os_str::starts_with(value, "-")
        }
        _ => false,
    };
    spelled && compile::is_handed_on(arg)
}

/// A flag's words, if emcc's commands show what it does.
fn asked(arg: &Arg) -> Option<Vec<String>> {
    let words: Option<Vec<String>> = arg
        .words
        .iter()
        .map(|word| plain(word).map(str::to_owned))
        .collect();
    let words = words?;
    let begins = |all: &[&str]| all.iter().any(|start| words[0].starts_with(start));
    let known = begins(ASKED) && !begins(NOT_ASKED) || WHOLE.contains(&&*words[0]);
    (known && words.len() == 1).then_some(words)
}

/// Text that emcc shows as it is.
fn plain(word: &OsStr) -> Option<&str> {
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"%+,-./:=_".contains(b);
    let text = word.to_str().filter(|_| word.as_bytes().iter().all(plain));
    text.filter(|text| !text.is_empty())
}

/// The symbols of a list that `emshim exports` wrote, in order and each once, as emcc has it.
fn exports(list: &Path) -> Result<Vec<String>, Reason> {
    let bytes = std::fs::read(list).map_err(|_| NO_EXPORTS)?;
    let names: Vec<String> = serde_json::from_slice(&bytes).map_err(|_| NO_EXPORTS)?;
    let mut exports: Vec<String> = Vec::with_capacity(names.len());
    let mut seen = std::collections::HashSet::with_capacity(names.len());
    for name in &names {
        let name = name.strip_prefix('_').ok_or(NO_EXPORTS)?;
        if OWN_EXPORTS.iter().any(|own| name.starts_with(own)) {
            return Err(format!("{name}: {ODD_EXPORT}").into());
        }
        if seen.insert(name) {
            exports.push(name.to_owned());
        }
    }
    match exports.is_empty() {
        true => Err(NO_EXPORTS.into()),
        false => Ok(exports),
    }
}

fn because(arg: &Arg, why: &str) -> Reason {
    let word = arg.words[0].to_string_lossy();
    format!("{word}: {why}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str, dir: &Path) -> Result<Command, Reason> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        Command::read(&words, dir)
    }

    fn folder() -> tempfile::TempDir {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("libfoo.a"), "").unwrap();
        std::fs::write(dir.path().join("list"), r#"["_f","_g","_f"]"#).unwrap();
        std::fs::write(dir.path().join("none"), "[]").unwrap();
        std::fs::write(dir.path().join("main"), r#"["_main"]"#).unwrap();
        std::fs::write(
            dir.path().join("s.so"),
            b"\0asm\x01\0\0\0\0\x8c\x00\x08dylink.0",
        )
        .unwrap();
        std::fs::write(dir.path().join("o.so"), b"\0asm\x01\0\0\0\x01").unwrap();
        dir
    }

    #[test]
    fn what_differs_from_link_to_link_is_no_setting() {
        let dir = folder();
        let line = "-O2 a.o -shared -o x.so -sSIDE_MODULE=2 -sEXPORTED_FUNCTIONS=@list -DX -I inc";
        assert!(
            read(line, dir.path()).is_err(),
            "-I and its folder in two words"
        );
        let line = line.replace("-I inc", "-Iinc");
        let one = read(&line, dir.path()).unwrap();
        let other = "-O2 b.o s.so l.a -Llib -Wl,--export=x -shared -o d/y.so -sSIDE_MODULE=2 -sEXPORTED_FUNCTIONS=@list";
        let other = read(other, dir.path()).unwrap();
        assert_eq!(one.settings, [["-O2"], ["-shared"], ["-sSIDE_MODULE=2"]]);
        assert_eq!(one.settings, other.settings);
        assert_eq!(one.exports.unwrap(), ["f", "g"]);
        assert_eq!(other.object.unwrap(), "b.o");
        let handed_on = other
            .parts
            .iter()
            .filter(|part| matches!(part, Part::HandedOn(_)));
        assert_eq!(handed_on.count(), 5);
    }

    #[test]
    fn what_is_not_known_is_emccs() {
        let dir = folder();
        for words in [
            "a.c",
            "a.bc",
            "o.so",
            "missing.so",
            "a",
            "-x c",
            "-gsource-map",
            "-ggdb",
            "-fsanitize=address",
            "-Wabsolute-paths",
            "-Wl,-Map=m",
            "-Wl,--version",
            "-Wl,-rpath,x",
            "-u x",
            "-L lib",
            "-lx.js",
            "-sASYNCIFY",
            "-sEXPORTED_FUNCTIONS=_f",
            "-sEXPORTED_FUNCTIONS=@none",
            "-sEXPORTED_FUNCTIONS=@main",
            "-sWASM_BIGINT=@file",
            "--pre-js p.js",
            "-v",
            "-c",
            "@list",
        ] {
            let line = format!("{words} a.o -shared -o x.so -sSIDE_MODULE=2");
            assert!(read(&line, dir.path()).is_err(), "{line}");
        }
        for line in [
            "a.o -shared -o x.so",
            "a.o -shared -o x.so -sSIDE_MODULE=0",
            "a.o -shared -sSIDE_MODULE=2",
            "a.o -shared -o /dev/null -sSIDE_MODULE=2",
            "a.o -shared -o x.s\u{f6} -sSIDE_MODULE=2",
        ] {
            assert!(read(line, dir.path()).is_err(), "{line}");
        }
    }

    #[test]
    fn a_library_is_one_that_the_commands_folders_have() {
        let dir = folder();
        let read = |line: &str| {
            let command = read(
                &format!("{line} a.o -shared -o x.so -sSIDE_MODULE=2"),
                dir.path(),
            );
            let parts = command.unwrap().parts;
            parts.into_iter().find_map(|part| match part {
                Part::Library(_, found) => Some(found),
                _ => None,
            })
        };
        let found = dir.path().join("./libfoo.a");
        assert_eq!(read("-Lnone -L. -lfoo"), Some(found.clone()));
        assert_eq!(read("-lfoo -L."), Some(found.clone()));
        assert_eq!(read("-lfoo"), Some(PathBuf::new()));
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let library = |fragment: &[&str], found: &Path| {
            library(&words(fragment), "d/libfoo.a", "-lfoo", found).ok()
        };
        assert_eq!(library(&[], Path::new("")), Some(Vec::new()));
        assert_eq!(library(&["-lfoo"], Path::new("")), None);
        assert_eq!(library(&["-lfoo"], &found), Some(vec!["-lfoo".into()]));
        assert_eq!(library(&["d/libfoo.a"], Path::new("")), None);
        assert_eq!(
            library(&["d/libfoo.a"], &found),
            Some(vec![found.clone().into()])
        );
        assert_eq!(
            library(&["-lfoo-mt"], Path::new("")),
            Some(vec!["-lfoo-mt".into()])
        );
    }
}
