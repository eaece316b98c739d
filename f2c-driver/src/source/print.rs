//! Statements as Fortran text.

use super::join;
use super::keywords::KEYWORDS;
use super::stmt::{Control, Kind, Stmt};
use crate::expr::{Arg, Expr};

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
            Kind::Assignment { target, value } => {
                format!("{} = {}", target.text(), value.text())
            }
            Kind::Call { name, args } if args.is_empty() => format!("call {name}"),
            Kind::Call { name, args } => {
                format!("call {}", Expr::Ref(name.clone(), args.clone()).text())
            }
            Kind::Format => format!("format{tail}"),
            Kind::If(condition) => format!("if ({}) then", condition.text()),
            Kind::ElseIf(condition) => format!("else if ({}) then", condition.text()),
            Kind::LogicalIf(condition, inner) => {
                format!("if ({}) {}", condition.text(), inner.text())
            }
            Kind::ArithmeticIf(condition) => format!("if ({}) {tail}", condition.text()),
            Kind::Do { label, count: None } => in_do(label, ""),
            Kind::Do {
                label,
                count: Some(count),
            } => {
                let count = format!("{} = {}", count.variable, listed(&count.bounds));
                in_do(label, &count)
            }
            Kind::DoWhile { label, condition } => {
                in_do(label, &format!("while ({})", condition.text()))
            }
            Kind::Select(selector) => format!("select case ({})", selector.text()),
            Kind::Case(values) if values.is_empty() => "case default".to_owned(),
            Kind::Case(values) => Expr::Ref("case".into(), values.clone()).text(),
            Kind::Where(mask, None) => format!("where ({})", mask.text()),
            Kind::Where(mask, Some(inner)) => format!("where ({}) {}", mask.text(), inner.text()),
            Kind::ElseWhere(None) => "elsewhere".to_owned(),
            Kind::ElseWhere(Some(mask)) => format!("elsewhere ({})", mask.text()),
            Kind::Io {
                word,
                control: Control::List(args),
                items,
            } => {
                let args: Vec<String> = args.iter().map(Arg::text).collect();
                let text = format!("{word} ({}) {}", args.join(", "), listed(items));
                text.trim_end().to_owned()
            }
            Kind::Io {
                word,
                control: Control::Alone(value),
                items,
            } if items.is_empty() => format!("{word} {}", value.text()),
            Kind::Io {
                word,
                control: Control::Alone(value),
                items,
            } => format!("{word} {}, {}", value.text(), listed(items)),
            Kind::Mistaken("assignment") => tail,
            Kind::Spec(word)
            | Kind::Action(word)
            | Kind::Attribute(word)
            | Kind::Refused(word)
            | Kind::Mistaken(word) => spaced(word),
            kind => spaced(kind.word()),
        }
    }
}

fn listed(items: &[Expr]) -> String {
    let texts: Vec<String> = items.iter().map(Expr::text).collect();
    texts.join(", ")
}

impl Kind {
    fn word(&self) -> &'static str {
        KEYWORDS
            .iter()
            .find(|(_, _, kind)| kind.as_ref() == Some(self))
            .map_or("continue", |(word, ..)| word)
    }
}
