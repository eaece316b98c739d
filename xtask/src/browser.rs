//! Published folders in headless Chromium: pages, lock files and documentation, used as people do.

use std::fs;

use camino::{Utf8Path, Utf8PathBuf};
use clap::Args;
use emshim_tests::published::{Serving, build, folder};
use emshim_tests::{real, tools};

use crate::task::{Result, build_emshim, run, target};

/// What drives the browser, as the npm registry has it.
const DRIVER: &str = "playwright-core@1.65.1";

/// Documentation with notebooks, as PyPI has it.
const DOCUMENTATION: &[(&str, &str)] = &[
    ("jupyterlite-pyodide-kernel", "0.8.6"),
    ("jupyterlite-sphinx", "0.23.0"),
];

/// The stable targets.
const TARGETS: &[&str] = &["pyodide@314.0.7", "pyodide@0.29.5"];

/// `cargo xtask browser`.
#[derive(Debug, Args)]
pub struct BrowserArgs {
    /// The target (repeatable) [default: both stable ones]
    #[arg(long)]
    target: Vec<String>,
    /// Only pages and lock files, no documentation
    #[arg(long)]
    no_docs: bool,
}

/// Builds a wheel, publishes it in every way, and uses what came out.
///
/// # Errors
/// A browser cannot be had, or something does not do what it should.
pub fn browser(args: &BrowserArgs) -> Result {
    let emshim = build_emshim()?;
    let work = target().join("tmp/browser");
    let _ = fs::remove_dir_all(work.join("web"));
    fs::create_dir_all(&work)?;
    let chromium = chromium()?;
    let prefix = work.as_str();
    let npm = [
        "install",
        "--no-save",
        "--no-audit",
        "--no-fund",
        "--silent",
        "--prefix",
        prefix,
        DRIVER,
    ];
    run(duct::cmd("npm", npm))?;
    let chosen: Vec<&str> = match args.target.as_slice() {
        [] => TARGETS.to_vec(),
        targets => targets.iter().map(String::as_str).collect(),
    };
    for name in chosen {
        let one = One {
            emshim: &emshim,
            chromium: &chromium,
            work: &work,
            target: name,
            // Below a folder, as pages of projects and previews are.
            site: work.join("web/previews").join(name.replace('@', "-")),
        };
        one.publish(!args.no_docs)?;
        one.look(!args.no_docs)?;
    }
    println!("pictures are in {work}/pictures");
    Ok(())
}

/// What is published for a target.
struct One<'a> {
    emshim: &'a Utf8Path,
    chromium: &'a str,
    work: &'a Utf8Path,
    target: &'a str,
    site: Utf8PathBuf,
}

impl One<'_> {
    fn publish(&self, docs: bool) -> Result {
        let wheel = build(self.target, &self.work.join("dist"));
        let emshim = |verb: &str, outdir: &Utf8Path, more: &[&str]| -> Result<String> {
            let words = [
                verb,
                "--target",
                self.target,
                "-o",
                outdir.as_str(),
                wheel.as_str(),
            ];
            let words = [&words[..], more].concat();
            Ok(duct::cmd(self.emshim.as_str(), words).read()?)
        };
        let example = folder().join("project/example.py");
        emshim("page", &self.site, &["--example", example.as_str()])?;
        // A page and a lock file of one origin, as on one host.
        emshim("lock", &self.site.join("lock"), &[])?;
        if docs {
            let source = self.site.join("source");
            run(duct::cmd(
                "cp",
                ["-r", folder().join("docs").as_str(), source.as_str()],
            ))?;
            let said = emshim("docs", &source.join("lite"), &[])?;
            let line = said
                .lines()
                .find_map(|line| line.strip_prefix("in conf.py: "));
            let conf = source.join("conf.py");
            let text = fs::read_to_string(&conf)? + line.ok_or("no line for conf.py")? + "\n";
            fs::write(&conf, text)?;
            let sphinx = tools::pinned(DOCUMENTATION).join("sphinx-build");
            let built = self.site.join("docs");
            run(duct::cmd(
                sphinx.as_str(),
                ["-q", source.as_str(), built.as_str()],
            ))?;
        }
        Ok(())
    }

    fn look(&self, docs: bool) -> Result {
        let pictures = self
            .work
            .join("pictures")
            .join(self.target.replace('@', "-"));
        fs::create_dir_all(&pictures)?;
        let server = Serving::begin(&self.work.join("web"));
        let below = self.site.strip_prefix(self.work.join("web"))?;
        let address = format!("{}{below}/", server.address);
        let script = folder().join("browser.mjs");
        let tasks = [("page", ""), ("lock", ""), ("docs", "docs/")];
        for (what, folder) in tasks.iter().filter(|(what, _)| docs || *what != "docs") {
            let address = format!("{address}{folder}");
            let words = [
                script.as_str(),
                what,
                &address,
                self.chromium,
                pictures.as_str(),
            ];
            let node = duct::cmd("node", words).dir(self.work.as_str());
            let done = real::Completed::of(&node);
            if done.status != 0 {
                return Err(format!("{what} for {}: {}", self.target, done.stderr).into());
            }
            print!("{}: {}", self.target, done.stdout);
        }
        Ok(())
    }
}

/// Chromium: the machine's, else Debian's package.
fn chromium() -> Result<String> {
    let find = || {
        duct::cmd!(
            "sh",
            "-c",
            "command -v chromium || command -v chromium-browser"
        )
        .read()
    };
    if let Ok(found) = find() {
        return Ok(found);
    }
    let install = "apt-get update -q && apt-get install -q -y --no-install-recommends chromium";
    run(duct::cmd!("sh", "-c", install))
        .map_err(|e| format!("{e}: install Chromium (on Debian: the package chromium, as root)"))?;
    Ok(find()?)
}
