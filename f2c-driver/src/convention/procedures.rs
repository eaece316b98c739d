//! What procedures return and take: subroutines nothing, dummy arguments that do not alias; the main
//! program has no alias.

use std::collections::{BTreeMap, BTreeSet};

use super::arguments::ALLOCATORS;
use super::c::{Declaration, Declarator, File, Function, Item, List};
use super::names::{Names, f2c_external};
use super::read;
use super::token::{Kind, Token};
use crate::lower::Facts;

/// What f2c writes in front of the result of a subroutine.
const SUBROUTINE: &str = "/* Subroutine */";
/// What it writes in front of that of a main program.
const MAIN: &str = "/* Main program */ ";
/// And of the second name that it gives to one.
const ALIAS: &str = "/* Main program alias */";

/// The function that the C runtime starts; `runtime/program.c` has `emshim_main`.
const START: &str = "\nint main(int argc, char **argv)\n{\n    \
                     void emshim_main(int, char **, int (*)(void));\n    \
                     emshim_main(argc, argv, MAIN__);\n    return 0;\n}\n";

/// Words before a type that are not part of it.
const STORAGE: [&str; 2] = ["extern", "static"];

/// Functions of the runtime for narrow types, whose expressions f2c gives the type of INTEGER.
const BITS: [&str; 2] = ["emshim_ishft", "emshim_ibits"];

/// Gives definitions their results, and says what their arguments are.
pub(super) fn define(file: &mut File, facts: &Facts) {
    drop_alias(file);
    let main = facts.main.as_deref().map(f2c_external);
    let stays = staying(facts);
    for function in file.functions_mut() {
        if main.as_ref() == Some(&function.name.text) {
            function.name.text = "MAIN__".into();
        }
        results(function, &stays);
        function.parameters.items.iter_mut().for_each(restrict);
        // What f2c makes for ENTRY is nobody else's, and so is a main program.
        let name = &function.name;
        if name.is("MAIN__") || name.text.ends_with("_0_") && of_entries(&function.parameters) {
            function.hide();
        }
    }
}

/// Drops the second name of the main program, which is what comes last.
fn drop_alias(file: &mut File) {
    if let Some(Item::Function(last)) = file.items.last()
        && let Some(first) = last.head.first()
        && let Some(start) = first.comment(ALIAS)
    {
        file.end = first.before[..start].to_owned();
        file.items.pop();
    }
}

/// A subroutine returns nothing. A main program keeps its `int`: the runtime calls it so.
fn results(function: &mut Function, stays: &BTreeSet<String>) {
    for word in &mut function.head {
        let Some(start) = word.comment(SUBROUTINE) else {
            continue;
        };
        word.before.truncate(start);
        if function.name.is("MAIN__") {
            word.before += MAIN;
        } else if !stays.contains(&function.name.text) {
            word.text = "void".into();
            without_results(&mut function.code);
        }
    }
}

/// Whether the first parameter says which ENTRY it is.
fn of_entries(parameters: &List) -> bool {
    let first = parameters.items.first();
    first.is_some_and(|words| words.iter().map(|word| &word.text).eq(["int", "n__"]))
}

/// The names under which f2c knows subroutines that stay `int`: themselves, and the helpers of those
/// with ENTRY.
fn staying(facts: &Facts) -> BTreeSet<String> {
    let names = facts
        .alternate_returns
        .iter()
        .map(|name| f2c_external(name));
    names.flat_map(|name| [format!("{name}0_"), name]).collect()
}

/// The code of a subroutine: `return 0;` returns nothing, and `return f_0_(...);` is a call.
fn without_results(code: &mut Vec<Token>) {
    let mut out: Vec<Token> = Vec::with_capacity(code.len());
    for mut token in std::mem::take(code) {
        match out.pop_if(|last| last.is("return")) {
            Some(word) if token.kind == Kind::Word => token.before = word.before,
            Some(word) => {
                out.push(word);
                if token.text == "0" {
                    continue;
                }
            }
            None => {}
        }
        out.push(token);
    }
    *code = out;
}

/// `restrict` behind every `*` of a parameter: Fortran's dummy arguments do not alias.
fn restrict(parameter: &mut Vec<Token>) {
    let mut out = Vec::with_capacity(parameter.len() + 1);
    for mut token in std::mem::take(parameter) {
        if out.last().is_some_and(|last: &Token| last.is("restrict")) {
            token.before.insert(0, ' ');
        }
        let pointer = token.is("*");
        out.push(token);
        if pointer {
            out.push(Token::new(" ", Kind::Word, "restrict"));
        }
    }
    *parameter = out;
}

/// Gives declarations the results that procedures have. Those of the file's own procedures lose
/// their parameters: f2c infers them from the arguments of a call, which Fortran lets differ in type
/// from the dummies (a COMPLEX array passed for a REAL one), and C does not. So do those of
/// [`ALLOCATORS`], which take arrays of every type, and of [`BITS`].
pub(super) fn declare(file: &mut File, names: &Names, facts: &Facts) {
    let stays = staying(facts);
    let own = file.functions();
    let own = own.map(|function| (function.name.text.clone(), result(&function.head)));
    let own: BTreeMap<String, String> = own.collect();
    let untyped = |name: &str| {
        let bits = BITS.iter().any(|function| name.starts_with(function));
        names.defined.contains(name) || bits || ALLOCATORS.iter().any(|(known, _)| *known == name)
    };
    file.scopes(&mut |items| {
        let split = std::mem::take(items)
            .into_iter()
            .flat_map(|item| match item {
                Item::Declaration(declaration) => by_result(declaration, &own, &stays),
                other => vec![other],
            });
        *items = split.collect();
    });
    file.declarations(&mut |declaration| {
        for function in declaration.external_mut() {
            if untyped(&function.name.text) {
                function.parameters = Some(List::default());
            }
        }
    });
}

/// The type that storage and type say.
fn result(head: &[Token]) -> String {
    let words = head
        .iter()
        .filter(|word| !STORAGE.iter().any(|storage| word.is(storage)));
    let words: Vec<&str> = words.map(|word| word.text.as_str()).collect();
    words.join(" ")
}

/// A declaration as one for each result that its functions have.
fn by_result(
    mut declaration: Declaration,
    own: &BTreeMap<String, String>,
    stays: &BTreeSet<String>,
) -> Vec<Item> {
    let mut subroutine = false;
    for word in &mut declaration.head {
        if let Some(start) = word.comment(SUBROUTINE) {
            word.before.truncate(start);
            subroutine = true;
        }
    }
    let external = declaration.external();
    let said = result(&declaration.head);
    let mut groups: Vec<(String, Vec<Declarator>)> = Vec::new();
    for declarator in std::mem::take(&mut declaration.declarators) {
        let name = &declarator.name.text;
        let result = match own.get(name).filter(|_| external) {
            Some(result) => result.clone(),
            None if subroutine && !stays.contains(name) => "void".to_owned(),
            None => said.clone(),
        };
        match groups.iter_mut().find(|(known, _)| *known == result) {
            Some((_, group)) => group.push(declarator),
            None => groups.push((result, vec![declarator])),
        }
    }
    if groups.is_empty() {
        return vec![Item::Declaration(declaration)];
    }
    let declarations = groups.into_iter().enumerate();
    let declarations = declarations.map(|(number, (result, declarators))| {
        let mut head = declaration.head.clone();
        if let (true, Some(first)) = (number > 0, head.first_mut()) {
            first.before = "\n    ".into();
        }
        if result != said {
            let words = head.split_off(usize::from(external));
            let before = words.into_iter().next().map(|word| word.before);
            head.push(Token::new(before.unwrap_or_default(), Kind::Word, result));
        }
        Item::Declaration(Declaration {
            head,
            declarators,
            commas: declaration.commas.clone(),
            end: declaration.end.clone(),
        })
    });
    declarations.collect()
}

/// Defines `main` in a file that has a main program, as gfortran does: whoever links needs no
/// object that starts it.
pub(super) fn start(file: &mut File) {
    if file.functions().any(|function| function.name.is("MAIN__")) {
        let start = read::file(&format!("{}{START}", file.end));
        file.items.extend(start.items);
        file.end = start.end;
    }
}
