//! Pyodide's lock file: the packages that `loadPackage` and micropip know without asking an index.
//!
//! Source of the format: `LockfilePackage` and `LockfileInfo` in `pyodide.d.ts` of the npm package.

use std::collections::BTreeMap;

use pyodide_wheel::describe::Described;
use serde::Serialize;
use serde_json::Value;
use wheel_build::error::WheelBuildError;

#[derive(Serialize)]
struct File<'a> {
    info: Value,
    packages: BTreeMap<&'a str, Package<'a>>,
}

#[derive(Serialize)]
struct Package<'a> {
    depends: &'a [String],
    file_name: &'a str,
    imports: &'a [String],
    install_dir: &'a str,
    name: &'a str,
    package_type: &'a str,
    sha256: String,
    unvendored_tests: bool,
    version: &'a str,
}

/// The lock file of these packages, whose wheels lie beside it. `release` is the text of the lock file
/// of the Pyodide release they are for: what that says of the runtime holds here too.
///
/// # Errors
/// The release's lock file is none.
pub fn render(release: &str, packages: &[Described]) -> Result<String, WheelBuildError> {
    let wrong = |why: String| {
        WheelBuildError::Message(format!(
            "the release's pyodide-lock.json makes no sense: {why}"
        ))
    };
    let mut release: Value = serde_json::from_str(release).map_err(|e| wrong(e.to_string()))?;
    let info = release["info"].take();
    if !info.is_object() {
        return Err(wrong("it has no `info`".to_owned()));
    }
    let package = |one| -> (&str, Package<'_>) {
        let one: &Described = one;
        let package = Package {
            depends: &one.depends,
            file_name: one.file(),
            imports: &one.imports,
            install_dir: "site",
            name: &one.name,
            package_type: "package",
            sha256: one.sha256(),
            unvendored_tests: false,
            version: &one.version,
        };
        (&one.name, package)
    };
    let file = File {
        info,
        packages: packages.iter().map(package).collect(),
    };
    let text = serde_json::to_string_pretty(&file).map_err(|e| wrong(e.to_string()))?;
    Ok(text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_release_and_the_packages_are_described() {
        let one = Described {
            path: "/x/a_b-1-py3-none-any.whl".into(),
            name: "a-b".into(),
            version: "1".into(),
            requires_python: None,
            depends: vec!["c".into()],
            imports: vec!["ab".into()],
            metadata: Vec::new(),
            bytes: b"abc".to_vec(),
        };
        let release = r#"{"info": {"python": "3.14.2", "arch": "wasm32"}, "packages": {"x": {}}}"#;
        let text = render(release, &[one]).unwrap();
        let lock: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(lock["info"]["python"], "3.14.2");
        let package = &lock["packages"]["a-b"];
        assert_eq!(package["file_name"], "a_b-1-py3-none-any.whl");
        assert_eq!(package["depends"][0], "c");
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(package["sha256"], abc);
        assert_eq!(lock["packages"].as_object().unwrap().len(), 1);
        assert!(render("{}", &[]).is_err() && render("", &[]).is_err());
    }
}
