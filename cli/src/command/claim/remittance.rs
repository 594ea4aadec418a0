//! `galen claim remittance` and `galen claim payment`: what a transaction settled, as an X12 835 and as it is.

mod accounts;
mod documents;
mod parties;
mod payment;

use std::fmt;
use std::path::PathBuf;

use galen_documents::Money;
use galen_rules::{Cents, Date};
use galen_x12::interchange::Usage;
use galen_x12::remittance::{Processed, Remittance, RemittanceNumber};
use galen_x12::writer::Envelope;
use registry::state::Organization;
use serde::Serialize;
use solana_pubkey::Pubkey;

use self::payment::{Payment, Reference};
use crate::chain::entity;
use crate::chain::text::{facts, hex};
use crate::cluster::Cluster;
use crate::command::claim::acknowledge;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};
use crate::store::Store;

const SECONDS_PER_DAY: i64 = 86_400;

/// Flags of `galen claim remittance`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim remittance SIGNATURE --parties parties.json --document day.837 --out payment.835
  galen claim remittance 345678901-0123456789ABCDEF0123456789AB --parties parties.json --plan plan.json --out payment.835

SIGNATURE is the transaction that settled the claims: one payment, one remittance. TRN02 of the remittance is its number
(slot and beginning of the signature), by which the transaction is found again. The claims' documents name codes,
modifiers and the provider's numbers; a plan names codes alone. Money that does not balance is not written.")]
pub struct Args {
    /// The transaction that settled: its signature, or the number of its remittance
    #[arg(value_name = "SIGNATURE")]
    reference: Reference,
    /// Payer and payee as an 835 names them, and their numbers in interchanges
    #[arg(long, value_name = "PARTIES")]
    parties: PathBuf,
    /// Claims of the payment, in any form; can be given several times
    #[arg(long, value_name = "CLAIM")]
    document: Vec<PathBuf>,
    /// A plan whose codes name those of claims without a document; can be given several times
    #[arg(long, value_name = "PLAN")]
    plan: Vec<PathBuf>,
    /// Where the remittance is written
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Mark the interchange as a test (ISA15 = T)
    #[arg(long)]
    test: bool,
}

/// Flags of `galen claim payment`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim payment SIGNATURE
  galen claim payment 345678901-0123456789ABCDEF0123456789AB

What a transaction settled, found by its signature or by TRN02 of the remittance about it.")]
pub struct PaymentArgs {
    /// The transaction's signature, or the number of its remittance
    #[arg(value_name = "SIGNATURE")]
    reference: Reference,
}

/// What a transaction settled.
#[derive(Serialize)]
struct PaymentReport {
    /// TRN02 of the remittance about it.
    number: String,
    signature: String,
    slot: u64,
    pool: String,
    /// The provider's organization account.
    provider: String,
    /// When, as a Unix time.
    paid_at: i64,
    /// What moved.
    paid: Money,
    claims: Vec<SettledClaim>,
}

#[derive(Serialize)]
struct SettledClaim {
    /// The claim's account.
    address: String,
    /// The number of the claim, CLP07.
    claim_id: String,
    /// Whether it was taken back.
    reversed: bool,
    /// Whether a part of it was paid, and the rest is by another transaction.
    in_part: bool,
    /// What the plan owes for it.
    paid: Money,
    /// What of it moved.
    moved: Money,
    /// What of it was kept back for what the provider owed.
    offset: Money,
    interest: Money,
}

/// What was written.
#[derive(Serialize)]
struct Report {
    number: String,
    signature: String,
    file: String,
    claims: usize,
    reversals: usize,
    charge: Money,
    /// Σ CLP04 of claims that were paid.
    awarded: Money,
    /// BPR02.
    paid: Money,
    interest: Money,
    #[serde(skip)]
    currency: String,
}

/// Shows what a transaction settled.
///
/// # Errors
/// Those of [`Payment::read`].
pub fn show(args: &PaymentArgs, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let payment = Payment::read(&cluster, &args.reference)?;
    let claims = payment.claims.iter().map(|settled| SettledClaim {
        address: settled.address.to_string(),
        claim_id: hex(&settled.claim.claim_id),
        reversed: settled.reversed,
        in_part: settled.in_part,
        moved: cents(settled.moved),
        paid: cents(settled.claim.totals.paid),
        offset: cents(settled.offset),
        interest: cents(settled.interest),
    });
    Answer::new(&PaymentReport {
        number: payment.number.to_string(),
        signature: payment.signature.to_string(),
        slot: payment.number.slot,
        pool: payment.pool.to_string(),
        provider: payment.provider.to_string(),
        paid_at: payment.at,
        paid: cents(payment.paid),
        claims: claims.collect(),
    })
}

/// Writes the remittance.
///
/// # Errors
/// Those of [`Payment::read`], of the documents, `code_unknown`, `ambiguous_document`, `unbalanced`, `file_exists`,
/// `file_unwritable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let named = parties::read(&args.parties)?;
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let payment = Payment::read(&cluster, &args.reference)?;
    let provider: Organization = entity::get(&cluster, &payment.provider)?;
    let ledger = accounts::Ledger::of(&cluster, &store, &payment)?;
    let names = documents::Names::read(args, &ledger)?;
    let date = day_of(payment.at)?;
    let remittance = Remittance {
        number: payment.number.to_string(),
        paid: Cents::new(payment.paid),
        paid_on: date,
        currency: ledger.currency.clone(),
        payer: named.payer(),
        payee: named.payee(&provider)?,
        claims: ledger.claims(&payment, &names)?,
        adjustments: accounts::provider_adjustments(&payment)?,
    };
    let seconds = payment.at.rem_euclid(SECONDS_PER_DAY);
    let envelope = Envelope {
        sender: named.payer.interchange.identity(),
        receiver: named.payee.interchange.identity(),
        date,
        minute: u16::try_from(seconds / 60).unwrap_or_default(),
        control: payment.number.control(),
        usage: if args.test {
            Usage::Test
        } else {
            Usage::Production
        },
    };
    let text = remittance
        .write(&envelope)
        .map_err(|problem| CliError::in_document("The remittance", problem))?;
    acknowledge::write(&args.out, &text)?;
    let reversals = remittance
        .claims
        .iter()
        .filter(|claim| claim.processed == Processed::Reversal);
    let paid = remittance
        .claims
        .iter()
        .filter(|claim| claim.processed != Processed::Reversal);
    let lines = || paid.clone().flat_map(|claim| &claim.lines);
    let sum = |amounts: &mut dyn Iterator<Item = Cents>| {
        cents(amounts.fold(0_u64, |sum, amount| sum.saturating_add(amount.get())))
    };
    Answer::new(&Report {
        number: remittance.number.clone(),
        signature: payment.signature.to_string(),
        file: document::name(&args.out),
        claims: remittance.claims.len(),
        reversals: reversals.count(),
        charge: sum(&mut lines().map(|line| line.charge)),
        awarded: sum(&mut lines().map(|line| line.paid)),
        paid: cents(payment.paid),
        interest: sum(&mut remittance.claims.iter().map(|claim| claim.interest)),
        currency: remittance.currency.clone(),
    })
}

fn day_of(unix: i64) -> Result<Date> {
    Date::from_unix(unix).ok_or_else(|| {
        CliError::new(
            "cluster_odd",
            format!("The cluster's clock says {unix}, which no calendar has."),
        )
    })
}

fn cents(amount: u64) -> Money {
    Money(Cents::new(amount))
}

impl fmt::Display for PaymentReport {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Remittance", self.number.clone()),
                ("Transaction", self.signature.clone()),
                ("Provider", self.provider.clone()),
                ("Moved", money(self.paid.0.get())),
            ],
        )?;
        for claim in &self.claims {
            let what = match (claim.reversed, claim.in_part) {
                (true, _) => "taken back",
                (false, true) => "paid a part of",
                (false, false) => "paid",
            };
            write!(
                f,
                "\n{} {what} {}",
                claim.address,
                money(claim.paid.0.get())
            )?;
            if claim.in_part {
                write!(f, ": {}", money(claim.moved.0.get()))?;
            }
            for (name, amount) in [("kept back", claim.offset), ("interest", claim.interest)] {
                if amount.0.get() > 0 {
                    write!(f, ", {name} {}", money(amount.0.get()))?;
                }
            }
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(
            f,
            "Wrote {}: remittance {} of {} {}, {} claims ({} taken back). It balances.",
            self.file,
            self.number,
            money(self.paid.0.get()),
            self.currency,
            self.claims,
            self.reversals
        )
    }
}

/// The number of the remittance about a transaction.
fn number(slot: u64, signature: &solana_signature::Signature) -> RemittanceNumber {
    RemittanceNumber::new(slot, &<[u8; 64]>::from(*signature))
}

/// The organization that a settled claim belongs to, with its pool: a remittance is of one of each.
type Relation = (Pubkey, Pubkey);
