//! Arguments of intrinsic procedures whose types the table does not name: gfortran refuses them, f2c
//! would convert them or take their bits for another type's.

use super::{NO_TYPE, Ranges};
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics::{self, How, Intrinsic};
use crate::source::{Kind, Stmt, Tok};
use crate::types::type_of;

/// Whether an expression is a constant of bits, as Z'FF'.
fn bits(expr: &Expr) -> bool {
    matches!(expr, Expr::Lit(token) if token.kind == Tok::Boz)
}

impl Ranges<'_> {
    /// Bits where their type would have to be guessed: f2c takes them for an INTEGER, gfortran, where
    /// it takes them at all, for what they are assigned to.
    pub(super) fn bits_assigned(&self, value: &Expr, to: Type) -> Lowered {
        match bits(value) && to.class != Class::Integer {
            true => self.refuse(value, NO_TYPE),
            false => Ok(()),
        }
    }

    /// The same of an operation.
    pub(super) fn bits_in(&self, expr: &Expr, op: &str, parts: [&Expr; 2]) -> Lowered {
        let compares = op.starts_with(['.', '=', '/', '<', '>']) && op != "/";
        let integer = |part: &Expr| {
            self.typed(part)
                .is_some_and(|ty| ty.class == Class::Integer)
        };
        match parts.into_iter().any(bits) && !(compares && parts.into_iter().any(integer)) {
            true => self.refuse(expr, NO_TYPE),
            false => Ok(()),
        }
    }

    /// Those of a reference.
    pub(super) fn function_arguments(&self, expr: &Expr, name: &str, args: &[Arg]) -> Lowered {
        match intrinsics::function(name, self.table) {
            Some(row) => self.fitting(expr, row, args),
            None => Ok(()),
        }
    }

    /// Those of a CALL.
    pub(super) fn called_arguments(&self, stmt: &Stmt) -> Lowered {
        let Kind::Call { name, args } = &stmt.kind else {
            return Ok(());
        };
        match intrinsics::subroutine(name, self.table) {
            Some(row) => self.fitting(&Expr::Ref(name.clone(), args.clone()), row, args),
            None => Ok(()),
        }
    }

    fn fitting(&self, expr: &Expr, row: &Intrinsic, args: &[Arg]) -> Lowered {
        let Some(args) = row.in_order(args.to_vec()) else {
            return Ok(());
        };
        // What is refused whatever its arguments are is so for its own reason.
        if !row.may_have(args.len()) || matches!(row.how, How::Refused(_)) {
            return Ok(());
        }
        let dummies: Vec<&str> = row.dummies().collect();
        let words: Vec<&str> = row.words().collect();
        let any_number = words.iter().any(|word| word.ends_with('.'));
        if row.shares() && matches!(&args[..], [Arg::Expr(a), Arg::Expr(b)] if bits(a) && bits(b)) {
            return self.refuse(expr, NO_TYPE);
        }
        let mut first = None;
        for (index, arg) in args.iter().enumerate() {
            let (place, arg) = match arg {
                Arg::Expr(arg) => (index, arg),
                Arg::Keyword(word, arg) => match dummies.iter().position(|name| name == word) {
                    Some(place) => (place, arg),
                    None => continue,
                },
                Arg::Range(..) | Arg::Label(_) => continue,
            };
            let (Some(word), Some(ty)) = (words.get(place).or(words.last()), self.typed(arg))
            else {
                continue;
            };
            if index == 0 {
                first = Some(ty);
            }
            if !self.takes(word, ty, first, any_number) {
                let message = match word.as_bytes() {
                    [b'=', ..] => format!(
                        "'{}' has another type or kind than the first argument",
                        arg.text()
                    ),
                    _ => format!(
                        "'{}' is of type {}, which it does not take",
                        arg.text(),
                        ty.keyword()
                    ),
                };
                return self.refuse(expr, &message);
            }
        }
        Ok(())
    }

    /// The type of an argument; none for bits, which have none.
    fn typed(&self, arg: &Expr) -> Option<Type> {
        match arg {
            Expr::Lit(token) if token.kind == Tok::Hollerith => None,
            _ if bits(arg) => None,
            _ => type_of(arg, self.table),
        }
    }

    /// Whether a word of the table names a type.
    fn takes(&self, word: &str, ty: Type, first: Option<Type>, any_number: bool) -> bool {
        let word = word.trim_end_matches(['?', '.']);
        let (letter, kind) = word.split_at(1.min(word.len()));
        if word == "kind" {
            return true;
        }
        let classes: &[Class] = match letter {
            "i" | "d" => &[Class::Integer],
            "r" => &[Class::Real],
            "c" => &[Class::Complex],
            "l" => &[Class::Logical],
            "a" => &[Class::Character],
            "s" => &[Class::Integer, Class::Real],
            "x" => &[Class::Real, Class::Complex],
            "n" => &[Class::Integer, Class::Real, Class::Complex],
            "m" => &[Class::Integer, Class::Real, Class::Complex, Class::Logical],
            "b" => &[Class::Integer, Class::Logical],
            "=" => return first.is_none_or(|first| self.same(first, ty)),
            "~" => return first.is_none_or(|first| first.class == ty.class),
            _ => return true,
        };
        let bytes = match (kind, ty.class) {
            ("4", Class::Real | Class::Complex) => self.table.real,
            ("4", _) => 4,
            ("8", _) => 8,
            _ => ty.bytes,
        };
        classes.contains(&ty.class) && (any_number || bytes == ty.bytes)
    }

    fn same(&self, a: Type, b: Type) -> bool {
        let size = |ty: Type| match ty.class {
            Class::Character => 0,
            _ => self.table.size(ty),
        };
        a.class == b.class && size(a) == size(b)
    }
}
