//! 277CA: which claims were accepted for adjudication, and why the others were not.

use galen_documents::Problem;
use galen_rules::{Cents, Date};

use super::implementation::Verdict;
use crate::element::{day, decimal};
use crate::fault::{Fault, Kind};
use crate::professional::{ClaimSet, Concerns, Entry, Header, Party, Professional};
use crate::writer::{Envelope, Guide, Writer};

const GUIDE: Guide = Guide {
    function: "HN",
    set: "277",
    version: "005010X214",
    version_in_set: true,
};

/// Category and status of a claim that goes on: acknowledged, accepted into adjudication.
const ACCEPTED: (&str, &str) = ("A2", "20");
/// Characters of a message (STC12), at most.
const MOST_MESSAGE: usize = 264;

/// Writes the 277CA: one transaction set for each set of claims that the 999 did not reject. None, where it rejected all.
///
/// # Errors
/// `invalid_character`, `invalid_value`, where what was read cannot be written.
pub fn write_277ca(read: &Professional, envelope: &Envelope) -> Result<Option<String>, Problem> {
    let sets: Vec<_> = read
        .sets
        .iter()
        .filter(|set| Verdict::of(set) != Verdict::Rejected)
        .collect();
    if sets.is_empty() {
        return Ok(None);
    }
    let mut writer = Writer::new(envelope, GUIDE);
    for set in sets {
        if let Ok(header) = &set.header {
            write_set(&mut writer, set, header, envelope);
        }
    }
    writer.finish(envelope).map(Some)
}

/// Claims accepted and rejected, with their charges.
#[derive(Default)]
struct Tally {
    accepted: (usize, u64),
    rejected: (usize, u64),
}

impl Tally {
    fn of<'a>(entries: impl Iterator<Item = &'a Entry>) -> Self {
        let mut tally = Self::default();
        for entry in entries {
            let (count, sum) = match entry.claim {
                Ok(_) => &mut tally.accepted,
                Err(_) => &mut tally.rejected,
            };
            *count = count.saturating_add(1);
            *sum = sum.saturating_add(entry.charge.map_or(0, Cents::get));
        }
        tally
    }

    /// Counts under these qualifiers, then amounts.
    fn write(&self, writer: &mut Writer, accepted: &str, rejected: &str) {
        for (qualifier, (count, _)) in [(accepted, self.accepted), (rejected, self.rejected)] {
            if count > 0 {
                writer.segment("QTY", &[qualifier, &count.to_string()]);
            }
        }
        for (qualifier, (count, sum)) in [("YU", self.accepted), ("YY", self.rejected)] {
            if count > 0 {
                writer.segment("AMT", &[qualifier, &amount(sum)]);
            }
        }
    }

    fn sum(&self) -> u64 {
        self.accepted.1.saturating_add(self.rejected.1)
    }
}

fn amount(cents: u64) -> String {
    decimal(i64::try_from(cents).unwrap_or(i64::MAX))
}

fn write_set(writer: &mut Writer, set: &ClaimSet, header: &Header, envelope: &Envelope) {
    let known: Vec<_> = set
        .claims
        .iter()
        .filter_map(|entry| Some((entry, entry.concerns.as_ref()?)))
        .collect();
    let Some((_, first)) = known.first() else {
        return;
    };
    let today = day(envelope.date);
    writer.begin_set();
    let reference = writer.plain(&header.reference);
    let time = format!(
        "{:02}{:02}",
        envelope.minute / 60 % 24,
        envelope.minute % 60
    );
    writer.segment("BHT", &["0085", "08", &reference, &today, &time, "TH"]);
    writer.segment("HL", &["1", "", "20", "1"]);
    name(writer, "PR", "2", &first.payer, "PI");
    writer.segment("TRN", &["1", &format!("{:09}", envelope.control)]);
    writer.segment("DTP", &["050", "D8", &day(header.created)]);
    writer.segment("DTP", &["009", "D8", &today]);

    writer.segment("HL", &["2", "1", "21", "1"]);
    name(writer, "41", "2", &header.submitter, "46");
    writer.segment("TRN", &["2", &reference]);
    let all = Tally::of(set.claims.iter());
    let received = writer.composite(&["A1", "19", "PR"]);
    writer.segment("STC", &[&received, &today, "WQ", &amount(all.sum())]);
    all.write(writer, "90", "AA");

    let mut levels = 2_usize;
    let mut rest = known.as_slice();
    while let Some((_, leader)) = rest.first() {
        let same = rest
            .iter()
            .take_while(|(_, concerns)| concerns.provider == leader.provider)
            .count();
        let (of_provider, others) = rest.split_at(same);
        rest = others;
        levels = levels.saturating_add(1);
        let provider = levels;
        writer.segment("HL", &[&provider.to_string(), "2", "19", "1"]);
        let sort = if leader.provider.qualifier == "XX" {
            "XX"
        } else {
            "FI"
        };
        name(writer, "85", "2", &leader.provider, sort);
        let tally = Tally::of(of_provider.iter().map(|(entry, _)| *entry));
        writer.segment("TRN", &["1", "0"]);
        let received = writer.composite(&["A1", "19", "PR"]);
        writer.segment("STC", &[&received, "", "WQ", &amount(tally.sum())]);
        tally.write(writer, "QA", "QC");
        for (entry, concerns) in of_provider {
            levels = levels.saturating_add(1);
            let level = (levels, provider);
            write_claim(writer, entry, concerns, level, (header.created, &today));
        }
    }
}

fn write_claim(
    writer: &mut Writer,
    entry: &Entry,
    concerns: &Concerns,
    (level, provider): (usize, usize),
    (created, today): (Date, &str),
) {
    writer.segment("HL", &[&level.to_string(), &provider.to_string(), "PT"]);
    name(
        writer,
        "QC",
        "1",
        &concerns.patient,
        &concerns.patient.qualifier,
    );
    let number = writer.plain(&entry.control_number);
    writer.segment("TRN", &["2", if number.is_empty() { "0" } else { &number }]);
    let charge = amount(entry.charge.map_or(0, Cents::get));
    let (codes, action, message) = match &entry.claim {
        Ok(_) => (ACCEPTED, "WQ", String::new()),
        Err(fault) => (status(fault.kind), "U", told(fault)),
    };
    let status = writer.composite(&[codes.0, codes.1]);
    writer.segment(
        "STC",
        &[
            &status, today, action, &charge, "", "", "", "", "", "", "", &message,
        ],
    );
    let date = concerns.service_date.unwrap_or(created);
    writer.segment("DTP", &["472", "D8", &day(date)]);
}

fn name(writer: &mut Writer, entity: &str, sort: &str, party: &Party, qualifier: &str) {
    let (name, first) = (writer.plain(&party.name), writer.plain(&party.first_name));
    let id = writer.plain(&party.id);
    // Whose name is not given is known by its number.
    let name = if name.is_empty() { id.clone() } else { name };
    writer.segment(
        "NM1",
        &[entity, sort, &name, &first, "", "", "", qualifier, &id],
    );
}

/// Category and status of a claim that is refused (X12 code lists 507 and 508).
fn status(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        // Missing or invalid information.
        Kind::MissingElement | Kind::MissingSegment => ("A6", "21"),
        Kind::NoLines => ("A6", "122"),
        // Other payer's explanation of benefits.
        Kind::PriorPayerMissing => ("A6", "286"),
        // Dates of service.
        Kind::InvalidDate => ("A7", "187"),
        // Submitted charges.
        Kind::NegativeMoney | Kind::TooManyDecimals | Kind::MoneyTooLarge => ("A7", "178"),
        Kind::SumMismatch => ("A8", "178"),
        // More lines than the payer takes.
        Kind::TooManyLines => ("A7", "121"),
        Kind::MissingReference | Kind::Duplicate => ("A8", "21"),
        Kind::Unsupported | Kind::WrongCurrency | Kind::UnsupportedVersion => ("A3", "21"),
        _ => ("A7", "21"),
    }
}

/// The refusal in words, without what delimits.
fn told(fault: &Fault) -> String {
    let text = format!("{} {}", fault.place, fault.message);
    let plain = text.chars().map(|character| match character {
        '*' | '~' | ':' | '^' => ' ',
        character if character.is_control() || !character.is_ascii() => ' ',
        character => character,
    });
    plain
        .take(MOST_MESSAGE)
        .collect::<String>()
        .trim_end()
        .to_owned()
}
