//! `emshim run-path`: writes a module's run path, after its link.
//!
//! Pyodide 0.28 and later (Emscripten 4.0 and later) look for the libraries that a module needs in
//! the folders of its run path, and nowhere else. It is subsection 5 of the section `dylink.0`, a
//! list of strings, which wasm-ld up to LLVM 20 cannot write.
//! Source: "DynamicLinking.md" of WebAssembly's tool conventions; `getDylinkMetadata` in
//! Emscripten's `libdylink.js`.

use disk::whole;
use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use toolcall::builtin::{ShowRunPath, WriteRunPath};
use wasmparser::{BinaryReader, Dylink0Subsection, KnownCustom, Parser, Payload};

/// Number of the subsection.
const RUNTIME_PATH: u8 = 5;

/// What a module begins with: its magic number and version.
const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// The section's name.
const SECTION: &str = "dylink.0";

/// The step could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum RunPathError {
    /// A file cannot be read or written.
    #[error("cannot write the run path of {}: {source}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// What the link made is no side module.
    #[error("no run path of {}: it is no side module: {why}", .path.display())]
    Module {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

/// Carries out the step, relative to `cwd`. A module that cannot be given its run path is removed,
/// as one whose link failed.
///
/// # Errors
/// The module cannot be read or written, or is none.
pub fn run(step: &WriteRunPath, cwd: &Path) -> Result<(), RunPathError> {
    let path = cwd.join(&step.module);
    write(&path, &step.paths).inspect_err(|_| {
        if !step.in_place {
            let _ = std::fs::remove_file(&path);
        }
    })
}

/// Prints the run path as one line.
///
/// # Errors
/// The module cannot be read, or is none.
pub fn show(step: &ShowRunPath, cwd: &Path) -> Result<(), RunPathError> {
    for module in &step.words {
        let path = cwd.join(module);
        let failed = |source| RunPathError::File {
            path: path.clone(),
            source,
        };
        let bytes = signatures::read::bytes(&path).map_err(failed)?;
        let paths = run_path(&bytes).map_err(|why| RunPathError::Module {
            path: path.clone(),
            why,
        })?;
        let line = paths.join(":") + "\n";
        std::io::stdout()
            .write_all(line.as_bytes())
            .map_err(failed)?;
    }
    Ok(())
}

/// The run path that a module has.
fn run_path(module: &[u8]) -> Result<Vec<String>, String> {
    let mut paths = Vec::new();
    let mut dynamic = false;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload.map_err(|error| error.message().to_owned())?;
        let Payload::CustomSection(section) = payload else {
            continue;
        };
        if let KnownCustom::Dylink0(parts) = section.as_known() {
            dynamic = true;
            for part in parts {
                let part = part.map_err(|error| error.message().to_owned())?;
                if let Dylink0Subsection::RuntimePath(list) = part {
                    paths.extend(list.into_iter().map(str::to_owned));
                }
            }
        }
    }
    dynamic
        .then_some(paths)
        .ok_or_else(|| format!("it has no section {SECTION}"))
}

fn write(path: &Path, paths: &[OsString]) -> Result<(), RunPathError> {
    let failed = |source| RunPathError::File {
        path: path.to_owned(),
        source,
    };
    let module = signatures::read::bytes(path).map_err(failed)?;
    let module = with_run_path(&module, paths).map_err(|why| RunPathError::Module {
        path: path.to_owned(),
        why,
    })?;
    let mode = std::fs::metadata(path).map_err(failed)?.permissions();
    whole::replace_with(path, whole::FOR_OWNER, |file| {
        file.write_all(&module)?;
        file.set_permissions(mode)
    })
    .map_err(failed)
}

/// The module with this run path in the place of any other.
fn with_run_path(module: &[u8], paths: &[OsString]) -> Result<Vec<u8>, String> {
    let sections = module.strip_prefix(HEADER).ok_or("it is not WebAssembly")?;
    let mut reader = BinaryReader::new(sections, 0);
    let broken = |error: wasmparser::BinaryReaderError| error.message().to_owned();
    let id = reader.read_u8().map_err(broken)?;
    let size = reader.read_var_u32().map_err(broken)? as usize;
    let content = reader.read_bytes(size).map_err(broken)?;
    let rest = &sections[sections.len() - reader.bytes_remaining()..];
    let mut reader = BinaryReader::new(content, 0);
    if id != 0 || reader.read_string().map_err(broken)? != SECTION {
        return Err(format!("its first section is not {SECTION}"));
    }
    let mut section = content[..content.len() - reader.bytes_remaining()].to_vec();
    while !reader.eof() {
        let start = content.len() - reader.bytes_remaining();
        let kind = reader.read_u8().map_err(broken)?;
        let size = reader.read_var_u32().map_err(broken)? as usize;
        reader.read_bytes(size).map_err(broken)?;
        if kind != RUNTIME_PATH {
            section.extend_from_slice(&content[start..content.len() - reader.bytes_remaining()]);
        }
    }
    let mut list = Vec::new();
    leb(paths.len(), &mut list);
    for path in paths {
        leb(path.len(), &mut list);
        list.extend_from_slice(path.as_bytes());
    }
    section.push(RUNTIME_PATH);
    leb(list.len(), &mut section);
    section.extend_from_slice(&list);
    let mut out = HEADER.to_vec();
    out.push(0);
    leb(section.len(), &mut out);
    out.extend_from_slice(&section);
    out.extend_from_slice(rest);
    Ok(out)
}

/// An unsigned number in LEB128.
fn leb(mut number: usize, out: &mut Vec<u8>) {
    loop {
        let byte = (number & 0x7f) as u8;
        number >>= 7;
        if number == 0 {
            return out.push(byte);
        }
        out.push(byte | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module() -> Vec<u8> {
        // `dylink.0` with memory of 8 bytes, and an empty custom section `x` behind it.
        let mut bytes = HEADER.to_vec();
        bytes.extend(b"\0\x0f\x08dylink.0\x01\x04\x08\x02\0\0");
        bytes.extend(b"\0\x02\x01x");
        bytes
    }

    fn run_paths(module: &[u8]) -> (usize, Vec<String>) {
        let (mut sections, mut paths) = (0, Vec::new());
        for payload in Parser::new(0).parse_all(module) {
            let Payload::CustomSection(section) = payload.unwrap() else {
                continue;
            };
            sections += 1;
            if let KnownCustom::Dylink0(parts) = section.as_known() {
                for part in parts {
                    if let Dylink0Subsection::RuntimePath(list) = part.unwrap() {
                        paths.extend(list.into_iter().map(str::to_owned));
                    }
                }
            }
        }
        (sections, paths)
    }

    #[test]
    fn a_run_path_is_written_and_replaced() {
        let long = format!("$ORIGIN/{}", "x".repeat(200));
        let once = with_run_path(&module(), &[long.clone().into()]).unwrap();
        assert_eq!(run_paths(&once), (2, vec![long]));
        let again = with_run_path(&once, &["$ORIGIN".into(), "$ORIGIN/b".into()]).unwrap();
        assert_eq!(run_paths(&again).1, ["$ORIGIN", "$ORIGIN/b"]);
        assert_eq!(run_path(&again).unwrap(), ["$ORIGIN", "$ORIGIN/b"]);
        let none = with_run_path(&again, &[]).unwrap();
        assert_eq!(run_path(&none).unwrap(), [""; 0]);
        assert!(again.ends_with(b"\0\x02\x01x"));
    }

    #[test]
    fn what_is_no_side_module_is_named() {
        let whole = module();
        for cut in 0..whole.len() - 4 {
            assert!(with_run_path(&whole[..cut], &[]).is_err(), "{cut}");
        }
        assert!(with_run_path(b"\0asm\x01\0\0\0\0\x02\x01x", &[]).is_err());
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.so"), b"no").unwrap();
        let mut step = WriteRunPath {
            module: "a.so".into(),
            in_place: true,
            paths: vec!["$ORIGIN".into()],
        };
        let error = run(&step, folder.path()).unwrap_err().to_string();
        assert!(
            error.contains("a.so") && error.contains("not WebAssembly"),
            "{error}"
        );
        assert!(folder.path().join("a.so").exists(), "somebody's file");
        step.in_place = false;
        let _ = run(&step, folder.path()).unwrap_err();
        assert!(!folder.path().join("a.so").exists());
    }
}
