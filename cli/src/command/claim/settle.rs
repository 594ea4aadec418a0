//! `galen claim settle`

use std::collections::BTreeMap;

use claims::state::{Agreement, Claim, ClaimStatus, Pool};
use claims::{accounts, instruction};
use registry::state::Config;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen claim settle`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim settle ADDRESS

Anybody may: what is awarded is owed. It works once the pool has the money.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals: `pool_underfunded`, `claim_not_payable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let view = |claim: &Claim| View::of(args.address, claim, &BTreeMap::new());
    let claim: Claim = entity::get(cluster, &args.address)?;
    if claim.status == ClaimStatus::Paid {
        return Answer::new(&Change::unchanged(view(&claim)?));
    }
    let pool: Pool = entity::get(cluster, &claim.pool)?;
    let (agreement_address, _) = Agreement::find_address(&claim.pool, &claim.provider);
    let agreement: Agreement = entity::get(cluster, &agreement_address)?;
    let accounts = accounts::SettleClaim {
        config: Config::find_address().0,
        pool: claim.pool,
        agreement: agreement_address,
        claim: args.address,
        vault: pool.vault,
        payout: agreement.effective_payout(session.now),
        mint: pool.mint,
        token_program: pool.token_program,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Pay a claim that waited")
        .with("claim", args.address)
        .with("amount", money(claim.totals.paid));
    let receipt = session.execute(
        &intent,
        &[crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::SettleClaim {},
        )],
        &[],
    )?;
    Answer::new(&Change::changed(
        view(&entity::get(cluster, &args.address)?)?,
        receipt,
    ))
}
