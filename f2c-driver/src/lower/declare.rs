//! Declarations as FORTRAN 77 writes them: attributes, kinds, lengths and initial values become
//! statements of their own.

use super::Scope;
use crate::consts;
use crate::data_type::{Class, Type};
use crate::declaration::{Declaration, declaration};
use crate::dim::{Dim, Upper, dims_text};
use crate::error::Lowered;
use crate::expr::{self, Arg, Expr};
use crate::lists::{inside, split_commas};
use crate::source::{Kind, Loc, Stmt, Tok, Token, join};

/// Rewrites every type declaration that is not FORTRAN 77.
pub(super) fn declarations(scope: &mut Scope) -> Lowered {
    let mut out = Vec::new();
    let mut late = Vec::new();
    for mut stmt in std::mem::take(&mut scope.unit.spec) {
        match &stmt.kind {
            Kind::Type(base) => {
                let declared = declaration(&stmt, *base, &scope.table)?;
                default_kinds(scope, &stmt, &declared)?;
                let empty = declared.entities.iter().any(|e| odd_size(&e.dims, scope));
                let initialised = declared.entities.iter().any(|e| e.data.is_some());
                if declared.plain && !empty && !initialised {
                    out.push(stmt);
                } else {
                    rewrite(&declared, stmt.at, scope, &mut out, &mut late)?;
                }
            }
            Kind::Attribute("intent" | "target" | "volatile" | "public" | "private") => {}
            Kind::Spec("external" | "intrinsic" | "save" | "dimension") => {
                stmt.tokens.retain(|token| !token.op("::"));
                out.push(stmt);
            }
            // gfortran reads IMPLICIT NONE (TYPE) too; the table of names knows it already.
            _ => out.push(stmt),
        }
    }
    out.extend(late);
    scope.unit.spec = out;
    Ok(())
}

/// With wider default kinds f2c has no type of the old width left.
fn default_kinds(scope: &Scope, stmt: &Stmt, declared: &Declaration) -> Lowered {
    let explicit = stmt
        .tokens
        .first()
        .is_some_and(|token| token.op("*") || token.op("("));
    let widened = match declared.ty.class {
        Class::Integer | Class::Logical => scope.options.default_integer_8,
        Class::Real | Class::Complex => scope.options.default_real_8,
        Class::Character => false,
    };
    if explicit && widened && declared.ty.bytes == 4 {
        let message = "cannot be kept apart from the wider default kind";
        let remedy = "compile this file without -fdefault-integer-8 and -fdefault-real-8";
        return scope.refuse(stmt.at, "explicit kind 4", message, remedy);
    }
    Ok(())
}

/// Whether f2c would stumble over the size: none given, no elements, or a constant that takes a
/// function.
fn odd_size(dims: &[Dim], scope: &Scope) -> bool {
    dims.iter().any(|dim| {
        let function = matches!(&dim.upper, Upper::Given(upper) if upper.iter().any(|t| t.op("(")));
        dim.upper == Upper::Deferred
            || extent(dim, scope).is_some_and(|extent| extent < 1 || function)
    })
}

/// The number of elements along a dimension, when it is constant.
pub(super) fn extent(dim: &Dim, scope: &Scope) -> Option<i64> {
    let Upper::Given(upper) = &dim.upper else {
        return None;
    };
    let lower = match &dim.lower {
        Some(lower) => consts::eval_int(lower, &scope.table)?,
        None => 1,
    };
    Some(consts::eval_int(upper, &scope.table)? - lower + 1)
}

fn rewrite(
    declared: &Declaration,
    at: Loc,
    scope: &mut Scope,
    out: &mut Vec<Stmt>,
    late: &mut Vec<Stmt>,
) -> Lowered {
    let dimension = declared
        .attribute("dimension")
        .map(|tokens| Dim::list(inside(tokens)));
    let add = |text: String, list: &mut Vec<Stmt>| list.push(Stmt::parse(&text, at));
    for entity in &declared.entities {
        let name = &entity.name;
        let dims = if entity.dims.is_empty() {
            dimension.as_ref()
        } else {
            Some(&entity.dims)
        };
        let mut dims = dims.cloned().unwrap_or_default();
        for dim in &mut dims {
            // An array without elements still needs storage in C.
            if extent(dim, scope).is_some_and(|extent| extent < 1) {
                *dim = Dim {
                    lower: None,
                    upper: Upper::Given(vec![int(1, at)]),
                };
            } else if let Upper::Given(upper) = &mut dim.upper
                && let Some(value) = consts::eval_int(upper, &scope.table)
            {
                *upper = crate::source::lex_fragment(&value.to_string(), at);
            }
        }
        let symbol = scope.table.get(name);
        let allocatable = symbol.is_some_and(|symbol| symbol.allocatable);
        if dims.iter().any(|dim| dim.upper == Upper::Deferred) && !allocatable {
            let message = format!("'{name}' takes its shape from the caller");
            let remedy = "pass the dimensions as arguments";
            return scope.refuse(entity.at, "assumed-shape array", message, remedy);
        }
        let length = match entity.len.as_ref().or(declared.len.as_ref()) {
            Some(len) if declared.ty == Type::CHARACTER => format!("*({})", join(len)),
            _ => String::new(),
        };
        add(
            format!(
                "{}{length} {name}{}",
                declared.ty.keyword(),
                dims_text(&dims)
            ),
            out,
        );
        let common = symbol.is_some_and(|symbol| symbol.common);
        for attribute in ["external", "intrinsic", "save", "allocatable"] {
            // A block of a module is saved as it is.
            if declared.attribute(attribute).is_some() && !(common && attribute == "save") {
                add(format!("{attribute} {name}"), out);
            }
        }
        if let Some(data) = &entity.data {
            add(format!("data {name} /{}/", join(data)), late);
        }
        let Some(value) = &entity.value else { continue };
        if declared.attribute("parameter").is_some() {
            if !dims.is_empty() {
                // An array of constants: a variable that keeps its first values.
                add(format!("save {name}"), out);
                late.push(data_statement(name, &dims, value, declared.ty, scope, at)?);
            } else {
                let mut tokens = crate::source::lex_fragment(&format!("({name} ="), at);
                tokens.extend(value.iter().cloned());
                tokens.push(Token::new(Tok::Op, ")", at));
                out.push(Stmt::new(Kind::Spec("parameter"), tokens, at));
            }
        } else {
            if !common {
                add(format!("save {name}"), out);
            }
            late.push(data_statement(name, &dims, value, declared.ty, scope, at)?);
        }
    }
    Ok(())
}

fn int(value: i64, at: Loc) -> Token {
    Token::new(Tok::Int, value.to_string(), at)
}

/// DATA for the value after `=` in a declaration.
fn data_statement(
    name: &str,
    dims: &[Dim],
    value: &[Token],
    ty: Type,
    scope: &Scope,
    at: Loc,
) -> Lowered<Stmt> {
    let refuse = || {
        let message = format!(
            "the initial value of '{name}' is not understood: {}",
            join(value)
        );
        scope.refuse(at, "initialisation", message, "use a DATA statement")
    };
    let constant = |expr: &Expr| match consts::eval(expr, &scope.table) {
        Some(value) => {
            let text = consts::text(&value);
            // DATA takes a signed constant, but no parentheses.
            Some(text.trim_matches(|c| c == '(' || c == ')').to_owned())
        }
        None => match expr {
            Expr::Lit(_) | Expr::Complex(..) | Expr::Name(_) => Some(expr.text()),
            _ => None,
        },
    };
    let Some(expr) = expr::parse(value) else {
        return refuse();
    };
    let mut values = Vec::new();
    let items = match &expr {
        Expr::Array(items) => items.clone(),
        // reshape((/ ... /), shape) keeps the order of the elements.
        Expr::Ref(f, args) if f == "reshape" => match args.as_slice() {
            [Arg::Expr(Expr::Array(items)), Arg::Expr(_)] => items.clone(),
            _ => return refuse(),
        },
        other => vec![other.clone()],
    };
    for item in &items {
        let Some(mut text) = constant(item) else {
            return refuse();
        };
        if ty.class == Class::Real && text.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            text.push('.');
        }
        values.push(text);
    }
    let mut list = values.join(", ");
    if !dims.is_empty() && values.len() == 1 {
        let Some(count) = dims
            .iter()
            .map(|dim| extent(dim, scope))
            .product::<Option<i64>>()
        else {
            return refuse();
        };
        list = format!("{count}*{list}");
    }
    Ok(Stmt::parse(&format!("data {name} /{list}/"), at))
}

/// PARAMETERs whose value takes arithmetic or functions are computed here, in the right kind: f2c
/// accepts what is not constant without a word, and folds in its own precision.
pub(super) fn parameters(scope: &mut Scope) -> Lowered {
    let mut spec = std::mem::take(&mut scope.unit.spec);
    for stmt in &mut spec {
        if stmt.kind != Kind::Spec("parameter") {
            continue;
        }
        let parts: Vec<String> = split_commas(inside(&stmt.tokens))
            .into_iter()
            .map(|part| {
                let [name, equals, value @ ..] = part else {
                    return join(part);
                };
                let simple = value.len() == 1;
                let known = expr::parse(std::slice::from_ref(name))
                    .filter(|_| equals.op("="))
                    .and_then(|expr| consts::eval(&expr, &scope.table));
                match known {
                    Some(value) if !simple => format!("{} = {}", name.text, consts::text(&value)),
                    _ => join(part),
                }
            })
            .collect();
        *stmt = Stmt::parse(&format!("parameter ({})", parts.join(", ")), stmt.at);
    }
    scope.unit.spec = spec;
    Ok(())
}

/// Explicit interfaces say nothing that f2c can use but the types of functions.
pub(super) fn interfaces(scope: &mut Scope) -> Lowered {
    for unit in std::mem::take(&mut scope.unit.interfaces) {
        let at = unit.at();
        let table = crate::symbols::Table::of(&unit, scope.options)?;
        if let Some(ty) = unit.result().and_then(|result| table.type_of(result))
            && scope
                .table
                .get(&unit.name)
                .is_none_or(|symbol| symbol.declared.is_none())
        {
            let ty = super::declared::result_declaration(&unit, ty, &table)?;
            let text = format!("{ty} {}", unit.name);
            scope.unit.spec.push(Stmt::parse(&text, at));
        }
        if scope
            .table
            .get(&unit.name)
            .is_none_or(|symbol| !symbol.external)
        {
            scope
                .unit
                .spec
                .push(Stmt::parse(&format!("external {}", unit.name), at));
        }
    }
    Ok(())
}

/// Sorts specification statements: f2c wants IMPLICIT first, DATA and statement functions last.
pub(super) fn order(scope: &mut Scope) -> Lowered {
    let data = |stmt: &Stmt| stmt.kind == Kind::Spec("data");
    let body = std::mem::take(&mut scope.unit.body);
    let (data, body): (Vec<Stmt>, Vec<Stmt>) = body.into_iter().partition(data);
    scope.unit.body = body;
    scope.unit.spec.extend(data);
    scope.unit.spec.sort_by_key(|stmt| match &stmt.kind {
        Kind::Spec("implicit") => 0,
        Kind::Assignment { .. } => 2,
        Kind::Spec("data") => 3,
        _ => 1,
    });
    scope
        .unit
        .spec
        .retain(|stmt| !matches!(stmt.kind, Kind::Attribute(_)));
    Ok(())
}
