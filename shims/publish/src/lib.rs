//! Finished wheels for others to use and to look at.
//!
//! [`packages`] resolves wheels and what they need; [`draft`] is a folder that is written whole. What is
//! written: [`lock_file`] and [`simple_index`], from which Pyodide and its micropip install; [`page`], a
//! console in the browser; [`lite`], notebooks of documentation. [`server`] shows such a folder on this
//! machine.

pub mod draft;
pub mod lite;
pub mod lock_file;
pub mod packages;
pub mod page;
pub mod server;
pub mod simple_index;
