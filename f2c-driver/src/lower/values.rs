//! Arguments by value, `%VAL(x)`: a variable of ours, whose address `convention` does not take.

use super::exprs::map_parts;
use super::{ByValue, Scope};
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::source::{Kind, Loc, Stmt};
use crate::types::type_of;

/// Replaces `%VAL(x)`, and `%REF(x)` by `x`.
pub(super) fn values(scope: &mut Scope) -> Lowered {
    scope.rewrite_body(&mut |scope, mut stmt, out| {
        let late = matches!(stmt.kind, Kind::ElseIf(_) | Kind::DoWhile { .. });
        let at = stmt.at;
        map_parts(&mut stmt, &mut |part| match part {
            Expr::Ref(name, mut args) if name == "%ref" && args.len() == 1 => {
                match args.remove(0) {
                    Arg::Expr(inner) => Ok(inner),
                    _ => refuse(scope, at, "not an argument of a procedure"),
                }
            }
            Expr::Ref(name, mut args) => {
                by_value(scope, &name, &mut args, (at, late), out)?;
                Ok(Expr::Ref(name, args))
            }
            other => Ok(other),
        })?;
        if let Kind::Call { name, args } = &mut stmt.kind {
            by_value(scope, name, args, (at, late), out)?;
        }
        map_parts(&mut stmt, &mut |part| match &part {
            Expr::Ref(name, _) if name == "%val" => {
                refuse(scope, at, "not an argument of a procedure")
            }
            _ => Ok(part),
        })?;
        out.push(stmt);
        Ok(())
    })
}

fn refuse<T>(scope: &Scope, at: Loc, message: &str) -> Lowered<T> {
    scope.refuse(at, "%VAL", message, "pass the argument itself")
}

/// Variables of ours in the place of the arguments of a procedure that are values. The place is that
/// of the statement, with whether it is a condition that is evaluated late.
fn by_value(
    scope: &mut Scope,
    procedure: &str,
    args: &mut [Arg],
    (at, late): (Loc, bool),
    out: &mut Vec<Stmt>,
) -> Lowered {
    for (index, arg) in args.iter_mut().enumerate() {
        let inner = match arg {
            Arg::Expr(Expr::Ref(name, inner)) if name == "%val" => match inner.as_slice() {
                [Arg::Expr(inner)] => inner.clone(),
                _ => return refuse(scope, at, "not a number"),
            },
            _ => continue,
        };
        let number = |ty: &Type| matches!(ty.class, Class::Integer | Class::Real | Class::Logical);
        let Some(ty) = type_of(&inner, &scope.table).filter(number) else {
            return refuse(scope, at, "not a number");
        };
        if late {
            return refuse(scope, at, "in a condition that is evaluated late");
        }
        let variable = scope.fresh_variable("byvalue", ty);
        out.push(Stmt::assign(Expr::Name(variable.clone()), inner, at));
        scope.facts.values.push(ByValue {
            procedure: procedure.to_owned(),
            index,
            variable: variable.clone(),
        });
        *arg = Arg::Expr(Expr::Name(variable));
    }
    Ok(())
}
