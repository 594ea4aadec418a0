use anchor_lang::prelude::*;
use registry::state::{Operator, Organization};

use crate::earning::Books;
use crate::error::TrialsError;
use crate::events::ClaimMoved;
use crate::state::{Cohort, Person, Schedule, Site, Trial, VisitClaim};
use crate::{authorize, convert};

/// Arguments of `arbitrate_visit`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ArbitrateVisitArgs {
    /// Whether the visit is earned.
    pub grant: bool,
    /// Salted commitment to the reason, which stays off the ledger.
    pub reason_digest: [u8; 32],
}

/// Accounts of `arbitrate_visit`.
#[event_cpi]
#[derive(Accounts)]
pub struct ArbitrateVisit<'info> {
    /// The arbiter: the ethics board's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the board.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The ethics board.
    pub board: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(mut, has_one = board @ TrialsError::TrialOfOtherBoard)]
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(mut, has_one = trial @ TrialsError::SiteOfOtherTrial)]
    pub site: AccountLoader<'info, Site>,
    /// The schedule that applies to the participant.
    #[account(has_one = trial @ TrialsError::ScheduleOfOtherTrial)]
    pub schedule: AccountLoader<'info, Schedule>,
    /// The cohort.
    #[account(mut, has_one = site @ TrialsError::CohortOfOtherSite)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// The person.
    #[account(mut)]
    pub person: AccountLoader<'info, Person>,
    /// The claim.
    #[account(mut, has_one = cohort @ TrialsError::ClaimOfOtherParticipant)]
    pub claim: Box<Account<'info, VisitClaim>>,
}

impl ArbitrateVisit<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::board_staff(
            &self.board,
            &self.operator_record,
            &self.operator.key(),
            now,
        )
    }
}

/// See [`crate::trials::arbitrate_visit`].
pub fn arbitrate_visit(ctx: Context<ArbitrateVisit>, args: ArbitrateVisitArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let today = convert::day_of(now)?;
    let accounts = &mut *ctx.accounts;
    let number = accounts.claim.milestone;
    {
        let mut trial = accounts.trial.load_mut()?;
        let mut site = accounts.site.load_mut()?;
        let mut person = accounts.person.load_mut()?;
        let schedule = accounts.schedule.load()?;
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, accounts.claim.index)?;
        participant.require_accounts(schedule.number, &accounts.person.key())?;
        require!(!participant.is_settled(), TrialsError::AlreadySettled);
        participant.require_unearned(number)?;
        let pending = participant.has_claim(number);
        accounts.claim.arbitrate(pending, args.grant)?;
        participant.drop_claim(number);
        let mut books = Books {
            trial: &mut trial,
            site: &mut site,
            person: &mut person,
            participant,
        };
        if args.grant {
            books.grant_milestone(number, &schedule.milestone(number)?, today)?;
        } else {
            // What the site had attested is rejected with it.
            books.participant.reject_if_awaiting(number);
        }
        books.invariant()?;
        accounts.claim.invariant()?;
    }

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => ClaimMoved {
        cohort: accounts.cohort.key(),
        index: accounts.claim.index,
        milestone: number,
        turn: accounts.claim.turn,
        until: accounts.claim.until,
        by: accounts.operator.key(),
        reason_digest: args.reason_digest,
    });
    Ok(())
}
