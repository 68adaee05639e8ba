//~ this relation leads to `Series`, not to `Author`
use orm::prelude::*;

#[derive(Model)]
pub struct Author {
    pub id: i64,
    #[orm(via = series)]
    pub books: HasMany<Book>,
}

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(on_delete = Cascade)]
    pub series: ForeignKey<Series>,
}

#[derive(Model)]
pub struct Series {
    pub id: i64,
}
