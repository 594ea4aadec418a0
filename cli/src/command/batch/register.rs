//! `galen batch register`

use std::path::PathBuf;

use galen_rules::merkle::{Level, Subtree};
use galen_rules::Date;
use provenance::constants::{
    POLICY_CUSTODY, POLICY_OPENING_DISPENSES, STORAGE_ANY, STORAGE_COLD, STORAGE_ROOM,
};
use provenance::instructions::RegisterBatchArgs;
use provenance::state::{Batch, BatchTerms, Node, Product};
use provenance::{accounts, instruction};
use registry::state::Permission;
use sha2::{Digest, Sha256};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::show::View;
use super::view::{open, refused};
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::goods::{zero_copy, Goods};
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::command::bond::cover;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Flags of `galen batch register`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen batch register batch.leaves --org MANUFACTURER --lot A1 --expiry 2028-03-31 --credentials-from REGULATOR \\
    --trading-kind 7 --returns-kind 8 --location https://packs.example/A1.leaves --bond BOND --cents-per-pack 12500

Signed by an operator of the manufacturer with the permission manage-batch, and with fund where a bond covers the batch: with --bond it
does from the first moment (`galen bond open`), without one until `galen bond cover` an insurer gets nothing back for a pack that is recalled. Only the root and the hash of the leaf file are
written, however many packs there are. Running it again with the same leaf file and
terms is fine; a batch that is registered never changes, and other terms are refused by name.")]
pub struct Args {
    /// The leaf file, from `galen batch build`
    #[arg(value_name = "LEAVES")]
    leaves: PathBuf,
    /// The manufacturer: its address or id
    #[arg(long, value_name = "ORG")]
    org: Pubkey,
    /// The lot number, as it is printed
    #[arg(long)]
    lot: String,
    /// Last day of use
    #[arg(long, value_name = "DATE")]
    expiry: Date,
    /// The organization whose credentials make a trading partner
    #[arg(long, value_name = "ORG")]
    credentials_from: Pubkey,
    /// Kind of the credential of a trading partner
    #[arg(long, value_name = "KIND")]
    trading_kind: u16,
    /// Kind of the credential of a reverse distributor
    #[arg(long, value_name = "KIND")]
    returns_kind: u16,
    /// Where the leaf file is served; its hash is written
    #[arg(long, value_name = "URL")]
    location: String,
    /// Packs on a page of dispense bits, as a power of two
    #[arg(long, value_name = "HEIGHT", default_value_t = 12)]
    page_height: u8,
    /// Base units in a pack (tablets in a bottle), where packs are filled in parts
    #[arg(long, value_name = "COUNT", default_value_t = 0)]
    units: u32,
    /// How it must be kept
    #[arg(long, value_enum, default_value_t = Storage::Any)]
    storage: Storage,
    /// Do not record custody: no pack can be called genuine before it is dispensed
    #[arg(long)]
    without_custody: bool,
    /// Opening a pack of several base units counts as dispensing it, where the law says so; what is left in it is filled all the same
    #[arg(long, requires = "units")]
    opening_dispenses: bool,
    /// The bond that pays insurers back for recalled packs
    #[arg(long, value_name = "BOND", requires = "cents_per_pack")]
    bond: Option<Pubkey>,
    /// The most that the bond pays for a pack, in cents
    #[arg(long, value_name = "CENTS", requires = "bond", value_parser = clap::value_parser!(u64).range(1..))]
    cents_per_pack: Option<u64>,
}

/// How a product must be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Storage {
    /// No limits
    Any,
    /// Controlled room temperature (USP <659>)
    Room,
    /// Controlled cold temperature (USP <659>)
    Cold,
}

impl Args {
    /// The bits of the batch's policy.
    const fn policy(&self) -> u8 {
        let custody = if self.without_custody {
            0
        } else {
            POLICY_CUSTODY
        };
        let opening = if self.opening_dispenses {
            POLICY_OPENING_DISPENSES
        } else {
            0
        };
        custody | opening
    }
}

/// Runs the command.
///
/// # Errors
/// Those of the leaf file, `bad_lot`, `batch_differs` with what differs, and the program's refusals, also those of `galen bond cover`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let lot = lot_of(&args.lot)?;
    let mut leaves = open(&args.leaves)?;
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let (product, _) = Product::find_address(&leaves.gtin());
    let manufacturer = resolve(cluster, &args.org)?.0;
    let credential_issuer = resolve(cluster, &args.credentials_from)?.0;
    entity::get::<Product>(cluster, &product)?;
    let (batch, _) = Batch::find_address(&product, &lot);
    let terms = BatchTerms {
        lot,
        expiry: args.expiry.days(),
        quantity: leaves.count(),
        units: args.units,
        root: leaves.root(),
        layout: leaves.layout().exponents(),
        page_height: args.page_height.min(leaves.layout().depth()),
        leaf_file: leaves
            .file_hash()
            .map_err(|error| refused(&args.leaves, &error))?,
        location: Sha256::digest(args.location.as_bytes()).into(),
        policy: args.policy(),
        storage: match args.storage {
            Storage::Any => STORAGE_ANY,
            Storage::Room => STORAGE_ROOM,
            Storage::Cold => STORAGE_COLD,
        },
        credential_kind: args.trading_kind,
        return_kind: args.returns_kind,
    };
    let cover = args.bond.zip(args.cents_per_pack);
    if zero_copy::<Batch>(cluster, &batch, "batch")?.is_some() {
        let goods = Goods::read(cluster, batch)?;
        let differing = differing(&goods.batch, &manufacturer, &credential_issuer, &terms);
        if !differing.is_empty() {
            let message = format!(
                "The lot {} of this product is registered with other terms: it differs in {}. A batch never changes. Where what is registered is wrong, recall it with `galen recall issue`, so that nothing of it is sold.",
                args.lot,
                differing.join(", ")
            );
            return Err(CliError::new("batch_differs", message));
        }
        if let Some((bond, cents)) =
            cover.filter(|cover| *cover != (goods.batch.bond, goods.batch.cover))
        {
            let intent = Intent::new("Let a bond cover a batch that is registered")
                .with("batch", batch)
                .with("bond", bond)
                .with("at most for a pack", money(cents))
                .with("before", money(goods.batch.cover));
            let cover = cover::instruction(&session, bond, manufacturer, batch, cents)?;
            let receipt = session.execute(&intent, &[cover], &[])?;
            let covered = View::new(&Goods::read(cluster, batch)?);
            return Answer::new(&Change::changed(covered, receipt));
        }
        return Answer::new(&Change::unchanged(View::new(&goods)));
    }
    let mut instructions = vec![register(
        &session,
        manufacturer,
        credential_issuer,
        product,
        terms,
    )?];
    if let Some((bond, cents)) = cover {
        instructions.push(cover::instruction(
            &session,
            bond,
            manufacturer,
            batch,
            cents,
        )?);
    }
    let intent = Intent::new("Register a batch")
        .with("GTIN", String::from_utf8_lossy(&leaves.gtin()))
        .with("lot", &args.lot)
        .with("expiry", args.expiry)
        .with("packs", terms.quantity)
        .with("root", crate::chain::text::hex(&terms.root))
        .with(
            "custody",
            if args.without_custody {
                "not recorded"
            } else {
                "recorded"
            },
        )
        .with(
            "bond",
            cover.map_or_else(
                || "none; insurers get nothing back for recalled packs".to_owned(),
                |(bond, cents)| format!("{bond}, up to {} a pack", money(cents)),
            ),
        );
    let receipt = session.execute(&intent, &instructions, &[])?;
    Answer::new(&Change::created(
        View::new(&Goods::read(cluster, batch)?),
        receipt,
    ))
}

/// What a batch on the ledger says otherwise, by the flags.
fn differing(
    batch: &Batch,
    manufacturer: &Pubkey,
    credential_issuer: &Pubkey,
    terms: &BatchTerms,
) -> Vec<&'static str> {
    [
        ("--org", batch.manufacturer == *manufacturer),
        ("the root of the packs", batch.root == terms.root),
        ("the number of packs", batch.quantity == terms.quantity),
        ("cases and pallets", batch.layout == terms.layout),
        ("the leaf file", batch.leaf_file == terms.leaf_file),
        ("--expiry", batch.expiry == terms.expiry),
        ("--units", batch.units == terms.units),
        ("--page-height", batch.page_height == terms.page_height),
        ("--location", batch.location == terms.location),
        (
            "--without-custody",
            batch.is_custody_recorded() == (terms.policy & POLICY_CUSTODY != 0),
        ),
        (
            "--opening-dispenses",
            batch.opening_dispenses() == (terms.policy & POLICY_OPENING_DISPENSES != 0),
        ),
        ("--storage", batch.storage == terms.storage),
        (
            "--credentials-from",
            batch.credential_issuer == *credential_issuer,
        ),
        (
            "--trading-kind",
            batch.credential_kind == terms.credential_kind,
        ),
        ("--returns-kind", batch.return_kind == terms.return_kind),
    ]
    .into_iter()
    .filter_map(|(name, is_same)| (!is_same).then_some(name))
    .collect()
}

/// The instruction that registers a batch.
///
/// # Errors
/// Those of the staff record.
pub fn register(
    session: &Session,
    manufacturer: Pubkey,
    credential_issuer: Pubkey,
    product: Pubkey,
    terms: BatchTerms,
) -> Result<Instruction> {
    let (batch, _) = Batch::find_address(&product, &terms.lot);
    let whole = Subtree {
        level: Level::Batch,
        index: 0,
    };
    let accounts = accounts::RegisterBatch {
        operator: session.key(),
        operator_record: session.staff(&manufacturer, Permission::ManageBatch)?,
        manufacturer,
        credential_issuer,
        product,
        batch,
        node: Node::address(&batch, whole),
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: provenance::EVENT_AUTHORITY_AND_BUMP.0,
        program: provenance::ID,
    };
    let data = instruction::RegisterBatch {
        args: RegisterBatchArgs { terms },
    };
    Ok(crate::chain::instruction(provenance::ID, &accounts, &data))
}

/// A lot number as the ledger has it.
///
/// # Errors
/// `bad_lot`.
pub fn lot_of(text: &str) -> Result<[u8; 20]> {
    let mut lot = [0; 20];
    lot.get_mut(..text.len())
        .ok_or_else(|| CliError::new("bad_lot", "A lot number has at most 20 characters."))?
        .copy_from_slice(text.as_bytes());
    Ok(lot)
}
