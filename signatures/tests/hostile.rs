//! Damaged and hostile files: an error or nothing, never a panic, and never more memory than the
//! file accounts for.

use camino::Utf8Path;
use proptest::prelude::*;
use signatures::audit::Severity;
use signatures::read::{self, Binary};
use signatures::repair::{self, Adapter, Arguments, Bridge, ResultChange};
use signatures::runtime::Runtime;
use signatures::signature::{Signature, ValType};
use signatures::unit::{Table, Unit};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A relocatable object with a needed function and a defined one.
fn object() -> Vec<u8> {
    repair::adapters(&[Adapter {
        name: "caller".into(),
        symbol: "dscal_".into(),
        caller: Arc::new(Signature::new(&[ValType::I32; 2], &[ValType::F64])),
        definition: Arc::new(Signature::new(&[ValType::I32; 2], &[ValType::F32])),
        bridge: Bridge {
            arguments: Arguments::Same,
            result: ResultChange::Promote,
        },
    }])
}

/// An archive of members.
fn archive(magic: &str, members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = magic.as_bytes().to_vec();
    for (name, data) in members {
        let header = format!(
            "{name:<16}{:<12}{:<6}{:<6}{:<8}{:<10}`\n",
            0,
            0,
            0,
            644,
            data.len()
        );
        bytes.extend(header.as_bytes());
        bytes.extend(*data);
        if data.len() % 2 == 1 {
            bytes.push(b'\n');
        }
    }
    bytes
}

fn wheel() -> Vec<u8> {
    use std::io::{Cursor, Write as _};
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (name, data) in [
        ("p/m.so", object()),
        (
            "p-1.dist-info/METADATA",
            b"Requires-Dist: numpy (>=2)\nRequires-Dist: x; extra == 'y'\n".to_vec(),
        ),
    ] {
        zip.start_file(name, options).expect("room in memory");
        zip.write_all(&data).expect("room in memory");
    }
    zip.finish().expect("room in memory").into_inner()
}

/// A side module with a type's slots: `tp_clear` gives nothing.
fn side_module() -> Vec<u8> {
    use wasm_encoder::{
        CodeSection, ConstExpr, CustomSection, DataSection, ElementSection, Elements, ExportKind,
        ExportSection, Function, FunctionSection, GlobalType, ImportSection, MemArg, MemArgTarget,
        MemoryType, Module, RefType, TableType, TypeSection, ValType,
    };
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    types.ty().function([ValType::I32], []);
    types.ty().function([], []);
    let mut imports = ImportSection::new();
    let base = GlobalType {
        val_type: ValType::I32,
        mutable: false,
        shared: false,
    };
    imports.import("env", "__memory_base", base);
    imports.import("env", "__table_base", base);
    let memory = MemoryType {
        minimum: 0,
        maximum: None,
        memory64: false,
        shared: false,
        page_size_log2: None,
    };
    imports.import("env", "memory", memory);
    let table = TableType {
        element_type: RefType::FUNCREF,
        table64: false,
        minimum: 0,
        maximum: None,
        shared: false,
    };
    imports.import("env", "__indirect_function_table", table);
    let mut functions = FunctionSection::new();
    functions.function(2).function(0).function(1);
    let mut exports = ExportSection::new();
    exports.export("__wasm_apply_data_relocs", ExportKind::Func, 0);
    let mut elements = ElementSection::new();
    let offset = ConstExpr::global_get(1);
    elements.active(None, &offset, Elements::Functions([1, 2].as_slice().into()));
    let mut store = Function::new([]);
    let mut data = Vec::new();
    // repr, iter, hash: they fit; clear does not.
    for (at, (slot, place)) in (0u32..).zip([(66u32, 0), (62, 0), (59, 0), (51, 1)]) {
        data.extend(slot.to_le_bytes());
        data.extend([0; 4]);
        let offset = i32::try_from(at * 8 + 4).unwrap_or_default();
        let mut code = store.instructions();
        code.global_get(0).i32_const(offset).i32_add();
        code.global_get(1).i32_const(place).i32_add();
        code.i32_store(MemArg {
            offset: 0,
            align: 2,
            target: MemArgTarget::Memory(0),
            ordering: None,
        });
    }
    store.instructions().end();
    data.extend([0; 8]);
    let mut one = Function::new([]);
    one.instructions().i32_const(0).end();
    let mut nothing = Function::new([]);
    nothing.instructions().end();
    let mut code = CodeSection::new();
    code.function(&store).function(&one).function(&nothing);
    let mut segments = DataSection::new();
    segments.active(0, &ConstExpr::global_get(0), data);
    let dylink = CustomSection {
        name: "dylink.0".into(),
        data: [1, 4, 40, 2, 2, 0].as_slice().into(),
    };
    let mut module = Module::new();
    module.section(&dylink).section(&types).section(&imports);
    module
        .section(&functions)
        .section(&exports)
        .section(&elements);
    module.section(&code).section(&segments);
    module.finish()
}

/// Everything that is done with a file; whether it was read.
fn use_all(bytes: &[u8]) -> bool {
    let Ok(binary) = read::parse(Utf8Path::new("x"), bytes.into()) else {
        return false;
    };
    let units: Vec<Unit> = binary.into_units();
    let findings = signatures::check::check(&units);
    let _ = findings.to_string();
    let renames = BTreeMap::from([("dscal_".to_owned(), "other".to_owned())]);
    let runtime = Runtime::of([]);
    let _ = signatures::audit::audit(&units, &units, &runtime).to_string();
    for unit in &units {
        let _ = repair::redirect(unit.image.bytes(), &renames);
        for function in unit.definitions() {
            let _ = signatures::body::parameters_read(unit, function.index);
        }
    }
    true
}

#[test]
fn whole_files_are_read() {
    let object = object();
    let Ok(Binary::Unit(unit)) = read::parse(Utf8Path::new("x.o"), object.clone().into()) else {
        panic!("no object");
    };
    let names: Vec<&str> = unit.functions.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["dscal_", "caller"]);
    let bytes = archive(
        "!<arch>\n",
        &[("a.o/", &object), ("note/", b"text"), ("b.o/", &object)],
    );
    let Ok(Binary::Archive(units)) = read::parse(Utf8Path::new("x.a"), bytes.into()) else {
        panic!("no archive");
    };
    let origins: Vec<String> = units.iter().map(|unit| unit.origin.to_string()).collect();
    assert_eq!(origins, ["x.a(a.o)", "x.a(b.o)"]);
    let Ok(Binary::Wheel(wheel)) = read::parse(Utf8Path::new("x.whl"), wheel().into()) else {
        panic!("no wheel");
    };
    assert_eq!(wheel.modules.len(), 1);
    assert_eq!(wheel.requires, ["numpy"]);
}

#[test]
fn a_slot_of_another_type_is_found() {
    let bytes = side_module();
    wasmparser::Validator::new().validate_all(&bytes).unwrap();
    let Ok(Binary::Unit(unit)) = read::parse(Utf8Path::new("x.so"), bytes.into()) else {
        panic!("no module");
    };
    let wrong = signatures::slots::wrong_slots(&unit);
    let found: Vec<(&str, u32)> = wrong.iter().map(|w| (&*w.slot, w.function)).collect();
    assert_eq!(found, [("tp_clear", 2)]);
}

#[test]
fn a_table_that_may_not_grow_with_the_runtimes() {
    let Ok(Binary::Unit(unit)) = read::parse(Utf8Path::new("x.so"), side_module().into()) else {
        panic!("no module");
    };
    let problems = |maximum: Option<u64>| {
        let mut module = (*unit).clone();
        module.table = Some(Table {
            initial: 2,
            maximum,
        });
        let mut runtime = Runtime::of([]);
        runtime.table = Some(Table {
            initial: 9,
            maximum: None,
        });
        let found = signatures::audit::audit(&[module], &[], &runtime).problems;
        let loading = found.into_iter().filter(|p| p.severity == Severity::Load);
        loading.map(|problem| problem.name).collect::<Vec<_>>()
    };
    assert!(problems(None).is_empty());
    assert_eq!(problems(Some(4)), ["table"]);
}

#[test]
fn adapters_are_valid() {
    wasmparser::Validator::new()
        .validate_all(&object())
        .unwrap();
}

#[test]
fn files_cut_at_every_byte() {
    let object = object();
    let library = archive("!<arch>\n", &[("a.o/", &object), ("b.o/", &object)]);
    for bytes in [object, library, wheel(), side_module()] {
        assert!(use_all(&bytes));
        for end in 0..bytes.len() {
            use_all(&bytes[..end]);
        }
    }
}

#[test]
fn every_byte_at_its_extremes() {
    for whole in [object(), side_module()] {
        for at in 0..whole.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut bytes = whole.clone();
                bytes[at] = value;
                use_all(&bytes);
            }
        }
    }
}

/// Types, imports, functions, exports.
const READ_SECTIONS: [u8; 4] = [1, 2, 3, 7];

#[test]
fn counts_that_lie() {
    let huge = [0xff, 0xff, 0xff, 0xff, 0x0f];
    for section in 1..=13u8 {
        let mut bytes = b"\0asm\x01\0\0\0".to_vec();
        bytes.extend([section, 5]);
        bytes.extend(huge);
        let read = use_all(&bytes);
        assert!(
            !(read && READ_SECTIONS.contains(&section)),
            "section {section}"
        );
    }
    for name in ["linking", "dylink.0", "target_features", "name"] {
        for kind in 1..=8u8 {
            let mut content = vec![u8::try_from(name.len()).unwrap()];
            content.extend(name.as_bytes());
            if name == "linking" {
                content.push(2);
            }
            content.extend([kind, 5]);
            content.extend(huge);
            let mut bytes = b"\0asm\x01\0\0\0\0".to_vec();
            bytes.push(u8::try_from(content.len()).unwrap());
            bytes.extend(content);
            use_all(&bytes);
        }
    }
}

#[test]
fn archives_that_hold_themselves() {
    let folder = tempfile::tempdir().unwrap();
    let folder = Utf8Path::from_path(folder.path()).unwrap();
    let thin = folder.join("self.a");
    let members: Vec<(&str, &[u8])> = vec![("self.a/", b""); 50];
    std::fs::write(&thin, archive("!<thin>\n", &members)).unwrap();
    let Ok(Binary::Archive(units)) = read::read(&thin) else {
        panic!("no archive");
    };
    assert_eq!(units.len(), 0);
    std::fs::write(folder.join("a.o"), object()).unwrap();
    std::fs::write(&thin, archive("!<thin>\n", &[("a.o/", b""), ("a.o/", b"")])).unwrap();
    assert_eq!(read::read(&thin).unwrap().into_units().len(), 1);
    std::fs::write(&thin, archive("!<thin>\n", &[("gone.o/", b"")])).unwrap();
    let error = read::read(&thin).unwrap_err().to_string();
    assert!(error.contains("gone.o"), "{error}");
}

#[test]
fn other_files_are_named() {
    let error = read::parse(Utf8Path::new("x.txt"), b"text".as_slice().into()).unwrap_err();
    assert!(error.to_string().contains("x.txt"));
    let error = read::read(Utf8Path::new("no-such-file.o")).unwrap_err();
    assert!(error.to_string().contains("no-such-file.o"));
}

/// Names of sections of debug information.
const DEBUG: [&str; 5] = [
    ".debug_abbrev",
    ".debug_info",
    ".debug_line",
    ".debug_ranges",
    ".debug_str",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn debug_information_of_any_bytes(sections in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..200), 5)) {
        let mut module = side_module();
        for (name, content) in DEBUG.iter().zip(&sections) {
            let section = wasm_encoder::CustomSection { name: (*name).into(), data: content.into() };
            module.push(0);
            wasm_encoder::Encode::encode(&section, &mut module);
        }
        prop_assert!(use_all(&module));
    }

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..256)) {
        use_all(&[b"\0asm\x01\0\0\0".as_slice(), &bytes].concat());
        use_all(&[b"!<arch>\n".as_slice(), &bytes].concat());
        use_all(&[b"!<thin>\n".as_slice(), &bytes].concat());
        use_all(&bytes);
    }

    #[test]
    fn mutations(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        for mut bytes in [object(), side_module(), wheel(), archive("!<arch>\n", &[("a.o/", &object())])] {
            for (at, value) in &changes {
                let at = at.index(bytes.len());
                bytes[at] = *value;
            }
            use_all(&bytes);
        }
    }
}
