//! A parser of expressions over tokens.

use super::{Arg, Expr};
use crate::token::{Tok, Token};

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
                "%" => self.passed(),
                "-" | "+" => Some(Expr::Unary(token.text, Box::new(self.power()?))),
                _ => None,
            },
        }
    }

    /// After `%`: `val(x)` and its like.
    fn passed(&mut self) -> Option<Expr> {
        let word = self.peek().filter(|token| token.kind == Tok::Name)?;
        let name = format!("%{}", word.text);
        self.next += 1;
        match self.eat("(") {
            true => self.args().map(|args| Expr::Ref(name, args)),
            false => None,
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
            let comma = self.eat(",");
            if comma == self.peek().is_some_and(|token| token.op(close)) {
                return None;
            }
        }
        Some(items)
    }

    fn args(&mut self) -> Option<Vec<Arg>> {
        let mut args = Vec::new();
        while !self.eat(")") {
            args.push(self.arg()?);
            // Something follows a comma.
            let comma = self.eat(",");
            if comma == self.peek().is_some_and(|token| token.op(")")) {
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
