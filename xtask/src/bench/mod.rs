//! `cargo xtask bench`: how fast the results are.

mod fortran;
mod record;

use clap::Subcommand;

use crate::Result;

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Linear algebra and a stencil in Fortran, WebAssembly against gfortran -O3
    Fortran(fortran::FortranArgs),
    /// What recording adds to a call: a question, a tiny compile, LAPACK's sources
    Record(record::RecordArgs),
}

/// Measures, and prints a table.
pub fn run(bench: &Bench) -> Result {
    match bench {
        Bench::Fortran(args) => fortran::run(args),
        Bench::Record(args) => record::run(args),
    }
}
