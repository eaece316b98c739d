//! Arguments that calls get beside those that they have.

use std::collections::BTreeMap;

use crate::error::{Lowered, Refusal};
use crate::lists::closing;
use crate::source::{Kind, Loc, Stmt, Tok, Token};

/// Adds arguments to the call whose name stands at `at`, or to the dummies of a header.
pub(super) fn append(tokens: &mut Vec<Token>, at: usize, names: &[String], place: Loc) {
    let open = tokens.get(at + 1).is_some_and(|token| token.op("("));
    if !open {
        let parentheses = ["(", ")"].map(|op| Token::new(Tok::Op, op, place));
        tokens.splice(at + 1..=at, parentheses);
    }
    let Some(close) = closing(tokens, at + 1) else {
        return;
    };
    let mut more = Vec::new();
    for (index, name) in names.iter().enumerate() {
        if index > 0 || close > at + 2 {
            more.push(Token::new(Tok::Op, ",", place));
        }
        more.push(Token::new(Tok::Name, name, place));
    }
    tokens.splice(close..close, more);
}

/// Gives the calls in a statement what the procedures take.
pub(super) fn calls(stmt: &mut Stmt, taken: &BTreeMap<String, Vec<String>>, own: &str) -> Lowered {
    if let Kind::LogicalIf(inner) = &mut stmt.kind {
        calls(inner, taken, own)?;
    }
    if !stmt.executable() {
        return Ok(());
    }
    let mut index = 0;
    while index < stmt.tokens.len() {
        let token = &stmt.tokens[index];
        let at = token.at;
        let names = taken.get(&token.text).filter(|_| token.kind == Tok::Name);
        let call = (stmt.kind == Kind::Call && index == 0)
            || stmt.tokens.get(index + 1).is_some_and(|next| next.op("("));
        match names {
            Some(names) if call => append(&mut stmt.tokens, index, names, at),
            // The variable of a function's result is named like it.
            Some(_) if token.text != own => {
                let message = format!("'{}', which uses variables of its host", token.text);
                let remedy = "make what it uses arguments";
                return Err(Refusal::new(
                    at,
                    "procedure as an argument",
                    message,
                    remedy,
                ));
            }
            _ => {}
        }
        index += 1;
    }
    Ok(())
}
