//! `galen recall issue`

use std::path::PathBuf;

use galen_rules::merkle::Subtree;
use provenance::convert::{ClassArg, DepthArg};
use provenance::instructions::IssueRecallArgs;
use provenance::state::node::RecallTerms;
use provenance::state::{RecallEntry, RecallSlot};
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use crate::chain::change::Change;
use crate::chain::goods::{digest_of, Goods, PlaceName, PlaceView};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::when::Span;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen recall issue`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen recall issue BATCH batch --org REGULATOR --class one --depth consumer --notice notice.pdf --within 3d
  galen recall issue BATCH case:3 --org MANUFACTURER --class unset --depth retailer --notice notice.pdf --within 3d

Signed by an operator of the manufacturer or of a regulator with the permission recall-batch. It holds for every check from then on,
whatever its depth: that says who is to be told, and from whom the goods are taken back. A part is from then on apart from what it
lies in, which goes on without it.

Running it again changes nothing. With another class it is the same recall: number, deadline and acknowledgements stay; a manufacturer
makes its own only graver. Another notice or depth that says more is another recall, which takes the place of the one before, with a
deadline of its own; holders acknowledge it anew. One that says no more, or less, is refused (RecallInForce): lift the first one before.
Recalls of several regulators stand beside each other, each lifted by its own.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// batch, pallet:NUMBER, case:NUMBER or pack:NUMBER
    #[arg(value_name = "PLACE")]
    place: PlaceName,
    /// The manufacturer or the regulator: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// How dangerous (21 CFR 7.3(m))
    #[arg(long, value_enum)]
    class: Class,
    /// How far down the chain
    #[arg(long, value_enum)]
    depth: Depth,
    /// The notice; its hash is written
    #[arg(long, value_name = "FILE")]
    notice: PathBuf,
    /// How long holders have to acknowledge it: at most 90d
    #[arg(long, value_name = "SPAN")]
    within: Span,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Class {
    /// Serious harm or death is reasonably probable
    One,
    /// Harm is temporary or reversible, or serious harm is remote
    Two,
    /// Harm is not likely
    Three,
    /// Not said yet: treated as the first
    Unset,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Depth {
    /// To wholesalers
    Wholesaler,
    /// To pharmacies and hospitals
    Retailer,
    /// To patients
    Consumer,
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
    let terms = RecallTerms {
        class: match args.class {
            Class::One => ClassArg::One,
            Class::Two => ClassArg::Two,
            Class::Three => ClassArg::Three,
            Class::Unset => ClassArg::Unset,
        },
        depth: match args.depth {
            Depth::Wholesaler => DepthArg::Wholesaler,
            Depth::Retailer => DepthArg::Retailer,
            Depth::Consumer => DepthArg::Consumer,
        },
        notice: digest_of(&args.notice)?,
        respond_within: args.within.seconds(),
    };
    let slot = if organization == goods.batch.manufacturer {
        RecallSlot::Manufacturer
    } else {
        RecallSlot::Regulator
    };
    let in_force = match goods.node(cluster, of)? {
        Some(node) => goods.recalls(cluster, of, &node)?,
        None => Vec::new(),
    };
    let is_said = |(of, recall): &(RecallSlot, RecallEntry)| {
        *of == slot && is_said(recall, &organization, &terms)
    };
    if in_force.iter().any(is_said) {
        let view = PlaceView::read(cluster, &goods, of)?;
        return Answer::new(&Change::unchanged(view));
    }
    let issue = issue(&session, &goods, of, organization, terms)?;
    let intent = Intent::new("Recall")
        .with("what", format!("{} of {}", args.place, goods.address))
        .with("class", format!("{:?}", args.class))
        .with("depth", format!("{:?}", args.depth))
        .with("by", organization);
    let receipt = session.execute(&intent, &[issue], &[])?;
    Answer::new(&Change::changed(
        PlaceView::read(cluster, &goods, of)?,
        receipt,
    ))
}

/// Whether a recall says all that is to be said. For how long it is to be acknowledged does not count: a deadline stays.
fn is_said(recall: &RecallEntry, issuer: &Pubkey, terms: &RecallTerms) -> bool {
    recall.is_in_force()
        && recall.issuer == *issuer
        && recall.notice == terms.notice
        && recall.class == terms.class.number()
        && recall.depth == terms.depth.number()
}

/// The instruction that recalls a place.
///
/// # Errors
/// `place_unknown`, `wrong_account`, `cluster_unreachable`, and those of the staff record.
pub fn issue(
    session: &Session,
    goods: &Goods,
    of: Subtree,
    organization: Pubkey,
    terms: RecallTerms,
) -> Result<Instruction> {
    let (node, [case_above, pallet_above, batch_above]) = goods.records(of)?;
    let accounts = accounts::IssueRecall {
        operator: session.key(),
        operator_record: session.staff(&organization, Permission::RecallBatch)?,
        organization,
        batch: goods.address,
        node,
        case_above,
        pallet_above,
        batch_above,
        recall_list: goods.recall_list(session.cluster(), of, &organization)?,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::IssueRecall {
        args: IssueRecallArgs {
            place: of.into(),
            terms,
        },
    };
    Ok(crate::chain::instruction(provenance::ID, &accounts, &data))
}
