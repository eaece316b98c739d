//! The record of every call: one way from the writer, which each shim carries, to the reader, which
//! people ask. Both see [`format`] and nothing of each other.

pub mod format;
pub mod read;
pub mod write;
