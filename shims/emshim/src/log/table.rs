//! Printing on stdout: many lines with little memory, cut to the terminal's width.

use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, StdoutLock, Write as _};
use std::time::Duration;

use jiff::Timestamp;

use crate::error::CliError;
use toolcall::display::visible;

/// stdout, until its reader has seen enough.
pub struct Printer {
    out: BufWriter<StdoutLock<'static>>,
    width: Option<usize>,
    closed: bool,
}

impl Printer {
    /// A printer that cuts lines on a terminal.
    pub fn new() -> Self {
        let out = io::stdout();
        let terminal = out.is_terminal();
        let width = console_width().filter(|_| terminal);
        Self {
            out: BufWriter::with_capacity(64 << 10, out.lock()),
            width,
            closed: false,
        }
    }

    /// Whether the reader has closed the pipe (EPIPE), as `head` does.
    pub fn closed(&self) -> bool {
        self.closed
    }

    /// Prints a line as it is.
    ///
    /// # Errors
    /// stdout cannot be written.
    pub fn line(&mut self, text: &str) -> Result<(), CliError> {
        let written = writeln!(self.out, "{text}");
        self.check(written)
    }

    /// Prints a line of a table, which is one line whatever names are in it, cut on a terminal.
    ///
    /// # Errors
    /// stdout cannot be written.
    pub fn row(&mut self, text: &str) -> Result<(), CliError> {
        let text = &*visible(text);
        match self.width {
            Some(width) if text.chars().count() > width => {
                let cut: String = text.chars().take(width.saturating_sub(1)).collect();
                self.line(&(cut + "…"))
            }
            _ => self.line(text),
        }
    }

    /// Prints what is still held back.
    ///
    /// # Errors
    /// stdout cannot be written.
    pub fn finish(mut self) -> Result<(), CliError> {
        let written = self.out.flush();
        self.check(written)
    }

    fn check(&mut self, written: io::Result<()>) -> Result<(), CliError> {
        match written {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => Err(CliError::Message(format!(
                "cannot write to stdout: {error}"
            ))),
            Ok(()) => Ok(()),
        }
    }
}

fn console_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    (size.ws_col > 0).then_some(size.ws_col.into())
}

/// Microseconds for people: `870 us`, `12.3 ms`, `4.56 s`, `3 min 05 s`.
pub fn time(us: u64) -> String {
    match us {
        0..1000 => format!("{us} us"),
        1000..1_000_000 => format!("{:.1} ms", us as f64 / 1e3),
        1_000_000..60_000_000 => format!("{:.2} s", us as f64 / 1e6),
        _ => crate::ui::seconds(Duration::from_micros(us)),
    }
}

/// A point in time, in microseconds since 1970, as UTC: `2026-11-22 21:26:26`.
pub fn clock(us: u64) -> String {
    // A time that no clock shows comes from an edited record.
    let time = i64::try_from(us)
        .ok()
        .and_then(|us| Timestamp::from_microsecond(us).ok());
    time.map_or_else(|| "?".to_owned(), |time| time.strftime("%F %T").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_well() {
        assert_eq!(
            [time(870), time(12_340), time(4_560_000), time(185_000_000)],
            ["870 us", "12.3 ms", "4.56 s", "3 min 05 s"]
        );
        assert_eq!(clock(0), "1970-01-01 00:00:00");
        assert_eq!(clock(951_782_400_000_000), "2000-02-29 00:00:00");
        assert_eq!(clock(1_795_382_786_000_000), "2026-11-22 21:26:26");
    }
}
