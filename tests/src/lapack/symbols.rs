//! What is in the static libraries of a build.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

/// A static library.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Archive {
    /// Names of its objects. `dgemm.f.o` was compiled from `dgemm.f`.
    pub members: BTreeSet<String>,
    /// Symbols its objects define.
    pub defined: BTreeSet<String>,
    /// Symbols its objects want, whether another of them defines it or not.
    pub wanted: BTreeSet<String>,
}

impl Archive {
    /// Reads what `ar t` prints, a member a line, and `nm -A`, `libx.a:member: [address] kind
    /// symbol`. A member without symbols, as a module of constants is, is in the first alone.
    fn read(members: &str, symbols: &str) -> Self {
        let mut archive = Self {
            members: members.lines().map(str::to_owned).collect(),
            ..Self::default()
        };
        for line in symbols.lines() {
            let Some((_, symbol)) = line.split_once(": ") else {
                continue;
            };
            let mut words = symbol.split_whitespace().rev();
            let (name, kind) = (words.next(), words.next());
            let set = match kind {
                Some("U" | "w" | "v") => &mut archive.wanted,
                _ => &mut archive.defined,
            };
            set.extend(name.map(str::to_owned));
        }
        archive
    }
}

/// The static libraries in a folder by file name, read by emshim's `ar` and `nm`, which know the
/// machine's objects too.
///
/// # Errors
/// The folder cannot be read, or a tool fails.
pub(crate) fn archives(
    emshim: &Utf8Path,
    folder: &Utf8Path,
) -> Result<BTreeMap<String, Archive>, String> {
    let unreadable = |e: std::io::Error| format!("cannot read {folder}: {e}");
    let mut archives = BTreeMap::new();
    for entry in folder.read_dir_utf8().map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        if entry.path().extension() == Some("a") {
            let name = entry.file_name().to_owned();
            archives.insert(name, archive(emshim, entry.path())?);
        }
    }
    Ok(archives)
}

/// One static library.
///
/// # Errors
/// A tool fails.
pub(crate) fn archive(emshim: &Utf8Path, file: &Utf8Path) -> Result<Archive, String> {
    let say = |tool: &str, switch: &str| {
        let words = ["exec", "--", tool, switch, file.as_str()];
        let text = duct::cmd(emshim.as_str(), words).stderr_null().read();
        text.map_err(|e| format!("{tool} {file}: {e}"))
    };
    Ok(Archive::read(&say("ar", "t")?, &say("nm", "-A")?))
}

/// Fortran's external names that neither a library nor Fortran's runtime defines: an intrinsic that
/// was taken for a procedure, most likely. Fortran's names end with an underscore, those of the C
/// library do not.
pub(crate) fn unresolved<'a>(
    archives: &'a BTreeMap<String, Archive>,
    runtime: &'a Archive,
) -> Vec<&'a str> {
    let all = archives.values().chain([runtime]);
    let defined: BTreeSet<&String> = all.flat_map(|archive| &archive.defined).collect();
    let wanted = archives.values().flat_map(|a| &a.wanted);
    let mut names: Vec<&str> = wanted
        .filter(|name| name.ends_with('_') && !defined.contains(name))
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_intrinsic_taken_for_a_procedure_shows() {
        let text = "/b/libx.a:dgemm.f.o: 00000001 T dgemm_\n\
                    /b/libx.a:dgemm.f.o:          U xerbla_\n\
                    /b/libx.a:dgemm.f.o:          U epsilon_\n\
                    /b/libx.a:dgemm.f.o:          U etime_\n\
                    /b/libx.a:dgemm.f.o:          U sqrt\n\
                    /b/libx.a:xerbla.f.o: -------- T xerbla_\n";
        let archive = Archive::read("dgemm.f.o\nempty.f90.o\nxerbla.f.o\n", text);
        assert_eq!(
            archive.members.iter().collect::<Vec<_>>(),
            ["dgemm.f.o", "empty.f90.o", "xerbla.f.o"]
        );
        let archives = BTreeMap::from([("libx.a".to_owned(), archive)]);
        let runtime = Archive::read("", "/r/libgfortran.a:etime_.o: -------- T etime_\n");
        assert_eq!(unresolved(&archives, &runtime), ["epsilon_"]);
    }
}
