//! One WebAssembly file: relocatable object, side module or program.
//!
//! The formats: the WebAssembly specification; "linking" and "dylink.0" of WebAssembly's tool
//! conventions. Only the tables are read, never the code: that is left for [`crate::body`].

use crate::signature::{Signature, ValType};
use crate::unit::{Datum, Dylink, Form, Function, Image, Memory, Model, Origin, Role, Table, Unit};
use std::collections::BTreeSet;
use std::sync::Arc;
use wasmparser::{
    BinaryReaderError, Dylink0Subsection, ExternalKind, KnownCustom, Linking, Parser, Payload,
    SymbolFlags, SymbolInfo, TypeRef,
};

/// The symbols by which a unit shows how it was compiled; a `*` at the end stands for anything.
/// Source: LLVM's WebAssembly lowering of exceptions and `setjmp`, and Emscripten's libraries.
const MARKS: &[(&str, Model)] = &[
    ("__c_longjmp", Model::WasmLongjmp),
    ("__cpp_exception", Model::WasmExceptions),
    ("__cxa_find_matching_catch_*", Model::JsExceptions),
    ("__resumeException", Model::JsExceptions),
    ("__wasm_longjmp", Model::WasmLongjmp),
    ("_emscripten_throw_longjmp", Model::JsLongjmp),
    ("emscripten_longjmp", Model::JsLongjmp),
    ("llvm_eh_typeid_for", Model::JsExceptions),
];

/// Names of import modules that stand for other code.
const CODE_MODULES: &[&str] = &["env", "wasi_snapshot_preview1"];
/// Names of import modules that are tables of addresses, of functions and of data.
const ADDRESS_MODULES: [&str; 2] = ["GOT.func", "GOT.mem"];

/// Everything read so far.
#[derive(Default)]
struct Reader {
    types: Vec<Arc<Signature>>,
    /// The type of each function, imports first.
    functions: Vec<u32>,
    imports: Vec<Import>,
    exports: Vec<(String, ExternalKind, u32)>,
    symbols: Option<(Vec<Function>, Vec<Datum>)>,
    addresses: Vec<Datum>,
    tags: Vec<String>,
    foreign: BTreeSet<String>,
    dylink: Option<Dylink>,
    weak: BTreeSet<String>,
    memory: Option<Memory>,
    table: Option<Table>,
}

/// A function import.
struct Import {
    name: String,
    code: bool,
}

/// Reads a unit.
///
/// # Errors
/// It is not WebAssembly or is damaged; the message says where.
pub fn unit(origin: Origin, image: Image) -> Result<Unit, String> {
    let mut reader = Reader::default();
    for payload in Parser::new(0).parse_all(image.bytes()) {
        payload
            .map_err(Fault::from)
            .and_then(|payload| reader.payload(payload))
            .map_err(|fault| fault.0)?;
    }
    Ok(reader.finish(origin, image))
}

/// The types of a file, in its order.
pub(crate) fn types(image: &Image) -> Option<Vec<Arc<Signature>>> {
    let mut reader = Reader::default();
    for payload in Parser::new(0).parse_all(image.bytes()) {
        let payload = payload.ok()?;
        if let Payload::TypeSection(_) = payload {
            reader.payload(payload).ok()?;
            break;
        }
    }
    Some(reader.types)
}

/// The signatures of a file's functions, imports first; nothing for a damaged file.
pub(crate) fn functions(image: &Image) -> Option<Vec<Arc<Signature>>> {
    let mut reader = Reader::default();
    for payload in Parser::new(0).parse_all(image.bytes()) {
        match payload.ok()? {
            payload @ (Payload::TypeSection(_)
            | Payload::ImportSection(_)
            | Payload::FunctionSection(_)) => reader.payload(payload).ok()?,
            Payload::CodeSectionStart { .. } => break,
            _ => {}
        }
    }
    let numbers = reader.functions.iter();
    let types = numbers.map(|ty| reader.types.get(index_of(*ty)).cloned());
    types.collect()
}

/// What is wrong with the file.
struct Fault(String);

impl From<BinaryReaderError> for Fault {
    fn from(error: BinaryReaderError) -> Self {
        Self(error.to_string())
    }
}

impl Fault {
    fn number(what: &str, index: u32) -> Self {
        Self(format!("{what} {index} does not exist"))
    }
}

type Read = Result<(), Fault>;

impl Reader {
    fn payload(&mut self, payload: Payload) -> Read {
        match payload {
            Payload::TypeSection(section) => {
                for ty in section.into_iter_err_on_gc_types() {
                    let ty = ty?;
                    let list = |types: &[wasmparser::ValType]| {
                        types.iter().map(|&ty| ValType::from(ty)).collect()
                    };
                    self.types.push(Arc::new(Signature {
                        params: list(ty.params()),
                        results: list(ty.results()),
                    }));
                }
            }
            Payload::ImportSection(section) => {
                for import in section.into_imports() {
                    self.import(import?);
                }
            }
            Payload::FunctionSection(section) => {
                for ty in section {
                    self.functions.push(ty?);
                }
            }
            Payload::MemorySection(section) => {
                for ty in section {
                    self.memory = Some(memory(ty?));
                }
            }
            Payload::TableSection(section) => {
                for made in section {
                    self.table = Some(table(&made?.ty));
                }
            }
            Payload::ExportSection(section) => {
                for export in section {
                    let export = export?;
                    let name = export.name.to_owned();
                    self.exports.push((name, export.kind, export.index));
                }
            }
            Payload::CustomSection(section) => match section.as_known() {
                KnownCustom::Linking(linking) => {
                    let mut read = (Vec::new(), Vec::new());
                    for part in linking.subsections() {
                        let Linking::SymbolTable(table) = part? else {
                            continue;
                        };
                        for symbol in table {
                            self.symbol(&symbol?, &mut read)?;
                        }
                    }
                    self.symbols = Some(read);
                }
                KnownCustom::Dylink0(dylink) => {
                    for part in dylink {
                        self.dylink(part?);
                    }
                }
                _ => {}
            },
            _ => {}
        }
        Ok(())
    }

    fn import(&mut self, import: wasmparser::Import) {
        let code = CODE_MODULES.contains(&import.module);
        let name = import.name.to_owned();
        if !code && !ADDRESS_MODULES.contains(&import.module) {
            self.foreign.insert(import.module.to_owned());
        }
        match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                self.functions.push(ty);
                self.imports.push(Import { name, code });
            }
            TypeRef::Global(_) if ADDRESS_MODULES.contains(&import.module) => {
                let pointer = import.module == ADDRESS_MODULES[0];
                self.addresses.push(datum(name, pointer));
            }
            TypeRef::Memory(ty) => self.memory = Some(memory(ty)),
            TypeRef::Tag(_) => self.tags.push(name),
            TypeRef::Table(ty) => self.table = Some(table(&ty)),
            TypeRef::Global(_) => {}
        }
    }

    fn dylink(&mut self, part: Dylink0Subsection) {
        let dylink = self.dylink.get_or_insert_default();
        match part {
            Dylink0Subsection::MemInfo(info) => {
                dylink.memory_size = info.memory_size;
                dylink.memory_alignment = info.memory_alignment;
                dylink.table_size = info.table_size;
            }
            Dylink0Subsection::Needed(names) => {
                dylink.needed = names.into_iter().map(str::to_owned).collect();
            }
            Dylink0Subsection::ImportInfo(infos) => {
                let weak = infos
                    .into_iter()
                    .filter(|info| info.flags.contains(SymbolFlags::BINDING_WEAK));
                self.weak.extend(weak.map(|info| info.field.to_owned()));
            }
            _ => {}
        }
    }

    /// A symbol that other objects can see or must provide.
    fn symbol(
        &mut self,
        info: &SymbolInfo,
        (functions, data): &mut (Vec<Function>, Vec<Datum>),
    ) -> Read {
        let role_of = |flags: &SymbolFlags| {
            let undefined = flags.contains(SymbolFlags::UNDEFINED);
            if undefined {
                Role::Needed
            } else {
                Role::Defined
            }
        };
        match info {
            SymbolInfo::Func { flags, index, name } => {
                if flags.contains(SymbolFlags::BINDING_LOCAL) {
                    return Ok(());
                }
                // An undefined function without a name of its own has its import's.
                let imported = || self.imports.get(index_of(*index)).map(|i| i.name.as_str());
                let name = name.or_else(imported);
                let name = name.ok_or_else(|| Fault::number("import", *index))?;
                functions.push(Function {
                    name: name.to_owned(),
                    signature: self.signature(*index)?,
                    role: role_of(flags),
                    weak: flags.contains(SymbolFlags::BINDING_WEAK),
                    index: *index,
                });
            }
            SymbolInfo::Data { flags, name, .. } if !flags.contains(SymbolFlags::BINDING_LOCAL) => {
                data.push(Datum {
                    name: (*name).to_owned(),
                    role: role_of(flags),
                    weak: flags.contains(SymbolFlags::BINDING_WEAK),
                    pointer: false,
                });
            }
            // Defined, weakly, in every object that uses it, unless that is for a side module.
            SymbolInfo::Event { name, .. } => self.tags.extend(name.map(str::to_owned)),
            _ => {}
        }
        Ok(())
    }

    fn signature(&self, function: u32) -> Result<Arc<Signature>, Fault> {
        let ty = self.functions.get(index_of(function));
        let ty = *ty.ok_or_else(|| Fault::number("function", function))?;
        let signature = self.types.get(index_of(ty));
        signature.cloned().ok_or_else(|| Fault::number("type", ty))
    }

    fn finish(mut self, origin: Origin, image: Image) -> Unit {
        let form = match (&self.symbols, &self.dylink) {
            (Some(_), _) => Form::Object,
            (None, Some(_)) => Form::Module,
            (None, None) => Form::Program,
        };
        let (functions, data) = match self.symbols.take() {
            Some(symbols) => symbols,
            None => (self.linked_functions(), self.linked_data()),
        };
        let mut seen: BTreeSet<Model> = BTreeSet::new();
        let needed = functions.iter().filter(|f| f.role == Role::Needed);
        for name in needed.map(|f| &f.name).chain(&self.tags) {
            seen.extend(MARKS.iter().filter(|m| is_mark(m.0, name)).map(|m| m.1));
        }
        Unit {
            origin,
            form,
            functions,
            data,
            models: seen.into_iter().collect(),
            dylink: self.dylink,
            memory: self.memory,
            tags: self.tags,
            foreign: self.foreign.into_iter().collect(),
            table: self.table,
            image,
        }
    }

    /// What a linked file imports and exports. A number out of range names nothing: engines
    /// refuse such a file by themselves.
    fn linked_functions(&self) -> Vec<Function> {
        let imports = self.imports.iter().zip(0u32..);
        let needed = imports
            .filter(|(import, _)| import.code)
            .map(|(import, index)| (import.name.clone(), Role::Needed, index));
        let functions = |export: &&(String, ExternalKind, u32)| export.1 == ExternalKind::Func;
        let exports = self.exports.iter().filter(functions);
        let defined = exports.map(|(name, _, index)| (name.clone(), Role::Defined, *index));
        needed
            .chain(defined)
            .filter_map(|(name, role, index)| {
                Some(Function {
                    signature: self.signature(index).ok()?,
                    weak: role == Role::Needed && self.weak.contains(&name),
                    name,
                    role,
                    index,
                })
            })
            .collect()
    }

    fn linked_data(&mut self) -> Vec<Datum> {
        let mut data = std::mem::take(&mut self.addresses);
        for datum in &mut data {
            datum.weak = self.weak.contains(&datum.name);
        }
        let named = |export: &&(String, ExternalKind, u32)| {
            matches!(export.1, ExternalKind::Global | ExternalKind::Tag)
        };
        data.extend(self.exports.iter().filter(named).map(|export| Datum {
            role: Role::Defined,
            ..datum(export.0.clone(), false)
        }));
        data
    }
}

fn memory(ty: wasmparser::MemoryType) -> Memory {
    Memory {
        initial: ty.initial,
        maximum: ty.maximum,
        shared: ty.shared,
        wide: ty.memory64,
    }
}

fn table(ty: &wasmparser::TableType) -> Table {
    Table {
        initial: ty.initial,
        maximum: ty.maximum,
    }
}

fn datum(name: String, pointer: bool) -> Datum {
    Datum {
        name,
        role: Role::Needed,
        weak: false,
        pointer,
    }
}

fn is_mark(mark: &str, name: &str) -> bool {
    match mark.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == mark,
    }
}

/// A number of the file's as an index of ours: 32 bits fit.
pub(crate) fn index_of(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
