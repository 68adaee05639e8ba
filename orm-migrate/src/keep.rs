//! Data that a program makes once and keeps to its end.
//!
//! Operations are constants in migration files, so all that they hold is `'static`. The few that are made at run time
//! (by the diff, or as the reverse of another) get theirs here; one run makes a handful, so nothing frees them.

pub(crate) fn text(text: impl Into<String>) -> &'static str {
    let text = text.into();
    if text.is_empty() { "" } else { text.leak() }
}

pub(crate) fn slice<T>(items: impl IntoIterator<Item = T>) -> &'static [T] {
    let items: Vec<T> = items.into_iter().collect();
    if items.is_empty() { &[] } else { items.leak() }
}
