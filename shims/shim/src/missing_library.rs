//! Whether a call failed for want of a library for the target that emshim can build: then it says how.

use libraries::catalogue;
use libraries::demand::By;
use planner::pkg_config;
use planner::prepare::Prepared;
use std::ffi::OsString;
use std::path::Path;
use toolcall::invocation::Invocation;
use toolcall::outcome::Outcome;
use toolcall::tool::{Tool, recognise};

/// What to say of a call that failed and asked for such a library.
#[must_use]
pub fn remedy(invocation: &Invocation, prepared: &Prepared, outcome: &Outcome) -> Option<String> {
    if outcome.exit.is_success() {
        return None;
    }
    let asked = asked(invocation, prepared);
    let mut known = asked.iter().filter_map(|(name, by)| {
        let mut all = catalogue::all().iter();
        let entry = all.find(|entry| entry.recipe.answers(name, *by))?;
        Some((name, entry.recipe.name.as_str()))
    });
    let (name, recipe) = known.next()?;
    Some(format!(
        "emshim can build {recipe}, which has `{name}`, for the target: emshim library add {recipe}"
    ))
}

/// The names of libraries that a call asks for and that no prefix of the target has.
fn asked(invocation: &Invocation, prepared: &Prepared) -> Vec<(String, By)> {
    let args = &prepared.expanded.args;
    match recognise(&invocation.name) {
        Some(Tool::ConfigTool) if prepared.plan.refusal.is_some() => {
            vec![(invocation.name.clone(), By::File)]
        }
        // Whoever asks whether there is one has an answer, and goes on.
        Some(Tool::PkgConfig) if args.iter().any(|arg| FLAGS.iter().any(|flag| arg == *flag)) => {
            let packages = pkg_config::packages(args).into_iter();
            let packages = packages.filter_map(|name| name.to_str());
            let found = |name: &str| {
                let folders = ["lib/pkgconfig", "share/pkgconfig"];
                let prefixes = prepared.settings.prefixes.iter();
                let files = prefixes.flat_map(|prefix| folders.map(|below| prefix.join(below)));
                files
                    .into_iter()
                    .any(|folder| folder.join(format!("{name}.pc")).exists())
            };
            packages
                .filter(|name| !found(name))
                .map(|name| (name.to_owned(), By::PkgConfig))
                .collect()
        }
        // A trial has its answer too.
        Some(_) if prepared.plan.job.links() && !prepared.plan.probe => {
            let folders = values(args, "-L");
            let found = |name: &str| {
                let folders = folders.iter().map(|folder| invocation.cwd.join(folder));
                let prefixes = prepared.settings.prefixes.iter();
                let prefixes = prefixes.map(|prefix| prefix.join("lib").into_std_path_buf());
                folders.chain(prefixes).any(|folder| holds(&folder, name))
            };
            let names = values(args, "-l").into_iter();
            names
                .filter(|name| !found(name))
                .map(|name| (name, By::Library))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Questions of pkg-config that expect the package.
const FLAGS: &[&str] = &["--cflags", "--libs", "--modversion"];

fn holds(folder: &Path, name: &str) -> bool {
    let file = |ending| folder.join(format!("lib{name}.{ending}"));
    file("a").exists() || file("so").exists()
}

/// The values of a flag that has them joined or in the next word.
fn values(args: &[OsString], flag: &str) -> Vec<String> {
    let mut values = Vec::new();
    let mut words = args.iter().filter_map(|arg| arg.to_str());
    while let Some(word) = words.next() {
        match word.strip_prefix(flag) {
            Some("") => values.extend(words.next().map(str::to_owned)),
            Some(value) => values.push(value.to_owned()),
            None => {}
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_joined_or_apart() {
        let args = ["-lz", "-l", "png", "-L", "x", "-Ly", "-l"].map(OsString::from);
        assert_eq!(values(&args, "-l"), ["z", "png"]);
        assert_eq!(values(&args, "-L"), ["x", "y"]);
    }
}
