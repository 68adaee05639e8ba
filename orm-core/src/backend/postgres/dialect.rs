//! How PostgreSQL spells queries.
//!
//! Text that the library creates has the collation "C", so that its order is that of code points; what folds case asks for
//! the ICU root collation, since "C" folds ASCII only, and gives "C" back, so that collations never clash.

use crate::ast::{Func, Lookup, Part};
use crate::dialect::{Dialect, Division, Feature, ListStyle, Syntax, check_common};
use crate::value::{Kind, Value};

/// The spelling of PostgreSQL.
#[derive(Debug, Clone, Copy)]
pub struct PostgresDialect;

impl Dialect for PostgresDialect {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn syntax(&self) -> Syntax {
        Syntax::Numbered
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
            | Feature::SimultaneousSet
            | Feature::OffsetBesideExists
            | Feature::CorrelatedOrder => true,
        }
    }

    fn func(&self, func: Func, args: &[Kind]) -> Option<String> {
        let first = args.first().copied();
        Some(match func {
            Func::Lower => folded("lower", first),
            Func::Upper => folded("upper", first),
            Func::Length => format!("CAST(char_length({}) AS bigint)", text(0, first)),
            Func::Trim => format!("btrim({})", text(0, first)),
            Func::Concat => {
                let parts: Vec<String> =
                    args.iter().enumerate().map(|(i, k)| format!("({})", text(i, Some(*k)))).collect();
                format!("({})", parts.join(" || "))
            }
            Func::Coalesce => format!("COALESCE({})", operands(args.len())),
            Func::NullIf => "NULLIF({0}, {1})".to_owned(),
            Func::Abs => "abs({0})".to_owned(),
            Func::Round => round(first?),
            Func::Greatest => strict("GREATEST", args.len()),
            Func::Least => strict("LEAST", args.len()),
            Func::Part(part) => extract(part, first?)?,
            Func::ToDate => "CAST({0} AS date)".to_owned(),
            Func::Truncate(part) => truncate(part, first?)?,
            Func::Now => "now()".to_owned(),
            Func::Random => "random()".to_owned(),
        })
    }

    fn lookup(&self, lookup: Lookup, constant: bool) -> Option<&'static str> {
        Some(match (lookup, constant) {
            (Lookup::Eq, _) => "{0} = {1}",
            (Lookup::Lt, _) => "{0} < {1}",
            (Lookup::Le, _) => "{0} <= {1}",
            (Lookup::Gt, _) => "{0} > {1}",
            (Lookup::Ge, _) => "{0} >= {1}",
            (Lookup::IEq, _) => {
                r#"lower(CAST({0} AS text) COLLATE "und-x-icu") = lower(CAST({1} AS text) COLLATE "und-x-icu")"#
            }
            (Lookup::Contains | Lookup::StartsWith | Lookup::EndsWith, true) => r"{0} LIKE {1} ESCAPE '\'",
            (Lookup::IContains | Lookup::IStartsWith | Lookup::IEndsWith, true) => {
                r#"lower(CAST({0} AS text) COLLATE "und-x-icu") LIKE lower(CAST({1} AS text) COLLATE "und-x-icu") ESCAPE '\'"#
            }
            // Each of these is true of an empty text on the right, and names each operand once.
            (Lookup::Contains, false) => "strpos({0}, {1}) > 0",
            (Lookup::StartsWith, false) => "starts_with({0}, {1})",
            (Lookup::EndsWith, false) => "starts_with(reverse({0}), reverse({1}))",
            (Lookup::IContains, false) => {
                r#"strpos(lower(CAST({0} AS text) COLLATE "und-x-icu"), lower(CAST({1} AS text) COLLATE "und-x-icu")) > 0"#
            }
            (Lookup::IStartsWith, false) => {
                r#"starts_with(lower(CAST({0} AS text) COLLATE "und-x-icu"), lower(CAST({1} AS text) COLLATE "und-x-icu"))"#
            }
            (Lookup::IEndsWith, false) => {
                r#"starts_with(reverse(lower(CAST({0} AS text) COLLATE "und-x-icu")), reverse(lower(CAST({1} AS text) COLLATE "und-x-icu")))"#
            }
        })
    }

    fn pattern(&self, lookup: Lookup, text: &str) -> String {
        match lookup {
            Lookup::Contains | Lookup::IContains => format!("%{}%", escaped(text)),
            Lookup::StartsWith | Lookup::IStartsWith => format!("{}%", escaped(text)),
            Lookup::EndsWith | Lookup::IEndsWith => format!("%{}", escaped(text)),
            Lookup::Eq | Lookup::Lt | Lookup::Le | Lookup::Gt | Lookup::Ge | Lookup::IEq => text.to_owned(),
        }
    }

    fn widened(&self) -> Option<&'static str> {
        // The server adds two integers of 32 bits in 32 bits.
        Some("CAST({0} AS bigint)")
    }

    fn divide(&self, op: Division) -> &'static str {
        match op {
            Division::Int => "(({0}) / NULLIF({1}, 0))",
            Division::Rem => "(({0}) % NULLIF({1}, 0))",
            Division::Float => "(CAST({0} AS double precision) / NULLIF(CAST({1} AS double precision), 0))",
        }
    }

    fn decimal_div(&self, places: u8) -> String {
        // The server rounds a quotient to the places of its operands first. With as many more places as a divisor has
        // digits, no quotient can look like a half that is none.
        let places = u16::from(places);
        format!("round(CAST({{0}} AS numeric({}, {})) / NULLIF({{1}}, 0), {places})", places + 90, places + 40)
    }

    fn decimal_avg(&self, places: u8) -> String {
        // As above; the divisor is a count.
        let places = u16::from(places);
        format!("round(avg(CAST({{0}} AS numeric({}, {}))), {places})", places + 70, places + 20)
    }

    fn float_avg(&self) -> &'static str {
        "avg({0})::double precision"
    }

    fn whole_avg(&self) -> &'static str {
        "CAST(round(avg(CAST({0} AS numeric(40, 20)))) AS bigint)"
    }

    fn extreme(&self, kind: Kind) -> Option<&'static str> {
        // UUIDs have an order, but no aggregates before version 18; their text has the same order.
        (kind == Kind::Uuid).then_some(r#"CAST({0}(CAST({1} AS text) COLLATE "C") AS uuid)"#)
    }

    fn list(&self) -> ListStyle {
        ListStyle::OneParameter
    }

    fn in_list(&self, _kind: Kind) -> &'static str {
        // Planned once for any length, where `IN ($1, $2, ..)` is a statement for each.
        "= ANY({0})"
    }

    fn native_decimal(&self, _places: u8) -> Option<String> {
        None
    }

    fn typed_parameter(&self, kind: Kind) -> Option<&'static str> {
        // A statement stays prepared by its text, with the types that its parameters had the first time.
        Some(match kind {
            Kind::Bool => "CAST({0} AS boolean)",
            Kind::Int16 => "CAST({0} AS smallint)",
            Kind::Int32 => "CAST({0} AS integer)",
            Kind::Int64 | Kind::Duration => "CAST({0} AS bigint)",
            Kind::Float64 => "CAST({0} AS double precision)",
            Kind::Decimal { .. } => "CAST({0} AS numeric)",
            Kind::Text { .. } => "CAST({0} AS text)",
            Kind::Bytes => "CAST({0} AS bytea)",
            Kind::Date => "CAST({0} AS date)",
            Kind::Time => "CAST({0} AS time)",
            Kind::DateTime => "CAST({0} AS timestamp)",
            Kind::Timestamp => "CAST({0} AS timestamptz)",
            Kind::Uuid => "CAST({0} AS uuid)",
            Kind::Json => "CAST({0} AS jsonb)",
        })
    }

    fn scaled_decimals(&self) -> bool {
        false
    }

    fn check(&self, value: &Value, kind: Kind) -> Result<(), String> {
        check_common(value, kind)
    }

    fn nulls_are_least(&self) -> bool {
        false
    }

    fn limit_all(&self) -> Option<&'static str> {
        None
    }

    fn max_parameters(&self) -> usize {
        65_535
    }

    fn insert_ignore(&self) -> (&'static str, &'static str) {
        ("INSERT", " ON CONFLICT DO NOTHING")
    }

    fn insert_lists(&self) -> Option<&'static str> {
        // One statement for any number of rows, and as many parameters as columns.
        Some("SELECT * FROM UNNEST ")
    }

    fn default_values(&self) -> &'static str {
        "DEFAULT VALUES"
    }
}

/// `{0}, {1}…`
fn operands(count: usize) -> String {
    (0..count).map(|i| format!("{{{i}}}")).collect::<Vec<_>>().join(", ")
}

/// An operand as text.
fn text(index: usize, kind: Option<Kind>) -> String {
    match kind {
        Some(Kind::Text { .. }) => format!("{{{index}}}"),
        _ => format!("CAST({{{index}}} AS text)"),
    }
}

fn folded(function: &str, kind: Option<Kind>) -> String {
    format!("({function}(({}) COLLATE \"und-x-icu\") COLLATE \"C\")", text(0, kind))
}

/// `GREATEST` and `LEAST` pass over NULLs here, and are NULL if one is elsewhere.
fn strict(function: &str, count: usize) -> String {
    let known: Vec<String> = (0..count).map(|i| format!("({{{i}}}) IS NOT NULL")).collect();
    format!("CASE WHEN {} THEN {function}({}) END", known.join(" AND "), operands(count))
}

fn round(kind: Kind) -> String {
    match kind {
        // A float's own rounding takes halves to the even neighbour; its shortest decimal form has the digits that were meant.
        Kind::Float64 => "CAST(round(CAST(CAST({0} AS text) AS numeric)) AS double precision)".to_owned(),
        Kind::Decimal { .. } => "round({0})".to_owned(),
        Kind::Bool
        | Kind::Int16
        | Kind::Int32
        | Kind::Int64
        | Kind::Text { .. }
        | Kind::Bytes
        | Kind::Date
        | Kind::Time
        | Kind::DateTime
        | Kind::Timestamp
        | Kind::Duration
        | Kind::Uuid
        | Kind::Json => "{0}".to_owned(),
    }
}

/// A part of a date or time; sessions run in UTC, so that an instant has the parts of its UTC form.
fn extract(part: Part, kind: Kind) -> Option<String> {
    let field = match part {
        Part::Year => "YEAR",
        Part::Quarter => "QUARTER",
        Part::Month => "MONTH",
        Part::Week => "WEEK",
        Part::Day => "DAY",
        Part::Weekday => "ISODOW",
        Part::YearDay => "DOY",
        Part::Hour => "HOUR",
        Part::Minute => "MINUTE",
        Part::Second => "SECOND",
    };
    let operand = match kind {
        Kind::Date if is_of_day(part) => "CAST({0} AS timestamp)",
        Kind::Time if !is_of_day(part) => return None,
        Kind::Date | Kind::Time | Kind::DateTime | Kind::Timestamp => "{0}",
        _ => return None,
    };
    // Seconds have a fraction, which a cast would round.
    Some(match part {
        Part::Second => format!("CAST(trunc(EXTRACT({field} FROM {operand})) AS bigint)"),
        _ => format!("CAST(EXTRACT({field} FROM {operand}) AS bigint)"),
    })
}

fn truncate(part: Part, kind: Kind) -> Option<String> {
    let unit = match part {
        Part::Year => "year",
        Part::Quarter => "quarter",
        Part::Month => "month",
        Part::Week => "week",
        Part::Day => "day",
        Part::Hour => "hour",
        Part::Minute => "minute",
        Part::Second => "second",
        Part::Weekday | Part::YearDay => return None,
    };
    match kind {
        Kind::Date => Some(format!("CAST(date_trunc('{unit}', CAST({{0}} AS timestamp)) AS date)")),
        Kind::Time if is_of_day(part) => Some(format!("CAST(date_trunc('{unit}', CAST({{0}} AS interval)) AS time)")),
        Kind::DateTime | Kind::Timestamp => Some(format!("date_trunc('{unit}', {{0}})")),
        _ => None,
    }
}

/// Whether a part lies within a day.
fn is_of_day(part: Part) -> bool {
    matches!(part, Part::Hour | Part::Minute | Part::Second)
}

fn escaped(text: &str) -> String {
    text.replace('\\', r"\\").replace('%', r"\%").replace('_', r"\_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_their_text_only() {
        let check = |lookup, text, expected: &str| assert_eq!(PostgresDialect.pattern(lookup, text), expected);
        check(Lookup::Contains, r"50%_\", r"%50\%\_\\%");
        check(Lookup::IStartsWith, "a", "a%");
        check(Lookup::EndsWith, "", "%");
        check(Lookup::IEq, "50%", "50%");
    }

    #[test]
    fn functions_are_spelt_by_the_kind_of_their_operands() {
        let check = |func, args: &[Kind], expected: &str| {
            assert_eq!(PostgresDialect.func(func, args).as_deref(), Some(expected));
        };
        check(Func::Lower, &[Kind::TEXT], "(lower(({0}) COLLATE \"und-x-icu\") COLLATE \"C\")");
        check(Func::Concat, &[Kind::TEXT, Kind::Int64], "(({0}) || (CAST({1} AS text)))");
        check(Func::Part(Part::Hour), &[Kind::Date], "CAST(EXTRACT(HOUR FROM CAST({0} AS timestamp)) AS bigint)");
        check(Func::Truncate(Part::Month), &[Kind::Timestamp], "date_trunc('month', {0})");
        check(Func::Coalesce, &[Kind::Bool, Kind::Bool, Kind::Bool], "COALESCE({0}, {1}, {2})");
        assert_eq!(PostgresDialect.func(Func::Part(Part::Year), &[Kind::Time]), None);
        assert_eq!(PostgresDialect.func(Func::Truncate(Part::Weekday), &[Kind::Date]), None);
    }
}
