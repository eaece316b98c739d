//! What the manifests of a source's crates depend on: a crate that stands for a library in C looks for that as it is
//! built.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use toml::{Table, Value};

/// How deep below the tree a manifest may lie; `src/rust/crates/x` is usual.
const DEPTH: usize = 4;
/// Folders whose crates are not built, or not for the target.
const OTHERS: &[&str] = &[
    "benches",
    "examples",
    "node_modules",
    "target",
    "tests",
    "vendor",
];
/// By this feature, crates of libraries bring the source themselves.
const VENDORED: &str = "vendored";

/// A crate that a manifest depends on.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dependency {
    /// Its name in the registry.
    pub name: String,
    /// Whether a feature asks for it.
    pub optional: bool,
    /// The manifest, below the tree.
    pub file: Utf8PathBuf,
}

/// What the manifests of a tree depend on.
pub(super) fn dependencies(tree: &Utf8Path) -> Vec<Dependency> {
    let mut found = Vec::new();
    visit(tree, Utf8Path::new(""), DEPTH, &mut found);
    found
}

fn visit(tree: &Utf8Path, folder: &Utf8Path, depth: usize, found: &mut Vec<Dependency>) {
    let file = folder.join("Cargo.toml");
    if let Ok(text) = fs::read_to_string(tree.join(&file)) {
        // What is wrong with it cargo says.
        let manifest: Table = text.parse().unwrap_or_default();
        for (name, value) in tables(&manifest).flatten() {
            found.extend(dependency(name, value, &file));
        }
    }
    let Some(depth) = depth.checked_sub(1) else {
        return;
    };
    let entries = tree.join(folder).read_dir_utf8().into_iter().flatten();
    let mut folders: Vec<String> = entries
        .flatten()
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .map(|entry| entry.file_name().to_owned())
        .filter(|name| !name.starts_with('.') && !OTHERS.contains(&name.as_str()))
        .collect();
    folders.sort();
    for name in folders {
        visit(tree, &folder.join(name), depth, found);
    }
}

/// The tables of dependencies: for any machine, and for some.
fn tables(manifest: &Table) -> impl Iterator<Item = &Table> {
    let of_machines = manifest.get("target").and_then(Value::as_table);
    let of_machines = of_machines.into_iter().flat_map(Table::values);
    std::iter::once(manifest)
        .chain(of_machines.filter_map(Value::as_table))
        .filter_map(|place| place.get("dependencies")?.as_table())
}

fn dependency(name: &str, value: &Value, file: &Utf8Path) -> Option<Dependency> {
    let features = value.get("features").and_then(Value::as_array);
    let mut features = features.into_iter().flatten().filter_map(Value::as_str);
    if features.any(|feature| feature == VENDORED) {
        return None;
    }
    let package = value.get("package").and_then(Value::as_str);
    let optional = value.get("optional").and_then(Value::as_bool);
    Some(Dependency {
        name: package.unwrap_or(name).to_owned(),
        optional: optional.unwrap_or_default(),
        file: file.to_owned(),
    })
}
