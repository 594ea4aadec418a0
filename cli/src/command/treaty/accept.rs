//! `galen treaty accept`

use claims::instructions::AcceptTreatyArgs;
use claims::state::{Treaty, TreatyStatus};
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::change::Case;
use super::view::{per_claim, per_year};
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::chain::people::day;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen treaty accept`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen treaty accept TREATY

The layer gets a vault of its own, which the program owns; put money into it with `galen treaty fund`. A pool has one treaty
at a time. Signed by an operator of the reinsurer with the permission manage-pool. Running it again is fine.")]
pub struct Args {
    /// The treaty's address
    #[arg(value_name = "TREATY")]
    treaty: Pubkey,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(args.treaty, settings)?;
    let Case {
        session,
        treaty,
        pool,
        ..
    } = &case;
    if treaty.status == TreatyStatus::InForce {
        return case.unchanged();
    }
    let accounts = accounts::AcceptTreaty {
        operator: session.key(),
        operator_record: case.record(Permission::ManagePool)?,
        reinsurer: treaty.reinsurer,
        pool: treaty.pool,
        vault: pool.vault,
        treaty: args.treaty,
        layer_vault: Treaty::find_vault_address(&args.treaty).0,
        mint: pool.mint,
        token_program: pool.token_program,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.admin.at(session.now, treaty.sequence);
    let terms = &treaty.terms;
    let intent = Intent::new("Accept a treaty")
        .with("treaty", args.treaty)
        .with("pool", treaty.pool)
        .with("insurer", pool.insurer)
        .with(
            "awards covered",
            format!("{} to {}", day(terms.from)?.0, day(terms.to)?.0),
        )
        .with("of each claim", per_claim(terms))
        .with("of the year", per_year(terms))
        .with_admin(&admin);
    let data = instruction::AcceptTreaty {
        args: AcceptTreatyArgs { admin },
    };
    case.execute(&intent, &accounts, &data)
}
