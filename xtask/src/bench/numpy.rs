//! `cargo xtask bench numpy`: a wheel built by `emshim build`, and by pyodide-build's wrappers.
//!
//! Both have the same Emscripten, host Python, sysconfig data, build requirements from the same index
//! and the same settings of the back end. emshim's time holds all of `emshim build`, its audit and the
//! import in Pyodide included; the other's holds build requirements and back end.

use std::fs;
use std::time::Instant;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use provision::Store;
use serde_json::json;
use shims::shim::config::ShimConfig;

use super::peer::Peer;
use super::report::{Row, publish};
use crate::{Result, build_emshim, target};

/// What to build.
#[derive(Debug, Args)]
pub struct NumpyArgs {
    /// A project with meson-python as its back end, and its version
    #[arg(long, default_value = "numpy==2.4.6", value_name = "NAME==VERSION")]
    package: String,
    /// Builds of each, in turn; the fastest count
    #[arg(long, default_value_t = 1)]
    rounds: usize,
}

/// Builds with the wrappers as PyPA's front end does: requirements for the host, then the back end in
/// the environment that describes the target.
const FRONT_END: &str = r#"
import json, os, pathlib, shutil, sys, sysconfig
import build, build.env

source, outdir, variables, settings = json.loads(sys.argv[1])
with build.env.DefaultIsolatedEnv() as env:
    front = build.ProjectBuilder.from_isolated_env(env, source)
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

/// Measures, prints the table and writes it.
pub fn run(args: &NumpyArgs) -> Result {
    let work = target().join("tmp/bench-numpy");
    fs::create_dir_all(&work)?;
    let emshim = build_emshim()?;
    let shims = work.join("shims");
    duct::cmd!(emshim.as_str(), "install", shims.as_str())
        .stdout_null()
        .run()?;
    let config = ShimConfig::load(&shims)?;
    let store = Store::from_env()?;
    let peer = Peer::provide(&work, &store, &config)?;
    let outdir = work.join("own");
    let mut times = [f64::MAX; 2];
    for _ in 0..args.rounds.max(1) {
        eprintln!("{}, by emshim build", args.package);
        let own = timed(|| {
            let words = ["build", &args.package, "--outdir", outdir.as_str()];
            let call = duct::cmd(emshim.as_str(), words);
            call.env("EMSHIM_LOG", work.join("log")).run()
        })?;
        eprintln!("{}, by pyodide-build's wrappers", args.package);
        let source = unpack(&work, &store, &args.package)?;
        let other = timed(|| by_wrappers(&work, &peer, &config, &source).run())?;
        times = [times[0].min(own), times[1].min(other)];
    }
    let row = Row::once(
        &format!("{} wheel, clean", args.package),
        "the same build through pyodide-build's wrappers",
        0.6,
        times,
    );
    publish("numpy", &[row], None, &work)
}

/// Milliseconds of some work.
fn timed<T>(work: impl FnOnce() -> std::io::Result<T>) -> Result<f64> {
    let began = Instant::now();
    let _ = work()?;
    Ok(began.elapsed().as_secs_f64() * 1e3)
}

/// The source that `emshim build` got, unpacked anew.
fn unpack(work: &Utf8Path, store: &Store, package: &str) -> Result<Utf8PathBuf> {
    let name = package.replace("==", "-");
    let archive = store.root().join("sdists").join(format!("{name}.tar.gz"));
    let sources = work.join("sources");
    let _ = fs::remove_dir_all(&sources);
    fs::create_dir_all(&sources)?;
    duct::cmd!("tar", "-xf", archive.as_str(), "-C", sources.as_str()).run()?;
    Ok(sources.join(name))
}

/// The build by the wrappers.
fn by_wrappers(
    work: &Utf8Path,
    peer: &Peer,
    config: &ShimConfig,
    source: &Utf8Path,
) -> duct::Expression {
    let cross = work.join("peer-cross.ini");
    let outdir = work.join("peer-wheel");
    let mut variables: Vec<(String, String)> = config.cross_env.clone();
    variables.extend(peer.env.iter().cloned());
    let variables: serde_json::Map<_, _> = variables
        .into_iter()
        .map(|(name, value)| (name, value.into()))
        .collect();
    let settings = json!({ "setup-args": [format!("--cross-file={cross}")] });
    let request = json!([source.as_str(), outdir.as_str(), variables, settings]);
    let script = ["-c", FRONT_END, &request.to_string()].map(str::to_owned);
    let text = cross_file(peer, config);
    let call = duct::cmd(peer.python.as_str(), script).dir(work.as_str());
    call.before_spawn(move |_| fs::write(&cross, &text))
}

/// A Meson cross file that names the wrappers; Meson itself may be one that no link stands before.
fn cross_file(peer: &Peer, config: &ShimConfig) -> String {
    let mut text = "[binaries]\n".to_owned();
    for (key, name) in [
        ("c", "cc"),
        ("cpp", "c++"),
        ("ar", "ar"),
        ("strip", "strip"),
        ("ranlib", "ranlib"),
    ] {
        text += &format!("{key} = '{}'\n", peer.wrappers.join(name));
    }
    text += &format!("exe_wrapper = '{}'\n", config.node);
    text += "[properties]\nneeds_exe_wrapper = true\nlongdouble_format = 'IEEE_QUAD_LE'\n";
    text += "[host_machine]\nsystem = 'emscripten'\ncpu_family = 'wasm32'\ncpu = 'wasm32'\n";
    text + "endian = 'little'\n"
}
