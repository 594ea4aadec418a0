//! 999 and 277CA of an 837P.

use galen_rules::Date;
use galen_x12::acknowledgement::{envelope_back, write_277ca, write_999};
use galen_x12::professional::Professional;
use galen_x12::{interchange, read_837p};

/// Two transaction sets, four claims.
const DAY: &str = include_str!("documents/day.837");
/// What answers it where one amount of the second claim is no number, and the charge of the last is not the sum of its lines.
const FORM: &str = include_str!("documents/day.999");
const CLAIMS: &str = include_str!("documents/day.277");

fn answers(read: &Professional) -> (String, Option<String>) {
    let date: Date = "2026-03-06".parse().expect("a day");
    let envelope = envelope_back(&read.interchange, date, 10 * 60, 41);
    (
        write_999(read, &envelope).expect("written"),
        write_277ca(read, &envelope).expect("written"),
    )
}

fn spoiled() -> Professional {
    let text = DAY
        .replacen("SV1|HC>36415|60|", "SV1|HC>36415|sixty|", 1)
        .replacen("CLM|C-2026-0005|225|", "CLM|C-2026-0005|226|", 1);
    read_837p(&text, "USD").expect("read")
}

/// The segments of an answer whose identifiers are these.
fn only<'a>(text: &'a str, ids: &[&str]) -> Vec<&'a str> {
    text.lines()
        .map(|line| line.trim_end_matches('~'))
        .filter(|line| ids.contains(&line.split('*').next().unwrap_or_default()))
        .collect()
}

#[test]
fn answers_are_written_to_the_letter_and_go_back() {
    let (form, claims) = answers(&spoiled());
    assert_eq!(form, FORM);
    assert_eq!(claims.as_deref(), Some(CLAIMS));
    for text in [FORM, CLAIMS] {
        let read = interchange::read(text).expect("read");
        assert_eq!(
            (read.sender.id.as_str(), read.receiver.id.as_str()),
            ("INSURER01", "CLINIC01")
        );
        assert!(read
            .groups
            .iter()
            .flat_map(|group| &group.sets)
            .all(|set| set.fault.is_none()));
    }
}

#[test]
fn what_is_right_is_accepted() {
    let (form, claims) = answers(&read_837p(DAY, "USD").expect("read"));
    assert_eq!(
        only(&form, &["AK1", "AK2", "IK3", "IK4", "IK5", "AK9"]),
        [
            "AK1*HC*2*005010X222A1",
            "AK2*837*0001*005010X222A1",
            "IK5*A",
            "AK2*837*0002*005010X222A1",
            "IK5*A",
            "AK9*A*2*2*2",
        ]
    );
    let claims = claims.expect("a 277CA");
    let statuses = only(&claims, &["STC"]);
    assert_eq!(
        statuses
            .iter()
            .filter(|status| status.starts_with("STC*A2:20*20260306*WQ*"))
            .count(),
        4
    );
    assert_eq!(
        only(&claims, &["QTY"]),
        ["QTY*90*3", "QTY*QA*3", "QTY*90*1", "QTY*QA*1"]
    );
}

#[test]
fn a_set_whose_form_is_wrong_is_rejected_with_the_place() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "PAT|19",
            "PAT",
            &[
                "IK3*PAT*59*2000*8",
                "IK4*1**1",
                "IK5*R*5",
                "IK5*A",
                "AK9*P*2*2*1",
            ],
        ),
        (
            "SBR|P|18",
            "SBR|Q|18",
            &[
                "IK3*SBR*13*2000*8",
                "IK4*1**7*Q",
                "IK5*R*5",
                "IK5*A",
                "AK9*P*2*2*1",
            ],
        ),
        (
            "NM1|40|2|GALEN INSURER",
            "NM1|4X|2|GALEN INSURER",
            &["IK3*NM1*5*1000*3", "IK5*R*5", "IK5*A", "AK9*P*2*2*1"],
        ),
        (
            "PRV|BI|PXC",
            "prv|BI|PXC",
            &["IK3*ZZZ*7**1", "IK5*R*5", "IK5*A", "AK9*P*2*2*1"],
        ),
        (
            "SE|69|0001",
            "SE|70|0001",
            &["IK5*R*4", "IK5*A", "AK9*P*2*2*1"],
        ),
        (
            "SE|69|0001",
            "SE|69|0009",
            &["IK5*R*3", "IK5*A", "AK9*P*2*2*1"],
        ),
        (
            "ST|837|0001|005010X222A1",
            "ST|837|0001|005010X223A2",
            &["IK5*R*I6", "IK5*A", "AK9*P*2*2*1"],
        ),
        (
            "ST|837|0002|",
            "ST|837|0001|",
            &["IK5*A", "IK5*R*23", "AK9*P*2*2*1"],
        ),
    ];
    for (from, to, expected) in cases {
        assert!(DAY.contains(from), "{from}");
        let read = read_837p(&DAY.replacen(from, to, 1), "USD").expect("read");
        let (form, claims) = answers(&read);
        assert_eq!(
            only(&form, &["IK3", "IK4", "IK5", "AK9"]),
            *expected,
            "{from} → {to}"
        );
        let sets = interchange::read(&claims.expect("of the other set")).expect("read");
        assert_eq!(
            sets.groups
                .iter()
                .map(|group| group.sets.len())
                .sum::<usize>(),
            1
        );
    }
    // Both wrong: nothing is left for a 277CA.
    let read = read_837p(&DAY.replace("BHT|0019", "BHT|0022"), "USD").expect("read");
    let (form, claims) = answers(&read);
    assert_eq!(only(&form, &["AK9"]), ["AK9*R*2*2*0"]);
    assert_eq!(claims, None);
}

#[test]
fn a_set_none_of_whose_claims_is_readable_is_rejected() {
    let read = read_837p(
        &DAY.replacen(
            "DTP|472|D8|20260225'\r\nSVD",
            "DTP|472|D8|20260299'\r\nSVD",
            1,
        ),
        "USD",
    )
    .expect("read");
    let (form, _) = answers(&read);
    assert_eq!(
        only(&form, &["IK3", "CTX", "IK4", "IK5", "AK9"]),
        [
            "IK5*A",
            "IK3*DTP*32*2400*8",
            "CTX*CLM01:C-2026-0005",
            "IK4*3**8*20260299",
            "IK5*R*5",
            "AK9*P*2*2*1"
        ]
    );
}

#[test]
fn whatever_makes_a_claim_unreadable_has_a_status() {
    let cases = [
        ("CLM|C-2026-0005|225|", "CLM|C-2026-0005|-225|", "A7:178"),
        (
            "CLM|C-2026-0005|225|",
            "CLM|C-2026-0005|99999999999999999999|",
            "A7:178",
        ),
        ("SBR|P|18|||||||MB", "SBR|T|18|||||||MB", "A6:286"),
        ("SVD|FIRST01|120", "SVD|NOBODY|120", "A8:21"),
        ("HI|ABK>M545", "HI|BK>7245", "A3:21"),
    ];
    for (from, to, status) in cases {
        assert!(DAY.contains(from), "{from}");
        let read = read_837p(&DAY.replacen(from, to, 1), "USD").expect("read");
        let (form, claims) = answers(&read);
        // The form is right: what it says is not.
        assert_eq!(only(&form, &["AK9"]), ["AK9*A*2*2*2"], "{from}");
        let claims = claims.expect("a 277CA");
        let found = only(&claims, &["STC"]);
        let last = found.last().expect("a status");
        assert!(
            last.starts_with(&format!("STC*{status}*20260306*U*")),
            "{last}"
        );
    }
}
