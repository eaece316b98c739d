//! What later stages must know about the lowered program.

use std::collections::BTreeMap;

use crate::data_type::Type;
use crate::lookup::Lookup;

/// What the passes find out.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Some procedure is RECURSIVE: nothing may be static that need not be.
    pub recursive: bool,
    /// Subroutines with alternate returns, which stay `int`.
    pub alternate_returns: Vec<String>,
    /// Names f2c knows a definition by, and the names it shall have.
    pub renames: Vec<(String, String)>,
    /// The name f2c knows the main program by, when it became a subroutine.
    pub main: Option<String>,
    /// Internal procedures and their hosts: nobody outside the file calls them.
    pub local: Vec<(String, String)>,
    /// Modules of the file and what they hold; nothing for those whose contents are known anyway.
    pub modules: Vec<(String, Vec<Entity>)>,
    /// The symbols of what modules hold, by the names f2c knows it by.
    pub symbols: BTreeMap<String, String>,
    /// Arrays that are dummy arguments for f2c and pointers of their own in truth.
    pub pointers: Vec<Pointer>,
    /// Arguments by value.
    pub values: Vec<ByValue>,
    /// Types of external functions, as the units of the file use them.
    pub functions: Vec<(String, Type)>,
    /// Looks for modules that were compiled before.
    pub lookups: Vec<Lookup>,
}

/// A local array whose size is known at run time only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pointer {
    /// The procedure, by the name f2c sees.
    pub procedure: String,
    pub name: String,
    /// It keeps its value between calls.
    pub saved: bool,
    /// A string: its length is a variable too.
    pub string: bool,
}

/// An argument by value.
#[derive(Clone, Debug)]
pub(crate) struct ByValue {
    pub procedure: String,
    /// Its place, from 0.
    pub index: usize,
    /// The variable of ours that holds the value.
    pub variable: String,
}

/// Something that a module holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entity {
    pub name: String,
    /// Its type, as a declaration begins; `subroutine` for one.
    pub ty: String,
    pub what: What,
    /// The module that it comes from, and its name there, where that is another.
    pub home: Option<(String, String)>,
}

impl Entity {
    /// One of a module's own.
    pub fn new(name: impl Into<String>, ty: impl Into<String>, what: What) -> Self {
        Self {
            name: name.into(),
            ty: ty.into(),
            what,
            home: None,
        }
    }
}

/// What it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum What {
    /// Its value, as Fortran writes it.
    Constant(String),
    /// Its dimensions in parentheses, or nothing.
    Variable(String),
    Procedure,
}
