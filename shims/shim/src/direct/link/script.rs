//! The JavaScript of a program in one file, with a place for its code.
//!
//! emcc's is kept by all that it follows from: the settings, the toolchain, and what emcc sees of the
//! code ([`super::facts`]). It is kept only if what emcc made is exactly that text around the code that
//! its own commands have made here.

use super::facts;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use camino::Utf8Path;
use disk::DiskCache;
use memchr::memmem;
use serde::{Deserialize, Serialize};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use toolcall::shim_folder;

/// A file for whoever the umask allows, which its owner may run.
const MODE: u32 = 0o766;
/// The bit of a file's mode that says the latter.
const OWNER_RUNS: u32 = 0o100;

/// How code is written in JavaScript. Source: `base64_encode` and `binary_encode` of `tools/link.py`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Encoding {
    /// As base64.
    Base64,
    /// As a string with a character for each byte.
    Characters,
}

impl Encoding {
    const ALL: [Self; 2] = [Self::Base64, Self::Characters];

    fn encode(self, code: &[u8]) -> Vec<u8> {
        match self {
            Self::Base64 => STANDARD.encode(code).into_bytes(),
            Self::Characters => characters(code).into_bytes(),
        }
    }
}

/// A JavaScript string, in the quotes that need less escaping.
fn characters(code: &[u8]) -> String {
    let count = |quote: char| {
        code.iter()
            .filter(|byte| char::from(**byte) == quote)
            .count()
    };
    let quote = match count('\'') < count('"') {
        true => '\'',
        false => '"',
    };
    let mut text = String::with_capacity(code.len() * 3 / 2);
    text.push(quote);
    for byte in code {
        match char::from(*byte) {
            '\r' => text.push_str("\\r"),
            '\n' => text.push_str("\\n"),
            special if special == quote || special == '\\' => text.extend(['\\', special]),
            plain => text.push(plain),
        }
    }
    text.push(quote);
    text
}

/// What stands around the code.
#[derive(Debug, Serialize, Deserialize)]
struct Template {
    encoding: Encoding,
    before: String,
    after: String,
}

/// A program in the making.
#[derive(Debug)]
pub struct Script {
    cache: DiskCache,
    /// What its JavaScript follows from besides its code.
    settings: String,
    /// What was seen of its code, after each command that changed it.
    facts: blake3::Hasher,
    code: PathBuf,
    output: PathBuf,
}

impl Script {
    pub(super) fn new(
        shim_dir: &Utf8Path,
        settings: String,
        code: PathBuf,
        output: PathBuf,
    ) -> Self {
        Self {
            cache: DiskCache::new(shim_dir.join(shim_folder::PROGRAMS)),
            settings,
            facts: blake3::Hasher::new(),
            code,
            output,
        }
    }

    /// Looks at the code as it is now. Whether emcc would look at nothing else.
    pub(super) fn look(&mut self, code: &[u8]) -> bool {
        let facts = facts::read(code);
        self.facts
            .update(facts.as_deref().unwrap_or_default().as_bytes());
        self.facts.update(b"\n\0");
        facts.is_some()
    }

    /// Writes the program, if the JavaScript for it is known. Whether it was.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self) -> std::io::Result<bool> {
        let names = [None, self.name()];
        let kept = names.into_iter().find_map(|name| {
            let kept = self.cache.read(&self.key(name))?;
            serde_json::from_slice::<Template>(&kept).ok()
        });
        let Some(template) = kept else {
            return Ok(false);
        };
        let code = template.encoding.encode(&fs::read(&self.code)?);
        let text = [template.before.as_bytes(), &code, template.after.as_bytes()].concat();
        disk::whole::replace(&self.output, MODE, &text)?;
        let mode = self.output.metadata()?.permissions().mode();
        if mode & OWNER_RUNS == 0 {
            fs::set_permissions(&self.output, Permissions::from_mode(mode | OWNER_RUNS))?;
        }
        Ok(true)
    }

    /// Keeps the JavaScript that emcc has made for it, if it is as is thought here.
    pub fn learn(&self) {
        // What cannot be kept is made by emcc again.
        let _ = self.keep();
    }

    fn keep(&self) -> Option<()> {
        let text = fs::read(&self.output).ok()?;
        let code = fs::read(&self.code).ok()?;
        let runs = self.output.metadata().ok()?.permissions().mode() & OWNER_RUNS != 0;
        let (encoding, start, end) = Encoding::ALL.into_iter().find_map(|encoding| {
            let code = encoding.encode(&code);
            let mut places = memmem::find_iter(&text, &code);
            let start = places.next()?;
            (places.next().is_none() && runs).then_some((encoding, start, start + code.len()))
        })?;
        let text_of = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).ok();
        let template = Template {
            encoding,
            before: text_of(&text[..start])?,
            after: text_of(&text[end..])?,
        };
        let named = self.name().filter(|name| {
            let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
            let told = |text: &str| text.contains(name);
            !name.bytes().all(plain) || told(&template.before) || told(&template.after)
        });
        let template = serde_json::to_vec(&template).ok()?;
        self.cache.keep(&self.key(named), &template).ok()
    }

    /// The output's name without its suffix, which emcc may write into JavaScript.
    fn name(&self) -> Option<&str> {
        Path::new(self.output.file_name()?).file_stem()?.to_str()
    }

    fn key(&self, name: Option<&str>) -> String {
        let mut hasher = self.facts.clone();
        hasher.update(self.settings.as_bytes());
        hasher.update(format!("{name:?}").as_bytes());
        hasher.finalize().to_hex()[..32].to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_written_as_emcc_writes_it() {
        // What Emscripten 6.0.5's `binary_encode` gives for these bytes.
        assert_eq!(
            characters(b"\0a\r\n\\\"'\x80\xff"),
            "\"\0a\\r\\n\\\\\\\"'\u{80}\u{ff}\""
        );
        assert_eq!(characters(b"\"\"'"), "'\"\"\\''");
    }

    fn folder_with_code() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let code = folder.path().join("code.wasm");
        fs::write(&code, b"\0asm\x01\0\0\0").unwrap();
        (folder, code)
    }

    #[test]
    fn a_script_is_known_by_what_it_follows_from() {
        let (folder, code) = folder_with_code();
        let dir = Utf8Path::from_path(folder.path()).unwrap();
        let script = |settings: &str, output: &str| {
            let output = dir.join(output).into_std_path_buf();
            let mut script = Script::new(dir, settings.to_owned(), code.clone(), output);
            assert!(script.look(&fs::read(&code).unwrap()));
            script
        };
        let made = script("-O0", "conftest");
        assert!(!made.write().unwrap());
        let text = |code: &str| format!("#!/usr/bin/node\nvar code = '{code}';\n");
        fs::write(&made.output, text("AGFzbQEAAAA=")).unwrap();
        made.learn();
        assert!(!made.write().unwrap(), "it is no program");
        fs::set_permissions(&made.output, Permissions::from_mode(0o744)).unwrap();
        made.learn();
        fs::write(&code, b"\0asm\x01\0\0\0\0\x02\x01x").unwrap();
        let other = script("-O0", "other");
        assert!(other.write().unwrap());
        let written = fs::read_to_string(&other.output).unwrap();
        assert_eq!(written, text("AGFzbQEAAAAAAgF4"));
        let mode = other.output.metadata().unwrap().permissions().mode();
        assert_eq!(mode & OWNER_RUNS, OWNER_RUNS);
        assert!(!script("-O1", "conftest").write().unwrap());
    }

    #[test]
    fn a_script_that_tells_its_name_is_for_that_name() {
        let (folder, code) = folder_with_code();
        let dir = Utf8Path::from_path(folder.path()).unwrap();
        let script = |output: &str| {
            let output = dir.join(output).into_std_path_buf();
            Script::new(dir, String::new(), code.clone(), output)
        };
        let made = script("prog.exe");
        fs::write(&made.output, "var name = 'prog', code = 'AGFzbQEAAAA=';").unwrap();
        fs::set_permissions(&made.output, Permissions::from_mode(0o744)).unwrap();
        made.learn();
        assert!(script("prog.exe").write().unwrap());
        assert!(!script("other.exe").write().unwrap());
    }
}
