use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::error::ClaimsError;
use crate::events::AppealFiled;
use crate::state::{Appeal, Claim, Filing, Member, PlanVersion};
use crate::{authorize, convert};

/// Arguments of `file_appeal`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug)]
pub struct FileAppealArgs {
    /// Salted commitment to what the appellant brings forward.
    pub grounds: [u8; 32],
}

/// Accounts of `file_appeal`. It costs the appellant nothing: whoever pays the rent gets it back.
#[event_cpi]
#[derive(Accounts)]
pub struct FileAppeal<'info> {
    /// Pays the rent; anybody.
    #[account(mut)]
    pub payer: Signer<'info>,
    /// Who asks: the member's own key, or an operator of the claim's provider.
    pub appellant: Signer<'info>,
    /// The provider, where it asks.
    pub provider: Option<Box<Account<'info, Organization>>>,
    /// The operator's record at the provider, where it asks.
    pub operator_record: Option<Box<Account<'info, Operator>>>,
    /// The claim's member.
    pub member: AccountLoader<'info, Member>,
    /// The plan version under which the claim was submitted.
    pub plan_version: Box<Account<'info, PlanVersion>>,
    /// The claim.
    #[account(
        mut,
        has_one = member @ ClaimsError::ClaimOfOtherMember,
        has_one = plan_version @ ClaimsError::ClaimOfOtherPlanVersion,
    )]
    pub claim: Box<Account<'info, Claim>>,
    /// The appeal to be created.
    #[account(
        init,
        payer = payer,
        space = 8 + Appeal::INIT_SPACE,
        seeds = [Appeal::SEED, claim.key().as_ref(), &[claim.course.appeals_filed().saturating_add(1)]],
        bump,
    )]
    pub appeal: Box<Account<'info, Appeal>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl FileAppeal<'_> {
    /// Whether the member asks, rather than the provider.
    fn validate(&self, now: i64) -> Result<bool> {
        let appellant = self.appellant.key();
        match (&self.provider, &self.operator_record) {
            (Some(provider), Some(record)) => {
                require!(
                    provider.key() == self.claim.provider,
                    ClaimsError::ClaimOfOtherProvider
                );
                authorize::provider_staff(provider, record, &appellant, now)?;
                Ok(false)
            }
            (None, None) => {
                // The default key, which is no member's, signs nothing.
                require!(
                    appellant == self.member.load()?.authority,
                    ClaimsError::NotAppellant
                );
                Ok(true)
            }
            _ => Err(ClaimsError::NotAppellant.into()),
        }
    }
}

/// See [`crate::claims::file_appeal`].
pub fn file_appeal(ctx: Context<FileAppeal>, args: FileAppealArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let by_member = ctx.accounts.validate(now)?;
    let today = convert::day_of(now)?.days();
    let accounts = &mut *ctx.accounts;
    let (clocks, checks) = (&accounts.plan_version.clocks, &accounts.plan_version.checks);
    let (level, reviewer) = accounts
        .claim
        .open_appeal(by_member, clocks, checks, today)?;
    let decision_days = if reviewer == Pubkey::default() {
        clocks.appeal_decision_days
    } else {
        checks.review_decision_days
    };
    accounts.appeal.set_inner(Appeal::file(Filing {
        bump: ctx.bumps.appeal,
        level,
        by_member,
        claim: accounts.claim.key(),
        pool: accounts.claim.pool,
        appellant: accounts.appellant.key(),
        payer: accounts.payer.key(),
        grounds: args.grounds,
        today,
        decision_days,
        reviewer,
    })?);
    accounts.appeal.invariant()?;
    accounts.claim.invariant()?;

    let appeal = &ctx.accounts.appeal;
    galen_entry::emit!(ctx => AppealFiled {
        appeal: appeal.key(),
        claim: appeal.claim,
        pool: appeal.pool,
        level,
        by_member,
        appellant: appeal.appellant,
        grounds: appeal.grounds,
        due_on: appeal.due_on,
        reviewer: appeal.reviewer,
    });
    Ok(())
}
