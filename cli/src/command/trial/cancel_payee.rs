//! `galen trial cancel-payee`

use solana_signer::Signer;
use trials::{accounts, instruction};

use super::case::{instruction as of_trials, Case, Target};
use super::independent;
use super::payee::{Announcement, PayeeView};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial cancel-payee`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial cancel-payee TRIAL --participant anna.json
  galen trial cancel-payee TRIAL --participant KEY

Withdraws an announced payee. Signed by the participant's keypair, unless the site holds it, or by somebody independent of the site, who names the
participant by the public key. Where nothing is announced, nothing is sent.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The participant's keypair, or key
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
    let Some(there) = &found.there else {
        let view = PayeeView::of(found.address, &found.place, None);
        return Answer::new(&Change::unchanged(view));
    };
    let voice = match &found.signer {
        Some(_) => None,
        None => Some(independent::voice(&case)?),
    };
    let accounts = accounts::CancelPayee {
        signer: found
            .signer
            .as_ref()
            .map_or_else(|| case.session.key(), |signer| signer.pubkey()),
        operator_record: voice.map(|voice| voice.record),
        organization: voice.map(|voice| voice.organization),
        trial: case.address,
        cohort: found.place.cohort,
        change: found.address,
        payer: there.payer,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Cancel an announced payee")
        .with("trial", case.address)
        .with("participant", found.place.participant.key)
        .with("announced", there.payee);
    let cancel = of_trials(&accounts, &instruction::CancelPayee {});
    let others: Vec<&dyn Signer> = found.signer.iter().map(AsRef::as_ref).collect();
    let receipt = case.session.execute(&intent, &[cancel], &others)?;
    let view = PayeeView::of(found.address, &found.place, None);
    Answer::new(&Change::changed(view, receipt))
}
