//! Migrations as Rust files in the app's crate: the text, where it goes, and the list of them. Reads no Rust.
//!
//! ```
//! # orm_blog::example! {
//! use orm::migrate::{file, prelude::*};
//! const SECOND: Migration = Migration::new("blog", "0002").ops(&[Op::remove_field("Post", "body")]);
//! let text = file::text(&SECOND);
//! assert!(text.contains(r#"pub static MIGRATION: Migration = Migration::new("blog", "0002")"#));
//! assert!(text.contains(r#"Op::remove_field("Post", "body"),"#));
//! # }
//! ```

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use orm_core::error::{Error, Result};

use crate::app::{App, Migration};

/// The text of a migration's file.
pub fn text(migration: &Migration) -> String {
    let mut out = format!("//! Migration `{}`.\n\nuse orm::migrate::prelude::*;\n\n", migration.label());
    out += &format!("pub static MIGRATION: Migration = Migration::new({:?}, {:?})\n", migration.app, migration.name);
    let pairs = migration.dependencies.iter().map(|(app, name)| format!("({app:?}, {name:?})"));
    if !migration.dependencies.is_empty() {
        out += &format!("    .depends_on({})\n", crate::code::list(pairs));
    }
    out += "    .ops(&[\n";
    for operation in migration.operations {
        out += &format!("        {},\n", operation.code());
    }
    out += "    ]);\n";
    out
}

/// The text of `mod.rs`, which lists the migrations of an app.
pub fn list_text(app: &App, names: &[String]) -> String {
    let mut out = format!(
        "//! The migrations of `{}`, in order. `makemigrations` keeps this list.\n\nuse orm::migrate::prelude::*;\n\n",
        app.name
    );
    for name in names {
        out += &format!("mod {};\n", module(name));
    }
    out += "\n/// The migrations, in order.\npub static MIGRATIONS: &[&Migration] = &[\n";
    for name in names {
        out += &format!("    &{}::MIGRATION,\n", module(name));
    }
    out += "];\n\n/// The app that they belong to.\n";
    out += &format!(
        "pub const APP: App = App::new({:?}, module_path!(), env!(\"CARGO_MANIFEST_DIR\"), MIGRATIONS);\n",
        app.name
    );
    out
}

/// `m0001_initial`
pub fn module(name: &str) -> String {
    format!("m{name}")
}

/// The directory of an app's migrations: under `src`, where its module stands.
///
/// # Errors
/// If the crate is not the user's own: it comes from a registry, or its directory is gone.
pub fn directory(app: &App) -> Result<PathBuf> {
    let root = Path::new(app.directory);
    // A binary that was built elsewhere and runs under Cargo is told where the crate is now.
    let root = match std::env::var_os("CARGO_MANIFEST_DIR") {
        Some(now) if !root.is_dir() => PathBuf::from(now),
        _ => root.to_owned(),
    };
    if !root.join("Cargo.toml").is_file() {
        return Err(Error::migration(format!(
            "there is no `Cargo.toml` in `{}`, where app `{}` was built; run this from its source",
            root.display(),
            app.name
        )));
    }
    let parts: Vec<_> = root.components().map(|c| c.as_os_str().to_string_lossy().into_owned()).collect();
    let foreign = |a: &str, b: &str| parts.windows(2).any(|w| w[0] == a && w[1] == b);
    if foreign("registry", "src") || foreign("git", "checkouts") {
        return Err(Error::migration(format!("app `{}` is not yours: its crate was downloaded by Cargo", app.name)));
    }
    let mut at = root.join("src");
    at.extend(app.root().split("::").skip(1));
    Ok(at.join("migrations"))
}

/// The names of the migrations whose files stand in a directory, in order.
///
/// # Errors
/// If the directory cannot be read.
pub fn names(directory: &Path) -> Result<Vec<String>> {
    if !directory.exists() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in fs::read_dir(directory).map_err(|e| io(e, "read", directory))? {
        let entry = entry.map_err(|e| io(e, "read", directory))?;
        let file = entry.file_name().to_string_lossy().into_owned();
        let name = file.strip_prefix('m').and_then(|f| f.strip_suffix(".rs"));
        if let Some(name) = name.filter(|n| n.len() > 5 && n.as_bytes()[..4].iter().all(u8::is_ascii_digit)) {
            // Files beside a migration, like `m0003_slug_data.rs`, are listed by hand.
            names.push(name.to_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Writes migrations of an app and the list of all of them. Gives back the files, the list last.
///
/// # Errors
/// If a file is there already, or cannot be written.
pub fn write(app: &App, new: &[Migration]) -> Result<Vec<PathBuf>> {
    let directory = directory(app)?;
    fs::create_dir_all(&directory).map_err(|e| io(e, "make", &directory))?;
    let mut files = Vec::new();
    for migration in new {
        let path = directory.join(format!("{}.rs", module(migration.name)));
        let mut file =
            fs::OpenOptions::new().write(true).create_new(true).open(&path).map_err(|e| io(e, "write", &path))?;
        file.write_all(formatted(&text(migration), &directory).as_bytes()).map_err(|e| io(e, "write", &path))?;
        files.push(path);
    }
    let all = app.migrations.iter().map(|m| m.name).chain(new.iter().map(|m| m.name));
    let mut all: Vec<String> = all.map(str::to_owned).collect();
    all.sort();
    let list = directory.join("mod.rs");
    fs::write(&list, formatted(&list_text(app, &all), &directory)).map_err(|e| io(e, "write", &list))?;
    files.push(list);
    Ok(files)
}

/// The text as `rustfmt` would have it in a directory, whose settings count; as it is where there is no `rustfmt`.
pub fn formatted(text: &str, directory: &Path) -> String {
    rustfmt(text, directory).unwrap_or_else(|| text.to_owned())
}

fn rustfmt(text: &str, directory: &Path) -> Option<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take()?;
    let input = text.to_owned();
    // A text longer than a pipe must be written while its output is read.
    let writer = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output().ok()?;
    writer.join().ok()?.ok()?;
    (output.status.success() && !output.stdout.is_empty()).then(|| String::from_utf8(output.stdout).ok())?
}

/// A path as one would type it here.
pub(crate) fn from_here(path: &Path) -> &Path {
    let here = std::env::current_dir().ok();
    here.and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path)
}

fn io(error: std::io::Error, verb: &str, path: &Path) -> Error {
    Error::migration(format!("could not {verb} `{}`: {error}", from_here(path).display())).with_source(error)
}
