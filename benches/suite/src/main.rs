//! What the library costs over its drivers used well by hand: ratios, for absolute times say little on another machine.
//!
//! `cargo xtask bench` runs it, `cargo xtask bench -- sqlite read` only the cases whose names hold these words. The
//! first contender of a case is the limit that the others are compared with.

mod harness;
mod ours;
mod pin;
mod reader;
mod rusqlite_by_hand;
mod sqlx_by_hand;

use std::error::Error;
use std::path::PathBuf;

use harness::Suite;
use ours::Place;

/// How many rows a read takes.
const READ: [usize; 3] = [1, 100, 10_000];
/// How many rows an insert stores.
const INSERT: [usize; 2] = [1, 1_000];
/// How many rows the table holds that is read by key.
const KEYS: usize = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let suite = Suite::new(std::env::args().skip(1).collect());
    let folder = Folder::create()?;
    sqlite(&suite, &folder)?;
    match std::env::var("ORM_TEST_POSTGRES_URL") {
        Ok(url) => postgres(&suite, &url)?,
        Err(_) => println!("the cases of postgres need ORM_TEST_POSTGRES_URL"),
    }
    println!("\n{}", versions());
    Ok(())
}

fn sqlite(suite: &Suite, folder: &Folder) -> Result<(), Box<dyn Error>> {
    use rusqlite_by_hand as hand;
    let file = |name: &str| folder.0.join(name);
    for rows in READ {
        let file = |whose| file(&format!("read{rows}{whose}"));
        suite.case(&format!("sqlite read {rows}"), || {
            Ok(vec![hand::read(&file("hand"), rows)?, ours::read(Place::file(&file("ours"), rows)?, rows)?])
        })?;
    }
    suite.case("sqlite by key", || {
        Ok(vec![hand::by_key(&file("key_hand"))?, ours::by_key(Place::file(&file("key_ours"), KEYS)?)?])
    })?;
    for rows in INSERT {
        let file = |whose| file(&format!("insert{rows}{whose}"));
        suite.case(&format!("sqlite insert {rows}"), || {
            Ok(vec![hand::insert(&file("hand"), rows)?, ours::insert(Place::file(&file("ours"), 0)?, rows)?])
        })?;
    }
    Ok(())
}

fn postgres(suite: &Suite, url: &str) -> Result<(), Box<dyn Error>> {
    use sqlx_by_hand as hand;
    let _pinned = pin::Pinned::postgres();
    for rows in READ {
        suite.case(&format!("postgres read {rows}"), || {
            Ok(vec![hand::read(url, rows)?, ours::read(Place::schema(url, rows)?, rows)?])
        })?;
    }
    suite.case("postgres by key", || Ok(vec![hand::by_key(url)?, ours::by_key(Place::schema(url, KEYS)?)?]))?;
    for rows in INSERT {
        suite.case(&format!("postgres insert {rows}"), || {
            Ok(vec![hand::insert(url, rows)?, ours::insert(Place::schema(url, 0)?, rows)?])
        })?;
    }
    Ok(())
}

/// What was measured, as the lock file has it.
fn versions() -> String {
    let lock = include_str!("../Cargo.lock");
    let version = |name: &str| {
        let (_, rest) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(format!("{name} {}", rest.split_once('"')?.0))
    };
    let crates: Vec<String> = ["rusqlite", "libsqlite3-sys", "sqlx", "tokio"].into_iter().filter_map(version).collect();
    format!("SQLite {}, {}", rusqlite::version(), crates.join(", "))
}

/// A folder for files of SQLite, removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn create() -> std::io::Result<Folder> {
        let folder = std::env::temp_dir().join(format!("orm-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        Ok(Folder(folder))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
