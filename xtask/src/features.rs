//! `cargo xtask features`: the library compiles, without a warning, with each choice of databases.

use std::process::Command;

use crate::process::{self, Result, cargo};

const DATABASES: [&str; 3] = ["sqlite", "postgres", "mysql"];
const VALUE_TYPES: [&str; 5] = ["chrono", "time", "uuid", "rust_decimal", "json"];

/// Checks them all.
pub fn run() -> Result {
    for features in combinations() {
        let list = features.join(",");
        let mut command = cargo(["check", "-p", "orm", "--no-default-features", "--features", &list]);
        println!("features: {}", if list.is_empty() { "none" } else { &list });
        without_warnings(&mut command)?;
    }
    Ok(())
}

/// None, each alone, each pair and all of the databases, with and without migrations; then each value type alone.
fn combinations() -> Vec<Vec<&'static str>> {
    let databases = (0..8).map(|bits| {
        let chosen = DATABASES.iter().enumerate().filter(move |(bit, _)| bits >> bit & 1 == 1);
        chosen.map(|(_, name)| *name).collect::<Vec<_>>()
    });
    let databases = databases.flat_map(|chosen| {
        let migrate = [&chosen[..], &["migrate"]].concat();
        [chosen, migrate]
    });
    databases.chain(VALUE_TYPES.map(|name| [&DATABASES[..], &[name]].concat())).collect()
}

/// `-D warnings` in RUSTFLAGS would build every dependency again, so the output is read instead.
fn without_warnings(command: &mut Command) -> Result {
    let output = process::output(command)?;
    let said = String::from_utf8_lossy(&output.stderr);
    if said.lines().any(|line| line.starts_with("warning")) {
        Err(format!("there are warnings:\n{said}"))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::combinations;

    #[test]
    fn each_choice_comes_once() {
        let all = combinations();
        assert_eq!(all.len(), 8 * 2 + 5);
        assert!(all.contains(&vec![]) && all.contains(&vec!["sqlite", "mysql", "migrate"]));
        assert!(all.iter().all(|one| all.iter().filter(|other| *other == one).count() == 1));
    }
}
