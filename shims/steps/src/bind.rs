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
//! variables of inline functions, of templates and inline ones (`STB_GNU_UNIQUE`). What a shared library
//! of the link has as well has been made needed before (`emshim share`), and comes from there. What a
//! link with this library has to know of its variables, their sizes, is stated in it.
//! Source: `requiresGOTAccess` of lld's `wasm/Relocations.cpp`; `updateGOT` of Emscripten's
//! `libdylink.js`; "Vague Linkage" of GCC's manual.

use crate::copies::{self, CopyError};
use crate::data_symbols;
use crate::link_inputs::{self, LinkInput};
use crate::shared_library;
use crate::substitute::{chosen_by_path, listed, substitute};
use crate::symbols::{self, Binary, ReadError, Symbol};
use planner::{expand, rewrite};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use toolcall::builtin::BindSymbols;

/// The step could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// An input is damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A file cannot be read or written.
    #[error(transparent)]
    Copy(#[from] CopyError),
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
    let words = chosen_by_path(&listed(&step.words, cwd)?, cwd);
    let inputs = link_inputs::find(&rewrite::drawn_from(&words), cwd);
    let defined = Defined::gather(&inputs, Path::new(&step.nm))?;
    let mut words = if defined.shared.is_empty() {
        let mut bound: Vec<OsString> = vec!["-Wl,-Bsymbolic".into()];
        bound.extend(words);
        bound
    } else {
        hide(step, cwd, &words, &inputs, &defined.shared)?
    };
    if !defined.sizes.is_empty() {
        let statement = cwd.join(&step.copies).join("sizes.o");
        copies::write(&statement, &shared_library::statement(&defined.sizes))?;
        words.push(statement.into_os_string());
    }
    Ok(copies::write(
        &cwd.join(&step.list),
        &expand::quote(&words),
    )?)
}

/// What the link's own files define.
#[derive(Debug, Default)]
struct Defined {
    /// The symbols that are one for several modules.
    shared: BTreeSet<String>,
    /// The sizes of the variables of a library, which has no module's initial function. Of one that is
    /// declared with several sizes, the largest is what a link makes.
    sizes: BTreeMap<String, u64>,
}

impl Defined {
    fn gather(inputs: &[LinkInput], nm: &Path) -> Result<Self, ReadError> {
        let mut defined = Self::default();
        let mut initial = false;
        for input in inputs {
            let objects = match symbols::read(&input.path, nm)? {
                Binary::Object(symbols) => vec![symbols],
                Binary::Archive(members) => members,
            };
            for symbol in objects.into_iter().flatten().filter(is_own) {
                initial |= symbol.name.starts_with("PyInit_");
                if is_one_for_all(&symbol) {
                    defined.shared.insert(symbol.name);
                }
            }
            symbols::walk(&input.path, &mut |_, bytes| {
                let variables = match bytes.starts_with(b"\0asm") {
                    true => data_symbols::variables(bytes).map_err(|error| error.to_string())?,
                    false => Vec::new(),
                };
                for variable in variables.into_iter().filter(|v| !v.name.starts_with("_ZT")) {
                    let size = defined.sizes.entry(variable.name).or_default();
                    *size = variable.bytes.max(*size);
                }
                Ok(())
            })?;
        }
        if initial {
            defined.sizes.clear();
        }
        Ok(defined)
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
    shared: &BTreeSet<String>,
) -> Result<Vec<OsString>, BindError> {
    let mut hidden = BTreeSet::new();
    let copies = copies::edited(
        inputs,
        &cwd.join(&step.copies),
        "own",
        &mut |object| {
            let names = hide_in(object, shared)?;
            let number = names.len();
            hidden.extend(names);
            Ok(number)
        },
        &mut warn,
    )?;
    // Definitions of COMMON blocks are compiled by the link.
    let mut out: Vec<OsString> = vec!["-fvisibility=hidden".into()];
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

/// Hides what an object defines but the shared symbols; the names of what it hid.
fn hide_in(object: &mut [u8], shared: &BTreeSet<String>) -> Result<Vec<String>, String> {
    let symbols = symbols::wasm(object).map_err(|error| error.to_string())?;
    let own = symbols.into_iter().filter(is_own);
    let mut names = Vec::new();
    for symbol in own.filter(|symbol| !shared.contains(&symbol.name)) {
        let flags = symbol.flags_at.and_then(|at| object.get_mut(at));
        *flags.ok_or("a symbol lies outside of it")? |= HIDDEN;
        names.push(symbol.name);
    }
    Ok(names)
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
