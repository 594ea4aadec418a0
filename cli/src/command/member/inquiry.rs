//! `galen member inquiry`

use std::fmt;
use std::path::PathBuf;

use claims::state::{Plan, PlanTerms};
use galen_documents::{Day, Problem};
use galen_rules::{Cents, Date, Reason};
use galen_x12::acknowledgement::envelope_back;
use galen_x12::eligibility::{Answer as Response, Coverage, Figure, Limit, Refusal, Subject};
use galen_x12::{read_270, write_271};
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::{figures, standing};
use crate::chain::{entity, people};
use crate::cluster::Cluster;
use crate::command::claim::acknowledge;
use crate::command::plan::version;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::{table, Answer};
use crate::store::Store;

/// Flags of `galen member inquiry`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member inquiry asks.270 --pool POOL --out answers.271 --control 42

Answers an X12 270 with a 271: the coverage of each member on the days asked about (by its days and what the insurer states
of the member: a lapse, a death, a requirement that is not met), the plan's figures and what remains of each in the benefit
period of those days. A member is known by its number (NM109), where this store has the salt.")]
pub struct Args {
    /// The inquiry
    #[arg(value_name = "INQUIRY")]
    inquiry: PathBuf,
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    /// Where the 271 is written
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The control number of the answer, the next one of whoever sends it: 1 to 999999999
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=999_999_999))]
    control: u32,
}

/// What was answered.
#[derive(Serialize)]
struct Report {
    file: String,
    subjects: Vec<Asked>,
}

/// What was answered about a member. Their numbers are in the documents, not here.
#[derive(Serialize)]
struct Asked {
    /// TRN02.
    trace: Option<String>,
    from: Day,
    to: Day,
    /// `covered`, `not_covered`, `not_found`, `days_not_answered`, `dependents_unnumbered`.
    answer: &'static str,
    /// Why the coverage is not in force, as a claim adjustment reason code; null where it is, or nothing is answered.
    reason: Option<u16>,
}

/// Runs the command.
///
/// # Errors
/// Those of the reader, `not_found`, `file_exists`, `file_unwritable`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let name = document::name(&args.inquiry);
    let refused = |problem: Problem| CliError::in_document(&name, problem);
    let bytes = document::bytes(&args.inquiry)?;
    let text = galen_x12::text(&bytes).map_err(refused)?;
    let inquiry = read_270(text).map_err(|fault| refused(fault.into()))?;
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let desk = Desk {
        cluster: &cluster,
        store: &store,
        pool: args.pool,
    };
    let (answers, reasons): (Vec<Response>, Vec<Option<Reason>>) = inquiry
        .subjects
        .iter()
        .map(|subject| desk.answer(subject))
        .collect::<Result<Vec<_>>>()?
        .into_iter()
        .unzip();
    let (date, minute) = acknowledge::now()?;
    let envelope = envelope_back(&inquiry.interchange, date, minute, args.control);
    let text = write_271(&inquiry, &answers, &envelope).map_err(refused)?;
    acknowledge::write(&args.out, &text)?;
    let subjects =
        inquiry
            .subjects
            .iter()
            .zip(&answers)
            .zip(&reasons)
            .map(|((subject, answer), reason)| Asked {
                trace: subject.trace.as_ref().map(|(number, _)| number.clone()),
                from: Day(subject.days.0),
                to: Day(subject.days.1),
                answer: word(answer),
                reason: reason.map(Reason::code),
            });
    Answer::new(&Report {
        file: document::name(&args.out),
        subjects: subjects.collect(),
    })
}

fn word(answer: &Response) -> &'static str {
    match answer {
        Response::Covered(_) => "covered",
        Response::NotCovered { .. } => "not_covered",
        Response::Refused(Refusal::NotFound) => "not_found",
        Response::Refused(Refusal::DaysNotAnswered) => "days_not_answered",
        Response::Refused(Refusal::DependentsUnnumbered) => "dependents_unnumbered",
    }
}

/// Where answers come from.
struct Desk<'a> {
    cluster: &'a Cluster,
    store: &'a Store,
    pool: Pubkey,
}

impl Desk<'_> {
    /// The answer, and why the coverage is not in force where it is not.
    fn answer(&self, subject: &Subject) -> Result<(Response, Option<Reason>)> {
        let refused = |refusal| Ok((Response::Refused(refusal), None));
        if subject.is_dependent {
            return refused(Refusal::DependentsUnnumbered);
        }
        let address = match people::known(self.store, &self.pool, &subject.subscriber.id) {
            Err(error) if error.code == "member_unknown" => return refused(Refusal::NotFound),
            address => address?,
        };
        let Some(member) = people::find_member(self.cluster, &address)? else {
            return refused(Refusal::NotFound);
        };
        let (first, last) = subject.days;
        let from = people::day(member.covered_from)?.0;
        let to = people::day(member.covered_to)?.0;
        // Without an end, the last day of the calendar stands there.
        let end = Some(to).filter(|to| *to != Date::MAX);
        let not_covered = |reason| Ok((Response::NotCovered { from, to: end }, Some(reason)));
        if first < from {
            return not_covered(Reason::BeforeCoverage);
        }
        if last > to {
            return not_covered(Reason::AfterCoverage);
        }
        let year = u32::from(first.year());
        let plan: Plan = entity::get(self.cluster, &member.plan)?;
        let version = version::on(self.cluster, &member.plan, &plan, first)?;
        // A benefit period is a calendar year, and the ledger keeps four.
        let (Some((_, version)), true) =
            (version, last.year() == first.year() && member.keeps(year))
        else {
            return refused(Refusal::DaysNotAnswered);
        };
        let days = (first, last);
        if let Some(reason) = standing::objection(self.cluster, &address, &member, &version, days)?
        {
            return not_covered(reason);
        }
        let limits = figures::limits(self.cluster, &version.terms, &member, year)?;
        let covered = coverage(&version.terms, &limits, (from, end));
        Ok((Response::Covered(covered), None))
    }
}

fn coverage(
    terms: &PlanTerms,
    limits: &[figures::Limit],
    (from, to): (Date, Option<Date>),
) -> Coverage {
    Coverage {
        from,
        to,
        coinsurance_bps: terms.tiers.is_empty().then_some(terms.coinsurance_bps),
        copay: Cents::new(terms.copay),
        limits: limits.iter().map(limit).collect(),
    }
}

fn limit(limit: &figures::Limit) -> Limit {
    Limit {
        figure: match limit.figure {
            figures::Figure::Deductible => Figure::Deductible,
            figures::Figure::OutOfPocket => Figure::OutOfPocket,
            figures::Figure::AnnualMaximum => Figure::AnnualMaximum,
            figures::Figure::LifetimeMaximum => Figure::LifetimeMaximum,
        },
        is_family: limit.is_family,
        in_network: limit.in_network,
        amount: Cents::new(limit.most),
        remaining: Cents::new(limit.most.saturating_sub(limit.used)),
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(f, "Wrote {}.", self.file)?;
        let mut rows = table(&["Trace", "From", "To", "Answer"], &[]);
        for asked in &self.subjects {
            rows.add_row([
                asked.trace.clone().unwrap_or_default(),
                asked.from.0.to_string(),
                asked.to.0.to_string(),
                match asked.reason.and_then(Reason::from_code) {
                    Some(reason) => format!("not covered: {}", reason.text()),
                    None => asked.answer.replace('_', " "),
                },
            ]);
        }
        write!(f, "{rows}")
    }
}
