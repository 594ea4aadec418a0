//! What happens when something is earned: the same wherever it is decided.

use galen_rules::trial::{assess, Bits, Milestone};
use galen_rules::{Cents, Date};

use anchor_lang::prelude::*;

use crate::error::TrialsError;
use crate::state::{Participant, Person, Schedule, Site, Trial};

/// The accounts that an earning writes.
pub struct Books<'a> {
    /// The trial.
    pub trial: &'a mut Trial,
    /// The site.
    pub site: &'a mut Site,
    /// The person.
    pub person: &'a mut Person,
    /// The participant.
    pub participant: &'a mut Participant,
}

impl Books<'_> {
    /// A milestone is earned: the stipend by the participant, as the tax rule assesses it, and the site's fee.
    ///
    /// # Errors
    /// `InvariantBroken`, `AmountOverflow`.
    pub fn earn_milestone(&mut self, index: u8, milestone: &Milestone, today: Date) -> Result<()> {
        self.participant.note_earned(index);
        let held = self.earn(milestone.stipend, today)?;
        if held {
            self.participant.hold(index);
        }
        if self.participant.fee_follows(milestone.kind) {
            self.earn_fee(milestone.site_fee)?;
        }
        Ok(())
    }

    /// A milestone is earned without the site's attestation, by the arbiter's word or silence; where the site has attested it,
    /// as with a countersignature.
    ///
    /// # Errors
    /// `InvariantBroken`, `AmountOverflow`.
    pub fn grant_milestone(&mut self, index: u8, milestone: &Milestone, today: Date) -> Result<()> {
        if Bits(self.participant.attested).has(index) {
            return self.earn_milestone(index, milestone, today);
        }
        self.participant.grant(index);
        self.participant.note_earned(index);
        if self.earn(milestone.stipend, today)? {
            self.participant.hold(index);
        }
        Ok(())
    }

    /// An amount that was set aside is earned by the participant. Says whether it is held for tax reasons.
    ///
    /// # Errors
    /// `InvariantBroken`, `AmountOverflow`.
    pub fn earn(&mut self, amount: Cents, today: Date) -> Result<bool> {
        let year = today.year();
        let (assessed, stipends) = assess(
            &self.trial.tax_terms(),
            self.person.stipends_in(year),
            amount,
            self.person.has_form(),
            self.person.tax_choice(),
        )
        .ok_or(TrialsError::AmountOverflow)?;
        self.person.note_year(year, stipends, assessed.withhold)?;
        self.participant.earn(amount, &assessed)?;
        self.trial.accrue(amount.get())?;
        if !assessed.withhold.is_zero() {
            self.trial.withhold(assessed.withhold.get())?;
        }
        Ok(!assessed.hold.is_zero())
    }

    /// A fee that was set aside is earned by the site.
    ///
    /// # Errors
    /// `InvariantBroken`, `AmountOverflow`.
    pub fn earn_fee(&mut self, fee: Cents) -> Result<()> {
        self.participant.use_reserved(fee.get())?;
        self.site.earn(fee)?;
        self.trial.accrue(fee.get())
    }

    /// A screening has ended without enrolment: the site earns its fees for it within the ratio of its terms, now and
    /// for visits that are attested later.
    ///
    /// # Errors
    /// `InvariantBroken`, `AmountOverflow`.
    pub fn end_screening(&mut self, schedule: &Schedule) -> Result<()> {
        if self.site.count_failure() {
            self.participant.grant_failure_fee();
            let fees = self.participant.screening_fees(&schedule.rules()?.0)?;
            self.earn_fee(fees)?;
        }
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        self.trial.invariant()?;
        self.site.invariant()?;
        self.participant.invariant()
    }
}
