//! `galen trial visit refuse`

use std::path::PathBuf;

use registry::state::Permission;
use trials::instructions::RefuseVisitArgs;
use trials::state::{ClaimTurn, Site};
use trials::{accounts, instruction};

use super::super::case::{Case, Target};
use super::super::paper;
use super::super::read;
use super::found::{ClaimView, Found};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial visit refuse`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial visit refuse TRIAL --participant KEY --milestone 1 --reason no-show.pdf

Says that a claimed visit was not made. Signed by an operator of the site with the permission attest-visit; a visit that was made
is attested instead (`galen trial attest`), which answers the claim too. The ethics board can overrule it. Only a salted
commitment to the reason goes to the ledger. Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The participant's key
    #[arg(long, value_name = "KEY")]
    participant: String,
    /// The milestone's number in the schedule, from 0
    #[arg(long, value_name = "NUMBER")]
    milestone: String,
    /// Why, in any format; it stays with you
    #[arg(long, value_name = "FILE")]
    reason: PathBuf,
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
    if claim.turn == ClaimTurn::Refused {
        let view = ClaimView::of(found.address, &found.place, &claim);
        return Answer::new(&Change::unchanged(view));
    }
    let site: Site = read::get(case.cluster(), &found.place.site)?;
    let accounts = accounts::RefuseVisit {
        operator: case.session.key(),
        operator_record: case
            .session
            .staff(&site.organization, Permission::AttestVisit)?,
        organization: site.organization,
        site: found.place.site,
        cohort: found.place.cohort,
        claim: found.address,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Refuse a claimed visit")
        .with("trial", case.address)
        .with("participant", found.place.participant.key)
        .with("milestone", found.milestone);
    let data = instruction::RefuseVisit {
        args: RefuseVisitArgs { reason_digest },
    };
    let receipt = case.perform(&intent, &accounts, &data)?;
    Answer::new(&Change::changed(found.again(&case)?, receipt))
}
