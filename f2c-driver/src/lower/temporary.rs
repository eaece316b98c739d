//! Arrays and strings of ours whose size is known at run time only, for the length of a statement.
//!
//! An array is one of [`Dynamic`]; a string is for f2c a dummy argument of assumed length, whose address
//! and length `convention` makes local variables that the runtime sets.

use super::Scope;
use super::dynamic::Dynamic;
use crate::data_type::Type;
use crate::error::Lowered;
use crate::expr::Expr;
use crate::source::{Kind, Loc, Stmt};

impl Scope<'_> {
    /// An array with so many elements along its dimensions, allocated in `out`.
    pub fn temporary_array(
        &mut self,
        ty: Type,
        extents: &[Expr],
        at: Loc,
        out: &mut Vec<Stmt>,
    ) -> Lowered<String> {
        let bytes = self.table.size(ty);
        self.temporary_of(ty.keyword(), bytes, extents, at, out)
    }

    /// The same of strings of so many characters.
    pub fn temporary_characters(
        &mut self,
        length: u64,
        extents: &[Expr],
        at: Loc,
        out: &mut Vec<Stmt>,
    ) -> Lowered<String> {
        self.temporary_of(&format!("character*{length}"), length, extents, at, out)
    }

    fn temporary_of(
        &mut self,
        keyword: &str,
        bytes: u64,
        extents: &[Expr],
        at: Loc,
        out: &mut Vec<Stmt>,
    ) -> Lowered<String> {
        self.temporaries_allowed(at)?;
        let name = self.fresh_name("temp");
        let mut bounds = Vec::new();
        for extent in extents {
            let high = match extent.as_int() {
                Some(constant) => constant.to_string(),
                None => {
                    let high = self.fresh_variable(&format!("{name}_u"), Type::INTEGER);
                    out.push(Stmt::assign(Expr::Name(high.clone()), extent.clone(), at));
                    high
                }
            };
            bounds.push(("1".to_owned(), high));
        }
        let texts: Vec<&str> = bounds.iter().map(|(_, high)| high.as_str()).collect();
        let text = format!("{keyword} {name}({})", texts.join(","));
        let stmt = Stmt::parse(&text, self.unit.at());
        self.table.statement(&stmt)?;
        self.unit.spec.push(stmt);
        let dynamic = Dynamic::temporary(name.clone(), bounds, bytes);
        let take = format!("call emshim_temporary({name}, {})", dynamic.bytes());
        out.push(Stmt::parse(&take, at));
        self.dynamics.push(dynamic);
        Ok(name)
    }

    /// A string of so many characters, allocated in `out`.
    pub fn temporary_string(
        &mut self,
        length: &str,
        at: Loc,
        out: &mut Vec<Stmt>,
    ) -> Lowered<String> {
        self.temporaries_allowed(at)?;
        let name = self.fresh_name("text");
        let stmt = Stmt::parse(&format!("character*(*) {name}"), self.unit.at());
        self.table.statement(&stmt)?;
        self.unit.spec.push(stmt);
        let take = format!("call emshim_string({name}, {length})");
        out.push(Stmt::parse(&take, at));
        self.dynamics.push(Dynamic::string(name.clone()));
        Ok(name)
    }

    fn temporaries_allowed(&self, at: Loc) -> Lowered {
        if self.unit.body.iter().any(|stmt| stmt.kind == Kind::Entry) {
            let message =
                "this takes an array or string of variable size in a procedure with ENTRY";
            let remedy = "copy it to a variable of its own and use that";
            return self.refuse(at, "ENTRY", message, remedy);
        }
        Ok(())
    }
}

/// Gives a temporary back.
pub(super) fn release(name: &str, at: Loc) -> Stmt {
    Stmt::call("emshim_deallocate", [Expr::Name(name.to_owned())], at)
}

/// What rewrites a statement: it puts statements before it and behind it.
type Around<'f> = dyn FnMut(&mut Scope, &mut Stmt, &mut Vec<Stmt>, &mut Vec<Stmt>) -> Lowered + 'f;

/// Runs `f` over the statements; what it puts into the second list goes behind the statement, which
/// must not be a condition then.
pub(super) fn around(scope: &mut Scope, f: &mut Around) -> Lowered {
    scope.rewrite_body(&mut |scope, mut stmt, out| {
        let at = stmt.at;
        let (mut before, mut after) = (Vec::new(), Vec::new());
        if let Kind::LogicalIf(..) = stmt.kind {
            out.push(stmt);
            return Ok(());
        }
        f(scope, &mut stmt, &mut before, &mut after)?;
        if before.is_empty() {
            out.push(stmt);
            return Ok(());
        }
        match stmt.kind {
            Kind::ElseIf(_) | Kind::DoWhile { .. } => {
                let message = "in a condition that is evaluated late";
                let remedy = "assign it to a variable first";
                return scope.refuse(at, "array or string function", message, remedy);
            }
            Kind::If(holds) if !after.is_empty() => {
                out.append(&mut before);
                let condition = Expr::Name(scope.fresh_variable("holds", Type::LOGICAL));
                out.push(Stmt::assign(condition.clone(), holds, at));
                out.append(&mut after);
                stmt.kind = Kind::If(condition);
                out.push(stmt);
            }
            Kind::Select(_)
            | Kind::Do { .. }
            | Kind::ArithmeticIf(_)
            | Kind::Goto
            | Kind::Return
                if !after.is_empty() =>
            {
                let message = "a temporary in a statement that goes elsewhere";
                let remedy = "assign it to a variable first";
                return scope.refuse(at, "array or string function", message, remedy);
            }
            _ => {
                out.append(&mut before);
                out.push(stmt);
                out.append(&mut after);
            }
        }
        Ok(())
    })
}
