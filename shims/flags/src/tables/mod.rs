//! The tables: one line per flag, library or folder, sorted, each fact in one place.

pub mod compiler;
pub mod fortran;
pub mod gcc_only;
pub mod hosts;
pub mod linker;
pub mod settings;

use crate::rules::Rule;

/// The tables of a compiler driver.
pub static DRIVER: &[&[Rule]] = &[compiler::RULES, fortran::RULES];
/// The table of a linker called directly.
pub static LINKER: &[&[Rule]] = &[linker::RULES];

#[cfg(test)]
mod tests {
    use super::{compiler, fortran, gcc_only, hosts, linker, settings};
    use crate::rules::misplaced;

    fn sorted<T: Ord>(items: impl IntoIterator<Item = T>) -> bool {
        items.into_iter().is_sorted_by(|a, b| a < b)
    }

    #[test]
    fn tables_are_sorted_and_hold_no_name_twice() {
        assert_eq!(misplaced(compiler::RULES), None);
        assert_eq!(misplaced(fortran::RULES), None);
        assert_eq!(misplaced(linker::RULES), None);
        assert!(sorted(fortran::NOT_FOR_C));
        assert!(sorted(gcc_only::SWITCHES));
        assert!(sorted(gcc_only::FAMILIES));
        assert!(sorted(gcc_only::WARNINGS));
        assert!(sorted(hosts::INCLUDE_DIRS));
        assert!(sorted(hosts::LIBRARY_DIRS));
        assert!(sorted(hosts::PROGRAM_DIRS));
        assert!(sorted(hosts::OWN_LIBRARIES));
        assert!(sorted(hosts::LIBRARIES.iter().map(|row| row.0)));
        assert!(sorted(fortran::SHARED));
        assert!(sorted(settings::OF_MAIN_MODULE));
        let settings = settings::DECIDED.iter();
        assert!(sorted(settings.map(|row| (row.name, row.by))));
    }

    #[test]
    fn every_rule_is_found_before_all_other_tables() {
        let own: Vec<_> = fortran::RULES.iter().map(|rule| rule.name).collect();
        assert!(compiler::RULES.iter().all(|rule| !own.contains(&rule.name)));
        let compilers = compiler::RULES.iter().map(|rule| rule.name);
        let names: Vec<_> = own.iter().copied().chain(compilers).collect();
        for name in fortran::NOT_FOR_C {
            assert!(names.contains(name), "{name}");
        }
    }
}
