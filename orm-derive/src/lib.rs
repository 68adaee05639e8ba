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
/// ```ignore
/// #[derive(Model, Debug, Clone)]
/// #[orm(table = "books", ordering = "-published", index(fields = "published, title"))]
/// pub struct Book {
///     pub id: i64,
///     #[orm(max_length = 200)]
///     pub title: String,
///     #[orm(on_delete = Cascade)]
///     pub author: ForeignKey<Author>,
///     pub published: NaiveDate,
///     #[orm(via = book)]
///     pub reviews: HasMany<Review>,
///     pub tags: ManyToMany<Tag>,
/// }
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
/// ```ignore
/// #[derive(Projection)]
/// #[orm(of = Book)]
/// struct BookRow {
///     title: String,
///     #[orm(Book.editor.name)]
///     editor: Option<String>,
/// }
/// let rows: Vec<BookRow> = Book::objects().project::<BookRow>().all(&db).await?;
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
/// ```ignore
/// #[derive(Choices, Debug, Clone, Copy, PartialEq)]
/// enum Status {
///     /// Not yet out
///     Draft,
///     #[orm(value = "out", label = "Published")]
///     Live,
/// }
/// ```
#[proc_macro_derive(Choices, attributes(orm))]
pub fn choices(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    errors::finish(|errors| choices::choices(&input, errors))
}

/// Makes a type of yours a column type: a struct around one field is stored as that field, and any type that
/// implements `Custom` as that says, with `#[orm(custom)]`.
///
/// ```ignore
/// #[derive(Value, Debug, Clone, PartialEq)]
/// struct Isbn(String);
/// ```
#[proc_macro_derive(Value, attributes(orm))]
pub fn value(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    errors::finish(|errors| value::value(&input, errors))
}
