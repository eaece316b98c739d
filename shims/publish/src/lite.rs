//! A folder for JupyterLite, in whose notebooks the wheels are imported with no installation: Pyodide
//! where `jupyterlite-pyodide-kernel` looks for one (`static/pyodide` of the Lite folder), with a lock
//! file that has the wheels, what they need, and what the kernel itself installs when it starts.

use camino::Utf8Path;
use serde_json::Value;
use wheel_build::error::WheelBuildError;

use crate::draft::Draft;
use crate::packages::Packages;
use crate::page::runtime;

/// Where the kernel's build step looks for a Pyodide.
const PYODIDE: &str = "static/pyodide/";

/// What the kernel installs when it starts, besides the wheels that it brings. Source: `initKernel` in
/// the worker of `jupyterlite-pyodide-kernel` 0.8.6.
const KERNEL: &[&str] = &["comm", "ipython", "jedi"];

/// Requirements of the kernel; `release` is the text of the lock file of the Pyodide release, whose
/// versions are taken where it has them: the kernel was tested with these.
#[must_use]
pub fn kernel(release: &str) -> Vec<String> {
    let release: Value = serde_json::from_str(release).unwrap_or_default();
    let version = |name: &str| release["packages"][name]["version"].as_str();
    let pinned = KERNEL.iter().map(|name| match version(name) {
        Some(version) => format!("{name}=={version}"),
        None => (*name).to_owned(),
    });
    pinned.collect()
}

/// Writes the folder for these packages, with the runtime of the unpacked npm package.
///
/// # Errors
/// The npm package lacks a file, or one cannot be written.
pub fn write(
    draft: &mut Draft,
    packages: &Packages,
    pyodide: &Utf8Path,
    release: &str,
) -> Result<(), WheelBuildError> {
    runtime(draft, PYODIDE, pyodide)?;
    packages.write(draft, PYODIDE, release)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernel_gets_the_releases_versions() {
        let release =
            r#"{"packages": {"ipython": {"version": "9.12.0"}, "six": {"version": "1"}}}"#;
        assert_eq!(kernel(release), ["comm", "ipython==9.12.0", "jedi"]);
        assert_eq!(kernel(""), KERNEL);
    }
}
