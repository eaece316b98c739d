//! What internal procedures use of their host: its constants and IMPLICIT rules are declared in them
//! too, its variables become arguments, in every call.

use std::collections::{BTreeMap, BTreeSet};

use super::declared::{attribute_words, declared, result_declaration};
use super::passing::{append, calls};
use crate::consts::{eval, text};
use crate::data_type::{Class, Type};
use crate::dim::{Upper, dims_text};
use crate::error::{Lowered, Refusal};
use crate::expr::parse;
use crate::intrinsics;
use crate::lists::closing;
use crate::options::Options;
use crate::source::{Kind, Loc, Procedure, Stmt, Tok, Token, join};
use crate::symbols::{Symbol, Table};
use crate::unit::Unit;

/// An internal procedure on its way to one of its own.
struct Inner {
    unit: Unit,
    /// Names that mean something else than in the host.
    own: BTreeSet<String>,
    /// The names in it, each where it stands first, and those that a parenthesis of arguments follows.
    used: BTreeMap<String, Loc>,
    called: BTreeSet<String>,
    /// Variables and dummy procedures of the host that it uses, sorted.
    captured: BTreeSet<String>,
}

/// Gives the internal procedures of `host` what they use of it, and every call what they take.
pub(super) fn associate(
    host: &mut Unit,
    table: &Table,
    internal: Vec<Unit>,
    options: &Options,
) -> Lowered<Vec<Unit>> {
    let names: Vec<String> = internal.iter().map(|inner| inner.name.clone()).collect();
    let hosts = Names::of(host, table);
    let mut inners = Vec::new();
    for unit in internal {
        inners.push(inner(unit, host, table, &hosts, &names)?);
    }
    let functions = functions(&inners, options)?;
    spread(&mut inners, &names)?;
    let taken: BTreeMap<String, Vec<String>> = inners
        .iter()
        .filter(|inner| !inner.captured.is_empty())
        .map(|inner| {
            (
                inner.unit.name.clone(),
                inner.captured.iter().cloned().collect(),
            )
        })
        .collect();
    for inner in &mut inners {
        inner.arguments(table, &functions)?;
    }
    for unit in std::iter::once(&mut *host).chain(inners.iter_mut().map(|inner| &mut inner.unit)) {
        let own = unit.name.clone();
        for stmt in &mut unit.body {
            calls(stmt, &taken, &own)?;
        }
    }
    Ok(inners.into_iter().map(|inner| inner.unit).collect())
}

/// The types of the internal functions, as declarations begin.
fn functions(inners: &[Inner], options: &Options) -> Lowered<BTreeMap<String, String>> {
    let mut out = BTreeMap::new();
    for inner in inners.iter().filter(|inner| inner.unit.function()) {
        let table = Table::of(&inner.unit, options)?;
        if let Some(ty) = inner.unit.result().and_then(|result| table.type_of(result)) {
            let text = result_declaration(&inner.unit, ty, &table)?;
            out.insert(inner.unit.name.clone(), text);
        }
    }
    Ok(out)
}

/// Who calls a procedure passes on what it takes.
fn spread(inners: &mut [Inner], names: &[String]) -> Lowered {
    loop {
        let mut grown = false;
        for at in 0..inners.len() {
            let mut more = BTreeSet::new();
            for (callee, name) in inners.iter().zip(names) {
                if inners[at].used.contains_key(name) && !inners[at].own.contains(name) {
                    more.extend(callee.captured.iter().cloned());
                }
            }
            let caller = &mut inners[at];
            for name in more {
                if caller.own.contains(&name) {
                    let message = format!(
                        "'{}' has a '{name}' of its own, and calls what uses that of the host",
                        caller.unit.name
                    );
                    let remedy = "give one of them another name";
                    return Err(Refusal::new(caller.unit.at(), "CONTAINS", message, remedy));
                }
                grown |= caller.captured.insert(name);
            }
        }
        if !grown {
            return Ok(());
        }
    }
}

/// The names of a host that may be variables.
struct Names {
    all: BTreeSet<String>,
    called: BTreeSet<String>,
}

impl Names {
    fn of(host: &Unit, table: &Table) -> Self {
        let mut names = Self {
            all: host.dummies().into_iter().collect(),
            called: BTreeSet::new(),
        };
        for stmt in host.spec.iter().chain(&host.body) {
            let mut note = |name: &Token, called| {
                names.all.insert(name.text.clone());
                if called {
                    names.called.insert(name.text.clone());
                }
            };
            each_name(&mut stmt.clone(), table, &mut note);
        }
        names
    }
}

/// Calls `f` for every name of a statement, and whether arguments of a procedure follow.
fn each_name(stmt: &mut Stmt, table: &Table, f: &mut dyn FnMut(&Token, bool)) {
    if stmt.kind == Kind::Format {
        return;
    }
    let mut first = matches!(stmt.kind, Kind::Call { .. });
    stmt.each_leaf(&mut |token, called| {
        if token.kind == Tok::Name {
            let subroutine = std::mem::take(&mut first);
            f(
                token,
                subroutine || (called && table.rank(&token.text) == 0),
            );
        }
    });
    let words = attribute_words(stmt);
    for (index, token) in stmt.tokens.iter().enumerate() {
        if token.kind != Tok::Name || words.contains(&index) {
            continue;
        }
        let open = stmt.tokens.get(index + 1).is_some_and(|next| next.op("("));
        let close = if open {
            closing(&stmt.tokens, index + 1)
        } else {
            None
        };
        let function = stmt.executable()
            && close.is_some_and(|close| {
                let colon = stmt.tokens[index..close].iter().any(|token| token.op(":"));
                table.rank(&token.text) == 0 && !colon
            });
        f(token, function);
    }
    if let Kind::LogicalIf(_, inner) | Kind::Where(_, Some(inner)) = &mut stmt.kind {
        each_name(inner, table, f);
    }
}

/// What looks like statement functions and assigns to elements of the host's arrays.
fn assignments(unit: &mut Unit, table: &Table) {
    let own: Vec<String> = unit
        .spec
        .iter()
        .flat_map(declared)
        .chain(unit.dummies())
        .collect();
    let element = |stmt: &Stmt| {
        let target = match &stmt.kind {
            Kind::Assignment { target, .. } => target.name(),
            _ => None,
        };
        target.is_some_and(|name| table.rank(name) > 0 && !own.iter().any(|own| own == name))
    };
    if let Some(first) = unit.spec.iter().position(element) {
        let executable = unit.spec.split_off(first);
        unit.body.splice(0..0, executable);
    }
}

fn inner(
    mut unit: Unit,
    host: &Unit,
    table: &Table,
    hosts: &Names,
    names: &[String],
) -> Lowered<Inner> {
    assignments(&mut unit, table);
    let mut own: BTreeSet<String> = unit.dummies().into_iter().collect();
    own.extend(unit.spec.iter().flat_map(declared));
    own.extend(unit.result().map(ToOwned::to_owned));
    own.remove("*");
    let (mut used, mut called) = (BTreeMap::new(), BTreeSet::new());
    for stmt in unit.header.iter().chain(&unit.spec).chain(&unit.body) {
        let mut note = |name: &Token, arguments| {
            used.entry(name.text.clone()).or_insert(name.at);
            if arguments {
                called.insert(name.text.clone());
            }
        };
        each_name(&mut stmt.clone(), table, &mut note);
        if let Kind::Procedure(Procedure {
            result: Some((_, kind)),
            ..
        }) = &stmt.kind
        {
            for token in kind.iter().filter(|token| token.kind == Tok::Name) {
                note(token, false);
            }
        }
        // The kinds of literals.
        stmt.clone().each_token(&mut |token| {
            let kind = token.text.split_once('_').map(|(_, kind)| kind);
            if let (Tok::Int | Tok::Real | Tok::Logical, Some(kind)) = (token.kind, kind) {
                used.entry(kind.to_owned()).or_insert(token.at);
            }
        });
    }
    let mut inner = Inner {
        own,
        used: BTreeMap::new(),
        called,
        captured: BTreeSet::new(),
        unit: unit.clone(),
    };
    let mut spec = Vec::new();
    // What a declaration of the host names is used too.
    let mut open: Vec<(String, Loc)> = used.iter().map(|(name, at)| (name.clone(), *at)).collect();
    let mut seen = BTreeSet::new();
    while let Some((name, at)) = open.pop() {
        if inner.own.contains(&name) || names.contains(&name) || !seen.insert(name.clone()) {
            continue;
        }
        let further = inner.inherit(&name, at, host, table, hosts, &mut spec)?;
        open.extend(further.into_iter().map(|name| (name, at)));
    }
    inner.used = used;
    let implicit = |stmt: &&Stmt| stmt.kind == Kind::Spec("implicit");
    let own_rules = unit.spec.iter().any(|stmt| implicit(&stmt));
    let mut rules: Vec<Stmt> = match own_rules {
        true => Vec::new(),
        false => host.spec.iter().filter(implicit).cloned().collect(),
    };
    // A constant is declared before those that follow from it.
    rules.extend(spec);
    rules.append(&mut unit.spec);
    inner.unit.spec = rules;
    Ok(inner)
}

impl Inner {
    fn refuse<T>(&self, at: Loc, message: String, remedy: &str) -> Lowered<T> {
        Err(Refusal::new(at, "CONTAINS", message, remedy))
    }

    /// Takes over what a name means in the host; gives the names that its declaration takes.
    fn inherit(
        &mut self,
        name: &str,
        at: Loc,
        host: &Unit,
        table: &Table,
        hosts: &Names,
        spec: &mut Vec<Stmt>,
    ) -> Lowered<Vec<String>> {
        let none = Ok(Vec::new());
        let symbol = table.get(name);
        let empty = Symbol::default();
        let known = symbol.unwrap_or(&empty);
        if let (Some(value), Some(ty)) = (&known.parameter, table.type_of(name)) {
            return constant(name, known, value, ty, at, table, spec)
                .map_or_else(|| self.refuse(at, self.uses(name), "declare it there"), Ok);
        }
        if !hosts.all.contains(name) || known.intrinsic {
            return none;
        }
        if known.statement_function {
            return self.refuse(at, self.uses(name), "declare it there");
        }
        let string = known.declared == Some(Type::CHARACTER);
        let called = hosts.called.contains(name) || (self.called.contains(name) && !string);
        let procedure = known.external || (called && known.dims.is_empty());
        if procedure {
            if symbol.is_none() && intrinsics::find(name).is_some() {
                return none;
            }
            if let (Some(ty), Some(_)) = (table.type_of(name), known.declared) {
                let length = known.len.as_ref();
                let length = length.map_or(String::new(), |len| format!("*({})", join(len)));
                let text = format!("{}{length} {name}", ty.keyword());
                spec.push(Stmt::parse(&text, at));
            }
            if known.external || known.dummy {
                spec.push(Stmt::parse(&format!("external {name}"), at));
            }
            if known.dummy {
                self.captured.insert(name.to_owned());
            }
            return none;
        }
        if symbol.is_none() && table.type_of(name).is_none() {
            return none;
        }
        if known.common {
            return match module_variable(name, host) {
                Some(stmts) => {
                    spec.extend(stmts);
                    none
                }
                None => self.refuse(at, self.uses(name), "give it the COMMON block too"),
            };
        }
        let shared = |stmt: &&Stmt| matches!(stmt.kind, Kind::Spec("equivalence" | "namelist"));
        let mut groups = host.spec.iter().filter(shared);
        if known.allocatable || groups.any(|stmt| stmt.tokens.iter().any(|token| token.name(name)))
        {
            return self.refuse(at, self.uses(name), "pass it as an argument");
        }
        self.captured.insert(name.to_owned());
        let mut further = Vec::new();
        for dim in &known.dims {
            let bounds = dim.lower.iter().chain(match &dim.upper {
                Upper::Given(upper) => Some(upper),
                _ => None,
            });
            let tokens = bounds.flatten().filter(|token| token.kind == Tok::Name);
            further.extend(tokens.map(|token| token.text.clone()));
        }
        let changed = further.iter().find(|name| assigned(host, name));
        if let Some(bound) = changed.filter(|_| known.dims.len() > 1) {
            let message = format!("{}, whose bound '{bound}' changes", self.uses(name));
            return self.refuse(at, message, "pass it as an argument");
        }
        Ok(further)
    }

    fn uses(&self, name: &str) -> String {
        format!("'{}' uses '{name}' of its host", self.unit.name)
    }

    /// Adds the captured variables to the arguments, and the declarations that are missing.
    fn arguments(&mut self, table: &Table, functions: &BTreeMap<String, String>) -> Lowered {
        let at = self.unit.at();
        let mut spec = Vec::new();
        for (name, ty) in functions {
            let own = self.own.contains(name) || self.unit.name == *name;
            if self.used.contains_key(name) && !own {
                spec.push(Stmt::parse(&format!("{ty} {name}"), at));
                spec.push(Stmt::parse(&format!("external {name}"), at));
            }
        }
        for name in &self.captured {
            let symbol = table.get(name);
            let Some(ty) = table
                .type_of(name)
                .filter(|_| !symbol.is_some_and(|s| s.external))
            else {
                continue;
            };
            let length = match ty.class {
                Class::Character => "*(*)",
                _ => "",
            };
            let dims = symbol.map_or(String::new(), |symbol| dims_text(&symbol.dims));
            let text = format!("{}{length} {name}{dims}", ty.keyword());
            spec.push(Stmt::parse(&text, at));
        }
        let rules = |stmt: &&Stmt| {
            matches!(
                stmt.kind,
                Kind::Spec("implicit" | "parameter") | Kind::Type(_)
            )
        };
        let place = self.unit.spec.iter().take_while(rules).count();
        self.unit.spec.splice(place..place, spec);
        if let Some(header) = self
            .unit
            .header
            .as_mut()
            .filter(|_| !self.captured.is_empty())
        {
            let names: Vec<String> = self.captured.iter().cloned().collect();
            append(&mut header.tokens, 0, &names, at);
        }
        Ok(())
    }
}

/// The declaration of a constant of the host, in front of those that follow from it.
fn constant(
    name: &str,
    symbol: &Symbol,
    value: &[Token],
    ty: Type,
    at: Loc,
    table: &Table,
    spec: &mut Vec<Stmt>,
) -> Option<Vec<String>> {
    let expr = parse(&[Token::new(Tok::Name, name, at)])?;
    let known = eval(&expr, table).filter(|_| symbol.dims.is_empty());
    let length = match (&symbol.len, ty.class) {
        (Some(len), Class::Character) => format!("*({})", join(len)),
        _ => String::new(),
    };
    let shown = known.as_ref().map_or_else(|| join(value), text);
    let declared = match symbol.dims.is_empty() {
        true => vec![
            format!("{}{length} {name}", ty.keyword()),
            format!("parameter ({name} = {shown})"),
        ],
        false => vec![format!(
            "{}{length}, parameter :: {name}{} = {shown}",
            ty.keyword(),
            dims_text(&symbol.dims)
        )],
    };
    spec.splice(0..0, declared.iter().map(|text| Stmt::parse(text, at)));
    let mut further = Vec::new();
    if known.is_none() {
        let dims = symbol.dims.iter().filter_map(|dim| match &dim.upper {
            Upper::Given(upper) => Some(upper),
            _ => None,
        });
        let tokens = value
            .iter()
            .chain(symbol.len.iter().flatten())
            .chain(dims.flatten());
        let names = tokens.filter(|token| token.kind == Tok::Name);
        further.extend(names.map(|token| token.text.clone()));
    }
    Some(further)
}

/// The declarations of a variable of a module, which has a COMMON block for itself.
fn module_variable(name: &str, host: &Unit) -> Option<Vec<Stmt>> {
    let block = |stmt: &&Stmt| {
        stmt.kind == Kind::Spec("common")
            && matches!(stmt.tokens.as_slice(), [_, _, _, only] if only.name(name))
    };
    let common = host.spec.iter().find(block)?;
    let is_type = |stmt: &&Stmt| {
        matches!(stmt.kind, Kind::Type(_)) && declared(stmt).iter().any(|own| own == name)
    };
    let ty = host.spec.iter().find(is_type)?;
    Some(vec![ty.clone(), common.clone()])
}

/// Whether a unit, or a procedure in it, may give a variable another value.
fn assigned(unit: &Unit, name: &str) -> bool {
    unit.body.iter().any(|stmt| match &stmt.action().kind {
        Kind::Assignment { target, .. } => target.name() == Some(name),
        Kind::Do {
            count: Some(count), ..
        } => count.variable == name,
        _ => false,
    })
}
