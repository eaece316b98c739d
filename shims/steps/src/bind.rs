//! `emshim bind`: a side module uses its own symbols, as the loader of an ELF system has it for
//! modules that are loaded apart from each other.
//!
//! Emscripten's loader has one table of addresses for all modules (`GOT`), in which the first
//! definition of a name wins. What a module defines and finds by that table is therefore another
//! module's as soon as that has the name too: a variable, a COMMON block, a function whose address
//! is taken. wasm-ld leaves the table out for symbols that are hidden, and with `-Bsymbolic` for all.
//!
//! Some symbols are one for all modules on ELF systems too, and stay in the table: C++'s type
//! information, which libstdc++ compares by name where Emscripten's library compares addresses, and
//! variables of inline functions, of templates and inline ones (`STB_GNU_UNIQUE`). So do variables that
//! a shared library of the link has as well, which the module shares with it.
//! Source: `requiresGOTAccess` of lld's `wasm/Relocations.cpp`; `updateGOT` of Emscripten's
//! `libdylink.js`; "Vague Linkage" of GCC's manual.

use crate::link_inputs::{self, LinkInput};
use crate::substitute::substitute;
use crate::symbols::{self, Binary, ReadError, Symbol};
use object::read::archive::ArchiveFile;
use planner::{expand, rewrite};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::Write as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toolcall::builtin::BindSymbols;
use toolcall::os_str;

/// The step could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// An input is damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file cannot be read or written.
    #[error("cannot write {}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

/// The flag of a symbol that is hidden, in the first byte of its flags: `WASM_SYM_VISIBILITY_HIDDEN`.
const HIDDEN: u8 = 4;

/// C++'s names for type information, and for the name in it.
const TYPE_INFORMATION: [&str; 2] = ["_ZTI", "_ZTS"];

/// C++'s names for tables of virtual functions, which are weak data and each module's own.
const TABLES: [&str; 3] = ["_ZTV", "_ZTT", "_ZTC"];

/// Carries out the step; paths are relative to `cwd`.
///
/// # Errors
/// An input is damaged, or a file cannot be written. An input that is not there is left for the
/// linker to name.
pub fn run(step: &BindSymbols, cwd: &Path) -> Result<(), BindError> {
    let words = listed(&step.words, cwd)?;
    let inputs = link_inputs::find(&rewrite::drawn_from(&words), cwd);
    let nm = Path::new(&step.nm);
    let shared = Shared::gather(&inputs, nm)?;
    let words = if shared.names.is_empty() {
        let mut bound: Vec<OsString> = vec!["-Wl,-Bsymbolic".into()];
        bound.extend(words);
        bound
    } else {
        hide(step, cwd, &words, &inputs, &shared)?
    };
    write(&cwd.join(&step.list), &expand::quote(&words))
}

/// The words, those of response files in their place.
fn listed(words: &[OsString], cwd: &Path) -> Result<Vec<OsString>, BindError> {
    let mut all = Vec::new();
    for word in words {
        match os_str::strip_prefix(word, "@") {
            Some(list) => {
                let path = cwd.join(list);
                let read = std::fs::read(&path);
                let content = read.map_err(|source| BindError::File { path, source })?;
                all.extend(expand::split(&content));
            }
            None => all.push(word.clone()),
        }
    }
    Ok(all)
}

/// The symbols that are one for several modules.
#[derive(Debug, Default)]
struct Shared {
    names: BTreeSet<String>,
    /// Whether a shared library of the link has one of them.
    of_library: bool,
}

impl Shared {
    fn gather(inputs: &[LinkInput], nm: &Path) -> Result<Self, ReadError> {
        let mut of_libraries = BTreeSet::new();
        let mut shared = Self::default();
        let mut defined = BTreeSet::new();
        for input in inputs {
            of_libraries.extend(symbols::module_data(&input.path)?);
            let objects = match symbols::read(&input.path, nm)? {
                Binary::Object(symbols) => vec![symbols],
                Binary::Archive(members) => members,
            };
            for symbol in objects.into_iter().flatten().filter(is_own) {
                if is_one_for_all(&symbol) {
                    shared.names.insert(symbol.name);
                } else if symbol.data {
                    defined.insert(symbol.name);
                }
            }
        }
        let own = defined.intersection(&of_libraries).cloned();
        let before = shared.names.len();
        shared.names.extend(own);
        shared.of_library = shared.names.len() > before;
        Ok(shared)
    }
}

/// Whether it is defined here, and others may see it.
fn is_own(symbol: &Symbol) -> bool {
    symbol.defined && symbol.visible
}

/// Whether C++ has it once for all modules.
fn is_one_for_all(symbol: &Symbol) -> bool {
    let begins = |prefixes: &[&str]| prefixes.iter().any(|p| symbol.name.starts_with(p));
    symbol.data
        && (begins(&TYPE_INFORMATION)
            || symbol.weak && symbol.name.starts_with("_Z") && !begins(&TABLES))
}

/// The words with copies of objects in them, in which all symbols but the shared ones are hidden.
fn hide(
    step: &BindSymbols,
    cwd: &Path,
    words: &[OsString],
    inputs: &[LinkInput],
    shared: &Shared,
) -> Result<Vec<OsString>, BindError> {
    let mut copies: BTreeMap<&Path, OsString> = BTreeMap::new();
    let mut hidden = BTreeSet::new();
    for (number, LinkInput { path, .. }) in inputs.iter().enumerate() {
        let read = signatures::read::bytes(path);
        let mut bytes = read.map_err(|source| ReadError::Io {
            path: path.clone(),
            source,
        })?;
        match hide_in(&mut bytes, shared) {
            Ok(names) if names.is_empty() => {}
            Ok(names) => {
                hidden.extend(names);
                // Inputs of several folders may have one name.
                let name = path.file_name().unwrap_or_default();
                let name = os_str::joined(&format!("own-{number}-"), name);
                let copy = cwd.join(&step.copies).join(name);
                write(&copy, &bytes)?;
                copies.insert(path, copy.into_os_string());
            }
            Err(why) => warn(path, &why),
        }
    }
    let mut out: Vec<OsString> = Vec::new();
    if !shared.of_library {
        // Definitions of COMMON blocks are compiled by the link.
        out.push("-fvisibility=hidden".into());
    }
    if step.export_all {
        out.extend(
            hidden
                .iter()
                .map(|name| format!("-Wl,--export={name}").into()),
        );
    }
    out.extend(substitute(words, cwd, &|path| {
        copies.get(path).map(|copy| vec![copy.clone()])
    }));
    Ok(out)
}

/// Hides what is defined in a file but the shared symbols; the names of what it hid. The error says
/// why it cannot.
fn hide_in(bytes: &mut [u8], shared: &Shared) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for range in objects(bytes)? {
        let object = &mut bytes[range];
        if object.starts_with(b"BC\xc0\xde") {
            return Err("it holds LLVM bitcode (-flto)".into());
        }
        if !object.starts_with(b"\0asm") {
            continue;
        }
        let symbols = symbols::wasm(object).map_err(|error| error.to_string())?;
        let own = symbols.into_iter().filter(is_own);
        for symbol in own.filter(|symbol| !shared.names.contains(&symbol.name)) {
            let flags = symbol.flags_at.and_then(|at| object.get_mut(at));
            *flags.ok_or("a symbol lies outside of it")? |= HIDDEN;
            names.push(symbol.name);
        }
    }
    Ok(names)
}

/// Where the objects of a file lie in it.
fn objects(bytes: &[u8]) -> Result<Vec<Range<usize>>, String> {
    if !bytes.starts_with(b"!<") {
        return Ok(std::iter::once(0..bytes.len()).collect());
    }
    let archive = ArchiveFile::parse(bytes).map_err(|error| error.to_string())?;
    if archive.is_thin() {
        return Err("it is a thin archive".into());
    }
    let mut ranges = Vec::new();
    for member in archive.members() {
        let member = member.map_err(|error| error.to_string())?;
        let (at, length) = member.file_range();
        let at = usize::try_from(at).map_err(|error| error.to_string())?;
        let end = usize::try_from(length)
            .ok()
            .and_then(|length| at.checked_add(length));
        let end = end.filter(|&end| end <= bytes.len());
        ranges.push(at..end.ok_or("a member leaves the file")?);
    }
    Ok(ranges)
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), BindError> {
    let failed = |source| BindError::File {
        path: path.to_owned(),
        source,
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    std::fs::write(path, bytes).map_err(failed)
}

fn warn(path: &Path, why: &str) {
    // Ignore EPIPE: stderr may be closed.
    let _ = writeln!(
        std::io::stderr(),
        "emshim: warning: {}: {why}, so that the module may use another module's variables and \
         functions of the names it defines",
        path.display()
    );
}
