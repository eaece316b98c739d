//! LAPACK's library, two compiles at a time: by the shim, by a script that runs f2c and clang on
//! prepared files, and in a second tree whose objects are in a compiler cache.

use std::fs;

use camino::Utf8Path;
use emshim_tests::lapack::library::sources;
use emshim_tests::progress::Lines;
use f2c_driver::F2C_LIMITS;
use provision::{Env, provision_dev_tools, unpack_source};
use steps::fortran::options;
use toolcall::builtin::Translate;

use super::call::Call;
use super::report::Row;
use super::shims::Bench;
use crate::task::{Result, target};

impl Bench {
    /// The rows of at most `files` of its sources, evenly chosen.
    pub fn lapack(&self, files: usize) -> Result<Vec<Row>> {
        let source = target().join("tmp/lapack/source");
        if !source.exists() {
            unpack_source(&self.store, "lapack", &source, &Lines)?;
        }
        let compile = ["gfortran", "-O2", "-c", "x.f", "-o", "x.o"];
        let translation = self.step(&compile, "emshim")?;
        let mut words = translation.argv.iter().skip_while(|word| *word != "--f2c");
        let f2c = words.nth(1).ok_or("no f2c in the plan")?;
        let clang = self.step(&compile, "clang")?;
        let mut argv = clang.argv.clone();
        for word in &mut argv {
            match word.as_str() {
                generated if generated.ends_with(".c") => *word = "$1.c".to_owned(),
                "x.o" => *word = "$1.o".to_owned(),
                _ => {}
            }
        }
        let quoted: Vec<_> = argv.iter().map(|word| format!("\"{word}\"")).collect();
        let limits = F2C_LIMITS.join(" ");
        let script = format!(
            "\"{f2c}\" -R -w {limits} < \"$1\" > \"$1.c\" 2> /dev/null && {}",
            quoted.join(" ")
        );
        let shim = self.shims.join("gfortran");
        let gfortran = format!("\"{shim}\" -O2 -c \"$1\" -o \"$1.o\"");

        let [prepared, first, second] =
            ["prepared", "first", "second"].map(|name| self.work.join(name));
        let names = choose(&source, files)?;
        let list = self.work.join("files");
        fs::write(&list, names.join("\n") + "\n")?;
        for tree in [&prepared, &first, &second] {
            let _ = fs::remove_dir_all(tree);
            for name in &names {
                let place = tree.join(name);
                fs::create_dir_all(place.parent().unwrap_or(tree))?;
                if tree == &prepared {
                    fs::write(place, lowered(&source.join(name))?)?;
                } else {
                    fs::copy(source.join(name), place)?;
                }
            }
        }
        let each = |script: &str| {
            let run = format!("exec xargs -a '{list}' -P2 -I@ sh -c '{script}' - @");
            let log = ("EMSHIM_LOG", self.work.join("log").into_string());
            Call::new(["sh", "-c", &run]).with([log])
        };
        eprintln!("LAPACK, {} files, by a script", names.len());
        let by_script = each(&script).with(clang.env).time(&prepared)?;
        eprintln!("LAPACK, by the shim");
        let clean = each(&gfortran).time(&first)?;

        let dev_tools = provision_dev_tools(&Env::capture(), &self.store, &Lines)?;
        let (cache, kept) = (self.work.join("ccache"), self.shims.join("translations"));
        for folder in [&cache, &kept] {
            let _ = fs::remove_dir_all(folder);
        }
        let env = [
            ("EMSHIM_LAUNCHER", dev_tools.ccache.as_str()),
            ("CCACHE_DIR", cache.as_str()),
        ];
        let cached = each(&gfortran).with(env);
        let misses = || -> Result<String> {
            let stats = duct::cmd!(dev_tools.ccache.as_str(), "--print-stats");
            let text = stats.env("CCACHE_DIR", cache.as_str()).read()?;
            let line = text.lines().find(|line| line.starts_with("cache_miss\t"));
            Ok(line.ok_or("ccache tells no misses")?.to_owned())
        };
        eprintln!("LAPACK, filling a cache");
        cached.time(&first)?;
        let before = misses()?;
        eprintln!("LAPACK, second tree");
        let again = cached.time(&second)?;
        if misses()? != before {
            return Err(format!("the second tree compiled: {before}, then {}", misses()?).into());
        }

        let all = match files {
            usize::MAX => format!("all of LAPACK's library ({} files)", names.len()),
            _ => format!("{} files of LAPACK's library", names.len()),
        };
        let by_hand = "f2c and clang by a bare script on prepared files";
        Ok(vec![
            Row::once(
                &format!("{all}, clean, -j2"),
                by_hand,
                1.15,
                [clean, by_script],
            ),
            Row::once(
                &format!("{all}, second tree, shared cache"),
                "its clean build",
                0.15,
                [again, clean],
            ),
        ])
    }
}

/// The names of at most `files` sources, below the source's folder.
fn choose(source: &Utf8Path, files: usize) -> Result<Vec<String>> {
    let names = sources(source)?;
    let step = names.len().div_ceil(files.min(names.len()).max(1));
    Ok(names.into_iter().step_by(step).collect())
}

/// A source as f2c takes it.
fn lowered(path: &Utf8Path) -> Result<String> {
    // The switches that the shim has by a source's name, and no others.
    let words = [
        "emshim", "fortran", "--emit", "c", "--f2c", "f2c", "-o", "-",
    ];
    let words = words.into_iter().chain([path.as_str(), "--"]);
    let argv: Vec<_> = words.map(Into::into).collect();
    let options = options(&Translate::parse(&argv)?)?;
    Ok(f2c_driver::lowered_text(&fs::read(path)?, path, &options)?)
}
