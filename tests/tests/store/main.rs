//! What is provisioned, for which targets and on which machines, and what is removed again.

mod cache_key;
mod clean;

#[cfg(feature = "toolchain")]
mod damage;
#[cfg(feature = "toolchain")]
mod machines;
#[cfg(feature = "toolchain")]
mod targets;
