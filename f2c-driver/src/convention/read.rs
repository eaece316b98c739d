//! Reads the C that f2c writes.

use super::c::{Declaration, Declarator, File, Function, Item, List, Tokens};
use super::token::{Kind, Token, lex};

/// Reads a file.
pub(super) fn file(c: &str) -> File {
    let (tokens, end) = lex(c);
    let mut reader = Reader::new(tokens);
    let mut items = Vec::new();
    while !reader.rest().is_empty() {
        items.push(reader.item());
    }
    File { items, end }
}

/// Has `change` see every call in code, the inner ones first: the function's name and the arguments.
pub(super) fn calls(
    code: Vec<Token>,
    change: &mut dyn FnMut(&str, &mut Vec<Vec<Token>>),
) -> Vec<Token> {
    let mut out = Vec::with_capacity(code.len());
    let mut reader = Reader::new(code);
    while let Some(token) = reader.next() {
        let call = token.kind == Kind::Word && reader.at("(");
        out.push(token);
        if call {
            let name = out.last().map(|name| name.text.clone()).unwrap_or_default();
            let mut list = reader.list();
            for argument in &mut list.items {
                *argument = calls(std::mem::take(argument), change);
            }
            change(&name, &mut list.items);
            list.each(&mut |token| out.push(token.clone()));
        }
    }
    out
}

struct Reader {
    tokens: std::vec::IntoIter<Token>,
}

impl Reader {
    fn new(tokens: Vec<Token>) -> Self {
        let tokens = tokens.into_iter();
        Self { tokens }
    }

    fn rest(&self) -> &[Token] {
        self.tokens.as_slice()
    }

    fn next(&mut self) -> Option<Token> {
        self.tokens.next()
    }

    /// The next token, which is an empty one at the end.
    fn take(&mut self) -> Token {
        let end = || Token::new("", Kind::Punct, "");
        self.next().unwrap_or_else(end)
    }

    fn at(&self, text: &str) -> bool {
        self.rest().first().is_some_and(|token| token.is(text))
    }

    fn at_word(&self) -> bool {
        let first = self.rest().first();
        first.is_some_and(|token| token.kind == Kind::Word)
    }

    /// A function, a declaration or a preprocessor line.
    fn item(&mut self) -> Item {
        let mut head = Vec::new();
        while self.at_word() || self.at("{") {
            self.group(&mut head);
        }
        // The last word is a name, unless a pointer follows.
        let named = |last: &mut Token| last.kind == Kind::Word && !self.at("*");
        let mut name = head.pop_if(named);
        let (mut declarators, mut commas) = (Vec::new(), Vec::new());
        while name.is_some() || !self.at_end() {
            let named = name.take().unwrap_or_else(|| self.take());
            let parameters = self.at("(").then(|| self.list());
            match parameters {
                Some(parameters) if self.at("{") => {
                    let function = self.body(head, named, parameters);
                    return Item::Function(Box::new(function));
                }
                parameters => declarators.push(Declarator {
                    name: named,
                    parameters,
                    rest: self.until(|reader| reader.at(",") || reader.at_end()),
                }),
            }
            if self.at(",") {
                commas.push(self.take());
            }
        }
        Item::Declaration(Declaration {
            head,
            declarators,
            commas,
            end: self.take(),
        })
    }

    fn body(&mut self, head: Vec<Token>, name: Token, parameters: List) -> Function {
        let open = self.take();
        let mut locals = Vec::new();
        while self.at_declaration() {
            locals.push(self.item());
        }
        let code = self.until(|reader| reader.at("}"));
        let close = self.take();
        Function {
            head,
            name,
            parameters,
            open,
            locals,
            code,
            close,
        }
    }

    /// Whether a declaration or a preprocessor line follows, and not a statement.
    fn at_declaration(&self) -> bool {
        match self.rest() {
            [first, ..] if first.kind == Kind::Directive => true,
            [first, second, ..] if first.kind == Kind::Word => {
                let statement = first.is("goto") || first.is("return");
                let aggregate = first.is("struct") || first.is("union");
                aggregate || second.kind == Kind::Word && !statement
            }
            _ => false,
        }
    }

    /// A list in parentheses.
    fn list(&mut self) -> List {
        let open = self.take();
        let (mut items, mut commas) = (Vec::new(), Vec::new());
        while !(self.at(")") || self.rest().is_empty()) {
            items.push(self.until(|reader| reader.at(",") || reader.at(")")));
            if self.at(",") {
                commas.push(self.take());
            }
        }
        let close = self.take();
        List {
            open,
            items,
            commas,
            close,
        }
    }

    /// What stands up to an end outside parentheses.
    fn until(&mut self, end: impl Fn(&Self) -> bool) -> Vec<Token> {
        let mut out = Vec::new();
        while !self.rest().is_empty() && !end(self) {
            self.group(&mut out);
        }
        out
    }

    /// Whether a declaration ends here.
    fn at_end(&self) -> bool {
        let first = self.rest().first();
        first.is_none_or(|token| token.is(";") || token.kind == Kind::Directive)
    }

    /// A token, and all up to its closing one if it opens something.
    fn group(&mut self, out: &mut Vec<Token>) {
        let mut depth = 0usize;
        while let Some(token) = self.next() {
            match token.text.as_str() {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            out.push(token);
            if depth == 0 {
                return;
            }
        }
    }
}
