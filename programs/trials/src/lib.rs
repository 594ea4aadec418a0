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
use state::Participant;

declare_id!("4XU5PpngKGUdmgiyL8qmFXkZuG9iQ6hBCEPtLEy1HKHS");

#[cfg(feature = "lean-entry")]
galen_entry::entrypoint!(entry, instructions::pay_participants::MANY);

/// The trials program.
#[program]
pub mod trials {
    use super::*;

    // The daily ones first: an instruction is found by comparing it with one after the other.

    /// Anybody has participants of a cohort paid what is due to them, in a batch.
    pub fn pay_participants<'info>(
        ctx: Context<'info, PayParticipants<'info>>,
        args: PayParticipantsArgs,
    ) -> Result<()> {
        instructions::pay_participants(ctx, args)
    }

    /// A site's operator attests a visit: earned at once, or when it is countersigned.
    pub fn attest_milestone(
        ctx: Context<AttestMilestone>,
        args: AttestMilestoneArgs,
    ) -> Result<()> {
        instructions::attest_milestone(ctx, args)
    }

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

    /// A sponsor's operator raises the tax threshold, or lowers what is withheld beyond it.
    pub fn set_tax_terms(ctx: Context<SetTaxTerms>, args: SetTaxTermsArgs) -> Result<()> {
        instructions::set_tax_terms(ctx, args)
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

    /// A site's operator records a first consent, which the participant's key signs; sets the screening aside. Not before the
    /// analysis plan.
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

    /// A participant's key, or somebody independent, claims a visit that nobody attests or countersigns.
    pub fn claim_visit(ctx: Context<ClaimVisit>, args: ClaimVisitArgs) -> Result<()> {
        instructions::claim_visit(ctx, args)
    }

    /// A site's operator says that a claimed visit was not made.
    pub fn refuse_visit(ctx: Context<RefuseVisit>, args: RefuseVisitArgs) -> Result<()> {
        instructions::refuse_visit(ctx, args)
    }

    /// Anybody passes a claim to the board's arbiter once the site has let its time pass.
    pub fn escalate_visit(ctx: Context<EscalateVisit>) -> Result<()> {
        instructions::escalate_visit(ctx)
    }

    /// The arbiter decides a claim, or overrules the site.
    pub fn arbitrate_visit(ctx: Context<ArbitrateVisit>, args: ArbitrateVisitArgs) -> Result<()> {
        instructions::arbitrate_visit(ctx, args)
    }

    /// Anybody has a claimed visit earned once the arbiter has let the time pass.
    pub fn grant_visit(ctx: Context<GrantVisit>) -> Result<()> {
        instructions::grant_visit(ctx)
    }

    /// Anybody closes a claim that is earned or settled; the rent goes back.
    pub fn close_visit_claim(ctx: Context<CloseVisitClaim>) -> Result<()> {
        instructions::close_visit_claim(ctx)
    }

    /// A participant's key hands over to another; or somebody independent announces one, where it is lost.
    pub fn propose_key(ctx: Context<ProposeKey>, args: ProposeKeyArgs) -> Result<()> {
        instructions::propose_key(ctx, args)
    }

    /// The present key, or somebody independent, withdraws an announced key.
    pub fn cancel_key(ctx: Context<CancelKey>) -> Result<()> {
        instructions::cancel_key(ctx)
    }

    /// Anybody lets an announced key take over once its time has come.
    pub fn apply_key(ctx: Context<ApplyKey>) -> Result<()> {
        instructions::apply_key(ctx)
    }

    /// A sponsor's operator promises a site payments beside its fees, and sets them aside.
    pub fn offer_site_milestones(
        ctx: Context<OfferSiteMilestones>,
        args: OfferSiteMilestonesArgs,
    ) -> Result<()> {
        instructions::offer_site_milestones(ctx, args)
    }

    /// A site's operator says that a milestone of the site is done.
    pub fn declare_site_milestone(
        ctx: Context<DeclareSiteMilestone>,
        args: DeclareSiteMilestoneArgs,
    ) -> Result<()> {
        instructions::declare_site_milestone(ctx, args)
    }

    /// A sponsor's operator confirms a milestone of a site, or says that it is not done.
    pub fn answer_site_milestone(
        ctx: Context<AnswerSiteMilestone>,
        args: AnswerSiteMilestoneArgs,
    ) -> Result<()> {
        instructions::answer_site_milestone(ctx, args)
    }

    /// Anybody has a site's milestone earned: enough are enrolled, or the sponsor was silent.
    pub fn earn_site_milestone(
        ctx: Context<EarnSiteMilestone>,
        args: EarnSiteMilestoneArgs,
    ) -> Result<()> {
        instructions::earn_site_milestone(ctx, args)
    }

    /// Anybody frees what a site can no longer earn, 90 days after the end.
    pub fn lapse_site_milestones(ctx: Context<LapseSiteMilestones>) -> Result<()> {
        instructions::lapse_site_milestones(ctx)
    }

    /// The authority of a site's organisation announces another token account, which can take over in 72 hours.
    pub fn propose_payout(ctx: Context<ProposePayout>) -> Result<()> {
        instructions::propose_payout(ctx)
    }

    /// That authority, or the owner of the present token account, withdraws an announced one.
    pub fn cancel_payout(ctx: Context<CancelPayout>) -> Result<()> {
        instructions::cancel_payout(ctx)
    }

    /// Anybody lets an announced token account of a site take over once its time has come.
    pub fn apply_payout(ctx: Context<ApplyPayout>) -> Result<()> {
        instructions::apply_payout(ctx)
    }

    /// A sponsor's operator commits to an analysis plan, with a bond, before the first participant.
    pub fn commit_plan(ctx: Context<CommitPlan>, args: CommitPlanArgs) -> Result<()> {
        instructions::commit_plan(ctx, args)
    }

    /// The ethics board's operator names who gets the bond if it is forfeited.
    pub fn name_beneficiary(
        ctx: Context<NameBeneficiary>,
        args: NameBeneficiaryArgs,
    ) -> Result<()> {
        instructions::name_beneficiary(ctx, args)
    }

    /// A sponsor's operator appends a batch of data points to the log.
    pub fn anchor_data(ctx: Context<AnchorData>, args: AnchorDataArgs) -> Result<()> {
        instructions::anchor_data(ctx, args)
    }

    /// A sponsor's operator locks the data of a trial that has ended.
    pub fn lock_data(ctx: Context<LockData>, args: LockDataArgs) -> Result<()> {
        instructions::lock_data(ctx, args)
    }

    /// A sponsor's operator commits to results; in time, the bond is free again.
    pub fn commit_results(ctx: Context<CommitResults>, args: CommitResultsArgs) -> Result<()> {
        instructions::commit_results(ctx, args)
    }

    /// Anybody forfeits the bond of a sponsor whose results are late.
    pub fn forfeit_bond(ctx: Context<ForfeitBond>) -> Result<()> {
        instructions::forfeit_bond(ctx)
    }

    /// A sponsor's operator says which doses the bonus of an open schedule needs.
    pub fn require_adherence(
        ctx: Context<RequireAdherence>,
        args: RequireAdherenceArgs,
    ) -> Result<()> {
        instructions::require_adherence(ctx, args)
    }

    /// A site's operator gives a participant a device that records doses.
    pub fn register_device(ctx: Context<RegisterDevice>, args: RegisterDeviceArgs) -> Result<()> {
        instructions::register_device(ctx, args)
    }

    /// Anybody submits a dose that a device has signed, in the instruction before.
    pub fn record_dose(ctx: Context<RecordDose>, args: RecordDoseArgs) -> Result<()> {
        instructions::record_dose(ctx, args)
    }

    /// Anybody closes a page that need no longer be kept; the rent goes back.
    pub fn close_cohort(ctx: Context<CloseCohort>) -> Result<()> {
        instructions::close_cohort(ctx)
    }

    /// Who opened a schedule closes it, unsealed or no longer to be kept.
    pub fn close_schedule(ctx: Context<CloseSchedule>) -> Result<()> {
        instructions::close_schedule(ctx)
    }

    /// Returns a participant's record. Changes nothing: to be simulated.
    pub fn read_participant(
        ctx: Context<ReadParticipant>,
        args: ReadParticipantArgs,
    ) -> Result<Participant> {
        instructions::read_participant(ctx, args)
    }
}
