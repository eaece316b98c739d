//! `pip install`: the wheel of emshim in an environment that has nothing else.

use std::fs;

use emshim_tests::real::{Completed, Folder, command, emshim};
use emshim_tests::release;
use emshim_tests::tidy::root;

#[test]
fn the_wheel_installs_a_binary_that_is_emshim_and_its_tools() {
    let emshim = emshim();
    let (folder, profile) = (emshim.parent().expect("a folder"), emshim.as_str());
    let profile = if profile.contains("/release/") {
        "release"
    } else {
        "dev"
    };
    let target = folder.parent().expect("cargo's target folder");
    let out = Folder::new();
    let wheel = release::wheel(root(), profile, target, None, None, out.path());
    let name = wheel.file_name().expect("a name");
    let version = env!("CARGO_PKG_VERSION");
    assert!(
        name.starts_with(&format!("emshim-{version}-py3-none-")),
        "{name}"
    );
    let bin = release::installed(&wheel, &out.path().join("environment"));
    let installed = bin.join("emshim");
    let says = |program, words: &[&str]| Completed::of(&command(program, words)).success().stdout;
    let named = says(installed.clone(), &["--version"]);
    assert_eq!(named, format!("emshim {version}\n"));

    // The binary alone is every tool, by the name it is called by.
    let shims = out.path().join("shims");
    let _ = says(installed, &["install", shims.as_str()]);
    let source = out.file("one.c", "int one(void) { return 1; }\n");
    let object = out.path().join("one.o");
    for (tool, machine) in [
        ("gcc", "wasm32-unknown-emscripten"),
        ("g++", "wasm32-unknown-emscripten"),
    ] {
        let said = says(shims.join(tool), &["-dumpmachine"]);
        assert_eq!(said.trim(), machine, "{tool}");
    }
    let _ = says(
        shims.join("gcc"),
        &["-c", source.as_str(), "-o", object.as_str()],
    );
    assert!(fs::read(&object).expect("an object").starts_with(b"\0asm"));
    let archive = out.path().join("libone.a");
    let _ = says(
        shims.join("ar"),
        &["rcs", archive.as_str(), object.as_str()],
    );
    assert_eq!(says(shims.join("ar"), &["t", archive.as_str()]), "one.o\n");
}
