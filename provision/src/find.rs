//! What the user has already: an Emscripten, a Python, node.

use camino::{Utf8Path, Utf8PathBuf};

use crate::command::Command;
use crate::machine::{Env, is_executable};
use crate::{Emscripten, Error, HostPython, Node, Origin};

/// The oldest node that runs Emscripten's and Pyodide's scripts.
pub const MIN_NODE: u32 = 18;

const NODE_REMEDY: &str = "install Node.js 18 or newer (with npm) and put it on PATH";

/// Names the `emcc` to use before any other.
pub const EMCC_VARIABLE: &str = "EMSHIM_EMCC";

/// Variables that a user's Emscripten needs, kept for commands that clear the environment.
/// Source: Emscripten's `tools/config.py` and its launcher scripts.
const EMSCRIPTEN_VARIABLES: &[&str] = &[
    "EM_CONFIG",
    "EM_CACHE",
    "EMSDK",
    "EMSDK_NODE",
    "EMSDK_PYTHON",
];

/// The first node on PATH that is new enough, else the one of the user's emsdk.
///
/// # Errors
/// There is none, or all are older than [`MIN_NODE`]; the error is about the first.
pub fn find_node(env: &Env) -> Result<Node, Error> {
    let mut unfit = None;
    for exe in env.programs("node").into_iter().chain(sdk_nodes(env)) {
        match node(exe) {
            Ok(fit) => return Ok(fit),
            Err(error) => unfit = unfit.or(Some(error)),
        }
    }
    Err(unfit.unwrap_or_else(|| no_node("`node`".to_owned(), "is not on PATH")))
}

fn no_node(what: String, why: &str) -> Error {
    Error::Missing {
        what,
        why: why.to_owned(),
        remedy: NODE_REMEDY.to_owned(),
    }
}

fn node(exe: Utf8PathBuf) -> Result<Node, Error> {
    let answer = Command::new(&exe, "", "").args(["--version"]).query();
    let version = answer
        .as_deref()
        .and_then(|text| text.trim().strip_prefix('v'))
        .ok_or_else(|| no_node(format!("{exe}"), "does not tell its version"))?;
    let major: Option<u32> = version.split('.').next().and_then(|n| n.parse().ok());
    if major.is_none_or(|n| n < MIN_NODE) {
        return Err(no_node(format!("{exe} {version}"), "is too old"));
    }
    Ok(Node {
        version: version.to_owned(),
        exe,
    })
}

/// The nodes that emsdk has brought, the one in use first. Source: emsdk's `emsdk_env.sh` and the
/// layout of its `node` folder.
fn sdk_nodes(env: &Env) -> Vec<Utf8PathBuf> {
    let folder = env.path("EMSDK").or_else(|| {
        // `emcc` lies in `upstream/emscripten`, also where emsdk's environment is not set.
        let emcc = env.program("emcc")?;
        emcc.ancestors().nth(3).map(Utf8Path::to_owned)
    });
    let folder = folder.map(|sdk| sdk.join("node"));
    let entries = folder.and_then(|folder| folder.read_dir_utf8().ok());
    let installed = entries.into_iter().flatten().flatten();
    let mut nodes: Vec<_> = installed
        .map(|entry| entry.path().join("bin/node"))
        .collect();
    nodes.sort();
    nodes.reverse();
    let in_use = env.path("EMSDK_NODE");
    let all = in_use.into_iter().chain(nodes);
    all.filter(|node| is_executable(node)).collect()
}

/// A user's own Emscripten: `EMSHIM_EMCC`, then `emcc` on PATH (emshim's own shims excepted),
/// then `$EMSDK/upstream/emscripten/emcc`.
///
/// # Errors
/// One of them is named but cannot be used: it does not run, or its LLVM cannot be found. An
/// Emscripten that is not there at all is `None`.
pub fn find_user_emscripten(env: &Env) -> Result<Option<Emscripten>, Error> {
    let sdk = env
        .path("EMSDK")
        .map(|folder| folder.join("upstream/emscripten/emcc"));
    let choices = [
        (EMCC_VARIABLE, env.path(EMCC_VARIABLE)),
        ("PATH", env.program("emcc")),
        ("EMSDK", sdk.filter(|emcc| is_executable(emcc))),
    ];
    let Some((how, emcc)) = choices
        .into_iter()
        .find_map(|(how, emcc)| emcc.map(|emcc| (how, emcc)))
    else {
        return Ok(None);
    };
    let unfit = |why: &str| Error::Missing {
        what: format!("Emscripten's `{emcc}` (from {how})"),
        why: why.to_owned(),
        remedy: "repair it (`emcc --version` and `em-config LLVM_ROOT` must work), or take it off \
                 PATH and unset EMSHIM_EMCC and EMSDK to let emshim get its own"
            .to_owned(),
    };
    if !is_executable(&emcc) {
        return Err(unfit("is not an executable file"));
    }
    let variables: Vec<(String, String)> = EMSCRIPTEN_VARIABLES
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), env.get(name)?.to_str()?.to_owned())))
        .collect();
    let query = |program: &Utf8Path, args: &[&str]| {
        let mut command = Command::new(program, "", "").args(args);
        for (name, value) in &variables {
            command = command.env(name, value.clone());
        }
        command.query()
    };
    let version = query(&emcc, &["--version"])
        .as_deref()
        .and_then(emcc_version)
        .ok_or_else(|| unfit("does not tell its version"))?;
    // `emcc` may be a wrapper elsewhere; Emscripten itself knows its folders.
    let beside = emcc.with_file_name("em-config");
    let configured = |name: &str| {
        let answer = query(&beside, &[name])?;
        let folder = Utf8PathBuf::from(answer.trim());
        folder.is_absolute().then_some(folder)
    };
    let llvm_bin = configured("LLVM_ROOT").ok_or_else(|| unfit("does not know its LLVM_ROOT"))?;
    let root = configured("EMSCRIPTEN_ROOT")
        .filter(|folder| is_executable(&folder.join("emcc")))
        .or_else(|| Some(emcc.canonicalize_utf8().ok()?.parent()?.to_owned()))
        .ok_or_else(|| unfit("does not know its folder"))?;
    // Where its own folder is not to be written, or a distribution decides, it is elsewhere.
    let cache = configured("CACHE").unwrap_or_else(|| root.join("cache"));
    Ok(Some(Emscripten {
        cache,
        version,
        root,
        llvm_bin,
        env: variables,
        origin: Origin::User {
            how: how.to_owned(),
        },
    }))
}

/// The version in the first line of `emcc --version`: the first word that is three numbers. A
/// suffix (`-git`) is left out.
pub(crate) fn emcc_version(text: &str) -> Option<String> {
    let line = text.lines().next()?;
    line.split(' ').find_map(|word| {
        let numbers = word.split('-').next()?;
        let parts: Vec<&str> = numbers.split('.').collect();
        let all = parts.iter().all(|part| part.parse::<u32>().is_ok());
        (parts.len() == 3 && all).then(|| numbers.to_owned())
    })
}

/// A script that prints where Python's files are. `platinclude` holds `pyconfig.h` where it differs from
/// `include`; Debian's `pyconfig.h` in `include` only leads to one in the multiarch folder.
pub(crate) const PYTHON_PROBE: &str = "\
import importlib.util, os, platform, sys, sysconfig
paths = sysconfig.get_paths()
print(platform.python_version())
print(paths['include'])
print(paths['platinclude'])
print(sysconfig.get_config_var('MULTIARCH') or '')
print(importlib.util.find_spec('venv') is not None)
print(os.path.realpath(getattr(sys, '_base_executable', sys.executable)))
";

/// A user's own Python of a minor version such as `3.13`: the first `python3.13` (or `python3`) on
/// PATH that has headers and the `venv` module.
#[must_use]
pub fn find_user_python(env: &Env, minor: &str) -> Option<HostPython> {
    let mut candidates = env.programs(&format!("python{minor}"));
    candidates.extend(env.programs("python3"));
    candidates.iter().find_map(|exe| {
        let answer = Command::new(exe, "", "")
            .args(["-c", PYTHON_PROBE])
            .query()?;
        let origin = Origin::User {
            how: "PATH".to_owned(),
        };
        let found = host_python(exe, &answer, origin)?;
        (found.minor() == minor).then(|| HostPython {
            exe: real_python(&answer).unwrap_or(found.exe),
            ..found
        })
    })
}

/// The interpreter itself. What lies on PATH may be a script that chooses another one in another
/// folder (pyenv's), or a link from a folder in which environments made of it find no library (uv's).
fn real_python(answer: &str) -> Option<Utf8PathBuf> {
    let exe = Utf8PathBuf::from(answer.lines().nth(5)?);
    is_executable(&exe).then_some(exe)
}

/// A Python from its answer to [`PYTHON_PROBE`], if it has headers and `venv`.
pub(crate) fn host_python(exe: &Utf8Path, answer: &str, origin: Origin) -> Option<HostPython> {
    let lines: Vec<&str> = answer.lines().collect();
    let [version, include, platinclude, multiarch, "True", ..] = lines[..] else {
        return None;
    };
    let include = Utf8PathBuf::from(include);
    let name = include.file_name()?;
    let multiarch = include.parent()?.join(multiarch).join(name);
    let pyconfig = [multiarch, platinclude.into(), include.clone()]
        .into_iter()
        .map(|folder| folder.join("pyconfig.h"))
        .find(|file| file.is_file())?;
    include.join("Python.h").is_file().then(|| HostPython {
        exe: exe.to_owned(),
        version: version.to_owned(),
        include,
        pyconfig,
        origin,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::machine::tests::program;

    fn temporary() -> (tempfile::TempDir, Utf8PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = Utf8PathBuf::try_from(dir.path().to_owned()).unwrap();
        (dir, path)
    }

    /// A folder with an `emcc` of this version and the `em-config` beside it.
    fn emscripten(folder: &Utf8Path, version: &str) {
        let line = format!("emcc (Emscripten gcc/clang-like replacement) {version} (abc)");
        program(
            folder,
            "emcc",
            &format!("echo '{line}'; echo 'Copyright 2014'"),
        );
        let config = format!("case $1 in LLVM_ROOT) echo {folder}/llvm;; *) exit 1;; esac");
        program(folder, "em-config", &config);
    }

    #[test]
    fn node_needs_a_fit_version() {
        let (_dir, root) = temporary();
        let env = Env::from_iter([("PATH", root.as_str())]);
        for (script, what) in [
            ("echo v17.9.1", "17.9.1 is too old"),
            ("echo nonsense", "does not tell its version"),
            ("exit 1", "does not tell its version"),
        ] {
            program(&root, "node", script);
            let error = find_node(&env).unwrap_err().to_string();
            assert!(
                error.contains(what) && error.contains("Node.js 18"),
                "{error}"
            );
        }
        program(&root, "node", "echo v20.20.2");
        assert_eq!(find_node(&env).unwrap().version, "20.20.2");
    }

    #[test]
    fn the_machines_node_comes_before_emsdks_unless_it_is_too_old() {
        let (_dir, root) = temporary();
        let node = |folder: &str, version: &str| {
            program(&root.join(folder), "node", &format!("echo v{version}"));
        };
        node("first", "16.20.0");
        node("second", "22.1.0");
        node("sdk/node/18.19.0_64bit/bin", "18.19.0");
        node("sdk/node/20.18.0_64bit/bin", "20.18.0");
        node("chosen", "18.20.0");
        program(&root.join("sdk/upstream/emscripten"), "emcc", "");
        let path = |folders: &[&str]| {
            let folders: Vec<_> = folders.iter().map(|f| root.join(f).into_string()).collect();
            ("PATH", folders.join(":"))
        };
        let sdk = ("EMSDK", root.join("sdk").into_string());
        let chosen = ("EMSDK_NODE", root.join("chosen/node").into_string());
        let version = |variables: &[(&str, String)]| {
            let env = Env::from_iter(variables.iter().cloned());
            find_node(&env).map(|node| node.version)
        };
        let both = path(&["first", "second"]);
        assert_eq!(version(&[both, sdk.clone()]).unwrap(), "22.1.0");
        let old = path(&["first"]);
        assert_eq!(version(&[old.clone(), sdk.clone()]).unwrap(), "20.18.0");
        assert_eq!(version(&[old.clone(), sdk, chosen]).unwrap(), "18.20.0");
        let emcc = path(&["sdk/upstream/emscripten"]);
        assert_eq!(version(&[emcc]).unwrap(), "20.18.0");
        let error = version(&[old]).unwrap_err().to_string();
        assert!(error.contains("16.20.0 is too old"), "{error}");
    }

    #[test]
    fn a_users_emscripten_is_chosen_by_variable_then_path_then_sdk() {
        let (_dir, root) = temporary();
        emscripten(&root.join("own"), "4.0.9");
        emscripten(&root.join("path"), "3.1.69");
        emscripten(&root.join("sdk/upstream/emscripten"), "3.1.58-git");
        let all = [
            ("EMSHIM_EMCC", root.join("own/emcc")),
            ("PATH", root.join("path")),
            ("EMSDK", root.join("sdk")),
        ];
        let expected = [
            ("EMSHIM_EMCC", "4.0.9", root.join("own")),
            ("PATH", "3.1.69", root.join("path")),
            ("EMSDK", "3.1.58", root.join("sdk/upstream/emscripten")),
        ];
        for (first, (how, version, folder)) in expected.into_iter().enumerate() {
            let env = Env::from_iter(all[first..].iter().map(|(k, v)| (*k, v.as_str())));
            let found = find_user_emscripten(&env).unwrap().unwrap();
            assert_eq!(
                found.origin,
                Origin::User {
                    how: how.to_owned()
                }
            );
            assert_eq!(found.version, version);
            assert_eq!(found.llvm_bin, folder.join("llvm"));
            assert_eq!(found.root, folder);
            let sdk = ("EMSDK".to_owned(), root.join("sdk").into_string());
            assert_eq!(found.env, [sdk], "its variables are kept");
        }
        assert!(find_user_emscripten(&Env::default()).unwrap().is_none());
    }

    #[test]
    fn an_emscripten_that_does_not_work_is_an_error_with_the_remedy() {
        let (_dir, root) = temporary();
        program(&root, "emcc", "exit 1");
        let env = Env::from_iter([("PATH", root.as_str())]);
        let error = find_user_emscripten(&env).unwrap_err().to_string();
        assert!(
            error.contains("from PATH") && error.contains("emcc --version"),
            "{error}"
        );
        let env = Env::from_iter([("EMSHIM_EMCC", "/no/emcc")]);
        let error = find_user_emscripten(&env).unwrap_err().to_string();
        assert!(
            error.contains("/no/emcc") && error.contains("EMSHIM_EMCC"),
            "{error}"
        );
    }

    #[test]
    fn versions_of_emcc() {
        for (text, version) in [
            (
                "emcc (Emscripten gcc/clang-like replacement + x) 3.1.69 ()",
                Some("3.1.69"),
            ),
            (
                "emcc (Emscripten ...) 4.0.9-git (abc)\nCopyright 1.2.3",
                Some("4.0.9"),
            ),
            ("6.0.5", Some("6.0.5")),
            ("Copyright", None),
            ("clang version 19.1", None),
            ("", None),
        ] {
            assert_eq!(emcc_version(text).as_deref(), version, "{text}");
        }
    }

    #[test]
    fn a_python_needs_its_minor_version_headers_and_venv() {
        let (_dir, root) = temporary();
        let include = root.join("include/python3.13");
        let real = root.join("include/some-triplet/python3.13");
        std::fs::create_dir_all(&include).unwrap();
        std::fs::create_dir_all(&real).unwrap();
        let answer = |version: &str, venv: &str| {
            format!("printf '%s\\n' {version} {include} {include} some-triplet {venv}")
        };
        let env = Env::from_iter([("PATH", root.as_str())]);
        let found = || find_user_python(&env, "3.13");
        program(&root, "python3.13", &answer("3.13.5", "True"));
        assert!(found().is_none(), "no headers");
        std::fs::write(include.join("Python.h"), "").unwrap();
        std::fs::write(include.join("pyconfig.h"), "#include <x>").unwrap();
        assert_eq!(found().unwrap().pyconfig, include.join("pyconfig.h"));
        std::fs::write(real.join("pyconfig.h"), "#define X 1").unwrap();
        let python = found().unwrap();
        assert_eq!(python.pyconfig, real.join("pyconfig.h"), "the real one");
        assert_eq!(
            (python.version.as_str(), python.minor()),
            ("3.13.5", "3.13")
        );
        program(&root, "python3.13", &answer("3.13.5", "False"));
        assert!(found().is_none(), "no venv");
        program(&root, "python3.13", &answer("3.12.1", "True"));
        assert!(found().is_none(), "another version under that name");
        program(&root, "python3", &answer("3.13.1", "True"));
        assert_eq!(found().unwrap().exe, root.join("python3"));
        program(&root.join("real"), "python3.13", "");
        let real = root.join("real/python3.13");
        let chosen = format!("{}; echo {real}", answer("3.13.1", "True"));
        program(&root, "python3", &chosen);
        assert_eq!(found().unwrap().exe, real, "not the script that chooses it");
    }
}
