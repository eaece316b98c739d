//! `cargo xtask dist`: what a release consists of.
//!
//! The source archive is of the commit, and the binary is built from that archive and not from the
//! work tree: what is not in it is missed here, and not by those who build a release.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;

use crate::task::{Result, root, run as call, target};

#[derive(Debug, Args)]
pub struct DistArgs {
    /// Cargo's profile for the binary
    #[arg(long, default_value = "release")]
    profile: String,
}

/// What lies beside the binary in its archive.
const BESIDE: &[&str] = &["CHANGELOG.md", "LICENSE", "README.md", "docs"];

/// The file of checksums.
const CHECKSUMS: &str = "SHA256SUMS";

/// Makes the archives in `dist` of cargo's target folder.
fn make(folder: &Utf8Path, args: &DistArgs) -> Result<Vec<Utf8PathBuf>> {
    let version = env!("CARGO_PKG_VERSION");
    let changes = read("git", &["status", "--porcelain"])?;
    if !changes.is_empty() {
        return Err(format!("commit these first, a release is of a commit:\n{changes}").into());
    }
    let changelog = fs::read_to_string(root().join("CHANGELOG.md"))?;
    let heading = |line: &str| line.starts_with(&format!("## {version}"));
    if args.profile == "release" && !changelog.lines().any(heading) {
        return Err(format!("CHANGELOG.md has no section `## {version}`").into());
    }
    let _ = fs::remove_dir_all(folder);
    fs::create_dir_all(folder)?;
    let time = read("git", &["log", "-1", "--format=%ct"])?;

    let name = format!("emshim-{version}");
    let source = folder.join(format!("{name}.tar.gz"));
    let prefix = format!("--prefix={name}/");
    let words = [
        "archive",
        "--format=tar.gz",
        &prefix,
        "--output",
        source.as_str(),
        "HEAD",
    ];
    call(duct::cmd("git", words))?;

    let unpacked = folder.join("unpacked");
    fs::create_dir_all(&unpacked)?;
    call(duct::cmd!(
        "tar",
        "-xzf",
        source.as_str(),
        "-C",
        unpacked.as_str()
    ))?;
    let tree = unpacked.join(&name);
    let words = [
        "build",
        "--locked",
        "--package=emshim",
        "--profile",
        &args.profile,
    ];
    let build = duct::cmd(env!("CARGO"), words).dir(tree.as_str());
    eprintln!("+ {build:?}");
    build.env("CARGO_TARGET_DIR", target().as_str()).run()?;
    let profile = match args.profile.as_str() {
        "dev" => "debug",
        other => other,
    };

    let name = format!("{name}-{}", host()?);
    let stage = unpacked.join(&name);
    fs::create_dir_all(&stage)?;
    fs::copy(target().join(profile).join("emshim"), stage.join("emshim"))?;
    for beside in BESIDE {
        let from = tree.join(beside);
        call(duct::cmd!("cp", "-r", from.as_str(), stage.as_str()))?;
    }
    let binary = folder.join(format!("{name}.tar.gz"));
    let time = format!("--mtime=@{time}");
    let words = [
        "--sort=name",
        &time,
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "-czf",
        binary.as_str(),
        "-C",
        unpacked.as_str(),
        &name,
    ];
    call(duct::cmd("tar", words))?;
    fs::remove_dir_all(&unpacked)?;
    Ok(vec![source, binary])
}

/// Makes the archives, then their checksums.
pub fn run(args: &DistArgs) -> Result {
    let folder = target().join("dist");
    let archives = make(&folder, args)?;
    let names = archives.iter().filter_map(|path| path.file_name());
    let sums = duct::cmd("sha256sum", names).dir(folder.as_str()).read()? + "\n";
    fs::write(folder.join(CHECKSUMS), &sums)?;
    print!("{sums}");
    println!("in {folder}; next: git tag v{}", env!("CARGO_PKG_VERSION"));
    Ok(())
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
