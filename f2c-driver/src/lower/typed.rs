//! Values of the kinds that f2c takes for another, and calls of the runtime's functions for them.

use std::collections::BTreeSet;

use super::Scope;
use crate::consts::{self, Value};
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::source::{Kind, Loc, Stmt, lex_fragment};
use crate::symbols::Table;
use crate::types::type_of;

pub(super) const INTEGER_8: Type = Type {
    class: Class::Integer,
    bytes: 8,
};
/// The pass at work on a statement.
pub(super) struct Typed<'s, 'a> {
    pub scope: &'s mut Scope<'a>,
    /// Functions of the runtime that are declared.
    pub needed: BTreeSet<String>,
    /// Their declarations.
    pub declared: Vec<Stmt>,
    pub at: Loc,
}

/// Functions of the runtime with a result of the default INTEGER or LOGICAL that have a second form
/// for -fdefault-integer-8.
const WIDENED: [&str; 5] = ["ceiling", "exponent", "floor", "isnan", "len_trim"];

/// The letter and size by which the runtime tells types apart.
pub(super) fn suffix(ty: Type, table: &Table) -> String {
    let letter = match ty.class {
        Class::Integer => 'i',
        Class::Real => 'r',
        Class::Complex => 'c',
        Class::Logical => 'l',
        Class::Character => return "a".into(),
    };
    let bytes = match ty.class {
        Class::Integer | Class::Logical => table.size(ty),
        _ => u64::from(ty.bytes),
    };
    format!("{letter}{bytes}")
}

/// The name of a function of the runtime.
pub(super) fn runtime_name(name: &str, ty: Type, table: &Table) -> String {
    format!("emshim_{name}_{}", suffix(ty, table))
}

pub(super) fn call(name: &str, args: impl IntoIterator<Item = Expr>) -> Expr {
    Expr::Ref(name.into(), args.into_iter().map(Arg::Expr).collect())
}

/// Neither a variable nor a call: f2c makes a temporary of a type of its own choice.
fn computed(expr: &Expr) -> bool {
    !matches!(expr, Expr::Name(_) | Expr::Ref(..))
}

impl Typed<'_, '_> {
    /// Text of ours as an expression.
    pub fn parsed(&self, text: &str) -> Expr {
        let tokens = lex_fragment(text, self.at);
        crate::expr::parse(&tokens).unwrap_or_else(|| Expr::Name(text.to_owned()))
    }

    /// An INTEGER*8 that f2c cannot read as a constant.
    pub fn large(&mut self, value: i64) -> Lowered<Expr> {
        const HALF: i64 = 1 << 30;
        let (rest, low) = (value.div_euclid(HALF), value.rem_euclid(HALF));
        let parts = [rest.div_euclid(HALF), rest.rem_euclid(HALF), low];
        let parts = parts.map(Expr::int).to_vec();
        self.runtime("large", INTEGER_8, INTEGER_8, parts)
    }

    /// The name of a constant, unless f2c would read its value wrongly.
    pub fn constant(&mut self, expr: Expr) -> Lowered<Expr> {
        let Expr::Name(name) = &expr else {
            return Ok(expr);
        };
        let table = &self.scope.table;
        let constant = table
            .get(name)
            .is_some_and(|symbol| symbol.parameter.is_some());
        if !constant || table.type_of(name) != Some(INTEGER_8) {
            return Ok(expr);
        }
        match consts::eval(&expr, table) {
            Some(Value::Int(value)) if i32::try_from(value).is_err() => self.large(value),
            _ => Ok(expr),
        }
    }

    /// A comparison of two constant strings: f2c compares signed characters.
    pub fn compared(&self, op: &str, a: &Expr, b: &Expr) -> Option<Expr> {
        let (a, b) = (
            consts::string(a, &self.scope.table)?,
            consts::string(b, &self.scope.table)?,
        );
        let length = a.len().max(b.len());
        let padded = |mut text: Vec<u8>| {
            text.resize(length, b' ');
            text
        };
        let order = padded(a).cmp(&padded(b));
        let holds = match op {
            ".eq." | "==" => order.is_eq(),
            ".ne." | "/=" => order.is_ne(),
            ".lt." | "<" => order.is_lt(),
            ".le." | "<=" => order.is_le(),
            ".gt." | ">" => order.is_gt(),
            ".ge." | ">=" => order.is_ge(),
            _ => return None,
        };
        Some(self.parsed(if holds { ".true." } else { ".false." }))
    }

    /// `expr`, of which `lowered` has come, as a value of exactly its type where its address is
    /// passed: f2c computes small kinds as INTEGER and confuses equal constants of two kinds.
    pub fn exact(&mut self, expr: &Expr, lowered: Expr) -> Lowered<Expr> {
        let table = &self.scope.table;
        let Some(ty) = type_of(expr, table) else {
            return Ok(lowered);
        };
        let odd = ty.class == Class::Integer && ty.bytes != 4;
        if !odd || crate::types::rank_of(expr, table) > 0 {
            return Ok(lowered);
        }
        if let Some(Value::Int(value)) = consts::eval(expr, table) {
            return match i32::try_from(value) {
                Ok(_) => self.cast(Expr::int(value), Type::INTEGER, ty),
                Err(_) => Ok(lowered),
            };
        }
        match ty.bytes {
            _ if !computed(&lowered) => Ok(lowered),
            1 | 2 => self.cast(lowered, Type::INTEGER, ty),
            // f2c makes an INTEGER of `k-k`, and so of what is computed of that and constants.
            _ => {
                let zero = self.cast(Expr::int(0), Type::INTEGER, ty)?;
                let sum = Expr::Paren(Box::new(lowered));
                Ok(Expr::Binary("+".into(), Box::new(zero), Box::new(sum)))
            }
        }
    }

    /// A conversion by the runtime.
    pub fn cast(&mut self, lowered: Expr, from: Type, to: Type) -> Lowered<Expr> {
        let name = format!("to_{}", suffix(to, &self.scope.table));
        self.runtime(&name, from, to, vec![lowered])
    }

    /// `expr`, lowered, as an INTEGER of the kind of `to`.
    pub fn converted(&mut self, expr: Expr, to: Type) -> Lowered<Expr> {
        let from = type_of(&expr, &self.scope.table).unwrap_or(to);
        if let Some(Value::Int(value)) = consts::eval(&expr, &self.scope.table)
            && i32::try_from(value).is_ok()
        {
            return match to.bytes {
                4 => Ok(Expr::int(value)),
                _ => self.cast(Expr::int(value), Type::INTEGER, to),
            };
        }
        let lowered = self.expr(expr.clone())?;
        let size = |ty| self.scope.table.size(ty);
        match from {
            Type {
                class: Class::Integer,
                ..
            } if size(from) == size(to) => self.exact(&expr, lowered),
            // Small kinds are computed as INTEGER.
            Type {
                class: Class::Integer,
                bytes: 1 | 2,
            } if computed(&lowered) => match to.bytes {
                4 => self.cast(lowered, from, to),
                _ => {
                    let small = self.cast(lowered, Type::INTEGER, from)?;
                    self.cast(small, from, to)
                }
            },
            Type {
                class: Class::Logical | Class::Character,
                ..
            } => Ok(lowered),
            _ => self.cast(lowered, from, to),
        }
    }

    /// An assignment between LOGICAL and INTEGER, which gfortran takes: zero is .FALSE., .TRUE. is 1.
    pub fn logical_assignment(&self, stmt: &mut Stmt) {
        let Kind::Assignment { target, value } = &mut stmt.kind else {
            return;
        };
        let table = &self.scope.table;
        let types = (type_of(target, table), type_of(value, table));
        let (Some(to), Some(from)) = types else {
            return;
        };
        match (to.class, from.class) {
            (Class::Logical, Class::Integer) => {
                *value = value.clone().wrapped().with(".ne.", Expr::int(0));
            }
            (Class::Integer, Class::Logical) if !table.shadows("merge") => {
                *value = call("merge", [Expr::int(1), Expr::int(0), value.clone()]);
            }
            _ => {}
        }
    }

    /// A LOGICAL of the default kind: f2c gives an operation on short ones their kind.
    pub fn default_logical(&mut self, expr: Expr) -> Lowered<Expr> {
        let mut short = false;
        expr.walk(&mut |part| {
            let ty = match part {
                Expr::Name(_) | Expr::Ref(..) => type_of(part, &self.scope.table),
                _ => None,
            };
            short |= ty.is_some_and(|ty| ty.class == Class::Logical && ty.bytes != 4);
        });
        let lowered = self.expr(expr)?;
        Ok(match short {
            true => Expr::Paren(Box::new(lowered)).with(".eqv.", self.parsed(".true.")),
            false => lowered,
        })
    }

    /// A call of `emshim_NAME_TYPE`, which becomes known to f2c.
    pub fn runtime(&mut self, name: &str, ty: Type, gives: Type, args: Vec<Expr>) -> Lowered<Expr> {
        let wide = self.scope.options.default_integer_8;
        let default = matches!(gives.class, Class::Integer | Class::Logical) && gives.bytes == 4;
        if wide && default && ty.class != Class::Integer && !WIDENED.contains(&name) {
            let message = "the runtime has it for INTEGER of 32 bits only";
            let remedy = "compile this file without -fdefault-integer-8";
            return self.scope.refuse(self.at, name, message, remedy);
        }
        let function = runtime_name(name, ty, &self.scope.table);
        self.need(&function, gives);
        Ok(Expr::Ref(
            function,
            args.into_iter().map(Arg::Expr).collect(),
        ))
    }

    /// Declares a function of the runtime.
    pub fn need(&mut self, function: &str, gives: Type) {
        if !self.needed.insert(function.to_owned()) {
            return;
        }
        let at = self.scope.unit.at();
        for text in [
            format!("{} {function}", gives.keyword()),
            format!("external {function}"),
        ] {
            self.declared.push(Stmt::parse(&text, at));
        }
    }
}
