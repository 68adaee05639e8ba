//~ `max_digits` goes with `decimal_places`: add how many digits stand after the point
use orm::prelude::*;

#[derive(Model)]
pub struct Book {
    pub id: i64,
    #[orm(max_digits = 5)]
    pub price: rust_decimal::Decimal,
}
