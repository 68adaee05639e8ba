//! The house is as its plan says: layers, who may name what, and a few habits, read from the source as text.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Uses of a layer from one to its left that are agreed: the file, and the layer.
const LAYER_EXCEPTIONS: &[(&str, &str)] = &[];

const DATABASES: [&str; 4] = ["sqlite", "postgres", "mysql", "mariadb"];

/// Files of a database's folder that talk to its driver.
const DRIVER_FILES: [&str; 5] = ["driver", "bind", "decode", "errors", "introspect"];

/// Where orm-migrate may name a database: what the user says for one, and help texts.
const MIGRATE_NAMES: [&str; 2] = ["operation/run_sql.rs", "cli.rs"];

/// What CONTRIBUTING.md counts: what is added, the names of one that is there, and the files of the library with them.
const RECIPES: [(&str, &[&str], usize); 5] = [
    ("a lookup", &["IEndsWith", "iendswith"], 8),
    ("a function", &["Func::Trim", "Trim,"], 7),
    ("an aggregate", &["Aggregate::Max"], 5),
    ("a kind of column", &["Kind::Uuid"], 27),
    ("a migration operation", &["AlterComment", "alter_comment"], 4),
];

const MOST_LINES: usize = 900;

/// What `sql` may name of sea-query, as docs/decisions/0002-what-sea-query-writes.md says: what stands before, and names.
const SEA_QUERY: [(&str, &[&str]); 4] = [
    (
        "sea_query::",
        &[
            "Alias",
            "Expr",
            "JoinType",
            "NullOrdering",
            "Order",
            "Query",
            "SelectStatement",
            "MysqlQueryBuilder",
            "PostgresQueryBuilder",
            "QueryBuilder",
            "SqlWriter",
            "SqliteQueryBuilder",
            "Value",
        ],
    ),
    (" Query::", &["select"]),
    ("SeaExpr::", &["cust"]),
    (
        "statement.",
        &[
            "from",
            "from_as",
            "join_as",
            "distinct",
            "expr",
            "and_where",
            "add_group_by",
            "and_having",
            "order_by_expr",
            "order_by_expr_with_nulls",
            "limit",
            "offset",
            "build_collect_any_into",
        ],
    ),
];

#[test]
fn the_house_is_in_order() {
    let files = files();
    assert!(files.len() > 20, "found only {} files below {}", files.len(), root().display());
    let mut found = Vec::new();
    layers(&files, &mut found);
    sea_query(&files, &mut found);
    drivers(&files, &mut found);
    names(&files, &mut found);
    habits(&files, &mut found);
    paths_of_architecture(&mut found);
    recipes(&files, &mut found);
    let list = found.iter().fold(String::new(), |mut list, one| {
        let _ = writeln!(list, "  {one}");
        list
    });
    assert!(found.is_empty(), "{} places are not in order:\n{list}", found.len());
}

/// A source file: its path from the root, its text, and its code (comments and tests blanked, lines kept).
struct File {
    path: String,
    text: String,
    code: String,
    /// The code with its strings blanked as well.
    bare: String,
}

impl File {
    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("tests/")
    }

    /// The path below a folder.
    fn below(&self, folder: &str) -> Option<&str> {
        self.path.strip_prefix(folder)
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files() -> Vec<File> {
    let mut paths = Vec::new();
    for folder in ["src", "orm-core", "orm-derive", "orm-migrate", "xtask", "tests", "examples", "benches"] {
        walk(&root().join(folder), &mut paths);
    }
    paths.sort();
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        let short = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
        let (code, bare) = (without_tests(&code(&text, true)), without_tests(&code(&text, false)));
        File { path: short, text, code, bare }
    };
    paths.into_iter().map(read).collect()
}

fn walk(folder: &Path, to: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() && name != "target" && !name.to_string_lossy().starts_with('.') {
            walk(&path, to);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            to.push(path);
        }
    }
}

/// The text with comments, and strings unless they are kept, replaced by spaces.
fn code(text: &str, keep_strings: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after_word = out.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
        let (length, keep) = match first {
            '/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
            '/' if rest.starts_with("/*") => (block_comment(rest), false),
            '"' => (string(rest), keep_strings),
            'r' | 'b' if !after_word => match raw_string(rest) {
                Some(length) => (length, keep_strings),
                None => (1, true),
            },
            '\'' => (character(rest), true),
            _ => (first.len_utf8(), true),
        };
        let (taken, left) = rest.split_at(length);
        if keep {
            out.push_str(taken);
        } else {
            out.extend(taken.chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }));
        }
        rest = left;
    }
    out
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if rest.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// The length of `r"…"`, `r#"…"#`, `br"…"`; `None` for what else starts with these letters.
fn raw_string(text: &str) -> Option<usize> {
    let start = text.strip_prefix("br").or_else(|| text.strip_prefix('r'))?;
    let body = start.trim_start_matches('#');
    let end = format!("\"{}", "#".repeat(start.len() - body.len()));
    let body = body.strip_prefix('"')?;
    let close = body.find(&end).map_or(body.len(), |at| at + end.len());
    Some(text.len() - body.len() + close)
}

/// The length of `'x'` or `'\n'`; of a lifetime only its quote.
fn character(text: &str) -> usize {
    let mut letters = text.char_indices().skip(1);
    match (letters.next(), letters.next()) {
        (Some((_, '\\')), Some(_)) => letters.find(|(_, letter)| *letter == '\'').map_or(1, |(at, _)| at + 1),
        (Some(_), Some((at, '\''))) => at + 1,
        _ => 1,
    }
}

/// Blanks each item under `#[cfg(test)]`.
fn without_tests(code: &str) -> String {
    let mut out = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(at) = rest.find("#[cfg(test)]") {
        out.push_str(&rest[..at]);
        let item = &rest[at..];
        let mut depth = 0;
        let end = item.char_indices().find(|(_, letter)| {
            match letter {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            depth == 0 && matches!(letter, '}' | ';')
        });
        let (test, left) = item.split_at(end.map_or(item.len(), |(at, _)| at + 1));
        out.extend(test.chars().map(|letter| if letter == '\n' { '\n' } else { ' ' }));
        rest = left;
    }
    out + rest
}

/// Lines of a text that a condition holds for, as `path:line`.
fn places<'a>(file: &'a File, text: &'a str, is_it: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = String> + 'a {
    text.lines().enumerate().filter(move |(_, line)| is_it(line)).map(|(at, _)| format!("{}:{}", file.path, at + 1))
}

/// Whether a line has the word, on its own.
fn has_word(line: &str, word: &str) -> bool {
    let part = |letter: char| letter.is_alphanumeric() || letter == '_';
    line.match_indices(word).any(|(at, _)| !line[..at].ends_with(part) && !line[at + word.len()..].starts_with(part))
}

/// A layer uses only those before it, and the order of the `mod` lines is the order of the layers.
fn layers(files: &[File], found: &mut Vec<String>) {
    let lib = files.iter().find(|file| file.path == "orm-core/src/lib.rs").expect("orm-core/src/lib.rs");
    let line = |line: &str| Some(line.trim().strip_prefix("pub mod ")?.strip_suffix(';')?.to_owned());
    let layers: Vec<String> = lib.bare.lines().filter_map(line).collect();
    assert!(layers.len() > 5, "orm-core/src/lib.rs has few `pub mod` lines");
    for file in files.iter().filter(|file| !file.is_test()) {
        let Some(path) = file.below("orm-core/src/") else { continue };
        let own = path.split(['/', '.']).next().unwrap_or_default();
        let Some(level) = layers.iter().position(|layer| layer == own) else { continue };
        for layer in &layers[level + 1..] {
            if LAYER_EXCEPTIONS.contains(&(&file.path, layer)) {
                continue;
            }
            for place in uses(file, layer) {
                found.push(format!("{place} uses `crate::{layer}`, which stands to the right of `{own}`"));
            }
        }
    }
}

/// Where a file uses `crate::layer`, in a path or in a group.
fn uses(file: &File, layer: &str) -> Vec<String> {
    let mut found: Vec<String> = places(file, &file.bare, |line| has_word(line, &format!("crate::{layer}"))).collect();
    for (at, _) in file.bare.match_indices("crate::{") {
        let group = &file.bare[at + "crate::{".len()..];
        let mut depth = 0;
        let mut start = 0;
        for (end, letter) in group.char_indices() {
            match letter {
                '{' => depth += 1,
                '}' | ',' if depth == 0 => {
                    let first = group[start..end].trim();
                    if first.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next() == Some(layer) {
                        found.push(format!("{}:{}", file.path, file.bare[..at].lines().count()));
                    }
                    start = end + 1;
                    if letter == '}' {
                        break;
                    }
                }
                '}' => depth -= 1,
                _ => {}
            }
        }
    }
    found
}

/// Only `sql` knows sea-query.
fn sea_query(files: &[File], found: &mut Vec<String>) {
    for file in files.iter().filter(|file| library(file) && file.below("orm-core/src/sql").is_none()) {
        let places = places(file, &file.bare, |line| has_word(line, "sea_query"));
        found.extend(places.map(|place| format!("{place} names sea-query outside of `sql`")));
    }
    let mut imported = 0;
    for file in files.iter().filter(|file| file.below("orm-core/src/sql").is_some()) {
        for (before, names) in SEA_QUERY {
            for rest in file.bare.split(before).skip(1) {
                let listed = rest.strip_prefix('{').and_then(|rest| rest.split_once('}'));
                for name in listed.map_or(rest, |(list, _)| list).split(',').take(listed.map_or(1, |_| usize::MAX)) {
                    let name: String =
                        name.trim().chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
                    imported += 1;
                    if !name.is_empty() && !names.contains(&name.as_str()) {
                        found.push(format!(
                            "{} names `{before}{name}`, which 0002-what-sea-query-writes.md does not",
                            file.path
                        ));
                    }
                }
            }
        }
    }
    assert!(imported > 20, "sea-query is named only {imported} times in `sql`");
}

fn library(file: &File) -> bool {
    ["src/", "orm-core/", "orm-derive/", "orm-migrate/"].iter().any(|folder| file.path.starts_with(folder))
}

/// Only a backend's driver knows the driver's types.
fn drivers(files: &[File], found: &mut Vec<String>) {
    for file in files.iter().filter(|file| library(file) && !file.is_test()) {
        let mut below = file.below("orm-core/src/backend/").unwrap_or_default().split('/').skip(1);
        let part = below.next().unwrap_or_default().trim_end_matches(".rs");
        if DRIVER_FILES.contains(&part) {
            continue;
        }
        let places = places(file, &file.bare, |line| has_word(line, "rusqlite") || has_word(line, "sqlx"));
        found.extend(places.map(|place| format!("{place} names a driver outside of a backend's driver files")));
    }
}

/// Only backends know which databases there are.
fn names(files: &[File], found: &mut Vec<String>) {
    let named = |line: &str| {
        let line = line.to_lowercase();
        DATABASES.iter().any(|name| line.contains(name))
    };
    let mut with_builders = Vec::new();
    for file in files.iter().filter(|file| !file.is_test()) {
        if let Some(path) = file.below("orm-core/src/").filter(|path| !path.starts_with("backend")) {
            let code = if path.starts_with("sql/") { without_builders(&file.code) } else { file.code.clone() };
            if code != file.code {
                with_builders.push(file.path.as_str());
            }
            found.extend(
                places(file, &code, named).map(|place| format!("{place} names a database outside of `backend`")),
            );
        }
        if let Some(path) = file.below("orm-migrate/src/").filter(|path| !MIGRATE_NAMES.contains(path)) {
            let is_it = |line: &str| named(line) && !line.contains("help");
            let places = places(file, &file.code, is_it);
            found.extend(places.map(|place| format!("{place} names a database; ask the backend ({path})")));
        }
    }
    if with_builders.len() > 1 {
        found.push(format!("{} name sea-query's builders; one file is enough", with_builders.join(", ")));
    }
}

/// `sql` may name sea-query's builders, since a dialect only has a tag for its own.
fn without_builders(code: &str) -> String {
    ["PostgresQueryBuilder", "MysqlQueryBuilder", "SqliteQueryBuilder"]
        .iter()
        .fold(code.to_owned(), |code, builder| code.replace(builder, "QueryBuilder"))
}

fn habits(files: &[File], found: &mut Vec<String>) {
    // The expected output of the first counts lines; the others are pieces of programs.
    let free = ["tests/ui/", "tests/ring/"];
    for file in files.iter().filter(|file| !free.iter().any(|folder| file.path.starts_with(folder))) {
        if !file.text.starts_with("//!") {
            found.push(format!("{}:1 does not say in `//!` what it is for", file.path));
        }
        let lines = file.text.lines().count();
        if lines > MOST_LINES {
            found.push(format!("{}:{lines} is longer than {MOST_LINES} lines", file.path));
        }
        for name in ["todo!", "unimplemented!", "dbg!"] {
            let places = places(file, &file.bare, |line| has_word(line, name));
            found.extend(places.map(|place| format!("{place} has `{name}`")));
        }
        let places = places(file, &file.bare, |line| has_word(line, "unsafe"));
        found.extend(places.map(|place| format!("{place} is unsafe")));
    }
}

/// A new thing touches as few files as CONTRIBUTING.md says: those that name one that is there already.
fn recipes(files: &[File], found: &mut Vec<String>) {
    for (what, names, count) in RECIPES {
        let names_it = |file: &&File| {
            library(file)
                && !file.is_test()
                && names.iter().any(|name| file.code.lines().any(|line| has_word(line, name)))
        };
        let in_them: Vec<&str> = files.iter().filter(names_it).map(|file| file.path.as_str()).collect();
        if in_them.len() != count {
            found.push(format!(
                "docs/CONTRIBUTING.md says that {what} touches {count} files, but {} name it: {}",
                in_them.len(),
                in_them.join(", ")
            ));
        }
    }
}

/// What ARCHITECTURE.md points at exists.
fn paths_of_architecture(found: &mut Vec<String>) {
    let name = "docs/ARCHITECTURE.md";
    let Ok(text) = fs::read_to_string(root().join(name)) else { return };
    for (line, path) in mentioned_paths(&text) {
        for path in spelled_out(&path) {
            if !root().join(&path).exists() {
                found.push(format!("{name}:{line} mentions `{path}`, which does not exist"));
            }
        }
    }
}

/// What looks like a path: in backticks, or first on an unindented line of a block.
fn mentioned_paths(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut in_block = false;
    for (line, text) in (1..).zip(text.lines()) {
        if text.starts_with("```") {
            in_block = !in_block;
        } else if in_block {
            found.extend(text.split(' ').next().filter(|word| is_path(word)).map(|word| (line, word.to_owned())));
        } else {
            let quoted = text.split('`').skip(1).step_by(2);
            found.extend(quoted.filter(|word| is_path(word)).map(|word| (line, word.to_owned())));
        }
    }
    found
}

fn is_path(word: &str) -> bool {
    let plain = |letter: char| letter.is_alphanumeric() || "_-./{},".contains(letter);
    let file = word.ends_with(".rs") || word.ends_with(".toml") || word.ends_with(".md");
    word.chars().all(plain) && !word.starts_with(['/', '-', '.']) && (word.contains('/') || file)
}

/// `a/{b,c}` as `a/b` and `a/c`.
fn spelled_out(path: &str) -> Vec<String> {
    let Some((before, rest)) = path.split_once('{') else { return vec![path.to_owned()] };
    let Some((choices, after)) = rest.split_once('}') else { return vec![path.to_owned()] };
    choices.split(',').flat_map(|choice| spelled_out(&format!("{before}{choice}{after}"))).collect()
}

#[test]
fn comments_strings_and_tests_are_told_from_code() {
    let text = "a('\"'); // sqlx\n/* x /* y */ sqlx */ \"sq\\\"l\" r#\"s\"q\"# b<'x>\n#[cfg(test)]\nmod tests { fn a() {} }\nz";
    let code = without_tests(&code(text, false));
    assert_eq!(code.split_whitespace().collect::<Vec<_>>(), ["a('\"');", "b<'x>", "z"]);
    assert_eq!(code.lines().count(), text.lines().count());
}

#[test]
fn uses_are_found_in_paths_and_groups() {
    let file = |text: &str| File { path: "x.rs".into(), text: text.into(), code: text.into(), bare: text.into() };
    assert_eq!(uses(&file("use crate::query::Set;"), "query"), ["x.rs:1"]);
    assert_eq!(uses(&file("\nuse crate::{db::{Db, query}, query::Set};"), "query"), ["x.rs:2"]);
    assert!(uses(&file("use crate::{db::{Db, query}};\ncrate::query_set()"), "query").is_empty());
}

#[test]
fn paths_are_found_in_prose_and_in_trees() {
    let text = "See `orm-core/src/{a,b}.rs` and `x / y`, `Cargo.toml`.\n```\nxtask/   what\n  inner/ no\n```\n";
    let found = mentioned_paths(text);
    assert_eq!(found, [(1, "orm-core/src/{a,b}.rs".into()), (1, "Cargo.toml".into()), (3, "xtask/".into())]);
    assert_eq!(spelled_out("a/{b,c}/{d,e}"), ["a/b/d", "a/b/e", "a/c/d", "a/c/e"]);
}
