//! `patchelf`: a module's run path is in its section `dylink.0`. Build back ends edit the run paths of
//! what they put into a wheel with it.

use crate::context::Context;
use crate::machine::{self, Machine};
use crate::{native, rewrite};
use std::ffi::OsString;
use toolcall::builtin::{ShowRunPath, WriteRunPath};
use toolcall::job::Job;
use toolcall::os_str;
use toolcall::plan::{Plan, Step};

/// What is asked of the files.
enum Wanted {
    Show,
    Set(Vec<OsString>),
}

/// Plans a call about modules; one about the build machine's files is its own tool's.
pub(crate) fn plan(context: &Context) -> Plan {
    let args = &context.expanded.args;
    let mut files: Vec<&OsString> = Vec::new();
    let mut wanted = None;
    let mut unknown = None;
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.to_str() {
            Some("--print-rpath") => wanted = Some(Wanted::Show),
            Some("--remove-rpath") => wanted = Some(Wanted::Set(Vec::new())),
            Some("--set-rpath") => {
                let value = rest.next().map(OsString::as_os_str).unwrap_or_default();
                wanted = Some(Wanted::Set(rewrite::from_origin(value).collect()));
            }
            // Both kinds of ELF's run paths are one here.
            Some("--force-rpath") => {}
            Some("--version") => return Plan::of(Job::Query, vec![Step::print(VERSION)]),
            _ if os_str::starts_with(arg, "-") => unknown = Some(arg),
            _ => files.push(arg),
        }
    }
    let is = |file: &&OsString, machine| {
        let path = context.invocation.cwd.join(file);
        machine::of(context.files, &path) == Some(machine)
    };
    if !files.is_empty() && files.iter().all(|file| is(file, Machine::Build)) {
        return native::hand_over(context, native::INPUTS);
    }
    if let Some(file) = files.iter().find(|file| !is(file, Machine::Target)) {
        let file = file.to_string_lossy();
        return Plan::refuse(Job::Forward, format!("{file} is no module for the target"));
    }
    if let Some(option) = unknown {
        let option = option.to_string_lossy();
        let why =
            format!("{option} is about ELF; of a module for the target the run path can be had");
        return Plan::refuse(Job::Forward, why);
    }
    let step = |file: &&OsString| match &wanted {
        Some(Wanted::Set(paths)) => {
            let step = WriteRunPath {
                module: (*file).clone(),
                in_place: true,
                paths: paths.clone(),
            };
            Step::built_in(step.argv(), vec![(*file).clone()])
        }
        _ => {
            let words = vec![(*file).clone()];
            Step::built_in(ShowRunPath { words }.argv(), Vec::new())
        }
    };
    match (&wanted, files.as_slice()) {
        (None, _) | (_, []) => Plan::refuse(Job::Forward, USAGE),
        _ => Plan {
            inputs: files.iter().map(|file| (*file).clone()).collect(),
            ..Plan::of(Job::Forward, files.iter().map(step).collect())
        },
    }
}

/// That of the newest whose options these are.
const VERSION: &str = "patchelf 0.18.0";
const USAGE: &str = "say --print-rpath, --set-rpath or --remove-rpath, and the modules";

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;

    #[test]
    fn only_folders_named_by_the_modules_own_are_set() {
        let value = OsStr::new("/usr/lib:$ORIGIN/../lib:$ORIGIN");
        let kept: Vec<_> = rewrite::from_origin(value).collect();
        assert_eq!(kept, ["$ORIGIN/../lib", "$ORIGIN"]);
    }
}
