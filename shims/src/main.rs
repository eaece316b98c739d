//! The `emshim` binary: a shim when called by a tool's name, else the command line.

use shims::shim;
use std::process::ExitCode;

fn main() -> ExitCode {
    let argv0 = std::env::args_os().next().unwrap_or_default();
    match shim::recognise(&shim::capture::called(&argv0)) {
        Some(_) => shim::run(),
        None => shims::cli::main(),
    }
}
