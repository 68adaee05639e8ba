//! The values that an enum of choices may have, as data.

use super::convert::mismatch;
use super::{Cell, SqlType};
use crate::error::Error;

/// One value of a `Choices` enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// What is stored.
    pub value: ChoiceValue,
    /// What people read.
    pub label: &'static str,
}

/// The stored form of a [`Choice`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChoiceValue {
    /// Text.
    Text(&'static str),
    /// An integer.
    Int(i64),
}

/// An enum whose variants are the values of a column. Derive it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an enum of choices",
    note = "add `#[derive(Choices)]` to it; its variants hold nothing"
)]
pub trait Choices: SqlType {
    /// Its values, in the order of the variants.
    const ALL: &'static [Self];
    /// What people read: the variant's doc comment, `#[orm(label = "..")]`, or its name.
    fn label(&self) -> &'static str;
}

/// The error of a stored value that is none of the choices.
#[doc(hidden)]
pub fn not_a_choice<T: SqlType>(cell: Cell<'_>) -> Error {
    let found = match cell {
        Cell::Text(text) => format!("`{text}`"),
        Cell::Int(number) => format!("`{number}`"),
        other => return mismatch::<T>(other),
    };
    let choices: Vec<String> = T::CHOICES
        .unwrap_or_default()
        .iter()
        .map(|choice| match choice.value {
            ChoiceValue::Text(text) => format!("`{text}`"),
            ChoiceValue::Int(number) => format!("`{number}`"),
        })
        .collect();
    Error::decode(format!(
        "the database gave {found} where a `{}` was expected, which is one of {}",
        std::any::type_name::<T>(),
        choices.join(", ")
    ))
}
