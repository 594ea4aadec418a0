//! Participants: what each one has consented to, earned and been paid. Pseudonymous: nothing here says who it is.

use anchor_lang::prelude::*;
use bytemuck::{Pod, Zeroable};
use galen_rules::trial::{Assessment, Bits, Consent, Course, Departure, Kind, Milestone, Status};
use galen_rules::{Cents, Date};

use super::Trial;
use crate::constants::{MAX_CONSENTS, NO_DAY};
use crate::convert;
use crate::error::TrialsError;

/// One participant: 296 bytes of a cohort's page, little-endian and without gaps, so that whoever reads Borsh reads it.
/// Amounts are cents.
#[derive(AnchorSerialize, AnchorDeserialize, Pod, Zeroable, Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Participant {
    /// The key that consents: the participant's, a guardian's, or one that the site holds.
    pub key: Pubkey,
    /// The token account that is paid.
    pub payee: Pubkey,
    /// Its owner when it was named.
    pub payee_owner: Pubkey,
    /// The person's account.
    pub person: Pubkey,
    /// Milestones that were attested.
    pub attested: u64,
    /// Of these: those that are earned (countersigned where that is needed).
    pub earned: u64,
    /// Of these: those that are paid. The receipts.
    pub paid_bits: u64,
    /// Of the earned ones: those whose stipend is held for tax reasons.
    pub held_bits: u64,
    /// Milestones that the participant claims and nobody has decided.
    pub claimed: u64,
    /// Of the earned ones: those that are not on the site's word. The site earns no fee for them.
    pub granted: u64,
    /// Set aside for what can still be earned, the site's fees included.
    pub reserved: u64,
    /// To be paid now.
    pub due: u64,
    /// Held until there is a tax form or a choice.
    pub held: u64,
    /// Withheld for the tax authority since the beginning.
    pub withheld: u64,
    /// Paid since the beginning.
    pub paid: u64,
    /// Stipends and bonus earned since the beginning.
    pub stipends: u64,
    /// Expenses reimbursed or due to be since the beginning.
    pub expenses: u64,
    /// Consents, oldest first; `consent_count` are in use.
    pub consents: [ConsentEntry; 4],
    /// Day of enrolment; `NO_DAY` before.
    pub enrolled_on: i32,
    /// Last day of participation; `NO_DAY` while it lasts.
    pub ended_on: i32,
    /// Doses recorded by a device, those counted that a window asks for.
    pub doses: u32,
    /// The number of the schedule that applies.
    pub schedule: u16,
    /// The version of the caps that was in force at consent.
    pub caps_version: u16,
    /// Consents in use.
    pub consent_count: u8,
    /// Where the participant stands; see [`Participant::status`].
    pub status: u8,
    /// Who holds the key: [`KeyHolder`].
    pub holder: u8,
    /// Bits: [`Participant::FOLLOW_UP`] and the others.
    pub flags: u8,
    /// For later versions.
    pub reserved_bytes: [u8; 12],
}

const _: () = assert!(std::mem::size_of::<Participant>() == Participant::SIZE);
const _: () = assert!(MAX_CONSENTS == 4);

/// A consent.
#[derive(
    AnchorSerialize, AnchorDeserialize, Pod, Zeroable, Clone, Copy, Debug, Default, PartialEq, Eq,
)]
#[repr(C)]
pub struct ConsentEntry {
    /// On which day, in days since 1970-01-01.
    pub on: i32,
    /// To which version of protocol and consent form.
    pub version: u16,
    /// Zeros.
    pub padding: [u8; 2],
}

/// Who holds the key that consents. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyHolder {
    /// The participant.
    Participant,
    /// A guardian; the participant's assent is among the documents that the consent form's hash covers.
    Guardian,
    /// The site, for somebody who cannot keep a key: each payment needs an independent countersignature.
    Site,
}

impl KeyHolder {
    /// As it is stored.
    pub fn stored(self) -> u8 {
        match self {
            Self::Participant => 0,
            Self::Guardian => 1,
            Self::Site => 2,
        }
    }
}

/// What a participant's record begins with.
pub struct Entry {
    /// The key that consents.
    pub key: Pubkey,
    /// Who holds it.
    pub holder: KeyHolder,
    /// The token account to be paid.
    pub payee: Pubkey,
    /// Its owner.
    pub payee_owner: Pubkey,
    /// The person's account.
    pub person: Pubkey,
    /// The number of the schedule.
    pub schedule: u16,
    /// The version of the caps.
    pub caps_version: u16,
    /// Version of protocol and consent form that is consented to.
    pub consent_version: u16,
    /// The day of consent.
    pub today: Date,
    /// What consent sets aside.
    pub reserved: u64,
}

impl Participant {
    /// Size in bytes.
    pub const SIZE: usize = 4 * 32 + 6 * 8 + 7 * 8 + 4 * 8 + 3 * 4 + 2 * 2 + 4 + 12;
    /// Flag: agreed to follow-up after leaving.
    pub const FOLLOW_UP: u8 = 1 << 0;
    /// Flag: the site earns its screening fees although the participant failed screening.
    pub const FAILURE_FEE: u8 = 1 << 1;
    /// Flag: the end is settled; nothing is set aside any more.
    pub const SETTLED: u8 = 1 << 2;
    /// Flag: at the last attempt the payee could not take money.
    pub const UNDELIVERABLE: u8 = 1 << 3;

    /// A participant who has just consented.
    pub fn new(entry: &Entry) -> Self {
        let mut consents = [ConsentEntry::default(); 4];
        if let Some(first) = consents.first_mut() {
            *first = ConsentEntry {
                on: entry.today.days(),
                version: entry.consent_version,
                padding: [0; 2],
            };
        }
        Self {
            key: entry.key,
            payee: entry.payee,
            payee_owner: entry.payee_owner,
            person: entry.person,
            attested: 0,
            earned: 0,
            paid_bits: 0,
            held_bits: 0,
            claimed: 0,
            granted: 0,
            reserved: entry.reserved,
            due: 0,
            held: 0,
            withheld: 0,
            paid: 0,
            stipends: 0,
            expenses: 0,
            consents,
            enrolled_on: NO_DAY,
            ended_on: NO_DAY,
            doses: 0,
            schedule: entry.schedule,
            caps_version: entry.caps_version,
            consent_count: 1,
            status: stored(Status::Screening),
            holder: entry.holder.stored(),
            flags: 0,
            reserved_bytes: [0; 12],
        }
    }

    /// Whether a flag is set.
    pub fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether the site holds the participant's key.
    pub fn is_site_held(&self) -> bool {
        self.holder == KeyHolder::Site.stored()
    }

    /// Where the participant stands.
    ///
    /// # Errors
    /// `InvariantBroken` for a value that was never written.
    pub fn status(&self) -> Result<Status> {
        STATUSES
            .get(usize::from(self.status))
            .copied()
            .ok_or_else(|| TrialsError::InvariantBroken.into())
    }

    /// The consents in use, as the rulebook has them.
    pub fn consents(&self) -> Vec<Consent> {
        self.consents
            .iter()
            .take(usize::from(self.consent_count))
            .filter_map(|entry| {
                convert::day(entry.on).map(|on| Consent {
                    version: entry.version,
                    on,
                })
            })
            .collect()
    }

    /// The version consented to last.
    pub fn consent_version(&self) -> u16 {
        usize::from(self.consent_count)
            .checked_sub(1)
            .and_then(|last| self.consents.get(last))
            .map_or(0, |entry| entry.version)
    }

    /// What the record says about time, as the rulebook has it.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn course<'a>(&self, consents: &'a [Consent]) -> Result<Course<'a>> {
        Ok(Course {
            status: self.status()?,
            consents,
            enrolled_on: convert::day(self.enrolled_on),
            ended_on: convert::day(self.ended_on),
            follow_up: self.has(Self::FOLLOW_UP),
        })
    }

    /// The participant's last day: the earlier of the end of the participation and that of the trial, of those that have come.
    pub fn last_day(&self, trial: &Trial) -> Option<Date> {
        [self.ended_on, trial.ended_on]
            .into_iter()
            .filter_map(convert::day)
            .min()
    }

    /// Enrols the participant.
    ///
    /// # Errors
    /// `NotScreening`, `AmountOverflow`.
    pub fn enrol(&mut self, today: Date, reserve: u64) -> Result<()> {
        require!(
            self.status()? == Status::Screening,
            TrialsError::NotScreening
        );
        self.status = stored(Status::Enrolled);
        self.enrolled_on = today.days();
        self.reserve_more(reserve)
    }

    /// Sets more aside.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn reserve_more(&mut self, cents: u64) -> Result<()> {
        self.reserved = sum(self.reserved, cents)?;
        Ok(())
    }

    /// Uses `cents` of what is set aside.
    ///
    /// # Errors
    /// `InvariantBroken` where that is less.
    pub fn use_reserved(&mut self, cents: u64) -> Result<()> {
        self.reserved = self
            .reserved
            .checked_sub(cents)
            .ok_or(TrialsError::InvariantBroken)?;
        Ok(())
    }

    /// Consents to another version, under a schedule that may be another.
    ///
    /// # Errors
    /// `ConsentNotNewer`.
    pub fn consent_anew(&mut self, version: u16, schedule: u16, today: Date) -> Result<()> {
        require!(
            version > self.consent_version(),
            TrialsError::ConsentNotNewer
        );
        if usize::from(self.consent_count) == MAX_CONSENTS {
            self.consents.rotate_left(1);
        } else {
            self.consent_count = self.consent_count.saturating_add(1);
        }
        if let Some(last) = usize::from(self.consent_count)
            .checked_sub(1)
            .and_then(|last| self.consents.get_mut(last))
        {
            *last = ConsentEntry {
                on: today.days(),
                version,
                padding: [0; 2],
            };
        }
        self.schedule = schedule;
        Ok(())
    }

    /// Notes that milestone `index` was attended.
    ///
    /// # Errors
    /// `AlreadyAttested`.
    pub fn attest(&mut self, index: u8) -> Result<()> {
        require!(
            !Bits(self.attested).has(index),
            TrialsError::AlreadyAttested
        );
        self.attested = Bits(self.attested).with(index).0;
        Ok(())
    }

    /// Takes back that milestone `index` was attended, before it is earned.
    ///
    /// # Errors
    /// `NotAttested`, `AlreadyEarned`.
    pub fn reject(&mut self, index: u8) -> Result<()> {
        self.require_awaiting(index)?;
        self.attested &= !Bits::one(index).0;
        self.drop_claim(index);
        Ok(())
    }

    /// Notes that the participant claims milestone `index`.
    ///
    /// # Errors
    /// `AlreadyEarned`.
    pub fn claim(&mut self, index: u8) -> Result<()> {
        self.require_unearned(index)?;
        self.claimed = Bits(self.claimed).with(index).0;
        Ok(())
    }

    /// Whether a claim to milestone `index` waits for somebody.
    pub fn has_claim(&self, index: u8) -> bool {
        Bits(self.claimed).has(index)
    }

    /// The claim to milestone `index` is decided.
    pub fn drop_claim(&mut self, index: u8) {
        self.claimed &= !Bits::one(index).0;
    }

    /// Notes that milestone `index`, which the site has not attested, counts as attended.
    pub fn grant(&mut self, index: u8) {
        self.attested = Bits(self.attested).with(index).0;
        self.granted = Bits(self.granted).with(index).0;
    }

    /// Takes back what the site had attested of milestone `index`, where nobody has countersigned it.
    pub fn reject_if_awaiting(&mut self, index: u8) {
        self.attested &= !(Bits::one(index).0 & self.awaiting());
    }

    /// Refuses a milestone that is earned.
    ///
    /// # Errors
    /// `AlreadyEarned`.
    pub fn require_unearned(&self, index: u8) -> Result<()> {
        require!(!Bits(self.earned).has(index), TrialsError::AlreadyEarned);
        Ok(())
    }

    /// Refuses another schedule than the participant's, another person's account.
    ///
    /// # Errors
    /// `WrongSchedule`, `WrongPerson`.
    pub fn require_accounts(&self, schedule: u16, person: &Pubkey) -> Result<()> {
        require!(self.schedule == schedule, TrialsError::WrongSchedule);
        require_keys_eq!(self.person, *person, TrialsError::WrongPerson);
        Ok(())
    }

    /// Names another key that consents, and who holds it.
    pub fn set_key(&mut self, key: Pubkey, holder: KeyHolder) {
        self.key = key;
        self.holder = holder.stored();
    }

    /// Whether a guardian holds the participant's key.
    pub fn is_guarded(&self) -> bool {
        self.holder == KeyHolder::Guardian.stored()
    }

    /// Counts a dose that its window asks for.
    pub fn count_dose(&mut self) {
        self.doses = self.doses.saturating_add(1);
    }

    /// Refuses a milestone that does not wait for a countersignature.
    ///
    /// # Errors
    /// `NotAttested`, `AlreadyEarned`.
    pub fn require_awaiting(&self, index: u8) -> Result<()> {
        require!(Bits(self.attested).has(index), TrialsError::NotAttested);
        require!(!Bits(self.earned).has(index), TrialsError::AlreadyEarned);
        Ok(())
    }

    /// Milestones whose countersignature is missing.
    pub fn awaiting(&self) -> u64 {
        self.attested & !self.earned
    }

    /// Adds an amount earned (a stipend, the bonus), as the tax rule has assessed it.
    ///
    /// # Errors
    /// `InvariantBroken`, `AmountOverflow`.
    pub fn earn(&mut self, amount: Cents, assessed: &Assessment) -> Result<()> {
        self.use_reserved(amount.get())?;
        self.stipends = sum(self.stipends, amount.get())?;
        self.due = sum(self.due, assessed.pay.get())?;
        self.held = sum(self.held, assessed.hold.get())?;
        self.withheld = sum(self.withheld, assessed.withhold.get())?;
        Ok(())
    }

    /// Notes that milestone `index` is earned.
    pub fn note_earned(&mut self, index: u8) {
        self.earned = Bits(self.earned).with(index).0;
        self.drop_claim(index);
    }

    /// Notes that the stipend of milestone `index` is held for tax reasons.
    pub fn hold(&mut self, index: u8) {
        self.held_bits = Bits(self.held_bits).with(index).0;
    }

    /// Frees what is held, as the tax rule has assessed it anew.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn release_held(&mut self, assessed: &Assessment) -> Result<()> {
        self.held = assessed.hold.get();
        if self.held == 0 {
            self.held_bits = 0;
        }
        self.due = sum(self.due, assessed.pay.get())?;
        self.withheld = sum(self.withheld, assessed.withhold.get())?;
        Ok(())
    }

    /// Adds an expense: not pay, never held.
    ///
    /// # Errors
    /// `ExpensesExceeded`, `InvariantBroken`.
    pub fn reimburse(&mut self, cents: u64, most: u64) -> Result<()> {
        let expenses = sum(self.expenses, cents)?;
        require!(expenses <= most, TrialsError::ExpensesExceeded);
        self.use_reserved(cents)?;
        self.expenses = expenses;
        self.due = sum(self.due, cents)?;
        Ok(())
    }

    /// Counts all that is due as paid. Returns how much.
    ///
    /// # Errors
    /// `AmountOverflow`.
    #[inline(always)]
    pub fn pay(&mut self) -> Result<u64> {
        let due = std::mem::take(&mut self.due);
        self.paid = sum(self.paid, due)?;
        self.paid_bits |= self.earned & !self.held_bits;
        self.flags &= !Self::UNDELIVERABLE;
        Ok(due)
    }

    /// Notes that the payee cannot take money.
    pub fn note_undeliverable(&mut self) {
        self.flags |= Self::UNDELIVERABLE;
    }

    /// Names another payee.
    pub fn set_payee(&mut self, payee: Pubkey, owner: Pubkey) {
        self.payee = payee;
        self.payee_owner = owner;
        self.flags &= !Self::UNDELIVERABLE;
    }

    /// Ends the participation. Returns the status before. Who had left already and has died keeps the last day.
    ///
    /// # Errors
    /// `CannotLeaveLikeThis`.
    pub fn leave(&mut self, departure: Departure, follow_up: bool, today: Date) -> Result<Status> {
        let before = self.status()?;
        let after = before
            .after(departure)
            .ok_or(TrialsError::CannotLeaveLikeThis)?;
        self.status = stored(after);
        if before.is_present() {
            self.ended_on = today.days();
            if follow_up {
                self.flags |= Self::FOLLOW_UP;
            }
        }
        Ok(before)
    }

    /// The site's fees for screening visits that are earned.
    pub fn screening_fees(&self, milestones: &[Milestone]) -> Result<Cents> {
        (0_u8..)
            .zip(milestones)
            .filter(|(index, milestone)| {
                milestone.kind == Kind::Screening && Bits(self.earned & !self.granted).has(*index)
            })
            .try_fold(Cents::ZERO, |sum, (_, milestone)| {
                sum.checked_add(milestone.site_fee)
            })
            .ok_or_else(|| TrialsError::AmountOverflow.into())
    }

    /// Whether the site earns its fee for a milestone as soon as the participant earns the stipend: not for a screening
    /// visit before it is clear how the screening ends.
    pub fn fee_follows(&self, kind: Kind) -> bool {
        kind != Kind::Screening || self.enrolled_on != NO_DAY || self.has(Self::FAILURE_FEE)
    }

    /// Notes that the site earns its fees for a screening that failed.
    pub fn grant_failure_fee(&mut self) {
        self.flags |= Self::FAILURE_FEE;
    }

    /// Settles the end: nothing is set aside any more.
    pub fn settle(&mut self) {
        self.reserved = 0;
        self.flags |= Self::SETTLED;
    }

    /// Whether the end is settled.
    pub fn is_settled(&self) -> bool {
        self.has(Self::SETTLED)
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(self.is_sound(), TrialsError::InvariantBroken);
        Ok(())
    }

    /// Whether the invariant holds: for a batch, in which to call it costs half as much as to ask it.
    #[inline(always)]
    pub fn is_sound(&self) -> bool {
        // Together: one comparison.
        let astray = self.earned & !self.attested
            | (self.paid_bits | self.held_bits | self.granted) & !self.earned
            | self.held_bits & self.paid_bits
            | self.claimed & self.earned;
        let settled = !self.is_settled() || (self.reserved == 0 && self.claimed == 0);
        // Every cent earned is due, held, withheld or paid.
        let earned = self.stipends.checked_add(self.expenses);
        let kept = self
            .due
            .checked_add(self.held)
            .and_then(|kept| kept.checked_add(self.withheld))
            .and_then(|kept| kept.checked_add(self.paid));
        astray == 0 && settled && earned.is_some() && earned == kept
    }
}

/// The statuses in the order of the numbers under which they are stored, which never change.
const STATUSES: [Status; 8] = [
    Status::Screening,
    Status::Enrolled,
    Status::Completed,
    Status::ScreenFailed,
    Status::Withdrawn,
    Status::Discontinued,
    Status::LostToFollowUp,
    Status::Died,
];

/// The number under which a status is stored: its place in [`STATUSES`].
fn stored(status: Status) -> u8 {
    match status {
        Status::Screening => 0,
        Status::Enrolled => 1,
        Status::Completed => 2,
        Status::ScreenFailed => 3,
        Status::Withdrawn => 4,
        Status::Discontinued => 5,
        Status::LostToFollowUp => 6,
        Status::Died => 7,
    }
}

fn sum(a: u64, b: u64) -> Result<u64> {
    a.checked_add(b)
        .ok_or_else(|| TrialsError::AmountOverflow.into())
}
