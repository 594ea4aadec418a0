//! `galen trial publish`

use std::path::{Path, PathBuf};

use registry::state::Permission;
use sha2::{Digest, Sha256};
use trials::instructions::PublishProtocolArgs;
use trials::state::ProtocolVersion;
use trials::{accounts, instruction};

use super::case::{Case, Target};
use super::parts::Version;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::text::hex;
use crate::config::Settings;
use crate::document;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial publish`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial publish TRIAL --protocol protocol.pdf --consent-form consent.pdf
  galen trial publish TRIAL --protocol protocol-2.pdf --consent-form consent.pdf --without-new-consent

Signed by an operator of the sponsor with the permission manage-trial. Only SHA-256 hashes of the documents go to the ledger.
A version counts from the day that the ethics board approves it for (`galen trial approve`). Publishing the documents of the
last version again changes nothing.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The protocol, in any format
    #[arg(long, value_name = "FILE")]
    protocol: PathBuf,
    /// The consent form, in any format
    #[arg(long, value_name = "FILE")]
    consent_form: PathBuf,
    /// Participants need not consent anew; not for the first version
    #[arg(long)]
    without_new_consent: bool,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `file_missing`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let protocol_digest = digest(&args.protocol)?;
    let consent_form_digest = digest(&args.consent_form)?;
    let case = Case::open(&args.target, settings)?;
    let published = u16::from(case.trial.published);
    let renews_consent = !args.without_new_consent || published == 0;
    if published > 0 {
        let (address, _) = ProtocolVersion::find_address(&case.address, published);
        let last: ProtocolVersion = entity::get(case.cluster(), &address)?;
        if (last.protocol_digest, last.consent_form_digest)
            == (protocol_digest, consent_form_digest)
        {
            return Answer::new(&Change::unchanged(Version::new(address, &last)));
        }
    }
    let number = published.saturating_add(1);
    let (protocol, _) = ProtocolVersion::find_address(&case.address, number);
    let accounts = accounts::PublishProtocol {
        operator: case.session.key(),
        operator_record: case.sponsor_record(Permission::ManageTrial)?,
        sponsor: case.trial.sponsor,
        trial: case.address,
        protocol,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Publish a version of protocol and consent form")
        .with("trial", case.address)
        .with("version", number)
        .with("protocol", hex(&protocol_digest))
        .with("consent form", hex(&consent_form_digest))
        .with(
            "participants",
            if renews_consent {
                "consent anew"
            } else {
                "need not consent anew"
            },
        );
    let data = instruction::PublishProtocol {
        args: PublishProtocolArgs {
            number,
            protocol_digest,
            consent_form_digest,
            renews_consent,
        },
    };
    let receipt = case.perform(&intent, &accounts, &data)?;
    let version: ProtocolVersion = entity::get(case.cluster(), &protocol)?;
    Answer::new(&Change::created(Version::new(protocol, &version), receipt))
}

/// SHA-256 of a document.
///
/// # Errors
/// `file_missing`, `file_unreadable`, `file_too_large`.
pub fn digest(path: &Path) -> Result<[u8; 32]> {
    Ok(Sha256::digest(document::bytes(path)?).into())
}
