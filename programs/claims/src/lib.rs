//! Galen's claims program: an insurer's pools, plans and members; agreements with providers; claims, adjudicated line
//! by line and paid.
//!
//! What decides money is in `galen_rules`; this program holds the state, checks who may do what, and moves tokens.
#![forbid(unsafe_code)]

use anchor_lang::prelude::*;

pub mod adjudication;
pub mod authorize;
pub mod constants;
pub mod convert;
pub mod error;
pub mod events;
pub mod instructions;
pub mod payment;
pub mod reversal;
pub mod state;
pub mod ticket;

use instructions::*;

declare_id!("6ycBqi7BUXimrSJTn4YXEBfJvdnF5R8MZSR7KE3Lzz2x");

/// The claims program.
#[program]
pub mod claims {
    use super::*;

    /// An insurer's operator creates a pool and its vault.
    pub fn create_pool(ctx: Context<CreatePool>, args: CreatePoolArgs) -> Result<()> {
        instructions::create_pool(ctx, args)
    }

    /// Anybody adds money to a pool.
    pub fn fund_pool(ctx: Context<FundPool>, args: FundPoolArgs) -> Result<()> {
        instructions::fund_pool(ctx, args)
    }

    /// An insurer's operator appoints the eligibility desk of a pool.
    pub fn set_ticket_key(ctx: Context<SetTicketKey>, args: SetTicketKeyArgs) -> Result<()> {
        instructions::set_ticket_key(ctx, args)
    }

    /// An insurer's operator limits what claims are paid out of a pool in a day.
    pub fn set_outflow_limit(
        ctx: Context<SetOutflowLimit>,
        args: SetOutflowLimitArgs,
    ) -> Result<()> {
        instructions::set_outflow_limit(ctx, args)
    }

    /// An insurer's operator announces that money will be taken out of a pool.
    pub fn announce_withdrawal(
        ctx: Context<AnnounceWithdrawal>,
        args: AnnounceWithdrawalArgs,
    ) -> Result<()> {
        instructions::announce_withdrawal(ctx, args)
    }

    /// An insurer's operator withdraws the announcement.
    pub fn cancel_withdrawal(
        ctx: Context<CancelWithdrawal>,
        args: CancelWithdrawalArgs,
    ) -> Result<()> {
        instructions::cancel_withdrawal(ctx, args)
    }

    /// An insurer's operator takes money out of a pool that was announced in time and is promised to nobody.
    pub fn withdraw(ctx: Context<Withdraw>) -> Result<()> {
        instructions::withdraw(ctx)
    }

    /// An insurer's operator creates a plan, without a version yet.
    pub fn create_plan(ctx: Context<CreatePlan>, args: CreatePlanArgs) -> Result<()> {
        instructions::create_plan(ctx, args)
    }

    /// An insurer's operator publishes the next version of a plan.
    pub fn publish_plan_version(
        ctx: Context<PublishPlanVersion>,
        args: PublishPlanVersionArgs,
    ) -> Result<()> {
        instructions::publish_plan_version(ctx, args)
    }

    /// An insurer's operator opens a benefit schedule in an account that the client created.
    pub fn open_schedule(ctx: Context<OpenSchedule>, args: OpenScheduleArgs) -> Result<()> {
        instructions::open_schedule(ctx, args)
    }

    /// Who opened a benefit schedule appends entries to it.
    pub fn append_benefits(ctx: Context<AppendBenefits>, args: AppendBenefitsArgs) -> Result<()> {
        instructions::append_benefits(ctx, args)
    }

    /// An insurer's operator closes a benefit schedule to change, so that plan versions can refer to it.
    pub fn seal_schedule(ctx: Context<SealSchedule>, args: SealScheduleArgs) -> Result<()> {
        instructions::seal_schedule(ctx, args)
    }

    /// An insurer's operator gives up a benefit schedule that is not sealed; its rent goes to who opened it.
    pub fn close_schedule(ctx: Context<CloseSchedule>) -> Result<()> {
        instructions::close_schedule(ctx)
    }

    /// An insurer's operator enrols a member in a plan.
    pub fn enrol_member(ctx: Context<EnrolMember>, args: EnrolMemberArgs) -> Result<()> {
        instructions::enrol_member(ctx, args)
    }

    /// An insurer's operator sets a member's last day of coverage.
    pub fn end_coverage(ctx: Context<EndCoverage>, args: EndCoverageArgs) -> Result<()> {
        instructions::end_coverage(ctx, args)
    }

    /// An insurer's operator sets a member's own key.
    pub fn set_member_authority(
        ctx: Context<SetMemberAuthority>,
        args: SetMemberAuthorityArgs,
    ) -> Result<()> {
        instructions::set_member_authority(ctx, args)
    }

    /// An insurer's operator voids a member's older eligibility tickets.
    pub fn raise_ticket_floor(
        ctx: Context<RaiseTicketFloor>,
        args: RaiseTicketFloorArgs,
    ) -> Result<()> {
        instructions::raise_ticket_floor(ctx, args)
    }

    /// An insurer's operator offers a provider an agreement.
    pub fn offer_agreement(ctx: Context<OfferAgreement>, args: OfferAgreementArgs) -> Result<()> {
        instructions::offer_agreement(ctx, args)
    }

    /// A provider's authority accepts an agreement and names the token account to be paid.
    pub fn accept_agreement(ctx: Context<AcceptAgreement>) -> Result<()> {
        instructions::accept_agreement(ctx)
    }

    /// An insurer's operator replaces the terms of an agreement.
    pub fn set_agreement_terms(
        ctx: Context<SetAgreementTerms>,
        args: SetAgreementTermsArgs,
    ) -> Result<()> {
        instructions::set_agreement_terms(ctx, args)
    }

    /// An insurer's operator suspends, resumes, ends or offers anew an agreement.
    pub fn set_agreement_status(
        ctx: Context<SetAgreementStatus>,
        args: SetAgreementStatusArgs,
    ) -> Result<()> {
        instructions::set_agreement_status(ctx, args)
    }

    /// A provider's authority announces another payout account, which takes over in 72 hours.
    pub fn propose_payout(ctx: Context<ProposePayout>) -> Result<()> {
        instructions::propose_payout(ctx)
    }

    /// A provider's authority, or the key that set the present payout account, withdraws the announcement.
    pub fn cancel_payout(ctx: Context<CancelPayout>) -> Result<()> {
        instructions::cancel_payout(ctx)
    }

    /// A provider's operator submits a claim: adjudicated, and paid, queued or pended, at once.
    pub fn submit_claim(ctx: Context<SubmitClaim>, args: SubmitClaimArgs) -> Result<()> {
        instructions::submit_claim(ctx, args)
    }

    /// A provider's operator opens a claim that is too large for one transaction.
    pub fn open_claim(ctx: Context<OpenClaim>, args: OpenClaimArgs) -> Result<()> {
        instructions::open_claim(ctx, args)
    }

    /// A provider's operator appends lines to a draft.
    pub fn append_claim_lines(
        ctx: Context<AppendClaimLines>,
        args: AppendClaimLinesArgs,
    ) -> Result<()> {
        instructions::append_claim_lines(ctx, args)
    }

    /// A provider's operator submits a draft with all of its lines: as `submit_claim` from there on.
    pub fn adjudicate_claim(
        ctx: Context<AdjudicateClaim>,
        args: AdjudicateClaimArgs,
    ) -> Result<()> {
        instructions::adjudicate_claim(ctx, args)
    }

    /// Who opened a draft closes it and gets its rent back.
    pub fn close_draft_claim(ctx: Context<CloseDraftClaim>) -> Result<()> {
        instructions::close_draft_claim(ctx)
    }

    /// An insurer's operator approves or denies a claim that waits for a decision.
    pub fn decide_claim(ctx: Context<DecideClaim>, args: DecideClaimArgs) -> Result<()> {
        instructions::decide_claim(ctx, args)
    }

    /// Anybody pays a claim that waited for money.
    pub fn settle_claim(ctx: Context<SettleClaim>) -> Result<()> {
        instructions::settle_claim(ctx)
    }

    /// An insurer's operator takes a claim back: what it used up is given back, what it was paid is owed.
    pub fn reverse_claim(ctx: Context<ReverseClaim>, args: ReverseClaimArgs) -> Result<()> {
        instructions::reverse_claim(ctx, args)
    }

    /// An insurer's operator has a claim adjudicated anew that had seen a claim reversed since; another stands in its
    /// place.
    pub fn reprocess_claim(ctx: Context<ReprocessClaim>, args: ReprocessClaimArgs) -> Result<()> {
        instructions::reprocess_claim(ctx, args)
    }

    /// Anybody sets money aside for a claim that waits, so that it no longer holds up the pool's other payments.
    pub fn reserve_claim(ctx: Context<ReserveClaim>) -> Result<()> {
        instructions::reserve_claim(ctx)
    }
}
