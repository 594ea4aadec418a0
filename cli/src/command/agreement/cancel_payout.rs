//! `galen agreement cancel-payout`

use claims::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::view::{read, View};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen agreement cancel-payout`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen agreement cancel-payout AGREEMENT -k clinic.json

Signed by the authority of the provider's organization, or by the key that set the account which is paid now: a thief of
the authority does not keep the old key from cancelling. Where nothing is announced there is nothing to do.")]
pub struct Args {
    /// The agreement's address
    #[arg(value_name = "AGREEMENT")]
    agreement: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (agreement, _) = read(session.cluster(), &args.agreement)?;
    if session.now >= agreement.payout_effective_at {
        return Answer::new(&Change::unchanged(View::new(
            args.agreement,
            &agreement,
            session.now,
        )));
    }
    let accounts = accounts::CancelPayout {
        authority: session.key(),
        provider: agreement.provider,
        agreement: args.agreement,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Withdraw the announcement of another account")
        .with("agreement", args.agreement)
        .with("announced", agreement.proposed_payout)
        .with("stays", agreement.payout);
    let receipt = session.perform(
        &intent,
        claims::ID,
        &accounts,
        &instruction::CancelPayout {},
    )?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), args.agreement)?,
        receipt,
    ))
}
