//! The C of a file: functions and declarations, at file level and at the start of a body.

use super::token::{Kind, Token};

/// A file.
#[derive(Debug)]
pub(super) struct File {
    pub items: Vec<Item>,
    /// What stands after the last item.
    pub end: String,
}

#[derive(Debug)]
pub(super) enum Item {
    Declaration(Declaration),
    Function(Box<Function>),
}

/// `extern doublereal f(integer *), g(void);`, or a preprocessor line, which is all `end`.
#[derive(Clone, Debug)]
pub(super) struct Declaration {
    /// What holds for all: storage and type.
    pub head: Vec<Token>,
    pub declarators: Vec<Declarator>,
    pub commas: Vec<Token>,
    pub end: Token,
}

/// `f(integer *)`, `x[4] = { 1, 2 }`
#[derive(Clone, Debug)]
pub(super) struct Declarator {
    pub name: Token,
    pub parameters: Option<List>,
    pub rest: Vec<Token>,
}

/// A function with its body.
#[derive(Debug)]
pub(super) struct Function {
    /// Storage and result.
    pub head: Vec<Token>,
    pub name: Token,
    pub parameters: List,
    pub open: Token,
    /// The declarations at the start of its body.
    pub locals: Vec<Item>,
    pub code: Vec<Token>,
    pub close: Token,
}

/// What stands in parentheses, between commas.
#[derive(Clone, Debug)]
pub(super) struct List {
    pub open: Token,
    pub items: Vec<Vec<Token>>,
    pub commas: Vec<Token>,
    pub close: Token,
}

impl Default for List {
    fn default() -> Self {
        Self {
            open: Token::new("", Kind::Punct, "("),
            items: Vec::new(),
            commas: Vec::new(),
            close: Token::new("", Kind::Punct, ")"),
        }
    }
}

impl Function {
    /// Whether no other file sees it.
    pub fn hidden(&self) -> bool {
        self.head.iter().any(|token| token.is("static"))
    }

    /// Makes it one that no other file sees.
    pub fn hide(&mut self) {
        let before = match self.head.first_mut() {
            Some(first) => std::mem::replace(&mut first.before, " ".into()),
            None => String::new(),
        };
        self.head
            .insert(0, Token::new(before, Kind::Word, "static"));
    }
}

impl Declaration {
    /// The functions that it declares without a definition.
    pub fn external_mut(&mut self) -> impl Iterator<Item = &mut Declarator> {
        let external = self.external();
        let declarators = self.declarators.iter_mut();
        declarators.filter(move |declarator| external && declarator.parameters.is_some())
    }

    pub fn external(&self) -> bool {
        self.head.iter().any(|token| token.is("extern"))
    }

    /// The COMMON block that a declaration at file level is: its name, and whether it has initial
    /// values.
    pub fn common(&self) -> Option<(&str, bool)> {
        let [block] = self.declarators.as_slice() else {
            return None;
        };
        let mut words = self.head.windows(2);
        let aggregate =
            words.any(|pair| pair[1].is("{") && (pair[0].is("struct") || pair[0].is("union")));
        let initialised = block.rest.first().is_some_and(|token| token.is("="));
        aggregate.then_some((&block.name.text, initialised))
    }
}

impl File {
    pub fn functions(&self) -> impl Iterator<Item = &Function> {
        self.items.iter().filter_map(|item| match item {
            Item::Function(function) => Some(function.as_ref()),
            Item::Declaration(_) => None,
        })
    }

    pub fn functions_mut(&mut self) -> impl Iterator<Item = &mut Function> {
        self.items.iter_mut().filter_map(|item| match item {
            Item::Function(function) => Some(function.as_mut()),
            Item::Declaration(_) => None,
        })
    }

    /// Visits every list of declarations: the file's, and each function's.
    pub fn scopes(&mut self, visit: &mut dyn FnMut(&mut Vec<Item>)) {
        visit(&mut self.items);
        let functions = self.functions_mut();
        functions.for_each(|function| visit(&mut function.locals));
    }

    /// Visits every declaration.
    pub fn declarations(&mut self, visit: &mut dyn FnMut(&mut Declaration)) {
        self.scopes(&mut |items| {
            for item in items {
                if let Item::Declaration(declaration) = item {
                    visit(declaration);
                }
            }
        });
    }
}

/// What has tokens, and shows them in their order, the commas of lists too.
pub(super) trait Tokens {
    fn each(&mut self, visit: &mut dyn FnMut(&mut Token));
}

impl Tokens for Token {
    fn each(&mut self, visit: &mut dyn FnMut(&mut Token)) {
        visit(self);
    }
}

impl<T: Tokens> Tokens for Vec<T> {
    fn each(&mut self, visit: &mut dyn FnMut(&mut Token)) {
        self.iter_mut().for_each(|part| part.each(visit));
    }
}

impl<T: Tokens> Tokens for Option<T> {
    fn each(&mut self, visit: &mut dyn FnMut(&mut Token)) {
        self.iter_mut().for_each(|part| part.each(visit));
    }
}

impl Tokens for Item {
    fn each(&mut self, visit: &mut dyn FnMut(&mut Token)) {
        match self {
            Item::Declaration(declaration) => declaration.each(visit),
            Item::Function(function) => function.each(visit),
        }
    }
}

/// Parts, and the commas between them; there may be parts that had none.
struct Separated<'a, T>(&'a mut Vec<T>, &'a mut Vec<Token>);

impl<T: Tokens> Tokens for Separated<'_, T> {
    fn each(&mut self, visit: &mut dyn FnMut(&mut Token)) {
        let mut commas = self.1.iter_mut();
        for (index, part) in self.0.iter_mut().enumerate() {
            if index > 0 {
                let other = &mut Token::new("", Kind::Punct, ",");
                visit(commas.next().unwrap_or(other));
            }
            part.each(visit);
        }
    }
}

macro_rules! tokens {
    ($($kind:ident: |$this:ident| $($part:expr),*;)*) => {$(
        impl Tokens for $kind {
            fn each(&mut self, visit: &mut dyn FnMut(&mut Token)) {
                let $this = self;
                $($part.each(visit);)*
            }
        }
    )*};
}

tokens! {
    Declaration: |it| it.head, Separated(&mut it.declarators, &mut it.commas), it.end;
    Declarator: |it| it.name, it.parameters, it.rest;
    Function: |it| it.head, it.name, it.parameters, it.open, it.locals, it.code, it.close;
    List: |it| it.open, Separated(&mut it.items, &mut it.commas), it.close;
}

/// The text of something.
pub(super) fn text(part: &mut impl Tokens) -> String {
    let mut out = String::new();
    part.each(&mut |token| {
        out += &token.before;
        out += &token.text;
    });
    out
}
