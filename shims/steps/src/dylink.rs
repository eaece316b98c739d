//! The section `dylink.0` of a side module: the libraries it needs and its run path, read and written.
//!
//! Source: "DynamicLinking.md" of WebAssembly's tool conventions; `getDylinkMetadata` in Emscripten's
//! `libdylink.js`.

use wasm_encoder::Encode;
use wasmparser::{BinaryReader, Dylink0Subsection, KnownCustom, Parser, Payload};

/// Number of the subsection with the names of the libraries.
const NEEDED: u8 = 2;

/// Number of the subsection with the run path.
const RUNTIME_PATH: u8 = 5;

/// What a module begins with: its magic number and version.
pub(crate) const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// The section's name.
const SECTION: &str = "dylink.0";

/// Where a module finds its libraries.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dylink {
    /// The libraries that it needs.
    pub needed: Vec<String>,
    /// The folders in which they are looked for.
    pub run_path: Vec<String>,
}

impl Dylink {
    /// What a module says.
    ///
    /// # Errors
    /// It is no side module, or damaged; the message says so.
    pub fn read(module: &[u8]) -> Result<Self, String> {
        let mut read = Self::default();
        let mut dynamic = false;
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload.map_err(|error| error.message().to_owned())?;
            let Payload::CustomSection(section) = payload else {
                continue;
            };
            if let KnownCustom::Dylink0(parts) = section.as_known() {
                dynamic = true;
                for part in parts {
                    let (to, list) = match part.map_err(|error| error.message().to_owned())? {
                        Dylink0Subsection::Needed(list) => (&mut read.needed, list),
                        Dylink0Subsection::RuntimePath(list) => (&mut read.run_path, list),
                        _ => continue,
                    };
                    to.extend(list.into_iter().map(str::to_owned));
                }
            }
        }
        dynamic
            .then_some(read)
            .ok_or_else(|| format!("it has no section {SECTION}"))
    }

    /// A module that says this, and else what it said.
    ///
    /// # Errors
    /// It is no side module, or damaged; the message says so.
    pub fn write(&self, module: &[u8]) -> Result<Vec<u8>, String> {
        let list = |texts: &[String]| strings(texts.iter().map(String::as_bytes));
        replace(
            module,
            &[
                (NEEDED, list(&self.needed)),
                (RUNTIME_PATH, list(&self.run_path)),
            ],
        )
    }
}

/// A module with this run path in the place of any other.
///
/// # Errors
/// It is no side module, or damaged; the message says so.
pub fn with_run_path(module: &[u8], paths: &[&[u8]]) -> Result<Vec<u8>, String> {
    replace(module, &[(RUNTIME_PATH, strings(paths.iter().copied()))])
}

/// A module with other subsections of these numbers.
fn replace(module: &[u8], parts: &[(u8, Vec<u8>)]) -> Result<Vec<u8>, String> {
    let sections = module.strip_prefix(HEADER).ok_or("it is not WebAssembly")?;
    let mut reader = BinaryReader::new(sections, 0);
    let broken = |error: wasmparser::BinaryReaderError| error.message().to_owned();
    let id = reader.read_u8().map_err(broken)?;
    let size = reader.read_var_u32().map_err(broken)? as usize;
    let content = reader.read_bytes(size).map_err(broken)?;
    let rest = &sections[sections.len() - reader.bytes_remaining()..];
    let mut reader = BinaryReader::new(content, 0);
    if id != 0 || reader.read_string().map_err(broken)? != SECTION {
        return Err(format!("its first section is not {SECTION}"));
    }
    let mut section = content[..content.len() - reader.bytes_remaining()].to_vec();
    while !reader.eof() {
        let start = content.len() - reader.bytes_remaining();
        let kind = reader.read_u8().map_err(broken)?;
        let size = reader.read_var_u32().map_err(broken)? as usize;
        reader.read_bytes(size).map_err(broken)?;
        if parts.iter().all(|(replaced, _)| *replaced != kind) {
            section.extend_from_slice(&content[start..content.len() - reader.bytes_remaining()]);
        }
    }
    for (kind, part) in parts {
        section.push(*kind);
        part.len().encode(&mut section);
        section.extend_from_slice(part);
    }
    let mut out = HEADER.to_vec();
    out.push(0);
    section.len().encode(&mut out);
    out.extend_from_slice(&section);
    out.extend_from_slice(rest);
    Ok(out)
}

/// A list of strings as a subsection has it.
fn strings<'t>(texts: impl ExactSizeIterator<Item = &'t [u8]>) -> Vec<u8> {
    let mut list = Vec::new();
    texts.len().encode(&mut list);
    for text in texts {
        text.len().encode(&mut list);
        list.extend_from_slice(text);
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module() -> Vec<u8> {
        // `dylink.0` with memory of 8 bytes, and an empty custom section `x` behind it.
        let mut bytes = HEADER.to_vec();
        bytes.extend(b"\0\x0f\x08dylink.0\x01\x04\x08\x02\0\0");
        bytes.extend(b"\0\x02\x01x");
        bytes
    }

    fn run_path(module: &[u8]) -> Vec<String> {
        Dylink::read(module).unwrap().run_path
    }

    #[test]
    fn a_run_path_is_written_and_replaced() {
        let long = format!("$ORIGIN/{}", "x".repeat(200));
        let once = with_run_path(&module(), &[long.as_bytes()]).unwrap();
        assert_eq!(run_path(&once), [long]);
        let again = with_run_path(&once, &[b"$ORIGIN", b"$ORIGIN/b"]).unwrap();
        assert_eq!(run_path(&again), ["$ORIGIN", "$ORIGIN/b"]);
        let none = with_run_path(&again, &[]).unwrap();
        assert_eq!(run_path(&none), [""; 0]);
        assert!(again.ends_with(b"\0\x02\x01x"));
        let sections = Parser::new(0).parse_all(&again);
        let custom = sections.filter(|one| matches!(one, Ok(Payload::CustomSection(_))));
        assert_eq!(custom.count(), 2);
    }

    #[test]
    fn libraries_get_other_names_and_memory_stays() {
        let mut said = Dylink {
            needed: vec!["liba.so".into(), "libb.so.1".into()],
            run_path: Vec::new(),
        };
        let once = said.write(&module()).unwrap();
        assert_eq!(Dylink::read(&once).unwrap(), said);
        said.needed[0] = "liba-0123.so".into();
        said.run_path.push("$ORIGIN/../p.libs".into());
        let again = said.write(&once).unwrap();
        assert_eq!(Dylink::read(&again).unwrap(), said);
        let memory = b"\x08dylink.0\x01\x04\x08\x02\0\0";
        assert!(again.windows(memory.len()).any(|part| part == memory));
    }

    #[test]
    fn what_is_no_side_module_is_refused() {
        let whole = module();
        for cut in 0..whole.len() - 4 {
            assert!(with_run_path(&whole[..cut], &[]).is_err(), "{cut}");
        }
        let plain = b"\0asm\x01\0\0\0\0\x02\x01x";
        assert!(with_run_path(plain, &[]).is_err() && Dylink::read(plain).is_err());
    }
}
