//! What emshim's own steps do: each is told by [`toolcall::builtin`], and run by [`work::run`].

pub mod bind;
pub mod check_link;
pub mod commons;
pub mod copies;
mod data_symbols;
pub mod dylink;
pub mod exports;
pub mod fortran;
pub mod libraries;
mod link_inputs;
mod place;
pub mod provenance;
pub mod run_path;
pub mod sections;
pub mod share;
mod shared_library;
mod substitute;
mod symbols;
mod thin;
pub mod translations;
mod version_script;
pub mod weaken;
pub mod work;
