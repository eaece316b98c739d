//! What the names of a program unit stand for.

use std::collections::BTreeMap;

use crate::data_type::{Class, Type};
use crate::dim::Dim;
use crate::source::{Loc, Token};

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
    /// The type of names that begin with a letter of the alphabet.
    pub implicit: [Option<Type>; 26],
    /// SAVE without a list.
    pub save_all: bool,
    /// Bytes of a REAL without a kind.
    pub real: u8,
    /// Bytes of an INTEGER without a kind, whose type is [`Type::INTEGER`] whatever they are: f2c
    /// widens it by itself.
    pub integer: u8,
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
    pub fn shadows(&self, name: &str) -> bool {
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
}
