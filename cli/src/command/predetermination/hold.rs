//! `galen predetermination hold`

use std::collections::BTreeMap;

use claims::instructions::HoldPriceArgs;
use claims::state::{Pool, Predetermination};
use claims::{accounts, instruction};
use galen_rules::Date;
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};
use crate::send::foreseen_by_claims;

/// Flags of `galen predetermination hold`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen predetermination hold ADDRESS --until 2026-12-31

Fees and terms of the plan version that answered hold then for services up to that day, at most 366 days after the answer,
for one claim with no more than was asked about; what the member has used up by then counts as ever. The day can be put
off, never brought forward. Signed by an operator of the insurer with the permission decide-claim. Running it again is fine.")]
pub struct Args {
    /// The answer's account
    address: Pubkey,
    /// Last service date for which the price is held
    #[arg(long, value_name = "DATE")]
    until: Date,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals: `hold_invalid`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let answer: Predetermination = entity::get(cluster, &args.address)?;
    let view = |answer: &Predetermination| View::of(args.address, answer, &BTreeMap::new());
    if answer.hold_until == args.until.days() {
        return Answer::new(&Change::unchanged(view(&answer)?));
    }
    let pool: Pool = entity::get(cluster, &answer.pool)?;
    let accounts = accounts::HoldPrice {
        operator: session.key(),
        operator_record: session.staff(&pool.insurer, Permission::DecideClaim)?,
        insurer: pool.insurer,
        pool: answer.pool,
        predetermination: args.address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Hold a price")
        .with("predetermination", args.address)
        .with("provider", answer.provider)
        .with("the plan would pay", money(answer.totals.paid))
        .with("until", args.until);
    let data = instruction::HoldPrice {
        args: HoldPriceArgs {
            until: args.until.days(),
            digest: answer
                .states()
                .map_err(|error| foreseen_by_claims(&error))?,
        },
    };
    let receipt = session.perform(&intent, claims::ID, &accounts, &data)?;
    let answer = entity::get(cluster, &args.address)?;
    Answer::new(&Change::changed(view(&answer)?, receipt))
}
