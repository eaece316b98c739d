//! Input and output: the specifiers that Fortran added after FORTRAN 77.

use super::Scope;
use super::refused::find;
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr};
use crate::source::{Control, Kind, Loc, Stmt, Tok, Token, join};
use crate::types::{rank_of, type_of};

/// Specifiers of input and output that FORTRAN 77 lacks.
const SPECIFIERS: &[(&str, &str)] = &[
    ("asynchronous", "input and output are synchronous"),
    ("decimal", "leave it out"),
    ("encoding", "leave it out"),
    ("id", "input and output are synchronous"),
    ("round", "leave it out"),
    ("sign", "use SP or SS in the format"),
];

/// What OPEN tells the runtime before the statement.
const OPENED: [&str; 5] = ["access", "action", "delim", "pad", "position"];

/// What INQUIRE asks the runtime before the statement: texts and numbers.
const ASKED: [&str; 10] = [
    "action",
    "delim",
    "pad",
    "pos",
    "position",
    "read",
    "readwrite",
    "size",
    "stream",
    "write",
];

/// What f2c's INQUIRE gives as INTEGER or LOGICAL of the default kind.
const ANSWERED: [&str; 6] = ["exist", "named", "nextrec", "number", "opened", "recl"];

/// Rewrites the control lists.
pub(super) fn specifiers(scope: &mut Scope) -> Lowered {
    scope.rewrite_body(&mut |scope, mut stmt, out| {
        let at = stmt.at;
        let mut after = Vec::new();
        if let Kind::Io {
            word,
            control,
            items,
        } = &mut stmt.kind
        {
            if *word == "flush" {
                // With the specifiers of REWIND, which the runtime then does not do.
                *word = "rewind";
                out.push(Stmt::call("emshim_flush_next", [], at));
            }
            if let Some(target) = control.keyword("iolength") {
                out.push(iolength(target, items, at, scope)?);
                return Ok(());
            }
            if let Control::List(_) = control {
                let list = control_list(control, word, at, scope, out, &mut after)?;
                *control = Control::List(list);
            }
        }
        out.push(stmt);
        out.append(&mut after);
        Ok(())
    })
}

fn text(text: &str, at: Loc) -> Expr {
    Expr::Lit(Token::new(Tok::Str, format!("'{text}'"), at))
}

/// INQUIRE (IOLENGTH = n) items: an assignment of what the items take in an unformatted record.
fn iolength(target: &Expr, items: &[Expr], at: Loc, scope: &Scope) -> Lowered<Stmt> {
    let mut terms = Vec::new();
    for item in items {
        let Some(bytes) = bytes_of(item, scope) else {
            let message = format!("the size of '{}' is not known here", item.text());
            return scope.refuse(at, "IOLENGTH=", message, "compute it yourself");
        };
        terms.push(bytes);
    }
    let text = format!("{} = {}", target.text(), terms.join("+"));
    Ok(Stmt::parse(&text, at))
}

fn bytes_of(item: &Expr, scope: &Scope) -> Option<String> {
    let ty = type_of(item, &scope.table)?;
    let one = match ty.class {
        Class::Character => format!("len({})", item.text()),
        _ => scope.table.size(ty).to_string(),
    };
    if rank_of(item, &scope.table) == 0 {
        return Some(one);
    }
    let one = match (ty.class, item) {
        (Class::Character, Expr::Name(name)) => {
            let len = scope.table.get(name)?.len.clone();
            len.map_or("1".into(), |len| format!("({})", join(&len)))
        }
        _ => one,
    };
    let count = super::elements::count(item, &scope.table)?;
    Some(format!("{one}*({count})"))
}

/// The list for f2c.
fn control_list(
    control: &Control,
    word: &str,
    at: Loc,
    scope: &mut Scope,
    before: &mut Vec<Stmt>,
    after: &mut Vec<Stmt>,
) -> Lowered<Vec<Arg>> {
    let Control::List(args) = control else {
        return Ok(Vec::new());
    };
    // With a message, the program goes on here whatever happens.
    let message = control.keyword("iomsg");
    let size = control.keyword("size").filter(|_| word == "read");
    let jumps: Vec<(&str, String)> = [
        ("err", ".gt."),
        ("end", ".eq.-1.and.0.eq."),
        ("eor", ".lt.-1.and.0.eq."),
    ]
    .iter()
    .filter_map(|(name, op)| Some((*op, control.keyword(name)?.text())))
    .collect();
    let status = control.keyword("iostat");
    let jumped = !jumps.is_empty();
    let asks = (message.is_some() && (status.is_some() || jumped))
        || (size.is_some() && jumped)
        || control.keyword("eor").is_some();
    if let Some(unit @ Expr::Ref(..)) = control.value("unit", 0)
        && rank_of(unit, &scope.table) > 0
    {
        let message = "a part of an array as internal file";
        return scope.refuse(at, "UNIT=", message, "use an array of its own");
    }
    if word == "inquire" {
        inquired(control, at, scope, before)?;
    }
    let mut list: Vec<Arg> = Vec::new();
    for arg in args {
        let (name, value) = match arg {
            Arg::Keyword(name, value) => (name.as_str(), value),
            other => {
                list.push(other.clone());
                continue;
            }
        };
        match name {
            "iomsg" => {}
            "err" | "end" | "eor" if asks => {}
            "newunit" => {
                let integer = type_of(value, &scope.table);
                if !integer
                    .is_some_and(|ty| ty.class == Class::Integer && scope.table.size(ty) == 4)
                {
                    let message = "the variable is no INTEGER of 32 bits";
                    return scope.refuse(at, "NEWUNIT=", message, "use a default INTEGER");
                }
                before.push(Stmt::call("emshim_newunit", [value.clone()], at));
                list.push(Arg::Keyword("unit".to_owned(), value.clone()));
            }
            "advance" => {
                if !says(value, "yes") {
                    before.push(Stmt::call("emshim_advance", [value.clone()], at));
                }
            }
            "pos" if matches!(word, "read" | "write") => {
                before.push(typed_call("emshim_at", None, value, at, scope)?);
            }
            "size" if word == "read" => {}
            name if word == "inquire" && ASKED.contains(&name) => {}
            name if word == "inquire" && ANSWERED.contains(&name) => {
                let variable = answer(name, value, scope, at, after);
                list.push(Arg::Keyword(name.to_owned(), variable));
            }
            // f2c's 0 says that there is none.
            "recl" if word == "open" => {
                if value.as_int().is_none_or(|length| length <= 0) {
                    before.push(Stmt::call("emshim_sized", [], at));
                }
                list.push(arg.clone());
            }
            name if word == "open" && OPENED.contains(&name) => {
                if !["sequential", "direct"]
                    .iter()
                    .any(|text| says(value, text))
                {
                    let args = [text(name, at), value.clone()];
                    before.push(Stmt::call("emshim_specify", args, at));
                }
                if name == "access" {
                    list.push(arg.clone());
                }
            }
            name => {
                if let Some(remedy) = find(SPECIFIERS, name) {
                    let construct = format!("{}=", name.to_uppercase());
                    let message = "FORTRAN 77 has no such specifier";
                    return scope.refuse(at, &construct, message, remedy);
                }
                list.push(arg.clone());
            }
        }
    }
    if let Some(size) = size {
        after.push(typed_call("emshim_size", None, size, at, scope)?);
    }
    if asks {
        let variable = match status {
            Some(status) => status.text(),
            None => {
                let variable = scope.fresh_variable("status", Type::INTEGER);
                let status = Expr::Name(variable.clone());
                list.push(Arg::Keyword("iostat".to_owned(), status));
                variable
            }
        };
        if let Some(message) = message {
            let message = message.text();
            let text = format!("if ({variable}.ne.0) call emshim_iomsg({variable}, {message})");
            after.push(Stmt::parse(&text, at));
        }
        for (op, label) in jumps {
            let text = format!("if ({variable}{op}0) goto {label}");
            after.push(Stmt::parse(&text, at));
        }
        if status.is_none() {
            // What no label is for ends the program.
            let unexpected = match control.keyword("err") {
                Some(_) => ".lt.",
                None => ".ne.",
            };
            let text = format!("if ({variable}{unexpected}0) call emshim_io_error({variable})");
            after.push(Stmt::parse(&text, at));
        }
    }
    Ok(list)
}

/// Whether the value is this text, as a constant.
fn says(value: &Expr, text: &str) -> bool {
    match value {
        Expr::Lit(only) if only.kind == Tok::Str => {
            let quoted = only.text.trim_matches(['\'', '"']).trim();
            quoted.eq_ignore_ascii_case(text)
        }
        _ => false,
    }
}

/// A CALL of the runtime's subroutine for an INTEGER of the value's kind.
fn typed_call(
    name: &str,
    first: Option<Expr>,
    value: &Expr,
    at: Loc,
    scope: &Scope,
) -> Lowered<Stmt> {
    let bytes = match type_of(value, &scope.table) {
        Some(ty) if ty.class == Class::Integer => scope.table.size(ty),
        _ => 0,
    };
    if ![4, 8].contains(&bytes) {
        let message = format!("'{}' is no INTEGER of 4 or 8 bytes", value.text());
        return scope.refuse(at, "control list", message, "use a default INTEGER");
    }
    let args = first.into_iter().chain([value.clone()]);
    Ok(Stmt::call(format!("{name}_i{bytes}"), args, at))
}

/// What takes an answer: the variable given, or one of the default kind whose value it gets.
fn answer(name: &str, value: &Expr, scope: &mut Scope, at: Loc, after: &mut Vec<Stmt>) -> Expr {
    let own = match type_of(value, &scope.table) {
        Some(ty) if scope.table.size(ty) != scope.table.size(Type::INTEGER) => match ty.class {
            Class::Integer => Type::INTEGER,
            Class::Logical => Type::LOGICAL,
            _ => return value.clone(),
        },
        _ => return value.clone(),
    };
    let variable = Expr::Name(scope.fresh_variable(name, own));
    after.push(Stmt::assign(value.clone(), variable.clone(), at));
    variable
}

/// The questions of an INQUIRE that f2c does not know.
fn inquired(control: &Control, at: Loc, scope: &Scope, before: &mut Vec<Stmt>) -> Lowered {
    let mut asked = Vec::new();
    for name in ASKED {
        let Some(value) = control.keyword(name) else {
            continue;
        };
        let about = text(name, at);
        asked.push(match name {
            "pos" | "size" => typed_call("emshim_answer", Some(about), value, at, scope)?,
            _ => Stmt::call("emshim_answer_a", [about, value.clone()], at),
        });
    }
    if asked.is_empty() {
        return Ok(());
    }
    before.push(match (control.keyword("file"), control.value("unit", 0)) {
        (Some(file), _) => Stmt::call("emshim_inquire_file", [file.clone()], at),
        (None, Some(unit)) => Stmt::call("emshim_inquire_unit", [unit.clone()], at),
        (None, None) => return Ok(()),
    });
    before.append(&mut asked);
    Ok(())
}
