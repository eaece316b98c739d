//! What a call of a tool is, as data: how it came in, what it comes to, and how it went.
//!
//! Nothing here decides anything. `flags` says what arguments are, `planner` makes plans, `steps` and
//! `shim` carry them out, `call-log` keeps them.

pub mod build_machine;
pub mod builtin;
pub mod config;
pub mod decision;
pub mod display;
pub mod explanation;
pub mod invocation;
pub mod job;
pub mod message;
pub mod needs;
pub mod os_json;
pub mod os_str;
pub mod outcome;
pub mod plan;
pub mod probes;
pub mod shim_folder;
pub mod sources;
mod step_fields;
pub mod tool;
pub mod variables;
