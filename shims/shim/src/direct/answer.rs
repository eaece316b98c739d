//! What emcc says it would call clang with.
//!
//! emcc is asked with `-###` and a marker before and after each setting: what stands between two
//! markers in its answer is what it makes of that setting, what stands before the first is what it
//! adds by itself. So nothing of emcc's own logic has to be known here.

use crate::direct::reason::Reason;
use serde::{Deserialize, Serialize};

/// emcc's flags for a set of settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// clang, and what emcc adds before the caller's arguments.
    pub before: Vec<String>,
    /// What becomes of each setting.
    pub settings: Vec<Vec<String>>,
    /// What emcc adds behind the caller's arguments.
    pub after: Vec<String>,
}

impl Answer {
    /// The same flags in words that compiler caches know: they pass on nothing that is said to
    /// clang's inner compiler. There `-iwithsysroot` stands behind every other `-isystem`, and here
    /// too.
    #[must_use]
    pub fn for_launcher(&self) -> Self {
        let sysroot = self.sysroot().unwrap_or_default();
        let mut plain = self.clone();
        let mut words = self.before.iter();
        plain.before.clear();
        while let Some(word) = words.next() {
            let folder = words.as_slice().first().filter(|_| word == "-Xclang");
            match folder.and_then(|next| next.strip_prefix(WITH_SYSROOT)) {
                Some(folder) => {
                    words.next();
                    plain
                        .after
                        .extend(["-isystem".into(), format!("{sysroot}{folder}")]);
                }
                None => plain.before.push(word.clone()),
            }
        }
        plain
    }

    /// Emscripten's folder of headers and libraries, where the flags name it.
    #[must_use]
    pub fn sysroot(&self) -> Option<&str> {
        let mut named = self
            .before
            .iter()
            .filter_map(|word| word.strip_prefix("--sysroot="));
        named.next()
    }
}

const WITH_SYSROOT: &str = "-iwithsysroot";

/// The output named in the question, which is never written.
const OUTPUT: &str = "emshim-probe.o";
/// Makes emcc show the command.
const SHOW: &str = "-###";

const SAID_MORE: &str = "emcc has something to say about these settings";
const UNREADABLE: &str = "emcc's answer for these settings is not to be read";

fn marker(number: usize) -> String {
    format!("-DEMSHIM_AT={number}")
}

/// emcc's arguments that ask about `settings`; `source` is there and empty.
#[must_use]
pub fn question(settings: &[Vec<String>], source: &str) -> Vec<String> {
    let mut words = vec![SHOW.to_owned(), marker(0)];
    for (number, setting) in settings.iter().enumerate() {
        words.extend(setting.iter().cloned());
        words.push(marker(number + 1));
    }
    words.extend([source.to_owned(), "-o".into(), OUTPUT.into()]);
    words
}

/// What stands before each marker of a command in which `settings` are marked, and what stands behind the
/// last; none where one is not there.
pub fn fragments(
    words: &[String],
    settings: usize,
    marker: impl Fn(usize) -> String,
) -> Option<(Vec<Vec<String>>, &[String])> {
    let mut rest = words;
    let mut between = Vec::with_capacity(settings + 1);
    for number in 0..=settings {
        let marker = marker(number);
        let at = rest.iter().position(|word| *word == marker)?;
        between.push(rest[..at].to_vec());
        rest = &rest[at + 1..];
    }
    Some((between, rest))
}

/// Reads what emcc wrote to stderr.
///
/// # Errors
/// Why these settings need emcc itself: it warns about them, or moves arguments.
pub fn read(stderr: &str, settings: usize, source: &str) -> Result<Answer, Reason> {
    let first = stderr.lines().next().unwrap_or_default();
    let said_more = || Reason::from(format!("{SAID_MORE}: {first}"));
    let words = first.strip_prefix(' ').map(split).ok_or_else(said_more)?;
    let (mut between, rest) = fragments(&words, settings, marker).ok_or(UNREADABLE)?;
    let mut before = between.remove(0);
    before.retain(|word| word != SHOW);
    let joined = format!("-o{OUTPUT}");
    let own = |word: &&String| [source, "-o", OUTPUT, &joined].contains(&word.as_str());
    let after: Vec<String> = rest.iter().filter(|word| !own(word)).cloned().collect();
    let whole = before
        .first()
        .is_some_and(|program| program.starts_with('/'))
        && rest.iter().any(|word| word == source)
        && rest.iter().any(|word| word == OUTPUT || *word == joined);
    if !whole {
        return Err(UNREADABLE.into());
    }
    Ok(Answer {
        before,
        settings: between,
        after,
    })
}

/// emcc quotes a word whole, without escapes, or not at all.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = line.trim();
    while !rest.is_empty() {
        let (word, after) = match rest.strip_prefix('"') {
            Some(quoted) => quoted
                .split_once("\" ")
                .unwrap_or((quoted.strip_suffix('"').unwrap_or(quoted), "")),
            None => rest.split_once(' ').unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Vec<Vec<String>> {
        [&["-g1"][..], &["-x", "c++"], &["-sA=1"], &["-c"]]
            .map(|words| words.iter().map(|w| (*w).to_owned()).collect())
            .to_vec()
    }

    /// As 3.1.69 and 6.0.5 answer: one moves and separates inputs and output, one joins `-o`.
    #[test]
    fn answers_of_two_emscriptens_are_read_alike() {
        let old = " /l/clang -target wasm32 \"--sysroot=/a b/c\" -DEMSCRIPTEN \"-###\" \
                   \"-DEMSHIM_AT=0\" -g0 \"-DEMSHIM_AT=1\" -x \"c++\" \"-DEMSHIM_AT=2\" \
                   \"-DEMSHIM_AT=3\" -c \"-DEMSHIM_AT=4\" -pthread /t/p.c -o emshim-probe.o\n\
                   Debian clang version 19\n";
        let new = " /l/clang -target wasm32 \"--sysroot=/a b/c\" -DEMSCRIPTEN \"-###\" \
                   \"-DEMSHIM_AT=0\" -g0 \"-DEMSHIM_AT=1\" \"-xc++\" \"-DEMSHIM_AT=2\" \
                   \"-DEMSHIM_AT=3\" -c \"-DEMSHIM_AT=4\" /t/p.c -oemshim-probe.o\n";
        let old = read(old, 4, "/t/p.c").unwrap();
        let new = read(new, 4, "/t/p.c").unwrap();
        let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let before = [
            "/l/clang",
            "-target",
            "wasm32",
            "--sysroot=/a b/c",
            "-DEMSCRIPTEN",
        ];
        assert_eq!(old.before, list(&before));
        assert_eq!(old.before, new.before);
        assert_eq!(old.settings[1], ["-x", "c++"]);
        assert_eq!(
            new.settings,
            [list(&["-g0"]), list(&["-xc++"]), list(&[]), list(&["-c"])]
        );
        assert_eq!(old.after, ["-pthread"]);
        assert!(new.after.is_empty());
    }

    #[test]
    fn a_compiler_cache_sees_plain_flags() {
        let list = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let answer = Answer {
            before: list("/clang --sysroot=/s -Xclang -iwithsysroot/include/compat -Xclang -x"),
            settings: Vec::new(),
            after: Vec::new(),
        };
        let plain = answer.for_launcher();
        assert_eq!(plain.before, list("/clang --sysroot=/s -Xclang -x"));
        assert_eq!(plain.after, list("-isystem /s/include/compat"));
    }

    #[test]
    fn a_warning_or_a_failure_is_no_answer() {
        let warned = "emcc: warning: linker setting ignored\n /l/clang \"-DEMSHIM_AT=0\"\n";
        let said = read(warned, 0, "/t/p.c").unwrap_err();
        assert!(
            said.starts_with(SAID_MORE) && said.contains("warning"),
            "{said}"
        );
        assert!(read("", 0, "/t/p.c").unwrap_err().starts_with(SAID_MORE));
        let moved = " /l/clang -c \"-DEMSHIM_AT=1\" \"-DEMSHIM_AT=0\" /t/p.c\n";
        assert_eq!(read(moved, 1, "/t/p.c"), Err(UNREADABLE.into()));
    }

    #[test]
    fn a_question_marks_every_setting() {
        let words = question(&settings()[..2], "/t/p.c").join(" ");
        assert_eq!(
            words,
            "-### -DEMSHIM_AT=0 -g1 -DEMSHIM_AT=1 -x c++ -DEMSHIM_AT=2 /t/p.c -o emshim-probe.o"
        );
    }
}
