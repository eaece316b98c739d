//! Links the binary statically and at a fixed address where the system has GNU's C library as an
//! archive. A shim is short: loading and relocating shared libraries, or correcting the 20 000
//! addresses of a position-independent binary of this size, would take longer than what it does.
//!
//! rustc links every library of the system dynamically unless all that it builds is static, and the
//! macros that it loads itself cannot be. So the linker finds, in a folder of ours and by the name
//! of each shared library, a script that names the archives instead. Without them the binary is
//! linked as usual, at a fixed address.

use std::env::var;
use std::path::Path;
use std::process::Command;

/// The system's libraries that Rust's may ask for, and the archives that hold what they hold. A
/// linker that takes archives in order finds what the C library needs of the compiler's.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("c", &["c", "gcc", "gcc_eh"]),
    ("dl", &["dl"]),
    ("gcc_s", &["gcc_eh", "gcc"]),
    ("m", &["m"]),
    ("pthread", &["pthread"]),
    ("rt", &["rt"]),
    ("util", &["util"]),
];

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let target = |name: &str| var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") != "linux" || target("ENV") != "gnu" {
        return;
    }
    println!("cargo::rustc-link-arg-bins=-no-pie");
    if let Some(folder) = is_plain().then(scripts).flatten() {
        println!("cargo::rustc-link-arg-bins=-static");
        println!("cargo::rustc-link-arg-bins=-L{folder}");
    }
}

/// Whether it is known what links: `cc` for the machine it runs on, as it does of itself, or what cargo was told
/// to use for another. A linker that rustc's flags name has archives elsewhere.
fn is_plain() -> bool {
    let flags = var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let wide = var("CARGO_CFG_TARGET_POINTER_WIDTH").is_ok_and(|width| width == "64");
    let known = var("HOST") == var("TARGET") || var("RUSTC_LINKER").is_ok();
    wide && known && !flags.contains("link")
}

/// The folder of the scripts; `None` where an archive is missing.
fn scripts() -> Option<String> {
    let folder = var("OUT_DIR").ok()?;
    for (library, archives) in LIBRARIES {
        let paths: Option<Vec<String>> = archives.iter().map(|name| archive(name)).collect();
        let script = format!("GROUP({})\n", paths?.join(" "));
        std::fs::write(Path::new(&folder).join(format!("lib{library}.so")), script).ok()?;
    }
    Some(folder)
}

/// Where the compiler that links finds an archive.
fn archive(name: &str) -> Option<String> {
    let compiler = var("RUSTC_LINKER").unwrap_or_else(|_| "cc".to_owned());
    let file = format!("lib{name}.a");
    let output = Command::new(compiler)
        .arg(format!("-print-file-name={file}"))
        .output()
        .ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    // A name alone is one it did not find.
    let path = Path::new(path.trim()).canonicalize().ok()?;
    let path = path.to_str()?;
    println!("cargo::rerun-if-changed={path}");
    Some(format!("\"{path}\""))
}
