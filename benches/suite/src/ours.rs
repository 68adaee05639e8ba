//! The library, on the same tables and with the same settings of the databases.

use std::error::Error;
use std::hint::black_box;
use std::path::Path;
use std::rc::Rc;

use orm::Result;
use orm::prelude::*;
use tokio::runtime::Runtime;

use crate::KEYS;
use crate::harness::Contender;
use crate::reader::{NewReader, Reader};
use crate::{rusqlite_by_hand, sqlx_by_hand};

const NAME: &str = "orm";

/// A database with a table, and what has to live as long as it.
pub struct Place {
    db: Db,
    runtime: Runtime,
    /// The statement that empties the table.
    empty: &'static str,
    /// Drops its schema, after the pool is gone.
    _schema: Option<sqlx_by_hand::Place>,
}

impl Place {
    /// A file of SQLite with so many rows.
    pub fn file(file: &Path, rows: usize) -> Result<Place, Box<dyn Error>> {
        rusqlite_by_hand::make(file, rows)?;
        Place::over(&format!("sqlite:{}", file.display()), "DELETE FROM readers", None)
    }

    /// A schema of PostgreSQL with so many rows.
    pub fn schema(url: &str, rows: usize) -> Result<Place, Box<dyn Error>> {
        let schema = sqlx_by_hand::Place::create(url, rows)?;
        let mark = if url.contains('?') { '&' } else { '?' };
        let settings = [("search_path", schema.schema.as_str()), ("synchronous_commit", "off"), ("jit", "off")];
        let settings: Vec<String> = settings.iter().map(|(name, value)| format!("options[{name}]={value}")).collect();
        Place::over(&format!("{url}{mark}sslmode=disable&{}", settings.join("&")), "TRUNCATE readers", Some(schema))
    }

    fn over(url: &str, empty: &'static str, schema: Option<sqlx_by_hand::Place>) -> Result<Place, Box<dyn Error>> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let db = runtime.block_on(Db::connect(url))?;
        Ok(Place { db, runtime, empty, _schema: schema })
    }
}

/// Reads a table of so many rows.
pub fn read(place: Place, rows: usize) -> Result<Contender, Box<dyn Error>> {
    let place = Rc::new(place);
    assert_eq!(place.runtime.block_on(Reader::objects().all(&place.db))?, Reader::first(rows));
    Ok(Contender::reader(NAME, move |times| {
        place.runtime.block_on(async {
            for _ in 0..times {
                black_box(Reader::objects().all(&place.db).await.expect("rows"));
            }
        });
    }))
}

/// Reads one row, another each time.
pub fn by_key(place: Place) -> Result<Contender, Box<dyn Error>> {
    let place = Rc::new(place);
    assert_eq!(place.runtime.block_on(one(&place.db, 7))?, Reader::numbered(7));
    let mut ids = (1..=KEYS as i64).cycle();
    Ok(Contender::reader(NAME, move |times| {
        place.runtime.block_on(async {
            for id in ids.by_ref().take(times) {
                black_box(one(&place.db, id).await.expect("a row"));
            }
        });
    }))
}

/// Stores so many rows.
pub fn insert(place: Place, rows: usize) -> Result<Contender, Box<dyn Error>> {
    let place = Rc::new(place);
    let same = place.clone();
    let readers = Reader::first(rows);
    let run = move |times| {
        place.runtime.block_on(async {
            for _ in 0..times {
                match &readers[..] {
                    [reader] => drop(black_box(store_one(&place.db, reader).await.expect("stored"))),
                    readers => drop(black_box(store_many(&place.db, readers).await.expect("stored"))),
                }
            }
        });
    };
    let reset = move || same.runtime.block_on(same.db.execute(same.empty)).expect("emptied");
    Ok(Contender { name: NAME, run: Box::new(run), reset: Box::new(reset) })
}

async fn one(db: &Db, id: i64) -> Result<Reader> {
    Reader::objects().filter(Reader.id.eq(id)).get(db).await
}

/// Gives the row back as the database has it.
async fn store_one(db: &Db, reader: &Reader) -> Result<Reader> {
    let Reader { name, email, note, visits, active, score, .. } = reader;
    let new = NewReader { name, email, visits: *visits, active: *active, score: *score };
    Reader::create(new).with(Reader.note.set(note.clone())).save(db).await
}

async fn store_many(db: &Db, readers: &[Reader]) -> Result<u64> {
    let drafts = readers.iter().map(|reader| {
        let Reader { name, email, note, visits, active, score, .. } = reader;
        let new = NewReader { name, email, visits: *visits, active: *active, score: *score };
        Reader::create(new).with(Reader.note.set(note.clone()))
    });
    Reader::objects().bulk_insert(db, drafts).await
}
