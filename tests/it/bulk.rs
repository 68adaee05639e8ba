//! Many rows at once: what is stored is what was given, in its order, whatever the statements are.

use orm::prelude::*;

use crate::harness::Outcome;
use crate::suite;

#[derive(Model, Debug, Clone, PartialEq)]
struct Sample {
    id: i64,
    #[orm(max_length = 40)]
    text: String,
    note: Option<String>,
    count: i64,
    ratio: f64,
    good: bool,
    raw: Option<Vec<u8>>,
}

/// Rows of no fields but those that the database fills.
#[derive(Model, Debug)]
struct Tick {
    id: i64,
}

/// A row whose default is counted.
#[derive(Model, Debug)]
struct Ticket {
    id: i64,
    holder: String,
    #[orm(default = next_number())]
    number: i64,
}

thread_local! {
    /// A test makes its drafts on the thread that it is polled on.
    static NUMBERS: std::cell::Cell<i64> = const { std::cell::Cell::new(0) };
}

fn next_number() -> i64 {
    NUMBERS.set(NUMBERS.get() + 1);
    NUMBERS.get()
}

suite!([Sample, Tick, Ticket];
    many_rows_go_in_and_come_back, rows_without_fields_are_all_stored, a_limit_takes_each_value, a_default_is_made_once_a_row,
);

async fn a_default_is_made_once_a_row(db: Db) -> Outcome {
    let before = NUMBERS.get();
    Ticket::objects().bulk_insert(&db, (0..3).map(|i| NewTicket { holder: format!("{i}") })).await?;
    let mut numbers = Ticket::objects().values(Ticket.number).order_by(Ticket.number.asc()).all(&db).await?;
    numbers.iter_mut().for_each(|number| *number -= before);
    assert_eq!(numbers, [1, 2, 3]);
    Ok(())
}

type Given = (String, Option<String>, i64, f64, bool, Option<Vec<u8>>);

fn given(number: i64) -> Given {
    let note = (number % 2 == 0).then(|| format!("{{\"quoted\", {number}}}"));
    let raw = (number % 3 == 0).then(|| vec![0, 255, 7]);
    (format!("text {number}"), note, number * 7, number as f64 / 8.0, number % 5 == 0, raw)
}

fn stored(sample: Sample) -> Given {
    (sample.text, sample.note, sample.count, sample.ratio, sample.good, sample.raw)
}

fn drafts(count: i64) -> impl Iterator<Item = impl orm::model::Draftable<Sample>> {
    (1..=count).map(|number| {
        let (text, note, count, ratio, good, raw) = given(number);
        let new = NewSample { text, count, ratio, good };
        Sample::create(new).with((Sample.note.set(note), Sample.raw.set(raw)))
    })
}

async fn many_rows_go_in_and_come_back(db: Db) -> Outcome {
    let expected: Vec<Given> = (1..=1_234).map(given).collect();
    assert_eq!(Sample::objects().bulk_insert(&db, drafts(1_234)).await?, 1_234);
    let read = Sample::objects().order_by(Sample.id.asc()).all(&db).await?;
    assert_eq!(read.into_iter().map(stored).collect::<Vec<_>>(), expected);
    let back = Sample::objects().bulk_create(&db, drafts(34)).await?;
    assert_eq!(back.into_iter().map(stored).collect::<Vec<_>>(), expected[..34]);
    Ok(())
}

async fn rows_without_fields_are_all_stored(db: Db) -> Outcome {
    let drafts = (0..3).map(|_| Tick::create(NewTick {}));
    assert_eq!(Tick::objects().bulk_insert(&db, drafts).await?, 3);
    assert_eq!(Tick::objects().count(&db).await?, 3);
    Ok(())
}

async fn a_limit_takes_each_value(db: Db) -> Outcome {
    Sample::objects().bulk_insert(&db, drafts(9)).await?;
    for limit in [2, 5, 1] {
        let read = Sample::objects().order_by(Sample.id.asc()).offset(1).limit(limit).all(&db).await?;
        let texts: Vec<String> = read.into_iter().map(|sample| sample.text).collect();
        assert_eq!(texts, (2..2 + limit).map(|number| format!("text {number}")).collect::<Vec<_>>());
    }
    Ok(())
}
