//! What provisioning would put into the store, without doing it: for the keys of CI caches.

use crate::machine::Env;
use crate::store::{Slot, split};
use crate::{Error, Sources, Store, debian, f2c, pyodide, sources, tools};

/// Everything that decides what provisioning puts into the store for a Pyodide release, one line
/// each (which micropip it has follows from the release), without paths of this machine. Nothing is
/// provisioned and no network asked.
///
/// The second part is the version of Emscripten, as far as it is known before it is there.
///
/// # Errors
/// A user's f2c is named but cannot be used.
pub fn recipes(env: &Env, sources: &Sources<'_>) -> Result<(Vec<String>, Option<String>), Error> {
    // Recipes do not depend on where the store is.
    let store = Store::at("/".into());
    let mut lines = vec![name(&pyodide::slot(&store, sources.pyodide))];
    let (emscripten, python) = (sources.emscripten, sources.python);
    let has_all = emscripten.is_some() && python.is_some();
    let suite = sources.suite.filter(|_| !has_all);
    if let Some(suite) = suite {
        // It has an f2c.
        lines.push(name(&debian::slot(&store, suite)));
    } else if f2c::find_user_f2c(env)?.is_none() {
        lines.push(name(&f2c::slot(&store)?));
    }
    lines.extend(emscripten.map(|own| format!("emscripten {}", own.version)));
    lines.extend(python.map(|own| format!("python {}", own.version)));
    lines.push(name(&sources::slot(&store)));
    lines.extend(tools::recipes());
    let version = emscripten.map(|own| own.version.as_str());
    let version = version.or_else(|| suite.map(|suite| suite.emscripten));
    Ok((lines, version.map(str::to_owned)))
}

/// A folder's name, which has the recipe.
fn name(slot: &Slot) -> String {
    let name = slot.folder().file_name().unwrap_or_default();
    debug_assert!(split(slot.folder()).is_some(), "{name}");
    name.to_owned()
}
