//! CHARACTER functions.
//!
//! gfortran's take a buffer and its length before their arguments; C declares one of a single character as
//! `char f(...)` all the same. A link may bridge that by a buffer of one byte if it knows that no more is
//! written, so the object says so: in a section of its own, by name. The others are named in another
//! section, as nothing else tells them from a SUBROUTINE with two hidden lengths.

use super::c::{File, Function};
use super::token::Token;

/// The section of those that write one byte; `signatures::marks` reads it and the next.
const ONE: &str = "emshim.fortran.character1";
/// The section of all others.
const OTHERS: &str = "emshim.fortran.character";
/// f2c's name for the buffer.
const BUFFER: &str = "ret_val";
/// The only use of the buffer that writes one byte for certain, as f2c spells it: the tokens before its name.
const ONE_BYTE: [&str; 6] = ["*", "(", "unsigned", "char", "*", ")"];

/// Adds the sections, if the file has such functions that other files see. Other assemblers than
/// WebAssembly's would put what follows into them too.
pub(super) fn mark(file: &mut File) {
    for (name, section) in marks(file) {
        // The section's name, its flags, its type; then the function's name and a NUL.
        file.end += &format!(
            "\n#ifdef __wasm__\n__asm__(\".section .custom_section.{section},\\\"\\\",@\\n\\t.asciz \\\"{name}\\\"\\n\");\n#endif\n"
        );
    }
}

/// The names of the functions whose first argument is their buffer, each with the section it belongs to.
fn marks(file: &File) -> Vec<(String, &'static str)> {
    // A COMPLEX function has a buffer of the same name.
    let takes_buffer = |function: &&Function| match function.parameters.items.first() {
        Some(words) => {
            let buffer = words.last().is_some_and(|word| word.is(BUFFER));
            buffer && words[0].is("char") && !function.hidden()
        }
        None => false,
    };
    let section = |function: &Function| match writes_one_byte(&function.code) {
        true => ONE,
        false => OTHERS,
    };
    let names = file
        .functions()
        .filter(takes_buffer)
        .map(|function| (function.name.text.clone(), section(function)));
    names.collect()
}

/// Whether code uses its buffer for nothing but bytes at its start.
fn writes_one_byte(code: &[Token]) -> bool {
    let mut uses = (0..code.len()).filter(|&at| code[at].is(BUFFER)).peekable();
    let one_byte = |at: usize| {
        let before = at.checked_sub(ONE_BYTE.len()).map(|from| &code[from..at]);
        let spelt = before.is_some_and(|words| words.iter().zip(ONE_BYTE).all(|(w, o)| w.is(o)));
        // An element further on has a bracket or a sum here.
        spelt && code.get(at + 1).is_some_and(|token| !token.is("["))
    };
    uses.peek().is_some() && uses.all(one_byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(c: &str) -> Vec<(String, &'static str)> {
        marks(&crate::convention::read::file(c))
    }

    #[test]
    fn a_complex_function_is_not_marked() {
        let c = "VOID f_(complex * restrict  ret_val, complex * restrict z__)\n{\n ret_val->r = 1.f;\n}\n";
        assert!(marked(c).is_empty());
    }

    #[test]
    fn a_function_that_stores_one_byte_is_marked() {
        let c = "void letter_(char * restrict ret_val, ftnlen ret_val_len, integer *k)\n{\n \
                 *(unsigned char *)ret_val = (char) (*k);\n}\n";
        assert_eq!(marked(c), [("letter_".to_owned(), ONE)]);
    }

    #[test]
    fn one_that_may_write_more_is_told_from_it() {
        for body in [
            "s_copy(ret_val, c, (ftnlen)8, (ftnlen)1);",
            "*(unsigned char *)ret_val = 'a'; g(ret_val);",
            "*(unsigned char *)&ret_val[1] = 'a';",
            "",
        ] {
            let c = format!("void f_(char *ret_val, ftnlen ret_val_len)\n{{ {body} }}");
            assert_eq!(marked(&c), [("f_".to_owned(), OTHERS)], "{body}");
        }
    }

    #[test]
    fn others_are_not() {
        let one = "{ *(unsigned char *)ret_val = 'a'; }";
        assert!(marked(&format!("static void f_(char *ret_val, ftnlen n){one}")).is_empty());
        assert!(marked(&format!("void f_(integer *k, char *ret_val){one}")).is_empty());
        assert!(marked("void f_(char *ret_val, ftnlen n);").is_empty());
    }
}
