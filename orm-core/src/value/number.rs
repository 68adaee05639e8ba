//! An exact decimal number as an integer and a scale, wide enough for what any of the databases computes.

use std::cmp::Ordering;
use std::fmt;

/// `mantissa / 10^scale`.
///
/// ```
/// # orm_blog::example! {
/// use orm::value::Number;
/// let price = Number { mantissa: 1999, scale: 2 };
/// assert_eq!(price.to_string(), "19.99");
/// assert_eq!(price, Number { mantissa: 19990, scale: 3 });
/// # }
/// ```
// Packed, since else every value would be half as large again, to be aligned for the widest integer.
#[derive(Debug, Clone, Copy)]
#[repr(C, packed(8))]
pub struct Number {
    /// All digits, as an integer.
    pub mantissa: i128,
    /// How many of them stand after the point.
    pub scale: u8,
}

impl Number {
    /// A number from its digits and scale.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Number;
    /// assert_eq!(Number::new(-5, 1).to_string(), "-0.5");
    /// # }
    /// ```
    pub const fn new(mantissa: i128, scale: u8) -> Self {
        Number { mantissa, scale }
    }

    /// The digits at another scale, if nothing is lost and it fits.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Number;
    /// assert_eq!(Number::new(15, 1).at_scale(2), Some(150));
    /// assert_eq!(Number::new(15, 1).at_scale(0), None);
    /// # }
    /// ```
    pub fn at_scale(self, scale: u8) -> Option<i128> {
        if scale >= self.scale {
            self.mantissa.checked_mul(10i128.checked_pow(u32::from(scale - self.scale))?)
        } else {
            let divisor = 10i128.checked_pow(u32::from(self.scale - scale))?;
            (self.mantissa % divisor == 0).then_some(self.mantissa / divisor)
        }
    }

    /// The same number without zeros at its end.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Number;
    /// assert_eq!(Number::new(1500, 3).normalized().to_string(), "1.5");
    /// # }
    /// ```
    #[must_use]
    pub fn normalized(mut self) -> Self {
        while self.scale > 0 && self.mantissa % 10 == 0 {
            self.mantissa /= 10;
            self.scale -= 1;
        }
        self
    }

    /// Digits before the point that it needs.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Number;
    /// assert_eq!((Number::new(1999, 2).integer_digits(), Number::new(5, 1).integer_digits()), (2, 0));
    /// # }
    /// ```
    pub fn integer_digits(self) -> usize {
        let all = self.mantissa.unsigned_abs().to_string().len();
        let zero = usize::from(self.mantissa == 0);
        (all - zero).saturating_sub(usize::from(self.scale))
    }

    /// Reads `-12.50`, `3` and `1.5e-3`.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Number;
    /// assert_eq!(Number::parse("1.5e-3"), Some(Number::new(15, 4)));
    /// assert_eq!(Number::parse("many"), None);
    /// # }
    /// ```
    pub fn parse(text: &str) -> Option<Number> {
        let (digits, exponent) = match text.find(['e', 'E']) {
            Some(at) => (&text[..at], text[at + 1..].parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, digits) = match digits.as_bytes().first()? {
            b'-' => (true, &digits[1..]),
            b'+' => (false, &digits[1..]),
            _ => (false, digits),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        if whole.is_empty() && fraction.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let fraction = fraction.trim_end_matches('0');
        let mut mantissa: i128 = 0;
        for b in whole.bytes().chain(fraction.bytes()) {
            mantissa = mantissa.checked_mul(10)?.checked_add(i128::from(b - b'0'))?;
        }
        let mantissa = if negative { -mantissa } else { mantissa };
        let scale = i32::try_from(fraction.len()).ok()? - exponent;
        match u8::try_from(scale) {
            Ok(scale) => Some(Number { mantissa, scale }),
            Err(_) if scale < 0 => {
                Some(Number { mantissa: mantissa.checked_mul(10i128.checked_pow(scale.unsigned_abs())?)?, scale: 0 })
            }
            Err(_) => None,
        }
    }

    /// The nearest float.
    ///
    /// ```
    /// # orm_blog::example! {
    /// use orm::value::Number;
    /// assert_eq!(Number::new(15, 1).to_f64(), 1.5);
    /// # }
    /// ```
    pub fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        let (a, b) = (self.normalized(), other.normalized());
        a.mantissa == b.mantissa && a.scale == b.scale
    }
}

// Equal numbers may have different scales, so they hash as they compare.
impl std::hash::Hash for Number {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let number = self.normalized();
        { number.mantissa }.hash(state);
        number.scale.hash(state);
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        let scale = self.scale.max(other.scale);
        Some(self.at_scale(scale)?.cmp(&other.at_scale(scale)?))
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Number { mantissa: i128::from(value), scale: 0 }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.mantissa.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let sign = if self.mantissa < 0 { "-" } else { "" };
        if scale == 0 {
            return write!(f, "{sign}{digits}");
        }
        let digits = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = digits.split_at(digits.len() - scale);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_round_trips() {
        for text in ["0", "-0.05", "12.5", "99999999999999999999.000001", "3"] {
            assert_eq!(Number::parse(text).map(|n| n.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Number::parse("1.50"), Some(Number::new(15, 1)));
        assert_eq!(Number::parse("1.5e3"), Some(Number::new(1500, 0)));
        assert_eq!(Number::parse("1.5e-3"), Some(Number::new(15, 4)));
        assert_eq!(Number::parse("NaN"), None);
        assert_eq!(Number::parse(""), None);
    }

    #[test]
    fn scale_changes_only_when_nothing_is_lost() {
        assert_eq!(Number::new(999, 2).at_scale(4), Some(99_900));
        assert_eq!(Number::new(990, 2).at_scale(1), Some(99));
        assert_eq!(Number::new(999, 2).at_scale(1), None);
        assert_eq!(Number::new(i128::MAX, 0).at_scale(1), None);
    }
}
