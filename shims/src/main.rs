//! The `emshim` binary: the command line under its own name, a shim under any other.

use std::process::ExitCode;

fn main() -> ExitCode {
    let argv0 = std::env::args_os().next().unwrap_or_default();
    if shims::shim::capture::called(&argv0) == "emshim" {
        shims::cli::main()
    } else {
        shims::shim::run()
    }
}
