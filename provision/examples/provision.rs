//! Provisions a suite, a Pyodide, the Python tools and the sources by hand, then examines:
//! `cargo run -p emshim-provision --example provision -- [SUITE [PYODIDE]]`.

use std::time::{Duration, Instant};

use provision::{
    Env, Error, Progress, SOURCES, SUITES, Sources, Store, examine, fetch_source,
    provision_emscripten, provision_pyodide, provision_python, provision_tools,
};

struct Lines;

impl Progress for Lines {
    fn begin(&self, step: &str) {
        println!("{step} ...");
    }
    fn detail(&self, text: &str) {
        println!("    {text}");
    }
    fn end(&self, step: &str, elapsed: Duration) {
        println!("{step}: {:.1} s", elapsed.as_secs_f64());
    }
    fn note(&self, text: &str) {
        println!("note: {text}");
    }
}

fn run() -> Result<(), Error> {
    let mut args = std::env::args().skip(1);
    let name = args.next().unwrap_or_else(|| SUITES[0].name.to_owned());
    let pyodide = args.next().unwrap_or_else(|| "0.29.5".to_owned());
    let Some(suite) = SUITES.iter().find(|suite| suite.name == name) else {
        let names: Vec<&str> = SUITES.iter().map(|suite| suite.name).collect();
        eprintln!("no suite `{name}`; there are {}", names.join(", "));
        std::process::exit(2);
    };
    let start = Instant::now();
    let store = Store::from_env()?;
    println!("{:#?}", provision_emscripten(&store, suite, &Lines)?);
    let python = provision_python(&store, suite, suite.pythons[0], &Lines)?;
    println!("{python:#?}");
    println!("{:#?}", provision_pyodide(&store, &pyodide, &Lines)?);
    println!("{:#?}", provision_tools(&store, &python, &Lines)?);
    for source in SOURCES {
        println!("{}", fetch_source(&store, source.name, &Lines)?);
    }
    let sources = Sources {
        emscripten: None,
        python: None,
        suite: Some(suite),
        minor: suite.pythons[0],
        pyodide: &pyodide,
    };
    for finding in examine(&Env::capture(), &store, &sources) {
        println!("{finding:?}");
    }
    let megabytes = store.size().div_ceil(1_000_000);
    println!("{} MB, {:.1} s", megabytes, start.elapsed().as_secs_f64());
    Ok(())
}

fn main() {
    if let Err(error) = run() {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
