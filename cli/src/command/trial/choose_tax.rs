//! `galen trial choose-tax`

use std::path::Path;

use clap::ValueEnum;
use solana_signer::Signer;
use trials::instructions::ChooseTaxArgs;
use trials::state::Person;
use trials::{accounts, instruction};

use super::case::{instruction as of_trials, Case, Target};
use super::people::ParticipantView;
use super::read;
use super::rows::Reason;
use super::who::{self, Register};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial choose-tax`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial choose-tax TRIAL --participant anna.json --choice net
  galen trial choose-tax TRIAL --participant usb://ledger --choice hold

What becomes of stipends at the tax threshold while there is no tax form: paid net of backup withholding, or held until there is
one. Expenses are reimbursed in any case. Signed by the participant's key. Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The participant's key: a keypair file, prompt:// or usb://ledger
    #[arg(long, value_name = "KEYPAIR")]
    participant: String,
    /// What is to become of them
    #[arg(long, value_name = "CHOICE")]
    choice: Choice,
}

/// What becomes of stipends at the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Choice {
    /// Paid net of backup withholding
    Net,
    /// Held until there is a tax form
    Hold,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `participant_unknown`, `keypair_unreadable`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let refused = |reason: Reason| reason.at(None, "participant").into_error();
    let signer = who::signer(&args.participant, Path::new("")).map_err(refused)?;
    let register = Register::of(&case.cohorts()?);
    let place = register.get(&signer.pubkey()).map_err(refused)?;
    let person: Person = read::get(case.cluster(), &place.participant.person)?;
    let net = args.choice == Choice::Net;
    if (person.choice == 1) == net {
        return Answer::new(&Change::unchanged(ParticipantView::of(place)));
    }
    let accounts = accounts::ChooseTax {
        key: signer.pubkey(),
        cohort: place.cohort,
        person: place.participant.person,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Choose what becomes of stipends at the tax threshold")
        .with("trial", case.address)
        .with("participant", signer.pubkey())
        .with(
            "choice",
            if net {
                "paid net of withholding"
            } else {
                "held until there is a form"
            },
        );
    let data = instruction::ChooseTax {
        args: ChooseTaxArgs {
            index: place.index,
            net,
        },
    };
    let choose = of_trials(&accounts, &data);
    let receipt = case
        .session
        .execute(&intent, &[choose], &[signer.as_ref()])?;
    Answer::new(&Change::changed(ParticipantView::of(place), receipt))
}
