//! Makes unpacked programs use the libraries unpacked beside them, the C library included.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use object::elf::{FileHeader64, PT_INTERP};
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, elf};

use crate::command::{Command, Log};
use crate::suites::Architecture;
use crate::{Error, Progress};

/// Where the programs are and which libraries they get.
#[derive(Debug)]
pub(crate) struct Layout<'a> {
    /// The unpacked tree, as it lies now.
    pub root: &'a Utf8Path,
    /// Where it will lie: a dynamic linker's path cannot be relative.
    pub place: &'a Utf8Path,
    /// Folders of programs, below the root.
    pub programs: &'a [Utf8PathBuf],
    /// Folders of libraries, below the root.
    pub libraries: &'a [Utf8PathBuf],
    pub architecture: Architecture,
}

/// Points every dynamically linked program at the tree's dynamic linker and libraries.
///
/// The library path is `DT_RPATH` rather than `DT_RUNPATH`, because libraries loaded by libraries
/// (and Python's extension modules) must be found through it too. It is relative to the program.
/// Programs are replaced whole, so a killed run leaves each either as it was or done.
///
/// # Errors
/// patchelf fails, or the disk is full.
pub(crate) fn patch(
    layout: &Layout<'_>,
    patchelf: &Utf8Path,
    log: &Log,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let interpreter = layout
        .place
        .join("usr/lib")
        .join(layout.architecture.triplet)
        .join(layout.architecture.interpreter);
    for folder in layout.programs {
        let rpath = relative_rpath(folder, layout.libraries);
        for program in dynamic_programs(&layout.root.join(folder))? {
            progress.detail(program.file_name().unwrap_or_default());
            let patched = layout.root.join("patched");
            Command::new(
                patchelf,
                "pointing unpacked programs at their libraries",
                "remove the store's `tools` and `debian` folders and run the same command again",
            )
            .args(["--set-interpreter", interpreter.as_str()])
            .args(["--force-rpath", "--set-rpath", &rpath])
            .args(["--output", patched.as_str(), program.as_str()])
            .output(log)?;
            let mode = fs::metadata(&program).map_err(Error::io("read", &program))?;
            fs::set_permissions(&patched, mode.permissions())
                .and_then(|()| fs::rename(&patched, &program))
                .map_err(Error::io("write", &program))?;
        }
    }
    Ok(())
}

/// `$ORIGIN`-based library path for programs in `folder`; both are below the same root.
fn relative_rpath(folder: &Utf8Path, libraries: &[Utf8PathBuf]) -> String {
    let up = "../".repeat(folder.components().count());
    let paths: Vec<String> = libraries
        .iter()
        .map(|library| format!("$ORIGIN/{up}{library}"))
        .collect();
    paths.join(":")
}

/// Regular files in a folder that ask for a dynamic linker, sorted by name.
fn dynamic_programs(folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>, Error> {
    let mut found = Vec::new();
    for entry in folder.read_dir_utf8().map_err(Error::io("read", folder))? {
        let entry = entry.map_err(Error::io("read", folder))?;
        let path = entry.path();
        let file_type = entry.file_type().map_err(Error::io("read", path))?;
        if file_type.is_file() && is_dynamic(&fs::read(path).map_err(Error::io("read", path))?) {
            found.push(path.to_owned());
        }
    }
    found.sort();
    Ok(found)
}

/// Whether these are the bytes of a 64-bit ELF program that asks for a dynamic linker.
fn is_dynamic(bytes: &[u8]) -> bool {
    let segments = || {
        let header = FileHeader64::<Endianness>::parse(bytes).ok()?;
        let endian = header.endian().ok()?;
        let segments = header.program_headers(endian, bytes).ok()?;
        Some(segments.iter().any(|s| s.p_type(endian) == PT_INTERP))
    };
    bytes.starts_with(&elf::ELFMAG) && segments().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_path_is_relative_to_the_program() {
        let libraries = [
            "usr/lib/x86_64-linux-gnu".into(),
            "usr/lib/llvm-19/lib".into(),
        ];
        assert_eq!(
            relative_rpath("usr/bin".into(), &libraries),
            "$ORIGIN/../../usr/lib/x86_64-linux-gnu:$ORIGIN/../../usr/lib/llvm-19/lib"
        );
        assert_eq!(
            relative_rpath("usr/lib/llvm-19/bin".into(), &libraries[..1]),
            "$ORIGIN/../../../../usr/lib/x86_64-linux-gnu"
        );
    }

    #[test]
    fn programs_are_told_by_their_content() {
        // The test's own program is a dynamic one.
        let own = std::env::current_exe().unwrap();
        assert!(is_dynamic(&fs::read(&own).unwrap()));
        assert!(!is_dynamic(b"#!/bin/sh\n"));
        assert!(!is_dynamic(b"\x7fELF"));
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        fs::copy(&own, folder.join("b")).unwrap();
        fs::copy(&own, folder.join("a")).unwrap();
        fs::write(folder.join("script"), "#!/bin/sh\n").unwrap();
        std::os::unix::fs::symlink("a", folder.join("link")).unwrap();
        assert_eq!(
            dynamic_programs(folder).unwrap(),
            [folder.join("a"), folder.join("b")]
        );
    }
}
