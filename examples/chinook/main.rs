//! Chinook, a music shop whose database this library did not make, opened as it is and asked what its owner might ask.
//!
//! ```text
//! cargo run --example chinook                        a made-up shop in memory
//! cargo run --example chinook -- chinook.sqlite      a file, which is only read
//! cargo run --example chinook -- postgres://…        a database; if there is no shop yet, the made-up one is put there
//! DATABASE_URL=… cargo run --example chinook -- dir  the same, but filled from Chinook's own files in that folder
//! ```

mod recorder;
mod shop;

use std::path::{Path, PathBuf};

use recorder::Recorder;
use shop::answer::{Question, Rows};
use shop::data::{self, Data};

/// How many rows of each answer are printed.
const SHOWN: usize = 5;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let (url, folder) = place();
    let (db, data) = data::open(&url, folder.as_deref()).await?;
    println!("{} on {}\n", described(data), db.location());
    let recorder = Recorder::new(db.clone());
    for (number, question) in (1..).zip(shop::questions(&db)) {
        let rows = (question.ask)(&recorder).await?;
        print(number, question, &recorder.take(), &rows);
    }
    db.close().await;
    Ok(())
}

fn described(data: Data) -> &'static str {
    match data {
        Data::Found => "The shop as it was found",
        Data::Files => "Chinook's own rows",
        Data::Fixture => "A small made-up shop",
    }
}

/// Which database, and the folder with Chinook's files if there is one.
fn place() -> (String, Option<PathBuf>) {
    let url = || std::env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite::memory:".to_owned());
    match std::env::args().nth(1) {
        None => (url(), None),
        Some(folder) if Path::new(&folder).is_dir() => (url(), Some(folder.into())),
        Some(file) if Path::new(&file).is_file() => (format!("sqlite:{file}?mode=ro"), None),
        Some(url) => (url, None),
    }
}

fn print(number: usize, question: &Question, statements: &[String], rows: &Rows) {
    println!("{number}. {} ({})", question.text, question.name);
    for statement in statements {
        println!("   {statement};");
    }
    let shown: Vec<Vec<&str>> = std::iter::once(question.columns.to_vec())
        .chain(rows.iter().take(SHOWN).map(|row| row.iter().map(String::as_str).collect()))
        .collect();
    let width = |column: usize| shown.iter().filter_map(|row| row.get(column)).map(|c| c.chars().count()).max();
    let widths: Vec<usize> = (0..question.columns.len()).map(|column| width(column).unwrap_or(0)).collect();
    for row in &shown {
        let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        println!("     {}", cells.join("  ").trim_end());
    }
    match rows.len() {
        0 => println!("     (nobody and nothing)\n"),
        n if n > SHOWN => println!("     … {n} rows\n"),
        _ => println!(),
    }
}
