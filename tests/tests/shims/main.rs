//! How a shim runs its tool: what callers of a compiler expect, direct mode, launchers, the build
//! machine's tools.

mod calls;
mod direct_questions;
mod special_files;
mod torture;
mod waiting;

#[cfg(feature = "toolchain")]
mod build_machine;
#[cfg(feature = "toolchain")]
mod compilers;
#[cfg(feature = "toolchain")]
mod cost;
#[cfg(feature = "toolchain")]
mod direct_links;
#[cfg(feature = "toolchain")]
mod direct_objects;
#[cfg(feature = "toolchain")]
mod direct_programs;
#[cfg(feature = "toolchain")]
mod launchers;
