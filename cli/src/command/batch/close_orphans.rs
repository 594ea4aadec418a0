//! `galen batch close-orphans`

use std::fmt;

use anchor_lang::{Discriminator, ZeroCopy};
use provenance::state::{
    ClosedBatch, Dispense, Monitor, Node, RecallList, Recoupment, Scan, Shipment,
};
use provenance::{accounts, instruction};
use serde::Serialize;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::chain::change::{Change, Outcome};
use crate::chain::goods::records;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::text::facts;
use crate::chain::{entity, instruction as instruction_of};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Records closed in one transaction: two accounts more for each, of which a legacy transaction holds 30.
const TOGETHER: usize = 10;

/// Flags of `galen batch close-orphans`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch close-orphans BATCH

By anybody, once the batch is closed: records of places, dispenses, shipments, monitors, scans and recoupments; the rent of each goes back to who
paid it. A recoupment that the bond has not paid in full stays until it has (`galen bond deposit`, `galen claim recoup`). Running it again is
fine.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
}

/// As JSON: `{"batch": "...", "closed": 3, "returned": 8156160, "owed": [{"recoupment": "...", "claim": "...", "cents": 2500}]}`;
/// `returned` is lamports, `owed` are the recoupments that stay.
#[derive(Serialize)]
struct View {
    batch: String,
    closed: usize,
    returned: u64,
    owed: Vec<Owed>,
}

/// A recoupment that cannot be closed yet.
#[derive(Serialize)]
struct Owed {
    recoupment: String,
    claim: String,
    cents: u64,
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Batch", self.batch.clone()),
                ("Records closed", self.closed.to_string()),
                ("Given back", format!("{} lamports", self.returned)),
            ],
        )?;
        for owed in &self.owed {
            let Owed {
                recoupment, claim, ..
            } = owed;
            let cents = money(owed.cents);
            write!(
                f,
                "\nRecoupment {recoupment} stays: {cents} are owed for the claim {claim}"
            )?;
        }
        Ok(())
    }
}

/// What is still recorded of a batch.
struct Orphan {
    address: Pubkey,
    payer: Pubkey,
    lamports: u64,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `wrong_account` where the batch is not closed, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    entity::get::<ClosedBatch>(cluster, &args.batch)?;
    let (recoupments, owed) = recoupments(cluster, &args.batch)?;
    let mut orphans = others(cluster, &args.batch)?;
    orphans.extend(recoupments);
    let view = View {
        batch: args.batch.to_string(),
        closed: orphans.len(),
        returned: orphans.iter().map(|orphan| orphan.lamports).sum(),
        owed,
    };
    if orphans.is_empty() {
        return Answer::new(&Change::unchanged(view));
    }
    let intent = Intent::new("Close what is still recorded of a closed batch")
        .with("batch", args.batch)
        .with("records", orphans.len());
    session.ledger.confirm(&intent)?;
    let mut receipts = Vec::new();
    for some in orphans.chunks(TOGETHER) {
        let close: Vec<Instruction> = some
            .iter()
            .map(|orphan| {
                let accounts = accounts::CloseOrphan {
                    batch: args.batch,
                    record: orphan.address,
                    payer: orphan.payer,
                    event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
                    program: provenance::ID,
                };
                instruction_of(provenance::ID, &accounts, &instruction::CloseOrphan {})
            })
            .collect();
        receipts.push(session.send(intent.title(), &close, &[])?);
    }
    Answer::new(&Change::by(Outcome::Changed, view, receipts))
}

/// Everything but recoupments.
fn others(cluster: &Cluster, batch: &Pubkey) -> Result<Vec<Orphan>> {
    let mut orphans = of::<Node>(cluster, batch, |record| record.payer)?;
    orphans.extend(of::<RecallList>(cluster, batch, |record| record.payer)?);
    orphans.extend(of::<Dispense>(cluster, batch, |record| record.payer)?);
    orphans.extend(of::<Shipment>(cluster, batch, |record| record.payer)?);
    orphans.extend(of::<Monitor>(cluster, batch, |record| record.payer)?);
    orphans.extend(of::<Scan>(cluster, batch, |record| record.payer)?);
    Ok(orphans)
}

/// The recoupments that are paid, and those on which the bond still owes, which the program does not close.
fn recoupments(cluster: &Cluster, batch: &Pubkey) -> Result<(Vec<Orphan>, Vec<Owed>)> {
    let (mut paid, mut owed) = (Vec::new(), Vec::new());
    for (address, record, lamports) in records::<Recoupment>(cluster, batch)? {
        match record.lacking() {
            0 => paid.push(Orphan {
                address,
                payer: record.payer,
                lamports,
            }),
            cents => owed.push(Owed {
                recoupment: address.to_string(),
                claim: record.claim.to_string(),
                cents,
            }),
        }
    }
    Ok((paid, owed))
}

fn of<T: ZeroCopy + Discriminator>(
    cluster: &Cluster,
    batch: &Pubkey,
    payer: fn(&T) -> Pubkey,
) -> Result<Vec<Orphan>> {
    let found = records::<T>(cluster, batch)?;
    Ok(found
        .into_iter()
        .map(|(address, record, lamports)| Orphan {
            address,
            payer: payer(&record),
            lamports,
        })
        .collect())
}
