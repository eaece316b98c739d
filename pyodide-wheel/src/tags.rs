//! Platform tags of wheels: the spellings there are, and which of them a Pyodide release takes.
//!
//! A release installs wheels with the micropip that its own lock file names. What that one takes,
//! the release takes; what it does not, no user of the release can install.

use crate::target::{Abi, Lock, Target};
use crate::wheel::WheelName;

/// A way to write an ABI as a platform tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spelling {
    /// PEP 783: `pyemscripten_2025_0_wasm32`.
    Pyemscripten,
    /// Before that: `pyodide_2025_0_wasm32`.
    Pyodide,
    /// Before that, by the runtime's Emscripten: `emscripten_3_1_58_wasm32`.
    Emscripten,
}

/// What micropip takes from a version on, the best first; the newest version first.
///
/// Source: `sys_tags` in `micropip/_utils.py` of the releases on PyPI. All take the last spelling
/// too, which says nothing of the ABI and which no new wheel is given for that.
const TAKEN: &[([u32; 3], &[Spelling])] = &[
    ([0, 11, 1], &[Spelling::Pyemscripten, Spelling::Pyodide]),
    ([0, 7, 2], &[Spelling::Pyodide]),
    ([0, 0, 0], &[Spelling::Emscripten]),
];

impl Spelling {
    fn tag(self, abi: &Abi) -> String {
        let Abi {
            name, emscripten, ..
        } = abi;
        match self {
            Self::Pyemscripten => format!("pyemscripten_{name}_wasm32"),
            Self::Pyodide => format!("pyodide_{name}_wasm32"),
            Self::Emscripten => format!("emscripten_{}_wasm32", emscripten.replace('.', "_")),
        }
    }
}

/// The platform tags of a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformTags {
    taken: Vec<String>,
    legacy: String,
    /// The version of micropip that takes these, if the lock names one.
    micropip: Option<String>,
}

impl PlatformTags {
    /// Those that the micropip of the target's lock file takes; of a lock that names none, those
    /// of the newest.
    #[must_use]
    pub fn new(target: &Target, lock: &Lock) -> Self {
        let micropip = lock.micropip.first().map(|own| own.version.clone());
        let numbers = micropip.as_deref().map(numbers);
        let row = TAKEN
            .iter()
            .find(|(from, _)| numbers.is_none_or(|numbers| numbers >= *from))
            .unwrap_or(&TAKEN[0]);
        Self {
            taken: row.1.iter().map(|s| s.tag(target.abi)).collect(),
            legacy: Spelling::Pyodide.tag(target.abi),
            micropip,
        }
    }

    /// The tag of a new wheel.
    #[must_use]
    pub fn own(&self) -> &str {
        &self.taken[0]
    }

    /// The spelling before PEP 783, such as `pyodide_2025_0_wasm32`.
    #[must_use]
    pub fn legacy(&self) -> &str {
        &self.legacy
    }

    /// The tags that the release takes, the best first.
    #[must_use]
    pub fn taken(&self) -> &[String] {
        &self.taken
    }

    /// Whether users of the release can install a wheel of this name, as far as its platform says.
    #[must_use]
    pub fn takes(&self, wheel: &WheelName) -> bool {
        wheel.is_any_platform() || wheel.platform.iter().any(|tag| self.taken.contains(tag))
    }

    /// What the release takes, in words, and who says so.
    #[must_use]
    pub fn wanted(&self) -> String {
        let tags = self.taken.join(", ");
        match &self.micropip {
            Some(version) => format!("{tags} or any platform (its micropip is {version})"),
            None => format!("{tags} or any platform"),
        }
    }
}

/// Whether a wheel is for an ABI, in any spelling that names it: its files fit, whoever installs
/// them.
#[must_use]
pub fn names_abi(wheel: &WheelName, abi: &Abi) -> bool {
    let spellings = [Spelling::Pyemscripten, Spelling::Pyodide].map(|s| s.tag(abi));
    wheel.platform.iter().any(|tag| spellings.contains(tag))
}

/// The first three numbers of a version; what is missing is 0.
fn numbers(version: &str) -> [u32; 3] {
    let mut numbers = [0; 3];
    for (place, part) in numbers.iter_mut().zip(version.split('.')) {
        let end = part.find(|c: char| !c.is_ascii_digit());
        *place = part[..end.unwrap_or(part.len())].parse().unwrap_or(0);
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::Locked;

    fn tags(target: &str, micropip: Option<&str>) -> PlatformTags {
        let target = Target::parse(target).unwrap();
        let own = |version: &str| Locked {
            name: "micropip".into(),
            version: version.into(),
        };
        let lock = Lock {
            path: "pyodide-lock.json".into(),
            abi: target.abi.name.into(),
            python: target.abi.python.into(),
            emscripten: target.abi.emscripten.into(),
            micropip: micropip.map(own).into_iter().collect(),
        };
        PlatformTags::new(&target, &lock)
    }

    /// The releases, their micropip, and the tags that these were seen to take.
    #[test]
    fn a_release_takes_what_its_own_micropip_takes() {
        let both = ["pyemscripten_2025_0_wasm32", "pyodide_2025_0_wasm32"];
        for (release, micropip, taken) in [
            ("0.26.4", "0.6.0", &["emscripten_3_1_58_wasm32"][..]),
            ("0.27.7", "0.9.0", &["pyodide_2024_0_wasm32"]),
            ("0.28.3", "0.10.1", &["pyodide_2025_0_wasm32"]),
            ("0.29.3", "0.11.0", &["pyodide_2025_0_wasm32"]),
            ("0.29.5", "0.11.1", &both),
        ] {
            let tags = tags(&format!("pyodide@{release}"), Some(micropip));
            assert_eq!(tags.taken(), taken, "{release}");
            assert_eq!(tags.own(), taken[0]);
            assert!(tags.wanted().contains(micropip));
        }
    }

    #[test]
    fn versions_are_compared_by_their_numbers() {
        let own = |micropip| {
            let tags = tags("pyodide@0.29.5", micropip);
            tags.own().split('_').next().unwrap().to_owned()
        };
        for newer in ["0.11.1", "0.11.10", "0.12.0.dev1", "0.12", "1.0", "10.0"] {
            assert_eq!(own(Some(newer)), "pyemscripten", "{newer}");
        }
        for older in ["0.9.9", "0.11.0", "0.11", "0.7.2"] {
            assert_eq!(own(Some(older)), "pyodide", "{older}");
        }
        assert_eq!(own(None), "pyemscripten");
    }

    #[test]
    fn wheels_are_taken_or_not_and_their_files_fit_all_the_same() {
        let wheel =
            |platform: &str| WheelName::parse(&format!("a-1-cp313-cp313-{platform}.whl")).unwrap();
        let [new, old] = ["pyemscripten_2025_0_wasm32", "pyodide_2025_0_wasm32"].map(wheel);
        let [older, newer] =
            ["0.10.1", "0.11.1"].map(|micropip| tags("pyodide@0.28.3", Some(micropip)));
        assert!(!older.takes(&new) && older.takes(&old));
        assert!(newer.takes(&new) && newer.takes(&old));
        assert!(older.takes(&wheel("any")));
        let abi = Target::parse("pyodide@0.28.3").unwrap().abi;
        assert!(names_abi(&new, abi) && names_abi(&old, abi));
        for other in ["pyodide_2026_0_wasm32", "emscripten_4_0_9_wasm32", "any"] {
            assert!(!names_abi(&wheel(other), abi), "{other}");
        }
        assert!(older.takes(&wheel("linux_x86_64.pyodide_2025_0_wasm32")));
    }
}
