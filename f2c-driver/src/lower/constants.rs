//! What modules hold, constants, variables and procedures: how a `.mod` file is written and read.
//!
//! A `.mod` file of ours is text: a first line that says so, then one declaration a line. Build
//! systems compare such files, and leave out the first line when they do (CMake's
//! `cmake_copy_f90_mod`).

use camino::Utf8PathBuf;

use super::Scope;
use super::facts::{Entity, What};
use crate::consts::{eval, eval_int, text};
use crate::data_type::Type;
use crate::dim::Upper;
use crate::error::Lowered;
use crate::expr::parse;
use crate::lists::split_commas;
use crate::lookup::{Folder, Lookup, read_file};
use crate::options::Options;
use crate::source::{Kind, Stmt, Tok, Token, join};
use crate::symbols::Symbol;
use crate::unit::Unit;

/// How a `.mod` file of ours begins.
const FIRST_LINE: &str = "! A Fortran module, by emshim";

/// The text of a module's `.mod` file; one whose contents are known anyway has no constants.
pub(crate) fn write(entities: &[Entity]) -> String {
    let line = |entity: &Entity| {
        let Entity {
            name,
            ty,
            what,
            home,
        } = entity;
        let home = home
            .as_ref()
            .map_or(String::new(), |(module, own)| format!(" = {module}%{own}"));
        match what {
            What::Constant(value) => format!("{ty}, parameter :: {name} = {value}\n"),
            What::Variable(dims) => format!("{ty}, common :: {name}{dims}{home}\n"),
            What::Procedure => format!("{ty}, external :: {name}{home}\n"),
        }
    };
    let lines: String = entities.iter().map(line).collect();
    format!("{FIRST_LINE}\n{lines}")
}

fn read(text: &str) -> Option<Vec<Entity>> {
    let lines = text.strip_prefix(FIRST_LINE)?.lines().skip(1);
    let entity = |line: &str| {
        let from = |rest: &str| -> Option<(String, Option<(String, String)>)> {
            let Some((own, home)) = rest.split_once(" = ") else {
                return Some((rest.to_owned(), None));
            };
            let (module, name) = home.split_once('%')?;
            Some((own.to_owned(), Some((module.to_owned(), name.to_owned()))))
        };
        if let Some((ty, rest)) = line.split_once(", external :: ") {
            let (name, home) = from(rest)?;
            return Some(Entity {
                home,
                ..Entity::new(name, ty, What::Procedure)
            });
        }
        if let Some((ty, rest)) = line.split_once(", common :: ") {
            let (rest, home) = from(rest)?;
            let (name, dims) = rest.split_at(rest.find('(').unwrap_or(rest.len()));
            return Some(Entity {
                home,
                ..Entity::new(name, ty, What::Variable(dims.to_owned()))
            });
        }
        let (ty, rest) = line.split_once(", parameter :: ")?;
        let (name, value) = rest.split_once(" = ")?;
        Some(Entity::new(name, ty, What::Constant(value.to_owned())))
    };
    lines.map(entity).collect()
}

/// The constants of a module that was compiled before, from the first `.mod` file of its name in
/// the working directory and the include folders, and that file; none where there is no such file of
/// ours.
pub(super) fn find(
    name: &str,
    options: &Options,
    lookups: &mut Vec<Lookup>,
) -> Option<(Utf8PathBuf, Vec<Entity>)> {
    let file = format!("{name}.mod");
    let given = Folder::given(&options.include_dirs);
    let mut folders = std::iter::once(Folder::working()).chain(given);
    folders.find_map(|folder| {
        let path = folder.path.join(&file);
        let found = read_file(&path);
        lookups.push(Lookup::new(folder.place.join(&file), found.as_deref()));
        let entities = read(std::str::from_utf8(&found?).ok()?)?;
        Some((path, entities))
    })
}

/// Whether a module declares nothing but constants and variables, and what it uses of others.
pub(super) fn plain(unit: &Unit) -> bool {
    let known = |stmt: &Stmt| match stmt.kind {
        Kind::Attribute(word) => word != "allocatable",
        Kind::Spec(word) => PLAIN.contains(&word),
        Kind::Type(_) | Kind::Use => true,
        _ => false,
    };
    unit.spec.iter().all(known) && unit.body.is_empty() && unit.interfaces.is_empty()
}

/// Specification statements of such a module.
const PLAIN: [&str; 6] = [
    "implicit",
    "parameter",
    "intrinsic",
    "dimension",
    "save",
    "data",
];

/// What the specification part of the scope's module declares beside `imported`, if it is nothing but
/// constants and variables of constant size.
pub(super) fn of(scope: &mut Scope, imported: &[Entity]) -> Lowered<Option<Vec<Entity>>> {
    scope.refresh()?;
    let unit = &scope.unit;
    // A specification may name what is no variable, an access for one.
    let named = scope.table.iter().filter(|(name, symbol)| {
        let known =
            symbol.declared.is_some() || symbol.parameter.is_some() || !symbol.dims.is_empty();
        let own = !unit.internal.iter().any(|inner| inner.name == **name)
            && !imported.iter().any(|entity| entity.name == **name);
        known && own && !symbol.intrinsic
    });
    Ok(named
        .map(|(name, symbol)| match symbol.parameter {
            Some(_) => constant(name, symbol, scope),
            None => variable(name, symbol, scope),
        })
        .collect())
}

/// What others may not use of the scope's module, by PRIVATE and PUBLIC.
pub(super) fn hidden(unit: &Unit, entities: &[Entity]) -> Vec<String> {
    let mut hides = false;
    let (mut private, mut public) = (Vec::new(), Vec::new());
    for stmt in &unit.spec {
        let names = || {
            let names = stmt.tokens.iter().filter(|token| token.kind == Tok::Name);
            names.map(|token| token.text.clone())
        };
        match stmt.kind {
            Kind::Attribute("private") if names().next().is_none() => hides = true,
            Kind::Attribute("private") => private.extend(names()),
            Kind::Attribute("public") => public.extend(names()),
            Kind::Type(_) => {
                let colons = stmt.tokens.iter().position(|token| token.op("::"));
                let attributes = &stmt.tokens[..colons.unwrap_or(0)];
                for (word, list) in [("private", &mut private), ("public", &mut public)] {
                    if attributes.iter().any(|token| token.name(word)) {
                        list.extend(super::declared::declared(stmt));
                    }
                }
            }
            _ => {}
        }
    }
    let hidden = |name: &String| private.contains(name) || (hides && !public.contains(name));
    let names = entities.iter().map(|entity| entity.name.clone());
    names.filter(hidden).collect()
}

fn typed(ty: Type, symbol: &Symbol, scope: &Scope) -> String {
    match &symbol.len {
        Some(len) => match eval_int(len, &scope.table) {
            Some(len) => format!("{}*{len}", ty.keyword()),
            None => format!("{}*({})", ty.keyword(), join(len)),
        },
        None => ty.keyword().to_owned(),
    }
}

fn variable(name: &str, symbol: &Symbol, scope: &Scope) -> Option<Entity> {
    let length = symbol.len.as_ref();
    let unknown = length.is_some_and(|len| eval_int(len, &scope.table).is_none());
    if symbol.allocatable || symbol.external || unknown {
        return None;
    }
    let ty = typed(scope.table.type_of(name)?, symbol, scope);
    Some(Entity::new(name, ty, What::Variable(dims(symbol, scope)?)))
}

/// Constant dimensions in parentheses, or nothing.
fn dims(symbol: &Symbol, scope: &Scope) -> Option<String> {
    let constant = |tokens: &[Token]| eval_int(tokens, &scope.table);
    let mut dims = Vec::new();
    for dim in &symbol.dims {
        let Upper::Given(upper) = &dim.upper else {
            return None;
        };
        let lower = match &dim.lower {
            Some(lower) => constant(lower)?,
            None => 1,
        };
        dims.push(format!("{lower}:{}", constant(upper)?));
    }
    Some(match dims.is_empty() {
        true => String::new(),
        false => format!("({})", dims.join(",")),
    })
}

fn constant(name: &str, symbol: &Symbol, scope: &Scope) -> Option<Entity> {
    let given = symbol.parameter.as_ref()?;
    let ty = scope.table.type_of(name)?;
    let mut shown = typed(ty, symbol, scope);
    let value = match symbol.dims.as_slice() {
        [] => value(given, scope)?,
        _ => {
            let items = match given.as_slice() {
                [open, slash, items @ .., _, _] if open.op("(") && slash.op("/") => items,
                [open, items @ .., _] if open.op("[") => items,
                _ => &[],
            };
            // Strings of an assumed length have that of the first.
            if symbol.len.as_ref().is_some_and(|len| assumed(len)) {
                let first = parse(split_commas(items).first()?)?;
                let length = crate::consts::string(&first, &scope.table)?.len();
                shown = format!("{}*{length}", ty.keyword());
            }
            shown += &format!(", dimension{}", dims(symbol, scope)?);
            match given.as_slice() {
                _ if !items.is_empty() => format!("(/{}/)", values(items, scope)?),
                [word, open, inner @ .., _] if word.name("reshape") && open.op("(") => {
                    reshaped(inner, scope)?
                }
                one => value(one, scope)?,
            }
        }
    };
    Some(Entity::new(name, shown, What::Constant(value)))
}

/// `source, shape` of a RESHAPE of array constructors.
fn reshaped(inner: &[Token], scope: &Scope) -> Option<String> {
    let parts = split_commas(inner);
    let [source, shape] = parts.as_slice() else {
        return None;
    };
    let constructor = |tokens: &[Token]| match tokens {
        [open, slash, items @ .., _, _] if open.op("(") && slash.op("/") => values(items, scope),
        [open, items @ .., _] if open.op("[") => values(items, scope),
        _ => None,
    };
    let (source, shape) = (constructor(source)?, constructor(shape)?);
    Some(format!("reshape((/{source}/), (/{shape}/))"))
}

fn values(items: &[Token], scope: &Scope) -> Option<String> {
    let items = split_commas(items).into_iter();
    let texts: Option<Vec<String>> = items.map(|item| value(item, scope)).collect();
    Some(texts?.join(", "))
}

/// A constant expression without names of the module.
fn value(given: &[Token], scope: &Scope) -> Option<String> {
    if let Some(known) = parse(given).and_then(|expr| eval(&expr, &scope.table)) {
        return Some(text(&known));
    }
    // COMPLEX and CHARACTER constants are not computed, only their numbers, whose kinds are names of
    // this module, and what is a name as a whole.
    let mut out = Vec::new();
    for token in given {
        let number = parse(std::slice::from_ref(token))
            .filter(|_| matches!(token.kind, Tok::Int | Tok::Real | Tok::Name))
            .and_then(|expr| eval(&expr, &scope.table));
        match number {
            Some(number) => out.push(Token::new(Tok::Real, text(&number), token.at)),
            None if token.kind == Tok::Name => {
                let symbol = scope.table.get(&token.text)?;
                let whole = symbol
                    .parameter
                    .as_ref()
                    .filter(|_| symbol.dims.is_empty())?;
                // Of a string its declared length counts.
                if given.len() > 1 || symbol.len.as_ref().is_some_and(|len| !assumed(len)) {
                    return None;
                }
                return value(whole, scope);
            }
            None => out.push(token.clone()),
        }
    }
    Some(join(&out))
}

fn assumed(len: &[Token]) -> bool {
    matches!(len, [star] if star.op("*"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_what_was_written() {
        let constant = |value: &str| What::Constant(value.to_owned());
        let entities = [
            ("x", "double precision", constant("1.5d0")),
            ("s", "character*(*)", constant("'a = b'")),
            ("v", "real", What::Variable("(1:3,0:2)".to_owned())),
            ("t", "character*8", What::Variable(String::new())),
            ("f", "complex", What::Procedure),
        ];
        let entities = entities.map(|(name, ty, what)| Entity::new(name, ty, what));
        let other = Entity {
            home: Some(("m".to_owned(), "w".to_owned())),
            ..entities[2].clone()
        };
        let entities = [entities.to_vec(), vec![other]].concat();
        assert_eq!(read(&write(&entities)).as_deref(), Some(&entities[..]));
        assert_eq!(read(&write(&[])), Some(Vec::new()));
        assert_eq!(read("GFORTRAN module version '15'"), None);
        assert_eq!(read(&format!("{FIRST_LINE}\nbroken\n")), None);
    }
}
