//! `emshim explain`: what a tool's command line becomes, and why.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Args;

use crate::args::TargetArgs;
use crate::error::CliError;
use crate::log::args::{Folder, warn};
use crate::{exec, ui};
use ::shim::explain::explain;
use toolcall::explanation::Explanation;
use toolcall::invocation::{Env, Invocation, called};
use toolcall::tool::recognise;
use wheel_build::files::absolute;

/// `emshim explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// Print as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    folder: Folder,
    /// The tool and its arguments, after `--`; or a recorded call: its id, or `last`
    #[arg(
        trailing_var_arg = true,
        allow_hyphen_values = true,
        required = true,
        value_name = "COMMAND|ID"
    )]
    command: Vec<OsString>,
}

/// Prints the explanation. Nothing of the command runs. The exit status is 1 when the shim would
/// refuse the command, or did.
///
/// # Errors
/// The command is no tool of ours, and no recorded call.
pub fn run(args: &ExplainArgs) -> Result<ExitCode, CliError> {
    let explanation = match &args.command[..] {
        // One word that names no tool names a call.
        [id] if recognise(&called(id)).is_none() => {
            let log = args.folder.open()?;
            let (call, problems) = log.find(&id.to_string_lossy())?;
            warn(&log.file(), &problems);
            log.explain(&call.begin)?
        }
        _ => new(args)?,
    };
    if args.json {
        let text = serde_json::to_string_pretty(&explanation)
            .map_err(|e| CliError::Message(format!("cannot write JSON: {e}")))?;
        ui::answer(&(text + "\n"))?;
    } else {
        ui::answer(&explanation.to_string())?;
    }
    Ok(if explanation.refusal.is_some() {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

/// The explanation of a command that is not recorded.
fn new(args: &ExplainArgs) -> Result<Explanation, CliError> {
    let (shim_dir, config, _usage) = exec::shim_folder(&args.target)?;
    let (tool, rest) = args
        .command
        .split_first()
        .ok_or_else(|| CliError::Message("explain needs a tool and its arguments".into()))?;
    let invocation = Invocation {
        name: called(tool),
        args: rest.to_vec(),
        env: Env::new(std::env::vars_os()),
        cwd: absolute(".".into())?.into(),
        shim_dir,
    };
    Ok(explain(&config, &invocation)?)
}
