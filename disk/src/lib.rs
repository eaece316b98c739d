//! Files on disk: what tells them apart without reading them, results that are kept under a bound,
//! files and folders that are there whole or not at all, whether they and what
//! came to them are what they were, files with holes.

mod cache;
pub mod contents;
mod identity;
pub mod later;
pub mod sparse;
pub mod whole;

pub use cache::{DiskCache, read_checked, write_checked};
pub use identity::identity;
