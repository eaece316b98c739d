//! `emshim wheel show`.

use serde_json::{Value, json};
use signatures::unit::Unit;

use super::file::Wheel;
use crate::error::CliError;
use crate::ui::bytes;

/// How many names of a list are shown to people.
const SHOWN: usize = 12;

/// The fields of `EMSHIM.json` that tell of the toolchain.
const PROVENANCE: &str = "EMSHIM.json";

/// What is in a wheel, as JSON.
pub fn json(wheel: &Wheel<'_>) -> Result<Value, CliError> {
    let file = std::fs::read(wheel.path).map_err(CliError::io("cannot read", wheel.path))?;
    let units = signatures::read::wheel(wheel.path, &file)?.modules;
    let modules: Vec<Value> = units.iter().map(|unit| module(wheel, unit)).collect();
    let provenance = wheel.metadata(PROVENANCE);
    let provenance = provenance.and_then(|text| serde_json::from_slice::<Value>(text).ok());
    let metadata = String::from_utf8_lossy(wheel.metadata("METADATA").unwrap_or_default());
    Ok(json!({
        "wheel": wheel.path,
        "name": wheel.name.project().to_string(),
        "version": wheel.name.version,
        "tags": wheel.name.tags().collect::<Vec<_>>(),
        "python": fields(&metadata, "Requires-Python").next(),
        "requires": fields(&metadata, "Requires-Dist").collect::<Vec<_>>(),
        "made_by": provenance,
        "packed": wheel.packed()?,
        "unpacked": wheel.unpacked(),
        "files": wheel.entries.len(),
        "modules": modules,
    }))
}

/// The values of a field of core metadata.
fn fields<'m>(metadata: &'m str, name: &'m str) -> impl Iterator<Item = &'m str> {
    let header = metadata.lines().take_while(|line| !line.is_empty());
    header.filter_map(move |line| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim()))
}

fn module(wheel: &Wheel<'_>, unit: &Unit) -> Value {
    let path = unit.origin.member.clone().unwrap_or_default();
    let size = wheel.entries.get(&path).map(|entry| entry.bytes.len());
    let mut exports: Vec<&str> = unit.definitions().map(|one| one.name.as_str()).collect();
    let mut imports: Vec<&str> = unit.needs().map(|one| one.name.as_str()).collect();
    for names in [&mut exports, &mut imports] {
        names.sort_unstable();
        names.dedup();
    }
    let dylink = unit.dylink.clone().unwrap_or_default();
    json!({
        "path": path,
        "size": size,
        "memory": dylink.memory_size,
        "needs": dylink.needed,
        "exports": exports,
        "imports": imports,
        "exceptions": unit.models.iter().map(|model| model.flag()).collect::<Vec<_>>(),
    })
}

/// The same, for people.
pub fn text(wheel: &Wheel<'_>) -> Result<String, CliError> {
    let all = json(wheel)?;
    let list = |value: &Value| -> Vec<String> {
        let items = value.as_array().into_iter().flatten();
        items
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect()
    };
    let mut lines: Vec<(&str, String)> = vec![
        ("wheel", wheel.path.to_string()),
        (
            "size",
            format!(
                "{}, {} unpacked, {} files",
                bytes(wheel.packed()?),
                bytes(wheel.unpacked()),
                wheel.entries.len()
            ),
        ),
        ("tags", list(&all["tags"]).join(", ")),
    ];
    if let Some(python) = all["python"].as_str() {
        lines.push(("Python", python.to_owned()));
    }
    lines.push(("requires", list(&all["requires"]).join(", ")));
    let made_by = &all["made_by"];
    if made_by.is_object() {
        let field = |name: &str| made_by[name].as_str().unwrap_or("?");
        lines.push((
            "target",
            format!(
                "{}, ABI {}, Python {}",
                field("target"),
                field("abi"),
                field("python")
            ),
        ));
        let mut toolchain = format!(
            "emshim {}, Emscripten {} ({})",
            field("emshim"),
            field("emscripten"),
            field("emscripten_fit")
        );
        if let Some(rust) = made_by["rust"].as_str() {
            toolchain += &format!(", Rust {rust}");
        }
        lines.push(("toolchain", toolchain));
    } else {
        lines.push(("toolchain", format!("not emshim's: it has no {PROVENANCE}")));
    }
    for module in all["modules"].as_array().into_iter().flatten() {
        let size = module["size"].as_u64().unwrap_or_default();
        let path = module["path"].as_str().unwrap_or_default();
        lines.push(("module", format!("{path} ({})", bytes(size))));
        lines.push(("  exports", short(&list(&module["exports"]))));
        lines.push(("  imports", short(&list(&module["imports"]))));
        lines.push(("  needs", list(&module["needs"]).join(", ")));
    }
    let lines = lines.into_iter().filter(|(_, value)| !value.is_empty());
    Ok(lines
        .map(|(name, value)| format!("{name:10}  {value}\n"))
        .collect())
}

/// The first of some names, and how many there are.
fn short(names: &[String]) -> String {
    match names {
        [] => String::new(),
        names if names.len() <= SHOWN => names.join(", "),
        names => format!(
            "{}, ... ({} in all; --json has them)",
            names[..SHOWN].join(", "),
            names.len()
        ),
    }
}
