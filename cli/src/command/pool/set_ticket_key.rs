//! `galen pool set-ticket-key`

use claims::instructions::SetTicketKeyArgs;
use claims::state::Pool;
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::text::{key_or_none, some_key};
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen pool set-ticket-key`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool set-ticket-key POOL KEY
  galen pool set-ticket-key POOL --none

Tickets that the key before has signed are void from then on.")]
pub struct Args {
    /// The pool's address
    #[arg(value_name = "POOL")]
    pool: Pubkey,
    /// The key of the insurer's eligibility desk
    #[arg(value_name = "KEY", required_unless_present = "none")]
    key: Option<Pubkey>,
    /// No eligibility desk: members sign
    #[arg(long, conflicts_with = "key")]
    none: bool,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let pool: Pool = entity::get(session.cluster(), &args.pool)?;
    if some_key(pool.ticket_key) == args.key {
        return Answer::new(&Change::unchanged(View::with_vault(
            session.cluster(),
            args.pool,
            &pool,
        )?));
    }
    let accounts = accounts::SetTicketKey {
        operator: session.key(),
        operator_record: session.staff(&pool.insurer, Permission::ManagePool)?,
        insurer: pool.insurer,
        pool: args.pool,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.admin.at(session.now, pool.sequence);
    let data = instruction::SetTicketKey {
        args: SetTicketKeyArgs {
            admin,
            ticket_key: args.key.unwrap_or_default(),
        },
    };
    let intent = Intent::new("Set the key that signs eligibility tickets")
        .with("pool", args.pool)
        .with("key", key_or_none(args.key))
        .with("instead of", key_or_none(some_key(pool.ticket_key)))
        .with_admin(&admin);
    let receipt = session.perform(&intent, claims::ID, &accounts, &data)?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), args.pool)?,
        receipt,
    ))
}
