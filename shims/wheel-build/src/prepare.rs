//! Finding or provisioning all that a [`Session`] is made of.

use camino::Utf8Path;
use provision::{Env, HostPython, Progress, Store};
use pyodide_wheel::python::{Output, Python};
use pyodide_wheel::tags::PlatformTags;
use pyodide_wheel::target::{EmscriptenFit, Lock, Target, TargetName};
use pyodide_wheel::xbuild;

use crate::error::WheelBuildError;
use crate::session::Session;
use crate::toolchain::{Choice, Policy};
use crate::{fortran, shim_folder, trial};

/// What the user asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The target's name, as `pyodide@VERSION`.
    pub target: String,
    /// How far from the ABI's own Emscripten the build may go.
    pub policy: Policy,
}

impl Session {
    /// Finds or provisions everything for a target, the libraries that were added for it with it.
    ///
    /// # Errors
    /// The target is unknown, the Emscripten found does not fit it, or something could not be got.
    pub fn prepare(wanted: &Wanted, progress: &dyn Progress) -> Result<Self, WheelBuildError> {
        let mut session = Self::without_libraries(wanted, progress)?;
        let added = session.added_libraries()?;
        // Known before they are built, so that no shim folder is written twice.
        session.libraries = session.prefix_of(&added)?;
        session.provide_libraries(&added, progress)?;
        Ok(session)
    }

    /// As [`prepare`](Self::prepare), but for the libraries.
    ///
    /// # Errors
    /// As [`prepare`](Self::prepare).
    pub fn without_libraries(
        wanted: &Wanted,
        progress: &dyn Progress,
    ) -> Result<Self, WheelBuildError> {
        let name = TargetName::parse(&wanted.target)?;
        let (env, policy) = (Env::capture(), wanted.policy);
        let store = Store::from_env()?;
        let gate = store.enter(progress);
        store.mark();
        let node = provision::find_node(&env)?;
        preflight(&wanted.target, policy, &store, &env, progress)?;
        let pyodide = provision::provision_pyodide(&store, name.release(), progress)?.root;
        let lock = Lock::read(&pyodide)?;
        let target = Target::from_lock(name, &lock)?;
        let tags = PlatformTags::new(&target, &lock);

        let choice = Choice::make(&env, &target, policy)?;
        if let Some(note) = &choice.note {
            progress.note(note);
        }
        let (emscripten, fit) = choice.emscripten(&target, policy, &store, progress)?;
        let python = choice.python(&target, &store, progress)?;
        let fortran = fortran::provide(&env, &store, &target, &emscripten, choice.suite, progress)?;
        let tools = provision::provision_tools(&store, &python, progress)?;
        let tools_python = Python {
            exe: tools.python.clone(),
            env: std::env::vars_os().collect(),
        };
        let cross = xbuild::build(
            xbuild::Inputs {
                target: &target,
                pyodide: &pyodide,
                python: &tools_python,
                host_include: &python.include,
            },
            &store.target(&target_folder(&target, &python, &pyodide)),
            &mut Output {
                log: &store.log().join("target.log"),
                line: &mut |_| {},
            },
        )?;
        let made_of: [&Utf8Path; 8] = [
            &pyodide,
            &emscripten.root,
            &emscripten.llvm_bin,
            &python.exe,
            &tools.python,
            &cross.root,
            &fortran.f2c,
            &fortran.runtime,
        ];
        // Node and Emscripten's libraries are no folders of the store's alone.
        let with = [&made_of[..], &[&node.exe, &emscripten.cache]].concat();
        let shims = shim_folder::path(&store, &target, &emscripten.version, &with)?;
        let usage = gate.declare(&[&[&*shims], &made_of[..]].concat());
        let mut session = Self {
            usage,
            shims,
            store,
            target,
            pyodide,
            lock,
            tags,
            node,
            emscripten,
            fit,
            fortran,
            python,
            tools: tools_python,
            cross,
            libraries: None,
        };
        if fit == EmscriptenFit::Untested {
            session.fit = trial::judge(&session, policy, progress)?;
        }
        Ok(session)
    }
}

/// Says what cannot be had before anything is downloaded. Of a release that the table does not know,
/// only Pyodide's npm package tells what else it takes.
fn preflight(
    name: &str,
    policy: Policy,
    store: &Store,
    env: &Env,
    progress: &dyn Progress,
) -> Result<(), WheelBuildError> {
    let Ok(target) = Target::parse(name) else {
        return Ok(());
    };
    let choice = Choice::make(env, &target, policy)?;
    let needs = provision::Needs {
        pyodide: target.name.release(),
        python: choice.python.as_ref(),
        suite: choice.needed_suite(),
        lacking: &choice.lacking(&target),
    };
    Ok(provision::preflight(env, store, needs, progress)?)
}

/// Name of the target's folder: another host Python, Pyodide or layout gets another folder, so that none
/// in use is ever replaced, by another emshim either.
fn target_folder(target: &Target, python: &HostPython, pyodide: &Utf8Path) -> String {
    let (include, version) = (&python.include, &python.version);
    let made_from = format!("{include}\n{version}\n{pyodide}\n{}", xbuild::LAYOUT);
    let digest = blake3::hash(made_from.as_bytes()).to_hex();
    format!("{}-{}", target.name, &digest[..8]).replace('@', "-")
}
