//! Modules as wasm-opt makes them, which runs a second time then: what it did at the link was for speed.

use std::fs;
use std::process::{Command, Stdio};

use camino::{Utf8Path, Utf8PathBuf};
use pyodide_wheel::wheel::{Binary, Entries};
use signatures::features;
use steps::dylink::Dylink;

use super::saved::Saved;
use crate::error::WheelBuildError;
use crate::session::Session;

/// Makes every module of a wheel smaller that can be.
pub(super) fn optimise(
    entries: &mut Entries,
    level: &str,
    session: &Session,
    folder: &Utf8Path,
) -> Result<Vec<String>, WheelBuildError> {
    let program = program(session)?;
    let (from, to) = (folder.join("module.wasm"), folder.join("smaller.wasm"));
    let mut saved = Saved::default();
    let mut notes = Vec::new();
    let modules = entries.iter_mut();
    for (path, entry) in modules.filter(|(_, entry)| Binary::of(&entry.bytes) == Binary::SideModule)
    {
        let needed = match features::needed(&entry.bytes) {
            Ok(needed) => needed,
            // The check that follows says whether it can be loaded.
            Err(why) => {
                notes.push(format!("wasm-opt: {path} stays as it is: {why}"));
                continue;
            }
        };
        fs::write(&from, &entry.bytes)
            .map_err(WheelBuildError::io("cannot write", from.as_path()))?;
        let mut command = Command::new(&program);
        command.args([&format!("-{level}"), "--mvp-features"]);
        command.args(needed.iter().map(|name| format!("--enable-{name}")));
        command.args([from.as_str(), "-o", to.as_str()]);
        let done = command.stdin(Stdio::null()).output();
        let done = done.map_err(WheelBuildError::io("cannot run", program.as_path()))?;
        if !done.status.success() {
            let said = String::from_utf8_lossy(&done.stderr);
            return Err(WheelBuildError::Message(format!(
                "wasm-opt -{level} fails for {path} ({}): leave `wasm-opt` out of the settings\n{}",
                done.status,
                said.trim()
            )));
        }
        let made = fs::read(&to).map_err(WheelBuildError::io("cannot read", to.as_path()))?;
        let made = with_libraries_of(&entry.bytes, made)
            .map_err(|why| WheelBuildError::Message(format!("{path}, by wasm-opt: {why}")))?;
        let before = entry.bytes.len();
        if made.len() < before {
            entry.bytes = made;
        }
        saved.add(before, entry.bytes.len());
    }
    notes.push(format!("modules by wasm-opt -{level}: {saved}"));
    Ok(notes)
}

/// The module `made`, linked with the libraries of the one that it was made of, and with its run path.
fn with_libraries_of(module: &[u8], made: Vec<u8>) -> Result<Vec<u8>, String> {
    let libraries = Dylink::read(module)?;
    match Dylink::read(&made)? == libraries {
        true => Ok(made),
        false => libraries.write(&made),
    }
}

/// The wasm-opt of the session's Emscripten.
fn program(session: &Session) -> Result<Utf8PathBuf, WheelBuildError> {
    let places = session.emscripten_config().binaryen("wasm-opt");
    let found = places.iter().find(|place| place.is_file());
    found.cloned().ok_or_else(|| {
        let [one, other] = &places;
        WheelBuildError::Message(format!(
            "`wasm-opt` is set and there is neither {one} nor {other}: leave it out, or use an Emscripten with Binaryen"
        ))
    })
}
