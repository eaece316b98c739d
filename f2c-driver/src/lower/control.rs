//! Control constructs: SELECT CASE, EXIT, CYCLE, endless loops, construct names.

use super::Scope;
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
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
    selector: Expr,
    /// Where the statements of its cases start, and their conditions; none for CASE DEFAULT.
    cases: Vec<(usize, Option<Expr>)>,
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
                let selector = match ty.class {
                    Class::Character => selector,
                    _ => {
                        let copy = Expr::Name(scope.fresh_variable("select", ty));
                        let label = &stmt.label;
                        out.push(Stmt::assign(copy.clone(), selector, at).labelled(label));
                        copy
                    }
                };
                let cases = Vec::new();
                open.push(Select { selector, cases });
            }
            Kind::Case(values) => {
                let Some(select) = open.last_mut() else {
                    return scope.refuse(at, "CASE", "there is no SELECT CASE before it", "");
                };
                let selector = &select.selector;
                let conditions = values.iter().map(|value| condition(selector, value, scope));
                let condition = conditions.reduce(|a, b| operation(a, ".or.", b));
                select.cases.push((out.len(), condition));
                // Its place in the chain is known at the end.
                out.push(Stmt::new(Kind::Continue, Vec::new(), at));
            }
            Kind::EndSelect => {
                match open.pop() {
                    Some(select) if !select.cases.is_empty() => {
                        chain(select.cases, &mut out);
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
fn chain(cases: Vec<(usize, Option<Expr>)>, out: &mut Vec<Stmt>) {
    let mut branches = Vec::new();
    for (start, condition) in cases.into_iter().rev() {
        branches.push((condition, out.split_off(start)));
    }
    branches.reverse();
    branches.sort_by_key(|(condition, _)| condition.is_none());
    for (index, (condition, mut stmts)) in branches.into_iter().enumerate() {
        let at = stmts[0].at;
        let kind = match (condition, index) {
            (None, 0) => Kind::If(Expr::Lit(Token::new(Tok::Logical, ".true.", at))),
            (None, _) => Kind::Else,
            (Some(condition), 0) => Kind::If(condition),
            (Some(condition), _) => Kind::ElseIf(condition),
        };
        stmts[0] = Stmt::tree(kind, at);
        out.append(&mut stmts);
    }
}

fn operation(a: Expr, op: &str, b: Expr) -> Expr {
    Expr::Binary(op.into(), Box::new(a), Box::new(b))
}

/// A value of a CASE, `3`, `3:5` or `7:`, as a condition on the selector.
fn condition(selector: &Expr, value: &Arg, scope: &Scope) -> Expr {
    let compared = |op: &str, with: &Expr| operation(selector.clone(), op, with.clone());
    match value {
        Arg::Range(Some(low), Some(high), _) => {
            let both = operation(compared(".ge.", low), ".and.", compared(".le.", high));
            Expr::Paren(Box::new(both))
        }
        Arg::Range(Some(low), None, _) => compared(".ge.", low),
        Arg::Range(None, Some(high), _) => compared(".le.", high),
        Arg::Expr(only) | Arg::Keyword(_, only) => {
            match type_of(only, &scope.table).map(|ty| ty.class) {
                Some(Class::Logical) => Expr::Paren(Box::new(compared(".eqv.", only))),
                _ => compared(".eq.", only),
            }
        }
        Arg::Range(None, None, _) | Arg::Label(_) => {
            Expr::Lit(Token::new(Tok::Logical, ".true.", Loc::default()))
        }
    }
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
    /// Where its DO is among the statements.
    start: usize,
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
                    start: out.len(),
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
                let first = open.iter().rposition(|open| !ends(open));
                let ended = open.split_off(first.map_or(0, |last| last + 1));
                let left = |done: &Loop| done.exit.is_some() || done.cycle.is_some();
                let several = ended.len() > 1 && ended.iter().any(left);
                for (place, done) in ended.into_iter().rev().enumerate() {
                    let cycle = done.cycle.as_deref();
                    // One that ends where another does, and is left, gets an END DO of its own; so
                    // does one whose last statement CYCLE skips.
                    if (several && place > 0) || (cycle.is_some() && !plain) {
                        if let Kind::Do { label, .. } | Kind::DoWhile { label, .. } =
                            &mut out[done.start].kind
                        {
                            *label = None;
                        }
                        target(cycle, at, &mut out);
                        out.push(Stmt::tree(Kind::EndDo, at));
                    } else if let (Some(_), Some(last)) = (cycle, out.pop_if(|_| cycle.is_some())) {
                        target(cycle, at, &mut out);
                        out.push(last);
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
