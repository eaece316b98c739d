//! What objects say of themselves in sections of their own.

use crate::unit::Unit;
use wasmparser::{Parser, Payload};

/// The names, each with a NUL after it, of Fortran functions that write one byte into the buffer
/// for their result; `f2c_driver` writes it.
const ONE_CHARACTER: &str = "emshim.fortran.character1";

/// The names, as before, of the other Fortran functions that take a buffer for their result.
const CHARACTERS: &str = "emshim.fortran.character";

/// Whether a unit says that a function of its writes one byte into the buffer for its result.
#[must_use]
pub fn gives_one_character(unit: &Unit, symbol: &str) -> bool {
    names(unit, ONE_CHARACTER, symbol)
}

/// Whether a unit says that a function of its takes a buffer for its result.
#[must_use]
pub fn gives_characters(unit: &Unit, symbol: &str) -> bool {
    names(unit, ONE_CHARACTER, symbol) || names(unit, CHARACTERS, symbol)
}

/// Whether a section of this name has the symbol.
fn names(unit: &Unit, wanted: &str, symbol: &str) -> bool {
    Parser::new(0)
        .parse_all(unit.image.bytes())
        .map_while(Result::ok)
        .any(|payload| match payload {
            Payload::CustomSection(section) if section.name() == wanted => {
                let mut names = section.data().split(|&byte| byte == 0);
                names.any(|name| name == symbol.as_bytes())
            }
            _ => false,
        })
}
