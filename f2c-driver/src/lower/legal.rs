//! What gfortran refuses and f2c would take, each for something.

use super::Scope;
use super::formats;
use super::ranges;
use crate::consts;
use crate::data_type::{Class, Type};
use crate::declaration::declaration;
use crate::error::{Lowered, Refusal};
use crate::expr::Expr;
use crate::intrinsics;
use crate::lists::{closing, split_commas};
use crate::source::{Control, Kind, Loc, Stmt, Tok, Token};
use crate::symbols::Table;
use crate::unit::Unit;

/// Refuses it.
pub(super) fn check(scope: &mut Scope) -> Lowered {
    for stmt in &scope.unit.spec {
        specification(stmt, scope)?;
    }
    block_data(scope)?;
    let assigned = assigned(&scope.unit.body);
    for stmt in scope.unit.body.iter().flat_map(Stmt::parts) {
        executable(stmt, &assigned, scope)?;
    }
    ranges::wrap(scope)?;
    constants(scope)?;
    ranges::check(scope)
}

/// What BLOCK DATA cannot have, to which f2c makes an exception.
fn block_data(scope: &Scope) -> Lowered {
    let header = scope.unit.header.as_ref();
    if !header.is_some_and(|header| header.kind == Kind::BlockData) {
        return Ok(());
    }
    let allowed = |stmt: &&Stmt| match stmt.kind {
        Kind::Spec(word) => !matches!(word, "namelist" | "external"),
        Kind::Type(_) | Kind::Attribute(_) | Kind::Use => true,
        _ => false,
    };
    let stmts = scope.unit.spec.iter().chain(&scope.unit.body);
    match stmts.into_iter().find(|stmt| !allowed(stmt)) {
        Some(stmt) => {
            let shown: String = stmt.text().chars().take(40).collect();
            let message = format!("'{shown}' is not allowed in it");
            scope.refuse(stmt.at, "BLOCK DATA", message, "")
        }
        None => Ok(()),
    }
}

/// A dimension without bounds, as in `A(3,)`.
fn no_bound(stmt: &Stmt) -> Option<&Token> {
    let lists = stmt.tokens.iter().enumerate();
    let mut lists = lists.filter(|(_, token)| token.op("("));
    lists.find_map(|(open, token)| {
        let close = closing(&stmt.tokens, open)?;
        let list = &stmt.tokens[open + 1..close];
        let empty = !list.is_empty() && split_commas(list).iter().any(|part| part.is_empty());
        empty.then_some(token)
    })
}

fn specification(stmt: &Stmt, scope: &Scope) -> Lowered {
    if matches!(
        stmt.kind,
        Kind::Type(_) | Kind::Spec("dimension" | "common")
    ) && let Some(token) = no_bound(stmt)
    {
        return scope.refuse(token.at, "declaration", "a dimension without bounds", "");
    }
    match &stmt.kind {
        Kind::Format => format_statement(stmt, scope),
        Kind::Type(base) => {
            let declared = declaration(stmt, *base, &scope.table)?;
            let odd = |entity: &&crate::declaration::Entity| entity.len.is_some();
            match declared.entities.iter().find(odd) {
                Some(entity) if declared.ty != Type::CHARACTER => {
                    let message = format!("a length of '{}', which is no string", entity.name);
                    let remedy = "declare it with a type of its own";
                    scope.refuse(entity.at, "declaration", message, remedy)
                }
                _ => Ok(()),
            }
        }
        Kind::Spec("implicit") => {
            let ends = |part: &&[Token]| part.last().is_some_and(|token| token.op(")"));
            let none = |part: &&[Token]| part.first().is_some_and(|token| token.name("none"));
            let parts = split_commas(&stmt.tokens);
            match parts.iter().all(|part| ends(part) || none(part)) {
                true => Ok(()),
                false => scope.refuse(stmt.at, "IMPLICIT", "a type without letters", ""),
            }
        }
        Kind::Spec("intrinsic") => {
            let names = stmt.tokens.iter().filter(|token| token.kind == Tok::Name);
            for name in names {
                if intrinsics::find(&name.text).is_none() {
                    let message = format!("'{}' is no intrinsic procedure", name.text);
                    return scope.refuse(name.at, "INTRINSIC", message, "declare it EXTERNAL");
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// The variables that an ASSIGN gives a label.
fn assigned(body: &[Stmt]) -> Vec<&str> {
    let all = body.iter().flat_map(Stmt::parts);
    all.filter(|stmt| stmt.kind == Kind::Action("assign"))
        .filter_map(|stmt| stmt.tokens.last())
        // Without blanks between the words the last two are one.
        .flat_map(|token| [Some(token.text.as_str()), token.text.strip_prefix("to")])
        .flatten()
        .collect()
}

fn executable(stmt: &Stmt, assigned: &[&str], scope: &Scope) -> Lowered {
    match stmt.kind {
        Kind::Format => format_statement(stmt, scope),
        Kind::Goto => match stmt.tokens.first() {
            Some(name) if name.kind == Tok::Name && !assigned.contains(&name.text.as_str()) => {
                let message = format!("no ASSIGN gives '{}' a label", name.text);
                scope.refuse(name.at, "GOTO", message, "")
            }
            _ => Ok(()),
        },
        Kind::Io {
            word: "read" | "write" | "print",
            ref control,
            ..
        } => transfer(control, stmt.at, scope),
        _ => Ok(()),
    }
}

fn format_statement(stmt: &Stmt, scope: &Scope) -> Lowered {
    let text = stmt.tokens.first().map_or("", |token| &token.text);
    match formats::mistake(text.as_bytes(), true) {
        Some(message) => scope.refuse(stmt.at, "FORMAT", message, ""),
        None => Ok(()),
    }
}

/// The format of a READ, WRITE or PRINT, if it is a constant.
fn constant_format(format: &Expr, at: Loc, scope: &Scope) -> Lowered {
    let constant = |name: &String| {
        let constant = scope.table.get(name)?;
        let value = crate::expr::parse(constant.parameter.as_ref()?)?;
        let text = consts::string(&value, &scope.table)?;
        let len = constant.len.as_ref();
        let len = len.and_then(|len| consts::eval_int(len, &scope.table));
        len.is_none_or(|len| len >= text.len() as i64)
            .then_some(text)
    };
    let text = match format {
        Expr::Name(name) => constant(name),
        _ => consts::string(format, &scope.table),
    };
    let mut place = None;
    format.walk(&mut |part| {
        if let Expr::Lit(token) = part {
            place.get_or_insert(token.at);
        }
    });
    // A backslash may hide a quote.
    let text = text.filter(|_| !scope.options.backslash);
    match text.and_then(|text| formats::mistake(&text, false)) {
        Some(message) => scope.refuse(place.unwrap_or(at), "format", message, ""),
        None => Ok(()),
    }
}

/// The unit and the format.
fn transfer(control: &Control, at: Loc, scope: &Scope) -> Lowered {
    let format = match control {
        Control::List(_) => control.value("fmt", 1),
        Control::Alone(format) => Some(format),
    };
    if let Some(format) = format {
        constant_format(format, at, scope)?;
    }
    if let Some(Expr::Lit(unit)) = control.value("unit", 0)
        && matches!(
            unit.kind,
            Tok::Str | Tok::Real | Tok::Logical | Tok::Hollerith
        )
    {
        let message = "neither an INTEGER nor a CHARACTER variable";
        return scope.refuse(unit.at, "UNIT=", message, "assign it to a variable");
    }
    Ok(())
}

/// Constants that are too big for their kind.
fn constants(scope: &mut Scope) -> Lowered {
    let table = scope.table.clone();
    let mut found: Option<(Loc, &str, &str)> = None;
    let unit = &mut scope.unit;
    for stmt in unit.spec.iter_mut().chain(&mut unit.body) {
        let values = matches!(stmt.kind, Kind::Spec("data") | Kind::Type(_));
        // The two tokens before: a sign of DATA belongs to its number.
        let mut before = [false, false];
        stmt.each_token(&mut |token| {
            let signed = values && before == [true, true];
            let opens = ["/", ",", "*"].iter().any(|op| token.op(op));
            before = if token.op("-") {
                [before[0], true]
            } else {
                [opens, false]
            };
            if found.is_some() {
                return;
            }
            let (digits, kind) = match token.text.split_once('_') {
                Some((digits, suffix)) => match consts::suffix_kind(suffix, &table) {
                    Some(kind) => (digits, u8::try_from(kind).ok()),
                    None => return,
                },
                None => (token.text.as_str(), None),
            };
            match token.kind {
                Tok::Int => {
                    let most = ranges::most(kind.unwrap_or(table.integer)) + i128::from(signed);
                    if digits.parse::<i128>().is_ok_and(|value| value > most) {
                        let message = "an integer too big for its kind";
                        found = Some((token.at, message, "give it a kind, as in 3000000000_8"));
                    }
                }
                Tok::Real => {
                    let single = kind.unwrap_or(table.real) == 4 && !digits.contains(['d', 'q']);
                    let digits = digits.replace(['d', 'q'], "e");
                    let infinite = match single {
                        true => digits.parse::<f32>().is_ok_and(f32::is_infinite),
                        false => digits.parse::<f64>().is_ok_and(f64::is_infinite),
                    };
                    if infinite {
                        let message = "a number too big for its kind";
                        found = Some((token.at, message, "write a D for its E, as in 1D39"));
                    }
                }
                _ => {}
            }
        });
    }
    match found {
        Some((at, message, remedy)) => scope.refuse(at, "constant", message, remedy),
        None => Ok(()),
    }
}

/// Functions of the file by their names and types.
pub(super) fn defined(
    units: &[Unit],
    scope: &mut dyn FnMut(&Unit) -> Option<Table>,
) -> Vec<(String, Type)> {
    let functions = units.iter().filter(|unit| unit.function());
    functions
        .filter_map(|unit| {
            let ty = scope(unit)?.type_of(unit.result()?)?;
            (ty.class != Class::Character).then(|| (unit.name.clone(), ty))
        })
        .collect()
}

/// A function that a unit takes for one of another type than the file gives it.
pub(super) fn mistaken(
    unit: &Unit,
    used: &[(String, Type)],
    defined: &[(String, Type)],
) -> Lowered {
    let others = used.iter().filter(|(name, _)| *name != unit.name);
    for (name, ty) in others {
        let other = defined
            .iter()
            .find(|(known, own)| known == name && own != ty);
        if let Some((_, own)) = other {
            let message = format!(
                "'{name}' is {} here, and {} where it is defined",
                ty.keyword(),
                own.keyword()
            );
            return Err(Refusal::new(
                unit.at(),
                "function",
                message,
                "declare its type",
            ));
        }
    }
    Ok(())
}
