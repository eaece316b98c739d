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
use crate::lookup::{Folder, Lookup, read_file};
use crate::options::Options;
use crate::source::{Kind, Tok, Token, join};
use crate::symbols::Symbol;

/// How a `.mod` file of ours begins.
const FIRST_LINE: &str = "! A Fortran module, by emshim";

/// The text of a module's `.mod` file; one whose contents are known anyway has no constants.
pub(crate) fn write(entities: &[Entity]) -> String {
    let line = |Entity { name, ty, what }: &Entity| match what {
        What::Constant(value) => format!("{ty}, parameter :: {name} = {value}\n"),
        What::Variable(dims) => format!("{ty}, common :: {name}{dims}\n"),
        What::Procedure => format!("{ty}, external :: {name}\n"),
    };
    let lines: String = entities.iter().map(line).collect();
    format!("{FIRST_LINE}\n{lines}")
}

fn read(text: &str) -> Option<Vec<Entity>> {
    let lines = text.strip_prefix(FIRST_LINE)?.lines().skip(1);
    let entity = |line: &str| {
        let entity = |name: &str, ty: &str, what| Entity {
            name: name.to_owned(),
            ty: ty.to_owned(),
            what,
        };
        if let Some((ty, name)) = line.split_once(", external :: ") {
            return Some(entity(name, ty, What::Procedure));
        }
        if let Some((ty, rest)) = line.split_once(", common :: ") {
            let (name, dims) = rest.split_at(rest.find('(').unwrap_or(rest.len()));
            return Some(entity(name, ty, What::Variable(dims.to_owned())));
        }
        let (ty, rest) = line.split_once(", parameter :: ")?;
        let (name, value) = rest.split_once(" = ")?;
        Some(entity(name, ty, What::Constant(value.to_owned())))
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

/// What the specification part of the scope's module declares, if it is nothing but constants and
/// variables of constant size.
pub(super) fn of(scope: &mut Scope) -> Lowered<Option<Vec<Entity>>> {
    scope.refresh()?;
    let unit = &scope.unit;
    let plain = unit.spec.iter().all(|stmt| {
        let attribute = Kind::Attribute("allocatable");
        let known = matches!(
            stmt.kind,
            Kind::Type(_)
                | Kind::Attribute(_)
                | Kind::Spec(
                    "implicit" | "parameter" | "intrinsic" | "dimension" | "save" | "data"
                )
        );
        known && stmt.kind != attribute
    });
    if !plain || !unit.body.is_empty() || !unit.interfaces.is_empty() {
        return Ok(None);
    }
    // A specification may name what is no variable, an access for one.
    let named = scope.table.iter().filter(|(name, symbol)| {
        let known =
            symbol.declared.is_some() || symbol.parameter.is_some() || !symbol.dims.is_empty();
        known && !symbol.intrinsic && !unit.internal.iter().any(|inner| inner.name == **name)
    });
    Ok(named
        .map(|(name, symbol)| match symbol.parameter {
            Some(_) => constant(name, symbol, scope),
            None => variable(name, symbol, scope),
        })
        .collect())
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
    let constant = |tokens: &[Token]| eval_int(tokens, &scope.table);
    let assumed = symbol
        .len
        .as_ref()
        .is_some_and(|len| constant(len).is_none());
    if symbol.allocatable || symbol.external || assumed {
        return None;
    }
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
    let dims = match dims.is_empty() {
        true => String::new(),
        false => format!("({})", dims.join(",")),
    };
    Some(Entity {
        name: name.to_owned(),
        ty: typed(scope.table.type_of(name)?, symbol, scope),
        what: What::Variable(dims),
    })
}

fn constant(name: &str, symbol: &Symbol, scope: &Scope) -> Option<Entity> {
    let given = symbol.parameter.as_ref()?;
    let ty = scope.table.type_of(name)?;
    let known = parse(given).and_then(|expr| eval(&expr, &scope.table));
    let literal = given.iter().all(|token| token.kind != Tok::Name);
    let value = match known {
        Some(value) if symbol.dims.is_empty() => text(&value),
        None if literal && symbol.dims.is_empty() => {
            // COMPLEX and CHARACTER constants are not computed, only their numbers, whose kinds
            // are names of this module.
            let number = |token: &Token| {
                let value = parse(std::slice::from_ref(token))
                    .filter(|_| matches!(token.kind, Tok::Int | Tok::Real))
                    .and_then(|expr| eval(&expr, &scope.table));
                let shown = value.map(|value| text(&value));
                Token::new(
                    token.kind,
                    shown.as_deref().unwrap_or(&token.text),
                    token.at,
                )
            };
            join(&given.iter().map(number).collect::<Vec<_>>())
        }
        _ => return None,
    };
    let ty = match &symbol.len {
        Some(len) => format!("{}*({})", ty.keyword(), join(len)),
        None => ty.keyword().to_owned(),
    };
    Some(Entity {
        name: name.to_owned(),
        ty,
        what: What::Constant(value),
    })
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
        let entities = entities.map(|(name, ty, what)| Entity {
            name: name.to_owned(),
            ty: ty.to_owned(),
            what,
        });
        assert_eq!(read(&write(&entities)).as_deref(), Some(&entities[..]));
        assert_eq!(read(&write(&[])), Some(Vec::new()));
        assert_eq!(read("GFORTRAN module version '15'"), None);
        assert_eq!(read(&format!("{FIRST_LINE}\nbroken\n")), None);
    }
}
