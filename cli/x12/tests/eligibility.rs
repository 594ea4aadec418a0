//! 270 in, 271 out.

use galen_rules::{Cents, Date};
use galen_x12::acknowledgement::envelope_back;
use galen_x12::eligibility::{Answer, Coverage, Figure, Inquiry, Limit, Refusal};
use galen_x12::{interchange, read_270, write_271, Kind};

/// About three: a subscriber on a day, another on several, a dependent on the day of the inquiry.
const ASKS: &str = include_str!("documents/asks.270");
const ANSWERS: &str = include_str!("documents/answers.271");

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn limit(
    figure: Figure,
    is_family: bool,
    in_network: Option<bool>,
    amount: u64,
    remaining: u64,
) -> Limit {
    Limit {
        figure,
        is_family,
        in_network,
        amount: Cents::new(amount),
        remaining: Cents::new(remaining),
    }
}

fn covered() -> Answer {
    Answer::Covered(Coverage {
        from: day("2026-01-01"),
        to: Some(day("2026-12-31")),
        coinsurance_bps: Some(2_050),
        copay: Cents::new(1_500),
        limits: vec![
            limit(Figure::Deductible, false, Some(true), 150_000, 134_050),
            limit(Figure::Deductible, true, Some(true), 300_000, 0),
            limit(Figure::OutOfPocket, false, Some(false), 1_000_000, 999_995),
            limit(Figure::AnnualMaximum, false, None, 5_000_000, 4_995_840),
            limit(
                Figure::LifetimeMaximum,
                false,
                None,
                100_000_000,
                99_995_840,
            ),
        ],
    })
}

fn written(inquiry: &Inquiry, answers: &[Answer]) -> Result<String, galen_documents::Problem> {
    let envelope = envelope_back(&inquiry.interchange, day("2026-03-05"), 10 * 60 + 16, 42);
    write_271(inquiry, answers, &envelope)
}

#[test]
fn an_inquiry_says_about_whom_and_when() {
    let inquiry = read_270(ASKS).expect("read");
    assert_eq!(
        (inquiry.reference.as_str(), inquiry.payer.id.as_str()),
        ("ASK0001", "INSURER01")
    );
    assert_eq!(
        (
            inquiry.provider.qualifier.as_str(),
            inquiry.provider.id.as_str()
        ),
        ("XX", "1234567893")
    );
    let subjects: Vec<_> = inquiry
        .subjects
        .iter()
        .map(|subject| {
            let trace = subject.trace.as_ref().map(|(number, _)| number.as_str());
            (
                subject.subscriber.id.as_str(),
                subject.is_dependent,
                subject.days,
                trace,
            )
        })
        .collect();
    assert_eq!(
        subjects,
        [
            (
                "M-4711",
                false,
                (day("2026-03-02"), day("2026-03-02")),
                Some("TRACE0001")
            ),
            (
                "M-4712",
                false,
                (day("2026-03-01"), day("2026-03-04")),
                Some("TRACE0002")
            ),
            (
                "M-4713",
                true,
                (day("2026-03-05"), day("2026-03-05")),
                Some("TRACE0003")
            ),
        ]
    );
    assert_eq!(inquiry.subjects[1].services, ["98", "30"]);
}

#[test]
fn a_response_is_written_to_the_letter_and_goes_back() {
    let inquiry = read_270(ASKS).expect("read");
    let answers = [
        covered(),
        Answer::NotCovered {
            from: day("2025-01-01"),
            to: Some(day("2025-12-31")),
        },
        Answer::Refused(Refusal::DependentsUnnumbered),
    ];
    let text = written(&inquiry, &answers).expect("written");
    assert_eq!(text, ANSWERS);
    let read = interchange::read(&text).expect("read");
    assert_eq!(
        (read.sender.id.as_str(), read.receiver.id.as_str()),
        ("INSURER01", "CLINIC01")
    );
    let set = &read.groups[0].sets[0];
    assert!(set.fault.is_none());
    // Each amount is read as it was written.
    let figures: Vec<_> = set
        .segments
        .iter()
        .filter(|segment| segment.id == "EB" && segment.text(7).is_some())
        .map(|segment| segment.money(7).expect("an amount").get())
        .collect();
    assert_eq!(
        figures,
        [
            1_500,
            150_000,
            134_050,
            300_000,
            0,
            1_000_000,
            999_995,
            5_000_000,
            4_995_840,
            100_000_000,
            99_995_840
        ]
    );
}

#[test]
fn each_refusal_has_its_reason() {
    let inquiry = read_270(ASKS).expect("read");
    for (refusal, segment) in [
        (Refusal::NotFound, "AAA*N**75*C~"),
        (Refusal::DaysNotAnswered, "AAA*N**62*C~"),
        (Refusal::DependentsUnnumbered, "AAA*N**67*C~"),
    ] {
        let answer = Answer::Refused(refusal);
        let text = written(&inquiry, &[answer.clone(), answer.clone(), answer]).expect("written");
        assert_eq!(text.matches(segment).count(), 3, "{text}");
        assert!(!text.contains("EB*"));
    }
    let problem = written(&inquiry, &[covered()]).expect_err("refused");
    assert_eq!(problem.code, "answers_missing");
}

#[test]
fn what_is_no_inquiry_is_refused_by_its_place() {
    for (from, to, kind, place) in [
        ("GS*HS", "GS*HC", Kind::InvalidCode, "segment[2].GS01"),
        (
            "*X*005010X279A1",
            "*X*005010X212",
            Kind::UnsupportedVersion,
            "segment[2].GS08",
        ),
        ("ST*270", "ST*276", Kind::InvalidCode, "segment[3].ST01"),
        (
            "BHT*0022*13",
            "BHT*0022*11",
            Kind::InvalidCode,
            "segment[4].BHT02",
        ),
        (
            "*20260305*1015~\nHL",
            "*20260332*1015~\nHL",
            Kind::InvalidDate,
            "segment[4].BHT04",
        ),
        (
            "HL*3*2*22",
            "HL*4*2*22",
            Kind::InvalidValue,
            "segment[9].HL01",
        ),
        (
            "HL*3*2*22",
            "HL*3*1*22",
            Kind::MissingReference,
            "segment[9].HL02",
        ),
        (
            "TRN*1*TRACE0001",
            "TRN*2*TRACE0001",
            Kind::InvalidCode,
            "segment[10].TRN01",
        ),
        (
            "NM1*IL*1*TESTMEMBER*ALPHA****MI*M-4711",
            "NM1*IL*1*TESTMEMBER*ALPHA****MI",
            Kind::MissingElement,
            "segment[11].NM109",
        ),
        (
            "NM1*IL*1*TESTMEMBER*ALPHA****MI",
            "NM1*IL*1*TESTMEMBER*ALPHA****XX",
            Kind::InvalidCode,
            "segment[11].NM108",
        ),
        (
            "DTP*291*D8*20260302",
            "DTP*291*D8*20260200",
            Kind::InvalidDate,
            "segment[13].DTP03",
        ),
        (
            "RD8*20260301-20260304",
            "RD8*20260304-20260301",
            Kind::InvalidDate,
            "segment[18].DTP03",
        ),
        (
            "EQ*30~\nHL*4",
            "ZZ*30~\nHL*4",
            Kind::UnexpectedSegment,
            "segment[14].ZZ",
        ),
        ("SE*25*", "SE*24*", Kind::Count, "segment[27].SE01"),
    ] {
        assert!(ASKS.contains(from), "{from}");
        let fault = read_270(&ASKS.replacen(from, to, 1)).expect_err("refused");
        assert_eq!(
            (fault.kind, fault.place.to_string().as_str()),
            (kind, place),
            "{from} → {to}: {fault}"
        );
    }
}
