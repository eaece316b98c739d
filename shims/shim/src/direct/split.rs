//! One command that compiles and links a program, as two: the compile is then clang's, and the link one of
//! an object.

use crate::direct::link;
use crate::direct::reason::Reason;
use flags::parse::{self, Arg, Dashes};
use flags::rules::Role;
use flags::tables;
use std::ffi::{OsStr, OsString};
use std::path::Path;
use toolcall::os_str;
use toolcall::sources::{self, Kind};

const SEVERAL: &str =
    "emcc compiles several sources, or one of another language than C and C++, itself";
const MORE: &str = "nobody has said that a compile and a link by themselves do the same with it";

/// Flags, by their beginnings, that a compile and a link by themselves take as the one command does, and
/// that make no file beside the object.
#[rustfmt::skip]
const BOTH: &[&str] = &[
    "-D", "-I", "-O", "-U", "-W", "-fPIC", "-fPIE", "-fdiagnostics-", "-fexceptions", "-ffast-math",
    "-ffile-prefix-map=", "-finline", "-fmacro-prefix-map=", "-fno-", "-fomit-frame-pointer",
    "-fpermissive", "-fpic", "-fpie", "-frtti", "-fsigned-char", "-fstack-protector", "-fstrict-",
    "-funsigned-char", "-fvisibility", "-fwasm-exceptions", "-fwrapv", "-g", "-idirafter", "-imacros",
    "-include", "-iquote", "-isystem", "-m", "-pedantic", "-pipe", "-s", "-std=", "-w",
];

/// Those that begin like one of [`BOTH`] and are none.
const NOT_BOTH: &[&str] = &[
    "-Wa,",
    "-Wp,",
    "-gsplit-dwarf",
    "-include-pch",
    "-mllvm",
    "-save-temps",
];

/// Flags of the link alone, by the names of their rules.
const OF_LINKS: &[&str] = &["-L", "-Wl,", "-Xlinker", "-l"];

/// A command that compiles and links, as two.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Split {
    /// The compile's words, without its program.
    pub(super) compile: Vec<OsString>,
    /// The link's.
    pub(super) link: Vec<OsString>,
    /// What the one makes and the other reads.
    pub(super) object: OsString,
}

impl Split {
    /// Takes the words behind a driver's name; `None` where there is nothing to compile. The object goes
    /// into `work_dir`.
    ///
    /// # Errors
    /// Why it has to stay one command.
    pub(super) fn of(words: &[OsString], work_dir: &Path) -> Option<Result<Self, Reason>> {
        let args = parse::parse(tables::DRIVER, Dashes::Named, words);
        let source = |path: &&OsStr| sources::kind(path).is_source();
        let mut sources = args.iter().filter_map(Arg::input).filter(source);
        let source = sources.next()?;
        let known = matches!(sources::kind(source), Kind::C | Kind::Cxx);
        if !known || sources.next().is_some() {
            return Some(Err(SEVERAL.into()));
        }
        let mut object = Path::new(source).file_stem()?.to_owned();
        object.push(".o");
        let mut split = Self {
            compile: Vec::with_capacity(words.len() + 3),
            link: Vec::with_capacity(words.len()),
            object: work_dir.join(object).into_os_string(),
        };
        for arg in &args {
            if let Err(why) = split.take(arg, source) {
                return Some(Err(why));
            }
        }
        split
            .compile
            .extend(["-c".into(), "-o".into(), split.object.clone()]);
        Some(Ok(split))
    }

    fn take(&mut self, arg: &Arg, source: &OsStr) -> Result<(), Reason> {
        let words = || arg.words.iter().cloned();
        if arg.input() == Some(source) {
            self.compile.extend(words());
            self.link.push(self.object.clone());
        } else if is_for_links(arg) {
            self.link.extend(words());
        } else if is_for_both(arg) {
            self.compile.extend(words());
            self.link.extend(words());
        } else {
            return Err(format!("{}: {MORE}", arg.words[0].display()).into());
        }
        Ok(())
    }
}

fn is_for_links(arg: &Arg) -> bool {
    let named = |name: &&str| OF_LINKS.contains(name);
    let setting = || {
        let value = arg.value().and_then(OsStr::to_str).unwrap_or_default();
        let name = value.split('=').next().unwrap_or_default();
        link::OF_PROGRAMS.contains(&name)
    };
    arg.input().is_some()
        || arg.role() == Some(Role::Output)
        || arg.rule().map(|rule| rule.name).as_ref().is_some_and(named)
        || arg.role() == Some(Role::Setting) && setting()
}

fn is_for_both(arg: &Arg) -> bool {
    let begins = |all: &[&str]| {
        all.iter()
            .any(|start| os_str::starts_with(&arg.words[0], start))
    };
    begins(BOTH) && !begins(NOT_BOTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(line: &str) -> Option<Result<Split, Reason>> {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        Split::of(&words, Path::new("/w"))
    }

    #[test]
    fn each_command_gets_its_own_words() {
        let line =
            "-O2 -L. d/t.c x.o -lm -DX -I inc -sSINGLE_FILE=1 -sSUPPORT_LONGJMP=wasm -Wl,-s -o t";
        let split = split(line).unwrap().unwrap();
        let text = |words: &[OsString]| words.join(OsStr::new(" ")).into_string().unwrap();
        assert_eq!(
            text(&split.compile),
            "-O2 d/t.c -DX -I inc -sSUPPORT_LONGJMP=wasm -c -o /w/t.o"
        );
        assert_eq!(
            text(&split.link),
            "-O2 -L. /w/t.o x.o -lm -DX -I inc -sSINGLE_FILE=1 -sSUPPORT_LONGJMP=wasm -Wl,-s -o t"
        );
    }

    #[test]
    fn what_makes_more_than_an_object_stays_one_command() {
        for line in [
            "a.c b.c",
            "a.S",
            "a.f",
            "a.h",
            "-x c a.c",
            "-MD a.c",
            "-MMD -MF x a.c",
            "--coverage a.c",
            "-save-temps a.c",
            "-fprofile-arcs a.c",
            "-ftime-trace a.c",
            "-gsplit-dwarf a.c",
            "-Wp,-MD,x a.c",
            "-pthread a.c",
            "-fsanitize=address a.c",
            "--no-such-flag a.c",
        ] {
            assert!(split(line).unwrap().is_err(), "{line}");
        }
        assert_eq!(split("a.o -o a"), None);
    }
}
