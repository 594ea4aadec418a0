//! `galen trial propose-key`

use std::path::Path;

use clap::ValueEnum;
use solana_signer::Signer;
use trials::instructions::ProposeKeyArgs;
use trials::state::{KeyChange, KeyHolder};
use trials::{accounts, instruction};

use super::case::{instruction as of_trials, Case, Target};
use super::independent;
use super::key_change::{Announcement, KeyView};
use super::who;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial propose-key`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial propose-key TRIAL --participant anna.json --new-key new.json
  galen trial propose-key TRIAL --participant KEY --new-key new.json --holder participant

Announces another key for a participant; the new key signs too. Signed by the present keypair, who pays the rent until the change
is applied or cancelled, it can take over in 72 hours (`galen trial apply-key`). Where the key is lost, a guardian's time is over,
or the site holds it, somebody independent of the site signs (sponsor's countersign-visit, ethics board's oversee-trial) and names
the participant by the public key: 14 days, or 72 hours for a key that the site holds. Until then the present key can cancel.
Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The participant's present keypair, or key
    #[arg(long, value_name = "KEY")]
    participant: String,
    /// The new key: a keypair file, prompt:// or usb://ledger
    #[arg(long, value_name = "KEYPAIR")]
    new_key: String,
    /// Who holds it
    #[arg(long, value_name = "HOLDER", default_value = "participant")]
    holder: Holder,
}

/// Who can be handed a key. Never the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Holder {
    /// The participant
    Participant,
    /// A guardian
    Guardian,
}

impl From<Holder> for KeyHolder {
    fn from(holder: Holder) -> Self {
        match holder {
            Holder::Participant => Self::Participant,
            Holder::Guardian => Self::Guardian,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `participant_unknown`, `keypair_unreadable`, `not_independent`, `key_change_differs`, and the program's
/// refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let found = Announcement::find(&case, &args.participant)?;
    let new_key = who::signer(&args.new_key, Path::new(""))
        .map_err(|reason| reason.at(None, "new-key").into_error())?;
    let holder = KeyHolder::from(args.holder);
    let present = found.place.participant.key;
    if let Some(there) = &found.there {
        if there.key == new_key.pubkey() && there.holder == holder {
            let view = KeyView::of(found.address, present, Some(there));
            return Answer::new(&Change::unchanged(view));
        }
        let message = format!(
            "Another key ({}) is announced already; cancel it first with `galen trial cancel-key`.",
            there.key
        );
        return Err(CliError::new("key_change_differs", message));
    }
    let voice = match &found.signer {
        Some(_) => None,
        None => Some(independent::voice(&case)?),
    };
    let accounts = accounts::ProposeKey {
        signer: found.signs(&case),
        operator_record: voice.map(|voice| voice.record),
        organization: voice.map(|voice| voice.organization),
        new_key: new_key.pubkey(),
        trial: case.address,
        cohort: found.place.cohort,
        change: found.address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Announce another key")
        .with("trial", case.address)
        .with("present key", present)
        .with("new key", new_key.pubkey())
        .with("held by", format!("{:?}", args.holder).to_lowercase());
    let data = instruction::ProposeKey {
        args: ProposeKeyArgs {
            index: found.place.index,
            holder,
        },
    };
    let propose = of_trials(&accounts, &data);
    let mut others: Vec<&dyn Signer> = found.signer.iter().map(AsRef::as_ref).collect();
    others.push(new_key.as_ref());
    let receipt = case.session.execute(&intent, &[propose], &others)?;
    let change: KeyChange = entity::get(case.cluster(), &found.address)?;
    let view = KeyView::of(found.address, present, Some(&change));
    Answer::new(&Change::created(view, receipt))
}
