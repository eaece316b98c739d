//! `strip` and `objcopy` of programs that are scripts. There is nothing in one that could be taken away, so
//! what only takes away leaves it as it is, or makes a copy of it; anything else is refused. `strip` in place,
//! of any number of files, is the matter of [`crate::binutils`].

use crate::context::Context;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use toolcall::builtin::PlaceOutput;
use toolcall::decision::{Decision, Ruling};
use toolcall::job::Job;
use toolcall::os_str;
use toolcall::plan::{Plan, Step};

/// Names the file that has a program's debug information.
pub(crate) const DEBUG_LINK: &str = "--add-gnu-debuglink";

/// Options of GNU's `strip` and `objcopy` that take something away or say how, and whether a value follows.
const TAKE_AWAY: &[(&str, bool)] = &[
    ("--disable-deterministic-archives", false),
    ("--discard-all", false),
    ("--discard-locals", false),
    ("--enable-deterministic-archives", false),
    ("--keep-section", true),
    ("--keep-symbol", true),
    ("--preserve-dates", false),
    ("--remove-section", true),
    ("--strip-all", false),
    ("--strip-debug", false),
    ("--strip-symbol", true),
    ("--strip-unneeded", false),
    ("--verbose", false),
    ("--wildcard", false),
    ("-D", false),
    ("-K", true),
    ("-N", true),
    ("-R", true),
    ("-S", false),
    ("-U", false),
    ("-X", false),
    ("-d", false),
    ("-g", false),
    ("-p", false),
    ("-s", false),
    ("-v", false),
    ("-w", false),
    ("-x", false),
    (DEBUG_LINK, true),
];

const RULE: &str = "strip/program";
const NOTHING_THERE: &str = "the program is a script with its code inside, which has no sections and no \
                             debug information of its own: link it with `-sSINGLE_FILE=0`, and give the \
                             `.wasm` file beside it";
const CODE_BESIDE: &str = "the program is a script, and its code is in the `.wasm` file beside it, which \
                           the result would not find: copy both, and strip the `.wasm` file";

/// What a call asks for.
#[derive(Default)]
struct Asked {
    files: Vec<OsString>,
    /// What `-o` names.
    output: Option<OsString>,
    /// The first option that is none of [`TAKE_AWAY`].
    other: Option<OsString>,
}

impl Asked {
    fn of(args: &[OsString]) -> Self {
        let mut asked = Self::default();
        let mut rest = args.iter();
        while let Some(word) = rest.next() {
            let known = |(name, value): &&(&str, bool)| {
                word == name || *value && os_str::starts_with(word, name)
            };
            let known = TAKE_AWAY.iter().find(known);
            if word == "-o" {
                asked.output = rest.next().cloned();
            } else if let Some(name) = os_str::strip_prefix(word, "-o") {
                asked.output = Some(name.to_owned());
            } else if let Some((name, value)) = known {
                if *value && word == name {
                    let _ = rest.next();
                }
            } else if word.as_bytes().starts_with(b"-") {
                asked.other = asked.other.or_else(|| Some(word.clone()));
            } else {
                asked.files.push(word.clone());
            }
        }
        asked
    }
}

/// The plan of a call that is about one script, unless it is `strip` in place.
pub(crate) fn plan(context: &Context, tool: &str) -> Option<Plan> {
    let Asked {
        files,
        output,
        other,
    } = Asked::of(&context.expanded.args);
    let (input, output) = match (&files[..], output) {
        ([input], Some(output)) => (input, output),
        ([input], None) if tool == "llvm-objcopy" => (input, input.clone()),
        ([input, output], None) if tool == "llvm-objcopy" => (input, output.clone()),
        _ => return None,
    };
    let word = std::slice::from_ref(input);
    let refused = |why| {
        let why = Decision::about(word, RULE, &Ruling::refuse(why));
        Some(Plan::of(Job::Forward, Vec::new()).decide(vec![why]))
    };
    let ruling = match stripped(context, input) {
        Ruling::Replace(..) if output != *input => return refused(CODE_BESIDE),
        Ruling::Drop(_) if other.is_some() => return refused(NOTHING_THERE),
        ruling @ Ruling::Drop(_) => ruling,
        _ => return None,
    };
    let copy = PlaceOutput {
        output: output.clone(),
        words: word.to_vec(),
    };
    let steps = match output == *input {
        true => Vec::new(),
        false => vec![Step::built_in(copy.argv(), vec![output])],
    };
    let mut plan = Plan::of(Job::Forward, steps);
    plan.inputs = word.to_vec();
    Some(plan.decide(vec![Decision::about(word, RULE, &ruling)]))
}

/// What to strip for an argument: a program is JavaScript with its code in a `.wasm` file next to it,
/// or inside.
pub(crate) fn stripped(context: &Context, word: &OsStr) -> Ruling {
    let path = context.invocation.cwd.join(word);
    let module = Path::new(word).with_extension("wasm");
    let start = (!word.as_bytes().starts_with(b"-") && module.as_os_str() != word)
        .then(|| context.files.read(&path))
        .flatten();
    match start {
        Some(bytes) if bytes.starts_with(b"\0asm") => Ruling::Keep,
        // One that names no file of its own has its code inside, whatever lies beside it.
        Some(bytes) if bytes.starts_with(b"#!") && !names(&bytes, &module) => {
            match memchr::memmem::find(&bytes, RUNTIME).is_some() {
                true => Ruling::Drop(INSIDE.into()),
                false => Ruling::Keep,
            }
        }
        Some(_) if context.files.exists(&context.invocation.cwd.join(&module)) => {
            Ruling::Replace(vec![module.into_os_string()], BESIDE.into())
        }
        _ => Ruling::Keep,
    }
}

/// Whether a script names a file that lies beside it: in quotes, for code that is inside has a name too when it
/// has debug information.
fn names(script: &[u8], file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().as_bytes();
    let quoted = |quote: &[u8]| [quote, name, quote].concat();
    let spellings = [b"\"", b"'", b"`"].map(|quote| quoted(quote));
    let has = |spelling: &Vec<u8>| memchr::memmem::find(script, spelling).is_some();
    spellings.iter().any(has)
}

/// What emcc's scripts have in them, of whatever form they are.
const RUNTIME: &[u8] = b"ENVIRONMENT_IS_NODE";

const BESIDE: &str = "a program's code is in the .wasm file next to its script";
const INSIDE: &str = "the program is a script with its code inside, which has no symbols";
