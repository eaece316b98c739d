//! Arrays whose size is known at run time only, as data.

/// An array of ours between the two passes.
#[derive(Clone, Debug)]
pub(crate) struct Dynamic {
    pub name: String,
    /// Lower and upper bounds: constants or variables.
    pub(super) bounds: Vec<(String, String)>,
    pub(super) saved: bool,
    /// Bytes of an element, as text.
    pub(super) size: String,
    pub allocatable: bool,
    /// A string, whose length is the runtime's to set.
    pub(super) string: bool,
}

impl Dynamic {
    /// An array for one statement.
    pub(super) fn temporary(name: String, bounds: Vec<(String, String)>, bytes: u64) -> Self {
        Self {
            name,
            bounds,
            saved: false,
            size: bytes.to_string(),
            allocatable: false,
            string: false,
        }
    }

    /// A string for one statement.
    pub(super) fn string(name: String) -> Self {
        Self {
            string: true,
            ..Self::temporary(name, Vec::new(), 1)
        }
    }

    /// The array's bytes, in double precision: as an INTEGER, those of an array too large to have
    /// could come out as a small number.
    pub(super) fn bytes(&self) -> String {
        let mut text = match self.size.bytes().all(|b| b.is_ascii_digit()) {
            true => format!("{}d0", self.size),
            false => format!("1d0*({})", self.size),
        };
        for (low, high) in &self.bounds {
            text += &match low.as_str() {
                "1" => format!("*max({high},0)"),
                _ => format!("*max({high}-({low})+1,0)"),
            };
        }
        text
    }
}
