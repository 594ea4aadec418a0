//! `galen bond cover`

use provenance::instructions::CoverBatchArgs;
use provenance::state::Bond;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::goods::Goods;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen bond cover`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen bond cover BOND BATCH --cents-per-pack 12500

Signed by an operator of the manufacturer with the permission fund. What a batch is covered with can be raised and never lowered, and
no other bond takes its place; until the batch is closed nothing is withdrawn from the bond. Running it again is fine.")]
pub struct Args {
    /// The bond's address
    #[arg(value_name = "BOND")]
    bond: Pubkey,
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// The most that the bond pays for a pack, in cents
    #[arg(long, value_name = "CENTS", value_parser = clap::value_parser!(u64).range(1..))]
    cents_per_pack: u64,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals: `covered_by_other_bond`, `cover_lowered`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let bond: Bond = entity::get(cluster, &args.bond)?;
    let goods = Goods::read(cluster, args.batch)?;
    if (goods.batch.bond, goods.batch.cover) == (args.bond, args.cents_per_pack) {
        return Answer::new(&Change::unchanged(View::read(cluster, args.bond)?));
    }
    let cover = instruction(
        &session,
        args.bond,
        bond.manufacturer,
        args.batch,
        args.cents_per_pack,
    )?;
    let intent = Intent::new("Let a bond cover a batch")
        .with("bond", args.bond)
        .with("batch", args.batch)
        .with("at most for a pack", money(args.cents_per_pack))
        .with("before", money(goods.batch.cover));
    let receipt = session.execute(&intent, &[cover], &[])?;
    Answer::new(&Change::changed(View::read(cluster, args.bond)?, receipt))
}

/// The instruction that lets a bond of the manufacturer pay up to so many cents for each pack of a batch.
///
/// # Errors
/// Those of the staff record.
pub fn instruction(
    session: &Session,
    bond: Pubkey,
    manufacturer: Pubkey,
    batch: Pubkey,
    cents_per_pack: u64,
) -> Result<Instruction> {
    let accounts = accounts::CoverBatch {
        operator: session.key(),
        operator_record: session.staff(&manufacturer, Permission::Fund)?,
        manufacturer,
        bond,
        batch,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::CoverBatch {
        args: CoverBatchArgs {
            cover: cents_per_pack,
        },
    };
    Ok(crate::chain::instruction(provenance::ID, &accounts, &data))
}
