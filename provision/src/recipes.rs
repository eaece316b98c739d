//! What provisioning would put into the store, without doing it: for the keys of CI caches.

use crate::machine::Env;
use crate::outdated::split;
use crate::store::Slot;
use crate::suites::Suite;
use crate::{Error, Store, debian, f2c, find, pyodide, sources, tools};

/// Everything that decides what provisioning puts into the store for a Pyodide release, one line
/// each (which micropip it has follows from the release), without paths of this machine. `suite` is the one that provides what the user has not, for
/// a target of this minor version of Python. Nothing is provisioned and no network asked.
///
/// The second part is the version of Emscripten, as far as it is known before it is there.
///
/// # Errors
/// A user's tool is named but cannot be used.
pub fn recipes(
    env: &Env,
    suite: Option<&Suite>,
    release: &str,
    python: &str,
) -> Result<(Vec<String>, Option<String>), Error> {
    // Recipes do not depend on where the store is.
    let store = Store::at("/".into());
    let mut lines = vec![name(&pyodide::slot(&store, release))];
    let own_emscripten = find::find_user_emscripten(env)?;
    let own_python = find::find_user_python(env, python);
    let suite = suite.filter(|_| own_emscripten.is_none() || own_python.is_none());
    if let Some(suite) = suite {
        // It has an f2c.
        lines.push(name(&debian::slot(&store, suite)));
    } else if f2c::find_user_f2c(env)?.is_none() {
        lines.push(name(&f2c::slot(&store)?));
    }
    if let Some(own) = &own_emscripten {
        lines.push(format!("emscripten {}", own.version));
    }
    if let Some(own) = &own_python {
        lines.push(format!("python {}", own.version));
    }
    lines.push(name(&sources::slot(&store)));
    lines.extend(tools::recipes());
    let emscripten = own_emscripten.map(|own| own.version);
    let emscripten = emscripten.or_else(|| suite.map(|suite| suite.emscripten.to_owned()));
    Ok((lines, emscripten))
}

/// A folder's name, which has the recipe.
fn name(slot: &Slot) -> String {
    let name = slot.folder().file_name().unwrap_or_default();
    debug_assert!(split(slot.folder()).is_some(), "{name}");
    name.to_owned()
}
