//! Bad input: a clear error or a correct text, never a panic, a hang or a changed source.

use f2c_driver::{Form, Options, Preprocess, lowered_text};
use proptest::prelude::*;

/// Statements of real files, each in a unit of its own kind.
const FIXED: &str = include_str!("native/storage.f");
const MORE: &str = include_str!("native/math.f");
const FREE: &str = include_str!("lower/program.f90");

fn options(form: Form) -> Options {
    Options {
        form,
        preprocess: Some(Preprocess::default()),
        ..Options::default()
    }
}

fn lower(bytes: &[u8], form: Form) -> Result<String, String> {
    let found = lowered_text(bytes, "x.f".into(), &options(form));
    found.map_err(|error| error.to_string())
}

/// An error names the file.
fn ends_well(bytes: &[u8], form: Form) {
    if let Err(message) = lower(bytes, form) {
        assert!(message.starts_with("x.f:"), "no place in: {message}");
    }
}

const SOURCES: [(&str, Form); 3] = [
    (FIXED, Form::Fixed { width: 72 }),
    (MORE, Form::Fixed { width: 72 }),
    (FREE, Form::Free),
];

#[test]
fn truncated_at_every_byte() {
    for (text, form) in SOURCES {
        for end in 0..text.len() {
            ends_well(&text.as_bytes()[..end], form);
        }
    }
}

#[test]
fn windows_line_ends_form_feeds_and_tabs_change_nothing() {
    for (text, form) in SOURCES {
        let expected = lower(text.as_bytes(), form).expect("it lowers");
        let windows = text.replace('\n', "\r\n");
        assert_eq!(lower(windows.as_bytes(), form), Ok(expected.clone()));
        let paged = text.replace("\n      END\n", "\n      END\n\x0c\n");
        assert_eq!(lower(paged.as_bytes(), form), Ok(expected));
    }
}

#[test]
fn a_byte_order_mark_is_no_text() {
    for (text, form) in SOURCES {
        let expected = lower(text.as_bytes(), form);
        for preprocess in [None, Some(Preprocess::default())] {
            let options = Options {
                preprocess,
                ..options(form)
            };
            let marked = ["\u{feff}", text].concat();
            let found = lowered_text(marked.as_bytes(), "x.f".into(), &options);
            assert_eq!(found.map_err(|error| error.to_string()), expected);
        }
    }
}

#[test]
fn line_markers_say_any_number() {
    for number in [0, 1, u32::MAX - 1, u32::MAX] {
        for (text, form) in SOURCES {
            let marked = format!("# {number} \"x.f\"\n{text}");
            let found = lower(marked.as_bytes(), form).map(drop);
            assert_eq!(found, lower(text.as_bytes(), form).map(drop), "{number}");
            ends_well(format!("{marked}\n      x = = 1\n").as_bytes(), form);
        }
        for no_name in ["\"", "\"y", "\"\"", ""] {
            let text = format!("# {number} {no_name}\n      x = = 1\n");
            ends_well(text.as_bytes(), Form::Fixed { width: 72 });
        }
    }
}

#[test]
fn ten_thousand_lines() {
    let mut text = String::from("      subroutine s(a, x)\n      dimension a(*)\n");
    for n in 1..3334 {
        text += &format!("      do {n} i = 1, 9\n      x = x * 0.1\n{n:5} a(i) = a({n}) + x\n");
    }
    text += "      end\n";
    let lowered = lower(text.as_bytes(), Form::Fixed { width: 72 }).expect("it lowers");
    assert!(lowered.lines().count() > 9_999);
}

#[test]
fn latin_1_and_utf_8_pass_through() {
    for note in [&b"caf\xe9 \xff"[..], "caf\u{e9} \u{20ac}".as_bytes()] {
        let mut text = b"c ".to_vec();
        text.extend_from_slice(note);
        text.extend_from_slice(b"\n      subroutine s(c)\n      character*20 c\n      c = '");
        text.extend_from_slice(note);
        text.extend_from_slice(b"'\n      end\n");
        let lowered = lower(&text, Form::Fixed { width: 72 }).expect("it lowers");
        let bytes: Vec<u8> = lowered.chars().map(|c| c as u8).collect();
        assert!(bytes.windows(note.len()).any(|window| window == note));
    }
}

#[test]
fn what_is_not_fortran_is_refused() {
    let cases: [&[u8]; 6] = [
        b"\x7fELF\x02\x01\x01\x00\x00",
        b"\x00asm\x01\x00\x00\x00",
        b"#!/usr/bin/env python\nimport os\n",
        b"int main(void) { return 0; }\n",
        b"{\"json\": [1, 2, 3]}\n",
        b"((((((((((((((((((((\n",
    ];
    for bytes in cases {
        for form in [Form::Fixed { width: 72 }, Form::Free] {
            let message = lower(bytes, form).expect_err("no Fortran");
            assert!(message.starts_with("x.f:"), "no place in: {message}");
        }
    }
}

#[test]
fn deep_nesting_ends() {
    for depth in [100, 5_000] {
        let (open, close) = ("(".repeat(depth), ")".repeat(depth));
        let text = format!("subroutine s(x)\nx = {open}x{close}\nend\n");
        ends_well(text.as_bytes(), Form::Free);
        let text = format!("subroutine s(x)\nif ({open}x{close} > 0) x = 1\nend\n");
        ends_well(text.as_bytes(), Form::Free);
    }
}

proptest! {
    #[test]
    fn mutations_of_real_statements(
        which in 0..SOURCES.len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), 0..4u8, any::<u8>()), 1..8),
    ) {
        let (text, form) = SOURCES[which];
        let mut bytes = text.as_bytes().to_vec();
        for (place, kind, byte) in edits {
            let at = place.index(bytes.len());
            match kind {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, b"()=,':*&\n/"[usize::from(byte) % 10]),
                2 => {
                    bytes.remove(at);
                }
                _ => {
                    // A line twice, or none.
                    let end = bytes[at..].iter().position(|&b| b == b'\n').map_or(bytes.len(), |n| at + n);
                    let line = bytes[at..end].to_vec();
                    bytes.splice(at..at, line);
                }
            }
        }
        ends_well(&bytes, form);
    }
}
