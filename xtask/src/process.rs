//! Running other programs: cargo from the root of the repository, and what is found on the path.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

/// What went wrong, in words.
pub type Result<T = ()> = std::result::Result<T, String>;

/// The root of the repository.
pub fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.parent().map_or(here.clone(), Path::to_path_buf)
}

/// Where cargo builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// A cargo command at the root.
pub fn cargo<I: AsRef<OsStr>>(arguments: impl IntoIterator<Item = I>) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    // `cargo run` describes xtask to its children; build scripts that watch these variables (ring's) would run again.
    for (name, _) in std::env::vars_os() {
        let name = name.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
        {
            command.env_remove(&*name);
        }
    }
    command.current_dir(root()).args(arguments);
    command
}

/// Runs a command with its output shown.
pub fn run(command: &mut Command) -> Result {
    println!("$ {}", text(command));
    let status = command.status().map_err(|e| format!("`{}` did not start: {e}", text(command)))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` failed ({status})", text(command))) }
}

/// Runs a command and keeps its output, which an error shows.
pub fn output(command: &mut Command) -> Result<Output> {
    let output = command.output().map_err(|e| format!("`{}` did not start: {e}", text(command)))?;
    if output.status.success() {
        return Ok(output);
    }
    let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Err(format!("`{}` failed ({}):\n{}", text(command), output.status, said.trim_end()))
}

/// A program's file in one of the folders, else on the path.
pub fn find(name: &str, folders: &[PathBuf]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    folders.iter().cloned().chain(std::env::split_paths(&path)).map(|dir| dir.join(name)).find(|file| file.is_file())
}

/// A command as one would type it.
fn text(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_stem().unwrap_or_default().to_string_lossy().into_owned();
    command.get_args().fold(program, |text, argument| text + " " + &argument.to_string_lossy())
}

/// Stages that are run in order, and how long each took.
#[derive(Default)]
pub struct Stages(Vec<(&'static str, Duration)>);

impl Stages {
    /// Runs a stage; its failure names it.
    pub fn run<T>(&mut self, name: &'static str, stage: impl FnOnce() -> Result<T>) -> Result<T> {
        println!("\n== {name}");
        let start = Instant::now();
        let done = stage();
        self.0.push((name, start.elapsed()));
        println!("== {name}: {}", seconds(start.elapsed()));
        done.map_err(|message| format!("stage `{name}`: {message}"))
    }

    /// Prints the time of each stage.
    pub fn print(&self) {
        println!();
        for (name, time) in &self.0 {
            println!("{name:<12}{:>10}", seconds(*time));
        }
        println!("{:<12}{:>10}", "all", seconds(self.0.iter().map(|(_, time)| *time).sum()));
    }
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}
