//! Arrays whose size is known at run time only: automatic and ALLOCATABLE ones; automatic strings.
//!
//! [`shapes`] gives every such array bounds in variables, so that the passes between see an array
//! like any other; [`pointers`] then makes it a dummy argument `a(0:*)` with explicit index
//! arithmetic. f2c translates that to a plain pointer without adjustments, which `convention` moves from
//! the argument list to the local variables of the C function.

use super::allocate::allocations;
use super::dynamic::Dynamic;
use super::exprs::map_parts;
use super::{Pointer, Scope};
use crate::consts;
use crate::data_type::{Class, Type};
use crate::declaration::declaration;
use crate::dim::{Dim, Upper};
use crate::error::Lowered;
use crate::expr::{Arg, Expr, parse};
use crate::lists::{closing, inside, split_commas};
use crate::source::{Kind, Stmt, Tok, Token, join, lex_fragment};

/// The local arrays without constant bounds.
fn candidates(scope: &Scope) -> Vec<(String, bool, Vec<Dim>)> {
    let constant = |tokens: &[Token]| consts::eval_int(tokens, &scope.table).is_some();
    let fixed = |dim: &Dim| {
        let upper = match &dim.upper {
            Upper::Given(tokens) => constant(tokens),
            Upper::Assumed => true,
            Upper::Deferred => false,
        };
        upper && dim.lower.as_ref().is_none_or(|lower| constant(lower))
    };
    scope
        .table
        .iter()
        .filter(|(_, symbol)| !symbol.dims.is_empty() && !symbol.dummy && !symbol.common)
        .filter(|(_, symbol)| symbol.allocatable || !symbol.dims.iter().all(fixed))
        .map(|(name, symbol)| (name.to_owned(), symbol.allocatable, symbol.dims.clone()))
        .collect()
}

/// Gives every array of unknown size bounds in variables, and allocates the automatic ones.
pub(super) fn shapes(scope: &mut Scope) -> Lowered {
    let at = scope.unit.at();
    let mut head = Vec::new();
    for (name, allocatable, dims) in candidates(scope) {
        let Some(symbol) = scope.table.get(&name) else {
            continue;
        };
        let ty = scope.table.type_of(&name).unwrap_or(Type::REAL);
        let length = symbol.len.as_ref().map_or("1".into(), |len| join(len));
        let size = match ty.class {
            Class::Character => length,
            _ => scope.table.size(ty).to_string(),
        };
        // SAVE without a list leaves automatic arrays alone.
        let saved = allocatable && (symbol.saved || scope.table.save_all || scope.unit.main());
        if symbol.fixed {
            let message = format!("'{name}' is initialised or in EQUIVALENCE");
            return scope.refuse(symbol.at, "array of variable size", message, "");
        }
        let custom_lower = allocatable && allocated_with_lower(scope, &name);
        let mut bounds = Vec::new();
        for (index, dim) in (1..).zip(&dims) {
            let mut variable = |scope: &mut Scope, letter: char, value: Option<&[Token]>| {
                let constant = value.and_then(|tokens| consts::eval_int(tokens, &scope.table));
                if let Some(constant) = constant {
                    return constant.to_string();
                }
                let variable =
                    scope.fresh_variable(&format!("{name}_{letter}{index}"), Type::INTEGER);
                if let Some(value) = value {
                    head.push(Stmt::parse(&format!("{variable} = {}", join(value)), at));
                }
                if saved {
                    scope
                        .unit
                        .spec
                        .push(Stmt::parse(&format!("save {variable}"), at));
                }
                variable
            };
            let lower = match &dim.lower {
                _ if custom_lower => variable(scope, 'l', None),
                Some(lower) => variable(scope, 'l', Some(lower)),
                None => "1".into(),
            };
            let upper = match &dim.upper {
                Upper::Given(upper) if !allocatable => variable(scope, 'u', Some(upper)),
                _ => variable(scope, 'u', None),
            };
            bounds.push((lower, upper));
        }
        let dynamic = Dynamic {
            name,
            bounds,
            saved,
            size,
            allocatable,
            string: false,
        };
        redeclare(scope, &dynamic)?;
        if !allocatable {
            let take = format!(
                "call emshim_allocate({}, {})",
                dynamic.name,
                dynamic.bytes()
            );
            head.push(Stmt::parse(&take, at));
        }
        scope.dynamics.push(dynamic);
    }
    for (name, length) in automatic_strings(scope) {
        redeclare_string(scope, &name)?;
        let take = format!("call emshim_string({name}, max({},0))", join(&length));
        head.push(Stmt::parse(&take, at));
        scope.dynamics.push(Dynamic::string(name));
    }
    if scope.dynamics.is_empty() {
        return Ok(());
    }
    if scope.unit.body.iter().any(|stmt| stmt.kind == Kind::Entry) {
        let message = "a procedure with ENTRY has arrays of variable size";
        return scope.refuse(at, "ENTRY", message, "give the arrays constant bounds");
    }
    head.append(&mut scope.unit.body);
    scope.unit.body = head;
    scope.refresh()?;
    allocations(scope)
}

/// The local strings whose length is known at run time only.
fn automatic_strings(scope: &Scope) -> Vec<(String, Vec<Token>)> {
    let local = scope.table.iter().filter(|(_, symbol)| {
        symbol.declared == Some(Type::CHARACTER)
            && symbol.dims.is_empty()
            && symbol.parameter.is_none()
            && !(symbol.dummy || symbol.common || symbol.fixed)
            && !(symbol.external || symbol.intrinsic || symbol.defined)
    });
    let variable = |len: &[Token]| {
        !matches!(len, [only] if only.op("*") || only.op(":"))
            && consts::eval_int(len, &scope.table).is_none()
    };
    let own = local.filter_map(|(name, symbol)| {
        let len = symbol.len.clone().filter(|len| variable(len))?;
        Some((name.to_owned(), len))
    });
    // The result of a function has the length its callers give it.
    let result = scope.unit.result();
    own.filter(|(name, _)| Some(name.as_str()) != result)
        .collect()
}

/// Declares a string with the length of its own variable.
fn redeclare_string(scope: &mut Scope, name: &str) -> Lowered {
    let mut out = Vec::new();
    for stmt in std::mem::take(&mut scope.unit.spec) {
        let Kind::Type(base) = stmt.kind else {
            out.push(stmt);
            continue;
        };
        let declared = declaration(&stmt, base, &scope.table)?;
        if !declared.entities.iter().any(|entity| entity.name == name) {
            out.push(stmt);
            continue;
        }
        for entity in &declared.entities {
            let length = match entity.len.as_ref().or(declared.len.as_ref()) {
                _ if entity.name == name => "*(*)".to_owned(),
                Some(len) => format!("*({})", join(len)),
                None => String::new(),
            };
            let dims = crate::dim::dims_text(&entity.dims);
            let text = format!("character{length} {}{dims}", entity.name);
            out.push(Stmt::parse(&text, stmt.at));
        }
    }
    scope.unit.spec = out;
    Ok(())
}

/// Whether some ALLOCATE gives the array a lower bound.
fn allocated_with_lower(scope: &Scope, name: &str) -> bool {
    scope
        .unit
        .body
        .iter()
        .filter(|stmt| stmt.kind == Kind::Allocate)
        .any(|stmt| {
            split_commas(inside(&stmt.tokens)).into_iter().any(|item| {
                item.first().is_some_and(|token| token.name(name))
                    && item.iter().any(|token| token.op(":"))
            })
        })
}

/// Replaces the dimensions of the array in the declarations.
fn redeclare(scope: &mut Scope, dynamic: &Dynamic) -> Lowered {
    let dims: Vec<String> = dynamic
        .bounds
        .iter()
        .map(|(low, high)| format!("{low}:{high}"))
        .collect();
    drop_dims(scope, &dynamic.name)?;
    let text = format!("dimension {}({})", dynamic.name, dims.join(","));
    let at = scope.unit.at();
    scope.unit.spec.push(Stmt::parse(&text, at));
    Ok(())
}

/// Takes the dimensions of `name` out of the declarations; its type stays.
fn drop_dims(scope: &mut Scope, name: &str) -> Lowered {
    let mut out = Vec::new();
    for stmt in std::mem::take(&mut scope.unit.spec) {
        if !stmt.tokens.iter().any(|token| token.name(name)) {
            out.push(stmt);
            continue;
        }
        match &stmt.kind {
            Kind::Type(base) => {
                let declared = declaration(&stmt, *base, &scope.table)?;
                for entity in &declared.entities {
                    let length = match entity.len.as_ref().or(declared.len.as_ref()) {
                        Some(len) if base.keyword() == "character" => format!("*({})", join(len)),
                        _ => String::new(),
                    };
                    let dims = match entity.name == name {
                        true => String::new(),
                        false => crate::dim::dims_text(&entity.dims),
                    };
                    let keyword = declared.ty.keyword();
                    let text = format!("{keyword}{length} {}{dims}", entity.name);
                    out.push(Stmt::parse(&text, stmt.at));
                }
            }
            Kind::Spec("dimension") | Kind::Attribute("allocatable") => {
                let word = stmt.text();
                let word = word.split(' ').next().unwrap_or_default();
                for item in split_commas(&stmt.tokens) {
                    if !item.first().is_some_and(|token| token.name(name)) {
                        out.push(Stmt::parse(&format!("{word} {}", join(item)), stmt.at));
                    }
                }
            }
            Kind::Spec("save") => {
                for item in split_commas(&stmt.tokens) {
                    if !item.first().is_some_and(|token| token.name(name)) {
                        out.push(Stmt::parse(&format!("save {}", join(item)), stmt.at));
                    }
                }
            }
            _ => out.push(stmt),
        }
    }
    scope.unit.spec = out;
    Ok(())
}

/// The offset of an element from the start of the array.
fn offset(dynamic: &Dynamic, subscripts: &[Arg]) -> String {
    let mut text = String::new();
    for (index, (low, high)) in subscripts.iter().zip(&dynamic.bounds).rev() {
        let index = index.text();
        let simple = index
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let index = if simple { index } else { format!("({index})") };
        let own = match (low.as_str(), parse_int(&index)) {
            ("0", _) => index,
            (low, Some(index)) if low.parse::<i64>().is_ok() => {
                (index - low.parse::<i64>().unwrap_or(0)).to_string()
            }
            (low, _) => format!("{index}-({low})"),
        };
        let own = own.replace("-(1)", "-1");
        let extent = if low == "1" {
            high.clone()
        } else {
            format!("({high}-({low})+1)")
        };
        text = match text.is_empty() {
            true => own,
            false => format!("{own}+{extent}*({text})"),
        };
    }
    text
}

fn parse_int(text: &str) -> Option<i64> {
    text.parse().ok()
}

/// Makes the arrays dummy arguments with explicit index arithmetic.
pub(super) fn pointers(scope: &mut Scope) -> Lowered {
    if scope.dynamics.is_empty() {
        return Ok(());
    }
    let dynamics = scope.dynamics.clone();
    scope.rewrite_body(&mut |_, mut stmt, out| {
        let find = |name: &str| {
            let mut arrays = dynamics.iter().filter(|dynamic| !dynamic.string);
            arrays.find(|dynamic| dynamic.name == name)
        };
        let at = stmt.at;
        map_parts(&mut stmt, &mut |part| {
            let place = match &part {
                Expr::Ref(name, args) => find(name)
                    .and_then(|dynamic| parse(&lex_fragment(&offset(dynamic, args), at)))
                    .map(|offset| Expr::Ref(name.clone(), vec![Arg::Expr(offset)])),
                _ => None,
            };
            Ok(place.unwrap_or(part))
        })?;
        out.push(stmt);
        Ok(())
    })?;
    let at = scope.unit.at();
    let procedure = rename(scope);
    for dynamic in &dynamics {
        if !dynamic.string {
            drop_dims(scope, &dynamic.name)?;
            let text = format!("dimension {}(0:*)", dynamic.name);
            scope.unit.spec.push(Stmt::parse(&text, at));
        }
        scope.facts.pointers.push(Pointer {
            procedure: procedure.clone(),
            name: dynamic.name.clone(),
            saved: dynamic.saved,
            string: dynamic.string,
        });
        if let Some(header) = &mut scope.unit.header {
            if header.tokens.len() == 1 {
                header.tokens.extend(lex_fragment("()", at));
            }
            if let Some(close) = closing(&header.tokens, 1) {
                let comma = (close > 2).then(|| Token::new(Tok::Op, ",", at));
                let name = Token::new(Tok::Name, dynamic.name.clone(), at);
                header
                    .tokens
                    .splice(close..close, comma.into_iter().chain([name]));
            }
        }
    }
    Ok(())
}

/// Gives the unit a name for f2c that nobody calls: callers must not see the additional arguments.
fn rename(scope: &mut Scope) -> String {
    let at = scope.unit.at();
    if scope.unit.main() {
        let name = scope.fresh_name("emshim_main");
        let procedure = crate::source::Procedure {
            function: false,
            recursive: false,
            elemental: false,
            result: None,
        };
        let tokens = vec![Token::new(Tok::Name, name.clone(), at)];
        scope.unit.header = Some(Stmt::new(Kind::Procedure(procedure), tokens, at));
        scope.facts.renames.push((name.clone(), "main".into()));
        scope.facts.main = Some(name.clone());
        return name;
    }
    let old = scope.unit.name.clone();
    let name = scope.fresh_name(&format!("{old}_0"));
    let function = scope.unit.function();
    if let Some(header) = &mut scope.unit.header
        && let Some(first) = header.tokens.first_mut()
    {
        first.text.clone_from(&name);
    }
    if function {
        // The function's name is the variable that holds its value.
        let unit = &mut scope.unit;
        for stmt in unit.spec.iter_mut().chain(&mut unit.body) {
            stmt.each_token(&mut |token| {
                if token.name(&old) {
                    token.text.clone_from(&name);
                }
            });
        }
    }
    let known = scope.facts.renames.iter().find(|(f2c, _)| *f2c == old);
    let wanted = known.map_or(old, |(_, wanted)| wanted.clone());
    scope.facts.renames.push((name.clone(), wanted));
    scope.unit.name.clone_from(&name);
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expr::parse;
    use crate::source::Loc;

    #[test]
    fn offsets_are_column_major() {
        let dynamic = Dynamic {
            name: "a".into(),
            bounds: vec![("1".into(), "m".into()), ("0".into(), "n".into())],
            saved: false,
            size: "8".into(),
            allocatable: true,
            string: false,
        };
        let args = ["i", "j+1"].map(|text| {
            let index = parse(&lex_fragment(text, Loc::default()));
            Arg::Expr(index.expect("an index"))
        });
        assert_eq!(offset(&dynamic, &args), "i-1+m*((j+1))");
        assert!(parse(&lex_fragment("i-1+m*((j+1))", Loc::default())).is_some());
    }
}
