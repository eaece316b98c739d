//! Translates one file: `translate [options] x.f`; C goes to standard output.
//!
//! `--f2c PATH` names the f2c (else `F2C`, else `f2c`); `--lowered` stops before f2c.

use std::io::Write;

use camino::{Utf8Path, Utf8PathBuf};
use f2c_driver::{Error, Form, Options, Preprocess, lowered_text, translate};

fn main() -> std::process::ExitCode {
    let mut f2c = Utf8PathBuf::from(std::env::var("F2C").unwrap_or_else(|_| "f2c".into()));
    let mut lowered = false;
    let mut sources = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--lowered" => lowered = true,
            "--f2c" => f2c = args.next().unwrap_or_default().into(),
            _ => sources.push(Utf8PathBuf::from(arg)),
        }
    }
    let mut failed = false;
    for source in &sources {
        match run(&f2c, source, lowered) {
            Ok(text) => std::io::stdout().write_all(&text).unwrap_or_default(),
            Err(error) => {
                eprintln!("{error}");
                failed = true;
            }
        }
    }
    u8::from(failed).into()
}

fn run(f2c: &Utf8Path, source: &Utf8Path, lowered: bool) -> Result<Vec<u8>, Error> {
    let extension = source.extension().unwrap_or_default();
    let options = Options {
        form: Form::of_extension(extension),
        preprocess: extension.starts_with('F').then(Preprocess::default),
        ..Options::default()
    };
    let bytes = std::fs::read(source).map_err(|error| Error::Io {
        path: source.to_owned(),
        source: error,
    })?;
    if lowered {
        return lowered_text(&bytes, source, &options).map(String::into_bytes);
    }
    translate(f2c, &bytes, source, &options).map(|translation| translation.c)
}
