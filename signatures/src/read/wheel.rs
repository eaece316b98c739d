//! Wheels: their modules, and what they require.

use super::file::{LARGEST, ReadError, damaged, is_wasm, module};
use crate::unit::{Image, Origin, Unit};
use camino::Utf8Path;
use std::io::{Cursor, Read as _};
use zip::ZipArchive;

/// What of a wheel concerns its loading.
#[derive(Debug)]
pub struct Wheel {
    /// Its WebAssembly modules.
    pub modules: Vec<Unit>,
    /// Distributions it requires without condition, as `METADATA` names them.
    pub requires: Vec<String>,
}

/// Reads a wheel from memory.
///
/// # Errors
/// It is no zip archive, or one of its modules is damaged.
pub fn wheel(path: &Utf8Path, bytes: &[u8]) -> Result<Wheel, ReadError> {
    let broken = |why: String| damaged(path, None, why);
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(e.to_string()))?;
    let mut wheel = Wheel {
        modules: Vec::new(),
        requires: Vec::new(),
    };
    // What all members together may unpack to: modules are compressed to a third, and what
    // unpacks to a hundred times its size is made to fill memory.
    let mut left = LARGEST.min((bytes.len() as u64).saturating_mul(64) + (64 << 20));
    for index in 0..zip.len() {
        let member = zip.by_index(index).map_err(|e| broken(e.to_string()))?;
        let Ok(name) = member.name().map(std::borrow::Cow::into_owned) else {
            continue;
        };
        let metadata = name.ends_with(".dist-info/METADATA");
        if !metadata && !is_library(&name) {
            continue;
        }
        let mut content = Vec::new();
        member
            .take(left)
            .read_to_end(&mut content)
            .map_err(|e| damaged(path, Some(name.clone()), e.to_string()))?;
        left = left.saturating_sub(u64::try_from(content.len()).unwrap_or(u64::MAX));
        if left == 0 {
            return Err(broken("it unpacks to more than can be loaded".into()));
        }
        if metadata {
            wheel.requires = requires(&String::from_utf8_lossy(&content));
        } else if is_wasm(&content) {
            let origin = Origin {
                path: path.to_owned(),
                member: Some(name),
            };
            let range = 0..content.len();
            wheel
                .modules
                .push(module(origin, Image::new(content.into(), range))?);
        }
    }
    Ok(wheel)
}

/// `libx.so`, `libx.so.1`, `x.cpython-313-wasm32-emscripten.so`, `x.wasm`.
fn is_library(name: &str) -> bool {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.ends_with(".so") || file.ends_with(".wasm") || file.contains(".so.")
}

/// `Requires-Dist` fields of core metadata; those of an extra or with another condition are not
/// needed by everybody.
fn requires(metadata: &str) -> Vec<String> {
    let header = metadata.lines().take_while(|line| !line.is_empty());
    let fields = header.filter_map(|line| line.strip_prefix("Requires-Dist:"));
    let always = fields.filter(|field| !field.contains(';'));
    let name = |field: &str| {
        let field = field.trim();
        let end = field.find(|c: char| !c.is_ascii_alphanumeric() && !"-_.".contains(c));
        field[..end.unwrap_or(field.len())].to_owned()
    };
    always.map(name).collect()
}
