//! Compares translations with gfortran on the machine itself: `compare [--all] FOLDER...`.
//!
//! Every Fortran file below the folders is compiled by gfortran, the judge of what is legal, and
//! translated. One that links as a program of its own runs in both ways, with the file of the same
//! name that ends in `.reference_input` or `.in` as its input. Prints a table, then every difference;
//! with `--all` every file. `F2C` names the f2c, `LIBF2C_SOURCE` libf2c's unpacked archive.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};
use f2c_driver::runtime::runtime_sources;
use f2c_driver::{Error, Form, Options, Preprocess, translate};

/// A program that runs longer is taken for one that never ends.
const LIMIT: Duration = Duration::from_secs(60);

/// What became of a file, by the words of the table.
enum Verdict {
    /// The same output and status.
    Runs,
    /// No program; it compiles.
    Compiles,
    /// gfortran refuses it, and so do we.
    BothRefuse,
    /// gfortran refuses it, we do not.
    Accepted,
    Refused(String),
    Differs(String),
}

impl Verdict {
    fn word(&self) -> &'static str {
        match self {
            Self::Runs => "same output",
            Self::Compiles => "compiles",
            Self::BothRefuse => "refused by both",
            Self::Accepted => "illegal, accepted",
            Self::Refused(_) => "refused",
            Self::Differs(_) => "other output",
        }
    }
}

struct Compare {
    f2c: Utf8PathBuf,
    runtime: Utf8PathBuf,
    archive: Utf8PathBuf,
    /// Emptied for every file.
    work: Utf8PathBuf,
}

fn sources(folder: &Utf8Path, out: &mut Vec<Utf8PathBuf>) -> io::Result<()> {
    if folder.is_file() {
        out.push(folder.to_owned());
        return Ok(());
    }
    for entry in folder.read_dir_utf8()? {
        let path = entry?.into_path();
        let fortran = matches!(
            path.extension(),
            Some("f" | "F" | "f90" | "F90" | "for" | "f77")
        );
        if path.is_dir() {
            sources(&path, out)?;
        } else if fortran {
            out.push(path);
        }
    }
    out.sort();
    Ok(())
}

/// Runs a tool; what it says when it fails.
fn tool(command: &mut Command) -> Result<(), String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    match output.status.success() {
        true => Ok(()),
        false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

impl Compare {
    fn new(work: &Utf8Path) -> Result<Self, String> {
        let io = |error: io::Error| error.to_string();
        let libf2c = std::env::var("LIBF2C_SOURCE").map_err(|_| "LIBF2C_SOURCE is not set")?;
        let runtime = work.join("runtime");
        std::fs::create_dir_all(&runtime).map_err(io)?;
        let plan = runtime_sources(libf2c.as_str().into());
        let mut sources = plan.libf2c.clone();
        for file in &plan.own {
            let path = runtime.join(file.name);
            std::fs::write(&path, file.text).map_err(io)?;
            if file.name.ends_with(".c") {
                sources.push(path);
            }
        }
        tool(
            Command::new("gcc")
                .current_dir(&runtime)
                .args(plan.flags)
                .args(["-O1", "-c", "-I", runtime.as_str(), "-I", &libf2c])
                .args(&sources),
        )?;
        let mut objects = Vec::new();
        for entry in runtime.read_dir_utf8().map_err(io)? {
            let path = entry.map_err(io)?.into_path();
            if path.extension() == Some("o") {
                objects.push(path);
            }
        }
        let archive = runtime.join("libruntime.a");
        tool(Command::new("ar").arg("rcs").arg(&archive).args(objects))?;
        Ok(Self {
            f2c: std::env::var("F2C").unwrap_or_else(|_| "f2c".into()).into(),
            runtime,
            archive,
            work: work.join("file"),
        })
    }

    fn file(&self, source: &Utf8Path) -> Result<Verdict, String> {
        let io = |error: io::Error| format!("{source}: {error}");
        let _ = std::fs::remove_dir_all(&self.work);
        for side in ["theirs", "ours"] {
            std::fs::create_dir_all(self.work.join(side)).map_err(io)?;
        }
        let (theirs, ours) = (self.work.join("theirs.exe"), self.work.join("ours.exe"));
        let gfortran = |args: &[&str]| {
            let mut command = Command::new("gfortran");
            command.current_dir(&self.work).args(["-w", "-std=legacy"]);
            tool(command.args(args).arg("-o").arg(&theirs).arg(source))
        };
        let program = gfortran(&[]).is_ok();
        let legal = program || gfortran(&["-c"]).is_ok();
        let object = self.object(source).map_err(io)?;
        let object = match (object, legal) {
            (Ok(_), false) => return Ok(Verdict::Accepted),
            (Err(_), false) => return Ok(Verdict::BothRefuse),
            (Err(message), true) => return Ok(Verdict::Refused(message)),
            (Ok(object), true) => object,
        };
        if !program {
            return Ok(Verdict::Compiles);
        }
        let mut link = Command::new("gcc");
        link.arg("-o")
            .args([&ours, &object, &self.archive])
            .arg("-lm");
        if let Err(message) = tool(&mut link) {
            let missing = message.lines().find(|line| line.contains("undefined"));
            return Ok(Verdict::Refused(missing.unwrap_or(&message).to_owned()));
        }
        let input = ["reference_input", "in"]
            .iter()
            .map(|extension| source.with_extension(extension))
            .find(|path| path.is_file());
        let theirs = self.run(&theirs, "theirs", input.as_deref()).map_err(io)?;
        let ours = self.run(&ours, "ours", input.as_deref()).map_err(io)?;
        if ours == theirs {
            return Ok(Verdict::Runs);
        }
        let (a, b) = (
            String::from_utf8_lossy(&ours.1),
            String::from_utf8_lossy(&theirs.1),
        );
        let line = a.lines().zip(b.lines()).position(|(a, b)| a != b);
        let line = line.unwrap_or_else(|| a.lines().count().min(b.lines().count()));
        let at = |text: &str| text.lines().nth(line).unwrap_or("(its end)").to_owned();
        Ok(Verdict::Differs(format!(
            "status {:?}, gfortran's {:?}; line {}:\n  {}\n  {}",
            ours.0,
            theirs.0,
            line + 1,
            at(&a),
            at(&b)
        )))
    }

    /// The object of the translation, or the first thing wrong with it.
    fn object(&self, source: &Utf8Path) -> io::Result<Result<Utf8PathBuf, String>> {
        let extension = source.extension().unwrap_or_default();
        let options = Options {
            form: Form::of_extension(extension),
            preprocess: extension.starts_with('F').then(Preprocess::default),
            include_dirs: source.parent().map(Into::into).into_iter().collect(),
            ..Options::default()
        };
        let translation = match translate(&self.f2c, &std::fs::read(source)?, source, &options) {
            Ok(translation) => translation,
            Err(Error::Source(diagnostics)) => {
                let first = diagnostics.first().map(ToString::to_string);
                return Ok(Err(first.unwrap_or_default()));
            }
            Err(error) => return Ok(Err(error.to_string())),
        };
        let (c, object) = (self.work.join("ours.c"), self.work.join("ours.o"));
        std::fs::write(&c, translation.c)?;
        let mut command = Command::new("gcc");
        command
            .args(f2c_driver::header::FLAGS)
            .args(["-w", "-O1", "-I", self.runtime.as_str(), "-c", "-o"])
            .args([&object, &c]);
        let compiled = tool(&mut command).map(|()| object);
        Ok(compiled.map_err(|said| {
            said.lines()
                .find(|l| l.contains("error"))
                .unwrap_or(&said)
                .to_owned()
        }))
    }

    /// The status and the output of a program.
    fn run(
        &self,
        program: &Utf8Path,
        side: &str,
        input: Option<&Utf8Path>,
    ) -> io::Result<(Option<i32>, Vec<u8>)> {
        let out = self.work.join(side).with_extension("out");
        let stdin = match input {
            Some(path) => Stdio::from(File::open(path)?),
            None => Stdio::null(),
        };
        let mut child = Command::new(program)
            .current_dir(self.work.join(side))
            .stdin(stdin)
            .stdout(File::create(&out)?)
            .stderr(Stdio::null())
            .spawn()?;
        let start = Instant::now();
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok((status.code(), std::fs::read(&out)?));
            }
            if start.elapsed() > LIMIT {
                child.kill()?;
                child.wait()?;
                return Ok((None, std::fs::read(&out)?));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn main() -> Result<(), String> {
    let mut all = false;
    let mut files = Vec::new();
    for arg in std::env::args().skip(1) {
        match arg.as_str() {
            "--all" => all = true,
            folder => {
                let found = sources(Utf8Path::new(folder), &mut files);
                found.map_err(|error| format!("{folder}: {error}"))?;
            }
        }
    }
    let temporary = tempfile::tempdir().map_err(|error| error.to_string())?;
    let work = Utf8Path::from_path(temporary.path()).ok_or("the temporary folder is not UTF-8")?;
    let compare = Compare::new(work)?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut wrong = Vec::new();
    for file in &files {
        let file = file
            .canonicalize_utf8()
            .map_err(|error| error.to_string())?;
        let verdict = compare.file(&file)?;
        *counts.entry(verdict.word()).or_default() += 1;
        if all {
            println!("{}: {file}", verdict.word());
        }
        match verdict {
            Verdict::Refused(why) | Verdict::Differs(why) => wrong.push(format!("{file}: {why}")),
            _ => {}
        }
    }
    println!("| verdict | files |\n| --- | --- |");
    for (word, count) in &counts {
        println!("| {word} | {count} |");
    }
    println!("| all | {} |", files.len());
    for line in &wrong {
        println!("\n{line}");
    }
    let good: usize = ["same output", "compiles", "refused by both"]
        .iter()
        .filter_map(|word| counts.get(word))
        .sum();
    println!("\n{good} of {} as with gfortran", files.len());
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(format!("{} files differ", wrong.len())),
    }
}
