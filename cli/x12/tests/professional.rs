//! 837P: what is read, that it is the same as a FHIR claim, and each refusal by its place.

use galen_documents::claim::OtherPayer;
use galen_documents::{fhir, member, plan, quote, Money};
use galen_rules::Cents;
use galen_x12::{claims_of, interchange, is_source, read_837p, read_source, Fault, Kind};
use serde_json::Value;

const VISIT: &str = include_str!("../../samples/visit.837");
/// Two transaction sets, five claims, other delimiters, CR LF after each segment.
const DAY: &str = include_str!("documents/day.837");

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn day(text: &str) -> galen_rules::Date {
    text.parse().expect("a day")
}

/// The interchange with its SE counting what there is, for edits that add or take away segments.
fn recounted(text: &str) -> String {
    let mut count = 0;
    let segments = text.split_inclusive('~').map(|segment| {
        let id = segment.trim_start().split('*').next().unwrap_or_default();
        count = if id == "ST" { 1 } else { count + 1 };
        if id == "SE" {
            let control = segment.rsplit('*').next().expect("SE02");
            return format!("\nSE*{count}*{control}");
        }
        segment.to_owned()
    });
    segments.collect()
}

/// What refuses the only claim of `text`, whether alone or with its set or its interchange.
fn fault(text: &str) -> Fault {
    let read = match read_837p(text, "USD") {
        Ok(read) => read,
        Err(fault) => return fault,
    };
    let set = read.sets.first().expect("a set");
    if let Err(fault) = &set.header {
        return fault.clone();
    }
    let entry = set.claims.first().expect("a claim");
    entry.claim.as_ref().expect_err("refused").clone()
}

#[test]
fn a_claim_is_read_again_from_its_own_segments() {
    for (text, count) in [(VISIT, 1), (DAY, 4)] {
        let claims = claims_of(text, "USD").expect("read");
        assert_eq!(claims.len(), count);
        for (number, claim) in claims {
            let claim = claim.expect("read");
            assert!(is_source(claim.source.as_bytes()), "{}", claim.source);
            let again = read_source(&claim.source).expect(&number);
            assert_eq!(again.source, claim.source);
            assert_eq!(
                (again.submitted, &again.control_number, again.charge),
                (None, &claim.control_number, claim.charge)
            );
            assert_eq!(again.patient_name(), claim.patient_name());
            assert_eq!(again.provider.text(), claim.provider.text());
            assert_eq!(again.payer.text(), claim.payer.text());
            let [one, other] = [&again, &claim].map(|claim| claim.to_galen(true).lines);
            assert_eq!(one, other);
        }
    }
    assert!(!is_source(VISIT.as_bytes()));
    let claim = claims_of(VISIT, "USD").expect("read").remove(0).1;
    let source = claim.expect("read").source;
    for (text, kind, at) in [
        (
            source.trim_end_matches('~').to_owned(),
            Kind::Truncated,
            "segment[19].?",
        ),
        (
            source.replacen("SBR*", "SBX*", 1),
            Kind::MissingSegment,
            "segment[3].SBX",
        ),
        (
            source.replacen("CLM*C-2026-0001*", "CLM*C-2026-0001*9", 1),
            Kind::SumMismatch,
            "segment[6].CLM02",
        ),
        (
            source.replacen("CLM*", "CLX*", 1),
            Kind::MissingSegment,
            "segment[6].CLX",
        ),
    ] {
        let fault = read_source(&text).expect_err("refused");
        assert_eq!((fault.kind, fault.place.to_string().as_str()), (kind, at));
    }
}

#[test]
fn a_claim_is_what_the_same_claim_is_in_fhir() {
    let claims = claims_of(VISIT, "USD").expect("read");
    let [(number, claim)] = claims.as_slice() else {
        panic!("one claim")
    };
    assert_eq!(number, "C-2026-0001");
    let claim = claim.as_ref().expect("read");
    let document = json(include_str!("../../samples/visit.fhir.json"));
    let same = fhir::read_claim(&document, "USD").expect("read");
    let (x12, fhir) = (claim.to_galen(true), same.to_galen(true));
    assert_eq!(x12.provider, fhir.provider);
    assert_eq!(x12.submitted, fhir.submitted);
    assert_eq!(x12.service_date, fhir.service_date);
    for (x12, fhir) in x12.lines.iter().zip(&fhir.lines) {
        assert_eq!(
            (
                &x12.code,
                x12.units,
                x12.charge,
                x12.service_date,
                &x12.modifiers,
                &x12.diagnoses
            ),
            (
                &fhir.code,
                fhir.units,
                fhir.charge,
                fhir.service_date,
                &fhir.modifiers,
                &fhir.diagnoses
            ),
        );
    }
    let plan = plan::read(&json(include_str!("../../samples/plan.json"))).expect("a plan");
    let member = member::read(&json(include_str!("../../samples/member.json"))).expect("a member");
    let quoted = quote::quote(&plan, &x12, &member).expect("quoted");
    assert_eq!(Ok(&quoted), quote::quote(&plan, &fhir, &member).as_ref());
    assert_eq!(quoted.totals.charge, Money(Cents::new(26_500)));
    assert!(quoted.totals.paid > Money(Cents::ZERO));
}

#[test]
fn a_day_of_claims_is_read_whatever_the_delimiters() {
    let read = read_837p(DAY, "USD").expect("read");
    assert_eq!(read.interchange.sender.id, "CLINIC01");
    assert_eq!(read.interchange.control, "000000002");
    let headers: Vec<_> = read
        .sets
        .iter()
        .map(|set| set.header.as_ref().expect("read").reference.as_str())
        .collect();
    assert_eq!(headers, ["0002", "0003"]);
    let claims: Vec<_> = read
        .sets
        .iter()
        .flat_map(|set| &set.claims)
        .map(|entry| entry.claim.as_ref().expect("read"))
        .collect();
    let numbers: Vec<_> = claims
        .iter()
        .map(|claim| claim.control_number.as_str())
        .collect();
    assert_eq!(
        numbers,
        ["C-2026-0002", "C-2026-0003", "C-2026-0004", "C-2026-0005"]
    );
    let [office, hospital, child, secondary] = claims.as_slice() else {
        panic!("four claims")
    };

    assert_eq!(office.charge, Cents::new(30_050));
    assert_eq!(
        office.provider_type.as_ref().map(|name| name.0.as_str()),
        Some("207Q00000X")
    );
    assert_eq!(office.referral.as_deref(), Some("REFERRAL7"));
    assert_eq!(office.filing_indicator.as_deref(), Some("CI"));
    let attachments: Vec<_> = office
        .attachments
        .iter()
        .map(|entry| (entry.report.0.as_str(), entry.sent))
        .collect();
    assert_eq!(attachments, [("OZ", true), ("B4", false)]);
    let [visit, therapy] = office.lines.as_slice() else {
        panic!("two lines")
    };
    let modifiers: Vec<_> = visit.modifiers.iter().map(ToString::to_string).collect();
    assert_eq!(modifiers, ["25", "GT"]);
    assert_eq!(visit.place_of_service.0, "02");
    let diagnoses: Vec<_> = visit.diagnoses.iter().map(|name| name.0.as_str()).collect();
    assert_eq!(diagnoses, ["E11.9", "I10"]);
    assert_eq!(visit.authorization.as_deref(), Some("AUTH9"));
    assert_eq!(therapy.authorization.as_deref(), Some("AUTH10"));
    // The claim's REF*G1 for the first line, its own for the second.
    let places = [visit, therapy].map(|line| line.authorization_place.as_ref());
    let [of_claim, own] = places.map(|place| place.map(|place| (place.segment, place.element)));
    assert!(
        of_claim < own && own.is_some_and(|(_, element)| element == Some(2)),
        "{of_claim:?} {own:?}"
    );
    assert_eq!(therapy.control_number.as_deref(), Some("L2"));
    assert_eq!(
        (therapy.units, therapy.place_of_service.0.as_str()),
        (4, "11")
    );
    assert_eq!(
        (therapy.service_date, therapy.service_to),
        (day("2026-03-01"), Some(day("2026-03-04")))
    );

    assert_eq!(
        (hospital.facility.as_str(), hospital.lines[0].service_to),
        ("22", None)
    );
    assert_eq!(hospital.subscriber.id, "M-4711");
    assert_eq!(child.subscriber.id, "M-4712");
    let dependent = child.dependent.as_ref().expect("a child");
    assert_eq!(dependent.relationship, "19");
    assert!(hospital.dependent.is_none());

    // Charge 175: paid 120, written off 25, coinsurance 30. Charge 50: paid 30, cost share 17.50, not covered 2.50.
    let shares = |allowed, paid, obligated| {
        let money = |cents| Money(Cents::new(cents));
        Some(OtherPayer {
            allowed: money(allowed),
            paid: money(paid),
            obligated: Some(money(obligated)),
        })
    };
    let decided: Vec<_> = secondary
        .lines
        .iter()
        .map(|line| line.other_payer)
        .collect();
    assert_eq!(
        decided,
        [shares(15_000, 12_000, 15_000), shares(4_750, 3_000, 5_000)]
    );
}

#[test]
fn the_document_of_a_claim_is_its_own_segments_whatever_carries_it() {
    let source = |text: &str, number: &str| {
        let claims = claims_of(text, "USD").expect("read");
        let found = claims.into_iter().find(|(found, _)| found == number);
        found.expect("there").1.expect("read").source
    };
    let once = source(VISIT, "C-2026-0001");
    assert!(once.contains("CLM*C-2026-0001*265***11:B:1"));
    let again = VISIT
        .replace("000000001*0*T", "000000077*0*T")
        .replace("IEA*1*000000001", "IEA*1*000000077")
        .replace("0001*20260305", "9999*20260401")
        .replace('*', "|")
        .replace("~\n", "\u{1e}");
    assert_eq!(source(&again.replace("\u{1e}", "~"), "C-2026-0001"), once);
    assert_ne!(
        source(&VISIT.replace("M-4711", "M-4712"), "C-2026-0001"),
        once
    );
    assert_ne!(
        source(&VISIT.replace("20260302", "20260301"), "C-2026-0001"),
        once
    );
}

#[test]
fn each_refusal_has_its_name_and_its_place() {
    let cases: &[(&str, &str, Kind, &str)] = &[
        // The envelope.
        ("GS*HC", "GS*HP", Kind::Unsupported, "segment[2].GS01"),
        (
            "*X*005010X222A1~\nST",
            "*X*005010X223A2~\nST",
            Kind::UnsupportedVersion,
            "segment[2].GS08",
        ),
        (
            "ST*837*0001*005010X222A1",
            "ST*837*0001*005010X224A2",
            Kind::UnsupportedVersion,
            "segment[3].ST03",
        ),
        ("ST*837", "ST*835", Kind::InvalidCode, "segment[3].ST01"),
        ("SE*33*", "SE*34*", Kind::Count, "segment[35].SE01"),
        (
            "SE*33*0001",
            "SE*33*0002",
            Kind::ControlNumber,
            "segment[35].SE02",
        ),
        ("SE*33*", "SE*many*", Kind::InvalidValue, "segment[35].SE01"),
        ("GE*1*1", "GE*2*1", Kind::Count, "segment[36].GE01"),
        ("GE*1*1", "GE*1*7", Kind::ControlNumber, "segment[36].GE02"),
        (
            "IEA*1*000000001",
            "IEA*3*000000001",
            Kind::Count,
            "segment[37].IEA01",
        ),
        (
            "IEA*1*000000001",
            "IEA*1*000000002",
            Kind::ControlNumber,
            "segment[37].IEA02",
        ),
        ("SE*33*0001~", "", Kind::MissingSegment, "segment[35].GE"),
        (
            "*00501*",
            "*00401*",
            Kind::UnsupportedVersion,
            "segment[1].ISA12",
        ),
        // Header and levels.
        (
            "BHT*0019",
            "BHT*0022",
            Kind::InvalidCode,
            "segment[4].BHT01",
        ),
        (
            "*20260305*1015*CH",
            "*20260230*1015*CH",
            Kind::InvalidDate,
            "segment[4].BHT04",
        ),
        ("1015*CH", "1015*RP", Kind::Unsupported, "segment[4].BHT06"),
        (
            "NM1*41*2*CLINIC OF EXAMPLE TOWN*****46*CLINIC01",
            "NM1*41*2*CLINIC OF EXAMPLE TOWN*****46",
            Kind::MissingElement,
            "segment[5].NM109",
        ),
        (
            "HL*1**20*1",
            "HL*2**20*1",
            Kind::InvalidValue,
            "segment[8].HL01",
        ),
        (
            "HL*2*1*22",
            "HL*2*7*22",
            Kind::MissingReference,
            "segment[14].HL02",
        ),
        (
            "HL*2*1*22",
            "HL*2*1*44",
            Kind::InvalidCode,
            "segment[14].HL03",
        ),
        (
            "PRV*BI*PXC*261QP2300X",
            "CUR*85*EUR",
            Kind::WrongCurrency,
            "segment[9].CUR02",
        ),
        (
            "REF*EI*000000001~",
            "",
            Kind::MissingSegment,
            "segment[13].HL",
        ),
        (
            "SBR*P*18",
            "SBR*Q*18",
            Kind::InvalidCode,
            "segment[15].SBR01",
        ),
        (
            "SBR*P*18",
            "SBR*P*",
            Kind::UnexpectedSegment,
            "segment[21].CLM",
        ),
        (
            "NM1*IL*1*TESTMEMBER*ALPHA****MI*M-4711~",
            "",
            Kind::MissingSegment,
            "segment[16].N3",
        ),
        (
            "NM1*PR*2",
            "NM1*P9*2",
            Kind::MissingSegment,
            "segment[20].NM1",
        ),
        (
            "NM1*PR*2*GALEN INSURER*****PI",
            "NM1*PR*2*GALEN INSURER*****ZZ",
            Kind::InvalidCode,
            "segment[20].NM108",
        ),
        // The claim.
        (
            "CLM*C-2026-0001*",
            "CLM**",
            Kind::MissingElement,
            "segment[21].CLM01",
        ),
        ("*265***", "*266***", Kind::SumMismatch, "segment[21].CLM02"),
        (
            "*265***",
            "*abc***",
            Kind::InvalidValue,
            "segment[21].CLM02",
        ),
        (
            "*265***",
            "*-265***",
            Kind::NegativeMoney,
            "segment[21].CLM02",
        ),
        (
            "*265***",
            "*264.999***",
            Kind::TooManyDecimals,
            "segment[21].CLM02",
        ),
        (
            "*265***",
            "*99999999999999999999***",
            Kind::MoneyTooLarge,
            "segment[21].CLM02",
        ),
        ("11:B:1", "11:A:1", Kind::InvalidCode, "segment[21].CLM05-2"),
        ("11:B:1", "11:B:7", Kind::Unsupported, "segment[21].CLM05-3"),
        (
            "11:B:1",
            "11:B",
            Kind::MissingElement,
            "segment[21].CLM05-3",
        ),
        (
            "*Y*A*Y*Y~",
            "*Y*A*N*Y~",
            Kind::Unsupported,
            "segment[21].CLM08",
        ),
        (
            "HI*ABK:J189",
            "HI*BK:486",
            Kind::Unsupported,
            "segment[22].HI01-1",
        ),
        (
            "HI*ABK:J189",
            "HI*QQ:J189",
            Kind::InvalidCode,
            "segment[22].HI01-1",
        ),
        (
            "HI*ABK:J189~",
            "HI*ABK:J189~\nDTP*431*D8*20260220~",
            Kind::SegmentOrder,
            "segment[23].DTP",
        ),
        (
            "HI*ABK:J189~",
            "CN1*02*100~\nHI*ABK:J189~",
            Kind::Unsupported,
            "segment[22].CN1",
        ),
        (
            "HI*ABK:J189~",
            "HI*ABK:J189~\nHCP*03*100~",
            Kind::Unsupported,
            "segment[23].HCP",
        ),
        (
            "HI*ABK:J189~",
            "AMT*F5*10~\nAMT*F5*10~\nHI*ABK:J189~",
            Kind::TooManySegments,
            "segment[23].AMT",
        ),
        (
            "HI*ABK:J189~",
            "HI*ABK:J189~\nZZ9*1~",
            Kind::UnexpectedSegment,
            "segment[23].ZZ9",
        ),
        // The lines.
        ("LX*2", "LX*3", Kind::InvalidValue, "segment[27].LX01"),
        (
            "SV1*HC:G0463*180*UN*1***1~",
            "SV2*0300**180*UN*1~",
            Kind::MissingSegment,
            "segment[24].SV2",
        ),
        (
            "SV1*HC:G0463",
            "SV1*ER:G0463",
            Kind::Unsupported,
            "segment[24].SV101-1",
        ),
        (
            "SV1*HC:G0463",
            "SV1*HC",
            Kind::MissingElement,
            "segment[24].SV101-2",
        ),
        (
            "SV1*HC:G0463",
            "SV1*HC:G0463:2",
            Kind::InvalidValue,
            "segment[24].SV101-3",
        ),
        (
            "SV1*HC:G0463",
            "SV1*HC:G0463::gt",
            Kind::InvalidValue,
            "segment[24].SV101-4",
        ),
        (
            "G0463*180*UN*1",
            "G0463*1e2*UN*1",
            Kind::InvalidValue,
            "segment[24].SV102",
        ),
        (
            "G0463*180*UN*1",
            "G0463*180*MJ*15",
            Kind::Unsupported,
            "segment[24].SV103",
        ),
        (
            "G0463*180*UN*1",
            "G0463*180*UN*0",
            Kind::InvalidValue,
            "segment[24].SV104",
        ),
        (
            "G0463*180*UN*1",
            "G0463*180*UN*1.5",
            Kind::InvalidValue,
            "segment[24].SV104",
        ),
        (
            "G0463*180*UN*1",
            "G0463*180*UN*70000",
            Kind::InvalidValue,
            "segment[24].SV104",
        ),
        (
            "G0463*180*UN*1***1~",
            "G0463*180*UN*1***2~",
            Kind::MissingReference,
            "segment[24].SV107-1",
        ),
        (
            "G0463*180*UN*1***1~",
            "G0463*180*UN*1~",
            Kind::MissingElement,
            "segment[24].SV107",
        ),
        (
            "G0463*180*UN*1***1~",
            "G0463*180*UN*1***1*****************~",
            Kind::TooManyElements,
            "segment[24].SV122",
        ),
        (
            "DTP*472*D8*20260302~\nREF*6R*L1",
            "DTP*472*D8*20261302~\nREF*6R*L1",
            Kind::InvalidDate,
            "segment[25].DTP03",
        ),
        (
            "DTP*472*D8*20260302~\nREF*6R*L1",
            "DTP*472*RD8*20260302~\nREF*6R*L1",
            Kind::InvalidDate,
            "segment[25].DTP03",
        ),
        (
            "DTP*472*D8*20260302~\nREF*6R*L1",
            "DTP*472*RD8*20260303-20260302~\nREF*6R*L1",
            Kind::InvalidDate,
            "segment[25].DTP03",
        ),
        (
            "DTP*472*D8*20260302~\nREF*6R*L1",
            "DTP*472*TM*1015~\nREF*6R*L1",
            Kind::InvalidCode,
            "segment[25].DTP02",
        ),
        (
            "DTP*472*D8*20260302~\nREF*6R*L1",
            "DTP*471*D8*20260302~\nREF*6R*L1",
            Kind::MissingSegment,
            "segment[27].LX",
        ),
        (
            "CT*060010000~\nDMG",
            "CT\u{0}*060010000~\nDMG",
            Kind::InvalidCharacter,
            "segment[18].N402",
        ),
        ("DMG*D8", "dmg*D8", Kind::UnexpectedSegment, "segment[19].?"),
        (
            "N3*2 EXAMPLE STREET~",
            "~",
            Kind::UnexpectedSegment,
            "segment[17].?",
        ),
    ];
    for (from, to, kind, place) in cases {
        assert!(VISIT.contains(from), "{from}");
        let edited = VISIT.replacen(from, to, 1);
        let edited = if from.starts_with("SE*") {
            edited
        } else {
            recounted(&edited)
        };
        let found = fault(&edited);
        assert_eq!(
            (found.kind, found.place.to_string().as_str()),
            (*kind, *place),
            "{from} → {to}: {found}"
        );
        assert!(found.message.len() > 10, "{from}");
    }
    assert_eq!(recounted(VISIT), VISIT);
}

#[test]
fn what_is_no_interchange_is_refused() {
    for (text, kind) in [
        ("", Kind::NotX12),
        ("{\"resourceType\": \"Claim\"}", Kind::NotX12),
        ("ISA*00*", Kind::NotX12),
        (&format!("\u{feff}{VISIT}"), Kind::NotX12),
        (
            &VISIT.replacen("ISA*00*          *", "ISA*00**", 1),
            Kind::NotX12,
        ),
        (
            &VISIT.replacen("CLINIC01       *", "CLINIC01*", 1),
            Kind::NotX12,
        ),
        (&VISIT.replacen("*T*:~", "*T**~", 1), Kind::NotX12),
        (&VISIT.replacen("*T*:~", "*T*A~", 1), Kind::NotX12),
        (&format!("{VISIT}ISA"), Kind::UnexpectedSegment),
    ] {
        let found = read_837p(text, "USD").expect_err("refused");
        assert_eq!(found.kind, kind, "{text:.60}");
    }
    assert!(!galen_x12::is_interchange(b"{}"));
    assert!(!galen_x12::is_interchange(b"ISAAC"));
    assert!(galen_x12::is_interchange(VISIT.as_bytes()));
    for before in ["\n", " \r\n\t", "\u{feff}"] {
        assert!(galen_x12::is_interchange(
            format!("{before}ISA*").as_bytes()
        ));
    }
    assert!(galen_x12::is_interchange(b"ISA"));
    assert!(!galen_x12::is_interchange(b""));
    let problem = galen_x12::text(b"ISA*\xff").expect_err("refused");
    assert_eq!(problem.code, "invalid_encoding");
    let euro = claims_of(VISIT, "EUR").expect("read");
    let (_, claim) = euro.first().expect("a claim");
    assert_eq!(claim.as_ref().expect_err("refused").code, "wrong_currency");
}

#[test]
fn cut_anywhere_it_is_refused() {
    let whole = VISIT.trim_end();
    for (end, _) in whole.char_indices() {
        let part = &whole[..end];
        let found = read_837p(part, "USD").expect_err("refused");
        let expected = if end < 106 {
            Kind::NotX12
        } else {
            Kind::Truncated
        };
        assert_eq!(found.kind, expected, "{end}");
    }
}

#[test]
fn no_segment_of_it_can_go_missing_or_come_twice_unnoticed() {
    let segments: Vec<_> = VISIT.split_inclusive("~\n").collect();
    // What may be missing, and what may come again.
    let optional = ["PRV", "N3*2", "N4*SAMPLE", "DMG", "REF*6R"];
    let repeatable = ["PER", "REF*EI"];
    for (index, segment) in segments.iter().enumerate() {
        let mut without = segments.clone();
        without.remove(index);
        let is_optional = optional.iter().any(|id| segment.starts_with(id));
        let read = claims_of(&recounted(&without.concat()), "USD");
        let refused = read.as_ref().map_or(true, |claims| {
            claims.is_empty() || claims.iter().any(|(_, claim)| claim.is_err())
        });
        assert_eq!(refused, !is_optional, "without {segment}");
        let mut twice = segments.clone();
        twice.insert(index, segment);
        let is_repeatable = repeatable.iter().any(|id| segment.starts_with(id));
        let read = claims_of(&recounted(&twice.concat()), "USD");
        let refused = read.as_ref().map_or(true, |claims| {
            claims.is_empty() || claims.iter().any(|(_, claim)| claim.is_err())
        });
        assert_eq!(refused, !is_repeatable, "twice {segment}");
    }
}

#[test]
fn what_is_wrong_with_one_claim_leaves_the_others() {
    let bad_line = DAY.replacen("SV1|HC>36415|60|", "SV1|HC>36415|abc|", 1);
    let claims = claims_of(&bad_line, "USD").expect("read");
    let found: Vec<_> = claims
        .iter()
        .map(|(number, claim)| {
            (
                number.as_str(),
                claim.as_ref().err().map(|problem| problem.code.as_str()),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("C-2026-0002", None),
            ("C-2026-0003", Some("invalid_value")),
            ("C-2026-0004", None),
            ("C-2026-0005", None),
        ]
    );
    // A level concerns all that hangs on its set, and nothing of another.
    let bad_level = DAY.replacen("PAT|19", "PAT", 1);
    let claims = claims_of(&bad_level, "USD").expect("read");
    let found: Vec<_> = claims.iter().map(|(_, claim)| claim.is_ok()).collect();
    assert_eq!(found, [false, false, false, true]);
    let problem = claims[0].1.as_ref().expect_err("refused");
    assert_eq!(problem.code, "missing_element");
    assert!(problem.at.ends_with("PAT01"), "{}", problem.at);
    // A set without claims says so under no number.
    let clm = recounted(
        &VISIT
            .split_inclusive("~\n")
            .filter(|segment| {
                ["CLM", "HI", "LX", "SV1", "DTP", "REF*6R"]
                    .iter()
                    .all(|id| !segment.starts_with(id))
            })
            .collect::<String>(),
    );
    let claims = claims_of(&clm, "USD").expect("read");
    let [(number, Err(problem))] = claims.as_slice() else {
        panic!("one entry")
    };
    assert_eq!(
        (number.as_str(), problem.code.as_str()),
        ("", "missing_segment")
    );
}

#[test]
fn what_other_payers_decided_must_add_up() {
    let secondary = |from: &str, to: &str| {
        assert!(DAY.contains(from), "{from}");
        let text = DAY.replacen(from, to, 1);
        let claims = claims_of(&text, "USD").expect("read");
        let (_, claim) = claims.last().expect("a claim");
        claim.as_ref().expect_err("refused").code.clone()
    };
    for (from, to, code) in [
        ("CAS|CO|45|25'", "CAS|CO|45|24'", "sum_mismatch"),
        ("AMT|D|150'", "AMT|D|149'", "sum_mismatch"),
        ("CAS|CO|45|25'", "CAS|CO|45'", "missing_element"),
        ("CAS|CO|45|25'", "CAS|XX|45|25'", "unknown_value"),
        (
            "CAS|CO|45|25'\r\nCAS|PR|2|30'",
            "CAS|CO|45|-5'\r\nCAS|PR|2|60'",
            "sum_mismatch",
        ),
        ("SVD|FIRST01|120", "SVD|OTHER|120", "missing_reference"),
        ("SVD|FIRST01|120", "SVD|FIRST01|-120", "negative_money"),
        ("SBR|P|18|||||||MB", "SBR|S|18|||||||MB", "unknown_value"),
        (
            "SBR|P|18|||||||MB",
            "SBR|T|18|||||||MB",
            "prior_payer_missing",
        ),
        (
            "NM1|PR|2|FIRST PAYER|||||PI|FIRST01",
            "NM1|PR|2|FIRST PAYER|||||PI|",
            "missing_element",
        ),
    ] {
        assert_eq!(secondary(from, to), code, "{from} → {to}");
    }
}

/// A generator that needs no library: xorshift64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % below as u64).expect("small")
    }
}

#[test]
fn whatever_is_written_over_it_it_is_read_or_refused_and_reads_no_other_sum() {
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    let symbols: Vec<char> = "*~:^|0129AZ-. \n\0é".chars().collect();
    let (mut read, mut refused) = (0, 0);
    for _ in 0..5_000 {
        let mut text: Vec<char> = DAY.chars().collect();
        for _ in 0..=dice.roll(3) {
            let at = dice.roll(text.len());
            match dice.roll(3) {
                0 => text[at] = symbols[dice.roll(symbols.len())],
                1 => drop(text.remove(at)),
                _ => text.insert(at, symbols[dice.roll(symbols.len())]),
            }
        }
        let text: String = text.into_iter().collect();
        let Ok(claims) = claims_of(&text, "USD") else {
            refused += 1;
            continue;
        };
        for (_, claim) in claims {
            match claim {
                Ok(claim) => {
                    let sum: u64 = claim.lines.iter().map(|line| line.charge.get()).sum();
                    assert_eq!(sum, claim.charge.get());
                    read += 1;
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(
        read > 1_000 && refused > 500,
        "{read} read, {refused} refused"
    );
}

#[test]
fn an_interchange_says_what_carries_it() {
    let read = interchange::read(VISIT).expect("read");
    let group = &read.groups[0];
    assert_eq!(
        (group.function.as_str(), group.version.as_str()),
        ("HC", "005010X222A1")
    );
    assert_eq!(
        (group.sets[0].control.as_str(), group.sets[0].segments.len()),
        ("0001", 31)
    );
    let twice = VISIT
        .replacen(
            "ST*837*0001",
            "ST*837*0001*005010X222A1~\nBHT*0019~\nSE*3*0001~\nST*837*0001",
            1,
        )
        .replacen("GE*1*1", "GE*2*1", 1);
    let read = interchange::read(&twice).expect("read");
    let fault = read.groups[0].sets[1].fault.as_ref().expect("refused");
    assert_eq!(fault.kind, Kind::Duplicate);
}
