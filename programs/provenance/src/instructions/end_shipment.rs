use anchor_lang::prelude::*;
use galen_rules::provenance::Action;
use registry::state::{Operator, Organization, Permission};

use crate::convert::Place;
use crate::error::ProvenanceError;
use crate::events::ShipmentEnded;
use crate::state::{Batch, Shipment};
use crate::{address, authorize, record};

/// Arguments of `end_shipment`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct EndShipmentArgs {
    /// What was to be handed over.
    pub place: Place,
}

/// Accounts of `end_shipment`. Without an operator, anybody may, once the offer has lapsed.
#[event_cpi]
#[derive(Accounts)]
pub struct EndShipment<'info> {
    /// The sender's operator, who withdraws, or the recipient's, who rejects.
    pub operator: Option<Signer<'info>>,
    /// The operator's record.
    pub operator_record: Option<Box<Account<'info, Operator>>>,
    /// The sender or the recipient.
    pub organization: Option<Box<Account<'info, Organization>>>,
    /// The batch.
    pub batch: AccountLoader<'info, Batch>,
    /// CHECK: the record of the place.
    #[account(mut)]
    pub node: UncheckedAccount<'info>,
    /// The shipment; closed.
    #[account(mut)]
    pub shipment: AccountLoader<'info, Shipment>,
    /// CHECK: gets the rent back; by the address that the shipment stores.
    #[account(mut)]
    pub payer: UncheckedAccount<'info>,
}

impl EndShipment<'_> {
    /// Checks who ends it. Returns the organisation; the default key for anybody.
    fn validate(&self, now: i64) -> Result<Pubkey> {
        let shipment = self.shipment.load()?;
        let (Some(operator), Some(record), Some(organization)) =
            (&self.operator, &self.operator_record, &self.organization)
        else {
            require!(shipment.has_lapsed(now), ProvenanceError::NotParty);
            return Ok(Pubkey::default());
        };
        let key = organization.key();
        require!(
            key == shipment.sender || key == shipment.recipient,
            ProvenanceError::NotParty
        );
        authorize::staff(
            organization,
            record,
            &operator.key(),
            Permission::HandOver,
            now,
        )?;
        Ok(key)
    }
}

/// See [`crate::provenance::end_shipment`].
pub fn end_shipment(ctx: Context<EndShipment>, args: EndShipmentArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &*ctx.accounts;
    let place = args.place.within(accounts.batch.load()?.layout()?)?;
    let by = accounts.validate(now)?;
    let batch = accounts.batch.key();
    let (sender, recipient, payer) = {
        let shipment = accounts.shipment.load()?;
        require!(shipment.is_at(&batch, place), ProvenanceError::WrongRecord);
        (shipment.sender, shipment.recipient, shipment.payer)
    };
    record::change_node(&accounts.node, &batch, place, |node| {
        let custody = node.custody()?.ok_or(ProvenanceError::InvariantBroken)?;
        // What has been set aside, released or reported stolen on the way is that, offer or no offer.
        if let Ok(after) = custody.after(Action::VoidShipping, sender) {
            // It never left: what has been doubted of the whole since the offer reaches it.
            node.hold(&after, custody.at)?;
        }
        Ok(())
    })?;
    galen_entry::emit!(ctx => ShipmentEnded {
        batch,
        place: args.place,
        sender,
        recipient,
        by,
    });
    address::close(accounts.shipment.as_ref(), &accounts.payer, &payer)
}
