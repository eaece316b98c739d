//! Functions of one character.
//!
//! gfortran's CHARACTER functions take a buffer and its length before their arguments; C declares one of a
//! single character as `char f(...)` all the same. A link may bridge that by a buffer of one byte if it knows
//! that no more is written, so the object says so: in a section of its own, by name.

use super::token::{Kind, Token, closing, lex, next, split_commas};

/// The section; `signatures::marks` reads it.
const SECTION: &str = "emshim.fortran.character1";
/// f2c's name for the buffer.
const BUFFER: &str = "ret_val";
/// The only use of the buffer that writes one byte for certain, as f2c spells it: the tokens before its name.
const ONE_BYTE: [&str; 6] = ["*", "(", "unsigned", "char", "*", ")"];

/// Adds the section, if the file has such functions that other files see.
pub(super) fn mark(mut tokens: Vec<Token>) -> Vec<Token> {
    for name in of_one_character(&tokens) {
        // The section's name, its flags, its type; then the function's name and a NUL.
        let text = format!(
            "\n__asm__(\".section .custom_section.{SECTION},\\\"\\\",@\\n\\t.asciz \\\"{name}\\\"\\n\");\n"
        );
        tokens.extend(lex(&text));
    }
    tokens
}

/// The names of the functions at file level that write one byte into their buffer.
fn of_one_character(tokens: &[Token]) -> Vec<String> {
    let mut names = Vec::new();
    let mut hidden = false;
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        let mut after = at + 1;
        if token.is("{") || token.is("(") {
            after = closing(tokens, at).map_or(tokens.len(), |close| close + 1);
        }
        match token.text.as_str() {
            "static" => hidden = true,
            ";" | "{" => hidden = false,
            "(" if !hidden => {
                let body = next(tokens, after).filter(|&open| tokens[open].is("{"));
                let name = tokens[..at].iter().rev().find(|token| token.significant());
                if let (Some(open), Some(name)) = (body, name)
                    && name.kind == Kind::Word
                    && takes_buffer(&tokens[at..after])
                    && writes_one_byte(&tokens[open..closing(tokens, open).unwrap_or(open)])
                {
                    names.push(name.text.clone());
                }
            }
            _ => {}
        }
        at = after;
    }
    names
}

/// Whether a parameter list in its parentheses begins with the buffer.
fn takes_buffer(list: &[Token]) -> bool {
    let inner = &list[1..list.len().saturating_sub(1).max(1)];
    let parameters = split_commas(inner);
    let first = parameters.first();
    let last = first.and_then(|words| words.iter().rev().find(|token| token.significant()));
    last.is_some_and(|token| token.is(BUFFER))
}

/// Whether a body uses its buffer for nothing but bytes at its start.
fn writes_one_byte(body: &[Token]) -> bool {
    let words: Vec<&Token> = body.iter().filter(|token| token.significant()).collect();
    let uses: Vec<usize> = (0..words.len())
        .filter(|&at| words[at].is(BUFFER))
        .collect();
    let one_byte = |&at: &usize| {
        let before = at.checked_sub(ONE_BYTE.len()).map(|from| &words[from..at]);
        let spelt = before.is_some_and(|words| words.iter().zip(ONE_BYTE).all(|(w, o)| w.is(o)));
        // An element further on has a bracket or a sum here.
        spelt && words.get(at + 1).is_some_and(|token| !token.is("["))
    };
    !uses.is_empty() && uses.iter().all(one_byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(c: &str) -> Vec<String> {
        of_one_character(&lex(c))
    }

    #[test]
    fn a_function_that_stores_one_byte_is_marked() {
        let c = "void letter_(char * restrict ret_val, ftnlen ret_val_len, integer *k)\n{\n \
                 *(unsigned char *)ret_val = (char) (*k);\n}\n";
        assert_eq!(marked(c), ["letter_"]);
    }

    #[test]
    fn others_are_not() {
        for body in [
            "s_copy(ret_val, c, (ftnlen)8, (ftnlen)1);",
            "*(unsigned char *)ret_val = 'a'; g(ret_val);",
            "*(unsigned char *)&ret_val[1] = 'a';",
            "",
        ] {
            let c = format!("void f_(char *ret_val, ftnlen ret_val_len)\n{{ {body} }}");
            assert!(marked(&c).is_empty(), "{body}");
        }
        let one = "{ *(unsigned char *)ret_val = 'a'; }";
        assert!(marked(&format!("static void f_(char *ret_val, ftnlen n){one}")).is_empty());
        assert!(marked(&format!("void f_(integer *k, char *ret_val){one}")).is_empty());
        assert!(marked("void f_(char *ret_val, ftnlen n);").is_empty());
    }
}
