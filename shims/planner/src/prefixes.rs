//! Prefixes with libraries for the target: what a compiler searches after all that its caller names, as a
//! native one searches the system's folders.

use crate::context::Context;
use flags::classify::Command;
use std::ffi::OsString;
use toolcall::decision::Decision;
use toolcall::os_str;
use toolcall::sources::Kind;

/// The words for one command, and the decision about them.
pub(crate) fn words(context: &Context, command: &Command) -> (Vec<OsString>, Vec<Decision>) {
    let prefixes = &context.settings.prefixes;
    let mut words: Vec<OsString> = Vec::new();
    for prefix in prefixes {
        let include = prefix.join("include");
        let has = |is: fn(Kind) -> bool| command.sources().any(|source| is(source.kind));
        // An assembler's source includes nothing, and clang would warn.
        if has(|kind| !matches!(kind, Kind::Assembly | Kind::Fortran)) {
            words.extend(["-isystem".into(), include.clone().into()]);
        }
        if has(|kind| kind == Kind::Fortran) {
            words.push(os_str::joined("-I", include.as_os_str()));
        }
    }
    if command.job.links() {
        let folders = prefixes.iter().map(|prefix| prefix.join("lib"));
        words.extend(folders.map(|folder| os_str::joined("-L", folder.as_os_str())));
    }
    let decisions = match words.is_empty() {
        true => Vec::new(),
        false => vec![Decision::add(&words, "target/prefix", PREFIX)],
    };
    (words, decisions)
}

const PREFIX: &str = "where libraries for the target are: those of EMSHIM_PREFIX, and those that emshim \
                      has built";
