//! The tree to SQL text, through sea-query. Does no I/O and is not generic, so it is compiled once.

/// The texts of statements seen before, by shape.
#[derive(Debug, Default)]
pub struct Plans {}
