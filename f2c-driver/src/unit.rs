//! Program units: statements sorted into header, specification part, body and internal procedures.

use crate::error::{Lowered, Refusal};
use crate::expr::{Arg, Expr};
use crate::source::{Kind, Loc, Stmt, Tok, Token};

/// A program unit or internal procedure.
#[derive(Clone, Debug)]
pub(crate) struct Unit {
    /// PROGRAM, SUBROUTINE, FUNCTION, BLOCK DATA or MODULE; a main program may have none.
    pub header: Option<Stmt>,
    /// Lower case; empty for a main program or BLOCK DATA without a name.
    pub name: String,
    /// Specification statements, statement functions, and the FORMATs among them.
    pub spec: Vec<Stmt>,
    /// Executable statements, and the FORMAT, DATA and ENTRY statements among them.
    pub body: Vec<Stmt>,
    pub end: Stmt,
    /// The bodies of INTERFACE blocks.
    pub interfaces: Vec<Unit>,
    /// Procedures after CONTAINS.
    pub internal: Vec<Unit>,
}

impl Unit {
    /// Where the unit starts.
    pub fn at(&self) -> Loc {
        let first = self
            .header
            .as_ref()
            .or(self.spec.first())
            .or(self.body.first());
        first.unwrap_or(&self.end).at
    }

    /// Whether this is a main program.
    pub fn main(&self) -> bool {
        self.header
            .as_ref()
            .is_none_or(|header| header.kind == Kind::Program)
    }

    /// Whether this is a function.
    pub fn function(&self) -> bool {
        matches!(&self.header, Some(Stmt { kind: Kind::Procedure(p), .. }) if p.function)
    }

    /// Dummy arguments, those of ENTRY statements included; `*` for alternate returns.
    pub fn dummies(&self) -> Vec<String> {
        let entries = self.body.iter().filter(|stmt| stmt.kind == Kind::Entry);
        let mut out: Vec<String> = Vec::new();
        for stmt in self.header.iter().chain(entries) {
            for name in dummy_names(&stmt.tokens) {
                if !out.contains(&name) {
                    out.push(name);
                }
            }
        }
        out
    }

    /// The variable a function returns its value in: its RESULT or its name.
    pub fn result(&self) -> Option<&str> {
        let header = self.header.as_ref().filter(|_| self.function())?;
        result_name(&header.tokens).or(Some(&self.name))
    }
}

/// The names in the first parentheses.
pub(crate) fn dummy_names(tokens: &[Token]) -> Vec<String> {
    let list = tokens.iter().skip_while(|token| !token.op("(")).skip(1);
    list.take_while(|token| !token.op(")"))
        .filter(|token| !token.op(","))
        .map(|token| token.text.clone())
        .collect()
}

/// The name in a RESULT clause.
pub(crate) fn result_name(tokens: &[Token]) -> Option<&str> {
    let close = tokens.iter().position(|token| token.op(")"))?;
    match &tokens[close + 1..] {
        [result, _, name, _] if result.name("result") => Some(&name.text),
        _ => None,
    }
}

/// Sorts the statements of a file into program units.
pub(crate) fn split(stmts: Vec<Stmt>) -> Lowered<Vec<Unit>> {
    let mut rest = stmts.into_iter().peekable();
    let mut units = Vec::new();
    while rest.peek().is_some() {
        units.push(unit(&mut rest)?);
    }
    Ok(units)
}

fn opens(stmt: &Stmt) -> bool {
    matches!(
        stmt.kind,
        Kind::Program | Kind::BlockData | Kind::Procedure(_) | Kind::Module
    )
}

fn unit(rest: &mut std::iter::Peekable<std::vec::IntoIter<Stmt>>) -> Lowered<Unit> {
    let header = rest.next_if(opens);
    let at = header
        .as_ref()
        .or(rest.peek())
        .map(|stmt| stmt.at)
        .unwrap_or_default();
    let name = header
        .iter()
        .flat_map(|stmt| &stmt.tokens)
        .find(|token| token.kind == Tok::Name);
    let mut unit = Unit {
        name: name.map(|token| token.text.clone()).unwrap_or_default(),
        header,
        spec: Vec::new(),
        body: Vec::new(),
        end: Stmt::new(Kind::End, Vec::new(), at),
        interfaces: Vec::new(),
        internal: Vec::new(),
    };
    let mut arrays = Vec::new();
    while let Some(stmt) = rest.next() {
        match &stmt.kind {
            Kind::End => {
                unit.end = stmt;
                return Ok(unit);
            }
            Kind::Contains => {
                while let Some(next) = rest.peek() {
                    if next.kind == Kind::End {
                        break;
                    }
                    unit.internal.push(self::unit(rest)?);
                }
            }
            Kind::Interface => interface(&stmt, &mut unit, rest)?,
            _ if opens(&stmt) => {
                return Err(Refusal::new(
                    stmt.at,
                    "",
                    format!(
                        "a program unit starts, but the one of line {} has no END",
                        at.line
                    ),
                    "",
                ));
            }
            _ if unit.body.is_empty() && (!stmt.executable() || is_function(&stmt, &arrays)) => {
                if matches!(
                    stmt.kind,
                    Kind::Type(_) | Kind::Spec("dimension" | "common")
                ) {
                    dimensioned(&stmt.tokens, &mut arrays);
                }
                unit.spec.push(stmt);
            }
            _ => unit.body.push(stmt),
        }
    }
    Err(Refusal::new(
        at,
        "",
        "the program unit that starts here has no END",
        "",
    ))
}

fn interface(
    start: &Stmt,
    unit: &mut Unit,
    rest: &mut std::iter::Peekable<std::vec::IntoIter<Stmt>>,
) -> Lowered {
    if !start.tokens.is_empty() {
        // Refused later, unless the module it stands in is known.
        let kind = Kind::Refused("generic interface");
        unit.spec
            .push(Stmt::new(kind, start.tokens.clone(), start.at));
    }
    while let Some(next) = rest.peek() {
        if next.kind == Kind::EndInterface {
            rest.next();
            return Ok(());
        }
        if opens(next) {
            unit.interfaces.push(self::unit(rest)?);
        } else {
            rest.next();
        }
    }
    Err(Refusal::new(
        start.at,
        "INTERFACE",
        "END INTERFACE is missing",
        "",
    ))
}

/// Notes every name that a parenthesis follows: good enough to tell arrays from statement
/// functions, whose names are declared without one.
fn dimensioned(tokens: &[Token], arrays: &mut Vec<String>) {
    for pair in tokens.windows(2) {
        if pair[0].kind == Tok::Name && pair[1].op("(") {
            arrays.push(pair[0].text.clone());
        }
    }
    // Attributes: real, dimension(3) :: a
    if let Some(double) = tokens.iter().position(|token| token.op("::"))
        && tokens[..double]
            .iter()
            .any(|token| token.name("dimension") || token.name("allocatable"))
    {
        let names = tokens[double..]
            .iter()
            .filter(|token| token.kind == Tok::Name);
        arrays.extend(names.map(|token| token.text.clone()));
    }
    // Character scalars may be assigned through a substring; that one has a colon.
}

/// Whether an assignment before the first executable statement defines a statement function:
/// `f(x, y) = ...` with plain names in the parentheses and `f` no array.
fn is_function(stmt: &Stmt, arrays: &[String]) -> bool {
    match &stmt.kind {
        Kind::Assignment {
            target: Expr::Ref(name, args),
            ..
        } => {
            let plain = |arg: &Arg| matches!(arg, Arg::Expr(Expr::Name(_)));
            stmt.label.is_empty() && args.iter().all(plain) && !arrays.contains(name)
        }
        _ => false,
    }
}
