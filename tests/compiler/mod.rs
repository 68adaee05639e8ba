//! rustc as these tests call it: on one program, with the very libraries that the test itself was linked with, so that
//! nothing is built twice. Knows nothing of what the programs say.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

/// rustc, and where the libraries lie.
pub struct Compiler {
    libraries: PathBuf,
    externs: Vec<(String, PathBuf)>,
    folder: PathBuf,
}

impl Compiler {
    /// Asks cargo what it built for the test of a name. `folder` is for what is built here.
    pub fn of_test(test: &str) -> Compiler {
        let mut cargo = Command::new(env!("CARGO"));
        // What describes the running test would make build scripts that watch it run again.
        for (name, _) in std::env::vars() {
            if ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_", "CARGO_CRATE_", "CARGO_PRIMARY_"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
            {
                cargo.env_remove(name);
            }
        }
        cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
        cargo.args(["test", "--no-run", "--message-format=json", "--test", test]);
        let output = cargo.output().expect("cargo starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let messages = String::from_utf8(output.stdout).expect("cargo writes text");
        let externs: Vec<_> = messages.lines().filter_map(library).collect();
        let orm = &externs.iter().find(|(name, _)| name == "orm").expect("the test needs `orm`").1;
        // `orm` itself may lie one folder higher; what it needs never does.
        let libraries = orm.ancestors().find(|dir| dir.ends_with("debug")).expect("built for debugging").join("deps");
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        std::fs::create_dir_all(&folder).expect("the target folder takes files");
        Compiler { libraries, externs, folder }
    }

    /// The folder for what is built.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Compiles a file; `emit` is what rustc calls it, and further arguments follow.
    #[allow(dead_code)] // One test has more to tell rustc.
    pub fn compile(&self, file: &Path, emit: &str, more: &[&str]) -> Output {
        let mut rustc = self.rustc(&self.folder);
        rustc.args(["--error-format=json", "--emit", emit]).args(more).arg(file).output().expect("rustc starts")
    }

    /// rustc with the libraries named, to be told what to compile into a folder.
    pub fn rustc(&self, to: &Path) -> Command {
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc.args(["--edition=2024", "-L"]).arg(format!("dependency={}", self.libraries.display()));
        rustc.arg("--out-dir").arg(to);
        for (name, path) in &self.externs {
            rustc.arg("--extern").arg(format!("{name}={}", path.display()));
        }
        rustc
    }
}

/// A library that programs may name, and its file.
fn library(message: &str) -> Option<(String, PathBuf)> {
    const NAMED: [&str; 6] = ["orm", "chrono", "rust_decimal", "serde", "serde_json", "tokio"];
    let message: Value = serde_json::from_str(message).ok()?;
    let name = message.pointer("/target/name")?.as_str().filter(|name| NAMED.contains(name))?;
    let files = message.get("filenames")?.as_array()?.iter().filter_map(Value::as_str);
    let file = files.clone().find(|file| file.ends_with(".rlib"))?;
    Some((name.to_owned(), file.into()))
}
