use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::adjudication;
use crate::error::ClaimsError;
use crate::events::PackCommitted;
use crate::state::{Claim, Committing, Member, PackCommitment, Pool};
use crate::ticket::{self, EligibilityTicket, Subject};
use crate::{authorize, convert};

/// Arguments of `commit_pack`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct CommitPackArgs {
    /// SHA-256 of a salt (32 random bytes), the batch's address and the pack's index (u64, little-endian).
    pub commitment: [u8; 32],
    /// The last Unix second for which the member agrees: at most `MAX_PACK_SECONDS` from now.
    pub until: i64,
    /// Σ charges of the lines, in cents.
    pub charge: u64,
    /// [`Claim::stated`] of the draft: the member signs for the claim that was seen, line by line, not for one that took its place.
    pub digest: [u8; 32],
    /// The insurer's word in place of the member's signature.
    pub ticket: Option<EligibilityTicket>,
}

/// Accounts of `commit_pack`. None of them is of the pack.
#[event_cpi]
#[derive(Accounts)]
pub struct CommitPack<'info> {
    /// The pharmacy's operator. Pays the rent of the commitment, and gets it back when that is closed.
    #[account(mut)]
    pub operator: Signer<'info>,
    /// The operator's record at the pharmacy.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The pharmacy.
    pub provider: Box<Account<'info, Organization>>,
    /// The pool that pays.
    pub pool: Box<Account<'info, Pool>>,
    /// The member.
    #[account(has_one = pool @ ClaimsError::MemberOfOtherPool)]
    pub member: AccountLoader<'info, Member>,
    /// The member's own key, unless there is a ticket.
    pub member_authority: Option<Signer<'info>>,
    /// CHECK: the instructions sysvar, where there is a ticket: the sysvar's own loader checks the address.
    pub instructions_sysvar: Option<UncheckedAccount<'info>>,
    /// The draft, with all of its lines.
    #[account(
        mut,
        has_one = pool @ ClaimsError::ClaimOfOtherPool,
        has_one = provider @ ClaimsError::ClaimOfOtherProvider,
    )]
    pub claim: Box<Account<'info, Claim>>,
    /// The commitment to be created.
    #[account(
        init,
        payer = operator,
        space = 8 + PackCommitment::INIT_SPACE,
        seeds = [PackCommitment::SEED, claim.key().as_ref()],
        bump,
    )]
    pub pack: Box<Account<'info, PackCommitment>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl CommitPack<'_> {
    fn validate(&self, args: &CommitPackArgs, now: i64) -> Result<()> {
        authorize::provider_staff(
            &self.provider,
            &self.operator_record,
            &self.operator.key(),
            now,
        )?;
        // A draft that cites a held price has a member already.
        require!(
            self.claim.member == Pubkey::default() || self.claim.member == self.member.key(),
            ClaimsError::ClaimOfOtherMember
        );
        require!(
            self.claim.charge()? == args.charge,
            ClaimsError::ChargeMismatch
        );
        let draft: &AccountInfo = (*self.claim).as_ref();
        require!(
            Claim::stated(&draft.try_borrow_data()?)? == args.digest,
            ClaimsError::DraftDiffers
        );
        let (first_date, last_date) = adjudication::service_span(&self.claim)?;
        // A day's leave: west of Greenwich the pharmacy's day can be the one before.
        let yesterday = convert::day_of(now)?.days().saturating_sub(1);
        require!(
            first_date >= yesterday,
            ClaimsError::ServiceDateNotOfDispense
        );
        ticket::check_consent(
            &Subject {
                pool: &self.pool,
                pool_key: self.pool.key(),
                member: &*self.member.load()?,
                member_key: self.member.key(),
                provider: self.provider.key(),
                first_date,
                last_date,
            },
            self.member_authority.as_ref(),
            args.ticket.as_ref(),
            self.instructions_sysvar.as_ref(),
        )
    }
}

/// See [`crate::claims::commit_pack`].
pub fn commit_pack(ctx: Context<CommitPack>, args: CommitPackArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let accounts = &mut *ctx.accounts;
    accounts.claim.await_dispense()?;
    accounts.validate(&args, now)?;
    let committing = Committing {
        bump: ctx.bumps.pack,
        is_vouched: accounts.member_authority.is_none(),
        claim: accounts.claim.key(),
        member: accounts.member.key(),
        payer: accounts.operator.key(),
        commitment: args.commitment,
        until: args.until,
    };
    accounts
        .pack
        .set_inner(PackCommitment::make(committing, now)?);
    accounts.pack.invariant()?;
    accounts.claim.invariant()?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => PackCommitted {
        claim: accounts.claim.key(),
        pool: accounts.claim.pool,
        provider: accounts.claim.provider,
        commitment: args.commitment,
        until: args.until,
    });
    Ok(())
}
