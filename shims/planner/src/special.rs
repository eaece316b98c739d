//! Inputs that are no files: a pipe that nobody writes, a device without end. What looks for a
//! linker's or an archive's contents in one never ends, and GNU's tools refuse them.

use crate::context::Context;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// Why a tool cannot read these files, if one of them may have no end.
pub(crate) fn cannot_read<'p>(
    context: &Context,
    paths: impl IntoIterator<Item = &'p OsStr>,
) -> Option<String> {
    let special = |path: &&OsStr| {
        let path = context.invocation.cwd.join(path);
        context.files.may_not_end(&path)
    };
    let file = paths.into_iter().find(special)?;
    let file = file.to_string_lossy();
    Some(format!(
        "{file} is not an ordinary file but a pipe or a device, in which no object or archive can be \
         looked for: write it to a file first"
    ))
}

/// The arguments of a tool that may be files it reads: no options, and not what follows `-o`.
pub(crate) fn operands(args: &[OsString]) -> impl Iterator<Item = &OsStr> {
    let output = |at: usize| at > 0 && args[at - 1] == "-o";
    let named = args.iter().enumerate();
    named
        .filter(move |(at, arg)| !arg.as_bytes().starts_with(b"-") && !output(*at))
        .map(|(_, arg)| arg.as_os_str())
}
