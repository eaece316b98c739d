//! From a source to a wheel that was imported in Pyodide: the session with a target and its toolchain,
//! the shim folder, the build, and what a wheel must pass.

pub mod audit;
pub mod build_log;
mod build_machine;
pub mod builder;
pub mod environment;
pub mod error;
pub mod files;
pub mod fortran;
pub mod install;
pub mod libraries;
pub mod look;
pub mod prepare;
pub mod repair;
pub mod rust;
pub mod session;
pub mod shared_wheels;
pub mod shim_folder;
pub mod smaller;
pub mod testing;
pub mod toolchain;
pub mod trial;
