//! Translates every Fortran file below folders and counts: `sweep [--out DIR] FOLDER...`.
//!
//! Prints a table with one row per folder, then every failure. `F2C` names the f2c; `--out` keeps
//! the C, one file per source, with slashes of the source's path as `@`.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use f2c_driver::{Form, Options, Preprocess, translate};

fn sources(folder: &Utf8Path, out: &mut Vec<Utf8PathBuf>) -> std::io::Result<()> {
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

fn main() -> std::io::Result<()> {
    let f2c = Utf8PathBuf::from(std::env::var("F2C").unwrap_or_else(|_| "f2c".into()));
    let mut keep: Option<Utf8PathBuf> = None;
    let mut counts: BTreeMap<Utf8PathBuf, (usize, usize)> = BTreeMap::new();
    let mut failures = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--out" {
            keep = args.next().map(Utf8PathBuf::from);
            continue;
        }
        let mut files = Vec::new();
        sources(Utf8Path::new(&arg), &mut files)?;
        for file in files {
            let extension = file.extension().unwrap_or_default();
            let options = Options {
                form: Form::of_extension(extension),
                preprocess: extension.starts_with('F').then(Preprocess::default),
                include_dirs: vec![arg.clone().into()],
                ..Options::default()
            };
            let folder = file.parent().unwrap_or(Utf8Path::new("")).to_owned();
            let count = counts.entry(folder).or_default();
            count.0 += 1;
            match translate(&f2c, &std::fs::read(&file)?, &file, &options) {
                Ok(translation) => {
                    count.1 += 1;
                    if let Some(keep) = &keep {
                        let name = file.strip_prefix(&arg).unwrap_or(&file);
                        let name = name.as_str().replace('/', "@");
                        std::fs::create_dir_all(keep)?;
                        std::fs::write(
                            keep.join(name).with_extension(format!("{extension}.c")),
                            translation.c,
                        )?;
                    }
                }
                Err(error) => failures.push(error.to_string()),
            }
        }
    }
    println!("| folder | files | translated |\n| --- | --- | --- |");
    for (folder, (files, translated)) in &counts {
        println!("| {folder} | {files} | {translated} |");
    }
    let (files, translated) = counts.values().fold((0, 0), |(a, b), (files, translated)| {
        (a + files, b + translated)
    });
    println!("| total | {files} | {translated} |\n");
    for failure in failures {
        println!("{failure}");
    }
    Ok(())
}
