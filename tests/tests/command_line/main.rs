//! The command line itself.

mod book;
mod documents;
mod projects;
mod show_config;
mod wheels;

#[cfg(feature = "toolchain")]
mod installed;
