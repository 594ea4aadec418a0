//! READINGS.csv: a header `hours,celsius`, then how long and how warm. The command line reads it from a file, the app
//! from one that is chosen in the browser.
#![forbid(unsafe_code)]
#![deny(missing_docs)]

use std::fmt;

use galen_rules::coldchain::{Interval, GREATEST_MILLICELSIUS, LEAST_MILLICELSIUS};

/// Millionths of an hour in an hour: what durations are read to.
pub const HOUR: u64 = 1_000_000;
/// Digits after the decimal point that a duration and a temperature are read to.
const HOUR_DIGITS: u32 = 6;
const CELSIUS_DIGITS: u32 = 3;
/// A hundred years: no reading lasts longer.
const MOST_HOURS: i64 = 876_600;

/// One reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// Millionths of an hour, above zero.
    pub duration: u64,
    /// Thousandths of a degree Celsius.
    pub millicelsius: i32,
}

impl Reading {
    /// As the rulebook has it: whole seconds, started ones counted, so that no excursion is cut short. None where it
    /// lasts longer than can be checked.
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        let seconds = (u128::from(self.duration) * 3_600).div_ceil(u128::from(HOUR));
        Some(Interval {
            seconds: u32::try_from(seconds).ok()?,
            millicelsius: Some(self.millicelsius),
        })
    }
}

/// Readings that are refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingError {
    /// The stable name, for programs.
    pub code: &'static str,
    /// What is wrong and what to do.
    pub message: String,
    /// Where: `line 3, celsius`.
    pub at: Option<String>,
}

impl fmt::Display for ReadingError {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ReadingError {}

type Result<T> = std::result::Result<T, ReadingError>;

/// Reads the content of a file.
///
/// # Errors
/// `wrong_header`, `wrong_columns`, `not_a_number`, `not_positive`, `out_of_range`, `no_readings`, `invalid_encoding`,
/// with the line.
pub fn parse(bytes: &[u8]) -> Result<Vec<Reading>> {
    // Spreadsheets write one in front.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .from_reader(bytes);
    let header = reader.headers().map_err(|error| unreadable(&error))?;
    if header != vec!["hours", "celsius"] {
        return Err(refused(
            "wrong_header",
            "The first line must be `hours,celsius`.",
            1,
            None,
        ));
    }
    let mut readings = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(&error))?;
        let line = record.position().map_or(0, |start| line_of(bytes, start));
        let (Some(hours), Some(celsius), 2) = (record.get(0), record.get(1), record.len()) else {
            let message =
                "A line has two values, hours and degrees Celsius, with a point for decimals.";
            return Err(refused("wrong_columns", message, line, None));
        };
        readings.push(Reading {
            duration: duration(hours, line)?,
            millicelsius: temperature(celsius, line)?,
        });
    }
    if readings.is_empty() {
        return Err(ReadingError {
            code: "no_readings",
            message: "There is no reading after the header.".to_owned(),
            at: None,
        });
    }
    Ok(readings)
}

/// The line on which a record stands: its position is where the record before it ended, ahead of any empty lines.
fn line_of(bytes: &[u8], start: &csv::Position) -> u64 {
    let empty = usize::try_from(start.byte())
        .ok()
        .and_then(|from| bytes.get(from..))
        .into_iter()
        .flatten()
        .take_while(|byte| matches!(byte, b'\r' | b'\n'))
        .filter(|byte| **byte == b'\n')
        .count();
    start.line() + empty as u64
}

fn duration(text: &str, line: u64) -> Result<u64> {
    let parts = decimal(text, HOUR_DIGITS).ok_or_else(|| not_a_number(line, "hours"))?;
    if parts > MOST_HOURS * 10_i64.pow(HOUR_DIGITS) {
        let message = format!("A reading lasts at most {MOST_HOURS} hours.");
        return Err(refused("out_of_range", &message, line, Some("hours")));
    }
    u64::try_from(parts)
        .ok()
        .filter(|parts| *parts > 0)
        .ok_or_else(|| {
            refused(
                "not_positive",
                "A reading lasts for more than zero hours.",
                line,
                Some("hours"),
            )
        })
}

fn temperature(text: &str, line: u64) -> Result<i32> {
    let parts = decimal(text, CELSIUS_DIGITS).ok_or_else(|| not_a_number(line, "celsius"))?;
    i32::try_from(parts)
        .ok()
        .filter(|parts| (LEAST_MILLICELSIUS..=GREATEST_MILLICELSIUS).contains(parts))
        .ok_or_else(|| {
            let message = "A temperature lies between -100 and 100 degrees Celsius.";
            refused("out_of_range", message, line, Some("celsius"))
        })
}

/// A decimal number as a whole number of its last kept digit, rounded half away from zero; none where it is none.
fn decimal(text: &str, digits: u32) -> Option<i64> {
    let (is_negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let mut kept: String = fraction
        .chars()
        .chain("000000".chars())
        .take(usize::try_from(digits).ok()?)
        .collect();
    let rounds_up = fraction
        .as_bytes()
        .get(kept.len())
        .is_some_and(|next| *next >= b'5');
    kept.insert_str(0, whole);
    let magnitude = kept
        .parse::<i64>()
        .ok()?
        .checked_add(i64::from(rounds_up))?;
    Some(if is_negative { -magnitude } else { magnitude })
}

fn not_a_number(line: u64, column: &str) -> ReadingError {
    let message = "Write a plain decimal number, as 5 or -2.5: no unit, no exponent, no comma.";
    refused("not_a_number", message, line, Some(column))
}

fn refused(code: &'static str, message: &str, line: u64, column: Option<&str>) -> ReadingError {
    ReadingError {
        code,
        message: message.to_owned(),
        at: Some(match column {
            Some(column) => format!("line {line}, {column}"),
            None => format!("line {line}"),
        }),
    }
}

fn unreadable(error: &csv::Error) -> ReadingError {
    let line = error.position().map(csv::Position::line);
    ReadingError {
        code: "invalid_encoding",
        message: "The readings are not UTF-8 text; save them as UTF-8 CSV.".to_owned(),
        at: line.map(|line| format!("line {line}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_rounded_once() {
        for (text, expected) in [
            ("5", Some(5_000)),
            ("-2.5", Some(-2_500)),
            ("+0.0004", Some(0)),
            ("0.0005", Some(1)),
            ("-0.0005", Some(-1)),
            ("1.99949999", Some(1_999)),
            ("", None),
            (".5", None),
            ("5.", None),
            ("5e1", None),
            ("5,0", None),
            ("--5", None),
            ("NaN", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(decimal(text, 3), expected, "{text}");
        }
    }

    fn refusal(text: &str) -> (&'static str, Option<String>) {
        let error = parse(text.as_bytes()).expect_err(text);
        (error.code, error.at)
    }

    #[test]
    fn bad_files_are_refused_by_name_and_line() {
        for (text, code, at) in [
            ("", "wrong_header", Some("line 1")),
            ("5,6\n7,8\n", "wrong_header", Some("line 1")),
            ("celsius,hours\n5,1\n", "wrong_header", Some("line 1")),
            ("hours,celsius\n", "no_readings", None),
            ("hours,celsius\n1\n", "wrong_columns", Some("line 2")),
            (
                "hours,celsius\n1,5\n1,5,6\n",
                "wrong_columns",
                Some("line 3"),
            ),
            (
                "hours,celsius\n1,5\n\n1,5;0\n",
                "not_a_number",
                Some("line 4, celsius"),
            ),
            (
                "hours,celsius\n1h,5\n",
                "not_a_number",
                Some("line 2, hours"),
            ),
            ("hours,celsius\n,5\n", "not_a_number", Some("line 2, hours")),
            (
                "hours,celsius\n0,5\n",
                "not_positive",
                Some("line 2, hours"),
            ),
            (
                "hours,celsius\n-1,5\n",
                "not_positive",
                Some("line 2, hours"),
            ),
            (
                "hours,celsius\n0.0000001,5\n",
                "not_positive",
                Some("line 2, hours"),
            ),
            (
                "hours,celsius\n1,100.001\n",
                "out_of_range",
                Some("line 2, celsius"),
            ),
            (
                "hours,celsius\n1,-273.15\n",
                "out_of_range",
                Some("line 2, celsius"),
            ),
            (
                "hours,celsius\n1000000,5\n",
                "out_of_range",
                Some("line 2, hours"),
            ),
        ] {
            assert_eq!(refusal(text), (code, at.map(str::to_owned)), "{text:?}");
        }
        assert_eq!(
            parse(b"hours,celsius\n1,\xff\n").expect_err("refused").code,
            "invalid_encoding"
        );
    }

    #[test]
    fn files_of_spreadsheets_are_read() {
        let expected = vec![
            Reading {
                duration: 1_500_000,
                millicelsius: 5_000,
            },
            Reading {
                duration: 250_000,
                millicelsius: -2_500,
            },
        ];
        for text in [
            "hours,celsius\n1.5,5\n0.25,-2.5\n",
            "\u{feff}hours,celsius\r\n1.5,5.0\r\n0.25,-2.500\r\n",
            "hours , celsius\n 1.5 , 5 \n\"0.25\",\"-2.5\"",
        ] {
            assert_eq!(parse(text.as_bytes()).expect(text), expected, "{text:?}");
        }
    }
}
