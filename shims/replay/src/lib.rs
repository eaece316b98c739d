//! Running recorded calls again, to see the same thing happen and to prove that it does.
//!
//! One way: [`select`] chooses calls and finds where each input comes from, [`newer`] names the
//! inputs that changed since, [`relocate`] sends what a call writes to a sandbox, [`prepare`]
//! lays out the sandbox, [`run`] runs the call, [`pool`] many of them, and [`verdict`] says what
//! became of each output. [`bundle`] packs a call for a machine without emshim.

pub mod bundle;
pub mod compile_commands;
pub mod driver;
mod error;
pub mod newer;
pub mod pool;
pub mod prepare;
pub mod relocate;
pub mod run;
mod script;
pub mod select;
pub mod setting;
pub mod verdict;

pub use error::ReplayError;
