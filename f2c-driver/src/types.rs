//! Types and ranks of expressions.

use crate::expr::{Arg, Expr};
use crate::source::Tok;
use crate::symbols::{Class, Table, Type};

/// How the type of an intrinsic's result follows from its arguments.
#[derive(Clone, Copy, PartialEq)]
enum Gives {
    /// That of the first argument.
    First,
    /// The widest of all arguments.
    Widest,
    /// REAL of the first argument's kind.
    Part,
    Fixed(Class, u8),
    /// The class, with the kind the argument KIND says; else the default kind.
    Kind(Class),
}

use Class::{Character, Complex, Integer, Logical, Real};
use Gives::{First, Fixed, Kind, Part, Widest};

/// Whether an intrinsic works element by element, or makes one value of an array.
#[derive(Clone, Copy, PartialEq)]
enum Shape {
    Elemental,
    Scalar,
}

use Shape::{Elemental, Scalar};

/// Intrinsic functions, sorted by name.
const INTRINSICS: &[(&str, Gives, Shape)] = &[
    ("abs", Part, Elemental),
    ("achar", Fixed(Character, 1), Elemental),
    ("acos", First, Elemental),
    ("acosh", First, Elemental),
    ("adjustl", First, Elemental),
    ("adjustr", First, Elemental),
    ("aimag", Part, Elemental),
    ("aint", First, Elemental),
    ("alog", Fixed(Real, 4), Elemental),
    ("alog10", Fixed(Real, 4), Elemental),
    ("amax0", Fixed(Real, 4), Elemental),
    ("amax1", Fixed(Real, 4), Elemental),
    ("amin0", Fixed(Real, 4), Elemental),
    ("amin1", Fixed(Real, 4), Elemental),
    ("amod", Fixed(Real, 4), Elemental),
    ("anint", First, Elemental),
    ("asin", First, Elemental),
    ("asinh", First, Elemental),
    ("atan", First, Elemental),
    ("atan2", First, Elemental),
    ("atanh", First, Elemental),
    ("bit_size", First, Scalar),
    ("btest", Fixed(Logical, 4), Elemental),
    ("cabs", Fixed(Real, 4), Elemental),
    ("ccos", Fixed(Complex, 4), Elemental),
    ("cdabs", Fixed(Real, 8), Elemental),
    ("cdexp", Fixed(Complex, 8), Elemental),
    ("cdlog", Fixed(Complex, 8), Elemental),
    ("cdsqrt", Fixed(Complex, 8), Elemental),
    ("ceiling", Kind(Integer), Elemental),
    ("cexp", Fixed(Complex, 4), Elemental),
    ("char", Fixed(Character, 1), Elemental),
    ("clog", Fixed(Complex, 4), Elemental),
    ("cmplx", Kind(Complex), Elemental),
    ("conjg", First, Elemental),
    ("cos", First, Elemental),
    ("cosh", First, Elemental),
    ("count", Fixed(Integer, 4), Scalar),
    ("csin", Fixed(Complex, 4), Elemental),
    ("csqrt", Fixed(Complex, 4), Elemental),
    ("dabs", Fixed(Real, 8), Elemental),
    ("dacos", Fixed(Real, 8), Elemental),
    ("dasin", Fixed(Real, 8), Elemental),
    ("datan", Fixed(Real, 8), Elemental),
    ("datan2", Fixed(Real, 8), Elemental),
    ("dble", Fixed(Real, 8), Elemental),
    ("dcmplx", Fixed(Complex, 8), Elemental),
    ("dconjg", Fixed(Complex, 8), Elemental),
    ("dcos", Fixed(Real, 8), Elemental),
    ("dcosh", Fixed(Real, 8), Elemental),
    ("ddim", Fixed(Real, 8), Elemental),
    ("dexp", Fixed(Real, 8), Elemental),
    ("dfloat", Fixed(Real, 8), Elemental),
    ("digits", Fixed(Integer, 4), Scalar),
    ("dim", First, Elemental),
    ("dimag", Fixed(Real, 8), Elemental),
    ("dint", Fixed(Real, 8), Elemental),
    ("dlog", Fixed(Real, 8), Elemental),
    ("dlog10", Fixed(Real, 8), Elemental),
    ("dmax1", Fixed(Real, 8), Elemental),
    ("dmin1", Fixed(Real, 8), Elemental),
    ("dmod", Fixed(Real, 8), Elemental),
    ("dnint", Fixed(Real, 8), Elemental),
    ("dot_product", Widest, Scalar),
    ("dprod", Fixed(Real, 8), Elemental),
    ("dreal", Fixed(Real, 8), Elemental),
    ("dsign", Fixed(Real, 8), Elemental),
    ("dsin", Fixed(Real, 8), Elemental),
    ("dsinh", Fixed(Real, 8), Elemental),
    ("dsqrt", Fixed(Real, 8), Elemental),
    ("dtan", Fixed(Real, 8), Elemental),
    ("dtanh", Fixed(Real, 8), Elemental),
    ("epsilon", First, Scalar),
    ("exp", First, Elemental),
    ("exponent", Fixed(Integer, 4), Elemental),
    ("float", Fixed(Real, 4), Elemental),
    ("floor", Kind(Integer), Elemental),
    ("fraction", First, Elemental),
    ("gamma", First, Elemental),
    ("huge", First, Scalar),
    ("hypot", First, Elemental),
    ("iabs", Fixed(Integer, 4), Elemental),
    ("iachar", Fixed(Integer, 4), Elemental),
    ("iand", First, Elemental),
    ("ibclr", First, Elemental),
    ("ibits", First, Elemental),
    ("ibset", First, Elemental),
    ("ichar", Fixed(Integer, 4), Elemental),
    ("idint", Fixed(Integer, 4), Elemental),
    ("idnint", Fixed(Integer, 4), Elemental),
    ("ieor", First, Elemental),
    ("ifix", Fixed(Integer, 4), Elemental),
    ("index", Fixed(Integer, 4), Elemental),
    ("int", Kind(Integer), Elemental),
    ("ior", First, Elemental),
    ("ishft", First, Elemental),
    ("isign", Fixed(Integer, 4), Elemental),
    ("isnan", Fixed(Logical, 4), Elemental),
    ("kind", Fixed(Integer, 4), Scalar),
    ("len", Fixed(Integer, 4), Scalar),
    ("len_trim", Fixed(Integer, 4), Elemental),
    ("lge", Fixed(Logical, 4), Elemental),
    ("lgt", Fixed(Logical, 4), Elemental),
    ("lle", Fixed(Logical, 4), Elemental),
    ("llt", Fixed(Logical, 4), Elemental),
    ("log", First, Elemental),
    ("log10", First, Elemental),
    ("logical", Kind(Logical), Elemental),
    ("max", Widest, Elemental),
    ("max0", Fixed(Integer, 4), Elemental),
    ("max1", Fixed(Integer, 4), Elemental),
    ("maxexponent", Fixed(Integer, 4), Scalar),
    ("maxval", First, Scalar),
    ("min", Widest, Elemental),
    ("min0", Fixed(Integer, 4), Elemental),
    ("min1", Fixed(Integer, 4), Elemental),
    ("minexponent", Fixed(Integer, 4), Scalar),
    ("minval", First, Scalar),
    ("mod", Widest, Elemental),
    ("modulo", Widest, Elemental),
    ("nearest", First, Elemental),
    ("nint", Kind(Integer), Elemental),
    ("not", First, Elemental),
    ("precision", Fixed(Integer, 4), Scalar),
    ("present", Fixed(Logical, 4), Scalar),
    ("product", First, Scalar),
    ("radix", Fixed(Integer, 4), Scalar),
    ("range", Fixed(Integer, 4), Scalar),
    ("real", Kind(Real), Elemental),
    ("repeat", Fixed(Character, 1), Scalar),
    ("scale", First, Elemental),
    ("scan", Fixed(Integer, 4), Elemental),
    ("selected_int_kind", Fixed(Integer, 4), Scalar),
    ("selected_real_kind", Fixed(Integer, 4), Scalar),
    ("set_exponent", First, Elemental),
    ("sign", First, Elemental),
    ("sin", First, Elemental),
    ("sinh", First, Elemental),
    ("size", Fixed(Integer, 4), Scalar),
    ("sngl", Fixed(Real, 4), Elemental),
    ("spacing", First, Elemental),
    ("sqrt", First, Elemental),
    ("sum", First, Scalar),
    ("tan", First, Elemental),
    ("tanh", First, Elemental),
    ("tiny", First, Scalar),
    ("transfer", First, Scalar),
    ("trim", First, Scalar),
    ("verify", Fixed(Integer, 4), Elemental),
];

fn find(name: &str) -> Option<&'static (&'static str, Gives, Shape)> {
    INTRINSICS
        .binary_search_by_key(&name, |(name, ..)| *name)
        .ok()
        .map(|at| &INTRINSICS[at])
}

/// Whether `name` is an intrinsic function here, and not a name the unit declares for itself.
pub(crate) fn intrinsic(name: &str, table: &Table) -> bool {
    let own = table.get(name).is_some_and(|symbol| {
        symbol.external || symbol.dummy || !symbol.dims.is_empty() || symbol.parameter.is_some()
    });
    find(name).is_some() && !own
}

fn widest(a: Type, b: Type) -> Type {
    let order = |class| match class {
        Integer => 0,
        Real => 1,
        Complex => 2,
        Logical | Character => 3,
    };
    match order(a.class).cmp(&order(b.class)) {
        std::cmp::Ordering::Equal => Type {
            class: a.class,
            bytes: a.bytes.max(b.bytes),
        },
        // An integer takes the other's kind; real with complex takes the wider.
        std::cmp::Ordering::Less if a.class == Integer => b,
        std::cmp::Ordering::Greater if b.class == Integer => a,
        std::cmp::Ordering::Less => Type {
            class: b.class,
            bytes: a.bytes.max(b.bytes),
        },
        std::cmp::Ordering::Greater => Type {
            class: a.class,
            bytes: a.bytes.max(b.bytes),
        },
    }
}

/// The type of an expression; nothing when a name has none or the expression makes no sense.
pub(crate) fn type_of(expr: &Expr, table: &Table) -> Option<Type> {
    match expr {
        Expr::Lit(token) => {
            let suffix = token.text.split_once('_').map(|(_, suffix)| suffix);
            let kind = suffix
                .filter(|_| token.kind != Tok::Str)
                .and_then(|suffix| crate::consts::suffix_kind(suffix, table))
                .and_then(|kind| u8::try_from(kind).ok());
            Some(match token.kind {
                Tok::Int => Type {
                    class: Integer,
                    bytes: kind.unwrap_or(4),
                },
                Tok::Real if token.text.contains('d') => Type::DOUBLE,
                Tok::Real => Type {
                    class: Real,
                    bytes: kind.unwrap_or(table.real),
                },
                Tok::Logical => Type {
                    class: Logical,
                    bytes: kind.unwrap_or(4),
                },
                Tok::Str | Tok::Hollerith => Type::CHARACTER,
                _ => Type::INTEGER,
            })
        }
        Expr::Name(name) => table.type_of(name),
        Expr::Paren(inner) => type_of(inner, table),
        Expr::Substring(..) => Some(Type::CHARACTER),
        Expr::Unary(op, inner) => match op.as_str() {
            ".not." => Some(Type::LOGICAL),
            _ => type_of(inner, table),
        },
        Expr::Binary(op, a, b) => match op.as_str() {
            "+" | "-" | "*" | "/" => Some(widest(type_of(a, table)?, type_of(b, table)?)),
            "**" => match (type_of(a, table)?, type_of(b, table)?) {
                (a, Type { class: Integer, .. }) => Some(a),
                (a, b) => Some(widest(a, b)),
            },
            "//" => Some(Type::CHARACTER),
            _ => Some(Type::LOGICAL),
        },
        Expr::Complex(a, b) => {
            let part = widest(type_of(a, table)?, type_of(b, table)?);
            let bytes = if part.class == Real {
                part.bytes
            } else {
                table.real
            };
            Some(Type {
                class: Complex,
                bytes,
            })
        }
        Expr::Array(items) => items.first().and_then(|item| type_of(item, table)),
        Expr::Implied(items, ..) => items.first().and_then(|item| type_of(item, table)),
        Expr::Ref(name, args) => match find(name).filter(|_| intrinsic(name, table)) {
            Some((_, gives, _)) => intrinsic_type(*gives, args, table),
            None => table.type_of(name),
        },
    }
}

fn intrinsic_type(gives: Gives, args: &[Arg], table: &Table) -> Option<Type> {
    let types = || {
        args.iter().filter_map(|arg| match arg {
            Arg::Expr(expr) => type_of(expr, table),
            _ => None,
        })
    };
    let default = |class| Type {
        class,
        bytes: match class {
            Real | Complex => table.real,
            _ => 4,
        },
    };
    match gives {
        First => types().next(),
        Widest => types().reduce(widest),
        Part => types().next().map(|ty| match ty.class {
            Complex => Type { class: Real, ..ty },
            _ => ty,
        }),
        Fixed(class @ (Real | Complex), 4) => Some(default(class)),
        Fixed(class, bytes) => Some(Type { class, bytes }),
        Kind(class) => {
            let place = if class == Complex { 2 } else { 1 };
            let kind = args.iter().enumerate().find_map(|(index, arg)| match arg {
                Arg::Keyword(name, expr) if name == "kind" => Some(expr),
                Arg::Expr(expr) if index == place => Some(expr),
                _ => None,
            });
            let kind = kind.and_then(|expr| crate::consts::eval(expr, table));
            match kind {
                Some(crate::consts::Value::Int(bytes)) => Some(Type {
                    class,
                    bytes: u8::try_from(bytes).ok()?,
                }),
                // REAL of a double complex keeps its precision.
                _ => match types().next() {
                    Some(Type {
                        class: Complex,
                        bytes,
                    }) if class == Real => Some(Type { class, bytes }),
                    _ => Some(default(class)),
                },
            }
        }
    }
}

/// The number of dimensions of an expression's value.
pub(crate) fn rank_of(expr: &Expr, table: &Table) -> usize {
    let widest = |exprs: &mut dyn Iterator<Item = &Expr>| {
        exprs.map(|expr| rank_of(expr, table)).max().unwrap_or(0)
    };
    match expr {
        Expr::Lit(_) => 0,
        Expr::Name(name) => table.rank(name),
        Expr::Paren(inner) | Expr::Unary(_, inner) => rank_of(inner, table),
        Expr::Binary(_, a, b) | Expr::Complex(a, b) => widest(&mut [&**a, &**b].into_iter()),
        Expr::Substring(base, _) => rank_of(base, table),
        Expr::Array(_) => 1,
        Expr::Implied(..) => 1,
        Expr::Ref(name, args) if table.rank(name) > 0 => {
            let vector = |arg: &&Arg| match arg {
                Arg::Range(..) => true,
                Arg::Expr(expr) => rank_of(expr, table) > 0,
                _ => false,
            };
            args.iter().filter(vector).count()
        }
        Expr::Ref(name, args) => {
            let elemental = find(name).is_some_and(|(.., shape)| *shape == Elemental);
            if !elemental || !intrinsic(name, table) {
                return 0;
            }
            widest(&mut args.iter().filter_map(|arg| match arg {
                Arg::Expr(expr) => Some(expr),
                _ => None,
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn intrinsics_are_sorted() {
        assert!(super::INTRINSICS.is_sorted_by_key(|(name, ..)| *name));
    }
}
