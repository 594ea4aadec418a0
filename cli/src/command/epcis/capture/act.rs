//! The instructions of a step, by the functions of the commands that do the same by hand.

use galen_rules::merkle::Subtree;
use galen_rules::Date;
use provenance::constants::{POLICY_CUSTODY, STORAGE_ANY};
use provenance::convert::{ClassArg, DepthArg};
use provenance::state::node::RecallTerms;
use provenance::state::{
    Batch, BatchTerms, Dispense, DispenseKind, Product, Shipment, ShipmentTerms,
};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::super::deed::Deed;
use super::super::what::Lot;
use super::map::{Mapped, Step};
use crate::chain::entity;
use crate::chain::goods::{digest_of, proof_of, zero_copy, Goods, PlaceName};
use crate::chain::organization::resolve;
use crate::chain::session::Session;
use crate::chain::when::Span;
use crate::command::batch::register::{lot_of, register};
use crate::command::batch::set_status::set_status;
use crate::command::pack::dispense::dispense;
use crate::command::pack::named::Pack;
use crate::command::product::register::register as register_product;
use crate::command::recall::issue::issue;
use crate::command::shipment::accept::accept;
use crate::command::shipment::end::end;
use crate::command::shipment::offer::{offer, Parties};
use crate::error::{CliError, Result};

/// What EPCIS events do not say.
#[derive(Debug, clap::Args)]
pub struct Terms {
    /// How long what is shipped can be accepted, and a recall be acknowledged: at most 90d
    #[arg(long, value_name = "SPAN", default_value = "7d")]
    within: Span,
    /// To register: the organization whose credentials make a trading partner
    #[arg(long, value_name = "ORG", requires_all = ["trading_kind", "returns_kind", "location"])]
    credentials_from: Option<Pubkey>,
    /// To register: kind of the credential of a trading partner
    #[arg(long, value_name = "KIND")]
    trading_kind: Option<u16>,
    /// To register: kind of the credential of a reverse distributor
    #[arg(long, value_name = "KIND")]
    returns_kind: Option<u16>,
    /// To register: where the leaf file is served; its hash is written
    #[arg(long, value_name = "URL")]
    location: Option<String>,
}

/// An instruction to send.
pub struct Act {
    /// The instruction's name.
    pub name: &'static str,
    /// Of what.
    pub place: Subtree,
    /// Of which batch.
    pub batch: Pubkey,
    /// To be sent.
    pub instruction: Instruction,
}

/// An instruction as it is printed.
#[derive(Serialize)]
pub struct View {
    pub instruction: &'static str,
    pub place: String,
    pub batch: String,
    pub program: String,
    pub accounts: Vec<AccountView>,
    pub data: String,
}

/// An account of an instruction as it is printed.
#[derive(Serialize)]
pub struct AccountView {
    pub key: String,
    pub signs: bool,
    pub writable: bool,
}

/// The instructions of a step; none where what it does is so already.
///
/// # Errors
/// `not_registered`, and what the commands of the same name refuse.
pub fn acts(
    session: &Session,
    lot: &mut Lot,
    terms: &Terms,
    organization: Pubkey,
    event: &Mapped,
    step: &Step,
) -> Result<Vec<Act>> {
    if step.deed == Deed::Commission {
        return commission(session, lot, terms, organization, event, step);
    }
    let cluster = session.cluster();
    let goods = Goods::read(cluster, lot.batch)?;
    let of = step.place;
    if !matches!(step.deed, Deed::Recall | Deed::Receive | Deed::VoidShipping) {
        require_page(session, &goods, of)?;
    }
    let act = |name, instruction| {
        vec![Act {
            name,
            place: of,
            batch: goods.address,
            instruction,
        }]
    };
    Ok(match step.deed {
        Deed::Ship if is_shipped(session, &goods, of, organization, step)? => Vec::new(),
        Deed::Ship => {
            let parties = Parties {
                sender: organization,
                credential: 0,
                recipient: step.recipient.unwrap_or_default(),
                recipient_credential: 0,
            };
            let terms = ShipmentTerms {
                accept_within: terms.within.seconds(),
                is_sale: step.is_sale,
                is_return: step.is_return,
                documents: event.digest,
            };
            act(
                "offer_shipment",
                offer(session, &goods, of, &parties, terms)?,
            )
        }
        Deed::Receive => match goods.shipment(cluster, of) {
            Ok((_, offer)) => {
                require_meant(&offer, organization, step)?;
                let (instruction, _) = accept(session, &goods, of, &[], 0)?;
                act("accept_shipment", instruction)
            }
            Err(error) if error.code == "not_found" && has(session, &goods, of, &organization)? => {
                Vec::new()
            }
            Err(error) => return Err(error),
        },
        Deed::VoidShipping => {
            let (_, offer) = goods.shipment(cluster, of)?;
            require_meant(&offer, organization, step)?;
            let (instruction, _) = end(session, &goods, of, Some(organization))?;
            act("end_shipment", instruction)
        }
        Deed::Dispense => {
            let there = goods.dispense(cluster, of)?;
            if there.is_some_and(|record| is_dispensed(&record, &organization)) {
                return Ok(Vec::new());
            }
            let pack = pack(goods, lot, of)?;
            let name = match of.level {
                galen_rules::merkle::Level::Pack => "dispense_pack",
                _ => "dispense_subtree",
            };
            let instruction = dispense(session, &pack, organization, 0, false)?;
            return Ok(vec![Act {
                name,
                place: of,
                batch: pack.goods.address,
                instruction,
            }]);
        }
        Deed::Status(action) => {
            let set = set_status(session, &goods, of, organization, action, event.digest)?;
            act("set_status", set)
        }
        Deed::Recall => {
            let terms = RecallTerms {
                class: ClassArg::Unset,
                depth: DepthArg::Consumer,
                notice: event.digest,
                respond_within: terms.within.seconds(),
            };
            act(
                "issue_recall",
                issue(session, &goods, of, organization, terms)?,
            )
        }
        Deed::Commission | Deed::Aggregate | Deed::Disaggregate => Vec::new(),
    })
}

/// Whether all of a place was dispensed by a pharmacy: not only kept for a claim, and not only units taken out of it.
fn is_dispensed(record: &Dispense, pharmacy: &Pubkey) -> bool {
    record.pharmacy == *pharmacy && record.kind() == DispenseKind::Dispensed && record.units == 0
}

/// Whether a place is on offer to its recipient, or with them already.
fn is_shipped(
    session: &Session,
    goods: &Goods,
    of: Subtree,
    sender: Pubkey,
    step: &Step,
) -> Result<bool> {
    let recipient = step.recipient.unwrap_or_default();
    match goods.shipment(session.cluster(), of) {
        Ok((_, offer)) => Ok(offer.sender == sender && offer.recipient == recipient),
        Err(error) if error.code == "not_found" => has(session, goods, of, &recipient),
        Err(error) => Err(error),
    }
}

/// Refuses to end an offer that the event is not about: of other parties, or in which the organisation has no part.
fn require_meant(offer: &Shipment, organization: Pubkey, step: &Step) -> Result<()> {
    let is_named = |named: Option<Pubkey>, party: Pubkey| named.is_none_or(|named| named == party);
    let may_end = organization == offer.recipient
        || (step.deed == Deed::VoidShipping && organization == offer.sender);
    if may_end && is_named(step.sender, offer.sender) && is_named(step.recipient, offer.recipient) {
        return Ok(());
    }
    let message = format!(
        "{} is on offer from {} to {}: another hand-over than the one that the event tells of.",
        PlaceName(step.place),
        offer.sender,
        offer.recipient
    );
    Err(CliError::new("other_offer", message))
}

/// Refuses what needs the page of a pack where that is not open.
fn require_page(session: &Session, goods: &Goods, of: Subtree) -> Result<()> {
    let Some(page) = goods.page_of(of) else {
        return Ok(());
    };
    match session.cluster().account(&page)? {
        Some(account) if account.owner == provenance::ID => Ok(()),
        _ => Err(CliError::new(
            "page_missing",
            "The page of dispense bits that this pack is on is not open; its manufacturer opens it with `galen batch open-page`.",
        )),
    }
}

/// Whether an organisation has custody of a place.
fn has(session: &Session, goods: &Goods, of: Subtree, organization: &Pubkey) -> Result<bool> {
    let node = goods.node(session.cluster(), of)?;
    let custody = node.and_then(|node| node.custody().ok()).flatten();
    Ok(custody.is_some_and(|custody| custody.custodian == *organization))
}

/// A pack of a place, with its proof.
fn pack(goods: Goods, lot: &mut Lot, of: Subtree) -> Result<Pack> {
    let refused = |error| crate::command::batch::view::refused(&lot.path, &error);
    let packs = lot.leaves.packs_in(of).map_err(refused)?;
    let (_, serial) = packs
        .into_iter()
        .next()
        .ok_or_else(|| CliError::new("place_unknown", "There is no pack in that place."))?;
    let proof = proof_of(&goods, &mut lot.leaves, &lot.path, &serial)?;
    Ok(Pack {
        goods,
        proof,
        place: of,
    })
}

/// The day in an event's master data on which a lot expires; none where it does not say.
fn expiry_of(event: &Value) -> Result<Option<Date>> {
    let Some(text) = event["ilmd"]["cbvmda:itemExpirationDate"].as_str() else {
        return Ok(None);
    };
    let day = text.get(..10).and_then(|day| day.parse().ok());
    day.map(Some).ok_or_else(|| {
        let message =
            format!("`{text}` is no day: cbvmda:itemExpirationDate is written 2049-12-31.");
        CliError::new("expiry_missing", message)
    })
}

fn commission(
    session: &Session,
    lot: &Lot,
    terms: &Terms,
    manufacturer: Pubkey,
    event: &Mapped,
    step: &Step,
) -> Result<Vec<Act>> {
    let cluster = session.cluster();
    let expiry = expiry_of(&event.json)?;
    if let Some(batch) = zero_copy::<Batch>(cluster, &lot.batch, "batch")? {
        // Its root was compared when the ledger was read.
        return match expiry {
            Some(told) if told.days() != batch.expiry => {
                let registered = Date::from_days(batch.expiry).map(|day| day.to_string());
                let message = format!(
                    "The event says that the lot {} expires on {told}; it is registered with {}.",
                    lot.lot,
                    registered.unwrap_or_default()
                );
                Err(CliError::new("expiry_mismatch", message))
            }
            _ => Ok(Vec::new()),
        };
    }
    let missing = || {
        let message = format!("The lot {} is not registered. To register it give --credentials-from, --trading-kind, --returns-kind and --location.", lot.lot);
        CliError::new("not_registered", message)
    };
    let expiry = expiry.ok_or_else(|| CliError::new("expiry_missing", "The event's ilmd has no cbvmda:itemExpirationDate, without which no batch is registered."))?;
    let batch_terms = BatchTerms {
        lot: lot_of(&lot.lot)?,
        expiry: expiry.days(),
        quantity: lot.leaves.count(),
        units: 0,
        root: lot.leaves.root(),
        layout: lot.leaves.layout().exponents(),
        page_height: 12.min(lot.leaves.layout().depth()),
        leaf_file: digest_of(&lot.path)?,
        location: Sha256::digest(terms.location.as_ref().ok_or_else(missing)?.as_bytes()).into(),
        policy: POLICY_CUSTODY,
        storage: STORAGE_ANY,
        credential_kind: terms.trading_kind.ok_or_else(missing)?,
        return_kind: terms.returns_kind.ok_or_else(missing)?,
    };
    let issuer = resolve(
        cluster,
        terms.credentials_from.as_ref().ok_or_else(missing)?,
    )?
    .0;
    let act = |name, instruction| Act {
        name,
        place: step.place,
        batch: lot.batch,
        instruction,
    };
    let mut acts = Vec::new();
    if entity::find::<Product>(cluster, &lot.product)?.is_none() {
        let gtin = lot.leaves.gtin();
        acts.push(act(
            "register_product",
            register_product(session, manufacturer, gtin)?,
        ));
    }
    acts.push(act(
        "register_batch",
        register(session, manufacturer, issuer, lot.product, batch_terms)?,
    ));
    Ok(acts)
}

#[cfg(test)]
mod tests {
    use anchor_lang::Discriminator;
    use provenance::state::decode_zero_copy;

    use super::*;

    #[test]
    fn what_is_reserved_or_partly_filled_is_not_dispensed() {
        let empty = [
            Dispense::DISCRIMINATOR,
            &vec![0; Dispense::SIZE.saturating_sub(Dispense::DISCRIMINATOR.len())],
        ];
        let mut record: Dispense = decode_zero_copy(&empty.concat()).expect("zeros");
        let (pharmacy, other) = (Pubkey::new_from_array([1; 32]), Pubkey::default());
        record.pharmacy = pharmacy;
        assert!(is_dispensed(&record, &pharmacy) && !is_dispensed(&record, &other));
        let mut filled = record;
        filled.units = 5;
        assert!(!is_dispensed(&filled, &pharmacy));
        record.reserve(100);
        assert!(!is_dispensed(&record, &pharmacy));
    }
}
