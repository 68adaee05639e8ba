//! The values that an enum of choices may have, as data.

use super::convert::mismatch;
use super::{Cell, SqlType};
use crate::error::Error;

/// One value of a `Choices` enum.
///
/// ```
/// # orm_blog::example! {
/// use orm::value::SqlType;
/// let choices = Status::CHOICES.expect("it is an enum of choices");
/// assert_eq!((choices.len(), choices[1].label), (2, "published"));
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Choice {
    /// What is stored.
    pub value: ChoiceValue,
    /// What people read.
    pub label: &'static str,
}

/// The stored form of a [`Choice`].
///
/// ```
/// # orm_blog::example! {
/// use orm::value::{ChoiceValue, SqlType};
/// let stored = Status::CHOICES.map(|choices| choices[0].value);
/// assert_eq!(stored, Some(ChoiceValue::Text("draft")));
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChoiceValue {
    /// Text.
    Text(&'static str),
    /// An integer.
    Int(i64),
}

/// An enum whose variants are the values of a column. Derive it.
///
/// ```
/// # orm_blog::example! { db =>
/// let labels: Vec<&str> = Status::ALL.iter().map(Choices::label).collect();
/// assert_eq!(labels, ["draft", "published"]);
/// assert_eq!(Book::objects().filter(Book.status.eq(Status::Published)).count(&db).await?, 1);
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an enum of choices",
    note = "add `#[derive(Choices)]` to it; its variants hold nothing"
)]
pub trait Choices: SqlType {
    /// Its values, in the order of the variants.
    const ALL: &'static [Self];
    /// What people read: the variant's doc comment, `#[orm(label = "..")]`, or its name.
    ///
    /// ```
    /// # orm_blog::example! {
    /// #[derive(Choices, Debug, Clone, Copy, PartialEq)]
    /// enum Size {
    ///     /// For the pocket
    ///     Small,
    ///     #[orm(label = "For the table")]
    ///     Large,
    /// }
    /// assert_eq!((Size::Small.label(), Size::Large.label()), ("For the pocket", "For the table"));
    /// # }
    /// ```
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
