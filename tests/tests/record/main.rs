//! The record of calls: what is written, what it survives, how it is read, and runs again.

mod log;
mod replay;
mod secrets;
mod survival;
mod writing;

#[cfg(feature = "toolchain")]
mod bundles;
#[cfg(feature = "toolchain")]
mod timeline;
