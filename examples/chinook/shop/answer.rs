//! A question with what answers it, and rows of any type as rows of text.

use chrono::{NaiveDate, NaiveDateTime};
use orm::Result;
use orm::db::BoxFuture;
use orm::prelude::Executor;
use rust_decimal::Decimal;

/// Rows as text.
pub type Rows = Vec<Vec<String>>;

/// A question that a shop's owner asks.
pub struct Question {
    pub name: &'static str,
    pub text: &'static str,
    /// What the columns of the answer hold.
    pub columns: &'static [&'static str],
    /// Asks the database.
    pub ask: for<'a> fn(&'a dyn Executor) -> BoxFuture<'a, Result<Rows>>,
}

/// The cells of a row, as text.
pub trait Cells {
    fn cells(&self, to: &mut Vec<String>);

    fn row(&self) -> Vec<String> {
        let mut cells = Vec::new();
        self.cells(&mut cells);
        cells
    }
}

/// All rows of an answer.
pub fn table<R: Cells>(rows: impl IntoIterator<Item = R>) -> Result<Rows> {
    Ok(rows.into_iter().map(|row| row.row()).collect())
}

impl<T: Cells> Cells for Option<T> {
    fn cells(&self, to: &mut Vec<String>) {
        match self {
            Some(value) => value.cells(to),
            None => to.push("-".to_owned()),
        }
    }
}

impl<T: Cells + ?Sized> Cells for &T {
    fn cells(&self, to: &mut Vec<String>) {
        (**self).cells(to);
    }
}

impl Cells for Decimal {
    /// As money, with further places where it has them.
    fn cells(&self, to: &mut Vec<String>) {
        let mut number = self.normalize();
        if number.scale() < 2 {
            number.rescale(2);
        }
        to.push(number.to_string());
    }
}

impl Cells for f64 {
    fn cells(&self, to: &mut Vec<String>) {
        to.push(format!("{self:.2}"));
    }
}

macro_rules! shown {
    ($($t:ty),*) => { $(
        impl Cells for $t {
            fn cells(&self, to: &mut Vec<String>) {
                to.push(self.to_string());
            }
        }
    )* };
}
shown!(String, str, i32, i64, u64, usize, bool, NaiveDate, NaiveDateTime);

macro_rules! tuples {
    ($($t:ident)*) => {
        #[allow(non_snake_case)]
        impl<$($t: Cells),*> Cells for ($($t,)*) {
            fn cells(&self, to: &mut Vec<String>) {
                let ($($t,)*) = self;
                $( $t.cells(to); )*
            }
        }
    };
}
tuples!(A B);
tuples!(A B C);
tuples!(A B C D);
tuples!(A B C D E);
tuples!(A B C D E F);
