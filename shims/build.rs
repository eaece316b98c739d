//! Links the binary at a fixed address where the system's linker is GNU's or LLVM's: the loader then
//! has none of the 20 000 addresses to correct that a position-independent binary of this size has,
//! at every call of a shim.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let target = |name: &str| std::env::var(format!("CARGO_CFG_TARGET_{name}")).unwrap_or_default();
    if target("OS") == "linux" && target("ENV") == "gnu" {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
