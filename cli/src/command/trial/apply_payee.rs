//! `galen trial apply-payee`

use trials::{accounts, instruction};

use super::case::{instruction as of_trials, Case, Target};
use super::payee::{Announcement, PayeeView};
use super::rows::Reason;
use super::who::Register;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial apply-payee`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial apply-payee TRIAL --participant KEY

Lets an announced payee take over, 72 hours after it was announced. Anybody can run it. Where nothing is announced, nothing is
sent.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The participant's key
    #[arg(long, value_name = "KEY")]
    participant: String,
}

/// Runs the command.
///
/// # Errors
/// `participant_unknown`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let found = Announcement::find(&case, &args.participant)?;
    let Some(there) = &found.there else {
        let view = PayeeView::of(found.address, &found.place, None);
        return Answer::new(&Change::unchanged(view));
    };
    let accounts = accounts::ApplyPayee {
        cohort: found.place.cohort,
        change: found.address,
        payer: there.payer,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let key = found.place.participant.key;
    let intent = Intent::new("Let an announced payee take over")
        .with("trial", case.address)
        .with("participant", key)
        .with("from now on paid at", there.payee);
    let apply = of_trials(&accounts, &instruction::ApplyPayee {});
    let receipt = case.session.execute(&intent, &[apply], &[])?;
    let place = *Register::of(&case.cohorts()?)
        .get(&key)
        .map_err(|reason: Reason| reason.at(None, "participant").into_error())?;
    let view = PayeeView::of(found.address, &place, None);
    Answer::new(&Change::changed(view, receipt))
}
