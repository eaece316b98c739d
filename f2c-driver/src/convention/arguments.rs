//! Arguments that f2c takes for others than they are: those by value, and arrays of variable size, which
//! are arguments for f2c and pointers of their own for C.

use std::collections::BTreeMap;

use super::c::{File, Function, text};
use super::names::f2c_external;
use super::read;
use super::token::{Kind, Token};
use crate::lower::{ByValue, Facts, Pointer};

/// Routines of the runtime that change or ask where an array is, and so take the address of its
/// pointer, and how many arguments they have: f2c adds the length of a CHARACTER.
pub(super) const ALLOCATORS: [(&str, usize); 8] = [
    ("emshim_allocate__", 2),
    ("emshim_allocate_stat__", 2),
    ("emshim_allocated__", 1),
    ("emshim_deallocate__", 1),
    ("emshim_deallocate_own__", 1),
    ("emshim_deallocate_stat__", 1),
    ("emshim_string__", 3),
    ("emshim_temporary__", 2),
];

/// What stands before their arguments, and between it and the comma; of a string, the runtime sets the length.
const SIGNS: [(&str, &str); 3] = [("", "(void *)&"), (" ", ""), (" ", "&")];

/// Takes no address of arguments by value, and declares no pointer: in calls and declarations of the
/// procedures that have them.
pub(super) fn by_value(file: &mut File, facts: &Facts) {
    let mut values: BTreeMap<String, Vec<&ByValue>> = BTreeMap::new();
    for value in &facts.values {
        let procedure = f2c_external(&value.procedure);
        values.entry(procedure).or_default().push(value);
    }
    if values.is_empty() {
        return;
    }
    let mut change = |name: &str, arguments: &mut Vec<Vec<Token>>| {
        for value in values.get(name).into_iter().flatten() {
            let Some(argument) = arguments.get_mut(value.index) else {
                continue;
            };
            if argument.iter().any(|token| token.is(&value.variable)) {
                argument.retain(|token| !token.is("&"));
            } else if argument.last().is_some_and(|token| token.is("*")) {
                argument.retain(|token| !token.is("*"));
            }
        }
    };
    file.declarations(&mut |declaration| {
        for function in &mut declaration.declarators {
            if let Some(list) = &mut function.parameters {
                change(&function.name.text, &mut list.items);
            }
        }
    });
    for function in file.functions_mut() {
        function.code = read::calls(std::mem::take(&mut function.code), &mut change);
    }
}

/// Moves arrays of variable size from the parameters to the local variables of their procedures.
pub(super) fn localise(file: &mut File, facts: &Facts) {
    let mut pointers: BTreeMap<String, Vec<&Pointer>> = BTreeMap::new();
    for pointer in &facts.pointers {
        let procedure = f2c_external(&pointer.procedure);
        pointers.entry(procedure).or_default().push(pointer);
    }
    for function in file.functions_mut() {
        let own = pointers.get(&function.name.text).into_iter().flatten();
        let own = own.filter_map(|pointer| own_variable(function, pointer));
        let own: Vec<String> = own.collect();
        if own.is_empty() {
            continue;
        }
        let moved = |name: &str, arguments: &mut Vec<Vec<Token>>| {
            let allocator = ALLOCATORS.iter().find(|(known, _)| *known == name);
            let first = arguments.first().and_then(|argument| argument.first());
            let ours = first.is_some_and(|first| own.contains(&first.text));
            if let Some((_, count)) = allocator.filter(|_| ours) {
                arguments.truncate(*count);
                for (argument, (before, sign)) in arguments.iter_mut().zip(SIGNS) {
                    if let Some(first) = argument.first_mut() {
                        first.before = before.into();
                        first.text.insert_str(0, sign);
                    }
                }
            }
        };
        function.code = read::calls(std::mem::take(&mut function.code), &mut { moved });
    }
}

/// Makes a parameter a variable; gives its name in C.
fn own_variable(function: &mut Function, pointer: &Pointer) -> Option<String> {
    // f2c appends underscores to names with an underscore, and to those it uses itself.
    let spellings = [pointer.name.clone(), format!("{}__", pointer.name)];
    let length = format!("{}_len", pointer.name);
    let parameters = &mut function.parameters.items;
    let named = |parameter: &[Token], name: &str| {
        let mut words = parameter.iter().rev();
        words
            .find(|token| token.kind == Kind::Word)
            .is_some_and(|word| word.text == name)
    };
    let at = parameters
        .iter()
        .position(|parameter| spellings.iter().any(|spelling| named(parameter, spelling)))?;
    let mut parameter = parameters.remove(at);
    parameters.retain(|parameter| !named(parameter, &length));
    if parameters.is_empty() {
        parameters.push(vec![Token::new("", Kind::Word, "void")]);
    }
    let name = parameter.last()?.text.clone();
    let storage = if pointer.saved { "static " } else { "" };
    parameter[0].before = format!("\n    {storage}");
    let known = match pointer.string {
        true => format!("\n    ftnlen {length} = 0;"),
        false => String::new(),
    };
    let mut text = text(&mut parameter);
    text += &format!(" = 0;{known}");
    function.locals.splice(0..0, read::file(&text).items);
    Some(name)
}
