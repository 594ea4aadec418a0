//! `galen trial visit claim`

use std::path::{Path, PathBuf};

use galen_rules::trial::Bits;
use galen_rules::Date;
use solana_signer::Signer;
use trials::constants::NO_DAY;
use trials::instructions::ClaimVisitArgs;
use trials::state::Schedule;
use trials::{accounts, instruction};

use super::super::case::{instruction as of_trials, Case, Target};
use super::super::independent;
use super::super::paper;
use super::super::rows;
use super::super::who;
use super::found::{ClaimView, Found};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial visit claim`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial visit claim TRIAL --participant anna.json --milestone 1 --visited 2026-03-01 --evidence appointment.pdf
  galen trial visit claim TRIAL --participant KEY --milestone 2 --evidence letter.pdf

Claims a visit that the site does not attest; without --visited, one that the site has attested and nobody countersigns. The site
has as long to answer as it has to attest, then anybody passes the claim to the ethics board's arbiter, whose silence pays it.
Signed by the participant's keypair, who pays the rent until the claim is closed; where the site holds that key, by somebody
independent of the site (sponsor's countersign-visit, ethics board's oversee-trial), who names the participant by the public key. Only a salted
commitment to the evidence goes to the ledger. Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The participant's keypair (a file, prompt:// or usb://ledger), or key
    #[arg(long, value_name = "KEY")]
    participant: String,
    /// The milestone's number in the schedule, from 0
    #[arg(long, value_name = "NUMBER")]
    milestone: String,
    /// The day of the visit; left out where the site has attested it
    #[arg(long, value_name = "DATE")]
    visited: Option<Date>,
    /// What shows that the visit was made, in any format; it stays with you
    #[arg(long, value_name = "FILE")]
    evidence: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `participant_unknown`, `not_independent`, `claim_differs`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let evidence_digest = paper::commit(&case.session.ledger.store, &case.address, &args.evidence)?;
    // A public key is somebody else's word; a keypair is the participant's own.
    let (key, signer) = match rows::key(&args.participant) {
        Ok(key) => (key, None),
        Err(_) => {
            let signer = who::signer(&args.participant, Path::new(""))
                .map_err(|reason| reason.at(None, "participant").into_error())?;
            (signer.pubkey(), Some(signer))
        }
    };
    let found = Found::of(&case, &key, &args.milestone)?;
    let visit_day = args.visited.map(Date::days);
    if let Some(claim) = &found.claim {
        let same = claim.evidence_digest == evidence_digest
            && claim.visit_day == visit_day.unwrap_or(NO_DAY);
        if same {
            let view = ClaimView::of(found.address, &found.place, claim);
            return Answer::new(&Change::unchanged(view));
        }
        let message = "The visit is claimed already, for another day or on other evidence; a claim never changes. `galen trial visit list` shows it.";
        return Err(CliError::new("claim_differs", message));
    }
    let participant = &found.place.participant;
    if visit_day.is_some() && Bits(participant.attested).has(found.milestone) {
        let message = format!(
            "The site has attested milestone {}; where nobody countersigns it, claim it without --visited.",
            found.milestone
        );
        return Err(CliError::new("claim_day_invalid", message));
    }
    let voice = match &signer {
        Some(_) => None,
        None => Some(independent::voice(&case)?),
    };
    let accounts = accounts::ClaimVisit {
        signer: signer
            .as_ref()
            .map_or_else(|| case.session.key(), |signer| signer.pubkey()),
        operator_record: voice.map(|voice| voice.record),
        organization: voice.map(|voice| voice.organization),
        trial: case.address,
        schedule: Schedule::find_address(&case.address, participant.schedule).0,
        cohort: found.place.cohort,
        claim: found.address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Claim a visit")
        .with("trial", case.address)
        .with("participant", participant.key)
        .with("milestone", found.milestone)
        .with(
            "visited on",
            args.visited.map_or_else(
                || "as the site has attested".to_owned(),
                |day| day.to_string(),
            ),
        );
    let data = instruction::ClaimVisit {
        args: ClaimVisitArgs {
            index: found.place.index,
            milestone: found.milestone,
            visit_day,
            evidence_digest,
        },
    };
    let others: Vec<&dyn Signer> = signer.iter().map(AsRef::as_ref).collect();
    let claim = of_trials(&accounts, &data);
    let receipt = case.session.execute(&intent, &[claim], &others)?;
    Answer::new(&Change::created(found.again(&case)?, receipt))
}
