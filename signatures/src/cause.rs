//! Why two sides of a call disagree: a table of what the difference between two signatures looks
//! like, what it usually comes from, and what to change.

use crate::signature::{Signature, ValType};
use ValType::{F32, F64, I32, I64};
use serde::Serialize;

/// A likely cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// `i64` was split for JavaScript, since the module was linked without BigInt.
    LegalisedI64,
    /// 64-bit against 32-bit integers.
    IntegerWidth,
    /// One side returns a structure or complex number through a hidden pointer.
    HiddenResult,
    /// A CHARACTER function that is declared as one that gives a `char`.
    CharacterResult,
    /// That, or a SUBROUTINE that is declared to give an `int` and to take no lengths.
    CharacterOrLengths,
    /// `float` promoted to `double`, since the caller has no prototype.
    Promotion,
    /// The caller has no declaration at all.
    Implicit,
    /// A Fortran SUBROUTINE that gives an `int` to one side and nothing to the other.
    IntSubroutine,
    /// As before, in another language.
    VoidResult,
    /// A REAL function that gives `float` to one side and `double` to the other.
    RealAsDouble,
    /// Other results.
    ResultType,
    /// The caller leaves out the lengths of CHARACTER arguments.
    MissingLengths,
    /// The caller passes lengths of CHARACTER arguments that the function does not take.
    SurplusLengths,
    /// Other numbers of arguments.
    ArgumentCount,
    /// Other types of arguments.
    ArgumentType,
}

/// What an adapter may do about a cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Remedy {
    /// Leave out, invent or convert the result, if an invented one is not read.
    Result,
    /// Leave out the result, or give 0: what f2c's SUBROUTINEs give that have no alternate returns, as one
    /// that gives nothing has none.
    Subroutine,
    /// Pass a length of 1, if the function never looks.
    AddLengths,
    /// Leave the lengths out.
    DropLengths,
    /// Pass a buffer of one byte and give what is in it, if the function writes no more.
    Byte,
    /// Nothing is known to be right, for this reason.
    None(&'static str),
}

/// A row of the table.
#[derive(Debug)]
pub struct Row {
    /// The cause.
    pub cause: Cause,
    /// What it is, in a sentence for people.
    pub what: &'static str,
    /// What to change.
    pub change: &'static str,
    /// What an adapter may do.
    pub remedy: Remedy,
    part: Part,
    applies: fn(&Pair) -> bool,
}

/// Which part of the difference a row explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Whole,
    Result,
    Params,
}

/// A caller's and a definition's view of one symbol.
#[derive(Debug, Clone, Copy)]
pub struct Pair<'a> {
    /// The symbol.
    pub symbol: &'a str,
    /// As the caller has it.
    pub caller: &'a Signature,
    /// As the definition has it.
    pub definition: &'a Signature,
    /// Whether the caller is a linked module, which the linker may have legalised.
    pub linked: bool,
    /// Whether the definition is a CHARACTER function, which takes a buffer and its length first, as far as
    /// its object tells: pointers and lengths do not differ in type, so that a SUBROUTINE which takes two
    /// hidden lengths last looks the same.
    pub character: Option<bool>,
}

/// The rows; the first that applies explains a part, and one for the whole leaves no other.
pub const ROWS: &[Row] = &[
    Row {
        cause: Cause::LegalisedI64,
        part: Part::Whole,
        applies: |pair| pair.linked && legalised(pair.definition) == *pair.caller,
        what: "the module was linked without BigInt, so that emcc split its 64-bit integers",
        change: "link it again with -sWASM_BIGINT",
        remedy: Remedy::None("a linked module cannot be mended; link it again"),
    },
    Row {
        cause: Cause::HiddenResult,
        part: Part::Whole,
        applies: |pair| {
            is_hidden(pair.caller, pair.definition) || is_hidden(pair.definition, pair.caller)
        },
        what: "one side returns its result in a register, the other through a hidden pointer: a \
               complex number or structure is declared as something else",
        change: "declare the same result type on both sides",
        remedy: Remedy::None("the size of the hidden result is not known"),
    },
    Row {
        cause: Cause::CharacterResult,
        part: Part::Whole,
        applies: |pair| {
            is_fortran(pair.symbol)
                && gives_character(pair.definition, pair.caller)
                && (pair.character == Some(true) || !is_lengths(pair.caller, pair.definition))
        },
        what: "a Fortran CHARACTER function writes its result into a buffer, which it takes with its \
               length before its arguments; the caller takes it for a char",
        change: "declare it void with `char *result, int length` in front, and pass a buffer",
        remedy: Remedy::Byte,
    },
    Row {
        cause: Cause::CharacterOrLengths,
        part: Part::Whole,
        applies: |pair| {
            is_fortran(pair.symbol)
                && gives_character(pair.definition, pair.caller)
                && pair.character.is_none()
        },
        what: "a Fortran SUBROUTINE, of which the caller takes an int and to which it passes no hidden \
               lengths; or a CHARACTER function, which takes a buffer and its length before its arguments",
        change: "declare it void, with one int for each CHARACTER argument at the end; or, if it is a \
                 function, with `char *result, int length` in front",
        remedy: Remedy::None(
            "which of them it is the code does not tell: a call uses the result, or the function's last two \
             arguments are read, as they always are without optimisation (-O1)",
        ),
    },
    Row {
        cause: Cause::Promotion,
        part: Part::Whole,
        applies: is_promoted,
        what: "the caller passes float as double, as C does without a prototype (K&R)",
        change: "declare the function with its parameters before it is called",
        remedy: Remedy::None(
            "without a prototype the caller's types are a guess of the compiler's",
        ),
    },
    Row {
        cause: Cause::IntegerWidth,
        part: Part::Whole,
        applies: |pair| narrowed(pair.definition) == narrowed(pair.caller),
        what: "one side has a 64-bit integer where the other has int, long, size_t or a pointer, \
               which have 32 bits here, or has no declaration, which means int",
        change: "use one type of fixed width, such as int64_t, on both sides",
        remedy: Remedy::None("a value may not fit into 32 bits"),
    },
    Row {
        cause: Cause::Implicit,
        part: Part::Whole,
        applies: |pair| {
            *pair.caller.results == [I32]
                && pair.caller.params == pair.definition.params
                && (pair.definition.results.is_empty() && !is_fortran(pair.symbol)
                    || matches!(*pair.definition.results, [F32 | F64]))
        },
        what: "the caller takes the result for int, by its declaration or, as C does, for want of one",
        change: "include the header that declares it, or declare it rightly, before it is called",
        remedy: Remedy::Result,
    },
    Row {
        cause: Cause::IntSubroutine,
        part: Part::Result,
        applies: |pair| is_fortran(pair.symbol) && is_void_and(pair, |ty| ty == I32),
        what: "a Fortran SUBROUTINE is void for gfortran and its callers, int for f2c",
        change: "declare it void in C, or compile the Fortran with emshim's gfortran, which gives \
                 void",
        remedy: Remedy::Subroutine,
    },
    Row {
        cause: Cause::VoidResult,
        part: Part::Result,
        applies: |pair| is_void_and(pair, |_| true),
        what: "one side declares a result, the other void",
        change: "declare the same result type on both sides",
        remedy: Remedy::Result,
    },
    Row {
        cause: Cause::RealAsDouble,
        part: Part::Result,
        applies: |pair| {
            matches!(
                (&*pair.caller.results, &*pair.definition.results),
                ([F32], [F64]) | ([F64], [F32])
            )
        },
        what: "one side returns float, the other double: f2c's REAL functions return double unless \
               it is given -R, gfortran's return float",
        change: "declare the same result type on both sides; give f2c -R",
        remedy: Remedy::Result,
    },
    Row {
        cause: Cause::ResultType,
        part: Part::Result,
        applies: |pair| pair.caller.results != pair.definition.results,
        what: "the two sides declare different result types",
        change: "declare the same result type on both sides",
        remedy: Remedy::None("a value of one type is not one of the other"),
    },
    Row {
        cause: Cause::MissingLengths,
        part: Part::Params,
        applies: |pair| is_fortran(pair.symbol) && is_lengths(pair.caller, pair.definition),
        what: "the caller leaves out the hidden lengths of CHARACTER arguments, which Fortran takes \
               after all others",
        change: "add one int for each CHARACTER argument at the end of the declaration and of each \
                 call",
        remedy: Remedy::AddLengths,
    },
    Row {
        cause: Cause::SurplusLengths,
        part: Part::Params,
        applies: |pair| is_fortran(pair.symbol) && is_lengths(pair.definition, pair.caller),
        what: "the caller passes hidden lengths of CHARACTER arguments, or arguments too many, that \
               the function does not take",
        change: "leave the last arguments out of the declaration and of each call",
        remedy: Remedy::DropLengths,
    },
    Row {
        cause: Cause::ArgumentCount,
        part: Part::Params,
        applies: |pair| pair.caller.params.len() != pair.definition.params.len(),
        what: "the caller passes another number of arguments than the function takes",
        change: "correct the declaration and the calls",
        remedy: Remedy::None("what the argument should be is only known to the author"),
    },
    Row {
        cause: Cause::ArgumentType,
        part: Part::Params,
        applies: |pair| pair.caller.params != pair.definition.params,
        what: "the two sides declare different types for an argument",
        change: "correct the declaration",
        remedy: Remedy::None("a value of one type is not one of the other"),
    },
];

impl Cause {
    /// Its row of the table.
    #[must_use]
    pub fn row(self) -> Option<&'static Row> {
        ROWS.iter().find(|row| row.cause == self)
    }
}

impl Pair<'_> {
    /// The rows that explain the difference: one for the whole, or one each for result and
    /// parameters. None where there is no difference.
    #[must_use]
    pub fn explain(&self) -> Vec<&'static Row> {
        if self.caller == self.definition {
            return Vec::new();
        }
        let first = |part: Part| {
            let mut rows = ROWS.iter();
            rows.find(|row| row.part == part && (row.applies)(self))
        };
        if let Some(row) = first(Part::Whole) {
            return vec![row];
        }
        [Part::Result, Part::Params]
            .into_iter()
            .filter_map(first)
            .collect()
    }
}

/// Fortran compilers append an underscore to a name in small letters.
#[must_use]
pub fn is_fortran(symbol: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    symbol.len() > 1
        && symbol.ends_with('_')
        && symbol.starts_with(|c: char| c.is_ascii_lowercase())
        && symbol.chars().all(word)
}

/// As emcc legalises a signature for JavaScript without BigInt: an `i64` parameter becomes two of
/// `i32`, an `i64` result one of `i32` with its upper half elsewhere.
fn legalised(signature: &Signature) -> Signature {
    let split = signature.params.iter().flat_map(|&ty| match ty {
        I64 => vec![I32, I32],
        other => vec![other],
    });
    Signature {
        params: split.collect(),
        results: narrow(&signature.results),
    }
}

fn narrowed(signature: &Signature) -> Signature {
    Signature {
        params: narrow(&signature.params),
        results: narrow(&signature.results),
    }
}

fn narrow(types: &[ValType]) -> Box<[ValType]> {
    let narrow = |&ty: &ValType| if ty == I64 { I32 } else { ty };
    types.iter().map(narrow).collect()
}

/// Whether `hidden` is `plain` with its result behind a pointer that comes first.
fn is_hidden(hidden: &Signature, plain: &Signature) -> bool {
    let not_int = matches!(*plain.results, [F32 | F64 | I64]);
    hidden.results.is_empty()
        && not_int
        && hidden.params.split_first() == Some((&I32, &plain.params))
}

/// Whether `function` takes a buffer and a length before what `plain` takes, which gives an `int` or `char`.
fn gives_character(function: &Signature, plain: &Signature) -> bool {
    *plain.results == [I32]
        && function.results.is_empty()
        && function.params.strip_prefix(&[I32, I32]) == Some(&*plain.params)
}

fn is_promoted(pair: &Pair) -> bool {
    let promoted: Vec<ValType> = pair
        .definition
        .params
        .iter()
        .map(|&ty| if ty == F32 { F64 } else { ty })
        .collect();
    pair.definition.params.contains(&F32)
        && *promoted == *pair.caller.params
        && (*pair.caller.results == [I32] || pair.caller.results == pair.definition.results)
}

/// Whether one side is void and the other gives one value of such a type.
fn is_void_and(pair: &Pair, is: impl Fn(ValType) -> bool) -> bool {
    match (&*pair.caller.results, &*pair.definition.results) {
        ([], [ty]) | ([ty], []) => is(*ty),
        _ => false,
    }
}

/// Whether `long` is `short` with hidden lengths after it: integers, and no more of them than
/// there are pointers.
fn is_lengths(short: &Signature, long: &Signature) -> bool {
    let Some(lengths) = long.params.strip_prefix(&*short.params) else {
        return false;
    };
    let pointers = short.params.iter().filter(|&&ty| ty == I32).count();
    !lengths.is_empty() && lengths.len() <= pointers && lengths.iter().all(|&ty| ty == I32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn causes(
        symbol: &str,
        caller: &Signature,
        definition: &Signature,
        linked: bool,
    ) -> Vec<Cause> {
        let pair = Pair {
            symbol,
            caller,
            definition,
            linked,
            character: None,
        };
        pair.explain().iter().map(|row| row.cause).collect()
    }

    #[test]
    fn equal_signatures_need_no_explanation() {
        let same = Signature::new(&[I32], &[]);
        assert_eq!(causes("f", &same, &same, false), []);
    }

    #[test]
    fn every_difference_is_explained() {
        let all = [I32, I64, F32, F64];
        let mut signatures = vec![Signature::new(&[], &[])];
        for a in all {
            signatures.push(Signature::new(&[], &[a]));
            signatures.push(Signature::new(&[a], &[]));
            for b in all {
                signatures.push(Signature::new(&[a], &[b]));
                signatures.push(Signature::new(&[a, b], &[]));
            }
        }
        for a in &signatures {
            for b in &signatures {
                for symbol in ["f", "f_"] {
                    assert_eq!(a == b, causes(symbol, a, b, false).is_empty(), "{a} {b}");
                }
            }
        }
    }

    #[test]
    fn a_legalised_import_is_told_from_a_narrow_one() {
        let long = Signature::new(&[I32], &[I64]);
        let int = Signature::new(&[I32], &[I32]);
        assert_eq!(
            causes("PyLong_AsLongLong", &int, &long, true),
            [Cause::LegalisedI64]
        );
        assert_eq!(
            causes("PyLong_AsLongLong", &int, &long, false),
            [Cause::IntegerWidth]
        );
        let split = Signature::new(&[I32, I32], &[I32]);
        let wide = Signature::new(&[I64], &[I32]);
        assert_eq!(
            causes("PyLong_FromLongLong", &split, &wide, true),
            [Cause::LegalisedI64]
        );
    }

    #[test]
    fn result_and_parameters_have_causes_of_their_own() {
        let caller = Signature::new(&[I32; 3], &[]);
        let f2c = Signature::new(&[I32; 4], &[I32]);
        let both = [Cause::IntSubroutine, Cause::MissingLengths];
        assert_eq!(causes("dscal_", &caller, &f2c, false), both);
        let c = [Cause::VoidResult, Cause::ArgumentCount];
        assert_eq!(causes("scale", &caller, &f2c, false), c);
    }

    #[test]
    fn a_character_function_is_told_from_a_subroutine() {
        let caller = Signature::new(&[I32], &[I32]);
        let function = Signature::new(&[I32; 3], &[]);
        assert_eq!(
            causes("f_", &caller, &function, false),
            [Cause::CharacterResult]
        );
        let pointer = Signature::new(&[F64], &[I32]);
        let c = [Cause::IntSubroutine, Cause::ArgumentCount];
        assert_eq!(causes("f_", &pointer, &function, false), c);
    }

    #[test]
    fn a_subroutine_with_lengths_is_told_from_a_character_function_by_its_code() {
        let caller = Signature::new(&[I32; 13], &[I32]);
        let dgemm = Signature::new(&[I32; 15], &[]);
        let pair = |character| Pair {
            symbol: "dgemm_",
            caller: &caller,
            definition: &dgemm,
            linked: false,
            character,
        };
        let causes =
            |pair: Pair| -> Vec<Cause> { pair.explain().iter().map(|row| row.cause).collect() };
        assert_eq!(causes(pair(None)), [Cause::CharacterOrLengths]);
        assert_eq!(causes(pair(Some(true))), [Cause::CharacterResult]);
        assert_eq!(
            causes(pair(Some(false))),
            [Cause::IntSubroutine, Cause::MissingLengths]
        );
    }

    #[test]
    fn lengths_are_no_more_than_pointers() {
        let one = Signature::new(&[I32], &[]);
        let four = Signature::new(&[I32; 4], &[]);
        assert_eq!(causes("f_", &one, &four, false), [Cause::ArgumentCount]);
    }
}
