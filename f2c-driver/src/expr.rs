//! Expressions: a parser over tokens and the way back to Fortran text.

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

/// Binary operators by binding strength, the weakest first.
const LEVELS: [&[&str]; 4] = [
    &[".eqv.", ".neqv.", ".xor."],
    &[".or."],
    &[".and."],
    &[
        ".eq.", ".ne.", ".lt.", ".le.", ".gt.", ".ge.", "==", "/=", "<", "<=", ">", ">=",
    ],
];

struct Parser<'a> {
    tokens: &'a [Token],
    next: usize,
}

/// Parses all of `tokens` as one expression.
pub(crate) fn parse(tokens: &[Token]) -> Option<Expr> {
    let mut parser = Parser { tokens, next: 0 };
    let expr = parser.expr()?;
    (parser.next == tokens.len()).then_some(expr)
}

/// Parses one argument.
pub(crate) fn parse_arg(tokens: &[Token]) -> Option<Arg> {
    let mut parser = Parser { tokens, next: 0 };
    let arg = parser.arg()?;
    (parser.next == tokens.len()).then_some(arg)
}

/// Splits tokens at the commas outside parentheses.
pub(crate) fn split_commas(tokens: &[Token]) -> Vec<&[Token]> {
    split_at(tokens, ",")
}

/// Splits tokens at an operator outside parentheses.
pub(crate) fn split_at<'a>(tokens: &'a [Token], op: &str) -> Vec<&'a [Token]> {
    let mut out = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (index, token) in tokens.iter().enumerate() {
        if token.op("(") || token.op("[") {
            depth += 1;
        } else if token.op(")") || token.op("]") {
            depth -= 1;
        } else if depth == 0 && token.op(op) {
            out.push(&tokens[start..index]);
            start = index + 1;
        }
    }
    if !tokens.is_empty() {
        out.push(&tokens[start..]);
    }
    out
}

/// Index of the parenthesis that closes the one at `open`.
pub(crate) fn closing(tokens: &[Token], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (index, token) in tokens.iter().enumerate().skip(open) {
        if token.op("(") {
            depth += 1;
        } else if token.op(")") {
            depth = depth.checked_sub(1)?;
            if depth == 0 {
                return Some(index);
            }
        }
    }
    None
}

impl Parser<'_> {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next)
    }

    fn eat(&mut self, op: &str) -> bool {
        let found = self.peek().is_some_and(|token| token.op(op));
        self.next += usize::from(found);
        found
    }

    fn any_of(&mut self, ops: &[&str]) -> Option<String> {
        let op = self
            .peek()
            .filter(|t| t.kind == Tok::Op && ops.contains(&t.text.as_str()))?;
        let text = op.text.clone();
        self.next += 1;
        Some(text)
    }

    fn expr(&mut self) -> Option<Expr> {
        self.binary(0)
    }

    fn binary(&mut self, level: usize) -> Option<Expr> {
        let Some(ops) = LEVELS.get(level) else {
            return self.concat();
        };
        if level == 3 && self.eat(".not.") {
            return Some(Expr::Unary(".not.".into(), Box::new(self.binary(3)?)));
        }
        let mut left = self.binary(level + 1)?;
        while let Some(op) = self.any_of(ops) {
            let right = self.binary(level + 1)?;
            left = Expr::Binary(op, Box::new(left), Box::new(right));
        }
        Some(left)
    }

    fn concat(&mut self) -> Option<Expr> {
        let mut left = self.sum()?;
        while self.eat("//") {
            left = Expr::Binary("//".into(), Box::new(left), Box::new(self.sum()?));
        }
        Some(left)
    }

    fn sum(&mut self) -> Option<Expr> {
        let mut left = match self.any_of(&["+", "-"]) {
            Some(sign) => Expr::Unary(sign, Box::new(self.product()?)),
            None => self.product()?,
        };
        while let Some(op) = self.any_of(&["+", "-"]) {
            let right = match self.any_of(&["+", "-"]) {
                Some(sign) => Expr::Paren(Box::new(Expr::Unary(sign, Box::new(self.product()?)))),
                None => self.product()?,
            };
            left = Expr::Binary(op, Box::new(left), Box::new(right));
        }
        Some(left)
    }

    fn product(&mut self) -> Option<Expr> {
        let mut left = self.power()?;
        while let Some(op) = self.any_of(&["*", "/"]) {
            let right = self.power()?;
            left = Expr::Binary(op, Box::new(left), Box::new(right));
        }
        Some(left)
    }

    fn power(&mut self) -> Option<Expr> {
        let base = self.primary()?;
        if !self.eat("**") {
            return Some(base);
        }
        let exponent = match self.any_of(&["+", "-"]) {
            // Fortran wants parentheses here; gfortran takes `x**-2` as an extension.
            Some(sign) => Expr::Paren(Box::new(Expr::Unary(sign, Box::new(self.power()?)))),
            None => self.power()?,
        };
        Some(Expr::Binary(
            "**".into(),
            Box::new(base),
            Box::new(exponent),
        ))
    }

    fn primary(&mut self) -> Option<Expr> {
        let token = self.peek()?.clone();
        self.next += 1;
        match token.kind {
            Tok::Int | Tok::Real | Tok::Logical | Tok::Hollerith | Tok::Boz => {
                Some(Expr::Lit(token))
            }
            Tok::Str if self.peek().is_some_and(|next| next.op("(")) => {
                self.next += 1;
                Some(Expr::Substring(Box::new(Expr::Lit(token)), self.args()?))
            }
            Tok::Str => Some(Expr::Lit(token)),
            Tok::Name => {
                let mut expr = Expr::Name(token.text.clone());
                if self.eat("(") {
                    expr = Expr::Ref(token.text, self.args()?);
                    if self.eat("(") {
                        expr = Expr::Substring(Box::new(expr), self.args()?);
                    }
                }
                (!self.peek().is_some_and(|next| next.op("%"))).then_some(expr)
            }
            Tok::Op => match token.text.as_str() {
                "(" => self.parenthesis(),
                "[" => self.list("]").map(Expr::Array),
                "-" | "+" => Some(Expr::Unary(token.text, Box::new(self.power()?))),
                _ => None,
            },
        }
    }

    /// After `(`: a parenthesised expression, a complex constant, an array constructor or an
    /// implied DO.
    fn parenthesis(&mut self) -> Option<Expr> {
        if self.eat("/") {
            let mut items = Vec::new();
            loop {
                // The closing `/)` must not be taken for a division.
                let end = self.constructor_item_end()?;
                let item = parse(&self.tokens[self.next..end])?;
                items.push(item);
                self.next = end;
                if self.eat("/") {
                    return self.eat(")").then_some(Expr::Array(items));
                }
                self.eat(",");
            }
        }
        let first = self.expr()?;
        if self.eat(")") {
            return Some(Expr::Paren(Box::new(first)));
        }
        let mut items = vec![first];
        while self.eat(",") {
            let item = self.expr()?;
            if let (Expr::Name(variable), true) = (&item, self.eat("=")) {
                let bounds = self.list(")")?;
                return Some(Expr::Implied(items, variable.clone(), bounds));
            }
            items.push(item);
        }
        if !self.eat(")") || items.len() != 2 {
            return None;
        }
        let imaginary = Box::new(items.pop()?);
        Some(Expr::Complex(Box::new(items.pop()?), imaginary))
    }

    /// Where the item of a `(/ ... /)` that starts here ends.
    fn constructor_item_end(&self) -> Option<usize> {
        let mut depth = 0;
        for index in self.next..self.tokens.len() {
            let token = &self.tokens[index];
            let closes = token.op("/") && self.tokens.get(index + 1).is_some_and(|t| t.op(")"));
            if depth == 0 && (token.op(",") || closes) {
                return Some(index);
            }
            if token.op("(") {
                depth += 1;
            } else if token.op(")") {
                depth -= 1;
            }
        }
        None
    }

    fn list(&mut self, close: &str) -> Option<Vec<Expr>> {
        let mut items = Vec::new();
        while !self.eat(close) {
            items.push(self.expr()?);
            if !self.eat(",") && !self.peek().is_some_and(|token| token.op(close)) {
                return None;
            }
        }
        Some(items)
    }

    fn args(&mut self) -> Option<Vec<Arg>> {
        let mut args = Vec::new();
        while !self.eat(")") {
            args.push(self.arg()?);
            if !self.eat(",") && !self.peek().is_some_and(|token| token.op(")")) {
                return None;
            }
        }
        Some(args)
    }

    fn arg(&mut self) -> Option<Arg> {
        if let [name, equals, ..] = &self.tokens[self.next..] {
            if name.kind == Tok::Name && equals.op("=") {
                let name = name.text.clone();
                self.next += 2;
                return Some(Arg::Keyword(name, self.expr()?));
            }
            if (name.op("*") || name.op("&")) && equals.kind == Tok::Int {
                let label = equals.text.clone();
                self.next += 2;
                return Some(Arg::Label(label));
            }
        }
        let at_end = |parser: &Self| {
            parser
                .peek()
                .is_none_or(|t| t.op(",") || t.op(")") || t.op(":") || t.op("::"))
        };
        let low = if at_end(self) {
            None
        } else {
            Some(self.expr()?)
        };
        if self.eat("::") {
            return Some(Arg::Range(low, None, Some(self.expr()?)));
        }
        if !self.eat(":") {
            return low.map(Arg::Expr);
        }
        let high = if at_end(self) {
            None
        } else {
            Some(self.expr()?)
        };
        let step = if self.eat(":") {
            Some(self.expr()?)
        } else {
            None
        };
        Some(Arg::Range(low, high, step))
    }
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

    /// As Fortran text.
    pub fn text(&self) -> String {
        let list = |items: &[Self]| items.iter().map(Self::text).collect::<Vec<_>>().join(",");
        match self {
            Self::Lit(token) => token.text.clone(),
            Self::Name(name) => name.clone(),
            Self::Ref(name, args) => format!("{name}({})", args_text(args)),
            Self::Substring(base, args) => format!("{}({})", base.text(), args_text(args)),
            Self::Unary(op, inner) => format!("{op}{}", inner.text()),
            Self::Binary(op, a, b) => format!("{}{op}{}", a.text(), b.text()),
            Self::Paren(inner) => format!("({})", inner.text()),
            Self::Complex(a, b) => format!("({},{})", a.text(), b.text()),
            Self::Array(items) => format!("[{}]", list(items)),
            Self::Implied(items, variable, bounds) => {
                format!("({},{variable}={})", list(items), list(bounds))
            }
        }
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
