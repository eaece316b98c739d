//! The `f2c.h` that translated sources and the runtime include.

/// Text of `f2c.h`: the same widths on wasm32 and on hosts. A source translated with
/// `default_integer_8` defines `F2C_DEFAULT_INTEGER_8` itself.
pub const F2C_H: &str = include_str!("../runtime/f2c.h");

/// Text of `names.h`, which `f2c.h` includes: the runtime's symbols.
pub const NAMES_H: &str = include_str!("../runtime/names.h");

/// Switches for gcc and clang, to compile translated sources with: the C standard that still has
/// `()`; no assumption that an EQUIVALENCE of two types is not used as such; no `errno`, which
/// Fortran does not know.
pub const FLAGS: &[&str] = &["-std=gnu17", "-fno-strict-aliasing", "-fno-math-errno"];

/// Switches for clang, each a group to leave out when the clang at hand does not know it: numeric
/// loops in WebAssembly gain a third to a half from them, and no result changes.
///
/// Emscripten turns loop strength reduction off, which leaves the address arithmetic of array
/// subscripts in the innermost loop. Unroll-and-jam blocks loops around a sum, which IEEE
/// arithmetic does not let anybody vectorise.
pub const TUNING: &[&[&str]] = &[
    &["-mllvm", "-disable-lsr=false"],
    &[
        "-mllvm",
        "-enable-unroll-and-jam",
        "-mllvm",
        "-allow-unroll-and-jam",
        "-mllvm",
        "-unroll-and-jam-count=4",
    ],
];

/// The same for compilations with `-msimd128`: four vectors in one turn of a loop, whose overhead
/// engines do not hide as a processor would.
pub const SIMD_TUNING: &[&[&str]] = &[&["-mllvm", "-force-vector-interleave=4"]];
