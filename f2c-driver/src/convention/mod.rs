//! f2c's C to gfortran's convention.
//!
//! The C is read once into functions, declarations and code ([`c`]); each pass changes what it is
//! about.

mod arguments;
mod c;
mod characters;
mod commons;
mod names;
mod procedures;
mod read;
mod single;
mod token;

pub(crate) use names::Names;

use c::{File, Tokens};
use token::Kind;

use crate::lower::Facts;
use crate::options::Options;
use crate::source::Files;

/// Rewrites the C that f2c made of a file; gives its external names too, as gfortran spells them.
pub(crate) fn convert(c: &str, facts: &Facts, files: &Files, options: &Options) -> (String, Names) {
    let mut file = read::file(without_banner(c));
    arguments::by_value(&mut file, facts);
    arguments::localise(&mut file, facts);
    procedures::define(&mut file, facts);
    for function in file.functions_mut() {
        single::functions(&mut function.code);
    }
    let names = Names::of(&mut file);
    procedures::declare(&mut file, &names, facts);
    names::rename(&mut file, &names, facts, options);
    commons::mark(&mut file);
    characters::mark(&mut file);
    lines(&mut file, files, options);
    procedures::start(&mut file);
    let names = Names::of(&mut file);
    (c::text(&mut file.items) + &file.end, names)
}

/// What follows f2c's comment on how to link.
fn without_banner(c: &str) -> &str {
    c.find("#include").map_or(c, |start| &c[start..])
}

/// `#line 71 "0"` names the user's file, or goes when no line directives are wanted; so does the first,
/// which f2c writes for its own file.
fn lines(file: &mut File, files: &Files, options: &Options) {
    let mut first = true;
    file.items.each(&mut |token| {
        if token.kind != Kind::Directive || !token.text.starts_with("#line") {
            return;
        }
        if std::mem::take(&mut first) || !options.line_directives {
            token.text.clear();
            return;
        }
        let mut parts = token.text.splitn(3, ' ');
        let number = parts.nth(1).unwrap_or("1").to_owned();
        let file = parts
            .next()
            .and_then(|name| name.trim_matches('"').parse().ok());
        let name = files
            .name(file.unwrap_or(0))
            .as_str()
            .replace('\\', "\\\\")
            .replace('"', "\\\"");
        token.text = format!("#line {number} \"{name}\"");
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_what_other_files_see() {
        let c = "#include \"f2c.h\"\n#line 1 \"\"\n\
                 /* Subroutine */ int s_0_(int n__, integer *k)\n{\n    \
                 extern /* Subroutine */ int out__(void), jump_(void), e_(integer *);\n    \
                 e_(k);\n    return 0;\n}\n\
                 /* Subroutine */ int s_(integer *k)\n{\n    return s_0_(0, k);\n    }\n\
                 /* Subroutine */ int e_(integer *k)\n{\n    return s_0_(1, k);\n    }\n";
        let facts = Facts {
            alternate_returns: vec!["jump".into()],
            ..Facts::default()
        };
        let (c, names) = convert(c, &facts, &Files::default(), &Options::default());
        let sorted = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        assert_eq!(names.defined, sorted(&["e_", "s_"]));
        assert_eq!(names.undefined, sorted(&["jump_", "out__"]));
        let declared = "    extern void out__(void), e_();\n    extern int jump_(void);\n";
        assert!(c.contains(declared), "{c}");
        assert!(
            c.contains("static void s_0_(int n__, integer * restrict k)"),
            "{c}"
        );
    }
}
