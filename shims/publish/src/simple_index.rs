//! A simple index of wheels as static files: PEP 503 as HTML, which static hosts serve and micropip and
//! pip read, and PEP 691 as JSON beside it. Metadata lies beside the wheels (PEP 658), so that nobody
//! downloads a wheel to learn what it needs.
//!
//! Addresses are relative: the folder works wherever it is put. micropip does not resolve those of
//! JSON, so a server must not choose that for it.

use std::fmt::Write as _;

use pyodide_wheel::describe::Described;
use serde_json::json;
use wheel_build::error::WheelBuildError;

use crate::draft::Draft;

/// The folder of the index.
pub const FOLDER: &str = "simple";

/// The version of the API that is spoken (PEP 629, PEP 691).
const API: &str = "1.0";

/// Writes the index of wheels that lie in the draft's own folder.
///
/// # Errors
/// A file cannot be written.
pub fn write(draft: &mut Draft, packages: &[Described]) -> Result<(), WheelBuildError> {
    let names: Vec<&str> = packages.iter().map(|one| one.name.as_str()).collect();
    let links = names
        .iter()
        .map(|name| format!("<a href=\"{name}/\">{name}</a><br>\n"));
    draft.add(
        &format!("{FOLDER}/index.html"),
        html("Simple index", &links.collect::<String>()).as_bytes(),
    )?;
    let projects: Vec<_> = names.iter().map(|name| json!({ "name": name })).collect();
    let root = json!({ "meta": { "api-version": API }, "projects": projects });
    draft.add(&format!("{FOLDER}/index.json"), text(&root).as_bytes())?;
    for package in packages {
        let folder = format!("{FOLDER}/{}", package.name);
        let title = format!("Links for {}", package.name);
        draft.add(
            &format!("{folder}/index.html"),
            html(&title, &link(package)).as_bytes(),
        )?;
        let project = json!({
            "meta": { "api-version": API },
            "name": package.name,
            "files": [file(package)],
        });
        draft.add(&format!("{folder}/index.json"), text(&project).as_bytes())?;
        draft.add(&format!("{}.metadata", package.file()), &package.metadata)?;
    }
    Ok(())
}

fn html(title: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"pypi:repository-version\" content=\"{API}\">\n<title>{title}</title>\n</head>\n\
         <body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n"
    )
}

fn text(value: &serde_json::Value) -> String {
    format!("{value:#}\n")
}

/// The line of a project's page for its wheel.
fn link(package: &Described) -> String {
    let metadata = format!("sha256={}", package.metadata_sha256());
    let requires = package.requires_python.as_deref();
    let requires = requires.map(|python| format!(" data-requires-python=\"{}\"", escaped(python)));
    format!(
        "<a href=\"{}#sha256={}\"{} data-core-metadata=\"{metadata}\" \
         data-dist-info-metadata=\"{metadata}\">{}</a><br>\n",
        url(package),
        package.sha256(),
        requires.unwrap_or_default(),
        escaped(package.file()),
    )
}

/// The same as JSON.
fn file(package: &Described) -> serde_json::Value {
    let metadata = json!({ "sha256": package.metadata_sha256() });
    let mut file = json!({
        "filename": package.file(),
        "url": url(package),
        "hashes": { "sha256": package.sha256() },
        "size": package.bytes.len(),
        "core-metadata": metadata,
        "dist-info-metadata": metadata,
    });
    if let Some(python) = &package.requires_python {
        file["requires-python"] = json!(python);
    }
    file
}

/// The wheel's address, seen from its project's page.
fn url(package: &Described) -> String {
    let mut url = "../../".to_owned();
    for byte in package.file().bytes() {
        match byte {
            b'-' | b'_' | b'.' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => url.push(byte.into()),
            // A `+`, which some servers take for a space.
            other => {
                let _ = write!(url, "%{other:02X}");
            }
        }
    }
    url
}

/// Text in HTML.
#[must_use]
pub fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '&' => "&amp;".to_owned(),
        '<' => "&lt;".to_owned(),
        '>' => "&gt;".to_owned(),
        '"' => "&quot;".to_owned(),
        other => other.to_string(),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_relative_and_have_what_installers_ask_for() {
        let one = Described {
            path: "/x/a_b-1+local-py3-none-any.whl".into(),
            name: "a-b".into(),
            version: "1+local".into(),
            requires_python: Some(">=3.9,<4".into()),
            depends: Vec::new(),
            imports: Vec::new(),
            metadata: b"Name: a_b\n".to_vec(),
            bytes: b"abc".to_vec(),
        };
        let line = link(&one);
        let url = format!(
            "../../a_b-1%2Blocal-py3-none-any.whl#sha256={}",
            one.sha256()
        );
        assert!(line.starts_with(&format!("<a href=\"{url}\"")));
        assert!(line.contains("data-requires-python=\"&gt;=3.9,&lt;4\""));
        assert!(line.ends_with(">a_b-1+local-py3-none-any.whl</a><br>\n"));
        let file = file(&one);
        assert_eq!(file["requires-python"], ">=3.9,<4");
        assert_eq!(file["size"], 3);
        assert_eq!(
            format!(
                "sha256={}",
                file["core-metadata"]["sha256"].as_str().unwrap()
            ),
            line.split("data-core-metadata=\"").nth(1).unwrap()[..71]
        );
    }
}
