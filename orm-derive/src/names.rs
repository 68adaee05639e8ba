//! Names: from one case to another, and the nearest of several.

/// How names of columns or values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Case {
    /// `published_at`
    Snake,
    /// `publishedAt`
    Camel,
    /// `PublishedAt`
    Pascal,
    /// `PUBLISHED_AT`
    Screaming,
}

impl Case {
    /// Every case, with its name.
    pub const ALL: [(&str, Case); 4] = [
        ("snake_case", Case::Snake),
        ("camelCase", Case::Camel),
        ("PascalCase", Case::Pascal),
        ("SCREAMING_SNAKE_CASE", Case::Screaming),
    ];

    /// A name in snake case, in this one.
    pub fn of(self, snake: &str) -> String {
        match self {
            Case::Snake => snake.to_owned(),
            Case::Screaming => snake.to_uppercase(),
            Case::Pascal => snake.split('_').map(capital).collect(),
            Case::Camel => {
                let pascal = Case::Pascal.of(snake);
                let mut chars = pascal.chars();
                chars.next().map(|c| c.to_lowercase().chain(chars).collect()).unwrap_or_default()
            }
        }
    }
}

fn capital(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// `HTTPServer` as `http_server`.
pub fn snake(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (i, c) in chars.iter().enumerate() {
        let before = i.checked_sub(1).and_then(|i| chars.get(i)).copied().unwrap_or('_');
        let after_lower = chars.get(i + 1).is_some_and(|c| c.is_lowercase());
        let starts_word = c.is_uppercase() && before != '_' && (!before.is_uppercase() || after_lower);
        if starts_word {
            out.push('_');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The nearest of some names, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    among
        .into_iter()
        .map(|other| (distance(name, other), other))
        .filter(|(d, other)| *d <= 1 + other.chars().count() / 4)
        .min_by_key(|(d, _)| *d)
        .map(|(_, other)| other)
}

/// How many letters have to be added, dropped, changed or swapped with the next.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let swapped = i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y;
            let changed = rows[i][j] + usize::from(x != y);
            let best = changed.min(rows[i][j + 1] + 1).min(row[j] + 1);
            row.push(if swapped { best.min(rows[i - 1][j - 1] + 1) } else { best });
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

/// `` `a`, `b`, `c` ``
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ")
}

/// `` ; did you mean `a`? `` or nothing.
pub fn hint<'a>(name: &str, among: impl IntoIterator<Item = &'a str>) -> String {
    nearest(name, among).map(|n| format!("; did you mean `{n}`?")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_case() {
        for (name, expected) in [
            ("Book", "book"),
            ("BookReview", "book_review"),
            ("HTTPServer", "http_server"),
            ("Author2", "author2"),
            ("ÜberTag", "über_tag"),
            ("Snake_Case", "snake_case"),
        ] {
            assert_eq!(snake(name), expected);
        }
        assert_eq!(Case::Pascal.of("author_id"), "AuthorId");
        assert_eq!(Case::Camel.of("author_id"), "authorId");
        assert_eq!(Case::Screaming.of("author_id"), "AUTHOR_ID");
    }

    #[test]
    fn the_nearest_name_is_one_that_may_be_meant() {
        assert_eq!(nearest("titel", ["title", "price"]), Some("title"));
        assert_eq!(nearest("maxlength", ["max_digits", "max_length"]), Some("max_length"));
        assert_eq!(nearest("colour", ["title", "price"]), None);
    }
}
