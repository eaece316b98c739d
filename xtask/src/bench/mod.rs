//! `cargo xtask bench`: how fast the results are.

mod fortran;

use clap::Subcommand;

use crate::Result;

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Linear algebra and a stencil in Fortran, WebAssembly against gfortran -O3
    Fortran(fortran::FortranArgs),
}

/// Measures, and prints a table.
pub fn run(bench: &Bench) -> Result {
    match bench {
        Bench::Fortran(args) => fortran::run(args),
    }
}
