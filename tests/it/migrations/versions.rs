//! One app in three versions. Each module holds the models as they were at a time.

pub mod v1 {
    use orm::meta::ModelMeta;
    use orm::prelude::*;
    use rust_decimal::Decimal;

    pub const MODELS: &[&ModelMeta] = &[Maker::META, Item::META, Leaflet::META];

    /// Who makes things.
    #[derive(Model, Debug, Clone)]
    #[orm(table = "makers")]
    pub struct Maker {
        pub id: i64,
        #[orm(max_length = 40)]
        pub name: String,
    }

    #[derive(Choices, Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Status {
        Draft,
        Live,
    }

    #[derive(Model, Debug, Clone)]
    #[orm(table = "items", index(fields = "rank"))]
    pub struct Item {
        pub id: i64,
        #[orm(max_length = 20)]
        pub title: String,
        #[orm(max_digits = 6, decimal_places = 2)]
        pub price: Decimal,
        pub rank: i32,
        #[orm(max_length = 50)]
        pub note: Option<String>,
        pub body: String,
        pub status: Status,
        #[orm(on_delete = Cascade)]
        pub maker: ForeignKey<Maker>,
    }

    /// It goes in the second version.
    #[derive(Model, Debug, Clone)]
    #[orm(table = "leaflets")]
    pub struct Leaflet {
        pub id: i64,
        #[orm(max_length = 30)]
        pub text: String,
        #[orm(on_delete = Cascade)]
        pub item: ForeignKey<Item>,
    }
}

pub mod v2 {
    use orm::meta::ModelMeta;
    use orm::prelude::*;
    use rust_decimal::Decimal;

    pub const MODELS: &[&ModelMeta] = &[Vendor::META, Item::META, Tag::META];

    /// Who makes things, and edits them.
    #[derive(Model, Debug, Clone)]
    #[orm(table = "vendors")]
    pub struct Vendor {
        pub id: i64,
        #[orm(max_length = 40)]
        pub name: String,
    }

    #[derive(Choices, Debug, Clone, Copy, PartialEq, Eq)]
    pub enum Status {
        Draft,
        Live,
        Archived,
    }

    #[derive(Model, Debug, Clone)]
    #[orm(table = "items", index(fields = "-price, title"), unique(fields = "title"))]
    pub struct Item {
        pub id: i64,
        #[orm(max_length = 60)]
        pub title: String,
        #[orm(max_digits = 10, decimal_places = 4)]
        pub price: Decimal,
        pub rank: i64,
        #[orm(max_length = 50)]
        pub note: String,
        pub text: String,
        pub status: Status,
        #[orm(max_length = 10)]
        pub subtitle: Option<String>,
        pub stock: i32,
        #[orm(db_default = 1.5)]
        pub weight: f64,
        #[orm(on_delete = Cascade)]
        pub maker: ForeignKey<Vendor>,
        #[orm(on_delete = SetNull)]
        pub editor: Option<ForeignKey<Vendor>>,
        pub tags: ManyToMany<Tag>,
    }

    #[derive(Model, Debug, Clone)]
    #[orm(table = "tags")]
    pub struct Tag {
        pub id: i64,
        #[orm(max_length = 20, unique)]
        pub name: String,
    }
}

pub mod v3 {
    use orm::meta::ModelMeta;
    use orm::prelude::*;
    use rust_decimal::Decimal;

    use super::v2::Status;

    pub const MODELS: &[&ModelMeta] = &[Vendor::META, Item::META];

    #[derive(Model, Debug, Clone)]
    #[orm(table = "vendors")]
    pub struct Vendor {
        pub id: i64,
        #[orm(max_length = 40)]
        pub name: String,
    }

    #[derive(Model, Debug, Clone)]
    #[orm(table = "products")]
    pub struct Item {
        pub id: i64,
        #[orm(max_length = 60)]
        pub title: String,
        #[orm(max_digits = 12, decimal_places = 4)]
        pub price: Decimal,
        pub rank: i64,
        #[orm(max_length = 50)]
        pub note: Option<String>,
        pub text: String,
        pub status: Status,
        pub stock: i16,
        pub weight: Option<f64>,
        #[orm(on_delete = Restrict)]
        pub maker: ForeignKey<Vendor>,
    }
}

/// Two models of one table.
pub mod torn {
    use orm::prelude::*;

    #[derive(Model, Debug, Clone)]
    #[orm(table = "torn")]
    pub struct One {
        pub id: i64,
    }

    #[derive(Model, Debug, Clone)]
    #[orm(table = "torn")]
    pub struct Two {
        pub id: i64,
    }
}

/// Keys that others point at, before they change.
pub mod narrow {
    use chrono::NaiveDate;
    use orm::meta::ModelMeta;
    use orm::prelude::*;

    pub const MODELS: &[&ModelMeta] = &[Node::META, Leaf::META, Seat::META];

    #[derive(Model, Debug, Clone)]
    #[orm(table = "nodes", unique(fields = "code, label", name = "one_code"))]
    pub struct Node {
        pub id: i32,
        #[orm(max_length = 10, unique)]
        pub name: String,
        #[orm(on_delete = SetNull)]
        pub parent: Option<ForeignKey<Node>>,
        pub flag: bool,
        pub day: NaiveDate,
        pub amount: f64,
        pub code: i32,
        #[orm(max_length = 20)]
        pub label: String,
    }

    #[derive(Model, Debug, Clone)]
    #[orm(table = "leaves")]
    pub struct Leaf {
        pub id: i64,
        #[orm(on_delete = Cascade)]
        pub node: ForeignKey<Node>,
        pub others: ManyToMany<Node>,
    }

    #[derive(Model, Debug, Clone)]
    #[orm(table = "seats", primary_key = "row, place")]
    pub struct Seat {
        pub row: i32,
        pub place: i32,
        #[orm(max_length = 5)]
        pub hall: String,
    }
}

/// The same with wider keys under other names.
pub mod wide {
    use chrono::NaiveDateTime;
    use orm::meta::ModelMeta;
    use orm::prelude::*;
    use rust_decimal::Decimal;

    pub const MODELS: &[&ModelMeta] = &[Knot::META, Leaf::META, Seat::META];

    #[derive(Model, Debug, Clone)]
    #[orm(table = "knots", unique(fields = "code, label", name = "one_code"))]
    pub struct Knot {
        pub id: i64,
        #[orm(max_length = 10, unique)]
        pub title: String,
        #[orm(on_delete = Cascade)]
        pub upper: Option<ForeignKey<Knot>>,
        pub flag: i32,
        pub day: NaiveDateTime,
        #[orm(max_digits = 10, decimal_places = 2)]
        pub amount: Decimal,
        #[orm(max_length = 20)]
        pub code: String,
        #[orm(max_length = 100)]
        pub label: String,
    }

    #[derive(Model, Debug, Clone)]
    #[orm(table = "leaves")]
    pub struct Leaf {
        pub id: i64,
        #[orm(on_delete = Restrict)]
        pub knot: OneToOne<Knot>,
        pub others: ManyToMany<Knot>,
    }

    #[derive(Model, Debug, Clone)]
    #[orm(table = "seats", primary_key = "hall, row, place")]
    pub struct Seat {
        pub row: i32,
        pub place: i32,
        #[orm(max_length = 5)]
        pub hall: String,
    }
}

/// A key that is counted, with others that point at it.
pub mod counting {
    use orm::meta::ModelMeta;
    use orm::prelude::*;

    pub const MODELS: &[&ModelMeta] = &[City::META, Visit::META];

    #[derive(Model, Debug, Clone)]
    #[orm(table = "cities")]
    pub struct City {
        pub id: i64,
        #[orm(max_length = 20)]
        pub name: String,
        #[orm(on_delete = SetNull)]
        pub part_of: Option<ForeignKey<City>>,
    }

    #[derive(Model, Debug, Clone)]
    #[orm(table = "visits")]
    pub struct Visit {
        pub id: i64,
        #[orm(on_delete = Cascade)]
        pub city: ForeignKey<City>,
        pub seen: ManyToMany<City>,
    }
}

/// The same with a key that is a word.
pub mod naming {
    use orm::meta::ModelMeta;
    use orm::prelude::*;

    pub const MODELS: &[&ModelMeta] = &[City::META, Visit::META];

    #[derive(Model, Debug, Clone)]
    #[orm(table = "cities")]
    pub struct City {
        #[orm(primary_key, auto = false, max_length = 30)]
        pub id: String,
        #[orm(max_length = 20)]
        pub name: String,
        #[orm(on_delete = SetNull)]
        pub part_of: Option<ForeignKey<City>>,
    }

    #[derive(Model, Debug, Clone)]
    #[orm(table = "visits")]
    pub struct Visit {
        pub id: i64,
        #[orm(on_delete = Cascade)]
        pub city: ForeignKey<City>,
        pub seen: ManyToMany<City>,
    }
}

/// The same with a key that is a UUID, which no number becomes.
pub mod drawing {
    use orm::meta::ModelMeta;
    use orm::prelude::*;
    use uuid::Uuid;

    pub const MODELS: &[&ModelMeta] = &[City::META, Visit::META];

    #[derive(Model, Debug, Clone)]
    #[orm(table = "cities")]
    pub struct City {
        #[orm(primary_key, auto = false)]
        pub id: Uuid,
        #[orm(max_length = 20)]
        pub name: String,
        #[orm(on_delete = SetNull)]
        pub part_of: Option<ForeignKey<City>>,
    }

    #[derive(Model, Debug, Clone)]
    #[orm(table = "visits")]
    pub struct Visit {
        pub id: i64,
        #[orm(on_delete = Cascade)]
        pub city: ForeignKey<City>,
        pub seen: ManyToMany<City>,
    }
}
