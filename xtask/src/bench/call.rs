//! Commands that are measured.

use std::process::{Command, Stdio};
use std::time::Instant;

use camino::Utf8Path;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

use crate::task::Result;

/// The settings of emshim's that every command keeps: where the toolchain lies.
const KEPT: &str = "EMSHIM_HOME";

/// What a run took, in milliseconds.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    /// From its start to its end, other load of the machine included.
    pub wall: f64,
    /// Of the processors, for it and all that it waited for.
    pub processor: f64,
}

/// What the processes that this one has waited for took of the processors, in milliseconds.
fn processor() -> Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    let time = usage.user_time() + usage.system_time();
    Ok(time.num_microseconds() as f64 / 1e3)
}

/// A command with its environment.
#[derive(Debug, Clone)]
pub struct Call {
    pub argv: Vec<String>,
    pub env: Vec<(String, String)>,
}

impl Call {
    pub fn new<W: Into<String>>(words: impl IntoIterator<Item = W>) -> Self {
        Self {
            argv: words.into_iter().map(Into::into).collect(),
            env: Vec::new(),
        }
    }

    pub fn with<N: Into<String>, V: Into<String>>(
        mut self,
        env: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        let pairs = env.into_iter();
        self.env.extend(pairs.map(|(n, v)| (n.into(), v.into())));
        self
    }

    /// The process to be. Settings of whoever measures would change what is compared, and are not
    /// handed on.
    pub fn command(&self, dir: &Utf8Path) -> Command {
        let mut command = Command::new(&self.argv[0]);
        let names = std::env::vars_os().map(|(name, _)| name);
        for name in names.filter(|name| name.as_encoded_bytes().starts_with(b"EMSHIM_")) {
            if name != KEPT {
                command.env_remove(name);
            }
        }
        command
            .args(&self.argv[1..])
            .envs(self.env.iter().map(|(name, value)| (name, value)))
            .current_dir(dir);
        command
    }

    /// Runs it; milliseconds.
    pub fn time(&self, dir: &Utf8Path) -> Result<f64> {
        Ok(self.measure(dir)?.wall)
    }

    /// Runs it. Nothing else of ours may run meanwhile.
    pub fn measure(&self, dir: &Utf8Path) -> Result<Cost> {
        let mut command = self.command(dir);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let (began, before) = (Instant::now(), processor()?);
        let status = command.status()?;
        let wall = began.elapsed().as_secs_f64() * 1e3;
        if status.success() {
            let processor = processor()? - before;
            Ok(Cost { wall, processor })
        } else {
            Err(format!("{}: {status}", self.argv.join(" ")).into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_its_own_variables_alone() {
        let call = Call::new(["true"]).with([("EMSHIM_LOG", "l")]);
        let command = call.command(Utf8Path::new("."));
        let set: Vec<_> = command.get_envs().filter(|(_, v)| v.is_some()).collect();
        assert_eq!(set.len(), 1);
        assert!(!command.get_envs().any(|(name, _)| name == KEPT));
        assert!(call.time(Utf8Path::new(".")).is_ok());
        assert!(Call::new(["false"]).time(Utf8Path::new(".")).is_err());
    }
}
