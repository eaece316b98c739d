//! `xml2-config` and its kind: programs that a library installs to tell its flags. Those of the build
//! machine tell of the build machine's libraries.

use crate::context::Context;
use flags::tables::hosts;
use std::path::PathBuf;
use toolcall::job::Job;
use toolcall::plan::{Plan, Step};

/// Runs the one that lies in a prefix for the target, or in one of the user's on PATH; the build
/// machine's is not there.
pub(crate) fn plan(context: &Context) -> Plan {
    let name = &context.invocation.name;
    let path = context.invocation.env.get("PATH").unwrap_or_default();
    let cwd = &context.invocation.cwd;
    let prefixes = context.settings.prefixes.iter();
    let candidates: Vec<PathBuf> = prefixes
        .map(|prefix| prefix.join("bin").into_std_path_buf())
        .chain(std::env::split_paths(path))
        .map(|dir| cwd.join(dir).join(name))
        .filter(|program| context.files.is_other_program(program))
        .collect();
    let host = |program: &&PathBuf| {
        let path = program.to_string_lossy();
        hosts::is_below(&path, hosts::PROGRAM_DIRS)
    };
    match candidates.iter().find(|program| !host(program)) {
        Some(program) => {
            let mut argv = vec![program.clone().into_os_string()];
            argv.extend(context.expanded.args.iter().cloned());
            Plan::of(Job::Query, vec![Step::run(argv, Vec::new())])
        }
        None => {
            let known = candidates.first().map_or_else(String::new, |program| {
                format!(", and {} tells of the build machine's", program.display())
            });
            Plan::refuse(
                Job::Query,
                format!(
                    "there is no such library for the target on PATH{known}; put the folder of the \
                     target's {name} on PATH, or name its prefix in EMSHIM_PREFIX"
                ),
            )
        }
    }
}
