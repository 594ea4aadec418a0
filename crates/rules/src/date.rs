//! Civil dates: days of the proleptic Gregorian calendar, without a clock or a time zone.

use core::fmt;
use core::str::FromStr;

/// Seconds in a day, as the ledger's clock counts them.
const SECONDS_PER_DAY: i64 = 86_400;
/// 0001-01-01 and 9999-12-31, in days since 1970-01-01.
const FIRST_DAY: i32 = -719_162;
const LAST_DAY: i32 = 2_932_896;

/// A day from 0001-01-01 to 9999-12-31, stored as days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Date(i32);

impl Date {
    /// 0001-01-01, for "since ever".
    pub const MIN: Self = Self(FIRST_DAY);
    /// 9999-12-31, for "without end".
    pub const MAX: Self = Self(LAST_DAY);

    /// The day `days` after 1970-01-01, or `None` outside the calendar's range.
    #[must_use]
    pub const fn from_days(days: i32) -> Option<Self> {
        if days >= FIRST_DAY && days <= LAST_DAY {
            Some(Self(days))
        } else {
            None
        }
    }

    /// Days since 1970-01-01.
    #[must_use]
    pub const fn days(self) -> i32 {
        self.0
    }

    /// The day on which a Unix time falls, in UTC, or `None` outside the calendar's range.
    #[must_use]
    pub fn from_unix(seconds: i64) -> Option<Self> {
        i32::try_from(seconds.div_euclid(SECONDS_PER_DAY))
            .ok()
            .and_then(Self::from_days)
    }

    /// A day by its year (1 to 9999), month (1 to 12) and day of the month, or `None` where there
    /// is no such day.
    #[must_use]
    pub fn from_ymd(year: u16, month: u8, day: u8) -> Option<Self> {
        if !(1..=9999).contains(&year) || day == 0 || day > days_in_month(year, month)? {
            return None;
        }
        // Years and months are counted from March, so that the leap day is a year's last
        // (Hinnant, "chrono-compatible low-level date algorithms").
        let late = month > 2;
        let year = i64::from(year).checked_sub(i64::from(!late))?;
        let month = i64::from(month).checked_sub(if late { 3 } else { -9 })?;
        let day_of_year = month
            .checked_mul(153)?
            .checked_add(2)?
            .div_euclid(5)
            .checked_add(i64::from(day))?
            .checked_sub(1)?;
        let leaps = year
            .div_euclid(4)
            .checked_sub(year.div_euclid(100))?
            .checked_add(year.div_euclid(400))?;
        let days = year
            .checked_mul(365)?
            .checked_add(leaps)?
            .checked_add(day_of_year)?
            .checked_sub(719_468)?;
        i32::try_from(days).ok().and_then(Self::from_days)
    }

    /// The year, month and day of the month.
    #[must_use]
    pub fn ymd(self) -> (u16, u8, u8) {
        // Unsigned from 0000-03-01 on: the earliest date lies after it, so nothing goes below 0,
        // and nothing below passes 9999 * 366 days.
        let days = u32::try_from(i64::from(self.0).saturating_add(719_468)).unwrap_or(0);
        let era = days / 146_097;
        let day_of_era = days % 146_097;
        let year_of_era = day_of_era
            .saturating_sub(day_of_era / 1_460)
            .saturating_add(day_of_era / 36_524)
            .saturating_sub(day_of_era / 146_096)
            / 365;
        let day_of_year = day_of_era
            .saturating_add(year_of_era / 100)
            .saturating_sub(year_of_era / 4)
            .saturating_sub(year_of_era.saturating_mul(365));
        let shifted = day_of_year.saturating_mul(5).saturating_add(2) / 153;
        let day = day_of_year
            .saturating_sub(shifted.saturating_mul(153).saturating_add(2) / 5)
            .saturating_add(1);
        let month = if shifted < 10 {
            shifted.saturating_add(3)
        } else {
            shifted.saturating_sub(9)
        };
        let year = era
            .saturating_mul(400)
            .saturating_add(year_of_era)
            .saturating_add(u32::from(month <= 2));
        (
            u16::try_from(year).unwrap_or(u16::MAX),
            u8::try_from(month).unwrap_or(u8::MAX),
            u8::try_from(day).unwrap_or(u8::MAX),
        )
    }

    /// The calendar year, 1 to 9999.
    #[must_use]
    pub fn year(self) -> u16 {
        self.ymd().0
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u8 {
        self.ymd().1
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub fn day(self) -> u8 {
        self.ymd().2
    }

    /// Days from `earlier` to this day; negative where `earlier` is in fact later.
    #[must_use]
    pub const fn days_since(self, earlier: Self) -> i32 {
        // Wraps for no pair of dates: the whole range is under four million days.
        self.0.wrapping_sub(earlier.0)
    }

    /// The day `days` later, or `None` after 9999-12-31.
    #[must_use]
    pub const fn plus_days(self, days: u32) -> Option<Self> {
        match self.0.checked_add_unsigned(days) {
            Some(sum) => Self::from_days(sum),
            None => None,
        }
    }

    /// The day `days` earlier, and no earlier than 0001-01-01.
    #[must_use]
    pub const fn minus_days(self, days: u32) -> Self {
        match self.0.checked_sub_unsigned(days) {
            Some(day) if day > FIRST_DAY => Self(day),
            _ => Self::MIN,
        }
    }

    /// The same day of the month `months` later, or the last day of a month that is too short for
    /// it; `None` after 9999-12-31.
    #[must_use]
    pub fn plus_months(self, months: u16) -> Option<Self> {
        let (year, month, day) = self.ymd();
        let total = u32::from(year)
            .checked_mul(12)?
            .checked_add(u32::from(month))?
            .checked_add(u32::from(months))?
            .checked_sub(1)?;
        let year = u16::try_from(total / 12).ok()?;
        let month = u8::try_from(total % 12).ok()?.checked_add(1)?;
        Self::from_ymd(year, month, day.min(days_in_month(year, month)?))
    }

    /// The last day of its month.
    #[must_use]
    pub fn end_of_month(self) -> Self {
        let (year, month, _) = self.ymd();
        days_in_month(year, month)
            .and_then(|last| Self::from_ymd(year, month, last))
            .unwrap_or(self)
    }

    /// Completed years from `birth` to this day; zero before it. Who was born on a leap day
    /// completes a year on 1 March where there is none.
    #[must_use]
    pub fn years_since(self, birth: Self) -> u16 {
        let ((year, month, day), (from, birth_month, birth_day)) = (self.ymd(), birth.ymd());
        let before_birthday = (month, day) < (birth_month, birth_day);
        year.saturating_sub(from)
            .saturating_sub(u16::from(before_birthday))
    }

    /// Whether fewer than `days` have gone by from `earlier` to this day. Never for 0 days.
    #[must_use]
    pub fn is_within(self, days: u32, earlier: Self) -> bool {
        i64::from(self.days_since(earlier)) < i64::from(days)
    }
}

const fn is_leap(year: u16) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

pub(crate) const fn days_in_month(year: u16, month: u8) -> Option<u8> {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 if is_leap(year) => Some(29),
        2 => Some(28),
        _ => None,
    }
}

/// A text that is not a date: not of the form `YYYY-MM-DD`, or no such day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADate;

impl fmt::Display for NotADate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a date that exists; write it as YYYY-MM-DD")
    }
}

impl core::error::Error for NotADate {}

impl FromStr for Date {
    type Err = NotADate;

    /// Reads exactly `YYYY-MM-DD`.
    fn from_str(text: &str) -> Result<Self, NotADate> {
        let [y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = *text.as_bytes() else {
            return Err(NotADate);
        };
        let (year, month, day) = (
            number(&[y1, y2, y3, y4])?,
            number(&[m1, m2])?,
            number(&[d1, d2])?,
        );
        let month = u8::try_from(month).map_err(|_| NotADate)?;
        let day = u8::try_from(day).map_err(|_| NotADate)?;
        Self::from_ymd(year, month, day).ok_or(NotADate)
    }
}

fn number(digits: &[u8]) -> Result<u16, NotADate> {
    digits.iter().try_fold(0_u16, |sum, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit.checked_sub(b'0'),
            _ => None,
        };
        digit
            .and_then(|digit| sum.checked_mul(10)?.checked_add(u16::from(digit)))
            .ok_or(NotADate)
    })
}

/// Prints `YYYY-MM-DD`.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.ymd();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

/// Days from one date to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First day.
    pub from: Date,
    /// Last day; [`Date::MAX`] where there is no end.
    pub to: Date,
}

impl Window {
    /// Every day there is.
    pub const ALWAYS: Self = Self {
        from: Date::MIN,
        to: Date::MAX,
    };

    /// Whether `date` is one of its days.
    #[must_use]
    pub fn contains(&self, date: Date) -> bool {
        self.from <= date && date <= self.to
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::ToString;

    #[test]
    fn every_day_of_the_range_survives_both_ways() {
        let mut expected = (1_u16, 1_u8, 1_u8);
        for days in FIRST_DAY..=LAST_DAY {
            let date = Date::from_days(days).unwrap();
            assert_eq!(date.ymd(), expected);
            assert_eq!(
                Date::from_ymd(expected.0, expected.1, expected.2),
                Some(date)
            );
            let (year, month, day) = expected;
            expected = if day < days_in_month(year, month).unwrap() {
                (year, month, day + 1)
            } else if month < 12 {
                (year, month + 1, 1)
            } else {
                (year + 1, 1, 1)
            };
        }
        assert_eq!(expected, (10_000, 1, 1));
        assert_eq!(Date::from_days(FIRST_DAY - 1), None);
        assert_eq!(Date::from_days(LAST_DAY + 1), None);
    }

    #[test]
    fn known_days() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("2000-02-29", 11_016),
            ("1969-12-31", -1),
        ] {
            let date: Date = text.parse().unwrap();
            assert_eq!(date.days(), days);
            assert_eq!(date.to_string(), text);
        }
    }

    #[test]
    fn days_that_do_not_exist_are_refused() {
        for text in [
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-04-31",
            "2026-01-00",
            "0000-01-01",
            "2026-1-01",
            "2026-01-1",
            "26-01-01",
            "2026/01/01",
            " 2026-01-01",
            "2026-01-01 ",
            "2026-01-0x",
            "+026-01-01",
            "2026-01-01T00:00:00Z",
            "",
        ] {
            assert_eq!(text.parse::<Date>(), Err(NotADate), "{text:?}");
        }
    }

    #[test]
    fn a_unix_time_belongs_to_the_day_it_falls_on() {
        assert_eq!(Date::from_unix(0).unwrap().to_string(), "1970-01-01");
        assert_eq!(Date::from_unix(86_399).unwrap().to_string(), "1970-01-01");
        assert_eq!(Date::from_unix(-1).unwrap().to_string(), "1969-12-31");
        assert_eq!(Date::from_unix(i64::MAX), None);
        assert_eq!(Date::from_unix(i64::MIN), None);
    }

    #[test]
    fn months_and_years() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        for (from, months, to) in [
            ("2026-01-31", 1, "2026-02-28"),
            ("2027-08-31", 6, "2028-02-29"),
            ("2026-07-15", 6, "2027-01-15"),
            ("2026-12-01", 0, "2026-12-01"),
            ("2026-12-01", 12, "2027-12-01"),
        ] {
            assert_eq!(date(from).plus_months(months), Some(date(to)), "{from}");
        }
        assert_eq!(Date::MAX.plus_months(1), None);
        assert_eq!(Date::MIN.plus_months(u16::MAX), Some(date("5462-04-01")));
        for (day, last) in [
            ("2028-02-01", "2028-02-29"),
            ("2026-12-31", "2026-12-31"),
            ("2026-04-07", "2026-04-30"),
        ] {
            assert_eq!(date(day).end_of_month(), date(last));
        }
        for (birth, day, years) in [
            ("2000-06-15", "2026-06-14", 25),
            ("2000-06-15", "2026-06-15", 26),
            ("2004-02-29", "2026-02-28", 21),
            ("2004-02-29", "2026-03-01", 22),
            ("2026-03-01", "2026-03-01", 0),
            ("2027-03-01", "2026-03-01", 0),
        ] {
            assert_eq!(date(day).years_since(date(birth)), years, "{birth} {day}");
        }
    }

    #[test]
    fn days_between_and_bounds() {
        let first: Date = "2026-03-01".parse().unwrap();
        let last: Date = "2026-03-31".parse().unwrap();
        assert_eq!(last.days_since(first), 30);
        assert_eq!(first.days_since(last), -30);
        assert_eq!(first.plus_days(30), Some(last));
        assert_eq!(last.minus_days(30), first);
        assert_eq!(Date::MAX.plus_days(1), None);
        assert_eq!(first.plus_days(u32::MAX), None);
        assert_eq!(first.minus_days(u32::MAX), Date::MIN);
        assert!(last.is_within(31, first) && !last.is_within(30, first));
        assert!(!first.is_within(0, first));
        let march = Window {
            from: first,
            to: last,
        };
        assert!(march.contains(first) && march.contains(last));
        assert!(
            !march.contains(first.minus_days(1)) && !march.contains(last.plus_days(1).unwrap())
        );
    }
}
