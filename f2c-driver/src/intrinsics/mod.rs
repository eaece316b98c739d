//! Intrinsic procedures: one table for all that the front end must know of them.

mod table;

pub(crate) use table::TABLE;

use crate::data_type::{Class, Type};
use crate::expr::Arg;
use crate::symbols::Table;

/// How the type of an intrinsic's result follows from its arguments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Gives {
    /// That of the first argument.
    First,
    /// The widest of all arguments.
    Widest,
    /// REAL of the first argument's kind.
    Part,
    /// COMPLEX with parts as wide as the widest argument.
    Pair,
    Fixed(Class, u8),
    /// The class, with the kind the argument KIND says; else the default kind.
    Kind(Class),
}

/// What an intrinsic makes of arrays.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Shape {
    /// A function that works element by element.
    Elemental,
    /// A function that gives one value, whatever its arguments.
    Scalar,
    /// A function whose value is an array.
    Array,
    /// CALLed.
    Subroutine,
    /// CALLed, and works element by element.
    ElementalSubroutine,
}

/// How a reference is lowered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum How {
    /// f2c has it under its own name, for the default kinds and DOUBLE PRECISION; the other kinds
    /// of INTEGER are the runtime's.
    F2c,
    /// The same, and f2c has it for INTEGER*8 too.
    F2cWide,
    /// A function of the runtime, `emshim_NAME_TYPE` by this name and the first argument's type.
    Runtime(&'static str),
    /// An external procedure of the runtime, under gfortran's name for it; f2c has none of it.
    Library,
    /// A question about a type or a declaration: a constant, or the text of the declaration.
    Inquiry,
    /// A loop before the statement.
    Reduction,
    /// Loops before the statement, which fill an array of ours.
    Rearrangement,
    /// A lowering of its own.
    Special,
    /// What to do instead.
    Refused(&'static str),
}

/// One intrinsic procedure.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Intrinsic {
    pub name: &'static str,
    /// Its arguments, a word each, by which calls are checked and made to agree: `i`, `r`, `c`, `l`,
    /// `a` for any kind of INTEGER, REAL, COMPLEX, LOGICAL and CHARACTER, `s` for INTEGER or REAL, `x` for
    /// REAL or COMPLEX, `n` for any number, `b` for INTEGER or LOGICAL, `m` for a number or LOGICAL, `d` for an
    /// INTEGER that is made a default one; a digit after it for one kind alone
    /// (`i4`, `r8`; with any number of arguments gfortran takes any kind of the type); `=` for what the
    /// first is, `~` for what the first is in any kind, `*` for anything; `?` behind the word where the argument may be left
    /// out, `.` where it may be there any number of times. Before the word stands the argument's name,
    /// which a keyword may say.
    pub takes: &'static str,
    pub gives: Gives,
    pub shape: Shape,
    pub how: How,
}

impl Intrinsic {
    /// The words for its arguments.
    pub fn words(&self) -> impl Iterator<Item = &'static str> {
        let words = self.takes.split_whitespace();
        words.map(|word| word.split_once(':').map_or(word, |(_, word)| word))
    }

    /// The names of its arguments; an empty one where no keyword may stand.
    pub fn dummies(&self) -> impl Iterator<Item = &'static str> {
        let words = self.takes.split_whitespace();
        words.map(|word| word.split_once(':').map_or("", |(name, _)| name))
    }

    /// Whether it is CALLed, and nothing else.
    pub fn is_subroutine(&self) -> bool {
        matches!(self.shape, Shape::Subroutine | Shape::ElementalSubroutine)
    }

    /// Where the argument KIND stands.
    pub fn kind_place(&self) -> Option<usize> {
        self.words().position(|word| word == "kind?")
    }

    /// Whether several arguments must be of one type.
    pub fn shares(&self) -> bool {
        self.words().any(|word| word.starts_with(['=', '~']))
    }

    /// The arguments with keywords at their places, as far as there is one before each; those
    /// behind a gap keep theirs, and so does KIND. None if a keyword is no argument's name.
    pub fn in_order(&self, args: Vec<Arg>) -> Option<Vec<Arg>> {
        if !args.iter().any(|arg| matches!(arg, Arg::Keyword(..))) {
            return Some(args);
        }
        let dummies: Vec<&str> = self.dummies().collect();
        let mut places: Vec<Option<Arg>> = vec![None; dummies.len().max(args.len())];
        for (index, arg) in args.into_iter().enumerate() {
            let (place, arg) = match arg {
                Arg::Keyword(word, expr) => {
                    let place = dummies.iter().position(|name| *name == word)?;
                    (place, Arg::Expr(expr))
                }
                other => (index, other),
            };
            if places[place].replace(arg).is_some() {
                return None;
            }
        }
        let mut gap = false;
        let mut out = Vec::new();
        for (index, arg) in places.into_iter().enumerate() {
            match arg {
                None => gap = true,
                Some(Arg::Expr(expr)) if gap || Some(index) == self.kind_place() => {
                    out.push(Arg::Keyword((*dummies.get(index)?).to_owned(), expr));
                }
                Some(arg) => out.push(arg),
            }
        }
        Some(out)
    }

    /// The type that the first argument and those like it have in common.
    pub fn shared(&self, given: &[Option<Type>]) -> Option<Type> {
        let words: Vec<&str> = self.words().collect();
        let types = given.iter().enumerate().filter(|(index, _)| {
            let word = words.get(*index).or(words.last());
            *index == 0 || word.is_some_and(|word| word.starts_with(['=', '~']))
        });
        types
            .filter_map(|(_, ty)| *ty)
            .reduce(crate::data_type::widest)
    }

    /// Whether it may have so many arguments.
    pub fn may_have(&self, count: usize) -> bool {
        let words: Vec<&str> = self.words().collect();
        let needed = words
            .iter()
            .filter(|word| !word.ends_with(['?', '.']))
            .count();
        let any = words.iter().any(|word| word.ends_with('.'));
        count >= needed && (any || count <= words.len())
    }
}

/// What the front end says of an intrinsic procedure, for those who list or test them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownIntrinsic {
    /// Its name, in lower case.
    pub name: &'static str,
    /// The words for its arguments; the row's docstring has their letters.
    pub takes: String,
    /// The names of its arguments; an empty one where no keyword may stand.
    pub dummies: Vec<&'static str>,
    /// A function that works element by element.
    pub elemental: bool,
    /// It is CALLed.
    pub subroutine: bool,
    /// It asks the system: no two calls need give the same.
    pub system: bool,
    /// A use of it is refused, with what to do instead.
    pub refused: bool,
}

/// Every intrinsic procedure that gfortran documents, sorted by name.
pub fn known() -> impl Iterator<Item = KnownIntrinsic> {
    TABLE.iter().map(|row| KnownIntrinsic {
        name: row.name,
        takes: row.words().collect::<Vec<_>>().join(" "),
        dummies: row.dummies().collect(),
        elemental: row.shape == Shape::Elemental,
        subroutine: row.is_subroutine(),
        system: row.how == How::Library,
        refused: matches!(row.how, How::Refused(_)),
    })
}

/// The intrinsic procedure of a name.
pub(crate) fn find(name: &str) -> Option<&'static Intrinsic> {
    let at = TABLE.binary_search_by_key(&name, |row| row.name).ok()?;
    Some(&TABLE[at])
}

/// The intrinsic function that `name` is here, and not a name the unit gives a meaning of its own.
pub(crate) fn function(name: &str, table: &Table) -> Option<&'static Intrinsic> {
    find(name).filter(|row| !row.is_subroutine() && !table.shadows(name))
}

/// Functions that gfortran has as subroutines too, and that we have not.
const CALLED_TOO: [&str; 22] = [
    "chdir", "chmod", "ctime", "fget", "fgetc", "fput", "fputc", "fstat", "getcwd", "hostnm",
    "kill", "link", "lstat", "rename", "signal", "stat", "symlnk", "ttynam", "umask", "unlink",
    "access", "loc",
];

/// The intrinsic subroutine that a CALL of `name` calls here.
pub(crate) fn subroutine(name: &str, table: &Table) -> Option<&'static Intrinsic> {
    let both = |row: &&Intrinsic| {
        let called = matches!(row.how, How::Library) || CALLED_TOO.contains(&row.name);
        row.is_subroutine() || (called && row.shape == Shape::Scalar)
    };
    find(name).filter(both).filter(|_| !table.shadows(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted() {
        for pair in TABLE.windows(2) {
            assert!(pair[0].name < pair[1].name, "{}", pair[1].name);
        }
    }
}
