//! Makes unpacked programs use the libraries unpacked beside them, the C library included.

use std::fs::{self, File};

use camino::{Utf8Path, Utf8PathBuf};
use object::elf::{self, FileHeader64};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, ReadCache, ReadRef};

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
/// A library with a path of its own would end that search (as LLVM's `DT_RUNPATH` does, and the
/// system's libraries would be taken instead), so libraries lose theirs.
///
/// Files are replaced whole, so a killed run leaves each either as it was or done.
///
/// # Errors
/// patchelf fails, or the disk is full.
pub(crate) fn patch(
    layout: &Layout<'_>,
    patchelf: &Utf8Path,
    log: &Log,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let run = |file: &Utf8Path, args: &[&str]| {
        progress.detail(file.file_name().unwrap_or_default());
        let patched = layout.root.join("patched");
        Command::new(
            patchelf,
            "pointing unpacked programs at their libraries",
            "remove the store's `tools` and `debian` folders and run the same command again",
        )
        .args(args)
        .args(["--output", patched.as_str(), file.as_str()])
        .output(log)?;
        let mode = fs::metadata(file).map_err(Error::io("read", file))?;
        fs::set_permissions(&patched, mode.permissions())
            .and_then(|()| fs::rename(&patched, file))
            .map_err(Error::io("write", file))
    };
    let interpreter = layout
        .place
        .join("usr/lib")
        .join(layout.architecture.triplet)
        .join(layout.architecture.interpreter);
    let interpreter = ["--set-interpreter", interpreter.as_str()];
    for folder in layout.programs {
        let rpath = relative_rpath(folder, layout.libraries);
        let rpath = ["--force-rpath", "--set-rpath", &rpath];
        for (file, facts) in elf_files(&layout.root.join(folder))? {
            if facts.interpreter {
                run(&file, &[&interpreter[..], &rpath[..]].concat())?;
            }
        }
    }
    for folder in layout.libraries {
        for (file, facts) in elf_files(&layout.root.join(folder))? {
            if facts.library_path {
                run(&file, &["--remove-rpath"])?;
            }
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

/// What an ELF file asks of the dynamic linker.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Facts {
    /// It names a dynamic linker: it is a program.
    interpreter: bool,
    /// It brings a library path of its own.
    library_path: bool,
}

/// The ELF files of a folder, links excepted, sorted by name.
fn elf_files(folder: &Utf8Path) -> Result<Vec<(Utf8PathBuf, Facts)>, Error> {
    let mut found = Vec::new();
    for entry in folder.read_dir_utf8().map_err(Error::io("read", folder))? {
        let entry = entry.map_err(Error::io("read", folder))?;
        let path = entry.path();
        if !entry
            .file_type()
            .map_err(Error::io("read", path))?
            .is_file()
        {
            continue;
        }
        let file = File::open(path).map_err(Error::io("read", path))?;
        if let Some(facts) = facts(&ReadCache::new(file)) {
            found.push((path.to_owned(), facts));
        }
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    Ok(found)
}

/// Reads a 64-bit ELF file; anything else is `None`.
fn facts<'data>(data: impl ReadRef<'data>) -> Option<Facts> {
    let header = FileHeader64::<Endianness>::parse(data).ok()?;
    let endian = header.endian().ok()?;
    let mut facts = Facts::default();
    for segment in header.program_headers(endian, data).ok()? {
        facts.interpreter |= segment.p_type(endian) == elf::PT_INTERP;
        let entries = segment.dynamic(endian, data).ok()?.unwrap_or_default();
        facts.library_path |= entries
            .iter()
            .any(|entry| [elf::DT_RPATH, elf::DT_RUNPATH].contains(&entry.d_tag(endian)));
    }
    Some(facts)
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
    fn elf_files_are_told_by_their_content() {
        // The test's own program is a dynamic one.
        let own = std::env::current_exe().unwrap();
        let program = Facts {
            interpreter: true,
            library_path: false,
        };
        let dir = tempfile::tempdir().unwrap();
        let folder = Utf8Path::from_path(dir.path()).unwrap();
        fs::copy(&own, folder.join("b")).unwrap();
        fs::copy(&own, folder.join("a")).unwrap();
        fs::write(folder.join("script"), "#!/bin/sh\n").unwrap();
        fs::write(folder.join("cut"), "\x7fELF").unwrap();
        std::os::unix::fs::symlink("a", folder.join("link")).unwrap();
        assert_eq!(
            elf_files(folder).unwrap(),
            [(folder.join("a"), program), (folder.join("b"), program)]
        );
    }
}
