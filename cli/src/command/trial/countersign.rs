//! `galen trial countersign`

use galen_rules::trial::Bits;
use solana_pubkey::Pubkey;
use trials::instructions::CountersignMilestoneArgs;
use trials::state::Schedule;
use trials::{accounts, instruction};

use super::bulk::{FileFlags, Job, Step, Work};
use super::case::{instruction as of_trials, Case, Target};
use super::independent::{self, Voice};
use super::rows::{self, Fault, Reason, Record, Seen};
use super::who::{self, Place, Register};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial countersign`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial countersign TRIAL --participant KEY --milestone 2 --decision approve
  galen trial countersign TRIAL --from decisions.csv

Signed by an operator of the sponsor with the permission countersign-visit, or of the ethics board with oversee-trial, or by
the participant's own key, which can approve. Rejected, the attestation is taken back and the site can attest again. The file
has the columns participant, milestone and decision (approve or reject). Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    #[command(flatten)]
    file: FileFlags,
    /// The participant's key
    #[arg(
        long,
        value_name = "KEY",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    participant: Option<String>,
    /// The milestone's number in the schedule, from 0
    #[arg(
        long,
        value_name = "NUMBER",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    milestone: Option<String>,
    /// approve or reject
    #[arg(
        long,
        value_name = "DECISION",
        required_unless_present = "from",
        conflicts_with = "from"
    )]
    decision: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `not_independent`, what is wrong with the rows, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let sheet = args.file.sheet(
        &["participant", "milestone", "decision"],
        &[
            ("participant", args.participant.clone()),
            ("milestone", args.milestone.clone()),
            ("decision", args.decision.clone()),
        ],
    )?;
    let case = Case::open(&args.target, settings)?;
    let desk = Desk {
        register: Register::of(&case.cohorts()?),
        voice: independent::voice(&case),
        case: &case,
    };
    let mut work = Work {
        faults: sheet.faults,
        ..Work::default()
    };
    let mut seen = Seen::nothing();
    for record in &sheet.records {
        work.take(desk.step(record, &args.file, &mut seen));
    }
    let intent = Intent::new("Countersign visits").with("trial", case.address);
    work.finish(&case.session, &args.file, intent)
}

struct Desk<'a> {
    case: &'a Case<'a>,
    register: Register,
    voice: Result<Voice>,
}

impl Desk<'_> {
    fn step(
        &self,
        record: &Record,
        file: &FileFlags,
        seen: &mut Seen<(Pubkey, u8)>,
    ) -> std::result::Result<Step, Fault> {
        let key = record.read("participant", |text| who::key(text, file.folder()))?;
        let milestone = record.read("milestone", rows::milestone)?;
        let approve = record.read("decision", decision)?;
        let what = "The same milestone of the same participant";
        seen.first(record, "milestone", (key, milestone), what)?;
        let place = self.register.of_row(record, &key)?;
        let participant = &place.participant;
        let attested = Bits(participant.attested).has(milestone);
        let earned = Bits(participant.earned).has(milestone);
        match (attested, earned, approve) {
            (true, true, true) | (false, _, false) => Ok(Step::Unchanged {
                line: record.line,
                participant: key.to_string(),
            }),
            (true, false, _) => self
                .job(record.line, &place, milestone, approve)
                .map_err(|reason| reason.at(record.line, "decision")),
            (false, _, true) => Err(Reason::new(
                "not_attested",
                format!("The site has not attested milestone {milestone}."),
            )
            .at(record.line, "milestone")),
            (true, true, false) => Err(Reason::new(
                "already_earned",
                format!("Milestone {milestone} is earned; that is not taken back."),
            )
            .at(record.line, "milestone")),
        }
    }

    fn job(
        &self,
        line: Option<u64>,
        place: &Place,
        milestone: u8,
        approve: bool,
    ) -> std::result::Result<Step, Reason> {
        let case = self.case;
        let participant = &place.participant;
        let by_participant = participant.key == case.session.key();
        let voice = match &self.voice {
            Ok(voice) => Some(*voice),
            Err(_) if by_participant => None,
            Err(error) => return Err(Reason::new("not_independent", error.message.clone())),
        };
        let accounts = accounts::CountersignMilestone {
            signer: case.session.key(),
            operator_record: voice.map(|voice| voice.record),
            organization: voice.map(|voice| voice.organization),
            trial: case.address,
            site: place.site,
            schedule: Schedule::find_address(&case.address, participant.schedule).0,
            cohort: place.cohort,
            person: participant.person,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        let data = instruction::CountersignMilestone {
            args: CountersignMilestoneArgs {
                index: place.index,
                milestone,
                approve,
            },
        };
        Ok(Step::Do(Job {
            line,
            participant: participant.key.to_string(),
            instructions: vec![of_trials(&accounts, &data)],
            signer: None,
        }))
    }
}

/// Whether a decision is approval.
fn decision(text: &str) -> std::result::Result<bool, Reason> {
    match text {
        "approve" => Ok(true),
        "reject" => Ok(false),
        _ => Err(Reason::new(
            "decision_invalid",
            format!("{text:?} is no decision; write approve or reject."),
        )),
    }
}
