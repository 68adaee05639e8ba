//! Lines for people, in colour where the terminal has it.

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Style};

const RED: Style = AnsiColor::Red.on_default().bold();
const YELLOW: Style = AnsiColor::Yellow.on_default();
const GREEN: Style = AnsiColor::Green.on_default();
const CYAN: Style = AnsiColor::Cyan.on_default();
const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

pub(super) fn error(text: &str) {
    eprintln!("{RED}error{RED:#}: {text}");
}

pub(super) fn warning(text: &str) {
    eprintln!("{YELLOW}warning{YELLOW:#}: {text}");
}

pub(super) fn detail(word: &str, text: &str) {
    for (i, line) in text.lines().enumerate() {
        let word = if i == 0 { word } else { "" };
        eprintln!("  {DIM}{word:>7}{DIM:#} {line}");
    }
}

pub(super) fn hint(text: &str) {
    eprintln!("{DIM}{text}{DIM:#}");
}

pub(super) fn title(text: &str) {
    println!("{BOLD}{text}{BOLD:#}");
}

pub(super) fn good(text: &str) {
    println!("{GREEN}{text}{GREEN:#}");
}

pub(super) fn plain(text: &str) {
    println!("{text}");
}

/// What an operation does, coloured by its sign: what goes is red.
pub(super) fn operation(text: &str) {
    let style = match text.chars().next() {
        Some('+') => GREEN,
        Some('-') => RED,
        _ => CYAN,
    };
    println!("  {style}{text}{style:#}");
}
