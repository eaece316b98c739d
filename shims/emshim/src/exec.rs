//! `emshim exec`, `emshim env` and the verbs that print a path: the shims' environment for a
//! command, for a shell, for people who configure by hand.

use std::ffi::OsString;
use std::io::ErrorKind;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode};

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use provision::{Store, Usage};

use crate::args::{LauncherArgs, TargetArgs};
use crate::error::CliError;
use crate::shell::{self, Format};
use crate::ui::{self, Ui};
use toolcall::config::{FILE_NAME, ShimConfig};
use toolcall::invocation::called;
use toolcall::variables::BUILD;
use toolcall::variables::LOG;
use wheel_build::build_log::unique;
use wheel_build::environment::{Environment, notices};
use wheel_build::files::absolute;
use wheel_build::rust::{Place, Settings};
use wheel_build::session::Session;

/// `emshim exec`.
#[derive(Debug, Args)]
pub struct ExecArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Folder the records of this command's tools go to
    #[arg(long, value_name = "DIR", env = LOG)]
    log: Option<Utf8PathBuf>,
    #[command(flatten)]
    launcher: LauncherArgs,
    /// The command and its arguments
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
    command: Vec<OsString>,
}

/// `emshim env`.
#[derive(Debug, Args)]
pub struct EnvArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// How to print
    #[arg(long, value_enum, default_value = "sh")]
    format: Format,
}

/// Becomes the command: its exit status and signals are seen by the caller as they are.
///
/// # Errors
/// Provisioning failed. A command that cannot be started gives status 127 or 126.
pub fn run(args: &ExecArgs) -> Result<ExitCode, CliError> {
    let (mut env, _, usage) = environment(&args.target)?;
    if let Some(log) = args.log.as_ref().filter(|log| !log.as_str().is_empty()) {
        env.0.push((LOG.into(), absolute(log)?.into_string()));
    }
    env.0.extend(args.launcher.variable());
    let (program, rest) = args
        .command
        .split_first()
        .ok_or_else(|| CliError::Message("exec needs a command".into()))?;
    if std::env::var_os(BUILD).is_none() {
        let name = called(program);
        env.0.push((BUILD.into(), unique(&name)));
    }
    env.0.push(notices());
    usage.hand_over();
    // `Command` looks a bare name up in the PATH it is given here, so `exec gcc` is the shim.
    let error = Command::new(program).args(rest).envs(env.0).exec();
    eprintln!("emshim: cannot run {}: {error}", program.to_string_lossy());
    // As sh, env and nohup have it.
    Ok(ExitCode::from(if error.kind() == ErrorKind::NotFound {
        127
    } else {
        126
    }))
}

/// Prints the environment.
///
/// # Errors
/// Provisioning failed.
pub fn env(args: &EnvArgs) -> Result<ExitCode, CliError> {
    let (env, _, usage) = environment(&args.target)?;
    usage.lease();
    ui::answer(&shell::render(&env, args.format))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints one path of the shim folder's configuration.
///
/// # Errors
/// Provisioning failed.
pub fn print_path(
    target: &TargetArgs,
    path: fn(&ShimConfig) -> &Utf8Path,
) -> Result<ExitCode, CliError> {
    let (_, config, usage) = environment(target)?;
    usage.lease();
    ui::answer(&format!("{}\n", path(&config)))?;
    Ok(ExitCode::SUCCESS)
}

/// The environment of the target's shim folder.
fn environment(target: &TargetArgs) -> Result<(Environment, ShimConfig, Usage), CliError> {
    let (dir, config, usage) = shim_folder(target)?;
    let path = std::env::var("PATH").unwrap_or_default();
    let store = Store::from_env()?;
    let settings = Settings::of_shell(&store, &absolute(".".into())?)?;
    if let Some(rust) = &settings.rust {
        usage.add(&[&rust.bin]);
    }
    let place = Place {
        shims: &dir,
        config: &config,
        settings: &settings,
        work: None,
    };
    let env = Environment::for_shims(&place, &path);
    Ok((env, config, usage))
}

/// The shim folder of a target: the one this binary lies in if it is the target's, else the
/// target's own in the store, which is made if need be. The last part says that it is in use, and
/// what it refers to with it.
pub(super) fn shim_folder(
    target: &TargetArgs,
) -> Result<(Utf8PathBuf, ShimConfig, Usage), CliError> {
    if let Some(dir) = own_folder()
        && let Ok(config) = ShimConfig::load(&dir)
        && config.target == target.target
    {
        let gate = Store::from_env()?.enter(&Ui::quiet());
        let usage = gate.declare(&[
            &dir,
            &config.emscripten.root,
            &config.emscripten.llvm_bin,
            &config.host_python,
            &config.python_include,
            &config.fortran.f2c,
            &config.fortran.runtime,
        ]);
        return Ok((dir, config, usage));
    }
    let session = Session::prepare(&target.wanted(), &Ui::quiet())?;
    let (dir, config) = session.shims()?;
    Ok((dir, config, session.usage))
}

/// The folder of this binary, if it is a shim folder.
fn own_folder() -> Option<Utf8PathBuf> {
    let exe = Utf8PathBuf::from_path_buf(std::env::current_exe().ok()?).ok()?;
    let dir = exe.parent()?;
    dir.join(FILE_NAME).exists().then(|| dir.to_owned())
}
