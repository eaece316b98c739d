//! `emshim share`: what a program or module defines and a shared library of its link defines too is one,
//! as the loader of an ELF system has it.
//!
//! That loader gives every user of a name the first definition in the order of the link, the
//! program's before its libraries'. A side module's own uses of its variables are settled when it is
//! linked (`emshim bind`), so the one definition has to be the library's: copies of the objects need the
//! variable that they define. A library's value stands for a common symbol, and where it is the same;
//! another value of a program is stored when the program starts.
//!
//! What a module calls by name is settled too: nothing here leads a library's calls to a function of
//! the program, which is said.
//! Source: "Symbol Interposition" of "How To Write Shared Libraries" (Drepper); for common symbols
//! what GNU ld does, tried with gcc -fcommon.

use crate::copies::{self, CopyError};
use crate::data_symbols::{self, Variable};
use crate::link_inputs::{self, LinkInput};
use crate::shared_library::{self, SharedLibrary};
use crate::substitute::{chosen_by_path, listed, substitute};
use crate::symbols::{self, Form, ReadError};
use planner::{expand, rewrite};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use toolcall::builtin::ShareSymbols;

/// The step could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ShareError {
    /// A copy could not be made.
    #[error(transparent)]
    Copy(#[from] CopyError),
    /// An input is damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// Carries out the step; paths are relative to `cwd`.
///
/// # Errors
/// An input is damaged, or a file cannot be written.
pub fn run(step: &ShareSymbols, cwd: &Path) -> Result<(), ShareError> {
    let words = chosen_by_path(&listed(&step.words, cwd)?, cwd);
    let drawn = rewrite::drawn_from(&words);
    let inputs = link_inputs::find(&drawn, cwd);
    let libraries = Libraries::find(&inputs)?;
    let mut out = words.clone();
    if !libraries.is_empty() {
        let own = Own::read(&inputs)?;
        let shared = libraries.shared(&own, step.program);
        if step.program {
            libraries.tell(&own);
        }
        let wanted = |name: &str| shared.names.contains(name);
        let copies = copies::edited(
            &inputs,
            &cwd.join(&step.copies),
            "shared",
            &mut |object| data_symbols::need(object, &wanted),
            &mut |path, why| {
                tell(&format!(
                    "{}: {why}, so that variables it has in common with a shared library are two",
                    path.display()
                ));
            },
        )?;
        if !shared.values.is_empty() {
            let source = cwd.join(&step.copies).join("values.c");
            copies::write(&source, shared.values.as_bytes())?;
            out.push(source.into_os_string());
        }
        // emcc 3.1.69 knows a program's library by its path alone.
        let by_path =
            |path: &Path| step.program && libraries.0.iter().any(|(known, _)| known == path);
        out = substitute(&out, cwd, &|path| {
            let copy = copies.get(path).map(|copy| vec![copy.clone()]);
            copy.or_else(|| by_path(path).then(|| vec![path.as_os_str().to_owned()]))
        });
    }
    Ok(copies::write(&cwd.join(&step.list), &expand::quote(&out))?)
}

/// What the link's own objects define.
#[derive(Debug, Default)]
struct Own {
    /// Variables, with the file of each.
    variables: Vec<(Variable, PathBuf)>,
    /// Functions that give way to no other, with the file; those of archives left out, which a linker
    /// takes only if it needs them.
    functions: BTreeMap<String, PathBuf>,
}

impl Own {
    fn read(inputs: &[LinkInput]) -> Result<Self, ReadError> {
        let mut own = Self::default();
        for input in inputs {
            let mut functions = Vec::new();
            let form = symbols::walk(&input.path, &mut |_, bytes| {
                if bytes.starts_with(b"\0asm") {
                    let broken = |error: wasmparser::BinaryReaderError| error.to_string();
                    let variables = data_symbols::variables(bytes).map_err(broken)?;
                    let variables = variables.into_iter();
                    own.variables
                        .extend(variables.map(|v| (v, input.path.clone())));
                    functions.extend(symbols::wasm(bytes).map_err(broken)?);
                }
                Ok(())
            })?;
            if form == Form::Object || input.whole {
                let strong = functions.into_iter();
                let strong = strong.filter(|s| s.defined && s.visible && !s.weak && !s.data);
                own.functions
                    .extend(strong.map(|symbol| (symbol.name, input.path.clone())));
            }
        }
        Ok(own)
    }
}

/// The shared libraries of the link and those that they need, in the loader's order.
#[derive(Debug)]
struct Libraries(Vec<(PathBuf, SharedLibrary)>);

/// What becomes one.
#[derive(Debug, Default)]
struct Shared {
    names: BTreeSet<String>,
    /// C that stores the program's values.
    values: String,
}

impl Libraries {
    fn find(inputs: &[LinkInput]) -> Result<Self, ReadError> {
        let mut found: Vec<(PathBuf, SharedLibrary)> = Vec::new();
        let mut paths: Vec<PathBuf> = inputs.iter().map(|input| input.path.clone()).collect();
        let mut next = 0;
        while let Some(path) = paths.get(next).cloned() {
            next += 1;
            let Some(library) = shared_library::at(&path)? else {
                continue;
            };
            let folders = inputs.iter().filter_map(|input| input.path.parent());
            let folders: Vec<&Path> = path.parent().into_iter().chain(folders).collect();
            for needed in &library.needed {
                let mut places = folders.iter().map(|folder| folder.join(needed));
                let place = places.find(|place| place.is_file());
                paths.extend(place.filter(|place| !paths.contains(place)));
            }
            found.push((path, library));
        }
        Ok(Self(found))
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first library that has a variable.
    fn of(&self, name: &str) -> Option<&(PathBuf, SharedLibrary)> {
        self.0.iter().find(|(_, library)| library.has(name))
    }

    /// The variables that become one with a library's. What cannot is told: it stays apart.
    fn shared(&self, own: &Own, program: bool) -> Shared {
        let mut shared = Shared::default();
        let mut apart: BTreeMap<&str, String> = BTreeMap::new();
        let mut valued: BTreeMap<&str, &Variable> = BTreeMap::new();
        for (variable, file) in &own.variables {
            let Some((path, library)) = self.of(&variable.name) else {
                continue;
            };
            let is_same = library.value(&variable.name, variable.bytes) == variable.value
                && !variable.addresses;
            let why = match library.size(&variable.name) {
                None => "its size there is not known: link that with emshim",
                Some(size) if size < variable.bytes => "it is smaller there: declare it as large",
                _ if variable.common || is_same => "",
                _ if variable.addresses => "its first value holds addresses",
                _ if !program => "its first value is another there",
                _ => {
                    valued.entry(&variable.name).or_insert(variable);
                    ""
                }
            };
            if why.is_empty() {
                shared.names.insert(variable.name.clone());
            } else {
                let places = format!("{} and {}", file.display(), path.display());
                let text = format!("{} is defined in {places}", variable.name);
                apart
                    .entry(&variable.name)
                    .or_insert(format!("{text}, and {why}"));
            }
        }
        for (name, why) in &apart {
            shared.names.remove(*name);
            valued.remove(name);
            tell(&format!(
                "{why}; natively both are one, and here they are two: define it in one of them and \
                 declare it `extern` in the other, or link the library statically"
            ));
        }
        let values = valued.values().enumerate();
        shared.values = values
            .map(|(number, variable)| stored(number, variable))
            .collect();
        shared
    }

    /// Says what natively would be one and is not.
    fn tell(&self, own: &Own) {
        for (path, library) in &self.0 {
            let both = library.functions.iter();
            let both: Vec<&str> = both
                .filter(|name| own.functions.contains_key(*name))
                .map(String::as_str)
                .collect();
            if !both.is_empty() {
                tell(&format!(
                    "{}: functions that the program defines too: {}; the library calls its own, where \
                     natively it would call the program's: link the library statically if it has to",
                    path.display(),
                    list(&both)
                ));
            }
        }
        let mut first: BTreeMap<&str, &Path> = BTreeMap::new();
        for (path, library) in &self.0 {
            let mut twice = Vec::new();
            for name in library.variables() {
                match first.get(name) {
                    Some(other) => twice.push((name, *other)),
                    None => {
                        first.insert(name, path);
                    }
                }
            }
            if let Some((_, other)) = twice.first() {
                let names: Vec<&str> = twice.iter().map(|(name, _)| *name).collect();
                tell(&format!(
                    "{} and {} each have variables of their own: {}; natively they share them: link the \
                     one with the other",
                    path.display(),
                    other.display(),
                    list(&names)
                ));
            }
        }
    }
}

/// C that stores a variable's value before anything else of the program runs.
fn stored(number: usize, variable: &Variable) -> String {
    let mut text = String::new();
    let _ = writeln!(
        text,
        "extern unsigned char v{number}[] __asm__(\"{}\");\n\
         __attribute__((constructor(101))) static void s{number}(void) {{\n\
         static const unsigned char value[{}] = {{",
        variable.name,
        variable.bytes.max(1)
    );
    for byte in &variable.value {
        let _ = write!(text, "{byte},");
    }
    let _ = writeln!(
        text,
        "}};\n__builtin_memcpy(v{number}, value, sizeof value);\n}}"
    );
    text
}

/// How many names a message has.
const SHOWN: usize = 5;

/// The first of some names, and how many more there are.
fn list(names: &[&str]) -> String {
    let shown = names[..names.len().min(SHOWN)].join(", ");
    match names.len().checked_sub(SHOWN) {
        Some(more @ 1..) => format!("{shown} and {more} more"),
        _ => shown,
    }
}

fn tell(what: &str) {
    // Ignore EPIPE: stderr may be closed.
    let _ = writeln!(std::io::stderr(), "emshim: warning: {what}");
}
