//! `galen batch set-status`

use std::path::PathBuf;

use galen_rules::merkle::Subtree;
use provenance::convert::StatusAction;
use provenance::instructions::SetStatusArgs;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::chain::change::Change;
use crate::chain::goods::{digest_of, Goods, PlaceName, PlaceView};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen batch set-status`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch set-status BATCH case:3 quarantine --org PHARMACY --reason note.pdf
  galen batch set-status BATCH case:3 release --org PHARMACY --reason findings.pdf
  galen batch set-status BATCH pack:12417 decommission --org PHARMACY --reason broken.pdf

Signed by an operator with the permission hand-over: of who has the goods; to set them aside, also of the manufacturer or a
regulator. What was set aside is released by whoever did it, or by a regulator: also once it is destroyed, stolen or
decommissioned, for what was set apart of it before. An excursion is released by
`galen cold-chain assess`.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
    /// What is done with it
    #[arg(value_enum)]
    action: Action,
    /// Who acts: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// The document that says why; its hash is written
    #[arg(long, value_name = "FILE")]
    reason: PathBuf,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Action {
    /// Put into its parent for shipping
    Pack,
    /// A returned one found to be genuine and fit
    Verify,
    /// Set aside
    Quarantine,
    /// Set aside as perhaps not genuine
    Suspect,
    /// Found to be genuine and fit
    Release,
    /// Found not to be
    Condemn,
    /// Destroyed
    Destroy,
    /// Stolen
    ReportTheft,
    /// Sent abroad
    Export,
    /// Taken out without a patient
    Decommission,
}

impl From<Action> for StatusAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Pack => Self::Pack,
            Action::Verify => Self::Verify,
            Action::Quarantine => Self::Quarantine,
            Action::Suspect => Self::Suspect,
            Action::Release => Self::Release,
            Action::Condemn => Self::Condemn,
            Action::Destroy => Self::Destroy,
            Action::ReportTheft => Self::ReportTheft,
            Action::Export => Self::Export,
            Action::Decommission => Self::Decommission,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// `place_unknown`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let (organization, _) = resolve(cluster, &args.org)?;
    let of = args.place.0;
    let set = set_status(
        &session,
        &goods,
        of,
        organization,
        args.action.into(),
        digest_of(&args.reason)?,
    )?;
    let intent = Intent::new("Say what has become of goods")
        .with("what", format!("{} of {}", args.place, goods.address))
        .with("done", format!("{:?}", args.action))
        .with("by", organization);
    let receipt = session.execute(&intent, &[set], &[])?;
    Answer::new(&Change::changed(
        PlaceView::read(cluster, &goods, of)?,
        receipt,
    ))
}

/// The instruction that says what has become of a place.
///
/// # Errors
/// `place_unknown`, and those of the staff record.
pub fn set_status(
    session: &Session,
    goods: &Goods,
    of: Subtree,
    organization: Pubkey,
    action: StatusAction,
    reason: [u8; 32],
) -> Result<Instruction> {
    let (node, [case_above, pallet_above, batch_above]) = goods.records(of)?;
    let accounts = accounts::SetStatus {
        operator: session.key(),
        operator_record: session.staff(&organization, Permission::HandOver)?,
        organization,
        batch: goods.address,
        page: goods.page_of(of),
        node,
        case_above,
        pallet_above,
        batch_above,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::SetStatus {
        args: SetStatusArgs {
            place: of.into(),
            action,
            reason,
        },
    };
    Ok(crate::chain::instruction(provenance::ID, &accounts, &data))
}
