//! Moments and spans as people write them on a command line.

use std::str::FromStr;
use std::time::{SystemTime, UNIX_EPOCH};

use chrono::Local;
use galen_rules::Date;

use crate::error::{CliError, Result};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The time by this machine's clock, in Unix seconds.
///
/// # Errors
/// `wrong_clock`.
pub fn now() -> Result<i64> {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .ok()
        .and_then(|elapsed| i64::try_from(elapsed.as_secs()).ok())
        .ok_or_else(unset)
}

/// The year by this machine's clock. Dates of codes have two digits for theirs; which century is meant follows from today.
///
/// # Errors
/// `wrong_clock`.
pub fn this_year() -> Result<u16> {
    Date::from_unix(now()?).map(Date::year).ok_or_else(unset)
}

/// Seconds by which this machine's clock is east of Greenwich now.
pub fn offset() -> i32 {
    Local::now().offset().local_minus_utc()
}

fn unset() -> CliError {
    CliError::new(
        "wrong_clock",
        "This machine's clock is not set; set it, for dates of codes depend on the year.",
    )
}

/// A moment: `2027-01-31` (its first second, UTC), a Unix time, or a span from now: `+10m`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// Unix seconds.
    At(i64),
    /// Seconds after the cluster's now.
    After(i64),
}

impl When {
    /// 365 days from now.
    pub const A_YEAR_FROM_NOW: Self = Self::After(365 * DAY);

    /// The moment in Unix seconds, `now` being the cluster's clock.
    pub fn resolve(self, now: i64) -> i64 {
        match self {
            Self::At(moment) => moment,
            Self::After(seconds) => now.saturating_add(seconds),
        }
    }
}

impl FromStr for When {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        if let Some(span) = text.strip_prefix('+') {
            return span.parse::<Span>().map(|span| Self::After(span.seconds()));
        }
        if let Ok(moment) = text.parse() {
            return Ok(Self::At(moment));
        }
        let date: Date = text.parse().map_err(|_| "write a date as 2027-01-31, a Unix time in seconds, or a span from now as +10m, +24h or +365d".to_owned())?;
        Ok(Self::At(i64::from(date.days()).saturating_mul(DAY)))
    }
}

/// A length of time: `90s`, `10m`, `24h`, `365d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span(i64);

impl Span {
    /// Its length.
    pub fn seconds(self) -> i64 {
        self.0
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let refused = || "write a span as 90s, 10m, 24h or 365d".to_owned();
        let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
        let unit = match text.strip_prefix(digits) {
            Some("s") => 1,
            Some("m") => MINUTE,
            Some("h") => HOUR,
            Some("d") => DAY,
            _ => return Err(refused()),
        };
        let count: u32 = digits.parse().map_err(|_| refused())?;
        Ok(Self(i64::from(count).saturating_mul(unit)))
    }
}

/// A Unix time as people read it: `2027-01-31 00:00:00 UTC`.
pub fn moment(unix: i64) -> String {
    let Some(date) = Date::from_unix(unix) else {
        return format!("Unix time {unix}");
    };
    let second = unix.rem_euclid(DAY);
    format!(
        "{date} {:02}:{:02}:{:02} UTC",
        second / HOUR,
        second % HOUR / MINUTE,
        second % MINUTE
    )
}

/// A Unix time as documents have it: `2027-01-31T00:00:00.000Z`.
pub fn timestamp(unix: i64) -> String {
    let date =
        Date::from_unix(unix).map_or_else(|| "1970-01-01".to_owned(), |date| date.to_string());
    let second = unix.rem_euclid(DAY);
    format!(
        "{date}T{:02}:{:02}:{:02}.000Z",
        second / HOUR,
        second % HOUR / MINUTE,
        second % MINUTE
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_dates_unix_times_and_spans_from_now() {
        assert_eq!("2027-01-31".parse(), Ok(When::At(1_801_353_600)));
        assert_eq!("1801353600".parse(), Ok(When::At(1_801_353_600)));
        assert_eq!("+10m".parse::<When>().map(|when| when.resolve(5)), Ok(605));
        for refused in [
            "",
            "+",
            "+10",
            "10m",
            "2027-02-30",
            "+-5m",
            "tomorrow",
            "+5y",
        ] {
            assert!(refused.parse::<When>().is_err(), "{refused}");
        }
    }

    #[test]
    fn spans_count_seconds() {
        let spans = ["90s", "2m", "24h", "365d"].map(|text| text.parse().map(Span::seconds));
        assert_eq!(spans, [Ok(90), Ok(120), Ok(86_400), Ok(31_536_000)]);
    }

    #[test]
    fn moments_read_as_dates_and_times_of_day() {
        assert_eq!(moment(1_801_353_600 + 3_661), "2027-01-31 01:01:01 UTC");
        assert_eq!(moment(-1), "1969-12-31 23:59:59 UTC");
        assert_eq!(moment(i64::MAX), format!("Unix time {}", i64::MAX));
    }
}
