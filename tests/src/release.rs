//! What a release has beside the source: wheels, manual pages, completions.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use crate::real::{Completed, command};
use crate::tools;

/// What makes the wheel, by `pyproject.toml`.
pub const MATURIN: (&str, &str) = ("maturin", "1.16.0");

/// The shells, and where below `share` they look for completions of what is installed there.
const COMPLETIONS: &[(&str, &str)] = &[
    ("bash", "bash-completion/completions/emshim"),
    ("fish", "fish/vendor_completions.d/emshim.fish"),
    ("zsh", "zsh/site-functions/_emshim"),
];

/// Writes manual pages and completions into a folder `share`.
///
/// # Panics
/// The binary does not make them.
pub fn documents(emshim: &Utf8Path, share: &Utf8Path) {
    let man = share.join("man/man1");
    let _ = Completed::of(&command(emshim, &["man", man.as_str()])).success();
    for (shell, place) in COMPLETIONS {
        let script = Completed::of(&command(emshim, &["completions", shell])).success();
        let path = share.join(place);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, script.stdout).expect("a written file");
    }
}

/// The wheel of a source tree, with what its `emshim.data` has, in a folder of its own; for this machine, or
/// another that rustc has a name for.
///
/// # Panics
/// maturin cannot be had, or the tree does not build.
#[must_use]
pub fn wheel(
    tree: &Utf8Path,
    profile: &str,
    target: &Utf8Path,
    machine: Option<&str>,
    sbom: Option<&Utf8Path>,
    outdir: &Utf8Path,
) -> Utf8PathBuf {
    let maturin = tools::pinned(&[MATURIN]).join("maturin");
    let mut words = vec!["build", "--quiet", "--profile", profile];
    words.extend(["--target-dir", target.as_str(), "--out", outdir.as_str()]);
    words.extend(machine.iter().flat_map(|machine| ["--target", machine]));
    words.extend(
        sbom.iter()
            .flat_map(|sbom| ["--sbom-include", sbom.as_str()]),
    );
    let _ = Completed::of(&command(maturin, &words).dir(tree.as_str())).success();
    let files = outdir.read_dir_utf8().expect("a folder");
    let mut wheels = files.map(|file| file.expect("an entry").into_path());
    wheels
        .find(|path| path.extension() == Some("whl"))
        .expect("a wheel")
}

/// The `bin` folder of a new environment in which a wheel alone is installed, from the file.
///
/// # Panics
/// pip does not install it.
#[must_use]
pub fn installed(wheel: &Utf8Path, environment: &Utf8Path) -> Utf8PathBuf {
    let words = ["-m", "venv", "--clear", environment.as_str()];
    let _ = Completed::of(&command("python3", &words)).success();
    let bin = environment.join("bin");
    let words = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-index",
        wheel.as_str(),
    ];
    let _ = Completed::of(&command(bin.join("python"), &words)).success();
    bin
}
