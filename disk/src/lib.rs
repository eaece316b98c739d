//! Files on disk: what tells them apart without reading them, and results that are kept under a bound.

mod cache;
mod identity;

pub use cache::{DiskCache, read_sealed, write_sealed};
pub use identity::identity;
