//! Where the shop's data comes from: Chinook's own files, or a small made-up shop of the same shape.

use std::path::Path;

use orm::prelude::*;

/// The made-up shop, spelt for SQLite and MySQL.
const FIXTURE: &str = include_str!("fixture.sql");

/// How a database names the tables and columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Naming {
    /// `InvoiceLine`
    Pascal,
    /// `invoice_line`
    Snake,
}

impl Naming {
    /// Chinook's script for PostgreSQL has names in snake case, the others have not.
    pub fn of(db: &dyn Executor) -> Naming {
        if db.dialect().name() == "postgres" { Naming::Snake } else { Naming::Pascal }
    }
}

/// What a database holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Data {
    /// What it held already.
    Found,
    /// Chinook's own rows, loaded from its files.
    Files,
    /// The made-up shop.
    Fixture,
}

/// Opens a database. One without a shop gets one: from a folder with Chinook's files, or else the made-up shop.
pub async fn open(url: &str, folder: Option<&Path>) -> Result<(Db, Data), Box<dyn std::error::Error + Send + Sync>> {
    let mut copied = false;
    if let (Some(file), Some(folder)) = (url.strip_prefix("sqlite:"), folder) {
        let file = Path::new(file.split('?').next().unwrap_or(file));
        if !file.exists() {
            // Written anew, since the file that is read may be one that must not be written.
            std::fs::write(file, std::fs::read(folder.join("chinook.sqlite"))?)?;
            copied = true;
        }
    }
    let db = Db::connect(url).await?;
    let data = match (holds_tables(&db).await?, folder) {
        (true, _) if copied => Data::Files,
        (true, _) => Data::Found,
        (false, Some(folder)) => {
            load(&db, folder).await?;
            Data::Files
        }
        (false, None) => {
            fill(&db).await?;
            Data::Fixture
        }
    };
    Ok((db, data))
}

async fn holds_tables(db: &Db) -> Result<bool> {
    let tables = db.introspect().await?.tables;
    Ok(["Track", "track"].iter().any(|table| tables.contains_key(*table)))
}

/// Fills an empty database with Chinook's own rows.
pub async fn load(db: &Db, folder: &Path) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let script = std::fs::read_to_string(folder.join(format!("chinook_{}.sql", db.dialect().name())))?;
    // What stands before the first table makes a database, and there is one already.
    let start = script.find("CREATE TABLE").unwrap_or(0);
    Ok(db.execute(&script[start..]).await?)
}

/// Fills an empty database with the made-up shop.
pub async fn fill(db: &Db) -> Result<()> {
    db.execute(spelt(FIXTURE, db)).await
}

/// SQL for one database: names in backticks as they are named there, and types as they are called there.
pub fn spelt(sql: &str, db: &dyn Executor) -> String {
    match Naming::of(db) {
        Naming::Pascal => sql.to_owned(),
        Naming::Snake => {
            let parts = sql.split('`').enumerate();
            let named: String = parts.map(|(i, part)| if i % 2 == 1 { snake(part) } else { part.to_owned() }).collect();
            named.replace("NVARCHAR", "VARCHAR").replace(" DATETIME", " TIMESTAMP")
        }
    }
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (i, letter) in name.chars().enumerate() {
        if letter.is_uppercase() && i > 0 {
            snake.push('_');
        }
        snake.extend(letter.to_lowercase());
    }
    snake
}
