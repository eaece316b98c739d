//! [`Translate`]: makes C of one Fortran source, or preprocesses it. What gfortran's switches do to
//! the translation is said in [`fortran_switches`].

use crate::translations::{Cached, Entry, Made};
use camino::{Utf8Path, Utf8PathBuf};
use disk::whole;
use f2c_driver::patches::PatchError;
use f2c_driver::{Diagnostic, Error, Form, Options, Preprocess, Severity};
use flags::parse::{self, Dashes};
use flags::tables;
use planner::fortran_switches;
use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use toolcall::builtin::{Makes, Translate};
use toolcall::{display, sources};

/// A step that could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum FortranError {
    /// A path that cannot stand in generated code.
    #[error("{}: the name of a Fortran source must be UTF-8; give it another", .0.display())]
    Name(PathBuf),
    /// A switch with a value that it cannot have.
    #[error("{switch}: {why}")]
    Switch {
        /// As given.
        switch: String,
        /// What is wrong.
        why: &'static str,
    },
    /// A patch set that there is not.
    #[error("--patches: {0}")]
    Patches(#[from] PatchError),
    /// A file cannot be read.
    #[error("{path}: {source}")]
    Read {
        /// The file.
        path: Utf8PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file cannot be written.
    #[error("cannot write {}: {source}", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The source is wrong, or f2c did not run.
    #[error(transparent)]
    Translate(#[from] Error),
}

/// Where gfortran writes `.mod` files: the last `-J`, else the working directory.
fn module_folder(step: &Translate) -> PathBuf {
    let switches = parse::parse(tables::DRIVER, Dashes::Named, &step.switches);
    let last = switches.iter().rev().find(|arg| {
        let rule = arg.rule();
        rule.is_some_and(|rule| rule.name == "-J")
    });
    last.and_then(|arg| arg.value())
        .map(PathBuf::from)
        .unwrap_or_default()
}

/// A translation's options: those of the source's name or language, then the switches'.
///
/// # Errors
/// A switch has a value that it cannot have, or a patch set is not there.
pub fn options(step: &Translate) -> Result<Options, FortranError> {
    let suffix = sources::suffix(&step.source).to_string_lossy();
    let by_name = (Form::of_extension(&suffix), preprocessed(&suffix));
    let language = step.language.as_deref().and_then(OsStr::to_str);
    let by_language = LANGUAGES.iter().find(|row| Some(row.0) == language);
    let (form, preprocess) = by_language.map_or(by_name, |row| (row.1, row.2));
    let patches = step.patches.as_deref().map(str::parse).transpose()?;
    let mut options = Options {
        form,
        preprocess: preprocess.then(Preprocess::default),
        patches: patches.unwrap_or_default(),
        line_directives: !step.no_lines,
        ..Options::default()
    };
    let switches = parse::parse(tables::DRIVER, Dashes::Named, &step.switches);
    let first = |arg: &&parse::Arg| {
        arg.rule()
            .is_some_and(|rule| fortran_switches::FIRST.contains(&rule.name))
    };
    let (early, late): (Vec<_>, Vec<_>) = switches.iter().partition(first);
    for arg in early {
        apply(arg, &mut options)?;
    }
    if let Some(preprocess) = &mut options.preprocess {
        let own = |(name, text): &(&str, &str)| ((*name).to_owned(), Some((*text).to_owned()));
        let macros = fortran_switches::MACROS.iter().map(own);
        preprocess.macros.extend(macros);
    }
    for arg in late {
        apply(arg, &mut options)?;
    }
    Ok(options)
}

/// The translation of a source, from the cache where it is known.
fn translated(
    step: &Translate,
    (path, bytes): (&Utf8Path, &[u8]),
    options: &Options,
) -> Result<(Made, Cached), FortranError> {
    let utf8 = |path: &OsString| {
        let path = Utf8PathBuf::from_path_buf(path.into());
        path.map_err(FortranError::Name)
    };
    let f2c = utf8(&step.f2c)?;
    let folder = step.cache.as_ref().map(utf8).transpose()?;
    let entry = folder
        .as_deref()
        .map(|folder| Entry::new(folder, &f2c, (path, bytes), options, step.warnings));
    if let Some(made) = entry.as_ref().and_then(Entry::read) {
        return Ok((made, Cached::Hit));
    }
    let translation = f2c_driver::translate(&f2c, bytes, path, options)?;
    if step.warnings {
        warn(&translation.diagnostics);
    }
    // Warnings that are shown are shown each time.
    if let Some(entry) = entry.filter(|_| !step.warnings || translation.diagnostics.is_empty()) {
        entry.keep(&translation);
    }
    Ok((translation.into(), Cached::Miss))
}

/// What gcc's `-x` calls Fortran, its form, and whether it is preprocessed.
const LANGUAGES: &[(&str, Form, bool)] = &[
    ("f77", Form::Fixed { width: 72 }, false),
    ("f77-cpp-input", Form::Fixed { width: 72 }, true),
    ("f95", Form::Free, false),
    ("f95-cpp-input", Form::Free, true),
];

/// Whether gfortran preprocesses a source by its suffix: one in capitals, or `.fpp`.
fn preprocessed(suffix: &str) -> bool {
    suffix.starts_with(|first: char| first.is_ascii_uppercase()) || suffix == "fpp"
}

fn apply(arg: &parse::Arg, options: &mut Options) -> Result<(), FortranError> {
    let Some(effect) = arg
        .rule()
        .and_then(|rule| fortran_switches::effect(rule.name))
    else {
        return Ok(());
    };
    let value = arg.value().unwrap_or_default().to_string_lossy();
    effect(options, &value).map_err(|why| FortranError::Switch {
        switch: display::shell(&arg.words),
        why,
    })
}

/// Carries out the step. Relative paths are those of the working directory.
///
/// # Errors
/// The source is wrong or cannot be read, f2c cannot be run, or a file cannot be written.
pub fn run(step: &Translate) -> Result<Cached, FortranError> {
    let options = options(step)?;
    let name = Path::new(&step.source);
    let path = Utf8Path::from_path(name).ok_or_else(|| FortranError::Name(name.to_owned()))?;
    let bytes = read(path).map_err(|source| FortranError::Read {
        path: path.to_owned(),
        source,
    })?;
    let mut cached = Cached::Miss;
    let (made, files) = match step.makes {
        Makes::C => {
            let (made, from) = translated(step, (path, &bytes), &options)?;
            for (module, text) in &made.modules {
                write_module(&module_folder(step).join(format!("{module}.mod")), text)?;
            }
            cached = from;
            (made.c, made.files)
        }
        Makes::Tree => {
            let text = f2c_driver::tree_text(&bytes, path, &options)?;
            (of_latin_1(&text), Vec::new())
        }
        Makes::Lowered => {
            let text = f2c_driver::lowered_text(&bytes, path, &options)?;
            (of_latin_1(&text), Vec::new())
        }
        Makes::Text | Makes::Macros | Makes::Rule => {
            let preprocessed = f2c_driver::preprocess(&bytes, path, &options)?;
            let made = match step.makes {
                Makes::Macros => macros(&preprocessed.macros),
                Makes::Rule => rule(&step.targets, &preprocessed.files),
                _ => preprocessed.text,
            };
            (made, preprocessed.files)
        }
    };
    if let Some(file) = &step.dependencies {
        write(file, &rule(&step.targets, &files))?;
    }
    write(&step.output, &made)?;
    Ok(cached)
}

/// The bytes that the characters of a source's text stand for.
fn of_latin_1(text: &str) -> Vec<u8> {
    let byte = |c: char| u8::try_from(u32::from(c)).unwrap_or(b'?');
    text.chars().map(byte).collect()
}

fn read(path: &Utf8Path) -> std::io::Result<Vec<u8>> {
    if path != "-" {
        return std::fs::read(path);
    }
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn write(path: &OsStr, bytes: &[u8]) -> Result<(), FortranError> {
    let written = if path == "-" {
        std::io::stdout().write_all(bytes)
    } else {
        std::fs::write(path, bytes)
    };
    written.map_err(|source| FortranError::Write {
        path: path.into(),
        source,
    })
}

/// Writes a `.mod` file, unless it is there as it should be: build systems go by its time.
fn write_module(path: &Path, text: &str) -> Result<(), FortranError> {
    if std::fs::read(path).is_ok_and(|there| there == text.as_bytes()) {
        return Ok(());
    }
    let failed = |source| FortranError::Write {
        path: path.to_owned(),
        source,
    };
    // Another source may be reading it: it is there as it was, or whole.
    whole::replace(path, whole::FOR_ALL, text.as_bytes()).map_err(failed)
}

fn warn(diagnostics: &[Diagnostic]) {
    let warnings = diagnostics.iter();
    for warning in warnings.filter(|diagnostic| diagnostic.severity == Severity::Warning) {
        // Ignore EPIPE: stderr may be closed.
        let _ = writeln!(std::io::stderr(), "{warning}");
    }
}

fn macros(macros: &[(String, String)]) -> Vec<u8> {
    let line = |(name, text): &(String, String)| format!("#define {name} {text}\n");
    macros.iter().map(line).collect::<String>().into_bytes()
}

/// A rule for make: its targets as they are, its prerequisites escaped.
fn rule(targets: &[OsString], files: &[Utf8PathBuf]) -> Vec<u8> {
    let mut line = targets.join(OsStr::new(" ")).into_encoded_bytes();
    line.push(b':');
    for file in files {
        line.extend_from_slice(b" \\\n ");
        line.extend(display::escaped_for_make(file.as_str()).into_bytes());
    }
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(switches: &[&str], source: &str) -> Translate {
        Translate {
            makes: Makes::C,
            f2c: "/f2c".into(),
            language: None,
            warnings: true,
            patches: Some("off".into()),
            no_lines: false,
            cache: Some("/kept".into()),
            dependencies: Some("x.d".into()),
            targets: vec!["x.o".into()],
            output: "x.c".into(),
            source: source.into(),
            switches: switches.iter().map(Into::into).collect(),
        }
    }

    #[test]
    fn the_order_of_switches_that_depend_on_each_other_does_not_matter() {
        let options = |switches: &[&str], source| options(&step(switches, source)).unwrap();
        let wide = options(&["-ffixed-line-length-132", "-ffixed-form"], "x.f90");
        assert_eq!(wide.form, Form::Fixed { width: 132 });
        let defined = options(&["-DX=2", "-cpp"], "x.f");
        let macros = defined.preprocess.unwrap().macros;
        assert_eq!(macros.last(), Some(&("X".into(), Some("2".into()))));
        assert!(options(&["-DX"], "x.f").preprocess.is_none());
        assert!(options(&["-nocpp"], "x.F90").preprocess.is_none());
        assert!(options(&[], "x.F90").preprocess.is_some());
        let folders = options(&["-Iinc", "-Jmods"], "x.f").include_dirs;
        assert_eq!(folders, ["mods", "inc"]);
    }

    #[test]
    fn names_that_make_would_take_apart_are_escaped() {
        let made = rule(&["a.o".into()], &["a b.f".into(), "$x.inc".into()]);
        let text = String::from_utf8(made).unwrap();
        assert_eq!(text, "a.o: \\\n a\\ b.f \\\n $$x.inc\n");
    }
}
