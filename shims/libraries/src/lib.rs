//! Libraries for the target, as data: their recipes, the commands that build them, what is made of their
//! `.pc` files, and what a source tree asks for. Nothing is built here.

pub mod catalogue;
pub mod commands;
pub mod demand;
pub mod pkg_config;
pub mod recipe;
