//! `galen plan create`

use claims::instructions::CreatePlanArgs;
use claims::state::{Plan, Pool};
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen plan create`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen plan create --pool POOL
  galen plan create --pool POOL --number 1

Signed by an operator of the insurer with the permission publish-plan. Members belong to a plan, claims to the version of
it that is in force on their service date: `galen plan publish` adds versions. Running it again is fine.")]
pub struct Args {
    /// The pool that pays
    #[arg(long, value_name = "POOL")]
    pool: Pubkey,
    /// Tells the pool's plans apart
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    number: u16,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let pool: Pool = entity::get(session.cluster(), &args.pool)?;
    let (plan, _) = Plan::find_address(&args.pool, args.number);
    if entity::find::<Plan>(session.cluster(), &plan)?.is_some() {
        return Answer::new(&Change::unchanged(View::read(session.cluster(), plan)?));
    }
    let accounts = accounts::CreatePlan {
        operator: session.key(),
        operator_record: session.staff(&pool.insurer, Permission::PublishPlan)?,
        insurer: pool.insurer,
        pool: args.pool,
        plan,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let data = instruction::CreatePlan {
        args: CreatePlanArgs {
            number: args.number,
        },
    };
    let intent = Intent::new("Create a plan")
        .with("plan", plan)
        .with("pool", args.pool)
        .with("number", args.number);
    let receipt = session.perform(&intent, claims::ID, &accounts, &data)?;
    Answer::new(&Change::created(
        View::read(session.cluster(), plan)?,
        receipt,
    ))
}
