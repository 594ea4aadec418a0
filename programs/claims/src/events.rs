//! What happened, for whoever keeps books outside the ledger. Ids first, money in cents.

use anchor_lang::prelude::*;

use crate::state::{
    AgreementStatus, AgreementTerms, Appeal, AppealStatus, Claim, ClaimFact, ClaimStatus, DateSpan,
    PendReason, TreatyTerms,
};

/// A pool was created.
#[event]
pub struct PoolCreated {
    /// The pool.
    pub pool: Pubkey,
    /// The insurer's organisation account.
    pub insurer: Pubkey,
    /// The mint that it pays in.
    pub mint: Pubkey,
    /// What the mint's issuer can do, as bits.
    pub issuer_powers: u8,
}

/// Money arrived in a pool.
#[event]
pub struct PoolFunded {
    /// The pool.
    pub pool: Pubkey,
    /// Who sent it.
    pub funder: Pubkey,
    /// How much.
    pub amount: u64,
    /// Funded since the beginning.
    pub funded: u64,
    /// What awards that wait still lack, in cents.
    pub unfunded: u64,
}

/// A pool's eligibility desk changed.
#[event]
pub struct TicketKeyChanged {
    /// The pool.
    pub pool: Pubkey,
    /// The key before.
    pub old: Pubkey,
    /// The key now; the default key = no desk.
    pub new: Pubkey,
}

/// A pool's outflow limit changed.
#[event]
pub struct OutflowLimitChanged {
    /// The pool.
    pub pool: Pubkey,
    /// Cents a day before; 0 = no limit.
    pub old: u64,
    /// Cents a day now; 0 = no limit.
    pub new: u64,
    /// Unix second from which it holds for what had been awarded before it was lowered; 0 = it does.
    pub former_until: i64,
}

/// An insurer will take money out of its pool.
#[event]
pub struct WithdrawalAnnounced {
    /// The pool.
    pub pool: Pubkey,
    /// The operator who announced it.
    pub operator: Pubkey,
    /// How much, in cents.
    pub amount: u64,
    /// The token account that it will go to.
    pub destination: Pubkey,
    /// Unix second from which it can be made.
    pub due_at: i64,
}

/// An insurer will not take money out of its pool after all.
#[event]
pub struct WithdrawalCancelled {
    /// The pool.
    pub pool: Pubkey,
    /// The operator who cancelled it.
    pub operator: Pubkey,
    /// How much had been announced, in cents.
    pub amount: u64,
}

/// An insurer took money out of its pool.
#[event]
pub struct Withdrawn {
    /// The pool.
    pub pool: Pubkey,
    /// The operator who did.
    pub operator: Pubkey,
    /// How much, in cents.
    pub amount: u64,
    /// The token account that it went to.
    pub destination: Pubkey,
}

/// A plan was created.
#[event]
pub struct PlanCreated {
    /// The plan.
    pub plan: Pubkey,
    /// The pool that pays.
    pub pool: Pubkey,
}

/// A version of a plan was published.
#[event]
pub struct PlanVersionPublished {
    /// The plan version.
    pub plan_version: Pubkey,
    /// The plan.
    pub plan: Pubkey,
    /// The schedule that it pays by.
    pub schedule: Pubkey,
    /// Its number.
    pub number: u16,
    /// First service date, in days since 1970-01-01.
    pub effective_from: i32,
    /// SHA-256 of the plan document.
    pub document: [u8; 32],
}

/// A benefit schedule was opened.
#[event]
pub struct ScheduleOpened {
    /// The schedule.
    pub schedule: Pubkey,
    /// The pool whose plans may use it.
    pub pool: Pubkey,
    /// Entries that it has room for.
    pub capacity: u32,
}

/// A benefit schedule was sealed.
#[event]
pub struct ScheduleSealed {
    /// The schedule.
    pub schedule: Pubkey,
    /// The pool whose plans may use it.
    pub pool: Pubkey,
    /// Number of entries.
    pub count: u32,
    /// SHA-256 of the entries.
    pub digest: [u8; 32],
}

/// A benefit schedule was closed before it was sealed.
#[event]
pub struct ScheduleClosed {
    /// The schedule.
    pub schedule: Pubkey,
    /// The pool whose plans might have used it.
    pub pool: Pubkey,
}

/// A member was enrolled.
#[event]
pub struct MemberEnrolled {
    /// The member.
    pub member: Pubkey,
    /// The pool that pays.
    pub pool: Pubkey,
    /// The plan.
    pub plan: Pubkey,
}

/// A family was created.
#[event]
pub struct FamilyCreated {
    /// The family.
    pub family: Pubkey,
    /// The pool that pays.
    pub pool: Pubkey,
    /// The plan.
    pub plan: Pubkey,
}

/// A member joined a family.
#[event]
pub struct FamilyJoined {
    /// The family.
    pub family: Pubkey,
    /// The member.
    pub member: Pubkey,
}

/// An insurer agreed to a service beforehand.
#[event]
pub struct AuthorizationGranted {
    /// The authorisation.
    pub authorization: Pubkey,
    /// The member.
    pub member: Pubkey,
    /// The provider's organisation account; the default key = any provider.
    pub provider: Pubkey,
    /// First service date, in days since 1970-01-01.
    pub from: i32,
    /// Last service date.
    pub to: i32,
    /// Units.
    pub units: u32,
}

/// An authorisation's last service date changed.
#[event]
pub struct AuthorizationEnded {
    /// The authorisation.
    pub authorization: Pubkey,
    /// The last day before, in days since 1970-01-01.
    pub old: i32,
    /// The last day now.
    pub new: i32,
}

/// A member's last day of coverage changed.
#[event]
pub struct CoverageEnded {
    /// The member.
    pub member: Pubkey,
    /// The last day before, in days since 1970-01-01.
    pub old: i32,
    /// The last day now.
    pub new: i32,
}

/// A plan version's details were opened.
#[event]
pub struct PlanDetailsOpened {
    /// The details.
    pub details: Pubkey,
    /// The plan.
    pub plan: Pubkey,
    /// Number of the version that is to have them.
    pub number: u16,
}

/// A plan version's details were sealed.
#[event]
pub struct PlanDetailsSealed {
    /// The details.
    pub details: Pubkey,
    /// The plan.
    pub plan: Pubkey,
    /// Number of the version that is to have them.
    pub number: u16,
    /// Number of entries.
    pub count: u32,
    /// SHA-256 of the entries' bytes.
    pub digest: [u8; 32],
}

/// Details on which no version stands were given up.
#[event]
pub struct PlanDetailsClosed {
    /// The details.
    pub details: Pubkey,
    /// The plan.
    pub plan: Pubkey,
    /// Number of the version that was to have them.
    pub number: u16,
}

/// A member's history has another page.
#[event]
pub struct HistoryGrown {
    /// The history.
    pub history: Pubkey,
    /// The member.
    pub member: Pubkey,
    /// Live lines for which it has room now.
    pub capacity: u16,
}

/// It was stated of a member what a plan version's details ask for.
#[event]
pub struct MemberFactsSet {
    /// The member.
    pub member: Pubkey,
    /// How many facts are stated now.
    pub count: u8,
}

/// It was stated on which days another payer comes first for a member.
#[event]
pub struct OtherCoverageSet {
    /// The member.
    pub member: Pubkey,
    /// The days; none = no day.
    pub first_payer: Option<DateSpan>,
}

/// A member's own key changed.
#[event]
pub struct MemberAuthorityChanged {
    /// The member.
    pub member: Pubkey,
    /// The key now; the default key = none.
    pub authority: Pubkey,
}

/// A member's older tickets became void.
#[event]
pub struct TicketFloorRaised {
    /// The member.
    pub member: Pubkey,
    /// Tickets with a lower nonce are void.
    pub floor: u64,
}

/// An insurer offered an agreement.
#[event]
pub struct AgreementOffered {
    /// The agreement.
    pub agreement: Pubkey,
    /// The pool that would pay.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// What is offered.
    pub terms: AgreementTerms,
}

/// A provider accepted an agreement.
#[event]
pub struct AgreementAccepted {
    /// The agreement.
    pub agreement: Pubkey,
    /// The token account that is paid.
    pub payout: Pubkey,
}

/// An insurer changed an agreement's terms.
#[event]
pub struct AgreementTermsChanged {
    /// The agreement.
    pub agreement: Pubkey,
    /// The terms before.
    pub old: AgreementTerms,
    /// The terms now.
    pub new: AgreementTerms,
}

/// An insurer changed an agreement's status.
#[event]
pub struct AgreementStatusChanged {
    /// The agreement.
    pub agreement: Pubkey,
    /// The status before.
    pub old: AgreementStatus,
    /// The status now.
    pub new: AgreementStatus,
}

/// A provider announced another payout account.
#[event]
pub struct PayoutProposed {
    /// The agreement.
    pub agreement: Pubkey,
    /// The account that takes over.
    pub payout: Pubkey,
    /// Unix second at which it does.
    pub effective_at: i64,
}

/// A change of payout account was withdrawn.
#[event]
pub struct PayoutCancelled {
    /// The agreement.
    pub agreement: Pubkey,
    /// The account that would have taken over.
    pub payout: Pubkey,
}

/// A claim was opened, to be submitted in parts.
#[event]
pub struct ClaimOpened {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// Lines that it will have.
    pub line_count: u8,
}

/// A draft was closed.
#[event]
pub struct DraftClaimClosed {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
}

/// A claim was adjudicated, and with that paid, or waits for money or the insurer.
#[event]
pub struct ClaimAdjudicated {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// What became of it.
    pub status: ClaimStatus,
    /// Why it waits; `None` where it does not.
    pub pend_reason: PendReason,
    /// Charged.
    pub charge: u64,
    /// Allowed.
    pub allowed: u64,
    /// Awarded.
    pub paid: u64,
    /// Owed by the patient.
    pub patient: u64,
    /// What of `paid` was kept back for what the provider owed.
    pub offset: u64,
    /// The token account that the rest of `paid` went to in the same breath; the default key where nothing moved.
    pub payout: Pubkey,
}

/// A member has agreed to a draft and to a pack, which it names by a commitment.
#[event]
pub struct PackCommitted {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The pharmacy's organisation account.
    pub provider: Pubkey,
    /// The commitment.
    pub commitment: [u8; 32],
    /// The last Unix second for which the member agreed.
    pub until: i64,
}

/// A commitment to a pack was closed.
#[event]
pub struct PackReleased {
    /// The claim.
    pub claim: Pubkey,
    /// The commitment.
    pub commitment: [u8; 32],
}

/// The member disputes a claim.
#[event]
pub struct ClaimDisputed {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// The member.
    pub member: Pubkey,
}

/// An insurer committed the secret of its draws.
#[event]
pub struct DrawsCommitted {
    /// The chain.
    pub draws: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// First day whose claims are drawn, in days since 1970-01-01.
    pub from: i32,
    /// Last such day.
    pub to: i32,
    /// The link of the day before the first.
    pub commitment: [u8; 32],
}

/// The draws of a day were revealed, and those of the days before that had not been.
#[event]
pub struct DrawsRevealed {
    /// The chain.
    pub draws: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The day, in days since 1970-01-01.
    pub day: i32,
    /// Its link.
    pub link: [u8; 32],
}

/// A claim was drawn for review, or passed over.
#[event]
pub struct ClaimDrawn {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// Whether it was drawn.
    pub is_drawn: bool,
    /// The link of its day; zeros where that was not revealed in time.
    pub link: [u8; 32],
    /// What became of it.
    pub status: ClaimStatus,
    /// Why it waits; `None` where it does not.
    pub pend_reason: PendReason,
    /// Awarded.
    pub paid: u64,
    /// What of `paid` was kept back for what the provider owed.
    pub offset: u64,
    /// The token account that the rest of `paid` went to in the same breath; the default key where nothing moved.
    pub payout: Pubkey,
}

/// A claim was held against the registry of duplicates.
#[event]
pub struct ClaimScreened {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// Whether a claim of another pool stood there for one of its service dates.
    pub found_elsewhere: bool,
    /// What became of it.
    pub status: ClaimStatus,
    /// Why it waits; `None` where it does not.
    pub pend_reason: PendReason,
    /// Awarded.
    pub paid: u64,
    /// What of `paid` was kept back for what the provider owed.
    pub offset: u64,
    /// The token account that the rest of `paid` went to in the same breath; the default key where nothing moved.
    pub payout: Pubkey,
}

/// A claim that no longer stands left an entry of the registry of duplicates.
#[event]
pub struct EntryReleased {
    /// The entry.
    pub entry: Pubkey,
    /// The claim.
    pub claim: Pubkey,
    /// The claim that stands in its place, and now in the entry; the default key = none.
    pub replacement: Pubkey,
    /// Whether nobody stood in it any more, so that it was closed.
    pub is_closed: bool,
}

/// A provider asked before care what a claim would come to.
#[event]
pub struct Predetermined {
    /// The answer.
    pub predetermination: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// The plan version by which it was answered.
    pub plan_version: Pubkey,
    /// Charged.
    pub charge: u64,
    /// What would be allowed.
    pub allowed: u64,
    /// What the plan would pay.
    pub paid: u64,
    /// What the patient would owe.
    pub patient: u64,
}

/// An insurer holds the price of an answer.
#[event]
pub struct PriceHeld {
    /// The answer.
    pub predetermination: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// The plan version whose price it is.
    pub plan_version: Pubkey,
    /// The operator who signed.
    pub operator: Pubkey,
    /// Last service date, in days since 1970-01-01.
    pub until: i32,
}

/// The insurer decided a claim that waited for it.
#[event]
pub struct ClaimDecided {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// The operator who decided.
    pub decider: Pubkey,
    /// What became of it.
    pub status: ClaimStatus,
    /// Awarded.
    pub paid: u64,
    /// What of `paid` was kept back for what the provider owed.
    pub offset: u64,
    /// Interest for late payment, paid with it.
    pub interest: u64,
    /// The token account that the rest of `paid` went to in the same breath; the default key where nothing moved.
    pub payout: Pubkey,
}

/// A claim was taken back, by the insurer or with its pack.
#[event]
pub struct ClaimReversed {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// The operator who took it back.
    pub operator: Pubkey,
    /// Why.
    pub reason: u16,
    /// What had been awarded, in cents.
    pub paid: u64,
    /// What the provider owes the pool now, in cents, for all claims taken back.
    pub owed: u64,
}

/// A pharmacy put the pack back of a claim that the insurer had taken back before: nothing takes the claim's place any more.
#[event]
pub struct PackPutBack {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// The provider's operator.
    pub operator: Pubkey,
}

/// The insurer had a claim adjudicated anew: it is reversed, and another stands in its place.
#[event]
pub struct ClaimReprocessed {
    /// The claim that was reversed.
    pub claim: Pubkey,
    /// The claim in its place.
    pub replacement: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// What had been awarded, in cents.
    pub paid_before: u64,
    /// What became of the replacement.
    pub status: ClaimStatus,
    /// What is awarded now.
    pub paid: u64,
    /// What of `paid` was kept back for what the provider owed.
    pub offset: u64,
    /// The token account that the rest of `paid` went to in the same breath; the default key where nothing moved.
    pub payout: Pubkey,
}

/// A claim that had waited for money was paid, whole or in part. (One that has not waited is said to be paid by the event of its
/// adjudication or decision: a second event would cost as much as three lines.)
#[event]
pub struct ClaimPaid {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The token account that was paid.
    pub payout: Pubkey,
    /// How much of the award.
    pub amount: u64,
    /// How much interest.
    pub interest: u64,
    /// What of the award is still to be paid.
    pub left: u64,
}

/// Claims of one provider that had waited for money were paid in one transfer.
#[event]
pub struct ClaimsSettled {
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// The token account that was paid.
    pub payout: Pubkey,
    /// How much of the awards.
    pub amount: u64,
    /// How much interest.
    pub interest: u64,
    /// Which of the instruction's claims were paid to the end: bit n for the claim at place n, from 0.
    pub paid: u64,
    /// Which were paid a part, and wait for the rest. The others could not be paid.
    pub in_part: u64,
    /// What was paid now of awards of which another part was paid before, or is still to be paid: in the order of the claims.
    pub parts: Vec<PaidPart>,
}

/// A part of an award that was paid.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct PaidPart {
    /// The claim's place among the instruction's, from 0.
    pub place: u8,
    /// How much of the award.
    pub amount: u64,
}

/// The insurer waits for information on a claim: its clocks stand.
#[event]
pub struct InformationRequested {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// Commitment to what is asked.
    pub document: [u8; 32],
}

/// Attachments have come that a claim waits for.
#[event]
pub struct AttachmentsAdded {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// What says so.
    pub facts: Vec<ClaimFact>,
}

/// The provider has answered: the claim's clocks run again.
#[event]
pub struct InformationProvided {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// Commitment to the answer.
    pub document: [u8; 32],
    /// Days during which information was awaited, in all.
    pub stopped_days: u16,
}

/// An award could not be paid, for the provider's account takes no money: its clock stands from now on.
#[event]
pub struct ClockStopped {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The token account that was to be paid.
    pub payout: Pubkey,
    /// The day, in days since 1970-01-01.
    pub since: i32,
}

/// The provider's account takes money again, and the award is not paid yet for another reason: its clock runs again.
#[event]
pub struct ClockResumed {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// Days on which the claim's clocks stood, in all.
    pub stopped_days: u16,
}

/// The insurer did not decide a claim in time.
#[event]
pub struct ClaimEscalated {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// Unix second of the submission.
    pub received_at: i64,
}

/// Somebody appeals against the decision about a claim.
#[event]
pub struct AppealFiled {
    /// The appeal.
    pub appeal: Pubkey,
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// Level, from 1.
    pub level: u8,
    /// Whether the member asks, rather than the provider.
    pub by_member: bool,
    /// The key that asks.
    pub appellant: Pubkey,
    /// Commitment to the grounds.
    pub grounds: [u8; 32],
    /// The last day on which it is decided in time, in days since 1970-01-01.
    pub due_on: i32,
    /// The organisation that decides it; the default key = the insurer.
    pub reviewer: Pubkey,
}

/// An appeal was decided, or lapsed.
#[event]
pub struct AppealClosed {
    /// The appeal.
    pub appeal: Pubkey,
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// Level, from 1.
    pub level: u8,
    /// What became of it.
    pub status: AppealStatus,
    /// The key that decided; the default key where it lapsed.
    pub decider: Pubkey,
    /// Commitment to the reasons; zeros where it lapsed.
    pub rationale: [u8; 32],
    /// The claim that stands in the claim's place; the default key = none.
    pub replacement: Pubkey,
    /// What is awarded by that claim, in cents.
    pub paid: u64,
    /// What of `paid` was kept back for what the provider owed.
    pub offset: u64,
    /// The token account that the rest of `paid` went to in the same breath; the default key where nothing moved.
    pub payout: Pubkey,
}

/// A claim stands in the place of one that was reversed.
#[event]
pub struct ClaimReplaced {
    /// The claim that was reversed.
    pub claim: Pubkey,
    /// The claim in its place.
    pub replacement: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
}

/// A claim was archived: a commitment to it stays in its place.
#[event]
pub struct ClaimArchived {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The provider's organisation account.
    pub provider: Pubkey,
    /// SHA-256 of the account's data.
    pub commitment: [u8; 32],
    /// Lamports that went to who had opened it.
    pub refund: u64,
}

/// An insurer offered a reinsurer a treaty.
#[event]
pub struct TreatyOffered {
    /// The treaty.
    pub treaty: Pubkey,
    /// The pool whose awards are to be covered.
    pub pool: Pubkey,
    /// The reinsurer's organisation account.
    pub reinsurer: Pubkey,
    /// What is to be covered.
    pub terms: TreatyTerms,
}

/// A reinsurer accepted a treaty.
#[event]
pub struct TreatyAccepted {
    /// The treaty.
    pub treaty: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The reinsurer's organisation account.
    pub reinsurer: Pubkey,
    /// Who accepted.
    pub operator: Pubkey,
}

/// A treaty's layer was funded. Amounts are cents.
#[event]
pub struct LayerFunded {
    /// The treaty.
    pub treaty: Pubkey,
    /// Who sent it.
    pub funder: Pubkey,
    /// How much.
    pub amount: u64,
    /// Funded since the beginning.
    pub funded: u64,
}

/// Claims were counted under a treaty, or no longer. Amounts are cents.
#[event]
pub struct ClaimsCeded {
    /// The treaty.
    pub treaty: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// Claims that are counted now.
    pub claims: u32,
    /// What they award.
    pub awards: u64,
    /// What of it the treaty takes over.
    pub recoverable: u64,
    /// What went from the layer to the pool by this.
    pub drawn: u64,
    /// What went from the pool to the layer.
    pub returned: u64,
}

/// A reinsurer announced a withdrawal. Amounts are cents.
#[event]
pub struct LayerWithdrawalAnnounced {
    /// The treaty.
    pub treaty: Pubkey,
    /// Who announced it.
    pub operator: Pubkey,
    /// How much.
    pub amount: u64,
    /// Where it will go.
    pub destination: Pubkey,
    /// Unix second from which on it is possible.
    pub due_at: i64,
}

/// A reinsurer's announcement was withdrawn.
#[event]
pub struct LayerWithdrawalCancelled {
    /// The treaty.
    pub treaty: Pubkey,
    /// Who withdrew it.
    pub operator: Pubkey,
    /// How much would have been taken out, in cents.
    pub amount: u64,
}

/// A reinsurer took money out of a layer.
#[event]
pub struct LayerWithdrawn {
    /// The treaty.
    pub treaty: Pubkey,
    /// Who did.
    pub operator: Pubkey,
    /// How much, in cents.
    pub amount: u64,
    /// Where it went.
    pub destination: Pubkey,
}

impl ClaimAdjudicated {
    /// What has become of `claim`, whose account is `key`; where it is paid, the money went to `payout`.
    pub fn of(claim: &Claim, key: Pubkey, payout: Pubkey) -> Self {
        Self {
            claim: key,
            pool: claim.pool,
            provider: claim.provider,
            status: claim.status,
            pend_reason: claim.pend_reason,
            charge: claim.totals.charge,
            allowed: claim.totals.allowed,
            paid: claim.totals.paid,
            patient: claim.totals.patient,
            offset: claim.offset,
            payout: paid_to(claim, payout),
        }
    }
}

impl ClaimPaid {
    /// That `claim`, whose account is `key`, has been paid `amount` of its award and `interest` to `payout`.
    pub fn of(claim: &Claim, key: Pubkey, payout: Pubkey, amount: u64, interest: u64) -> Self {
        Self {
            claim: key,
            pool: claim.pool,
            payout,
            amount,
            interest,
            left: claim.due().saturating_sub(claim.award_paid()),
        }
    }
}

impl AppealClosed {
    /// What has become of `appeal`, whose account is `key`; without what was awarded.
    pub fn of(appeal: &Appeal, key: Pubkey) -> Self {
        Self {
            appeal: key,
            claim: appeal.claim,
            pool: appeal.pool,
            level: appeal.level,
            status: appeal.status,
            decider: appeal.decider,
            rationale: appeal.rationale,
            replacement: Pubkey::default(),
            paid: 0,
            offset: 0,
            payout: Pubkey::default(),
        }
    }
}

/// `payout` where the claim is paid, and not all of it kept back.
pub fn paid_to(claim: &Claim, payout: Pubkey) -> Pubkey {
    if claim.status == ClaimStatus::Paid && claim.due() > 0 {
        payout
    } else {
        Pubkey::default()
    }
}

/// A manufacturer's bond has paid back what a claim paid for a pack that is recalled, or a part of it.
#[event]
pub struct ClaimRecouped {
    /// The claim.
    pub claim: Pubkey,
    /// The pool.
    pub pool: Pubkey,
    /// The bond; the default key where its record of the pack was closed before the pool counted.
    pub bond: Pubkey,
    /// Cents that the pool has counted just now.
    pub arrived: u64,
    /// Cents that the bond still owes.
    pub lacking: u64,
}
