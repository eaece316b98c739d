//! What gfortran refuses of loops and constructs, and f2c, to which they come as IFs and GOTOs, would
//! take.

use super::Scope;
use crate::consts::{self, Value};
use crate::data_type::Class;
use crate::error::{Lowered, Refusal};
use crate::expr::{Arg, Expr};
use crate::source::{Control, Kind, Loc, Stmt};
use crate::symbols::Table;
use crate::types::type_of;

/// A construct that has begun.
struct Open<'s> {
    /// `DO`, `IF`, ...
    word: &'static str,
    name: Option<&'s str>,
    /// The label of a DO's last statement.
    label: Option<&'s str>,
    /// What a DO counts in.
    variable: Option<&'s str>,
    select: Option<Select>,
}

/// A SELECT CASE.
struct Select {
    /// The class of its selector.
    class: Option<Class>,
    /// The constant values of its cases.
    ranges: Vec<(Bound, Bound)>,
    default: bool,
    /// A CASE was there.
    begun: bool,
}

/// The end of a range of values; none where it has none.
type Bound = Option<Constant>;

#[derive(Clone, Debug, PartialEq, PartialOrd)]
enum Constant {
    Number(i64),
    Text(Vec<u8>),
}

/// Specifiers that give a variable a value; of INQUIRE all but those that ask do.
const RESULTS: [&str; 5] = ["id", "iomsg", "iostat", "newunit", "size"];
const QUESTIONS: [&str; 4] = ["file", "id", "pending", "unit"];

/// Refuses it.
pub(super) fn check(scope: &mut Scope) -> Lowered {
    let mut open: Vec<Open> = Vec::new();
    for stmt in &scope.unit.body {
        let at = stmt.at;
        let refuse = |message: String| Err(Refusal::new(at, "", message, ""));
        assigned(stmt.action(), &mut |name, at| match open
            .iter()
            .any(|open| open.variable == Some(name))
        {
            true => {
                let message = format!("'{name}' gets a value in the loop that counts in it");
                Err(Refusal::new(at, "DO", message, "use another variable"))
            }
            false => Ok(()),
        })?;
        if let Some(select) = open.last_mut().and_then(|open| open.select.as_mut())
            && !select.begun
            && !matches!(stmt.kind, Kind::Case(_) | Kind::EndSelect)
        {
            return refuse("a statement between SELECT CASE and the first CASE".into());
        }
        let name = stmt.construct.as_deref();
        if let Some(opened) = opened(stmt, name, &scope.table)? {
            open.push(opened);
        }
        match &stmt.kind {
            Kind::Case(values) => {
                let select = open.last_mut().and_then(|open| open.select.as_mut());
                match select {
                    Some(select) => case(values, at, select, &scope.table)?,
                    None => return refuse("CASE outside SELECT CASE".into()),
                }
            }
            Kind::EndDo | Kind::EndIf | Kind::EndSelect | Kind::EndWhere => {
                ends_loop_elsewhere(stmt, &open)?;
                let end = stmt.tokens.first().map(|token| token.text.as_str());
                if let Some(open) = open.pop()
                    && open.name != end
                {
                    let message = match open.name {
                        Some(name) => format!("the {} that ends here is '{name}'", open.word),
                        None => format!("the {} that ends here has no name", open.word),
                    };
                    return refuse(message);
                }
            }
            _ => {}
        }
        // A loop that ends with an action.
        ends_loop_elsewhere(stmt, &open)?;
        let ends = |open: &Open| open.label == Some(stmt.label.as_str());
        let last = open.last().is_some_and(ends) && !stmt.label.is_empty();
        if last && never_last(&stmt.kind) {
            let remedy = "end it with CONTINUE";
            let message = "a loop cannot end with this statement";
            return Err(Refusal::new(at, "DO", message, remedy));
        }
        if last && let Some(name) = open.last().and_then(|open| open.name) {
            return refuse(format!("the loop '{name}' ends without END DO {name}"));
        }
        while last && open.last().is_some_and(ends) {
            open.pop();
        }
    }
    Ok(())
}

/// The label of a DO in another construct than the loop.
fn ends_loop_elsewhere(stmt: &Stmt, open: &[Open]) -> Lowered {
    let label = Some(stmt.label.as_str()).filter(|label| !label.is_empty());
    let ends = |open: &Open| label.is_some() && open.label == label;
    let within = open.last().filter(|last| !ends(last));
    match within.filter(|_| open.iter().any(ends)) {
        Some(within) => {
            let message = format!("the loop ends within the {} of another", within.word);
            Err(Refusal::new(stmt.at, "DO", message, ""))
        }
        None => Ok(()),
    }
}

/// Whether a loop cannot end with a statement. FORMAT is none.
fn never_last(kind: &Kind) -> bool {
    matches!(
        kind,
        Kind::Goto
            | Kind::Return
            | Kind::Exit
            | Kind::Cycle
            | Kind::Where(..)
            | Kind::Action("stop" | "error stop" | "pause")
    )
}

fn opened<'s>(stmt: &'s Stmt, name: Option<&'s str>, table: &Table) -> Lowered<Option<Open<'s>>> {
    let construct = |word| Open {
        word,
        name,
        label: None,
        variable: None,
        select: None,
    };
    Ok(Some(match &stmt.kind {
        Kind::Do { label, count } => {
            let variable = count.as_ref().map(|count| count.variable.as_str());
            if let Some(variable) = variable.filter(|name| table.rank(name) > 0) {
                let message = format!("'{variable}' is an array");
                return Err(Refusal::new(stmt.at, "DO", message, "use a variable"));
            }
            Open {
                label: label.as_deref(),
                variable,
                ..construct("DO")
            }
        }
        Kind::DoWhile { label, .. } => Open {
            label: label.as_deref(),
            ..construct("DO")
        },
        Kind::If(_) => construct("IF"),
        Kind::Where(_, None) => construct("WHERE"),
        Kind::Select(selector) => {
            let ty = type_of(selector, table);
            if let Some(ty) = ty.filter(|ty| matches!(ty.class, Class::Real | Class::Complex)) {
                let message = format!("a selector of type {}", ty.keyword());
                return Err(Refusal::new(stmt.at, "SELECT CASE", message, "use IF"));
            }
            Open {
                select: Some(Select {
                    class: ty.map(|ty| ty.class),
                    ranges: Vec::new(),
                    default: false,
                    begun: false,
                }),
                ..construct("SELECT CASE")
            }
        }
        _ => return Ok(None),
    }))
}

/// The values of a CASE.
fn case(values: &[Arg], at: Loc, select: &mut Select, table: &Table) -> Lowered {
    let refuse = |message: String| Err(Refusal::new(at, "CASE", message, ""));
    select.begun = true;
    if values.is_empty() && std::mem::replace(&mut select.default, true) {
        return refuse("CASE DEFAULT is there already".into());
    }
    for value in values {
        let (low, high) = match value {
            Arg::Range(low, high, _) => (low.as_ref(), high.as_ref()),
            Arg::Expr(only) | Arg::Keyword(_, only) => (Some(only), Some(only)),
            Arg::Label(_) => continue,
        };
        let range = matches!(value, Arg::Range(..));
        for bound in low.iter().chain(&high) {
            let class = type_of(bound, table).map(|ty| ty.class);
            let other = class != select.class && class.is_some() && select.class.is_some();
            if other || (range && class == Some(Class::Logical)) {
                return refuse(format!("'{}' is no value of the selector", bound.text()));
            }
            if let Some(name) = variable(bound, table) {
                return refuse(format!("'{name}' is no constant"));
            }
        }
        let constant = |bound: Option<&Expr>| bound.map(|bound| constant(bound, table));
        let (low, high) = match (constant(low), constant(high)) {
            // One that is not known here.
            (Some(None), _) | (_, Some(None)) => continue,
            (low, high) => (low.flatten(), high.flatten()),
        };
        let below = |a: &Bound, b: &Bound| matches!((a, b), (Some(a), Some(b)) if a < b);
        if below(&high, &low) {
            // It is empty.
            continue;
        }
        let mut others = select.ranges.iter();
        if others.any(|other| !below(&high, &other.0) && !below(&other.1, &low)) {
            return refuse("a value that an earlier CASE has".into());
        }
        select.ranges.push((low, high));
    }
    Ok(())
}

/// A name in an expression that is no constant. What functions of constants give is not looked at.
fn variable<'e>(expr: &'e Expr, table: &Table) -> Option<&'e str> {
    match expr {
        Expr::Name(name) => table
            .get(name)
            .is_none_or(|symbol| symbol.parameter.is_none())
            .then_some(name),
        Expr::Unary(_, inner) | Expr::Paren(inner) => variable(inner, table),
        Expr::Binary(_, a, b) => variable(a, table).or_else(|| variable(b, table)),
        _ => None,
    }
}

fn constant(expr: &Expr, table: &Table) -> Bound {
    if let Some(Value::Int(value)) = consts::eval(expr, table) {
        return Some(Constant::Number(value));
    }
    if let Expr::Lit(token) = expr
        && type_of(expr, table).is_some_and(|ty| ty.class == Class::Logical)
    {
        let holds = token.text.starts_with(".t");
        return Some(Constant::Number(i64::from(holds)));
    }
    let mut text = consts::string(expr, table)?;
    // Blanks at the end count for nothing.
    text.truncate(text.trim_ascii_end().len());
    Some(Constant::Text(text))
}

/// Calls `f` for each variable that a statement gives a value to by its name.
fn assigned(stmt: &Stmt, f: &mut dyn FnMut(&str, Loc) -> Lowered) -> Lowered {
    let mut found = Ok(());
    let mut note = |name: &str| {
        if found.is_ok() {
            found = f(name, stmt.at);
        }
    };
    let mut counted = |expr: &Expr| {
        expr.walk(&mut |part| {
            if let Expr::Implied(_, variable, _) = part {
                note(variable);
            }
        });
    };
    match &stmt.kind {
        Kind::Io { items, .. } => items.iter().for_each(&mut counted),
        Kind::Do {
            count: Some(count), ..
        } => note(&count.variable),
        _ => {}
    }
    match &stmt.kind {
        Kind::Assignment {
            target: Expr::Name(name),
            ..
        } => note(name),
        Kind::Io {
            word,
            control,
            items,
        } => {
            if let Control::List(args) = control {
                for arg in args {
                    if let Arg::Keyword(word_of, Expr::Name(name)) = arg
                        && (RESULTS.contains(&word_of.as_str())
                            || (*word == "inquire" && !QUESTIONS.contains(&word_of.as_str())))
                    {
                        note(name);
                    }
                }
            }
            if *word == "read" {
                items.iter().for_each(|item| read(item, &mut note));
            }
        }
        _ => {}
    }
    found
}

/// The variables among what is read.
fn read(item: &Expr, note: &mut dyn FnMut(&str)) {
    match item {
        Expr::Name(name) => note(name),
        Expr::Implied(items, ..) => items.iter().for_each(|item| read(item, note)),
        _ => {}
    }
}
