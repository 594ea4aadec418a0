//! Moments, in UTC and to the millisecond.

use time::format_description::well_known::Rfc3339;
use time::{OffsetDateTime, UtcOffset};

const NANOS_PER_MICRO: u32 = 1_000;
const NANOS_PER_MILLI: i64 = 1_000_000;

/// A moment as the canonical string has it, `2022-02-17T02:33:31.116Z`; none where the text is none. Beyond the
/// millisecond it is cut to the microsecond and rounded, ties to the even millisecond.
pub fn canonical(text: &str) -> Option<String> {
    let moment = OffsetDateTime::parse(text, &Rfc3339)
        .ok()?
        .to_offset(UtcOffset::UTC);
    let micros = moment.nanosecond() / NANOS_PER_MICRO;
    let (millis, rest) = (micros / 1_000, micros % 1_000);
    let rounds_up = rest > 500 || (rest == 500 && millis % 2 == 1);
    let whole = moment.replace_nanosecond(millis * 1_000_000).ok()?;
    let moment = if rounds_up {
        whole.checked_add(time::Duration::nanoseconds(NANOS_PER_MILLI))?
    } else {
        whole
    };
    let (date, time) = (moment.date(), moment.time());
    Some(format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
        date.year(),
        u8::from(date.month()),
        date.day(),
        time.hour(),
        time.minute(),
        time.second(),
        time.millisecond()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_utc_and_rounded_to_the_millisecond() {
        for (text, expected) in [
            (
                "2022-02-16T20:33:31.116000-06:00",
                Some("2022-02-17T02:33:31.116Z"),
            ),
            (
                "2020-03-04T11:00:30+01:00",
                Some("2020-03-04T10:00:30.000Z"),
            ),
            ("2020-01-01T00:00:00.1Z", Some("2020-01-01T00:00:00.100Z")),
            (
                "2020-01-01T00:00:00.0004999Z",
                Some("2020-01-01T00:00:00.000Z"),
            ),
            (
                "2020-01-01T00:00:00.0005Z",
                Some("2020-01-01T00:00:00.000Z"),
            ),
            (
                "2020-01-01T00:00:00.0015Z",
                Some("2020-01-01T00:00:00.002Z"),
            ),
            (
                "2020-01-01T00:00:00.00050099Z",
                Some("2020-01-01T00:00:00.000Z"),
            ),
            (
                "2020-01-01T00:00:00.000501Z",
                Some("2020-01-01T00:00:00.001Z"),
            ),
            (
                "2020-12-31T23:59:59.9996Z",
                Some("2021-01-01T00:00:00.000Z"),
            ),
            ("2020-02-30T00:00:00Z", None),
            ("2020-01-01T00:00:00", None),
            ("2020-01-01", None),
            ("", None),
        ] {
            assert_eq!(canonical(text).as_deref(), expected, "{text}");
        }
    }
}
