//! The tables: one line per flag, library or folder, sorted, each fact in one place.

pub mod compiler;
pub mod gcc_only;
pub mod hosts;
pub mod linker;
pub mod probes;
pub mod sources;

#[cfg(test)]
mod tests {
    use super::{compiler, gcc_only, hosts, linker, probes, sources};
    use crate::shim::rules::misplaced;

    fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> bool {
        items.into_iter().is_sorted_by(|a, b| a < b)
    }

    #[test]
    fn tables_are_sorted_and_hold_no_name_twice() {
        assert_eq!(misplaced(compiler::RULES), None);
        assert_eq!(misplaced(linker::RULES), None);
        assert!(sorted(gcc_only::SWITCHES));
        assert!(sorted(gcc_only::FAMILIES));
        assert!(sorted(gcc_only::WARNINGS));
        assert!(sorted(hosts::INCLUDE_DIRS));
        assert!(sorted(hosts::LIBRARY_DIRS));
        assert!(sorted(hosts::LIBRARIES.iter().map(|row| row.0)));
        assert!(sorted(probes::NAMES));
        assert!(sorted(sources::SUFFIXES.iter().map(|row| row.0)));
    }
}
