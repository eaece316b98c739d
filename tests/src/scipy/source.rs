//! SciPy's source, from the index that pip is configured for.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use provision::Silent;
use pyodide_wheel::python::Output;
use pyodide_wheel::source::fetch;
use pyodide_wheel::target::DEFAULT;
use wheel_build::prepare::Wanted;
use wheel_build::session::Session;
use wheel_build::toolchain::Policy;

/// The release that the table of libraries is of.
const REQUIREMENT: &str = "scipy==1.14.1";

/// What Fortran needs of it.
const WANTED: &[&str] = &["*.f", "*.F", "*.h"];

/// The Fortran of SciPy's sdist below `work`, downloaded and unpacked unless it is there.
///
/// # Errors
/// The index does not answer, or the archive cannot be unpacked.
pub(super) fn sources(work: &Utf8Path) -> Result<Utf8PathBuf, String> {
    let folder = work.join(REQUIREMENT.replace("==", "-"));
    if folder.exists() {
        return Ok(folder);
    }
    let wanted = Wanted {
        target: DEFAULT.to_owned(),
        policy: Policy::Tested,
    };
    let session = Session::prepare(&wanted, &Silent).map_err(|e| e.to_string())?;
    let mut output = Output {
        log: &work.join("download.log"),
        line: &mut |_| {},
    };
    let archives = session.store.sdists();
    let fetched = fetch(&session.tools, REQUIREMENT, &archives, &mut output);
    let archive = fetched.map_err(|e| e.to_string())?.path;

    let unwritable = |e: std::io::Error| format!("cannot write {work}: {e}");
    let staging = tempfile::tempdir_in(work).map_err(unwritable)?;
    let staged = Utf8Path::from_path(staging.path()).ok_or("a folder's name is not UTF-8")?;
    let words = ["-xzf", archive.as_str(), "-C", staged.as_str()];
    let choice = ["--strip-components=1", "--wildcards"];
    duct::cmd("tar", [&words[..], &choice, WANTED].concat())
        .run()
        .map_err(|e| format!("tar -xzf {archive}: {e}"))?;
    fs::rename(staged, &folder).map_err(unwritable)?;
    Ok(folder)
}
