//! `emshim fortran`: the step of a compiler driver that makes C of one Fortran source, or
//! preprocesses it. The words after `--` are gfortran's own switches, with what
//! [`tables::fortran`](super::tables::fortran) says of each.

use super::own::Done;
use super::parse::{self, Dashes};
use super::tables::{self, fortran};
use super::text;
use super::translations::{Known, Made};
use camino::{Utf8Path, Utf8PathBuf};
use f2c_driver::patches::{PatchError, Patches};
use f2c_driver::{Diagnostic, Error, Form, Options, Preprocess, Severity};
use std::ffi::{OsStr, OsString};
use std::fs::Permissions;
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// What a step makes of its source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Makes {
    /// C.
    C,
    /// The preprocessed text: `-E`.
    Text,
    /// The macros as they are at its end: `-E -dM`.
    Macros,
    /// A rule for make: `-M`.
    Rule,
}

/// The names of what is made, in a step's command.
const MAKES: &[(&str, Makes)] = &[
    ("c", Makes::C),
    ("text", Makes::Text),
    ("macros", Makes::Macros),
    ("rule", Makes::Rule),
];

/// A step: `emshim fortran --to c|text|macros|rule --f2c F2C [--language L] [--warnings]
/// [--patches auto|off|SET,...] [--no-lines] [--cache FOLDER] [--dependencies FILE] [--target T]...
/// -o OUTPUT SOURCE -- SWITCH...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// What is made.
    pub makes: Makes,
    /// The program that translates.
    pub f2c: OsString,
    /// What `-x` calls the source.
    pub language: Option<OsString>,
    /// Whether warnings are shown.
    pub warnings: bool,
    /// Which known sources are corrected.
    pub patches: Patches,
    /// Whether the C names the lines it is made of, by the source's path.
    pub lines: bool,
    /// Where translations are kept: [`translations`](super::translations).
    pub cache: Option<OsString>,
    /// A file for the rule that make reads, beside what is made.
    pub dependencies: Option<OsString>,
    /// The targets of that rule.
    pub targets: Vec<OsString>,
    /// The file to write; `-` is stdout.
    pub output: OsString,
    /// The file to read; `-` is stdin.
    pub source: OsString,
    /// gfortran's switches.
    pub switches: Vec<OsString>,
}

/// A step that could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum FortranError {
    /// Not what [`Request::argv`] writes.
    #[error("emshim fortran: not understood: {0}")]
    Usage(String),
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

impl Request {
    /// The command.
    #[must_use]
    pub fn argv(&self) -> Vec<OsString> {
        let to = MAKES.iter().find(|(_, makes)| *makes == self.makes);
        let to = to.map_or("c", |(name, _)| *name);
        let mut argv: Vec<OsString> = vec!["emshim".into(), "fortran".into()];
        argv.extend(["--to".into(), to.into(), "--f2c".into(), self.f2c.clone()]);
        let mut option = |name: &str, value: &OsString| argv.extend([name.into(), value.clone()]);
        if let Some(language) = &self.language {
            option("--language", language);
        }
        if let Some(folder) = &self.cache {
            option("--cache", folder);
        }
        if let Some(file) = &self.dependencies {
            option("--dependencies", file);
        }
        for target in &self.targets {
            option("--target", target);
        }
        option("-o", &self.output);
        if self.warnings {
            argv.push("--warnings".into());
        }
        if self.patches != Patches::default() {
            argv.extend(["--patches".into(), self.patches.to_string().into()]);
        }
        if !self.lines {
            argv.push("--no-lines".into());
        }
        argv.extend([self.source.clone(), "--".into()]);
        argv.extend(self.switches.iter().cloned());
        argv
    }

    /// The request a command states.
    ///
    /// # Errors
    /// It is not one that [`Self::argv`] writes.
    pub fn parse(argv: &[OsString]) -> Result<Self, FortranError> {
        let usage = || FortranError::Usage(text::shell(argv));
        let mut words = argv.iter().skip(2);
        let (mut makes, mut f2c, mut output, mut source) = (None, None, None, None);
        let (mut language, mut dependencies, mut targets) = (None, None, Vec::new());
        let mut cache = None;
        let (mut warnings, mut lines, mut patches) = (false, true, Patches::default());
        while let Some(word) = words.next() {
            let mut value = || words.next().cloned().ok_or_else(usage);
            match word.to_str() {
                Some("--") => break,
                Some("--to") => {
                    let name = value()?;
                    makes = MAKES.iter().find(|row| name == row.0).map(|row| row.1);
                }
                Some("--f2c") => f2c = Some(value()?),
                Some("--language") => language = Some(value()?),
                Some("--cache") => cache = Some(value()?),
                Some("--dependencies") => dependencies = Some(value()?),
                Some("--target") => targets.push(value()?),
                Some("-o") => output = Some(value()?),
                Some("--warnings") => warnings = true,
                Some("--no-lines") => lines = false,
                Some("--patches") => {
                    let named = value()?;
                    let named = named.to_str().ok_or_else(usage)?;
                    patches = named.parse()?;
                }
                _ => source = Some(word.clone()),
            }
        }
        Ok(Self {
            makes: makes.ok_or_else(usage)?,
            f2c: f2c.ok_or_else(usage)?,
            language,
            warnings,
            patches,
            lines,
            cache,
            dependencies,
            targets,
            output: output.ok_or_else(usage)?,
            source: source.ok_or_else(usage)?,
            switches: words.cloned().collect(),
        })
    }

    /// Where gfortran writes `.mod` files: the last `-J`, else the working directory.
    fn module_folder(&self) -> PathBuf {
        let switches = parse::parse(tables::DRIVER, Dashes::Named, &self.switches);
        let last = switches.iter().rev().find(|arg| {
            let rule = arg.rule();
            rule.is_some_and(|rule| rule.name == "-J")
        });
        last.and_then(|arg| arg.value())
            .map(PathBuf::from)
            .unwrap_or_default()
    }

    /// The translation's options: those of the source's name or language, then the switches'.
    ///
    /// # Errors
    /// A switch has a value that it cannot have.
    pub fn options(&self) -> Result<Options, FortranError> {
        let suffix = tables::sources::suffix(&self.source).to_string_lossy();
        let by_name = (Form::of_extension(&suffix), preprocessed(&suffix));
        let language = self.language.as_deref().and_then(OsStr::to_str);
        let by_language = LANGUAGES.iter().find(|row| Some(row.0) == language);
        let (form, preprocess) = by_language.map_or(by_name, |row| (row.1, row.2));
        let mut options = Options {
            form,
            preprocess: preprocess.then(Preprocess::default),
            patches: self.patches.clone(),
            line_directives: self.lines,
            ..Options::default()
        };
        let switches = parse::parse(tables::DRIVER, Dashes::Named, &self.switches);
        let first = |arg: &&parse::Arg| {
            arg.rule()
                .is_some_and(|rule| fortran::FIRST.contains(&rule.name))
        };
        let (early, late): (Vec<_>, Vec<_>) = switches.iter().partition(first);
        for arg in early {
            apply(arg, &mut options)?;
        }
        if let Some(preprocess) = &mut options.preprocess {
            let own = |(name, text): &(&str, &str)| ((*name).to_owned(), Some((*text).to_owned()));
            preprocess.macros.extend(fortran::MACROS.iter().map(own));
        }
        for arg in late {
            apply(arg, &mut options)?;
        }
        Ok(options)
    }
}

impl Request {
    /// The translation of a source, from the cache where it is known.
    fn translated(
        &self,
        (path, bytes): (&Utf8Path, &[u8]),
        options: &Options,
    ) -> Result<(Made, Done), FortranError> {
        let utf8 = |path: &OsString| {
            let path = Utf8PathBuf::from_path_buf(path.into());
            path.map_err(FortranError::Name)
        };
        let f2c = utf8(&self.f2c)?;
        let folder = self.cache.as_ref().map(utf8).transpose()?;
        let known = folder
            .as_deref()
            .map(|folder| Known::new(folder, &f2c, (path, bytes), options, self.warnings));
        if let Some(made) = known.as_ref().and_then(Known::recall) {
            return Ok((made, Done::FromCache));
        }
        let translation = f2c_driver::translate(&f2c, bytes, path, options)?;
        if self.warnings {
            warn(&translation.diagnostics);
        }
        // Warnings that are shown are shown each time.
        if let Some(known) = known.filter(|_| !self.warnings || translation.diagnostics.is_empty())
        {
            known.keep(&translation);
        }
        Ok((translation.into(), Done::Anew))
    }
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
    let Some(effect) = arg.rule().and_then(|rule| fortran::effect(rule.name)) else {
        return Ok(());
    };
    let value = arg.value().unwrap_or_default().to_string_lossy();
    effect(options, &value).map_err(|why| FortranError::Switch {
        switch: text::shell(&arg.words),
        why,
    })
}

/// Carries out the command. Relative paths are those of the working directory.
///
/// # Errors
/// The source is wrong or cannot be read, f2c cannot be run, or a file cannot be written.
pub fn run(argv: &[OsString]) -> Result<Done, FortranError> {
    let request = Request::parse(argv)?;
    let options = request.options()?;
    let name = Path::new(&request.source);
    let path = Utf8Path::from_path(name).ok_or_else(|| FortranError::Name(name.to_owned()))?;
    let bytes = read(path).map_err(|source| FortranError::Read {
        path: path.to_owned(),
        source,
    })?;
    let mut done = Done::Anew;
    let (made, files) = match request.makes {
        Makes::C => {
            let (made, from) = request.translated((path, &bytes), &options)?;
            for (module, text) in &made.modules {
                write_module(&request.module_folder().join(format!("{module}.mod")), text)?;
            }
            done = from;
            (made.c, made.files)
        }
        Makes::Text | Makes::Macros | Makes::Rule => {
            let preprocessed = f2c_driver::preprocess(&bytes, path, &options)?;
            let made = match request.makes {
                Makes::Macros => macros(&preprocessed.macros),
                Makes::Rule => rule(&request.targets, &preprocessed.files),
                Makes::C | Makes::Text => preprocessed.text,
            };
            (made, preprocessed.files)
        }
    };
    if let Some(file) = &request.dependencies {
        write(file, &rule(&request.targets, &files))?;
    }
    write(&request.output, &made)?;
    Ok(done)
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
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut file = tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o666))
        .tempfile_in(folder.unwrap_or(Path::new(".")))
        .map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.persist(path).map_err(|error| failed(error.error))?;
    Ok(())
}

fn warn(diagnostics: &[Diagnostic]) {
    let warnings = diagnostics.iter();
    for warning in warnings.filter(|diagnostic| diagnostic.severity == Severity::Warning) {
        // If stderr is gone there is no one left to tell.
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
        line.extend(escaped(file.as_str()).into_bytes());
    }
    line.push(b'\n');
    line
}

/// A name as make reads it.
#[must_use]
pub fn escaped(name: &str) -> String {
    let escape = |c: char| match c {
        '$' => "$$".to_owned(),
        ' ' | '#' => format!("\\{c}"),
        c => c.to_string(),
    };
    name.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(switches: &[&str], source: &str) -> Request {
        Request {
            makes: Makes::C,
            f2c: "/f2c".into(),
            language: None,
            warnings: true,
            patches: Patches::None,
            lines: true,
            cache: Some("/kept".into()),
            dependencies: Some("x.d".into()),
            targets: vec!["x.o".into()],
            output: "x.c".into(),
            source: source.into(),
            switches: switches.iter().map(Into::into).collect(),
        }
    }

    #[test]
    fn a_command_states_its_request() {
        let given = request(&["-I", "a b", "-DX=1"], "x.f");
        assert_eq!(Request::parse(&given.argv()).unwrap(), given);
        for end in 0..given.argv().len() - 4 {
            assert!(Request::parse(&given.argv()[..end]).is_err(), "{end}");
        }
    }

    #[test]
    fn the_order_of_switches_that_depend_on_each_other_does_not_matter() {
        let options = |switches: &[&str], source| request(switches, source).options().unwrap();
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
