//! Appeals: somebody asks the insurer to look again, and somebody else there has to.

use anchor_lang::prelude::*;

use crate::constants::ACCOUNT_VERSION;
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
    /// `AppealNotOpen`, `AppealOverdue` once it can lapse, `RationaleEmpty`.
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

    /// Ends it undecided.
    ///
    /// # Errors
    /// `AppealNotOpen`, `AppealNotOverdue`.
    pub fn lapse(&mut self, today: i32) -> Result<()> {
        require!(
            self.status == AppealStatus::Open,
            ClaimsError::AppealNotOpen
        );
        require!(today > self.due_on, ClaimsError::AppealNotOverdue);
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
