//! The parts of an object that say what its code's numbers mean: symbols and relocations.

use crate::read::index_of;
use std::collections::{BTreeMap, HashMap};
use wasmparser::{
    CompositeInnerType, KnownCustom, Linking, Parser, Payload, RelocationType, SymbolFlags,
    SymbolInfo, TypeRef,
};

/// A function's symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionSymbol {
    /// The function's number.
    pub function: u32,
    /// Its name.
    pub name: String,
    /// Whether other objects see it.
    pub global: bool,
    /// Whether it is defined here.
    pub defined: bool,
}

/// What an object says of its code.
#[derive(Debug, Clone, Default)]
pub(crate) struct Symbols {
    /// How many functions it imports.
    pub imported_functions: u32,
    /// Where the content of the code section begins.
    pub code_start: u32,
    /// The global that is the table's base.
    pub table_base: Option<u32>,
    /// The global that is the stack pointer.
    pub stack_pointer: Option<u32>,
    /// Functions, by the number of the symbol.
    pub functions: BTreeMap<u32, FunctionSymbol>,
    /// The symbols of functions whose addresses stand at places of the code.
    addresses: HashMap<u32, u32>,
    /// The number of parameters of each type.
    parameters: Vec<Option<u32>>,
    /// The type of each function, imports first.
    pub types: Vec<u32>,
}

impl Symbols {
    /// Reads an object's; nothing of a damaged one.
    pub(crate) fn read(object: &[u8]) -> Option<Self> {
        let mut read = Self::default();
        let mut imports: Vec<String> = Vec::new();
        let mut globals = 0;
        let mut places: Vec<(u32, u32)> = Vec::new();
        for payload in Parser::new(0).parse_all(object) {
            match payload.ok()? {
                Payload::TypeSection(section) => {
                    for group in section {
                        for ty in group.ok()?.into_types() {
                            read.parameters.push(match ty.composite_type.inner {
                                CompositeInnerType::Func(ty) => {
                                    u32::try_from(ty.params().len()).ok()
                                }
                                _ => None,
                            });
                        }
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import.ok()?;
                        match import.ty {
                            TypeRef::Func(ty) => {
                                imports.push(import.name.to_owned());
                                read.types.push(ty);
                            }
                            TypeRef::Global(_) => {
                                match import.name {
                                    "__table_base" => read.table_base = Some(globals),
                                    "__stack_pointer" => read.stack_pointer = Some(globals),
                                    _ => {}
                                }
                                globals += 1;
                            }
                            _ => {}
                        }
                    }
                    read.imported_functions = u32::try_from(imports.len()).ok()?;
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        read.types.push(ty.ok()?);
                    }
                }
                Payload::CodeSectionStart {
                    unchecked_range: range,
                    ..
                } => {
                    read.code_start = u32::try_from(range.start).ok()?;
                }
                Payload::CustomSection(section) => match section.as_known() {
                    KnownCustom::Linking(linking) => {
                        for part in linking.subsections() {
                            if let Linking::SymbolTable(table) = part.ok()? {
                                for (number, info) in (0..).zip(table) {
                                    read.symbol(number, info.ok()?, &imports);
                                }
                            }
                        }
                    }
                    KnownCustom::Reloc(relocations) if section.name() == "reloc.CODE" => {
                        for entry in relocations.entries() {
                            let entry = entry.ok()?;
                            if is_address(entry.ty) {
                                places.push((entry.offset, entry.index));
                            }
                        }
                    }
                    _ => {}
                },
                _ => {}
            }
        }
        // A global's relocation is a function's address if its symbol is one.
        places.retain(|(_, symbol)| read.functions.contains_key(symbol));
        read.addresses = places.into_iter().collect();
        Some(read)
    }

    fn symbol(&mut self, number: u32, info: SymbolInfo, imports: &[String]) {
        let SymbolInfo::Func { flags, index, name } = info else {
            return;
        };
        let imported = || imports.get(index_of(index)).map(String::as_str);
        if let Some(name) = name.or_else(imported) {
            let symbol = FunctionSymbol {
                function: index,
                name: name.to_owned(),
                global: !flags.contains(SymbolFlags::BINDING_LOCAL),
                defined: !flags.contains(SymbolFlags::UNDEFINED),
            };
            self.functions.insert(number, symbol);
        }
    }

    /// The symbol of the function whose address stands at a place of the code.
    pub(crate) fn address_at(&self, place: u32) -> Option<u32> {
        self.addresses.get(&place).copied()
    }

    /// Whether any address of a function is taken in the code.
    pub(crate) fn takes_addresses(&self) -> bool {
        !self.addresses.is_empty()
    }

    /// The number of parameters of a type.
    pub(crate) fn parameters(&self, ty: u32) -> Option<u32> {
        *self.parameters.get(index_of(ty))?
    }

    /// The symbol of a function that others see, by its number.
    pub(crate) fn of_function(&self, function: u32) -> Option<&FunctionSymbol> {
        self.functions
            .values()
            .find(|symbol| symbol.function == function)
    }
}

/// Whether a relocation may be of a function's address.
fn is_address(ty: RelocationType) -> bool {
    use RelocationType::{GlobalIndexLeb, TableIndexRelSleb, TableIndexSleb};
    matches!(ty, TableIndexSleb | TableIndexRelSleb | GlobalIndexLeb)
}
