//! `galen claim recoup`

use std::fmt;

use anchor_lang::{AccountDeserialize, Discriminator};
use claims::instructions::RecoupClaimArgs;
use claims::state::{ArchivedClaim, Claim, ClaimRecoupment, Pool};
use claims::{accounts, instruction};
use galen_rules::merkle::{Level, Subtree};
use provenance::state::{decode_zero_copy, Bond, Dispense, DispenseKind, Recoupment};
use serde::Serialize;
use solana_instruction::AccountMeta;
use solana_pubkey::Pubkey;

use crate::chain::change::Change;
use crate::chain::entity::{self, offset};
use crate::chain::goods::{zero_copy, Goods};
use crate::chain::instruction as instruction_of;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::text::{facts, unhex_array};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Flags of `galen claim recoup`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim recoup CLAIM
  galen claim recoup CLAIM --pool POOL --provider PROVIDER --claim-id DIGITS   once it is archived

By anybody, once the pack that the claim has paid for has been recalled for 72 hours, in class I or II or in a class that is not set yet,
and where a bond covers its batch. The claim has one line, the pack. One that was adjudicated anew gets back what it paid for the pack of the claim in whose
place it stands, or, where that one has asked before, what it paid more; where that is nothing, it is only noted what has come back of
the pack, for the treaty that counts the claim. What the bond lacks it owes: run it again after a deposit, and the pool gets the rest. Where there is nothing to pay or to count, nothing is sent.")]
pub struct Args {
    /// The claim's address
    #[arg(value_name = "CLAIM")]
    claim: Pubkey,

    /// The pool that paid an archived claim, whose account does not tell it any more
    #[arg(long, value_name = "POOL", requires_all = ["provider", "claim_id"])]
    pool: Option<Pubkey>,

    /// The provider of an archived claim
    #[arg(long, value_name = "PROVIDER", requires = "pool")]
    provider: Option<Pubkey>,

    /// The provider's identifier of an archived claim, 32 hexadecimal digits
    #[arg(long, value_name = "DIGITS", requires = "pool", value_parser = identifier)]
    claim_id: Option<[u8; 16]>,
}

fn identifier(digits: &str) -> std::result::Result<[u8; 16], String> {
    unhex_array(digits).ok_or_else(|| "an identifier has 32 hexadecimal digits".to_owned())
}

/// As JSON: `{"claim": "...", "bond": "...", "due": 12500, "recouped": 12500, "counted": 12500}`; money is cents. `bond` is null once
/// its record of the pack was closed with the batch, as it may be when all is paid.
#[derive(Serialize)]
struct View {
    claim: String,
    bond: Option<String>,
    due: u64,
    recouped: u64,
    counted: u64,
}

impl View {
    fn read(cluster: &Cluster, claim: &Pubkey) -> Result<Self> {
        let record: ClaimRecoupment =
            entity::get(cluster, &ClaimRecoupment::find_address(claim).0)?;
        // Closed with its batch, once everything was paid.
        let recoupment = recoupment(cluster, &record)?;
        let bond = recoupment.map(|recoupment| recoupment.bond.to_string());
        Ok(Self {
            claim: claim.to_string(),
            bond,
            due: record.due,
            recouped: recouped(&record, recoupment.as_ref()),
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
                (
                    "Bond",
                    self.bond
                        .clone()
                        .unwrap_or_else(|| "closed with the batch".to_owned()),
                ),
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
/// `not_found`, `claim_archived`, `not_dispensed`, `not_covered`, and the programs' refusals.
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
    let filed = Filed::read(args, cluster)?;
    let pool: Pool = entity::get(cluster, &filed.pool)?;
    let (dispense_address, dispense) = filed.dispense;
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
        pool: filed.pool,
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
        .with("paid", money(filed.paid))
        .with("bond", goods.batch.bond)
        .with("at most for a pack", money(goods.batch.cover));
    let data = instruction::RecoupClaim {
        args: RecoupClaimArgs {
            provider: filed.provider,
            claim_id: filed.claim_id,
            originals: filed.originals.iter().map(|(id, _)| *id).collect(),
        },
    };
    let mut recoup = instruction_of(claims::ID, &accounts, &data);
    let originals = filed.originals.iter();
    recoup
        .accounts
        .extend(originals.map(|(_, key)| AccountMeta::new_readonly(*key, false)));
    let receipt = session.execute(&intent, &[recoup], &[])?;
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
    let unchanged = || Answer::new(&Change::unchanged(View::read(cluster, &args.claim)?));
    if record.counted == record.due && record.earlier == record.before {
        return unchanged();
    }
    // Closed with its batch, once everything was paid.
    let recoupment = recoupment(cluster, record)?;
    let recouped = recouped(record, recoupment.as_ref());
    let earlier = recoupment.map_or(record.before, |recoupment| {
        recoupment.recouped.min(record.before)
    });
    let mut paying = None;
    if let Some(recoupment) = recoupment.filter(|recoupment| recoupment.lacking() > 0) {
        let bond: Bond = entity::get(cluster, &recoupment.bond)?;
        if bond.held().map_err(|_| odd(&recoupment.bond))? > 0 {
            paying = Some((recoupment, bond));
        }
    }
    // Others may have had the bond pay: that only has to be counted.
    if paying.is_none() && recouped == record.counted && earlier == record.earlier {
        return unchanged();
    }
    let pool: Pool = entity::get(cluster, &record.pool)?;
    let mut instructions = Vec::new();
    let mut intent = Intent::new("Have a pool count what a bond has paid for a claim")
        .with("claim", args.claim)
        .with("not counted yet", money(record.lacking()));
    if let Some((recoupment, bond)) = paying {
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
        intent = Intent::new("Have a bond pay what it still owes for a claim")
            .with("claim", args.claim)
            .with("owed", money(recoupment.lacking()))
            .with("bond", recoupment.bond);
    }
    let accounts = accounts::CountRecoupment {
        pool: record.pool,
        record: address,
        recoupment: record.recoupment,
        vault: pool.vault,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    instructions.push(instruction_of(
        claims::ID,
        &accounts,
        &instruction::CountRecoupment {},
    ));
    let receipt = session.execute(&intent, &instructions, &[])?;
    Answer::new(&Change::changed(View::read(cluster, &args.claim)?, receipt))
}

fn odd(bond: &Pubkey) -> CliError {
    CliError::new(
        "wrong_account",
        format!("The bond {bond} has paid more than it had."),
    )
}

/// The bond's record, unless it was closed with the batch; then there may be another claim's at its address.
fn recoupment(cluster: &Cluster, record: &ClaimRecoupment) -> Result<Option<Recoupment>> {
    let found: Option<Recoupment> = zero_copy(cluster, &record.recoupment, "recoupment")?;
    Ok(found.filter(|recoupment| recoupment.claim == record.original))
}

/// What of the claim's share the bond has paid, in cents. Its record of the pack is closed only once it has paid all.
fn recouped(record: &ClaimRecoupment, recoupment: Option<&Recoupment>) -> u64 {
    recoupment.map_or(record.due, |recoupment| {
        record.share_of(recoupment.recouped)
    })
}

/// The claim, how its address is made, and the pack that was dispensed for it.
struct Filed {
    pool: Pubkey,
    provider: Pubkey,
    claim_id: [u8; 16],
    /// What it has paid, in cents.
    paid: u64,
    /// The claims that it stands in the place of, by identifier and address, down to the one that the pack was dispensed for.
    originals: Vec<([u8; 16], Pubkey)>,
    dispense: (Pubkey, Dispense),
}

impl Filed {
    fn read(args: &Args, cluster: &Cluster) -> Result<Self> {
        let not_dispensed = || {
            let message = format!(
                "No pack is recorded as dispensed for the claim {}.",
                args.claim
            );
            CliError::new("not_dispensed", message)
        };
        let account = cluster.account(&args.claim)?;
        let data = account
            .as_ref()
            .map_or(&[][..], |account| account.data.as_slice());
        if data.starts_with(ArchivedClaim::DISCRIMINATOR) {
            let message =
                "The claim is archived: say of which --pool, --provider and --claim-id it was.";
            let missing = || CliError::new("claim_archived", message);
            let archived = ArchivedClaim::try_deserialize(&mut &*data).map_err(|_| missing())?;
            return Ok(Self {
                pool: args.pool.ok_or_else(missing)?,
                provider: args.provider.ok_or_else(missing)?,
                claim_id: args.claim_id.ok_or_else(missing)?,
                paid: archived.recoupable,
                originals: Vec::new(),
                dispense: dispense_for(cluster, &args.claim)?.ok_or_else(not_dispensed)?,
            });
        }
        let claim: Claim = entity::get(cluster, &args.claim)?;
        let mut replaces = claim.replaces;
        let mut originals = Vec::new();
        let mut dispense = dispense_for(cluster, &args.claim)?;
        while dispense.is_none() && replaces != [0; 16] {
            let address = Claim::find_address(&claim.pool, &claim.provider, &replaces).0;
            originals.push((replaces, address));
            dispense = dispense_for(cluster, &address)?;
            if dispense.is_none() {
                replaces = entity::get::<Claim>(cluster, &address)?.replaces;
            }
        }
        Ok(Self {
            pool: claim.pool,
            provider: claim.provider,
            claim_id: claim.claim_id,
            paid: claim.totals.paid,
            originals,
            dispense: dispense.ok_or_else(not_dispensed)?,
        })
    }
}

/// The dispense of a pack for a claim; none where there is none.
fn dispense_for(cluster: &Cluster, claim: &Pubkey) -> Result<Option<(Pubkey, Dispense)>> {
    let found = entity::raw(
        cluster,
        &provenance::ID,
        Dispense::DISCRIMINATOR,
        &[(offset::DISPENSE_CLAIM, *claim)],
    )?;
    Ok(found
        .into_iter()
        .filter_map(|(address, account)| Some((address, decode_zero_copy(&account.data).ok()?)))
        .find(|(_, dispense)| is_of_a_pack(dispense)))
}

/// Whether a pack was dispensed. Any pharmacy can reserve one for any claim, which is no reason to pay.
fn is_of_a_pack(dispense: &Dispense) -> bool {
    dispense.kind() == DispenseKind::Dispensed && dispense.level == 0
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable;

    use super::*;

    #[test]
    fn only_a_pack_that_was_dispensed_is_paid_back() {
        let mut dispense = Dispense::zeroed();
        assert!(is_of_a_pack(&dispense));
        dispense.level = 1;
        assert!(!is_of_a_pack(&dispense), "a case");
        dispense.level = 0;
        dispense.reserve(1);
        assert!(!is_of_a_pack(&dispense), "only reserved");
    }
}
