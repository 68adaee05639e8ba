//! What differs from database to database in the text of queries, as data. The tables stand in `backend/*/dialect.rs`.

use crate::ast::{Func, Lookup};
use crate::value::{Kind, Value};

/// How a database spells queries. Templates are SQL with `{0}`, `{1}`… for the operands.
pub trait Dialect: Send + Sync + std::fmt::Debug + 'static {
    /// Its name, as URLs and errors say it.
    fn name(&self) -> &'static str;
    /// Quotes and placeholders.
    fn syntax(&self) -> Syntax;
    /// Whether it can do something that not every database can.
    fn has(&self, feature: Feature) -> bool;
    /// The spelling of a function over operands of a kind, `None` if it does not have it.
    fn func(&self, func: Func, args: &[Kind]) -> Option<String>;
    /// The spelling of a text lookup. With `constant`, the right side is a value that was [encoded](Dialect::pattern).
    fn lookup(&self, lookup: Lookup, constant: bool) -> Option<&'static str>;
    /// The value to bind for the right side of a text lookup with a constant.
    fn pattern(&self, lookup: Lookup, text: &str) -> String;
    /// Whole-number division, remainder or float division; decimals go through [`Dialect::decimal_div`].
    fn divide(&self, op: Division) -> &'static str;
    /// The quotient of two decimals, both given at the scale `places - 4` and 0 respectively on databases where
    /// decimals are scaled integers; rounded half away from zero to `places`.
    fn decimal_div(&self, places: u8) -> String;
    /// An average of decimals, to `places`, half away from zero. `{0}` is the aggregated expression.
    fn decimal_avg(&self, places: u8) -> String;
    /// An average of integers or floats as a float. `{0}` is the aggregated expression, perhaps with `DISTINCT` before it.
    fn float_avg(&self) -> &'static str;
    /// `MIN` and `MAX` (`{0}`) of an expression (`{1}`) of a kind that the plain functions do not take; `None` if they do.
    fn extreme(&self, kind: Kind) -> Option<&'static str> {
        let _ = kind;
        None
    }
    /// How a list is bound.
    fn list(&self) -> ListStyle;
    /// How a list is bound and opened in `IN`, for [`ListStyle::OneParameter`], e.g. `= ANY({0})`.
    fn in_list(&self, kind: Kind) -> &'static str;
    /// How a column of a decimal that the library did not create is read as the library's decimals; `None` if as it is.
    fn native_decimal(&self, places: u8) -> Option<String>;
    /// The cast that gives a bound value its kind where nothing else does (`SELECT ?`); `None` if none is needed.
    fn typed_parameter(&self, kind: Kind) -> Option<&'static str>;
    /// Whether decimals are stored as integers, scaled by the column's places.
    fn scaled_decimals(&self) -> bool;
    /// Why a value cannot be held by a column of the kind here, if it cannot.
    ///
    /// # Errors
    /// The words of what is wrong, e.g. "is longer than 5 characters".
    fn check(&self, value: &Value, kind: Kind) -> Result<(), String>;
    /// Where NULLs go in ascending order unless asked.
    fn nulls_are_least(&self) -> bool;
    /// The text of `LIMIT` for "all" where an offset needs a limit.
    fn limit_all(&self) -> Option<&'static str>;
    /// The most parameters of one statement.
    fn max_parameters(&self) -> usize;
    /// An `INSERT` that ignores rows which are there already: the words before `INTO` and those at the end.
    fn insert_ignore(&self) -> (&'static str, &'static str);
    /// The `VALUES` of an insert that gives no column.
    fn default_values(&self) -> &'static str;
    /// A quoted identifier.
    fn quote(&self, name: &str) -> String {
        match self.syntax() {
            Syntax::Backtick => format!("`{}`", name.replace('`', "``")),
            Syntax::Numbered | Syntax::Question => format!("\"{}\"", name.replace('"', "\"\"")),
        }
    }
}

/// Quotes and placeholders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Syntax {
    /// `"name"` and `$1`.
    Numbered,
    /// `` `name` `` and `?`.
    Backtick,
    /// `"name"` and `?`.
    Question,
}

/// What not every database can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Feature {
    /// `RETURNING` after INSERT.
    InsertReturning,
    /// `RETURNING` after UPDATE.
    UpdateReturning,
    /// `FILTER (WHERE …)` after an aggregate.
    AggregateFilter,
    /// A statement that changes a table may read it in a subquery.
    SelfReference,
    /// `NULLS FIRST` and `NULLS LAST`.
    NullsOrder,
    /// Changes to tables are part of the transaction.
    TransactionalDdl,
    /// `LIMIT` inside an `IN (…)` subquery.
    LimitInSubquery,
    /// The assignments of an UPDATE all see the row as it was.
    SimultaneousSet,
}

/// A division.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Division {
    /// Integers, cut off toward zero.
    Int,
    /// The remainder, with the dividend's sign.
    Rem,
    /// Floats.
    Float,
}

/// How a list is bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListStyle {
    /// The whole list is one parameter.
    OneParameter,
    /// A parameter each, in lengths of powers of two (the last value is repeated).
    Padded,
}
