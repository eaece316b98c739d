//! `cargo xtask dist`: what a release consists of.
//!
//! The source archive is of the commit, and everything else is built from that archive and not from
//! the work tree: what is not in it is missed here, and not by those who build a release. The wheel is
//! then installed into an empty environment, and README's first command run with it.

mod sbom;

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use emshim_tests::release;

use crate::task::{Result, root, run as call, target};

#[derive(Debug, Args)]
pub struct DistArgs {
    /// Cargo's profile for the binary
    #[arg(long, default_value = "release")]
    profile: String,
    /// Make a binary and a wheel for this machine too, such as aarch64-unknown-linux-gnu, whose standard library
    /// (`rustup target add`) and linker are there (repeatable)
    #[arg(long = "machine", value_name = "TRIPLE")]
    machines: Vec<String>,
    /// Do not package the crates, which compiles each from its package alone
    #[arg(long)]
    no_crates: bool,
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// What lies beside the binary in its archive.
const BESIDE: &[&str] = &["CHANGELOG.md", "LICENSE", "README.md", "docs"];

/// What shells and `man` read, in the source tree from which the wheel takes it.
const SHARE: &str = "emshim.data/data/share";

/// The file of checksums.
const CHECKSUMS: &str = "SHA256SUMS";

/// What README's first command begins with, where a wheel's users write `emshim`.
const FROM_SOURCE: &str = "cargo run --release -- ";

/// Makes the release in `dist` of cargo's target folder.
pub fn run(args: &DistArgs) -> Result {
    check(args)?;
    let folder = target().join("dist");
    let _ = fs::remove_dir_all(&folder);
    let unpacked = folder.join("unpacked");
    fs::create_dir_all(&unpacked)?;
    let mut files = vec![source(&folder)?];
    call(duct::cmd!(
        "tar",
        "-xzf",
        files[0].as_str(),
        "-C",
        unpacked.as_str()
    ))?;
    let tree = unpacked.join(format!("emshim-{VERSION}"));
    let emshim = build(&tree, &args.profile, None)?;

    let share = tree.join(SHARE);
    release::documents(&emshim, &share);
    let own = host()?;
    let made = for_machine(&folder, &tree, &args.profile, &own, &emshim, None)?;
    try_wheel(&made.wheel, &unpacked.join("environment"))?;
    files.extend(made.files());
    for machine in &args.machines {
        let emshim = build(&tree, &args.profile, Some(machine))?;
        let made = for_machine(
            &folder,
            &tree,
            &args.profile,
            machine,
            &emshim,
            Some(machine),
        )?;
        files.extend(made.files());
    }
    if !args.no_crates {
        files.extend(crates(&tree, &folder)?);
    }
    fs::remove_dir_all(&unpacked)?;

    let names = files
        .iter()
        .map(|path| path.strip_prefix(&folder).unwrap_or(path));
    let names = names.map(Utf8Path::as_str);
    let sums = duct::cmd("sha256sum", names).dir(folder.as_str()).read()? + "\n";
    fs::write(folder.join(CHECKSUMS), &sums)?;
    print!("{sums}");
    println!("in {folder}; next: git tag v{VERSION}");
    Ok(())
}

/// A release is of a commit, and told of in the changelog.
fn check(args: &DistArgs) -> Result {
    let changes = read("git", &["status", "--porcelain"])?;
    if !changes.is_empty() {
        return Err(format!("commit these first, a release is of a commit:\n{changes}").into());
    }
    let changelog = fs::read_to_string(root().join("CHANGELOG.md"))?;
    let heading = |line: &str| line.starts_with(&format!("## {VERSION}"));
    if args.profile == "release" && !changelog.lines().any(heading) {
        return Err(format!("CHANGELOG.md has no section `## {VERSION}`").into());
    }
    Ok(())
}

/// What is made for a machine.
struct Made {
    archive: Utf8PathBuf,
    wheel: Utf8PathBuf,
    list: Utf8PathBuf,
}

impl Made {
    fn files(self) -> [Utf8PathBuf; 3] {
        [self.archive, self.wheel, self.list]
    }
}

/// The archive with the binary, the wheel and the list of what is in them. `cross` names the machine for cargo
/// where it is not this one.
fn for_machine(
    folder: &Utf8Path,
    tree: &Utf8Path,
    profile: &str,
    machine: &str,
    emshim: &Utf8Path,
    cross: Option<&str>,
) -> Result<Made> {
    let list = folder.join(format!("emshim-{VERSION}-{machine}.cdx.json"));
    fs::write(&list, sbom::of(tree, machine)?)?;
    let archive = binary(folder, tree, emshim, machine)?;
    eprintln!("+ maturin build");
    let outdir = folder.join("unpacked/wheel").join(machine);
    let wheel = release::wheel(tree, profile, &target(), cross, Some(&list), &outdir);
    let placed = folder.join(wheel.file_name().unwrap_or_default());
    fs::rename(&wheel, &placed)?;
    Ok(Made {
        archive,
        wheel: placed,
        list,
    })
}

/// The archive of the commit.
fn source(folder: &Utf8Path) -> Result<Utf8PathBuf> {
    let source = folder.join(format!("emshim-{VERSION}.tar.gz"));
    let prefix = format!("--prefix=emshim-{VERSION}/");
    let words = [
        "archive",
        "--format=tar.gz",
        &prefix,
        "--output",
        source.as_str(),
        "HEAD",
    ];
    call(duct::cmd("git", words))?;
    Ok(source)
}

/// The binary of a source tree.
fn build(tree: &Utf8Path, profile: &str, cross: Option<&str>) -> Result<Utf8PathBuf> {
    let words = [
        "build",
        "--locked",
        "--package=emshim",
        "--profile",
        profile,
    ];
    let words = words
        .into_iter()
        .chain(cross.iter().flat_map(|machine| ["--target", machine]));
    let build = duct::cmd(env!("CARGO"), words).dir(tree.as_str());
    eprintln!("+ {build:?}");
    build.env("CARGO_TARGET_DIR", target().as_str()).run()?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target()
        .join(cross.unwrap_or_default())
        .join(folder)
        .join("emshim"))
}

/// The archive with the binary, its documents, and what shells and `man` read.
fn binary(
    folder: &Utf8Path,
    tree: &Utf8Path,
    emshim: &Utf8Path,
    machine: &str,
) -> Result<Utf8PathBuf> {
    let time = read("git", &["log", "-1", "--format=%ct"])?;
    let name = format!("emshim-{VERSION}-{machine}");
    let above = tree.parent().unwrap_or(tree);
    let stage = above.join(&name);
    fs::create_dir_all(&stage)?;
    fs::copy(emshim, stage.join("emshim"))?;
    let beside = BESIDE.iter().map(|beside| tree.join(beside));
    for from in beside.chain([tree.join(SHARE)]) {
        call(duct::cmd!("cp", "-r", from.as_str(), stage.as_str()))?;
    }
    let binary = folder.join(format!("{name}.tar.gz"));
    let time = format!("--mtime=@{time}");
    let owner = ["--owner=0", "--group=0", "--numeric-owner"];
    let words = ["-czf", binary.as_str(), "-C", above.as_str(), &name];
    let words = ["--sort=name", &time].into_iter().chain(owner).chain(words);
    call(duct::cmd("tar", words))?;
    Ok(binary)
}

/// Installs the wheel where nothing else is, and runs README's first command with it.
fn try_wheel(wheel: &Utf8Path, environment: &Utf8Path) -> Result {
    let bin = release::installed(wheel, environment);
    for file in [
        "man/man1/emshim-build.1",
        "bash-completion/completions/emshim",
    ] {
        let path = environment.join("share").join(file);
        if !path.exists() {
            return Err(format!("the wheel installs no {path}").into());
        }
    }
    let readme = fs::read_to_string(root().join("README.md"))?;
    let command = readme
        .lines()
        .find_map(|line| line.strip_prefix(FROM_SOURCE));
    let command = command.ok_or(format!("README.md has no line `{FROM_SOURCE}...`"))?;
    let words = command
        .split('#')
        .next()
        .unwrap_or_default()
        .split_whitespace();
    let command = duct::cmd(bin.join("emshim").as_std_path(), words);
    eprintln!("+ {command:?}");
    // Where it leaves its wheel, and with no tool of the environment's but emshim.
    command.dir(environment.as_str()).run()?;
    Ok(())
}

/// The packages of the crates, in an order in which each finds those that it needs; cargo compiles each
/// from its package.
fn crates(tree: &Utf8Path, folder: &Utf8Path) -> Result<Vec<Utf8PathBuf>> {
    let made = folder.join("unpacked/crates");
    let words = [
        "package",
        "--workspace",
        "--locked",
        "--allow-dirty",
        "--target-dir",
        made.as_str(),
    ];
    let own = ["--exclude=emshim-tests", "--exclude=xtask"];
    let package = duct::cmd(env!("CARGO"), words.into_iter().chain(own)).dir(tree.as_str());
    eprintln!("+ {package:?}");
    package.run()?;
    let crates = folder.join("crates");
    fs::create_dir_all(&crates)?;
    let mut files = Vec::new();
    for entry in made.join("package").read_dir_utf8()? {
        let path = entry?.into_path();
        if path.extension() == Some("crate") {
            let name = path.file_name().unwrap_or_default();
            fs::rename(&path, crates.join(name))?;
            files.push(Utf8Path::new("crates").join(name));
        }
    }
    files.sort();
    Ok(files)
}

/// The machine that rustc compiles for.
fn host() -> Result<String> {
    let said = read("rustc", &["--version", "--verbose"])?;
    let host = said.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host
        .ok_or("rustc does not say which machine it is for")?
        .to_owned())
}

fn read(program: &str, words: &[&str]) -> Result<String> {
    Ok(duct::cmd(program, words).dir(root()).read()?)
}
