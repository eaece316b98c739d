//! Input and output: the specifiers that Fortran added after FORTRAN 77.

use super::Scope;
use super::refused::find;
use crate::data_type::{Class, Type};
use crate::error::Lowered;
use crate::expr::{Expr, parse};
use crate::lists::{closing, split_commas};
use crate::source::{Kind, Loc, Stmt, Tok, Token, join, lex_fragment};
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
        let Kind::Action(word) = stmt.kind else {
            out.push(stmt);
            return Ok(());
        };
        if word == "flush" {
            return flush(&stmt, out);
        }
        let mut after = Vec::new();
        match iolength(&stmt, scope)? {
            Some(assignment) => stmt = assignment,
            None => control_list(&mut stmt, word, scope, out, &mut after)?,
        }
        out.push(stmt);
        out.append(&mut after);
        Ok(())
    })
}

/// Where the control list of a statement ends, if it has one.
fn control_end(stmt: &Stmt) -> Option<usize> {
    let open = stmt.tokens.first().filter(|open| open.op("("))?;
    closing(&stmt.tokens, 0).filter(|_| open.op("("))
}

/// The value of a specifier.
fn value_of<'a>(parts: &[&'a [Token]], word: &str) -> Option<&'a [Token]> {
    parts.iter().find_map(|part| match part {
        [name, equals, value @ ..] if name.name(word) && equals.op("=") => Some(value),
        _ => None,
    })
}

/// The FLUSH statement.
fn flush(stmt: &Stmt, out: &mut Vec<Stmt>) -> Lowered {
    let close = control_end(stmt).unwrap_or(0);
    let parts = split_commas(stmt.tokens.get(1..close).unwrap_or(&[]));
    let unit = match parts.first() {
        Some(first) if close > 0 && !first.get(1).is_some_and(|token| token.op("=")) => join(first),
        _ if close > 0 => value_of(&parts, "unit").map_or("-1".into(), join),
        _ => join(&stmt.tokens),
    };
    out.push(Stmt::parse(&format!("call emshim_flush({unit})"), stmt.at));
    if let Some(status) = value_of(&parts, "iostat") {
        out.push(Stmt::parse(&format!("{} = 0", join(status)), stmt.at));
    }
    Ok(())
}

/// INQUIRE (IOLENGTH = n) items: an assignment of what the items take in an unformatted record.
fn iolength(stmt: &Stmt, scope: &Scope) -> Lowered<Option<Stmt>> {
    let Some(close) = control_end(stmt) else {
        return Ok(None);
    };
    let parts = split_commas(&stmt.tokens[1..close]);
    let Some(target) = value_of(&parts, "iolength") else {
        return Ok(None);
    };
    let mut terms = Vec::new();
    for item in split_commas(&stmt.tokens[close + 1..]) {
        let bytes = parse(item).and_then(|expr| {
            let ty = type_of(&expr, &scope.table)?;
            let one = match ty.class {
                Class::Character => format!("len({})", expr.text()),
                _ => scope.table.size(ty).to_string(),
            };
            if rank_of(&expr, &scope.table) == 0 {
                return Some(one);
            }
            let one = match (ty.class, &expr) {
                (Class::Character, Expr::Name(name)) => {
                    let len = scope.table.get(name)?.len.clone();
                    len.map_or("1".into(), |len| format!("({})", join(&len)))
                }
                _ => one,
            };
            let count = super::elements::count(&expr, &scope.table)?;
            Some(format!("{one}*({count})"))
        });
        let Some(bytes) = bytes else {
            let message = format!("the size of '{}' is not known here", join(item));
            return scope.refuse(stmt.at, "IOLENGTH=", message, "compute it yourself");
        };
        terms.push(bytes);
    }
    let text = format!("{} = {}", join(target), terms.join("+"));
    Ok(Some(Stmt::parse(&text, stmt.at)))
}

fn control_list(
    stmt: &mut Stmt,
    word: &str,
    scope: &mut Scope,
    before: &mut Vec<Stmt>,
    after: &mut Vec<Stmt>,
) -> Lowered {
    let Some(close) = control_end(stmt) else {
        return Ok(());
    };
    let at = stmt.at;
    let parts: Vec<Vec<Token>> = split_commas(&stmt.tokens[1..close])
        .into_iter()
        .map(<[Token]>::to_vec)
        .collect();
    let slices: Vec<&[Token]> = parts.iter().map(Vec::as_slice).collect();
    // With a message, the program goes on here whatever happens.
    let message = value_of(&slices, "iomsg").map(join);
    let size = value_of(&slices, "size").filter(|_| word == "read");
    let jumps: Vec<(&str, String)> = [
        ("err", ".gt."),
        ("end", ".eq.-1.and.0.eq."),
        ("eor", ".lt.-1.and.0.eq."),
    ]
    .iter()
    .filter_map(|(name, op)| Some((*op, join(value_of(&slices, name)?))))
    .collect();
    let status = value_of(&slices, "iostat").map(join);
    let jumped = !jumps.is_empty();
    let asks = (message.is_some() && (status.is_some() || jumped))
        || (size.is_some() && jumped)
        || value_of(&slices, "eor").is_some();
    let unit = value_of(&slices, "unit").or(slices.first().copied());
    let internal = unit.and_then(parse);
    if internal
        .is_some_and(|unit| matches!(unit, Expr::Ref(..)) && rank_of(&unit, &scope.table) > 0)
    {
        let message = "a part of an array as internal file";
        return scope.refuse(at, "UNIT=", message, "use an array of its own");
    }
    if word == "inquire" {
        inquired(&slices, at, scope, before)?;
    }
    let mut list: Vec<Token> = Vec::new();
    let mut add = |part: Vec<Token>| {
        if !list.is_empty() {
            list.push(Token::new(Tok::Op, ",", at));
        }
        list.extend(part);
    };
    for part in &parts {
        let name = match part.as_slice() {
            [name, equals, ..] if name.kind == Tok::Name && equals.op("=") => name.text.as_str(),
            _ => "",
        };
        let value = part.get(2..).unwrap_or(&[]);
        match name {
            "iomsg" => {}
            "err" | "end" | "eor" if asks => {}
            "newunit" => {
                let integer = parse(value).and_then(|expr| type_of(&expr, &scope.table));
                if !integer
                    .is_some_and(|ty| ty.class == Class::Integer && scope.table.size(ty) == 4)
                {
                    let message = "the variable is no INTEGER of 32 bits";
                    return scope.refuse(at, "NEWUNIT=", message, "use a default INTEGER");
                }
                let text = format!("call emshim_newunit({})", join(value));
                before.push(Stmt::parse(&text, at));
                add(lex_fragment(&format!("unit = {}", join(value)), at));
            }
            "advance" => {
                let yes = matches!(value, [only] if only.text.trim_matches(['\'', '"']).trim().eq_ignore_ascii_case("yes"));
                if yes {
                    continue;
                }
                before.push(Stmt::parse(
                    &format!("call emshim_advance({})", join(value)),
                    at,
                ));
            }
            "pos" if matches!(word, "read" | "write") => {
                let text = typed_call("emshim_at", "", value, at, scope)?;
                before.push(Stmt::parse(&text, at));
            }
            "size" if word == "read" => {}
            name if word == "inquire" && ASKED.contains(&name) => {}
            name if word == "inquire" && ANSWERED.contains(&name) => {
                let variable = answer(name, value, scope, at, after);
                add(lex_fragment(&format!("{name} = {variable}"), at));
            }
            name if word == "open" && OPENED.contains(&name) => {
                let plain = ["sequential", "direct"]
                    .iter()
                    .any(|text| says(value, text));
                if !plain {
                    let text = format!("call emshim_specify('{name}', {})", join(value));
                    before.push(Stmt::parse(&text, at));
                }
                if name == "access" {
                    add(part.clone());
                }
            }
            _ => {
                if let Some(part) = specifier(part, scope)? {
                    add(part);
                }
            }
        }
    }
    if let Some(size) = size {
        let text = typed_call("emshim_size", "", size, at, scope)?;
        after.push(Stmt::parse(&text, at));
    }
    if asks {
        let variable = match &status {
            Some(status) => status.clone(),
            None => {
                let variable = scope.fresh_variable("status", Type::INTEGER);
                add(lex_fragment(&format!("iostat = {variable}"), at));
                variable
            }
        };
        if let Some(message) = message {
            let text = format!("if ({variable}.ne.0) call emshim_iomsg({variable}, {message})");
            after.push(Stmt::parse(&text, at));
        }
        for (op, label) in jumps {
            let text = format!("if ({variable}{op}0) goto {label}");
            after.push(Stmt::parse(&text, at));
        }
        if status.is_none() {
            // What no label is for ends the program.
            let unexpected = match value_of(&slices, "err") {
                Some(_) => ".lt.",
                None => ".ne.",
            };
            let text = format!("if ({variable}{unexpected}0) call emshim_io_error({variable})");
            after.push(Stmt::parse(&text, at));
        }
    }
    stmt.tokens.splice(1..close, list);
    Ok(())
}

/// Whether the value is this text, as a constant.
fn says(value: &[Token], text: &str) -> bool {
    match value {
        [only] if only.kind == Tok::Str => {
            let quoted = only.text.trim_matches(['\'', '"']).trim();
            quoted.eq_ignore_ascii_case(text)
        }
        _ => false,
    }
}

/// A CALL of the runtime's subroutine for an INTEGER of the value's kind.
fn typed_call(name: &str, first: &str, value: &[Token], at: Loc, scope: &Scope) -> Lowered<String> {
    let ty = parse(value).and_then(|expr| type_of(&expr, &scope.table));
    let bytes = match ty {
        Some(ty) if ty.class == Class::Integer => scope.table.size(ty),
        _ => 0,
    };
    if ![4, 8].contains(&bytes) {
        let message = format!("'{}' is no INTEGER of 4 or 8 bytes", join(value));
        return scope.refuse(at, "control list", message, "use a default INTEGER");
    }
    Ok(format!("call {name}_i{bytes}({first}{})", join(value)))
}

/// What takes an answer: the variable given, or one of the default kind whose value it gets.
fn answer(
    name: &str,
    value: &[Token],
    scope: &mut Scope,
    at: Loc,
    after: &mut Vec<Stmt>,
) -> String {
    let given = parse(value).and_then(|expr| type_of(&expr, &scope.table));
    let own = match given {
        Some(ty) if scope.table.size(ty) != scope.table.size(Type::INTEGER) => match ty.class {
            Class::Integer => Type::INTEGER,
            Class::Logical => Type::LOGICAL,
            _ => return join(value),
        },
        _ => return join(value),
    };
    let variable = scope.fresh_variable(name, own);
    after.push(Stmt::parse(&format!("{} = {variable}", join(value)), at));
    variable
}

/// The questions of an INQUIRE that f2c does not know.
fn inquired(parts: &[&[Token]], at: Loc, scope: &Scope, before: &mut Vec<Stmt>) -> Lowered {
    let mut asked = Vec::new();
    for name in ASKED {
        let Some(value) = value_of(parts, name) else {
            continue;
        };
        asked.push(match name {
            "pos" | "size" => {
                typed_call("emshim_answer", &format!("'{name}', "), value, at, scope)?
            }
            _ => format!("call emshim_answer_a('{name}', {})", join(value)),
        });
    }
    if asked.is_empty() {
        return Ok(());
    }
    let first = parts
        .first()
        .filter(|part| !part.get(1).is_some_and(|token| token.op("=")));
    let about = match (
        value_of(parts, "file"),
        value_of(parts, "unit").or(first.copied()),
    ) {
        (Some(file), _) => format!("call emshim_inquire_file({})", join(file)),
        (None, Some(unit)) => format!("call emshim_inquire_unit({})", join(unit)),
        (None, None) => return Ok(()),
    };
    let texts = std::iter::once(about).chain(asked);
    before.extend(texts.map(|text| Stmt::parse(&text, at)));
    Ok(())
}

/// One item of a control list for f2c, or nothing for one to leave out.
fn specifier(part: &[Token], scope: &Scope) -> Lowered<Option<Vec<Token>>> {
    let [word, equals, _, ..] = part else {
        return Ok(Some(part.to_vec()));
    };
    if word.kind != Tok::Name || !equals.op("=") {
        return Ok(Some(part.to_vec()));
    }
    let construct = format!("{}=", word.text.to_uppercase());
    if let Some(remedy) = find(SPECIFIERS, &word.text) {
        let message = "FORTRAN 77 has no such specifier";
        return scope.refuse(word.at, &construct, message, remedy);
    }
    Ok(Some(part.to_vec()))
}
