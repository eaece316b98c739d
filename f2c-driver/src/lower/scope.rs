//! One program unit under the hands of the passes.

use std::collections::BTreeSet;

use super::Facts;
use super::dynamic::Dynamic;
use crate::data_type::Type;
use crate::error::{Lowered, Refusal};
use crate::expr::Expr;
use crate::options::Options;
use crate::source::{Kind, Loc, Stmt, Tok};
use crate::symbols::Table;
use crate::unit::Unit;

/// A unit, its names, and what the passes find out.
pub(crate) struct Scope<'a> {
    pub unit: Unit,
    pub table: Table,
    pub options: &'a Options,
    pub facts: &'a mut Facts,
    /// Arrays whose size is known at run time only.
    pub dynamics: Vec<Dynamic>,
    names: BTreeSet<String>,
    labels: BTreeSet<u32>,
}

impl<'a> Scope<'a> {
    pub fn new(mut unit: Unit, options: &'a Options, facts: &'a mut Facts) -> Self {
        let mut names = BTreeSet::new();
        let mut labels = BTreeSet::new();
        let stmts = unit.header.iter_mut().chain(&mut unit.spec);
        for stmt in stmts.chain(&mut unit.body) {
            labels.extend(stmt.label.parse::<u32>());
            stmt.each_token(&mut |token| {
                if token.kind == Tok::Name {
                    names.insert(token.text.clone());
                }
            });
        }
        Self {
            unit,
            table: Table::new(options.real_bytes()),
            options,
            facts,
            dynamics: Vec::new(),
            names,
            labels,
        }
    }

    /// Brings the table of names up to date.
    pub fn refresh(&mut self) -> Lowered {
        self.table = Table::of(&self.unit, self.options)?;
        Ok(())
    }

    /// An unused name that begins with `stem`.
    pub fn fresh_name(&mut self, stem: &str) -> String {
        let name = (0..)
            .map(|n| {
                if n == 0 {
                    stem.to_owned()
                } else {
                    format!("{stem}{n}")
                }
            })
            .find(|name| !self.names.contains(name))
            .unwrap_or_default();
        self.names.insert(name.clone());
        name
    }

    /// An unused label, from the top of the range.
    pub fn fresh_label(&mut self) -> String {
        let label = (1..100_000)
            .rev()
            .find(|label| !self.labels.contains(label))
            .unwrap_or(1);
        self.labels.insert(label);
        label.to_string()
    }

    /// Declares a variable of ours.
    pub fn declare(&mut self, name: &str, ty: Type, dims: &str) {
        let stmt = Stmt::parse(&format!("{} {name}{dims}", ty.keyword()), self.unit.at());
        // What is declared here is well formed.
        let _ = self.table.statement(&stmt);
        self.unit.spec.push(stmt);
    }

    /// Whether the array's size is known at run time only.
    pub fn is_pointer(&self, name: &str) -> bool {
        self.dynamics.iter().any(|dynamic| dynamic.name == name)
    }

    /// Whether the array is ALLOCATABLE.
    pub fn is_allocatable(&self, name: &str) -> bool {
        let found = self.dynamics.iter().find(|dynamic| dynamic.name == name);
        found.is_some_and(|dynamic| dynamic.allocatable)
    }

    /// A new variable.
    pub fn fresh_variable(&mut self, stem: &str, ty: Type) -> String {
        let name = self.fresh_name(stem);
        self.declare(&name, ty, "");
        name
    }

    /// Runs `f` over the body: it puts the statements that stand for each into a list. Statements
    /// under a logical IF are reached too; if one grows, the IF becomes a block.
    pub fn rewrite_body(
        &mut self,
        f: &mut dyn FnMut(&mut Self, Stmt, &mut Vec<Stmt>) -> Lowered,
    ) -> Lowered {
        let body = std::mem::take(&mut self.unit.body);
        let mut out = Vec::with_capacity(body.len());
        for stmt in body {
            self.rewrite(stmt, &mut out, f)?;
        }
        self.unit.body = out;
        Ok(())
    }

    fn rewrite(
        &mut self,
        mut stmt: Stmt,
        out: &mut Vec<Stmt>,
        f: &mut dyn FnMut(&mut Self, Stmt, &mut Vec<Stmt>) -> Lowered,
    ) -> Lowered {
        let label = std::mem::take(&mut stmt.label);
        let start = out.len();
        if let Kind::LogicalIf(condition, inner) = stmt.kind {
            let at = stmt.at;
            let mut inside = Vec::new();
            self.rewrite(*inner, &mut inside, f)?;
            // The condition, as an IF of its own.
            stmt.kind = Kind::If(condition);
            f(self, stmt, out)?;
            let Some(head) = out.last_mut() else {
                return Ok(());
            };
            match (&mut head.kind, inside.as_slice()) {
                (Kind::If(condition), [only]) if simple(only) => {
                    let condition = std::mem::replace(condition, Expr::int(0));
                    head.kind = Kind::LogicalIf(condition, Box::new(inside.remove(0)));
                }
                _ => {
                    out.append(&mut inside);
                    out.push(Stmt::tree(Kind::EndIf, at));
                }
            }
        } else {
            f(self, stmt, out)?;
        }
        if !label.is_empty() {
            if out.len() > start + 1 {
                self.end_after(&label, out);
            }
            match out.get_mut(start) {
                Some(first) if first.label.is_empty() => first.label = label,
                _ => {
                    let at = out.last().map_or_else(|| self.unit.at(), |stmt| stmt.at);
                    let stmt = Stmt::new(Kind::Continue, Vec::new(), at).labelled(&label);
                    out.insert(start, stmt);
                }
            }
        }
        Ok(())
    }

    /// Loops that end with the statement of this label, which has become several, end with a
    /// CONTINUE after them; who jumps to the label still comes to the first.
    fn end_after(&mut self, label: &str, out: &mut Vec<Stmt>) {
        let mut end = None;
        for stmt in out.iter_mut() {
            if let Kind::Do {
                label: Some(own), ..
            }
            | Kind::DoWhile {
                label: Some(own), ..
            } = &mut stmt.kind
                && own == label
            {
                let end: &String = end.get_or_insert_with(|| self.fresh_label());
                own.clone_from(end);
            }
        }
        if let (Some(end), Some(at)) = (end, out.last().map(|stmt| stmt.at)) {
            out.push(Stmt::new(Kind::Continue, Vec::new(), at).labelled(&end));
        }
    }

    /// The refusal of a construct.
    pub fn refuse<T>(
        &self,
        at: Loc,
        construct: &str,
        message: impl Into<String>,
        remedy: &str,
    ) -> Lowered<T> {
        Err(Refusal::new(at, construct, message, remedy))
    }
}

/// May stand under a logical IF.
fn simple(stmt: &Stmt) -> bool {
    matches!(
        stmt.kind,
        Kind::Assignment { .. }
            | Kind::Call { .. }
            | Kind::Return
            | Kind::Goto
            | Kind::ArithmeticIf(_)
            | Kind::Continue
            | Kind::Exit
            | Kind::Cycle
            | Kind::Io { .. }
            | Kind::Action(_)
            | Kind::Allocate
            | Kind::Deallocate
    )
}
