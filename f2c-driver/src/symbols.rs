//! What the names of a program unit stand for.

use std::collections::BTreeMap;

use crate::consts::{self, Value};
use crate::error::{Lowered, Refusal};
use crate::expr::{closing, split_at, split_commas};
use crate::source::{Base, Kind, Loc, Stmt, Tok, Token, join};
use crate::unit::Unit;

/// A type class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Integer,
    Real,
    Complex,
    Logical,
    Character,
}

/// A type: its class and the bytes of one number (of one part for COMPLEX).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub class: Class,
    pub bytes: u8,
}

impl Type {
    pub const INTEGER: Self = Self {
        class: Class::Integer,
        bytes: 4,
    };
    pub const REAL: Self = Self {
        class: Class::Real,
        bytes: 4,
    };
    pub const DOUBLE: Self = Self {
        class: Class::Real,
        bytes: 8,
    };
    pub const LOGICAL: Self = Self {
        class: Class::Logical,
        bytes: 4,
    };
    pub const CHARACTER: Self = Self {
        class: Class::Character,
        bytes: 1,
    };

    /// The declaration that f2c understands.
    pub fn keyword(self) -> &'static str {
        match (self.class, self.bytes) {
            (Class::Integer, 1) => "integer*1",
            (Class::Integer, 2) => "integer*2",
            (Class::Integer, 8) => "integer*8",
            (Class::Integer, _) => "integer",
            (Class::Real, 8) => "double precision",
            (Class::Real, _) => "real",
            (Class::Complex, 8) => "double complex",
            (Class::Complex, _) => "complex",
            (Class::Logical, 1) => "logical*1",
            (Class::Logical, 2) => "logical*2",
            (Class::Logical, 8) => "logical*8",
            (Class::Logical, _) => "logical",
            (Class::Character, _) => "character",
        }
    }

    /// Bytes of one scalar (of one character for CHARACTER).
    pub fn size(self) -> u64 {
        u64::from(self.bytes) * if self.class == Class::Complex { 2 } else { 1 }
    }
}

/// A dimension.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Dim {
    /// Lower bound; none means 1.
    pub lower: Option<Vec<Token>>,
    pub upper: Upper,
}

/// The upper bound of a dimension.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Upper {
    Given(Vec<Token>),
    /// `*`
    Assumed,
    /// `:`
    Deferred,
}

/// What is known of a name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Symbol {
    /// Its declared type.
    pub declared: Option<Type>,
    /// Length of a CHARACTER; none means 1. `*` as a token for assumed length.
    pub len: Option<Vec<Token>>,
    pub dims: Vec<Dim>,
    pub dummy: bool,
    pub external: bool,
    pub intrinsic: bool,
    pub allocatable: bool,
    pub saved: bool,
    /// In DATA, COMMON, EQUIVALENCE or NAMELIST, or initialised: f2c gives it static storage.
    pub fixed: bool,
    pub common: bool,
    /// The value of a PARAMETER.
    pub parameter: Option<Vec<Token>>,
    pub at: Loc,
}

/// Names of a unit.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    names: BTreeMap<String, Symbol>,
    implicit: [Option<Type>; 26],
    /// SAVE without a list.
    pub save_all: bool,
}

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

impl Dim {
    /// Dimensions between parentheses.
    pub fn list(tokens: &[Token]) -> Vec<Self> {
        split_commas(tokens)
            .into_iter()
            .map(|dim| {
                let parts = split_at(dim, ":");
                let colon = dim.iter().any(|token| token.op(":")) && parts.len() <= 2;
                let (lower, upper) = match parts.as_slice() {
                    [only] if !colon => (None, only.to_vec()),
                    [lower, upper] => (Some(lower.to_vec()), upper.to_vec()),
                    _ => (None, Vec::new()),
                };
                let upper = match upper.as_slice() {
                    [] => Upper::Deferred,
                    [star] if star.op("*") => Upper::Assumed,
                    _ => Upper::Given(upper),
                };
                Self {
                    lower: lower.filter(|tokens| !tokens.is_empty()),
                    upper,
                }
            })
            .collect()
    }

    /// As Fortran text.
    pub fn text(&self) -> String {
        let upper = match &self.upper {
            Upper::Given(tokens) => join(tokens),
            Upper::Assumed => "*".into(),
            Upper::Deferred => ":".into(),
        };
        match &self.lower {
            Some(lower) => format!("{}:{upper}", join(lower)),
            None => upper,
        }
    }
}

/// `(d1, d2)` or nothing.
pub(crate) fn dims_text(dims: &[Dim]) -> String {
    if dims.is_empty() {
        return String::new();
    }
    let texts: Vec<String> = dims.iter().map(Dim::text).collect();
    format!("({})", texts.join(","))
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
        Base::Real => (Class::Real, 4),
        Base::DoublePrecision => (Class::Real, 8),
        Base::Complex => (Class::Complex, 4),
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
                return Err(bad(at, &message));
            };
            bytes = u8::try_from(value).unwrap_or(0);
        }
        _ => return Err(bad(at, "the kind is not understood")),
    }
    let known: &[u8] = match class {
        Class::Integer | Class::Logical => &[1, 2, 4, 8],
        _ => &[4, 8],
    };
    if !known.contains(&bytes) {
        return Err(Refusal::new(
            at,
            format!("{} of kind {bytes}", base.keyword()),
            "f2c has no such type",
            "use single or double precision",
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
fn spec_length(tokens: &[Token]) -> usize {
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
fn entity(tokens: &[Token], at: Loc) -> Lowered<(Entity, usize)> {
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
        } else if token.op("=") {
            let value = split_commas(&rest[1..])
                .first()
                .map_or(&[][..], |part| part);
            out.value = Some(value.to_vec());
            next += 1 + value.len();
        } else {
            return Err(bad(
                at,
                &format!("'{}' is not expected after a name", token.text),
            ));
        }
    }
    Ok((out, next))
}

impl Table {
    /// An empty table with Fortran's default implicit types.
    pub fn new() -> Self {
        let mut implicit = [Some(Type::REAL); 26];
        for letter in &mut implicit[8..14] {
            *letter = Some(Type::INTEGER);
        }
        Self {
            names: BTreeMap::new(),
            implicit,
            save_all: false,
        }
    }

    /// The table of a unit.
    pub fn of(unit: &Unit) -> Lowered<Self> {
        let mut table = Self::new();
        for dummy in unit.dummies() {
            table.entry(&dummy, unit.at()).dummy = true;
        }
        if let Some(Stmt {
            kind: Kind::Procedure(procedure),
            at,
            ..
        }) = &unit.header
            && let (Some((base, spec)), Some(result)) = (&procedure.result, unit.result())
        {
            let (ty, len, _) = resolve_type(*base, spec, &table, *at)?;
            let symbol = table.entry(result, *at);
            symbol.declared = Some(ty);
            symbol.len = len;
        }
        for stmt in &unit.spec {
            table.statement(stmt)?;
        }
        for stmt in unit
            .body
            .iter()
            .filter(|stmt| matches!(stmt.kind, Kind::Spec(_)))
        {
            table.statement(stmt)?;
        }
        Ok(table)
    }

    /// The symbol of a name, made if need be.
    pub fn entry(&mut self, name: &str, at: Loc) -> &mut Symbol {
        self.names.entry(name.to_owned()).or_insert_with(|| Symbol {
            at,
            ..Symbol::default()
        })
    }

    /// What a name stands for, if it was declared at all.
    pub fn get(&self, name: &str) -> Option<&Symbol> {
        self.names.get(name)
    }

    /// All declared names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Symbol)> {
        self.names
            .iter()
            .map(|(name, symbol)| (name.as_str(), symbol))
    }

    /// The type of a name, declared or implicit; none under IMPLICIT NONE.
    pub fn type_of(&self, name: &str) -> Option<Type> {
        self.get(name)
            .and_then(|symbol| symbol.declared)
            .or_else(|| self.implicit_type(name))
    }

    fn implicit_type(&self, name: &str) -> Option<Type> {
        let letter = name.bytes().next().filter(u8::is_ascii_lowercase)?;
        self.implicit[usize::from(letter - b'a')]
    }

    /// Whether the name is an array.
    pub fn rank(&self, name: &str) -> usize {
        self.get(name).map_or(0, |symbol| symbol.dims.len())
    }

    /// Takes note of a specification statement.
    pub fn statement(&mut self, stmt: &Stmt) -> Lowered {
        match &stmt.kind {
            Kind::Type(base) => {
                let declared = declaration(stmt, *base, self)?;
                self.declare(&declared);
            }
            Kind::Spec("implicit") => self.implicit_statement(stmt)?,
            Kind::Spec("parameter") => {
                for part in split_commas(inside(&stmt.tokens)) {
                    if let [name, equals, value @ ..] = part
                        && equals.op("=")
                    {
                        self.entry(&name.text, name.at).parameter = Some(value.to_vec());
                    }
                }
            }
            Kind::Spec("dimension") | Kind::Attribute("allocatable" | "target" | "pointer") => {
                let allocatable = stmt.kind == Kind::Attribute("allocatable");
                let list = stmt.tokens.iter().filter(|token| !token.op("::")).cloned();
                let list: Vec<Token> = list.collect();
                for part in split_commas(&list) {
                    let (entity, _) = entity(part, stmt.at)?;
                    let symbol = self.entry(&entity.name, entity.at);
                    symbol.allocatable |= allocatable;
                    if !entity.dims.is_empty() {
                        symbol.dims = entity.dims;
                    }
                }
            }
            Kind::Spec("common") => self.common(stmt)?,
            Kind::Spec("external") => self.flag(stmt, |symbol| symbol.external = true),
            Kind::Spec("intrinsic") => self.flag(stmt, |symbol| symbol.intrinsic = true),
            Kind::Spec("save") if stmt.tokens.is_empty() => self.save_all = true,
            Kind::Spec("save") => self.flag(stmt, |symbol| symbol.saved = true),
            Kind::Spec("equivalence" | "namelist") => {
                self.flag(stmt, |symbol| symbol.fixed = true);
            }
            Kind::Spec("data") => {
                // Every name counts, in a value list too: those are PARAMETERs.
                self.flag(stmt, |symbol| symbol.fixed = true);
            }
            _ => {}
        }
        Ok(())
    }

    fn flag(&mut self, stmt: &Stmt, set: impl Fn(&mut Symbol)) {
        for token in stmt.tokens.iter().filter(|token| token.kind == Tok::Name) {
            set(self.entry(&token.text, token.at));
        }
    }

    /// Takes note of a type declaration.
    pub fn declare(&mut self, declared: &Declaration) {
        let dimension = declared
            .attribute("dimension")
            .map(|tokens| Dim::list(inside(tokens)));
        for entity in &declared.entities {
            let symbol = self.entry(&entity.name, entity.at);
            symbol.declared = Some(declared.ty);
            symbol.len = entity.len.clone().or_else(|| declared.len.clone());
            if let Some(dims) = Some(&entity.dims)
                .filter(|d| !d.is_empty())
                .or(dimension.as_ref())
            {
                symbol.dims.clone_from(dims);
            }
            symbol.external |= declared.attribute("external").is_some();
            symbol.intrinsic |= declared.attribute("intrinsic").is_some();
            symbol.allocatable |= declared.attribute("allocatable").is_some();
            symbol.saved |= declared.attribute("save").is_some();
            symbol.fixed |= entity.data.is_some();
            if let Some(value) = &entity.value {
                if declared.attribute("parameter").is_some() {
                    symbol.parameter = Some(value.clone());
                } else {
                    symbol.fixed = true;
                }
            }
        }
    }

    fn common(&mut self, stmt: &Stmt) -> Lowered {
        let mut list: Vec<Token> = Vec::new();
        let mut in_name = false;
        for token in &stmt.tokens {
            if token.op("/") {
                in_name = !in_name;
                list.push(Token::new(Tok::Op, ",", token.at));
            } else if token.op("//") {
                list.push(Token::new(Tok::Op, ",", token.at));
            } else if !in_name {
                list.push(token.clone());
            }
        }
        for part in split_commas(&list)
            .into_iter()
            .filter(|part| !part.is_empty())
        {
            let (entity, _) = entity(part, stmt.at)?;
            let symbol = self.entry(&entity.name, entity.at);
            symbol.common = true;
            symbol.fixed = true;
            if !entity.dims.is_empty() {
                symbol.dims = entity.dims;
            }
        }
        Ok(())
    }

    fn implicit_statement(&mut self, stmt: &Stmt) -> Lowered {
        if stmt.tokens.first().is_some_and(|token| token.name("none")) {
            self.implicit = [None; 26];
            return Ok(());
        }
        for part in split_commas(&stmt.tokens) {
            let Some(open) = part.iter().rposition(|token| token.op("(")) else {
                continue;
            };
            let text = join(&part[..open]);
            let head = Stmt::parse(&format!("{text} x"), stmt.at);
            let Kind::Type(base) = head.kind else {
                continue;
            };
            let used = spec_length(&head.tokens);
            let (ty, ..) = resolve_type(base, &head.tokens[..used], self, stmt.at)?;
            for range in split_commas(inside(&part[open..])) {
                let letter = |token: Option<&Token>| {
                    token
                        .and_then(|t| t.text.bytes().next())
                        .filter(u8::is_ascii_lowercase)
                };
                if let (Some(a), Some(b)) = (letter(range.first()), letter(range.last())) {
                    for l in a..=b {
                        self.implicit[usize::from(l - b'a')] = Some(ty);
                    }
                }
            }
        }
        Ok(())
    }
}

/// The tokens between the first parenthesis and the last.
pub(crate) fn inside(tokens: &[Token]) -> &[Token] {
    let open = tokens
        .iter()
        .position(|token| token.op("("))
        .map_or(0, |open| open + 1);
    let close = tokens
        .iter()
        .rposition(|token| token.op(")"))
        .unwrap_or(tokens.len());
    tokens.get(open..close).unwrap_or(&[])
}
