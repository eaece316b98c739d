//! How a log is written, which writer and reader know from here alone.

pub mod checksum;
pub mod folder;
pub mod schema;
