//! Galen's trials program: a sponsor's escrow for the participants of a clinical trial, under the caps of an ethics board.
//! What a participant can earn is set aside at enrolment; a visit earns its milestone on its own date; what is earned is
//! paid in batches, and the bits of the cohort's page are the receipts.
//!
//! What decides money and time is in `galen_rules::trial`; this program holds the state, checks who may do what, and moves
//! tokens.
#![forbid(unsafe_code)]

use anchor_lang::prelude::*;

pub mod authorize;
pub mod constants;
pub mod convert;
pub mod earning;
pub mod error;
pub mod events;
pub mod independence;
pub mod instructions;
pub mod payment;
pub mod state;

use instructions::*;

declare_id!("4XU5PpngKGUdmgiyL8qmFXkZuG9iQ6hBCEPtLEy1HKHS");

/// The trials program.
#[program]
pub mod trials {
    use super::*;

    /// A sponsor's operator creates a trial and its vault.
    pub fn create_trial(ctx: Context<CreateTrial>, args: CreateTrialArgs) -> Result<()> {
        instructions::create_trial(ctx, args)
    }

    /// Anybody adds money to a trial's escrow.
    pub fn fund_trial(ctx: Context<FundTrial>, args: FundTrialArgs) -> Result<()> {
        instructions::fund_trial(ctx, args)
    }

    /// A sponsor's operator takes back what is neither reserved nor payable.
    pub fn withdraw_surplus(
        ctx: Context<WithdrawSurplus>,
        args: WithdrawSurplusArgs,
    ) -> Result<()> {
        instructions::withdraw_surplus(ctx, args)
    }

    /// A sponsor's operator sends withheld money on its way to the tax authority.
    pub fn remit_withheld(ctx: Context<RemitWithheld>, args: RemitWithheldArgs) -> Result<()> {
        instructions::remit_withheld(ctx, args)
    }

    /// The ethics board's operator sets the caps.
    pub fn set_caps(ctx: Context<SetCaps>, args: SetCapsArgs) -> Result<()> {
        instructions::set_caps(ctx, args)
    }

    /// A sponsor's operator publishes the next version of protocol and consent form.
    pub fn publish_protocol(
        ctx: Context<PublishProtocol>,
        args: PublishProtocolArgs,
    ) -> Result<()> {
        instructions::publish_protocol(ctx, args)
    }

    /// The ethics board's operator approves a version of protocol and consent form.
    pub fn approve_protocol(
        ctx: Context<ApproveProtocol>,
        args: ApproveProtocolArgs,
    ) -> Result<()> {
        instructions::approve_protocol(ctx, args)
    }

    /// A sponsor's operator opens a schedule.
    pub fn open_schedule(ctx: Context<OpenSchedule>, args: OpenScheduleArgs) -> Result<()> {
        instructions::open_schedule(ctx, args)
    }

    /// Who opened a schedule appends milestones to it.
    pub fn append_milestones(
        ctx: Context<AppendMilestones>,
        args: AppendMilestonesArgs,
    ) -> Result<()> {
        instructions::append_milestones(ctx, args)
    }

    /// A sponsor's operator closes a schedule to change, within the ethics board's caps.
    pub fn seal_schedule(ctx: Context<SealSchedule>, args: SealScheduleArgs) -> Result<()> {
        instructions::seal_schedule(ctx, args)
    }

    /// A sponsor's operator offers a trial to a site.
    pub fn add_site(ctx: Context<AddSite>, args: AddSiteArgs) -> Result<()> {
        instructions::add_site(ctx, args)
    }

    /// The authority of a site's organisation accepts a trial and names the token account to be paid.
    pub fn accept_site(ctx: Context<AcceptSite>) -> Result<()> {
        instructions::accept_site(ctx)
    }

    /// A site's operator opens a cohort in an account that the client created.
    pub fn open_cohort(ctx: Context<OpenCohort>) -> Result<()> {
        instructions::open_cohort(ctx)
    }

    /// A site's operator records a first consent, which the participant's key signs; sets the screening aside.
    pub fn record_consent(ctx: Context<RecordConsent>, args: RecordConsentArgs) -> Result<()> {
        instructions::record_consent(ctx, args)
    }

    /// A site's operator enrols a participant; sets the whole remaining schedule aside or fails.
    pub fn enrol_participant(
        ctx: Context<EnrolParticipant>,
        args: EnrolParticipantArgs,
    ) -> Result<()> {
        instructions::enrol_participant(ctx, args)
    }

    /// A site's operator attests a visit: earned at once, or when it is countersigned.
    pub fn attest_milestone(
        ctx: Context<AttestMilestone>,
        args: AttestMilestoneArgs,
    ) -> Result<()> {
        instructions::attest_milestone(ctx, args)
    }

    /// The participant, the sponsor's monitor or the ethics board countersigns what a site attested; the latter two may reject it.
    pub fn countersign_milestone(
        ctx: Context<CountersignMilestone>,
        args: CountersignMilestoneArgs,
    ) -> Result<()> {
        instructions::countersign_milestone(ctx, args)
    }

    /// A site's operator recognises an expense: not pay, and never held.
    pub fn reimburse_expense(
        ctx: Context<ReimburseExpense>,
        args: ReimburseExpenseArgs,
    ) -> Result<()> {
        instructions::reimburse_expense(ctx, args)
    }

    /// Anybody has participants of a cohort paid what is due to them, in a batch.
    pub fn pay_participants<'info>(
        ctx: Context<'info, PayParticipants<'info>>,
        args: PayParticipantsArgs,
    ) -> Result<()> {
        instructions::pay_participants(ctx, args)
    }

    /// Anybody has a site paid what is due to it.
    pub fn pay_site(ctx: Context<PaySite>) -> Result<()> {
        instructions::pay_site(ctx)
    }

    /// A sponsor's operator, or anybody 90 days after the end, makes payable what was held back from a site.
    pub fn release_holdback(ctx: Context<ReleaseHoldback>) -> Result<()> {
        instructions::release_holdback(ctx)
    }

    /// A participant's key consents to the version in force, under the same schedule or a better one.
    pub fn renew_consent(ctx: Context<RenewConsent>, args: RenewConsentArgs) -> Result<()> {
        instructions::renew_consent(ctx, args)
    }

    /// A participant withdraws or declines an amendment, or a site's operator says how a participation ended.
    pub fn end_participation(
        ctx: Context<EndParticipation>,
        args: EndParticipationArgs,
    ) -> Result<()> {
        instructions::end_participation(ctx, args)
    }

    /// Anybody settles a participation that has ended: the bonus in proportion, the rest free again.
    pub fn settle_participant(
        ctx: Context<SettleParticipant>,
        args: SettleParticipantArgs,
    ) -> Result<()> {
        instructions::settle_participant(ctx, args)
    }

    /// A participant's key announces another payee, which can take over in 72 hours.
    pub fn propose_payee(ctx: Context<ProposePayee>, args: ProposePayeeArgs) -> Result<()> {
        instructions::propose_payee(ctx, args)
    }

    /// A participant's key, or somebody independent of the site, withdraws an announced payee.
    pub fn cancel_payee(ctx: Context<CancelPayee>) -> Result<()> {
        instructions::cancel_payee(ctx)
    }

    /// Anybody lets an announced payee take over once its time has come.
    pub fn apply_payee(ctx: Context<ApplyPayee>) -> Result<()> {
        instructions::apply_payee(ctx)
    }

    /// A sponsor's operator ends a trial, or the ethics board's for safety.
    pub fn end_trial(ctx: Context<EndTrial>, args: EndTrialArgs) -> Result<()> {
        instructions::end_trial(ctx, args)
    }

    /// A participant's key chooses what happens at the tax threshold without a form.
    pub fn choose_tax(ctx: Context<ChooseTax>, args: ChooseTaxArgs) -> Result<()> {
        instructions::choose_tax(ctx, args)
    }

    /// A sponsor's operator records a person's tax form.
    pub fn record_tax_form(ctx: Context<RecordTaxForm>, args: RecordTaxFormArgs) -> Result<()> {
        instructions::record_tax_form(ctx, args)
    }

    /// Anybody frees what was held for tax reasons, once there is a form or a choice.
    pub fn release_held(ctx: Context<ReleaseHeld>, args: ReleaseHeldArgs) -> Result<()> {
        instructions::release_held(ctx, args)
    }
}
