//! Signatures and how they are told to people.

use serde::{Serialize, Serializer};
use std::fmt;

/// A WebAssembly value type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ValType {
    /// 32-bit integer; C's `int`, `long`, `bool`, enumerations and all pointers on wasm32.
    I32,
    /// 64-bit integer; `long long`.
    I64,
    /// `float`.
    F32,
    /// `double`.
    F64,
    /// A vector of 128 bits.
    V128,
    /// A reference; C has none.
    Ref,
}

impl ValType {
    /// WebAssembly's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::F32 => "f32",
            Self::F64 => "f64",
            Self::V128 => "v128",
            Self::Ref => "ref",
        }
    }

    /// C's word; `int` stands for everything of 32 bits that is no `float`.
    #[must_use]
    pub fn c_word(self) -> &'static str {
        match self {
            Self::I32 => "int",
            Self::I64 => "long long",
            Self::F32 => "float",
            Self::F64 => "double",
            Self::V128 => "v128_t",
            Self::Ref => "reference",
        }
    }
}

impl From<wasmparser::ValType> for ValType {
    fn from(ty: wasmparser::ValType) -> Self {
        match ty {
            wasmparser::ValType::I32 => Self::I32,
            wasmparser::ValType::I64 => Self::I64,
            wasmparser::ValType::F32 => Self::F32,
            wasmparser::ValType::F64 => Self::F64,
            wasmparser::ValType::V128 => Self::V128,
            wasmparser::ValType::Ref(_) => Self::Ref,
        }
    }
}

/// What a function takes and gives.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Signature {
    /// Types of the parameters.
    pub params: Box<[ValType]>,
    /// Types of the results; none for `void`.
    pub results: Box<[ValType]>,
}

impl Signature {
    /// A signature.
    #[must_use]
    pub fn new(params: &[ValType], results: &[ValType]) -> Self {
        Self {
            params: params.into(),
            results: results.into(),
        }
    }

    /// The types in order: results, then parameters.
    pub fn types(&self) -> impl Iterator<Item = ValType> {
        self.results.iter().chain(&self.params).copied()
    }

    /// As a C declaration of `name`. Four or more parameters of one type in a row are counted.
    #[must_use]
    pub fn declare(&self, name: &str) -> String {
        let result = match &*self.results {
            [] => "void",
            [one] => one.c_word(),
            _ => "several",
        };
        let mut words = Vec::new();
        for run in self.params.chunk_by(|a, b| a == b) {
            let word = run[0].c_word();
            if run.len() < 4 {
                words.extend(run.iter().map(|_| word.to_owned()));
            } else {
                words.push(format!("{word} ×{}", run.len()));
            }
        }
        if words.is_empty() {
            words.push("void".into());
        }
        format!("{result} {name}({})", words.join(", "))
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |types: &[ValType]| {
            let words: Vec<&str> = types.iter().map(|ty| ty.word()).collect();
            words.join(", ")
        };
        let results = match &*self.results {
            [] => "void".to_owned(),
            results => list(results),
        };
        write!(f, "({}) -> {results}", list(&self.params))
    }
}

impl Serialize for Signature {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A C++ or Rust name as its source has it; nothing for a C name.
#[must_use]
pub fn demangle(name: &str) -> Option<String> {
    // Longer names cost more than they tell.
    if !name.starts_with("_Z") || name.len() > 4096 {
        return None;
    }
    cpp_demangle::Symbol::new(name).ok()?.demangle().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ValType::{F64, I32, I64};

    #[test]
    fn signatures_read_like_declarations() {
        let words =
            |params: &[ValType], results: &[ValType]| Signature::new(params, results).declare("f");
        assert_eq!(words(&[], &[]), "void f(void)");
        assert_eq!(words(&[I32, F64], &[I64]), "long long f(int, double)");
        assert_eq!(
            words(&[I32, I32, I32, I32, F64], &[I32]),
            "int f(int ×4, double)"
        );
        let plain = Signature::new(&[I32, F64], &[]);
        assert_eq!(plain.to_string(), "(i32, f64) -> void");
    }

    #[test]
    fn names_of_cpp_are_demangled() {
        assert_eq!(demangle("_Z3addid").as_deref(), Some("add(int, double)"));
        assert_eq!(demangle("dgemm_"), None);
        assert_eq!(demangle("_Z"), None);
    }
}
