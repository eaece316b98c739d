//! Bridges over mismatches: what is safe, and the files that do it.

mod adapter;
pub mod bridge;
mod plan;
mod redirect;
mod thunk;
mod write;

pub use adapter::adapters;
pub use bridge::{Adapter, Arguments, Bridge, Evidence, Extent, ResultChange, bridge};
pub use plan::{Plan, plan};
pub use redirect::redirect;
pub use thunk::{Thunk, with_thunks};
pub use write::{RepairError, Repaired, write};
