//! `cargo xtask libraries`: well-known libraries built by hand, by their own build systems.

use clap::Args;
use emshim_tests::libraries;

use crate::task::{Result, build_emshim, target};

/// Which ones.
#[derive(Debug, Args)]
pub struct LibrariesArgs {
    /// The libraries, all of the table by default
    names: Vec<String>,
}

/// Builds them, prints the table, and fails if one is not as it should be. Sources, logs and what is
/// installed stay in `libraries` below cargo's folder for temporary files.
pub fn run(args: &LibrariesArgs) -> Result {
    let emshim = build_emshim()?;
    let names: Vec<&str> = args.names.iter().map(String::as_str).collect();
    let reports = libraries::run(&emshim, &target().join("tmp/libraries"), &names)?;
    print!("{}", libraries::table(&reports));
    match reports
        .iter()
        .filter(|report| report.problem.is_some())
        .count()
    {
        0 => Ok(()),
        failed => Err(format!("{failed} of {} libraries failed", reports.len()).into()),
    }
}
