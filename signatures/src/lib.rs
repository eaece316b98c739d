//! Function signatures of WebAssembly: finds, explains and repairs what natively is harmless and
//! here traps, since WebAssembly checks the signature of every call.
//!
//! 1. [`read`] makes [`unit`]s of files;
//! 2. [`link`] takes from archives what a linker would;
//! 3. [`check`] finds the symbols with more than one signature, [`cause`] says why, by evidence
//!    that [`body`] finds in the code;
//! 4. [`repair`] writes copies and adapters in which the mismatches that are safe to bridge are;
//! 5. [`audit`] holds a wheel against the [`runtime`] it will be loaded into, with the functions in
//!    the [`slots`] of Python types and those behind other [`pointers`], with their places in
//!    sources where debug information tells them;
//! 6. [`report`] tells people.

pub mod audit;
pub mod body;
pub mod callbacks;
pub mod cause;
pub mod check;
mod debug;
pub mod features;
mod layout;
pub mod leb;
pub mod link;
mod marks;
pub mod pointers;
pub mod read;
pub mod repair;
pub mod report;
pub mod runtime;
pub mod signature;
pub mod slots;
pub mod unit;
