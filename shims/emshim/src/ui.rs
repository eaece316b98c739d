//! What people see on stderr: progress on a terminal, plain lines elsewhere, and the closing
//! summary, without secrets. stdout stays free for what a verb prints as its answer.

use std::cell::{Cell, RefCell};
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use provision::Progress;

use crate::error::CliError;
use secrets::mask;

/// How long a step may take and stay unmentioned by a quiet verb.
const BRIEF: Duration = Duration::from_secs(1);

/// How long a step may say nothing where no line shows its details: whoever reads a log is to know that it lives.
const SILENCE: Duration = Duration::from_secs(30);

/// A spinner's line. The message is cut to what is left of the terminal's width: a line that wraps
/// is not erased.
const TEMPLATE: &str = "{spinner} {elapsed:>3} {wide_msg}";

/// Text without what moves a terminal's cursor: tools write tabs, colours and returns.
fn one_line(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // A control sequence: its parameters, then a letter that ends it.
            let mut rest = chars.as_str().strip_prefix('[').unwrap_or_default().chars();
            if rest.any(|c| c.is_ascii_alphabetic()) {
                chars = rest;
            }
        } else {
            plain.push(if c.is_control() { ' ' } else { c });
        }
    }
    plain
}

/// Progress for the verbs: a spinner with the current detail on a terminal, one line per finished
/// step elsewhere, and of a long one now and then what it does. Steps and their times are kept for the summary.
pub struct Ui {
    terminal: bool,
    /// Says nothing of steps that take less than [`BRIEF`].
    quiet: bool,
    bar: RefCell<Option<ProgressBar>>,
    /// The step that runs.
    step: RefCell<String>,
    /// When something was said of it last.
    said: Cell<Instant>,
    times: RefCell<Vec<(String, Duration)>>,
}

impl Default for Ui {
    fn default() -> Self {
        Self::new()
    }
}

impl Ui {
    /// Progress for this process's stderr.
    #[must_use]
    pub fn new() -> Self {
        Self {
            terminal: std::io::stderr().is_terminal(),
            quiet: false,
            bar: RefCell::new(None),
            step: RefCell::default(),
            said: Cell::new(Instant::now()),
            times: RefCell::new(Vec::new()),
        }
    }

    /// For verbs whose own output matters: on stderr stands only what takes long, provisioning.
    #[must_use]
    pub fn quiet() -> Self {
        Self {
            quiet: true,
            ..Self::new()
        }
    }

    /// The time each finished step took, in order.
    #[must_use]
    pub fn times(&self) -> Vec<(String, Duration)> {
        self.times.borrow().clone()
    }

    /// Notes the time of a step that showed itself what it did.
    pub fn took(&self, step: &str, time: Duration) {
        self.times.borrow_mut().push((step.to_owned(), time));
    }

    /// The line for a detail of a step that has said nothing for so long.
    fn sign_of_life(&self, detail: &str, silence: Duration) -> Option<String> {
        if self.said.get().elapsed() < silence {
            return None;
        }
        self.said.set(Instant::now());
        Some(format!(
            "{}: {}",
            self.step.borrow(),
            one_line(&mask(detail))
        ))
    }

    fn clear(&self) {
        if let Some(bar) = self.bar.borrow_mut().take() {
            bar.finish_and_clear();
        }
    }

    fn line(&self, text: &str) {
        let text = &mask(text);
        match &*self.bar.borrow() {
            Some(bar) => bar.suspend(|| eprintln!("{text}")),
            None => eprintln!("{text}"),
        }
    }
}

impl Progress for Ui {
    fn begin(&self, step: &str) {
        self.clear();
        let step = &mask(step);
        self.step.replace(step.clone());
        self.said.set(Instant::now());
        if self.terminal {
            let step = one_line(step);
            let bar = ProgressBar::new_spinner()
                .with_prefix(step.clone())
                .with_message(step);
            if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
                bar.set_style(style);
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            *self.bar.borrow_mut() = Some(bar);
        } else if !self.quiet {
            eprintln!("{step} ...");
        }
    }

    fn detail(&self, text: &str) {
        if let Some(bar) = &*self.bar.borrow() {
            bar.set_message(format!("{} {}", bar.prefix(), one_line(&mask(text))));
        } else if let Some(line) = self.sign_of_life(text, SILENCE) {
            eprintln!("{line}");
        }
    }

    fn end(&self, step: &str, elapsed: Duration) {
        self.clear();
        let step = &mask(step);
        if !self.quiet || elapsed > BRIEF {
            eprintln!("{step}: {}", seconds(elapsed));
        }
        self.took(step, elapsed);
    }

    fn fail(&self) {
        self.clear();
    }

    fn note(&self, text: &str) {
        self.line(text);
    }
}

/// Prints a verb's answer on stdout. EPIPE is no error: the reader, such as `head`, has enough.
///
/// # Errors
/// stdout cannot be written for another reason, such as a full disk.
pub fn answer(text: &str) -> Result<(), CliError> {
    let mut stdout = std::io::stdout().lock();
    match stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
    {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CliError::Message(format!("cannot write to stdout: {e}")))
        }
        _ => Ok(()),
    }
}

/// A duration for people: `0.4 s`, `12 s`, `3 min 05 s`.
#[must_use]
pub fn seconds(time: Duration) -> String {
    let s = time.as_secs_f64();
    if s < 9.95 {
        format!("{s:.1} s")
    } else if s < 59.5 {
        format!("{s:.0} s")
    } else {
        let whole = s.round() as u64;
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

/// A size for people: `512 B`, `94.1 kB`, `3.2 MB` (powers of ten).
#[must_use]
pub fn bytes(size: u64) -> String {
    match size {
        0..1000 => format!("{size} B"),
        1000..1_000_000 => format!("{:.1} kB", size as f64 / 1e3),
        _ => format!("{:.1} MB", size as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_step_says_now_and_then_what_it_does() {
        let ui = Ui {
            terminal: false,
            ..Ui::quiet()
        };
        ui.begin("building x");
        let line = |silence| ui.sign_of_life("[3/9] c++\t\u{1b}[0mx.o", silence);
        assert_eq!(line(SILENCE), None);
        let said = line(Duration::ZERO);
        assert_eq!(said.as_deref(), Some("building x: [3/9] c++ x.o"));
    }

    #[test]
    fn a_tools_line_cannot_move_the_cursor() {
        let shown = [
            ("a\tb\r", "a b "),
            ("\u{1b}[1;31merror:\u{1b}[0m no", "error: no"),
            ("\u{1b}[2K\u{1b}]0;title\u{7}x", "]0;title x"),
            ("\u{1b}[", "["),
            ("\u{1b}", ""),
        ];
        for (given, expected) in shown {
            assert_eq!(one_line(given), expected, "{given:?}");
        }
    }

    #[test]
    fn durations_and_sizes_read_well() {
        let of = |ms| seconds(Duration::from_millis(ms));
        assert_eq!(
            [of(412), of(9960), of(59_400), of(59_600), of(185_000)],
            ["0.4 s", "10 s", "59 s", "1 min 00 s", "3 min 05 s"]
        );
        assert_eq!(
            [bytes(512), bytes(94_100), bytes(3_200_000)],
            ["512 B", "94.1 kB", "3.2 MB"]
        );
    }
}
