//! SQLite as one would use it by hand: cached statements, values read in order, many rows a statement.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::rc::Rc;

use rusqlite::{Connection, Result, Row, ToSql};

use crate::KEYS;
use crate::harness::Contender;
use crate::reader::{COLUMNS, Reader};

const NAME: &str = "rusqlite";
const ALL: &str = "SELECT id, name, email, note, visits, active, score FROM readers";
const ONE: &str = "SELECT id, name, email, note, visits, active, score FROM readers WHERE id = ?1";
/// Rows in one INSERT of many; more of them are not faster.
const CHUNK: usize = 100;

/// Reads a table of so many rows.
pub fn read(file: &Path, rows: usize) -> Result<Contender, Box<dyn Error>> {
    let connection = open(file, rows)?;
    assert_eq!(all(&connection)?, Reader::first(rows));
    Ok(Contender::reader(NAME, move |times| {
        for _ in 0..times {
            black_box(all(&connection).expect("rows"));
        }
    }))
}

/// Reads one row, another each time.
pub fn by_key(file: &Path) -> Result<Contender, Box<dyn Error>> {
    let connection = open(file, KEYS)?;
    assert_eq!(one(&connection, 7)?, Reader::numbered(7));
    let mut ids = (1..=KEYS as i64).cycle();
    Ok(Contender::reader(NAME, move |times| {
        for id in ids.by_ref().take(times) {
            black_box(one(&connection, id).expect("a row"));
        }
    }))
}

/// Stores so many rows, in a transaction if they are several.
pub fn insert(file: &Path, rows: usize) -> Result<Contender, Box<dyn Error>> {
    let connection = Rc::new(open(file, 0)?);
    let same = connection.clone();
    let readers = Reader::first(rows);
    let statement = insert_text(rows.min(CHUNK));
    let run = move |times| {
        for _ in 0..times {
            store(&connection, &statement, &readers).expect("stored");
        }
    };
    let reset = move || same.execute_batch("DELETE FROM readers").expect("emptied");
    Ok(Contender { name: NAME, run: Box::new(run), reset: Box::new(reset) })
}

/// Makes a file with a table of so many rows. It is closed then, so that whoever opens it finds the same: reading costs
/// more where all is in the file than where some is still in the log of the connection that wrote it.
pub fn make(file: &Path, rows: usize) -> Result<()> {
    let connection = connect(file)?;
    connection.execute_batch(
        "CREATE TABLE readers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, note TEXT,
             visits INTEGER NOT NULL, active INTEGER NOT NULL, score REAL NOT NULL);",
    )?;
    if rows > 0 {
        store(&connection, &insert_text(rows.min(CHUNK)), &Reader::first(rows))?;
    }
    connection.close().map_err(|(_, error)| error)
}

fn connect(file: &Path) -> Result<Connection> {
    let connection = Connection::open(file)?;
    connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON;")?;
    Ok(connection)
}

fn open(file: &Path, rows: usize) -> Result<Connection> {
    make(file, rows)?;
    connect(file)
}

fn decode(row: &Row<'_>) -> Result<Reader> {
    Ok(Reader {
        id: row.get(0)?,
        name: row.get(1)?,
        email: row.get(2)?,
        note: row.get(3)?,
        visits: row.get(4)?,
        active: row.get(5)?,
        score: row.get(6)?,
    })
}

fn all(connection: &Connection) -> Result<Vec<Reader>> {
    connection.prepare_cached(ALL)?.query_map([], decode)?.collect()
}

fn one(connection: &Connection, id: i64) -> Result<Reader> {
    connection.prepare_cached(ONE)?.query_row([id], decode)
}

fn insert_text(rows: usize) -> String {
    let row = format!("({})", ["?"; COLUMNS].join(", "));
    format!("INSERT INTO readers (name, email, note, visits, active, score) VALUES {}", vec![row; rows].join(", "))
}

/// Stores rows whose number the statement's divides. One statement needs no transaction.
fn store(connection: &Connection, statement: &str, readers: &[Reader]) -> Result<i64> {
    let transaction = (readers.len() > CHUNK).then(|| connection.unchecked_transaction()).transpose()?;
    for chunk in readers.chunks_exact(readers.len().min(CHUNK)) {
        let mut statement = connection.prepare_cached(statement)?;
        let mut at = 0;
        for value in chunk.iter().flat_map(values) {
            at += 1;
            statement.raw_bind_parameter(at, value)?;
        }
        statement.raw_execute()?;
    }
    transaction.map_or(Ok(()), |transaction| transaction.commit())?;
    Ok(connection.last_insert_rowid())
}

/// What a row stores, in the order of the columns.
fn values(reader: &Reader) -> [&dyn ToSql; COLUMNS] {
    [&reader.name, &reader.email, &reader.note, &reader.visits, &reader.active, &reader.score]
}
