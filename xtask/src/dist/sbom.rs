//! The list of what is linked into the binary, as CycloneDX has it, from cargo's own account.
//!
//! Source of the fields: <https://cyclonedx.org/docs/1.5/json/>, of the addresses
//! <https://github.com/package-url/purl-spec>. It has no time and no path of the machine, so it is the
//! same for the same commit.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use camino::Utf8Path;
use serde_json::{Value, json};

use crate::task::Result;

/// The program that the list is of.
const PROGRAM: &str = "emshim";

/// The list for a source tree, as the binary for `machine` has it.
pub fn of(tree: &Utf8Path, machine: &str) -> Result<String> {
    let words = [
        "metadata",
        "--format-version=1",
        "--locked",
        "--filter-platform",
        machine,
    ];
    let said = duct::cmd(env!("CARGO"), words).dir(tree.as_str()).read()?;
    let metadata: Value = serde_json::from_str(&said)?;
    let lock: toml::Table = fs::read_to_string(tree.join("Cargo.lock"))?.parse()?;
    let list = render(&metadata, &checksums(&lock))?;
    Ok(serde_json::to_string_pretty(&list)? + "\n")
}

/// The registry's checksums, by name and version.
fn checksums(lock: &toml::Table) -> BTreeMap<(&str, &str), &str> {
    let packages = lock.get("package").and_then(toml::Value::as_array);
    let mut sums = BTreeMap::new();
    for package in packages.into_iter().flatten() {
        let text = |key| package.get(key).and_then(toml::Value::as_str);
        if let (Some(name), Some(version), Some(sum)) =
            (text("name"), text("version"), text("checksum"))
        {
            sums.insert((name, version), sum);
        }
    }
    sums
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().into_iter().flatten()
}

fn purl(package: &Value) -> String {
    format!(
        "pkg:cargo/{}@{}",
        text(package, "name"),
        text(package, "version")
    )
}

fn component(package: &Value, kind: &str, sums: &BTreeMap<(&str, &str), &str>) -> Value {
    let (name, version) = (text(package, "name"), text(package, "version"));
    let mut component = json!({
        "type": kind,
        "bom-ref": purl(package),
        "name": name,
        "version": version,
        // Cargo's old way to write a choice.
        "licenses": [{"expression": text(package, "license").replace('/', " OR ")}],
        "purl": purl(package),
    });
    if let Some(sum) = sums.get(&(name, version)) {
        component["hashes"] = json!([{"alg": "SHA-256", "content": sum}]);
    }
    component
}

/// Everything that the program is built of, from it downwards; what only tests use is no part.
fn render(metadata: &Value, sums: &BTreeMap<(&str, &str), &str>) -> Result<Value> {
    let packages: BTreeMap<&str, &Value> = list(metadata, "packages")
        .map(|package| (text(package, "id"), package))
        .collect();
    let nodes: BTreeMap<&str, &Value> = list(&metadata["resolve"], "nodes")
        .map(|node| (text(node, "id"), node))
        .collect();
    let is_program = |(_, package): &(&&str, &&Value)| text(package, "name") == PROGRAM;
    let (program, _) = packages
        .iter()
        .find(is_program)
        .ok_or("cargo names no emshim")?;
    let (mut waiting, mut seen) = (vec![*program], BTreeSet::from([*program]));
    let mut needs = BTreeMap::new();
    while let Some(id) = waiting.pop() {
        let is_built = |need: &&Value| list(need, "dep_kinds").any(|kind| kind["kind"] != "dev");
        let all = list(nodes.get(id).copied().unwrap_or(&Value::Null), "deps").filter(is_built);
        let ids: Vec<&str> = all.map(|need| text(need, "pkg")).collect();
        waiting.extend(ids.iter().filter(|id| seen.insert(id)));
        let refs: BTreeSet<String> = ids.iter().map(|id| purl(packages[id])).collect();
        needs.insert(purl(packages[id]), refs);
    }
    let components = seen.iter().filter(|id| *id != program);
    let mut components: Vec<&Value> = components.map(|id| packages[id]).collect();
    components.sort_by_key(|package| purl(package));
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": component(packages[program], "application", sums)},
        "components": components.iter().map(|p| component(p, "library", sums)).collect::<Vec<_>>(),
        "dependencies": needs.iter().map(|(one, all)| json!({"ref": one, "dependsOn": all})).collect::<Vec<_>>(),
    }))
}
