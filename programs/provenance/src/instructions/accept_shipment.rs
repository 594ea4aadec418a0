use anchor_lang::prelude::*;
use galen_rules::merkle::{Layout, Level, Subtree};
use galen_rules::provenance::Action;
use registry::state::{Credential, Operator, Organization, Permission};

use super::offer_shipment::require_may_go;
use crate::address::Birth;
use crate::constants::MAX_REFUSED;
use crate::convert::Place;
use crate::error::ProvenanceError;
use crate::events::ShipmentAccepted;
use crate::path::{self, Path};
use crate::state::{Batch, Custody, Shipment};
use crate::{address, authorize, record};

/// Arguments of `accept_shipment`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct AcceptShipmentArgs {
    /// What is handed over.
    pub place: Place,
    /// Indexes of what stays with the sender: missing or damaged, one level below the place. Their records follow the other
    /// accounts, writable, in this order.
    pub refused: Vec<u64>,
}

/// Accounts of `accept_shipment`. The records of what is refused follow.
#[event_cpi]
#[derive(Accounts)]
pub struct AcceptShipment<'info> {
    /// The recipient's operator. Pays the rent of the records of what is refused.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the recipient.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The recipient.
    pub recipient: Box<Account<'info, Organization>>,
    /// The credential that makes it a trading partner, or a reverse distributor.
    pub credential: Box<Account<'info, Credential>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// CHECK: the record of the place.
    #[account(mut)]
    pub node: UncheckedAccount<'info>,
    /// CHECK: the record of the case above, or the empty account at its address; left out where the place is not below a case.
    pub case_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the pallet above, or the empty account at its address; left out where the place is not below a
    /// pallet.
    pub pallet_above: Option<UncheckedAccount<'info>>,
    /// CHECK: the record of the batch; left out where the place is the batch itself.
    pub batch_above: Option<UncheckedAccount<'info>>,
    /// The shipment; closed.
    #[account(mut, has_one = recipient @ ProvenanceError::NotRecipient)]
    pub shipment: AccountLoader<'info, Shipment>,
    /// CHECK: gets the rent back; by the address that the shipment stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl AcceptShipment<'_> {
    /// Checks who takes over what. Returns the custody before and after.
    fn validate(&self, place: Subtree, now: i64) -> Result<(Custody, Custody)> {
        let recipient = self.recipient.key();
        authorize::staff(
            &self.recipient,
            &self.operator_record,
            &self.operator.key(),
            Permission::HandOver,
            now,
        )?;
        let batch = self.batch.load()?;
        let batch_key = self.batch.key();
        let shipment = self.shipment.load()?;
        require!(
            shipment.is_at(&batch_key, place),
            ProvenanceError::WrongRecord
        );
        require!(!shipment.has_lapsed(now), ProvenanceError::OfferLapsed);
        let partner = authorize::partner(&batch, &recipient, &self.credential, now)?;
        let infos = path::infos(
            place,
            &self.node,
            [
                self.case_above.as_ref(),
                self.pallet_above.as_ref(),
                self.batch_above.as_ref(),
            ],
        )?;
        let path = Path::read(&batch_key, batch.layout()?, place, infos)?;
        require_may_go(
            &path::recalls(infos)?,
            &batch.manufacturer,
            partner,
            &recipient,
        )?;
        let before = path.custody()?;
        require_keys_eq!(
            before.custodian,
            shipment.sender,
            ProvenanceError::NotCustodian
        );
        // What is set aside stays so, returned or not.
        let mut after = match (shipment.is_return != 0, before.is_set_aside()) {
            (true, true) => before.after(Action::Receive, recipient)?.returned(),
            (true, false) => before.after(Action::ReceiveReturn, recipient)?,
            (false, _) => before.after(Action::Receive, recipient)?,
        };
        after.custodian = recipient;
        if shipment.is_sale != 0 {
            after.owner = recipient;
        }
        // Who has it no more has no say over it; nor may who takes it over wave it through alone.
        if before.set_aside_by == shipment.sender {
            after = after.set_aside_by(batch.manufacturer);
        }
        Ok((before, after))
    }
}

/// The place of a refused child.
fn child_of(layout: Layout, parent: Subtree, index: u64) -> Result<Subtree> {
    let level = match parent.level {
        Level::Batch => Level::Pallet,
        Level::Pallet => Level::Case,
        Level::Case => Level::Pack,
        Level::Pack => return Err(ProvenanceError::NotAChild.into()),
    };
    let up = layout
        .height(parent.level)
        .saturating_sub(layout.height(level));
    require!(
        index.checked_shr(u32::from(up)) == Some(parent.index),
        ProvenanceError::NotAChild
    );
    Ok(Subtree { level, index })
}

/// See [`crate::provenance::accept_shipment`].
pub fn accept_shipment<'info>(
    ctx: Context<'info, AcceptShipment<'info>>,
    args: AcceptShipmentArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let layout = accounts.batch.load()?.layout()?;
    let place = args.place.within(layout)?;
    let (before, after) = accounts.validate(place, now)?;
    require!(
        args.refused.len() <= usize::from(MAX_REFUSED),
        ProvenanceError::TooManyRefused
    );
    require!(
        ctx.remaining_accounts.len() == args.refused.len(),
        ProvenanceError::RecordMissing
    );
    let batch = accounts.batch.key();
    let birth = Birth {
        payer: accounts.operator.as_ref(),
        batch: &accounts.batch,
        system_program: accounts.system_program.as_ref(),
    };
    let kept = before.after(Action::VoidShipping, before.custodian)?;
    for (index, info) in args.refused.iter().zip(ctx.remaining_accounts) {
        let child = child_of(layout, place, *index)?;
        record::ensure_node(&birth, info, child)?;
        record::change_node(info, &batch, child, |node| {
            // What has a record of its own was never part of this shipment.
            require!(node.custody()?.is_none(), ProvenanceError::NotAChild);
            // It stays where it was: what has been doubted of the whole since the offer reaches it.
            node.hold(&kept, before.at)
        })?;
    }
    record::change_node(&accounts.node, &batch, place, |node| node.hold(&after, now))?;
    let payer = accounts.shipment.load()?.payer;
    galen_entry::emit!(ctx => ShipmentAccepted {
        batch,
        place: args.place,
        sender: before.custodian,
        recipient: after.custodian,
        owner: after.owner,
        refused: args.refused,
    });
    address::close(accounts.shipment.as_ref(), &accounts.payer, &payer)
}
