//! 271: coverage, figures, and what remains of them.

use galen_documents::Problem;
use galen_rules::Date;

use super::{Answer, Coverage, Inquiry, Limit, Subject, VERSION, WHOLE_PLAN};
use crate::element::{day, decimal};
use crate::professional::Party;
use crate::writer::{Envelope, Guide, Writer};

const GUIDE: Guide = Guide {
    function: "HB",
    set: "271",
    version: VERSION,
    version_in_set: true,
};

/// Writes the response: each subject of the inquiry with its answer, in order.
///
/// # Errors
/// `answers_missing` where there are not as many answers as subjects, `invalid_character`, `invalid_value`.
pub fn write_271(
    inquiry: &Inquiry,
    answers: &[Answer],
    envelope: &Envelope,
) -> Result<String, Problem> {
    if answers.len() != inquiry.subjects.len() {
        let message = format!(
            "The inquiry is about {} and there are {} answers.",
            inquiry.subjects.len(),
            answers.len()
        );
        return Err(Problem::new("answers_missing", "", message));
    }
    let mut writer = Writer::new(envelope, GUIDE);
    writer.begin_set();
    let reference = writer.plain(&inquiry.reference);
    let time = format!(
        "{:02}{:02}",
        envelope.minute / 60 % 24,
        envelope.minute % 60
    );
    writer.segment(
        "BHT",
        &["0022", "11", &reference, &day(envelope.date), &time],
    );
    writer.segment("HL", &["1", "", "20", "1"]);
    name(&mut writer, "PR", "2", &inquiry.payer);
    writer.segment("HL", &["2", "1", "21", "1"]);
    name(&mut writer, "1P", "2", &inquiry.provider);
    for (index, (subject, answer)) in inquiry.subjects.iter().zip(answers).enumerate() {
        let level = index.saturating_add(3).to_string();
        writer.segment("HL", &[&level, "2", "22", "0"]);
        write_subject(&mut writer, subject, answer);
    }
    writer.finish(envelope)
}

fn name(writer: &mut Writer, entity: &str, sort: &str, party: &Party) {
    let texts = [&party.name, &party.first_name, &party.id].map(|text| writer.plain(text));
    let [last, first, id] = &texts;
    writer.segment(
        "NM1",
        &[entity, sort, last, first, "", "", "", &party.qualifier, id],
    );
}

fn write_subject(writer: &mut Writer, subject: &Subject, answer: &Answer) {
    if let Some((number, originator)) = &subject.trace {
        let texts = [number, originator].map(|text| writer.plain(text));
        let [number, originator] = &texts;
        writer.segment("TRN", &["2", number, originator]);
    }
    name(writer, "IL", "1", &subject.subscriber);
    match answer {
        Answer::Refused(refusal) => {
            let (reason, action) = refusal.codes();
            writer.segment("AAA", &["N", "", reason, action]);
        }
        Answer::NotCovered { from, to } => {
            days_asked(writer, subject);
            days_covered(writer, *from, *to);
            // Inactive.
            writer.segment("EB", &["6", "", WHOLE_PLAN]);
        }
        Answer::Covered(coverage) => {
            days_asked(writer, subject);
            days_covered(writer, coverage.from, coverage.to);
            benefits(writer, coverage);
        }
    }
}

/// DTP*291: the days that the answer is about.
fn days_asked(writer: &mut Writer, subject: &Subject) {
    let (first, last) = subject.days;
    if first == last {
        writer.segment("DTP", &["291", "D8", &day(first)]);
    } else {
        let span = format!("{}-{}", day(first), day(last));
        writer.segment("DTP", &["291", "RD8", &span]);
    }
}

fn days_covered(writer: &mut Writer, from: Date, to: Option<Date>) {
    writer.segment("DTP", &["346", "D8", &day(from)]);
    if let Some(to) = to {
        writer.segment("DTP", &["347", "D8", &day(to)]);
    }
}

fn benefits(writer: &mut Writer, coverage: &Coverage) {
    // Active.
    writer.segment("EB", &["1", "IND", WHOLE_PLAN]);
    if let Some(share) = coverage.coinsurance_bps {
        writer.segment(
            "EB",
            &["A", "IND", WHOLE_PLAN, "", "", "", "", &fraction(share)],
        );
    }
    let copay = signed(coverage.copay.get());
    // 27: a visit.
    writer.segment(
        "EB",
        &["B", "IND", WHOLE_PLAN, "", "", "27", &decimal(copay)],
    );
    for limit in &coverage.limits {
        let (period, remaining) = limit.figure.periods();
        figure(writer, limit, period, limit.amount.get());
        figure(writer, limit, remaining, limit.remaining.get());
    }
}

fn figure(writer: &mut Writer, limit: &Limit, period: &str, cents: u64) {
    let level = if limit.is_family { "FAM" } else { "IND" };
    let network = match limit.in_network {
        Some(true) => "Y",
        Some(false) => "N",
        None => "",
    };
    let amount = decimal(signed(cents));
    writer.segment(
        "EB",
        &[
            limit.figure.code(),
            level,
            WHOLE_PLAN,
            "",
            "",
            period,
            &amount,
            "",
            "",
            "",
            "",
            network,
        ],
    );
}

/// 2,000 basis points as 0.2.
fn fraction(bps: u16) -> String {
    let digits = format!("{:04}", bps % 10_000);
    let decimals = digits.trim_end_matches('0');
    let whole = bps / 10_000;
    if decimals.is_empty() {
        return whole.to_string();
    }
    format!("{whole}.{decimals}")
}

fn signed(cents: u64) -> i64 {
    i64::try_from(cents).unwrap_or(i64::MAX)
}
