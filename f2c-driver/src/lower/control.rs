//! Control constructs: SELECT CASE, EXIT, CYCLE, endless loops, construct names.

use super::Scope;
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::Expr;
use crate::lists::{inside, split_at, split_commas};
use crate::source::{Kind, Loc, Stmt, Tok, Token, join};
use crate::types::type_of;

/// ERROR STOP, and STOP with a value that f2c does not take, call the runtime.
pub(super) fn stop(scope: &mut Scope) -> Lowered {
    scope.rewrite_body(&mut |scope, stmt, out| {
        let (name, error) = match stmt.kind {
            // f2c's main program is a function that gives a status.
            Kind::Return if scope.unit.main() => {
                out.push(Stmt::parse("stop", stmt.at));
                return Ok(());
            }
            Kind::Action("error stop") => ("emshim_error_stop", true),
            Kind::Action("stop") => ("emshim_stop", false),
            _ => {
                out.push(stmt);
                return Ok(());
            }
        };
        let text = match stmt.tokens.as_slice() {
            [] if error => format!("call {name}(' ')"),
            [code] if code.kind == Tok::Int && error => format!("call {name}_code({})", code.text),
            // What f2c knows itself.
            [] => "stop".into(),
            [code] if code.kind == Tok::Int => format!("stop {}", code.text),
            value => {
                let ty = crate::expr::parse(value).and_then(|expr| type_of(&expr, &scope.table));
                match ty.map(|ty| ty.class) {
                    Some(Class::Character) => format!("call {name}({})", join(value)),
                    _ => format!("call {name}_code({})", join(value)),
                }
            }
        };
        out.push(Stmt::parse(&text, stmt.at));
        Ok(())
    })
}

/// A SELECT CASE while its body is read.
struct Select {
    variable: String,
    /// Where the statements of its cases start, and their conditions; none for CASE DEFAULT.
    cases: Vec<(usize, Option<String>)>,
}

/// SELECT CASE becomes a chain of block IFs on a copy of the selector.
pub(super) fn select(scope: &mut Scope) -> Lowered {
    let body = std::mem::take(&mut scope.unit.body);
    let mut out = Vec::with_capacity(body.len());
    let mut open: Vec<Select> = Vec::new();
    for mut stmt in body {
        let at = stmt.at;
        match stmt.kind {
            Kind::Select(selector) => {
                let ty = type_of(&selector, &scope.table).unwrap_or(Type::INTEGER);
                let variable = match (&selector, ty.class) {
                    (Expr::Name(name), Class::Character) => name.clone(),
                    (_, Class::Character) => selector.text(),
                    _ => {
                        let variable = scope.fresh_variable("select", ty);
                        let target = Expr::Name(variable.clone());
                        out.push(Stmt::assign(target, selector, at).labelled(&stmt.label));
                        variable
                    }
                };
                let cases = Vec::new();
                open.push(Select { variable, cases });
            }
            Kind::Case => {
                let Some(select) = open.last_mut() else {
                    return scope.refuse(at, "CASE", "there is no SELECT CASE before it", "");
                };
                let default = stmt
                    .tokens
                    .first()
                    .is_some_and(|token| token.name("default"));
                let condition = match default {
                    true => None,
                    false => Some(case_condition(&select.variable, &stmt.tokens)),
                };
                select.cases.push((out.len(), condition));
                // Its place in the chain is known at the end.
                out.push(Stmt::new(Kind::Continue, Vec::new(), at));
            }
            Kind::EndSelect => {
                match open.pop() {
                    Some(select) if !select.cases.is_empty() => {
                        chain(&select.cases, &mut out);
                        stmt.kind = Kind::EndIf;
                    }
                    _ => stmt.kind = Kind::Continue,
                }
                stmt.tokens.clear();
                out.push(stmt);
            }
            _ => out.push(stmt),
        }
    }
    scope.unit.body = out;
    Ok(())
}

/// Makes an IF chain of the cases, which may have their CASE DEFAULT anywhere.
fn chain(cases: &[(usize, Option<String>)], out: &mut Vec<Stmt>) {
    let mut branches = Vec::new();
    for (start, condition) in cases.iter().rev() {
        branches.push((condition, out.split_off(*start)));
    }
    branches.reverse();
    branches.sort_by_key(|(condition, _)| condition.is_none());
    for (index, (condition, mut stmts)) in branches.into_iter().enumerate() {
        let text = match (condition, index) {
            (None, 0) => "if (.true.) then".into(),
            (None, _) => "else".into(),
            (Some(condition), 0) => format!("if ({condition}) then"),
            (Some(condition), _) => format!("else if ({condition}) then"),
        };
        stmts[0] = Stmt::parse(&text, stmts[0].at);
        out.append(&mut stmts);
    }
}

/// `(1, 3:5, 7:)` as a condition on the selector.
fn case_condition(variable: &str, tokens: &[Token]) -> String {
    let conditions: Vec<String> = split_commas(inside(tokens))
        .into_iter()
        .map(|case| {
            let range = case.iter().any(|token| token.op(":"));
            let parts = split_at(case, ":");
            let logical = case.iter().any(|token| token.kind == Tok::Logical);
            match parts.as_slice() {
                [low, high] if !low.is_empty() && !high.is_empty() => {
                    format!(
                        "({variable}.ge.{}.and.{variable}.le.{})",
                        join(low),
                        join(high)
                    )
                }
                [low, _] if !low.is_empty() => format!("{variable}.ge.{}", join(low)),
                [_, high] => format!("{variable}.le.{}", join(high)),
                [low] if range => format!("{variable}.ge.{}", join(low)),
                [only] if logical => format!("({variable}.eqv.{})", join(only)),
                [only] => format!("{variable}.eq.{}", join(only)),
                _ => ".true.".into(),
            }
        })
        .collect();
    conditions.join(".or.")
}

/// A loop while its body is read.
struct Loop {
    name: Option<String>,
    /// The label that ends it, unless END DO does.
    label: Option<String>,
    cycle: Option<String>,
    exit: Option<String>,
    /// What follows its end.
    after: Option<Stmt>,
}

/// A DO whose variable is of a kind with fewer bits than INTEGER: f2c's loop never ends where the
/// variable cannot go beyond the last value. It counts in an INTEGER; the assignment that follows it.
fn counted(stmt: &mut Stmt, scope: &mut Scope) -> Option<Stmt> {
    let Kind::Do {
        count: Some(count), ..
    } = &mut stmt.kind
    else {
        return None;
    };
    let ty = scope.table.type_of(&count.variable)?;
    if ty.class != Class::Integer || ty.bytes >= Type::INTEGER.bytes {
        return None;
    }
    let counter = scope.fresh_variable("counter", Type::INTEGER);
    let variable = std::mem::replace(&mut count.variable, counter.clone());
    let (target, value) = (Expr::Name(variable), Expr::Name(counter));
    Some(Stmt::assign(target, value, stmt.at))
}

/// EXIT and CYCLE become GOTOs, endless loops DO WHILE; construct names go.
pub(super) fn loops(scope: &mut Scope) -> Lowered {
    let body = std::mem::take(&mut scope.unit.body);
    let mut out: Vec<Stmt> = Vec::with_capacity(body.len());
    let mut open: Vec<Loop> = Vec::new();
    for mut stmt in body {
        let at = stmt.at;
        if let Kind::LogicalIf(_, inner) = &mut stmt.kind {
            jump(inner, &mut open, scope)?;
        }
        jump(&mut stmt, &mut open, scope)?;
        let name = stmt.construct.take();
        match &stmt.kind {
            Kind::Do { label, .. } | Kind::DoWhile { label, .. } => {
                let label = label.clone();
                let after = counted(&mut stmt, scope);
                let start = after.clone();
                open.push(Loop {
                    name,
                    label: label.clone(),
                    cycle: None,
                    exit: None,
                    after,
                });
                if let Kind::Do { count: None, .. } = stmt.kind {
                    let condition = Expr::Lit(Token::new(Tok::Logical, ".true.", at));
                    stmt.kind = Kind::DoWhile { label, condition };
                }
                out.push(stmt);
                out.extend(start);
            }
            Kind::EndDo => {
                let Some(done) = open.pop() else {
                    return scope.refuse(at, "END DO", "there is no DO before it", "");
                };
                stmt.tokens.clear();
                target(done.cycle.as_deref(), at, &mut out);
                // A labelled END DO of `DO 10 ...` keeps its label.
                out.push(stmt);
                out.extend(done.after);
                target(done.exit.as_deref(), at, &mut out);
            }
            _ => {
                let label = stmt.label.clone();
                let ends = |done: &Loop| !label.is_empty() && done.label.as_ref() == Some(&label);
                if matches!(stmt.kind, Kind::EndIf | Kind::Else) {
                    stmt.tokens.clear();
                }
                let plain = stmt.kind == Kind::Continue;
                out.push(stmt);
                let mut first = true;
                while open.last().is_some_and(ends) {
                    let Some(done) = open.pop() else { break };
                    let shared = !first || open.last().is_some_and(ends);
                    if shared && (done.exit.is_some() || done.cycle.is_some()) {
                        let message = "EXIT or CYCLE in loops that end at one label";
                        return scope.refuse(at, "DO", message, "give each loop its own end");
                    }
                    first = false;
                    if let Some(cycle) = &done.cycle {
                        if !plain {
                            let message = "CYCLE in a loop that ends with an action";
                            return scope.refuse(at, "CYCLE", message, "end it with CONTINUE");
                        }
                        if let Some(last) = out.pop() {
                            target(Some(cycle), at, &mut out);
                            out.push(last);
                        }
                    }
                    out.extend(done.after);
                    target(done.exit.as_deref(), at, &mut out);
                }
            }
        }
    }
    scope.unit.body = out;
    Ok(())
}

/// `label continue`, if there is a label.
fn target(label: Option<&str>, at: Loc, out: &mut Vec<Stmt>) {
    if let Some(label) = label {
        out.push(Stmt::new(Kind::Continue, Vec::new(), at).labelled(label));
    }
}

/// Turns an EXIT or CYCLE into a GOTO.
fn jump(stmt: &mut Stmt, open: &mut [Loop], scope: &mut Scope) -> Lowered {
    let exit = match stmt.kind {
        Kind::Exit => true,
        Kind::Cycle => false,
        _ => return Ok(()),
    };
    let wanted = stmt.tokens.first().map(|token| token.text.clone());
    let inner = open
        .iter_mut()
        .rev()
        .find(|l| wanted.is_none() || l.name == wanted);
    let Some(inner) = inner else {
        return scope.refuse(
            stmt.at,
            "EXIT or CYCLE",
            "there is no such loop around it",
            "",
        );
    };
    let slot = if exit {
        &mut inner.exit
    } else {
        &mut inner.cycle
    };
    let label = slot.get_or_insert_with(|| scope.fresh_label()).clone();
    stmt.kind = Kind::Goto;
    stmt.tokens = vec![Token::new(Tok::Int, label, stmt.at)];
    Ok(())
}
