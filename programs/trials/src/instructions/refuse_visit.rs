use anchor_lang::prelude::*;
use galen_rules::trial::Bits;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::ClaimMoved;
use crate::state::{Cohort, Site, VisitClaim};

/// Arguments of `refuse_visit`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RefuseVisitArgs {
    /// Salted commitment to the reason, which stays off the ledger.
    pub reason_digest: [u8; 32],
}

/// Accounts of `refuse_visit`.
#[event_cpi]
#[derive(Accounts)]
pub struct RefuseVisit<'info> {
    /// The site's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the site.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The site's organisation.
    pub organization: Box<Account<'info, Organization>>,
    /// The site.
    #[account(has_one = organization @ TrialsError::SiteOfOtherOrganization)]
    pub site: AccountLoader<'info, Site>,
    /// The cohort.
    #[account(mut, has_one = site @ TrialsError::CohortOfOtherSite)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// The claim.
    #[account(mut, has_one = cohort @ TrialsError::ClaimOfOtherParticipant)]
    pub claim: Box<Account<'info, VisitClaim>>,
}

impl RefuseVisit<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::staff(
            &self.organization,
            &self.operator_record,
            &self.operator.key(),
            Permission::AttestVisit,
            now,
        )
    }
}

/// See [`crate::trials::refuse_visit`].
pub fn refuse_visit(ctx: Context<RefuseVisit>, args: RefuseVisitArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &mut *ctx.accounts;
    let milestone = accounts.claim.milestone;
    {
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, accounts.claim.index)?;
        // What the site has attested is a countersigner's to reject.
        require!(
            !Bits(participant.attested).has(milestone),
            TrialsError::AlreadyAttested
        );
        accounts.claim.refuse(participant.has_claim(milestone))?;
        participant.drop_claim(milestone);
        participant.invariant()?;
    }
    accounts.claim.invariant()?;

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ClaimMoved {
        cohort: accounts.cohort.key(),
        index: accounts.claim.index,
        milestone,
        turn: accounts.claim.turn,
        until: accounts.claim.until,
        by: accounts.operator.key(),
        reason_digest: args.reason_digest,
    });
    Ok(())
}
