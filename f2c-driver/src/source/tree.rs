//! Tokens to the trees of statements.

use super::stmt::{Control, Count, Kind};
use super::{Tok, Token};
use crate::expr::{Arg, Expr, parse};
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

/// `(values)` or `default`; the construct's name may follow.
pub(super) fn case(tokens: &[Token]) -> Option<Kind> {
    let (values, rest) = match closing(tokens, 0) {
        Some(close) if tokens[0].op("(") => {
            let case = Token::new(Tok::Name, "case", tokens[0].at);
            match parse(&[&[case], &tokens[..=close]].concat())? {
                Expr::Ref(_, values) if !values.is_empty() => (values, &tokens[close + 1..]),
                _ => return None,
            }
        }
        _ => (Vec::new(), &tokens[1..]),
    };
    let value = |arg: &Arg| matches!(arg, Arg::Expr(_) | Arg::Range(_, _, None));
    let named = matches!(rest, []) || matches!(rest, [name] if name.kind == Tok::Name);
    (named && values.iter().all(value)).then_some(Kind::Case(values))
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

/// A control list or a format or unit alone, then items.
pub(super) fn io(word: &'static str, tokens: &[Token]) -> Option<Kind> {
    let items = |parts: &[&[Token]]| -> Option<Vec<Expr>> {
        parts.iter().map(|part| parse(part)).collect()
    };
    let open = tokens.first().is_some_and(|token| token.op("("));
    // PRINT may have its format in parentheses.
    let close = closing(tokens, 0).filter(|_| open && word != "print");
    let rest = close.map_or(&[][..], |close| &tokens[close + 1..]);
    let rest = match rest {
        [comma, rest @ ..] if comma.op(",") => (true, rest),
        rest => (false, rest),
    };
    let (control, items) = match (close, rest) {
        // So may READ, with a comma behind it.
        (Some(close), (comma, rest)) if !comma || word != "read" => {
            let list = split_commas(&tokens[1..close]).into_iter().map(specifier);
            (
                Control::List(list.collect::<Option<_>>()?),
                items(&split_commas(rest))?,
            )
        }
        _ => {
            let parts = split_commas(tokens);
            let (first, rest) = parts.split_first()?;
            (Control::Alone(value(first)?), items(rest)?)
        }
    };
    Some(Kind::Io {
        word,
        control,
        items,
    })
}

fn specifier(tokens: &[Token]) -> Option<Arg> {
    match tokens {
        [name, equals, given @ ..] if name.kind == Tok::Name && equals.op("=") => {
            Some(Arg::Keyword(name.text.clone(), value(given)?))
        }
        _ => value(tokens).map(Arg::Expr),
    }
}

fn value(tokens: &[Token]) -> Option<Expr> {
    match tokens {
        [star] if star.op("*") => Some(Expr::Lit(star.clone())),
        _ => parse(tokens),
    }
}
