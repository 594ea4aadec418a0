//! `galen claim recoup`

use std::fmt;

use anchor_lang::Discriminator;
use claims::state::{Claim, ClaimRecoupment, Pool};
use claims::{accounts, instruction};
use galen_rules::merkle::{Level, Subtree};
use provenance::state::{decode_zero_copy, Bond, Dispense, DispenseKind, Recoupment};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::change::Change;
use crate::chain::entity::{self, offset};
use crate::chain::goods::{zero_copy, Goods};
use crate::chain::instruction as instruction_of;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::text::facts;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Flags of `galen claim recoup`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim recoup CLAIM

By anybody, once the pack that the claim has paid for is recalled in class I or II, or in a class that is not set yet, and where a bond
covers its batch. What the bond lacks it owes: run it again after a deposit, and the pool gets the rest.")]
pub struct Args {
    /// The claim's address
    #[arg(value_name = "CLAIM")]
    claim: Pubkey,
}

/// As JSON: `{"claim": "...", "bond": "...", "due": 12500, "recouped": 12500, "counted": 12500}`; money is cents.
#[derive(Serialize)]
struct View {
    claim: String,
    bond: String,
    due: u64,
    recouped: u64,
    counted: u64,
}

impl View {
    fn read(cluster: &Cluster, claim: &Pubkey) -> Result<Self> {
        let record: ClaimRecoupment =
            entity::get(cluster, &ClaimRecoupment::find_address(claim).0)?;
        let recoupment = recoupment(cluster, &record)?;
        Ok(Self {
            claim: claim.to_string(),
            bond: recoupment.bond.to_string(),
            due: record.due,
            recouped: recoupment.recouped,
            counted: record.counted,
        })
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Claim", self.claim.clone()),
                ("Bond", self.bond.clone()),
                ("Owed by the bond", money(self.due)),
                ("Paid by it", money(self.recouped)),
                ("Counted by the pool", money(self.counted)),
            ],
        )
    }
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `not_dispensed`, `not_covered`, and the programs' refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (address, _) = ClaimRecoupment::find_address(&args.claim);
    match entity::find::<ClaimRecoupment>(session.cluster(), &address)? {
        None => ask(args, &session, address),
        Some(record) => rest(args, &session, address, &record),
    }
}

/// Has the bond asked.
fn ask(args: &Args, session: &Session, address: Pubkey) -> Result<Answer> {
    let cluster = session.cluster();
    let claim: Claim = entity::get(cluster, &args.claim)?;
    let pool: Pool = entity::get(cluster, &claim.pool)?;
    let (dispense_address, dispense) = dispense_for(cluster, &args.claim)?;
    let goods = Goods::read(cluster, dispense.batch)?;
    if !goods.batch.is_covered() {
        let message = format!("No bond covers the batch {}.", goods.address);
        return Err(CliError::new("not_covered", message));
    }
    let bond: Bond = entity::get(cluster, &goods.batch.bond)?;
    let pack = Subtree {
        level: Level::Pack,
        index: dispense.index,
    };
    let [pack_node, case_node, pallet_node, batch_node] = goods.path(pack)?;
    let unknown = || CliError::new("place_unknown", "The batch has no such pack.");
    let accounts = accounts::RecoupClaim {
        payer: session.key(),
        pool: claim.pool,
        claim: args.claim,
        record: address,
        vault: pool.vault,
        mint: pool.mint,
        token_program: pool.token_program,
        dispense: dispense_address,
        batch: goods.address,
        page: goods.page_of(pack).ok_or_else(unknown)?,
        pack_node: pack_node.ok_or_else(unknown)?,
        case_node: case_node.ok_or_else(unknown)?,
        pallet_node: pallet_node.ok_or_else(unknown)?,
        batch_node: batch_node.ok_or_else(unknown)?,
        recoupment: Recoupment::address(&goods.address, pack),
        bond: goods.batch.bond,
        bond_vault: bond.vault,
        provenance_program: provenance::ID,
        provenance_events: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Have a bond pay back what a claim has paid")
        .with("claim", args.claim)
        .with("paid", money(claim.totals.paid))
        .with("bond", goods.batch.bond)
        .with("at most for a pack", money(goods.batch.cover));
    let receipt = session.perform(&intent, claims::ID, &accounts, &instruction::RecoupClaim {})?;
    Answer::new(&Change::created(View::read(cluster, &args.claim)?, receipt))
}

/// Has the bond pay what it still owes, and the pool count what has arrived.
fn rest(
    args: &Args,
    session: &Session,
    address: Pubkey,
    record: &ClaimRecoupment,
) -> Result<Answer> {
    let cluster = session.cluster();
    let recoupment = recoupment(cluster, record)?;
    if record.counted == record.due {
        return Answer::new(&Change::unchanged(View::read(cluster, &args.claim)?));
    }
    let mut instructions = Vec::new();
    if recoupment.lacking() > 0 {
        let bond: Bond = entity::get(cluster, &recoupment.bond)?;
        let accounts = provenance::accounts::PayRecoupment {
            recoupment: record.recoupment,
            bond: recoupment.bond,
            vault: bond.vault,
            payee: recoupment.payee,
            mint: bond.mint,
            token_program: bond.token_program,
            event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
            program: provenance::ID,
        };
        let data = provenance::instruction::PayRecoupment {};
        instructions.push(instruction_of(provenance::ID, &accounts, &data));
    }
    let accounts = accounts::CountRecoupment {
        pool: record.pool,
        record: address,
        recoupment: record.recoupment,
        vault: recoupment.payee,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    instructions.push(instruction_of(
        claims::ID,
        &accounts,
        &instruction::CountRecoupment {},
    ));
    let intent = Intent::new("Have a bond pay what it still owes for a claim")
        .with("claim", args.claim)
        .with("owed", money(recoupment.lacking()))
        .with("bond", recoupment.bond);
    let receipt = session.execute(&intent, &instructions, &[])?;
    Answer::new(&Change::changed(View::read(cluster, &args.claim)?, receipt))
}

fn recoupment(cluster: &Cluster, record: &ClaimRecoupment) -> Result<Recoupment> {
    zero_copy(cluster, &record.recoupment, "recoupment")?.ok_or_else(|| {
        let message = format!(
            "The record {} of the claim's recoupment was closed with its batch.",
            record.recoupment
        );
        CliError::new("not_found", message)
    })
}

/// The dispense of a pack for a claim.
fn dispense_for(cluster: &Cluster, claim: &Pubkey) -> Result<(Pubkey, Dispense)> {
    entity::raw(
        cluster,
        &provenance::ID,
        Dispense::DISCRIMINATOR,
        &[(offset::DISPENSE_CLAIM, *claim)],
    )?
    .into_iter()
    .filter_map(|(address, account)| Some((address, decode_zero_copy(&account.data).ok()?)))
    // A pharmacy may have kept other packs for it too.
    .find(|(_, dispense): &(Pubkey, Dispense)| dispense.kind() == DispenseKind::Dispensed)
    .ok_or_else(|| {
        let message = format!("No pack is recorded as dispensed for the claim {claim}.");
        CliError::new("not_dispensed", message)
    })
}
