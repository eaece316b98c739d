//! What cannot be had is said before anything is downloaded.

use crate::apt::Programs;
use crate::archive::Archive;
use crate::machine::Env;
use crate::{Error, HostPython, Progress, Store, Suite, debian, packages, pyodide, tools};

/// What a session is going to ask for.
#[derive(Debug, Clone, Copy)]
pub struct Needs<'a> {
    /// The Pyodide release.
    pub pyodide: &'a str,
    /// The user's own Python, if that is used.
    pub python: Option<&'a HostPython>,
    /// The suite that Emscripten or Python come from, if either does.
    pub suite: Option<&'a Suite>,
    /// What comes from the suite, for the error: such as `Emscripten and Python 3.13`.
    pub lacking: &'a str,
}

/// Holds that this machine can get what is not in the store yet: npm and pip are there, and so are
/// apt, room on the disk, Debian's keys and a mirror's address where a suite is needed. Of these
/// only the keys and the address are got, from the system's own archive, where the system does not
/// know Debian's; with a store that has everything, nothing is needed and nothing is run.
///
/// # Errors
/// Something cannot be had; the error says what, and what can be done.
pub fn preflight(
    env: &Env,
    store: &Store,
    needs: Needs<'_>,
    progress: &dyn Progress,
) -> Result<(), Error> {
    if pyodide::look(store, needs.pyodide).is_none() {
        pyodide::find_npm(env)?;
    }
    if needs
        .python
        .is_some_and(|python| !tools::are_there(store, python))
    {
        tools::find_pip(env)?;
    }
    let Some(suite) = needs.suite else {
        return Ok(());
    };
    if debian::look(store, suite).is_some() {
        return Ok(());
    }
    let programs = Programs::find(env).map_err(|error| error.explaining(needs.lacking))?;
    tools::find_pip(env)?;
    packages::require_space(&store.debian(), needs.lacking, suite.disk, 0)?;
    Archive::provide(env, store, &programs, progress)
        .map(drop)
        .map_err(|error| error.explaining(needs.lacking))
}
