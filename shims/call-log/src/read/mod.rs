//! Reading a log folder: what the shims' records say, for people and for other tools.
//!
//! One way: [`reader`] turns lines into calls, [`log`] finds them, the other modules turn calls into
//! answers. Memory grows with the calls that run at one time, not with the log.

pub mod diff;
pub mod error;
pub mod lanes;
pub mod log;
pub mod producers;
pub mod reader;
pub mod select;
pub mod stats;
pub mod timeline;
pub mod view;
