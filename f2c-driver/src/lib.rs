//! FORTRAN 77, and the Fortran 90 habits found in FORTRAN 77 libraries, to C with gfortran's
//! calling convention.
//!
//! The flow, each stage a module:
//!
//! ```text
//! patches -> cpp -> source -> unit -> lower -> emit -> f2c -> convention
//! ```
//!
//! `patches` corrects known files; `source` reads source form into statements; `unit` sorts them into program units; `lower`
//! rewrites what f2c does not know; `emit` writes FORTRAN 77 for f2c; `convention` turns f2c's C to
//! gfortran's convention. [`runtime`] says how libf2c is built for the target,
//! [`common`] what a link has to do about COMMON blocks.

pub mod common;
mod consts;
mod convention;
mod cpp;
mod data_type;
mod declaration;
mod dim;
mod dump;
mod emit;
mod error;
mod expr;
pub mod header;
mod intrinsics;
mod lists;
mod loc;
pub mod lookup;
mod lower;
mod options;
pub mod patches;
mod resolve;
pub mod runtime;
mod source;
mod symbols;
mod token;
mod translate;
mod types;
mod unit;

pub use error::{Diagnostic, Error, Severity};
pub use intrinsics::{KnownIntrinsic, known as known_intrinsics};
pub use options::{DLines, Form, Options, Preprocess};
pub use translate::{
    F2C_LIMITS, Preprocessed, Translation, lowered_text, preprocess, translate, tree_text,
};
