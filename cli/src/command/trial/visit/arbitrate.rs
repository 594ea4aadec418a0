//! `galen trial visit arbitrate`

use std::path::PathBuf;

use clap::ValueEnum;
use trials::instructions::ArbitrateVisitArgs;
use trials::state::{ClaimTurn, Schedule};
use trials::{accounts, instruction};

use super::super::case::{Case, Target};
use super::super::paper;
use super::found::{ClaimView, Found};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial visit arbitrate`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial visit arbitrate TRIAL --participant KEY --milestone 1 --decision grant --reason decision.pdf
  galen trial visit arbitrate TRIAL --participant KEY --milestone 1 --decision deny --reason decision.pdf

Decides a claim that has come to the arbiter, or overrules a refusal by the site: granted, the visit is earned at once. Signed by
an operator of the ethics board with the permission oversee-trial. Only a salted commitment to the reason goes to the ledger. Running it again
is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The participant's key
    #[arg(long, value_name = "KEY")]
    participant: String,
    /// The milestone's number in the schedule, from 0
    #[arg(long, value_name = "NUMBER")]
    milestone: String,
    /// Whether the visit is earned
    #[arg(long, value_name = "DECISION")]
    decision: Decision,
    /// Why, in any format; it stays with you
    #[arg(long, value_name = "FILE")]
    reason: PathBuf,
}

/// The arbiter's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Decision {
    /// The visit is earned
    Grant,
    /// It is not
    Deny,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `participant_unknown`, `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let reason_digest = paper::commit(&case.session.ledger.store, &case.address, &args.reason)?;
    let found = Found::find(&case, &args.participant, &args.milestone)?;
    let claim = found.claim(case.cluster())?;
    let grant = args.decision == Decision::Grant;
    let already = if grant {
        claim.turn == ClaimTurn::Granted
    } else {
        claim.turn == ClaimTurn::Refused
    };
    if already {
        let view = ClaimView::of(found.address, &found.place, &claim);
        return Answer::new(&Change::unchanged(view));
    }
    let participant = &found.place.participant;
    let accounts = accounts::ArbitrateVisit {
        operator: case.session.key(),
        operator_record: case.board_record()?,
        board: case.trial.board,
        trial: case.address,
        site: found.place.site,
        schedule: Schedule::find_address(&case.address, participant.schedule).0,
        cohort: found.place.cohort,
        person: participant.person,
        claim: found.address,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Decide a claimed visit")
        .with("trial", case.address)
        .with("participant", participant.key)
        .with("milestone", found.milestone)
        .with("decision", if grant { "earned" } else { "not earned" });
    let data = instruction::ArbitrateVisit {
        args: ArbitrateVisitArgs {
            grant,
            reason_digest,
        },
    };
    let receipt = case.perform(&intent, &accounts, &data)?;
    Answer::new(&Change::changed(found.again(&case)?, receipt))
}
