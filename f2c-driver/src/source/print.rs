//! Statements as Fortran text.

use super::keywords::KEYWORDS;
use super::lex::join;
use super::stmt::{Kind, Stmt};

impl Stmt {
    /// The statement as Fortran text, without its label.
    pub fn text(&self) -> String {
        let tail = join(&self.tokens);
        let spaced = |word: &str| match tail.is_empty() {
            true => word.to_owned(),
            false => format!("{word} {tail}"),
        };
        let in_do = |label: &Option<String>, rest: &str| match label {
            Some(label) => format!("do {label} {rest}"),
            None => format!("do {rest}"),
        };
        match &self.kind {
            Kind::Procedure(procedure) => {
                let mut out = String::new();
                if let Some((base, kind)) = &procedure.result {
                    out = format!("{}{} ", base.keyword(), join(kind));
                }
                out += if procedure.function {
                    "function "
                } else {
                    "subroutine "
                };
                out + &tail
            }
            Kind::Type(base) => match self.tokens.first() {
                Some(first) if first.op("*") || first.op("(") => base.keyword().to_owned() + &tail,
                _ => spaced(base.keyword()),
            },
            Kind::Assignment => tail,
            Kind::Format => format!("format{tail}"),
            Kind::If => format!("if {tail} then"),
            Kind::ElseIf => format!("else if {tail} then"),
            Kind::LogicalIf(inner) => format!("if {tail} {}", inner.text()),
            Kind::ArithmeticIf => format!("if {tail}"),
            Kind::Do { label } => in_do(label, &tail),
            Kind::DoWhile { label } => in_do(label, &format!("while {tail}")),
            Kind::Spec(word) | Kind::Action(word) | Kind::Attribute(word) | Kind::Refused(word) => {
                spaced(word)
            }
            kind => spaced(kind.word()),
        }
    }
}

impl Kind {
    fn word(&self) -> &'static str {
        KEYWORDS
            .iter()
            .find(|(_, _, kind)| kind.as_ref() == Some(self))
            .map_or("continue", |(word, ..)| word)
    }
}
