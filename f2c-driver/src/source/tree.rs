//! Tokens to the trees of statements.

use super::lex::{Tok, Token};
use super::stmt::{Count, Kind};
use crate::expr::{Expr, parse};
use crate::lists::{closing, split_at, split_commas};

/// A tree, or the tokens as they are where they make none.
pub(super) fn tree(
    word: &'static str,
    tokens: Vec<Token>,
    read: impl Fn(&[Token]) -> Option<Kind>,
) -> (Kind, Vec<Token>) {
    match read(&tokens) {
        Some(kind) => (kind, Vec::new()),
        None => (Kind::Mistaken(word), tokens),
    }
}

/// `target = value`.
pub(super) fn assignment(tokens: &[Token]) -> Option<Kind> {
    let parts = split_at(tokens, "=");
    let [target, value] = parts.as_slice() else {
        return None;
    };
    let (target, value) = (parse(target)?, parse(value)?);
    let variable = matches!(target, Expr::Name(_) | Expr::Ref(..) | Expr::Substring(..));
    variable.then_some(Kind::Assignment { target, value })
}

/// `name(arguments)`.
pub(super) fn call(tokens: &[Token]) -> Option<Kind> {
    let (name, args) = match parse(tokens)? {
        Expr::Name(name) => (name, Vec::new()),
        Expr::Ref(name, args) => (name, args),
        _ => return None,
    };
    Some(Kind::Call { name, args })
}

/// `variable = first, last, step`, or nothing.
pub(super) fn count(label: &Option<String>, tokens: &[Token]) -> Option<Kind> {
    let count = match tokens {
        [] => None,
        [variable, equals, bounds @ ..] if variable.kind == Tok::Name && equals.op("=") => {
            let bounds: Option<Vec<Expr>> = split_commas(bounds).into_iter().map(parse).collect();
            Some(Count {
                variable: variable.text.clone(),
                bounds: bounds.filter(|bounds| (2..=3).contains(&bounds.len()))?,
            })
        }
        _ => return None,
    };
    let label = label.clone();
    Some(Kind::Do { label, count })
}

/// What stands in parentheses that are all of the tokens.
pub(super) fn condition(tokens: &[Token]) -> Option<Expr> {
    match tokens {
        [_, inner @ .., _] if closing(tokens, 0) == Some(tokens.len() - 1) => parse(inner),
        _ => None,
    }
}
