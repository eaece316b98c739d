//! Arguments by value: no address of them is taken, and no pointer declared.

use super::names::f2c_external;
use super::token::{Kind, Token, closing, next, split_commas};
use crate::lower::Facts;

/// Rewrites calls and declarations of procedures with such arguments.
pub(super) fn pass(mut tokens: Vec<Token>, facts: &Facts) -> Vec<Token> {
    for value in &facts.values {
        let procedure = f2c_external(&value.procedure);
        let mut from = 0;
        while let Some(found) = (from..tokens.len()).find(|&at| tokens[at].is(&procedure)) {
            from = found + 1;
            let open = next(&tokens, from).filter(|&at| tokens[at].is("("));
            let Some((open, close)) = open.and_then(|open| Some((open, closing(&tokens, open)?)))
            else {
                continue;
            };
            let mut arguments = split_commas(&tokens[open + 1..close]);
            let Some(argument) = arguments.get_mut(value.index) else {
                continue;
            };
            if argument.iter().any(|token| token.is(&value.variable)) {
                argument.retain(|token| !token.is("&"));
            } else if argument
                .iter()
                .rev()
                .find(|t| t.significant())
                .is_some_and(|t| t.is("*"))
            {
                argument.retain(|token| !token.is("*"));
            }
            let mut out = Vec::new();
            for (index, argument) in arguments.into_iter().enumerate() {
                if index > 0 {
                    out.push(Token::new(Kind::Punct, ","));
                }
                out.extend(argument);
            }
            tokens.splice(open + 1..close, out);
        }
    }
    tokens
}
