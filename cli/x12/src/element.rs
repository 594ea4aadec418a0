//! Amounts and days as X12 writes them, read digit by digit: never through binary floating point.

use galen_rules::Date;

use crate::fault::Kind;

/// The most digits of a monetary amount (element 782 in the HIPAA guides: ten; the standard has eighteen).
const MOST_DIGITS: usize = 17;

/// `-12.5` as −1250. The standard's decimal (type R): digits, a sign and a point where they are needed, no exponent.
pub(crate) fn cents(text: &str) -> Result<i64, (Kind, String)> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let decimals = fraction.unwrap_or_default();
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let empty = whole.is_empty() && decimals.is_empty() || fraction == Some("");
    if empty || !is_digits(whole) || !is_digits(decimals) {
        let message =
            format!("An amount is digits with at most one point, as 12.5; found \"{text}\".");
        return Err((Kind::InvalidValue, message));
    }
    if decimals.len() > 2 {
        let message = format!("An amount has at most two decimals; found {text}.");
        return Err((Kind::TooManyDecimals, message));
    }
    let all = format!("{whole}{decimals:0<2}");
    let significant = all.trim_start_matches('0');
    let too_large = || {
        (
            Kind::MoneyTooLarge,
            format!("The amount {text} is larger than Galen counts."),
        )
    };
    if significant.len() > MOST_DIGITS {
        return Err(too_large());
    }
    let amount: i64 = all.parse().map_err(|_| too_large())?;
    Ok(if negative { -amount } else { amount })
}

/// Cents as X12 writes them: no zeros that say nothing.
pub(crate) fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let amount = cents.unsigned_abs();
    let (whole, rest) = (amount / 100, amount % 100);
    match rest {
        0 => format!("{sign}{whole}"),
        rest if rest % 10 == 0 => format!("{sign}{whole}.{}", rest / 10),
        rest => format!("{sign}{whole}.{rest:02}"),
    }
}

/// `20260302` as a day.
pub(crate) fn date(text: &str) -> Option<Date> {
    let digits = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit());
    let part = |range: std::ops::Range<usize>| text.get(range).filter(|_| digits);
    Date::from_ymd(
        part(0..4)?.parse().ok()?,
        part(4..6)?.parse().ok()?,
        part(6..8)?.parse().ok()?,
    )
}

/// A day as X12 writes it.
pub(crate) fn day(date: Date) -> String {
    let (year, month, day) = date.ymd();
    format!("{year:04}{month:02}{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_by_their_digits() {
        for (text, expected) in [
            ("0", 0),
            ("105", 10_500),
            ("105.0", 10_500),
            ("0.1", 10),
            (".01", 1),
            ("12.34", 1_234),
            ("-12.5", -1_250),
            ("00012", 1_200),
            ("900719925474099.93", 90_071_992_547_409_993),
        ] {
            assert_eq!(cents(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn other_amounts_are_refused_by_name() {
        for (text, kind) in [
            ("abc", Kind::InvalidValue),
            ("", Kind::InvalidValue),
            ("-", Kind::InvalidValue),
            (".", Kind::InvalidValue),
            ("12.", Kind::InvalidValue),
            ("1e3", Kind::InvalidValue),
            ("+1", Kind::InvalidValue),
            ("1,000", Kind::InvalidValue),
            (" 1", Kind::InvalidValue),
            ("1.2.3", Kind::InvalidValue),
            ("--1", Kind::InvalidValue),
            ("١", Kind::InvalidValue),
            ("1.005", Kind::TooManyDecimals),
            ("9999999999999999.00", Kind::MoneyTooLarge),
            ("99999999999999999999999", Kind::MoneyTooLarge),
        ] {
            assert_eq!(cents(text).map_err(|(kind, _)| kind), Err(kind), "{text}");
        }
    }

    #[test]
    fn amounts_are_written_as_they_are_read() {
        for (cents_, text) in [
            (0, "0"),
            (5, "0.05"),
            (50, "0.5"),
            (-1, "-0.01"),
            (12_300, "123"),
            (-12_345, "-123.45"),
            (120, "1.2"),
        ] {
            assert_eq!(decimal(cents_), text);
            assert_eq!(cents(text), Ok(cents_));
        }
    }

    #[test]
    fn days_are_days() {
        let written = date("20280229").map(day);
        assert_eq!(written.as_deref(), Some("20280229"));
        for text in [
            "20260229",
            "2026030",
            "202603011",
            "2026-3-1",
            "20261301",
            "0000é00",
        ] {
            assert_eq!(date(text), None, "{text}");
        }
    }
}
