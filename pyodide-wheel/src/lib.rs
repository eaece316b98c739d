//! Pyodide targets: cross sysconfig, PEP 517 front end, wheels, tests in Node.

mod backend;
mod files;
pub mod import_check;
pub mod overlay;
pub mod pep517;
mod pyconfig;
pub mod python;
pub mod resolve;
pub mod runner;
pub mod site;
pub mod source;
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
