use anchor_lang::prelude::*;
use galen_rules::trial::Bits;
use registry::state::{Operator, Organization};

use crate::convert;
use crate::error::TrialsError;
use crate::events::VisitClaimed;
use crate::independence::is_independent;
use crate::state::{ClaimedVisit, Cohort, Schedule, Trial, VisitClaim};

/// Arguments of `claim_visit`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ClaimVisitArgs {
    /// The participant's index in the cohort.
    pub index: u16,
    /// The milestone's number in the schedule, from 0.
    pub milestone: u8,
    /// Day of the visit, in days since 1970-01-01; none where the site has attested it and nobody countersigns.
    pub visit_day: Option<i32>,
    /// Salted commitment to what shows that the visit was made; it stays off the ledger.
    pub evidence_digest: [u8; 32],
}

/// Accounts of `claim_visit`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: ClaimVisitArgs)]
pub struct ClaimVisit<'info> {
    /// The participant's key; somebody independent where the site holds it. Pays the rent, which comes back when the claim is
    /// closed.
    #[account(mut)]
    pub signer: Signer<'info>,
    /// The signer's record, where it signs for the sponsor or the ethics board.
    pub operator_record: Option<Box<Account<'info, Operator>>>,
    /// The sponsor or the ethics board, where the signer acts for it.
    pub organization: Option<Box<Account<'info, Organization>>>,
    /// The trial.
    pub trial: AccountLoader<'info, Trial>,
    /// The schedule that applies to the participant.
    #[account(has_one = trial @ TrialsError::ScheduleOfOtherTrial)]
    pub schedule: AccountLoader<'info, Schedule>,
    /// The cohort.
    #[account(mut, has_one = trial @ TrialsError::CohortOfOtherTrial)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// The claim to be made.
    #[account(
        init,
        payer = signer,
        space = 8 + VisitClaim::INIT_SPACE,
        seeds = [VisitClaim::SEED, cohort.key().as_ref(), &args.index.to_le_bytes(), &[args.milestone]],
        bump,
    )]
    pub claim: Box<Account<'info, VisitClaim>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl ClaimVisit<'_> {
    /// Checks who claims. Silence can pay a claim, so a key that the site holds is not enough. A milestone is claimed once:
    /// nobody claims in the place of who has a key, on evidence and for a day of their own choice.
    fn validate(&self, args: &ClaimVisitArgs, now: i64) -> Result<()> {
        let independent = is_independent(
            &*self.trial.load()?,
            &self.signer,
            self.operator_record.as_deref(),
            self.organization.as_deref(),
            now,
        )?;
        let info = self.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, args.index)?;
        if participant.is_site_held() {
            require!(independent, TrialsError::CountersignerMissing);
            return Ok(());
        }
        require_keys_eq!(
            participant.key,
            self.signer.key(),
            TrialsError::NotTheParticipantsKey
        );
        Ok(())
    }
}

/// See [`crate::trials::claim_visit`].
pub fn claim_visit(ctx: Context<ClaimVisit>, args: ClaimVisitArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let today = convert::day_of(now)?;
    let visit = args.visit_day.map(convert::date).transpose()?;
    let accounts = &mut *ctx.accounts;
    let attest_days = {
        let trial = accounts.trial.load()?;
        let schedule = accounts.schedule.load()?;
        let info = accounts.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, args.index)?;
        require!(
            participant.schedule == schedule.number,
            TrialsError::WrongSchedule
        );
        require!(!participant.is_settled(), TrialsError::AlreadySettled);
        let milestone = schedule.milestone(args.milestone)?;
        let attested = Bits(participant.attested).has(args.milestone);
        require!(attested == visit.is_none(), TrialsError::ClaimDayInvalid);
        if let Some(visit) = visit {
            let consents = participant.consents();
            participant
                .course(&consents)?
                .check_visit(
                    &milestone,
                    visit,
                    today,
                    &trial.conduct(),
                    trial.amendments(),
                )
                .map_err(convert::refusal)?;
        }
        participant.claim(args.milestone)?;
        participant.invariant()?;
        trial.attest_days
    };
    let claimed = ClaimedVisit {
        cohort: accounts.cohort.key(),
        index: args.index,
        milestone: args.milestone,
        visit,
        evidence_digest: args.evidence_digest,
    };
    let payer = accounts.signer.key();
    let claim = VisitClaim::new(ctx.bumps.claim, &claimed, payer, today, attest_days)?;
    claim.invariant()?;
    accounts.claim.set_inner(claim);

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => VisitClaimed {
        cohort: accounts.cohort.key(),
        index: args.index,
        milestone: args.milestone,
        visit_day: accounts.claim.visit_day,
        until: accounts.claim.until,
        evidence_digest: args.evidence_digest,
    });
    Ok(())
}
