//! What Fortran takes beside Emscripten: f2c, and the runtime library for the target.

use camino::Utf8Path;
use f2c_driver::runtime::runtime_sources;
use provision::{Emscripten, Env, Finding, Progress, StaticLibrary, Store, Suite, Verdict};
use pyodide_wheel::target::Target;

use toolcall::config::FortranConfig;

/// The runtime's file name: that of gfortran's, whose place it takes.
const LIBRARY: &str = "libgfortran.a";

/// The headers that translated code includes.
const HEADERS: &[&str] = &["f2c.h", "names.h"];

/// How the runtime is optimised; input and output are its most.
const FLAGS: &[&str] = &["-O2", "-g0"];

/// The Fortran runtime of a target.
pub fn runtime(target: &Target) -> StaticLibrary<'static> {
    // Relative to the archive's own folder, wherever it will be unpacked.
    let made_of = runtime_sources(Utf8Path::new(""));
    let owned = |flags: &[&str]| flags.iter().map(|f| (*f).to_owned()).collect();
    StaticLibrary {
        what: "the Fortran runtime",
        kept_in: Store::fortran,
        target: target.name.to_string().replace('@', "-"),
        file: LIBRARY,
        source: "libf2c2",
        sources: made_of.libf2c,
        own: made_of
            .own
            .iter()
            .map(|file| (file.name, file.text))
            .collect(),
        headers: HEADERS,
        flags: owned(&[FLAGS, made_of.flags].concat()),
        settings: owned(target.abi.cflags),
    }
}

/// Whether a folder of the store is that of a runtime as this emshim makes it. One for a target that
/// this emshim does not know may be another's.
pub fn is_current(store: &Store, folder: &Utf8Path) -> bool {
    let name = provision::without_recipe(folder);
    let Some((target, emscripten)) = name.and_then(|name| name.rsplit_once('-')) else {
        return false;
    };
    let Ok(target) = Target::parse(&target.replacen('-', "@", 1)) else {
        return true;
    };
    let library = runtime(&target);
    let same = library
        .folder(store, emscripten)
        .is_ok_and(|own| own == folder);
    same && library.is_built(store, emscripten).unwrap_or(true)
}

/// How the runtime for an Emscripten stands; nothing is provisioned.
///
/// # Errors
/// emshim's own tables lack the source.
pub fn examine(
    env: &Env,
    store: &Store,
    target: &Target,
    emscripten: &str,
) -> Result<Finding, provision::Error> {
    let library = runtime(target);
    let (verdict, remedy) = if library.is_built(store, emscripten)? {
        (Verdict::Ready, None)
    } else if let Err(error) = provision::check_source(env, store, library.source) {
        (
            Verdict::Optional,
            Some(format!("for Fortran alone: {error}")),
        )
    } else {
        let remedy = "emshim builds it when it is first needed, or now with `emshim setup`";
        (Verdict::OnDemand, Some(remedy.to_owned()))
    };
    Ok(Finding {
        what: LIBRARY.trim_end_matches(".a").to_owned(),
        verdict,
        version: None,
        place: Some(library.folder(store, emscripten)?.into_string()),
        origin: None,
        remedy,
    })
}

/// Finds or provisions f2c and the runtime.
///
/// Packages without Fortran need neither: where they cannot be had, as on a system without apt, the
/// result names the places where they would be, and why they are not there. The shims refuse Fortran
/// with that.
///
/// # Errors
/// emshim's own tables lack the sources.
pub fn provide(
    env: &Env,
    store: &Store,
    target: &Target,
    emscripten: &Emscripten,
    suite: Option<&Suite>,
    progress: &dyn Progress,
) -> Result<FortranConfig, provision::Error> {
    let library = runtime(target);
    let mut missing = Vec::new();
    let mut or_its_place = |result: Result<_, provision::Error>, place| {
        result.unwrap_or_else(|error| {
            missing.push(error.to_string());
            place
        })
    };
    let f2c = provision::provision_f2c(env, store, suite, progress);
    let runtime = library.provision(store, emscripten, progress);
    let f2c = or_its_place(f2c, provision::built_f2c(store)?);
    let runtime = or_its_place(runtime, library.folder(store, &emscripten.version)?);
    Ok(FortranConfig {
        f2c,
        runtime,
        missing: (!missing.is_empty()).then(|| missing.join("; and ")),
    })
}
