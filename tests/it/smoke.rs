//! The shortest way through every layer.

use orm::prelude::*;

use crate::harness::Outcome;
use crate::suite;

#[derive(Model, Debug, Clone, PartialEq)]
struct Note {
    id: i64,
    #[orm(max_length = 40)]
    text: String,
    pinned: Option<bool>,
}

suite!([Note]; a_row_goes_in_and_comes_back);

async fn a_row_goes_in_and_comes_back(db: Db) -> Outcome {
    let note = Note::create(NewNote { text: "hello" }).with(Note.pinned.set(true)).save(&db).await?;
    assert_eq!(Note::objects().filter(Note.text.eq("hello")).get(&db).await?, note);
    assert_eq!(Note::objects().filter(!Note.pinned.eq(true)).count(&db).await?, 0);
    Ok(())
}
