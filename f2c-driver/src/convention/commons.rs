//! COMMON blocks: marked, so that a link can tell them from other data ([`crate::common`]).

use super::c::{File, Item, Tokens};
use super::token::{Kind, Token};

/// Puts a mark before the definition of every block, and defines the mark of every one that has
/// initial values.
pub(super) fn mark(file: &mut File) {
    let mut marks = String::new();
    for item in &mut file.items {
        let Item::Declaration(declaration) = item else {
            continue;
        };
        let Some((name, initialised)) = declaration.common() else {
            continue;
        };
        let mark = match initialised {
            true => format!("COMMON_DATA(\"{name}\")"),
            false => format!("COMMON_BLOCK(\"{name}\")"),
        };
        if initialised {
            marks += &format!("char {}{name} = 1;\n", crate::common::DATA_MARK);
        }
        let head = &mut declaration.head;
        let before = std::mem::replace(&mut head[0].before, " ".into());
        // In the place of `Extern`.
        let from = usize::from(head[0].is("Extern"));
        head.splice(..from, [Token::new(before, Kind::Word, mark)]);
    }
    if !marks.is_empty() {
        let mut marks = Some(marks + "\n");
        file.items.each(&mut |token| {
            if token.kind != Kind::Directive {
                token.before += &marks.take().unwrap_or_default();
            }
        });
    }
}
