//! What f2c reads otherwise than gfortran among specification statements: parts of arrays and complex
//! constants in DATA, IMPLICIT with kinds, procedures that nothing declares.

use std::collections::BTreeSet;

use super::Scope;
use super::elements::{element, spans};
use super::exprs::map_parts;
use crate::data_type::{Class, Type};
use crate::declaration::{implicit_rules, resolve_type};
use crate::error::Lowered;
use crate::expr::{Arg, Expr, parse};
use crate::lists::split_commas;
use crate::source::{Kind, Stmt, Tok, Token, join, lex_fragment};
use crate::types::{rank_of, type_of};

/// IMPLICIT REAL(8) (A-H) and its like.
pub(super) fn implicit(scope: &mut Scope) -> Lowered {
    let mut spec = std::mem::take(&mut scope.unit.spec);
    for stmt in &mut spec {
        if stmt.kind != Kind::Spec("implicit") {
            continue;
        }
        let mut rules = Vec::new();
        for (base, head, letters) in implicit_rules(stmt) {
            let used = crate::declaration::spec_length(&head.tokens);
            let (ty, len, _) = resolve_type(base, &head.tokens[..used], &scope.table, stmt.at)?;
            let length = match len.filter(|_| ty == Type::CHARACTER) {
                Some(len) => format!("*({})", join(&len)),
                None => String::new(),
            };
            rules.push(format!("{}{length} ({})", ty.keyword(), join(letters)));
        }
        if !rules.is_empty() {
            stmt.tokens = lex_fragment(&rules.join(", "), stmt.at);
        }
    }
    scope.unit.spec = spec;
    Ok(())
}

/// Dummy arguments that are called are procedures, whatever is declared.
pub(super) fn procedures(scope: &mut Scope) -> Lowered {
    let mut called = BTreeSet::new();
    for stmt in &scope.unit.body {
        if let Kind::Call { name, .. } = &stmt.action().kind {
            called.insert(name.clone());
        }
    }
    let at = scope.unit.at();
    for name in called {
        let symbol = scope.table.get(&name);
        if symbol.is_some_and(|symbol| symbol.dummy && !symbol.external) {
            let stmt = Stmt::parse(&format!("external {name}"), at);
            scope.unit.spec.push(stmt);
        }
    }
    // One that is only passed on is what another unit of the file takes it for.
    let untyped: Vec<String> = scope
        .table
        .iter()
        .filter(|(_, symbol)| symbol.external && symbol.declared.is_none() && !symbol.dummy)
        .map(|(name, _)| name.to_owned())
        .collect();
    for name in untyped {
        let known = scope
            .facts
            .functions
            .iter()
            .find(|(known, _)| *known == name);
        let Some((_, ty)) = known else { continue };
        let called = scope
            .unit
            .body
            .iter()
            .any(|stmt| matches!(&stmt.kind, Kind::Call { name: own, .. } if *own == name));
        if !called {
            let text = format!("{} {name}", ty.keyword());
            scope.unit.spec.push(Stmt::parse(&text, at));
        }
    }
    Ok(())
}

/// DATA of sections, and complex constants with integers for parts.
pub(super) fn data(scope: &mut Scope) -> Lowered {
    for part in ["spec", "body"] {
        let list = match part {
            "spec" => &mut scope.unit.spec,
            _ => &mut scope.unit.body,
        };
        let mut stmts = std::mem::take(list);
        for stmt in &mut stmts {
            if matches!(stmt.kind, Kind::Spec("data" | "parameter")) {
                complex_constants(&mut stmt.tokens);
            }
            if stmt.kind == Kind::Spec("data") {
                sections(stmt, scope)?;
            }
        }
        // What the sections declared comes first.
        let list = match part {
            "spec" => &mut scope.unit.spec,
            _ => &mut scope.unit.body,
        };
        list.append(&mut stmts);
    }
    Ok(())
}

/// `(1, 2.5)` among values becomes `(1., 2.5)`.
fn complex_constants(tokens: &mut [Token]) {
    let number = |token: &Token| matches!(token.kind, Tok::Int | Tok::Real);
    for start in 0..tokens.len() {
        let value = tokens[start].op("(")
            && start
                .checked_sub(1)
                .is_some_and(|before| ["/", ",", "*", "="].iter().any(|op| tokens[before].op(op)));
        if !value {
            continue;
        }
        let sign = |at: usize| usize::from(tokens.get(at).is_some_and(|t| t.op("-") || t.op("+")));
        let first = start + 1 + sign(start + 1);
        let second = first + 2 + sign(first + 2);
        let shape = tokens.get(first).is_some_and(number)
            && tokens.get(first + 1).is_some_and(|token| token.op(","))
            && tokens.get(second).is_some_and(number)
            && tokens.get(second + 1).is_some_and(|token| token.op(")"));
        if !shape {
            continue;
        }
        let double = [first, second]
            .iter()
            .any(|&at| tokens[at].text.contains('d'));
        for at in [first, second] {
            if tokens[at].kind == Tok::Int {
                tokens[at].kind = Tok::Real;
                tokens[at].text += if double { ".d0" } else { "." };
            }
        }
    }
}

fn sections(stmt: &mut Stmt, scope: &mut Scope) -> Lowered {
    let mut out = Vec::new();
    let mut depth = 0;
    let mut values = false;
    let mut start = 0;
    for index in 0..=stmt.tokens.len() {
        let token = stmt.tokens.get(index);
        match token {
            Some(token) if token.op("(") => depth += 1,
            Some(token) if token.op(")") => depth -= 1,
            _ => {}
        }
        let slash = token.is_none_or(|token| depth == 0 && token.op("/"));
        if !slash {
            continue;
        }
        let part = &stmt.tokens[start..index];
        match values {
            true => out.extend_from_slice(part),
            false => names(part, scope, &mut out)?,
        }
        out.extend(token.cloned());
        values = !values;
        start = index + 1;
    }
    stmt.tokens = out;
    Ok(())
}

/// The names before a list of values.
fn names(part: &[Token], scope: &mut Scope, out: &mut Vec<Token>) -> Lowered {
    let mut rest = part;
    if let [comma, after @ ..] = rest
        && comma.op(",")
    {
        out.push(comma.clone());
        rest = after;
    }
    for (index, item) in split_commas(rest).into_iter().enumerate() {
        if let (true, Some(first)) = (index > 0, item.first()) {
            out.push(Token::new(Tok::Op, ",", first.at));
        }
        let expr = parse(item).filter(|expr| {
            matches!(expr, Expr::Ref(name, _) if scope.table.rank(name) > 0)
                && rank_of(expr, &scope.table) > 0
        });
        let loops = expr.as_ref().and_then(|expr| spans(expr, scope));
        match (expr, loops, item.first()) {
            (Some(expr), Some(loops), Some(first)) => {
                let mut inner = element(&expr, &loops, &scope.table);
                for span in &loops {
                    inner = Expr::Implied(vec![inner], span.variable.clone(), span.bounds());
                }
                out.extend(lex_fragment(&inner.text(), first.at));
            }
            _ => out.extend_from_slice(item),
        }
    }
    Ok(())
}

/// Parts of constant strings: f2c wants a variable there.
pub(super) fn constant_strings(scope: &mut Scope) -> Lowered {
    let mut variables: Vec<(String, String)> = Vec::new();
    let mut body = std::mem::take(&mut scope.unit.body);
    for stmt in &mut body {
        map_parts(stmt, &mut |part| {
            let Expr::Ref(name, args) = part else {
                return Ok(part);
            };
            let constant = scope.table.get(&name).filter(|symbol| {
                symbol.parameter.is_some() && symbol.declared == Some(Type::CHARACTER)
            });
            if constant.is_none_or(|symbol| !symbol.dims.is_empty()) {
                return Ok(Expr::Ref(name, args));
            }
            let known = variables.iter().find(|(constant, _)| *constant == name);
            let variable = match known {
                Some((_, variable)) => variable.clone(),
                None => {
                    let variable = scope.fresh_name("constant");
                    variables.push((name, variable.clone()));
                    variable
                }
            };
            Ok(Expr::Ref(variable, args))
        })?;
    }
    scope.unit.body = body;
    let at = scope.unit.at();
    for (constant, variable) in variables {
        let given = scope.table.get(&constant);
        let given = given.and_then(|symbol| parse(symbol.parameter.as_ref()?));
        let value = given.and_then(|expr| crate::consts::string(&expr, &scope.table));
        let Some(value) = value else {
            let message = format!("a part of '{constant}', whose value is not understood");
            return scope.refuse(at, "PARAMETER", message, "use a variable");
        };
        let declared = scope
            .table
            .get(&constant)
            .and_then(|symbol| symbol.len.clone());
        let declared = declared.and_then(|len| crate::consts::eval_int(&len, &scope.table));
        let declared = declared.and_then(|length| usize::try_from(length).ok());
        let length = declared.unwrap_or(value.len()).max(1);
        let text: String = value.iter().map(|&byte| char::from(byte)).collect();
        for text in [
            format!("character*{length} {variable}"),
            format!("data {variable} /'{}'/", text.replace('\'', "''")),
        ] {
            scope.unit.spec.push(Stmt::parse(&text, at));
        }
    }
    Ok(())
}

/// Hollerith constants that are assigned: variables of the same type with such values. As arguments: an INTEGER array with their characters, as many as fill words of
/// eight. There is no hidden length.
pub(super) fn hollerith(scope: &mut Scope) -> Lowered {
    let mut body = std::mem::take(&mut scope.unit.body);
    for stmt in &mut body {
        let stmt = match &mut stmt.kind {
            Kind::LogicalIf(_, inner) => inner,
            _ => stmt,
        };
        if let Kind::Assignment { target, value } = &mut stmt.kind
            && let Expr::Lit(constant) = value
            && constant.kind == Tok::Hollerith
        {
            let ty = type_of(target, &scope.table);
            if let Some(ty) = ty.filter(|ty| ty.class != Class::Character) {
                let words = characters(&constant.text, scope);
                let name = scope.fresh_variable("word", ty);
                let text = format!("equivalence ({name}, {words})");
                let at = scope.unit.at();
                scope.unit.spec.push(Stmt::parse(&text, at));
                *value = Expr::Name(name);
            }
            continue;
        }
        let alone = |args: &mut [Arg], scope: &mut Scope| {
            for arg in args {
                if let Arg::Expr(Expr::Lit(constant)) = arg
                    && constant.kind == Tok::Hollerith
                {
                    *arg = Arg::Expr(Expr::Name(characters(&constant.text, scope)));
                }
            }
        };
        if let Kind::Call { args, .. } = &mut stmt.kind {
            alone(args, scope);
            map_parts(stmt, &mut |part| match part {
                Expr::Ref(name, mut args) => {
                    alone(&mut args, scope);
                    Ok(Expr::Ref(name, args))
                }
                other => Ok(other),
            })?;
        }
    }
    scope.unit.body = body;
    Ok(())
}

fn characters(constant: &str, scope: &mut Scope) -> String {
    let count = constant.chars().take_while(char::is_ascii_digit).count();
    let mut bytes: Vec<u8> = constant
        .chars()
        .skip(count + 1)
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect();
    bytes.resize(bytes.len().next_multiple_of(8).max(8), b' ');
    let words: Vec<String> = bytes
        .chunks(4)
        .map(|word| {
            let bits = word
                .iter()
                .rev()
                .fold(0u32, |all, &byte| all << 8 | u32::from(byte));
            (bits as i32).to_string()
        })
        .collect();
    let name = scope.fresh_name("chars");
    let at = scope.unit.at();
    for text in [
        format!("integer {name}({})", words.len()),
        format!("data {name} /{}/", words.join(",")),
    ] {
        scope.unit.spec.push(Stmt::parse(&text, at));
    }
    name
}

/// The types of the functions that a unit refers to and does not define.
pub(super) fn functions_used(scope: &Scope) -> Vec<(String, Type)> {
    let mut out = Vec::new();
    let mut note = |part: &Expr| {
        if let Expr::Ref(name, _) = part
            && scope.table.may_be_external(name)
            && !scope.table.get(name).is_some_and(|symbol| symbol.dummy)
            && crate::intrinsics::function(name, &scope.table).is_none()
            && let Some(ty) = scope.table.type_of(name)
            && ty.class != Class::Character
        {
            out.push((name.clone(), ty));
        }
    };
    for stmt in scope.unit.body.iter().map(Stmt::action) {
        if let Kind::Assignment { target, value } = &stmt.kind {
            target.walk(&mut note);
            value.walk(&mut note);
        }
    }
    out
}
