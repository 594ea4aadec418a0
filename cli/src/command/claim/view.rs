//! Claims as they are printed: lines and totals in the form of the quote.

use std::collections::BTreeMap;
use std::fmt;

use claims::state::{
    AdjustmentGroup, Claim, ClaimFactKind, ClaimLine, ClaimStatus, Course, PendReason,
};
use clap::ValueEnum;
use galen_documents::claim::Finding;
use galen_documents::quote::{Adjustment, Totals};
use galen_documents::{Day, Money, RemarkCode};
use galen_rules::adjudication::details::Review;
use galen_rules::{Cents, Group, Reason};
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::remark::{self, Finder};
use crate::chain::people::day;
use crate::chain::text::{facts, hex, some_key};
use crate::chain::when::moment;
use crate::error::Result;
use crate::output::{money, table};

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Lines are being appended
    Draft,
    /// Waits for the insurer's decision
    Pended,
    /// Awarded; waits for money
    Payable,
    /// Awarded and paid
    Paid,
    /// Adjudicated; the plan owes nothing
    NothingDue,
    /// All lines are denied
    Denied,
    /// Taken back by the insurer
    Reversed,
    /// The member has agreed to a pack; its dispense has the claim paid
    AwaitsDispense,
}

impl From<ClaimStatus> for Status {
    fn from(status: ClaimStatus) -> Self {
        match status {
            ClaimStatus::Draft => Self::Draft,
            ClaimStatus::Pended => Self::Pended,
            ClaimStatus::Payable => Self::Payable,
            ClaimStatus::Paid => Self::Paid,
            ClaimStatus::NothingDue => Self::NothingDue,
            ClaimStatus::Denied => Self::Denied,
            ClaimStatus::Reversed => Self::Reversed,
            ClaimStatus::AwaitsDispense => Self::AwaitsDispense,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::Draft => "draft",
            Self::Pended => "pended",
            Self::Payable => "payable",
            Self::Paid => "paid",
            Self::NothingDue => "nothing due",
            Self::Denied => "denied",
            Self::Reversed => "reversed",
            Self::AwaitsDispense => "awaits dispense",
        })
    }
}

/// A claim's account.
#[derive(Debug, Serialize)]
pub struct View {
    /// The account.
    pub address: String,
    /// The provider's number of the claim.
    pub claim_id: String,
    /// What became of it.
    pub status: Status,
    /// Why it waits for a decision, if it does.
    pub pend_reason: Option<&'static str>,
    /// The pool that pays.
    pub pool: String,
    /// The provider's organization account.
    pub provider: String,
    /// The member's account; null while it is a draft.
    pub member: Option<String>,
    /// The plan version by which it is adjudicated; null while it is a draft.
    pub plan_version: Option<String>,
    /// First service date.
    pub service_date: Day,
    /// When it was submitted, as a Unix time; null while it is a draft.
    pub received_at: Option<i64>,
    /// The last day on which it waits for the member, or for the draw; null where for neither.
    pub wait_until: Option<Day>,
    /// Whether the pool has set its award aside, while it is payable.
    pub money_reserved: bool,
    /// What of the award has been paid out; less than it while the claim is payable, or where some was kept back.
    pub paid_out: Money,
    /// When it was paid.
    pub paid_at: Option<i64>,
    /// Interest for late payment.
    pub interest: Money,
    /// Levels of appeal that were filed.
    pub appeals: u8,
    /// Whether an appeal waits for its decision.
    pub appeal_open: bool,
    /// Whether the insurer let its time to decide pass.
    pub escalated: bool,
    /// How many facts it states beyond its lines: with attachments that come while it waits there are more.
    pub facts: usize,
    /// Since when the insurer waits for information or an attachment, while its clocks stand; null where it does not.
    pub awaits_information_since: Option<Day>,
    /// Since when its award cannot be paid, for the provider's account takes no money, while its clock stands; null where it can.
    pub awaits_account_since: Option<Day>,
    /// Why it was reversed, in the insurer's numbers; null where it was not, or was adjudicated anew.
    pub reversal_reason: Option<u16>,
    /// Its place in the order in which the claims of the member, or of the member's family, were adjudicated, from 1; null where the
    /// rulebook has not adjudicated it.
    pub turn: Option<u32>,
    /// Whether it is to be adjudicated anew (`galen claim reprocess`): it saw what has been taken back since.
    pub flagged: bool,
    /// The number of the claim that stands in its place; null for none.
    pub replaced_by: Option<String>,
    /// The account of that claim.
    pub replacement: Option<String>,
    /// The lines, as a quote has them.
    pub lines: Vec<Line>,
    /// Sums, as a quote has them.
    pub totals: Totals,
}

/// One line: charge = paid + Σ adjustments, once it is adjudicated.
#[derive(Debug, Serialize)]
pub struct Line {
    /// Counted from 1.
    pub line: usize,
    /// The procedure's code, where this command knows it; the ledger has only its key.
    pub code: Option<String>,
    /// The keyed identifier of the code.
    pub code_key: String,
    /// When it was done.
    pub service_date: Day,
    /// How many.
    pub units: u16,
    /// What was billed.
    pub charge: Money,
    /// What the plan allows; 0 where the line is denied.
    pub allowed: Money,
    /// Where the rest went.
    pub adjustments: Vec<Adjustment>,
    /// What the plan pays.
    pub paid: Money,
    /// What the patient owes.
    pub patient: Money,
    /// What a reviewer of the insurer's has found of it; null where nothing.
    pub finding: Option<Finding>,
    /// While the claim waits, the remark that names the attachment it lacks; null where it lacks none.
    pub missing: Option<RemarkCode>,
}

impl View {
    /// A claim as printed, with the codes that the caller knows, by their keys.
    ///
    /// # Errors
    /// `wrong_account`.
    pub fn of(address: Pubkey, claim: &Claim, codes: &BTreeMap<[u8; 8], String>) -> Result<Self> {
        let totals = &claim.totals;
        let replaced_by = Some(claim.course.replaced_by).filter(|id| *id != [0; 16]);
        let lines = claim
            .lines
            .iter()
            .enumerate()
            .map(|(index, line)| Line::of(index, line, finding(claim, index), codes));
        Ok(Self {
            address: address.to_string(),
            claim_id: hex(&claim.claim_id),
            status: claim.status.into(),
            pend_reason: pend_reason(claim.pend_reason),
            pool: claim.pool.to_string(),
            provider: claim.provider.to_string(),
            member: some_key(claim.member).map(|key| key.to_string()),
            plan_version: some_key(claim.plan_version).map(|key| key.to_string()),
            service_date: day(claim.service_date)?,
            received_at: Some(claim.received_at).filter(|moment| *moment != 0),
            wait_until: Some(claim.course.wait_until)
                .filter(|date| *date != 0)
                .map(day)
                .transpose()?,
            money_reserved: claim.money_reserved,
            paid_out: cents(claim.award_paid()),
            paid_at: Some(claim.paid_at).filter(|moment| *moment != 0),
            interest: cents(claim.course.interest),
            appeals: claim.course.appeals_filed(),
            appeal_open: claim.course.has(Course::APPEAL_OPEN),
            escalated: claim.course.has(Course::ESCALATED),
            facts: claim.facts.entries().len(),
            awaits_information_since: clocks_stand_since(claim)
                .filter(|_| claim.status == ClaimStatus::Pended)
                .map(day)
                .transpose()?,
            awaits_account_since: clocks_stand_since(claim)
                .filter(|_| claim.status == ClaimStatus::Payable)
                .map(day)
                .transpose()?,
            reversal_reason: Some(claim.reversal_reason).filter(|reason| *reason != 0),
            turn: Some(claim.turn).filter(|turn| *turn != 0),
            flagged: false,
            replaced_by: replaced_by.map(|id| hex(&id)),
            replacement: replaced_by.map(|id| {
                let (address, _) = Claim::find_address(&claim.pool, &claim.provider, &id);
                address.to_string()
            }),
            lines: lines.collect::<Result<_>>()?,
            totals: Totals {
                charge: cents(totals.charge),
                allowed: cents(totals.allowed),
                paid: cents(totals.paid),
                patient: cents(totals.patient),
                write_off: cents(totals.write_off),
                other: cents(totals.other),
            },
        })
    }
}

/// What a reviewer has found of the line at `index`.
pub fn finding(claim: &Claim, index: usize) -> Option<Finding> {
    let facts = claim.facts.entries().iter();
    facts
        .filter(|fact| usize::from(fact.line) == index)
        .find_map(|fact| match fact.kind {
            ClaimFactKind::NotNecessary => Some(Finding(Review::NotNecessary)),
            ClaimFactKind::LevelUnsupported => Some(Finding(Review::LevelUnsupported)),
            _ => None,
        })
}

fn clocks_stand_since(claim: &Claim) -> Option<i32> {
    Some(claim.course.awaiting_since).filter(|since| *since != 0)
}

impl View {
    /// The same with what is found on the ledger beside it: whether it is flagged, the remark of each denial that has one, and of what lines
    /// lack while it waits.
    ///
    /// # Errors
    /// `wrong_account`, and those of [`Finder::of`] and [`Turns::is_flagged`](super::turn::Turns::is_flagged).
    pub fn read(
        finder: &mut Finder,
        address: Pubkey,
        claim: &Claim,
        codes: &BTreeMap<[u8; 8], String>,
    ) -> Result<Self> {
        let mut view = Self::of(address, claim, codes)?;
        view.flagged = finder.turns.is_flagged(claim)?;
        let remarks = finder.of(claim)?;
        for ((line, stored), remark) in view.lines.iter_mut().zip(&claim.lines).zip(remarks) {
            let mut entries = line.adjustments.iter_mut();
            if let Some(denial) = entries.find(|entry| entry.reason == stored.denial_reason) {
                denial.remark = remark.map(RemarkCode);
            }
        }
        for (line, remark) in view.lines.iter_mut().zip(finder.missing(claim)?) {
            line.missing = remark.map(RemarkCode);
        }
        Ok(view)
    }
}

impl View {
    /// What became of it, and why it waits.
    pub fn status_in_words(&self) -> String {
        let status = match self.pend_reason {
            Some(reason) => format!("{}: {}", self.status, reason.replace('_', " ")),
            None if self.money_reserved => format!("{}: money is set aside", self.status),
            None if self.paid_at.is_none() && self.paid_out.0 != Cents::ZERO => {
                format!("{}: {} paid so far", self.status, amount(self.paid_out))
            }
            None if self.appeal_open => format!("{}: under appeal", self.status),
            None => self.status.to_string(),
        };
        if self.flagged {
            return format!("{status}; to be adjudicated anew");
        }
        status
    }
}

impl Line {
    fn of(
        index: usize,
        line: &ClaimLine,
        finding: Option<Finding>,
        codes: &BTreeMap<[u8; 8], String>,
    ) -> Result<Self> {
        let adjustments = adjustments(line);
        let patient = adjustments
            .iter()
            .filter(|entry| entry.group == Group::Patient.as_str())
            .fold(0_u64, |sum, entry| sum.saturating_add(entry.amount.0.get()));
        Ok(Self {
            line: index.saturating_add(1),
            code: codes.get(&line.code_key).cloned(),
            code_key: hex(&line.code_key),
            service_date: day(line.service_date)?,
            units: line.units,
            charge: cents(line.charge),
            allowed: cents(line.allowed),
            adjustments,
            paid: cents(line.paid),
            patient: cents(patient),
            finding,
            missing: None,
        })
    }
}

/// A line's adjustments in the order in which a quote lists them.
pub fn adjustments(line: &ClaimLine) -> Vec<Adjustment> {
    let (over_fee, denial) = (group(line.over_fee_group), group(line.denial_group));
    [
        (over_fee, Reason::OverFeeSchedule.code(), line.over_fee),
        (denial, Reason::MultipleProcedure.code(), line.reduced()),
        (
            Group::Patient,
            Reason::Unrecognised.code(),
            line.unrecognised,
        ),
        (Group::Patient, Reason::Deductible.code(), line.deductible),
        (Group::Patient, Reason::Copay.code(), line.copay),
        (Group::Patient, Reason::Coinsurance.code(), line.coinsurance),
        (Group::Other, Reason::PriorPayer.code(), line.other_payer),
        (
            Group::Patient,
            Reason::PeriodMaximum.code(),
            line.over_maximum,
        ),
        (
            Group::Patient,
            Reason::CategoryLifetimeMaximum.code(),
            line.over_lifetime_maximum,
        ),
        (denial, line.denial_reason, line.denied()),
    ]
    .into_iter()
    .filter(|(_, _, amount)| *amount != 0)
    .map(|(group, reason, amount)| Adjustment {
        group: group.as_str(),
        reason,
        amount: cents(amount),
        remark: None,
    })
    .collect()
}

/// The rulebook's word for a group.
pub fn group(group: AdjustmentGroup) -> Group {
    match group {
        AdjustmentGroup::Contractual => Group::Contractual,
        AdjustmentGroup::Patient => Group::Patient,
        AdjustmentGroup::Other => Group::Other,
        AdjustmentGroup::Payer => Group::Payer,
    }
}

/// Why a claim waits, as a word; none where it does not.
pub fn pend_reason(reason: PendReason) -> Option<&'static str> {
    match reason {
        PendReason::None => None,
        PendReason::SuspectDuplicate => Some("suspect_duplicate"),
        PendReason::ClaimLimit => Some("claim_limit"),
        PendReason::DayLimit => Some("day_limit"),
        PendReason::HistoryFull => Some("history_full"),
        PendReason::OutflowLimit => Some("outflow_limit"),
        PendReason::Confirmation => Some("confirmation"),
        PendReason::Disputed => Some("disputed"),
        PendReason::Draw => Some("draw"),
        PendReason::Sampled => Some("sampled"),
        PendReason::Screening => Some("screening"),
        PendReason::PriorUnpaid => Some("prior_unpaid"),
        PendReason::AgreementOver => Some("agreement_over"),
        PendReason::LateExcused => Some("late_excused"),
        PendReason::AttachmentMissing => Some("attachment_missing"),
        PendReason::DeniedBefore => Some("denied_before"),
    }
}

fn cents(amount: u64) -> Money {
    Money(Cents::new(amount))
}

fn amount(cents: Money) -> String {
    money(cents.0.get())
}

/// Adjustments in words: `PR-1 150.00 (deductible)`, one a line; a denial that has a remark with it.
pub fn explain(adjustments: &[Adjustment]) -> String {
    let words = adjustments.iter().map(|entry| {
        let text = Reason::from_code(entry.reason).map_or("", Reason::text);
        let remark = entry.remark.as_ref();
        let remark = remark.map_or_else(String::new, |code| format!(", {}", remark::text(code.0)));
        format!(
            "{}-{} {} ({text}{remark})",
            entry.group,
            entry.reason,
            amount(entry.amount)
        )
    });
    words.collect::<Vec<_>>().join("\n")
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let dated = |unix: Option<i64>| unix.map_or_else(|| "not yet".to_owned(), moment);
        let mut known = vec![
            ("Claim", self.address.clone()),
            ("Status", self.status_in_words()),
            ("Service date", self.service_date.0.to_string()),
            ("Received", dated(self.received_at)),
            ("Paid", dated(self.paid_at)),
        ];
        known.extend(self.turn.map(|turn| ("Turn", turn.to_string())));
        known.extend(self.replacement.clone().map(|by| ("Replaced by", by)));
        facts(f, &known)?;
        let mut rows = table(
            &[
                "Line",
                "Code",
                "Charge",
                "Allowed",
                "Plan pays",
                "Patient owes",
                "Adjustments",
            ],
            &[0, 2, 3, 4, 5],
        );
        for line in &self.lines {
            rows.add_row([
                line.line.to_string(),
                line.code.clone().unwrap_or_else(|| line.code_key.clone()),
                amount(line.charge),
                amount(line.allowed),
                amount(line.paid),
                amount(line.patient),
                line.missing.as_ref().map_or_else(
                    || explain(&line.adjustments),
                    |code| format!("an attachment is missing, {}", remark::text(code.0)),
                ),
            ]);
        }
        let totals = &self.totals;
        let rest = format!(
            "write-off {}, other {}",
            amount(totals.write_off),
            amount(totals.other)
        );
        rows.add_row([
            String::new(),
            "Total".to_owned(),
            amount(totals.charge),
            amount(totals.allowed),
            amount(totals.paid),
            amount(totals.patient),
            rest,
        ]);
        write!(f, "\n{rows}")
    }
}
