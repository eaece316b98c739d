//! DATA for a part of a string: the rest of it is blank for gfortran, and zero for f2c.

use std::collections::{BTreeMap, BTreeSet};

use super::Scope;
use crate::consts::{self, Value, eval_int};
use crate::data_type::Class;
use crate::error::Lowered;
use crate::expr::{Arg, Expr, parse};
use crate::lists::split_commas;
use crate::source::{Kind, Loc, Stmt, Token};

/// Characters of a DATA statement that are counted one by one; more are refused.
const MOST: usize = 1 << 20;

/// A scalar or an element, as text, and the characters of it that have values.
type Parts = BTreeMap<String, (String, BTreeSet<i64>)>;

/// Gives the characters without values blanks.
pub(super) fn blanks(scope: &mut Scope) -> Lowered {
    let mut parts = Parts::new();
    let stmts = scope.unit.spec.iter().chain(&scope.unit.body);
    for stmt in stmts.filter(|stmt| stmt.kind == Kind::Spec("data")) {
        let mut values = false;
        let mut depth = 0;
        let mut start = 0;
        for (index, token) in stmt.tokens.iter().enumerate() {
            depth += i32::from(token.op("(")) - i32::from(token.op(")"));
            if depth == 0 && token.op("/") {
                if !values {
                    names(&stmt.tokens[start..index], stmt.at, scope, &mut parts)?;
                }
                values = !values;
                start = index + 1;
            }
        }
    }
    let at = scope.unit.at();
    for (place, (name, given)) in parts {
        let Some(length) = length(&name, scope) else {
            continue;
        };
        let mut next = 1;
        for end in given.into_iter().chain([length + 1]) {
            if end > next {
                let blanks = " ".repeat(usize::try_from(end - next).unwrap_or(0));
                let text = format!("data {place}({next}:{}) /'{blanks}'/", end - 1);
                scope.unit.spec.push(Stmt::parse(&text, at));
            }
            next = end + 1;
        }
    }
    Ok(())
}

fn length(name: &str, scope: &Scope) -> Option<i64> {
    let symbol = scope.table.get(name)?;
    match &symbol.len {
        Some(len) => eval_int(len, &scope.table),
        None => Some(1),
    }
}

/// Takes note of the parts among the names before a list of values.
fn names(list: &[Token], at: Loc, scope: &Scope, parts: &mut Parts) -> Lowered {
    for item in split_commas(list) {
        if let Some(expr) = parse(item)
            && !noted(&expr, &mut BTreeMap::new(), scope, parts)
        {
            let message = "a part of a string whose place is not known here";
            let remedy = "give the whole string its value";
            return scope.refuse(at, "DATA", message, remedy);
        }
    }
    Ok(())
}

/// Takes note of one, where the variables of implied DOs have these values; false where it cannot.
fn noted(
    expr: &Expr,
    variables: &mut BTreeMap<String, i64>,
    scope: &Scope,
    parts: &mut Parts,
) -> bool {
    let value = |expr: &Expr, variables: &BTreeMap<String, i64>| {
        let known = expr.clone().map(&mut |part| match part {
            Expr::Name(name) => match variables.get(&name) {
                Some(value) => Expr::int(*value),
                None => Expr::Name(name),
            },
            other => other,
        });
        match consts::eval(&known, &scope.table) {
            Some(Value::Int(value)) => Some(value),
            _ => None,
        }
    };
    let (name, indices, range) = match expr {
        Expr::Ref(name, args) => match args.as_slice() {
            [range @ Arg::Range(..)] if scope.table.rank(name) == 0 => (name, &[][..], range),
            _ => return true,
        },
        Expr::Substring(base, args) => match (&**base, args.as_slice()) {
            (Expr::Ref(name, indices), [range]) => (name, indices.as_slice(), range),
            _ => return true,
        },
        Expr::Implied(items, variable, bounds) => {
            let partial = |expr: &Expr| {
                let mut found = false;
                expr.walk(&mut |part| found |= matches!(part, Expr::Substring(..)));
                found
            };
            if !items.iter().any(partial) {
                return true;
            }
            let bound = |place: usize| match bounds.get(place) {
                Some(bound) => value(bound, variables),
                None => Some(1),
            };
            let (Some(low), Some(high), Some(step @ 1..)) = (bound(0), bound(1), bound(2)) else {
                return false;
            };
            let mut at = low;
            while at <= high {
                variables.insert(variable.clone(), at);
                if parts.len() > MOST
                    || !items
                        .iter()
                        .all(|item| noted(item, variables, scope, parts))
                {
                    return false;
                }
                at += step;
            }
            variables.remove(variable);
            return true;
        }
        _ => return true,
    };
    if !scope
        .table
        .type_of(name)
        .is_some_and(|ty| ty.class == Class::Character)
    {
        return true;
    }
    let Arg::Range(low, high, None) = range else {
        return false;
    };
    let low = low.as_ref().map_or(Some(1), |low| value(low, variables));
    let high = match high {
        Some(high) => value(high, variables),
        None => length(name, scope),
    };
    let indices: Option<Vec<String>> = indices
        .iter()
        .map(|index| match index {
            Arg::Expr(index) => value(index, variables).map(|value| value.to_string()),
            _ => None,
        })
        .collect();
    let (Some(low), Some(high), Some(indices)) = (low, high, indices) else {
        return false;
    };
    if high - low >= MOST as i64 {
        return false;
    }
    let place = match indices.is_empty() {
        true => name.clone(),
        false => format!("{name}({})", indices.join(",")),
    };
    let own = parts
        .entry(place)
        .or_insert((name.clone(), BTreeSet::new()));
    own.1.extend(low..=high);
    true
}
