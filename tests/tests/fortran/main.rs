//! `gfortran`: the translation's place in a build, the runtime, and gfortran's numbers.

mod translations;

#[cfg(feature = "toolchain")]
mod arguments;
#[cfg(feature = "toolchain")]
mod convention;
#[cfg(feature = "toolchain")]
mod conversion;
#[cfg(feature = "toolchain")]
mod f2py;
#[cfg(feature = "toolchain")]
mod formats;
#[cfg(feature = "toolchain")]
mod gfortran;
#[cfg(feature = "toolchain")]
mod intrinsics;
#[cfg(feature = "toolchain")]
mod lapack;
#[cfg(feature = "toolchain")]
mod native;
#[cfg(feature = "toolchain")]
mod runtime;
#[cfg(feature = "toolchain")]
mod scipy;
#[cfg(feature = "toolchain")]
mod webassembly;
