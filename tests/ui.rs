//! What the compiler says of the commonest mistakes: each file of `tests/ui` is a program with one of them.
//!
//! The first line of a program names its first error: `//~ this path reaches ..` is a sentence of ours, which must be
//! the error's first line, and its whole text may be 25 lines long. `//~ E0063 author NewBook` is an error that rustc
//! words itself: its code, and what it must name. Only that is compared, so another rustc may draw errors otherwise.

mod compiler;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::{fs, thread};

use compiler::Compiler;
use serde_json::Value;

const MOST_LINES: usize = 25;
const LEAST_PROGRAMS: usize = 60;

/// What rustc said of a program.
struct Said {
    program: String,
    expected: String,
    errors: Vec<Problem>,
}

struct Problem {
    message: String,
    code: String,
    rendered: String,
}

#[test]
fn mistakes_are_named() {
    let compiler = Compiler::of_test("ui");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let models =
        compiler.compile(&folder.join("models/blog.rs"), "metadata", &["--crate-type=lib", "--crate-name=blog"]);
    let problems: String = errors(&models.stderr).iter().map(|error| error.rendered.as_str()).collect();
    assert!(models.status.success(), "{problems}");

    let only = std::env::var("UI").unwrap_or_default();
    let mut said: Vec<Said> =
        all(&compiler, programs(&folder).filter(|p| p.to_string_lossy().contains(&only)).collect());
    said.sort_by_key(|one| one.program.clone());
    assert!(said.len() >= LEAST_PROGRAMS || !only.is_empty(), "found only {} programs", said.len());
    let (mut table, mut failures) = (String::new(), String::new());
    for one in &said {
        let (lines, first) = one.errors.first().map_or((0, "compiles"), |e| (e.lines(), e.message.as_str()));
        let _ = writeln!(table, "{:<34}{lines:>4}  {}", one.program, first.lines().next().unwrap_or_default());
        if let Some(why) = one.failure() {
            let shown = one.errors.first().map_or("", |e| e.rendered.as_str());
            let _ = writeln!(failures, "{}: {why}\n{shown}", one.program);
        }
    }
    println!("{table}");
    assert!(failures.is_empty(), "\n{table}\n{failures}");
}

fn programs(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).expect("tests/ui is there");
    entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| path.extension().is_some_and(|e| e == "rs"))
}

/// Compiles programs, as many at a time as there are processors.
fn all(compiler: &Compiler, programs: Vec<PathBuf>) -> Vec<Said> {
    let (waiting, said) = (Mutex::new(programs), Mutex::new(Vec::new()));
    let next = || waiting.lock().expect("nobody panicked").pop();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, usize::from) {
            scope.spawn(|| {
                while let Some(program) = next() {
                    let one = one(compiler, &program);
                    said.lock().expect("nobody panicked").push(one);
                }
            });
        }
    });
    said.into_inner().expect("nobody panicked")
}

fn one(compiler: &Compiler, file: &Path) -> Said {
    let program = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let text = fs::read_to_string(file).expect("a program is text");
    let expected = text.lines().next().and_then(|line| line.strip_prefix("//~ ")).unwrap_or_default().to_owned();
    let blog = format!("blog={}", compiler.folder().join("libblog.rmeta").display());
    let output = compiler.compile(file, "metadata", &["--crate-type=lib", "--extern", &blog]);
    let errors = if output.status.success() { Vec::new() } else { errors(&output.stderr) };
    Said { program, expected, errors }
}

/// The errors among what rustc wrote, without its last word on how many there were.
fn errors(stderr: &[u8]) -> Vec<Problem> {
    let text = String::from_utf8_lossy(stderr);
    let messages = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let word = |message: &Value, at: &str| message.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
    messages
        .filter(|message| message["level"] == "error" && message["spans"] != Value::Array(Vec::new()))
        .map(|message| Problem {
            message: word(&message, "/message"),
            code: word(&message, "/code/code"),
            rendered: word(&message, "/rendered"),
        })
        .collect()
}

/// A message with `Decimal` for `rust_decimal::decimal::Decimal`: rustc says the path or not by what else is in sight.
fn without_paths(message: &str) -> String {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let mut words = message.split_inclusive(|c: char| !is_path(c));
    words.by_ref().map(|word| word.rsplit_once("::").map_or(word, |(_, last)| last)).collect()
}

impl Problem {
    fn lines(&self) -> usize {
        self.rendered.trim_end().lines().count()
    }
}

impl Said {
    /// What is wrong with it.
    fn failure(&self) -> Option<String> {
        let Some(first) = self.errors.first() else { return Some("it compiles".to_owned()) };
        let code = self.expected.split(' ').next().filter(|word| word.len() == 5 && word.starts_with("E0"));
        if let Some(code) = code {
            let missing: Vec<&str> = self.expected.split(' ').filter(|word| !first.rendered.contains(word)).collect();
            let fits = first.code == code && missing.is_empty();
            return (!fits).then(|| format!("{} where `{}` is expected", first.code, self.expected));
        }
        // A check in a constant is reported as its panic.
        let message = first.message.strip_prefix("evaluation panicked: ").unwrap_or(&first.message);
        let message = &without_paths(message);
        if *message != self.expected {
            return Some(format!("`{message}` where `{}` is expected", self.expected));
        }
        (first.lines() > MOST_LINES).then(|| format!("{} lines", first.lines()))
    }
}
