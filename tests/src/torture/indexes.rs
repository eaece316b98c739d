//! Package indexes that answer what they should not: an sdist is fetched as it is, or the fetch is
//! refused with a reason, and leaves nothing.

use super::{Count, Dice};
use camino::{Utf8Path, Utf8PathBuf};
use pyodide_wheel::python::{Output, Python, ScriptError};
use pyodide_wheel::source::{SourceError, fetch};
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

/// The sdist that every index has, if it has one.
const FILE: &str = "p-1.0.tar.gz";
const CONTENT: &[u8] = b"\x1f\x8bwhat the file holds";
const SHA256: &str = "3ed8b2c4b7f601abd0b071c937e3a6455cd1d37b7e840e54b67849758c12d0c9";

/// What an index says to a request for this path.
type Answer = fn(&str, &mut Dice) -> Vec<u8>;

struct Index {
    name: &'static str,
    answer: Answer,
    /// Whether the sdist can be had from it; `None` where that depends.
    good: Option<bool>,
}

const fn index(name: &'static str, good: Option<bool>, answer: Answer) -> Index {
    Index { name, answer, good }
}

/// All of them. The last sends more than fits: once is enough.
#[rustfmt::skip]
const INDEXES: &[Index] = &[
    index("good", Some(true), |path, _| of(path, &page(""), "")),
    index("yanked", Some(true), |path, _| of(path, &page("data-yanked='it is broken'"), "")),
    index("file with an encoding", Some(true), |path, _| of(path, &page(""), "Content-Encoding: gzip\r\n")),
    index("huge page", Some(true), |path, _| of(path, &page("").repeat(20_000), "")),
    index("garbage page", None, |path, dice| {
        let bytes: Vec<u8> = (0..dice.below(3000)).map(|_| dice.byte()).collect();
        of(path, &bytes, "")
    }),
    index("mutant page", None, |path, dice| of(path, &dice.mutant(&page("data-yanked=''")), "")),
    index("checksum", Some(true), |path, _| of(path, &with_checksum(SHA256), "")),
    index("mutant file", None, |path, dice| {
        let answer = of(path, &with_checksum(SHA256), "");
        if path.ends_with(FILE) { dice.mutant(&answer) } else { answer }
    }),
    index("mutant file name", None, |path, dice| {
        let name = dice.of(&["p-1.0%252F..%252F..%252Fq.tar.gz", "p-1.0%00.tar.gz", "p-1.0.tar.gz%0a", "%2e%2e"]);
        of(path, format!("<a href='{name}'>{name}</a>").as_bytes(), "")
    }),
    index("other checksum", Some(false), |path, _| {
        of(path, &with_checksum(&"0".repeat(64)), "")
    }),
    index("no gzip where it says so", Some(false), |_, _| ok(&page(""), "Content-Encoding: gzip\r\n")),
    index("redirects without end", Some(false), |path, _| redirect(&format!("{path}x"))),
    index("redirect to a file", Some(false), |_, _| redirect("file:///etc/passwd")),
    index("cut file", Some(false), |path, _| {
        let mut whole = of(path, &page(""), "");
        let left = whole.len() - usize::from(path.ends_with(FILE)) * 5;
        whole.truncate(left);
        whole
    }),
    index("cut page", Some(false), |_, _| {
        let mut whole = ok(&page("").repeat(2), "");
        whole.truncate(whole.len() - 5);
        whole
    }),
    index("errors", Some(false), |_, dice| {
        let status = dice.of(&["403 No", "404 No", "418 No", "500 No", "700 What", "x"]);
        format!("HTTP/1.1 {status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n").into_bytes()
    }),
    index("page without end", Some(false), |_, _| {
        let mut answer = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\n\r\n".to_vec();
        answer.resize(300 << 20, b' ');
        answer
    }),
];

/// How many kinds there are.
pub const KINDS: usize = INDEXES.len();

/// The longest that one may take, on a machine with other work too.
const PATIENCE: Duration = Duration::from_secs(120);

/// Tries each of them, and others of the same kinds as often as is left.
///
/// # Panics
/// This machine has no address of its own.
#[must_use]
pub fn run(rounds: usize, seed: u64) -> Count {
    let mut dice = Dice::new(seed);
    let mut count = Count {
        kind: "package indexes".into(),
        ..Count::default()
    };
    for number in 0..rounds {
        let at = match number < KINDS {
            true => number,
            false => dice.below(KINDS - 1),
        };
        let index = &INDEXES[at];
        count.tried += 1;
        match one(index, Dice::new(seed ^ number as u64)) {
            Ok(taken) => count.taken += usize::from(taken),
            Err(why) => count
                .faults
                .push(format!("index {number}, {}: {why}", index.name)),
        }
    }
    count
}

fn one(index: &Index, mut dice: Dice) -> Result<bool, String> {
    let scratch = tempfile::tempdir().expect("a folder");
    let root = Utf8Path::from_path(scratch.path()).expect("a UTF-8 path");
    let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
    let address = listener.local_addr().expect("an address");
    let answer = index.answer;
    // Ends with the process; there is one for each trial.
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = serve(&stream, answer, &mut dice);
        }
    });
    let mut env: pyodide_wheel::python::Env = std::env::vars_os().collect();
    env.retain(|name, _| !name.as_encoded_bytes().starts_with(b"PIP_"));
    env.retain(|name, _| !name.to_string_lossy().to_lowercase().ends_with("_proxy"));
    for (name, value) in [
        ("PIP_CONFIG_FILE", "/dev/null"),
        ("PIP_INDEX_URL", format!("http://{address}/simple").as_str()),
        ("PIP_NO_CACHE_DIR", "1"),
        ("PIP_RETRIES", "0"),
        ("PIP_TIMEOUT", "5"),
    ] {
        env.insert(name.into(), value.into());
    }
    let tools = Python {
        exe: "python3".into(),
        env,
    };
    let (folder, log) = (root.join("sdists"), root.join("log"));
    let mut output = Output {
        log: &log,
        line: &mut |_| {},
    };
    let began = Instant::now();
    let fetched = fetch(&tools, "p", &folder, &mut output);
    if began.elapsed() > PATIENCE {
        return Err("it took too long".into());
    }
    let mut left = files(root);
    left.retain(|path| *path != log);
    match fetched {
        Ok(fetched) => {
            let content = std::fs::read(&fetched.path).ok();
            if content.as_deref() != Some(CONTENT) {
                return Err(format!("it took {content:?}"));
            }
            if left != [folder.join(FILE)] {
                return Err(format!("it left {left:?}"));
            }
            match index.good {
                Some(false) => Err("it took it".into()),
                _ => Ok(true),
            }
        }
        Err(SourceError::Script(error @ ScriptError::Crashed { .. })) => Err(error.to_string()),
        Err(error) if !left.is_empty() => Err(format!("it left {left:?}: {error}")),
        Err(error) if index.good == Some(true) => Err(error.to_string()),
        Err(_) => Ok(false),
    }
}

/// A page that states the file's checksum.
fn with_checksum(sha256: &str) -> Vec<u8> {
    format!("<a href='{FILE}#sha256={sha256}'>{FILE}</a>").into_bytes()
}

fn files(folder: &Utf8Path) -> Vec<Utf8PathBuf> {
    let mut found = Vec::new();
    for entry in folder.read_dir_utf8().into_iter().flatten().flatten() {
        match entry.path().is_dir() {
            true => found.extend(files(entry.path())),
            false => found.push(entry.into_path()),
        }
    }
    found
}

fn serve(stream: &TcpStream, answer: Answer, dice: &mut Dice) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream).lines();
    let request = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let path = request.split(' ').nth(1).unwrap_or_default();
    let mut stream = stream;
    stream.write_all(&answer(path, dice))
}

/// The file at its own path, and this page at every other.
fn of(path: &str, page: &[u8], head_of_file: &str) -> Vec<u8> {
    match path.ends_with(FILE) {
        true => ok(CONTENT, head_of_file),
        false => ok(page, ""),
    }
}

fn page(attributes: &str) -> Vec<u8> {
    format!("<a href='/{FILE}' {attributes}>{FILE}</a>\n").into_bytes()
}

fn ok(body: &[u8], head: &str) -> Vec<u8> {
    let length = body.len();
    let mut answer = format!(
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html\r\nContent-Length: {length}\r\n{head}\r\n"
    )
    .into_bytes();
    answer.extend(body);
    answer
}

fn redirect(to: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: {to}\r\nContent-Length: 0\r\n\r\n"
    )
    .into_bytes()
}
