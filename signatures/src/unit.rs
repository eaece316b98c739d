//! What is known of one object file, archive member or linked module.

use crate::signature::Signature;
use camino::{Utf8Path, Utf8PathBuf};
use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// Where a unit comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// The file.
    pub path: Utf8PathBuf,
    /// The member of an archive or wheel.
    pub member: Option<String>,
}

impl Origin {
    /// A file by itself.
    #[must_use]
    pub fn file(path: &Utf8Path) -> Self {
        Self {
            path: path.to_owned(),
            member: None,
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.member {
            None => write!(f, "{}", self.path),
            Some(member) => write!(f, "{}({member})", self.path),
        }
    }
}

impl Serialize for Origin {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A unit's bytes: a file, or a part of one.
#[derive(Clone)]
pub struct Image {
    file: Arc<[u8]>,
    range: Range<usize>,
}

impl Image {
    /// A part of a file; everything where the range does not lie in it.
    #[must_use]
    pub fn new(file: Arc<[u8]>, range: Range<usize>) -> Self {
        let range = if file.get(range.clone()).is_some() {
            range
        } else {
            0..file.len()
        };
        Self { file, range }
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.file[self.range.clone()]
    }
}

impl fmt::Debug for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Image({} bytes)", self.range.len())
    }
}

/// What kind of file a unit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// A relocatable object.
    Object,
    /// A side module: a Python extension module or shared library.
    Module,
    /// A linked program, or Pyodide's runtime.
    Program,
}

/// How a unit takes part in a function of that name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Its code is here.
    Defined,
    /// It is called here, and its code is elsewhere.
    Needed,
}

/// A function that other units can see, or must provide.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its symbol.
    pub name: String,
    /// How it is declared or defined here.
    pub signature: Arc<Signature>,
    /// Which of the two.
    pub role: Role,
    /// A weak definition gives way to another; a weak need may stay open.
    pub weak: bool,
    /// Its number among the unit's functions, imports first.
    pub index: u32,
}

/// A name that is no function's with a signature: data, an exception tag of a linked unit, or a
/// function known by address alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datum {
    /// Its symbol.
    pub name: String,
    /// Whether it is defined here.
    pub role: Role,
    /// Whether it may stay open.
    pub weak: bool,
    /// Whether it is a function whose address is taken.
    pub pointer: bool,
}

/// Implementation of C++ exceptions or of `longjmp` that a unit is compiled for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// Exceptions through JavaScript: `-fexceptions`.
    JsExceptions,
    /// WebAssembly exceptions: `-fwasm-exceptions`.
    WasmExceptions,
    /// `longjmp` through JavaScript: `-sSUPPORT_LONGJMP=emscripten`.
    JsLongjmp,
    /// `longjmp` through WebAssembly exceptions: `-sSUPPORT_LONGJMP=wasm`.
    WasmLongjmp,
}

impl Model {
    /// The compiler's flag.
    #[must_use]
    pub fn flag(self) -> &'static str {
        match self {
            Self::JsExceptions => "-fexceptions",
            Self::WasmExceptions => "-fwasm-exceptions",
            Self::JsLongjmp => "-sSUPPORT_LONGJMP=emscripten",
            Self::WasmLongjmp => "-sSUPPORT_LONGJMP=wasm",
        }
    }

    /// The model that cannot be linked with this one.
    #[must_use]
    pub fn opposite(self) -> Self {
        match self {
            Self::JsExceptions => Self::WasmExceptions,
            Self::WasmExceptions => Self::JsExceptions,
            Self::JsLongjmp => Self::WasmLongjmp,
            Self::WasmLongjmp => Self::JsLongjmp,
        }
    }
}

/// What a side module asks of the one that loads it: the "dylink.0" section of WebAssembly's tool
/// conventions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dylink {
    /// Bytes of memory.
    pub memory_size: u32,
    /// Alignment of that memory, as a power of two.
    pub memory_alignment: u32,
    /// Slots in the table of functions.
    pub table_size: u32,
    /// Libraries it is linked to, by file name.
    pub needed: Vec<String>,
}

/// The memory a linked unit takes or makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// Pages of 64 KiB at the start.
    pub initial: u64,
    /// The most there may be.
    pub maximum: Option<u64>,
    /// Shared between threads.
    pub shared: bool,
    /// Addressed by 64 bits.
    pub wide: bool,
}

/// The table of functions a linked unit takes or makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Table {
    /// Places at the start.
    pub initial: u64,
    /// The most there may be.
    pub maximum: Option<u64>,
}

/// One object file, archive member or linked module.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Where it comes from.
    pub origin: Origin,
    /// What it is.
    pub form: Form,
    /// Functions seen from outside, in the file's order.
    pub functions: Vec<Function>,
    /// Data, and functions known by their address alone.
    pub data: Vec<Datum>,
    /// Exception and longjmp models it shows, sorted.
    pub models: Vec<Model>,
    /// What it asks of its loader, if it is a side module.
    pub dylink: Option<Dylink>,
    /// Memory it imports or makes.
    pub memory: Option<Memory>,
    /// Table of functions it imports or makes.
    pub table: Option<Table>,
    /// Exception tags it imports, or as an object uses.
    pub tags: Vec<String>,
    /// Import modules that are none of C's or the loader's, such as wasm-bindgen's.
    pub foreign: Vec<String>,
    /// Its bytes.
    pub image: Image,
}

impl Unit {
    /// The functions defined here.
    pub fn definitions(&self) -> impl Iterator<Item = &Function> {
        self.functions.iter().filter(|f| f.role == Role::Defined)
    }

    /// The functions that must come from elsewhere.
    pub fn needs(&self) -> impl Iterator<Item = &Function> {
        self.functions.iter().filter(|f| f.role == Role::Needed)
    }

    /// The function needed or defined under a name.
    #[must_use]
    pub fn function(&self, name: &str, role: Role) -> Option<&Function> {
        let mut all = self.functions.iter();
        all.find(|f| f.role == role && f.name == name)
    }
}
