//! Files of a wheel that can be imported, by their names.

use crate::site::installed;
use crate::wheel::archive::is_dist_info;
use crate::wheel::strip::is_test;

/// Where a file lies that may be a module, from site-packages.
pub(crate) struct ModuleFile {
    /// The names of its packages.
    pub(crate) packages: Vec<String>,
    /// What the module is called.
    pub(crate) stem: String,
    /// The rest of the file's name, with its dot.
    pub(crate) suffix: String,
}

impl ModuleFile {
    /// A member of a wheel, if a module could be called so.
    pub(crate) fn of(member: &str) -> Option<Self> {
        // Schemes other than the libraries' hold no modules.
        let top = member.split('/').next().unwrap_or_default();
        let is_library = !top.ends_with(".data")
            || member.contains(".data/purelib/")
            || member.contains(".data/platlib/");
        let path = installed(member).filter(|_| is_library && !is_dist_info(member))?;
        let mut packages: Vec<String> = path.split('/').map(str::to_owned).collect();
        let file = packages.pop().unwrap_or_default();
        let (stem, suffix) = file.split_at(file.find('.').unwrap_or(file.len()));
        let names = packages.iter().map(String::as_str).chain([stem]);
        names.clone().all(is_identifier).then(|| Self {
            stem: stem.to_owned(),
            suffix: suffix.to_owned(),
            packages: packages.clone(),
        })
    }
}

/// Whether a file is the source of a module that is none of the tests: pytest looks for sources.
#[must_use]
pub fn is_module_source(member: &str) -> bool {
    !is_test(member) && ModuleFile::of(member).is_some_and(|file| file.suffix == ".py")
}

/// ASCII suffices: other module names exist only in tests of Unicode.
fn is_identifier(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_of_modules_are_told_by_name() {
        for path in ["p/__init__.py", "m.py", "p-1.data/platlib/p/m.py"] {
            assert!(is_module_source(path), "{path}");
        }
        for path in [
            "p/m.pyi",
            "p/tests/m.py",
            "p/test_m.py",
            "p/hook-p.py",
            "p/t-mplate/m.py",
            "p-1.data/scripts/m.py",
            "p-1.dist-info/m.py",
            "p/m.x.py",
        ] {
            assert!(!is_module_source(path), "{path}");
        }
    }
}
