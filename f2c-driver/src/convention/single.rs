//! REAL arithmetic in single precision: C's library functions, and libf2c's for REAL, return double,
//! which would make the expression around them double too. gfortran rounds after each operation.

use super::token::{Kind, Token, next};

/// Functions of C's library that f2c calls by name; `f2c.h` has generic macros `emshim_<name>`.
const LIBRARY: [&str; 13] = [
    "acos", "asin", "atan", "atan2", "cos", "cosh", "exp", "log", "sin", "sinh", "sqrt", "tan",
    "tanh",
];

/// Functions of libf2c with REAL values.
const RUNTIME: [&str; 9] = [
    "c_abs", "pow_ri", "r_dim", "r_imag", "r_int", "r_lg10", "r_mod", "r_nint", "r_sign",
];

/// Rewrites calls; declarations, whose parentheses start with a type, stay.
pub(super) fn functions(tokens: Vec<Token>) -> Vec<Token> {
    let mut out = Vec::with_capacity(tokens.len());
    for (index, token) in tokens.iter().enumerate() {
        let name = token.text.as_str();
        let library = LIBRARY.contains(&name);
        if token.kind == Kind::Word
            && (library || RUNTIME.contains(&name))
            && called(&tokens, index)
        {
            if library {
                out.push(Token::new(Kind::Word, format!("emshim_{name}")));
                continue;
            }
            out.extend(super::token::lex("(real)"));
        }
        // What G edits depends on the item's type, which f2c says in its length alone.
        if token.is("do_fio") && called(&tokens, index) {
            out.push(Token::new(Kind::Word, "typed_do_fio"));
            continue;
        }
        out.push(token.clone());
    }
    out
}

fn called(tokens: &[Token], index: usize) -> bool {
    let open = next(tokens, index + 1).filter(|&at| tokens[at].is("("));
    let first = open
        .and_then(|open| next(tokens, open + 1))
        .map(|at| tokens[at].text.as_str());
    !matches!(
        first,
        None | Some("doublereal" | "integer" | "real" | "complex" | "void" | ")")
    )
}

/// REAL intrinsic functions as arguments: libf2c's, which return double, become ours. Names of the
/// program end in an underscore.
pub(super) fn arguments(mut tokens: Vec<Token>) -> Vec<Token> {
    let casts: Vec<usize> = (1..tokens.len())
        .filter(|&at| tokens[at].is("R_fp") && tokens[at - 1].is("("))
        .collect();
    for cast in casts {
        let close = next(&tokens, cast + 1).filter(|&at| tokens[at].is(")"));
        let Some(name) = close.and_then(|close| next(&tokens, close + 1)) else {
            continue;
        };
        let text = &tokens[name].text;
        if ["r_", "c_"].iter().any(|start| text.starts_with(start)) && !text.ends_with('_') {
            tokens[name].text = format!("emshim_{text}_");
        }
    }
    tokens
}
