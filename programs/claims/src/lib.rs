//! Galen's claims program: an insurer's pools, plans and members; agreements with providers; claims, adjudicated line
//! by line and paid.
//!
//! What decides money is in `galen_rules`; this program holds the state, checks who may do what, and moves tokens.
#![forbid(unsafe_code)]

use anchor_lang::prelude::*;

pub mod adjudication;
pub mod authorizations;
pub mod authorize;
pub mod constants;
pub mod convert;
pub mod details;
pub mod docket;
pub mod duplicates;
pub mod error;
pub mod events;
pub mod instructions;
pub mod payment;
pub mod pharmacy;
pub mod reversal;
pub mod room;
pub mod state;
pub mod ticket;
pub mod waivers;

use instructions::*;

declare_id!("6ycBqi7BUXimrSJTn4YXEBfJvdnF5R8MZSR7KE3Lzz2x");

#[cfg(feature = "lean-entry")]
galen_entry::entrypoint!(entry);

/// The claims program.
#[program]
pub mod claims {
    use super::*;

    /// An insurer's operator creates a pool and its vault.
    pub fn create_pool(ctx: Context<CreatePool>, args: CreatePoolArgs) -> Result<()> {
        instructions::create_pool(ctx, args)
    }

    /// Anybody adds money to a pool. Where awards wait for it, it is shared among them in proportion.
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

    /// An insurer's operator opens the details of a plan's next version.
    pub fn open_plan_details(ctx: Context<OpenPlanDetails>) -> Result<()> {
        instructions::open_plan_details(ctx)
    }

    /// Who opened a plan version's details appends entries to them.
    pub fn append_plan_details(
        ctx: Context<AppendPlanDetails>,
        args: AppendPlanDetailsArgs,
    ) -> Result<()> {
        instructions::append_plan_details(ctx, args)
    }

    /// An insurer's operator closes a plan version's details to change, so that the version can have them.
    pub fn seal_plan_details(
        ctx: Context<SealPlanDetails>,
        args: SealPlanDetailsArgs,
    ) -> Result<()> {
        instructions::seal_plan_details(ctx, args)
    }

    /// An insurer's operator gives up details on which no version stands; their rent goes to who opened them.
    pub fn close_plan_details(ctx: Context<ClosePlanDetails>) -> Result<()> {
        instructions::close_plan_details(ctx)
    }

    /// An insurer's operator enrols a member in a plan.
    pub fn enrol_member(ctx: Context<EnrolMember>, args: EnrolMemberArgs) -> Result<()> {
        instructions::enrol_member(ctx, args)
    }

    /// Gives a history that has little room left another page. Anybody may, who pays for it: that a member has had many services
    /// is no reason to leave one undecided.
    pub fn grow_history(ctx: Context<GrowHistory>) -> Result<()> {
        instructions::grow_history(ctx)
    }

    /// An insurer's operator states of a member what a plan version's details ask for.
    pub fn set_member_facts(ctx: Context<SetMemberFacts>, args: SetMemberFactsArgs) -> Result<()> {
        instructions::set_member_facts(ctx, args)
    }

    /// An insurer's operator creates a family, whose members' deductibles and out-of-pocket maxima count together.
    pub fn create_family(ctx: Context<CreateFamily>, args: CreateFamilyArgs) -> Result<()> {
        instructions::create_family(ctx, args)
    }

    /// An insurer's operator has a member join a family, before its first claim.
    pub fn join_family(ctx: Context<JoinFamily>) -> Result<()> {
        instructions::join_family(ctx)
    }

    /// An insurer's operator agrees to a service for a member beforehand.
    pub fn grant_authorization(
        ctx: Context<GrantAuthorization>,
        args: GrantAuthorizationArgs,
    ) -> Result<()> {
        instructions::grant_authorization(ctx, args)
    }

    /// An insurer's operator sets an authorisation's last service date.
    pub fn end_authorization(
        ctx: Context<EndAuthorization>,
        args: EndAuthorizationArgs,
    ) -> Result<()> {
        instructions::end_authorization(ctx, args)
    }

    /// An insurer's operator sets a member's last day of coverage.
    pub fn end_coverage(ctx: Context<EndCoverage>, args: EndCoverageArgs) -> Result<()> {
        instructions::end_coverage(ctx, args)
    }

    /// An insurer's operator states on which days another payer comes first for a member.
    pub fn set_other_coverage(
        ctx: Context<SetOtherCoverage>,
        args: SetOtherCoverageArgs,
    ) -> Result<()> {
        instructions::set_other_coverage(ctx, args)
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
    pub fn accept_agreement(
        ctx: Context<AcceptAgreement>,
        args: AcceptAgreementArgs,
    ) -> Result<()> {
        instructions::accept_agreement(ctx, args)
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
    pub fn propose_payout(ctx: Context<ProposePayout>, args: ProposePayoutArgs) -> Result<()> {
        instructions::propose_payout(ctx, args)
    }

    /// A provider's authority, or the key that set the present payout account, withdraws the announcement.
    pub fn cancel_payout(ctx: Context<CancelPayout>) -> Result<()> {
        instructions::cancel_payout(ctx)
    }

    /// A provider's operator asks before care what a claim would come to: adjudicated, and nothing moves.
    pub fn predetermine<'info>(
        ctx: Context<'info, Predetermine<'info>>,
        args: PredetermineArgs,
    ) -> Result<()> {
        instructions::predetermine(ctx, args)
    }

    /// An insurer's operator holds the price of an answer for some time.
    pub fn hold_price(ctx: Context<HoldPrice>, args: HoldPriceArgs) -> Result<()> {
        instructions::hold_price(ctx, args)
    }

    /// A provider's operator has a draft cite an answer whose price is held: it is adjudicated by the same plan version.
    pub fn cite_predetermination(ctx: Context<CitePredetermination>) -> Result<()> {
        instructions::cite_predetermination(ctx)
    }

    /// Who asked closes an answer and gets its rent back.
    pub fn close_predetermination(ctx: Context<ClosePredetermination>) -> Result<()> {
        instructions::close_predetermination(ctx)
    }

    /// A provider's operator submits a claim: adjudicated, and paid, queued or pended, at once.
    pub fn submit_claim<'info>(
        ctx: Context<'info, SubmitClaim<'info>>,
        args: SubmitClaimArgs,
    ) -> Result<()> {
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

    /// A provider's operator states what another payer has decided about lines of a draft.
    pub fn add_other_payers(ctx: Context<AddOtherPayers>, args: AddOtherPayersArgs) -> Result<()> {
        instructions::add_other_payers(ctx, args)
    }

    /// A provider's operator states in a draft what the plan's details ask for beyond its lines, or adds to a claim that waits for an
    /// attachment what has come.
    pub fn add_claim_facts(ctx: Context<AddClaimFacts>, args: AddClaimFactsArgs) -> Result<()> {
        instructions::add_claim_facts(ctx, args)
    }

    /// A provider's operator submits a draft with all of its lines: as `submit_claim` from there on.
    pub fn adjudicate_claim<'info>(
        ctx: Context<'info, AdjudicateClaim<'info>>,
        args: AdjudicateClaimArgs,
    ) -> Result<()> {
        instructions::adjudicate_claim(ctx, args)
    }

    /// Who opened a draft closes it and gets its rent back.
    pub fn close_draft_claim(ctx: Context<CloseDraftClaim>) -> Result<()> {
        instructions::close_draft_claim(ctx)
    }

    /// A member agrees to a draft and to one pack, which it names only by a commitment: the draft waits for that pack.
    pub fn commit_pack(ctx: Context<CommitPack>, args: CommitPackArgs) -> Result<()> {
        instructions::commit_pack(ctx, args)
    }

    /// A pharmacy's operator adjudicates a claim that waits for a pack, dispenses the pack and has the claim paid, or nothing of it.
    pub fn dispense_claim<'info>(
        ctx: Context<'info, DispenseClaim<'info>>,
        args: DispenseClaimArgs,
    ) -> Result<()> {
        instructions::dispense_claim(ctx, args)
    }

    /// Who paid for a commitment to a pack, or anybody once its time is over, makes the claim a draft again; and anybody closes the
    /// commitment of a claim that is archived.
    pub fn release_pack(ctx: Context<ReleasePack>) -> Result<()> {
        instructions::release_pack(ctx)
    }

    /// A pharmacy's operator undoes the dispense of a claim's pack, and takes the claim back with it.
    pub fn undo_claim<'info>(
        ctx: Context<'info, UndoClaim<'info>>,
        args: UndoClaimArgs,
    ) -> Result<()> {
        instructions::undo_claim(ctx, args)
    }

    /// A member confirms a claim that was submitted without its signature: as `submit_claim` from there on.
    pub fn confirm_claim<'info>(ctx: Context<'info, ConfirmClaim<'info>>) -> Result<()> {
        instructions::confirm_claim(ctx)
    }

    /// A member disputes a claim that was submitted without its signature: the insurer decides.
    pub fn dispute_claim(ctx: Context<DisputeClaim>) -> Result<()> {
        instructions::dispute_claim(ctx)
    }

    /// An insurer's operator commits the secret by which a pool's claims of a year are drawn for review.
    pub fn commit_draws(ctx: Context<CommitDraws>, args: CommitDrawsArgs) -> Result<()> {
        instructions::commit_draws(ctx, args)
    }

    /// Anybody who knows it reveals the link of a day that is over.
    pub fn reveal_draws(ctx: Context<RevealDraws>, args: RevealDrawsArgs) -> Result<()> {
        instructions::reveal_draws(ctx, args)
    }

    /// Anybody has a claim drawn by the link of its day: for review, or paid as `submit_claim` pays.
    pub fn draw_claim<'info>(ctx: Context<'info, DrawClaim<'info>>) -> Result<()> {
        instructions::draw_claim(ctx)
    }

    /// An insurer's operator holds a claim against the registry of duplicates, and enters it there: paid as `submit_claim` pays, or
    /// pended where another pool's claim stands there.
    pub fn screen_claim<'info>(
        ctx: Context<'info, ScreenClaim<'info>>,
        args: ScreenClaimArgs,
    ) -> Result<()> {
        instructions::screen_claim(ctx, args)
    }

    /// Anybody takes a claim that was denied or reversed for good out of an entry of the registry of duplicates, or puts the claim
    /// there that stands in its place.
    pub fn release_entry(ctx: Context<ReleaseEntry>) -> Result<()> {
        instructions::release_entry(ctx)
    }

    /// Anybody closes an entry of the registry of duplicates whose time is over; its rent goes to who paid it.
    pub fn close_entry(ctx: Context<CloseEntry>) -> Result<()> {
        instructions::close_entry(ctx)
    }

    /// An insurer's operator approves or denies a claim that waits for a decision.
    pub fn decide_claim<'info>(
        ctx: Context<'info, DecideClaim<'info>>,
        args: DecideClaimArgs,
    ) -> Result<()> {
        instructions::decide_claim(ctx, args)
    }

    /// Anybody pays a claim that waited for money: all of it, or its share of what has come in.
    pub fn settle_claim(ctx: Context<SettleClaim>) -> Result<()> {
        instructions::settle_claim(ctx)
    }

    /// An insurer's operator takes a claim back: what it used up is given back, what it was paid is owed.
    pub fn reverse_claim<'info>(
        ctx: Context<'info, ReverseClaim<'info>>,
        args: ReverseClaimArgs,
    ) -> Result<()> {
        instructions::reverse_claim(ctx, args)
    }

    /// An insurer's operator has a claim adjudicated anew that had seen a claim reversed since; another stands in its
    /// place.
    pub fn reprocess_claim<'info>(
        ctx: Context<'info, ReprocessClaim<'info>>,
        args: ReprocessClaimArgs,
    ) -> Result<()> {
        instructions::reprocess_claim(ctx, args)
    }

    /// Anybody pays claims of one provider that waited for money, in one transfer; those that cannot be paid are passed
    /// over.
    pub fn settle_claims<'info>(ctx: Context<'info, SettleClaims<'info>>) -> Result<()> {
        instructions::settle_claims(ctx)
    }

    /// An insurer's operator waits for information on a claim: its clocks stand.
    pub fn request_information(
        ctx: Context<RequestInformation>,
        args: RequestInformationArgs,
    ) -> Result<()> {
        instructions::request_information(ctx, args)
    }

    /// A provider's operator answers: the claim's clocks run again.
    pub fn provide_information(
        ctx: Context<ProvideInformation>,
        args: ProvideInformationArgs,
    ) -> Result<()> {
        instructions::provide_information(ctx, args)
    }

    /// Anybody notes that the insurer did not decide a claim in time. It still waits for the decision.
    pub fn escalate_claim(ctx: Context<EscalateClaim>) -> Result<()> {
        instructions::escalate_claim(ctx)
    }

    /// A member, or an operator of the provider, appeals against the decision about a claim: to the insurer, and once its levels
    /// are exhausted to the reviewer whom the plan names.
    pub fn file_appeal(ctx: Context<FileAppeal>, args: FileAppealArgs) -> Result<()> {
        instructions::file_appeal(ctx, args)
    }

    /// An operator of the insurer, or of the reviewer, who has not decided before leaves the decision as it was.
    pub fn uphold_appeal(ctx: Context<UpholdAppeal>, args: UpholdAppealArgs) -> Result<()> {
        instructions::uphold_appeal(ctx, args)
    }

    /// An operator of the insurer, or of the reviewer, who has not decided before takes the decision back; another claim stands in
    /// the claim's place.
    pub fn overturn_appeal<'info>(
        ctx: Context<'info, OverturnAppeal<'info>>,
        args: OverturnAppealArgs,
    ) -> Result<()> {
        instructions::overturn_appeal(ctx, args)
    }

    /// Anybody ends an appeal that was not decided in time: the level counts as exhausted.
    pub fn lapse_appeal(ctx: Context<LapseAppeal>) -> Result<()> {
        instructions::lapse_appeal(ctx)
    }

    /// Anybody closes an appeal about a claim that was archived; its rent goes to who paid it.
    pub fn close_appeal(ctx: Context<CloseAppeal>) -> Result<()> {
        instructions::close_appeal(ctx)
    }

    /// A provider's operator says which claim was filed in the place of one that was reversed.
    pub fn link_replacement(ctx: Context<LinkReplacement>) -> Result<()> {
        instructions::link_replacement(ctx)
    }

    /// Anybody archives a claim to which nothing can happen any more; its opener gets most of its rent back.
    pub fn archive_claim<'info>(ctx: Context<'info, ArchiveClaim<'info>>) -> Result<()> {
        instructions::archive_claim(ctx)
    }

    /// An insurer's operator offers a reinsurer a treaty on a pool's awards.
    pub fn offer_treaty(ctx: Context<OfferTreaty>, args: OfferTreatyArgs) -> Result<()> {
        instructions::offer_treaty(ctx, args)
    }

    /// A reinsurer's operator accepts a treaty; the vault of its layer is created.
    pub fn accept_treaty(ctx: Context<AcceptTreaty>, args: AcceptTreatyArgs) -> Result<()> {
        instructions::accept_treaty(ctx, args)
    }

    /// Anybody adds money to a treaty's layer.
    pub fn fund_layer(ctx: Context<FundLayer>, args: FundLayerArgs) -> Result<()> {
        instructions::fund_layer(ctx, args)
    }

    /// Anybody counts claims under a treaty; what lies in its layer is drawn into the pool, or given back, with it.
    pub fn cede_claims<'info>(ctx: Context<'info, CedeClaims<'info>>) -> Result<()> {
        instructions::cede_claims(ctx)
    }

    /// A reinsurer's operator announces that money will be taken out of a layer.
    pub fn announce_layer_withdrawal(
        ctx: Context<AnnounceLayerWithdrawal>,
        args: AnnounceLayerWithdrawalArgs,
    ) -> Result<()> {
        instructions::announce_layer_withdrawal(ctx, args)
    }

    /// A reinsurer's operator withdraws the announcement.
    pub fn cancel_layer_withdrawal(
        ctx: Context<CancelLayerWithdrawal>,
        args: CancelLayerWithdrawalArgs,
    ) -> Result<()> {
        instructions::cancel_layer_withdrawal(ctx, args)
    }

    /// A reinsurer's operator takes money out of a layer that was announced in time and is not exposed.
    pub fn withdraw_from_layer(ctx: Context<WithdrawFromLayer>) -> Result<()> {
        instructions::withdraw_from_layer(ctx)
    }

    /// Anybody has a manufacturer's bond pay back what a claim paid for a pack that is recalled.
    pub fn recoup_claim<'info>(
        ctx: Context<'info, RecoupClaim<'info>>,
        args: RecoupClaimArgs,
    ) -> Result<()> {
        instructions::recoup_claim(ctx, args)
    }

    /// Anybody has a pool count what a bond that was short has paid into its vault since.
    pub fn count_recoupment(ctx: Context<CountRecoupment>) -> Result<()> {
        instructions::count_recoupment(ctx)
    }
}
