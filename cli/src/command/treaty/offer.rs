//! `galen treaty offer`

use claims::instructions::OfferTreatyArgs;
use claims::state::{Pool, Treaty, TreatyTerms};
use claims::{accounts, instruction};
use galen_rules::Date;
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::{per_claim, per_year, View};
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::send::foreseen_by_claims;

/// Flags of `galen treaty offer`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen treaty offer --pool POOL --reinsurer ORG --from 2027-01-01 --to 2027-12-31 --runoff-days 90 \\
    --claim-attachment 10000000 --claim-limit 40000000 --claims-limit 200000000
  galen treaty offer --pool POOL --reinsurer ORG --from 2027-01-01 --to 2027-12-31 \\
    --year-attachment 500000000 --year-limit 100000000

Money is cents. The first takes over of each claim what it awards beyond 100,000.00, up to 400,000.00, and up to
2,000,000.00 for all claims; the second of the whole year's awards what the pool bears beyond 5,000,000.00, up to
1,000,000.00. Both can be in one treaty. It covers awards made on at most 366 days, and its terms never change. Signed by an
operator of the insurer with the permission manage-pool. Running it again is fine.")]
pub struct Args {
    /// The pool whose awards are covered
    #[arg(long, value_name = "POOL")]
    pool: Pubkey,
    /// The reinsurer, another insurer: its address or id
    #[arg(long, value_name = "ORG")]
    reinsurer: Pubkey,
    /// Number among the pool's treaties
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    number: u16,
    /// First day on which awards are covered
    #[arg(long, value_name = "DATE")]
    from: Date,
    /// The last one
    #[arg(long, value_name = "DATE")]
    to: Date,
    /// Days after it for which claims can still be counted
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    runoff_days: u16,
    /// What of each claim the pool bears itself, in cents
    #[arg(long, value_name = "CENTS", default_value_t = 0)]
    claim_attachment: u64,
    /// The most that is taken over of a claim beyond that, in cents; 0: nothing
    #[arg(long, value_name = "CENTS", default_value_t = 0)]
    claim_limit: u64,
    /// The most that is taken over of single claims in all, in cents
    #[arg(long, value_name = "CENTS", default_value_t = 0)]
    claims_limit: u64,
    /// What of the year's awards, less what is taken over of single claims, the pool bears itself, in cents
    #[arg(long, value_name = "CENTS", default_value_t = 0)]
    year_attachment: u64,
    /// The most that is taken over of the year beyond that, in cents; 0: nothing
    #[arg(long, value_name = "CENTS", default_value_t = 0)]
    year_limit: u64,
}

impl Args {
    fn terms(&self) -> TreatyTerms {
        TreatyTerms {
            from: self.from.days(),
            to: self.to.days(),
            runoff_days: self.runoff_days,
            claim_attachment: self.claim_attachment,
            claim_limit: self.claim_limit,
            claims_limit: self.claims_limit,
            year_attachment: self.year_attachment,
            year_limit: self.year_limit,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// `treaty_differs`, and the program's refusals: `treaty_invalid`, `reinsurer_is_insurer`, `not_an_insurer`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let pool: Pool = entity::get(session.cluster(), &args.pool)?;
    let (reinsurer, _) = resolve(session.cluster(), &args.reinsurer)?;
    let (address, _) = Treaty::find_address(&args.pool, args.number);
    let terms = args.terms();
    if let Some(there) = entity::find::<Treaty>(session.cluster(), &address)? {
        if (there.reinsurer, there.terms) != (reinsurer, terms) {
            let message = format!(
                "The pool has a treaty {} already, with {} and other terms or the same with somebody else; terms never change. Offer another under another --number.",
                args.number, there.reinsurer
            );
            return Err(CliError::new("treaty_differs", message));
        }
        return Answer::new(&Change::unchanged(View::of(address, &there)?));
    }
    terms.check().map_err(|error| foreseen_by_claims(&error))?;
    let accounts = accounts::OfferTreaty {
        operator: session.key(),
        operator_record: session.staff(&pool.insurer, Permission::ManagePool)?,
        insurer: pool.insurer,
        pool: args.pool,
        reinsurer,
        treaty: address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Offer a treaty to a reinsurer")
        .with("treaty", address)
        .with("pool", args.pool)
        .with("reinsurer", reinsurer)
        .with(
            "awards covered",
            format!(
                "{} to {}, run-off {} days",
                args.from, args.to, args.runoff_days
            ),
        )
        .with("of each claim", per_claim(&terms))
        .with("of the year", per_year(&terms));
    let data = instruction::OfferTreaty {
        args: OfferTreatyArgs {
            number: args.number,
            terms,
        },
    };
    let receipt = session.perform(&intent, claims::ID, &accounts, &data)?;
    let treaty = entity::get(session.cluster(), &address)?;
    Answer::new(&Change::created(View::of(address, &treaty)?, receipt))
}
