//! `cargo xtask budget`: what a model costs to compile, beside the same struct that derives only serde.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use clap::Args;

use crate::process::{self, Result, cargo, root, target};

/// What `cargo xtask budget` takes.
#[derive(Args)]
pub struct Options {
    /// How many models, in a ring.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u32).range(3..))]
    models: u32,
    /// How many fields each has: a key, two foreign keys, the other side of one, and scalars.
    #[arg(long, default_value_t = 15, value_parser = clap::value_parser!(u32).range(4..))]
    fields: u32,
}

impl Default for Options {
    fn default() -> Options {
        Options { models: 100, fields: 15 }
    }
}

/// Counts the time of the crate itself, by cargo's own call of rustc; `times` reports what the shell waited for.
/// The second call prints what the derives of `orm` alone expand to. Its switch is set here and not for cargo as a
/// whole, because build scripts that see it would run again.
const WRAPPER: &str = r#"#!/bin/sh
[ -n "$CARGO_PRIMARY_PACKAGE" ] || exec "$@"
"$@" || exit
times >"$BUDGET_OUT/times"
[ -z "$BUDGET_EXPAND" ] || RUSTC_BOOTSTRAP=1 exec "$@" --cfg bare -Zunpretty=expanded >"$BUDGET_OUT/expanded.rs"
"#;

/// Measures and compares with the thresholds.
pub fn run(options: &Options) -> Result {
    let folder = target().join("budget");
    let models = Crate::write(&folder, "models", &models(options), true)?;
    let plain = Crate::write(&folder, "plain", &plain(options), false)?;
    let expanded = models.expand()?;
    plain.warm()?;
    // Taken in turns, so that a busy moment of the machine meets both.
    let (mut ours, mut theirs) = (f64::MAX, f64::MAX);
    for _ in 0..3 {
        ours = ours.min(models.check()?);
        theirs = theirs.min(plain.check()?);
    }
    let each = f64::from(options.models);
    let report = [
        ("ms_per_model", ours * 1000.0 / each),
        ("cpu_ratio", ours / theirs),
        ("lines_per_model", count(&expanded, |_| true) / each),
        ("impls_per_model", count(&expanded, |line| line.starts_with("impl")) / each),
    ];
    println!(
        "{} models of {} fields: {ours:.2} s of CPU; with serde alone {theirs:.2} s",
        options.models, options.fields
    );
    gate(&report, &fs::read_to_string(root().join("xtask/budget.toml")).unwrap_or_default())
}

/// A generated crate.
struct Crate {
    folder: PathBuf,
}

impl Crate {
    fn write(folder: &Path, name: &str, source: &str, with_orm: bool) -> Result<Crate> {
        let folder = folder.join(name);
        let write = || {
            fs::create_dir_all(folder.join("src"))?;
            fs::write(folder.join("Cargo.toml"), manifest(name, with_orm))?;
            fs::write(folder.join("src/lib.rs"), source)?;
            fs::write(folder.join("rustc.sh"), WRAPPER)?;
            fs::set_permissions(folder.join("rustc.sh"), fs::Permissions::from_mode(0o755))?;
            fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))
        };
        write().map_err(|e| format!("{}: {e}", folder.display()))?;
        Ok(Crate { folder })
    }

    /// Checks it with its dependencies, and gives what the derives of `orm` expand to.
    fn expand(&self) -> Result<String> {
        self.cargo_check(true)?;
        self.read("expanded.rs")
    }

    /// Checks it with its dependencies.
    fn warm(&self) -> Result {
        self.cargo_check(false)
    }

    /// Checks it alone, and gives the seconds of CPU that took.
    fn check(&self) -> Result<f64> {
        self.cargo_check(false)?;
        let times = self.read("times")?;
        cpu_seconds(&times).ok_or_else(|| format!("`times` of the shell printed {times:?}"))
    }

    fn cargo_check(&self, expand: bool) -> Result {
        let source = fs::File::options().append(true).open(self.folder.join("src/lib.rs"));
        let touched = source.and_then(|file| file.set_modified(SystemTime::now()));
        touched.map_err(|e| format!("{}: {e}", self.folder.display()))?;
        let mut command = cargo(["check", "--target-dir"]);
        command.arg(target()).current_dir(&self.folder).env("BUDGET_OUT", &self.folder);
        command.env("RUSTC_WRAPPER", self.folder.join("rustc.sh"));
        // What is kept between builds would be measured too, or would spare the work that is.
        command.env("CARGO_INCREMENTAL", "0").env_remove("BUDGET_EXPAND");
        if expand {
            command.env("BUDGET_EXPAND", "1");
        }
        process::output(&mut command).map(drop)
    }

    fn read(&self, name: &str) -> Result<String> {
        fs::read_to_string(self.folder.join(name)).map_err(|e| format!("{}/{name}: {e}", self.folder.display()))
    }
}

/// The features and the profile are those of the repository's own builds, so that their artifacts serve.
fn manifest(name: &str, with_orm: bool) -> String {
    let features =
        "\"sqlite\", \"postgres\", \"mysql\", \"chrono\", \"time\", \"uuid\", \"rust_decimal\", \"json\", \"migrate\"";
    let orm =
        if with_orm { format!("orm = {{ path = {:?}, features = [{features}] }}\n", root()) } else { String::new() };
    format!(
        "[package]\nname = \"budget-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n\n[dependencies]\n{orm}\
         serde = {{ version = \"1\", features = [\"derive\"] }}\n\
         chrono = {{ version = \"0.4\", default-features = false, features = [\"std\", \"serde\"] }}\n\
         rust_decimal = {{ version = \"1\", default-features = false, features = [\"std\", \"serde\"] }}\n\n\
         [profile.dev]\ndebug = \"line-tables-only\"\n"
    )
}

/// Types of scalar fields and what their attribute says.
const SCALARS: [(&str, &str); 11] = [
    ("String", "max_length = 100"),
    ("String", "max_length = 254, unique"),
    ("Option<String>", "max_length = 500"),
    ("i32", ""),
    ("i64", ""),
    ("bool", ""),
    ("f64", ""),
    ("Option<i64>", ""),
    ("chrono::NaiveDate", ""),
    ("chrono::DateTime<chrono::Utc>", ""),
    ("rust_decimal::Decimal", "max_digits = 8, decimal_places = 2"),
];

/// The attribute and the type of each scalar field, over and over.
fn scalars(options: &Options) -> impl Iterator<Item = (u32, &'static str, &'static str)> {
    (0..options.fields - 4).zip(SCALARS.iter().cycle()).map(|(number, (kind, attribute))| (number, *kind, *attribute))
}

fn models(options: &Options) -> String {
    let mut text = "//! Generated.\n#![allow(unexpected_cfgs)]\n\nuse orm::prelude::*;\n".to_owned();
    for number in 0..options.models {
        let model = |steps: u32| format!("Model{}", (number + steps) % options.models);
        let _ =
            writeln!(text, "\n#[derive(orm::Model)]\n#[cfg_attr(not(bare), derive(Debug, Clone, serde::Serialize))]");
        let _ = writeln!(text, "#[orm(table = \"model_{number}\")]\npub struct {} {{\n    pub id: i64,", model(0));
        for (number, kind, attribute) in scalars(options) {
            if !attribute.is_empty() {
                let _ = writeln!(text, "    #[orm({attribute})]");
            }
            let _ = writeln!(text, "    pub field_{number}: {kind},");
        }
        let _ = writeln!(text, "    #[orm(on_delete = Cascade)]\n    pub next: ForeignKey<{}>,", model(1));
        let _ = writeln!(text, "    #[orm(on_delete = SetNull)]\n    pub other: Option<ForeignKey<{}>>,", model(2));
        let before = model(options.models - 1);
        let _ = writeln!(text, "    #[orm(via = next)]\n    pub previous: HasMany<{before}>,\n}}");
    }
    text
}

fn plain(options: &Options) -> String {
    let mut text = "//! Generated.\n".to_owned();
    for number in 0..options.models {
        let _ = writeln!(text, "\n#[derive(serde::Serialize, serde::Deserialize, Debug, Clone)]");
        let _ = writeln!(text, "pub struct Model{number} {{\n    pub id: i64,");
        for (number, kind, _) in scalars(options) {
            let _ = writeln!(text, "    pub field_{number}: {kind},");
        }
        let _ = writeln!(text, "    pub next: i64,\n    pub other: Option<i64>,\n    pub previous: Vec<i64>,\n}}");
    }
    text
}

/// The second line of `times`, user and system, as `0m1.25s 0m0.10s`.
fn cpu_seconds(times: &str) -> Option<f64> {
    let seconds = |text: &str| {
        let (minutes, seconds) = text.strip_suffix('s')?.split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.replace(',', ".").parse::<f64>().ok()?)
    };
    times.lines().nth(1)?.split_whitespace().map(seconds).sum()
}

fn count(text: &str, is_it: impl Fn(&str) -> bool) -> f64 {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && is_it(line)).map(|_| 1.0).sum()
}

/// Prints each number beside what it may be, and fails if one is above.
fn gate(report: &[(&str, f64)], limits: &str) -> Result {
    let limit = |name: &str| {
        let mut lines = limits.lines().filter_map(|line| line.split('#').next()?.split_once('='));
        lines.find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim().parse::<f64>())
    };
    let mut above = Vec::new();
    println!("{:<18}{:>10}{:>10}", "", "measured", "allowed");
    for (name, value) in report {
        let allowed = limit(name).transpose().map_err(|e| format!("xtask/budget.toml: `{name}`: {e}"))?;
        println!("{name:<18}{value:>10.2}{:>10}", allowed.map_or("-".to_owned(), |allowed| allowed.to_string()));
        if allowed.is_some_and(|allowed| *value > allowed) {
            above.push(*name);
        }
    }
    if above.is_empty() { Ok(()) } else { Err(format!("above what xtask/budget.toml allows: {}", above.join(", "))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_has_as_many_fields_as_asked_for() {
        let text = models(&Options { models: 3, fields: 15 });
        assert_eq!(text.matches("    pub ").count(), 3 * 15);
        assert!(text.contains("pub next: ForeignKey<Model0>") && text.contains("pub previous: HasMany<Model2>"));
        assert_eq!(plain(&Options { models: 3, fields: 15 }).matches("    pub ").count(), 3 * 15);
    }

    #[test]
    fn times_are_read_from_any_shell() {
        assert_eq!(cpu_seconds("0m0.00s 0m0.00s\n1m2.50s 0m0.25s\n"), Some(62.75));
        assert_eq!(cpu_seconds("0m0,000s 0m0,000s\n0m1,000s 0m0,000s\n"), Some(1.0));
        assert_eq!(cpu_seconds("?"), None);
    }

    #[test]
    fn a_number_above_its_limit_fails() {
        let report = [("cpu_ratio", 2.0), ("lines_per_model", 90.0)];
        assert_eq!(gate(&report, "# none"), Ok(()));
        assert_eq!(gate(&report, "cpu_ratio = 2.0 # as it is\nlines_per_model = 100"), Ok(()));
        let said = gate(&report, "cpu_ratio = 1.5").unwrap_err();
        assert!(said.contains("cpu_ratio"), "{said}");
    }
}
