//! The reference LAPACK, built by its own CMake project for WebAssembly and by gfortran for the
//! machine, its own tests run in both, and the results compared.

mod build;
mod compare;
pub mod library;
mod output;
mod part;
pub(crate) mod symbols;

use camino::{Utf8Path, Utf8PathBuf};
use provision::Progress;

use toolcall::config::ShimConfig;

use crate::baseline::Baseline;
use build::{Build, Compiler};
pub use compare::Comparison;
pub use part::{PARTS, Part, part};

/// Builds and tests a part for the machine and for WebAssembly below `work`, with CMake and Ninja
/// of `tools`. The native build is kept there and taken up again, that for WebAssembly only if
/// `again`.
///
/// # Errors
/// Something cannot be provisioned, or one of the two builds fails; failing tests are no error.
pub fn run(
    part: &Part,
    emshim: &Utf8Path,
    work: &Utf8Path,
    tools: &Utf8Path,
    again: bool,
    progress: &dyn Progress,
) -> Result<Comparison, String> {
    let Baseline {
        native,
        shims,
        lapack: source,
    } = Baseline::prepare(emshim, work, progress)?;
    let emshim = &shims.join("emshim");
    let build = |compiler: Compiler<'_>, folder: Utf8PathBuf| {
        let build = Build {
            part,
            compiler,
            emshim,
            source: &source,
            folder: &folder,
            tools,
        };
        build.run(progress)
    };
    let folder = work.join(format!("{}-gfortran-{}", part.name, native.version));
    let expected = build(Compiler::Native(&native), folder)?;
    let folder = work.join(format!("{}-wasm", part.name));
    if !again && folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|e| format!("cannot remove {folder}: {e}"))?;
    }
    let found = build(Compiler::Shims, folder)?;
    let config = ShimConfig::load(&shims).map_err(|e| e.to_string())?;
    let runtime = symbols::archive(emshim, &config.fortran.runtime.join("libgfortran.a"))?;
    Ok(Comparison::of(part, &expected, &found, &runtime))
}
