//! `cargo xtask readme`: what the README shows first works as it stands, in an empty folder.

use std::fs;

use crate::process::{self, Result, cargo, root, target};

/// Stands in the README before its first program.
const MARKER: &str = "<!-- first-program -->";

/// Builds and runs it.
pub fn run() -> Result {
    let readme = fs::read_to_string(root().join("README.md")).map_err(|e| format!("README.md: {e}"))?;
    let program = readme
        .split_once(MARKER)
        .and_then(|(_, rest)| block(rest, "rust"))
        .ok_or_else(|| format!("README.md has no rust block after `{MARKER}`"))?;
    let manifest = block(&readme, "toml").ok_or("README.md has no toml block for Cargo.toml")?;
    let folder = target().join("readme");
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    }
    let write = || {
        fs::create_dir_all(folder.join("src"))?;
        fs::write(folder.join("Cargo.toml"), manifest_text(manifest, &root().display().to_string()))?;
        fs::write(folder.join("src/main.rs"), program)?;
        fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))
    };
    write().map_err(|e| format!("{}: {e}", folder.display()))?;
    process::run(cargo(["run", "--target-dir"]).arg(target()).current_dir(&folder))
}

/// The text of the first fenced block of a language.
fn block<'a>(text: &'a str, language: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("```{language}"))?;
    let (_, rest) = rest.split_once('\n')?;
    rest.split_once("\n```").map(|(block, _)| block)
}

/// The README's manifest as a crate of its own, with `orm` taken from this repository.
fn manifest_text(shown: &str, repository: &str) -> String {
    let mut text = String::new();
    if !shown.contains("[package]") {
        text += "[package]\nname = \"readme\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n";
    }
    if !shown.contains("[dependencies]") {
        text += "[dependencies]\n";
    }
    for line in shown.lines() {
        match line.split_once('=') {
            Some((name, value)) if name.trim() == "orm" => text += &here(value.trim(), repository),
            _ => text += line,
        }
        text.push('\n');
    }
    // The profile of the repository, so that what is built there is not built again.
    text + "\n[workspace]\n\n[profile.dev]\ndebug = \"line-tables-only\"\n"
}

/// `orm = …` with its source replaced and its features kept.
fn here(value: &str, repository: &str) -> String {
    let source = |key: &str| ["version", "git", "branch", "tag", "rev", "path"].contains(&key);
    let table = value.strip_prefix('{').and_then(|rest| rest.trim_end().strip_suffix('}')).unwrap_or_default();
    let kept = entries(table).into_iter().filter(|entry| !source(entry.split('=').next().unwrap_or_default().trim()));
    let kept = kept.fold(String::new(), |text, entry| text + ", " + entry.trim());
    format!("orm = {{ path = {repository:?}{kept} }}")
}

/// The entries of an inline table; commas inside a list do not part them.
fn entries(table: &str) -> Vec<&str> {
    let mut depth = 0;
    let parts = table.split(move |letter| {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        letter == ',' && depth == 0
    });
    parts.filter(|entry| !entry.trim().is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::{block, here};

    #[test]
    fn a_block_is_found_by_its_language() {
        assert_eq!(block("a\n```toml\nx = 1\n```\n```rust,no_run\nfn a() {}\n```\n", "rust"), Some("fn a() {}"));
        assert_eq!(block("nothing", "rust"), None);
    }

    #[test]
    fn a_dependency_keeps_its_features() {
        assert_eq!(here("\"0.1\"", "/r"), "orm = { path = \"/r\" }");
        assert_eq!(
            here("{ version = \"0.1\", features = [\"postgres\", \"uuid\"] }", "/r"),
            "orm = { path = \"/r\", features = [\"postgres\", \"uuid\"] }"
        );
        assert_eq!(
            here("{ git = \"https://x\", default-features = false }", "/r"),
            "orm = { path = \"/r\", default-features = false }"
        );
    }
}
