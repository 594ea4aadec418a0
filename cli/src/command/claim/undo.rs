//! `galen claim undo`

use claims::instructions::UndoClaimArgs;
use claims::state::{Claim, History, PackCommitment};
use claims::{accounts, instruction};
use provenance::state::Dispense;
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::command::pack::dispense::record;
use crate::command::pack::named::Named;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen claim undo`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim undo ADDRESS BATCH batch.leaves --serial SN00000001

By the pharmacy that dispensed it, within ten days, where the pack has not been handed out and is neither expired, recalled,
stolen nor set aside. The pack can be sold again; the claim, or the one that stands in its place, is taken back, and what it was
paid is owed. Neither is done without the other. Running it again after it was done is fine.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
    #[command(flatten)]
    named: Named,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Runs the command.
///
/// # Errors
/// Those of the leaf file, `not_found`, and the refusals of either program.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    session
        .cluster()
        .require_private(args.people.public_ledger_accepted)?;
    let case = Case::open(session, args.address)?;
    let cluster = case.session.cluster();
    let claim = &case.claim;
    let (commitment_address, _) = PackCommitment::find_address(&args.address);
    let commitment: Option<PackCommitment> = entity::find(cluster, &commitment_address)?;
    if commitment.is_none() && claim.reversal_reason == Claim::PUT_BACK {
        return case.unchanged();
    }
    let pack = args.named.find(cluster)?;
    let dispensed = record(cluster, &pack)?;
    let [pack_node, case_node, pallet_node, batch_node] = pack.records()?;
    let replacement = (claim.course.replaced_by != [0; 16])
        .then(|| Claim::find_address(&claim.pool, &claim.provider, &claim.course.replaced_by).0);
    let plan_version = match replacement {
        Some(address) => entity::get::<Claim>(cluster, &address)?.plan_version,
        None => claim.plan_version,
    };
    let accounts = accounts::UndoClaim {
        operator: case.session.key(),
        operator_record: case
            .session
            .staff(&claim.provider, Permission::DispensePack)?,
        provider: claim.provider,
        pool: claim.pool,
        agreement: case.agreement()?.0,
        plan_version,
        member: claim.member,
        history: History::find_address(&claim.member).0,
        claim: args.address,
        replacement,
        pack: commitment_address,
        pack_payer: commitment.map_or_else(Pubkey::default, |commitment| commitment.payer),
        vault: case.pool.vault,
        batch: pack.goods.address,
        page: pack.goods.page_of(pack.place).unwrap_or_default(),
        pack_node,
        case_node,
        pallet_node,
        batch_node,
        dispense: Dispense::address(&pack.goods.address, pack.place),
        dispense_payer: dispensed.payer,
        provenance_program: provenance::ID,
        provenance_events: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Undo a dispense and take its claim back")
        .with("claim", args.address)
        .with("serial", args.named.serial())
        .with("plan paid", money(claim.totals.paid));
    let data = instruction::UndoClaim {
        args: UndoClaimArgs {
            index: pack.place.index,
        },
    };
    case.execute_for_member(&intent, &accounts, &data, &[])
}
