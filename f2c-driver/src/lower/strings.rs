//! Strings whose length is known at run time only: f2c has no temporaries for them.

use super::Scope;
use super::exprs::{Place, map_exprs};
use super::temporary::{around, release};
use crate::consts;
use crate::data_type::Class;
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics;
use crate::source::{Kind, Loc, Stmt, join};
use crate::types::type_of;

/// Concatenations with such parts, and the functions that give such strings, become variables.
pub(super) fn strings(scope: &mut Scope) -> Lowered {
    around(scope, &mut |scope, stmt, before, after| {
        let at = stmt.at;
        let assigned = matches!(stmt.kind, Kind::Assignment { .. });
        map_exprs(stmt, &mut |expr, place| {
            let mut work = Work {
                scope: &mut *scope,
                at,
                before: &mut *before,
                after: &mut *after,
            };
            match place {
                Place::Target => Ok(expr),
                // A concatenation may be assigned as it is.
                Place::Value if assigned => work.parts(expr),
                _ => work.value(expr),
            }
        })
    })
}

struct Work<'w, 'a> {
    scope: &'w mut Scope<'a>,
    at: Loc,
    before: &'w mut Vec<Stmt>,
    after: &'w mut Vec<Stmt>,
}

impl Work<'_, '_> {
    fn is_string(&self, expr: &Expr) -> bool {
        type_of(expr, &self.scope.table).is_some_and(|ty| ty.class == Class::Character)
    }

    /// A variable, or a part of one; f2c takes no part of a constant.
    fn stored(&self, expr: &Expr) -> bool {
        match expr {
            Expr::Name(name) => {
                let symbol = self.scope.table.get(name);
                symbol.is_none_or(|symbol| symbol.parameter.is_none())
            }
            Expr::Substring(..) => true,
            Expr::Ref(name, args) => {
                self.scope.table.rank(name) > 0 || matches!(args.as_slice(), [Arg::Range(..)])
            }
            _ => false,
        }
    }

    /// Without the parts that have no characters, of which f2c makes no argument.
    fn without_empty(&self, expr: Expr) -> Expr {
        let Expr::Binary(op, a, b) = expr else {
            return expr;
        };
        if op != "//" {
            return Expr::Binary(op, a, b);
        }
        let (a, b) = (self.without_empty(*a), self.without_empty(*b));
        let empty = |part: &Expr| {
            !matches!(part, Expr::Lit(_)) && constant_length(part, self.scope) == Some(0)
        };
        match (empty(&a), empty(&b)) {
            (true, _) => b,
            (_, true) => a,
            _ => Expr::Binary(op, Box::new(a), Box::new(b)),
        }
    }

    /// A string that may stand anywhere.
    fn value(&mut self, expr: Expr) -> Lowered<Expr> {
        let expr = self.without_empty(expr);
        let concatenation = matches!(&expr, Expr::Binary(op, ..) if op == "//");
        let known = !concatenation || constant_length(&expr, self.scope).is_some();
        let expr = self.parts(expr)?;
        if known {
            return Ok(expr);
        }
        self.variable(expr)
    }

    /// The same for what is inside.
    fn parts(&mut self, expr: Expr) -> Lowered<Expr> {
        let expr = self.without_empty(expr);
        if let Expr::Implied(..) = expr {
            let start = self.before.len();
            let shown = expr.text();
            let mapped = expr.try_map_parts(&mut |part| self.value(part))?;
            if self.before.len() > start {
                let message = format!("a string of variable length in the implied DO '{shown}'");
                return self
                    .scope
                    .refuse(self.at, "concatenation", message, "write a loop");
            }
            return Ok(mapped);
        }
        if let Expr::Ref(name, args) = &expr
            && intrinsics::function(name, &self.scope.table).is_some()
            && let [Arg::Expr(first), ..] = args.as_slice()
            && crate::types::rank_of(first, &self.scope.table) == 0
        {
            match (name.as_str(), args.as_slice()) {
                ("adjustl" | "adjustr", _) => {
                    let inner = self.value(first.clone())?;
                    let text = self.variable(inner)?;
                    let call = Stmt::call(format!("emshim_{name}"), [text.clone()], self.at);
                    self.before.push(call);
                    return Ok(text);
                }
                ("repeat", [_, Arg::Expr(count)]) => {
                    let part = self.value(first.clone())?;
                    let length = length(&part, self.scope);
                    let count = self.parts(count.clone())?.text();
                    let whole = format!("max({count},0)*({length})");
                    let text = self.scope.temporary_string(&whole, self.at, self.before)?;
                    self.after.push(release(&text, self.at));
                    let text = Expr::Name(text);
                    let args = [text.clone(), part];
                    let call = Stmt::call("emshim_repeat", args, self.at);
                    self.before.push(call);
                    return Ok(text);
                }
                ("trim", _) if !self.stored(first) => {
                    let inner = self.parts(first.clone())?;
                    let text = self.variable(inner)?;
                    return Ok(Expr::Ref("trim".into(), vec![Arg::Expr(text)]));
                }
                _ => {}
            }
        }
        let inner_concatenation = matches!(&expr, Expr::Binary(op, ..) if op == "//");
        expr.try_map_parts(
            &mut |part| match inner_concatenation || !self.is_string(&part) {
                true => self.parts(part),
                false => self.value(part),
            },
        )
    }

    /// A variable with the value of a string.
    fn variable(&mut self, expr: Expr) -> Lowered<Expr> {
        let length = length(&expr, self.scope);
        let text = self.scope.temporary_string(&length, self.at, self.before)?;
        self.after.push(release(&text, self.at));
        let text = Expr::Name(text);
        self.before.push(Stmt::assign(text.clone(), expr, self.at));
        Ok(text)
    }
}

/// The length of a string that f2c sees.
pub(super) fn constant_length(expr: &Expr, scope: &Scope) -> Option<i64> {
    match expr {
        Expr::Lit(_) => consts::string(expr, &scope.table)
            .and_then(|text| i64::try_from(text.len()).ok())
            .or(Some(0)),
        Expr::Binary(op, a, b) if op == "//" => {
            Some(constant_length(a, scope)? + constant_length(b, scope)?)
        }
        Expr::Paren(inner) => constant_length(inner, scope),
        Expr::Name(name) => declared(name, scope),
        Expr::Ref(name, args) => {
            if matches!(name.as_str(), "char" | "achar") && !scope.table.shadows(name) {
                return Some(1);
            }
            let substring = args.iter().any(|arg| matches!(arg, Arg::Range(..)));
            match substring && scope.table.rank(name) == 0 {
                true => substring_length(args, scope),
                false if intrinsics::function(name, &scope.table).is_some() => None,
                false => declared(name, scope),
            }
        }
        Expr::Substring(_, args) => substring_length(args, scope),
        _ => None,
    }
}

fn substring_length(args: &[Arg], scope: &Scope) -> Option<i64> {
    let value = |expr: &Expr| match consts::eval(expr, &scope.table) {
        Some(consts::Value::Int(value)) => Some(value),
        _ => None,
    };
    match args {
        [Arg::Range(Some(low), Some(high), None)] => Some((value(high)? - value(low)? + 1).max(0)),
        [Arg::Range(None, Some(high), None)] => value(high),
        _ => None,
    }
}

fn declared(name: &str, scope: &Scope) -> Option<i64> {
    let symbol = scope.table.get(name)?;
    match &symbol.len {
        None => Some(1),
        Some(len) => consts::eval_int(len, &scope.table),
    }
}

/// The length of a string as an expression.
fn length(expr: &Expr, scope: &Scope) -> String {
    if let Some(known) = constant_length(expr, scope) {
        return known.to_string();
    }
    match expr {
        Expr::Binary(_, a, b) => format!("{}+{}", length(a, scope), length(b, scope)),
        Expr::Paren(inner) => length(inner, scope),
        Expr::Substring(base, args) => part_length(&base.text(), args),
        Expr::Ref(name, args)
            if scope.table.rank(name) == 0 && matches!(args.as_slice(), [Arg::Range(..)]) =>
        {
            part_length(name, args)
        }
        Expr::Ref(name, args)
            if name == "trim" && intrinsics::function(name, &scope.table).is_some() =>
        {
            let inner = args.first().map(Arg::text).unwrap_or_default();
            format!("len_trim({inner})")
        }
        Expr::Ref(name, _) if scope.table.rank(name) > 0 => {
            let len = scope.table.get(name).and_then(|symbol| symbol.len.clone());
            match len {
                Some(len) if !len.iter().any(|token| token.op("*")) => format!("({})", join(&len)),
                _ => format!("len({})", expr.text()),
            }
        }
        other => format!("len({})", other.text()),
    }
}

fn part_length(base: &str, args: &[Arg]) -> String {
    match args {
        [Arg::Range(low, high, None)] => {
            let low = low.as_ref().map_or("1".into(), Expr::text);
            let high = high.as_ref().map_or(format!("len({base})"), Expr::text);
            format!("max(({high})-({low})+1,0)")
        }
        _ => format!("len({base})"),
    }
}
