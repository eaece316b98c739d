//! The command line itself: what needs no toolchain.

mod documents;
mod projects;
mod show_config;
mod wheels;
