//! COMMON blocks at link time.
//!
//! Fortran has one block of a name in a program, as large as its largest declaration, with the
//! initial values of the one BLOCK DATA that has some. WebAssembly has no common symbols, so every
//! object that declares a block defines it, weakly, and the linker keeps the first definition it
//! meets, which need not be the largest. What a link step has to do:
//!
//! 1. Recognise blocks. In an object's symbol table (`linking` section), a block is a data symbol
//!    whose segment is named [`SEGMENT`] or [`DATA_SEGMENT`] and then the symbol:
//!    `.bss.fortran.common.shared_`, `.data.fortran.common.shared_`. The symbol's size is the
//!    block's. The first kind is weak and has no initial values; the second, of BLOCK DATA, is
//!    strong. A strong definition of the same symbol in another segment (a C source that defines
//!    the block) counts like the second.
//! 2. Pull BLOCK DATA out of archives. A linker takes no member for a symbol that is defined
//!    already, weakly or not; so BLOCK DATA defines [`DATA_MARK`] and the block's symbol too. For
//!    every block that some object of the link has and an archive's symbol index offers the mark
//!    of, pass `-u` and the mark (`-u fortran_common_data_shared_`).
//! 3. Give the blocks of everything that is linked to [`definitions`], and compile and link the C
//!    it returns, unless it is empty. The order of the inputs does not matter.

/// How the segment of a block without initial values starts; the symbol's name follows.
pub const SEGMENT: &str = ".bss.fortran.common.";

/// How the segment of a block with initial values starts; the symbol's name follows.
pub const DATA_SEGMENT: &str = ".data.fortran.common.";

/// How the name of the symbol starts that says an object has the initial values of a block; the
/// block's symbol follows.
pub const DATA_MARK: &str = "fortran_common_data_";

/// One object's definition of a COMMON block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block<'a> {
    /// The symbol, such as `shared_`.
    pub symbol: &'a str,
    /// Size in bytes.
    pub bytes: u64,
    /// It has initial values, or is strong for another reason.
    pub initialised: bool,
    /// The object, or the archive and its member, for messages.
    pub place: &'a str,
}

/// Why the blocks of a link do not make one program.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Two objects have initial values.
    #[error(
        "COMMON block '{symbol}' gets its initial values both in {first} and in {second} \
         (keep one BLOCK DATA for it)"
    )]
    InitialisedTwice {
        /// The block.
        symbol: String,
        /// An object with initial values.
        first: String,
        /// Another one.
        second: String,
    },
    /// The initial values are those of a smaller block.
    #[error(
        "COMMON block '{symbol}' has {bytes} bytes with its initial values in {place}, but \
         {wanted} in {larger} (declare it in BLOCK DATA as large as there)"
    )]
    TooSmall {
        /// The block.
        symbol: String,
        /// Its size where it is initialised.
        bytes: u64,
        /// Where that is.
        place: String,
        /// The largest size.
        wanted: u64,
        /// Where that is declared.
        larger: String,
    },
}

/// C that defines the blocks whose declarations differ in size, each as large as the largest. The
/// definitions are strong, under `-fcommon` too, and win over the weak ones of the objects. Empty when there is nothing
/// to define.
///
/// # Errors
///
/// [`Error`] when no definition could be right; it names the block and the objects.
pub fn definitions(blocks: &[Block]) -> Result<String, Error> {
    let mut by_symbol: std::collections::BTreeMap<&str, Vec<&Block>> = Default::default();
    for block in blocks {
        by_symbol.entry(block.symbol).or_default().push(block);
    }
    let mut out = String::new();
    for (symbol, blocks) in by_symbol {
        let Some(largest) = blocks.iter().max_by_key(|block| block.bytes) else {
            continue;
        };
        let mut initialised = blocks.iter().filter(|block| block.initialised);
        match (initialised.next(), initialised.next()) {
            (Some(first), Some(second)) => {
                return Err(Error::InitialisedTwice {
                    symbol: symbol.to_owned(),
                    first: first.place.to_owned(),
                    second: second.place.to_owned(),
                });
            }
            (Some(block), None) if block.bytes < largest.bytes => {
                return Err(Error::TooSmall {
                    symbol: symbol.to_owned(),
                    bytes: block.bytes,
                    place: block.place.to_owned(),
                    wanted: largest.bytes,
                    larger: largest.place.to_owned(),
                });
            }
            (Some(_), None) => {}
            (None, _) => {
                if blocks.iter().any(|block| block.bytes != largest.bytes) {
                    out += &format!("_Alignas(16) char {symbol}[{}] = {{0}};\n", largest.bytes);
                }
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block<'a>(symbol: &'a str, bytes: u64, initialised: bool, place: &'a str) -> Block<'a> {
        Block {
            symbol,
            bytes,
            initialised,
            place,
        }
    }

    #[test]
    fn the_largest_declaration_counts() {
        let blocks = [
            block("a_", 8, false, "1.o"),
            block("same_", 4, false, "1.o"),
            block("a_", 24, false, "2.o"),
            block("same_", 4, false, "2.o"),
            block("data_", 16, true, "lib.a(3.o)"),
            block("data_", 8, false, "1.o"),
        ];
        let found = definitions(&blocks);
        assert_eq!(found, Ok("_Alignas(16) char a_[24] = {0};\n".into()));
        let mut reversed = blocks;
        reversed.reverse();
        assert_eq!(definitions(&reversed), found);
        assert_eq!(definitions(&[]), Ok(String::new()));
    }

    #[test]
    fn contradictions_are_named() {
        let twice = [block("a_", 8, true, "1.o"), block("a_", 8, true, "2.o")];
        let message = definitions(&twice).map_err(|error| error.to_string());
        let expected = "COMMON block 'a_' gets its initial values both in 1.o and in 2.o (keep one BLOCK DATA for it)";
        assert_eq!(message, Err(expected.into()));
        let small = [block("a_", 8, true, "1.o"), block("a_", 12, false, "2.o")];
        let message = definitions(&small).map_err(|error| error.to_string());
        let expected = "COMMON block 'a_' has 8 bytes with its initial values in 1.o, but 12 in 2.o (declare it in BLOCK DATA as large as there)";
        assert_eq!(message, Err(expected.into()));
    }
}
