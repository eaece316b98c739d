//! What gfortran's switches do to a translation, by the names of their rules in
//! [`flags::tables::fortran`].

use f2c_driver::{DLines, Form, Options};

/// What a switch does to a translation; an error where its value is one that nothing here can do.
pub type Effect = fn(&mut Options, &str) -> Result<(), &'static str>;

/// Switches the translation carries out, sorted by the names of their rules: those with
/// [`Policy::Fortran`], and the ones shared with C that a translation reads too.
#[rustfmt::skip]
pub static EFFECTS: &[(&str, Effect)] = &[
    ("-D", |options, value| define(options, value, true)),
    ("-I", |options, value| { options.include_dirs.push(value.into()); Ok(()) }),
    ("-J", |options, value| { options.include_dirs.insert(0, value.into()); Ok(()) }),
    ("-U", |options, value| define(options, value, false)),
    ("-cpp", |options, _| { options.preprocess.get_or_insert_default(); Ok(()) }),
    ("-fallow-invalid-boz", |options, _| { options.invalid_boz = true; Ok(()) }),
    ("-fautomatic", |options, _| { options.automatic = true; Ok(()) }),
    ("-fbackslash", |options, _| { options.backslash = true; Ok(()) }),
    ("-fconvert=", |_, value| match value {
        "native" | "little-endian" => Ok(()),
        _ => Err("unformatted files are little-endian here, and only so"),
    }),
    ("-fd-lines-as-code", |options, _| { options.d_lines = DLines::Code; Ok(()) }),
    ("-fd-lines-as-comments", |options, _| { options.d_lines = DLines::Comments; Ok(()) }),
    ("-fdec", |options, _| {
        options.invalid_boz = true;
        if options.d_lines == DLines::Refused {
            options.d_lines = DLines::Comments;
        }
        Ok(())
    }),
    ("-fdefault-double-8", |options, _| { options.default_double_8 = true; Ok(()) }),
    ("-fdefault-integer-8", |options, _| { options.default_integer_8 = true; Ok(()) }),
    ("-fdefault-real-8", |options, _| { options.default_real_8 = true; Ok(()) }),
    ("-ffixed-form", |options, _| {
        if options.form == Form::Free {
            options.form = Form::Fixed { width: 72 };
        }
        Ok(())
    }),
    ("-ffixed-line-length-", |options, value| { 
        let width = match value {
            "none" | "0" => usize::MAX,
            number => number.parse().map_err(|_| "a number of columns, or none")?,
        };
        if let Form::Fixed { .. } = options.form {
            options.form = Form::Fixed { width };
        }
        Ok(())
    }),
    ("-ffree-form", |options, _| { options.form = Form::Free; Ok(()) }),
    ("-fimplicit-none", |options, _| { options.implicit_none = true; Ok(()) }),
    ("-finit-local-zero", |options, _| { options.init_local_zero = true; Ok(()) }),
    ("-fmax-stack-var-size=", |options, value| {
        options.max_stack_bytes = value.parse().map_err(|_| "a number of bytes")?;
        Ok(())
    }),
    ("-fno-allow-invalid-boz", |options, _| { options.invalid_boz = false; Ok(()) }),
    ("-fno-automatic", |options, _| { options.automatic = false; Ok(()) }),
    ("-fno-backslash", |options, _| { options.backslash = false; Ok(()) }),
    ("-fno-implicit-none", |options, _| { options.implicit_none = false; Ok(()) }),
    ("-fno-range-check", |options, _| { options.range_check = false; Ok(()) }),
    ("-fno-recursive", |options, _| { options.recursive = false; Ok(()) }),
    ("-fno-second-underscore", |_, _| Ok(())),
    ("-fno-underscoring", |options, _| { options.underscoring = false; Ok(()) }),
    ("-fpreprocessed", |options, _| { options.preprocess = None; Ok(()) }),
    ("-frange-check", |options, _| { options.range_check = true; Ok(()) }),
    ("-frecord-marker=", |_, value| match value {
        "4" => Ok(()),
        _ => Err("the markers of unformatted records have 4 bytes here, and only so"),
    }),
    ("-frecursive", |options, _| { options.recursive = true; Ok(()) }),
    ("-fsecond-underscore", |_, _| Err("names get one underscore here, as from gfortran by default")),
    ("-funderscoring", |options, _| { options.underscoring = true; Ok(()) }),
    ("-nocpp", |options, _| { options.preprocess = None; Ok(()) }),
];

/// Switches that say how the source is laid out and whether it is preprocessed; the effects of
/// others depend on them, wherever they stand.
pub static FIRST: &[&str] = &[
    "-cpp",
    "-ffixed-form",
    "-ffree-form",
    "-fpreprocessed",
    "-nocpp",
];

/// What a switch does to a translation, by the name of its rule.
#[must_use]
pub fn effect(name: &str) -> Option<Effect> {
    let at = EFFECTS.binary_search_by_key(&name, |row| row.0).ok()?;
    Some(EFFECTS[at].1)
}

fn define(options: &mut Options, text: &str, defined: bool) -> Result<(), &'static str> {
    let (name, value) = text.split_once('=').unwrap_or((text, "1"));
    if let Some(preprocess) = &mut options.preprocess {
        let value = defined.then(|| value.to_owned());
        preprocess.macros.push((name.to_owned(), value));
    }
    Ok(())
}

/// Macros that hold before any `-D`, besides those that say it is gfortran: [`VERSION`]'s parts and
/// the target's.
#[rustfmt::skip]
pub static MACROS: &[(&str, &str)] = &[
    ("__EMSCRIPTEN__", "1"),
    ("__GNUC_MINOR__", "3"),
    ("__GNUC_PATCHLEVEL__", "0"),
    ("__GNUC__", "13"),
    ("__ORDER_BIG_ENDIAN__", "4321"),
    ("__ORDER_LITTLE_ENDIAN__", "1234"),
    ("__BYTE_ORDER__", "1234"),
    ("__SIZEOF_DOUBLE__", "8"),
    ("__SIZEOF_FLOAT__", "4"),
    ("__SIZEOF_INT__", "4"),
    ("__SIZEOF_LONG__", "4"),
    ("__SIZEOF_POINTER__", "4"),
    ("__VERSION__", "\"13.3.0\""),
    ("__unix__", "1"),
    ("__wasm32__", "1"),
    ("__wasm__", "1"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use flags::rules::Policy;
    use flags::tables::fortran::{RULES, SHARED};

    #[test]
    fn the_translation_knows_every_switch_that_is_left_to_it_and_no_other() {
        let left = RULES.iter().filter(|rule| rule.policy == Policy::Fortran);
        let mut names: Vec<&str> = left.map(|rule| rule.name).collect();
        names.extend(SHARED);
        names.sort_unstable();
        let known: Vec<&str> = EFFECTS.iter().map(|row| row.0).collect();
        assert_eq!(known, names);
    }
}
