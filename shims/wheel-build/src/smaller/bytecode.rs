//! Bytecode in the place of sources, made by the target's own Python: no other writes it for sure.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::process::Stdio;

use camino::Utf8Path;
use pyodide_wheel::wheel::{Entries, Entry, is_module_source};
use serde_json::json;

use super::saved::Saved;
use crate::error::WheelBuildError;
use crate::session::Session;

const SCRIPT: &str = include_str!("compile_py.py");

/// Puts `m.pyc` in the place of `m.py` for every module that is none of the tests. What is no Python of the
/// target's stays.
pub(super) fn compile(
    entries: &mut Entries,
    session: &Session,
    folder: &Utf8Path,
) -> Result<Vec<String>, WheelBuildError> {
    let sources: Vec<String> = entries
        .keys()
        .filter(|path| is_module_source(path))
        .cloned()
        .collect();
    let path_of = |at: usize, suffix: &str| folder.join(format!("{at}.{suffix}"));
    let mut request = Vec::new();
    for (at, path) in sources.iter().enumerate() {
        let source = path_of(at, "py");
        fs::write(&source, &entries[path].bytes)
            .map_err(WheelBuildError::io("cannot write", source.as_path()))?;
        request.push(json!({"source": source, "made": path_of(at, "pyc"), "name": path}));
    }
    let list = folder.join("compile.json");
    fs::write(&list, json!(request).to_string())
        .map_err(WheelBuildError::io("cannot write", list.as_path()))?;
    let words = ["-c", SCRIPT, list.as_str()].map(OsStr::new);
    let mut command = session.python_command(None, &words, folder)?;
    let done = command.stdin(Stdio::null()).output();
    let done = done.map_err(WheelBuildError::io(
        "cannot run",
        session.node.exe.as_path(),
    ))?;
    let refused: Option<BTreeMap<String, String>> = serde_json::from_slice(&done.stdout).ok();
    let Some(refused) = refused.filter(|_| done.status.success()) else {
        let said = String::from_utf8_lossy(&done.stderr);
        return Err(WheelBuildError::Message(format!(
            "`compile-py`: Python of {} ended with {}:\n{}",
            session.target.name,
            done.status,
            said.trim()
        )));
    };
    let mut saved = Saved::default();
    for (at, path) in sources.iter().enumerate() {
        if refused.contains_key(path) {
            continue;
        }
        let made = path_of(at, "pyc");
        let bytes = fs::read(&made).map_err(WheelBuildError::io("cannot read", made.as_path()))?;
        let Some(source) = entries.remove(path) else {
            continue;
        };
        saved.add(source.bytes.len(), bytes.len());
        let entry = Entry { bytes, ..source };
        entries.insert(format!("{path}c"), entry);
    }
    let mut notes = vec![format!("Python as bytecode: {saved}")];
    notes.extend(
        refused
            .iter()
            .map(|(path, why)| format!("compile-py: {path} stays as it is: {why}")),
    );
    Ok(notes)
}
