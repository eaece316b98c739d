//! Type declarations taken apart, in FORTRAN 77's style and in Fortran 90's.

use crate::consts::{self, Value};
use crate::data_type::{Class, Type};
use crate::dim::Dim;
use crate::error::{Lowered, Refusal};
use crate::lists::{closing, inside, split_commas};
use crate::source::{Base, Kind, Loc, Stmt, Tok, Token, join};
use crate::symbols::Table;

/// A type declaration taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    pub ty: Type,
    pub len: Option<Vec<Token>>,
    pub attributes: Vec<Vec<Token>>,
    pub entities: Vec<Entity>,
    /// It uses no syntax beyond FORTRAN 77 as f2c reads it.
    pub plain: bool,
}

impl Declaration {
    /// The attribute of that name.
    pub fn attribute(&self, name: &str) -> Option<&[Token]> {
        self.attributes
            .iter()
            .find(|tokens| tokens[0].name(name))
            .map(Vec::as_slice)
    }
}

/// One name of a declaration.
#[derive(Clone, Debug)]
pub(crate) struct Entity {
    pub name: String,
    pub at: Loc,
    pub dims: Vec<Dim>,
    pub len: Option<Vec<Token>>,
    /// After `=`.
    pub value: Option<Vec<Token>>,
    /// Between slashes.
    pub data: Option<Vec<Token>>,
}

fn bad(at: Loc, message: &str) -> Refusal {
    Refusal::new(at, "declaration", message, "")
}

/// The type that a keyword and its kind or length tokens mean, the length of a CHARACTER, and
/// whether FORTRAN 77 could say it.
pub(crate) fn resolve_type(
    base: Base,
    spec: &[Token],
    table: &Table,
    at: Loc,
) -> Lowered<(Type, Option<Vec<Token>>, bool)> {
    if base == Base::Character {
        let (len, plain) = character_length(spec);
        return Ok((Type::CHARACTER, len, plain));
    }
    let (class, default) = match base {
        Base::Integer => (Class::Integer, 4),
        Base::Byte => (Class::Integer, 1),
        Base::Real => (Class::Real, table.real),
        Base::DoublePrecision => (Class::Real, 8),
        Base::Complex => (Class::Complex, table.real),
        Base::DoubleComplex => (Class::Complex, 8),
        Base::Logical | Base::Character => (Class::Logical, 4),
    };
    let mut bytes = default;
    let mut plain = true;
    match spec {
        [] => {}
        [star, size] if star.op("*") => {
            let size: u8 = size
                .text
                .parse()
                .map_err(|_| bad(at, "the length is not a number"))?;
            bytes = if class == Class::Complex {
                size / 2
            } else {
                size
            };
        }
        [open, kind @ .., _] if open.op("(") => {
            plain = false;
            let kind = match kind {
                [name, equals, rest @ ..] if name.name("kind") && equals.op("=") => rest,
                other => other,
            };
            let value = crate::expr::parse(kind).and_then(|expr| consts::eval(&expr, table));
            let Some(Value::Int(value)) = value else {
                let message = format!("the kind '{}' is not a known constant", join(kind));
                let remedy = "declare it as an INTEGER PARAMETER";
                return Err(Refusal::new(at, "declaration", message, remedy));
            };
            bytes = u8::try_from(value).unwrap_or(0);
        }
        _ => return Err(bad(at, "the kind is not understood")),
    }
    let known: &[u8] = match class {
        Class::Integer => &[1, 2, 4, 8],
        Class::Logical => &[1, 2, 4],
        _ => &[4, 8],
    };
    if !known.contains(&bytes) {
        return Err(Refusal::new(
            at,
            format!("{} of kind {bytes}", base.keyword()),
            "f2c has no such type",
            match class {
                Class::Integer => "use 1, 2, 4 or 8 bytes",
                Class::Logical => "use 1, 2 or 4 bytes",
                _ => "use single or double precision",
            },
        ));
    }
    Ok((Type { class, bytes }, None, plain))
}

/// The length in `*10`, `*(*)`, `(10)`, `(len=10)`, `(len=10, kind=1)`.
fn character_length(spec: &[Token]) -> (Option<Vec<Token>>, bool) {
    match spec {
        [star, open, inner @ .., _] if star.op("*") && open.op("(") => (Some(inner.to_vec()), true),
        [star, length] if star.op("*") => (Some(vec![length.clone()]), true),
        [open, inner @ .., _] if open.op("(") => {
            let length = split_commas(inner).into_iter().find_map(|part| match part {
                [name, equals, rest @ ..] if equals.op("=") => {
                    name.name("len").then(|| rest.to_vec())
                }
                _ => Some(part.to_vec()),
            });
            (length, false)
        }
        _ => (None, true),
    }
}

/// Number of leading tokens that give a kind or length.
pub(crate) fn spec_length(tokens: &[Token]) -> usize {
    match tokens {
        [star, open, ..] if star.op("*") && open.op("(") => {
            closing(tokens, 1).map_or(0, |close| close + 1)
        }
        [star, ..] if star.op("*") => 2.min(tokens.len()),
        [open, ..] if open.op("(") => closing(tokens, 0).map_or(0, |close| close + 1),
        _ => 0,
    }
}

/// Takes a type declaration apart.
pub(crate) fn declaration(stmt: &Stmt, base: Base, table: &Table) -> Lowered<Declaration> {
    let used = spec_length(&stmt.tokens);
    let (ty, len, mut plain) = resolve_type(base, &stmt.tokens[..used], table, stmt.at)?;
    let mut rest = &stmt.tokens[used..];
    let mut attributes = Vec::new();
    if let Some(colons) = rest.iter().position(|token| token.op("::")) {
        plain = false;
        attributes = split_commas(&rest[..colons])
            .into_iter()
            .filter(|tokens| !tokens.is_empty())
            .map(<[Token]>::to_vec)
            .collect();
        rest = &rest[colons + 1..];
    } else if rest.first().is_some_and(|token| token.op(",")) {
        rest = &rest[1..];
    }
    let mut entities = Vec::new();
    let mut next = 0;
    while next < rest.len() {
        let (entity, used) = entity(&rest[next..], stmt.at)?;
        plain &= entity.value.is_none();
        entities.push(entity);
        next += used + 1;
    }
    Ok(Declaration {
        ty,
        len,
        attributes,
        entities,
        plain,
    })
}

/// One entity and the number of its tokens.
pub(crate) fn entity(tokens: &[Token], at: Loc) -> Lowered<(Entity, usize)> {
    let name = tokens.first().filter(|token| token.kind == Tok::Name);
    let Some(name) = name else {
        return Err(bad(at, "a name is expected"));
    };
    let mut out = Entity {
        name: name.text.clone(),
        at: name.at,
        dims: Vec::new(),
        len: None,
        value: None,
        data: None,
    };
    let mut next = 1;
    while let Some(token) = tokens.get(next) {
        if token.op(",") {
            break;
        }
        let rest = &tokens[next..];
        if token.op("(") {
            let close = closing(rest, 0).ok_or_else(|| bad(at, "a parenthesis is not closed"))?;
            out.dims = Dim::list(&rest[1..close]);
            next += close + 1;
        } else if token.op("*") {
            let used = spec_length(rest);
            out.len = character_length(&rest[..used]).0;
            next += used.max(1);
        } else if token.op("/") {
            let end = rest[1..].iter().position(|token| token.op("/"));
            let end = end.ok_or_else(|| bad(at, "the list of values does not end"))?;
            out.data = Some(rest[1..=end].to_vec());
            next += end + 2;
        } else if token.op("=") || token.op("=>") {
            let value = split_commas(&rest[1..])
                .first()
                .map_or(&[][..], |part| part);
            out.value = Some(value.to_vec());
            next += 1 + value.len();
        } else if token.op("[") {
            let message = "a variable of several images";
            return Err(Refusal::new(at, "coarray", message, "there is one image"));
        } else {
            return Err(bad(
                at,
                &format!("'{}' is not expected after a name", token.text),
            ));
        }
    }
    Ok((out, next))
}

/// The parts of an IMPLICIT statement: a type, a declaration of `x` with it, and the letters it is for.
pub(crate) fn implicit_rules(stmt: &Stmt) -> impl Iterator<Item = (Base, Stmt, &[Token])> {
    split_commas(&stmt.tokens).into_iter().filter_map(|part| {
        let open = part.iter().rposition(|token| token.op("("))?;
        let head = Stmt::parse(&format!("{} x", join(&part[..open])), stmt.at);
        match head.kind {
            Kind::Type(base) => Some((base, head, inside(&part[open..]))),
            _ => None,
        }
    })
}
