//! What a call is for.

use serde::{Deserialize, Serialize};

/// What an invocation does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Job {
    /// Sources to objects, or a header to a precompiled one.
    Compile,
    /// Sources to preprocessed text or dependency rules.
    Preprocess,
    /// Sources to assembly text.
    Assemble,
    /// Objects to a side module.
    LinkShared,
    /// Objects to a program.
    LinkProgram,
    /// Objects to one object.
    LinkRelocatable,
    /// Sources to a side module in one command.
    CompileAndLinkShared,
    /// Sources to a program in one command.
    CompileAndLinkProgram,
    /// Objects to an archive.
    Archive,
    /// A build system sets up a build folder.
    Configure,
    /// A question about the tool.
    Query,
    /// Anything else that the target's tool does as it is asked.
    Forward,
    /// Anything that a tool of the build machine does, for a program that the build runs itself.
    Native,
}

impl Job {
    /// Whether sources are read.
    #[must_use]
    pub fn compiles(self) -> bool {
        matches!(
            self,
            Self::Compile
                | Self::Preprocess
                | Self::Assemble
                | Self::CompileAndLinkShared
                | Self::CompileAndLinkProgram
        )
    }

    /// Whether the linker runs.
    #[must_use]
    pub fn links(self) -> bool {
        use Job::*;
        matches!(
            self,
            LinkShared
                | LinkProgram
                | LinkRelocatable
                | CompileAndLinkShared
                | CompileAndLinkProgram
        )
    }

    /// Whether the result is a side module.
    #[must_use]
    pub fn makes_module(self) -> bool {
        matches!(self, Self::LinkShared | Self::CompileAndLinkShared)
    }
}

/// A job's name, as in JSON.
#[must_use]
pub fn name(job: Job) -> String {
    let name = serde_json::to_value(job).unwrap_or_default();
    name.as_str().unwrap_or_default().to_owned()
}
