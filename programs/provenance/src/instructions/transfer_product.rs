use anchor_lang::prelude::*;
use registry::state::{Config, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ProvenanceError;
use crate::events::ProductTransferred;
use crate::state::Product;

/// Accounts of `transfer_product`.
#[event_cpi]
#[derive(Accounts)]
pub struct TransferProduct<'info> {
    /// The owner's operator, or governance.
    pub authority: Signer<'info>,
    /// The operator's record at the owner; none where governance decides.
    pub operator_record: Option<Box<Account<'info, Operator>>>,
    /// The manufacturer that owns it.
    pub manufacturer: Box<Account<'info, Organization>>,
    /// The manufacturer that will.
    pub recipient: Box<Account<'info, Organization>>,
    /// Says who governs.
    pub config: Box<Account<'info, Config>>,
    /// The product.
    #[account(mut, has_one = manufacturer @ ProvenanceError::ProductOfOther)]
    pub product: Box<Account<'info, Product>>,
}

impl TransferProduct<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        match &self.operator_record {
            Some(record) => authorize::staff(
                &self.manufacturer,
                record,
                self.authority.key,
                Permission::ManageBatch,
                now,
            )?,
            None => require_keys_eq!(
                *self.authority.key,
                self.config.governance,
                ProvenanceError::NotGovernance
            ),
        }
        authorize::manufacturer(&self.recipient)?;
        require!(
            self.recipient.is_active(),
            ProvenanceError::OrganizationNotActive
        );
        require_keys_neq!(
            self.recipient.key(),
            self.manufacturer.key(),
            ProvenanceError::ProductIsTheirs
        );
        Ok(())
    }
}

/// See [`crate::provenance::transfer_product`].
pub fn transfer_product(ctx: Context<TransferProduct>) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let recipient = ctx.accounts.recipient.key();
    ctx.accounts.product.manufacturer = recipient;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ProductTransferred {
        product: accounts.product.key(),
        from: accounts.manufacturer.key(),
        to: recipient,
        is_by_governance: accounts.operator_record.is_none(),
        gtin: accounts.product.gtin,
    });
    accounts.product.invariant()
}
