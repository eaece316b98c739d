//! Features of WebAssembly: those that the engines have, and those that a module needs.

use wasmparser::{Validator, WasmFeatures};

/// What of WebAssembly the engines have that run Pyodide: without threads, memory beyond 4 GiB,
/// several memories, and what not all of the browsers have. Source: Pyodide's list of supported
/// browsers, and the table of features of webassembly.org.
pub(crate) const ENGINES: WasmFeatures = WasmFeatures::WASM2
    .union(WasmFeatures::EXTENDED_CONST)
    .union(WasmFeatures::TAIL_CALL)
    .union(WasmFeatures::EXCEPTIONS)
    .union(WasmFeatures::LEGACY_EXCEPTIONS);

/// Those of them that are not in the first version of WebAssembly, by Binaryen's names, which has one for
/// both forms of exceptions. Source: `src/tools/tool-options.h` and `src/wasm-features.h` of Binaryen.
const NAMES: &[(&str, WasmFeatures)] = &[
    ("bulk-memory", WasmFeatures::BULK_MEMORY),
    (
        "exception-handling",
        WasmFeatures::EXCEPTIONS.union(WasmFeatures::LEGACY_EXCEPTIONS),
    ),
    ("extended-const", WasmFeatures::EXTENDED_CONST),
    ("multivalue", WasmFeatures::MULTI_VALUE),
    ("mutable-globals", WasmFeatures::MUTABLE_GLOBAL),
    (
        "nontrapping-float-to-int",
        WasmFeatures::SATURATING_FLOAT_TO_INT,
    ),
    ("reference-types", WasmFeatures::REFERENCE_TYPES),
    ("sign-ext", WasmFeatures::SIGN_EXTENSION),
    ("simd", WasmFeatures::SIMD),
    ("tail-call", WasmFeatures::TAIL_CALL),
];

/// The features without which a module is none, by Binaryen's names: tools that work on it are to add no
/// other. Modules seldom say so themselves, as emcc leaves the section out that would.
///
/// # Errors
/// The engines refuse the module with all that they have; for this reason.
pub fn needed(module: &[u8]) -> Result<Vec<&'static str>, String> {
    let validate = |features| Validator::new_with_features(features).validate_all(module);
    validate(ENGINES).map_err(|error| error.to_string())?;
    let is_needed = |feature| validate(ENGINES.difference(feature)).is_err();
    let needed = NAMES.iter().filter(|(_, feature)| is_needed(*feature));
    Ok(needed.map(|(name, _)| *name).collect())
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        CodeSection, Function, FunctionSection, Instruction, Module, TypeSection, ValType,
    };

    use super::*;

    fn module(body: &[Instruction<'_>]) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([ValType::F32], [ValType::I32]);
        let mut functions = FunctionSection::new();
        functions.function(0);
        let mut function = Function::new([]);
        for instruction in body {
            function.instruction(instruction);
        }
        function.instruction(&Instruction::End);
        let mut code = CodeSection::new();
        code.function(&function);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&code);
        module.finish()
    }

    #[test]
    fn a_module_needs_what_its_code_uses() {
        let plain = module(&[Instruction::LocalGet(0), Instruction::I32TruncF32S]);
        assert_eq!(needed(&plain).unwrap(), [""; 0]);
        let later = module(&[
            Instruction::LocalGet(0),
            Instruction::I32TruncSatF32S,
            Instruction::I32Extend8S,
        ]);
        assert_eq!(
            needed(&later).unwrap(),
            ["nontrapping-float-to-int", "sign-ext"]
        );
        let wrong = module(&[Instruction::LocalGet(0)]);
        assert!(needed(&wrong).unwrap_err().contains("type mismatch"));
    }
}
