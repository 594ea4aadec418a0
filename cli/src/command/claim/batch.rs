//! `galen claim batch`: files the claims of a file, each once, whatever happened before.
//!
//! Every document is checked first. Each gets a number that stands in the journal before anything is sent: the one that it
//! has there, else one that follows from the document and the provider's key, so that a lost journal is no loss. Then the
//! ledger is asked which claims it has, and the others are sent, in waves. A run that is killed is simply begun again: what
//! landed stands there under its number, and what is sent twice lands once, because an address can be taken only once.

mod deliver;
mod desk;
mod members;
mod order;
mod report;
pub mod source;
mod standing;

use std::collections::BTreeMap;
use std::path::PathBuf;

use solana_pubkey::Pubkey;

use self::deliver::Fate;
use self::desk::Desk;
use self::members::Members;
use self::report::{Fault, Report};
use self::source::{Format, Frame};
use super::remark::Finder;
use super::submission::Parties;
use super::submit::currency;
use crate::chain::intent::Intent;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::document;
use crate::error::Result;
use crate::output::{money, write_report, Answer};
use crate::send::Cost;

/// Flags of `galen claim batch`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim batch claims.ndjson --pool POOL --provider CLINIC --members members.csv --dry-run
  galen claim batch claims.ndjson --pool POOL --provider CLINIC --members members.csv --yes --report report.csv
  galen claim batch bundle.json --pool POOL --provider CLINIC --members members.csv --skip-invalid
  galen claim batch day.837 --pool POOL --provider CLINIC --members members.csv

FILE is a FHIR R4 Bundle, has a FHIR R4 Claim on each line (NDJSON), or is an X12 interchange of 837P claims. MEMBERS.csv says
what proves each patient's part:
  patient,ticket                or  patient,keypair,member
  M-4711,tickets/m-4711.json        M-4711,keys/m-4711.json,MEMBER
`patient` is the identifier by which documents name the patient; in X12 the subscriber's number, of a dependent that number,
the relation (PAT01), last and first name: `M-4711 19 TESTCHILD BETA`. Several rows of one patient may have several tickets.

Should it be killed, run it again, by two people at once if need be: each claim lands once. Of two people with stores of
their own, one imports the other's `galen store export` first. The exit code is 1 where something is wrong and not skipped, or has failed;
claims that were denied or wait are no failure.")]
pub struct Args {
    /// The claims; - is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    /// The provider's organization, by its address or id
    #[arg(long, value_name = "KEY")]
    provider: Pubkey,
    /// What proves each patient's part
    #[arg(long, value_name = "MEMBERS.csv")]
    members: PathBuf,
    /// How FILE holds its claims [default: by how it begins, its name and its first line]
    #[arg(long, value_name = "FORMAT")]
    format: Option<Format>,
    /// Leave out documents and rows that are wrong, and file the others
    #[arg(long)]
    skip_invalid: bool,
    /// Check everything, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Write what became of each claim to this file; CSV, or JSON where its name ends in .json
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `no_claims`, `no_agreement`, `agreement_not_active`, `cluster_unreachable`, `undecided`,
/// `report_unwritable`. What single claims are refused for stands in the answer.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    session
        .cluster()
        .require_private(args.people.public_ledger_accepted)?;
    let desk = Desk::open(&session, args.pool, &args.provider)?;
    let mut members = Members::read(&args.members, &args.pool, &desk.provider)?;
    let parties = desk.parties(&members.addresses())?;
    let mut faults = std::mem::take(&mut members.faults);
    let currency = match parties.values().find_map(|found| found.as_ref().ok()) {
        Some(one) => currency(session.cluster(), one)?,
        None => {
            // Nobody is there to file for, but what is wrong with the documents is said with the rest.
            faults.extend(parties.values().filter_map(|found| {
                let error = found.as_ref().err()?.clone();
                Some(Fault::of(document::name(&args.members), error))
            }));
            desk.currency()?
        }
    };
    let report = file(args, &desk, &members, &parties, &currency, faults)?;
    if let Some(path) = &args.report {
        write_report(path, &report, &report.csv())?;
    }
    Ok(Answer::new(&report)?.with_success(report.is_success()))
}

/// Reads, checks, asks, and files.
fn file(
    args: &Args,
    desk: &Desk,
    members: &Members,
    parties: &BTreeMap<Pubkey, Result<Parties>>,
    currency: &str,
    mut faults: Vec<Fault>,
) -> Result<Report> {
    let session = desk.session;
    let frame = Frame {
        currency,
        in_network: desk.agreement.terms.in_network,
    };
    let items = source::read(&args.file, args.format, &frame)?;
    let documents = items.len();
    let (mut orders, wrong) = order::check(desk, members, parties, items)?;
    faults.extend(wrong);
    let is_nobody_known = parties.values().all(Result::is_err);
    if is_nobody_known || !faults.is_empty() && !args.skip_invalid {
        return Ok(Report::stopped(documents, faults));
    }
    order::number(desk, &mut orders, !args.dry_run)?;
    let mut fates = deliver::look(desk, &orders)?;
    let missing: Vec<u64> = orders
        .iter()
        .zip(&fates)
        .filter(|(_, fate)| !fate.standing.has_landed())
        .map(|(order, _)| order.submission.charge)
        .collect();
    if !args.dry_run && !missing.is_empty() {
        let charge = missing.iter().copied().fold(0, u64::saturating_add);
        session.ledger.confirm(
            &Intent::new("Submit claims")
                .with("file", document::name(&args.file))
                .with("pool", args.pool)
                .with("provider", desk.provider)
                .with("claims", missing.len())
                .with("charge", format!("{} {currency}", money(charge))),
        )?;
        let notes = session.ledger.settings.notes;
        let bar = notes.bar(missing.len() as u64, "Submitting claims");
        let delivered = deliver::deliver(desk, &mut orders, &mut fates, &bar);
        bar.finish_and_clear();
        delivered?;
    }
    let costs = costs(desk, &fates);
    Report::of(
        documents,
        &orders,
        fates,
        &costs,
        faults,
        args.dry_run,
        &mut Finder::new(session.cluster()),
    )
}

/// What the transactions have cost, as far as the cluster remembers them.
fn costs(desk: &Desk, fates: &[Fate]) -> BTreeMap<String, Cost> {
    let signatures: Vec<String> = fates
        .iter()
        .flat_map(|fate| fate.signatures.iter().cloned())
        .collect();
    let costs = desk.session.ledger.costs(&signatures);
    signatures
        .into_iter()
        .zip(costs)
        .filter_map(|(signature, cost)| Some((signature, cost?)))
        .collect()
}
