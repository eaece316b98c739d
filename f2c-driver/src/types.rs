//! Types and ranks of expressions.

use crate::data_type::{Class, Type, widest};
use crate::expr::{Arg, Expr};
use crate::source::Tok;
use crate::symbols::Table;

use crate::intrinsics::{self, Gives, Intrinsic, Shape};
use Class::{Complex, Integer, Logical, Real};
use Gives::{First, Fixed, Kind, Pair, Part, Widest};

/// Whether `name` is an intrinsic function here, and not a name the unit declares for itself.
pub(crate) fn intrinsic(name: &str, table: &Table) -> bool {
    intrinsics::function(name, table).is_some()
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
                (a, Type { class: Integer, .. }) if a.class != Integer => Some(a),
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
        Expr::Ref(name, args) => match intrinsics::function(name, table) {
            Some(row) => intrinsic_type(row, args, table),
            None => table.type_of(name),
        },
    }
}

fn intrinsic_type(row: &Intrinsic, args: &[Arg], table: &Table) -> Option<Type> {
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
    match row.gives {
        First => types().next(),
        Widest => types().reduce(widest),
        Pair => types().reduce(widest).map(|ty| match ty.class {
            Real => Type {
                class: Complex,
                ..ty
            },
            _ => default(Complex),
        }),
        Part => types().next().map(|ty| match ty.class {
            Complex => Type { class: Real, ..ty },
            _ => ty,
        }),
        Fixed(class @ (Real | Complex), 4) => Some(default(class)),
        Fixed(class, bytes) => Some(Type { class, bytes }),
        Kind(class) => {
            let place = row.kind_place();
            let kind = args.iter().enumerate().find_map(|(index, arg)| match arg {
                Arg::Keyword(name, expr) if name == "kind" => Some(expr),
                Arg::Expr(expr) if Some(index) == place => Some(expr),
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
            let row = intrinsics::function(name, table);
            if !row.is_some_and(|row| row.shape == Shape::Elemental) {
                return 0;
            }
            widest(&mut args.iter().filter_map(|arg| match arg {
                Arg::Expr(expr) => Some(expr),
                _ => None,
            }))
        }
    }
}
