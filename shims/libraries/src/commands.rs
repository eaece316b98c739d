//! The commands that build a library, by its build system. Pure.

use camino::{Utf8Path, Utf8PathBuf};

use crate::recipe::{Build, System};

/// Where a build takes place.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The unpacked source.
    pub source: &'a Utf8Path,
    /// A folder for the build, beside it.
    pub build: &'a Utf8Path,
    /// Where the library will be found: what configure is told.
    pub prefix: &'a Utf8Path,
    /// The folder that stands for `/` while it is installed.
    pub destination: &'a Utf8Path,
}

/// A command, with the folder it runs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// What it does, in a word.
    pub step: &'static str,
    /// The folder it runs in.
    pub folder: Utf8PathBuf,
    /// The program and its arguments.
    pub words: Vec<String>,
    /// Its variables.
    pub variables: Vec<(String, String)>,
}

/// By which a library's makefiles and options name where it will be found.
const PREFIX: &str = "@PREFIX@";

/// The triplet that configure is told.
const HOST: &str = "wasm32-unknown-emscripten";

/// The programs of the Python environment that a build system needs.
#[must_use]
pub fn needs(system: System) -> &'static [&'static str] {
    match system {
        System::Cmake => &["cmake", "ninja"],
        System::Meson => &["meson", "ninja"],
        System::Autoconf | System::Configure | System::Make => &[],
    }
}

/// The commands, in order; the last installs.
#[must_use]
pub fn commands(build: &Build, places: Places, jobs: usize) -> Vec<Command> {
    let mut all = once(build, places, jobs);
    for (number, options) in build.again.iter().enumerate() {
        let folder = places.build.join(format!("again-{}", number + 1));
        let mut other = build.clone();
        other.options.extend_from_slice(options);
        let places = Places {
            build: &folder,
            ..places
        };
        all.extend(once(&other, places, jobs));
    }
    all
}

fn once(build: &Build, places: Places, jobs: usize) -> Vec<Command> {
    let Places {
        source,
        build: folder,
        prefix,
        destination,
    } = places;
    let options: Vec<String> = build
        .options
        .iter()
        .map(|option| option.replace(PREFIX, prefix.as_str()))
        .collect();
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    let flags = build.flags.join(" ");
    let jobs = format!("-j{jobs}");
    let shared = if build.shared { "ON" } else { "OFF" };
    let step = |step, words: Vec<String>| Command {
        step,
        folder: folder.to_owned(),
        words,
        variables: ["CFLAGS", "CXXFLAGS", "FFLAGS", "FCFLAGS"]
            .iter()
            .filter(|_| !flags.is_empty())
            .map(|name| ((*name).to_owned(), flags.clone()))
            .collect(),
    };
    let words = |first: &[&str], more: &[&str]| -> Vec<String> {
        first
            .iter()
            .chain(more)
            .map(|word| (*word).to_owned())
            .collect()
    };
    let install_prefix = format!("--prefix={prefix}");
    let to = format!("DESTDIR={destination}");
    let targets: Vec<&str> = build.targets.iter().map(String::as_str).collect();
    let make = ["make", "-C", folder.as_str()];
    let make_all = |more: &[&str]| step("make", words(&[&make[..], &[&jobs]].concat(), more));
    match build.system {
        System::Autoconf | System::Configure => {
            let host = format!("--host={HOST}");
            let configure = source.join("configure");
            let kinds = if build.shared {
                ["--enable-shared", "--disable-static"]
            } else {
                ["--disable-shared", "--enable-static"]
            };
            let mut first = vec![configure.as_str(), &install_prefix];
            if build.system == System::Autoconf {
                first.push(host.as_str());
                first.extend(kinds);
            }
            vec![
                step("configure", words(&first, &options)),
                make_all(&targets),
                step("install", words(&make, &["install", &to])),
            ]
        }
        System::Cmake => {
            let definitions = [
                "-DCMAKE_BUILD_TYPE=Release".to_owned(),
                format!("-DCMAKE_INSTALL_PREFIX={prefix}"),
                // With its type: some projects declare it a path, and CMake then takes what has none for
                // one in the build folder.
                "-DCMAKE_INSTALL_LIBDIR:STRING=lib".to_owned(),
                format!("-DBUILD_SHARED_LIBS={shared}"),
                // CMake 4 refuses projects that name no newer one, on any machine.
                "-DCMAKE_POLICY_VERSION_MINIMUM=3.5".to_owned(),
            ];
            let definitions: Vec<&str> = definitions.iter().map(String::as_str).collect();
            let first = [
                "cmake",
                "-S",
                source.as_str(),
                "-B",
                folder.as_str(),
                "-GNinja",
            ];
            let build_folder = ["cmake", "--build", folder.as_str(), &jobs];
            let mut install = step(
                "install",
                words(&["cmake", "--install", folder.as_str()], &[]),
            );
            install
                .variables
                .push(("DESTDIR".to_owned(), destination.to_string()));
            let mut compile = words(&build_folder, &[]);
            if !targets.is_empty() {
                compile.extend(words(&["--target"], &targets));
            }
            vec![
                step(
                    "configure",
                    words(&[&first[..], &definitions].concat(), &options),
                ),
                step("build", compile),
                install,
            ]
        }
        System::Meson => {
            let kind = if build.shared { "shared" } else { "static" };
            let kind = format!("-Ddefault_library={kind}");
            let first = [
                "meson",
                "setup",
                folder.as_str(),
                source.as_str(),
                &install_prefix,
                "--libdir=lib",
                "--buildtype=release",
                "--wrap-mode=nodownload",
                &kind,
            ];
            let to = format!("--destdir={destination}");
            vec![
                step("configure", words(&first, &options)),
                step(
                    "build",
                    words(
                        &["meson", "compile", "-C", folder.as_str(), &jobs],
                        &targets,
                    ),
                ),
                step(
                    "install",
                    words(&["meson", "install", "-C", folder.as_str(), &to], &[]),
                ),
            ]
        }
        System::Make => {
            let prefix = format!("PREFIX={prefix}");
            let make = ["make", "-C", source.as_str()];
            let settings = [&options[..], &[&prefix]].concat();
            vec![
                step(
                    "make",
                    words(&[&make[..], &[&jobs], &targets].concat(), &settings),
                ),
                step(
                    "install",
                    words(&[&make[..], &["install", &to]].concat(), &settings),
                ),
            ]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(build: &Build) -> String {
        let places = Places {
            source: "/s".into(),
            build: "/b".into(),
            prefix: "/p".into(),
            destination: "/d".into(),
        };
        let line = |command: &Command| {
            let variables = command.variables.iter();
            let variables: String = variables.map(|(n, v)| format!("{n}={v} ")).collect();
            format!("{variables}{}\n", command.words.join(" "))
        };
        commands(build, places, 2).iter().map(line).collect()
    }

    fn build(system: System) -> Build {
        Build {
            system,
            options: vec!["X=@PREFIX@".into()],
            ..Build::default()
        }
    }

    #[test]
    fn each_build_system_has_its_own_words() {
        assert_eq!(
            lines(&build(System::Autoconf)),
            "/s/configure --prefix=/p --host=wasm32-unknown-emscripten --disable-shared \
             --enable-static X=/p\nmake -C /b -j2\nmake -C /b install DESTDIR=/d\n"
        );
        assert_eq!(
            lines(&build(System::Make)),
            "make -C /s -j2 X=/p PREFIX=/p\nmake -C /s install DESTDIR=/d X=/p PREFIX=/p\n"
        );
        let cmake = lines(&build(System::Cmake));
        assert!(cmake.contains("-DCMAKE_INSTALL_PREFIX=/p"), "{cmake}");
        assert!(
            cmake.ends_with("DESTDIR=/d cmake --install /b\n"),
            "{cmake}"
        );
        let meson = lines(&build(System::Meson));
        assert!(meson.contains("-Ddefault_library=static X=/p"), "{meson}");
    }

    #[test]
    fn another_build_of_the_source_has_a_folder_of_its_own() {
        let text = lines(&Build {
            again: vec![vec!["--enable-single".into()]],
            ..build(System::Autoconf)
        });
        let (first, second) = text.split_at(text.len() / 2);
        assert!(!first.contains("--enable-single"), "{text}");
        assert!(second.contains(" X=/p --enable-single\n"), "{text}");
        assert!(
            second.ends_with("make -C /b/again-1 install DESTDIR=/d\n"),
            "{text}"
        );
    }

    #[test]
    fn flags_are_for_every_language() {
        let text = lines(&Build {
            flags: vec!["-O3".into(), "-msimd128".into()],
            ..build(System::Make)
        });
        let first = text.lines().next().unwrap();
        let start = "CFLAGS=-O3 -msimd128 CXXFLAGS=-O3 -msimd128 FFLAGS=-O3 -msimd128 FCFLAGS=";
        assert!(first.starts_with(start), "{first}");
    }
}
