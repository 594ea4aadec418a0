//! Appeals: somebody asks the insurer to look again, and somebody else there has to.

use anchor_lang::prelude::*;

use registry::state::Pause;

use crate::constants::ACCOUNT_VERSION;
use crate::convert;
use crate::error::ClaimsError;

/// One level of appeal against the decision about a claim.
///
/// # PDA Seeds
/// `["appeal", claim, number (u8)]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Appeal {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Number among the appeals about the claim, from 1. The levels of member and provider are counted apart.
    pub level: u8,
    /// What became of it.
    pub status: AppealStatus,
    /// Whether the member asks, rather than the provider.
    pub by_member: bool,
    /// The claim.
    pub claim: Pubkey,
    /// The pool that pays.
    pub pool: Pubkey,
    /// The key that asks: the member's, or of an operator of the provider.
    pub appellant: Pubkey,
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// Salted commitment to what the appellant brings forward.
    pub grounds: [u8; 32],
    /// Salted commitment to the reasons of the decision; zeros before it, and where it lapsed.
    pub rationale: [u8; 32],
    /// The key that decided; the default key = none.
    pub decider: Pubkey,
    /// The day on which it was filed, in days since 1970-01-01.
    pub filed_on: i32,
    /// The last day on which it is decided in time.
    pub due_on: i32,
    /// The day on which it was decided or lapsed; 0 = neither.
    pub closed_on: i32,
    /// The organisation that decides it, outside the insurer; the default key = the insurer decides.
    pub reviewer: Pubkey,
}

const _: () = assert!(8 + Appeal::INIT_SPACE == 281);

/// What became of an appeal. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppealStatus {
    /// Waits for its decision.
    Open,
    /// The decision stays as it was.
    Upheld,
    /// Another claim stands in the claim's place.
    Overturned,
    /// Nobody decided in time: the level counts as exhausted.
    Lapsed,
}

/// What is known of an appeal when it is filed.
pub struct Filing {
    /// Bump of the address.
    pub bump: u8,
    /// Number among the appeals about the claim, from 1.
    pub level: u8,
    /// Whether the member asks.
    pub by_member: bool,
    /// The claim.
    pub claim: Pubkey,
    /// The pool that pays.
    pub pool: Pubkey,
    /// The key that asks.
    pub appellant: Pubkey,
    /// Who pays the rent.
    pub payer: Pubkey,
    /// Commitment to the grounds.
    pub grounds: [u8; 32],
    /// The day, in days since 1970-01-01.
    pub today: i32,
    /// Days in which it is decided.
    pub decision_days: u16,
    /// The organisation that decides it; the default key = the insurer.
    pub reviewer: Pubkey,
}

impl Appeal {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"appeal";

    /// Address of appeal number `level` against the decision about `claim`, and its bump.
    pub fn find_address(claim: &Pubkey, level: u8) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, claim.as_ref(), &[level]], &crate::ID)
    }

    /// An appeal as it is filed.
    ///
    /// # Errors
    /// `DocumentEmpty`, `AmountOverflow`.
    pub fn file(filing: Filing) -> Result<Self> {
        require!(filing.grounds != [0; 32], ClaimsError::DocumentEmpty);
        let due_on = filing
            .today
            .checked_add(filing.decision_days.into())
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump: filing.bump,
            level: filing.level,
            status: AppealStatus::Open,
            by_member: filing.by_member,
            claim: filing.claim,
            pool: filing.pool,
            appellant: filing.appellant,
            payer: filing.payer,
            grounds: filing.grounds,
            rationale: [0; 32],
            decider: Pubkey::default(),
            filed_on: filing.today,
            due_on,
            closed_on: 0,
            reviewer: filing.reviewer,
        })
    }

    /// Whether it is decided outside the insurer.
    pub fn is_review(&self) -> bool {
        self.reviewer != Pubkey::default()
    }

    /// Leaves the decision as it was.
    ///
    /// # Errors
    /// `AppealNotOpen`, `AppealOverdue` once its time is over, `RationaleEmpty`.
    pub fn uphold(&mut self, decider: Pubkey, rationale: [u8; 32], today: i32) -> Result<()> {
        // Who was too late may still give in, and nothing else.
        require!(today <= self.due_on, ClaimsError::AppealOverdue);
        self.close(AppealStatus::Upheld, decider, rationale, today)
    }

    /// Takes the decision back.
    ///
    /// # Errors
    /// `AppealNotOpen`, `RationaleEmpty`.
    pub fn overturn(&mut self, decider: Pubkey, rationale: [u8; 32], today: i32) -> Result<()> {
        self.close(AppealStatus::Overturned, decider, rationale, today)
    }

    fn close(
        &mut self,
        status: AppealStatus,
        decider: Pubkey,
        rationale: [u8; 32],
        today: i32,
    ) -> Result<()> {
        require!(
            self.status == AppealStatus::Open,
            ClaimsError::AppealNotOpen
        );
        require!(rationale != [0; 32], ClaimsError::RationaleEmpty);
        self.status = status;
        self.decider = decider;
        self.rationale = rationale;
        self.closed_on = today;
        Ok(())
    }

    /// The last day on which it cannot lapse yet: that on which it is decided in time, later by the days of `pause`, the last one, where
    /// that began before. Nothing is overturned during a pause of awards.
    fn waits_until(&self, pause: &Pause) -> Result<i32> {
        let began = convert::day_of(pause.started_at)?.days();
        let ended = convert::day_of(pause.until)?.days();
        let paused = if began <= self.due_on {
            let from = began.max(self.filed_on);
            ended.saturating_add(1).saturating_sub(from).max(0)
        } else {
            0
        };
        self.due_on
            .checked_add(paused)
            .ok_or_else(|| ClaimsError::AmountOverflow.into())
    }

    /// Ends it undecided at the Unix second `now`; `pause` is the last one of awards.
    ///
    /// # Errors
    /// `AppealNotOpen`, `AppealNotOverdue`, `LapseWhilePaused`.
    pub fn lapse(&mut self, pause: &Pause, now: i64) -> Result<()> {
        let today = convert::day_of(now)?.days();
        require!(
            self.status == AppealStatus::Open,
            ClaimsError::AppealNotOpen
        );
        require!(today > self.due_on, ClaimsError::AppealNotOverdue);
        require!(now >= pause.until, ClaimsError::LapseWhilePaused);
        require!(
            today > self.waits_until(pause)?,
            ClaimsError::AppealNotOverdue
        );
        self.status = AppealStatus::Lapsed;
        self.closed_on = today;
        Ok(())
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let decided = matches!(self.status, AppealStatus::Upheld | AppealStatus::Overturned);
        require!(
            self.level > 0
                && self.filed_on <= self.due_on
                && (self.status == AppealStatus::Open) == (self.closed_on == 0)
                && decided == (self.decider != Pubkey::default())
                && decided == (self.rationale != [0; 32]),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUE: i32 = 20_030;
    const DAY: i64 = 86_400;

    /// Filed ten days before it is due, and no pause but this one.
    fn lapses(pause: (i64, i64), now: i64) -> Result<()> {
        let mut appeal = Appeal::file(Filing {
            bump: 255,
            level: 1,
            by_member: true,
            claim: Pubkey::default(),
            pool: Pubkey::default(),
            appellant: Pubkey::default(),
            payer: Pubkey::default(),
            grounds: [1; 32],
            today: DUE - 10,
            decision_days: 10,
            reviewer: Pubkey::default(),
        })
        .unwrap();
        let (started_at, until) = pause;
        appeal.lapse(&Pause { started_at, until }, now)
    }

    /// The first second of the day that is so many days after the last one in time.
    fn after(days: i64) -> i64 {
        (i64::from(DUE) + days) * DAY
    }

    #[test]
    fn the_days_of_a_pause_are_added() {
        let early = || Err(ClaimsError::AppealNotOverdue.into());
        assert_eq!(lapses((0, 0), after(0) + DAY - 1), early());
        assert_eq!(lapses((0, 0), after(1)), Ok(()));
        // Over the last day: two days and a half, which are of four days.
        let pause = (after(-1) + 7_200, after(2) - 3_600 + DAY / 2);
        let paused = Err(ClaimsError::LapseWhilePaused.into());
        assert_eq!(lapses(pause, after(1)), paused);
        assert_eq!(lapses(pause, pause.1 - 1), paused);
        assert_eq!(lapses(pause, pause.1), early());
        assert_eq!(lapses(pause, after(5) - 1), early());
        assert_eq!(lapses(pause, after(5)), Ok(()));
        // An hour of one day counts as that day.
        let hour = (after(-3), after(-3) + 3_600);
        assert_eq!(lapses(hour, after(2) - 1), early());
        assert_eq!(lapses(hour, after(2)), Ok(()));
        // What was before it was filed does not count, nor what came once it could have lapsed.
        let before = (after(-13), after(-11));
        assert_eq!(lapses(before, after(1)), Ok(()));
        let later = (after(1), after(3));
        assert_eq!(lapses(later, after(2)), paused);
        assert_eq!(lapses(later, after(3)), Ok(()));
        // Of one that began before it was filed, the days since.
        let over = (after(-12), after(-9));
        assert_eq!(lapses(over, after(3) - 1), early());
        assert_eq!(lapses(over, after(3)), Ok(()));
    }
}
