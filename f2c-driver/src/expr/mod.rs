//! Expressions, and the way back to Fortran text.

mod parse;

pub(crate) use parse::{parse, parse_arg};

use crate::source::{Loc, Tok, Token};

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Expr {
    /// A constant, as written.
    Lit(Token),
    Name(String),
    /// `name(arguments)`: an array element or section, or a call.
    Ref(String, Vec<Arg>),
    /// `base(lo:hi)` after an array element: a substring.
    Substring(Box<Expr>, Vec<Arg>),
    Unary(String, Box<Expr>),
    Binary(String, Box<Expr>, Box<Expr>),
    Paren(Box<Expr>),
    /// `(re, im)`.
    Complex(Box<Expr>, Box<Expr>),
    /// `(/ a, b /)` or `[a, b]`.
    Array(Vec<Expr>),
    /// `(a(i), i = 1, n)`: the items, the variable, the bounds.
    Implied(Vec<Expr>, String, Vec<Expr>),
}

/// An argument or subscript.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Arg {
    Expr(Expr),
    /// `lo:hi:step`.
    Range(Option<Expr>, Option<Expr>, Option<Expr>),
    /// `keyword = value`.
    Keyword(String, Expr),
    /// An alternate return, `*10`.
    Label(String),
}

impl Expr {
    /// An integer constant.
    pub fn int(value: i64) -> Self {
        let lit = Self::Lit(Token::new(
            Tok::Int,
            value.unsigned_abs().to_string(),
            Loc::default(),
        ));
        if value < 0 {
            return Self::Paren(Box::new(Self::Unary("-".into(), Box::new(lit))));
        }
        lit
    }

    /// The value, when it is an integer constant without a kind.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Lit(token) if token.kind == Tok::Int => token.text.parse().ok(),
            Self::Unary(sign, inner) if sign == "-" => inner.as_int().map(|value| -value),
            Self::Paren(inner) => inner.as_int(),
            _ => None,
        }
    }

    /// `self op other`, with parentheses where either side could fall apart.
    pub fn with(self, op: &str, other: Self) -> Self {
        Self::Binary(
            op.into(),
            Box::new(self.wrapped()),
            Box::new(other.wrapped()),
        )
    }

    /// In parentheses unless it is a single operand.
    pub fn wrapped(self) -> Self {
        match self {
            Self::Unary(..) | Self::Binary(..) => Self::Paren(Box::new(self)),
            simple => simple,
        }
    }

    /// The same expression with every part replaced, the innermost first.
    pub fn map(self, f: &mut dyn FnMut(Self) -> Self) -> Self {
        let list = |items: Vec<Self>, f: &mut dyn FnMut(Self) -> Self| -> Vec<Self> {
            items.into_iter().map(|item| item.map(f)).collect()
        };
        let mapped = match self {
            Self::Lit(_) | Self::Name(_) => self,
            Self::Ref(name, args) => Self::Ref(name, map_args(args, f)),
            Self::Substring(base, args) => {
                Self::Substring(Box::new(base.map(f)), map_args(args, f))
            }
            Self::Unary(op, inner) => Self::Unary(op, Box::new(inner.map(f))),
            Self::Binary(op, a, b) => Self::Binary(op, Box::new(a.map(f)), Box::new(b.map(f))),
            Self::Paren(inner) => Self::Paren(Box::new(inner.map(f))),
            Self::Complex(a, b) => Self::Complex(Box::new(a.map(f)), Box::new(b.map(f))),
            Self::Array(items) => Self::Array(list(items, f)),
            Self::Implied(items, variable, bounds) => {
                Self::Implied(list(items, f), variable, list(bounds, f))
            }
        };
        f(mapped)
    }

    /// The same expression with its direct parts replaced.
    pub fn try_map_parts<E>(self, f: &mut dyn FnMut(Self) -> Result<Self, E>) -> Result<Self, E> {
        let boxed =
            |inner: Box<Self>, f: &mut dyn FnMut(Self) -> Result<Self, E>| f(*inner).map(Box::new);
        Ok(match self {
            Self::Lit(_) | Self::Name(_) => self,
            Self::Ref(name, args) => Self::Ref(name, try_map_args(args, f)?),
            Self::Substring(base, args) => Self::Substring(boxed(base, f)?, try_map_args(args, f)?),
            Self::Unary(op, inner) => Self::Unary(op, boxed(inner, f)?),
            Self::Binary(op, a, b) => Self::Binary(op, boxed(a, f)?, boxed(b, f)?),
            Self::Paren(inner) => Self::Paren(boxed(inner, f)?),
            Self::Complex(a, b) => Self::Complex(boxed(a, f)?, boxed(b, f)?),
            Self::Array(items) => Self::Array(items.into_iter().map(f).collect::<Result<_, E>>()?),
            Self::Implied(items, variable, bounds) => {
                let items = items.into_iter().map(&mut *f).collect::<Result<_, E>>()?;
                let bounds = bounds.into_iter().map(f).collect::<Result<_, E>>()?;
                Self::Implied(items, variable, bounds)
            }
        })
    }

    /// Calls `f` for this expression and every part of it.
    pub fn walk(&self, f: &mut dyn FnMut(&Self)) {
        f(self);
        match self {
            Self::Lit(_) | Self::Name(_) => {}
            Self::Ref(_, args) => walk_args(args, f),
            Self::Substring(base, args) => {
                base.walk(f);
                walk_args(args, f);
            }
            Self::Unary(_, inner) | Self::Paren(inner) => inner.walk(f),
            Self::Binary(_, a, b) | Self::Complex(a, b) => {
                a.walk(f);
                b.walk(f);
            }
            Self::Array(items) => items.iter().for_each(|item| item.walk(f)),
            Self::Implied(items, _, bounds) => {
                items.iter().chain(bounds).for_each(|item| item.walk(f));
            }
        }
    }

    /// As Fortran text, in parentheses if it binds less than `level`.
    fn at_least(&self, level: u8) -> String {
        let text = self.text();
        match self.level() < level {
            true => format!("({text})"),
            false => text,
        }
    }

    /// How strongly the expression binds, by the levels of [`operands`].
    fn level(&self) -> u8 {
        match self {
            Self::Unary(op, _) if op == ".not." => NOT,
            Self::Unary(..) => SUM,
            Self::Binary(op, ..) => binding(op),
            _ => PRIMARY,
        }
    }

    /// As Fortran text, which is read as this tree again: parentheses stand where it would be read as
    /// another.
    pub fn text(&self) -> String {
        let list = |items: &[Self]| items.iter().map(Self::text).collect::<Vec<_>>().join(",");
        match self {
            Self::Lit(token) => token.text.clone(),
            Self::Name(name) => name.clone(),
            Self::Ref(name, args) => format!("{name}({})", args_text(args)),
            Self::Substring(base, args) => format!("{}({})", base.text(), args_text(args)),
            Self::Unary(op, inner) => format!("{op}{}", inner.at_least(operand(op))),
            Self::Binary(op, a, b) => {
                let (left, right) = operands(op);
                format!("{}{op}{}", a.at_least(left), b.at_least(right))
            }
            Self::Paren(inner) => format!("({})", inner.text()),
            Self::Complex(a, b) => format!("({},{})", a.text(), b.text()),
            Self::Array(items) => format!("[{}]", list(items)),
            Self::Implied(items, variable, bounds) => {
                format!("({},{variable}={})", list(items), list(bounds))
            }
        }
    }
}

/// How strongly operators bind, weak ones first; `.not.` is no operand of a relation.
const NOT: u8 = 3;
const RELATION: u8 = 4;
const CONCAT: u8 = 5;
const SUM: u8 = 6;
const PRODUCT: u8 = 7;
const POWER: u8 = 8;
const PRIMARY: u8 = 9;

fn binding(op: &str) -> u8 {
    match op {
        ".eqv." | ".neqv." | ".xor." => 0,
        ".or." => 1,
        ".and." => 2,
        "//" => CONCAT,
        "+" | "-" => SUM,
        "*" | "/" => PRODUCT,
        "**" => POWER,
        _ => RELATION,
    }
}

/// What the operands of an operator must bind like at least: the left ones of equal strength come
/// first, but for powers.
fn operands(op: &str) -> (u8, u8) {
    match binding(op) {
        POWER => (PRIMARY, POWER),
        level => (level, level + 1),
    }
}

/// The same for the operand of a sign or of `.not.`.
fn operand(op: &str) -> u8 {
    match op {
        ".not." => NOT,
        _ => PRODUCT,
    }
}

fn map_args(args: Vec<Arg>, f: &mut dyn FnMut(Expr) -> Expr) -> Vec<Arg> {
    let mut part = |expr: Option<Expr>| expr.map(|expr| expr.map(f));
    args.into_iter()
        .map(|arg| match arg {
            Arg::Expr(expr) => Arg::Expr(part(Some(expr)).unwrap_or_else(|| Expr::int(0))),
            Arg::Range(a, b, c) => Arg::Range(part(a), part(b), part(c)),
            Arg::Keyword(name, expr) => {
                Arg::Keyword(name, part(Some(expr)).unwrap_or_else(|| Expr::int(0)))
            }
            Arg::Label(label) => Arg::Label(label),
        })
        .collect()
}

fn try_map_args<E>(
    args: Vec<Arg>,
    f: &mut dyn FnMut(Expr) -> Result<Expr, E>,
) -> Result<Vec<Arg>, E> {
    args.into_iter()
        .map(|arg| {
            let mut part = |expr: Option<Expr>| expr.map(&mut *f).transpose();
            Ok(match arg {
                Arg::Range(a, b, c) => Arg::Range(part(a)?, part(b)?, part(c)?),
                Arg::Expr(expr) => Arg::Expr(f(expr)?),
                Arg::Keyword(name, expr) => Arg::Keyword(name, f(expr)?),
                Arg::Label(label) => Arg::Label(label),
            })
        })
        .collect()
}

fn walk_args(args: &[Arg], f: &mut dyn FnMut(&Expr)) {
    for arg in args {
        match arg {
            Arg::Expr(expr) | Arg::Keyword(_, expr) => expr.walk(f),
            Arg::Range(a, b, c) => [a, b, c]
                .into_iter()
                .flatten()
                .for_each(|expr| expr.walk(f)),
            Arg::Label(_) => {}
        }
    }
}

fn args_text(args: &[Arg]) -> String {
    let texts: Vec<String> = args.iter().map(Arg::text).collect();
    texts.join(",")
}

impl Arg {
    /// As Fortran text.
    pub fn text(&self) -> String {
        let part = |expr: &Option<Expr>| expr.as_ref().map(Expr::text).unwrap_or_default();
        match self {
            Self::Expr(expr) => expr.text(),
            Self::Range(a, b, None) => format!("{}:{}", part(a), part(b)),
            Self::Range(a, b, step) => format!("{}:{}:{}", part(a), part(b), part(step)),
            Self::Keyword(name, expr) => format!("{name}={}", expr.text()),
            Self::Label(label) => format!("*{label}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::lex_fragment;

    /// A small generator of numbers; the tests need no better.
    struct Random(u64);

    impl Random {
        fn below(&mut self, bound: u64) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (self.0 >> 33) % bound
        }

        fn expr(&mut self, depth: u32) -> Expr {
            const OPS: [&str; 14] = [
                "+", "-", "*", "/", "**", "//", ".eq.", ".lt.", ".and.", ".or.", ".eqv.", ".neqv.",
                ".ge.", "*",
            ];
            let leaf = depth == 0;
            let part = |random: &mut Self| Box::new(random.expr(depth.saturating_sub(1)));
            match self.below(if leaf { 3 } else { 12 }) {
                0 => Expr::int(i64::try_from(self.below(100)).unwrap_or(0)),
                1 => Expr::Name("a".into()),
                2 => Expr::Lit(Token::new(Tok::Real, "1.5d0", Loc::default())),
                3 => Expr::Unary("-".into(), part(self)),
                4 => Expr::Unary(".not.".into(), part(self)),
                5 => Expr::Ref(
                    "f".into(),
                    vec![Arg::Expr(*part(self)), Arg::Expr(*part(self))],
                ),
                6 => {
                    let bounds = Arg::Range(Some(*part(self)), Some(*part(self)), None);
                    Expr::Ref("s".into(), vec![bounds])
                }
                7 => Expr::Complex(part(self), part(self)),
                _ => {
                    let op = OPS[usize::try_from(self.below(14)).unwrap_or(0)];
                    Expr::Binary(op.into(), part(self), part(self))
                }
            }
        }
    }

    fn bare(expr: Expr) -> Expr {
        expr.map(&mut |part| match part {
            Expr::Paren(inner) => *inner,
            other => other,
        })
    }

    #[test]
    fn what_is_printed_is_read_as_the_same_tree() {
        let mut random = Random(1);
        for _ in 0..5_000 {
            let expr = bare(random.expr(5));
            let text = expr.text();
            let read = parse(&lex_fragment(&text, Loc::default()));
            assert_eq!(read.map(bare), Some(expr), "{text}");
        }
    }
}
