//! `emshim libraries`: the part of a program's script by which it finds the shared libraries that it is
//! linked with, as a system's loader does: ld.so(8).
//!
//! emcc's script asks `Module.locateFile` where a library is, and by itself knows the program's own
//! folder only.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toolcall::builtin::FindLibraries;

const SCRIPT: &str = include_str!("libraries.js");

/// The step could not be carried out.
#[derive(Debug, thiserror::Error)]
pub enum LibrariesError {
    /// The script cannot be written.
    #[error("cannot write {}: {source}", .path.display())]
    File {
        /// The script.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// JavaScript's strings are Unicode.
    #[error("{} is not UTF-8; a program cannot look for its shared libraries there", .0.display())]
    Folder(PathBuf),
}

/// Carries out the step, relative to `cwd`.
///
/// # Errors
/// A folder is not UTF-8, or the script cannot be written.
pub fn run(step: &FindLibraries, cwd: &Path) -> Result<(), LibrariesError> {
    let path = cwd.join(&step.script);
    let linked: Vec<OsString> = step.linked.iter().map(Into::into).collect();
    let script = SCRIPT
        .replace("RUN_PATH", &list(&step.words)?)
        .replace("LINKED", &list(&linked)?);
    std::fs::write(&path, script).map_err(|source| LibrariesError::File { path, source })
}

/// Folders as a list of strings, which JSON and JavaScript write alike.
fn list(folders: &[OsString]) -> Result<String, LibrariesError> {
    let texts: Option<Vec<&str>> = folders.iter().map(|folder| folder.to_str()).collect();
    let Some(texts) = texts else {
        let odd = folders.iter().find(|folder| folder.to_str().is_none());
        return Err(LibrariesError::Folder(
            odd.cloned().unwrap_or_default().into(),
        ));
    };
    Ok(serde_json::Value::from(texts).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStrExt as _;

    fn step(folder: &Path, words: Vec<OsString>) -> FindLibraries {
        FindLibraries {
            script: folder.join("l.js").into(),
            linked: vec!["/a \"b\"".into()],
            words,
        }
    }

    #[test]
    fn folders_are_strings_of_the_script() {
        let folder = tempfile::tempdir().unwrap();
        run(
            &step(folder.path(), vec!["$ORIGIN/../lib".into()]),
            Path::new("/"),
        )
        .unwrap();
        let text = std::fs::read_to_string(folder.path().join("l.js")).unwrap();
        assert!(text.contains(r#"["$ORIGIN/../lib"]"#), "{text}");
        assert!(text.contains(r#"["/a \"b\""]"#), "{text}");
        assert!(
            !text.contains("RUN_PATH") && !text.contains("LINKED"),
            "{text}"
        );
    }

    #[test]
    fn a_folder_that_no_script_can_name_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let odd = std::ffi::OsStr::from_bytes(b"/\xff").to_owned();
        let error = run(&step(folder.path(), vec![odd]), Path::new("/")).unwrap_err();
        assert!(error.to_string().contains("UTF-8"), "{error}");
    }
}
