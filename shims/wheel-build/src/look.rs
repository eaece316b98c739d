//! What a source is, before it is built.

use camino::Utf8Path;
use pyodide_wheel::python::Output;
use pyodide_wheel::requires::Said;
use pyodide_wheel::source::{self, Source, WorkTree};

use crate::error::WheelBuildError;
use crate::session::Session;
use crate::shared_wheels::SharedWheels;

/// What is known of a source.
#[derive(Debug, Clone)]
pub struct Looked {
    /// What it says of itself.
    pub said: Said,
    /// The source, with the version that the index gave where it named none.
    pub source: Source,
    /// A digest of all that makes its wheel but settings and what it needs: the content, and what names the
    /// folder of [`SharedWheels`].
    pub key: String,
}

impl Session {
    /// Gets a source and reads what it says. `own` are folders that are no part of it.
    ///
    /// # Errors
    /// It cannot be had, or says what means nothing.
    pub fn look(&self, source: &Source, own: &[&Utf8Path]) -> Result<Looked, WheelBuildError> {
        let log = self.store.log().join("look.log");
        let mut output = Output {
            log: &log,
            line: &mut |_| {},
        };
        let (here, source) = match source {
            Source::Project(requirement) => {
                let sdists = self.store.sdists();
                let fetched = source::fetch(&self.tools, requirement, &sdists, &mut output)?;
                let end = requirement.find(['=', '<', '>', '!', '~', ' ', ';']);
                let name = &requirement[..end.unwrap_or(requirement.len())];
                let exact = format!("{name}=={}", fetched.version);
                (Source::Archive(fetched.path), Source::Project(exact))
            }
            other => (other.clone(), other.clone()),
        };
        let store = self.store.root();
        let own: Vec<&Utf8Path> = own.iter().copied().chain([store]).collect();
        let tree = WorkTree::create(&self.store.work(), &here, &own, &mut || {})?;
        let said = self.resolver(&[]).requires(tree.source(), &mut output)?;
        let content = tree.dir().file_name().unwrap_or_default();
        let shared = SharedWheels::of(self)?;
        let made = shared.folder().file_name().unwrap_or_default();
        Ok(Looked {
            said,
            source,
            key: format!("{content}-{made}"),
        })
    }
}
