//! How SQLite spells queries. What it lacks (folding case beyond ASCII, exact decimals) comes from the functions that
//! every connection registers; `driver/functions.rs` has them.

use crate::ast::{Func, Lookup, Part};
use crate::dialect::{Dialect, Division, Feature, ListStyle, Syntax, check_common};
use crate::value::{Kind, Number, Value};

/// The digits that a decimal has at most here: it is stored as a 64-bit integer.
const DIGITS: u32 = 18;

/// The current time in the text form that instants are stored in: a fraction only where there is one.
pub(super) const NOW: &str = "rtrim(rtrim(strftime('%Y-%m-%d %H:%M:%f', 'now'), '0'), '.')";

/// SQLite's spelling of queries.
#[derive(Debug, Clone, Copy)]
pub struct SqliteDialect;

impl Dialect for SqliteDialect {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn syntax(&self) -> Syntax {
        Syntax::Question
    }

    fn has(&self, feature: Feature) -> bool {
        match feature {
            Feature::InsertReturning
            | Feature::UpdateReturning
            | Feature::AggregateFilter
            | Feature::SelfReference
            | Feature::NullsOrder
            | Feature::TransactionalDdl
            | Feature::LimitInSubquery
            | Feature::CorrelatedTable
            | Feature::SimultaneousSet => true,
            // SQLite 3.51 joins what an EXISTS reads, and then skips a row as often as there are rows behind it.
            Feature::OffsetBesideExists | Feature::CorrelatedOrder => false,
        }
    }

    fn func(&self, func: Func, args: &[Kind]) -> Option<String> {
        let first = args.first().copied();
        Some(match func {
            Func::Lower => "orm_fold({0})".to_owned(),
            Func::Upper => "orm_upper({0})".to_owned(),
            Func::Length => "length({0})".to_owned(),
            Func::Trim => "trim({0})".to_owned(),
            Func::Concat => {
                if args.iter().any(|kind| !joins_as_text(*kind)) {
                    return None;
                }
                let parts: Vec<String> = (0..args.len()).map(|i| format!("{{{i}}}")).collect();
                format!("({})", parts.join(" || "))
            }
            // Decimals come at one scale already.
            Func::Coalesce => call("coalesce", args.len()),
            Func::Greatest => call("max", args.len()),
            Func::Least => call("min", args.len()),
            Func::NullIf => call("nullif", args.len()),
            Func::Abs => "abs({0})".to_owned(),
            Func::Round => match first? {
                Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Decimal { places: 0, .. } => "{0}".to_owned(),
                Kind::Decimal { places, .. } => format!("orm_round({{0}}, {places})"),
                _ => "round({0})".to_owned(),
            },
            Func::Part(part) => part_of(part, first?)?,
            Func::ToDate => match first? {
                Kind::Date => "{0}".to_owned(),
                Kind::DateTime | Kind::Timestamp => "substr({0}, 1, 10)".to_owned(),
                _ => return None,
            },
            Func::Truncate(part) => truncate(part, first?)?,
            Func::Now => NOW.to_owned(),
            // Half of the integer first: the least of them has no absolute value.
            Func::Random => "(abs(random() / 2) / 4611686018427387904.0)".to_owned(),
        })
    }

    fn lookup(&self, lookup: Lookup, constant: bool) -> Option<&'static str> {
        Some(match (lookup, constant) {
            (Lookup::Eq, _) => "{0} = {1}",
            (Lookup::Lt, _) => "{0} < {1}",
            (Lookup::Le, _) => "{0} <= {1}",
            (Lookup::Gt, _) => "{0} > {1}",
            (Lookup::Ge, _) => "{0} >= {1}",
            (Lookup::IEq, true) => "orm_fold({0}) = {1}",
            (Lookup::IEq, false) => "orm_fold({0}) = orm_fold({1})",
            // No index serves it either way, and a pattern for GLOB may not be longer than 50,000 bytes.
            (Lookup::Contains, _) => "instr({0}, {1}) > 0",
            (Lookup::IContains, true) => "instr(orm_fold({0}), {1}) > 0",
            (Lookup::IContains, false) => "instr(orm_fold({0}), orm_fold({1})) > 0",
            // An index serves GLOB where the pattern has a fixed beginning.
            (Lookup::StartsWith | Lookup::EndsWith, true) => "{0} GLOB {1}",
            (Lookup::IStartsWith | Lookup::IEndsWith, true) => "orm_fold({0}) GLOB {1}",
            (Lookup::StartsWith, false) => "substr({0}, 1, length({1})) = {1}",
            (Lookup::IStartsWith, false) => "substr(orm_fold({0}), 1, length(orm_fold({1}))) = orm_fold({1})",
            // From the front, since `substr(x, -0)` would be all of x.
            (Lookup::EndsWith, false) => "substr({0}, length({0}) - length({1}) + 1) = {1}",
            (Lookup::IEndsWith, false) => {
                "substr(orm_fold({0}), length(orm_fold({0})) - length(orm_fold({1})) + 1) = orm_fold({1})"
            }
        })
    }

    fn pattern(&self, lookup: Lookup, text: &str) -> String {
        match lookup {
            Lookup::Eq | Lookup::Lt | Lookup::Le | Lookup::Gt | Lookup::Ge | Lookup::Contains => text.to_owned(),
            Lookup::IEq | Lookup::IContains => fold(text),
            Lookup::StartsWith => glob(text) + "*",
            Lookup::IStartsWith => glob(&fold(text)) + "*",
            Lookup::EndsWith => format!("*{}", glob(text)),
            Lookup::IEndsWith => format!("*{}", glob(&fold(text))),
        }
    }

    fn divide(&self, op: Division) -> &'static str {
        match op {
            // Both give NULL for zero and cut off toward zero.
            Division::Int => "({0} / {1})",
            Division::Rem => "({0} % {1})",
            Division::Float => "(CAST({0} AS REAL) / {1})",
        }
    }

    fn decimal_div(&self, _: u8) -> String {
        "orm_div({0}, {1})".to_owned()
    }

    fn decimal_avg(&self, _: u8) -> String {
        "orm_avg({0})".to_owned()
    }

    fn float_avg(&self) -> &'static str {
        "AVG({0})"
    }

    fn whole_avg(&self) -> &'static str {
        "orm_whole_avg({0})"
    }

    fn list(&self) -> ListStyle {
        ListStyle::OneParameter
    }

    fn in_list(&self, kind: Kind) -> &'static str {
        match kind {
            // JSON has no bytes; the driver writes them in hexadecimal.
            Kind::Bytes => "IN (SELECT unhex(value) FROM json_each({0}))",
            Kind::Bool
            | Kind::Int16
            | Kind::Int32
            | Kind::Int64
            | Kind::Float64
            | Kind::Decimal { .. }
            | Kind::Text { .. }
            | Kind::Date
            | Kind::Time
            | Kind::DateTime
            | Kind::Timestamp
            | Kind::Duration
            | Kind::Uuid
            | Kind::Json => "IN (SELECT value FROM json_each({0}))",
        }
    }

    fn native_decimal(&self, places: u8) -> Option<String> {
        Some(format!("orm_decimal({{0}}, {places})"))
    }

    fn typed_parameter(&self, _: Kind) -> Option<&'static str> {
        None
    }

    fn scaled_decimals(&self) -> bool {
        true
    }

    fn check(&self, value: &Value, kind: Kind) -> Result<(), String> {
        check_common(value, kind)?;
        match (value, kind) {
            (Value::List(list), _) => list.iter().try_for_each(|v| self.check(v, kind)),
            (Value::Decimal(number), Kind::Decimal { places, .. }) => fits(*number, places),
            (Value::Int(whole), Kind::Decimal { places, .. }) => fits(Number::from(*whole), places),
            _ => Ok(()),
        }
    }

    fn nulls_are_least(&self) -> bool {
        true
    }

    fn limit_all(&self) -> Option<&'static str> {
        Some("-1")
    }

    fn before_limit(&self) -> &'static str {
        // SQLite plans by the value of a bare parameter here, and so prepares the statement anew each time it is bound,
        // which costs more than most queries that have a limit. It does not look behind a sign.
        "+"
    }

    fn max_parameters(&self) -> usize {
        32_766
    }

    fn most_rows(&self) -> usize {
        // There is no round trip to be saved, and a short program stays in the processor's cache.
        48
    }

    fn insert_ignore(&self) -> (&'static str, &'static str) {
        // `OR IGNORE` would also drop rows that NOT NULL or CHECK refuse.
        ("", "ON CONFLICT DO NOTHING")
    }

    fn default_values(&self) -> &'static str {
        "DEFAULT VALUES"
    }
}

/// Text in lower case, letter by letter, so that what is found in a text does not depend on what stands around it
/// (the Greek sigma has another lower case at the end of a word).
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() { text.to_ascii_lowercase() } else { text.chars().flat_map(char::to_lowercase).collect() }
}

/// A text as a pattern of GLOB that matches itself alone.
fn glob(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        match c {
            '*' => pattern.push_str("[*]"),
            '?' => pattern.push_str("[?]"),
            '[' => pattern.push_str("[[]"),
            other => pattern.push(other),
        }
    }
    pattern
}

fn fits(number: Number, places: u8) -> Result<(), String> {
    match number.at_scale(places) {
        Some(scaled) if scaled.unsigned_abs() < 10u128.pow(DIGITS) => Ok(()),
        _ => Err(format!("has more than the {DIGITS} digits (with {places} after the point) that SQLite holds")),
    }
}

/// What `||` turns into the same text as on other databases.
fn joins_as_text(kind: Kind) -> bool {
    match kind {
        Kind::Text { .. } | Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Date | Kind::Uuid | Kind::Json => true,
        Kind::Bool
        | Kind::Float64
        | Kind::Decimal { .. }
        | Kind::Bytes
        | Kind::Time
        | Kind::DateTime
        | Kind::Timestamp
        | Kind::Duration => false,
    }
}

/// A call of a function of several arguments.
fn call(name: &str, args: usize) -> String {
    let list: Vec<String> = (0..args).map(|i| format!("{{{i}}}")).collect();
    // One argument would be an aggregate (`max`) or refused (`coalesce`).
    if args == 1 { list.concat() } else { format!("{name}({})", list.join(", ")) }
}

/// What of a stored text is a day, or a time of day.
struct Stored {
    day: bool,
    clock: Option<u8>,
}

fn stored(kind: Kind) -> Option<Stored> {
    match kind {
        Kind::Date => Some(Stored { day: true, clock: None }),
        Kind::DateTime | Kind::Timestamp => Some(Stored { day: true, clock: Some(12) }),
        Kind::Time => Some(Stored { day: false, clock: Some(1) }),
        Kind::Bool
        | Kind::Int16
        | Kind::Int32
        | Kind::Int64
        | Kind::Float64
        | Kind::Decimal { .. }
        | Kind::Text { .. }
        | Kind::Bytes
        | Kind::Duration
        | Kind::Uuid
        | Kind::Json => None,
    }
}

// Cut out of the text instead of asking `strftime`, which keeps milliseconds only: it takes 23:59:59.9999 for the next day.
fn part_of(part: Part, kind: Kind) -> Option<String> {
    let stored = stored(kind)?;
    let cut = |from: u8, length: u8| format!("CAST(substr({{0}}, {from}, {length}) AS INTEGER)");
    let day = |format: &str| format!("CAST(strftime('{format}', substr({{0}}, 1, 10)) AS INTEGER)");
    let has_day = stored.day.then_some(());
    Some(match part {
        Part::Year => has_day.map(|()| cut(1, 4))?,
        Part::Quarter => has_day.map(|()| format!("(({} + 2) / 3)", cut(6, 2)))?,
        Part::Month => has_day.map(|()| cut(6, 2))?,
        Part::Day => has_day.map(|()| cut(9, 2))?,
        Part::Week => has_day.map(|()| day("%V"))?,
        Part::Weekday => has_day.map(|()| day("%u"))?,
        Part::YearDay => has_day.map(|()| day("%j"))?,
        Part::Hour => cut(stored.clock?, 2),
        Part::Minute => cut(stored.clock? + 3, 2),
        Part::Second => cut(stored.clock? + 6, 2),
    })
}

fn truncate(part: Part, kind: Kind) -> Option<String> {
    let stored = stored(kind)?;
    let midnight = if stored.clock.is_some() { " 00:00:00" } else { "" };
    let day = |text: String| stored.day.then_some(text);
    let clock = |length: u8, rest: &str| {
        let length = stored.clock? - 1 + length;
        Some(if rest.is_empty() {
            format!("substr({{0}}, 1, {length})")
        } else {
            format!("(substr({{0}}, 1, {length}) || '{rest}')")
        })
    };
    match part {
        Part::Year => day(format!("(substr({{0}}, 1, 4) || '-01-01{midnight}')")),
        Part::Quarter => day(format!(
            "(substr({{0}}, 1, 5) || substr('010101040404070707101010', CAST(substr({{0}}, 6, 2) AS INTEGER) * 2 - 1, 2) || '-01{midnight}')"
        )),
        Part::Month => day(format!("(substr({{0}}, 1, 7) || '-01{midnight}')")),
        // On to Sunday, then back to Monday.
        Part::Week => day(format!("(date(substr({{0}}, 1, 10), 'weekday 0', '-6 days') || '{midnight}')")),
        Part::Day => day(format!("(substr({{0}}, 1, 10) || '{midnight}')")),
        Part::Hour => clock(2, ":00:00"),
        Part::Minute => clock(5, ":00"),
        Part::Second => clock(8, ""),
        Part::Weekday | Part::YearDay => None,
    }
}
