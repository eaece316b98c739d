//! The whole way from a Fortran file to C.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};

use crate::convention;
use crate::cpp;
use crate::dump;
use crate::emit;
use crate::error::{Diagnostic, Error, Refusal, Severity};
use crate::lookup::Lookup;
use crate::lower::{self, Facts};
use crate::options::Options;
use crate::source::{self, Files, Loc, Stmt};
use crate::unit::{self, Unit};

/// A translated file.
#[derive(Clone, Debug)]
pub struct Translation {
    /// C that includes `f2c.h` ([`crate::header`]), in the source's encoding; compile it as gnu17
    /// (C23 reads `()` as "no arguments").
    pub c: Vec<u8>,
    /// Warnings.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file read: the source, then its includes, then its modules (for `-M`).
    pub files: Vec<Utf8PathBuf>,
    /// Symbols of the procedures that the file defines.
    pub defined: BTreeSet<String>,
    /// Symbols of the procedures that it calls or passes and does not define; libf2c's own are not
    /// among them.
    pub undefined: BTreeSet<String>,
    /// Symbols of its COMMON blocks, and whether it gives them initial values. Blocks without are
    /// weak definitions: [`crate::common`] has what a link must know of them.
    pub commons: BTreeMap<String, bool>,
    /// The modules of the file: names, and the text that a later translation reads as `NAME.mod`
    /// in the working directory or an include folder.
    pub modules: BTreeMap<String, String>,
    /// Every look for a file besides the source, in order; nothing where they would not be the same
    /// in another tree.
    pub lookups: Option<Vec<Lookup>>,
}

/// The sizes of f2c's tables, far above its defaults: continuation lines, nested blocks, external
/// names, names, labels of a program unit, EQUIVALENCEs, labels of a computed GO TO.
pub const F2C_LIMITS: [&str; 7] = [
    "-NC10000", "-Nc200", "-Nx10000", "-Nn20011", "-Ns20000", "-Nq5000", "-NL2000",
];

/// A preprocessed file.
#[derive(Clone, Debug)]
pub struct Preprocessed {
    /// Its text, with line markers.
    pub text: Vec<u8>,
    /// The macros as they are at its end, with their parameters, and their texts.
    pub macros: Vec<(String, String)>,
    /// Every file read: the source, then its includes, then its modules.
    pub files: Vec<Utf8PathBuf>,
}

/// Runs the preprocessor alone on `bytes`, the contents of `path`; without
/// [`Options::preprocess`] the text stays as it is, patches aside: build systems that preprocess
/// first compile a file of another name.
///
/// # Errors
///
/// [`Error::Source`] when a directive is wrong, an included file missing, or a patch asked for does
/// not apply.
pub fn preprocess(bytes: &[u8], path: &Utf8Path, options: &Options) -> Result<Preprocessed, Error> {
    on_deep_stack(|| preprocess_here(bytes, path, options))
}

fn preprocess_here(
    bytes: &[u8],
    path: &Utf8Path,
    options: &Options,
) -> Result<Preprocessed, Error> {
    let mut files = Files::default();
    files.intern(path);
    let mut refusals = Vec::new();
    let bytes = &*corrected(bytes, path, options)?;
    let (text, macros) = match &options.preprocess {
        Some(choices) => {
            let (text, macros) =
                cpp::preprocess(bytes, path, choices, options, &mut files, &mut refusals);
            let marker = format!("# 1 \"{path}\"\n").into_bytes();
            ([marker, text].concat(), macros)
        }
        None => (bytes.to_vec(), Vec::new()),
    };
    // INCLUDE is the reader's, who names what is wrong with the source better than a dependency
    // scan should.
    let stmts = source::read(&text, path, options, &mut files, &mut Vec::new());
    files.open_all(&lower::read_by(&stmts, options));
    if refusals.is_empty() {
        return Ok(Preprocessed {
            text,
            macros,
            files: files.all().to_vec(),
        });
    }
    Err(Error::Source(diagnostics(refusals, &files)))
}

/// A source lowered to FORTRAN 77.
struct LoweredSource {
    text: String,
    /// Where its statements start in the user's files.
    starts: BTreeSet<Loc>,
    facts: Facts,
    files: Files,
}

/// Bytes of stack for the front end, which follows the depth of expressions; only what is used is
/// taken.
const STACK: usize = 512 << 20;

/// Does what reads, changes or drops trees on a stack that is deep enough.
fn on_deep_stack<T: Send>(work: impl Fn() -> T + Send + Sync) -> T {
    std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(STACK);
        match builder.spawn_scoped(scope, &work) {
            Ok(thread) => match thread.join() {
                Ok(done) => done,
                Err(panic) => std::panic::resume_unwind(panic),
            },
            Err(_) => work(),
        }
    })
}

/// Reads a source, corrected and preprocessed as the options say, into statements.
fn read(
    bytes: &[u8],
    path: &Utf8Path,
    options: &Options,
    files: &mut Files,
    refusals: &mut Vec<Refusal>,
) -> Result<Vec<Stmt>, Error> {
    let bytes = &*corrected(bytes, path, options)?;
    let preprocessed = options
        .preprocess
        .as_ref()
        .map(|choices| cpp::preprocess(bytes, path, choices, options, files, refusals).0);
    let bytes = preprocessed.as_deref().unwrap_or(bytes);
    Ok(source::read(bytes, path, options, files, refusals))
}

/// Reads and lowers `bytes`, the contents of `path`; `emit` makes the text.
fn lower_source(
    bytes: &[u8],
    path: &Utf8Path,
    options: &Options,
    emit: fn(&[Unit]) -> String,
) -> Result<LoweredSource, Error> {
    on_deep_stack(|| lower_here(bytes, path, options, emit))
}

fn lower_here(
    bytes: &[u8],
    path: &Utf8Path,
    options: &Options,
    emit: fn(&[Unit]) -> String,
) -> Result<LoweredSource, Error> {
    let mut files = Files::default();
    let mut refusals = Vec::new();
    let mut facts = Facts::default();
    let mut stmts = read(bytes, path, options, &mut files, &mut refusals)?;
    files.open_all(&lower::read_by(&stmts, options));
    lower::shorten(&mut stmts, &mut facts);
    let mut units = Vec::new();
    if refusals.is_empty() {
        match unit::split(stmts) {
            Ok(split) => units = lower::lower(split, options, &mut facts, &mut refusals),
            Err(refusal) => refusals.push(refusal),
        }
    }
    if refusals.is_empty() {
        let stmts = units.iter().flat_map(|unit| {
            let parts = unit.header.iter().chain(&unit.spec).chain(&unit.body);
            parts.chain([&unit.end])
        });
        return Ok(LoweredSource {
            text: emit(&units),
            starts: stmts.map(|stmt| stmt.at).collect(),
            facts,
            files,
        });
    }
    Err(Error::Source(diagnostics(refusals, &files)))
}

/// The contents of a file, corrected where it has a patch.
fn corrected<'b>(
    bytes: &'b [u8],
    path: &Utf8Path,
    options: &Options,
) -> Result<Cow<'b, [u8]>, Error> {
    let fitting = options.patches.find(path, bytes);
    let patched = fitting.and_then(|found| found.map(|fits| fits.apply(bytes)).transpose());
    match patched {
        Ok(patched) => Ok(patched.map_or(Cow::Borrowed(bytes), Cow::Owned)),
        Err(error) => Err(Error::Source(vec![Diagnostic {
            severity: Severity::Error,
            file: path.to_owned(),
            line: 0,
            col: 0,
            construct: String::new(),
            message: error.to_string(),
            remedy: "translate it without the patch set, or take that version's file".to_owned(),
        }])),
    }
}

fn diagnostics(mut refusals: Vec<Refusal>, files: &Files) -> Vec<Diagnostic> {
    refusals.sort_by_key(|refusal| refusal.at);
    refusals.dedup();
    let refusals = refusals.into_iter();
    refusals.map(|refusal| diagnostic(refusal, files)).collect()
}

fn diagnostic(refusal: Refusal, files: &Files) -> Diagnostic {
    Diagnostic {
        severity: Severity::Error,
        file: files.name(refusal.at.file).to_owned(),
        line: refusal.at.line,
        col: refusal.at.col,
        construct: refusal.construct,
        message: refusal.message,
        remedy: refusal.remedy,
    }
}

/// The FORTRAN 77 that f2c would get, without line markers.
///
/// # Errors
///
/// [`Error::Source`] when the source has mistakes or cannot be lowered.
pub fn lowered_text(bytes: &[u8], path: &Utf8Path, options: &Options) -> Result<String, Error> {
    lower_source(bytes, path, options, emit::emit_plain).map(|lowered| lowered.text)
}

/// The tree of a source before anything is lowered: units, names, statements with their places,
/// expressions with their types.
///
/// # Errors
///
/// [`Error::Source`] when the source cannot be read into statements and units.
pub fn tree_text(bytes: &[u8], path: &Utf8Path, options: &Options) -> Result<String, Error> {
    on_deep_stack(|| tree_here(bytes, path, options))
}

fn tree_here(bytes: &[u8], path: &Utf8Path, options: &Options) -> Result<String, Error> {
    let mut files = Files::default();
    let mut refusals = Vec::new();
    let stmts = read(bytes, path, options, &mut files, &mut refusals)?;
    match unit::split(stmts) {
        Ok(units) if refusals.is_empty() => return Ok(dump::dump(&units, options)),
        Ok(_) => {}
        Err(refusal) => refusals.push(refusal),
    }
    Err(Error::Source(diagnostics(refusals, &files)))
}

/// Translates `bytes`, the contents of `path`, with the f2c at `f2c`. Nothing is written outside a
/// temporary folder.
///
/// # Errors
///
/// [`Error::Source`] with the user's lines, whoever found the mistake; [`Error::F2c`] and
/// [`Error::Io`] when f2c could not be run.
pub fn translate(
    f2c: &Utf8Path,
    bytes: &[u8],
    path: &Utf8Path,
    options: &Options,
) -> Result<Translation, Error> {
    let lowered = lower_source(bytes, path, options, emit::emit)?;
    let text = emit::bytes(&lowered.text);
    let folder = tempfile::tempdir().map_err(|source| Error::Io {
        path: "temporary folder".into(),
        source,
    })?;
    let broken = |message: String| Error::F2c {
        f2c: f2c.to_owned(),
        message,
    };
    let input = folder.path().join("lowered.f");
    let input_error = |source| Error::Io {
        path: "lowered.f in a temporary folder".into(),
        source,
    };
    std::fs::write(&input, text).map_err(input_error)?;
    let output = Command::new(f2c)
        .args(switches(&lowered.facts, options))
        .current_dir(folder.path())
        .stdin(std::fs::File::open(&input).map_err(input_error)?)
        .output()
        .map_err(|error| broken(format!("could not be started: {error}")))?;
    let messages = String::from_utf8_lossy(&output.stderr);
    let diagnostics: Vec<Diagnostic> = messages
        .lines()
        // Not about the runtime's own functions, which f2c sees called in several ways.
        .filter(|line| !line.contains(" for emshim_"))
        .filter_map(|line| f2c_message(line, &lowered))
        .collect();
    if !output.status.success() {
        if diagnostics
            .iter()
            .any(|diagnostic| diagnostic.severity == Severity::Error)
        {
            return Err(Error::Source(diagnostics));
        }
        return Err(broken(format!("{}: {}", output.status, messages.trim())));
    }
    let c: String = output.stdout.iter().map(|&b| b as char).collect();
    let (c, names) = convention::convert(&c, &lowered.facts, &lowered.files, options);
    let lookups = lowered.files.lookups();
    let lookups = lookups.map(|lookups| [lookups, lowered.facts.lookups.as_slice()].concat());
    let open = |(name, _): &&(String, Vec<_>)| !name.starts_with(lower::INSIDE);
    let modules = lowered.facts.modules.iter().filter(open);
    let modules =
        modules.map(|(name, constants)| (name.clone(), lower::constants::write(constants)));
    let wide = options
        .default_integer_8
        .then_some("#define F2C_DEFAULT_INTEGER_8\n");
    Ok(Translation {
        c: emit::bytes(&(wide.unwrap_or_default().to_owned() + &c)),
        diagnostics,
        files: lowered.files.all().to_vec(),
        defined: names.defined,
        undefined: names.undefined,
        commons: names.commons,
        modules: modules.collect(),
        lookups,
    })
}

fn switches(facts: &Facts, options: &Options) -> Vec<&'static str> {
    let mut out = vec!["-R", "-E", "-g"];
    out.extend(F2C_LIMITS);
    if facts.recursive || options.recursive || options.automatic {
        out.push("-a");
    }
    if !options.backslash {
        out.push("-!bs");
    }
    if options.implicit_none {
        out.push("-u");
    }
    if options.default_integer_8 {
        out.push("-I8");
    }
    if options.default_real_8 {
        out.push("-r8");
    }
    out
}

/// `Error on line 71 of 0: ...` with the user's file in the place of its number, and the column
/// where the statement of that line starts; or `Error: ...`, which is about the whole source.
fn f2c_message(line: &str, lowered: &LoweredSource) -> Option<Diagnostic> {
    if let Some(message) = line.strip_prefix("Error: ") {
        return Some(Diagnostic {
            severity: Severity::Error,
            file: lowered.files.name(0).to_owned(),
            line: 0,
            col: 0,
            construct: String::new(),
            message: message.to_owned(),
            remedy: String::new(),
        });
    }
    let (severity, rest) = match line.split_once(" line ")? {
        (head, rest) if head.starts_with("Warning") => (Severity::Warning, rest),
        (head, rest) if head.starts_with("Error") => (Severity::Error, rest),
        (_, rest) => (Severity::Error, rest),
    };
    let (place, message) = rest.split_once(": ")?;
    let (number, file) = place.split_once(" of ").unwrap_or((place, "0"));
    let file = file.trim_matches('"').parse().ok()?;
    let line = number.trim().parse().ok()?;
    let mut starts = lowered.starts.iter();
    let start = starts.find(|at| (at.file, at.line) == (file, line));
    Some(Diagnostic {
        severity,
        file: lowered.files.name(file).to_owned(),
        line,
        col: start.map_or(0, |at| at.col),
        construct: String::new(),
        message: message.trim().to_owned(),
        remedy: String::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_are_among_the_files_that_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(folder.path()).unwrap();
        let module = lower::constants::write(&[]);
        for name in ["mm.mod", "own.mod"] {
            std::fs::write(folder.join(name), &module).unwrap();
        }
        let source =
            b"      module own\n      end module\n      subroutine s\n      use own\n      \
            use mm, only: k\n      use nowhere\n      end\n";
        let options = Options {
            include_dirs: vec![folder.to_owned()],
            ..Options::default()
        };
        let read = preprocess(source, Utf8Path::new("x.f"), &options).unwrap();
        assert_eq!(
            read.files,
            [Utf8PathBuf::from("x.f"), folder.join("mm.mod")]
        );
    }

    #[test]
    fn lowered_text_is_read_as_the_units_that_were_printed() {
        let folder = Utf8Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/lower");
        let mut compared = 0;
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            let extension = path.extension().unwrap_or_default();
            let options = Options {
                form: crate::Form::of_extension(extension),
                preprocess: extension.starts_with('F').then(crate::Preprocess::default),
                ..Options::default()
            };
            let bytes = std::fs::read(&path).unwrap();
            let Ok(text) = lowered_text(&bytes, &path, &options) else {
                continue;
            };
            let plain = Options::default();
            let (mut files, mut refusals) = (Files::default(), Vec::new());
            let stmts = source::read(
                &emit::bytes(&text),
                Utf8Path::new("x.f"),
                &plain,
                &mut files,
                &mut refusals,
            );
            assert!(refusals.is_empty(), "{path}");
            let printed = emit::emit_plain(&unit::split(stmts).unwrap());
            // Blanks mean nothing in fixed form.
            assert_eq!(printed.replace(' ', ""), text.replace(' ', ""), "{path}");
            compared += 1;
        }
        assert!(compared > 15, "{compared}");
    }

    #[test]
    fn a_tree_has_names_places_and_types() {
        let source = b"      SUBROUTINE S(X, N)\n      DOUBLE PRECISION X(N)\n      X(1) = N + 0.5\n      END\n";
        let tree = tree_text(source, Utf8Path::new("s.f"), &Options::default()).unwrap();
        let wanted = [
            "unit s at 1:7",
            "  name n: integer(4), dummy",
            "  name s: real(4), defined here",
            "  name x: real(8), dimension(n), dummy",
            "  1:7 subroutine s(x, n)",
            "  2:7 double precision x(n)",
            "  3:7 x(1) = n+0.5",
            "    x(): real(8), rank 0",
            "      1: integer(4), rank 0",
            "    +: real(4), rank 0",
            "      n: integer(4), rank 0",
            "      0.5: real(4), rank 0",
            "  4:7 end",
        ];
        assert_eq!(tree.lines().collect::<Vec<_>>(), wanted);
    }
}
