//! What emcc looks at in a program's code when it makes the JavaScript around it.
//!
//! Programs that agree in this get the same JavaScript. Source: `extract_metadata`, `update_metadata` and
//! what `emscript` makes of them, in Emscripten 3.1.58 to 6.0.5.

use super::object::FEATURES;
use std::fmt::Write as _;
use wasmparser::{
    ExternalKind, FuncType, FunctionBody, GlobalType, Operator, Parser, Payload, TypeRef,
};

/// Exports of which emcc reads the data: JavaScript in the code, and what that needs.
const WITH_DATA: &[&str] = &["__em_js__", "__start_em_", "__stop_em_"];

/// The names of `main`, the one that emcc prefers first.
const MAINS: &[&str] = &["main", "__main_argc_argv"];

/// A program's functions and globals, as far as they are read.
#[derive(Default)]
struct Reader {
    types: Vec<FuncType>,
    /// The types of functions, by their numbers; imported ones first.
    functions: Vec<usize>,
    imported: usize,
    globals: Vec<String>,
    main: Option<usize>,
    bodies: usize,
    facts: String,
}

/// The facts of a program's code as text; `None` where emcc looks at more than is known here.
pub(super) fn read(bytes: &[u8]) -> Option<String> {
    let mut reader = Reader::default();
    for payload in Parser::new(0).parse_all(bytes) {
        reader.payload(payload.ok()?)?;
    }
    Some(reader.facts)
}

impl Reader {
    fn payload(&mut self, payload: Payload) -> Option<()> {
        match payload {
            Payload::TypeSection(types) => {
                for signature in types.into_iter_err_on_gc_types() {
                    self.types.push(signature.ok()?);
                }
            }
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import.ok()?;
                    let what = match import.ty {
                        TypeRef::Func(number) => {
                            self.functions.push(number as usize);
                            self.imported += 1;
                            self.signature(number as usize)?
                        }
                        TypeRef::Global(global) => {
                            self.globals.push(variable(global));
                            variable(global)
                        }
                        other => format!("{other:?}"),
                    };
                    self.say("import", import.module, import.name, &what);
                }
            }
            Payload::FunctionSection(functions) => {
                for number in functions {
                    self.functions.push(number.ok()? as usize);
                }
            }
            Payload::GlobalSection(globals) => {
                for global in globals {
                    let global = global.ok()?;
                    let mut what = variable(global.ty);
                    for operator in global.init_expr.get_operators_reader() {
                        let _ = write!(what, " {:?}", operator.ok()?);
                    }
                    self.globals.push(what);
                }
            }
            Payload::ExportSection(exports) => {
                let mut mains = vec![None; MAINS.len()];
                for export in exports {
                    let export = export.ok()?;
                    let (name, number) = (export.name, export.index as usize);
                    if WITH_DATA.iter().any(|start| name.starts_with(start)) {
                        return None;
                    }
                    let what = match export.kind {
                        ExternalKind::Func => self.signature(*self.functions.get(number)?)?,
                        ExternalKind::Global => self.globals.get(number)?.clone(),
                        _ => String::new(),
                    };
                    let kind = format!("export {:?}", export.kind);
                    self.say(&kind, "", name, &what);
                    if let Some(at) = MAINS.iter().position(|main| name == *main) {
                        mains[at] = Some(number);
                    }
                }
                self.main = mains.into_iter().flatten().next();
            }
            Payload::CodeSectionEntry(body) => {
                if self.main == Some(self.imported + self.bodies) {
                    let what = self.main(&body)?;
                    self.say("main", "", "", &what);
                }
                self.bodies += 1;
            }
            Payload::CustomSection(section) if section.name() == FEATURES => {
                let what = format!("{:?}", section.data());
                self.say("features", "", "", &what);
            }
            _ => {}
        }
        Some(())
    }

    fn say(&mut self, kind: &str, module: &str, name: &str, what: &str) {
        // Writing to a String cannot fail.
        let _ = writeln!(self.facts, "{kind} {module:?} {name:?} {what}");
    }

    fn signature(&self, number: usize) -> Option<String> {
        self.types
            .get(number)
            .map(|signature| format!("{signature:?}"))
    }

    /// Whether `main` may be a wrapper of one without parameters, for which emcc takes it that only calls
    /// functions without parameters; and all that this could depend on.
    fn main(&self, body: &FunctionBody) -> Option<String> {
        let mut what = "calls".to_owned();
        for operator in body.get_operators_reader().ok()? {
            match operator.ok()? {
                Operator::Call { function_index } => {
                    let signature = *self.functions.get(function_index as usize)?;
                    let arguments = self.types.get(signature)?.params().len();
                    let _ = write!(what, " {arguments}");
                }
                Operator::LocalGet { .. } => what.push_str(" get"),
                Operator::LocalSet { .. } => what.push_str(" set"),
                Operator::Return => what.push_str(" return"),
                Operator::End => what.push_str(" end"),
                _ => return Some("does more".to_owned()),
            }
        }
        Some(what)
    }
}

fn variable(global: GlobalType) -> String {
    format!("{:?} {}", global.content_type, global.mutable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection,
        GlobalSection, Module, TypeSection, ValType,
    };

    /// A program whose `main` is the function that `fill` writes, with a variable of this value.
    fn program(value: i32, export: &str, fill: impl FnOnce(&mut Function)) -> Vec<u8> {
        let mut types = TypeSection::new();
        types.ty().function([], [ValType::I32]);
        let mut functions = FunctionSection::new();
        functions.function(0).function(0);
        let mut globals = GlobalSection::new();
        let ty = wasm_encoder::GlobalType {
            val_type: ValType::I32,
            mutable: false,
            shared: false,
        };
        globals.global(ty, &ConstExpr::i32_const(value));
        let mut exports = ExportSection::new();
        exports.export("main", ExportKind::Func, 1);
        exports.export(export, ExportKind::Global, 0);
        let mut code = CodeSection::new();
        let mut first = Function::new([]);
        first.instructions().i32_const(value).end();
        code.function(&first);
        let mut main = Function::new([]);
        fill(&mut main);
        code.function(&main);
        let mut module = Module::new();
        module.section(&types).section(&functions).section(&globals);
        module.section(&exports).section(&code);
        module.finish()
    }

    fn wrapper(main: &mut Function) {
        main.instructions().call(0).end();
    }

    #[test]
    fn what_the_javascript_depends_on_is_told_apart() {
        let base = read(&program(1, "x", wrapper)).unwrap();
        assert_eq!(read(&program(1, "x", wrapper)).unwrap(), base);
        let larger = |main: &mut Function| {
            main.instructions().i32_const(7).end();
        };
        for other in [
            program(2, "x", wrapper),
            program(1, "y", wrapper),
            program(1, "x", larger),
        ] {
            assert_ne!(read(&other).unwrap(), base);
        }
        let more = |main: &mut Function| {
            main.instructions().i32_const(9).drop().call(0).end();
        };
        assert_eq!(
            read(&program(1, "x", larger)),
            read(&program(1, "x", more)),
            "what a larger main does is its own"
        );
    }

    #[test]
    fn javascript_in_the_code_is_emccs() {
        for name in ["__em_js__f", "__start_em_asm", "__stop_em_lib_deps"] {
            assert_eq!(read(&program(1, name, wrapper)), None, "{name}");
        }
        assert_eq!(read(b"no module"), None);
    }
}
