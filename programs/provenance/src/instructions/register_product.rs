use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::events::ProductRegistered;
use crate::state::Product;

/// Arguments of `register_product`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RegisterProductArgs {
    /// 14 ASCII digits, the last one the check digit.
    pub gtin: [u8; 14],
}

/// Accounts of `register_product`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: RegisterProductArgs)]
pub struct RegisterProduct<'info> {
    /// The manufacturer's operator. Pays the rent, which is never refunded: products stay.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the manufacturer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The manufacturer.
    pub manufacturer: Box<Account<'info, Organization>>,
    /// The product to be created.
    #[account(
        init,
        payer = operator,
        space = 8 + Product::INIT_SPACE,
        seeds = [Product::SEED, args.gtin.as_ref()],
        bump,
    )]
    pub product: Box<Account<'info, Product>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl RegisterProduct<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::manufacturer(&self.manufacturer)?;
        authorize::staff(
            &self.manufacturer,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManageBatch,
            now,
        )
    }
}

/// See [`crate::provenance::register_product`].
pub fn register_product(ctx: Context<RegisterProduct>, args: RegisterProductArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let manufacturer = ctx.accounts.manufacturer.key();
    let product = Product::new(ctx.bumps.product, manufacturer, args.gtin, now)?;
    ctx.accounts.product.set_inner(product);

    galen_entry::emit!(ctx => ProductRegistered {
        product: ctx.accounts.product.key(),
        manufacturer,
        gtin: args.gtin,
    });
    ctx.accounts.product.invariant()
}
