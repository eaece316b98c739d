//! The tree of a source as it was read, for people: each unit's names with what is known of them, each
//! statement with its place, each expression with its type and rank.

use std::fmt::Write;

use crate::data_type::{Class, Type};
use crate::dim::dims_text;
use crate::expr::{Arg, Expr};
use crate::lower::each_expression;
use crate::options::Options;
use crate::source::{Stmt, join};
use crate::symbols::{Symbol, Table};
use crate::types::{rank_of, type_of};
use crate::unit::Unit;

/// The text of the units.
pub(crate) fn dump(units: &[Unit], options: &Options) -> String {
    let mut out = String::new();
    for unit in units {
        dump_unit(unit, options, 0, &mut out);
    }
    out
}

fn line(depth: usize, text: &str, out: &mut String) {
    // Writing to a String cannot fail.
    let _ = writeln!(out, "{:1$}{text}", "", 2 * depth);
}

fn dump_unit(unit: &Unit, options: &Options, depth: usize, out: &mut String) {
    let at = unit.at();
    let name = match unit.name.as_str() {
        "" => "(no name)",
        name => name,
    };
    line(
        depth,
        &format!("unit {name} at {}:{}", at.line, at.col),
        out,
    );
    // One that cannot be understood is shown without names.
    let table = Table::of(unit, options).unwrap_or_else(|_| Table::new(options.real_bytes()));
    for (name, symbol) in table.iter() {
        line(
            depth + 1,
            &format!("name {name}: {}", known(name, symbol, &table)),
            out,
        );
    }
    for stmt in unit.header.iter().chain(&unit.spec).chain(&unit.body) {
        statement(stmt, &table, depth + 1, out);
    }
    let end = unit.end.at;
    line(depth + 1, &format!("{}:{} end", end.line, end.col), out);
    for inner in unit.interfaces.iter().chain(&unit.internal) {
        dump_unit(inner, options, depth + 1, out);
    }
}

fn known(name: &str, symbol: &Symbol, table: &Table) -> String {
    let mut words = vec![shown(table.type_of(name))];
    if let Some(length) = &symbol.len {
        words.push(format!("length {}", join(length)));
    }
    words
        .extend((!symbol.dims.is_empty()).then(|| format!("dimension{}", dims_text(&symbol.dims))));
    let flags = [
        (symbol.dummy, "dummy"),
        (symbol.external, "external"),
        (symbol.intrinsic, "intrinsic"),
        (symbol.allocatable, "allocatable"),
        (symbol.saved, "saved"),
        (symbol.common, "common"),
        (symbol.statement_function, "statement function"),
        (symbol.defined && !symbol.statement_function, "defined here"),
    ];
    words.extend(
        flags
            .iter()
            .filter(|(set, _)| *set)
            .map(|(_, word)| (*word).to_owned()),
    );
    if let Some(value) = &symbol.parameter {
        words.push(format!("= {}", join(value)));
    }
    words.join(", ")
}

fn shown(ty: Option<Type>) -> String {
    match ty {
        Some(Type {
            class: Class::Character,
            ..
        }) => "character".into(),
        Some(Type { class, bytes }) => format!("{class:?}({bytes})").to_lowercase(),
        None => "no type".into(),
    }
}

fn statement(stmt: &Stmt, table: &Table, depth: usize, out: &mut String) {
    let label = match stmt.label.as_str() {
        "" => String::new(),
        label => format!("{label} "),
    };
    let text = format!("{}:{} {label}{}", stmt.at.line, stmt.at.col, stmt.text());
    line(depth, &text, out);
    if stmt.executable() {
        each_expression(stmt, &mut |expr| tree(expr, table, depth + 1, out));
    }
}

/// An expression and its parts, one a line.
fn tree(expr: &Expr, table: &Table, depth: usize, out: &mut String) {
    let (head, parts) = match expr {
        Expr::Lit(token) => (token.text.clone(), Vec::new()),
        Expr::Name(name) => (name.clone(), Vec::new()),
        Expr::Ref(name, args) => (format!("{name}()"), args.iter().flat_map(of_arg).collect()),
        Expr::Substring(base, args) => {
            let parts = std::iter::once(&**base).chain(args.iter().flat_map(of_arg));
            ("substring".to_owned(), parts.collect())
        }
        Expr::Unary(op, inner) => (op.clone(), vec![&**inner]),
        Expr::Binary(op, a, b) => (op.clone(), vec![&**a, &**b]),
        Expr::Paren(inner) => ("()".to_owned(), vec![&**inner]),
        Expr::Complex(a, b) => ("(,)".to_owned(), vec![&**a, &**b]),
        Expr::Array(items) => ("(//)".to_owned(), items.iter().collect()),
        Expr::Implied(items, variable, bounds) => (
            format!("do {variable}"),
            items.iter().chain(bounds).collect(),
        ),
    };
    let rank = rank_of(expr, table);
    line(
        depth,
        &format!("{head}: {}, rank {rank}", shown(type_of(expr, table))),
        out,
    );
    for part in parts {
        tree(part, table, depth + 1, out);
    }
}

fn of_arg(arg: &Arg) -> Vec<&Expr> {
    match arg {
        Arg::Expr(expr) | Arg::Keyword(_, expr) => vec![expr],
        Arg::Range(low, high, step) => [low, high, step].into_iter().flatten().collect(),
        Arg::Label(_) => Vec::new(),
    }
}
