//! What a site earns beside its fees for visits. The whole of it is set aside when it is offered.

use anchor_lang::prelude::*;
use galen_rules::trial::{Progress, Trigger, MAX_SITE_MILESTONES};
use galen_rules::{Cents, Date};

use crate::constants::{ACCOUNT_VERSION, NO_DAY};
use crate::convert;
use crate::error::TrialsError;

/// A site's own milestones. Amounts are cents.
///
/// # PDA Seeds
/// `["site_plan", site]`
#[account(zero_copy)]
#[derive(Debug, PartialEq, Eq)]
pub struct SitePlan {
    /// The trial.
    pub trial: Pubkey,
    /// The site.
    pub site: Pubkey,
    /// Set aside for what is not earned yet.
    pub reserved: u64,
    /// Number of milestones.
    pub count: u8,
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// For later versions.
    pub reserved_bytes: [u8; 21],
    /// The milestones; `count` are in use.
    pub milestones: [SiteMilestone; 16],
}

const _: () = assert!(std::mem::size_of::<SitePlan>() == 64 + 8 + 3 + 21 + 16 * 24);
const _: () = assert!(MAX_SITE_MILESTONES == 16);

/// One milestone of a site.
#[zero_copy]
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SiteMilestone {
    /// What it pays.
    pub amount: u64,
    /// Participants enrolled at the site from which it is earned; 0 = when the site says that it is done.
    pub enrolled: u32,
    /// The day on which the site said so; `NO_DAY` before.
    pub declared_on: i32,
    /// See [`SiteMilestone::OPEN`] and the others.
    pub state: u8,
    /// Zeros.
    pub padding: [u8; 7],
}

/// A milestone as it is offered.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Copy, Debug, PartialEq, Eq)]
pub struct SiteMilestoneTerms {
    /// What it pays, in cents.
    pub amount: u64,
    /// Participants enrolled at the site from which it is earned; 0 = when the site says that it is done.
    pub enrolled: u32,
}

impl SiteMilestone {
    /// State: not earned.
    pub const OPEN: u8 = 0;
    /// State: earned.
    pub const EARNED: u8 = 1;
    /// State: not earned and not to be any more.
    pub const LAPSED: u8 = 2;

    fn trigger(&self) -> Trigger {
        if self.enrolled == 0 {
            Trigger::Declared
        } else {
            Trigger::Enrolled(self.enrolled)
        }
    }

    fn progress(&self) -> Progress {
        if self.state != Self::OPEN {
            return Progress::Earned;
        }
        convert::day(self.declared_on).map_or(Progress::Open, Progress::Declared)
    }
}

impl SitePlan {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"site_plan";
    /// Size of the account in bytes.
    pub const SIZE: usize = 8 + std::mem::size_of::<Self>();

    /// Address of the plan of `site`, and its bump.
    pub fn find_address(site: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, site.as_ref()], &crate::ID)
    }

    /// Begins a plan in an account of zeros. Returns what it pays in all.
    ///
    /// # Errors
    /// `SiteMilestonesInvalid`, `AmountOverflow`.
    pub fn begin(
        &mut self,
        bump: u8,
        trial: Pubkey,
        site: Pubkey,
        offered: &[SiteMilestoneTerms],
    ) -> Result<u64> {
        require!(
            (1..=MAX_SITE_MILESTONES).contains(&offered.len())
                && offered.iter().all(|milestone| milestone.amount > 0),
            TrialsError::SiteMilestonesInvalid
        );
        self.version = ACCOUNT_VERSION;
        self.bump = bump;
        self.trial = trial;
        self.site = site;
        self.count = u8::try_from(offered.len()).map_err(|_| TrialsError::SiteMilestonesInvalid)?;
        for (place, terms) in self.milestones.iter_mut().zip(offered) {
            *place = SiteMilestone {
                amount: terms.amount,
                enrolled: terms.enrolled,
                declared_on: NO_DAY,
                state: SiteMilestone::OPEN,
                padding: [0; 7],
            };
            self.reserved = self
                .reserved
                .checked_add(terms.amount)
                .ok_or(TrialsError::AmountOverflow)?;
        }
        Ok(self.reserved)
    }

    fn milestone(&mut self, index: u8) -> Result<&mut SiteMilestone> {
        self.milestones
            .get_mut(..usize::from(self.count))
            .and_then(|milestones| milestones.get_mut(usize::from(index)))
            .ok_or_else(|| TrialsError::SiteMilestoneUnknown.into())
    }

    /// The site says that milestone `index` is done.
    ///
    /// # Errors
    /// `SiteMilestoneUnknown`, `SiteMilestoneCounted`, `SiteMilestoneOver`, `SiteMilestoneDeclared`.
    pub fn declare(&mut self, index: u8, today: Date) -> Result<()> {
        let milestone = self.milestone(index)?;
        require!(milestone.enrolled == 0, TrialsError::SiteMilestoneCounted);
        require!(
            milestone.state == SiteMilestone::OPEN,
            TrialsError::SiteMilestoneOver
        );
        require!(
            milestone.declared_on == NO_DAY,
            TrialsError::SiteMilestoneDeclared
        );
        milestone.declared_on = today.days();
        Ok(())
    }

    /// The sponsor says that milestone `index` is not done. The site can declare it again.
    ///
    /// # Errors
    /// `SiteMilestoneUnknown`, `SiteMilestoneOver`, `SiteMilestoneUndeclared`.
    pub fn refuse(&mut self, index: u8) -> Result<()> {
        let milestone = self.milestone(index)?;
        require!(
            milestone.state == SiteMilestone::OPEN,
            TrialsError::SiteMilestoneOver
        );
        require!(
            milestone.declared_on != NO_DAY,
            TrialsError::SiteMilestoneUndeclared
        );
        milestone.declared_on = NO_DAY;
        Ok(())
    }

    /// The sponsor confirms milestone `index`. Returns what it pays.
    ///
    /// # Errors
    /// `SiteMilestoneUnknown`, `SiteMilestoneOver`, `InvariantBroken`.
    pub fn confirm(&mut self, index: u8) -> Result<Cents> {
        require!(
            self.milestone(index)?.state == SiteMilestone::OPEN,
            TrialsError::SiteMilestoneOver
        );
        self.earn(index)
    }

    /// Milestone `index` is earned without anybody's word: enough are enrolled, or the sponsor was silent. Returns what it
    /// pays.
    ///
    /// # Errors
    /// `SiteMilestoneUnknown` and why it is not earned.
    pub fn claim(&mut self, index: u8, enrolled: u32, today: Date) -> Result<Cents> {
        let milestone = self.milestone(index)?;
        milestone
            .trigger()
            .check(milestone.progress(), enrolled, today)
            .map_err(convert::not_earned)?;
        self.earn(index)
    }

    fn earn(&mut self, index: u8) -> Result<Cents> {
        let milestone = self.milestone(index)?;
        milestone.state = SiteMilestone::EARNED;
        let amount = milestone.amount;
        self.reserved = self
            .reserved
            .checked_sub(amount)
            .ok_or(TrialsError::InvariantBroken)?;
        Ok(Cents::new(amount))
    }

    /// Gives up what nobody has declared and what the numbers enrolled do not earn. Returns how much.
    ///
    /// # Errors
    /// `NothingDue` where there is nothing to give up, `InvariantBroken`.
    pub fn lapse(&mut self, enrolled: u32, today: Date) -> Result<u64> {
        let mut freed: u64 = 0;
        for milestone in self.milestones.iter_mut().take(usize::from(self.count)) {
            let earned = milestone
                .trigger()
                .check(milestone.progress(), enrolled, today)
                .is_ok();
            if milestone.state == SiteMilestone::OPEN && milestone.declared_on == NO_DAY && !earned
            {
                milestone.state = SiteMilestone::LAPSED;
                freed = freed.saturating_add(milestone.amount);
            }
        }
        require!(freed > 0, TrialsError::NothingDue);
        self.reserved = self
            .reserved
            .checked_sub(freed)
            .ok_or(TrialsError::InvariantBroken)?;
        Ok(freed)
    }

    /// What holds after every instruction: what is set aside is the sum of what can still be earned.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let open = self
            .milestones
            .iter()
            .filter(|milestone| milestone.state == SiteMilestone::OPEN)
            .try_fold(0_u64, |sum, milestone| sum.checked_add(milestone.amount));
        require!(
            open == Some(self.reserved) && usize::from(self.count) <= MAX_SITE_MILESTONES,
            TrialsError::InvariantBroken
        );
        Ok(())
    }
}
