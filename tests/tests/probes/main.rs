//! Which of configure's probes are answered as before, and that nothing else is.

mod cache;
mod rules;

#[cfg(feature = "toolchain")]
mod configure;
