//! What is known about the arguments of compilers and linkers: the tables of flags, the parser that
//! looks arguments up in them, and what a whole command is for. Pure.

pub mod classify;
pub mod parse;
pub mod rules;
pub mod tables;
