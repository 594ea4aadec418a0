//! `galen pool set-outflow-limit`

use claims::instructions::SetOutflowLimitArgs;
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen pool set-outflow-limit`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool set-outflow-limit POOL 5000000
  galen pool set-outflow-limit POOL --none

The most that claims are paid out of the pool in a day (UTC), in cents. An award that would pass it waits for the insurer;
nothing is lost by it. A lower limit than before holds at once for new awards; those made before are paid under the limit of
before for 14 days more. Signed by an operator of the insurer with the permission manage-pool.")]
pub struct Args {
    /// The pool's address
    #[arg(value_name = "POOL")]
    pool: Pubkey,
    /// Cents a day
    #[arg(value_name = "CENTS", required_unless_present = "none", value_parser = clap::value_parser!(u64).range(1..))]
    limit: Option<u64>,
    /// No limit
    #[arg(long, conflicts_with = "limit")]
    none: bool,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(args.pool, settings)?;
    // 0 stands for none.
    let limit = args.limit.unwrap_or_default();
    if case.pool.outflow_limit == limit {
        return case.unchanged();
    }
    let accounts = accounts::SetOutflowLimit {
        operator: case.session.key(),
        operator_record: case.record(Permission::ManagePool)?,
        insurer: case.pool.insurer,
        pool: args.pool,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.admin.at(case.session.now, case.pool.sequence);
    let words = |limit: u64| match limit {
        0 => "none".to_owned(),
        limit => money(limit),
    };
    let intent = Intent::new("Limit what claims are paid in a day")
        .with("pool", args.pool)
        .with("limit", words(limit))
        .with("instead of", words(case.pool.outflow_limit))
        .with_admin(&admin);
    let data = instruction::SetOutflowLimit {
        args: SetOutflowLimitArgs { admin, limit },
    };
    case.execute(&intent, &accounts, &data)
}
