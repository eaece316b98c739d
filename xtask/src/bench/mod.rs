//! `cargo xtask bench`: how fast the results are.

pub mod call;
mod fortran;
mod lapack;
mod numpy;
mod peer;
mod record;
mod report;
mod setup;
mod shims;

use clap::{Args, Parser, Subcommand};

use crate::task::{Result, target};
use report::{Report, publish};
use setup::folder;

/// What to measure.
#[derive(Debug, Args)]
pub struct BenchArgs {
    /// All of them in turn if none is named
    #[command(subcommand)]
    bench: Option<Bench>,
}

#[derive(Debug, Subcommand)]
enum Bench {
    /// What the shims cost: compiles, links, questions, LAPACK's library
    Shims(shims::ShimsArgs),
    /// What recording adds to a call: a question, a tiny compile, LAPACK's sources
    Record(record::RecordArgs),
    /// Linear algebra and a stencil in Fortran, WebAssembly against gfortran -O3
    Fortran(fortran::FortranArgs),
    /// A whole wheel, NumPy's, against the same build through pyodide-build's wrappers
    Numpy(numpy::NumpyArgs),
}

/// A bench as if its name alone had been given.
#[derive(Debug, Parser)]
struct ByName {
    #[command(subcommand)]
    bench: Bench,
}

/// Measures; prints what comes of it and writes it below cargo's folder for temporary files, as
/// Markdown and as JSON: into `bench-NAME`, and into `bench` where all are run.
pub fn run(args: &BenchArgs) -> Result {
    if let Some(bench) = &args.bench {
        // A failure is written too: the report of before would look like this one's.
        let report = bench.report();
        let report = report.unwrap_or_else(|error| Report::of_error(bench.name(), &error));
        return publish(&[report], &folder(bench.name()));
    }
    let all = Bench::augment_subcommands(clap::Command::new("bench"));
    let names = all.get_subcommands().map(clap::Command::get_name);
    let mut reports = Vec::new();
    for name in names {
        eprintln!("bench {name}");
        let ByName { bench } = ByName::try_parse_from(["bench", name])?;
        let report = bench.report();
        reports.push(report.unwrap_or_else(|error| Report::of_error(name, &error)));
    }
    publish(&reports, &target().join("tmp/bench"))
}

impl Bench {
    fn name(&self) -> &'static str {
        match self {
            Self::Fortran(_) => fortran::NAME,
            Self::Numpy(_) => numpy::NAME,
            Self::Record(_) => record::NAME,
            Self::Shims(_) => shims::NAME,
        }
    }

    fn report(&self) -> Result<Report> {
        match self {
            Self::Fortran(args) => fortran::run(args),
            Self::Numpy(args) => numpy::run(args),
            Self::Record(args) => record::run(args),
            Self::Shims(args) => shims::run(args),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bench_runs_by_its_name_alone() {
        for name in [fortran::NAME, numpy::NAME, record::NAME, shims::NAME] {
            let by_name = ByName::try_parse_from(["bench", name]).unwrap();
            assert_eq!(by_name.bench.name(), name);
        }
    }
}
