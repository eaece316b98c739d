//! f2c, a program of this machine: the user's own, a suite's, or built from its source.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use crate::command::{Command, Log};
use crate::compile::Compiler;
use crate::machine::{Env, is_executable};
use crate::sources::{source, unpack_source};
use crate::store::{Slot, State};
use crate::{Error, Progress, Store, Suite, debian};

/// Names the f2c to use.
const VARIABLE: &str = "F2C";

/// The archive of f2c's source, in [`SOURCES`](crate::SOURCES).
const SOURCE: &str = "f2c";

/// f2c's modules, those of `OBJECTSd` in its `makefile.u`.
const MODULES: &[&str] = &[
    "cds",
    "data",
    "equiv",
    "error",
    "exec",
    "expr",
    "format",
    "formatdata",
    "gram",
    "init",
    "intr",
    "io",
    "lex",
    "main",
    "mem",
    "misc",
    "names",
    "niceprintf",
    "output",
    "p1output",
    "parse_args",
    "pread",
    "proc",
    "put",
    "putpcc",
    "sysdep",
    "vax",
    "version",
];

/// f2c is C of an age that newer standards refuse.
const FLAGS: &[&str] = &["-std=gnu17", "-O1", "-w"];

/// Native C compilers, the first one found is used.
const COMPILERS: &[&str] = &["cc", "gcc", "clang"];

const NO_COMPILER: &str = "install a C compiler (on Debian: the package gcc), or f2c itself, or \
                           set F2C to an f2c";

/// An f2c that works on this machine: the user's own (`F2C`, then PATH), then that of `suite` where
/// it is unpacked in the store already, then one built from its source by the machine's C compiler.
///
/// # Errors
/// `F2C` names no program; or f2c has to be built, and its source cannot be had, the machine has no
/// C compiler or that one fails.
pub fn provision_f2c(
    env: &Env,
    store: &Store,
    suite: Option<&Suite>,
    progress: &dyn Progress,
) -> Result<Utf8PathBuf, Error> {
    if let Some((own, _)) = find_user_f2c(env)? {
        return Ok(own);
    }
    match suite.and_then(|suite| debian::f2c(store, suite)) {
        Some(unpacked) => Ok(unpacked),
        None => build(env, store, progress),
    }
}

/// Where an f2c built from its source is, or would be.
///
/// # Errors
/// The table of sources lacks it.
pub fn built_f2c(store: &Store) -> Result<Utf8PathBuf, Error> {
    Ok(slot(store)?.folder().join("f2c"))
}

/// The user's own f2c and where it was found: `F2C` or `PATH`.
///
/// # Errors
/// `F2C` names no program.
pub(crate) fn find_user_f2c(env: &Env) -> Result<Option<(Utf8PathBuf, &'static str)>, Error> {
    let Some(named) = env.path(VARIABLE) else {
        return Ok(env.program("f2c").map(|found| (found, "PATH")));
    };
    if named.is_absolute() && is_executable(&named) {
        return Ok(Some((named, VARIABLE)));
    }
    Err(Error::Invalid {
        path: format!("{VARIABLE}={named}"),
        why: "is not the absolute path of a program".to_owned(),
        remedy: format!("correct {VARIABLE}, or unset it to let emshim get f2c"),
    })
}

/// The f2c built from source, if it is there.
pub(crate) fn look(store: &Store) -> Option<Utf8PathBuf> {
    let slot = slot(store).ok()?;
    (slot.state() != State::Absent).then(|| slot.folder().join("f2c"))
}

pub(crate) fn slot(store: &Store) -> Result<Slot, Error> {
    let lists = MODULES.iter().chain(FLAGS).copied();
    let parts = std::iter::once(source(SOURCE)?.sha256).chain(lists);
    Ok(Slot::new(&store.tools(), SOURCE, "f2c", parts))
}

fn build(env: &Env, store: &Store, progress: &dyn Progress) -> Result<Utf8PathBuf, Error> {
    let slot = slot(store)?;
    let program = slot.folder().join("f2c");
    // It holds no absolute path of its own, so a moved one works.
    if slot.state() != State::Absent {
        return Ok(program);
    }
    let work = slot.lock(progress)?;
    if slot.state() != State::Absent {
        return Ok(program);
    }
    let compiler = COMPILERS
        .iter()
        .find_map(|name| env.program(name))
        .ok_or_else(|| Error::Missing {
            what: "a C compiler, to build f2c with,".to_owned(),
            why: "is not on PATH".to_owned(),
            remedy: NO_COMPILER.to_owned(),
        })?;
    let staging = work.staging()?;
    let top = staging.join("source");
    unpack_source(store, SOURCE, &top, progress)?;
    let log = Log::create(&store.log(), SOURCE)?;
    progress.step("building f2c", || {
        make(
            &compiler,
            &top.join("src"),
            &staging.join("f2c"),
            &log,
            progress,
        )?;
        fs::remove_dir_all(&top).map_err(Error::io("remove", &top))?;
        work.place()?;
        work.finish(BTreeMap::new())
    })?;
    Ok(program)
}

fn make(
    compiler: &Utf8Path,
    src: &Utf8Path,
    program: &Utf8Path,
    log: &Log,
    progress: &dyn Progress,
) -> Result<(), Error> {
    let write = |name: &str, text: &str| {
        let path = src.join(name);
        fs::write(&path, text).map_err(Error::io("write", path))
    };
    let tokens = src.join("tokens");
    let tokens = fs::read_to_string(&tokens).map_err(Error::io("read", &tokens))?;
    write("tokdefs.h", &token_definitions(&tokens))?;
    // What the makefile finds out by a trial: mkdtemp and mkstemp are there.
    write("sysdep.hd", "")?;
    let sources: Vec<_> = MODULES
        .iter()
        .map(|name| src.join(format!("{name}.c")))
        .collect();
    let objects = Compiler {
        program: compiler,
        flags: FLAGS.iter().map(|flag| (*flag).to_owned()).collect(),
        remedy: NO_COMPILER,
    }
    .objects(&sources, src, log, progress)?;
    Command::new(compiler, "linking f2c", NO_COMPILER)
        .args(objects)
        .args(["-o", program.as_str()])
        .output(log)?;
    Command::new(program, "trying f2c", NO_COMPILER)
        .args(["--help"])
        .output(log)
        .map(drop)
}

/// `tokdefs.h`, which f2c's makefile makes of `tokens`: each name is defined as its line's number.
fn token_definitions(tokens: &str) -> String {
    let mut text = String::new();
    for (number, name) in (1..).zip(tokens.lines()) {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "#define {name} {number}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::program;

    #[test]
    fn a_users_f2c_is_the_variables_then_paths() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        program(&root.join("bin"), "f2c", "");
        program(root, "mine", "");
        let bin = root.join("bin");
        let path = ("PATH", bin.as_str());
        let mine = root.join("mine");
        let find = |vars: &[(&str, &str)]| find_user_f2c(&vars.iter().copied().collect());
        assert_eq!(find(&[path]).unwrap(), Some((bin.join("f2c"), "PATH")));
        let both = find(&[path, ("F2C", mine.as_str())]).unwrap();
        assert_eq!(both, Some((mine, "F2C")));
        assert_eq!(find(&[]).unwrap(), None);
        for wrong in ["f2c", "/no/f2c"] {
            let error = find(&[path, ("F2C", wrong)]).unwrap_err().to_string();
            assert!(
                error.contains(&format!("F2C={wrong}")) && error.contains("unset"),
                "{error}"
            );
        }
    }

    #[test]
    fn tokens_are_numbered_from_one() {
        assert_eq!(
            token_definitions("SEOS\nSCOMMENT\n"),
            "#define SEOS 1\n#define SCOMMENT 2\n"
        );
    }

    #[test]
    fn a_machine_without_a_compiler_gets_the_remedy() {
        let dir = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(dir.path()).unwrap();
        let env = Env::from_iter([("PATH", root.as_str())]);
        let store = Store::at(root.join("store"));
        let error = provision_f2c(&env, &store, None, &crate::Silent).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains("C compiler") && error.contains("F2C"),
            "{error}"
        );
    }
}
