//! `galen trial cancel-key`

use solana_signer::Signer;
use trials::{accounts, instruction};

use super::case::{instruction as of_trials, Case, Target};
use super::independent;
use super::key_change::{Announcement, KeyView};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial cancel-key`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial cancel-key TRIAL --participant anna.json
  galen trial cancel-key TRIAL --participant KEY

Withdraws an announced key. Signed by the present keypair, unless the site holds it, or by somebody independent of the site, who names the participant by
the public key; what the ethics board has announced over a guardian's head, only the board can cancel. Where nothing is announced,
nothing is sent.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The participant's present keypair, or key
    #[arg(long, value_name = "KEY")]
    participant: String,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `participant_unknown`, `not_independent`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let found = Announcement::find(&case, &args.participant)?;
    let present = found.place.participant.key;
    let view = KeyView::of(found.address, present, None);
    let Some(there) = &found.there else {
        return Answer::new(&Change::unchanged(view));
    };
    let voice = match &found.signer {
        Some(_) => None,
        None => Some(independent::voice(&case)?),
    };
    let accounts = accounts::CancelKey {
        signer: found.signs(&case),
        operator_record: voice.map(|voice| voice.record),
        organization: voice.map(|voice| voice.organization),
        trial: case.address,
        cohort: found.place.cohort,
        change: found.address,
        payer: there.payer,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Cancel an announced key")
        .with("trial", case.address)
        .with("present key", present)
        .with("announced", there.key);
    let cancel = of_trials(&accounts, &instruction::CancelKey {});
    let others: Vec<&dyn Signer> = found.signer.iter().map(AsRef::as_ref).collect();
    let receipt = case.session.execute(&intent, &[cancel], &others)?;
    Answer::new(&Change::changed(view, receipt))
}
