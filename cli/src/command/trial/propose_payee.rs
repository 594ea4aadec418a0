//! `galen trial propose-payee`

use solana_pubkey::Pubkey;
use solana_signer::Signer;
use trials::instructions::ProposePayeeArgs;
use trials::state::PayeeChange;
use trials::{accounts, instruction};

use super::case::{instruction as of_trials, Case, Target};
use super::independent;
use super::payee::{Announcement, PayeeView};
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::token;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial propose-payee`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial propose-payee TRIAL --participant anna.json --payee TOKEN_ACCOUNT
  galen trial propose-payee TRIAL --participant KEY --payee TOKEN_ACCOUNT

Announces another token account for a participant; it can take over in 72 hours (`galen trial apply-payee`) and be cancelled
until then. Signed by the participant's keypair, who pays the rent until then; where the site holds the key, or for the estate
of somebody who has died, by somebody independent of the site (sponsor's countersign-visit, ethics board's oversee-trial), who
names the participant by the public key. Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The participant's keypair, or key
    #[arg(long, value_name = "KEY")]
    participant: String,
    /// The new token account
    #[arg(long, value_name = "TOKEN_ACCOUNT")]
    payee: Pubkey,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `participant_unknown`, `payee_change_differs`, `wrong_token_account`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let found = Announcement::find(&case, &args.participant)?;
    if let Some(there) = &found.there {
        if there.payee == args.payee {
            let view = PayeeView::of(found.address, &found.place, Some(there));
            return Answer::new(&Change::unchanged(view));
        }
        let message = format!("Another payee ({}) is announced already; cancel it first with `galen trial cancel-payee`.", there.payee);
        return Err(CliError::new("payee_change_differs", message));
    }
    token::account(case.cluster(), &args.payee, &case.trial.mint)?;
    let voice = match &found.signer {
        Some(_) => None,
        None => Some(independent::voice(&case)?),
    };
    let accounts = accounts::ProposePayee {
        signer: found
            .signer
            .as_ref()
            .map_or_else(|| case.session.key(), |signer| signer.pubkey()),
        operator_record: voice.map(|voice| voice.record),
        organization: voice.map(|voice| voice.organization),
        trial: case.address,
        cohort: found.place.cohort,
        payee: args.payee,
        change: found.address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Announce another payee")
        .with("trial", case.address)
        .with("participant", found.place.participant.key)
        .with("now paid at", found.place.participant.payee)
        .with("in 72 hours at", args.payee);
    let data = instruction::ProposePayee {
        args: ProposePayeeArgs {
            index: found.place.index,
        },
    };
    let others: Vec<&dyn Signer> = found.signer.iter().map(AsRef::as_ref).collect();
    let receipt = case
        .session
        .execute(&intent, &[of_trials(&accounts, &data)], &others)?;
    let change: PayeeChange = entity::get(case.cluster(), &found.address)?;
    let view = PayeeView::of(found.address, &found.place, Some(&change));
    Answer::new(&Change::created(view, receipt))
}
