//! How MySQL and MariaDB spell queries: templates and their options, as tables.
//!
//! Text compares exactly because tables that the library creates, and its sessions, use a binary collation without
//! padding; tables that it did not create compare as their own collations do.

use crate::ast::{Func, Lookup, Part};
use crate::dialect::{Dialect, Division, Feature, ListStyle, Syntax, check_common};
use crate::value::{Kind, Value};

/// The dialect of MySQL and MariaDB: what both of them can do.
#[derive(Debug, Clone, Copy)]
pub struct MySqlDialect;

/// The one value of [`MySqlDialect`].
pub static DIALECT: MySqlDialect = MySqlDialect;

impl Dialect for MySqlDialect {
    fn name(&self) -> &'static str {
        "mysql"
    }

    fn syntax(&self) -> Syntax {
        Syntax::Backtick
    }

    fn has(&self, feature: Feature) -> bool {
        match feature {
            // MariaDB has it, MySQL has not.
            Feature::InsertReturning
            | Feature::UpdateReturning
            | Feature::AggregateFilter
            | Feature::SelfReference
            | Feature::NullsOrder
            | Feature::TransactionalDdl
            | Feature::LimitInSubquery
            | Feature::CorrelatedTable
            // Assignments are made from left to right, each seeing those before it.
            | Feature::SimultaneousSet => false,
            Feature::OffsetBesideExists | Feature::CorrelatedOrder => true,
        }
    }

    fn func(&self, func: Func, args: &[Kind]) -> Option<String> {
        let first = args.first().copied();
        let text = match func {
            Func::Lower => "LOWER({0})",
            Func::Upper => "UPPER({0})",
            Func::Length if first == Some(Kind::Bytes) => "LENGTH({0})",
            Func::Length => "CHAR_LENGTH({0})",
            Func::Trim => "TRIM({0})",
            Func::Concat => return Some(call("CONCAT", args.len())),
            Func::Coalesce => return Some(call("COALESCE", args.len())),
            Func::NullIf => "NULLIF({0}, {1})",
            Func::Abs => "ABS({0})",
            // Floats are rounded to even here.
            Func::Round if first == Some(Kind::Float64) => {
                "(TRUNCATE({0}, 0) + IF(ABS({0} - TRUNCATE({0}, 0)) >= 0.5, SIGN({0}), 0))"
            }
            Func::Round => "ROUND({0})",
            Func::Greatest => return Some(call("GREATEST", args.len())),
            Func::Least => return Some(call("LEAST", args.len())),
            Func::Part(part) => part_of(part),
            Func::ToDate => "DATE({0})",
            Func::Truncate(part) => return truncate(part, first?),
            Func::Now => "UTC_TIMESTAMP(6)",
            Func::Random => "RAND()",
        };
        Some(text.to_owned())
    }

    fn lookup(&self, lookup: Lookup, constant: bool) -> Option<&'static str> {
        let (is_constant, is_not) = match lookup {
            Lookup::Eq => ("{0} = {1}", "{0} = {1}"),
            Lookup::Lt => ("{0} < {1}", "{0} < {1}"),
            Lookup::Le => ("{0} <= {1}", "{0} <= {1}"),
            Lookup::Gt => ("{0} > {1}", "{0} > {1}"),
            Lookup::Ge => ("{0} >= {1}", "{0} >= {1}"),
            Lookup::IEq => ("LOWER({0}) = LOWER({1})", "LOWER({0}) = LOWER({1})"),
            Lookup::Contains => (LIKE, "LOCATE({1}, {0}) > 0"),
            Lookup::IContains => (ILIKE, "LOCATE(LOWER({1}), LOWER({0})) > 0"),
            Lookup::StartsWith => (LIKE, "LEFT({0}, CHAR_LENGTH({1})) = {1}"),
            Lookup::IStartsWith => (ILIKE, "LEFT(LOWER({0}), CHAR_LENGTH(LOWER({1}))) = LOWER({1})"),
            Lookup::EndsWith => (LIKE, "RIGHT({0}, CHAR_LENGTH({1})) = {1}"),
            Lookup::IEndsWith => (ILIKE, "RIGHT(LOWER({0}), CHAR_LENGTH(LOWER({1}))) = LOWER({1})"),
        };
        Some(if constant { is_constant } else { is_not })
    }

    fn pattern(&self, lookup: Lookup, text: &str) -> String {
        match lookup {
            Lookup::Contains | Lookup::IContains => format!("%{}%", escaped(text)),
            Lookup::StartsWith | Lookup::IStartsWith => format!("{}%", escaped(text)),
            Lookup::EndsWith | Lookup::IEndsWith => format!("%{}", escaped(text)),
            Lookup::Eq | Lookup::Lt | Lookup::Le | Lookup::Gt | Lookup::Ge | Lookup::IEq => text.to_owned(),
        }
    }

    fn divide(&self, op: Division) -> &'static str {
        // In an INSERT or UPDATE a divisor of zero is an error to strict sessions. The remainder of a negative decimal may be
        // a negative zero, which MariaDB finds unequal to zero; with another zero added it is one.
        match op {
            Division::Int => "({0} DIV NULLIF({1}, 0))",
            Division::Rem => "({0} % NULLIF({1}, 0) + 0)",
            Division::Float => "({0} / NULLIF({1}, 0))",
        }
    }

    fn decimal_div(&self, places: u8) -> String {
        // The quotient has at least the places of the dividend: 30, the most that MySQL has.
        format!("ROUND(CAST({{0}} AS DECIMAL(65, 30)) / NULLIF({{1}}, 0), {})", places.min(30))
    }

    fn decimal_avg(&self, places: u8) -> String {
        // A session's averages have twenty more places than what they average.
        format!("ROUND(AVG({{0}}), {})", places.min(30))
    }

    fn float_avg(&self) -> &'static str {
        // Of integers it is a decimal with more digits than a float has.
        "AVG({0})"
    }

    fn whole_avg(&self) -> &'static str {
        "CAST(ROUND(AVG({0})) AS SIGNED)"
    }

    fn list(&self) -> ListStyle {
        ListStyle::Padded
    }

    fn in_list(&self, kind: Kind) -> &'static str {
        // Bytes, and text that must compare exactly whatever the collation of the document, go as hexadecimal digits.
        match kind {
            Kind::Bool | Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Duration => {
                "IN (SELECT v FROM JSON_TABLE({0}, '$[*]' COLUMNS (v BIGINT PATH '$')) AS list)"
            }
            Kind::Float64 => "IN (SELECT v FROM JSON_TABLE({0}, '$[*]' COLUMNS (v DOUBLE PATH '$')) AS list)",
            Kind::Decimal { .. } => {
                "IN (SELECT v FROM JSON_TABLE({0}, '$[*]' COLUMNS (v DECIMAL(65, 30) PATH '$')) AS list)"
            }
            Kind::Date => "IN (SELECT v FROM JSON_TABLE({0}, '$[*]' COLUMNS (v DATE PATH '$')) AS list)",
            Kind::Time => "IN (SELECT v FROM JSON_TABLE({0}, '$[*]' COLUMNS (v TIME(6) PATH '$')) AS list)",
            Kind::DateTime | Kind::Timestamp => {
                "IN (SELECT v FROM JSON_TABLE({0}, '$[*]' COLUMNS (v DATETIME(6) PATH '$')) AS list)"
            }
            Kind::Text { .. } | Kind::Json | Kind::Bytes | Kind::Uuid => {
                "IN (SELECT UNHEX(v) FROM JSON_TABLE({0}, '$[*]' COLUMNS (v LONGTEXT PATH '$')) AS list)"
            }
        }
    }

    fn native_decimal(&self, _places: u8) -> Option<String> {
        None
    }

    fn typed_parameter(&self, kind: Kind) -> Option<&'static str> {
        // MySQL gives a bare parameter its type when the statement is prepared, before there is a value.
        Some(match kind {
            Kind::Bool | Kind::Int16 | Kind::Int32 | Kind::Int64 | Kind::Duration => "CAST({0} AS SIGNED)",
            Kind::Float64 => "CAST({0} AS DOUBLE)",
            Kind::Decimal { .. } => "CAST({0} AS DECIMAL(65, 30))",
            Kind::Text { .. } | Kind::Json => "CAST({0} AS CHAR)",
            Kind::Bytes => "CAST({0} AS BINARY)",
            Kind::Uuid => "CAST({0} AS BINARY(16))",
            Kind::Date => "CAST({0} AS DATE)",
            Kind::Time => "CAST({0} AS TIME(6))",
            Kind::DateTime | Kind::Timestamp => "CAST({0} AS DATETIME(6))",
        })
    }

    fn scaled_decimals(&self) -> bool {
        false
    }

    fn check(&self, value: &Value, kind: Kind) -> Result<(), String> {
        // MariaDB 10.11 keeps dates from the year 1 on; MySQL's manual promises them from the year 1000 on, and says
        // that earlier ones may work.
        check_common(value, kind)
    }

    fn nulls_are_least(&self) -> bool {
        true
    }

    fn limit_all(&self) -> Option<&'static str> {
        Some("18446744073709551615")
    }

    fn max_parameters(&self) -> usize {
        65_535
    }

    fn insert_ignore(&self) -> (&'static str, &'static str) {
        // `INSERT IGNORE` would ignore every other error too, and store cut-off values.
        ("INSERT", " ON DUPLICATE KEY UPDATE {key} = {key}")
    }

    fn default_values(&self) -> &'static str {
        "() VALUES ()"
    }
}

const LIKE: &str = "{0} LIKE {1} ESCAPE '!'";
const ILIKE: &str = "LOWER({0}) LIKE LOWER({1}) ESCAPE '!'";

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        if matches!(c, '!' | '%' | '_') {
            out.push('!');
        }
        out.push(c);
    }
    out
}

fn call(name: &str, args: usize) -> String {
    let args: Vec<String> = (0..args).map(|i| format!("{{{i}}}")).collect();
    format!("{name}({})", args.join(", "))
}

fn part_of(part: Part) -> &'static str {
    match part {
        Part::Year => "YEAR({0})",
        Part::Quarter => "QUARTER({0})",
        Part::Month => "MONTH({0})",
        // Mode 3 is ISO 8601.
        Part::Week => "WEEK({0}, 3)",
        Part::Day => "DAYOFMONTH({0})",
        Part::Weekday => "(WEEKDAY({0}) + 1)",
        Part::YearDay => "DAYOFYEAR({0})",
        Part::Hour => "HOUR({0})",
        Part::Minute => "MINUTE({0})",
        Part::Second => "SECOND({0})",
    }
}

fn truncate(part: Part, kind: Kind) -> Option<String> {
    let of_time = kind == Kind::Time;
    let text = match part {
        // Not MAKEDATE, which takes the year 24 for 2024.
        Part::Year => "DATE_FORMAT({0}, '%Y-01-01')",
        Part::Quarter => "CONCAT(DATE_FORMAT({0}, '%Y-'), LPAD(QUARTER({0}) * 3 - 2, 2, '0'), '-01')",
        Part::Month => "DATE_FORMAT({0}, '%Y-%m-01')",
        Part::Week => "DATE_SUB(DATE({0}), INTERVAL WEEKDAY({0}) DAY)",
        Part::Day => "DATE({0})",
        Part::Hour if of_time => "TIME_FORMAT({0}, '%H:00:00')",
        Part::Minute if of_time => "TIME_FORMAT({0}, '%H:%i:00')",
        Part::Second if of_time => "TIME_FORMAT({0}, '%H:%i:%s')",
        Part::Hour => "DATE_FORMAT({0}, '%Y-%m-%d %H:00:00')",
        Part::Minute => "DATE_FORMAT({0}, '%Y-%m-%d %H:%i:00')",
        Part::Second => "DATE_FORMAT({0}, '%Y-%m-%d %H:%i:%s')",
        Part::Weekday | Part::YearDay => return None,
    };
    let below_day = matches!(part, Part::Hour | Part::Minute | Part::Second);
    let cast = match kind {
        Kind::Time if below_day => "TIME(6)",
        Kind::Time => return None,
        Kind::Date => "DATE",
        _ => "DATETIME(6)",
    };
    Some(format!("CAST({text} AS {cast})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_is_no_pattern() {
        assert_eq!(DIALECT.pattern(Lookup::Contains, "50%_!"), "%50!%!_!!%");
        assert_eq!(DIALECT.pattern(Lookup::IEq, "50%"), "50%");
    }

    #[test]
    fn functions_spell_as_many_operands_as_they_have() {
        let three = [Kind::TEXT; 3];
        assert_eq!(DIALECT.func(Func::Concat, &three).as_deref(), Some("CONCAT({0}, {1}, {2})"));
        assert_eq!(DIALECT.func(Func::Truncate(Part::Weekday), &[Kind::Date]), None);
        assert_eq!(
            DIALECT.func(Func::Truncate(Part::Month), &[Kind::Timestamp]).as_deref(),
            Some("CAST(DATE_FORMAT({0}, '%Y-%m-01') AS DATETIME(6))")
        );
    }
}
