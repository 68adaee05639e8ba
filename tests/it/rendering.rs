//! What is written differs from database to database where the databases do, and is accepted by each: the places where
//! one text for all would be refused, or give other rows.

use orm::prelude::*;
use orm::query::Part;
use rust_decimal::{Decimal, dec};

use crate::harness::Outcome;
use crate::suite;

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "rendering_shelves", ordering = "id")]
struct Shelf {
    id: i64,
    #[orm(max_length = 40)]
    name: String,
    items: HasMany<Item>,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "rendering_items", ordering = "id")]
struct Item {
    id: i64,
    #[orm(max_length = 40)]
    name: String,
    #[orm(max_length = 40)]
    note: Option<String>,
    #[orm(db_default = 7)]
    count: i64,
    #[orm(max_digits = 8, decimal_places = 2)]
    price: Decimal,
    #[orm(max_digits = 8, decimal_places = 3)]
    rate: Option<Decimal>,
    #[orm(on_delete = Cascade)]
    shelf: ForeignKey<Shelf>,
    marks: ManyToMany<Mark>,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "rendering_marks", ordering = "id")]
struct Mark {
    id: i64,
    #[orm(max_length = 40)]
    text: String,
}

suite!([Shelf, Item, Mark];
    an_offset_needs_no_limit, a_limit_may_be_any_number, rows_are_skipped_right_beside_an_exists, no_list_binds_nothing,
    none_asks_for_null, aggregates_of_some_rows, a_limited_change_goes_by_key, rows_come_back_from_an_insert,
    a_column_without_a_value_takes_its_default, a_tie_is_made_once, case_is_folded_in_each_dialect, wildcards_are_bound_escaped,
    what_holds_of_all_holds_of_none, decimals_of_different_scale, a_text_has_one_kind_of_parameters,
    a_limited_subquery_reads_the_row_outside_or_is_refused, distinct_rows_in_the_order_of_a_key_behind_a_relation,
    a_bad_value_is_refused_before_it_is_sent,
);

const ALL: [&str; 3] = ["sqlite", "postgres", "mysql"];

/// Three items on the first shelf, one on the second, none on the third.
async fn fill(db: &Db) -> orm::Result<Vec<Shelf>> {
    let shelves = ["low", "high", "empty"].map(|name| NewShelf { name });
    let shelves = Shelf::objects().bulk_create(db, shelves).await?;
    let item = |name: &'static str, price, shelf| Item::create(NewItem { name, price, shelf });
    for (name, price, note, rate) in [
        ("Oak", dec!(1.50), Some("x"), Some(dec!(1.500))),
        ("ash", dec!(1.50), None, Some(dec!(0.150))),
        ("elm", dec!(2.00), None, None),
    ] {
        item(name, price, &shelves[0])
            .with((Item.note.set(note.map(str::to_owned)), Item.rate.set(rate)))
            .save(db)
            .await?;
    }
    item("fir", dec!(150.00), &shelves[1]).save(db).await?;
    Ok(shelves)
}

async fn names(db: &Db, query: QuerySet<Item>) -> orm::Result<Vec<String>> {
    query.values(Item.name).all(db).await
}

/// What each database's text must hold.
fn hold(query: impl Fn(&str) -> orm::Result<String>, parts: [&str; 3]) -> Outcome {
    for (dialect, part) in ALL.into_iter().zip(parts) {
        let sql = query(dialect)?;
        assert!(sql.contains(part), "{dialect}: {sql}\ndoes not hold {part}");
    }
    Ok(())
}

async fn an_offset_needs_no_limit(db: Db) -> Outcome {
    fill(&db).await?;
    let query = || Item::objects().offset(2);
    hold(|d| query().sql(d), ["LIMIT +? OFFSET +?", "ASC OFFSET $1", "LIMIT ? OFFSET ?"])?;
    assert_eq!(names(&db, query()).await?, ["elm", "fir"]);
    assert_eq!(query().count(&db).await?, 2);
    assert_eq!(Item::objects().offset(0).count(&db).await?, 4);
    Ok(())
}

async fn a_limit_may_be_any_number(db: Db) -> Outcome {
    fill(&db).await?;
    for most in [u64::MAX, i64::MAX as u64, i64::MAX as u64 + 1] {
        assert_eq!(Item::objects().limit(most).all(&db).await?.len(), 4, "limit {most}");
        assert_eq!(Item::objects().offset(most).all(&db).await?.len(), 0, "offset {most}");
        let shelves = Shelf::objects().prefetch_related(Shelf.items.limit(most)).all(&db).await?;
        assert_eq!(shelves[0].items.get()?.len(), 3);
    }
    assert_eq!(Item::objects().limit(0).all(&db).await?.len(), 0);
    Ok(())
}

async fn rows_are_skipped_right_beside_an_exists(db: Db) -> Outcome {
    fill(&db).await?;
    let with_items = || Shelf::objects().filter(Shelf.items.exists());
    hold(|d| with_items().offset(1).sql(d), ["LIMIT 1)", "\"id\")", "`id`)"])?;
    assert!(!with_items().sql("sqlite")?.contains("LIMIT"));
    let found: Vec<i64> = with_items().limit(10).offset(1).values(Shelf.id).all(&db).await?;
    assert_eq!(found, [2], "the first shelf is skipped once, though it has three items");
    let filled = exists(Item::objects().filter(Item.shelf.eq(outer(Shelf.id))));
    assert_eq!(Shelf::objects().filter(filled).offset(1).count(&db).await?, 1);
    let changed = with_items().order_by(Shelf.id.asc()).limit(1).offset(1).update(&db, Shelf.name.set("seen")).await?;
    assert_eq!(changed, 1);
    assert_eq!(Shelf::objects().get_by_name(&db, "seen").await?, 2);
    Ok(())
}

trait ByName {
    async fn get_by_name(self, db: &Db, name: &str) -> orm::Result<i64>;
}
impl ByName for QuerySet<Shelf> {
    async fn get_by_name(self, db: &Db, name: &str) -> orm::Result<i64> {
        self.filter(Shelf.name.eq(name)).values(Shelf.id).get(db).await
    }
}

async fn no_list_binds_nothing(db: Db) -> Outcome {
    fill(&db).await?;
    let nothing: [i64; 0] = [];
    let query = |q: Q<Item>| Item::objects().filter(q);
    for dialect in ALL {
        let sql = query(Item.id.is_in(nothing)).sql(dialect)?;
        assert!(sql.contains("WHERE 1 = 0") && !sql.contains(['?', '$']), "{sql}");
        let sql = query(Item.id.not_in(nothing)).sql(dialect)?;
        assert!(!sql.contains("WHERE") && !sql.contains(['?', '$']), "{sql}");
    }
    assert_eq!(query(Item.id.is_in(nothing)).count(&db).await?, 0);
    assert_eq!(query(Item.id.not_in(nothing)).count(&db).await?, 4);
    assert_eq!(query(Item.id.is_in(nothing) | Item.name.eq("elm")).count(&db).await?, 1);
    Ok(())
}

async fn none_asks_for_null(db: Db) -> Outcome {
    fill(&db).await?;
    let query = || Item::objects().filter(Item.note.eq(None::<String>));
    hold(|d| query().sql(d), ["\"note\" IS NULL", "\"note\" IS NULL", "`note` IS NULL"])?;
    assert_eq!(query().count(&db).await?, 3);
    assert_eq!(Item::objects().filter(Item.note.ne(None::<String>)).count(&db).await?, 1);
    Ok(())
}

async fn aggregates_of_some_rows(db: Db) -> Outcome {
    fill(&db).await?;
    let dear = || Item.price.gt(dec!(1.60));
    let groups = || {
        Item::objects().group_by(Item.shelf).annotate((Item.id.count().filter(dear()), Item.price.sum().filter(dear())))
    };
    for dialect in ALL {
        let sql = groups().sql(dialect)?;
        assert!(sql.contains("COUNT(CASE WHEN") && !sql.contains("FILTER"), "{sql}");
    }
    let found = groups().order_by(Item.shelf.asc()).all(&db).await?;
    assert_eq!(found, [(1, (1, Some(dec!(2.00)))), (2, (1, Some(dec!(150.00))))]);
    // Of the first rows only, with a query inside that aggregates on its own.
    let most: Expr<Item, Option<Decimal>> = Item::objects().scalar_of(Item.price.max());
    let near = Item.price.eq(most);
    let count = Item::objects().limit(4).aggregate(&db, (Item.id.count().filter(near), Item.price.min())).await?;
    assert_eq!(count, (1, Some(dec!(1.50))));
    Ok(())
}

async fn a_limited_change_goes_by_key(db: Db) -> Outcome {
    fill(&db).await?;
    let dearest = || Item::objects().order_by((Item.price.desc(), Item.id.asc()));
    assert_eq!(dearest().limit(2).update(&db, Item.name.set("dear")).await?, 2);
    assert_eq!(names(&db, Item::objects()).await?, ["Oak", "ash", "dear", "dear"]);
    assert_eq!(dearest().limit(1).offset(1).delete(&db).await?, 1);
    assert_eq!(names(&db, Item::objects()).await?, ["Oak", "ash", "dear"]);
    Ok(())
}

async fn rows_come_back_from_an_insert(db: Db) -> Outcome {
    let shelves = fill(&db).await?;
    assert_eq!(shelves.iter().map(|s| s.id).collect::<Vec<_>>(), [1, 2, 3]);
    let more = Shelf::objects().bulk_create(&db, (0..300).map(|i| NewShelf { name: format!("n{i}") })).await?;
    assert_eq!(more.len(), 300);
    for (i, shelf) in more.iter().enumerate() {
        assert_eq!(shelf.name, format!("n{i}"), "each key belongs to its row");
        assert_eq!(Shelf::objects().get_by_name(&db, &shelf.name).await?, shelf.id);
    }
    Ok(())
}

async fn a_column_without_a_value_takes_its_default(db: Db) -> Outcome {
    let shelves = fill(&db).await?;
    let item = |name| Item::create(NewItem { name, price: dec!(1), shelf: &shelves[2] });
    let given = item("given").with(Item.count.set(9)).save(&db).await?;
    let left = item("left").save(&db).await?;
    assert_eq!((given.count, left.count), (9, 7));
    Ok(())
}

async fn a_tie_is_made_once(db: Db) -> Outcome {
    fill(&db).await?;
    let marks = Mark::objects().bulk_create(&db, ["a", "b"].map(|text| NewMark { text })).await?;
    let item = Item::objects().first(&db).await?.expect("an item");
    assert_eq!(item.marks().add(&db, &marks).await?, 2);
    item.marks().add(&db, &marks).await?;
    assert_eq!(item.marks().count(&db).await?, 2);
    Ok(())
}

async fn case_is_folded_in_each_dialect(db: Db) -> Outcome {
    fill(&db).await?;
    let query = || Item::objects().filter(Item.name.icontains("OA"));
    for dialect in ALL {
        assert!(!query().sql(dialect)?.contains("ILIKE"), "which only one database has");
    }
    assert_eq!(names(&db, query()).await?, ["Oak"]);
    Ok(())
}

async fn wildcards_are_bound_escaped(db: Db) -> Outcome {
    let shelves = ["100%", "100x", "a_b", "axb", r"\"].map(|name| NewShelf { name });
    Shelf::objects().bulk_create(&db, shelves).await?;
    for (text, count) in [("0%", 1), ("a_", 1), (r"\", 1), ("%", 1), ("_", 1), ("x", 2)] {
        assert_eq!(Shelf::objects().filter(Shelf.name.contains(text)).count(&db).await?, count, "{text}");
    }
    Ok(())
}

async fn what_holds_of_all_holds_of_none(db: Db) -> Outcome {
    fill(&db).await?;
    assert_eq!(Shelf::objects().filter(Shelf.items.all(Q::all_of([]))).count(&db).await?, 3);
    assert_eq!(Shelf::objects().filter(Shelf.items.all(None::<Q<Item>>)).count(&db).await?, 3);
    assert_eq!(Shelf::objects().filter(Shelf.items.none(None::<Q<Item>>)).count(&db).await?, 1);
    assert_eq!(Shelf::objects().filter(Shelf.items.all(Item.price.lt(100))).count(&db).await?, 2);
    Ok(())
}

async fn decimals_of_different_scale(db: Db) -> Outcome {
    fill(&db).await?;
    let found = |q: Q<Item>| names(&db, Item::objects().filter(q));
    let rates = Item::objects().filter(Item.rate.is_not_null()).values(Item.rate);
    assert_eq!(found(Item.price.is_in(rates.clone())).await?, ["Oak", "ash"], "1.50 is 1.500, and 150.00 is not 0.150");
    assert_eq!(found(Item.price.range(Item.rate, dec!(1.505))).await?, ["Oak", "ash"]);
    assert_eq!(found(Item.price.eq(Item.rate)).await?, ["Oak"]);
    assert_eq!(found(Item.price.nullif(Item.rate).is_null()).await?, ["Oak"]);
    assert_eq!(found(Item.price.lt(dec!(1.501))).await?, ["Oak", "ash"]);
    let values = Item::objects().values((
        Item.price.nullif(Item.rate),
        Item.rate.nullif(Item.price),
        Item.rate.coalesce(dec!(0.0005)),
        Item.price.greatest(dec!(1.5005)),
    ));
    assert_eq!(
        values.all(&db).await?,
        [
            (None, None, dec!(1.500), dec!(1.5005)),
            (Some(dec!(1.50)), Some(dec!(0.150)), dec!(0.150), dec!(1.5005)),
            (Some(dec!(2.00)), None, dec!(0.0005), dec!(2)),
            (Some(dec!(150)), None, dec!(0.0005), dec!(150)),
        ]
    );
    Ok(())
}

async fn a_text_has_one_kind_of_parameters(db: Db) -> Outcome {
    fill(&db).await?;
    // A connection keeps a statement by its text; with parameters of another kind it must be another text.
    let tx = db.begin("rendering").await?;
    for _ in 0..2 {
        let dear = || Item.price.gt(100);
        let whole: Vec<i64> = Item::objects().values(when(dear(), 1_i64).otherwise(2_i64)).all(&tx).await?;
        let float: Vec<f64> = Item::objects().values(when(dear(), 1.5_f64).otherwise(2.5_f64)).all(&tx).await?;
        assert_eq!((whole, float), (vec![2, 2, 2, 1], vec![2.5, 2.5, 2.5, 1.5]));
        let more: Vec<Decimal> = Item::objects().limit(1).values(Item.price + 1).all(&tx).await?;
        let less: Vec<Decimal> = Item::objects().limit(1).values(Item.price + dec!(0.5)).all(&tx).await?;
        assert_eq!((more, less), (vec![dec!(2.50)], vec![dec!(2.00)]));
    }
    tx.commit().await?;
    Ok(())
}

async fn a_limited_subquery_reads_the_row_outside_or_is_refused(db: Db) -> Outcome {
    fill(&db).await?;
    // The dearest item of each shelf, as a set of its own for each row outside.
    let dearest = Item::objects()
        .filter(Item.shelf.eq(outer(Item.shelf)))
        .order_by((Item.price.desc(), Item.id.asc()))
        .limit(1)
        .values(Item.id);
    let query = || Item::objects().filter(Item.id.is_in(dearest.clone()));
    let error = query().sql("mysql").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
    assert_eq!(
        error.to_string(),
        "mysql takes no row outside (`outer(..)`) in a query for `is_in` with a limit or offset; leave these out, or \
         compare with the first row alone by `.scalar()`"
    );
    match db.dialect().name() {
        "mysql" => assert_eq!(query().count(&db).await.unwrap_err().kind(), ErrorKind::Unsupported),
        _ => assert_eq!(names(&db, query()).await?, ["elm", "fir"]),
    }
    // The order of a subquery by the row outside.
    let nearest = || {
        let first = Item::objects().order_by((Item.note.coalesce(outer(Shelf.name)).asc(), Item.id.asc())).limit(1);
        Shelf::objects().values(first.values(Item.name).scalar())
    };
    let error = nearest().sql("sqlite").unwrap_err();
    assert_eq!(error.to_string(), "sqlite cannot order or group a subquery by the row outside (`outer(..)`)");
    match db.dialect().name() {
        "sqlite" => assert_eq!(nearest().all(&db).await.unwrap_err().kind(), ErrorKind::Unsupported),
        _ => assert_eq!(nearest().all(&db).await?.len(), 3),
    }
    // Aggregates of the first related rows go without it everywhere.
    let two = Shelf.items.order_by(Item.price.asc()).limit(2).sum(Item.price);
    assert_eq!(Shelf::objects().values(two).all(&db).await?, [Some(dec!(3.00)), Some(dec!(150.00)), None]);
    Ok(())
}

async fn distinct_rows_in_the_order_of_a_key_behind_a_relation(db: Db) -> Outcome {
    fill(&db).await?;
    let query = Item::objects()
        .values((Item.shelf.id, Item.shelf.name))
        .distinct()
        .order_by((Item.shelf.id.desc(), Item.shelf.name.asc()));
    assert_eq!(query.all(&db).await?, [(2, "high".to_owned()), (1, "low".to_owned())]);
    Ok(())
}

async fn a_bad_value_is_refused_before_it_is_sent(db: Db) -> Outcome {
    fill(&db).await?;
    let error = Item::objects().filter(Item.name.eq("a\0b")).count(&db).await.unwrap_err();
    assert_eq!((error.kind(), error.to_string().contains("NUL")), (ErrorKind::InvalidValue, true), "{error}");
    let large = dec!(1234567.89);
    let error = Item::objects().update(&db, Item.price.set(large)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidValue);
    assert_eq!((error.model(), error.fields()), (Some("Item"), &["price".to_owned()][..]), "{error}");
    assert_eq!(Item::objects().filter(Item.price.eq(large)).count(&db).await?, 0, "but it may be asked for");
    let months = Item::objects().values(now::<Item>().truncate(Part::Month).month()).all(&db).await?;
    assert_eq!(months.len(), 4);
    Ok(())
}
