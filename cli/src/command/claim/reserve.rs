//! `galen claim reserve`

use std::collections::BTreeMap;

use claims::state::{Claim, Pool};
use claims::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen claim reserve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim reserve ADDRESS

While an award waits unfunded, the pool pays nothing new at once. Where the pool has the money and the payment still cannot
be delivered (the payout account is frozen or closed, or a pause holds younger awards), setting the money aside lets the
others be paid; `galen claim settle` pays it later. Anybody may.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals: `claim_not_payable`, `pool_underfunded`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let view = |claim: &Claim| View::of(args.address, claim, &BTreeMap::new());
    let claim: Claim = entity::get(cluster, &args.address)?;
    if claim.money_reserved {
        return Answer::new(&Change::unchanged(view(&claim)?));
    }
    let pool: Pool = entity::get(cluster, &claim.pool)?;
    let accounts = accounts::ReserveClaim {
        pool: claim.pool,
        claim: args.address,
        vault: pool.vault,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Set money aside for a claim that waits")
        .with("claim", args.address)
        .with("amount", money(claim.totals.paid));
    let receipt = session.execute(
        &intent,
        &[crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::ReserveClaim {},
        )],
        &[],
    )?;
    Answer::new(&Change::changed(
        view(&entity::get(cluster, &args.address)?)?,
        receipt,
    ))
}
