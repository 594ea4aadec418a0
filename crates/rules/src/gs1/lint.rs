//! What a part of a value must be beyond its length and characters: the linters of the Syntax Dictionary, by name.
//!
//! Lists that others maintain (ISO 3166 countries, ISO 4217 currencies, UN/ECE package types) are not carried: of
//! these codes the form is checked, not whether they are assigned. No rule about medicines depends on them.

use super::check::{check_pair_fits, has_check_digit};
use super::date::{month_and_day, number, two_digit_date};
use super::error::Fault;

/// Digits that every GS1 Company Prefix has at least.
const SHORTEST_COMPANY_PREFIX: usize = 4;
/// Latitude and longitude in ten-millionths of a degree, counted from the south pole and from 180 degrees west.
const GREATEST_LATITUDE: u64 = 1_800_000_000;
const GREATEST_LONGITUDE: u64 = 3_600_000_000;

type Linter = fn(&str, u16) -> Result<(), Fault>;

const LINTERS: &[(&str, Linter)] = &[
    ("couponcode", |text, _| digits(text)),
    ("couponposoffer", |text, _| digits(text)),
    ("csum", |text, _| {
        require(has_check_digit(text.as_bytes()), Fault::BadCheckDigit)
    }),
    ("csumalpha", |text, _| {
        require(check_pair_fits(text.as_bytes()), Fault::BadCheckDigit)
    }),
    ("hasnondigit", |text, _| {
        value(!text.bytes().all(|byte| byte.is_ascii_digit()))
    }),
    ("hh", |text, _| clock(text, 23)),
    ("hhmi", |text, _| {
        let (hour, minute) = text.split_at_checked(2).ok_or(Fault::InvalidTime)?;
        clock(hour, 23)?;
        clock(minute, 59)
    }),
    ("hyphen", |text, _| {
        value(text.bytes().all(|byte| byte == b'-'))
    }),
    ("iban", |text, _| value(is_iban(text.as_bytes()))),
    ("importeridx", |text, _| {
        value(
            text.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)),
        )
    }),
    ("iso3166", |text, _| value(text != "000" && text != "999")),
    ("iso3166999", |text, _| value(text != "000")),
    ("iso3166alpha2", |text, _| {
        value(text.bytes().all(|byte| byte.is_ascii_uppercase()))
    }),
    ("iso4217", |text, _| value(text != "000")),
    ("iso5218", |text, _| {
        value(matches!(text, "0" | "1" | "2" | "9"))
    }),
    ("key", |text, _| company_prefix(text)),
    ("keyoff1", |text, _| {
        company_prefix(text.get(1..).unwrap_or_default())
    }),
    ("latitude", |text, _| {
        value(at_most(text, GREATEST_LATITUDE))
    }),
    ("longitude", |text, _| {
        value(at_most(text, GREATEST_LONGITUDE))
    }),
    ("mediatype", |text, _| {
        value(number(text).is_some_and(|kind| matches!(kind, 1..=10 | 80..=99)))
    }),
    ("mi", |text, _| clock(text, 59)),
    ("nonzero", |text, _| {
        value(text.bytes().any(|byte| byte != b'0'))
    }),
    ("nozeroprefix", |text, _| {
        value(text == "0" || !text.starts_with('0'))
    }),
    ("packagetype", |text, _| {
        value(
            text.bytes()
                .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()),
        )
    }),
    ("pcenc", |text, _| percent_encoding(text)),
    ("pieceoftotal", |text, _| {
        let (piece, total) = text.split_at_checked(2).ok_or(Fault::InvalidValue)?;
        value(number(piece) > Some(0) && number(piece) <= number(total))
    }),
    ("posinseqslash", |text, _| {
        let (position, length) = text.split_once('/').ok_or(Fault::InvalidValue)?;
        let digit = |text: &str| text.parse::<u8>().ok().filter(|digit| *digit > 0);
        value(digit(position).is_some() && digit(position) <= digit(length))
    }),
    ("ss", |text, _| clock(text, 59)),
    ("winding", |text, _| value(matches!(text, "0" | "1" | "9"))),
    ("yesno", |text, _| value(matches!(text, "0" | "1"))),
    ("yymmd0", |text, year| {
        two_digit_date(text, year).map(|_| ())
    }),
    ("yymmdd", |text, year| {
        let date = two_digit_date(text, year)?;
        require(!date.is_month, Fault::InvalidDate)
    }),
    ("yyyymmdd", |text, _| {
        let (year, rest) = text.split_at_checked(4).ok_or(Fault::InvalidDate)?;
        let year = year.parse().map_err(|_| Fault::InvalidDate)?;
        let date = month_and_day(year, rest)?;
        require(!date.is_month, Fault::InvalidDate)
    }),
    ("zero", |text, _| {
        value(text.bytes().all(|byte| byte == b'0'))
    }),
];

/// Runs a linter over a part of a value. One that does not exist refuses everything: the table's test finds it.
pub(super) fn check(name: &str, text: &str, year: u16) -> Result<(), Fault> {
    let linter = LINTERS.iter().find(|(known, _)| *known == name);
    linter.map_or(Err(Fault::InvalidValue), |(_, linter)| linter(text, year))
}

#[cfg(test)]
pub(super) fn is_known(name: &str) -> bool {
    LINTERS.iter().any(|(known, _)| *known == name)
}

fn require(holds: bool, fault: Fault) -> Result<(), Fault> {
    if holds {
        Ok(())
    } else {
        Err(fault)
    }
}

fn value(holds: bool) -> Result<(), Fault> {
    require(holds, Fault::InvalidValue)
}

fn digits(text: &str) -> Result<(), Fault> {
    require(
        text.bytes().all(|byte| byte.is_ascii_digit()),
        Fault::InvalidCharacter,
    )
}

fn clock(text: &str, most: u8) -> Result<(), Fault> {
    require(
        number(text).is_some_and(|read| read <= most),
        Fault::InvalidTime,
    )
}

fn at_most(text: &str, most: u64) -> bool {
    text.parse::<u64>().is_ok_and(|read| read <= most)
}

fn company_prefix(text: &str) -> Result<(), Fault> {
    let prefix = text.get(..SHORTEST_COMPANY_PREFIX).unwrap_or_default();
    let fits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
    require(fits, Fault::BadCompanyPrefix)
}

fn percent_encoding(text: &str) -> Result<(), Fault> {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('%') {
        let hexadecimal = after.get(..2).unwrap_or_default();
        let fits =
            hexadecimal.len() == 2 && hexadecimal.bytes().all(|byte| byte.is_ascii_hexdigit());
        require(fits, Fault::BadPercentEncoding)?;
        rest = after.get(2..).unwrap_or_default();
    }
    Ok(())
}

/// ISO 13616: the country and its check digits moved to the end, letters read as 10 to 35, leave 1 modulo 97.
fn is_iban(text: &[u8]) -> bool {
    let Some((head, account)) = text.split_at_checked(4) else {
        return false;
    };
    let form = head.iter().take(2).all(u8::is_ascii_uppercase)
        && head.iter().skip(2).all(u8::is_ascii_digit)
        && !account.is_empty();
    let mut remainder: u32 = 0;
    for byte in account.iter().chain(head) {
        let digit = char::from(*byte)
            .to_digit(36)
            .filter(|_| !byte.is_ascii_lowercase());
        let Some(digit) = digit else {
            return false;
        };
        let shift: u32 = if digit > 9 { 100 } else { 10 };
        remainder = remainder.saturating_mul(shift).saturating_add(digit) % 97;
    }
    form && remainder == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_linter_accepts_and_refuses() {
        let cases: &[(&str, &[&str], &[&str])] = &[
            ("couponcode", &["0123"], &["01a"]),
            ("csum", &["9506000134352"], &["9506000134353"]),
            (
                "csumalpha",
                &["1987654Ad4X4bL5ttr2310c2K"],
                &["1987654Ad4X4bL5ttr2310c2L"],
            ),
            ("hasnondigit", &["1a"], &["11"]),
            ("hh", &["00", "23"], &["24"]),
            ("hhmi", &["2359", "0000"], &["2400", "2360"]),
            ("hyphen", &["-"], &["+"]),
            (
                "iban",
                &["GB82WEST12345698765432"],
                &["GB83WEST12345698765432", "gb82west", "GB82"],
            ),
            ("importeridx", &["A", "_"], &["!"]),
            ("iso3166", &["528"], &["000", "999"]),
            ("iso3166999", &["528", "999"], &["000"]),
            ("iso3166alpha2", &["NL"], &["nl", "1L"]),
            ("iso4217", &["978"], &["000"]),
            ("iso5218", &["0", "9"], &["3"]),
            ("key", &["9506000134352"], &["950", "A506"]),
            ("keyoff1", &["X9506"], &["9X506"]),
            ("latitude", &["1800000000"], &["1800000001"]),
            ("longitude", &["3600000000"], &["3600000001"]),
            ("mediatype", &["01", "10", "80"], &["00", "11", "79"]),
            ("mi", &["59"], &["60"]),
            ("nonzero", &["01"], &["00"]),
            ("nozeroprefix", &["0", "10"], &["01"]),
            ("packagetype", &["1A", "BX"], &["bx"]),
            ("pcenc", &["a%2Fb", "ab"], &["a%2", "a%2g", "%"]),
            ("pieceoftotal", &["0102", "0202"], &["0002", "0302", "0100"]),
            (
                "posinseqslash",
                &["1/2", "2/2"],
                &["0/2", "3/2", "1/0", "112"],
            ),
            ("ss", &["00"], &["60"]),
            ("winding", &["0", "1", "9"], &["2"]),
            ("yesno", &["0", "1"], &["2"]),
            ("yymmd0", &["271100", "271130"], &["271131", "271300"]),
            ("yymmdd", &["271130"], &["271100"]),
            ("yyyymmdd", &["20000229"], &["19000229", "20000200"]),
            ("zero", &["0"], &["1"]),
        ];
        for (name, good, bad) in cases {
            assert!(is_known(name), "{name}");
            for text in *good {
                assert_eq!(check(name, text, 2026), Ok(()), "{name} {text}");
            }
            for text in *bad {
                assert!(check(name, text, 2026).is_err(), "{name} {text}");
            }
        }
        let untested = LINTERS
            .iter()
            .filter(|(name, _)| cases.iter().all(|(tested, ..)| tested != name));
        assert_eq!(
            untested.map(|(name, _)| *name).next(),
            Some("couponposoffer")
        );
    }
}
