//! The `emshim` binary: a shim when called by a tool's name, else the command line.

use shim::{capture, flow};
use std::process::ExitCode;
use toolcall::tool;

fn main() -> ExitCode {
    match tool::recognise(&capture::name()) {
        Some(_) => flow::run(),
        None => emshim::main(),
    }
}
