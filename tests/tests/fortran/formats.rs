//! Which formats are refused: those that gfortran refuses.

use emshim_tests::native_fortran::native;
use emshim_tests::real::Folder;
use f2c_driver::{Form, Options, lowered_text};

/// Items that stand alone, behind a scale factor, and before another item.
const ITEMS: &[&str] = &[
    "i5", "i0", "i", "i5.2", "i5.", "f8.3", "f0.3", "f8", "f", "e10.3", "e10", "e10.3e2", "e10.3e",
    "e10.3d2", "e0.3", "d10.3", "d10", "es12.4", "en12.4", "es", "g10.3", "g0", "g0.3", "g0.3e2",
    "g10", "g", "l3", "l", "l0", "a", "a5", "a0", "x", "2x", "t5", "t", "tl3", "t0", "''ab''",
    "3habc", "3''ab''", "p", "sp", "3sp", "bn", "b8", "b", "z4", "/", "2/", ":", "2:", "$", "2$",
    "2(i5)", "*(i5)", "(i5)", "()", "*i5", "0i5", "-i5", "i<n>", "q", "2(i5,)", "(i5", "i5)i5",
    "i 5", "2p", "-1p",
];

#[test]
fn formats_are_refused_as_gfortran_refuses_them() {
    let around = |item: &&str| {
        let item = item.to_string();
        let places = [
            "({})",
            "(1p{})",
            "({} 2f8.3)",
            "({},)",
            "(,{})",
            "(i5,{},i5)",
        ];
        places.map(|place| place.replace("{}", &item))
    };
    let formats: Vec<String> = ITEMS.iter().flat_map(around).collect();
    let lines = formats.iter().enumerate().flat_map(|(number, format)| {
        let statement = format.replace("''", "'");
        [
            format!("{} format{statement}", number + 1),
            format!("write (*,'{format}') 1"),
        ]
    });
    let lines: Vec<String> = lines.collect();
    let folder = Folder::new();
    let source = folder.path().join("formats.f90");
    std::fs::write(&source, format!("program p\n{}\nend\n", lines.join("\n"))).expect("a folder");
    let judged = native("gfortran")
        .args(["-fsyntax-only", "-w", "-fmax-errors=0", source.as_str()])
        .output()
        .expect("gfortran");
    let said = String::from_utf8_lossy(&judged.stderr).into_owned();
    let refused = |line: usize| said.contains(&format!("{source}:{}:", line + 2));
    let options = Options {
        form: Form::Free,
        ..Options::default()
    };
    let differ = lines.iter().enumerate().filter(|(number, line)| {
        let text = format!("program p\n{line}\nend\n");
        lowered_text(text.as_bytes(), "x.f90".into(), &options).is_err() != refused(*number)
    });
    let differ: Vec<&String> = differ.map(|(_, line)| line).collect();
    assert!(
        differ.is_empty(),
        "{} of {}: {differ:#?}",
        differ.len(),
        lines.len()
    );
    let both = (0..lines.len()).filter(|&line| refused(line)).count();
    assert!(
        both > 100 && both < lines.len() - 100,
        "{both} refused of {}",
        lines.len()
    );
}
