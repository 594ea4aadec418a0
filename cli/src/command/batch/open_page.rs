//! `galen batch open-page`

use std::path::PathBuf;

use provenance::instructions::OpenPageArgs;
use provenance::state::BatchPage;
use provenance::{accounts, instruction};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::show::View;
use super::view::open;
use crate::chain::change::Change;
use crate::chain::goods::{page_proof, proof_of, zero_copy, Goods};
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen batch open-page`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch open-page BATCH batch.leaves --serial SN00000001

Opens the page of dispense bits that the pack is on, at the manufacturer's cost; the rent comes back when records of the batch
need not be kept any longer. Signed by an operator of the manufacturer with the permission manage-batch. Running it again is fine.")]
pub struct Args {
    /// The batch's address
    #[arg(value_name = "BATCH")]
    batch: Pubkey,
    /// The leaf file
    #[arg(value_name = "LEAVES")]
    leaves: PathBuf,
    /// The serial number of any pack on the page
    #[arg(long, allow_hyphen_values = true)]
    serial: String,
}

/// Runs the command.
///
/// # Errors
/// Those of the leaf file, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let mut leaves = open(&args.leaves)?;
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let goods = Goods::read(cluster, args.batch)?;
    let proof = proof_of(&goods, &mut leaves, &args.leaves, &args.serial)?;
    let number = goods.page_number(proof.index);
    let page = BatchPage::address(&goods.address, number);
    if zero_copy::<BatchPage>(cluster, &page, "page")?.is_some() {
        return Answer::new(&Change::unchanged(View::new(&goods)));
    }
    let (root, siblings) = page_proof(&goods, &proof)
        .ok_or_else(|| CliError::new("bad_proof", "The leaf file gives no proof of the page."))?;
    let manufacturer = goods.batch.manufacturer;
    let accounts = accounts::OpenPage {
        operator: session.key(),
        operator_record: session.staff(&manufacturer, Permission::ManageBatch)?,
        manufacturer,
        batch: goods.address,
        page,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::OpenPage {
        args: OpenPageArgs {
            number,
            root,
            siblings,
        },
    };
    let intent = Intent::new("Open a page of a batch")
        .with("batch", goods.address)
        .with("page", number)
        .with("packs on it", format!("2^{}", goods.batch.page_height));
    let receipt = session.perform(&intent, provenance::ID, &accounts, &data)?;
    let goods = Goods::read(cluster, args.batch)?;
    Answer::new(&Change::changed(View::new(&goods), receipt))
}
