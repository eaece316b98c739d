//! The `run` script of a bundle: plain sh, for people to read and change.

use crate::driver;
use call_log::format::schema::Begin;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write as _;
use toolcall::config::EmscriptenConfig;
use toolcall::display;
use toolcall::outcome::Exit;
use toolcall::plan::Step;

/// Stands for the folder of the bundle's files in a path.
pub(super) const ROOT: &str = "\u{1}root\u{1}";
/// Stands for Emscripten's folder.
pub(super) const EMSCRIPTEN: &str = "\u{1}emscripten\u{1}";
/// Stands for the folder of clang.
pub(super) const LLVM: &str = "\u{1}llvm\u{1}";
/// Stands for the target's headers and libraries.
pub(super) const SYSROOT: &str = "\u{1}sysroot\u{1}";

/// Variables that change what the tools make, whose values are carried over; a name that ends in
/// `*` stands for all that begin so.
const CARRIED: &[&str] = &[
    "EMCC_*",
    "EMMAKEN_*",
    "EMSHIM_CFLAGS",
    "EMSHIM_CXXFLAGS",
    "EMSHIM_EXPORTS",
    "EMSHIM_LDFLAGS",
    "EMSHIM_PATCHES",
    "EMSHIM_REPAIR",
    "LANG",
    "LC_*",
    "SOURCE_DATE_EPOCH",
    "TZ",
];

/// Variables by which Emscripten and emshim are found on the other machine.
const THEIRS: &[&str] = &[
    "EMSHIM_HOME",
    "EMSCRIPTEN_ROOT",
    "EMSDK",
    "EMSDK_NODE",
    "EMSDK_PYTHON",
    "EM_CACHE",
    "EM_CONFIG",
    "HOME",
    "LLVM_BIN",
    "PATH",
    "TMPDIR",
];

/// What a script is made from.
pub(super) struct Script<'a> {
    pub call: &'a Begin,
    pub emscripten: &'a EmscriptenConfig,
    /// Emscripten's folder here, links resolved.
    pub emscripten_real: String,
    /// Its cache, likewise.
    pub cache_real: String,
    pub env: &'a BTreeMap<String, String>,
    /// Commands whose paths begin with the names above.
    pub steps: Vec<Step>,
    /// Whether emshim runs these, and finds Emscripten itself.
    pub needs_emshim: bool,
    pub exit: Exit,
}

impl Script<'_> {
    pub(super) fn text(&self) -> String {
        let mut text = format!(
            "#!/bin/sh\n\
             # Reproduces call {id} of emshim, which began with\n\
             #   {command}\n\
             # Needs {needs}.\n\
             # Ends with 0 if the same bytes, or the same errors, come out.\n",
            id = self.call.id,
            command = display::shell(&self.call.argv).replace('\n', " "),
            needs = match self.needs_emshim {
                true => "emshim in PATH: what failed was a step of its own".to_owned(),
                false => format!(
                    "Emscripten {}: emcc in PATH, or its folder in EMSCRIPTEN_ROOT",
                    self.emscripten.version
                ),
            },
        );
        let theirs: String = THEIRS
            .iter()
            .map(|name| format!(" ${{{name}+{name}=\"${name}\"}}"))
            .collect();
        // Once without all other variables.
        let _ = write!(
            text,
            "[ \"${{BUNDLE_ENV-}}\" ] || exec env -i BUNDLE_ENV=1{theirs} sh \"$0\" \"$@\"\n\
             here=$(cd \"$(dirname \"$0\")\" && pwd)\n\
             root=$here/root\n"
        );
        if self.needs_emshim {
            text += FIND_EMSHIM;
        } else {
            let _ = write!(text, "wanted={}\n{FIND}", self.emscripten.version);
        }
        for (name, value) in self.env.iter().filter(|(name, _)| carried(name)) {
            let _ = writeln!(text, "export {name}={}", shell_words::quote(value));
        }
        let cwd = format!("{ROOT}{}", self.call.cwd.to_string_lossy());
        let _ = write!(
            text,
            "cd {} || exit 2\n: > \"$here/printed\"\n\n\
             status=0\n",
            word(&cwd.into())
        );
        for step in &self.steps {
            let _ = writeln!(
                text,
                "if [ $status = 0 ]; then\n    {}\n    status=$?\nfi",
                self.command(step)
            );
        }
        let expected = match self.exit {
            Exit::Exit(status) => status,
            // As a shell tells it.
            Exit::Signal(signal) => 128 + signal,
        };
        let _ = write!(text, "\nexpected={expected}\n{COMPARE}");
        text
    }

    fn command(&self, step: &Step) -> String {
        let mut line = String::from("env");
        for change in step.env.iter().filter(|change| carried(&change.name)) {
            match &change.value {
                Some(value) => {
                    let _ = write!(line, " {}={}", change.name, shell_words::quote(value));
                }
                None => {
                    let _ = write!(line, " -u {}", change.name);
                }
            }
        }
        for argument in &step.argv {
            line.push(' ');
            line += &word(argument);
        }
        if step.kind.runs() && driver::at(&step.argv).is_some() {
            // Where the bundle lies must not be in what is made.
            line += " -ffile-prefix-map=\"$root\"=";
            // Nor where Emscripten lies, which debug information and macros name.
            let theirs = shell_words::quote(self.emscripten_real.as_str());
            let _ = write!(line, " -ffile-prefix-map=\"$emscripten\"={theirs}");
            let theirs = shell_words::quote(self.cache_real.as_str());
            let _ = write!(line, " -ffile-prefix-map=\"$sysroot\"={theirs}/sysroot");
        }
        line + " >> \"$here/printed\" 2>&1"
    }
}

fn carried(name: &str) -> bool {
    CARRIED.iter().any(|rule| match rule.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == *rule,
    })
}

/// A word for sh, the names of folders put in.
fn word(argument: &OsString) -> String {
    let argument = argument.to_string_lossy();
    let mut out = String::new();
    for (number, part) in argument.split('\u{1}').enumerate() {
        if number % 2 == 1 {
            let _ = write!(out, "\"${part}\"");
        } else if !part.is_empty() {
            out += &shell_words::quote(part);
        }
    }
    if out.is_empty() { "''".to_owned() } else { out }
}

/// The lines of a tool's output that say what is wrong, without what differs between machines.
pub(super) fn errors(printed: &str, sandbox: &str) -> String {
    let wrong = |line: &&str| line.contains("error:") && !line.starts_with("em");
    let lines = printed.lines().filter(wrong);
    // What stands for inputs that are gone lies below the sandbox, under their names.
    let plain = |line: &str| match line.split_once(sandbox) {
        Some((before, after)) => {
            let name = after.rsplit_once('/').map_or(after, |(_, name)| name);
            format!("{before}{name}\n")
        }
        None => format!("{line}\n"),
    };
    lines.map(plain).collect()
}

/// Finds Emscripten and says when it is another.
const FIND: &str = r#"if [ -z "${EMSCRIPTEN_ROOT-}" ]; then
    emcc=$(command -v emcc) || { echo "no emcc in PATH; set EMSCRIPTEN_ROOT to its folder" >&2; exit 2; }
    EMSCRIPTEN_ROOT=$(dirname "$(readlink -f "$emcc")")
fi
emscripten=$EMSCRIPTEN_ROOT
llvm=${LLVM_BIN:-$("$emscripten/em-config" LLVM_ROOT)}
sysroot=$("$emscripten/em-config" CACHE)/sysroot
here_is=$("$emscripten/emcc" --version | sed -n '1s/.*) \([0-9.]*\).*/\1/p')
[ "$here_is" = "$wanted" ] || echo "note: this is Emscripten ${here_is:-of unknown version}, the call had $wanted" >&2
"#;

/// Finds emshim.
const FIND_EMSHIM: &str = r#"command -v emshim > /dev/null || { echo "no emshim in PATH, of which a step failed here" >&2; exit 2; }
"#;

/// Compares with what came out when the call was recorded.
const COMPARE: &str = r#"cd "$here" || exit 2
cat printed >&2
sed "s|$root||g" printed | grep error: | grep -v '^em' > errors
if [ $status != $expected ]; then
    echo "different: ended with $status, and with $expected when it was recorded"
elif [ -s expected.sha256 ] && ! sha256sum -c --quiet expected.sha256 2>&1; then
    echo "different: other bytes"
elif ! diff expected.errors errors; then
    echo "different: other errors"
else
    echo "the same: status $status, $(wc -l < expected.sha256) files, $(wc -l < errors) errors"
    exit 0
fi
exit 1
"#;
