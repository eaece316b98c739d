//! Expressions, and the way back to Fortran text.

mod parse;

pub(crate) use parse::parse;

use crate::loc::Loc;
use crate::token::{Leaf, Tok, Token, join, name_leaf};

/// An expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expr {
    /// A constant, as written.
    Lit(Token),
    Name(String),
    /// `name(arguments)`: an array element or section, a call, or `%val(x)`.
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
#[derive(Clone, Debug, PartialEq, Eq)]
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

    /// How strongly the expression binds, by the levels of [`operands`].
    fn level(&self) -> u8 {
        match self {
            Self::Unary(op, _) if op == ".not." => NOT,
            Self::Unary(..) => SUM,
            Self::Binary(op, ..) => binding(op),
            _ => PRIMARY,
        }
    }

    /// The name of a variable, an array element or a call.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name) | Self::Ref(name, _) => Some(name),
            _ => None,
        }
    }

    /// As Fortran text, which is read as this tree again.
    pub fn text(&self) -> String {
        let mut out = Vec::new();
        self.print(&mut out);
        join(&out)
    }

    /// The tokens of the text: parentheses stand where it would be read as another tree.
    fn print(&self, out: &mut Vec<Token>) {
        let group = |open, items: &[Self], close, out: &mut Vec<Token>| {
            out.push(op(open));
            separated(items, Self::print, out);
            out.push(op(close));
        };
        match self {
            Self::Lit(token) => out.push(token.clone()),
            Self::Name(name) => out.push(word(name)),
            Self::Ref(name, args) => {
                out.push(word(name));
                print_args(args, out);
            }
            Self::Substring(base, args) => {
                base.print(out);
                print_args(args, out);
            }
            Self::Unary(sign, inner) => {
                out.push(op(sign));
                inner.print_at(operand(sign), out);
            }
            Self::Binary(sign, a, b) => {
                let (left, right) = operands(sign);
                a.print_at(left, out);
                out.push(op(sign));
                b.print_at(right, out);
            }
            Self::Paren(inner) => group("(", std::slice::from_ref(inner), ")", out),
            Self::Complex(a, b) => {
                out.push(op("("));
                a.print(out);
                out.push(op(","));
                b.print(out);
                out.push(op(")"));
            }
            Self::Array(items) => group("[", items, "]", out),
            Self::Implied(items, variable, bounds) => {
                out.push(op("("));
                separated(items, Self::print, out);
                out.extend([op(","), word(variable), op("=")]);
                separated(bounds, Self::print, out);
                out.push(op(")"));
            }
        }
    }

    /// The same, in parentheses if it binds less than `level`.
    fn print_at(&self, level: u8, out: &mut Vec<Token>) {
        if self.level() >= level {
            return self.print(out);
        }
        out.push(op("("));
        self.print(out);
        out.push(op(")"));
    }

    /// Calls `f` for the names and literals, as the tokens they are, and whether arguments or
    /// subscripts follow (the bounds of a substring or section are neither). A literal may become a
    /// name.
    pub fn each_leaf(&mut self, at: Loc, f: &mut Leaf) {
        match self {
            Self::Lit(token) => {
                f(token, false);
                if token.kind == Tok::Name {
                    *self = Self::Name(std::mem::take(&mut token.text));
                }
            }
            Self::Name(name) => name_leaf(name, false, at, f),
            Self::Ref(name, args) => {
                let called = !args.iter().any(|arg| matches!(arg, Arg::Range(..)));
                name_leaf(name, called, at, f);
                args.iter_mut().for_each(|arg| arg.each_leaf(at, f));
            }
            Self::Substring(base, args) => {
                base.each_leaf(at, f);
                args.iter_mut().for_each(|arg| arg.each_leaf(at, f));
            }
            Self::Unary(_, inner) | Self::Paren(inner) => inner.each_leaf(at, f),
            Self::Binary(_, a, b) | Self::Complex(a, b) => {
                a.each_leaf(at, f);
                b.each_leaf(at, f);
            }
            Self::Array(items) => items.iter_mut().for_each(|item| item.each_leaf(at, f)),
            Self::Implied(items, variable, bounds) => {
                items.iter_mut().for_each(|item| item.each_leaf(at, f));
                name_leaf(variable, false, at, f);
                bounds.iter_mut().for_each(|item| item.each_leaf(at, f));
            }
        }
    }
}

fn op(text: &str) -> Token {
    Token::new(Tok::Op, text, Loc::default())
}

fn word(name: &str) -> Token {
    Token::new(Tok::Name, name, Loc::default())
}

/// Prints items with commas between them.
fn separated<T>(items: &[T], print: fn(&T, &mut Vec<Token>), out: &mut Vec<Token>) {
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(op(","));
        }
        print(item, out);
    }
}

fn print_args(args: &[Arg], out: &mut Vec<Token>) {
    out.push(op("("));
    separated(args, Arg::print, out);
    out.push(op(")"));
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

impl Arg {
    /// As Fortran text.
    pub fn text(&self) -> String {
        let mut out = Vec::new();
        self.print(&mut out);
        join(&out)
    }

    fn print(&self, out: &mut Vec<Token>) {
        match self {
            Self::Expr(expr) => expr.print(out),
            Self::Range(low, high, step) => {
                let colons = [false, true, step.is_some()];
                for (part, colon) in [low, high, step].into_iter().zip(colons) {
                    out.extend(colon.then(|| op(":")));
                    if let Some(part) = part {
                        part.print(out);
                    }
                }
            }
            Self::Keyword(name, expr) => {
                out.extend([word(name), op("=")]);
                expr.print(out);
            }
            Self::Label(label) => {
                out.extend([op("*"), Token::new(Tok::Int, label, Loc::default())]);
            }
        }
    }

    /// The same as of an expression, keywords aside.
    pub fn each_leaf(&mut self, at: Loc, f: &mut Leaf) {
        match self {
            Self::Expr(expr) | Self::Keyword(_, expr) => expr.each_leaf(at, f),
            Self::Range(low, high, step) => {
                for part in [low, high, step].into_iter().flatten() {
                    part.each_leaf(at, f);
                }
            }
            Self::Label(_) => {}
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::source::lex_fragment;

    /// A small generator of numbers; the tests need no better.
    pub(crate) struct Random(pub u64);

    impl Random {
        pub fn below(&mut self, bound: u64) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (self.0 >> 33) % bound
        }

        pub fn expr(&mut self, depth: u32) -> Expr {
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

    /// Without the parentheses that printing may add.
    pub(crate) fn bare(expr: Expr) -> Expr {
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
