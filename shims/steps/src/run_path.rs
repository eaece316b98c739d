//! `emshim run-path`: writes a module's run path, after its link.
//!
//! Pyodide 0.28 and later (Emscripten 4.0 and later) look for the libraries that a module needs in
//! the folders of its run path, and nowhere else. wasm-ld up to LLVM 20 cannot write one.

use crate::dylink::{self, Dylink};
use disk::whole;
use std::ffi::OsString;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use toolcall::builtin::{ShowRunPath, WriteRunPath};

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
        let dylink = Dylink::read(&bytes).map_err(|why| RunPathError::Module {
            path: path.clone(),
            why,
        })?;
        let line = dylink.run_path.join(":") + "\n";
        std::io::stdout()
            .write_all(line.as_bytes())
            .map_err(failed)?;
    }
    Ok(())
}

fn write(path: &Path, paths: &[OsString]) -> Result<(), RunPathError> {
    let failed = |source| RunPathError::File {
        path: path.to_owned(),
        source,
    };
    let module = signatures::read::bytes(path).map_err(failed)?;
    let paths: Vec<&[u8]> = paths.iter().map(|path| path.as_bytes()).collect();
    let module = dylink::with_run_path(&module, &paths).map_err(|why| RunPathError::Module {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_side_module_is_named() {
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
