use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::authorize;
use crate::error::ClaimsError;
use crate::events::TicketKeyChanged;
use crate::state::Pool;

/// Arguments of `set_ticket_key`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SetTicketKeyArgs {
    /// Good for one moment only; the sequence number is the pool's.
    pub admin: AdminArgs,
    /// The key of the insurer's eligibility desk; the default key = no tickets. Tickets of the key before are void.
    pub ticket_key: Pubkey,
}

/// Accounts of `set_ticket_key`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetTicketKey<'info> {
    /// The insurer's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool.
    #[account(mut, has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
}

impl SetTicketKey<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManagePool,
            now,
        )
    }
}

/// See [`crate::claims::set_ticket_key`].
pub fn set_ticket_key(ctx: Context<SetTicketKey>, args: SetTicketKeyArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let pool = &mut ctx.accounts.pool;
    pool.authorize(&args.admin, now)?;
    let old = pool.set_ticket_key(args.ticket_key);

    galen_entry::emit!(ctx => TicketKeyChanged {
        pool: ctx.accounts.pool.key(),
        old,
        new: args.ticket_key,
    });
    Ok(())
}
