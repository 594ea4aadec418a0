//! Codes on packs: every published string of `vectors/gs1.json`, every refusal by its name and place, and what holds
//! for any text whatever.

mod support;

use galen_rules::gs1::{check_digit, parse, Fault, Message, Pack};
use serde_json::Value;
use support::random::Random;

/// The year in which the vectors were checked; dates of codes have two digits for theirs.
const YEAR: u16 = 2026;

fn vectors(section: &str) -> Vec<Value> {
    let all: Value = serde_json::from_str(include_str!("vectors/gs1.json")).unwrap();
    let vectors = all[section].as_array().unwrap().clone();
    assert!(!vectors.is_empty());
    vectors
}

/// The same elements as scanners send them, with `separator` after each value of variable length but the last.
fn raw(message: &Message, prefix: &str, separator: &str) -> String {
    // By the General Specifications, figure 7.8.5-2.
    const PREDEFINED: [&str; 18] = [
        "00", "01", "02", "03", "11", "12", "13", "15", "16", "17", "20", "31", "32", "33", "34",
        "35", "36", "41",
    ];
    let mut text = prefix.to_owned();
    let elements: Vec<_> = message.elements().collect();
    for (place, element) in elements.iter().enumerate() {
        text.push_str(element.ai.as_str());
        text.push_str(element.value);
        let is_predefined = PREDEFINED
            .iter()
            .any(|prefix| element.ai.as_str().starts_with(prefix));
        if !is_predefined && place + 1 < elements.len() {
            text.push_str(separator);
        }
    }
    text
}

fn refused(text: &str) -> (&'static str, String) {
    let error = parse(text, YEAR).expect_err(text);
    (error.fault.code(), error.place.to_string())
}

#[test]
fn published_codes_are_read() {
    for vector in vectors("accept") {
        let text = vector["in"].as_str().unwrap();
        let message = parse(text, YEAR).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(message.to_string(), text);
        let pack = Pack::of(&message, YEAR);
        let expiry = pack.expiry.map(|expiry| expiry.date.to_string());
        for (name, read) in [
            ("gtin", pack.gtin),
            ("serial", pack.serial),
            ("lot", pack.lot),
            ("expiry", expiry.as_deref()),
        ] {
            if let Some(published) = vector[name].as_str() {
                assert_eq!(read, Some(published), "{text} {name}");
            }
        }
        for name in ["encoded", "scan"] {
            if let Some(other) = vector[name].as_str() {
                assert_eq!(parse(other, YEAR).as_ref(), Ok(&message), "{other}");
            }
        }
        for (prefix, separator) in [
            ("]d2", "\u{1d}"),
            ("]d2", "<GS>"),
            ("]C1", "\u{1d}"),
            ("]Q3", "\u{1d}"),
            ("]J1", "\u{1d}"),
            ("]e0", "\u{1d}"),
            ("^", "^"),
            ("\u{1d}", "\u{1d}"),
            ("<GS>", "<GS>"),
        ] {
            let scan = raw(&message, prefix, separator);
            assert_eq!(parse(&scan, YEAR).as_ref(), Ok(&message), "{scan:?}");
            assert_eq!(parse(&format!("{scan}\r\n"), YEAR).as_ref(), Ok(&message));
        }
    }
}

#[test]
fn published_bad_codes_are_refused() {
    let expected = [
        ("bad_check_digit", "(01)"),
        ("bad_check_digit", "(01)"),
        ("value_too_long", "(01)"),
        ("missing_ai", "(21)"),
        ("ambiguous", "(21)"),
    ];
    let vectors = vectors("reject");
    assert_eq!(vectors.len(), expected.len());
    for (vector, (code, at)) in vectors.iter().zip(expected) {
        let text = vector["in"].as_str().or(vector["scan"].as_str()).unwrap();
        assert_eq!(refused(text), (code, at.to_owned()), "{text}");
    }
}

#[test]
fn published_dates_are_read() {
    for vector in vectors("date_rules") {
        let Some(date) = vector["in"].as_str() else {
            continue;
        };
        let text = format!("(01)09524000059109(17){date}");
        let message = parse(&text, YEAR).unwrap();
        let expiry = Pack::of(&message, YEAR).expiry.unwrap();
        assert!(expiry.is_month);
        assert!(vector["meaning"]
            .as_str()
            .unwrap()
            .contains(&expiry.date.to_string()));
    }
}

#[test]
fn links_are_read() {
    let bracketed = "(01)09524000059109(10)1234567p(21)12345678p901(17)271120";
    let message = parse(bracketed, YEAR).unwrap();
    for link in [
        "https://id.gs1.org/01/09524000059109/10/1234567p/21/12345678p901?17=271120",
        "HTTPS://example.com/01/9524000059109/10/1234567p/21/12345678p901?17=271120",
        "http://example.com/some/shop/01/09524000059109/10/1234567p/21/12345678p901/?linkType=all&17=271120#top",
        "https://example.com/01/01/09524000059109/10/1234567%70/21/12345678p901?a=b;17=271120",
        "]Q1https://id.gs1.org/01/09524000059109/10/1234567p/21/12345678p901?17=271120",
    ] {
        assert_eq!(parse(link, YEAR).as_ref(), Ok(&message), "{link}");
    }
    let message = parse("https://id.gs1.org/01/09524000059109/21/a%2Fb%28c%29", YEAR).unwrap();
    assert_eq!(message.value("21"), Some("a/b(c)"));
    assert_eq!(message.to_string(), "(01)09524000059109(21)a/b\\(c)");
    assert_eq!(parse(&message.to_string(), YEAR), Ok(message));
    let sscc = parse("https://id.gs1.org/00/106141412345678908", YEAR).unwrap();
    assert_eq!(Pack::of(&sscc, YEAR).gtin, None);
}

#[test]
fn every_refusal_has_its_name_and_place() {
    let cases: &[(&str, &str, &str)] = &[
        ("", "empty", ""),
        (" \r\n", "empty", ""),
        ("]d2", "empty", ""),
        ("^", "empty", ""),
        ("hello", "not_gs1", ""),
        ("]d1010952400005910921ABC", "not_gs1", ""),
        ("]E04006381333931", "not_gs1", ""),
        ("0109524000059109", "no_fnc1", ""),
        ("010952400005910917271120", "no_fnc1", ""),
        ("010952400005910921ABC", "ambiguous", "(21)"),
        (
            "]d201095240000591092112345678901234567890117271120",
            "ambiguous",
            "(21)",
        ),
        // The separators are lost: a serial number that ends in what can only be the expiry, or expiry and lot.
        ("]d2010952400005910921ABC17271120", "ambiguous", "(21)"),
        ("]d2010952400005910921AB1727112010L", "ambiguous", "(21)"),
        ("^0109524000059109211717271120", "ambiguous", "(21)"),
        (
            "]d2010952400005910921AB1727112071212345",
            "ambiguous",
            "(21)",
        ),
        ("(01)09524000059109(10", "bad_brackets", "byte 18"),
        ("(1)09524000059109", "bad_brackets", "byte 0"),
        ("(01x)09524000059109", "bad_brackets", "byte 0"),
        ("(05)1", "unknown_ai", "(05)"),
        ("(3106)123456", "unknown_ai", "(3106)"),
        ("]d20109524000059109", "", ""),
        ("]d2010952400005910905123", "unknown_ai", "byte 19"),
        ("(01)09524000059109(21)", "empty_value", "(21)"),
        ("]d2010952400005910921<GS>10A", "empty_value", "(21)"),
        ("]d201", "empty_value", "(01)"),
        ("(01)0952400005910", "value_too_short", "(01)"),
        ("]d2010952400005910<GS>17271120", "value_too_short", "(01)"),
        ("]d2010952400005", "value_too_short", "(01)"),
        ("(01)09524000059109(17)27112", "value_too_short", "(17)"),
        ("(01)09524000059109(17)2711200", "value_too_long", "(17)"),
        (
            "(01)09524000059109(21)123456789012345678901",
            "value_too_long",
            "(21)",
        ),
        (
            "]d20109524000059109211234567890123456789012<GS>17271120",
            "value_too_long",
            "(21)",
        ),
        ("(01)0952400005910A", "invalid_character", "(01)"),
        ("(01)09524000059109(21)AB C", "invalid_character", "(21)"),
        ("(01)09524000059109(21)AB#C", "invalid_character", "(21)"),
        (
            "(01)09524000059109(21)AB\u{e9}C",
            "invalid_character",
            "(21)",
        ),
        (
            "]d2010952400005910921AB\u{1d}10L\u{7f}",
            "invalid_character",
            "(10)",
        ),
        ("(01)09524000059108", "bad_check_digit", "(01)"),
        ("(00)106141412345678909", "bad_check_digit", "(00)"),
        ("(01)09524000059109(17)271320", "invalid_date", "(17)"),
        ("(01)09524000059109(17)270229", "invalid_date", "(17)"),
        ("(01)09524000059109(17)270001", "invalid_date", "(17)"),
        (
            "(01)09524000059109(7003)2711002300",
            "invalid_date",
            "(7003)",
        ),
        (
            "(01)09524000059109(7003)2711302400",
            "invalid_time",
            "(7003)",
        ),
        ("(8006)095240000591090201", "invalid_value", "(8006)"),
        ("(401)AB506", "bad_company_prefix", "(401)"),
        (
            "(00)106141412345678908(4300)a%2",
            "bad_percent_encoding",
            "(4300)",
        ),
        ("(21)ABC123", "missing_ai", "(21)"),
        ("(10)ABC123", "missing_ai", "(10)"),
        ("(17)271120", "missing_ai", "(17)"),
        ("(02)09524000059109", "missing_ai", "(02)"),
        ("(02)09524000059109(37)12", "missing_ai", "(37)"),
        ("(01)09524000059109(250)A", "missing_ai", "(250)"),
        ("(8018)106141412345678908(7258)1/2", "missing_ai", "(7258)"),
        (
            "(01)09524000059109(02)09524000059109(37)1(00)106141412345678908",
            "conflicting_ai",
            "(01)",
        ),
        (
            "(00)106141412345678908(02)09524000059109(37)1(01)09524000059109",
            "conflicting_ai",
            "(02)",
        ),
        ("(01)09524000059109(21)A(235)B", "conflicting_ai", "(21)"),
        (
            "(01)09524000059109(3100)000001(3101)000010",
            "conflicting_ai",
            "(3100)",
        ),
        ("(01)09524000059109(10)A(10)B", "repeated_ai", "(10)"),
        (
            "(01)09524000059109(17)271120(7003)2711212300",
            "expiries_differ",
            "(7003)",
        ),
        (
            "https://example.com/01/09524000059109?7003=2711202300&17=271100",
            "expiries_differ",
            "(7003)",
        ),
        ("https:///01/09524000059109", "no_primary_key", ""),
        ("https://example.com", "no_primary_key", ""),
        ("https://example.com/10/A", "no_primary_key", ""),
        (
            "https://example.com/gtin/09524000059109",
            "no_primary_key",
            "",
        ),
        ("https://example.com/ARHKVAdpQg", "no_primary_key", ""),
        (
            "https://example.com/01/09524000059109/21/A/10/B",
            "qualifier_order",
            "(01)",
        ),
        (
            "https://example.com/01/09524000059109/22/A/235/B",
            "qualifier_order",
            "(01)",
        ),
        (
            "https://example.com/00/106141412345678908/21/A",
            "qualifier_order",
            "(00)",
        ),
        (
            "https://example.com/01/09524000059109/lot/A",
            "qualifier_order",
            "(01)",
        ),
        (
            "https://example.com/01/09524000059109?21=A",
            "not_an_attribute",
            "(21)",
        ),
        (
            "https://example.com/01/09524000059109?05=A",
            "unknown_ai",
            "(05)",
        ),
        (
            "https://example.com/01/09524000059109?17=",
            "empty_value",
            "(17)",
        ),
        (
            "https://example.com/01/09524000059109/21/A%2",
            "bad_percent_encoding",
            "(21)",
        ),
        (
            "https://example.com/01/09524000059109/21/A%G0",
            "bad_percent_encoding",
            "(21)",
        ),
        (
            "https://example.com/01/09524000059109/21/A%C3%A9",
            "invalid_character",
            "(21)",
        ),
        (
            "https://example.com/01/09524000059108",
            "bad_check_digit",
            "(01)",
        ),
        (
            "https://example.com/01/952400005910",
            "bad_check_digit",
            "(01)",
        ),
    ];
    let mut seen = Vec::new();
    for (text, code, at) in cases {
        if code.is_empty() {
            assert!(parse(text, YEAR).is_ok(), "{text}");
            continue;
        }
        assert_eq!(refused(text), (*code, (*at).to_owned()), "{text:?}");
        seen.push(*code);
    }
    let large = format!("(01)09524000059109{}", "(91)A".repeat(40));
    assert_eq!(refused(&large).0, "too_large");
    assert_eq!(refused(&format!("(91){}", "A".repeat(5000))).0, "too_large");
    assert_eq!(
        refused(&format!(
            "https://a.b/{}01/09524000059109",
            "a/".repeat(500)
        ))
        .0,
        "too_large"
    );
    seen.push("too_large");
    for fault in Fault::ALL {
        assert!(seen.contains(&fault.code()), "{fault:?} is not tested");
    }
}

/// A lot and a serial number run into each other where the separator between them is lost: which is which is never guessed.
#[test]
fn a_lost_separator_between_lot_and_serial_is_ambiguous() {
    let of = |rest: &str| format!("]d20109524000059109{rest}");
    for (rest, at) in [
        ("1727123110LOT121SN1", "(10)"),
        ("1727123121SN110LOT1", "(21)"),
        // Without an expiry; with a national number in front, between and behind.
        ("10LOT121SN1", "(10)"),
        ("1727123171212345610LOT121SN1", "(712)"),
        ("1727123110LOT171212345621SN1", "(10)"),
        ("1727123110LOT121SN1712123456", "(10)"),
        ("17271231717N21S", "(717)"),
        // One character on each side is enough.
        ("1727123110L21S", "(10)"),
        ("1727123121S10L", "(21)"),
    ] {
        for prefix in ["]d2", "]C1", "]Q3", "]J1", "]e0", "^"] {
            let text = of(rest).replace("]d2", prefix);
            assert_eq!(refused(&text), ("ambiguous", at.to_owned()), "{text}");
        }
    }
    // With its separators each of them is read; and with one that is needless, where lot or serial number end the code.
    for (rest, lot, serial) in [
        ("1727123110LOT1<GS>21SN1", Some("LOT1"), Some("SN1")),
        ("1727123121SN1<GS>10LOT1", Some("LOT1"), Some("SN1")),
        ("10LOT1<GS>21SN1", Some("LOT1"), Some("SN1")),
        ("1727123110LOT121SN1<GS>", Some("LOT121SN1"), None),
        ("1727123110L<GS>21S10L", Some("L"), Some("S10L")),
    ] {
        let message = parse(&of(rest), YEAR).unwrap_or_else(|error| panic!("{rest}: {error}"));
        let pack = Pack::of(&message, YEAR);
        assert_eq!((pack.lot, pack.serial), (lot, serial), "{rest}");
    }
    assert!(parse("(01)09524000059109(17)271231(10)LOT121SN1", YEAR).is_ok());
}

#[test]
fn lots_and_serials_that_merely_have_such_digits_are_read() {
    for (rest, lot, serial) in [
        // Nothing, or nothing in front of it, can be cut off.
        ("1727123110240521", Some("240521"), None),
        ("1727123110210345", Some("210345"), None),
        ("1727123110AB-123", Some("AB-123"), None),
        ("1727123121SN0010", None, Some("SN0010")),
        ("172712312110ABC", None, Some("10ABC")),
        ("172712312120212223", None, Some("20212223")),
        // A serial number without lot and expiry may be all there is.
        ("21SN00001012", None, Some("SN00001012")),
        ("2112345678101", None, Some("12345678101")),
        // Thirteen is no month.
        ("21AB17271320", None, Some("AB17271320")),
        ("1010", Some("10"), None),
    ] {
        let text = format!("]d20109524000059109{rest}");
        let message = parse(&text, YEAR).unwrap_or_else(|error| panic!("{text}: {error}"));
        let pack = Pack::of(&message, YEAR);
        assert_eq!((pack.lot, pack.serial), (lot, serial), "{text}");
    }
    // Texts of no pack may hold anything.
    assert!(parse("]d20109524000059109910021A10B", YEAR).is_ok());
}

#[test]
fn national_numbers_are_those_of_710_to_717() {
    for ai in 710..=717 {
        let text = format!("(01)09524000059109({ai})A1");
        let message = parse(&text, YEAR).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(message.value(&ai.to_string()), Some("A1"));
        assert_eq!(
            refused(&format!("({ai})A1")),
            ("missing_ai", format!("({ai})"))
        );
    }
    for ai in [709, 718] {
        let text = format!("(01)09524000059109({ai})A1");
        assert_eq!(refused(&text), ("unknown_ai", format!("({ai})")));
    }
}

#[test]
fn two_expiries_of_a_code_are_one_day() {
    for (text, day) in [
        ("(17)271120(7003)2711202300", "2027-11-20"),
        ("(7003)2711300000(17)271100", "2027-11-30"),
        ("(7003)2711202300", "2027-11-20"),
    ] {
        let message = parse(&format!("(01)09524000059109{text}"), YEAR).unwrap();
        let expiry = Pack::of(&message, YEAR).expiry.unwrap();
        assert_eq!(expiry.date.to_string(), day, "{text}");
    }
}

#[test]
fn lower_case_serials_stay_what_they_are() {
    let lower = parse("(01)09524000059109(21)abc", YEAR).unwrap();
    let upper = parse("(01)09524000059109(21)ABC", YEAR).unwrap();
    assert_ne!(lower, upper);
    assert_eq!(lower.value("21"), Some("abc"));
}

#[test]
fn any_order_is_read_and_every_form_gives_the_same() {
    const CHARACTERS: &[u8] = b"!\"%&'()*+,-./0123456789:;<=>?ABCXYZ_abcxyz";
    let mut random = Random::new(5);
    for case in 0..20_000 {
        let body = format!("{:013}", random.below(10_000_000_000_000));
        let gtin = format!(
            "{body}{}",
            char::from(check_digit(body.as_bytes()).unwrap())
        );
        // Keys begin with the digits of a company prefix, which this GTIN's always are.
        let mut text = |most: u64| -> String {
            let length = 1 + random.below(most);
            (0..length)
                .map(|_| char::from(CHARACTERS[random.below(CHARACTERS.len() as u64) as usize]))
                .collect()
        };
        let mut elements = [
            ("01", gtin),
            ("21", text(20)),
            ("10", text(20)),
            ("17", "271100".to_owned()),
            ("91", text(90)),
        ];
        for place in (1..elements.len()).rev() {
            elements.swap(place, random.below(place as u64 + 1) as usize);
        }
        let bracketed: String = elements
            .iter()
            .map(|(ai, value)| format!("({ai}){}", value.replace('(', "\\(")))
            .collect();
        let message =
            parse(&bracketed, YEAR).unwrap_or_else(|error| panic!("{case} {bracketed}: {error}"));
        assert_eq!(message.to_string(), bracketed, "{case}");
        if !bracketed.contains("<GS>") {
            let scan = raw(&message, "]d2", "\u{1d}");
            assert_eq!(parse(&scan, YEAR), Ok(message), "{case} {scan:?}");
        }
    }
}

#[test]
fn no_text_panics_and_what_is_read_reads_back() {
    const PIECES: &[&str] = &[
        "(",
        ")",
        "01",
        "09524000059109",
        "21",
        "17",
        "271120",
        "10",
        "\u{1d}",
        "<GS>",
        "^",
        "]d2",
        "]",
        "A",
        "%41",
        "%",
        "https://",
        "a.b/",
        "/",
        "?",
        "&",
        "=",
        "#",
        "é",
        "8030",
        "255",
        "\\(",
        "\\",
        " ",
        "00",
        "3103",
        "000001",
    ];
    let mut random = Random::new(7);
    let mut read = 0;
    for _ in 0..200_000 {
        let text: String = (0..random.below(12))
            .map(|_| PIECES[random.below(PIECES.len() as u64) as usize])
            .collect();
        if let Ok(message) = parse(&text, YEAR) {
            read += 1;
            assert_eq!(
                parse(&message.to_string(), YEAR).as_ref(),
                Ok(&message),
                "{text:?}"
            );
        }
    }
    assert!(read > 0);
}
