//! The Fortran sources of LAPACK's library, as its own CMake project has them.

use std::io;

use camino::Utf8Path;

/// Folders whose Fortran sources are all the library's.
const FOLDERS: &[&str] = &["BLAS/SRC", "SRC"];

/// The library's sources in a folder that holds other things too.
const MORE: &[&str] = &[
    "INSTALL/dlamch.f",
    "INSTALL/droundup_lwork.f",
    "INSTALL/dsecnd_INT_ETIME.f",
    "INSTALL/ilaver.f",
    "INSTALL/second_INT_ETIME.f",
    "INSTALL/slamch.f",
    "INSTALL/sroundup_lwork.f",
];

/// Suffixes of its Fortran sources.
const SUFFIXES: &[&str] = &["F", "F90", "f", "f90"];

/// Their names below LAPACK's source folder, sorted.
///
/// # Errors
/// A folder of the source cannot be read.
pub fn sources(source: &Utf8Path) -> io::Result<Vec<String>> {
    let mut names: Vec<String> = MORE.iter().map(|&name| name.to_owned()).collect();
    for folder in FOLDERS {
        for entry in source.join(folder).read_dir_utf8()? {
            let path = entry?.into_path();
            let fortran = path.extension().is_some_and(|it| SUFFIXES.contains(&it));
            if fortran && path.is_file() {
                names.push(format!("{folder}/{}", path.file_name().unwrap_or_default()));
            }
        }
    }
    names.sort();
    Ok(names)
}
