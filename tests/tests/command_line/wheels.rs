//! `emshim wheel`, on a wheel that emshim made of kiwisolver 1.5.1.

use std::fs::File;

use emshim_tests::real::{Folder, assert_says, run};
use emshim_tests::tidy::root;
use serde_json::Value;

const WHEEL: &str = "kiwisolver-1.5.1-cp314-cp314-pyemscripten_2026_0_wasm32.whl";

fn wheel() -> String {
    root().join("tests/wheels").join(WHEEL).into_string()
}

fn json(words: &[&str]) -> Value {
    let answer = run(words).success().stdout;
    serde_json::from_str(&answer).expect("JSON")
}

#[test]
fn tags_toolchain_exports_imports_and_sizes_are_shown() {
    let wheel = wheel();
    let shown = run(&["wheel", "show", &wheel]).success().stdout;
    let tag = "cp314-cp314-pyemscripten_2026_0_wasm32";
    assert_says(
        &shown,
        &[
            tag,
            "ABI 2026_0",
            "Emscripten 6.0.5 (tested-pair)",
            "PyInit__cext",
            ">=3.10",
        ],
    );
    let all = json(&["wheel", "show", "--json", &wheel]);
    let module = &all[0]["modules"][0];
    assert_eq!(
        module["path"],
        "kiwisolver/_cext.cpython-314-wasm32-emscripten.so"
    );
    let imports = module["imports"].as_array().expect("imports");
    assert!(imports.contains(&"PyModuleDef_Init".into()), "{imports:?}");
    assert_eq!(all[0]["tags"], serde_json::json!([tag]));
}

#[test]
fn sizes_are_those_of_the_archive() {
    let wheel = wheel();
    let all = json(&["wheel", "size", "--json", &wheel]);
    let sum = |name: &str| -> u64 {
        let kinds = all[0]["kinds"].as_object().expect("kinds").values();
        kinds
            .map(|kind| kind[name].as_u64().expect("a number"))
            .sum()
    };
    let mut zip =
        zip::ZipArchive::new(File::open(&wheel).expect("the wheel")).expect("a zip archive");
    let (mut packed, mut unpacked) = (0, 0);
    for at in 0..zip.len() {
        let member = zip.by_index_raw(at).expect("a member");
        packed += member.compressed_size();
        unpacked += member.size();
    }
    assert_eq!((sum("packed"), sum("unpacked")), (packed, unpacked));
    assert_eq!(
        all[0]["packed"],
        std::fs::metadata(&wheel).expect("it").len()
    );
    assert!(all[0]["sections"]["code"].as_u64() > Some(10_000), "{all}");
    let both = json(&["wheel", "size", "--json", "--before", &wheel, &wheel]);
    assert_eq!(both[0]["before"]["kinds"], both[0]["kinds"]);
    let shown = run(&["wheel", "size", "--before", &wheel, &wheel]);
    assert_says(
        &shown.success().stdout,
        &["\nbefore, ", "unpacked  files      before"],
    );
    let shown = run(&["wheel", "size", &wheel]).success().stdout;
    assert_says(
        &shown,
        &[
            "modules",
            "metadata",
            "sections of modules",
            "_cext.cpython-314",
        ],
    );
}

#[test]
fn what_is_no_wheel_is_refused() {
    let folder = Folder::new();
    let file = folder.file(WHEEL, "no zip archive");
    let other = folder.file("notes.txt", "");
    for verb in ["show", "size"] {
        for file in [&file, &other] {
            let done = run(&["wheel", verb, file.as_str()]);
            assert_ne!(done.status, 0);
            assert_says(&done.stderr, &[file.file_name().expect("a name")]);
            assert!(!done.stderr.contains("panicked"), "{}", done.stderr);
        }
    }
}
