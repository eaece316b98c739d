//! Where expressions stand in statements: the one place that knows.

use crate::error::Lowered;
use crate::expr::{Expr, parse};
use crate::lists::{closing, split_at, split_commas};
use crate::source::{Kind, Stmt, Tok, Token, lex_fragment};

/// What an expression is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Its value counts.
    Value,
    /// It is assigned to, or read.
    Target,
    /// An argument of a CALL.
    Argument,
    /// An item of a WRITE or PRINT.
    Output,
}

/// What becomes of an expression.
pub(super) type Mapper<'a> = dyn FnMut(Expr, Place) -> Lowered<Expr> + 'a;

/// Calls `f` for every expression of a statement, those that a logical IF guards included.
pub(crate) fn each_expression(stmt: &Stmt, f: &mut dyn FnMut(&Expr)) {
    // Nothing fails that changes nothing.
    let _ = map_exprs(&mut stmt.clone(), &mut |expr, _| {
        f(&expr);
        Ok(expr)
    });
}

/// Replaces every expression of an executable statement, the one that a logical IF guards included.
/// What is no expression stays as it is.
pub(super) fn map_exprs(stmt: &mut Stmt, f: &mut Mapper) -> Lowered {
    match &mut stmt.kind {
        Kind::Format | Kind::Spec(_) | Kind::Attribute(_) | Kind::Type(_) | Kind::Procedure(_) => {
            return Ok(());
        }
        Kind::LogicalIf(inner) => map_exprs(inner, f)?,
        _ => {}
    }
    let tokens = std::mem::take(&mut stmt.tokens);
    stmt.tokens = match &stmt.kind {
        Kind::Assignment => assignment(&tokens, f)?,
        Kind::Call => call(&tokens, f)?,
        Kind::Action(word) => action(word, &tokens, f)?,
        Kind::Do { .. } => match tokens.iter().position(|token| token.op("=")) {
            Some(equals) => {
                let (head, bounds) = tokens.split_at(equals + 1);
                [head.to_vec(), list(bounds, Place::Value, f)?].concat()
            }
            None => tokens,
        },
        Kind::LogicalIf(_) | Kind::If | Kind::ElseIf | Kind::DoWhile { .. } | Kind::Select => {
            parenthesised(&tokens, f)?
        }
        Kind::Where => {
            let close = closing(&tokens, 0).map_or(tokens.len(), |close| close + 1);
            let (mask, rest) = tokens.split_at(close);
            [parenthesised(mask, f)?, assignment(rest, f)?].concat()
        }
        Kind::ArithmeticIf => {
            let close = closing(&tokens, 0).map_or(tokens.len(), |close| close + 1);
            [
                parenthesised(&tokens[..close], f)?,
                tokens[close..].to_vec(),
            ]
            .concat()
        }
        Kind::Goto => match (tokens.first(), closing(&tokens, 0)) {
            (Some(open), Some(close)) if open.op("(") => {
                let comma = tokens.get(close + 1).is_some_and(|token| token.op(","));
                let start = close + 1 + usize::from(comma);
                let index = one(&tokens[start..], Place::Value, f)?;
                [tokens[..start].to_vec(), index].concat()
            }
            _ => tokens,
        },
        _ => one(&tokens, Place::Value, f)?,
    };
    Ok(())
}

/// One expression; what does not parse as one is searched for references.
fn one(tokens: &[Token], place: Place, f: &mut Mapper) -> Lowered<Vec<Token>> {
    // Most are a name or a constant.
    if let [only] = tokens
        && only.kind != Tok::Name
        && place == Place::Value
    {
        return Ok(tokens.to_vec());
    }
    match (parse(tokens), tokens.first()) {
        (Some(expr), Some(first)) => {
            let mapped = f(expr.clone(), place)?;
            Ok(match mapped == expr {
                true => tokens.to_vec(),
                false => lex_fragment(&mapped.text(), first.at),
            })
        }
        _ => references(tokens, f),
    }
}

fn references(tokens: &[Token], f: &mut Mapper) -> Lowered<Vec<Token>> {
    let mut out = Vec::with_capacity(tokens.len());
    let mut next = 0;
    while next < tokens.len() {
        let open = next + 1;
        let reference =
            tokens[next].kind == Tok::Name && tokens.get(open).is_some_and(|token| token.op("("));
        let close = if reference {
            closing(tokens, open)
        } else {
            None
        };
        match close.and_then(|close| Some((close, parse(&tokens[next..=close])?))) {
            Some((close, expr)) => {
                let at = tokens[next].at;
                let mapped = f(expr.clone(), Place::Value)?;
                match mapped == expr {
                    true => out.extend_from_slice(&tokens[next..=close]),
                    false => out.extend(lex_fragment(&mapped.text(), at)),
                }
                next = close + 1;
            }
            None => {
                out.push(tokens[next].clone());
                next += 1;
            }
        }
    }
    Ok(out)
}

/// Expressions between commas.
fn list(tokens: &[Token], place: Place, f: &mut Mapper) -> Lowered<Vec<Token>> {
    let mut out = Vec::with_capacity(tokens.len());
    for (index, part) in split_commas(tokens).into_iter().enumerate() {
        if index > 0 {
            out.push(Token::new(
                Tok::Op,
                ",",
                part.first().map_or(tokens[0].at, |t| t.at),
            ));
        }
        // keyword = value
        match part {
            [word, equals, value @ ..] if word.kind == Tok::Name && equals.op("=") => {
                out.extend([word.clone(), equals.clone()]);
                out.extend(one(value, Place::Value, f)?);
            }
            // An alternate return.
            [star, label] if (star.op("*") || star.op("&")) && label.kind == Tok::Int => {
                out.extend_from_slice(part);
            }
            _ => out.extend(one(part, place, f)?),
        }
    }
    Ok(out)
}

fn parenthesised(tokens: &[Token], f: &mut Mapper) -> Lowered<Vec<Token>> {
    match tokens {
        [open, inner @ .., close] if open.op("(") && close.op(")") => {
            let inner = one(inner, Place::Value, f)?;
            Ok([vec![open.clone()], inner, vec![close.clone()]].concat())
        }
        _ => references(tokens, f),
    }
}

fn assignment(tokens: &[Token], f: &mut Mapper) -> Lowered<Vec<Token>> {
    match split_at(tokens, "=").as_slice() {
        [left, right] => {
            let equals = tokens[left.len()].clone();
            let left = one(left, Place::Target, f)?;
            Ok([left, vec![equals], one(right, Place::Value, f)?].concat())
        }
        _ => references(tokens, f),
    }
}

fn call(tokens: &[Token], f: &mut Mapper) -> Lowered<Vec<Token>> {
    match tokens {
        [name, open, inner @ .., close] if open.op("(") && close.op(")") => {
            let inner = list(inner, Place::Argument, f)?;
            Ok([vec![name.clone(), open.clone()], inner, vec![close.clone()]].concat())
        }
        _ => Ok(tokens.to_vec()),
    }
}

/// A control list in parentheses, or a format; then items.
fn action(word: &str, tokens: &[Token], f: &mut Mapper) -> Lowered<Vec<Token>> {
    let items = match word {
        "write" | "print" => Place::Output,
        "read" => Place::Target,
        _ => Place::Value,
    };
    let control = tokens.first().is_some_and(|token| token.op("("));
    let close = if control { closing(tokens, 0) } else { None };
    // PRINT may have its format in parentheses.
    let end = match (word, close) {
        ("print", _) | (_, None) => split_commas(tokens).first().map_or(0, |part| part.len()),
        (_, Some(close)) => close + 1,
    };
    let mut out = match close.filter(|close| close + 1 == end) {
        Some(close) if close > 1 => {
            let inner = list(&tokens[1..close], Place::Value, f)?;
            [vec![tokens[0].clone()], inner, vec![tokens[close].clone()]].concat()
        }
        _ => references(&tokens[..end], f)?,
    };
    let mut rest = &tokens[end..];
    if let [comma, after @ ..] = rest
        && comma.op(",")
    {
        out.push(comma.clone());
        rest = after;
    }
    if !rest.is_empty() {
        out.extend(list(rest, items, f)?);
    }
    Ok(out)
}
