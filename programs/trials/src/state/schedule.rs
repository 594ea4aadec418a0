//! Schedules: the milestones of a trial and what they pay. Uploaded in chunks, then sealed.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use galen_rules::trial::{AdherenceTerms, Bits, Kind, Milestone, ScheduleTerms, Summary};
use galen_rules::Cents;

use crate::constants::{ACCOUNT_VERSION, MAX_MILESTONES, MAX_PREDECESSORS};
use crate::convert;
use crate::error::TrialsError;

/// A schedule. Amounts are cents, for one participant. What consent and enrolment set aside is summed up when it is sealed.
///
/// # PDA Seeds
/// `["schedule", trial, number (u16, little-endian)]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct Schedule {
    /// The trial.
    pub trial: Pubkey,
    /// The operator who opened it and appends to it.
    pub opener: Pubkey,
    /// SHA-256 of the milestones' bytes; zeros until it is sealed.
    pub digest: [u8; 32],
    /// For attending every milestone that counts.
    pub bonus: u64,
    /// The most that one participant's expenses are reimbursed.
    pub reimbursements: u64,
    /// What consent sets aside.
    pub at_consent: u64,
    /// What enrolment sets aside.
    pub at_enrolment: u64,
    /// The highest stipend.
    pub per_visit: u64,
    /// All stipends and the bonus.
    pub per_participant: u64,
    /// The most stipends of any thirty days in a row.
    pub per_month: u64,
    /// Milestones that count towards the bonus, as bits.
    pub counted: u64,
    /// Its number, from 1.
    pub number: u16,
    /// The last day of any window, in days from enrolment.
    pub last_close: u16,
    /// Number of milestones.
    pub count: u8,
    /// 1 = can no longer change.
    pub sealed: u8,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// What the bonus needs beside attendance; zeros = nothing.
    pub adherence: AdherenceEntry,
    /// Numbers of the schedules that it succeeds: the one that it was opened to succeed, the one that that succeeds, and so on; 0 =
    /// none. Whose schedule is among them may pass to this one.
    pub succeeds: [u16; 8],
    /// For later versions.
    pub reserved: [u8; 8],
    /// The milestones; `count` are in use.
    pub milestones: [MilestoneEntry; 64],
}

const _: () = assert!(std::mem::size_of::<Schedule>() == 96 + 64 + 8 + 8 + 16 + 8 + 64 * 24);
const _: () = assert!(MAX_PREDECESSORS == 8);
// Created by the program itself, in a call that stops here.
const _: () = assert!(Schedule::SIZE <= 10_240);

/// Doses that the bonus needs. No stipend ever does.
#[derive(
    AnchorSerialize, AnchorDeserialize, Pod, Zeroable, Clone, Copy, Debug, Default, PartialEq, Eq,
)]
#[repr(C)]
pub struct AdherenceEntry {
    /// Days of a window; the first begins on the day of enrolment. 0 = no doses are needed.
    pub window_days: u16,
    /// The part of the expected doses from which the bonus is paid, in basis points.
    pub threshold_bps: u16,
    /// Windows that count, at most 64.
    pub windows: u8,
    /// Doses expected in each.
    pub doses: u8,
    /// Zeros.
    pub padding: [u8; 2],
}

/// One milestone: 24 bytes.
#[derive(
    AnchorSerialize, AnchorDeserialize, Pod, Zeroable, Clone, Copy, Debug, Default, PartialEq, Eq,
)]
#[repr(C)]
pub struct MilestoneEntry {
    /// What the participant earns, in cents.
    pub stipend: u64,
    /// What the site earns, in cents.
    pub site_fee: u64,
    /// First day of its window, in days from enrolment (screening: from the first consent).
    pub opens: u16,
    /// Last day of its window.
    pub closes: u16,
    /// What it is: [`MilestoneEntry::SCREENING`], [`MilestoneEntry::VISIT`], [`MilestoneEntry::FOLLOW_UP`].
    pub kind: u8,
    /// Bits: [`MilestoneEntry::COUNTERSIGNED`], [`MilestoneEntry::COUNTS`].
    pub flags: u8,
    /// Zeros.
    pub padding: [u8; 2],
}

impl MilestoneEntry {
    /// Kind: before enrolment.
    pub const SCREENING: u8 = 0;
    /// Kind: after enrolment.
    pub const VISIT: u8 = 1;
    /// Kind: after enrolment; payable also to those who left and agreed to follow-up.
    pub const FOLLOW_UP: u8 = 2;
    /// Flag: somebody else than the site must countersign.
    pub const COUNTERSIGNED: u8 = 1 << 0;
    /// Flag: counts towards the completion bonus.
    pub const COUNTS: u8 = 1 << 1;

    /// Whether a flag is set.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// The milestone, as the rulebook has it.
    ///
    /// # Errors
    /// `MilestoneInvalid`.
    pub fn rule(&self) -> Result<Milestone> {
        let kind = match self.kind {
            Self::SCREENING => Kind::Screening,
            Self::VISIT => Kind::Visit,
            Self::FOLLOW_UP => Kind::FollowUp,
            _ => return err!(TrialsError::MilestoneInvalid),
        };
        require!(
            self.flags & !(Self::COUNTERSIGNED | Self::COUNTS) == 0 && self.padding == [0; 2],
            TrialsError::MilestoneInvalid
        );
        Ok(Milestone {
            kind,
            stipend: Cents::new(self.stipend),
            site_fee: Cents::new(self.site_fee),
            opens: self.opens,
            closes: self.closes,
            countersigned: self.has(Self::COUNTERSIGNED),
            counts: self.has(Self::COUNTS),
        })
    }
}

impl Schedule {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"schedule";
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// Address of schedule `number` of `trial`, and its bump.
    pub fn find_address(trial: &Pubkey, number: u16) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, trial.as_ref(), &number.to_le_bytes()],
            &crate::ID,
        )
    }

    /// Begins a schedule in an account of zeros.
    pub fn begin(
        &mut self,
        bump: u8,
        trial: Pubkey,
        opener: Pubkey,
        number: u16,
        bonus: u64,
        reimbursements: u64,
    ) {
        self.version = ACCOUNT_VERSION;
        self.bump = bump;
        self.trial = trial;
        self.opener = opener;
        self.number = number;
        self.bonus = bonus;
        self.reimbursements = reimbursements;
    }

    /// Makes it the successor of `predecessor`, and of all that that succeeds. The furthest are forgotten beyond
    /// [`MAX_PREDECESSORS`].
    ///
    /// # Errors
    /// `ScheduleNotSealed`: what can still change is nobody's yet, and may be closed.
    pub fn succeed(&mut self, predecessor: &Self) -> Result<()> {
        predecessor.require_sealed()?;
        let lineage = std::iter::once(predecessor.number).chain(predecessor.succeeds);
        for (place, number) in self.succeeds.iter_mut().zip(lineage) {
            *place = number;
        }
        Ok(())
    }

    /// Refuses a schedule that does not succeed schedule `number`, at once or by others in between.
    ///
    /// # Errors
    /// `ScheduleNotSuccessor`.
    pub fn require_successor_of(&self, number: u16) -> Result<()> {
        require!(
            number != 0 && self.succeeds.contains(&number),
            TrialsError::ScheduleNotSuccessor
        );
        Ok(())
    }

    /// Whether it can no longer change.
    pub fn is_sealed(&self) -> bool {
        self.sealed == 1
    }

    /// Refuses a schedule that can still change.
    ///
    /// # Errors
    /// `ScheduleNotSealed`.
    pub fn require_sealed(&self) -> Result<()> {
        require!(self.is_sealed(), TrialsError::ScheduleNotSealed);
        Ok(())
    }

    /// The milestones in use.
    pub fn in_use(&self) -> &[MilestoneEntry] {
        self.milestones
            .get(..usize::from(self.count))
            .unwrap_or(&self.milestones)
    }

    /// Milestone `index`.
    ///
    /// # Errors
    /// `MilestoneUnknown`.
    pub fn milestone(&self, index: u8) -> Result<Milestone> {
        self.in_use()
            .get(usize::from(index))
            .ok_or(TrialsError::MilestoneUnknown)?
            .rule()
    }

    /// All milestones and the terms, as the rulebook has them.
    ///
    /// # Errors
    /// `MilestoneInvalid`.
    pub fn rules(&self) -> Result<(Vec<Milestone>, ScheduleTerms)> {
        let milestones: Result<Vec<Milestone>> =
            self.in_use().iter().map(MilestoneEntry::rule).collect();
        Ok((milestones?, self.terms()))
    }

    /// The terms, as the rulebook has them.
    pub fn terms(&self) -> ScheduleTerms {
        ScheduleTerms {
            bonus: Cents::new(self.bonus),
            reimbursements: Cents::new(self.reimbursements),
        }
    }

    /// What the bonus needs beside attendance, as the rulebook has it; none = nothing.
    ///
    /// # Errors
    /// `RateInvalid`.
    pub fn adherence(&self) -> Result<Option<AdherenceTerms>> {
        if self.adherence.window_days == 0 {
            return Ok(None);
        }
        Ok(Some(AdherenceTerms {
            window_days: self.adherence.window_days,
            windows: self.adherence.windows,
            doses: self.adherence.doses,
            threshold: convert::rate(self.adherence.threshold_bps)?,
        }))
    }

    /// Says which doses the bonus needs.
    ///
    /// # Errors
    /// `ScheduleSealed`, `AdherenceWithoutBonus`, `AdherenceInvalid`, `RateInvalid`.
    pub fn require_adherence(&mut self, entry: AdherenceEntry) -> Result<()> {
        require!(!self.is_sealed(), TrialsError::ScheduleSealed);
        require!(self.bonus > 0, TrialsError::AdherenceWithoutBonus);
        require!(entry.padding == [0; 2], TrialsError::AdherenceInvalid);
        self.adherence = entry;
        self.adherence()?
            .ok_or(TrialsError::AdherenceInvalid)?
            .check()
            .map_err(|_| TrialsError::AdherenceInvalid)?;
        Ok(())
    }

    /// What was summed up at sealing.
    pub fn summary(&self) -> Summary {
        Summary {
            at_consent: Cents::new(self.at_consent),
            at_enrolment: Cents::new(self.at_enrolment),
            per_visit: Cents::new(self.per_visit),
            per_participant: Cents::new(self.per_participant),
            per_month: Cents::new(self.per_month),
            bonus: Cents::new(self.bonus),
            counted: Bits(self.counted),
        }
    }

    /// Appends milestones after the first `start`.
    ///
    /// # Errors
    /// `ScheduleSealed`, `ScheduleChunkEmpty`, `ScheduleChunkAlreadyUploaded`, `ScheduleChunkOutOfOrder`, `ScheduleFull`,
    /// `MilestoneInvalid`.
    pub fn append(&mut self, start: u8, added: &[MilestoneEntry]) -> Result<()> {
        require!(!self.is_sealed(), TrialsError::ScheduleSealed);
        require!(!added.is_empty(), TrialsError::ScheduleChunkEmpty);
        require!(
            start >= self.count,
            TrialsError::ScheduleChunkAlreadyUploaded
        );
        require!(start == self.count, TrialsError::ScheduleChunkOutOfOrder);
        let count = u8::try_from(added.len())
            .ok()
            .and_then(|added| self.count.checked_add(added))
            .filter(|count| *count <= MAX_MILESTONES)
            .ok_or(TrialsError::ScheduleFull)?;
        for milestone in added {
            milestone.rule()?;
        }
        self.milestones
            .get_mut(usize::from(self.count)..usize::from(count))
            .ok_or(TrialsError::ScheduleFull)?
            .copy_from_slice(added);
        self.count = count;
        Ok(())
    }

    /// Closes the schedule to change and sums it up.
    ///
    /// # Errors
    /// `ScheduleSealed`, `ScheduleDigestMismatch`, and why it cannot be sealed.
    pub fn seal(&mut self, count: u8, expected: [u8; 32], digest: [u8; 32]) -> Result<Summary> {
        require!(!self.is_sealed(), TrialsError::ScheduleSealed);
        require!(
            count == self.count && expected == digest,
            TrialsError::ScheduleDigestMismatch
        );
        let (milestones, terms) = self.rules()?;
        let summary = Summary::of(&milestones, &terms).map_err(convert::schedule_error)?;
        self.at_consent = summary.at_consent.get();
        self.at_enrolment = summary.at_enrolment.get();
        self.per_visit = summary.per_visit.get();
        self.per_participant = summary.per_participant.get();
        self.per_month = summary.per_month.get();
        self.counted = summary.counted.0;
        self.last_close = milestones
            .iter()
            .map(|milestone| milestone.closes)
            .max()
            .unwrap_or(0);
        self.digest = digest;
        self.sealed = 1;
        Ok(summary)
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.count <= MAX_MILESTONES && (self.is_sealed() || self.digest == [0; 32]),
            TrialsError::InvariantBroken
        );
        // A schedule comes after whatever it succeeds: nobody ever passes back.
        require!(
            self.succeeds.iter().all(|number| *number < self.number),
            TrialsError::InvariantBroken
        );
        Ok(())
    }
}
