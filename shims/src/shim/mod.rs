//! One shim invocation: capture, expand, parse, classify, plan, execute, record.

pub mod config;
