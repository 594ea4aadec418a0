//! Dates of six digits (GS1 General Specifications 3.4 and 7.12).

use super::error::Fault;
use crate::date::{days_in_month, Date};

/// A date of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gs1Date {
    /// The day; the last of the month where the code gives no day.
    pub date: Date,
    /// Whether the code gives the month only: its day is 00.
    pub is_month: bool,
}

/// The year that two digits mean in the year `now`: the one nearest to it, up to 49 years back and 50 ahead
/// (General Specifications 7.12).
#[must_use]
pub fn full_year(two_digits: u8, now: u16) -> u16 {
    let century = now / 100;
    let difference = i32::from(two_digits).saturating_sub(i32::from(now % 100));
    let century = match difference {
        51.. => century.saturating_sub(1),
        ..=-50 => century.saturating_add(1),
        _ => century,
    };
    century
        .saturating_mul(100)
        .saturating_add(u16::from(two_digits))
}

/// A date `YYMMDD`. Day 00 means the last day of the month; a component that must name the day refuses it.
///
/// # Errors
/// [`Fault::InvalidDate`].
pub fn two_digit_date(text: &str, now: u16) -> Result<Gs1Date, Fault> {
    let (year, rest) = text.split_at_checked(2).ok_or(Fault::InvalidDate)?;
    let year = full_year(number(year).ok_or(Fault::InvalidDate)?, now);
    month_and_day(year, rest)
}

/// The day `MMDD` of a year.
pub(super) fn month_and_day(year: u16, text: &str) -> Result<Gs1Date, Fault> {
    let (month, day) = text.split_at_checked(2).ok_or(Fault::InvalidDate)?;
    let month = number(month).ok_or(Fault::InvalidDate)?;
    let day = number(day).ok_or(Fault::InvalidDate)?;
    let is_month = day == 0;
    let day = if is_month {
        days_in_month(year, month).ok_or(Fault::InvalidDate)?
    } else {
        day
    };
    Date::from_ymd(year, month, day)
        .map(|date| Gs1Date { date, is_month })
        .ok_or(Fault::InvalidDate)
}

/// A number of exactly two digits.
pub(super) fn number(text: &str) -> Option<u8> {
    (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn years_lie_between_49_back_and_50_ahead() {
        for now in 1990..2120_u16 {
            for digits in 0..100 {
                let year = full_year(digits, now);
                assert_eq!(u16::from(digits), year % 100);
                assert!((now - 49..=now + 50).contains(&year), "{digits} in {now}");
            }
        }
    }

    #[test]
    fn day_00_is_the_last_of_its_month() {
        for (text, ymd) in [
            ("271100", (2027, 11, 30)),
            ("280200", (2028, 2, 29)),
            ("270200", (2027, 2, 28)),
            ("761200", (2076, 12, 31)),
            ("771200", (1977, 12, 31)),
        ] {
            let read = two_digit_date(text, 2026).unwrap();
            assert_eq!((read.date.ymd(), read.is_month), (ymd, true), "{text}");
        }
        for text in [
            "271301", "270001", "270230", "270229", "27113", "2711311", "27a101", "270100x",
            "+10101",
        ] {
            assert_eq!(
                two_digit_date(text, 2026),
                Err(Fault::InvalidDate),
                "{text}"
            );
        }
    }
}
