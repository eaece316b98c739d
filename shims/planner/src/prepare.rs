//! From a call to its plan.

use crate::context::Context;
use crate::expand::{self, TooManyFiles};
use crate::files::Files;
use crate::settings::{SettingError, Settings};
use crate::{
    binutils, cmake, config_tools, driver, gfortran, ld, meson, native, patchelf, pkg_config,
    placed, python,
};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toolcall::config::ShimConfig;
use toolcall::invocation::{Expanded, Invocation};
use toolcall::plan::Plan;
use toolcall::tool::{Tool, recognise};

/// A call that cannot be planned.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// An environment variable of ours.
    #[error(transparent)]
    Setting(#[from] SettingError),
    /// Response files without end.
    #[error(transparent)]
    Expand(#[from] TooManyFiles),
    /// A name that no tool has.
    #[error("{0} is not a tool this shim knows; `emshim --help` lists what it does")]
    UnknownTool(String),
}

/// A call that is planned and has not run.
#[derive(Debug)]
pub struct Prepared {
    /// What is to be done.
    pub plan: Plan,
    /// The call's own settings.
    pub settings: Settings,
    /// Its arguments, response files read.
    pub expanded: Expanded,
    /// Where intermediate files go.
    pub work_dir: PathBuf,
}

/// Plans a call against any file system.
///
/// # Errors
/// A tool or setting that does not exist, or response files without end.
pub fn plan_for(
    config: &ShimConfig,
    invocation: &Invocation,
    files: &dyn Files,
    work_dir: &Path,
) -> Result<Prepared, PlanError> {
    let unknown = || PlanError::UnknownTool(invocation.name.clone());
    let tool = recognise(&invocation.name).ok_or_else(unknown)?;
    let settings = Settings::resolve(config, &invocation.env)?;
    let expanded = if tool.reads_response_files() {
        expand::expand(&invocation.args, &invocation.cwd, files)?
    } else {
        Expanded {
            args: invocation.args.clone(),
            ..Expanded::default()
        }
    };
    let plan = plan(&Context {
        config,
        settings: &settings,
        invocation,
        tool,
        expanded: &expanded,
        files,
        work_dir,
    });
    Ok(Prepared {
        plan,
        settings,
        expanded,
        work_dir: work_dir.to_owned(),
    })
}

fn plan(context: &Context) -> Plan {
    let plan = placed::around(context, of_tool);
    let inputs = plan.inputs.iter().map(OsString::as_os_str);
    // A driver has decided it already, and planned by it.
    let probe = plan.probe || context.is_probe(plan.job, inputs);
    Plan { probe, ..plan }
}

fn of_tool(context: &Context) -> Plan {
    match context.tool {
        Tool::Cc | Tool::Cxx | Tool::Emcc | Tool::Emxx | Tool::Cpp => {
            driver::plan(context, &context.expanded.args)
        }
        Tool::Fortran => gfortran::plan(context),
        Tool::Ld => ld::plan(context),
        Tool::Llvm(name) => {
            native::binutils(context).unwrap_or_else(|| binutils::plan(context, name))
        }
        Tool::Strip(name) => {
            native::binutils(context).unwrap_or_else(|| binutils::plan_strip(context, name))
        }
        Tool::BuildMachine(tool) => native::plan(context, tool),
        Tool::InstallNameTool => binutils::nothing(context),
        Tool::Otool => binutils::otool(context),
        Tool::Cmake => cmake::plan(context),
        Tool::Meson => meson::plan(context),
        Tool::ConfigTool => config_tools::plan(context),
        Tool::Patchelf => patchelf::plan(context),
        Tool::PkgConfig => pkg_config::plan(context),
        Tool::Python => python::plan(context),
    }
}
