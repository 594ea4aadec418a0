//! What time it is for an answer: the ledger has a clock, and whoever asks has one.

use crate::date::Date;

/// Most seconds by which what a ledger says may be older than the question.
pub const LONGEST_LAG: i64 = 300;

/// Whether a node that says that it is `ledger` is too far behind for its answer to count, where whoever asks has `here`; both in Unix
/// seconds. It knows nothing of what was recalled, expired or dispensed since. A ledger that is ahead knows more, not less.
#[must_use]
pub const fn is_behind(ledger: i64, here: i64) -> bool {
    here.saturating_sub(ledger) > LONGEST_LAG
}

/// The day by which expiry is told, at the ledger's Unix second `ledger`, to somebody whose clock is `offset` seconds east of Greenwich: the
/// later one of UTC's, by which the program refuses, and theirs. Where the day begins earlier, the last day of use is over earlier; where
/// it begins later, the program refuses already. None outside of the calendar.
#[must_use]
pub fn today(ledger: i64, offset: i32) -> Option<Date> {
    let there = Date::from_unix(ledger)?;
    let here = Date::from_unix(ledger.saturating_add(i64::from(offset)))?;
    Some(there.max(here))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_at_most_five_minutes_old() {
        let here = 1_800_000_000;
        for (lag, behind) in [
            (LONGEST_LAG, false),
            (LONGEST_LAG + 1, true),
            (0, false),
            (-1, false),
            (-1_000_000_000, false),
        ] {
            assert_eq!(is_behind(here - lag, here), behind, "{lag}");
        }
        assert!(is_behind(i64::MIN, i64::MAX));
        assert!(!is_behind(i64::MAX, i64::MIN));
    }

    #[test]
    fn expiry_is_told_by_the_later_day() {
        const HOUR: i64 = 3_600;
        let day = |day| Date::from_ymd(2026, 3, day).unwrap();
        let midnight = Date::from_ymd(2026, 3, 15).unwrap().days() as i64 * 24 * HOUR;
        // Auckland (13 hours east), Greenwich, Los Angeles (8 west).
        for (second, east, greenwich, west) in [
            (midnight, 15, 15, 15),
            (midnight + 11 * HOUR - 1, 15, 15, 15),
            (midnight + 11 * HOUR, 16, 15, 15),
            (midnight + 24 * HOUR - 1, 16, 15, 15),
            (midnight + 24 * HOUR, 16, 16, 16),
        ] {
            assert_eq!(today(second, 13 * 3_600), Some(day(east)), "{second}");
            assert_eq!(today(second, 0), Some(day(greenwich)), "{second}");
            assert_eq!(today(second, -8 * 3_600), Some(day(west)), "{second}");
        }
        assert_eq!(today(i64::MAX, 1), None);
    }
}
