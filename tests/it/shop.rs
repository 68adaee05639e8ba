//! Models that several files share: authors with books and tags, countries, profiles, and a tree.

use orm::prelude::*;
use rust_decimal::{Decimal, dec};

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "shop_countries", ordering = "name")]
pub struct Country {
    pub id: i64,
    #[orm(max_length = 40)]
    pub name: String,
    #[orm(via = country)]
    pub people: HasMany<Author>,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "shop_authors", ordering = "name")]
pub struct Author {
    pub id: i64,
    #[orm(max_length = 40)]
    pub name: String,
    #[orm(on_delete = SetNull)]
    pub country: Option<ForeignKey<Country>>,
    #[orm(default)]
    pub visits: i64,
    pub books: HasMany<Book>,
    #[orm(via = editor)]
    pub edited: HasMany<Book>,
    pub profile: HasOne<Profile>,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "shop_profiles")]
pub struct Profile {
    pub id: i64,
    #[orm(max_length = 100)]
    pub bio: String,
    #[orm(on_delete = Cascade)]
    pub author: OneToOne<Author>,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "shop_books", ordering = "title")]
pub struct Book {
    pub id: i64,
    #[orm(max_length = 60)]
    pub title: String,
    #[orm(on_delete = Cascade)]
    pub author: ForeignKey<Author>,
    #[orm(on_delete = SetNull)]
    pub editor: Option<ForeignKey<Author>>,
    #[orm(max_digits = 6, decimal_places = 2)]
    pub price: Decimal,
    #[orm(default)]
    pub copies: i64,
    pub tags: ManyToMany<Tag>,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "shop_tags", ordering = "name")]
pub struct Tag {
    pub id: i64,
    #[orm(max_length = 40, unique)]
    pub name: String,
    #[orm(via = tags)]
    pub books: ManyToMany<Book>,
}

#[derive(Model, Debug, Clone, PartialEq)]
#[orm(table = "shop_nodes", ordering = "name")]
pub struct Node {
    pub id: i64,
    #[orm(max_length = 40)]
    pub name: String,
    #[orm(on_delete = Cascade)]
    pub parent: Option<ForeignKey<Node>>,
    #[orm(via = parent)]
    pub children: HasMany<Node>,
}

/// The rows that the tests speak of.
///
/// Ann (of Norway, with a profile) wrote A1 (10.00, edited by Bob, tags x and y) and A2 (20.00, tag x); Bob (without a
/// country) wrote B1 (30.00, edited by Ann, tag z); Cy (of Peru) wrote nothing. The tag w is nobody's.
pub async fn fill(db: &Db) -> orm::Result<()> {
    let norway = Country::create(NewCountry { name: "Norway" }).save(db).await?;
    let peru = Country::create(NewCountry { name: "Peru" }).save(db).await?;
    let ann = Author::create(NewAuthor { name: "Ann" })
        .with((Author.country.set(&norway), Author.visits.set(1)))
        .save(db)
        .await?;
    let bob = Author::create(NewAuthor { name: "Bob" }).with(Author.visits.set(2)).save(db).await?;
    Author::create(NewAuthor { name: "Cy" }).with((Author.country.set(&peru), Author.visits.set(3))).save(db).await?;
    Profile::create(NewProfile { bio: "Sails", author: &ann }).save(db).await?;
    let mut tags = Vec::new();
    for name in ["x", "y", "z", "w"] {
        tags.push(Tag::create(NewTag { name }).save(db).await?);
    }
    Book::create(NewBook { title: "A1", author: &ann, price: dec!(10) })
        .with((Book.editor.set(&bob), Book.copies.set(5)))
        .link(Book.tags, [&tags[0], &tags[1]])
        .save(db)
        .await?;
    Book::create(NewBook { title: "A2", author: &ann, price: dec!(20) })
        .with(Book.copies.set(7))
        .link(Book.tags, [&tags[0]])
        .save(db)
        .await?;
    Book::create(NewBook { title: "B1", author: &bob, price: dec!(30) })
        .with(Book.editor.set(&ann))
        .link(Book.tags, [&tags[2]])
        .save(db)
        .await?;
    Ok(())
}
