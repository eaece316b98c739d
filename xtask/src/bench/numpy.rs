//! `cargo xtask bench numpy`: a wheel built by `emshim build`, and by pyodide-build's wrappers.
//!
//! Both have the same Emscripten, host Python, sysconfig data, build requirements from the same index
//! and the same settings of the back end. emshim's time holds all of `emshim build`, its audit and the
//! import in Pyodide included; the other's holds build requirements and back end.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use provision::Store;
use serde_json::json;
use toolcall::config::ShimConfig;

use super::call::Call;
use super::peer::Peer;
use super::report::{Report, Row, Rows};
use super::setup::{folder, install};
use crate::task::Result;

/// What to build.
#[derive(Debug, Args)]
pub struct NumpyArgs {
    /// A project with meson-python as its back end, and its version
    #[arg(long, default_value = "numpy==2.4.6", value_name = "NAME==VERSION")]
    package: String,
    /// Builds of each, in turn; the medians count
    #[arg(long, default_value_t = 3)]
    rounds: usize,
}

/// Builds with the wrappers as PyPA's front end does: requirements for the host, then the back end in
/// the environment that describes the target.
const FRONT_END: &str = r#"
import json, os, pathlib, shutil, subprocess, sys, sysconfig
import build, build.env

source, outdir, wrappers, variables, settings = json.loads(sys.argv[1])

def run(command, cwd=None, extra_environ=None):
    every = {**os.environ, **(extra_environ or {})}
    every["PATH"] = wrappers + ":" + every["PATH"]
    subprocess.check_call(command, cwd=cwd, env=every)

with build.env.DefaultIsolatedEnv() as env:
    front = build.ProjectBuilder.from_isolated_env(env, source, runner=run)
    env.install(front.build_system_requires)
    env.install(front.get_requires_for_build("wheel", settings))
    # Meson asks Python with -I, which sees no PYTHONPATH.
    site = sysconfig.get_path("purelib", "venv", {"base": env.path})
    name = variables["_PYTHON_SYSCONFIGDATA_NAME"] + ".py"
    shutil.copy(pathlib.Path(variables["PYTHONPATH"], name), site)
    os.environ.update(variables)
    os.environ["BUILD_ENV_SCRIPTS_DIR"] = os.path.dirname(env.python_executable)
    front.build("wheel", outdir, settings)
"#;

/// The bench's name.
pub const NAME: &str = "numpy";

/// Measures.
pub fn run(args: &NumpyArgs) -> Result<Report> {
    let work = folder(NAME);
    let (emshim, shims) = install(&work)?;
    let config = ShimConfig::load(&shims)?;
    let store = Store::from_env()?;
    let peer = Peer::provide(&work, &store, &config)?;
    let package = args.package.as_str();
    let (outdir, log) = (work.join("own"), work.join("log"));
    let build = [
        emshim.as_str(),
        "build",
        package,
        "--outdir",
        outdir.as_str(),
    ];
    let build = Call::new(build).with([("EMSHIM_LOG", log.as_str())]);
    let mut rounds = Vec::new();
    for _ in 0..args.rounds.max(1) {
        eprintln!("{package}, by emshim build");
        let own = build.measure(&work)?;
        eprintln!("{package}, by pyodide-build's wrappers");
        let source = unpack(&work, &store, package)?;
        let other = by_wrappers(&work, &peer, &config, &source).measure(&work)?;
        rounds.push([own, other]);
    }
    let mut rows = Rows::default();
    let row = Row::of(
        &format!("{package} wheel, clean"),
        "the same build through pyodide-build's wrappers",
        0.45,
        &rounds,
    );
    rows.add(package, Ok(vec![row]));
    Ok(rows.report(NAME, None))
}

/// The source that `emshim build` got, unpacked anew.
fn unpack(work: &Utf8Path, store: &Store, package: &str) -> Result<Utf8PathBuf> {
    let name = package.replace("==", "-");
    let archive = store.sdists().join(format!("{name}.tar.gz"));
    let sources = work.join("sources");
    let _ = fs::remove_dir_all(&sources);
    fs::create_dir_all(&sources)?;
    duct::cmd!("tar", "-xf", archive.as_str(), "-C", sources.as_str()).run()?;
    Ok(sources.join(name))
}

/// The build by the wrappers.
fn by_wrappers(work: &Utf8Path, peer: &Peer, config: &ShimConfig, source: &Utf8Path) -> Call {
    let variables: serde_json::Map<_, _> = config
        .cross_env
        .iter()
        .chain(&peer.env)
        .map(|(name, value)| (name.clone(), value.as_str().into()))
        .collect();
    let settings = json!({ "setup-args": [format!("--cross-file={}", peer.cross_file)] });
    let outdir = work.join("peer-wheel");
    let wrappers = peer.wrappers.as_str();
    let request = json!([
        source.as_str(),
        outdir.as_str(),
        wrappers,
        variables,
        settings
    ]);
    Call::new([peer.python.as_str(), "-c", FRONT_END, &request.to_string()])
}
