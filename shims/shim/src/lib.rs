//! The flow of one call: capture, expand, parse, classify, plan, direct, execute, check, record.
//! [`flow`] has the order; everything pure in it lies in the crates below.

mod again;
pub mod capture;
mod declaration_check;
pub mod direct;
pub mod execute;
pub mod explain;
pub mod files;
mod float_flags;
pub mod flow;
mod interruptible;
mod links;
mod missing_library;
mod probe;
pub mod signals;
mod undo;
mod unreadable;
mod waiting;
pub mod work_dir;
