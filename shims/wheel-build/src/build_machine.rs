//! The build machine's own tools, as a build's environment names them: programs that a build runs
//! itself are made by a compiler that knows nothing of the target.

use std::ffi::OsStr;
use std::path::Path;

use camino::Utf8Path;
use shim::files::Disk;

use planner::files::find_program;
use toolcall::build_machine::{BuildTool, TOOLS};
use toolcall::tool::recognise;

/// The variables for the tools that are on `path` past the shims, and cargo's for a linker in any
/// case: without it rustc takes `cc`, which is the shim, where ours says what is missing. What the user
/// chose stays, past the shims too where it is a bare name of theirs; `given` is the user's
/// environment.
pub(super) fn variables(
    shim_dir: &Utf8Path,
    path: &str,
    given: impl Fn(&str) -> Option<String>,
) -> Vec<(String, String)> {
    let triple = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    let find = |name: &str| find_program(&Disk, OsStr::new(path), Path::new("/"), name);
    let there = |tool: &&BuildTool| tool.programs.iter().any(|name| find(name).is_some());
    let mut variables = Vec::new();
    for tool in TOOLS {
        let ours = shell_words::quote(shim_dir.join(tool.name).as_str()).into_owned();
        let is_there = there(&tool);
        let names = tool.variables_on(&triple);
        for name in names.filter(|name| is_there || name.starts_with("CARGO_TARGET_")) {
            let value = match given(&name).filter(|value| !value.is_empty()) {
                Some(chosen) => past_shims(&chosen, |name| Some(find(name)?.to_str()?.to_owned())),
                None => ours.clone(),
            };
            variables.push((name, value));
        }
    }
    variables
}

/// A command whose program, if it is a bare name that the shims have too, is the one behind them.
fn past_shims(command: &str, find: impl Fn(&str) -> Option<String>) -> String {
    let (program, rest) = command
        .split_once(char::is_whitespace)
        .map_or((command, None), |(program, rest)| (program, Some(rest)));
    let real = recognise(program)
        .filter(|_| !program.contains('/'))
        .and_then(|_| find(program));
    match (real, rest) {
        (Some(real), Some(rest)) => format!("{} {rest}", shell_words::quote(&real)),
        (Some(real), None) => shell_words::quote(&real).into_owned(),
        (None, _) => command.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::past_shims;

    #[test]
    fn a_bare_name_is_the_program_behind_the_shims() {
        let find = |name: &str| (name != "clang-99").then(|| format!("/usr/bin/{name}"));
        assert_eq!(past_shims("gcc -m32", find), "/usr/bin/gcc -m32");
        assert_eq!(past_shims("gcc-12", find), "/usr/bin/gcc-12");
        for kept in ["clang-99", "/opt/gcc -g", "tcc -w", "ccache gcc"] {
            assert_eq!(past_shims(kept, find), kept);
        }
    }
}
