//! Mismatches of function signatures: found, explained, bridged.

#[cfg(feature = "toolchain")]
mod audit;
#[cfg(feature = "toolchain")]
mod corpus;
#[cfg(feature = "toolchain")]
mod fortran_callers;
#[cfg(feature = "toolchain")]
mod lapack_callers;
#[cfg(feature = "toolchain")]
mod link;
