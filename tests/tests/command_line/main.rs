//! The command line itself: what needs no toolchain.

mod documents;
mod show_config;
