//! `galen trial approve`

use galen_rules::Date;
use trials::constants::NO_DAY;
use trials::instructions::ApproveProtocolArgs;
use trials::state::ProtocolVersion;
use trials::{accounts, instruction};

use super::case::{Case, Target};
use super::parts::Version;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::text::hex;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial approve`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial approve TRIAL --version-number 1
  galen trial approve TRIAL --version-number 2 --from 2027-01-01

Signed by an operator of the ethics board with the permission oversee-trial. Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The version of protocol and consent form
    #[arg(long, value_name = "NUMBER")]
    version_number: u16,
    /// First day on which it is in force; today or later [default: today, by the cluster's clock]
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `approved_differently`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let (protocol, _) = ProtocolVersion::find_address(&case.address, args.version_number);
    let version: ProtocolVersion = entity::get(case.cluster(), &protocol)?;
    if version.effective_from != NO_DAY {
        if let Some(from) = args
            .from
            .filter(|from| from.days() != version.effective_from)
        {
            let there =
                Date::from_days(version.effective_from).map_or_else(String::new, |d| d.to_string());
            let message = format!("Version {} is approved already, from {there} on and not from {from}; that never changes.", args.version_number);
            return Err(CliError::new("approved_differently", message));
        }
        return Answer::new(&Change::unchanged(Version::new(protocol, &version)));
    }
    let from = match args.from {
        Some(from) => from,
        None => case.today()?,
    };
    let accounts = accounts::ApproveProtocol {
        operator: case.session.key(),
        operator_record: case.board_record()?,
        board: case.trial.board,
        trial: case.address,
        protocol,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Approve a version of protocol and consent form")
        .with("trial", case.address)
        .with("version", args.version_number)
        .with("protocol", hex(&version.protocol_digest))
        .with("consent form", hex(&version.consent_form_digest))
        .with("in force from", from);
    let data = instruction::ApproveProtocol {
        args: ApproveProtocolArgs {
            effective_from: from.days(),
        },
    };
    let receipt = case.perform(&intent, &accounts, &data)?;
    let version: ProtocolVersion = entity::get(case.cluster(), &protocol)?;
    Answer::new(&Change::changed(Version::new(protocol, &version), receipt))
}
