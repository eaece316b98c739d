//! Modules of constants: what a `.mod` file holds, how it is written and read.
//!
//! A `.mod` file of ours is text: a first line that says so, then one declaration a line. Build
//! systems compare such files, and leave out the first line when they do (CMake's
//! `cmake_copy_f90_mod`).

use super::Scope;
use crate::consts::{eval, text};
use crate::error::Lowered;
use crate::expr::parse;
use crate::look::{Folder, Look, look};
use crate::options::Options;
use crate::source::{Kind, Tok, Token, join};
use crate::symbols::Symbol;

/// A constant of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Constant {
    pub name: String,
    /// Its type, as a declaration begins.
    pub ty: String,
    /// Its value, as Fortran writes it.
    pub value: String,
}

/// How a `.mod` file of ours begins.
const FIRST_LINE: &str = "! A Fortran module, by emshim";

/// The text of a module's `.mod` file; one whose contents are known anyway has no constants.
pub(crate) fn write(constants: &[Constant]) -> String {
    let line = |constant: &Constant| {
        let Constant { name, ty, value } = constant;
        format!("{ty}, parameter :: {name} = {value}\n")
    };
    let lines: String = constants.iter().map(line).collect();
    format!("{FIRST_LINE}\n{lines}")
}

fn read(text: &str) -> Option<Vec<Constant>> {
    let lines = text.strip_prefix(FIRST_LINE)?.lines().skip(1);
    let constant = |line: &str| {
        let (ty, rest) = line.split_once(", parameter :: ")?;
        let (name, value) = rest.split_once(" = ")?;
        Some(Constant {
            name: name.to_owned(),
            ty: ty.to_owned(),
            value: value.to_owned(),
        })
    };
    lines.map(constant).collect()
}

/// The constants of a module that was compiled before, from the first `.mod` file of its name in
/// the working directory and the include folders; none where there is no such file of ours.
pub(super) fn find(name: &str, options: &Options, looks: &mut Vec<Look>) -> Option<Vec<Constant>> {
    let file = format!("{name}.mod");
    let given = Folder::given(&options.include_dirs);
    let mut folders = std::iter::once(Folder::working()).chain(given);
    folders.find_map(|folder| {
        let found = look(&folder.path.join(&file));
        looks.push(Look::new(folder.place.join(&file), found.as_deref()));
        read(std::str::from_utf8(&found?).ok()?)
    })
}

/// The constants of the scope's module, if it holds nothing else.
pub(super) fn of(scope: &mut Scope) -> Lowered<Option<Vec<Constant>>> {
    scope.refresh()?;
    let unit = &scope.unit;
    let plain = unit.spec.iter().all(|stmt| {
        matches!(
            stmt.kind,
            Kind::Type(_) | Kind::Attribute(_) | Kind::Spec("implicit" | "parameter" | "intrinsic")
        )
    });
    if !plain || !unit.body.is_empty() || !unit.internal.is_empty() || !unit.interfaces.is_empty() {
        return Ok(None);
    }
    let named = scope.table.iter().filter(|(_, symbol)| !symbol.intrinsic);
    Ok(named
        .map(|(name, symbol)| constant(name, symbol, scope))
        .collect())
}

fn constant(name: &str, symbol: &Symbol, scope: &Scope) -> Option<Constant> {
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
    Some(Constant {
        name: name.to_owned(),
        ty,
        value,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_what_was_written() {
        let constants = [
            ("x", "double precision", "1.5d0"),
            ("s", "character*(*)", "'a = b'"),
        ];
        let constants = constants.map(|(name, ty, value)| Constant {
            name: name.to_owned(),
            ty: ty.to_owned(),
            value: value.to_owned(),
        });
        assert_eq!(read(&write(&constants)).as_deref(), Some(&constants[..]));
        assert_eq!(read(&write(&[])), Some(Vec::new()));
        assert_eq!(read("GFORTRAN module version '15'"), None);
        assert_eq!(read(&format!("{FIRST_LINE}\nbroken\n")), None);
    }
}
