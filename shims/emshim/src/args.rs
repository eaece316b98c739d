//! Options that several verbs have.

use clap::Args;
use configuration::LEVELS;
use toolcall::variables::LAUNCHER;
use wheel_build::prepare::Wanted;
use wheel_build::toolchain::Policy;

/// Options that choose the target, shared by most verbs.
#[derive(Debug, Clone, Args)]
pub struct TargetArgs {
    /// The target, as `pyodide@VERSION`
    #[arg(long, value_name = "TARGET", env = "EMSHIM_TARGET", default_value = pyodide_wheel::target::DEFAULT)]
    pub target: String,
    /// Go on with an Emscripten of yours that is neither the ABI's own nor a tested one
    #[arg(long)]
    pub allow_emscripten: bool,
    /// Refuse any Emscripten but the ABI's own: for wheels that will be published
    #[arg(long, conflicts_with = "allow_emscripten")]
    pub exact: bool,
}

impl TargetArgs {
    /// What the options ask for.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let policy = match (self.exact, self.allow_emscripten) {
            (true, _) => Policy::Exact,
            (false, true) => Policy::Any,
            (false, false) => Policy::Tested,
        };
        Wanted {
            target: self.target.clone(),
            policy,
        }
    }
}

/// As [`TargetArgs`], for verbs that work for several targets, one after the other.
#[derive(Debug, Clone, Args)]
pub struct TargetsArgs {
    /// The target, as `pyodide@VERSION` (repeatable, or several with commas between them)
    #[arg(
        long = "target",
        value_name = "TARGET",
        env = "EMSHIM_TARGET",
        default_value = pyodide_wheel::target::DEFAULT,
        value_delimiter = ','
    )]
    targets: Vec<String>,
    /// Go on with an Emscripten of yours that is neither the ABI's own nor a tested one
    #[arg(long)]
    allow_emscripten: bool,
    /// Refuse any Emscripten but the ABI's own: for wheels that will be published
    #[arg(long, conflicts_with = "allow_emscripten")]
    exact: bool,
}

impl TargetsArgs {
    /// The targets, each once, in the order they were named.
    #[must_use]
    pub fn each(&self) -> Vec<TargetArgs> {
        self.of(&self.targets)
    }

    /// Others than those, with the same options.
    #[must_use]
    pub fn of(&self, targets: &[String]) -> Vec<TargetArgs> {
        let mut each: Vec<TargetArgs> = Vec::new();
        for target in targets.iter().map(|target| target.trim()) {
            if each.iter().all(|other| other.target != target) {
                each.push(TargetArgs {
                    target: target.to_owned(),
                    allow_emscripten: self.allow_emscripten,
                    exact: self.exact,
                });
            }
        }
        each
    }
}

/// What a wheel does without. The keys of the project's settings have the same names.
#[derive(Debug, Clone, Args)]
pub struct StripArgs {
    /// Keep the package's tests in an archive beside the wheel, which has the wheel's name with -tests.tar in
    /// the place of .whl
    #[arg(long)]
    strip_tests: bool,
    /// Leave names and debug information out of modules
    #[arg(long)]
    strip_debug: bool,
    /// Leave headers and static libraries out of the wheel
    #[arg(long)]
    strip_headers: bool,
    /// Put bytecode of the target's Python in the place of modules' sources, tests apart: tracebacks then have no
    /// lines of source
    #[arg(long)]
    compile_py: bool,
    /// Make modules smaller by wasm-opt; names and debug information go with it
    #[arg(long, value_name = "LEVEL", value_parser = LEVELS)]
    wasm_opt: Option<String>,
}

/// What goes in front of the compiler.
#[derive(Debug, Clone, Args)]
pub struct LauncherArgs {
    /// A compiler cache that runs clang: `ccache` or `sccache`, with its arguments if need be
    #[arg(long, value_name = "COMMAND", env = LAUNCHER)]
    pub launcher: Option<String>,
}

impl LauncherArgs {
    /// The variable that tells the shims, if there is a launcher.
    #[must_use]
    pub fn variable(&self) -> Option<(String, String)> {
        let launcher = self.launcher.clone()?;
        Some((LAUNCHER.to_owned(), launcher))
    }
}

/// Checks `--exports`: the names of C functions, one or more.
///
/// # Errors
/// Something else is among them.
pub fn exports(text: &str) -> Result<String, String> {
    let is_name = |name: &str| {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
        !name.is_empty() && name.chars().all(word)
    };
    match text.split(',').find(|name| !is_name(name)) {
        None => Ok(text.to_owned()),
        Some(name) => Err(format!("`{name}` is not the name of a C function")),
    }
}
