use anchor_lang::prelude::*;
use galen_rules::merkle::{Level, Subtree};
use galen_rules::provenance::Status;
use registry::state::{Operator, Organization, Permission};

use crate::address::Birth;
use crate::error::ProvenanceError;
use crate::events::BatchRegistered;
use crate::state::batch::Origin;
use crate::state::{Batch, BatchTerms, Custody, Product};
use crate::{authorize, record};

/// Arguments of `register_batch`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RegisterBatchArgs {
    /// What the manufacturer says of it.
    pub terms: BatchTerms,
}

/// Accounts of `register_batch`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RegisterBatchArgs)]
pub struct RegisterBatch<'info> {
    /// The manufacturer's operator. Pays the rent: of the batch, refunded by `close_batch`; of its record, by `close_node`.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the manufacturer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The manufacturer.
    pub manufacturer: Box<Account<'info, Organization>>,
    /// The organisation whose credentials make a trading partner.
    pub credential_issuer: Box<Account<'info, Organization>>,
    /// The product.
    #[account(has_one = manufacturer @ ProvenanceError::ProductOfOther)]
    pub product: Box<Account<'info, Product>>,
    /// The batch to be created.
    #[account(
        init,
        payer = operator,
        space = Batch::SIZE,
        seeds = [Batch::SEED, product.key().as_ref(), args.terms.lot.as_ref()],
        bump,
    )]
    pub batch: AccountLoader<'info, Batch>,
    /// CHECK: the record of the whole batch, to be created; its address is checked then.
    #[account(mut)]
    pub node: UncheckedAccount<'info>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl RegisterBatch<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::manufacturer(&self.manufacturer)?;
        require!(
            self.credential_issuer.is_active(),
            ProvenanceError::OrganizationNotActive
        );
        authorize::staff(
            &self.manufacturer,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManageBatch,
            now,
        )
    }
}

/// See [`crate::provenance::register_batch`].
pub fn register_batch(ctx: Context<RegisterBatch>, args: RegisterBatchArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let manufacturer = accounts.manufacturer.key();
    {
        let mut batch = accounts.batch.load_init()?;
        let origin = Origin {
            bump: ctx.bumps.batch,
            product: accounts.product.key(),
            gtin: accounts.product.gtin,
            manufacturer,
            credential_issuer: accounts.credential_issuer.key(),
            payer: accounts.operator.key(),
        };
        batch.begin(origin, &args.terms, now)?;
        batch.invariant()?;
    }
    // `load_init` leaves the discriminator to the end of the instruction, but the batch signs for its record before.
    accounts
        .batch
        .to_account_info()
        .try_borrow_mut_data()?
        .get_mut(..Batch::DISCRIMINATOR.len())
        .ok_or(ProvenanceError::InvariantBroken)?
        .copy_from_slice(Batch::DISCRIMINATOR);
    let place = Subtree {
        level: Level::Batch,
        index: 0,
    };
    let birth = Birth {
        payer: accounts.operator.as_ref(),
        batch: &accounts.batch,
        system_program: accounts.system_program.as_ref(),
    };
    require!(
        crate::address::is_absent(&accounts.node),
        ProvenanceError::AlreadyThere
    );
    record::ensure_node(&birth, &accounts.node, place)?;
    let custody = Custody {
        custodian: manufacturer,
        owner: manufacturer,
        set_aside_by: Pubkey::default(),
        status: Status::Commissioned,
        at: now,
        was_returned: false,
    };
    record::change_node(&accounts.node, &accounts.batch.key(), place, |node| {
        node.hold(&custody, now)
    })?;

    galen_entry::emit!(ctx => BatchRegistered {
        batch: accounts.batch.key(),
        product: accounts.product.key(),
        manufacturer,
        lot: args.terms.lot,
        expiry: args.terms.expiry,
        quantity: args.terms.quantity,
        root: args.terms.root,
        leaf_file: args.terms.leaf_file,
        location: args.terms.location,
    });
    Ok(())
}
