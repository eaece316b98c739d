//! CALLs of intrinsic subroutines. Where arguments may be left out, the runtime's procedure has all
//! of them, and before them a number whose bits say which are there.

use super::typed::{Typed, runtime_name, suffix};
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::intrinsics::{self, How, Intrinsic};
use crate::source::{Kind, Stmt};
use crate::types::{rank_of, type_of};

impl Typed<'_, '_> {
    /// A CALL of an intrinsic subroutine.
    pub fn subroutine(&mut self, stmt: &mut Stmt) -> Lowered {
        let Kind::Call { name, args } = &stmt.kind else {
            return Ok(());
        };
        let Some(row) = intrinsics::subroutine(name, &self.scope.table) else {
            return Ok(());
        };
        let given = args.clone();
        if !row.may_have(given.len()) {
            return Ok(());
        }
        let text = match row.how {
            How::Refused(remedy) => {
                let message = format!("f2c has no intrinsic subroutine '{}'", row.name);
                return self.scope.refuse(self.at, "intrinsic", message, remedy);
            }
            How::Library => {
                let name = library_name(row, given.len(), true);
                let mut words = row.words();
                let mut out = Vec::with_capacity(given.len());
                for arg in given {
                    out.push(match (words.next(), arg) {
                        (Some("d"), Arg::Expr(arg)) => {
                            Arg::Expr(self.converted(arg, Type::INTEGER)?)
                        }
                        (_, arg) => arg,
                    });
                }
                self.call_text(&name, out)
            }
            _ => self.own_subroutine(row, given)?,
        };
        *stmt = Stmt::parse(&text, stmt.at);
        Ok(())
    }

    pub fn call_text(&self, name: &str, args: Vec<Arg>) -> String {
        let args: Vec<String> = args.iter().map(Arg::text).collect();
        format!("call {name}({})", args.join(", "))
    }

    /// The CALL that stands for one of an intrinsic subroutine.
    pub fn own_subroutine(&mut self, row: &'static Intrinsic, args: Vec<Arg>) -> Lowered<String> {
        let name = row.name;
        let args = self.in_order(row, args)?;
        match name {
            "exit" | "flush" => {
                let all = if name == "exit" { 0 } else { -1 };
                let code = args[0].clone().unwrap_or_else(|| Expr::int(all));
                let code = self.converted(code, Type::INTEGER)?;
                Ok(format!("call emshim_{name}({})", code.text()))
            }
            "random_number" => self.random_number(&args),
            "system_clock" => self.system_clock(&args),
            "mvbits" | "cpu_time" => {
                let Some(args) = args.into_iter().collect::<Option<Vec<Expr>>>() else {
                    return self.not_like_this(name);
                };
                let given: Vec<Option<Type>> = args
                    .iter()
                    .map(|arg| type_of(arg, &self.scope.table))
                    .collect();
                let Some(ty) = given[0] else {
                    return self.not_like_this(name);
                };
                let mut texts = Vec::new();
                for (index, arg) in args.into_iter().enumerate() {
                    texts.push(match (name, index) {
                        ("mvbits", 1 | 2 | 4) => self.converted(arg, Type::INTEGER)?.text(),
                        ("mvbits", 0) => self.converted(arg, ty)?.text(),
                        _ => arg.text(),
                    });
                }
                let How::Runtime(base) = row.how else {
                    return self.not_like_this(name);
                };
                let function = runtime_name(base, ty, &self.scope.table);
                Ok(format!("call {function}({})", texts.join(", ")))
            }
            _ => self.masked(name, &args),
        }
    }

    /// The arguments by the places of their dummies.
    fn in_order(&self, row: &Intrinsic, args: Vec<Arg>) -> Lowered<Vec<Option<Expr>>> {
        let dummies: Vec<&str> = row.dummies().collect();
        let mut out = vec![None; dummies.len().max(1)];
        for (index, arg) in args.into_iter().enumerate() {
            let (place, expr) = match arg {
                Arg::Expr(expr) => (Some(index), expr),
                Arg::Keyword(word, expr) => (dummies.iter().position(|d| *d == word), expr),
                _ => return self.not_like_this(row.name),
            };
            match place.and_then(|place| out.get_mut(place)) {
                Some(slot) => *slot = Some(expr),
                None => return self.not_like_this(row.name),
            }
        }
        Ok(out)
    }

    fn not_like_this<T>(&self, name: &str) -> Lowered<T> {
        let message = format!("the runtime has no '{name}' with these arguments");
        let remedy = "declare it EXTERNAL if it is your own";
        self.scope.refuse(self.at, "intrinsic", message, remedy)
    }

    fn random_number(&mut self, args: &[Option<Expr>]) -> Lowered<String> {
        let Some(harvest) = &args[0] else {
            return self.not_like_this("random_number");
        };
        let table = &self.scope.table;
        let real = type_of(harvest, table).filter(|ty| ty.class == Class::Real);
        let Some(ty) = real else {
            return self.not_like_this("random_number");
        };
        let kind = suffix(ty, table);
        if rank_of(harvest, table) == 0 {
            return Ok(format!(
                "call emshim_random_number_{kind}({})",
                harvest.text()
            ));
        }
        let count = self.declared_shape("size", std::slice::from_ref(harvest));
        let Some(count) = count else {
            let message = "the array's size is not known here";
            let remedy = "call it for each element in a loop";
            return self.scope.refuse(self.at, "random_number", message, remedy);
        };
        let (array, count) = (harvest.text(), count.text());
        Ok(format!(
            "call emshim_random_numbers_{kind}({array}, {count})"
        ))
    }

    /// Milliseconds, or nanoseconds where every argument has 64 bits.
    fn system_clock(&mut self, args: &[Option<Expr>]) -> Lowered<String> {
        let table = &self.scope.table;
        let types: Vec<Option<Type>> = args
            .iter()
            .map(|arg| arg.as_ref().and_then(|arg| type_of(arg, table)))
            .collect();
        let sizes = types.iter().flatten().map(|ty| table.size(*ty));
        let fine = sizes.min().unwrap_or(8) == 8;
        let known = |ty: &Type| {
            matches!(
                (ty.class, table.size(*ty)),
                (Class::Real, _) | (Class::Integer, 4 | 8)
            )
        };
        if types.iter().flatten().count() == 0 || !types.iter().flatten().all(known) {
            return self.not_like_this("system_clock");
        }
        let mut texts = vec![u8::from(fine).to_string()];
        for (arg, ty) in args.iter().zip(types) {
            // The letter of its type, as a number; 0 for none.
            let code = ty.map_or(0, |ty| match (ty.class, table.size(ty)) {
                (Class::Real, 4) => 3,
                (Class::Real, _) => 4,
                (_, 8) => 2,
                _ => 1,
            });
            texts.push(code.to_string());
            texts.push(arg.as_ref().map_or("0".into(), Expr::text));
        }
        Ok(format!("call emshim_system_clock({})", texts.join(", ")))
    }

    /// A subroutine whose arguments are strings and default INTEGERs.
    fn masked(&mut self, name: &str, args: &[Option<Expr>]) -> Lowered<String> {
        let strings = match name {
            "date_and_time" => 0..3,
            "get_command" => 0..1,
            "get_command_argument" => 1..2,
            "get_environment_variable" => 0..2,
            _ => 0..0,
        };
        let mut mask = 0;
        let mut texts = Vec::new();
        for (index, arg) in args.iter().enumerate() {
            let string = strings.contains(&index);
            if let Some(arg) = arg {
                mask |= 1 << index;
                let ty = type_of(arg, &self.scope.table);
                let fits = match (string, ty) {
                    (true, Some(ty)) => ty.class == Class::Character,
                    (false, Some(ty)) if index == 4 => ty.class == Class::Logical,
                    (false, Some(ty)) => {
                        ty.class == Class::Integer && self.scope.table.size(ty) == 4
                    }
                    _ => false,
                };
                if !fits {
                    return self.not_like_this(name);
                }
                texts.push(arg.text());
            } else {
                texts.push(if string { "' '".into() } else { "0".into() });
            }
        }
        Ok(format!("call emshim_{name}({mask}, {})", texts.join(", ")))
    }
}

/// The symbol of a procedure of the library, which depends on how many arguments there are.
pub(super) fn library_name(row: &Intrinsic, given: usize, called: bool) -> String {
    let name = row.name;
    match called && !row.is_subroutine() {
        true => format!("emshim_call_{name}"),
        false => format!("emshim_{name}_{given}"),
    }
}
