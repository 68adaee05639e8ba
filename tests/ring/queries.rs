//! What the program of `tests/ring.rs` asks of two models of the ring, which are written below it.

use orm::prelude::*;
use serde::Serialize;

#[tokio::main(flavor = "current_thread")]
async fn main() -> orm::Result<()> {
    let db = Db::connect("sqlite::memory:").await?;
    orm::migrate::sync(&db).await?;
    let second = Model1::create(NewModel1 { name: "second", next: 0, over: 0 }).save(&db).await?;
    let first = Model0::create(NewModel0 { name: "first", next: &second, over: 0 }).save(&db).await?;
    let far = Model7::create(NewModel7 { name: "far", next: 0, over: 0 }).save(&db).await?;
    first.others().add(&db, [&far]).await?;

    let mut rows = Model0::objects()
        .filter(Model0.next.name.eq("second") & Model0.others.any(Model7.name.startswith("f")))
        .select_related(Model0.next)
        .prefetch_related(Model0.others)
        .all(&db)
        .await?;
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].others.get()?[0].name, "far");
    rows[0].name = "renamed".to_owned();
    rows[0].save(&db).await?;
    let json = serde_json::to_value(&rows[0]).expect("rows take Serialize");
    assert_eq!(json["name"], "renamed");
    assert_eq!(json["next"]["name"], "second");
    assert_eq!(json["others"][0]["name"], "far");
    assert!(format!("{:?}", rows[0]).contains("renamed"));

    let seconds = Model1::objects().prefetch_related(Model1.before).all(&db).await?;
    assert_eq!(seconds[0].before.get()?[0].name, "renamed");
    // Twelve steps, and back over a relation to many.
    let path = Model0.next.next.next.next.next.next.next.next.next.next.next.next;
    let none = Model0::objects().filter(path.name.eq("x") & Model0.before.next.over.far.name.count().gt(3));
    assert!(none.values((Model0.name, path.name)).all(&db).await?.is_empty());
    Ok(())
}
