//! Text in a value: short texts stand in the value itself, and cost no memory of their own.

use std::fmt;
use std::ops::Deref;

use compact_str::CompactString;

/// A text that is bound. Of up to 24 bytes it is held in place.
///
/// ```
/// # orm_blog::example! {
/// use orm::value::CompactText;
/// let text = CompactText::from("Dune");
/// assert_eq!((text.len(), text.to_uppercase()), (4, "DUNE".to_owned()));
/// assert_eq!(String::from(text), "Dune");
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct CompactText(CompactString);

impl CompactText {
    /// The text.
    ///
    /// ```
    /// # orm_blog::example! {
    /// assert_eq!(orm::value::CompactText::from("Dune").as_str(), "Dune");
    /// # }
    /// ```
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Deref for CompactText {
    type Target = str;

    #[inline]
    fn deref(&self) -> &str {
        &self.0
    }
}
impl From<&str> for CompactText {
    #[inline]
    fn from(text: &str) -> CompactText {
        CompactText(CompactString::new(text))
    }
}
impl From<&String> for CompactText {
    #[inline]
    fn from(text: &String) -> CompactText {
        CompactText(CompactString::new(text))
    }
}
impl From<String> for CompactText {
    #[inline]
    fn from(text: String) -> CompactText {
        CompactText(CompactString::from(text))
    }
}
impl From<CompactText> for String {
    fn from(text: CompactText) -> String {
        text.0.into_string()
    }
}
impl PartialEq<str> for CompactText {
    fn eq(&self, other: &str) -> bool {
        self.as_str() == other
    }
}
impl PartialEq<&str> for CompactText {
    fn eq(&self, other: &&str) -> bool {
        self.as_str() == *other
    }
}
impl fmt::Debug for CompactText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
impl fmt::Display for CompactText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}
