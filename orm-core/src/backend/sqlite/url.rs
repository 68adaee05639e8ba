//! Where a database is and how it is opened, from a URL or a path.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::error::{Error, Result};

/// What a URL says.
#[derive(Debug)]
pub(super) struct Options {
    pub place: Place,
    /// The URL without its options.
    pub location: String,
    pub mode: Mode,
    pub busy_timeout: Duration,
    /// `None` asks for WAL and takes what the file system allows.
    pub journal_mode: Option<&'static str>,
    pub synchronous: &'static str,
    pub offload: Offload,
}

/// Where the database is.
#[derive(Debug)]
pub(super) enum Place {
    File(String),
    /// In memory, under a name that is this database's alone.
    Memory(String),
}

/// How a file is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    ReadOnly,
    ReadWrite,
    Create,
}

/// Which statements run on a thread for blocking work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Offload {
    /// Those that took long when they last ran, and changes of tables.
    Long,
    Always,
    Never,
}

const OPTIONS: &str = "`mode`, `busy_timeout`, `journal_mode`, `synchronous` and `offload`";
const JOURNAL_MODES: &[&str] = &["wal", "delete", "truncate", "persist", "memory", "off"];
const SYNCHRONOUS: &[&str] = &["normal", "off", "full", "extra"];

impl Options {
    pub(super) fn parse(url: &str) -> Result<Options> {
        let (scheme, rest) = match url.strip_prefix("sqlite:") {
            Some(rest) => (true, rest.strip_prefix("//").unwrap_or(rest)),
            None => (false, url),
        };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path = if scheme { decode(path)? } else { path.to_owned() };
        if path.is_empty() {
            return Err(Error::configuration(format!(
                "`{url}` names no file; write `sqlite://data.db`, or `sqlite::memory:` for a database in memory"
            )));
        }
        if path.contains('\0') {
            return Err(Error::configuration("the path of the database holds a NUL character"));
        }
        let memory = path == ":memory:";
        let mut options = Options {
            location: format!("sqlite:{path}"),
            place: if memory { Place::Memory(memory_name()) } else { Place::File(path) },
            mode: Mode::Create,
            busy_timeout: Duration::from_secs(5),
            journal_mode: None,
            synchronous: "normal",
            offload: Offload::Long,
        };
        for pair in query.split('&').filter(|p| !p.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            options.set(name, &decode(value)?)?;
        }
        Ok(options)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<()> {
        match name {
            "mode" => {
                self.mode = match value {
                    "ro" => Mode::ReadOnly,
                    "rw" => Mode::ReadWrite,
                    "rwc" => Mode::Create,
                    _ => return Err(not_among(name, value, &["rwc", "rw", "ro"])),
                }
            }
            "busy_timeout" => {
                self.busy_timeout = value.parse().map(Duration::from_millis).map_err(|_| {
                    Error::configuration(format!("`busy_timeout` takes a number of milliseconds, not `{value}`"))
                })?;
            }
            "journal_mode" => self.journal_mode = Some(among(name, value, JOURNAL_MODES)?),
            "synchronous" => self.synchronous = among(name, value, SYNCHRONOUS)?,
            "offload" => {
                self.offload = match value {
                    "long" => Offload::Long,
                    "true" => Offload::Always,
                    "false" => Offload::Never,
                    _ => return Err(not_among(name, value, &["long", "true", "false"])),
                }
            }
            other => {
                return Err(Error::configuration(format!("SQLite has no option `{other}`; there are {OPTIONS}")));
            }
        }
        Ok(())
    }
}

fn among(name: &str, value: &str, choices: &'static [&'static str]) -> Result<&'static str> {
    choices.iter().copied().find(|c| c.eq_ignore_ascii_case(value)).ok_or_else(|| not_among(name, value, choices))
}

fn not_among(name: &str, value: &str, choices: &[&str]) -> Error {
    let choices: Vec<String> = choices.iter().map(|c| format!("`{c}`")).collect();
    Error::configuration(format!("`{name}` takes {}, not `{value}`", choices.join(", ")))
}

fn memory_name() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    // Names that begin with a slash are shared by the connections of one process.
    format!("file:/orm-memory-{}?vfs=memdb", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Text with `%20` and the like.
fn decode(text: &str) -> Result<String> {
    if !text.contains('%') {
        return Ok(text.to_owned());
    }
    let refused =
        || Error::configuration(format!("`{text}` has a `%` that does not stand before two hexadecimal digits"));
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte != b'%' {
            out.push(byte);
            continue;
        }
        let mut digit = || char::from(bytes.next()?).to_digit(16).and_then(|d| u8::try_from(d).ok());
        match (digit(), digit()) {
            (Some(high), Some(low)) => out.push(high << 4 | low),
            _ => return Err(refused()),
        }
    }
    String::from_utf8(out).map_err(|_| refused())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(url: &str, path: &str) {
        match Options::parse(url).map(|o| o.place) {
            Ok(Place::File(found)) => assert_eq!(found, path, "{url}"),
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn every_way_to_write_a_place() {
        file("data.db", "data.db");
        file("./a b.db", "./a b.db");
        file("sqlite:data.db", "data.db");
        file("sqlite://data.db?mode=ro", "data.db");
        file("sqlite:///var/data.db", "/var/data.db");
        file("sqlite:///var/a%20b%3F.db?offload=true", "/var/a b?.db");
        for url in ["sqlite::memory:", "sqlite://:memory:", ":memory:"] {
            assert!(matches!(Options::parse(url).map(|o| o.place), Ok(Place::Memory(_))), "{url}");
        }
    }

    #[test]
    fn options_are_read_and_wrong_ones_named() {
        let options = Options::parse("sqlite:x?mode=rw&busy_timeout=20&journal_mode=DELETE&synchronous=full").unwrap();
        assert_eq!(options.mode, Mode::ReadWrite);
        assert_eq!(options.busy_timeout, Duration::from_millis(20));
        assert_eq!(options.journal_mode, Some("delete"));
        assert_eq!(options.synchronous, "full");
        assert_eq!(options.location, "sqlite:x");
        let message = |url: &str| Options::parse(url).map(|_| ()).unwrap_err().message().to_owned();
        assert_eq!(
            message("sqlite:x?cache=shared"),
            "SQLite has no option `cache`; there are `mode`, `busy_timeout`, `journal_mode`, `synchronous` and `offload`"
        );
        assert_eq!(message("sqlite:x?mode=r"), "`mode` takes `rwc`, `rw`, `ro`, not `r`");
        assert_eq!(message("sqlite:x?busy_timeout=5s"), "`busy_timeout` takes a number of milliseconds, not `5s`");
        assert!(message("sqlite:").contains("names no file"));
        assert!(message("sqlite:a%2").contains("hexadecimal"));
    }
}
