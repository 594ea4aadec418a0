//! `galen agreement propose-payout`

use claims::constants::PAYOUT_DELAY_SECONDS;
use claims::instructions::ProposePayoutArgs;
use claims::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::view::{read, View};
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::token;
use crate::chain::when::moment;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen agreement propose-payout`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen agreement propose-payout AGREEMENT TOKEN_ACCOUNT -k clinic.json

Signed by the authority of the provider's organization. The account takes over by itself after 72 hours; until then
`galen agreement cancel-payout` withdraws it.")]
pub struct Args {
    /// The agreement's address
    #[arg(value_name = "AGREEMENT")]
    agreement: Pubkey,
    /// The token account to be paid
    #[arg(value_name = "TOKEN_ACCOUNT")]
    payout: Pubkey,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `wrong_token_account`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (agreement, pool) = read(session.cluster(), &args.agreement)?;
    // Announced already, or in force already: nothing else is on its way that this would undo.
    let announced = agreement.proposed_payout == args.payout;
    let in_force = agreement.payout == args.payout && agreement.payout_effective_at == 0;
    if announced || in_force {
        return Answer::new(&Change::unchanged(View::new(
            args.agreement,
            &agreement,
            session.now,
        )));
    }
    token::account(session.cluster(), &args.payout, &pool.mint)?;
    let accounts = accounts::ProposePayout {
        authority: session.key(),
        provider: agreement.provider,
        pool: agreement.pool,
        agreement: args.agreement,
        payout: args.payout,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.admin.at(session.now, agreement.payout_sequence);
    let intent = Intent::new("Announce another account to be paid")
        .with("agreement", args.agreement)
        .with("paid to", args.payout)
        .with("instead of", agreement.effective_payout(session.now))
        .with(
            "from",
            moment(session.now.saturating_add(PAYOUT_DELAY_SECONDS)),
        )
        .with_admin(&admin);
    let receipt = session.perform(
        &intent,
        claims::ID,
        &accounts,
        &instruction::ProposePayout {
            args: ProposePayoutArgs { admin },
        },
    )?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), args.agreement)?,
        receipt,
    ))
}
