//! Days, times and instants as plain counts, with their ISO text. Conversions to calendar crates live beside this file.

/// A calendar day: days since 1970-01-01 (proleptic Gregorian).
///
/// ```
/// # orm_blog::example! {
/// use orm::value::Date;
/// assert_eq!(Date(0).to_iso(), "1970-01-01");
/// assert!(Date::MIN < Date(0) && Date(0) < Date::MAX);
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(pub i32);

/// A time of day: microseconds since midnight.
///
/// ```
/// # orm_blog::example! {
/// use orm::value::Time;
/// assert_eq!(Time(0).to_iso(), "00:00:00");
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// A day and time: microseconds since 1970-01-01T00:00:00.
///
/// ```
/// # orm_blog::example! {
/// use orm::value::DateTime;
/// assert_eq!(DateTime(1).to_iso(), "1970-01-01 00:00:00.000001");
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DateTime(pub i64);

const DAY: i64 = 86_400_000_000;

impl Date {
    /// 0001-01-01, the first day that every database holds.
    pub const MIN: Date = Date(-719_162);
    /// 9999-12-31, the last day that every database holds.
    pub const MAX: Date = Date(2_932_896);

    /// The day of a year (1 to 9999), month and day of month, if there is one.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Date;
    /// assert_eq!(Date::from_ymd(2024, 2, 29).map(Date::to_iso).as_deref(), Some("2024-02-29"));
    /// assert_eq!(Date::from_ymd(2023, 2, 29), None);
    /// # }
    /// ```
    pub fn from_ymd(year: i32, month: u32, day: u32) -> Option<Date> {
        let lengths = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        let length = *lengths.get((month as usize).checked_sub(1)?)?;
        if !(1..=9999).contains(&year) || day == 0 || day > length {
            return None;
        }
        Some(Date(days_from_civil(year, month, day)))
    }

    /// Year, month and day of month.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Date;
    /// assert_eq!(Date(1).ymd(), (1970, 1, 2));
    /// # }
    /// ```
    pub fn ymd(self) -> (i32, u32, u32) {
        civil_from_days(self.0)
    }

    /// Whether every database can hold it (years 1 to 9999).
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Date;
    /// assert!(Date::MAX.is_storable() && !Date(i32::MAX).is_storable());
    /// # }
    /// ```
    pub fn is_storable(self) -> bool {
        (Date::MIN..=Date::MAX).contains(&self)
    }

    /// `2024-02-29`
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Date;
    /// assert_eq!(Date(-1).to_iso(), "1969-12-31");
    /// # }
    /// ```
    pub fn to_iso(self) -> String {
        let (y, m, d) = self.ymd();
        format!("{y:04}-{m:02}-{d:02}")
    }

    /// Reads `2024-02-29`; a time of zero behind it is accepted, as other tools write it.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Date;
    /// assert_eq!(Date::parse("2024-02-29"), Date::from_ymd(2024, 2, 29));
    /// assert_eq!(Date::parse("29.02.2024"), None);
    /// # }
    /// ```
    pub fn parse(text: &str) -> Option<Date> {
        match text.len() {
            10 => parse_date(text),
            _ => DateTime::parse(text).filter(|t| t.0.rem_euclid(DAY) == 0).map(DateTime::date),
        }
    }
}

impl Time {
    /// The time of day, if there is one.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Time;
    /// assert_eq!(Time::from_hms_micro(13, 5, 0, 0).map(Time::to_iso).as_deref(), Some("13:05:00"));
    /// assert_eq!(Time::from_hms_micro(24, 0, 0, 0), None);
    /// # }
    /// ```
    pub fn from_hms_micro(hour: u32, minute: u32, second: u32, micro: u32) -> Option<Time> {
        if hour > 23 || minute > 59 || second > 59 || micro > 999_999 {
            return None;
        }
        Some(Time((i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second)) * 1_000_000 + i64::from(micro)))
    }

    /// Hour, minute, second, microsecond.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Time;
    /// assert_eq!(Time(61_000_007).hms_micro(), (0, 1, 1, 7));
    /// # }
    /// ```
    pub fn hms_micro(self) -> (u32, u32, u32, u32) {
        let seconds = self.0 / 1_000_000;
        let part = |n: i64| u32::try_from(n).unwrap_or(0);
        (part(seconds / 3600), part(seconds / 60 % 60), part(seconds % 60), part(self.0 % 1_000_000))
    }

    /// `13:05:00`, with a fraction only where there is one, so that text order is time order.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Time;
    /// assert_eq!(Time(250_000).to_iso(), "00:00:00.25");
    /// # }
    /// ```
    pub fn to_iso(self) -> String {
        let (h, m, s, us) = self.hms_micro();
        let mut text = format!("{h:02}:{m:02}:{s:02}");
        if us > 0 {
            text.push_str(format!(".{us:06}").trim_end_matches('0'));
        }
        text
    }

    /// Reads `13:05`, `13:05:00` and `13:05:00.25`.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Time;
    /// assert_eq!(Time::parse("13:05:00.25"), Time::from_hms_micro(13, 5, 0, 250_000));
    /// # }
    /// ```
    pub fn parse(text: &str) -> Option<Time> {
        let (clock, fraction) = text.split_once('.').unwrap_or((text, ""));
        let mut parts = clock.split(':');
        let hour = two_digits(parts.next()?)?;
        let minute = two_digits(parts.next()?)?;
        let second = parts.next().map_or(Some(0), two_digits)?;
        if parts.next().is_some() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let micro = (0..6).fold(0, |n, i| n * 10 + fraction.as_bytes().get(i).map_or(0, |b| u32::from(b - b'0')));
        Time::from_hms_micro(hour, minute, second, micro)
    }
}

impl DateTime {
    /// The first instant that every database holds.
    pub const MIN: DateTime = DateTime(Date::MIN.0 as i64 * DAY);
    /// The last instant that every database holds.
    pub const MAX: DateTime = DateTime((Date::MAX.0 as i64 + 1) * DAY - 1);

    /// Day and time together.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::{Date, DateTime, Time};
    /// assert_eq!(DateTime::new(Date(1), Time(0)).to_iso(), "1970-01-02 00:00:00");
    /// # }
    /// ```
    pub fn new(date: Date, time: Time) -> DateTime {
        DateTime(i64::from(date.0) * DAY + time.0)
    }

    /// The day.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::{Date, DateTime};
    /// assert_eq!(DateTime(-1).date(), Date(-1));
    /// # }
    /// ```
    pub fn date(self) -> Date {
        Date(i32::try_from(self.0.div_euclid(DAY)).unwrap_or(i32::MAX))
    }

    /// The time of day.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::{DateTime, Time};
    /// assert_eq!(DateTime(-1).time().to_iso(), "23:59:59.999999");
    /// # let _: Time = DateTime(0).time();
    /// # }
    /// ```
    pub fn time(self) -> Time {
        Time(self.0.rem_euclid(DAY))
    }

    /// Whether every database can hold it (years 1 to 9999).
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::DateTime;
    /// assert!(DateTime::MAX.is_storable() && !DateTime(i64::MAX).is_storable());
    /// # }
    /// ```
    pub fn is_storable(self) -> bool {
        (DateTime::MIN..=DateTime::MAX).contains(&self)
    }

    /// `2024-02-29 13:05:00`, with a fraction only where there is one, so that text order is time order.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::DateTime;
    /// assert_eq!(DateTime(500_000).to_iso(), "1970-01-01 00:00:00.5");
    /// # }
    /// ```
    pub fn to_iso(self) -> String {
        format!("{} {}", self.date().to_iso(), self.time().to_iso())
    }

    /// Reads `2024-02-29 13:05:00`, with `T` between, a fraction, and a zone (`Z`, `+02:00`) behind; a day alone is midnight.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::DateTime;
    /// assert_eq!(DateTime::parse("2024-02-29T13:05:00+02:00"), DateTime::parse("2024-02-29 11:05:00"));
    /// # }
    /// ```
    pub fn parse(text: &str) -> Option<DateTime> {
        let date = parse_date(text.get(..10)?)?;
        let rest = text.get(10..)?;
        if rest.is_empty() {
            return Some(DateTime::new(date, Time(0)));
        }
        let rest = rest.strip_prefix([' ', 'T'])?;
        let zone = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
        let time = Time::parse(rest.get(..zone)?)?;
        let offset = parse_offset(rest.get(zone..)?)?;
        Some(DateTime(DateTime::new(date, time).0 - offset * 60_000_000))
    }
}

fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let year = text.get(..4)?;
    if !year.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Date::from_ymd(year.parse().ok()?, two_digits(text.get(5..7)?)?, two_digits(text.get(8..10)?)?)
}

/// Minutes east of UTC.
fn parse_offset(text: &str) -> Option<i64> {
    if text.is_empty() || text == "Z" {
        return Some(0);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let digits = text.get(1..)?;
    let (hours, minutes) = match digits.len() {
        2 => (digits, "00"),
        4 => digits.split_at(2),
        5 if digits.as_bytes()[2] == b':' => (digits.get(..2)?, digits.get(3..)?),
        _ => return None,
    };
    Some(sign * (i64::from(two_digits(hours)?) * 60 + i64::from(two_digits(minutes)?)))
}

fn two_digits(text: &str) -> Option<u32> {
    (text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())?
}

fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": http://howardhinnant.github.io/date_algorithms.html
fn days_from_civil(year: i32, month: u32, day: u32) -> i32 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let m = i32::try_from(month).unwrap_or(0);
    let d = i32::try_from(day).unwrap_or(0);
    let doy = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

fn civil_from_days(days: i32) -> (i32, u32, u32) {
    let z = i64::from(days) + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    let small = |n: i64| u32::try_from(n).unwrap_or(0);
    (i32::try_from(year).unwrap_or(0), small(month), small(day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_round_trip_over_the_whole_range() {
        for days in (Date::MIN.0..=Date::MAX.0).step_by(37) {
            let (y, m, d) = Date(days).ymd();
            assert_eq!(Date::from_ymd(y, m, d), Some(Date(days)));
        }
        assert_eq!(Date::from_ymd(1, 1, 1), Some(Date::MIN));
        assert_eq!(Date::from_ymd(9999, 12, 31), Some(Date::MAX));
        assert_eq!(Date::from_ymd(2023, 2, 29), None);
    }

    #[test]
    fn text_round_trips_and_keeps_order() {
        let texts =
            ["2024-02-29 13:05:00", "2024-02-29 13:05:00.000001", "2024-02-29 13:05:00.25", "2024-02-29 13:05:01"];
        for pair in texts.windows(2) {
            assert!(DateTime::parse(pair[0]) < DateTime::parse(pair[1]));
        }
        for text in texts {
            assert_eq!(DateTime::parse(text).map(DateTime::to_iso).as_deref(), Some(text));
        }
        assert_eq!(DateTime::parse("2024-02-29T15:05:00+02:00"), DateTime::parse("2024-02-29 13:05:00Z"));
        assert_eq!(DateTime::parse("2024-02-29 25:05:00"), None);
    }
}
