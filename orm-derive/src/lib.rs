//! The derives of `orm`: `Model`, `Projection`, `Choices` and `Value`.
//!
//! Attributes become a plain description (`parse`, `spec`), which is checked (`check`) and then written out
//! (`emit`) for the traits of `orm-core`. Nothing here knows more than the one struct that it is given; what needs
//! two models is left to the compiler, by the types and constants that are emitted.

#![forbid(unsafe_code)]

mod names;
mod errors;
mod args;
mod types;
mod visibility;
mod spec;
mod parse;
mod check;
mod emit;
mod draft;
mod projection;
mod choices;
mod value;
#[cfg(test)]
mod tests;

use proc_macro::TokenStream;
use syn::{DeriveInput, parse_macro_input};

/// Makes a struct a model: its values are rows of a table.
///
/// ```
/// # orm_blog::example! { db =>
/// #[derive(Model, Debug, Clone)]
/// #[orm(table = "books", ordering = "-published", index(fields = "published, title"))]
/// pub struct Book {
///     pub id: i64,
///     #[orm(max_length = 200)]
///     pub title: String,
///     #[orm(on_delete = Cascade)]
///     pub author: ForeignKey<Author>,
///     pub published: NaiveDate,
///     pub reviews: HasMany<Review>,
///     pub tags: ManyToMany<Tag>,
/// }
/// # #[derive(Model, Debug, Clone)]
/// # pub struct Author { pub id: i64, pub name: String }
/// # #[derive(Model, Debug, Clone)]
/// # pub struct Review { pub id: i64, pub stars: i16, #[orm(on_delete = Cascade)] pub book: ForeignKey<Book> }
/// # #[derive(Model, Debug, Clone)]
/// # pub struct Tag { pub id: i64, pub name: String }
/// # drop(db);
/// # let db = Db::connect("sqlite::memory:").await?;
/// # orm::migrate::sync_models(&db, orm::models![Book, Author, Review, Tag]).await?;
/// # let author = Author::create(NewAuthor { name: "Ann" }).save(&db).await?;
/// let draft = NewBook { title: "Dune", author: &author, published: day("1965-08-01") };
/// let book: Book = Book::create(draft).save(&db).await?;
/// let query = Book::objects().filter(Book.title.eq("Dune") & Book.author.name.eq("Ann"));
/// assert_eq!(query.get(&db).await?.id, book.id);
/// assert_eq!(book.tags().count(&db).await?, 0);
/// # }
/// ```
///
/// Beside the struct there are then the constant `Book`, whose fields are its columns and relations, `Book::objects()`,
/// `Book::create(..)`, the struct `NewBook` of the fields that a new row must be given, and a method for each relation
/// to many rows (`book.tags()`).
///
/// # On the struct
///
/// | attribute | |
/// |---|---|
/// | `table = ".."` | The table; without it the struct's name in snake case. |
/// | `ordering = "-published, title"` | How rows are ordered unless a query says otherwise. |
/// | `index(fields = "a, -b", name = "..")` | An index. |
/// | `unique(fields = "a, b", name = "..")` | A combination that no two rows share. |
/// | `primary_key = "a, b"` | A primary key of several fields. |
/// | `managed = false` | The table exists, in the database's own types; the library never creates or changes it. |
/// | `rename_all = "camelCase"` | How columns are named after fields: `snake_case`, `camelCase`, `PascalCase`, `SCREAMING_SNAKE_CASE`. |
/// | `draft(Debug, Deserialize)` | Derives for the struct of the required fields. |
///
/// ```
/// # orm_blog::example! {
/// #[derive(Model)]
/// #[orm(
///     table = "order_lines",
///     primary_key = "order, line",
///     ordering = "order, -line",
///     index(fields = "product, -price", name = "ix_dearest"),
///     unique(fields = "order, product"),
///     rename_all = "camelCase",
///     draft(Debug, Clone),
/// )]
/// struct OrderLine {
///     order: i64,
///     line: i64,
///     #[orm(max_length = 40)]
///     product: String,
///     unit_price: i64,
///     price: i64,
/// }
/// assert_eq!(
///     OrderLine::objects().values(OrderLine.unit_price).sql("sqlite")?,
///     r#"SELECT "order_lines"."unitPrice" FROM "order_lines" ORDER BY "order_lines"."order" ASC, "order_lines"."line" DESC"#
/// );
/// let table = orm::schema::table_of(OrderLine::META);
/// assert_eq!(table.primary_key, ["order", "line"]);
/// let indexes: Vec<(&str, bool)> = table.indexes.iter().map(|index| (&*index.name, index.unique)).collect();
/// assert_eq!(indexes, [("ix_dearest", false), ("uq_order_lines_order_product", true)]);
/// let draft = NewOrderLine { order: 1, line: 1, product: "pen", unit_price: 2, price: 20 };
/// println!("{:?}", draft.clone());
/// # }
/// ```
///
/// ```
/// # orm_blog::example! { db =>
/// // Tables that are there already: `sync` and migrations leave them alone.
/// #[derive(Model)]
/// #[orm(table = "sqlite_schema", managed = false)]
/// struct TableOfTables {
///     #[orm(primary_key, auto = false)]
///     name: String,
///     #[orm(column = "type")]
///     kind: String,
/// }
/// assert!(TableOfTables::objects().filter(TableOfTables.name.eq("books")).exists(&db).await?);
/// # }
/// ```
///
/// # On a field
///
/// | attribute | for | |
/// |---|---|---|
/// | `column = ".."` | columns | The column; without it the field's name, and `author_id` for a foreign key `author`. |
/// | `primary_key` | columns | The primary key; without it the field `id` is. |
/// | `auto = false` | keys | Nothing makes up a value: a natural key. `auto` has the database count up for a type that is not plainly an integer. |
/// | `max_length = 200` | text | The greatest number of characters. |
/// | `max_digits = 5, decimal_places = 2` | decimals | All digits, and those after the point. |
/// | `unique`, `index` | columns | A unique constraint or an index; a foreign key has an index unless `index = false`. |
/// | `default`, `default = ..` | columns | A Rust expression that makes the value of new rows. |
/// | `db_default = 0`, `db_default = now` | columns | A default in the table itself. |
/// | `auto_now_add`, `auto_now` | times | The time of the insert; of every save. |
/// | `on_delete = Cascade` | foreign keys | Required: `Cascade`, `SetNull`, `SetDefault`, `Restrict` or `NoAction`. |
/// | `constraint = false` | foreign keys | The database does not enforce it. |
/// | `via = author` | other sides | The field on the other side; without it the one named after this model. On a `ManyToMany` it says that the other side owns the table between. |
/// | `join_table`, `join_from`, `join_to` | many-to-many | The table between, and its two columns. |
///
/// Columns, and the table that they make:
///
/// ```
/// # orm_blog::example! {
/// #[derive(Model)]
/// struct Product {
///     #[orm(primary_key, auto = false, max_length = 13)]
///     code: String,
///     #[orm(column = "label", max_length = 80, index)]
///     name: String,
///     #[orm(max_digits = 7, decimal_places = 2)]
///     price: Decimal,
///     #[orm(db_default = 0)]
///     stock: i64,
///     #[orm(default = 1)]
///     rank: i16,
///     #[orm(auto_now_add)]
///     created: DateTime<Utc>,
///     #[orm(auto_now)]
///     changed: DateTime<Utc>,
/// }
/// let change = orm::schema::SchemaChange::CreateTable(orm::schema::table_of(Product::META));
/// let steps = orm::backend::plan("sqlite", &change, &orm::schema::Schema::default())?;
/// assert_eq!(
///     steps[0].sql,
///     r#"CREATE TABLE "product" (
///     "code" VARCHAR(13) NOT NULL,
///     "label" VARCHAR(80) NOT NULL,
///     "price" DECIMAL(7, 2) NOT NULL,
///     "stock" BIGINT NOT NULL DEFAULT 0,
///     "rank" SMALLINT NOT NULL,
///     "created" TIMESTAMP NOT NULL,
///     "changed" TIMESTAMP NOT NULL,
///     PRIMARY KEY ("code")
/// )"#
/// );
/// // What has a default, a time of its own or a key that counts up is not asked for.
/// let _ = NewProduct { code: "x", name: "X", price: dec!(9.99) };
/// # }
/// ```
///
/// Relations:
///
/// ```
/// # orm_blog::example! { db =>
/// #[derive(Model)]
/// struct Team {
///     id: i64,
///     members: HasMany<Player>,
///     #[orm(via = reserve_of)]
///     reserves: HasMany<Player>,
///     #[orm(join_table = "sponsoring", join_from = "team", join_to = "sponsor")]
///     sponsors: ManyToMany<Sponsor>,
/// }
/// #[derive(Model)]
/// struct Player {
///     id: i64,
///     #[orm(on_delete = Restrict)]
///     team: ForeignKey<Team>,
///     #[orm(on_delete = SetNull, column = "reserve", index = false, constraint = false)]
///     reserve_of: Option<ForeignKey<Team>>,
/// }
/// #[derive(Model)]
/// struct Sponsor {
///     id: i64,
///     #[orm(via = sponsors)]
///     teams: ManyToMany<Team>,
/// }
/// # drop(db);
/// # let db = Db::connect("sqlite::memory:").await?;
/// orm::migrate::sync_models(&db, orm::models![Team, Player, Sponsor]).await?;
/// let team = Team::create(NewTeam {}).add(Team.members, [NewPlayer { team: Parent }]).save(&db).await?;
/// team.sponsors().create(&db, NewSponsor {}).await?;
/// assert_eq!((team.members().count(&db).await?, team.reserves().count(&db).await?), (1, 0));
/// assert!(Sponsor::objects().filter(Sponsor.teams.any(Team.id.eq(team.id))).exists(&db).await?);
/// # }
/// ```
///
/// A public foreign key needs a public model behind it, and a public field a public type: rustc refuses the rest (E0446).
#[proc_macro_derive(Model, attributes(orm))]
pub fn model(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    errors::finish(|errors| {
        let model = check::model(parse::model(&input, errors)?, errors)?;
        Some(emit::model(&model))
    })
}

/// Makes a struct what a query gives back for each row.
///
/// `#[orm(of = Book)]` on the struct names the model. A field is filled from the column of its name, or from what
/// `#[orm(Book.editor.name)]` says: a column, or any expression of a row of the model.
///
/// ```
/// # orm_blog::example! { db =>
/// #[derive(Projection)]
/// #[orm(of = Book)]
/// struct BookRow {
///     title: String,
///     #[orm(Book.editor.name)]
///     editor: Option<String>,
///     #[orm(Book.price * 2)]
///     for_two: Decimal,
///     #[orm(Book.author.row())]
///     author: Author,
/// }
/// let query = Book::objects().order_by(Book.id.asc()).project::<BookRow>();
/// let row = query.first(&db).await?.expect("there are books");
/// assert_eq!((row.title.as_str(), row.editor.as_deref()), ("Rust by Night", Some("Bob")));
/// assert_eq!((row.for_two, row.author.name.as_str()), (dec!(79.80), "Ann"));
/// # }
/// ```
#[proc_macro_derive(Projection, attributes(orm))]
pub fn projection(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    errors::finish(|errors| projection::projection(&input, errors))
}

/// Makes an enum without fields a column type.
///
/// It is stored as text, each variant as its name in snake case, or as `#[orm(value = "..")]` says. With
/// `#[orm(repr = "i32")]` (or `i16`, `i64`), or where variants have numbers (`Draft = 1`, `#[orm(value = 1)]`), it is
/// stored as an integer, and every variant says which. What people read is the variant's doc comment, or
/// `#[orm(label = "..")]`.
///
/// ```
/// # orm_blog::example! {
/// #[derive(Choices, Debug, Clone, Copy, PartialEq)]
/// enum Status {
///     /// Not yet out
///     Draft,
///     #[orm(value = "out", label = "Published")]
///     Live,
/// }
/// use orm::value::{SqlType, Value};
/// assert_eq!((Status::Live.encode(), Status::Draft.label()), (Value::Text("out".into()), "Not yet out"));
///
/// #[derive(Choices, Debug, Clone, Copy, PartialEq)]
/// #[orm(repr = "i16")]
/// enum Priority {
///     Low = 1,
///     High = 5,
/// }
/// assert_eq!((Priority::High.encode(), Priority::KIND), (Value::Int(5), orm::value::Kind::Int16));
/// # }
/// ```
#[proc_macro_derive(Choices, attributes(orm))]
pub fn choices(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    errors::finish(|errors| choices::choices(&input, errors))
}

/// Makes a type of yours a column type: a struct around one field is stored as that field, and any type that
/// implements `Custom` as that says, with `#[orm(custom)]`.
///
/// ```
/// # orm_blog::example! { db =>
/// #[derive(Value, Debug, Clone, PartialEq)]
/// struct Isbn(String);
///
/// #[derive(Model)]
/// struct Print {
///     id: i64,
///     #[orm(max_length = 13)]
///     isbn: Isbn,
/// }
/// orm::migrate::sync_models(&db, orm::models![Print]).await?;
/// let dune = Isbn("9780441013593".to_owned());
/// Print::create(NewPrint { isbn: dune.clone() }).save(&db).await?;
/// assert_eq!(Print::objects().filter(Print.isbn.eq(&dune)).count(&db).await?, 1);
/// # }
/// ```
#[proc_macro_derive(Value, attributes(orm))]
pub fn value(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    errors::finish(|errors| value::value(&input, errors))
}
