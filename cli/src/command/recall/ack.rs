//! `galen recall ack`

use provenance::instructions::AcknowledgeRecallArgs;
use provenance::state::{Acknowledgement, RecallEntry, RecallList, RecallSlot};
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::goods::{Goods, PlaceName, PlaceView};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen recall ack`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen recall ack BATCH case:3 --org PHARMACY --of regulator --packs 6
  galen recall ack BATCH case:3 --org PHARMACY --of regulator --issuer REGULATOR --packs 6

Signed by an operator of the holder with the permission hand-over. The holder has, or once had, a credential of a trading partner or a
reverse distributor for the batch; who has nothing left says 0 packs. Running it again is fine; what was said once stays.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// What was recalled: batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
    /// The holder: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// Whose recall it is
    #[arg(long, value_enum)]
    of: Issuer,
    /// Whose, where several regulators recall it: the organisation's address; else the gravest
    #[arg(long, value_name = "ORG")]
    issuer: Option<Pubkey>,
    /// Packs that the holder has found with itself
    #[arg(long, value_name = "COUNT")]
    packs: u64,
    /// Number of the holder's credential
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    credential: u32,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Issuer {
    /// The manufacturer's
    Manufacturer,
    /// A regulator's
    Regulator,
}

/// Runs the command.
///
/// # Errors
/// `not_recalled`, `credential_missing`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let (organization, _) = resolve(cluster, &args.org)?;
    let of = args.place.0;
    let slot = match args.of {
        Issuer::Manufacturer => RecallSlot::Manufacturer,
        Issuer::Regulator => RecallSlot::Regulator,
    };
    let record = goods.node(cluster, of)?;
    let in_force = match &record {
        Some(record) => goods.recalls(cluster, of, record)?,
        None => Vec::new(),
    };
    let is_meant = |recall: &RecallEntry| args.issuer.is_none_or(|issuer| recall.issuer == issuer);
    let mut meant = in_force
        .into_iter()
        .filter(|(of, recall)| *of == slot && is_meant(recall));
    // Of several regulators the gravest comes first, and stands in the place's record.
    let (_, recall) = meant.next().ok_or_else(|| {
        let message = format!("There is no such recall of {} in force.", args.place);
        CliError::new("not_recalled", message)
    })?;
    let recall_list = record
        .filter(|record| record.recall_in(slot).number != recall.number)
        .map(|_| RecallList::address(&goods.address, of));
    let node = goods.records(of)?.0;
    let (acknowledgement, _) = Acknowledgement::find_address(&node, recall.number, &organization);
    let view = || PlaceView::read(cluster, &goods, of);
    if entity::find::<Acknowledgement>(cluster, &acknowledgement)?.is_some() {
        return Answer::new(&Change::unchanged(view()?));
    }
    let accounts = accounts::AcknowledgeRecall {
        operator: session.key(),
        operator_record: session.staff(&organization, Permission::HandOver)?,
        organization,
        credential: goods.credential(cluster, &organization, args.credential)?,
        batch: goods.address,
        node,
        recall_list,
        acknowledgement,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::AcknowledgeRecall {
        args: AcknowledgeRecallArgs {
            slot,
            number: recall.number,
            packs: args.packs,
        },
    };
    let intent = Intent::new("Acknowledge a recall")
        .with("what", format!("{} of {}", args.place, goods.address))
        .with("by", organization)
        .with("packs", args.packs);
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    Answer::new(&Change::created(view()?, receipt))
}
