//! What will run: pure, from the configuration, the arguments and what the file system answers.
//!
//! [`prepare`] is the way in: it reads settings and response files and asks the planner of the tool
//! that was called. [`rewrite`] decides about the arguments of compilers and linkers.

mod binutils;
mod cmake;
mod common;
mod compile;
mod config_tools;
mod context;
mod driver;
mod driver_call;
pub mod expand;
pub mod files;
mod fortran;
pub mod fortran_switches;
mod gfortran;
mod inputs;
mod ld;
mod link;
mod machine;
mod meson;
mod native;
mod patchelf;
pub mod pkg_config;
mod placed;
mod prefixes;
pub mod prepare;
mod program;
mod python;
mod query;
pub mod rewrite;
mod run_path;
pub mod settings;
mod shared_libraries;
mod special;
mod stripped_scripts;
