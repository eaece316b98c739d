//! Statements.

use super::Loc;
use crate::expr::{Arg, Expr};
use crate::token::{Leaf, Token, name_leaf};

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

/// What a DO counts: `i = 1, n, 2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    pub variable: String,
    /// First, last and step.
    pub bounds: Vec<Expr>,
}

/// What an input or output statement says before its items.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// `(unit, format, keyword = value)`.
    List(Vec<Arg>),
    /// The format of `PRINT` and `READ`, the unit of `REWIND` and its like.
    Alone(Expr),
}

impl Control {
    /// The value of a specifier with this keyword.
    pub fn keyword(&self, word: &str) -> Option<&Expr> {
        match self {
            Self::List(args) => args.iter().find_map(|arg| match arg {
                Arg::Keyword(name, value) if name == word => Some(value),
                _ => None,
            }),
            Self::Alone(_) => None,
        }
    }

    /// The same, or what stands at a place of the list without a keyword.
    pub fn value(&self, word: &str, place: usize) -> Option<&Expr> {
        let placed = match self {
            Self::List(args) => args.get(place),
            Self::Alone(_) => None,
        };
        self.keyword(word).or(match placed {
            Some(Arg::Expr(value)) => Some(value),
            _ => None,
        })
    }
}

/// What a statement is. Assignments, CALLs, control constructs, input and output are trees; the
/// tokens of any other are those after its keyword.
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
    Assignment {
        target: Expr,
        value: Expr,
    },
    Call {
        name: String,
        args: Vec<Arg>,
    },
    Return,
    Goto,
    /// Block IF.
    If(Expr),
    LogicalIf(Expr, Box<Stmt>),
    /// Tokens: the labels.
    ArithmeticIf(Expr),
    ElseIf(Expr),
    Else,
    EndIf,
    Do {
        label: Option<String>,
        /// None in an endless loop.
        count: Option<Count>,
    },
    DoWhile {
        label: Option<String>,
        condition: Expr,
    },
    EndDo,
    Exit,
    Cycle,
    Select(Expr),
    /// The values; none in CASE DEFAULT.
    Case(Vec<Arg>),
    EndSelect,
    /// A mask, and the assignment that it guards unless a construct begins.
    Where(Expr, Option<Box<Stmt>>),
    ElseWhere(Option<Expr>),
    EndWhere,
    Continue,
    Allocate,
    Deallocate,
    /// READ, WRITE, OPEN and their like, by their keyword. An asterisk for a unit or format is a
    /// literal.
    Io {
        word: &'static str,
        control: Control,
        items: Vec<Expr>,
    },
    /// STOP, ASSIGN, PAUSE.
    Action(&'static str),
    /// Fortran 90 that has no FORTRAN 77 form.
    Refused(&'static str),
    /// One that should be a tree, by its keyword, and whose tokens make none.
    Mistaken(&'static str),
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

    /// An assignment of our own.
    pub fn assign(target: Expr, value: Expr, at: Loc) -> Self {
        Self::tree(Kind::Assignment { target, value }, at)
    }

    /// A CALL of our own.
    pub fn call(name: impl Into<String>, args: impl IntoIterator<Item = Expr>, at: Loc) -> Self {
        let args = args.into_iter().map(Arg::Expr).collect();
        let name = name.into();
        Self::tree(Kind::Call { name, args }, at)
    }

    /// A statement without tokens.
    pub fn tree(kind: Kind, at: Loc) -> Self {
        Self::new(kind, Vec::new(), at)
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

    /// The statement that this one guards.
    pub fn guarded(&self) -> Option<&Self> {
        match &self.kind {
            Kind::LogicalIf(_, inner) | Kind::Where(_, Some(inner)) => Some(inner),
            _ => None,
        }
    }

    /// This statement and, behind it, the one that it guards.
    pub fn parts(&self) -> impl Iterator<Item = &Self> {
        std::iter::once(self).chain(self.guarded())
    }

    /// What is done: by the statement that a logical IF guards, or by this one.
    pub fn action(&self) -> &Self {
        match &self.kind {
            Kind::LogicalIf(_, inner) => inner,
            _ => self,
        }
    }

    /// Calls `f` for every token, those of the guarded statement included, FORMAT excepted. The
    /// names and literals of a tree are such tokens, keywords of arguments aside.
    pub fn each_token(&mut self, f: &mut dyn FnMut(&mut Token)) {
        if self.kind == Kind::Format {
            return;
        }
        self.each_leaf(&mut |token, _| f(token));
        self.tokens.iter_mut().for_each(&mut *f);
        if let Kind::LogicalIf(_, inner) | Kind::Where(_, Some(inner)) = &mut self.kind {
            inner.each_token(f);
        }
    }

    /// Calls `f` for every name and literal of the statement's own tree, and whether arguments or
    /// subscripts follow it.
    pub fn each_leaf(&mut self, f: &mut Leaf) {
        let at = self.at;
        match &mut self.kind {
            Kind::Assignment { target, value } => {
                target.each_leaf(at, f);
                value.each_leaf(at, f);
            }
            Kind::Call { name, args } => {
                name_leaf(name, true, at, f);
                args.iter_mut().for_each(|arg| arg.each_leaf(at, f));
            }
            Kind::If(condition)
            | Kind::ElseIf(condition)
            | Kind::ArithmeticIf(condition)
            | Kind::DoWhile { condition, .. }
            | Kind::Select(condition)
            | Kind::LogicalIf(condition, _)
            | Kind::Where(condition, _)
            | Kind::ElseWhere(Some(condition)) => condition.each_leaf(at, f),
            Kind::Case(values) => values.iter_mut().for_each(|value| value.each_leaf(at, f)),
            Kind::Io { control, items, .. } => {
                match control {
                    Control::List(args) => args.iter_mut().for_each(|arg| arg.each_leaf(at, f)),
                    Control::Alone(value) => value.each_leaf(at, f),
                }
                items.iter_mut().for_each(|item| item.each_leaf(at, f));
            }
            Kind::Do {
                count: Some(count), ..
            } => {
                name_leaf(&mut count.variable, false, at, f);
                let bounds = count.bounds.iter_mut();
                bounds.for_each(|bound| bound.each_leaf(at, f));
            }
            _ => {}
        }
    }
}
