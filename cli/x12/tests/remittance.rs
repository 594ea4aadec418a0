//! 835: what is written, that it is read again as it was, and that nothing unbalanced is either.

use galen_rules::{Cents, Date, Group};
use galen_x12::interchange::{Identity, Usage};
use galen_x12::read_835;
use galen_x12::remittance::{
    Adjustment, ClaimPayment, Contact, Payee, Payer, Processed, ProviderAdjustment, ProviderReason,
    Remittance, RemittanceNumber, ServicePayment, Way,
};
use galen_x12::writer::Envelope;

/// A payment of four claims: one paid in part, one denied whole, one paid late with interest, one taken back.
const PAYMENT: &str = include_str!("documents/payment.835");

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn cents(cents: u64) -> Cents {
    Cents::new(cents)
}

fn envelope() -> Envelope {
    let identity = |id: &str| Identity {
        qualifier: "ZZ".to_owned(),
        id: id.to_owned(),
    };
    Envelope {
        sender: identity("INSURER01"),
        receiver: identity("CLINIC01"),
        date: day("2026-03-06"),
        minute: 9 * 60 + 5,
        control: 345_678_902,
        usage: Usage::Test,
    }
}

fn line(
    code: &str,
    charge: u64,
    paid: u64,
    allowed: u64,
    entries: &[(Group, u16, u64)],
) -> ServicePayment {
    ServicePayment {
        code: code.to_owned(),
        modifiers: Vec::new(),
        charge: cents(charge),
        paid: cents(paid),
        allowed: cents(allowed),
        units: 1,
        denied: false,
        service_date: day("2026-03-02"),
        service_to: None,
        control_number: None,
        adjustments: entries
            .iter()
            .map(|(group, reason, amount)| Adjustment {
                group: *group,
                reason: *reason,
                amount: cents(*amount),
            })
            .collect(),
        remarks: Vec::new(),
    }
}

fn claim(number: &str, processed: Processed, lines: Vec<ServicePayment>) -> ClaimPayment {
    ClaimPayment {
        control_number: Some(number.to_owned()),
        processed,
        filing_indicator: Some("12".to_owned()),
        payer_number: format!("{:0>32}", number.replace('-', "")),
        facility: Some(("11".to_owned(), "1".to_owned())),
        member: Some("M-4711".to_owned()),
        received: Some(day("2026-03-05")),
        interest: Cents::ZERO,
        lines,
    }
}

fn payment() -> Remittance {
    let mut visit = claim(
        "C-2026-0001",
        Processed::Primary,
        vec![
            line(
                "G0463",
                18_000,
                2_400,
                18_000,
                &[(Group::Patient, 1, 15_000), (Group::Patient, 2, 600)],
            ),
            line(
                "J0696",
                5_000,
                1_760,
                2_200,
                &[(Group::Contractual, 45, 2_800), (Group::Patient, 2, 440)],
            ),
            line("A9270", 3_500, 0, 0, &[(Group::Patient, 96, 3_500)]),
        ],
    );
    visit.lines[0].control_number = Some("L1".to_owned());
    visit.lines[0].modifiers = vec!["25".to_owned(), "GT".to_owned()];
    visit.lines[1].units = 4;
    visit.lines[2].denied = true;
    visit.lines[2].remarks = vec!["N130".to_owned()];
    let mut duplicate = claim(
        "C-2026-0002",
        Processed::Primary,
        vec![line("G0463", 18_000, 0, 0, &[(Group::Other, 18, 18_000)])],
    );
    duplicate.lines[0].denied = true;
    duplicate.lines[0].units = 2;
    let mut late = claim(
        "C-2026-0003",
        Processed::Secondary,
        vec![line(
            "99214",
            17_500,
            3_000,
            12_500,
            &[(Group::Other, 23, 14_500)],
        )],
    );
    late.interest = cents(123);
    let mut reversed = claim(
        "C-2025-0999",
        Processed::Reversal,
        vec![line(
            "99213",
            12_500,
            4_000,
            10_000,
            &[(Group::Contractual, 45, 2_500), (Group::Patient, 2, 6_000)],
        )],
    );
    reversed.control_number = None;
    reversed.facility = None;
    reversed.filing_indicator = None;
    let adjustment = |reason, claim: &ClaimPayment, amount| ProviderAdjustment {
        reason,
        reference: claim.payer_number.clone(),
        amount,
    };
    let adjustments = vec![
        adjustment(ProviderReason::Interest, &late, -123),
        adjustment(ProviderReason::Recovery, &reversed, -4_000),
        adjustment(ProviderReason::Recovery, &visit, 1_000),
    ];
    Remittance {
        number: RemittanceNumber::new(345_678_901, &[0xAB; 64]).to_string(),
        // 24 + 17.60 + 30 − 40 for the claims; + 1.23 interest; the 40 are not kept back yet, 10 of earlier ones are.
        paid: cents(7_160 - 4_000 + 123 + 4_000 - 1_000),
        paid_on: day("2026-03-06"),
        currency: "USD".to_owned(),
        payer: Payer {
            name: "GALEN INSURER".to_owned(),
            identifier: "1000000002".to_owned(),
            street: vec!["4 EXAMPLE STREET".to_owned()],
            city: "EXAMPLE TOWN".to_owned(),
            state: Some("CT".to_owned()),
            postal_code: Some("060010000".to_owned()),
            country: None,
            contact: Contact {
                name: "EDI DESK".to_owned(),
                way: Way::Telephone,
                number: "5550100200".to_owned(),
            },
        },
        payee: Payee {
            name: "CLINIC OF EXAMPLE TOWN".to_owned(),
            qualifier: "XX".to_owned(),
            identifier: "1234567893".to_owned(),
        },
        claims: vec![visit, duplicate, late, reversed],
        adjustments,
    }
}

#[test]
fn a_payment_is_written_to_the_letter_and_read_again() {
    let remittance = payment();
    let text = remittance.write(&envelope()).expect("written");
    assert_eq!(text, PAYMENT);
    assert_eq!(read_835(&text), Ok(remittance));
}

#[test]
fn nothing_paid_is_a_notification() {
    let mut remittance = payment();
    remittance
        .claims
        .retain(|claim| claim.control_number.as_deref() == Some("C-2026-0002"));
    remittance.adjustments.clear();
    remittance.paid = Cents::ZERO;
    remittance.currency = "EUR".to_owned();
    let text = remittance.write(&envelope()).expect("written");
    assert!(
        text.contains("BPR*H*0*C*NON************20260306~"),
        "{text}"
    );
    assert!(text.contains("CUR*PR*EUR~"), "{text}");
    // Denied, and processed as primary: the member is known.
    assert!(text.contains("CLP*C-2026-0002*1*180*0**12*"), "{text}");
    assert_eq!(read_835(&text), Ok(remittance));
}

#[test]
fn whatever_does_not_balance_is_not_written() {
    let edits: &[(&str, &dyn Fn(&mut Remittance))] = &[
        ("paid", &|it| it.paid = cents(1)),
        ("claims[0].lines[0]", &|it| {
            it.claims[0].lines[0].charge = cents(1)
        }),
        ("claims[0].lines[1]", &|it| {
            it.claims[0].lines[1].paid = cents(1_761)
        }),
        ("claims[0].lines[1]", &|it| {
            it.claims[0].lines[1].adjustments.pop();
        }),
        ("claims[3].lines[0]", &|it| {
            it.claims[3].lines[0].adjustments[0].amount = cents(2_501)
        }),
        ("paid", &|it| it.claims[3].processed = Processed::Primary),
        ("paid", &|it| {
            it.claims.pop();
        }),
        ("paid", &|it| it.adjustments[1].amount = 4_000),
        ("paid", &|it| {
            it.adjustments.pop();
        }),
        ("claims[2]", &|it| {
            it.adjustments[0].reason = ProviderReason::Recovery
        }),
        ("claims[0]", &|it| it.claims[0].interest = cents(5)),
        ("claims[0].lines[1]", &|it| {
            it.claims[0].lines[1].denied = true
        }),
    ];
    for (index, (at, edit)) in edits.iter().enumerate() {
        let mut remittance = payment();
        edit(&mut remittance);
        let problem = remittance.write(&envelope()).expect_err("refused");
        assert_eq!(
            (problem.code.as_str(), problem.at.as_str()),
            ("unbalanced", *at),
            "{index}"
        );
    }
    let mut huge = payment();
    huge.claims[0].lines[0].charge = cents(u64::MAX);
    huge.claims[0].lines[0].paid = cents(u64::MAX - 15_600);
    assert_eq!(
        huge.write(&envelope()).expect_err("refused").code,
        "money_too_large"
    );
}

#[test]
fn what_the_guide_does_not_take_is_not_written() {
    let edits: &[(&str, &str, &dyn Fn(&mut Remittance))] = &[
        ("invalid_value", "payer.identifier", &|it| {
            it.payer.identifier = "12".to_owned()
        }),
        ("invalid_value", "payer.name", &|it| {
            it.payer.name = String::new()
        }),
        ("invalid_value", "payer.street", &|it| {
            it.payer.street.clear()
        }),
        ("invalid_value", "payer.city", &|it| {
            it.payer.city = " ".to_owned()
        }),
        ("invalid_value", "payee.qualifier", &|it| {
            it.payee.qualifier = "ZZ".to_owned()
        }),
        ("invalid_value", "claims[0].filing_indicator", &|it| {
            it.claims[0].filing_indicator = Some("CI".to_owned());
        }),
        ("invalid_value", "number", &|it| it.number = "1".repeat(51)),
        ("invalid_character", "", &|it| {
            it.payer.name = "A*B".to_owned()
        }),
        ("invalid_character", "", &|it| {
            it.payer.name = "A:B".to_owned()
        }),
        ("invalid_character", "", &|it| {
            it.payer.city = "A~B".to_owned()
        }),
        ("invalid_character", "", &|it| {
            it.claims[0].member = Some("M\n4711".to_owned())
        }),
        ("invalid_character", "", &|it| {
            it.claims[0].control_number = Some("C^1".to_owned())
        }),
        ("invalid_character", "", &|it| {
            it.claims[0].lines[0].code = "A:B".to_owned()
        }),
    ];
    for (index, (code, at, edit)) in edits.iter().enumerate() {
        let mut remittance = payment();
        edit(&mut remittance);
        let problem = remittance.write(&envelope()).expect_err("refused");
        assert_eq!(
            (problem.code.as_str(), problem.at.as_str()),
            (*code, *at),
            "{index}"
        );
    }
    for edit in [
        |it: &mut Envelope| it.control = 0,
        |it: &mut Envelope| it.control = 1_000_000_000,
        |it: &mut Envelope| it.sender.id = String::new(),
        |it: &mut Envelope| it.receiver.id = "1234567890123456".to_owned(),
    ] {
        let mut envelope = envelope();
        edit(&mut envelope);
        assert_eq!(
            payment().write(&envelope).expect_err("refused").code,
            "invalid_value"
        );
    }
}

#[test]
fn what_was_changed_on_the_way_is_refused_by_its_place() {
    let cases = [
        ("BPR*I*62.83", "BPR*I*62.84", "unbalanced", "paid"),
        (
            "BPR*I*62.83*C*CHK",
            "BPR*I*62.83*C*NON",
            "sum_mismatch",
            "segment[4].BPR02",
        ),
        (
            "BPR*I*62.83",
            "BPR*I*-62.83",
            "negative_money",
            "segment[4].BPR02",
        ),
        (
            "CLP*C-2026-0001*1*265*41.6*195.4",
            "CLP*C-2026-0001*1*264*41.6*195.4",
            "sum_mismatch",
            "segment[13].CLP03",
        ),
        (
            "CLP*C-2026-0001*1*265*41.6*195.4",
            "CLP*C-2026-0001*1*265*41.7*195.4",
            "sum_mismatch",
            "segment[13].CLP04",
        ),
        (
            "CLP*C-2026-0001*1*265*41.6*195.4",
            "CLP*C-2026-0001*1*265*41.6*195.3",
            "sum_mismatch",
            "segment[13].CLP05",
        ),
        (
            "CLP*C-2026-0001*1*",
            "CLP*C-2026-0001*4*",
            "unknown_value",
            "segment[13].CLP02",
        ),
        (
            "CAS*PR*1*150**2*6",
            "CAS*PR*1*150**2*5",
            "sum_mismatch",
            "segment[13].CLP05",
        ),
        (
            "CAS*PR*1*150**2*6",
            "CAS*CR*1*150**2*6",
            "unknown_value",
            "segment[19].CAS01",
        ),
        (
            "CAS*PR*1*150**2*6",
            "CAS*PR*1*150**2",
            "missing_element",
            "segment[19].CAS06",
        ),
        (
            "CAS*CO*45*28",
            "CAS*CO*45*27",
            "unbalanced",
            "claims[0].lines[1]",
        ),
        ("WO:", "FB:", "unsupported", ""),
        ("L6:", "L6", "unsupported", ""),
    ];
    for (from, to, code, at) in cases {
        assert!(PAYMENT.contains(from), "{from}");
        let problem = read_835(&PAYMENT.replacen(from, to, 1)).expect_err("refused");
        let expected = if at.is_empty() {
            problem.at.as_str()
        } else {
            at
        };
        assert_eq!(
            (problem.code.as_str(), problem.at.as_str()),
            (code, expected),
            "{from} → {to}"
        );
        assert!(!problem.at.is_empty());
    }
}

/// A generator that needs no library: xorshift64.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, below: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % below
    }

    fn line(&mut self) -> ServicePayment {
        let denied = self.roll(4) == 0;
        let paid = if denied { 0 } else { self.roll(100_000) };
        let mut adjustments = Vec::new();
        for group in Group::ALL {
            for _ in 0..self.roll(9) {
                adjustments.push(Adjustment {
                    group,
                    reason: 1 + self.roll(300) as u16,
                    amount: cents(1 + self.roll(10_000)),
                });
            }
        }
        let adjusted: u64 = adjustments.iter().map(|entry| entry.amount.get()).sum();
        let first = 20_000 + self.roll(1_000) as i32;
        let last = (self.roll(3) == 0).then(|| first + 1 + self.roll(40) as i32);
        ServicePayment {
            code: format!("9{:04}", self.roll(10_000)),
            modifiers: ["25", "GT", "59"]
                .iter()
                .take(self.roll(4) as usize)
                .map(ToString::to_string)
                .collect(),
            charge: cents(paid + adjusted),
            paid: cents(paid),
            allowed: cents(self.roll(200_000)),
            units: 1 + self.roll(60_000) as u16,
            denied,
            service_date: Date::from_days(first).expect("a day"),
            service_to: last.map(|day| Date::from_days(day).expect("a day")),
            control_number: (self.roll(2) == 0).then(|| format!("L{}", self.roll(99))),
            adjustments,
            remarks: (0..self.roll(3))
                .map(|number| format!("N{number}"))
                .collect(),
        }
    }

    fn claim(&mut self, index: u64) -> ClaimPayment {
        let lines = (0..1 + self.roll(6)).map(|_| self.line()).collect();
        let processed = Processed::ALL[self.roll(3) as usize];
        let mut claim = claim(&format!("C{index}"), processed, lines);
        claim.interest = cents(self.roll(2) * self.roll(1_000));
        claim
    }
}

#[test]
fn what_balances_is_read_as_it_was_written_and_a_cent_more_is_refused() {
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut claims, mut lines) = (0, 0);
    for _ in 0..2_000 {
        let mut remittance = payment();
        remittance.claims = (0..dice.roll(9)).map(|index| dice.claim(index)).collect();
        remittance.adjustments.clear();
        let mut due = 0_i64;
        for claim in &remittance.claims {
            let paid: u64 = claim.lines.iter().map(|line| line.paid.get()).sum();
            let paid = i64::try_from(paid).expect("small");
            due += if claim.processed == Processed::Reversal {
                -paid
            } else {
                paid
            };
            let interest = i64::try_from(claim.interest.get()).expect("small");
            if interest > 0 {
                remittance.adjustments.push(ProviderAdjustment {
                    reason: ProviderReason::Interest,
                    reference: claim.payer_number.clone(),
                    amount: -interest,
                });
                due += interest;
            }
        }
        // What is more than can be paid, or is kept back, is recovery.
        let kept = if due > 0 {
            dice.roll(1 + due as u64) as i64
        } else {
            due
        };
        if kept != 0 {
            remittance.adjustments.push(ProviderAdjustment {
                reason: ProviderReason::Recovery,
                reference: "EARLIER".to_owned(),
                amount: kept,
            });
        }
        remittance.paid = cents(u64::try_from(due - kept).expect("not negative"));
        let text = remittance.write(&envelope()).expect("written");
        assert_eq!(read_835(&text).as_ref(), Ok(&remittance));
        claims += remittance.claims.len();
        lines += remittance
            .claims
            .iter()
            .map(|claim| claim.lines.len())
            .sum::<usize>();

        let mut more = remittance.clone();
        more.paid = cents(more.paid.get() + 1);
        assert!(more.write(&envelope()).is_err());
        if let Some(line) = more
            .claims
            .first_mut()
            .and_then(|claim| claim.lines.first_mut())
        {
            more.paid = remittance.paid;
            line.charge = cents(line.charge.get() + 1);
            assert!(more.write(&envelope()).is_err());
        }
    }
    assert!(
        claims > 3_000 && lines > 9_000,
        "{claims} claims, {lines} lines"
    );
}
