//! A wheel against the Pyodide it will be loaded into.

use camino::Utf8Path;
use signatures::audit::{Audit, audit};
use signatures::read::{self, Binary};
use signatures::runtime::Runtime;
use signatures::unit::Unit;
use walkdir::WalkDir;

use crate::error::WheelBuildError;

/// Holds a wheel's modules against the runtime in `pyodide`, the unpacked npm package, and the
/// libraries in `site`, a folder with what the wheel requires installed.
///
/// # Errors
/// A module or the runtime cannot be read.
pub fn wheel(
    wheel: &Utf8Path,
    site: &Utf8Path,
    pyodide: &Utf8Path,
) -> Result<Audit, WheelBuildError> {
    let modules = read::read(wheel)?.into_units();
    let mut linked = modules.iter().filter_map(|unit| unit.dylink.as_ref());
    let others = if linked.any(|dylink| !dylink.needed.is_empty()) {
        libraries(site)?
    } else {
        Vec::new()
    };
    Ok(audit(&modules, &others, &Runtime::read(pyodide)?))
}

/// The WebAssembly libraries below a folder.
fn libraries(folder: &Utf8Path) -> Result<Vec<Unit>, WheelBuildError> {
    let mut units = Vec::new();
    for entry in WalkDir::new(folder).into_iter().filter_map(Result::ok) {
        let Some(path) = Utf8Path::from_path(entry.path()) else {
            continue;
        };
        let name = path.file_name().unwrap_or_default();
        if !entry.file_type().is_file() || !(name.ends_with(".so") || name.contains(".so.")) {
            continue;
        }
        match read::read(path) {
            Ok(Binary::Unit(unit)) => units.push(*unit),
            // A library for another machine is no concern of the loader's.
            Ok(_) | Err(read::ReadError::Unknown { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(units)
}
