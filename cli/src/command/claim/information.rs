//! `galen claim request-information` and `galen claim provide-information`: what stops a pended claim's clocks, and lets
//! them run again.

use std::path::PathBuf;

use claims::instructions::{ProvideInformationArgs, RequestInformationArgs};
use claims::state::ClaimStatus;
use claims::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::intent::Intent;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::document;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen claim request-information`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim request-information ADDRESS questions.pdf

For a claim that waits for a decision: its clocks stand until the provider answers or the claim is decided. The letter
travels off the ledger; on it stands a salted commitment.")]
pub struct Request {
    /// The claim's account
    address: Pubkey,
    /// What is asked: any file
    #[arg(value_name = "FILE")]
    document: PathBuf,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Flags of `galen claim provide-information`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim provide-information ADDRESS answers.pdf

The claim's clocks run again. The answer travels off the ledger; on it stands a salted commitment.")]
pub struct Provide {
    /// The claim's account
    address: Pubkey,
    /// The answer: any file
    #[arg(value_name = "FILE")]
    document: PathBuf,
    #[command(flatten)]
    people: PeopleFlags,
}

fn open<'a>(address: Pubkey, people: &PeopleFlags, settings: &'a Settings) -> Result<Case<'a>> {
    let session = Session::open(settings)?;
    session
        .cluster()
        .require_private(people.public_ledger_accepted)?;
    Case::open(session, address)
}

/// Asks.
///
/// # Errors
/// `not_found`, and the program's refusals: `claim_not_pended`.
pub fn request(args: &Request, settings: &Settings) -> Result<Answer> {
    let case = open(args.address, &args.people, settings)?;
    // Of an award that is set aside the clock stands for another reason.
    if case.claim.status == ClaimStatus::Pended && case.claim.course.awaiting_since != 0 {
        return case.unchanged();
    }
    let accounts = accounts::RequestInformation {
        operator: case.session.key(),
        operator_record: case
            .session
            .staff(&case.pool.insurer, Permission::DecideClaim)?,
        insurer: case.pool.insurer,
        pool: case.claim.pool,
        claim: case.address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Wait for information on a claim")
        .with("claim", case.address)
        .with("asked", document::name(&args.document));
    let data = instruction::RequestInformation {
        args: RequestInformationArgs {
            document: case.commit(&args.document)?,
        },
    };
    case.execute(&intent, &accounts, &data)
}

/// Answers.
///
/// # Errors
/// `not_found`, and the program's refusals: `information_not_awaited`.
pub fn provide(args: &Provide, settings: &Settings) -> Result<Answer> {
    let case = open(args.address, &args.people, settings)?;
    // The same file, for which this store has made a commitment: it was given before.
    if case.claim.course.awaiting_since == 0 && case.has_committed(&args.document)? {
        return case.unchanged();
    }
    let accounts = accounts::ProvideInformation {
        operator: case.session.key(),
        operator_record: case
            .session
            .staff(&case.claim.provider, Permission::SubmitClaim)?,
        provider: case.claim.provider,
        claim: case.address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Give the information that a claim waits for")
        .with("claim", case.address)
        .with("answer", document::name(&args.document));
    let data = instruction::ProvideInformation {
        args: ProvideInformationArgs {
            document: case.commit(&args.document)?,
        },
    };
    case.execute(&intent, &accounts, &data)
}
