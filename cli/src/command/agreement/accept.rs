//! `galen agreement accept`

use claims::constants::PAYOUT_DELAY_SECONDS;
use claims::instructions::AcceptAgreementArgs;
use claims::state::AgreementStatus;
use claims::{accounts, instruction};
use solana_pubkey::Pubkey;

use super::view::{read, terms, View};
use crate::chain::admin::AdminFlags;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::token;
use crate::chain::when::moment;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen agreement accept`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen agreement accept AGREEMENT -k clinic.json
  galen agreement accept AGREEMENT -k clinic.json --payout TOKEN_ACCOUNT

Signed by the authority of the provider's organization, for the offer as it stands: once its terms change, the signature is
good for nothing. The account to be paid can be changed later, with a delay of 72
hours; where the agreement ended and is accepted anew, another one waits for them too. Running it again is fine.")]
pub struct Args {
    /// The agreement's address
    #[arg(value_name = "AGREEMENT")]
    agreement: Pubkey,
    /// The token account to be paid [default: the signer's associated token account]
    #[arg(long, value_name = "TOKEN_ACCOUNT")]
    payout: Option<Pubkey>,
    #[command(flatten)]
    admin: AdminFlags,
}

/// Runs the command.
///
/// # Errors
/// `payout_differs`, `wrong_token_account`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (agreement, pool) = read(session.cluster(), &args.agreement)?;
    let payout = args
        .payout
        .unwrap_or_else(|| token::associated(&session.key(), &pool.mint, &pool.token_program));
    if matches!(
        agreement.status,
        AgreementStatus::Active | AgreementStatus::Suspended
    ) {
        let there = agreement.effective_payout(session.now);
        if args.payout.is_some_and(|asked| asked != there) {
            let message = format!("The agreement is accepted already and pays {there}, not {payout}. Announce another account with `galen agreement propose-payout`.");
            return Err(CliError::new("payout_differs", message));
        }
        return Answer::new(&Change::unchanged(View::new(
            args.agreement,
            &agreement,
            session.now,
        )));
    }
    token::account(session.cluster(), &payout, &pool.mint)?;
    let accounts = accounts::AcceptAgreement {
        authority: session.key(),
        provider: agreement.provider,
        pool: agreement.pool,
        agreement: args.agreement,
        payout,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let admin = args.admin.at(session.now, agreement.sequence);
    let mut intent = Intent::new("Accept an agreement")
        .with("agreement", args.agreement)
        .with("insurer", pool.insurer)
        .with("provider", agreement.provider)
        .with("terms", terms(&agreement.terms))
        .with("paid to", payout)
        .with_admin(&admin);
    let before = agreement.effective_payout(session.now);
    if before != Pubkey::default() && before != payout {
        // It was accepted before, and has ended since.
        let from = session.now.saturating_add(PAYOUT_DELAY_SECONDS);
        intent = intent.with("instead of", before).with("from", moment(from));
    }
    let receipt = session.perform(
        &intent,
        claims::ID,
        &accounts,
        &instruction::AcceptAgreement {
            args: AcceptAgreementArgs { admin },
        },
    )?;
    Answer::new(&Change::changed(
        View::read(session.cluster(), args.agreement)?,
        receipt,
    ))
}
