//! Running recorded calls again, to see the same thing happen and to prove that it does.
//!
//! One way: [`select`] chooses calls and finds where each input comes from, [`newer`] names the
//! inputs that changed since, [`prepare`] lays out a sandbox, [`run`] runs the call where nothing of
//! the user's can be written (`view`, else on copies at other paths: [`relocate`]), `compare` says what
//! became of each file it wrote ([`verdict`]), and [`pool`] does it for many calls. [`bundle`] packs a
//! call for a machine without emshim, with all that it reads (`tree`).

pub mod bundle;
mod compare;
pub mod compile_commands;
pub mod driver;
mod error;
pub mod newer;
pub mod pool;
pub mod prepare;
pub mod prepared;
pub mod relocate;
pub mod run;
mod script;
pub mod select;
pub mod setting;
mod tree;
pub mod verdict;
mod view;

pub use error::ReplayError;
