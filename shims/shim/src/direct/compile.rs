//! A compile for emcc, taken apart into what emcc's flags for clang depend on and what it hands to
//! clang as it is.

use crate::direct::answer::Answer;
use crate::direct::reason::Reason;
use flags::classify::{self, Command, Input};
use flags::parse::{self, Arg, Dashes, What};
use flags::rules::{Role, Rule};
use flags::tables;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use toolcall::job::Job;
use toolcall::os_str;
use toolcall::sources::{self, Kind};

pub(super) const LINKS: &str =
    "a link of another kind is emcc's own: libraries, JavaScript, what follows wasm-ld";
const ASKS: &str = "a question to emcc, whose answer may change";
const PRINTS: &str = "emcc itself writes to stderr for it";
const PORT: &str = "emcc builds the port first";
const OWN: &str = "emcc acts on it itself";
const FROM_FILE: &str = "the setting's value is in a file, which may change";
const ODD: &str = "emcc would quote the argument so that its answer is not to be read";
const LIKE_A_FLAG: &str = "emcc takes a value that begins with a dash for a flag";
const MIXED: &str = "emcc has no one set of flags for sources of these kinds together";
const LATE_LANGUAGE: &str = "emcc moves inputs behind -x";
const UNKNOWN_VALUE: &str = "the file after a flag without a rule may be its value";
const BITCODE: &str = "emcc warns of a suffix that is not the file's kind";

/// Flags whose values differ from file to file, or without end, and which emcc hands on as they
/// are wherever they stand. Source: `parse_args` and `phase_setup` of Emscripten 3.1.58 to 6.0.5.
#[rustfmt::skip]
const HANDED_ON: &[&str] = &[
    "-D", "-I", "-MF", "-MJ", "-MQ", "-MT", "-U", "-fdebug-prefix-map=", "-ffile-prefix-map=",
    "-fmacro-prefix-map=", "-idirafter", "-imacros", "-include", "-iquote", "-isystem",
];

/// Flags, by the beginning of their first word, that make emcc do more than find clang's flags.
const NEEDS_EMCC: &[(&str, &str)] = &[
    ("--cache", OWN),
    ("--clear-", OWN),
    ("--compiler-wrapper", OWN),
    ("--post-link", OWN),
    ("--reproduce", OWN),
    ("--use-port", PORT),
    ("-###", PRINTS),
    ("-sUSE_", PORT),
    ("-v", PRINTS),
    // The one warning of emcc's that looks at a value that is handed on.
    ("-Wabsolute-paths", PRINTS),
    ("-Werror=absolute-paths", PRINTS),
    ("-Wwarn-absolute-paths", PRINTS),
];

/// One argument's place in clang's command.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// As it is.
    HandedOn(Vec<OsString>),
    /// What emcc makes of this setting, by its number.
    Setting(usize),
}

/// A compile step, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compile {
    parts: Vec<Part>,
    inputs: Vec<OsString>,
    output: Option<OsString>,
    /// What emcc's flags depend on, in order, each with its value.
    pub settings: Vec<Vec<String>>,
    /// The name of a source of the kind that emcc takes these for.
    pub probe: &'static str,
}

impl Compile {
    /// Takes a command apart, its program left out; `source` is the name of one in the program's
    /// own language.
    ///
    /// # Errors
    /// Why emcc has to run itself.
    pub fn read(words: &[OsString], source: &'static str) -> Result<Self, Reason> {
        let args = parse::parse(tables::DRIVER, Dashes::Named, words);
        let command = classify::classify(&args);
        if matches!(command.job, Job::Query | Job::Forward) {
            return Err(ASKS.into());
        }
        if !matches!(command.job, Job::Compile | Job::Preprocess | Job::Assemble) {
            return Err(LINKS.into());
        }
        let mut compile = Self {
            parts: Vec::with_capacity(args.len()),
            inputs: Vec::new(),
            output: None,
            settings: Vec::new(),
            probe: probe(&command, source)?,
        };
        let mut unknown = false;
        for arg in &args {
            if arg.input().is_some() && unknown {
                return Err(UNKNOWN_VALUE.into());
            }
            unknown = arg.what == What::Unknown;
            compile.take(arg)?;
        }
        if compile.output.as_deref().map(sources::suffix) == Some(OsStr::new("bc")) {
            return Err(BITCODE.into());
        }
        Ok(compile)
    }

    fn take(&mut self, arg: &Arg) -> Result<(), Reason> {
        let words = &arg.words;
        let dashed =
            |word: &OsString| word.is_empty() || word != "-" && os_str::starts_with(word, "-");
        if words[1..].iter().any(dashed) && !may_dash(arg) {
            return Err(LIKE_A_FLAG.into());
        }
        if let Some(path) = arg.input() {
            self.inputs.push(path.to_owned());
        } else if arg.role() == Some(Role::Output) {
            self.output = arg.value().map(OsStr::to_owned);
        } else if is_handed_on(arg) {
            self.parts.push(Part::HandedOn(words.clone()));
        } else {
            if arg.role() == Some(Role::Language) && !self.inputs.is_empty() {
                return Err(LATE_LANGUAGE.into());
            }
            self.parts.push(Part::Setting(self.settings.len()));
            self.settings.push(setting(arg)?);
        }
        Ok(())
    }

    /// clang's command, program first.
    #[must_use]
    pub fn for_clang(&self, answer: &Answer) -> Vec<OsString> {
        let os = |words: &[String]| words.iter().map(OsString::from).collect::<Vec<_>>();
        let mut argv = os(&answer.before);
        for part in &self.parts {
            match part {
                Part::HandedOn(words) => argv.extend(words.iter().cloned()),
                Part::Setting(number) => argv.extend(os(&answer.settings[*number])),
            }
        }
        argv.extend(os(&answer.after));
        argv.extend(self.inputs.iter().cloned());
        if let Some(output) = &self.output {
            argv.extend(["-o".into(), output.clone()]);
        }
        argv
    }
}

/// A source of these sources' kind: emcc goes by the suffix, and compiles a header without `-c`.
fn probe(command: &Command, source: &'static str) -> Result<&'static str, Reason> {
    let inputs = &command.inputs;
    let all = |is: &dyn Fn(&Input) -> bool| inputs.iter().all(is);
    let any = |is: &dyn Fn(&Input) -> bool| inputs.iter().any(is);
    let assembly = |input: &Input| sources::suffix(&input.path) == "s";
    let header = |input: &Input| sources::kind(&input.path) == Kind::Header;
    match () {
        () if inputs.is_empty() => Err(MIXED.into()),
        () if all(&assembly) => Ok("probe.s"),
        () if all(&header) => Ok("probe.h"),
        () if any(&assembly) || any(&header) => Err(MIXED.into()),
        () => Ok(source),
    }
}

/// Whether emcc hands an argument on to clang as it is.
pub(super) fn is_handed_on(arg: &Arg) -> bool {
    let named = |rule: &Rule| HANDED_ON.binary_search(&rule.name).is_ok();
    arg.rule().is_some_and(named) && arg.value().is_some()
}

/// Flags whose value emcc knows to be one, whatever it looks like.
fn may_dash(arg: &Arg) -> bool {
    arg.rule()
        .is_some_and(|rule| matches!(rule.name, "-Xclang" | "-mllvm"))
}

/// A setting's words, if emcc's answer shows them as they are.
fn setting(arg: &Arg) -> Result<Vec<String>, Reason> {
    let first = arg.words[0].to_string_lossy();
    let word = |word: &OsString| {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || b"%+,-./:=@_~#".contains(b);
        let text = word.to_str().filter(|_| word.as_bytes().iter().all(plain));
        text.filter(|text| !text.is_empty())
            .map(str::to_owned)
            .ok_or_else(|| because(&first, ODD))
    };
    if let Some((_, why)) = NEEDS_EMCC.iter().find(|(name, _)| first.starts_with(name)) {
        return Err(because(&first, why));
    }
    if arg.role() == Some(Role::Setting) {
        let value = arg.value().unwrap_or_default().to_string_lossy();
        if value.starts_with("USE_") {
            return Err(because(&value, PORT));
        }
        if value.contains("=@") {
            return Err(because(&value, FROM_FILE));
        }
    }
    arg.words.iter().map(word).collect()
}

fn because(argument: &str, why: &str) -> Reason {
    format!("{argument}: {why}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<OsString> {
        line.split_whitespace().map(OsString::from).collect()
    }

    fn read(line: &str) -> Result<Compile, Reason> {
        Compile::read(&words(line), "probe.c")
    }

    #[test]
    fn the_table_is_sorted() {
        assert!(HANDED_ON.is_sorted());
    }

    #[test]
    fn what_differs_from_file_to_file_is_no_setting() {
        let one = read("-O2 -Ia -DX=1 -c a.c -o a.o -MMD -MF a.d").unwrap();
        let other = read("-O2 -I b -DY -D Z -c d/b.c -MMD -MT b -MF b.d").unwrap();
        assert_eq!(one.settings, [["-O2"], ["-c"], ["-MMD"]]);
        assert_eq!(one.settings, other.settings);
    }

    #[test]
    fn clangs_command_keeps_the_order_and_ends_with_inputs_and_output() {
        let compile = read("-Ia a.c -g1 -DX -sFOO=1 -c -o a.o").unwrap();
        let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let answer = Answer {
            before: list(&["/clang", "--target"]),
            settings: vec![list(&["-g0"]), list(&[]), list(&["-c"])],
            after: list(&["-after"]),
        };
        assert_eq!(
            toolcall::display::shell(&compile.for_clang(&answer)),
            "/clang --target -Ia -g0 -DX -c -after a.c -o a.o"
        );
    }

    #[test]
    fn what_is_emccs_own_says_why() {
        for (line, why) in [
            ("a.o -o a", LINKS),
            ("a.c", LINKS),
            ("-c a.c -v", PRINTS),
            ("-c a.c -sUSE_ZLIB", PORT),
            ("-c a.c -s USE_ZLIB=1", PORT),
            ("-c a.c --use-port=zlib", PORT),
            ("-c a.c -sEXPORTED_FUNCTIONS=@list", FROM_FILE),
            ("-c a.c -include -O2", LIKE_A_FLAG),
            ("-c a.c b.s", MIXED),
            ("a.h a.c -c", MIXED),
            ("-c a.c -x c++", LATE_LANGUAGE),
            ("-c -Wabsolute-paths a.c", PRINTS),
            ("-c -ftime-trace=\"x a.c", ODD),
            ("-c --no-such-flag a.c", UNKNOWN_VALUE),
            ("-c a.c -o a.bc", BITCODE),
        ] {
            let reason = read(line).unwrap_err();
            assert!(reason.ends_with(why), "{line}: {reason}");
        }
    }

    #[test]
    fn every_kind_of_compile_is_one() {
        for line in [
            "-E a.c",
            "-M a.c",
            "-S a.c -o -",
            "-fsyntax-only a.c",
            "-x c - -c -o a.o",
            "a.hpp -o a.hpp.gch",
            "-c a.s",
            "-Xclang -fno-pch-timestamp -c a.c",
        ] {
            assert!(read(line).is_ok(), "{line}");
        }
        for (line, probe) in [
            ("-c a.s", "probe.s"),
            ("-c a.S", "probe.c"),
            ("a.hh", "probe.h"),
        ] {
            assert_eq!(read(line).unwrap().probe, probe, "{line}");
        }
    }
}
