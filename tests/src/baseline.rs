//! What every comparison with gfortran starts from.

use camino::{Utf8Path, Utf8PathBuf};
use provision::{Env, NativeFortran, Progress, Store, provision_gfortran, unpack_source};

/// The two compilers and the reference LAPACK.
#[derive(Debug)]
pub struct Baseline {
    /// gfortran, for the machine.
    pub native: NativeFortran,
    /// A folder of shims, for WebAssembly.
    pub shims: Utf8PathBuf,
    /// LAPACK's source tree.
    pub lapack: Utf8PathBuf,
}

impl Baseline {
    /// Finds or provisions all of it, the folders below `work`.
    ///
    /// # Errors
    /// Something cannot be provisioned or written.
    pub fn prepare(
        emshim: &Utf8Path,
        work: &Utf8Path,
        progress: &dyn Progress,
    ) -> Result<Self, String> {
        let store = Store::from_env().map_err(|e| e.to_string())?;
        let native = provision_gfortran(&Env::capture(), &store, progress);
        let native = native.map_err(|e| e.to_string())?;
        let shims = work.join("shims");
        // A folder of its own: another emshim may renew the store's at any time.
        let install = duct::cmd(emshim.as_str(), ["install", shims.as_str()]);
        let said = install.stdout_null().run();
        said.map_err(|e| format!("emshim install {shims}: {e}"))?;
        let lapack = work.join("source");
        if !lapack.exists() {
            unpack_source(&store, "lapack", &lapack, progress).map_err(|e| e.to_string())?;
        }
        Ok(Self {
            native,
            shims,
            lapack,
        })
    }
}
