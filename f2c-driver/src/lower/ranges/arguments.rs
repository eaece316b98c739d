//! Arguments of intrinsic procedures whose types the table does not name: gfortran refuses them, f2c
//! would convert them or take their bits for another type's.

use super::Ranges;
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics::{self, How, Intrinsic};
use crate::source::{Kind, Stmt, Tok};
use crate::types::type_of;

impl Ranges<'_> {
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
            Expr::Lit(token) if matches!(token.kind, Tok::Hollerith | Tok::Boz) => None,
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
