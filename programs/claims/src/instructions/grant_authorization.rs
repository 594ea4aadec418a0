use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::error::ClaimsError;
use crate::events::AuthorizationGranted;
use crate::state::{Authorization, Grant, Member, Pool};
use crate::{authorize, convert};

/// Arguments of `grant_authorization`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct GrantAuthorizationArgs {
    /// What is granted.
    pub grant: Grant,
}

/// Accounts of `grant_authorization`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: GrantAuthorizationArgs)]
pub struct GrantAuthorization<'info> {
    /// Pays the rent, which is never refunded: claims refer to it. The insurer's operator.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the insurer.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The insurer.
    pub insurer: Box<Account<'info, Organization>>,
    /// The pool that pays.
    #[account(has_one = insurer @ ClaimsError::PoolOfOtherInsurer)]
    pub pool: Box<Account<'info, Pool>>,
    /// The member.
    #[account(has_one = pool @ ClaimsError::MemberOfOtherPool)]
    pub member: AccountLoader<'info, Member>,
    /// The authorisation to be created.
    #[account(
        init,
        payer = operator,
        space = Authorization::SIZE,
        seeds = [Authorization::SEED, member.key().as_ref(), &[args.grant.number]],
        bump,
    )]
    pub authorization: AccountLoader<'info, Authorization>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl GrantAuthorization<'_> {
    fn validate(&self, args: &GrantAuthorizationArgs, now: i64) -> Result<()> {
        authorize::insurer_staff(
            &self.insurer,
            &self.operator_record,
            &self.operator.key(),
            Permission::DecideClaim,
            now,
        )?;
        convert::date(args.grant.from)?;
        convert::date(args.grant.to)?;
        Ok(())
    }
}

/// See [`crate::claims::grant_authorization`].
pub fn grant_authorization(
    ctx: Context<GrantAuthorization>,
    args: GrantAuthorizationArgs,
) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let accounts = &*ctx.accounts;
    let authorization =
        Authorization::new(ctx.bumps.authorization, accounts.member.key(), &args.grant)?;
    authorization.invariant()?;
    *accounts.authorization.load_init()? = authorization;

    galen_entry::emit!(ctx => AuthorizationGranted {
        authorization: accounts.authorization.key(),
        member: accounts.member.key(),
        provider: args.grant.provider,
        from: args.grant.from,
        to: args.grant.to,
        units: args.grant.units,
    });
    Ok(())
}
