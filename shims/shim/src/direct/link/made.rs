//! Objects and archives for tests.

use wasm_encoder::{
    CodeSection, EntityType, Function, FunctionSection, ImportSection, LinkingSection, Module,
    SymbolTable, TypeSection,
};

/// An object that defines a function, and needs others.
pub(super) fn object(defines: &str, needs: &[&str]) -> Vec<u8> {
    let mut types = TypeSection::new();
    types.ty().function([], []);
    let mut imports = ImportSection::new();
    let mut symbols = SymbolTable::new();
    for (number, need) in needs.iter().enumerate() {
        imports.import("env", need, EntityType::Function(0));
        let undefined = SymbolTable::WASM_SYM_UNDEFINED;
        symbols.function(undefined, u32::try_from(number).unwrap(), None);
    }
    let mut functions = FunctionSection::new();
    functions.function(0);
    symbols.function(0, u32::try_from(needs.len()).unwrap(), Some(defines));
    let mut code = CodeSection::new();
    let mut body = Function::new([]);
    body.instructions().end();
    code.function(&body);
    let mut linking = LinkingSection::new();
    linking.symbol_table(&symbols);
    let mut module = Module::new();
    module.section(&types).section(&imports).section(&functions);
    module.section(&code).section(&linking);
    module.finish()
}

/// An archive of these.
pub(super) fn archive(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut archive = b"!<arch>\n".to_vec();
    let tables: [(&str, &[u8]); 2] = [("/", b"\0\0\0\0"), ("//", b"a_long_name_of_a_member.o/\n")];
    let members = objects.iter().map(|object| ("/0", &object[..]));
    for (name, bytes) in tables.into_iter().chain(members) {
        let header = format!(
            "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
            0,
            0,
            0,
            644,
            bytes.len()
        );
        assert_eq!(header.len(), 60);
        archive.extend(header.bytes());
        archive.extend(bytes);
        archive.resize(archive.len().next_multiple_of(2), b'\n');
    }
    archive
}
