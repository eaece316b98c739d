//! Finished wheels for others: lock files, indexes, and the server that shows them.

mod serve;

#[cfg(feature = "toolchain")]
mod lock;
