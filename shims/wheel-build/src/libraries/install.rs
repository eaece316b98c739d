//! What becomes of a library's installed files before others see them.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use libraries::pkg_config;
use libraries::recipe::Recipe;
use walkdir::WalkDir;

use crate::error::WheelBuildError;

/// Folders of `.pc` files.
const PKG_CONFIG: [&str; 2] = ["lib/pkgconfig", "share/pkgconfig"];

/// Puts in order what a build installed into `root`, which will be `prefix`.
///
/// # Errors
/// It lacks something that the recipe says it provides.
pub(super) fn finish(
    root: &Utf8Path,
    prefix: &Utf8Path,
    recipe: &Recipe,
) -> Result<(), WheelBuildError> {
    leave_out(root, recipe.build.shared)?;
    for folder in PKG_CONFIG {
        let entries = root.join(folder).read_dir_utf8().into_iter().flatten();
        let files = entries.flatten().map(|entry| entry.into_path());
        for path in files.filter(|path| path.extension() == Some("pc")) {
            let text = fs::read_to_string(&path)
                .map_err(WheelBuildError::io("cannot read", path.as_path()))?;
            if !recipe.build.shared {
                write(&path, &pkg_config::of_static(&text))?;
            }
        }
    }
    let provides = &recipe.provides;
    for name in &provides.pkg_config {
        let file = format!("{name}.pc");
        let mut places = PKG_CONFIG.iter().map(|folder| root.join(folder));
        let installed = places.any(|folder| folder.join(&file).exists());
        if provides.write_pkg_config || !installed {
            let text = pkg_config::of_library(recipe, prefix.as_str());
            write(&root.join(PKG_CONFIG[0]).join(&file), &text)?;
        }
    }
    let kind = if recipe.build.shared { "so" } else { "a" };
    let libraries = provides
        .libraries
        .iter()
        .map(|name| format!("lib/lib{name}.{kind}"));
    let headers = provides
        .headers
        .iter()
        .map(|name| format!("include/{name}"));
    let programs = provides.programs.iter().map(|name| format!("bin/{name}"));
    let promised = libraries.chain(headers).chain(programs);
    let lacking: Vec<String> = promised.filter(|file| !root.join(file).exists()).collect();
    if lacking.is_empty() {
        return Ok(());
    }
    Err(WheelBuildError::Message(format!(
        "the build of {} {} did not install {}, which its recipe says it provides",
        recipe.name,
        recipe.version,
        lacking.join(", ")
    )))
}

/// Removes libtool's files, which lead its links astray, shared libraries that nobody asked for, and the
/// archive of each that is wanted: a link would take the archive, and its user a copy of the library.
fn leave_out(root: &Utf8Path, shared: bool) -> Result<(), WheelBuildError> {
    let library = |name: &str| name.ends_with(".so") || name.contains(".so.");
    let archive =
        |path: &Utf8Path| path.extension() == Some("a") && path.with_extension("so").exists();
    for entry in WalkDir::new(root.join("lib")).into_iter().flatten() {
        let Some(path) = Utf8Path::from_path(entry.path()) else {
            continue;
        };
        let name = path.file_name().unwrap_or_default();
        let goes = name.ends_with(".la") || if shared { archive(path) } else { library(name) };
        if goes && !entry.file_type().is_dir() {
            fs::remove_file(path).map_err(WheelBuildError::io("cannot remove", path))?;
        }
    }
    Ok(())
}

fn write(path: &Utf8PathBuf, text: &str) -> Result<(), WheelBuildError> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(path, text))
        .map_err(WheelBuildError::io("cannot write", path.as_path()))
}
