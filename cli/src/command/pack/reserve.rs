//! `galen pack reserve`

use provenance::instructions::ReservePackArgs;
use provenance::state::Dispense;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::dispense::View;
use super::named::Named;
use crate::chain::change::Change;
use crate::chain::goods::argument;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::when::Span;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen pack reserve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pack reserve BATCH batch.leaves --serial SN00000001 --org PHARMACY --claim CLAIM --within 2d

Signed by an operator of the pharmacy with the permission dispense-pack. Until the reservation ends, at most seven days later, only
that claim's signature dispenses the pack. Running it again for the same claim is fine while it is in force.")]
pub struct Args {
    #[command(flatten)]
    named: Named,
    /// The pharmacy: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// The claim's address
    #[arg(long, value_name = "CLAIM")]
    claim: Pubkey,
    /// How long it is kept: at most 7d
    #[arg(long, value_name = "SPAN")]
    within: Span,
    /// Number of the pharmacy's credential
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    credential: u32,
}

/// Runs the command.
///
/// # Errors
/// Those of the leaf file, `credential_missing`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let pack = args.named.find(cluster)?;
    let (pharmacy, _) = resolve(cluster, &args.org)?;
    let goods = &pack.goods;
    let [pack_node, case_node, pallet_node, batch_node] = pack.records()?;
    let present = goods.dispense(cluster, pack.place)?.filter(|record| {
        record.is_reservation_in_force(session.now)
            && (record.claim, record.pharmacy) == (args.claim, pharmacy)
    });
    if let Some(present) = present {
        return Answer::new(&Change::unchanged(View::new(&pack, &present)));
    }
    let accounts = accounts::ReservePack {
        operator: session.key(),
        operator_record: session.staff(&pharmacy, Permission::DispensePack)?,
        pharmacy,
        credential: goods.credential(cluster, &pharmacy, args.credential)?,
        batch: goods.address,
        page: goods.page_of(pack.place).unwrap_or_default(),
        pack_node,
        case_node,
        pallet_node,
        batch_node,
        dispense: Dispense::address(&goods.address, pack.place),
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::ReservePack {
        args: ReservePackArgs {
            proof: argument(goods, &pack.proof),
            claim: args.claim,
            seconds: args.within.seconds(),
        },
    };
    let intent = Intent::new("Keep a pack for a claim")
        .with("serial", args.named.serial())
        .with("claim", args.claim)
        .with("seconds", args.within.seconds());
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::created(View::read(cluster, &pack)?, receipt))
}
