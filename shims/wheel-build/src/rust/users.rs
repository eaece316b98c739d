//! The user's own Rust: taken when a small module that it compiles works in the target's Pyodide.

use std::ffi::OsStr;
use std::fs;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use provision::{Env, Origin, Progress, RUST_TARGET, Rust};
use serde::{Deserialize, Serialize};

use super::given::Given;
use super::settings::{SEPARATOR, Settings};
use super::variables::{Place, variables};
use crate::error::WheelBuildError;
use crate::files::replace;
use crate::session::Session;
use crate::trial::output_of;

/// How the user's own Rust stands.
pub(super) enum Users {
    /// There is none.
    None,
    /// It works.
    Fit(Rust),
    /// It does not; the text says why, in one line.
    Unfit(String),
}

/// A module that unwinds, without any crate: a panic is caught, and its value dropped on the way.
const MODULE: &str = include_str!("unwinding.rs");

/// What is run in Pyodide.
const SCRIPT: &str = "import trial; assert trial.__doc__ == 'caught', trial.__doc__";

/// Where the last result is kept, in the shim folder.
const RESULT: &str = "rust-trial.json";

/// What came out, for which Rust and which emshim.
#[derive(Debug, Serialize, Deserialize)]
struct Trial {
    of: String,
    problem: Option<String>,
}

/// Looks for a Rust in PATH that has the target's standard library, and tries it once.
///
/// # Errors
/// The shim folder cannot be written.
pub(super) fn find(
    session: &Session,
    env: &Env,
    progress: &dyn Progress,
) -> Result<Users, WheelBuildError> {
    let (Some(rustc), Some(_)) = (env.program("rustc"), env.program("cargo")) else {
        return Ok(Users::None);
    };
    // In a folder of nobody's: rustup's programs obey the toolchain file of the one they run in.
    let ask = |program: &Utf8Path, args: &[&str]| {
        let mut command = Command::new(program);
        output_of(command.args(args).current_dir("/")).map(|text| text.trim().to_owned())
    };
    let sysroot = match ask(&rustc, &["--print", "sysroot"]) {
        Ok(sysroot) => Utf8PathBuf::from(sysroot),
        Err(why) => {
            return Ok(Users::Unfit(format!(
                "{rustc} does not work ({})",
                gist(&why)
            )));
        }
    };
    let bin = sysroot.join("bin");
    let (rustc, cargo) = (bin.join("rustc"), bin.join("cargo"));
    let says = ask(&rustc, &["-vV"]).unwrap_or_default();
    let field = |name: &str| {
        let line = says.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or("of an unknown version").to_owned()
    };
    let version = field("release: ");
    if !cargo.exists() {
        return Ok(Users::Unfit(format!("Rust {version} of PATH has no cargo")));
    }
    let library = sysroot.join(format!("lib/rustlib/{RUST_TARGET}/lib"));
    let mut files = library.read_dir_utf8().into_iter().flatten().flatten();
    if !files.any(|file| file.file_name().starts_with("libstd-")) {
        return Ok(Users::Unfit(format!(
            "Rust {version} of PATH has no standard library for {RUST_TARGET}"
        )));
    }
    let rust = Rust {
        bin,
        version,
        origin: Origin::User { how: "PATH".into() },
    };
    let (shims, config) = session.shims()?;
    let of = format!("{MODULE}\n{says}\n{sysroot}\n{}", config.emscripten.version);
    let of = blake3::hash(of.as_bytes()).to_hex().to_string();
    let place = shims.join(RESULT);
    let kept = fs::read_to_string(&place).ok();
    let kept = kept.and_then(|text| serde_json::from_str::<Trial>(&text).ok());
    let trial = match kept.filter(|trial| trial.of == of) {
        Some(trial) => trial,
        None => {
            let step = format!("trying Rust {} of PATH", rust.version);
            let problem = progress
                .step(&step, || compile_and_run(session, &shims, &rust))
                .err();
            let trial = Trial { of, problem };
            let text = serde_json::to_string_pretty(&trial)
                .map_err(|e| WheelBuildError::Message(format!("cannot write {place}: {e}")))?;
            replace(&place, (text + "\n").as_bytes(), 0o644)?;
            trial
        }
    };
    Ok(match trial.problem {
        None => Users::Fit(rust),
        Some(why) => Users::Unfit(format!(
            "Rust {} of PATH makes no module that works in {} ({})",
            rust.version,
            session.target,
            gist(&why)
        )),
    })
}

/// The line of an error that says the most: the first that speaks of an error, or the last of all.
fn gist(why: &str) -> &str {
    let lines = || why.lines().map(str::trim).filter(|line| !line.is_empty());
    let error = lines().find(|line| line.to_ascii_lowercase().contains("error"));
    error.or_else(|| lines().next_back()).unwrap_or(why)
}

fn compile_and_run(session: &Session, shims: &Utf8Path, rust: &Rust) -> Result<(), String> {
    let folder = tempfile::Builder::new()
        .prefix("emshim-trial-")
        .tempdir()
        .map_err(|e| format!("the temporary folder: {e}"))?;
    let folder = Utf8Path::from_path(folder.path()).ok_or("the temporary folder is not UTF-8")?;
    let source = folder.join("trial.rs");
    fs::write(&source, MODULE).map_err(|e| format!("{source}: {e}"))?;
    let config = session.shim_config(shims);
    let settings = Settings {
        rust: Some(rust.clone()),
        ..Settings::default()
    };
    let place = Place {
        shims,
        config: &config,
        settings: &settings,
        work: None,
    };
    let told = variables(&place, &Given::default());
    let value = |name: &str| {
        let found = told.iter().find(|(told, _)| told == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let mut command = Command::new(value("RUSTC"));
    command
        .args(["--crate-type=cdylib", "--edition=2021", "-O"])
        .args(["--target", value("CARGO_BUILD_TARGET")])
        .args(value("CARGO_ENCODED_RUSTFLAGS").split(SEPARATOR))
        .arg(format!(
            "-Clinker={}",
            value("CARGO_TARGET_WASM32_UNKNOWN_EMSCRIPTEN_LINKER")
        ))
        .args(["-o", &format!("trial{}", session.cross.ext_suffix)])
        .arg("trial.rs")
        .current_dir(folder);
    output_of(&mut command)?;
    let words = [OsStr::new("-c"), OsStr::new(SCRIPT)];
    let mut python = session
        .python_command(None, &words, folder)
        .map_err(|e| e.to_string())?;
    output_of(&mut python).map(drop)
}
