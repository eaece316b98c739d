//! Formats that are known: what gfortran refuses in them.
//!
//! [GNU Fortran](https://gcc.gnu.org/onlinedocs/gfortran/Extensions-implemented-in-GNU-Fortran.html) takes some
//! that the standard does not have: commas may be missing, X and L may stand without a number.

/// A part of a format; blanks mean nothing between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Zero,
    Positive(usize),
    /// A number with a sign.
    Signed,
    /// `.`, `,`, `(`, `)`, `*`, `:`, `/`, `$`, P, X and H: they stand for themselves.
    Mark(u8),
    Text,
    /// T, TL and TR.
    Tab,
    /// BN, S, SP, RU, DC and the like.
    Mode,
    /// I, B, O and Z.
    Integer,
    /// F.
    Fixed,
    /// E, and for the second those that no digits of an exponent start with: EN, ES and D.
    Exponent,
    Scientific,
    /// G.
    General,
    /// L.
    Logical,
    /// A.
    Characters,
    Unknown,
    End,
}

const WIDTH: &str = "a width is missing";
const DIGITS: &str = "a number of digits is missing";
const POINT: &str = "a point and a number of digits are missing";
const ITEM: &str = "an edit descriptor is missing";
const OPEN: &str = "a parenthesis is missing";

struct Format<'a> {
    text: &'a [u8],
    at: usize,
    /// Parentheses that are open.
    depth: usize,
    /// A part that was looked at and not taken.
    kept: Option<Part>,
}

/// What is wrong with a format, if something is; nothing may stand behind that of a FORMAT statement.
pub(super) fn mistake(text: &[u8], statement: bool) -> Option<String> {
    let mut format = Format {
        text,
        at: 0,
        depth: 0,
        kept: None,
    };
    let read = format.list();
    let rest = statement && format.next() != Part::End;
    let message = match read {
        Err(message) => message,
        Ok(()) if rest => "there is more behind it",
        Ok(()) => return None,
    };
    let before = String::from_utf8_lossy(&text[..format.at]);
    Some(format!("{message} at '{}'", before.trim()))
}

impl Format<'_> {
    /// The next character that is no blank, in upper case; 0 at the end.
    fn character(&mut self) -> u8 {
        loop {
            let found = self.text.get(self.at).copied();
            self.at = (self.at + 1).min(self.text.len());
            match found {
                Some(b' ' | b'\t') => {}
                Some(c) => return c.to_ascii_uppercase(),
                None => return 0,
            }
        }
    }

    /// Takes the next character if it is one of `these`.
    fn one_of(&mut self, these: &[u8]) -> bool {
        let start = self.at;
        let found = these.contains(&self.character());
        if !found {
            self.at = start;
        }
        found
    }

    fn next(&mut self) -> Part {
        if let Some(part) = self.kept.take() {
            return part;
        }
        match self.character() {
            0 => Part::End,
            b'+' | b'-' => match self.one_of(b"0123456789") {
                true => {
                    while self.one_of(b"0123456789") {}
                    Part::Signed
                }
                false => Part::Unknown,
            },
            digit @ b'0'..=b'9' => {
                let mut value = usize::from(digit - b'0');
                loop {
                    let start = self.at;
                    match self.character() {
                        digit @ b'0'..=b'9' => {
                            value = value.saturating_mul(10) + usize::from(digit - b'0');
                        }
                        _ => {
                            self.at = start;
                            break;
                        }
                    }
                }
                if value == 0 {
                    Part::Zero
                } else {
                    Part::Positive(value)
                }
            }
            quote @ (b'\'' | b'"') => loop {
                match self.text.get(self.at) {
                    None => return Part::End,
                    Some(c) if *c == quote && self.text.get(self.at + 1) == Some(&quote) => {
                        self.at += 2;
                    }
                    Some(c) => {
                        self.at += 1;
                        if *c == quote {
                            return Part::Text;
                        }
                    }
                }
            },
            b'T' => {
                self.one_of(b"LR");
                Part::Tab
            }
            b'S' => {
                self.one_of(b"PS");
                Part::Mode
            }
            b'B' if self.one_of(b"NZ") => Part::Mode,
            b'D' if self.one_of(b"PC") => Part::Mode,
            b'R' if self.one_of(b"CDNPUZ") => Part::Mode,
            b'I' | b'B' | b'O' | b'Z' => Part::Integer,
            b'F' => Part::Fixed,
            b'E' if !self.one_of(b"NS") => Part::Exponent,
            b'D' | b'E' => Part::Scientific,
            b'G' => Part::General,
            b'L' => Part::Logical,
            b'A' => Part::Characters,
            mark @ (b'.' | b',' | b'(' | b')' | b'*' | b':' | b'/' | b'$' | b'P' | b'X' | b'H') => {
                Part::Mark(mark)
            }
            _ => Part::Unknown,
        }
    }

    fn list(&mut self) -> Result<(), &'static str> {
        if self.next() != Part::Mark(b'(') {
            return Err(OPEN);
        }
        match self.next() {
            Part::Mark(b')') => return Ok(()),
            part => self.kept = Some(part),
        }
        self.depth = 1;
        loop {
            let mut part = self.next();
            // What may repeat an item, or say more of it.
            let mut count = 1;
            match part {
                Part::Mark(b'*') => {
                    part = self.next();
                    if part != Part::Mark(b'(') {
                        return Err(OPEN);
                    }
                }
                Part::Positive(value) => {
                    count = value;
                    part = self.next();
                    if matches!(part, Part::Text | Part::Mark(b':' | b'$')) {
                        return Err(ITEM);
                    }
                }
                Part::Signed | Part::Zero => {
                    part = self.next();
                    if part != Part::Mark(b'P') {
                        return Err(ITEM);
                    }
                }
                Part::Mark(b'P' | b'H') => return Err("a number is missing"),
                _ => {}
            }
            if part == Part::Mark(b'(') {
                self.depth += 1;
                continue;
            }
            self.item(part, count)?;
            if self.behind()? {
                return Ok(());
            }
        }
    }

    /// What stands behind an item: a comma, or what may stand there without one. Whether the format ends.
    fn behind(&mut self) -> Result<bool, &'static str> {
        loop {
            match self.next() {
                Part::Mark(b',') => return Ok(false),
                Part::Mark(b')') => {
                    self.depth -= 1;
                    if self.depth == 0 {
                        return Ok(true);
                    }
                }
                Part::End => return Err(OPEN),
                part => {
                    self.kept = Some(part);
                    return Ok(false);
                }
            }
        }
    }

    /// An item behind its repeat count.
    fn item(&mut self, part: Part, count: usize) -> Result<(), &'static str> {
        match part {
            Part::Text | Part::Mode | Part::Mark(b'/' | b':' | b'$' | b'X') => {}
            Part::Mark(b'H') => self.at = (self.at + count).min(self.text.len()),
            Part::Mark(b'P') => self.scale()?,
            Part::Tab => match self.next() {
                Part::Positive(_) => {}
                _ => return Err(WIDTH),
            },
            Part::Integer => {
                self.number(WIDTH)?;
                if self.taken(Part::Mark(b'.')) {
                    self.number(DIGITS)?;
                }
            }
            Part::Fixed | Part::Scientific | Part::Exponent | Part::General => {
                let zero = self.number(WIDTH)? && part == Part::General;
                if self.taken(Part::Mark(b'.')) {
                    self.number(DIGITS)?;
                } else if !zero {
                    return Err(POINT);
                }
                if !zero && part != Part::Fixed && self.taken(Part::Exponent) {
                    self.number(DIGITS)?;
                }
            }
            Part::Logical => self.width(true)?,
            Part::Characters => self.width(false)?,
            Part::End => return Err(OPEN),
            _ => return Err(ITEM),
        }
        Ok(())
    }

    /// What follows a scale factor: a comma, unless it is for the next item.
    fn scale(&mut self) -> Result<(), &'static str> {
        let (start, kept) = (self.at, self.kept);
        let mut part = self.next();
        if let Part::Positive(_) = part {
            part = self.next();
        }
        (self.at, self.kept) = (start, kept);
        match part {
            Part::Fixed | Part::Exponent | Part::Scientific | Part::General => Ok(()),
            Part::Mark(b',' | b')' | b'/') => Ok(()),
            _ => Err("a comma is missing"),
        }
    }

    /// A width, where there may be none.
    fn width(&mut self, zero: bool) -> Result<(), &'static str> {
        match self.next() {
            Part::Positive(_) => {}
            Part::Zero if zero => {}
            Part::Zero => return Err("a width of 0"),
            part => self.kept = Some(part),
        }
        Ok(())
    }

    /// A number, and whether it is 0.
    fn number(&mut self, message: &'static str) -> Result<bool, &'static str> {
        match self.next() {
            Part::Positive(_) => Ok(false),
            Part::Zero => Ok(true),
            _ => Err(message),
        }
    }

    /// Whether this part comes next; it is taken.
    fn taken(&mut self, wanted: Part) -> bool {
        let part = self.next();
        if part != wanted {
            self.kept = Some(part);
        }
        part == wanted
    }
}
