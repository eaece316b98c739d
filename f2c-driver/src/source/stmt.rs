//! Statements.

use super::Loc;
use super::lex::Token;

/// A type keyword.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Base {
    Integer,
    Real,
    DoublePrecision,
    Complex,
    DoubleComplex,
    Logical,
    Character,
    Byte,
}

impl Base {
    /// The keyword as FORTRAN 77 and f2c write it.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Integer => "integer",
            Self::Real => "real",
            Self::DoublePrecision => "double precision",
            Self::Complex => "complex",
            Self::DoubleComplex => "double complex",
            Self::Logical => "logical",
            Self::Character => "character",
            Self::Byte => "byte",
        }
    }
}

/// The parts of a SUBROUTINE or FUNCTION statement before its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Procedure {
    pub function: bool,
    pub recursive: bool,
    pub elemental: bool,
    /// The type of a function, when it stands before FUNCTION.
    pub result: Option<(Base, Vec<Token>)>,
}

/// What a statement is. Its tokens are those after the keyword.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Program,
    BlockData,
    /// Tokens: name, arguments, RESULT.
    Procedure(Procedure),
    Entry,
    /// END of a program unit, with or without its name.
    End,
    Contains,
    Module,
    Use,
    Interface,
    EndInterface,
    /// Tokens: kind or length, attributes, entities.
    Type(Base),
    /// Standing specification attributes such as INTENT that FORTRAN 77 lacks.
    Attribute(&'static str),
    /// IMPLICIT, PARAMETER, DATA, COMMON, ...: kept under their own keyword.
    Spec(&'static str),
    Format,
    Assignment,
    Call,
    Return,
    Goto,
    /// Block IF; tokens: the condition in parentheses.
    If,
    /// Tokens: the condition in parentheses.
    LogicalIf(Box<Stmt>),
    ArithmeticIf,
    ElseIf,
    Else,
    EndIf,
    /// Tokens: `i = 1, n`, or none for an endless loop.
    Do {
        label: Option<String>,
    },
    /// Tokens: the condition in parentheses.
    DoWhile {
        label: Option<String>,
    },
    EndDo,
    Exit,
    Cycle,
    Select,
    Case,
    EndSelect,
    /// Tokens: the mask in parentheses; behind it an assignment, unless a construct begins.
    Where,
    /// Tokens: a mask in parentheses, or none.
    ElseWhere,
    EndWhere,
    Continue,
    Allocate,
    Deallocate,
    /// READ, WRITE, OPEN, STOP, ...: executable and the same for f2c.
    Action(&'static str),
    /// Fortran 90 that has no FORTRAN 77 form.
    Refused(&'static str),
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stmt {
    pub label: String,
    /// The name of a construct (`name: DO`).
    pub construct: Option<String>,
    pub kind: Kind,
    pub tokens: Vec<Token>,
    pub at: Loc,
}

impl Stmt {
    /// A statement of a given kind.
    pub fn new(kind: Kind, tokens: Vec<Token>, at: Loc) -> Self {
        Self {
            label: String::new(),
            construct: None,
            kind,
            tokens,
            at,
        }
    }

    /// The same statement with a label.
    pub fn labelled(mut self, label: &str) -> Self {
        label.clone_into(&mut self.label);
        self
    }

    /// Whether it may stand only in the executable part (FORMAT, DATA and ENTRY stand anywhere).
    pub fn executable(&self) -> bool {
        !matches!(
            self.kind,
            Kind::Program
                | Kind::BlockData
                | Kind::Procedure(_)
                | Kind::Entry
                | Kind::End
                | Kind::Contains
                | Kind::Module
                | Kind::Use
                | Kind::Interface
                | Kind::EndInterface
                | Kind::Type(_)
                | Kind::Attribute(_)
                | Kind::Spec(_)
                | Kind::Format
                | Kind::Refused(_)
        )
    }
}
