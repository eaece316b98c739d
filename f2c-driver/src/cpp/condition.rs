//! The expression of an #if.

/// An expression, and what of it has not been read.
pub(super) struct Condition<'a> {
    /// Whether a name is a macro.
    pub defined: &'a dyn Fn(&str) -> bool,
    /// A name with macros replaced.
    pub expand: &'a dyn Fn(&str) -> String,
    pub text: &'a str,
    pub depth: usize,
}

/// Whether a character is part of a name.
pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// Binary operators below `||` and `&&`, the weakest first; a longer one before its beginning.
const LEVELS: [&[&str]; 4] = [
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["+", "-"],
    &["*", "/", "%"],
];

impl<'a> Condition<'a> {
    fn eat(&mut self, op: &str) -> bool {
        let text = self.text.trim_start();
        match text.strip_prefix(op) {
            Some(rest) => {
                self.text = rest;
                true
            }
            None => false,
        }
    }

    pub fn or(&mut self) -> Option<i64> {
        let mut value = self.and()?;
        while self.eat("||") {
            let right = self.and()?;
            value = i64::from(value != 0 || right != 0);
        }
        Some(value)
    }

    fn and(&mut self) -> Option<i64> {
        let mut value = self.level(0)?;
        while self.eat("&&") {
            let right = self.level(0)?;
            value = i64::from(value != 0 && right != 0);
        }
        Some(value)
    }

    fn level(&mut self, level: usize) -> Option<i64> {
        let Some(ops) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.level(level + 1)?;
        while let Some(op) = ops.iter().find(|op| self.eat(op)) {
            let right = self.level(level + 1)?;
            left = match *op {
                "==" => i64::from(left == right),
                "!=" => i64::from(left != right),
                "<=" => i64::from(left <= right),
                ">=" => i64::from(left >= right),
                "<" => i64::from(left < right),
                ">" => i64::from(left > right),
                "+" => left.checked_add(right)?,
                "-" => left.checked_sub(right)?,
                "*" => left.checked_mul(right)?,
                "/" => left.checked_div(right)?,
                _ => left.checked_rem(right)?,
            };
        }
        Some(left)
    }

    fn unary(&mut self) -> Option<i64> {
        self.depth += 1;
        if self.depth > 1000 {
            return None;
        }
        if self.eat("!") {
            return self.unary().map(|value| i64::from(value == 0));
        }
        if self.eat("-") {
            return self.unary().and_then(i64::checked_neg);
        }
        if self.eat("(") {
            let value = self.or()?;
            return self.eat(")").then_some(value);
        }
        self.text = self.text.trim_start();
        let end = self.text.find(|c| !is_word(c)).unwrap_or(self.text.len());
        let (word, rest) = self.text.split_at(end);
        self.text = rest;
        if word == "defined" {
            let parenthesis = self.eat("(");
            self.text = self.text.trim_start();
            let end = self.text.find(|c| !is_word(c)).unwrap_or(self.text.len());
            let (name, rest) = self.text.split_at(end);
            self.text = rest;
            let closed = !parenthesis || self.eat(")");
            return (closed && !name.is_empty()).then(|| i64::from((self.defined)(name)));
        }
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            return word.trim_end_matches(['l', 'L', 'u', 'U']).parse().ok();
        }
        if word.is_empty() {
            return None;
        }
        let expanded = (self.expand)(word);
        match expanded.trim() {
            // A name that is no macro counts as 0.
            same if same == word => Some(0),
            "" => None,
            text => {
                let mut inner = Condition {
                    defined: self.defined,
                    expand: self.expand,
                    text,
                    depth: self.depth + 1,
                };
                let value = inner.or()?;
                inner.text.trim().is_empty().then_some(value)
            }
        }
    }
}
