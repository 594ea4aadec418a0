//! What happened, for whoever keeps books outside the ledger. Ids first, money in cents.

use anchor_lang::prelude::*;

use crate::convert::DepartureArg;
use crate::state::{
    CapsTerms, ClaimTurn, EndReason, KeyHolder, PlanTerms, SiteMilestoneTerms, SiteTerms,
};

/// A trial was created.
#[event]
pub struct TrialCreated {
    /// The trial.
    pub trial: Pubkey,
    /// The sponsor's organisation account.
    pub sponsor: Pubkey,
    /// The ethics board's organisation account.
    pub board: Pubkey,
    /// The mint that it pays in.
    pub mint: Pubkey,
    /// What the mint's issuer can do, as bits.
    pub issuer_powers: u8,
}

/// Money arrived in a trial's escrow.
#[event]
pub struct TrialFunded {
    /// The trial.
    pub trial: Pubkey,
    /// Who sent it.
    pub funder: Pubkey,
    /// How much.
    pub amount: u64,
    /// Funded since the beginning.
    pub funded: u64,
}

/// A sponsor took back what nobody can earn any more.
#[event]
pub struct SurplusWithdrawn {
    /// The trial.
    pub trial: Pubkey,
    /// The token account that received it.
    pub to: Pubkey,
    /// How much.
    pub amount: u64,
    /// What is free after that.
    pub free: u64,
    /// What was counted as funded with it: cents that somebody had sent to the vault past `fund_trial`.
    pub donated: u64,
}

/// Withheld money left for the tax authority.
#[event]
pub struct WithholdingRemitted {
    /// The trial.
    pub trial: Pubkey,
    /// The token account that received it.
    pub to: Pubkey,
    /// How much.
    pub amount: u64,
    /// What is still withheld.
    pub withheld: u64,
}

/// An ethics board set its caps.
#[event]
pub struct CapsSet {
    /// The trial.
    pub trial: Pubkey,
    /// Number of the version.
    pub version: u16,
    /// The caps before.
    pub old: CapsTerms,
    /// The caps now.
    pub new: CapsTerms,
}

/// A version of protocol and consent form was published.
#[event]
pub struct ProtocolPublished {
    /// The version.
    pub protocol: Pubkey,
    /// The trial.
    pub trial: Pubkey,
    /// Its number.
    pub number: u16,
    /// SHA-256 of the protocol.
    pub protocol_digest: [u8; 32],
    /// SHA-256 of the consent form.
    pub consent_form_digest: [u8; 32],
    /// Whether participants must consent anew.
    pub renews_consent: bool,
}

/// An ethics board approved a version of protocol and consent form.
#[event]
pub struct ProtocolApproved {
    /// The version.
    pub protocol: Pubkey,
    /// The trial.
    pub trial: Pubkey,
    /// Its number.
    pub number: u16,
    /// First day on which it is in force.
    pub effective_from: i32,
}

/// A schedule was closed to change.
#[event]
pub struct ScheduleSealed {
    /// The schedule.
    pub schedule: Pubkey,
    /// The trial.
    pub trial: Pubkey,
    /// Its number.
    pub number: u16,
    /// Number of milestones.
    pub count: u8,
    /// SHA-256 of the milestones' bytes.
    pub digest: [u8; 32],
    /// All stipends and the bonus, in cents.
    pub per_participant: u64,
}

/// A sponsor offered a trial to a site.
#[event]
pub struct SiteOffered {
    /// The site.
    pub site: Pubkey,
    /// The trial.
    pub trial: Pubkey,
    /// The site's organisation account.
    pub organization: Pubkey,
    /// What is offered.
    pub terms: SiteTerms,
}

/// A site accepted a trial.
#[event]
pub struct SiteJoined {
    /// The site.
    pub site: Pubkey,
    /// The trial.
    pub trial: Pubkey,
    /// The token account that is paid.
    pub payout: Pubkey,
}

/// A cohort's page was opened.
#[event]
pub struct CohortOpened {
    /// The cohort.
    pub cohort: Pubkey,
    /// The trial.
    pub trial: Pubkey,
    /// The site.
    pub site: Pubkey,
    /// Participants that it has room for.
    pub capacity: u16,
}

/// Somebody consented, for the first time or anew.
#[event]
pub struct ConsentGiven {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// Version of protocol and consent form.
    pub version: u16,
    /// Number of the schedule that applies.
    pub schedule: u16,
    /// Cents newly set aside.
    pub reserved: u64,
}

/// A participant was enrolled.
#[event]
pub struct ParticipantEnrolled {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// On which day.
    pub enrolled_on: i32,
    /// Cents newly set aside.
    pub reserved: u64,
}

/// A site attested a visit.
#[event]
pub struct MilestoneAttested {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// The milestone.
    pub milestone: u8,
    /// Day of the visit.
    pub visit_day: i32,
    /// The consent version in force on that day.
    pub consent_version: u16,
    /// Whether it is earned; a countersignature is missing otherwise.
    pub earned: bool,
}

/// An attested milestone was countersigned or rejected.
#[event]
pub struct MilestoneCountersigned {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// The milestone.
    pub milestone: u8,
    /// Who signed.
    pub by: Pubkey,
    /// False: rejected; the site can attest again.
    pub approved: bool,
}

/// An expense was recognised.
#[event]
pub struct ExpenseReimbursed {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// How much.
    pub amount: u64,
    /// Salted commitment to the receipt.
    pub receipt_digest: [u8; 32],
}

/// Participants of a cohort were paid in a batch.
#[event]
pub struct ParticipantsPaid {
    /// The cohort.
    pub cohort: Pubkey,
    /// The trial.
    pub trial: Pubkey,
    /// How many were paid.
    pub paid: u16,
    /// How much in all.
    pub amount: u64,
    /// Indexes whose payee could not take money: still due.
    pub skipped: Vec<u16>,
}

/// A site was paid.
#[event]
pub struct SitePaid {
    /// The site.
    pub site: Pubkey,
    /// The trial.
    pub trial: Pubkey,
    /// The token account that received it.
    pub payout: Pubkey,
    /// How much.
    pub amount: u64,
}

/// What was held back from a site became payable.
#[event]
pub struct HoldbackReleased {
    /// The site.
    pub site: Pubkey,
    /// The trial.
    pub trial: Pubkey,
    /// How much.
    pub amount: u64,
}

/// A participation ended.
#[event]
pub struct ParticipantLeft {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// Why.
    pub departure: DepartureArg,
    /// Whether the participant agreed to follow-up.
    pub follow_up: bool,
}

/// The end of a participation was settled.
#[event]
pub struct ParticipantSettled {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// The part of the bonus that was earned.
    pub bonus: u64,
    /// What is free again.
    pub released: u64,
}

/// Another payee was announced.
#[event]
pub struct PayeeChangeAnnounced {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// The new token account.
    pub payee: Pubkey,
    /// Unix second from which it can be applied.
    pub effective_at: i64,
}

/// An announced payee was withdrawn.
#[event]
pub struct PayeeChangeCancelled {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// The token account that was announced.
    pub payee: Pubkey,
}

/// Another payee took over.
#[event]
pub struct PayeeChanged {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// The token account before.
    pub old: Pubkey,
    /// The token account now.
    pub new: Pubkey,
}

/// A tax form was recorded, or a choice made.
#[event]
pub struct TaxStandingChanged {
    /// The person.
    pub person: Pubkey,
    /// Whether there is a form.
    pub has_form: bool,
    /// Whether stipends at the threshold are paid net of withholding without one.
    pub net: bool,
}

/// The tax terms of a trial were set anew.
#[event]
pub struct TaxTermsSet {
    /// The trial.
    pub trial: Pubkey,
    /// Stipends of a year from which a tax form is needed.
    pub tax_threshold: u64,
    /// Backup withholding in basis points.
    pub withholding_bps: u16,
}

/// What was held for tax reasons was freed.
#[event]
pub struct HeldStipendReleased {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// What became due.
    pub paid_out: u64,
    /// What was withheld of it.
    pub withheld: u64,
}

/// A trial ended.
#[event]
pub struct TrialClosed {
    /// The trial.
    pub trial: Pubkey,
    /// Why.
    pub reason: EndReason,
    /// Its last day.
    pub ended_on: i32,
}

/// A participant claimed a visit.
#[event]
pub struct VisitClaimed {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// The milestone.
    pub milestone: u8,
    /// Day of the visit; `NO_DAY` where the site had attested it.
    pub visit_day: i32,
    /// Last day of the site's turn.
    pub until: i32,
    /// Salted commitment to what shows it.
    pub evidence_digest: [u8; 32],
}

/// A claim passed on, or was decided.
#[event]
pub struct ClaimMoved {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// The milestone.
    pub milestone: u8,
    /// Whose turn it is now, or how it was decided.
    pub turn: ClaimTurn,
    /// Last day of that turn.
    pub until: i32,
    /// Who signed; the default key = a crank.
    pub by: Pubkey,
    /// Salted commitment to the reason; zeros = time has passed.
    pub reason_digest: [u8; 32],
}

/// Another key was announced.
#[event]
pub struct KeyChangeAnnounced {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// The new key.
    pub key: Pubkey,
    /// Who holds it.
    pub holder: KeyHolder,
    /// Whether the ethics board announced it over a guardian's head.
    pub overrules: bool,
    /// Unix second from which it can be applied.
    pub effective_at: i64,
}

/// An announced key was withdrawn.
#[event]
pub struct KeyChangeCancelled {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// The key that was announced.
    pub key: Pubkey,
}

/// Another key took over.
#[event]
pub struct KeyChanged {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// The key before.
    pub old: Pubkey,
    /// The key now.
    pub new: Pubkey,
    /// Who holds it.
    pub holder: KeyHolder,
}

/// A sponsor promised a site payments beside its fees.
#[event]
pub struct SiteMilestonesOffered {
    /// The site.
    pub site: Pubkey,
    /// The trial.
    pub trial: Pubkey,
    /// What is promised.
    pub milestones: Vec<SiteMilestoneTerms>,
    /// Set aside for it.
    pub reserved: u64,
}

/// A site's milestone was declared, refused or earned.
#[event]
pub struct SiteMilestoneMoved {
    /// The site.
    pub site: Pubkey,
    /// The milestone.
    pub milestone: u8,
    /// Who signed; the default key = a crank.
    pub by: Pubkey,
    /// What was earned; 0 = nothing yet.
    pub earned: u64,
    /// SHA-256 of evidence or reason; zeros = a crank.
    pub digest: [u8; 32],
}

/// What a site can no longer earn is free again.
#[event]
pub struct SiteMilestonesLapsed {
    /// The site.
    pub site: Pubkey,
    /// The trial.
    pub trial: Pubkey,
    /// How much.
    pub released: u64,
}

/// Another token account of a site was announced.
#[event]
pub struct PayoutChangeAnnounced {
    /// The site.
    pub site: Pubkey,
    /// The new token account.
    pub payout: Pubkey,
    /// Unix second from which it can be applied.
    pub effective_at: i64,
}

/// An announced token account of a site was withdrawn.
#[event]
pub struct PayoutChangeCancelled {
    /// The site.
    pub site: Pubkey,
    /// The token account that was announced.
    pub payout: Pubkey,
}

/// Another token account of a site took over.
#[event]
pub struct PayoutChanged {
    /// The site.
    pub site: Pubkey,
    /// The token account before.
    pub old: Pubkey,
    /// The token account now.
    pub new: Pubkey,
}

/// A sponsor committed to an analysis plan.
#[event]
pub struct PlanCommitted {
    /// The trial.
    pub trial: Pubkey,
    /// What it bound itself to.
    pub terms: PlanTerms,
}

/// An ethics board named who gets a forfeited bond.
#[event]
pub struct BeneficiaryNamed {
    /// The trial.
    pub trial: Pubkey,
    /// The token account.
    pub beneficiary: Pubkey,
}

/// A batch of data points was appended to the log.
#[event]
pub struct DataAnchored {
    /// The trial.
    pub trial: Pubkey,
    /// The batch's number, from 0.
    pub batch: u32,
    /// Root of the tree over its leaves.
    pub root: [u8; 32],
    /// Position of its first leaf.
    pub first: u64,
    /// How many leaves it has.
    pub count: u32,
    /// Root of the log after it.
    pub log_root: [u8; 32],
}

/// The data of a trial were locked.
#[event]
pub struct DataLocked {
    /// The trial.
    pub trial: Pubkey,
    /// Root of the log.
    pub root: [u8; 32],
    /// Data points in it.
    pub leaves: u64,
    /// On which day.
    pub locked_on: i32,
}

/// A sponsor committed to results.
#[event]
pub struct ResultsCommitted {
    /// The trial.
    pub trial: Pubkey,
    /// SHA-256 of the results.
    pub digest: [u8; 32],
    /// Whether they were due before.
    pub late: bool,
    /// What of the bond is free again.
    pub released: u64,
}

/// Results are overdue: the bond is lost.
#[event]
pub struct BondForfeited {
    /// The trial.
    pub trial: Pubkey,
    /// How much.
    pub bond: u64,
    /// What of it was paid to the beneficiary now.
    pub paid: u64,
}

/// A participant was given a device that records doses.
#[event]
pub struct DeviceRegistered {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index.
    pub index: u16,
    /// The key of the device.
    pub device: Pubkey,
}

/// Records that need no longer be kept were closed.
#[event]
pub struct RecordsClosed {
    /// The trial.
    pub trial: Pubkey,
    /// The account that was closed.
    pub account: Pubkey,
}
