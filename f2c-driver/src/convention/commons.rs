//! COMMON blocks: marked, so that a link can tell them from other data ([`crate::common`]).

use super::names::common;
use super::token::{Kind, Token, lex, next};

/// Puts a mark before the definition of every block, and defines the mark of every one that has
/// initial values.
pub(super) fn mark(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut marks = String::new();
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate() {
        let aggregate =
            token.kind == Kind::Word && matches!(token.text.as_str(), "struct" | "union");
        match common(&tokens, index).filter(|_| aggregate && depth == 0) {
            Some((name, true)) => {
                out.extend(lex(&format!("COMMON_DATA(\"{name}\") ")));
                marks += &format!("char {}{name} = 1;\n", crate::common::DATA_MARK);
            }
            Some((name, false)) => {
                // In the place of `Extern`.
                let before = out.iter().rposition(|token| token.significant());
                let at = before.filter(|&at| out[at].is("Extern"));
                if let Some(at) = at {
                    out.truncate(at);
                }
                out.extend(lex(&format!("COMMON_BLOCK(\"{name}\") ")));
            }
            None => {}
        }
        match token.text.as_str() {
            "{" if token.kind == Kind::Punct => depth += 1,
            "}" if token.kind == Kind::Punct => depth = depth.saturating_sub(1),
            _ => {}
        }
        out.push(token.clone());
    }
    if !marks.is_empty() {
        let include = next(&out, 0).unwrap_or(out.len());
        out.splice(include..include, lex(&format!("{marks}\n")));
    }
    out
}
