//! Symbols of WebAssembly objects, of archives of them, and of LLVM bitcode.
//!
//! The format of an object's symbols: the "linking" section of WebAssembly's tool conventions.

use object::read::archive::ArchiveFile;
use std::path::{Path, PathBuf};
use std::process::Command;
use wasmparser::{KnownCustom, Linking, Parser, Payload, SymbolFlags, SymbolInfo};

/// A symbol that other objects can see, or need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// Its name.
    pub name: String,
    /// Whether it is defined here; otherwise it is needed.
    pub defined: bool,
    /// Whether it may be seen outside the module: not hidden.
    pub visible: bool,
    /// Whether it gives way to another definition, or may stay undefined.
    pub weak: bool,
    /// Whether it is data: no function.
    pub data: bool,
    /// Where the object holds its flags; bitcode holds none.
    pub flags_at: Option<usize>,
}

/// The symbols of one object, local ones left out.
pub type Symbols = Vec<Symbol>;

/// A file that is linked.
#[derive(Debug, PartialEq, Eq)]
pub enum Binary {
    /// One object. A file of an unknown kind is one without symbols: the linker will name it.
    Object(Symbols),
    /// An archive's members.
    Archive(Vec<Symbols>),
}

/// A linked file is damaged or unreadable.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system cannot read it.
    #[error("cannot read {}: {source}", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It begins like a WebAssembly object or an archive and does not go on so.
    #[error("{} is damaged: {why}; build it again", .path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

const WASM: &[u8] = b"\0asm";
const BITCODE: &[u8] = b"BC\xc0\xde";
const ARCHIVE: &[u8] = b"!<arch>\n";
const THIN_ARCHIVE: &[u8] = b"!<thin>\n";

/// What a file that is linked holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One object, or something unknown.
    Object,
    /// Members.
    Archive,
}

/// What [`walk`] calls with an object's place and bytes; the error says what is wrong with them.
pub type Visitor<'v> = dyn FnMut(&str, &[u8]) -> Result<(), String> + 'v;

/// Calls `each` with every object in a file: its place, for messages, and its bytes.
///
/// # Errors
/// The file or a thin archive's member cannot be read, or is damaged: what `each` says counts.
pub fn walk(path: &Path, each: &mut Visitor) -> Result<Form, ReadError> {
    let read = |path: &Path| {
        signatures::read::bytes(path).map_err(|source| ReadError::Io {
            path: path.into(),
            source,
        })
    };
    let bytes = read(path)?;
    let damaged = |why: String| ReadError::Damaged {
        path: path.into(),
        why,
    };
    let name = path.display().to_string();
    if !bytes.starts_with(ARCHIVE) && !bytes.starts_with(THIN_ARCHIVE) {
        each(&name, &bytes).map_err(damaged)?;
        return Ok(Form::Object);
    }
    let archive = ArchiveFile::parse(&*bytes).map_err(|e| damaged(e.to_string()))?;
    for member in archive.members() {
        let member = member.map_err(|e| damaged(e.to_string()))?;
        let place = format!("{name}({})", String::from_utf8_lossy(member.name()));
        if member.is_thin() {
            // A thin archive names its members relative to itself.
            let folder = path.parent().unwrap_or(Path::new("."));
            let file = folder.join(toolcall::os_str::os(member.name()));
            each(&place, &read(&file)?).map_err(damaged)?;
        } else {
            let bytes = member.data(&*bytes).map_err(|e| damaged(e.to_string()))?;
            each(&place, bytes).map_err(damaged)?;
        }
    }
    Ok(Form::Archive)
}

/// Reads the symbols of an object or archive.
///
/// # Errors
/// The file cannot be read or is damaged.
pub fn read(path: &Path, llvm_nm: &Path) -> Result<Binary, ReadError> {
    let mut members = Vec::new();
    let mut bitcode = false;
    let form = walk(path, &mut |_, bytes| {
        bitcode |= bytes.starts_with(BITCODE);
        members.push(if bytes.starts_with(WASM) {
            wasm(bytes).map_err(|error| error.to_string())?
        } else {
            Symbols::new()
        });
        Ok(())
    })?;
    if bitcode {
        // llvm-nm lists an archive's members one after another; together they are as good as one.
        let listed = nm(path, llvm_nm);
        members = vec![listed.map_err(|why| ReadError::Damaged {
            path: path.into(),
            why,
        })?];
    }
    Ok(match form {
        Form::Archive => Binary::Archive(members),
        Form::Object => Binary::Object(members.pop().unwrap_or_default()),
    })
}

/// The symbols of a WebAssembly object.
///
/// # Errors
/// It is damaged.
pub fn wasm(bytes: &[u8]) -> wasmparser::Result<Symbols> {
    let mut imports = Vec::new();
    let mut symbols = Vec::new();
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    let import = import?;
                    if matches!(import.ty, wasmparser::TypeRef::Func(_)) {
                        imports.push(import.name);
                    }
                }
            }
            Payload::CustomSection(section) => {
                let KnownCustom::Linking(linking) = section.as_known() else {
                    continue;
                };
                for part in linking.subsections() {
                    let Linking::SymbolTable(table) = part? else {
                        continue;
                    };
                    for entry in table.into_iter_with_offsets() {
                        let (at, info) = entry?;
                        symbols.extend(symbol(&info, &imports).map(|symbol| Symbol {
                            // An entry begins with its kind, in one byte.
                            flags_at: usize::try_from(at).ok().map(|at| at + 1),
                            ..symbol
                        }));
                    }
                }
            }
            _ => {}
        }
    }
    Ok(symbols)
}

fn symbol(info: &SymbolInfo, imports: &[&str]) -> Option<Symbol> {
    let (flags, name) = match info {
        SymbolInfo::Func { flags, index, name } => {
            // An undefined function without a name of its own has its import's.
            let imported = || imports.get(usize::try_from(*index).ok()?).copied();
            (flags, name.or_else(imported)?)
        }
        SymbolInfo::Data { flags, name, .. } => (flags, *name),
        SymbolInfo::Global { flags, name, .. } => (flags, (*name)?),
        _ => return None,
    };
    let local = flags.contains(SymbolFlags::BINDING_LOCAL);
    (!local).then(|| Symbol {
        name: name.to_owned(),
        defined: !flags.contains(SymbolFlags::UNDEFINED),
        visible: !flags.contains(SymbolFlags::VISIBILITY_HIDDEN),
        weak: flags.contains(SymbolFlags::BINDING_WEAK),
        data: matches!(info, SymbolInfo::Data { .. }),
        flags_at: None,
    })
}

/// Bitcode's symbols, which llvm-nm lists without their visibility: all count as visible.
fn nm(path: &Path, llvm_nm: &Path) -> Result<Symbols, String> {
    let listed = Command::new(llvm_nm)
        .args(["--extern-only", "--format=posix"])
        .arg(path)
        .output()
        .map_err(|error| format!("cannot run {}: {error}", llvm_nm.display()))?;
    if !listed.status.success() {
        return Err(String::from_utf8_lossy(&listed.stderr).trim().to_owned());
    }
    let text = String::from_utf8_lossy(&listed.stdout);
    let symbols = text.lines().filter_map(|line| {
        let mut columns = line.split(' ');
        let name = columns.next()?;
        let kind = columns.next()?;
        (kind.len() == 1).then(|| Symbol {
            name: name.to_owned(),
            defined: !kind.eq_ignore_ascii_case("u") && kind != "w",
            visible: true,
            weak: kind.contains(['V', 'W', 'v', 'w']),
            // What is weak may be either.
            data: !kind.contains(['T', 't']),
            flags_at: None,
        })
    });
    Ok(symbols.collect())
}
