//! `galen trial leave`

use std::path::Path;

use clap::ValueEnum;
use galen_rules::trial::{Departure, Voice};
use registry::state::Permission;
use solana_signer::Signer;
use trials::convert::DepartureArg;
use trials::instructions::EndParticipationArgs;
use trials::state::{Schedule, Site};
use trials::{accounts, instruction};

use super::case::{foreseen, instruction as of_trials, Case, Target};
use super::people::ParticipantView;
use super::read;
use super::rows::Reason;
use super::who::{self, Place, Register};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial leave`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial leave TRIAL --participant anna.json --reason withdrawn --follow-up
  galen trial leave TRIAL --participant anna.json --reason declined-amendment
  galen trial leave TRIAL --participant KEY --reason lost-to-follow-up

Withdrawal and declining are the participant's own word: --participant is then the keypair that signs. The other reasons are the
site's, signed by its operator with the permission enrol-participant. What was earned stays; earlier visits stay attestable; the
bonus is settled in proportion (`galen trial settle`). Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The participant's key; a keypair where it is their own word
    #[arg(long, value_name = "KEY")]
    participant: String,
    /// Why
    #[arg(long, value_name = "REASON")]
    reason: Reasons,
    /// The participant agrees to follow-up visits; only with a withdrawal
    #[arg(long)]
    follow_up: bool,
}

/// Why a participation ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Reasons {
    /// Everything is done
    Completed,
    /// Does not qualify
    ScreenFailed,
    /// Wants no more
    Withdrawn,
    /// Declines an amendment
    DeclinedAmendment,
    /// Is taken out by the investigator
    Discontinued,
    /// Cannot be reached
    LostToFollowUp,
    /// Has died
    Died,
}

impl From<Reasons> for DepartureArg {
    fn from(reason: Reasons) -> Self {
        match reason {
            Reasons::Completed => Self::Completed,
            Reasons::ScreenFailed => Self::ScreenFailed,
            Reasons::Withdrawn => Self::Withdrawn,
            Reasons::DeclinedAmendment => Self::DeclinedAmendment,
            Reasons::Discontinued => Self::Discontinued,
            Reasons::LostToFollowUp => Self::LostToFollowUp,
            Reasons::Died => Self::Died,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `participant_unknown`, `keypair_unreadable`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let departure = DepartureArg::from(args.reason);
    let refused = |reason: Reason| reason.at(None, "participant").into_error();
    let own_word = Departure::from(departure).voice() == Voice::Participant;
    let signer = own_word
        .then(|| who::signer(&args.participant, Path::new("")))
        .transpose()
        .map_err(refused)?;
    let key = match &signer {
        Some(signer) => signer.pubkey(),
        None => who::key(&args.participant, Path::new("")).map_err(refused)?,
    };
    let place = *Register::of(&case.cohorts()?).get(&key).map_err(refused)?;
    let before = place
        .participant
        .status()
        .map_err(|error| foreseen(&error))?;
    // Only from the status before follows what a reason makes of it, so the one that it has led to is looked for.
    if !before.is_present() && already(before, departure) {
        return Answer::new(&Change::unchanged(ParticipantView::of(&place)));
    }
    let intent = Intent::new("End a participation")
        .with("trial", case.address)
        .with("participant", key)
        .with("reason", format!("{:?}", args.reason))
        .with("follow-up", if args.follow_up { "yes" } else { "no" });
    let end = instruction_of(&case, &place, departure, args.follow_up, signer.as_deref())?;
    let others: Vec<&dyn Signer> = signer.iter().map(AsRef::as_ref).collect();
    let receipt = case.session.execute(&intent, &[end], &others)?;
    let place = *Register::of(&case.cohorts()?).get(&key).map_err(refused)?;
    Answer::new(&Change::changed(ParticipantView::of(&place), receipt))
}

fn already(status: galen_rules::trial::Status, departure: DepartureArg) -> bool {
    use galen_rules::trial::Status;
    [Status::Screening, Status::Enrolled]
        .iter()
        .any(|before| before.after(departure.into()) == Some(status))
}

fn instruction_of(
    case: &Case,
    place: &Place,
    departure: DepartureArg,
    follow_up: bool,
    signer: Option<&dyn Signer>,
) -> Result<solana_instruction::Instruction> {
    let staff = match signer {
        Some(_) => None,
        None => {
            let site: Site = read::get(case.cluster(), &place.site)?;
            let record = case
                .session
                .staff(&site.organization, Permission::EnrolParticipant)?;
            Some((record, site.organization))
        }
    };
    let accounts = accounts::EndParticipation {
        signer: signer.map_or_else(|| case.session.key(), |signer| signer.pubkey()),
        operator_record: staff.map(|(record, _)| record),
        organization: staff.map(|(_, organization)| organization),
        trial: case.address,
        site: place.site,
        schedule: Schedule::find_address(&case.address, place.participant.schedule).0,
        cohort: place.cohort,
        person: place.participant.person,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let data = instruction::EndParticipation {
        args: EndParticipationArgs {
            index: place.index,
            departure,
            follow_up,
        },
    };
    Ok(of_trials(&accounts, &data))
}
