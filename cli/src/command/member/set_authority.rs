//! `galen member set-authority`

use claims::instructions::SetMemberAuthorityArgs;
use claims::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::change::{Case, Target};
use crate::chain::admin::AdminFlags;
use crate::chain::intent::Intent;
use crate::chain::text::{key_or_none, some_key};
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen member set-authority`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member set-authority --pool POOL --id M-4711 MEMBERS_KEY
  galen member set-authority --pool POOL --id M-4711 --none

With a key of their own members sign their claims; without one, claims need an eligibility ticket. The key before counts
no more from then on.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The member's own key
    #[arg(value_name = "KEY", required_unless_present = "none")]
    key: Option<Pubkey>,
    /// No key: claims need a ticket
    #[arg(long, conflicts_with = "key")]
    none: bool,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let so_far = some_key(case.member.authority);
    if so_far == args.key {
        return case.unchanged();
    }
    let accounts = accounts::SetMemberAuthority {
        operator: case.operator(),
        operator_record: case.operator_record()?,
        insurer: case.insurer,
        pool: case.pool,
        member: case.address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.admin.at(case.now(), case.member.sequence);
    let intent = Intent::new("Set a member's own key")
        .with("member", case.address)
        .with("key", key_or_none(args.key))
        .with("instead of", key_or_none(so_far))
        .with_admin(&admin);
    let data = instruction::SetMemberAuthority {
        args: SetMemberAuthorityArgs {
            admin,
            authority: args.key.unwrap_or_default(),
        },
    };
    case.execute(&intent, &accounts, &data)
}
