//! `cargo xtask scipy-fortran`: SciPy's FORTRAN 77 libraries, run and compared with gfortran's.

use clap::Args;
use emshim_tests::progress::Lines;
use emshim_tests::scipy;

use crate::task::{Result, build_emshim, target};

/// What to compile.
#[derive(Debug, Args)]
pub struct ScipyFortranArgs {
    /// Only these libraries: arpack, fitpack, quadpack, ...
    #[arg(long, value_name = "LIBRARY")]
    only: Vec<String>,
}

/// Compiles, runs, compares, and prints a table. What is built stays in `scipy` below cargo's
/// folder for temporary files.
pub fn run(args: &ScipyFortranArgs) -> Result {
    let libraries = scipy::libraries(&args.only)?;
    let emshim = build_emshim()?;
    let work = target().join("tmp/scipy");
    let reports = scipy::run(&libraries, &emshim, &work, &Lines)?;
    print!("{}", scipy::table(&reports));
    let problems: Vec<String> = reports.iter().flat_map(scipy::Report::problems).collect();
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems.join("\n").into()),
    }
}
