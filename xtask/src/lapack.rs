//! `cargo xtask lapack`: the reference LAPACK's own tests, compared with gfortran's results.

use clap::Args;
use clap::builder::PossibleValuesParser;
use emshim_tests::lapack;
use emshim_tests::progress::Lines;

use crate::task::{Result, build_emshim, target};

/// What to build and test.
#[derive(Debug, Args)]
pub struct LapackArgs {
    /// Only these parts
    #[arg(long, value_name = "PART", value_parser = PossibleValuesParser::new(lapack::PARTS.iter().map(|part| part.name)))]
    only: Vec<String>,
    /// Take up WebAssembly's builds of an earlier run, which an emshim since changed may have made
    #[arg(long)]
    again: bool,
}

/// Builds, tests, and prints a table a part. The builds stay in `lapack` below cargo's folder for
/// temporary files.
pub fn run(args: &LapackArgs) -> Result {
    let names = if args.only.is_empty() {
        &["all".to_owned()]
    } else {
        &*args.only
    };
    let parts: Vec<_> = names.iter().map(|name| lapack::part(name)).collect();
    let emshim = build_emshim()?;
    let work = target().join("tmp/lapack");
    let tools = emshim_tests::tools::NEWEST.bin();
    let mut problems = 0;
    for part in parts {
        let part = part?;
        let compared = lapack::run(part, &emshim, &work, &tools, args.again, &Lines)?;
        print!("{}", compared.table());
        problems += compared.problems.len();
    }
    match problems {
        0 => Ok(()),
        _ => Err(format!("{problems} results are worse than gfortran's").into()),
    }
}
