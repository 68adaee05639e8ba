//! Shapes that models may have, each through the whole way: its table is created, rows go in, and are found again.

use std::collections::BTreeMap;

use orm::prelude::*;
use orm::schema::Schema;
use rust_decimal::{Decimal, dec};
use serde::Serialize;

use crate::harness::{Outcome, create_tables};
use crate::suite;

/// Names that mean something elsewhere, in fields and columns.
#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "odd names", ordering = "-type, id")]
struct r#Odd {
    id: i64,
    #[orm(max_length = 20)]
    r#type: String,
    eq: i64,
    filter: Option<i64>,
    #[orm(column = "select")]
    objects: i64,
    #[orm(column = "say \"hi\" `now` 100%")]
    quoted: Option<i64>,
    #[orm(max_length = 20)]
    größe: Option<String>,
}

/// A tree.
#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "nodes", ordering = "name")]
struct Node {
    id: Id<Node>,
    #[orm(max_length = 20)]
    name: String,
    #[orm(on_delete = Cascade)]
    parent: Option<ForeignKey<Self>>,
    #[orm(via = parent)]
    children: HasMany<Node>,
    friends: ManyToMany<Node>,
}

mod shop {
    pub mod people {
        use orm::prelude::*;

        /// Who buys.
        #[derive(Model, Debug, Clone, PartialEq)]
        pub struct Customer {
            pub id: i64,
            #[orm(max_length = 20)]
            pub(super) name: String,
            #[orm(on_delete = SetNull)]
            pub favourite: Option<ForeignKey<super::sales::Order>>,
            #[orm(via = buyer)]
            pub bought: HasMany<super::sales::Order>,
            #[orm(via = payer)]
            pub paid: HasMany<super::sales::Order>,
            pub card: HasOne<Card>,
        }

        #[derive(Model, Debug, Clone, PartialEq)]
        pub struct Card {
            pub id: i64,
            #[orm(on_delete = Cascade)]
            pub customer: OneToOne<Customer>,
            pub number: i64,
        }

        pub fn draft(name: &str) -> impl Draftable<Customer> + use<'_> {
            NewCustomer { name }
        }
        use orm::__private::Draftable;

        impl Customer {
            pub fn named(name: &str) -> Q<Customer> {
                Customer.name.eq(name)
            }
        }
    }

    pub mod sales {
        use super::people::Customer;
        use orm::prelude::*;

        /// What is sold.
        #[derive(Model, Debug, Clone, PartialEq)]
        #[orm(table = "order")]
        pub struct Order {
            pub id: i64,
            #[orm(on_delete = Cascade)]
            pub buyer: ForeignKey<Customer>,
            #[orm(on_delete = Restrict)]
            pub payer: Option<ForeignKey<Customer>>,
            #[orm(via = favourite)]
            pub favourite_of: HasMany<Customer>,
        }
    }
}
use shop::people::{Card, Customer, NewCard};
use shop::sales::{NewOrder, Order};

#[derive(Value, Debug, Clone, PartialEq)]
struct Isbn(String);

#[derive(Debug, Clone, Copy, PartialEq, Value)]
#[orm(custom)]
struct Celsius(f64);

impl Custom for Celsius {
    type Stored = i64;
    fn to_stored(&self) -> i64 {
        #[allow(clippy::cast_possible_truncation)]
        let millis = (self.0 * 1000.0).round() as i64;
        millis
    }
    fn from_stored(stored: i64) -> orm::Result<Self> {
        if stored < -273_150 {
            return Err(orm::Error::decode("colder than anything is"));
        }
        #[allow(clippy::cast_precision_loss)]
        Ok(Celsius(stored as f64 / 1000.0))
    }
}

#[derive(Choices, Debug, Clone, Copy, PartialEq, Eq, Serialize)]
enum Colour {
    Red,
    /// The colour of the sky
    DeepBlue,
    #[orm(value = "g", label = "Green!")]
    Green,
}

#[derive(Choices, Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Low = 1,
    High = 10,
}

/// Types of the program's own.
#[derive(Model, Debug, Clone, PartialEq)]
#[orm(rename_all = "camelCase")]
struct Sample {
    id: i64,
    /// What it is printed on.
    ///
    /// More about it.
    #[orm(max_length = 13)]
    isbn_number: Isbn,
    taken_at: Celsius,
    main_colour: Colour,
    #[orm(default = Level::High)]
    level: Level,
    other_level: Option<Level>,
    other_colour: Option<Colour>,
    other_isbn: Option<Isbn>,
    other_temperature: Option<Celsius>,
}

/// Every kind of column, once as it is and once nullable.
#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "everything")]
struct Everything {
    id: i64,
    small: i16,
    medium: i32,
    large: i64,
    float: f64,
    truth: bool,
    text: String,
    bytes: Vec<u8>,
    #[orm(max_digits = 18, decimal_places = 6)]
    decimal: Decimal,
    day: chrono::NaiveDate,
    time: chrono::NaiveTime,
    moment: chrono::DateTime<chrono::Utc>,
    uuid: uuid::Uuid,
    json: serde_json::Value,
    maybe_small: Option<i16>,
    maybe_medium: Option<i32>,
    maybe_large: Option<i64>,
    maybe_float: Option<f64>,
    maybe_truth: Option<bool>,
    maybe_text: Option<String>,
    maybe_bytes: Option<Vec<u8>>,
    #[orm(max_digits = 4, decimal_places = 0)]
    maybe_decimal: Option<Decimal>,
    maybe_day: Option<chrono::NaiveDate>,
    maybe_time: Option<chrono::NaiveTime>,
    maybe_moment: Option<chrono::DateTime<chrono::Utc>>,
    maybe_uuid: Option<uuid::Uuid>,
    maybe_json: Option<serde_json::Value>,
}

/// Defaults that stand in the table.
#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "defaults")]
struct Defaults {
    id: i64,
    #[orm(db_default = 7)]
    number: i64,
    #[orm(db_default = "it's", max_length = 20)]
    text: String,
    #[orm(db_default = true)]
    truth: bool,
    #[orm(db_default = 1.5)]
    float: f64,
    #[orm(db_default = "2.50", max_digits = 5, decimal_places = 2)]
    decimal: Decimal,
    #[orm(db_default = now)]
    moment: chrono::DateTime<chrono::Utc>,
    #[orm(db_default = -3)]
    maybe: Option<i64>,
}

/// A table that is there already.
#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "by_hand", managed = false)]
struct ByHand {
    id: i64,
    #[orm(column = "Label", max_length = 20)]
    label: String,
    #[orm(max_digits = 6, decimal_places = 2)]
    cost: Option<Decimal>,
}

suite!([Odd, Node, Order, Customer, Card, Sample, Everything, Defaults, ByHand];
    names_that_mean_something_elsewhere,
    a_model_points_at_itself,
    modules_point_at_each_other,
    one_to_one_from_both_sides,
    types_of_the_program_s_own,
    a_stored_value_that_means_nothing,
    every_kind_of_column,
    defaults_in_the_table,
    a_table_made_by_hand,
    a_model_inside_of_a_function,
    doc_comments_are_column_comments,
);

async fn names_that_mean_something_elsewhere(db: Db) -> Outcome {
    let a = Odd::create(NewOdd { r#type: "a", eq: 1, objects: 2 }).with(Odd.größe.set("groß")).save(&db).await?;
    let b = Odd::create(NewOdd { r#type: "b", eq: 2, objects: 2 })
        .with((Odd.filter.set(5), Odd.quoted.set(6)))
        .save(&db)
        .await?;
    assert_eq!(Odd::objects().all(&db).await?, [b.clone(), a.clone()], "by `-type`");
    assert_eq!(Odd::objects().filter(Odd.eq.eq(1) & Odd.r#type.ne("z")).get(&db).await?, a);
    assert_eq!(Odd::objects().filter(Odd.filter.eq(5) & Odd.objects.eq(2)).get(&db).await?, b);
    assert_eq!(Odd::objects().filter(Odd.quoted.is_not_null()).values(Odd.quoted).all(&db).await?, [Some(6)]);
    assert_eq!(Odd::objects().filter(Q::parse::<Odd>("type", "a")?).count(&db).await?, 1);
    assert_eq!(Odd::objects().filter(Odd.größe.eq("groß")).update(&db, Odd.quoted.set(Odd.objects + 1)).await?, 1);
    assert_eq!(Odd::objects().order_by(Odd.eq.asc()).values(Odd.quoted).all(&db).await?, [Some(3), Some(6)]);
    Ok(())
}

async fn a_model_points_at_itself(db: Db) -> Outcome {
    let root = Node::create(NewNode { name: "root" }).save(&db).await?;
    let leaf = Node::create(NewNode { name: "leaf" }).with(Node.parent.set(&root)).save(&db).await?;
    let below = Node::create(NewNode { name: "below" }).with(Node.parent.set(leaf.id)).save(&db).await?;
    assert_eq!(Node::objects().filter(Node.parent.parent.name.eq("root")).get(&db).await?, below);
    assert_eq!(Node::objects().filter(Node.parent.is_null()).get(&db).await?, root);
    let by_id: Id<Node> = root.id;
    assert_eq!(Node::objects().filter(Node.id.eq(by_id)).count(&db).await?, 1);
    let tree = Node::objects()
        .prefetch_related(Node.children.prefetch_related(Node.children))
        .filter(Node.id.eq(root.id))
        .get(&db)
        .await?;
    assert_eq!(tree.children.get()?[0].children.get()?[0].name, "below");
    let up = Node::objects().select_related(Node.parent.parent).filter(Node.id.eq(below.id)).get(&db).await?;
    assert_eq!(up.parent.unwrap().get()?.parent.as_ref().unwrap().get()?.name, "root");

    root.friends().add(&db, [&leaf, &below]).await?;
    assert_eq!(root.friends().values_of_names(&db).await?, ["below", "leaf"]);
    assert!(leaf.friends().values_of_names(&db).await?.is_empty(), "a friend need not be one in turn");
    assert_eq!(Node::objects().filter(Node.friends.any(Node.name.eq("leaf"))).get(&db).await?, root);

    let drafts = ["x", "y"].map(|name| NewNode { name }.draft().with(Node.parent.set(&root)));
    Node::objects().bulk_create(&db, drafts).await?;
    assert_eq!(root.children().count(&db).await?, 3);
    root.delete(&db).await?;
    assert_eq!(Node::objects().count(&db).await?, 0);
    Ok(())
}

trait Names {
    async fn values_of_names(&self, db: &Db) -> orm::Result<Vec<String>>;
}
impl<F: orm::model::Relation<Owner = Node, Target = Node>> Names for orm::query::RelatedManager<Node, F> {
    async fn values_of_names(&self, db: &Db) -> orm::Result<Vec<String>> {
        self.query().values(Node.name).all(db).await
    }
}

async fn modules_point_at_each_other(db: Db) -> Outcome {
    let ann = Customer::create(shop::people::draft("ann")).save(&db).await?;
    let bob = Customer::create(shop::people::draft("bob")).save(&db).await?;
    let order = Order::create(NewOrder { buyer: &ann }).with(Order.payer.set(&bob)).save(&db).await?;
    Order::create(NewOrder { buyer: &bob }).save(&db).await?;
    let mut ann = ann;
    ann.update(&db, Customer.favourite.set(&order)).await?;
    assert_eq!(Order::objects().filter(Order.payer.is_null()).count(&db).await?, 1);
    assert_eq!(bob.paid().get(&db).await?, order);
    assert_eq!(bob.bought().count(&db).await?, 1);
    assert_eq!(Customer::objects().filter(Customer.favourite.buyer.id.eq(ann.id)).get(&db).await?, ann);
    assert_eq!(Customer::objects().filter(Customer::named("ann")).get(&db).await?, ann);
    let counted: Vec<(i64, (i64, i64, i64))> = Customer::objects()
        .order_by(Customer.id.asc())
        .values((Customer.id, (Customer.bought.count(), Customer.paid.count(), Customer.bought.favourite_of.count())))
        .all(&db)
        .await?;
    assert_eq!(counted, [(ann.id, (1, 0, 1)), (bob.id, (1, 1, 0))]);
    assert!(bob.delete(&db).await.unwrap_err().is_foreign_key_violation());
    ann.delete(&db).await?;
    bob.delete(&db).await?;
    assert_eq!(Order::objects().count(&db).await?, 0);
    Ok(())
}

async fn one_to_one_from_both_sides(db: Db) -> Outcome {
    let ann = Customer::create(shop::people::draft("ann")).save(&db).await?;
    let bob = Customer::create(shop::people::draft("bob")).save(&db).await?;
    let card = Card::create(NewCard { customer: &ann, number: 7 }).save(&db).await?;
    let error = Card::create(NewCard { customer: &ann, number: 8 }).save(&db).await.unwrap_err();
    assert!(error.is_unique_violation());
    assert_eq!((error.model(), error.fields()), (Some("Card"), ["customer".to_owned()].as_slice()));
    assert_eq!(Customer::objects().filter(Customer.card.number.eq(7)).get(&db).await?, ann);
    assert_eq!(Customer::objects().filter(Customer.card.number.is_null()).get(&db).await?, bob);
    assert_eq!(card.customer.fetch(&db).await?.id, ann.id);

    let loaded = Customer::objects().select_related(Customer.card).order_by(Customer.id.asc()).all(&db).await?;
    assert_eq!(loaded[0].card.get()?, Some(&card));
    assert_eq!(loaded[1].card.get()?, None);
    let loaded = Customer::objects().prefetch_related(Customer.card).order_by(Customer.id.asc()).all(&db).await?;
    assert_eq!(loaded[0].card.get()?, Some(&card));
    assert_eq!(loaded[1].card.get()?, None);
    assert!(ann.card.get().is_err());
    let loaded = Card::objects().select_related(Card.customer).get(&db).await?;
    assert_eq!(loaded.customer.get()?, &ann);
    Ok(())
}

async fn types_of_the_program_s_own(db: Db) -> Outcome {
    let isbn = Isbn("9780441013593".to_owned());
    let sample =
        Sample::create(NewSample { isbn_number: isbn.clone(), taken_at: Celsius(-3.5), main_colour: Colour::DeepBlue })
            .with((Sample.other_level.set(Level::Low), Sample.other_colour.set(Colour::Green)))
            .with((Sample.other_temperature.set(Celsius(1.25)), Sample.other_isbn.set(&isbn)))
            .save(&db)
            .await?;
    assert_eq!((sample.level, sample.main_colour), (Level::High, Colour::DeepBlue));
    let found = Sample::objects().filter(
        Sample.isbn_number.eq(&isbn)
            & Sample.main_colour.is_in([Colour::Red, Colour::DeepBlue])
            & Sample.taken_at.eq(Celsius(-3.5))
            & Sample.other_level.eq(Level::Low),
    );
    assert_eq!(found.get(&db).await?, sample);
    assert_eq!(
        (Colour::Red.label(), Colour::DeepBlue.label(), Colour::Green.label()),
        ("red", "The colour of the sky", "Green!")
    );
    assert_eq!(Sample::objects().filter(Q::parse::<Sample>("main_colour", "deep_blue")?).count(&db).await?, 1);
    assert!(Q::parse::<Sample>("main_colour", "pink").is_err());
    let error = Sample::objects().update(&db, Sample.isbn_number.set(Isbn("x".repeat(14)))).await.unwrap_err();
    assert_eq!((error.kind(), error.fields()), (ErrorKind::InvalidValue, ["isbn_number".to_owned()].as_slice()));
    let columns: Vec<&str> = Sample::META.fields.iter().map(|f| f.column).collect();
    assert_eq!(columns[..4], ["id", "isbnNumber", "takenAt", "mainColour"]);
    Ok(())
}

async fn a_stored_value_that_means_nothing(db: Db) -> Outcome {
    let new = NewSample { isbn_number: Isbn("x".to_owned()), taken_at: Celsius(0.0), main_colour: Colour::Red };
    Sample::create(new).save(&db).await?;
    let quote = |name: &str| if db.dialect().name() == "mysql" { format!("`{name}`") } else { format!("\"{name}\"") };
    let sql = format!("UPDATE {} SET {} = -300000", quote("sample"), quote("takenAt"));
    db.execute(sql).await?;
    let error = Sample::objects().all(&db).await.unwrap_err();
    assert_eq!((error.kind(), error.model()), (ErrorKind::Decode, Some("Sample")));
    let error = db.execute(format!("UPDATE {} SET {} = 'pink'", quote("sample"), quote("mainColour"))).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::CheckViolation, "the table knows the choices");
    // A row that cannot be read spoils no connection.
    assert_eq!(Sample::objects().count(&db).await?, 1);
    Ok(())
}

async fn every_kind_of_column(db: Db) -> Outcome {
    use chrono::{DateTime, NaiveDate, NaiveTime};
    let day = NaiveDate::from_ymd_opt(1999, 12, 31).unwrap();
    let time = NaiveTime::from_hms_micro_opt(23, 59, 59, 123_456).unwrap();
    let moment = DateTime::from_timestamp_micros(1_700_000_000_123_456).unwrap();
    let json = serde_json::json!({"a": [1, null, "ü"], "b": {"c": 1.5}});
    let new = || NewEverything {
        small: i16::MIN,
        medium: i32::MAX,
        large: i64::MIN,
        float: 1.0e-300,
        truth: true,
        text: "ünï 😀 \\ ' \" % _",
        bytes: vec![0, 255, 10],
        decimal: dec!(-123456789012.567890),
        day,
        time,
        moment,
        uuid: uuid::Uuid::from_u128(5),
        json: json.clone(),
    };
    let empty = Everything::create(new()).save(&db).await?;
    assert_eq!((empty.maybe_small, empty.maybe_text.clone(), empty.maybe_json.clone()), (None, None, None));
    let full = Everything::create(new())
        .with((
            Everything.maybe_small.set(1),
            Everything.maybe_medium.set(2),
            Everything.maybe_large.set(3),
            Everything.maybe_float.set(-0.5),
            Everything.maybe_truth.set(false),
            Everything.maybe_text.set(""),
            Everything.maybe_bytes.set(Vec::new()),
        ))
        .with((
            Everything.maybe_decimal.set(dec!(9999)),
            Everything.maybe_day.set(day),
            Everything.maybe_time.set(time),
            Everything.maybe_moment.set(moment),
            Everything.maybe_uuid.set(uuid::Uuid::nil()),
            Everything.maybe_json.set(json.clone()),
        ))
        .save(&db)
        .await?;
    for row in [&empty, &full] {
        assert_eq!((row.small, row.medium, row.large, row.float), (i16::MIN, i32::MAX, i64::MIN, 1.0e-300));
        assert_eq!((row.text.as_str(), row.bytes.as_slice()), ("ünï 😀 \\ ' \" % _", [0, 255, 10].as_slice()));
        assert_eq!((row.decimal, row.day, row.time, row.moment), (dec!(-123456789012.567890), day, time, moment));
        assert_eq!((row.uuid, &row.json), (uuid::Uuid::from_u128(5), &json));
    }
    assert_eq!((full.maybe_text.as_deref(), full.maybe_truth), (Some(""), Some(false)));
    assert_eq!((full.maybe_bytes.as_deref(), full.maybe_decimal), (Some([].as_slice()), Some(dec!(9999))));
    let found = Everything::objects().filter(
        Everything.small.eq(i16::MIN)
            & Everything.text.eq("ünï 😀 \\ ' \" % _")
            & Everything.bytes.eq(vec![0, 255, 10])
            & Everything.decimal.eq(dec!(-123456789012.567890))
            & Everything.moment.eq(moment)
            & Everything.time.eq(time)
            & Everything.uuid.eq(uuid::Uuid::from_u128(5)),
    );
    assert_eq!(found.order_by(Everything.id.asc()).all(&db).await?, [empty.clone(), full.clone()]);
    full.save(&db).await?;
    empty.save(&db).await?;
    assert_eq!(Everything::objects().order_by(Everything.id.asc()).all(&db).await?, [empty, full.clone()]);
    let mut cleared = full;
    cleared.update(&db, (Everything.maybe_text.set(None), Everything.maybe_decimal.set(None))).await?;
    assert_eq!((cleared.maybe_text, cleared.maybe_decimal), (None, None));
    Ok(())
}

async fn defaults_in_the_table(db: Db) -> Outcome {
    let row = Defaults::create(NewDefaults {}).save(&db).await?;
    assert_eq!((row.number, row.text.as_str(), row.truth, row.float), (7, "it's", true, 1.5));
    assert_eq!((row.decimal, row.maybe), (dec!(2.50), Some(-3)));
    let now: chrono::DateTime<chrono::Utc> = std::time::SystemTime::now().into();
    assert!((now - row.moment).num_seconds().abs() < 10, "{} is not {now}", row.moment);
    let rows = Defaults::objects().bulk_create(&db, [NewDefaults {}, NewDefaults {}]).await?;
    assert_eq!(rows.iter().map(|r| r.number).collect::<Vec<_>>(), [7, 7]);
    let row =
        Defaults::create(NewDefaults {}).with((Defaults.maybe.set(None), Defaults.number.set(1))).save(&db).await?;
    assert_eq!((row.maybe, row.number), (None, 1));
    Ok(())
}

async fn a_table_made_by_hand(db: Db) -> Outcome {
    let (key, label, cost) = match db.dialect().name() {
        "mysql" => ("BIGINT AUTO_INCREMENT PRIMARY KEY", "`Label`", "DECIMAL(6, 2)"),
        "postgres" => ("BIGSERIAL PRIMARY KEY", "\"Label\"", "NUMERIC(6, 2)"),
        _ => ("INTEGER PRIMARY KEY", "\"Label\"", "DECIMAL(6, 2)"),
    };
    assert!(Schema::of_models(&[ByHand::META]).tables.is_empty(), "the library does not create it");
    db.execute(format!("CREATE TABLE by_hand (id {key}, {label} VARCHAR(20) NOT NULL, cost {cost})")).await?;
    db.execute(format!("INSERT INTO by_hand ({label}, cost) VALUES ('old', 12.5)")).await?;
    let new = ByHand::create(NewByHand { label: "new" }).with(ByHand.cost.set(dec!(0.1))).save(&db).await?;
    let all = ByHand::objects().order_by(ByHand.id.asc()).all(&db).await?;
    assert_eq!(all[1], new);
    assert_eq!((all[0].label.as_str(), all[0].cost), ("old", Some(dec!(12.5))));
    assert_eq!(ByHand::objects().filter(ByHand.cost.gt(1)).values(ByHand.label).all(&db).await?, ["old"]);
    let total = ByHand::objects().aggregate(&db, ByHand.cost.sum()).await?;
    assert_eq!(total, Some(dec!(12.6)));
    assert_eq!(ByHand::objects().update(&db, ByHand.cost.set(ByHand.cost * 2)).await?, 2);
    assert_eq!(
        ByHand::objects().order_by(ByHand.id.asc()).values(ByHand.cost).all(&db).await?,
        [Some(dec!(25)), Some(dec!(0.2))]
    );
    Ok(())
}

async fn a_model_inside_of_a_function(db: Db) -> Outcome {
    #[derive(Model, Debug, Clone, PartialEq)]
    #[orm(table = "locals")]
    struct Local {
        id: i64,
        #[orm(max_length = 10)]
        name: String,
        #[orm(on_delete = Cascade)]
        next: Option<ForeignKey<Local>>,
    }
    create_tables(&db, &[Local::META]).await?;
    let a = Local::create(NewLocal { name: "a" }).save(&db).await?;
    let b = Local::create(NewLocal { name: "b" }).with(Local.next.set(&a)).save(&db).await?;
    assert_eq!(Local::objects().filter(Local.next.name.eq("a")).get(&db).await?, b);
    let rows: BTreeMap<i64, Local> = Local::objects().in_bulk(&db, [a.id, b.id, 99]).await?.into_iter().collect();
    assert_eq!(rows.into_values().collect::<Vec<_>>(), [a, b]);
    Ok(())
}

async fn doc_comments_are_column_comments(db: Db) -> Outcome {
    if db.dialect().name() == "sqlite" {
        return Ok(());
    }
    let schema = db.introspect().await?;
    assert_eq!(schema.tables["sample"].comment, "Types of the program's own.");
    assert_eq!(schema.tables["sample"].column("isbnNumber").unwrap().comment, "What it is printed on.");
    Ok(())
}
