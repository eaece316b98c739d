//! Pyodide targets: cross sysconfig, PEP 517 front end, wheels, tests in Node.
//!
//! A build passes through the modules in this order, each given the results of the earlier ones:
//!
//! 1. [`target`]: the ABI of a Pyodide release, and the Emscripten that fits it; [`tags`]: how its
//!    wheels are tagged;
//! 2. [`xbuild`]: the target's Python as build back ends see it;
//! 3. [`source`]: a private copy of what is to be built;
//! 4. [`pep517`]: build requirements for the host, [`overlay`]: target files over theirs, and then
//!    the back end's wheel;
//! 5. [`wheel`]: tags, suffixes, RECORD, provenance;
//! 6. [`resolve`], [`site`], [`runner`]: wheels installed and Python run in Pyodide;
//!    [`import_check`] does so with every module of a wheel;
//! 7. [`describe`]: what a set of wheels is, for those who publish it.
//!
//! Everything is given explicitly: interpreters, environments, folders. The crate finds and
//! provisions nothing itself, and starts Python only through [`python`].

mod backend;
pub mod config_settings;
pub mod describe;
mod files;
pub mod import_check;
pub mod overlay;
pub mod pep517;
mod pyconfig;
pub mod python;
pub mod requires;
pub mod resolve;
pub mod runner;
pub mod site;
pub mod source;
pub mod tags;
pub mod target;
pub mod wheel;
pub mod xbuild;

pub use files::FileError;

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
