//! `galen pool create`

use claims::instructions::CreatePoolArgs;
use claims::state::Pool;
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::text::{key_or_none, some_key};
use crate::chain::{entity, token};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen pool create`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen pool create --insurer ORG --mint MINT
  galen pool create --insurer ORG --mint MINT --number 1 --ticket-key KEY

Signed by an operator of the insurer with the permission manage-pool. The mint is of SPL Token, or of Token-2022 without
an extension that can take, freeze, tax or redirect money; it has 2 to 9 decimals. Running it again is fine.")]
pub struct Args {
    /// The insurer's address or id
    #[arg(long, value_name = "ORG")]
    insurer: Pubkey,
    /// The mint that the pool pays in
    #[arg(long, value_name = "MINT")]
    mint: Pubkey,
    /// Tells the insurer's pools in one mint apart
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    number: u16,
    /// The key of the insurer's eligibility desk, which signs tickets [default: none, members sign]
    #[arg(long, value_name = "KEY")]
    ticket_key: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `pool_differs`, `wrong_mint`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (insurer, _) = resolve(session.cluster(), &args.insurer)?;
    let (pool, _) = Pool::find_address(&insurer, &args.mint, args.number);
    if let Some(there) = entity::find::<Pool>(session.cluster(), &pool)? {
        if args.ticket_key.is_some_and(|key| key != there.ticket_key) {
            let message = format!(
                "The pool {pool} exists already, with {} as its ticket key. Change it with `galen pool set-ticket-key`, or create a pool with another --number.",
                key_or_none(some_key(there.ticket_key))
            );
            return Err(CliError::new("pool_differs", message));
        }
        return Answer::new(&Change::unchanged(View::with_vault(
            session.cluster(),
            pool,
            &there,
        )?));
    }
    let token_program = token::program_of(session.cluster(), &args.mint)?;
    let accounts = accounts::CreatePool {
        operator: session.key(),
        operator_record: session.staff(&insurer, Permission::ManagePool)?,
        insurer,
        mint: args.mint,
        pool,
        vault: Pool::find_vault_address(&pool).0,
        token_program,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let data = instruction::CreatePool {
        args: CreatePoolArgs {
            number: args.number,
            ticket_key: args.ticket_key.unwrap_or_default(),
        },
    };
    let intent = Intent::new("Create a pool")
        .with("pool", pool)
        .with("insurer", insurer)
        .with("mint", args.mint)
        .with("number", args.number)
        .with("ticket key", key_or_none(args.ticket_key));
    let receipt = session.perform(&intent, claims::ID, &accounts, &data)?;
    Answer::new(&Change::created(
        View::read(session.cluster(), pool)?,
        receipt,
    ))
}
