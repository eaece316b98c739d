//! `emshim serve`, as browsers, others and signals meet it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use emshim_tests::published::Serving;
use emshim_tests::real::{Folder, assert_says, run};
use rustix::process::Signal;

/// What a server answers to bytes.
fn answer(server: &Serving, request: &str) -> String {
    let mut stream = TcpStream::connect(server.socket()).expect("a connection");
    stream
        .write_all(request.as_bytes())
        .expect("a sent request");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

fn get(server: &Serving, target: &str) -> String {
    answer(
        server,
        &format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n"),
    )
}

#[test]
fn files_are_served_as_what_they_are_and_nothing_else_is() {
    let folder = Folder::new();
    folder.file("site/index.html", "<p>top");
    folder.file("site/sub/module.mjs", "export {};");
    folder.file("secret", "the secret");
    let server = Serving::begin(&folder.path().join("site"));
    let top = get(&server, "/");
    assert_says(
        &top,
        &[
            "200 OK",
            "text/html; charset=utf-8",
            "Content-Length: 6",
            "\r\n\r\n<p>top",
        ],
    );
    assert_says(
        &get(&server, "/sub/module.mjs?x"),
        &["200 OK", "text/javascript", "export {};"],
    );
    assert_says(&get(&server, "/sub"), &["301 Moved", "Location: /sub/\r\n"]);
    for outside in [
        "/../secret",
        "/%2e%2e/secret",
        "/sub/../../secret",
        "//secret",
        "/..%5csecret",
    ] {
        let refused = get(&server, outside);
        assert!(refused.starts_with("HTTP/1.1 404"), "{outside}: {refused}");
        assert!(!refused.contains("the secret"));
    }
    let head = answer(&server, "HEAD / HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n");
    assert!(
        head.contains("Content-Length: 6") && head.ends_with("\r\n\r\n"),
        "{head}"
    );
    let foreign = answer(&server, "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
    assert!(foreign.starts_with("HTTP/1.1 421"), "{foreign}");
    assert!(answer(&server, "no request\r\n\r\n").starts_with("HTTP/1.1 400"));
    assert!(
        answer(&server, "PUT / HTTP/1.1\r\nHost: localhost\r\n\r\n").contains("Allow: GET, HEAD")
    );
}

#[test]
fn connections_that_say_nothing_keep_nobody_waiting() {
    let folder = Folder::new();
    folder.file("index.html", "<p>top");
    let server = Serving::begin(folder.path());
    let silent: Vec<_> = (0..8)
        .map(|_| TcpStream::connect(server.socket()))
        .collect();
    assert!(silent.iter().all(Result::is_ok));
    assert_says(&get(&server, "/"), &["200 OK"]);
}

#[test]
fn it_ends_when_it_is_told_to() {
    let folder = Folder::new();
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut server = Serving::begin(folder.path());
        let open = TcpStream::connect(server.socket()).expect("a connection");
        assert!(server.end_by(signal).success(), "{signal:?}");
        drop(open);
    }
}

#[test]
fn what_cannot_be_served_is_said() {
    let folder = Folder::new();
    let file = folder.file("file", "");
    let server = Serving::begin(folder.path());
    let port = server.socket().rsplit(':').next().expect("a port");
    for (words, says) in [
        (
            ["serve", folder.path().as_str(), "--port", port],
            ["in use", "--port"],
        ),
        (
            ["serve", file.as_str(), "--port", "0"],
            [file.as_str(), "is a file"],
        ),
        (
            ["serve", "no-such-folder", "--port", "0"],
            ["no-such-folder", "No such file"],
        ),
    ] {
        let refused = run(&words);
        assert_eq!(refused.status, 1);
        assert_says(&refused.stderr, &says);
    }
}
