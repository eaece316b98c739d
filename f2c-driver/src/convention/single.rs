//! REAL arithmetic in single precision: C's library functions, and libf2c's for REAL, return double,
//! which would make the expression around them double too. gfortran rounds after each operation.

use super::token::{Kind, Token};

/// Functions of C's library that f2c calls by name; `f2c.h` has generic macros `emshim_<name>`.
const LIBRARY: [&str; 13] = [
    "acos", "asin", "atan", "atan2", "cos", "cosh", "exp", "log", "sin", "sinh", "sqrt", "tan",
    "tanh",
];

/// Functions of libf2c with REAL values.
const RUNTIME: [&str; 9] = [
    "c_abs", "pow_ri", "r_dim", "r_imag", "r_int", "r_lg10", "r_mod", "r_nint", "r_sign",
];

/// Rewrites calls, and functions as arguments.
pub(super) fn functions(code: &mut [Token]) {
    for at in 0..code.len() {
        if code[at].kind != Kind::Word {
            continue;
        }
        let name = code[at].text.as_str();
        let called = code.get(at + 1).is_some_and(|token| token.is("("));
        // REAL intrinsic functions of libf2c, which return double, become ours. Names of the
        // program end in an underscore.
        let passed =
            at > 2 && code[at - 3].is("(") && code[at - 2].is("R_fp") && code[at - 1].is(")");
        let real = (name.starts_with("r_") || name.starts_with("c_")) && !name.ends_with('_');
        let new = match name {
            _ if called && LIBRARY.contains(&name) => format!("emshim_{name}"),
            _ if called && RUNTIME.contains(&name) => format!("(real){name}"),
            // What G edits depends on the item's type, which f2c says in its length alone.
            "do_fio" if called => "typed_do_fio".to_owned(),
            _ if passed && real => format!("emshim_{name}_"),
            _ => continue,
        };
        code[at].text = new;
    }
}
