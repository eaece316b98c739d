//! Arguments by value, `%VAL(x)`: a variable of ours, whose address `convention` does not take.

use super::{ByValue, Scope};
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::parse;
use crate::lists::closing;
use crate::source::{Kind, Stmt, Tok, Token, join};
use crate::types::type_of;

/// Replaces `%VAL(x)`, and `%REF(x)` by `x`.
pub(super) fn values(scope: &mut Scope) -> Lowered {
    scope.rewrite_body(&mut |scope, mut stmt, out| {
        while let Some(percent) = stmt
            .tokens
            .windows(3)
            .position(|t| t[0].op("%") && (t[1].name("val") || t[1].name("ref")) && t[2].op("("))
            .filter(|_| stmt.kind != Kind::Format)
        {
            replace(scope, &mut stmt, percent, out)?;
        }
        out.push(stmt);
        Ok(())
    })
}

fn replace(scope: &mut Scope, stmt: &mut Stmt, percent: usize, out: &mut Vec<Stmt>) -> Lowered {
    let at = stmt.at;
    let refuse = |scope: &Scope, message: &str| {
        scope.refuse(at, "%VAL", message, "pass the argument itself")
    };
    let Some(close) = closing(&stmt.tokens, percent + 2) else {
        return refuse(scope, "the parenthesis is not closed");
    };
    let inner = stmt.tokens[percent + 3..close].to_vec();
    if stmt.tokens[percent + 1].name("ref") {
        stmt.tokens.splice(percent..=close, inner);
        return Ok(());
    }
    let Some((callee, index)) = place(stmt, percent) else {
        return refuse(scope, "not an argument of a procedure");
    };
    let ty = parse(&inner).and_then(|expr| type_of(&expr, &scope.table));
    let number = |ty: &Type| matches!(ty.class, Class::Integer | Class::Real | Class::Logical);
    let Some(ty) = ty.filter(number) else {
        return refuse(scope, "not a number");
    };
    if matches!(stmt.kind, Kind::ElseIf | Kind::DoWhile { .. }) {
        return refuse(scope, "in a condition that is evaluated late");
    }
    let variable = scope.fresh_variable("byvalue", ty);
    let text = format!("{variable} = {}", join(&inner));
    out.push(Stmt::parse(&text, at));
    scope.facts.values.push(ByValue {
        procedure: callee,
        index,
        variable: variable.clone(),
    });
    let name = Token::new(Tok::Name, variable, at);
    stmt.tokens.splice(percent..=close, [name]);
    Ok(())
}

/// The procedure that an argument belongs to, and its place among the arguments.
fn place(stmt: &Stmt, percent: usize) -> Option<(String, usize)> {
    let mut depth = 0;
    let mut index = 0;
    for at in (0..percent).rev() {
        let token = &stmt.tokens[at];
        if token.op(")") {
            depth += 1;
        } else if token.op(",") && depth == 0 {
            index += 1;
        } else if token.op("(") {
            if depth == 0 {
                let name = stmt.tokens.get(at.checked_sub(1)?)?;
                return (name.kind == Tok::Name).then(|| (name.text.clone(), index));
            }
            depth -= 1;
        }
    }
    None
}
