//! Support for the suites in `tests/tests/`.

pub mod baseline;
pub mod book;
pub mod fake;
pub mod fortran_cases;
pub mod golden;
pub mod lapack;
pub mod libraries;
pub mod machines;
pub mod mismatches;
pub mod native_fortran;
pub mod packages;
pub mod progress;
pub mod published;
pub mod real;
pub mod release;
pub mod scipy;
pub mod shim_folder;
pub mod signatures;
pub mod suite;
pub mod suites;
pub mod tidy;
pub mod tools;
pub mod torture;
pub mod workflow;
