//! Where local variables live: gfortran keeps scalars and small arrays on the stack, large arrays
//! static unless the procedure is RECURSIVE, and everything of a main program static.

use std::collections::BTreeSet;

use super::Scope;
use super::declare::extent;
use super::exprs::each_expression;
use crate::consts;
use crate::data_type::Class;
use crate::error::Lowered;
use crate::expr::Expr;
use crate::source::{Kind, Stmt};
use crate::symbols::Symbol;

/// SAVEs what is too large for the stack.
pub(super) fn large_arrays(scope: &mut Scope) -> Lowered {
    let recursive = matches!(
        &scope.unit.header,
        Some(Stmt { kind: Kind::Procedure(procedure), .. }) if procedure.recursive
    );
    let block_data = matches!(&scope.unit.header, Some(header) if header.kind == Kind::BlockData);
    if recursive || block_data || scope.options.recursive || scope.table.save_all {
        return Ok(());
    }
    let main = scope.unit.main();
    let automatic = |symbol: &Symbol| {
        !symbol.dummy && !symbol.fixed && !symbol.saved && !symbol.common && !symbol.allocatable
    };
    let large = |name: &str, symbol: &Symbol| {
        let elements: Option<i64> = symbol.dims.iter().map(|dim| extent(dim, scope)).product();
        let size = scope
            .table
            .type_of(name)
            .map_or(8, |ty| scope.table.size(ty));
        let length = match &symbol.len {
            Some(len) => consts::eval_int(len, &scope.table).unwrap_or(1),
            None => 1,
        };
        let bytes = elements.map(|n| n.saturating_mul(length).unsigned_abs().saturating_mul(size));
        bytes.is_some_and(|bytes| bytes > scope.options.max_stack_bytes)
    };
    let names: Vec<String> = scope
        .table
        .iter()
        .filter(|(name, symbol)| automatic(symbol) && !scope.is_pointer(name))
        .filter(|(_, symbol)| !symbol.dims.is_empty() || symbol.len.is_some())
        .filter(|(_, symbol)| !symbol.external && symbol.parameter.is_none())
        .filter(|(name, _)| scope.unit.result() != Some(*name))
        .filter(|(name, symbol)| (main && !symbol.dims.is_empty()) || large(name, symbol))
        .map(|(name, _)| name.to_owned())
        .collect();
    let at = scope.unit.at();
    for name in names {
        scope
            .unit
            .spec
            .push(Stmt::parse(&format!("save {name}"), at));
    }
    Ok(())
}

/// `-finit-local-zero`: assignments at the start of the body.
pub(super) fn zeroes(scope: &mut Scope) -> Lowered {
    let procedure = !matches!(&scope.unit.header, Some(header) if header.kind == Kind::BlockData);
    if !scope.options.init_local_zero || !procedure {
        return Ok(());
    }
    // Undeclared variables are those that are assigned to.
    let mut names: BTreeSet<String> = scope
        .table
        .iter()
        .map(|(name, _)| name.to_owned())
        .collect();
    let mut called = BTreeSet::new();
    for stmt in scope.unit.body.iter().flat_map(Stmt::parts) {
        if let Kind::Assignment {
            target: Expr::Name(name),
            ..
        } = &stmt.kind
        {
            names.insert(name.clone());
        }
        if let Kind::Call { name, .. } = &stmt.kind {
            called.insert(name.clone());
        }
        each_expression(stmt, &mut |expr| {
            expr.walk(&mut |part| {
                if let Expr::Ref(name, _) = part {
                    called.insert(name.clone());
                }
            });
        });
    }
    let result = scope.unit.result().map(ToOwned::to_owned);
    let at = scope.unit.at();
    let mut head = Vec::new();
    for name in names {
        let symbol = scope.table.get(&name);
        let other = symbol.is_some_and(|s| {
            s.dummy
                || s.fixed
                || s.saved
                || s.common
                || s.external
                || s.defined
                || s.intrinsic
                || s.parameter.is_some()
                || s.allocatable
        });
        let function = called.contains(&name) && scope.table.rank(&name) == 0;
        if other || function || scope.table.save_all || result.as_ref() == Some(&name) {
            continue;
        }
        let Some(ty) = scope.table.type_of(&name) else {
            continue;
        };
        let zero = match ty.class {
            Class::Logical => ".false.",
            Class::Character => "' '",
            _ => "0",
        };
        head.push(Stmt::parse(&format!("{name} = {zero}"), at));
    }
    head.append(&mut scope.unit.body);
    scope.unit.body = head;
    Ok(())
}
