//! A folder served to this machine alone, as a static host would serve it.
//!
//! One request a connection, and so many threads: it is there to look at what will be published, with
//! the few files and readers that this has. The head of a request is read by `httparse`.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use wheel_build::error::WheelBuildError;

/// Most bytes of a request's head.
const HEAD: usize = 16 << 10;
/// Most headers of a request.
const HEADERS: usize = 64;
/// How many connections are answered at a time; further ones wait. Browsers open some that they do
/// not use.
const READERS: usize = 32;
/// How long a reader may take for a request, and for each part of an answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// What a file is, by the end of its name. Source: IANA's media types; modules and WebAssembly are
/// refused by browsers under any other.
const TYPES: &[(&str, &str)] = &[
    ("css", "text/css; charset=utf-8"),
    ("gif", "image/gif"),
    ("html", "text/html; charset=utf-8"),
    ("ico", "image/x-icon"),
    ("ipynb", "application/json"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("map", "application/json"),
    ("md", "text/markdown; charset=utf-8"),
    ("metadata", "text/plain; charset=utf-8"),
    ("mjs", "text/javascript; charset=utf-8"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("py", "text/x-python; charset=utf-8"),
    ("svg", "image/svg+xml"),
    ("ttf", "font/ttf"),
    ("txt", "text/plain; charset=utf-8"),
    ("wasm", "application/wasm"),
    ("webmanifest", "application/manifest+json"),
    ("woff", "font/woff"),
    ("woff2", "font/woff2"),
    ("xml", "application/xml"),
    ("zip", "application/zip"),
];

/// What any other file is.
const BYTES: &str = "application/octet-stream";

/// A server that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    /// What tells it to end, heeded from the beginning.
    signals: Signals,
    /// The folder, with no link in its path.
    root: Utf8PathBuf,
}

/// An answer to a request.
#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// A file, by its path.
    File(Utf8PathBuf),
    /// The folder's own address, which ends in a slash.
    Moved(String),
    /// Nothing: a status and what it means.
    Refused(&'static str, &'static str),
}

const BAD: Answer = Answer::Refused("400 Bad Request", "This is no request for a file.\n");
const NOT_FOUND: Answer = Answer::Refused("404 Not Found", "There is no such file.\n");
const METHOD: Answer =
    Answer::Refused("405 Method Not Allowed", "Files can be had, not changed.\n");
const MISDIRECTED: Answer = Answer::Refused(
    "421 Misdirected Request",
    "This server is for localhost and 127.0.0.1 alone.\n",
);

impl Server {
    /// Listens on a port of the loopback address; 0 is any that is free.
    ///
    /// # Errors
    /// There is no such folder, the port is in use, or the system does not let us handle signals.
    pub fn bind(folder: &Utf8Path, port: u16) -> Result<Self, WheelBuildError> {
        let root = folder
            .canonicalize_utf8()
            .map_err(WheelBuildError::io("cannot serve", folder))?;
        if !root.is_dir() {
            return Err(WheelBuildError::Message(format!(
                "{folder} is a file: name the folder it is in"
            )));
        }
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(|error| {
            WheelBuildError::Message(format!(
                "cannot listen on port {port}: {error}; choose another with --port, or 0 for a free one"
            ))
        })?;
        let signals = Signals::new([SIGINT, SIGTERM, SIGHUP])
            .map_err(WheelBuildError::io("cannot serve", folder))?;
        Ok(Self {
            listener,
            signals,
            root,
        })
    }

    /// Where it listens.
    ///
    /// # Errors
    /// The system does not say.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the process is told to end (`SIGINT`, `SIGTERM`, `SIGHUP`), also if that has come
    /// since it listens. What cannot be found is told to `report`.
    pub fn run(self, report: impl Fn(&str) + Send + Sync + 'static) {
        let Self {
            listener,
            mut signals,
            root,
        } = self;
        let shared = Arc::new((listener, root, report));
        for _ in 0..READERS {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || {
                let (listener, root, report) = &*shared;
                loop {
                    match listener.accept() {
                        // Whoever breaks a connection has what they want.
                        Ok((stream, _)) => drop(serve(&stream, root, report)),
                        // No more files may be opened, for now.
                        Err(_) => std::thread::sleep(Duration::from_millis(50)),
                    }
                }
            });
        }
        signals.forever().next();
    }
}

/// Answers the one request of a connection.
fn serve(mut stream: &TcpStream, root: &Utf8Path, report: &dyn Fn(&str)) -> io::Result<()> {
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let head = read_head(stream)?;
    if head.is_empty() {
        return Ok(());
    }
    let (answer, asked, whole) = answer(&head, root);
    let (status, kind, mut body): (_, _, Box<dyn io::Read>);
    let (length, mut location) = match &answer {
        Answer::File(path) => {
            let file = File::open(path)?;
            let length = file.metadata()?.len();
            (status, kind, body) = ("200 OK", media_type(path), Box::new(file.take(length)));
            (length, String::new())
        }
        Answer::Moved(to) => {
            (status, kind, body) = ("301 Moved Permanently", "text/plain", Box::new(io::empty()));
            (0, format!("Location: {to}\r\n"))
        }
        Answer::Refused(code, why) => {
            report(&format!("{code}: {asked}"));
            (status, kind, body) = (*code, "text/plain", Box::new(why.as_bytes()));
            (why.len() as u64, String::new())
        }
    };
    if answer == METHOD {
        location = "Allow: GET, HEAD\r\n".to_owned();
    }
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{location}\
         Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(head.as_bytes())?;
    if whole {
        io::copy(&mut body, &mut stream)?;
    }
    stream.flush()
}

/// Reads up to the end of a request's head; what is too long or broken off is cut.
fn read_head(mut stream: &TcpStream) -> io::Result<Vec<u8>> {
    let mut head = Vec::new();
    let mut part = [0; 2048];
    while head.len() < HEAD && !head.windows(4).any(|four| four == b"\r\n\r\n") {
        match stream.read(&mut part)? {
            0 => break,
            read => head.extend_from_slice(&part[..read]),
        }
    }
    Ok(head)
}

/// The answer to a request, what it asks for, and whether the body is wanted.
fn answer(head: &[u8], root: &Utf8Path) -> (Answer, String, bool) {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    if !request.parse(head).is_ok_and(|parsed| parsed.is_complete()) {
        return (BAD, "a request that is none".to_owned(), true);
    }
    let (method, target) = (
        request.method.unwrap_or_default(),
        request.path.unwrap_or_default(),
    );
    let asked = format!("{method} {target}");
    let mut hosts = request.headers.iter();
    let host = hosts.find(|header| header.name.eq_ignore_ascii_case("host"));
    // A page of elsewhere whose name leads here must not read what is served.
    let is_ours = host.is_some_and(|host| is_loopback(host.value));
    let answer = match method {
        _ if !is_ours => MISDIRECTED,
        "GET" | "HEAD" => find(target, root),
        _ => METHOD,
    };
    (answer, asked, method != "HEAD")
}

/// Whether a `Host` header names this machine as it names itself.
fn is_loopback(host: &[u8]) -> bool {
    let Ok(host) = std::str::from_utf8(host) else {
        return false;
    };
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _ => host,
    };
    ["localhost", "127.0.0.1"].contains(&name.to_ascii_lowercase().as_str())
}

/// The file that a request's target names.
fn find(target: &str, root: &Utf8Path) -> Answer {
    let end = target.find(['?', '#']).unwrap_or(target.len());
    let (path, query) = target.split_at(end);
    let Some(below) = path.strip_prefix('/') else {
        return BAD;
    };
    let mut names: Vec<&str> = below.split('/').collect();
    let is_folder = names.last().is_some_and(|last| last.is_empty());
    if is_folder {
        names.pop();
    }
    let mut file = root.to_owned();
    for name in names {
        let Some(name) = decoded(name) else {
            return BAD;
        };
        // No name of a file; `.` and `..` would lead elsewhere, an empty one to another address.
        if matches!(name.as_str(), "" | "." | "..") || name.contains(['/', '\\', '\0']) {
            return NOT_FOUND;
        }
        file.push(name);
    }
    // Links are followed, but not out of the folder.
    let Some(file) = file
        .canonicalize_utf8()
        .ok()
        .filter(|f| f.starts_with(root))
    else {
        return NOT_FOUND;
    };
    match (file.is_dir(), is_folder) {
        (true, true) => match file.join("index.html").canonicalize_utf8() {
            Ok(index) if index.starts_with(root) && index.is_file() => Answer::File(index),
            _ => NOT_FOUND,
        },
        (true, false) => Answer::Moved(format!("{path}/{query}")),
        (false, false) if file.is_file() => Answer::File(file),
        (false, _) => NOT_FOUND,
    }
}

/// A part of a path without its percent-encoding.
fn decoded(part: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let (high, low) = (digit()?, digit()?);
        bytes.push(u8::try_from(high * 16 + low).ok()?);
    }
    String::from_utf8(bytes).ok()
}

fn media_type(path: &Utf8Path) -> &'static str {
    let end = path.extension().unwrap_or_default().to_ascii_lowercase();
    let row = TYPES.iter().find(|(known, _)| *known == end);
    row.map_or(BYTES, |(_, media)| media)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    /// A folder to serve, and a secret beside it.
    fn folder() -> (tempfile::TempDir, Utf8PathBuf) {
        let temp = tempfile::tempdir().unwrap();
        let base = Utf8Path::from_path(temp.path()).unwrap();
        let root = base.canonicalize_utf8().unwrap().join("site");
        fs::create_dir_all(root.join("sub dir")).unwrap();
        for (name, text) in [
            ("index.html", "<p>top"),
            ("a+b.whl", "wheel"),
            ("sub dir/index.html", "<p>sub"),
            ("../secret", "secret"),
        ] {
            fs::write(root.join(name), text).unwrap();
        }
        std::os::unix::fs::symlink("../secret", root.join("out")).unwrap();
        std::os::unix::fs::symlink("index.html", root.join("in.html")).unwrap();
        (temp, root)
    }

    #[test]
    fn targets_lead_to_files_of_the_folder_alone() {
        let (_temp, root) = folder();
        let file = |name: &str| Answer::File(root.join(name));
        for (target, answer) in [
            ("/", file("index.html")),
            ("/?x=1", file("index.html")),
            ("/index.html", file("index.html")),
            ("/in.html", file("index.html")),
            ("/a+b.whl", file("a+b.whl")),
            ("/a%2Bb.whl", file("a+b.whl")),
            ("/sub%20dir/", file("sub dir/index.html")),
            ("/sub%20dir?q", Answer::Moved("/sub%20dir/?q".into())),
            ("/none", NOT_FOUND),
            ("/index.html/", NOT_FOUND),
            ("/../secret", NOT_FOUND),
            ("/%2e%2e/secret", NOT_FOUND),
            ("/..%2fsecret", NOT_FOUND),
            ("/sub%20dir/../../secret", NOT_FOUND),
            ("/..\\secret", NOT_FOUND),
            ("/out", NOT_FOUND),
            ("//sub%20dir", NOT_FOUND),
            ("/./index.html", NOT_FOUND),
            ("/x%00", NOT_FOUND),
            ("/%", BAD),
            ("/%zz", BAD),
            ("/%ff", BAD),
            ("index.html", BAD),
            ("http://localhost/index.html", BAD),
        ] {
            assert_eq!(find(target, &root), answer, "{target}");
        }
    }

    #[test]
    fn requests_are_for_this_machine_and_for_files() {
        let (_temp, root) = folder();
        let status = |head: &str| match answer(head.as_bytes(), &root).0 {
            Answer::Refused(status, _) => &status[..3],
            Answer::Moved(_) => "301",
            Answer::File(_) => "200",
        };
        for (head, expected) in [
            ("GET / HTTP/1.1\r\nHost: localhost:80\r\n\r\n", "200"),
            ("HEAD / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n", "200"),
            ("POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", "405"),
            ("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n", "421"),
            (
                "GET / HTTP/1.1\r\nHost: localhost.example.org\r\n\r\n",
                "421",
            ),
            ("GET / HTTP/1.1\r\n\r\n", "421"),
            ("GET / HTTP/1.1\r\nHost: localhost\r\n", "400"),
            ("nonsense\r\n\r\n", "400"),
        ] {
            assert_eq!(status(head), expected, "{head}");
        }
    }

    #[test]
    fn what_browsers_insist_on_is_named_so() {
        for (file, media) in [
            ("pyodide.asm.wasm", "application/wasm"),
            ("pyodide.MJS", "text/javascript; charset=utf-8"),
            ("a-1-py3-none-any.whl", BYTES),
            ("a.whl.metadata", "text/plain; charset=utf-8"),
            ("README", BYTES),
        ] {
            assert_eq!(media_type(Utf8Path::new(file)), media);
        }
        assert!(TYPES.is_sorted());
    }
}
