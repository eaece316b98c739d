//! The one rule for which toolchain serves a target. `setup`, `build` and the other verbs follow it,
//! `doctor` tells it, and the errors' remedies come from it.
//!
//! The user's own Emscripten comes first when it fits the target's ABI, then that of a Debian suite:
//! the ABI's own before a tested one. The host Python is the user's, else a suite's.

use std::fmt;

use provision::{Emscripten, Env, HostPython, Origin, Progress, SUITES, Sources, Store, Suite};
use pyodide_wheel::target::{EmscriptenFit, PROMISED, Target};

use crate::error::WheelBuildError;

/// How far from the ABI's own Emscripten the user lets a build go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// The ABI's own alone.
    Exact,
    /// The ABI's own or a tested one.
    Tested,
    /// Also any other that the user has.
    Any,
}

impl Policy {
    /// Whether an Emscripten of the user's that fits so may be used.
    #[must_use]
    pub fn allows(self, fit: EmscriptenFit) -> bool {
        match self {
            Self::Exact => fit == EmscriptenFit::Exact,
            Self::Tested => fit < EmscriptenFit::Untested,
            Self::Any => true,
        }
    }
}

/// Where a target's toolchain comes from. Nothing of it has been provisioned yet.
#[derive(Debug)]
pub struct Choice {
    /// The user's own Emscripten, where it is to be used; else it is the suite's.
    pub emscripten: Option<Emscripten>,
    /// The user's own Python of the target's minor version; else it is the suite's.
    pub python: Option<HostPython>,
    /// The suite for what the user lacks; there is one if anything is lacking.
    pub suite: Option<&'static Suite>,
    /// What the user should know: an Emscripten of theirs that is passed over.
    pub note: Option<String>,
}

impl Choice {
    /// Follows the rule on this machine.
    ///
    /// # Errors
    /// No toolchain serves the target; the message has the remedies.
    pub fn make(env: &Env, target: &Target, policy: Policy) -> Result<Self, WheelBuildError> {
        let own = provision::find_user_emscripten(env)?;
        let python = provision::find_user_python(env, target.abi.python);
        let suite = suite_for(target, policy);
        let (emscripten, note) = match (own, suite) {
            (Some(own), _) if policy.allows(target.check_emscripten(&own.version)) => {
                (Some(own), None)
            }
            (Some(own), Some(suite)) if own.origin != explicit() => {
                let note = passed_over(target, &own, suite);
                (None, Some(note))
            }
            (Some(own), _) => return Err(refused(target, &own, policy)),
            (None, Some(_)) => (None, None),
            (None, None) => return Err(unobtainable(target, policy)),
        };
        let suite = suite.or_else(|| of_python(target).next());
        if python.is_none() && suite.is_none() {
            let minor = target.abi.python;
            return Err(WheelBuildError::Message(format!(
                "{target} needs Python {minor} on the host, which no Debian suite has: install \
                 python{minor} with its headers and put it in PATH"
            )));
        }
        Ok(Self {
            emscripten,
            python,
            suite,
            note,
        })
    }

    /// The suite that something has to be got from, if anything has.
    #[must_use]
    pub fn needed_suite(&self) -> Option<&'static Suite> {
        let has_all = self.emscripten.is_some() && self.python.is_some();
        self.suite.filter(|_| !has_all)
    }

    /// The choice as `doctor` and the keys of caches look at it.
    #[must_use]
    pub fn sources<'a>(&'a self, target: &'a Target) -> Sources<'a> {
        Sources {
            emscripten: self.emscripten.as_ref(),
            python: self.python.as_ref(),
            suite: self.suite,
            ..nothing(target)
        }
    }

    /// What the user lacks, for messages: `Emscripten and Python 3.14 with its headers`.
    #[must_use]
    pub fn lacking(&self, target: &Target) -> String {
        let emscripten = self.emscripten.is_none().then(|| "Emscripten".to_owned());
        let python = format!("Python {} with its headers", target.abi.python);
        let python = self.python.is_none().then_some(python);
        let all: Vec<_> = emscripten.into_iter().chain(python).collect();
        all.join(" and ")
    }

    /// The Emscripten, provisioned where it has to be, and how it fits. One of a suite that has
    /// gone on may be [`Untested`](EmscriptenFit::Untested): it is to be tried.
    ///
    /// # Errors
    /// It cannot be had, or is not what the policy allows.
    pub fn emscripten(
        &self,
        target: &Target,
        policy: Policy,
        store: &Store,
        progress: &dyn Progress,
    ) -> Result<(Emscripten, EmscriptenFit), WheelBuildError> {
        let emscripten = match (&self.emscripten, self.suite) {
            (Some(own), _) => own.clone(),
            (None, Some(suite)) => provision::provision_emscripten(store, suite, progress)?,
            (None, None) => return Err(unobtainable(target, policy)),
        };
        let fit = target.check_emscripten(&emscripten.version);
        if policy == Policy::Exact && fit != EmscriptenFit::Exact {
            return Err(refused(target, &emscripten, policy));
        }
        Ok((emscripten, fit))
    }

    /// The host Python, provisioned where it has to be.
    ///
    /// # Errors
    /// It cannot be had; the message says what still works.
    pub fn python(
        &self,
        target: &Target,
        store: &Store,
        progress: &dyn Progress,
    ) -> Result<HostPython, WheelBuildError> {
        if let Some(own) = &self.python {
            return Ok(own.clone());
        }
        // A choice without a Python has a suite.
        let suite = self.suite.unwrap_or(provision::STABLE);
        let python = provision::provision_python(store, suite, target.abi.python, progress);
        python.map_err(|error| match error {
            provision::Error::Missing { .. } => WheelBuildError::Message(format!(
                "{error}; or choose {}",
                Alternatives {
                    to: target,
                    but: Some(suite)
                }
            )),
            other => other.into(),
        })
    }
}

/// What there is for a target that no toolchain serves.
#[must_use]
pub fn nothing(target: &Target) -> Sources<'_> {
    Sources {
        emscripten: None,
        python: None,
        suite: None,
        minor: target.abi.python,
        pyodide: target.name.release(),
    }
}

/// The suites that hold a target's Python.
fn of_python(target: &Target) -> impl Iterator<Item = &'static Suite> {
    let minor = target.abi.python;
    SUITES.iter().filter(move |s| s.pythons.contains(&minor))
}

/// The suite that provisions for a target: with the ABI's own Emscripten if there is one, else
/// with a tested one.
#[must_use]
pub fn suite_for(target: &Target, policy: Policy) -> Option<&'static Suite> {
    let allowed = match policy {
        Policy::Exact => EmscriptenFit::Exact,
        Policy::Tested | Policy::Any => EmscriptenFit::TestedPair,
    };
    of_python(target)
        .map(|suite| (target.check_emscripten(suite.emscripten), suite))
        .filter(|(fit, _)| *fit <= allowed)
        .min_by_key(|(fit, _)| *fit)
        .map(|(_, suite)| suite)
}

/// An Emscripten that the user has named for emshim: if it does not fit, that is an error.
fn explicit() -> Origin {
    Origin::User {
        how: provision::EMCC_VARIABLE.to_owned(),
    }
}

/// The Emscripten versions that a policy takes for a target, as a text.
fn wanted(target: &Target, policy: Policy) -> String {
    let abi = target.abi;
    let tested = abi.tested.iter().filter(|_| policy != Policy::Exact);
    let all: Vec<_> = std::iter::once(&abi.emscripten)
        .chain(tested)
        .copied()
        .collect();
    all.join(" or ")
}

fn passed_over(target: &Target, own: &Emscripten, suite: &Suite) -> String {
    format!(
        "note: Emscripten {} ({}) does not serve {target}: {} is taken from Debian {} \
         (--allow-emscripten takes yours)",
        own.version, own.origin, suite.emscripten, suite.name
    )
}

fn refused(target: &Target, found: &Emscripten, policy: Policy) -> WheelBuildError {
    let (abi, exact) = (target.abi, policy == Policy::Exact);
    let mut remedies = vec![format!(
        "install {0} with `emsdk install {0}` and `emsdk activate {0}`",
        abi.emscripten
    )];
    if found.origin == explicit() {
        let variable = provision::EMCC_VARIABLE;
        remedies.push(match suite_for(target, policy) {
            Some(suite) => format!("unset {variable} to have Debian {}'s", suite.name),
            None => format!("name such a one by {variable}"),
        });
    }
    remedies.push(if exact {
        "go on with a tested one without --exact".to_owned()
    } else {
        "go on at your own risk with --allow-emscripten".to_owned()
    });
    WheelBuildError::Message(format!(
        "{target} needs Emscripten {}, not {} ({}): {}{}",
        wanted(target, policy),
        found.version,
        found.origin,
        remedies.join(", or "),
        Alternatives::clause(target, policy),
    ))
}

fn unobtainable(target: &Target, policy: Policy) -> WheelBuildError {
    WheelBuildError::Message(format!(
        "{target} needs Emscripten {}, which no Debian suite has: install {1} with \
         `emsdk install {1}` and `emsdk activate {1}`{2}",
        wanted(target, policy),
        target.abi.emscripten,
        Alternatives::clause(target, policy),
    ))
}

/// Other promised targets that can be provisioned.
pub struct Alternatives<'a> {
    /// The target they take the place of.
    pub to: &'a Target,
    /// A suite whose Emscripten is known not to work for the target.
    pub but: Option<&'a Suite>,
}

impl Alternatives<'_> {
    /// `, or choose ...` after remedies; nothing with `--exact`.
    fn clause(to: &Target, policy: Policy) -> String {
        match policy {
            Policy::Exact => String::new(),
            Policy::Tested | Policy::Any => {
                format!(", or choose {}", Alternatives { to, but: None })
            }
        }
    }
}

impl fmt::Display for Alternatives<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let served = |name: &&str| {
            let target = Target::parse(name).ok().filter(|t| t != self.to)?;
            let suite = suite_for(&target, Policy::Tested).filter(|s| Some(*s) != self.but)?;
            Some(format!(
                "--target {target} (Emscripten {} from Debian {})",
                suite.emscripten, suite.name
            ))
        };
        let all: Vec<_> = PROMISED.iter().filter_map(served).collect();
        f.write_str(&all.join(" or "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str) -> Target {
        Target::parse(name).unwrap()
    }

    fn own(version: &str, how: &str) -> Emscripten {
        Emscripten {
            version: version.into(),
            root: "/e".into(),
            cache: "/e/cache".into(),
            llvm_bin: "/l".into(),
            env: Vec::new(),
            origin: Origin::User { how: how.into() },
        }
    }

    #[test]
    fn every_promised_target_has_a_suite() {
        for name in PROMISED {
            assert!(suite_for(&target(name), Policy::Tested).is_some(), "{name}");
        }
    }

    #[test]
    fn a_suite_serves_several_targets_and_the_exact_pair_is_asked_for() {
        let suite = |name, policy| suite_for(&target(name), policy).map(|s| s.name);
        assert_eq!(suite("pyodide@314.0.7", Policy::Tested), Some("testing"));
        assert_eq!(suite("pyodide@314.0.7", Policy::Exact), None);
        assert_eq!(
            suite("pyodide@315.0.0-alpha.2", Policy::Exact),
            Some("testing")
        );
        assert_eq!(suite("pyodide@0.29.5", Policy::Any), Some("trixie"));
        assert_eq!(suite("pyodide@0.27.7", Policy::Any), None);
    }

    #[test]
    fn refusals_name_what_fits_and_every_way_out() {
        let error =
            |name, found: &Emscripten, policy| refused(&target(name), found, policy).to_string();
        let text = error("pyodide@314.0.7", &own("4.0.9", "PATH"), Policy::Tested);
        for part in [
            "5.0.3 or 6.0.5, not 4.0.9 (PATH)",
            "emsdk install 5.0.3",
            "--allow-emscripten",
            "--target pyodide@0.29.5",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        let text = error(
            "pyodide@314.0.7",
            &own("6.0.5", "EMSHIM_EMCC"),
            Policy::Exact,
        );
        for part in [
            "5.0.3, not 6.0.5",
            "without --exact",
            "name such a one by EMSHIM_EMCC",
        ] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(!text.contains("--target"), "{text}");
        let text = unobtainable(&target("pyodide@0.27.7"), Policy::Tested).to_string();
        assert!(
            text.contains("3.1.58") && text.contains("--target pyodide@314.0.7"),
            "{text}"
        );
    }
}
