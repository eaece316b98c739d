//! `cargo xtask bench`: how fast the results are.

mod fortran;
mod lapack;
mod numpy;
mod peer;
mod record;
mod report;
mod shims;

use clap::Subcommand;

use crate::Result;

/// What to measure.
#[derive(Debug, Subcommand)]
pub enum Bench {
    /// Linear algebra and a stencil in Fortran, WebAssembly against gfortran -O3
    Fortran(fortran::FortranArgs),
    /// A whole wheel, NumPy's, against the same build through pyodide-build's wrappers
    Numpy(numpy::NumpyArgs),
    /// What recording adds to a call: a question, a tiny compile, LAPACK's sources
    Record(record::RecordArgs),
    /// What the shims cost: compiles, links, questions, LAPACK's library
    Shims(shims::ShimsArgs),
}

/// Measures, and prints a table.
pub fn run(bench: &Bench) -> Result {
    match bench {
        Bench::Fortran(args) => fortran::run(args),
        Bench::Numpy(args) => numpy::run(args),
        Bench::Record(args) => record::run(args),
        Bench::Shims(args) => shims::run(args),
    }
}

/// The middle one, or the mean of the two in the middle.
fn median(mut numbers: Vec<f64>) -> f64 {
    numbers.sort_by(f64::total_cmp);
    let middle = numbers.len() / 2;
    match numbers.len() % 2 {
        0 => (numbers[middle - 1] + numbers[middle]) / 2.0,
        _ => numbers[middle],
    }
}
