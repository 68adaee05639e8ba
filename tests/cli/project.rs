//! Crates in a folder of their own, and the programs in them: what a user writes, builds and runs. Knows nothing of what
//! the programs say.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::compiled::compiler;

/// A folder with crates.
pub struct Project {
    folder: PathBuf,
}

impl Project {
    /// An empty folder of a name.
    pub fn new(name: &str) -> Project {
        let folder = compiler().folder().join(name);
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("what an earlier run left goes");
        }
        let project = Project { folder };
        // The style of this repository would count otherwise.
        project.write("rustfmt.toml", "");
        project
    }

    /// Writes a file.
    pub fn write(&self, path: &str, text: &str) {
        let file = self.folder.join(path);
        fs::create_dir_all(file.parent().expect("it is below the folder")).expect("the target folder takes folders");
        fs::write(&file, text).unwrap_or_else(|e| panic!("{path}: {e}"));
    }

    /// Reads a file.
    pub fn read(&self, path: &str) -> String {
        fs::read_to_string(self.folder.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
    }

    /// Removes a file.
    pub fn remove(&self, path: &str) {
        fs::remove_file(self.folder.join(path)).unwrap_or_else(|e| panic!("{path}: {e}"));
    }

    /// Whether there is a file.
    pub fn has(&self, path: &str) -> bool {
        self.folder.join(path).exists()
    }

    /// The names of the files in a folder, in order; none if there is no such folder.
    pub fn names(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.folder.join(folder)).into_iter().flatten().flatten();
        let mut names: Vec<String> = entries.map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// Builds the library of a package, which may use others that were built before.
    pub fn library(&self, package: &str, uses: &[&str]) {
        let arguments = ["--crate-type=lib", "--crate-name", name_of(package)];
        self.rustc(package, "src/lib.rs", uses, &arguments, &self.out());
    }

    /// Builds a program of a package, with its library and others.
    pub fn program(&self, package: &str, name: &str, uses: &[&str]) -> Program {
        let out = self.out().join("bin");
        self.rustc(package, &format!("src/bin/{name}.rs"), uses, &["--crate-type=bin", "--crate-name", name], &out);
        Program { file: out.join(name), folder: self.folder.join(package), variables: Vec::new() }
    }

    fn out(&self) -> PathBuf {
        self.folder.join("target")
    }

    fn rustc(&self, package: &str, source: &str, uses: &[&str], arguments: &[&str], to: &Path) {
        let folder = self.folder.join(package);
        let name = name_of(package);
        let manifest = format!("[package]\nname = {name:?}\nversion = \"0.1.0\"\nedition = \"2024\"\n");
        self.write(&format!("{package}/Cargo.toml"), &manifest);
        fs::create_dir_all(to).expect("the target folder takes folders");
        let mut rustc = compiler().rustc(to);
        // Without what debuggers need, linking takes a third less.
        rustc.arg("-Cstrip=debuginfo");
        // What cargo says of the package.
        rustc.env("CARGO_PKG_NAME", name).env("CARGO_MANIFEST_DIR", &folder);
        for used in uses {
            let file = self.out().join(format!("lib{used}.rlib"));
            rustc.arg("--extern").arg(format!("{used}={}", file.display()));
        }
        rustc.arg("-L").arg(format!("dependency={}", self.out().display()));
        let output = rustc.args(arguments).arg(folder.join(source)).output().expect("rustc starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{package}/{source} builds without a word:\n{said}");
    }
}

/// The name of a package by its folder.
fn name_of(package: &str) -> &str {
    package.rsplit('/').next().unwrap_or(package)
}

/// A program that was built.
#[derive(Clone)]
pub struct Program {
    file: PathBuf,
    folder: PathBuf,
    variables: Vec<(String, String)>,
}

impl Program {
    /// The same with a variable of the environment.
    pub fn with(mut self, name: &str, value: &str) -> Program {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same under another name, so that a later build leaves it.
    pub fn kept_as(mut self, name: &str) -> Program {
        let file = self.file.with_file_name(name);
        fs::copy(&self.file, &file).expect("the program is copied");
        self.file = file;
        self
    }

    /// How it is started, in its folder, with no variables but those that were given.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.file);
        command.args(arguments).current_dir(&self.folder).envs(self.variables.iter().cloned());
        for name in ["DATABASE_URL", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "TERM", "CI", "CARGO_MANIFEST_DIR"] {
            if !self.variables.iter().any(|(given, _)| given == name) {
                command.env_remove(name);
            }
        }
        command
    }

    /// Runs it with nobody at the terminal.
    pub fn run(&self, arguments: &[&str]) -> Said {
        let (mut output, to) = std::io::pipe().expect("there are pipes");
        let mut command = self.command(arguments);
        command.stdin(Stdio::null()).stdout(to.try_clone().expect("a pipe has two ends")).stderr(to);
        let mut child = command.spawn().expect("the program starts");
        drop(command);
        let mut text = String::new();
        output.read_to_string(&mut text).expect("the program writes text");
        let code = child.wait().expect("the program ends").code();
        Said::new(&arguments.join(" "), code, &text)
    }
}

/// What a program said, on both of its ways out as they come, and its exit code.
#[derive(Debug)]
pub struct Said {
    arguments: String,
    code: Option<i32>,
    pub text: String,
}

impl Said {
    /// What a program said with its arguments. How long something took is `0 ms`, and that it waited for another test on
    /// the same server is left out.
    pub fn new(arguments: &str, code: Option<i32>, text: &str) -> Said {
        let lines = text.split_inclusive('\n').filter(|line| !line.starts_with("another program is migrating; "));
        Said { arguments: arguments.to_owned(), code, text: without_times(&lines.collect::<String>()) }
    }

    /// Fails unless it is just this.
    #[track_caller]
    pub fn is(&self, code: i32, text: &str) {
        assert_eq!(self.text.trim_end(), text.trim_end(), "`manage {}`", self.arguments);
        self.ended(code);
    }

    /// Fails unless this is a part of it.
    #[track_caller]
    pub fn has(&self, code: i32, part: &str) {
        assert!(self.text.contains(part), "`manage {}` says:\n{}\nand not:\n{part}", self.arguments, self.text);
        self.ended(code);
    }

    #[track_caller]
    fn ended(&self, code: i32) {
        assert_eq!(self.code, Some(code), "the exit code of `manage {}`, which says:\n{}", self.arguments, self.text);
    }
}

/// `(12 ms)` as `(0 ms)`.
fn without_times(text: &str) -> String {
    let mut parts = text.split(" ms)");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.truncate(out.trim_end_matches(|c: char| c.is_ascii_digit()).len());
        out += "0 ms)";
        out += part;
    }
    out
}
