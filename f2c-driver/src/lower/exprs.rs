//! Where expressions stand in statements: the one place that knows.

use crate::error::Lowered;
use crate::expr::{Arg, Expr, parse};
use crate::lists::closing;
use crate::source::{Control, Kind, Stmt, Tok, Token, lex_fragment};

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

/// Replaces every part of the expressions of a statement, the innermost first.
pub(super) fn map_parts(stmt: &mut Stmt, f: &mut dyn FnMut(Expr) -> Lowered<Expr>) -> Lowered {
    fn inside(expr: Expr, f: &mut dyn FnMut(Expr) -> Lowered<Expr>) -> Lowered<Expr> {
        let expr = expr.try_map_parts(&mut |part| inside(part, f))?;
        f(expr)
    }
    map_exprs(stmt, &mut |expr, _| inside(expr, f))
}

/// Replaces every expression of an executable statement, the one that a logical IF guards included.
/// What is no expression stays as it is.
pub(super) fn map_exprs(stmt: &mut Stmt, f: &mut Mapper) -> Lowered {
    match &mut stmt.kind {
        Kind::Format | Kind::Spec(_) | Kind::Attribute(_) | Kind::Type(_) | Kind::Procedure(_) => {
            return Ok(());
        }
        Kind::Assignment { target, value } => {
            replace(target, Place::Target, f)?;
            return replace(value, Place::Value, f);
        }
        Kind::Call { args, .. } => return arguments(args, Place::Argument, f),
        Kind::LogicalIf(condition, inner) => {
            map_exprs(inner, f)?;
            return replace(condition, Place::Value, f);
        }
        Kind::Where(mask, inner) => {
            replace(mask, Place::Value, f)?;
            return inner.as_mut().map_or(Ok(()), |inner| map_exprs(inner, f));
        }
        Kind::If(condition)
        | Kind::ElseIf(condition)
        | Kind::ArithmeticIf(condition)
        | Kind::DoWhile { condition, .. }
        | Kind::Select(condition)
        | Kind::ElseWhere(Some(condition)) => return replace(condition, Place::Value, f),
        Kind::Case(values) => {
            return values.iter_mut().try_for_each(|value| match value {
                Arg::Range(low, high, _) => {
                    let mut bounds = low.iter_mut().chain(high);
                    bounds.try_for_each(|bound| replace(bound, Place::Value, f))
                }
                Arg::Expr(value) | Arg::Keyword(_, value) => replace(value, Place::Value, f),
                Arg::Label(_) => Ok(()),
            });
        }
        Kind::Io {
            word,
            control,
            items,
        } => {
            let place = match *word {
                "write" | "print" => Place::Output,
                "read" => Place::Target,
                _ => Place::Value,
            };
            match control {
                Control::List(args) => arguments(args, Place::Value, f)?,
                Control::Alone(value) => replace(value, Place::Value, f)?,
            }
            return items
                .iter_mut()
                .try_for_each(|item| replace(item, place, f));
        }
        Kind::Do { count, .. } => {
            let mut bounds = count.iter_mut().flat_map(|count| &mut count.bounds);
            return bounds.try_for_each(|bound| replace(bound, Place::Value, f));
        }
        _ => {}
    }
    let tokens = std::mem::take(&mut stmt.tokens);
    stmt.tokens = match &stmt.kind {
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

fn replace(expr: &mut Expr, place: Place, f: &mut Mapper) -> Lowered {
    let own = std::mem::replace(expr, Expr::Array(Vec::new()));
    *expr = f(own, place)?;
    Ok(())
}

fn arguments(args: &mut [Arg], place: Place, f: &mut Mapper) -> Lowered {
    args.iter_mut().try_for_each(|arg| match arg {
        Arg::Expr(expr) => replace(expr, place, f),
        Arg::Keyword(_, expr) => replace(expr, Place::Value, f),
        Arg::Range(..) | Arg::Label(_) => Ok(()),
    })
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

/// Replaces the references to functions and arrays among tokens.
pub(super) fn references(tokens: &[Token], f: &mut Mapper) -> Lowered<Vec<Token>> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::tests::{Random, bare};
    use crate::options::{Form, Options};
    use crate::source::{Count, Files, Loc, read};

    fn statement(random: &mut Random, guarded: bool) -> Stmt {
        let mut expr = || random.expr(3);
        let target = Expr::Ref("a".into(), vec![Arg::Expr(expr())]);
        let (first, second) = (expr(), expr());
        let bounds = vec![expr(), expr()];
        let label = (random.below(2) == 0).then(|| "10".to_owned());
        let kind = match random.below(if guarded { 3 } else { 12 }) {
            0 => Kind::Assignment {
                target,
                value: first,
            },
            1 => Kind::Call {
                name: "s".into(),
                args: vec![Arg::Expr(first), Arg::Keyword("k".into(), second)],
            },
            2 => Kind::Io {
                word: "write",
                control: Control::List(vec![
                    Arg::Expr(Expr::Lit(Token::new(Tok::Op, "*", Loc::default()))),
                    Arg::Keyword("fmt".into(), first),
                ]),
                items: vec![Expr::Implied(vec![second], "i".into(), bounds)],
            },
            3 => Kind::If(first),
            4 => Kind::ElseIf(first),
            5 => Kind::LogicalIf(first, Box::new(statement(random, true))),
            6 => Kind::Do {
                label,
                count: Some(Count {
                    variable: "i".into(),
                    bounds: vec![first, second],
                }),
            },
            7 => Kind::DoWhile {
                label,
                condition: first,
            },
            8 => Kind::Select(first),
            10 => Kind::Case(vec![Arg::Expr(first), Arg::Range(Some(second), None, None)]),
            9 => Kind::Where(first, None),
            _ => Kind::ElseWhere(Some(first)),
        };
        Stmt::tree(kind, Loc::default())
    }

    fn without_parentheses(mut stmt: Stmt) -> Stmt {
        map_exprs(&mut stmt, &mut |expr, _| Ok(bare(expr))).expect("nothing fails");
        stmt
    }

    fn same(stmt: Stmt) {
        let text = stmt.text();
        let read = without_parentheses(Stmt::parse(&text, stmt.at));
        let stmt = without_parentheses(stmt);
        assert_eq!((read.kind, read.tokens), (stmt.kind, stmt.tokens), "{text}");
    }

    #[test]
    fn generated_statements_are_read_as_they_are_printed() {
        let mut random = Random(2);
        for _ in 0..5_000 {
            same(statement(&mut random, false));
        }
    }

    #[test]
    fn statements_of_files_are_read_as_they_are_printed() {
        let tests = camino::Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        let mut trees = 0;
        for folder in ["lower", "native", "convert"] {
            for entry in tests.join(folder).read_dir_utf8().expect("a folder") {
                let path = entry.expect("a file").into_path();
                let Some(form) = path
                    .extension()
                    .filter(|extension| extension.starts_with('f'))
                    .map(Form::of_extension)
                else {
                    continue;
                };
                let options = Options {
                    form,
                    ..Options::default()
                };
                let (mut files, mut refusals) = (Files::default(), Vec::new());
                let bytes = std::fs::read(&path).expect("a readable file");
                for stmt in read(&bytes, &path, &options, &mut files, &mut refusals) {
                    let tree = stmt.executable() && stmt.tokens.is_empty();
                    if tree && stmt.construct.is_none() {
                        same(stmt);
                        trees += 1;
                    }
                }
            }
        }
        assert!(trees > 1_000, "{trees}");
    }
}
