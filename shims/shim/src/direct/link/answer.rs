//! What emcc says that it runs for a link.
//!
//! emcc links an object of ours and shows the commands (`EMCC_VERBOSE`). Between the words that it hands
//! to wasm-ld stand markers, folders that are not there: what stands between two of them is what it
//! makes of that setting, what stands before the first and behind the last is its own. The object has the
//! features of the link that asks, which emcc tells wasm-opt. So nothing of emcc's own logic has to be
//! known here, and an answer with anything in it that is not known is none.

use super::makes::Makes;
use super::object;
use crate::direct::answer::fragments;
use crate::direct::reason::Reason;
use planner::expand;
use serde::{Deserialize, Serialize};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// A word of a command that emcc runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Word {
    /// As it is.
    Plain(String),
    /// The module.
    Output,
    /// One for each export, with this before its name.
    Exports(String),
    /// The file that says what JavaScript defines.
    Symbols,
}

/// wasm-ld's command for a set of settings.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Linker {
    /// wasm-ld, and what emcc puts before the caller's words.
    pub(super) before: Vec<Word>,
    /// What becomes of each setting.
    pub(super) settings: Vec<Vec<String>>,
    /// What emcc puts behind the caller's words.
    pub(super) after: Vec<Word>,
    /// What the file says of which JavaScript defines what, in a program's link.
    #[serde(default)]
    pub(super) symbols: Option<String>,
    /// What emcc itself says of the settings, in lines.
    #[serde(default)]
    pub(super) told: String,
}

/// What is asked about.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The settings.
    pub(super) settings: &'a [Vec<String>],
    /// Whether exports are asked for.
    pub(super) exports: bool,
    /// The output's suffix.
    pub(super) suffix: &'a str,
    /// What the link makes.
    pub(super) makes: Makes,
}

/// The commands that work on the module afterwards, for a set of settings and the module's features.
pub(super) type Rest = Vec<Work<Word>>;

/// A command that works on a module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work<W> {
    /// A program's.
    Program(Vec<W>),
    /// That of a step of emshim's own, which does what a program would.
    Own(Vec<W>),
}

/// The object of the question, and the folder of its libraries, in the folder where it is asked.
pub(super) const OBJECT: &str = "emshim-object.o";
pub(super) const LIBRARIES: &str = "emshim-libraries";
const OUTPUT: &str = "emshim-output";
/// The folder, in that one, of emcc's intermediate files: it leaves them there.
pub(super) const INTERMEDIATE: &str = "emshim-intermediate";
/// How the name of the file ends by which wasm-ld knows what JavaScript defines.
const SYMBOLS: &str = "libemscripten_js_symbols.so";

/// Programs that work on the module alone, and whose arguments say all that they do.
const TOOLS: &[&str] = &["llvm-objcopy", "wasm-emscripten-finalize", "wasm-opt"];
/// Scripts that make a program's JavaScript, and do nothing to its code.
const SCRIPTS: &[&str] = &["acorn-optimizer.mjs", "compiler.mjs"];
/// The warning of emcc's that speaks of the settings alone, and follows what wasm-ld has to say.
const OF_SETTINGS: (&str, &str) = ("emcc: warning: ", "[-Wlimited-postlink-optimizations]");
/// What emcc says where it leaves its intermediate files.
const LEFT: &str = "not cleaning up temp files";
/// How emcc finds out its compiler's version.
const VERSION: [&str; 2] = ["clang", "--version"];

const SAID_MORE: &str = "emcc has something to say about these settings";
const UNREADABLE: &str = "emcc's commands for these settings are not to be read";

fn marker(number: usize) -> String {
    format!("-Lemshim-at-{number}")
}

/// The name of the question's output.
pub(super) fn output(suffix: &str) -> String {
    match suffix {
        "" => OUTPUT.to_owned(),
        suffix => format!("{OUTPUT}.{suffix}"),
    }
}

/// A library of the question, as emcc finds it there.
pub(super) fn library(name: &str) -> String {
    format!("{LIBRARIES}/lib{name}.a")
}

/// emcc's arguments that ask.
pub(super) fn question(asked: Asked) -> Vec<String> {
    let mut words = vec![format!("-L{LIBRARIES}"), marker(0)];
    for (number, setting) in asked.settings.iter().enumerate() {
        words.extend(setting.iter().cloned());
        words.push(marker(number + 1));
    }
    words.extend([OBJECT.into(), "-o".into(), output(asked.suffix)]);
    let exports = || format!("-sEXPORTED_FUNCTIONS=_{}", object::EXPORT);
    words.extend(asked.exports.then(exports));
    words
}

/// Reads what emcc wrote to stderr when it was asked in `folder`.
///
/// # Errors
/// Why these settings need emcc itself: it warns about them, or does more than is known here.
pub(super) fn read(stderr: &str, asked: Asked, folder: &Path) -> Result<(Linker, Rest), Reason> {
    let mut linker: Option<Linker> = None;
    let mut rest = Vec::new();
    let program = asked.makes == Makes::Program;
    for line in stderr.lines().filter(|line| !line.is_empty()) {
        if program && line.starts_with(LEFT) {
            continue;
        }
        if let Some(linker) = &mut linker
            && line.starts_with(OF_SETTINGS.0)
            && line.ends_with(OF_SETTINGS.1)
        {
            linker.told.push_str(line);
            linker.told.push('\n');
            continue;
        }
        let command = line
            .strip_prefix(' ')
            .filter(|text| text.starts_with(['/', '"']));
        let command = command.ok_or_else(|| Reason::from(format!("{SAID_MORE}: {line}")))?;
        let words = split(command).ok_or(UNREADABLE)?;
        match name(&words[0]) {
            tool if tool == VERSION[0] && words[1..] == VERSION[1..] => {}
            "wasm-ld" if linker.is_none() => linker = Some(read_linker(words, asked, folder)?),
            tool if linker.is_some() && TOOLS.contains(&tool) => {
                let (words, _) = read_words(words, asked, folder).ok_or(UNREADABLE)?;
                rest.push(Work::Program(words));
            }
            _ if program && makes_javascript(&words) => {}
            tool => return Err(format!("{UNREADABLE}: {tool}").into()),
        }
    }
    Ok((linker.ok_or(UNREADABLE)?, rest))
}

fn name(path: &str) -> &str {
    let name = Path::new(path).file_name().and_then(OsStr::to_str);
    name.unwrap_or_default()
}

/// Whether Node runs a script that makes JavaScript of JavaScript.
fn makes_javascript(words: &[String]) -> bool {
    let script = words.get(1).map_or("", |script| name(script));
    SCRIPTS.contains(&script) && !words.iter().any(|word| word.contains(".wasm"))
}

fn read_linker(words: Vec<String>, asked: Asked, folder: &Path) -> Result<Linker, Reason> {
    let settings = asked.settings.len();
    let (mut between, rest) = fragments(&words, settings, marker).ok_or(UNREADABLE)?;
    let mut before = between.remove(0);
    let libraries = format!("-L{LIBRARIES}");
    let own = |word: &String| *word == libraries;
    let object = rest.iter().position(|word| word == OBJECT);
    let (folders, after) = rest.split_at(object.ok_or(UNREADABLE)?);
    // Emscripten before 4 puts its own folder behind the last flag, and wasm-ld reads all folders first.
    if !folders.iter().all(|word| word.starts_with("-L/")) {
        return Err(UNREADABLE.into());
    }
    let after = [folders, &after[1..]].concat();
    if before.pop().as_ref().is_none_or(|word| !own(word)) {
        return Err(UNREADABLE.into());
    }
    let (before, first) = read_words(before, asked, folder).ok_or(UNREADABLE)?;
    let (after, last) = read_words(after, asked, folder).ok_or(UNREADABLE)?;
    let all = || before.iter().chain(&after);
    let places = all()
        .filter(|word| matches!(word, Word::Exports(_)))
        .count();
    let outputs = all().filter(|word| **word == Word::Output).count();
    let dummy = |word: &String| {
        let own = [OUTPUT, object::EXPORT, INTERMEDIATE];
        own.iter().any(|name| word.contains(name))
    };
    if places != usize::from(asked.exports)
        || outputs != 1
        || first.is_some() && last.is_some()
        || between.iter().flatten().any(dummy)
    {
        return Err(UNREADABLE.into());
    }
    Ok(Linker {
        before,
        settings: between,
        after,
        symbols: first.or(last),
        told: String::new(),
    })
}

/// The words of a command, if nothing of the question is in them that is not known, and what the file of
/// JavaScript's symbols says that they name.
fn read_words(
    words: Vec<String>,
    asked: Asked,
    folder: &Path,
) -> Option<(Vec<Word>, Option<String>)> {
    let program = asked.makes == Makes::Program;
    let output = match program {
        true => output("wasm"),
        false => output(asked.suffix),
    };
    let intermediate = folder.join(INTERMEDIATE);
    // emcc links a program's code among its intermediate files.
    let is_output = |word: &str| match program {
        true => Path::new(word).starts_with(&intermediate) && name(word) == output,
        false => word == output,
    };
    let mut symbols = None;
    let mut read = |word: String| match word.strip_suffix(object::EXPORT) {
        Some(before) if before.starts_with("--export") => Some(Word::Exports(before.to_owned())),
        _ if is_output(&word) => Some(Word::Output),
        _ if program && symbols.is_none() && word.ends_with(SYMBOLS) => {
            symbols = Some(std::fs::read_to_string(&word).ok()?);
            Some(Word::Symbols)
        }
        _ if word.contains("emshim-") || word.contains(object::EXPORT) => None,
        // A response file of emcc's, which is gone.
        _ if word.starts_with('@') => None,
        _ => Some(Word::Plain(word)),
    };
    let words = words.into_iter().map(&mut read).collect::<Option<_>>()?;
    Some((words, symbols))
}

/// The words of a line of emcc's, which quotes them for a shell. With backslashes, response files are
/// read otherwise than by a shell.
fn split(line: &str) -> Option<Vec<String>> {
    let words = (!line.contains('\\')).then(|| expand::split(line.as_bytes()))?;
    let words: Result<Vec<String>, OsString> =
        words.into_iter().map(OsString::into_string).collect();
    words.ok().filter(|words| !words.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Vec<Vec<String>> {
        vec![vec!["-O2".to_owned()], vec!["-lfoo".to_owned()]]
    }

    fn asked(settings: &[Vec<String>], exports: bool) -> Asked<'_> {
        Asked {
            settings,
            exports,
            suffix: "so",
            makes: Makes::Module,
        }
    }

    fn read(stderr: &str, settings: usize, exports: bool) -> Result<(Linker, Rest), Reason> {
        let settings = vec![Vec::new(); settings];
        super::read(stderr, asked(&settings, exports), Path::new("/q"))
    }

    const OPT: &str =
        " /b/wasm-opt '--pass-arg=a@b c' -O2 emshim-output.so -o emshim-output.so --mvp-features\n";

    fn stderr(linker: &str) -> String {
        format!(" /l/clang --version\n \"/l l/wasm-ld\" {linker}\n{OPT}")
    }

    #[test]
    fn commands_are_read_with_their_places() {
        let linker = "-o emshim-output.so --export=emshim_defined_here -Lemshim-libraries -Lemshim-at-0 \
                      -Lemshim-at-1 emshim-libraries/libfoo.a -Lemshim-at-2 emshim-object.o '-L/a b' -mllvm";
        let (linker, rest) = read(&stderr(linker), 2, true).unwrap();
        let plain = |word: &str| Word::Plain(word.to_owned());
        let exports = Word::Exports("--export=".to_owned());
        assert_eq!(
            linker.before,
            [plain("/l l/wasm-ld"), plain("-o"), Word::Output, exports]
        );
        assert_eq!(
            linker.settings,
            [vec![], vec!["emshim-libraries/libfoo.a".to_owned()]]
        );
        assert_eq!(linker.after, [plain("-L/a b"), plain("-mllvm")]);
        let [Work::Program(opt)] = rest.as_slice() else {
            panic!("{rest:?}");
        };
        let places = opt.iter().filter(|word| **word == Word::Output);
        assert_eq!(places.count(), 2);
        assert_eq!(opt[1], plain("--pass-arg=a@b c"));
    }

    #[test]
    fn an_answer_with_more_in_it_is_none() {
        let good = "-o emshim-output.so -Lemshim-libraries -Lemshim-at-0 -Lemshim-at-1 -Lemshim-at-2 \
                    emshim-object.o";
        assert!(read(&stderr(good), 2, false).is_ok());
        assert!(
            read(&stderr(good), 2, true).is_err(),
            "no place for the exports"
        );
        for (from, to) in [
            ("-Lemshim-at-1", "-Lemshim-at-2"),
            ("-Lemshim-libraries", "-Lother -Lemshim-libraries -Lbehind"),
            ("emshim-object.o", "/tmp/x emshim-object.o"),
            ("emshim-object.o", "emshim-object.o @/tmp/file"),
            ("emshim-object.o", "emshim-object.o -Map=emshim-output.map"),
            ("-Lemshim-at-1", "a\\\\b -Lemshim-at-1"),
        ] {
            let changed = good.replace(from, to);
            assert!(read(&stderr(&changed), 2, false).is_err(), "{changed}");
        }
        for line in [
            "emcc: warning: something\n",
            " /l/wasm-ld again\n",
            " /l/wasm-metadce emshim-output.so\n",
            " /b/wasm-opt emshim-output.so --input-source-map=emshim-output.so.map\n",
            "cache:INFO: generating\n",
        ] {
            let more = stderr(good) + line;
            assert!(read(&more, 2, false).is_err(), "{line}");
        }
    }

    #[test]
    fn a_question_marks_every_setting() {
        let words = question(asked(&settings(), true)).join(" ");
        assert_eq!(
            words,
            "-Lemshim-libraries -Lemshim-at-0 -O2 -Lemshim-at-1 -lfoo -Lemshim-at-2 emshim-object.o \
             -o emshim-output.so -sEXPORTED_FUNCTIONS=_emshim_defined_here"
        );
    }
}
