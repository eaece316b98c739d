//! Arguments that calls get beside those that they have.

use std::collections::BTreeMap;

use super::exprs::map_parts;
use crate::error::{Lowered, Refusal};
use crate::expr::{Arg, Expr};
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
    if !stmt.executable() {
        return Ok(());
    }
    let at = stmt.at;
    let more = |name: &str, args: &mut Vec<Arg>| {
        let names = taken.get(name).into_iter().flatten().cloned();
        args.extend(names.map(|name| Arg::Expr(Expr::Name(name))));
    };
    map_parts(stmt, &mut |part| match part {
        Expr::Ref(name, mut args) => {
            more(&name, &mut args);
            Ok(Expr::Ref(name, args))
        }
        // The variable of a function's result is named like it.
        Expr::Name(name) if name != own && taken.contains_key(&name) => {
            let message = format!("'{name}', which uses variables of its host");
            let remedy = "make what it uses arguments";
            Err(Refusal::new(
                at,
                "procedure as an argument",
                message,
                remedy,
            ))
        }
        other => Ok(other),
    })?;
    let action = match &mut stmt.kind {
        Kind::LogicalIf(_, inner) => &mut inner.kind,
        kind => kind,
    };
    if let Kind::Call { name, args } = action {
        more(name, args);
    }
    Ok(())
}
