//! Wheels: names, content, and the finishing touches a build back end cannot give.

mod archive;
mod binary;
mod finish;
mod metadata;
mod module_files;
mod name;
mod strip;

#[cfg(test)]
pub(crate) use archive::write;
pub use archive::{ArchiveError, Entries, Entry, packed_sizes, read};
pub(crate) use archive::{is_contained, is_dist_info};
pub use binary::Binary;
pub use finish::{FinishError, FinishOptions, Finished, Provenance, finish, repack};
pub(crate) use module_files::ModuleFile;
pub use module_files::is_module_source;
pub use name::{WheelName, WheelNameError, normalise};
pub use strip::{Strip, is_header, is_test, tests_archive};
