//! Types as Fortran has them.

/// A type class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Integer,
    Real,
    Complex,
    Logical,
    Character,
}

/// A type: its class and the bytes of one number (of one part for COMPLEX).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Type {
    pub class: Class,
    pub bytes: u8,
}

impl Type {
    pub const INTEGER: Self = Self {
        class: Class::Integer,
        bytes: 4,
    };
    pub const REAL: Self = Self {
        class: Class::Real,
        bytes: 4,
    };
    pub const DOUBLE: Self = Self {
        class: Class::Real,
        bytes: 8,
    };
    pub const LOGICAL: Self = Self {
        class: Class::Logical,
        bytes: 4,
    };
    pub const CHARACTER: Self = Self {
        class: Class::Character,
        bytes: 1,
    };

    /// The declaration that f2c understands.
    pub fn keyword(self) -> &'static str {
        match (self.class, self.bytes) {
            (Class::Integer, 1) => "integer*1",
            (Class::Integer, 2) => "integer*2",
            (Class::Integer, 8) => "integer*8",
            (Class::Integer, _) => "integer",
            (Class::Real, 8) => "double precision",
            (Class::Real, _) => "real",
            (Class::Complex, 8) => "double complex",
            (Class::Complex, _) => "complex",
            (Class::Logical, 1) => "logical*1",
            (Class::Logical, 2) => "logical*2",
            (Class::Logical, 8) => "logical*8",
            (Class::Logical, _) => "logical",
            (Class::Character, _) => "character",
        }
    }
}

/// The wider of two types, as an operator makes one of them.
pub(crate) fn widest(a: Type, b: Type) -> Type {
    let order = |class| match class {
        Class::Integer => 0,
        Class::Real => 1,
        Class::Complex => 2,
        Class::Logical | Class::Character => 3,
    };
    match order(a.class).cmp(&order(b.class)) {
        std::cmp::Ordering::Equal => Type {
            class: a.class,
            bytes: a.bytes.max(b.bytes),
        },
        // An integer takes the other's kind; real with complex takes the wider.
        std::cmp::Ordering::Less if a.class == Class::Integer => b,
        std::cmp::Ordering::Greater if b.class == Class::Integer => a,
        std::cmp::Ordering::Less => Type {
            class: b.class,
            bytes: a.bytes.max(b.bytes),
        },
        std::cmp::Ordering::Greater => Type {
            class: a.class,
            bytes: a.bytes.max(b.bytes),
        },
    }
}
