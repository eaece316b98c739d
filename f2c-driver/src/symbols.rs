//! What the names of a program unit stand for.

use std::collections::BTreeMap;

use crate::declaration::{Declaration, declaration, entity, resolve_type, spec_length};
use crate::error::Lowered;
use crate::expr::{split_at, split_commas};
use crate::options::Options;
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
    /// The unit itself, or a statement function of it.
    pub defined: bool,
    pub statement_function: bool,
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
    /// Bytes of a REAL without a kind.
    pub real: u8,
    /// Bytes of an INTEGER without a kind, whose type is [`Type::INTEGER`] whatever they are: f2c
    /// widens it by itself.
    pub integer: u8,
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

impl Table {
    /// An empty table with Fortran's default implicit types, and a REAL of so many bytes.
    pub fn new(real: u8) -> Self {
        let default = Type {
            bytes: real,
            ..Type::REAL
        };
        let mut implicit = [Some(default); 26];
        for letter in &mut implicit[8..14] {
            *letter = Some(Type::INTEGER);
        }
        Self {
            names: BTreeMap::new(),
            implicit,
            save_all: false,
            real,
            integer: 4,
        }
    }

    /// The table of a unit.
    pub fn of(unit: &Unit, options: &Options) -> Lowered<Self> {
        let mut table = Self::new(options.real_bytes());
        table.integer = options.integer_bytes();
        for dummy in unit.dummies() {
            table.entry(&dummy, unit.at()).dummy = true;
        }
        if matches!(&unit.header, Some(header) if matches!(header.kind, Kind::Procedure(_))) {
            table.entry(&unit.name, unit.at()).defined = true;
        }
        for stmt in &unit.spec {
            table.statement(stmt)?;
            if let (Kind::Assignment, Some(name)) = (&stmt.kind, stmt.tokens.first()) {
                let symbol = table.entry(&name.text, name.at);
                symbol.defined = true;
                symbol.statement_function = true;
            }
        }
        for stmt in unit
            .body
            .iter()
            .filter(|stmt| matches!(stmt.kind, Kind::Spec(_)))
        {
            table.statement(stmt)?;
        }
        // The kind of the result may be a constant of the function itself.
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

    /// Bytes of one scalar (of one character for CHARACTER).
    pub fn size(&self, ty: Type) -> u64 {
        let bytes = match ty.class {
            Class::Integer | Class::Logical if ty.bytes == Type::INTEGER.bytes => self.integer,
            _ => ty.bytes,
        };
        u64::from(bytes) * if ty.class == Class::Complex { 2 } else { 1 }
    }

    /// Whether the name may be a procedure's: nothing says that it is a variable.
    pub fn may_be_external(&self, name: &str) -> bool {
        self.get(name).is_none_or(|symbol| {
            symbol.dims.is_empty() && symbol.parameter.is_none() && !symbol.statement_function
        })
    }

    /// Whether the unit gives the name a meaning of its own, whatever intrinsic has that name.
    pub fn own(&self, name: &str) -> bool {
        self.get(name).is_some_and(|symbol| {
            symbol.external
                || symbol.dummy
                || symbol.defined
                || !symbol.dims.is_empty()
                || symbol.parameter.is_some()
        })
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
                // A Cray pointer, which is refused by its name later.
                if list.first().is_some_and(|token| token.op("(")) {
                    return Ok(());
                }
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
        let mut depth = 0;
        for token in &stmt.tokens {
            if token.op("(") {
                depth += 1;
            } else if token.op(")") {
                depth -= 1;
            }
            if depth > 0 {
                list.push(token.clone());
            } else if token.op("/") {
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
        for (base, head, letters) in implicit_rules(stmt) {
            let used = spec_length(&head.tokens);
            let (ty, ..) = resolve_type(base, &head.tokens[..used], self, stmt.at)?;
            for range in split_commas(letters) {
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
