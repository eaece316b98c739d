//! The `f2c.h` that translated sources and the runtime include.

/// Text of `f2c.h`: the same widths on wasm32 and on hosts. A source translated with
/// `default_integer_8` is compiled with `-DF2C_DEFAULT_INTEGER_8`.
pub const F2C_H: &str = include_str!("../runtime/f2c.h");

/// Switches for gcc and clang, to compile translated sources with: the C standard that still has
/// `()`, and no assumption that an EQUIVALENCE of two types is not used as such.
pub const FLAGS: &[&str] = &["-std=gnu17", "-fno-strict-aliasing"];
