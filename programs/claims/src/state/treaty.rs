//! Treaties: what a reinsurer takes over of a pool's awards, and the ledger of the layer that it funds.

use anchor_lang::prelude::*;

use super::Claim;
use crate::constants::{
    ACCOUNT_VERSION, MAX_TREATY_DAYS, WITHDRAWAL_NOTICE_SECONDS, WITHDRAWAL_WINDOW_SECONDS,
};
use crate::error::ClaimsError;

/// A treaty of a pool's insurer with a reinsurer. Amounts are cents.
///
/// # PDA Seeds
/// `["treaty", pool, number (u16, little-endian)]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct Treaty {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Whether it is in force.
    pub status: TreatyStatus,
    /// Number among the pool's treaties.
    pub number: u16,
    /// The pool whose awards it covers.
    pub pool: Pubkey,
    /// The reinsurer's organisation account.
    pub reinsurer: Pubkey,
    /// The token account that holds the layer's money; the default key before the reinsurer has accepted.
    pub vault: Pubkey,
    /// What is covered.
    pub terms: TreatyTerms,
    /// Grows by one with every administrative action on the treaty.
    pub sequence: u64,
    /// Claims counted.
    pub claims: u32,
    /// Cents awarded by the claims counted.
    pub awards: u64,
    /// What of it lies in the layer of a single claim, before the year's limit.
    pub excess: u64,
    /// Cents put into the layer since the beginning.
    pub funded: u64,
    /// Cents that the pool has drawn.
    pub drawn: u64,
    /// Cents that the pool has given back, for claims that were taken back.
    pub returned: u64,
    /// Cents that the reinsurer has withdrawn.
    pub withdrawn: u64,
    /// Cents announced to be withdrawn; 0 = none.
    pub withdrawal: u64,
    /// Unix second from which they can be; 0 = none.
    pub withdrawal_at: i64,
    /// The token account that they go to; the default key = none.
    pub withdrawal_to: Pubkey,
    /// For later versions.
    pub reserved: [u8; 32],
}

const _: () = assert!(
    Treaty::INIT_SPACE == 3 + 2 + 3 * 32 + TreatyTerms::INIT_SPACE + 8 + 4 + 8 * 8 + 32 + 32
);

/// Whether a treaty is in force. Values never change.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub enum TreatyStatus {
    /// Offered by the insurer, not yet accepted.
    Offered,
    /// Accepted by the reinsurer.
    InForce,
}

/// What a treaty covers: awards made from `from` to `to`. Amounts are cents.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreatyTerms {
    /// First day on which awards are covered, in days since 1970-01-01.
    pub from: i32,
    /// The last one; at most 366 days in all.
    pub to: i32,
    /// Days after `to` for which claims can still be counted.
    pub runoff_days: u16,
    /// What of each claim the pool bears itself.
    pub claim_attachment: u64,
    /// The most that is taken over of a claim beyond that; 0 = nothing.
    pub claim_limit: u64,
    /// The most that is taken over of single claims in all.
    pub claims_limit: u64,
    /// What of the year's awards, less what is taken over of single claims, the pool bears itself.
    pub year_attachment: u64,
    /// The most that is taken over of the year beyond that; 0 = nothing.
    pub year_limit: u64,
}

impl TreatyTerms {
    /// Checks that they cover something, for a year at most, and that what they cover can be counted.
    ///
    /// # Errors
    /// `TreatyInvalid`.
    pub fn check(&self) -> Result<()> {
        let days = i64::from(self.to).saturating_sub(self.from.into());
        let is_valid = (0..MAX_TREATY_DAYS).contains(&days)
            && self.most().is_some_and(|most| most > 0)
            && (self.claim_limit > 0) == (self.claims_limit > 0)
            && self.claim_limit <= self.claims_limit;
        require!(is_valid, ClaimsError::TreatyInvalid);
        Ok(())
    }

    /// The most that is taken over in all; none where that leaves the range.
    fn most(&self) -> Option<u64> {
        self.claims_limit.checked_add(self.year_limit)
    }

    /// What of an award of `cents` lies in the layer of a single claim.
    pub fn excess_of(&self, cents: u64) -> u64 {
        cents
            .saturating_sub(self.claim_attachment)
            .min(self.claim_limit)
    }

    /// What is taken over of `awards`, of which `excess` lies in the layer of single claims.
    fn recoverable(&self, awards: u64, excess: u64) -> u64 {
        let of_claims = excess.min(self.claims_limit);
        let of_year = awards
            .saturating_sub(of_claims)
            .saturating_sub(self.year_attachment)
            .min(self.year_limit);
        of_claims.saturating_add(of_year)
    }

    /// Whether an award made on `day` is covered.
    pub fn covers(&self, day: i32) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// Whether claims can still be counted on `today`.
    pub fn counts_on(&self, today: i32) -> bool {
        i64::from(today) <= i64::from(self.to).saturating_add(self.runoff_days.into())
    }
}

/// What moves between layer and pool, in cents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settlement {
    /// Nothing.
    Even,
    /// From the layer to the pool.
    Draw(u64),
    /// From the pool to the layer.
    Return(u64),
}

impl Treaty {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"treaty";
    /// First seed of the layer vault's address: `["layer", treaty]`.
    pub const VAULT_SEED: &'static [u8] = b"layer";

    /// Address of treaty `number` of `pool`, and its bump.
    pub fn find_address(pool: &Pubkey, number: u16) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, pool.as_ref(), &number.to_le_bytes()],
            &crate::ID,
        )
    }

    /// Address of the vault of `treaty`'s layer, and its bump.
    pub fn find_vault_address(treaty: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::VAULT_SEED, treaty.as_ref()], &crate::ID)
    }

    /// A treaty as offered.
    ///
    /// # Errors
    /// `TreatyInvalid`.
    pub fn offer(
        bump: u8,
        number: u16,
        pool: Pubkey,
        reinsurer: Pubkey,
        terms: TreatyTerms,
    ) -> Result<Self> {
        terms.check()?;
        // A claim has the number and one, so that 0 says none, beside a bit of its own.
        require!(
            number.saturating_add(1) < Claim::NETTED,
            ClaimsError::TreatyInvalid
        );
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump,
            status: TreatyStatus::Offered,
            number,
            pool,
            reinsurer,
            vault: Pubkey::default(),
            terms,
            sequence: 0,
            claims: 0,
            awards: 0,
            excess: 0,
            funded: 0,
            drawn: 0,
            returned: 0,
            withdrawn: 0,
            withdrawal: 0,
            withdrawal_at: 0,
            withdrawal_to: Pubkey::default(),
            reserved: [0; 32],
        })
    }

    /// Uses up `admin`: it fits this moment and no later one.
    ///
    /// # Errors
    /// `AdminExpired`, `AdminSequenceStale`, `AdminSequenceExhausted`.
    pub fn authorize(&mut self, admin: &registry::state::AdminArgs, now: i64) -> Result<()> {
        self.sequence = admin
            .advance(self.sequence, now)
            .map_err(ClaimsError::from)?;
        Ok(())
    }

    /// Accepts the offer: the layer's money will lie in `vault`.
    ///
    /// # Errors
    /// `TreatyNotOffered`.
    pub fn accept(&mut self, vault: Pubkey) -> Result<()> {
        require!(
            self.status == TreatyStatus::Offered,
            ClaimsError::TreatyNotOffered
        );
        self.status = TreatyStatus::InForce;
        self.vault = vault;
        Ok(())
    }

    /// The mark of a claim that is counted under this treaty.
    pub fn mark(&self) -> u16 {
        self.number.saturating_add(1)
    }

    /// Counts `cents` that have arrived in the layer's vault.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn fund(&mut self, cents: u64) -> Result<()> {
        self.funded = self
            .funded
            .checked_add(cents)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(())
    }

    /// Counts a claim that awards `cents`.
    ///
    /// # Errors
    /// `AmountOverflow`.
    pub fn count(&mut self, cents: u64) -> Result<()> {
        self.claims = self
            .claims
            .checked_add(1)
            .ok_or(ClaimsError::AmountOverflow)?;
        self.awards = self
            .awards
            .checked_add(cents)
            .ok_or(ClaimsError::AmountOverflow)?;
        self.excess = self
            .excess
            .checked_add(self.terms.excess_of(cents))
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(())
    }

    /// No longer counts a claim that awarded `cents`. Terms never change, so what comes off is what was added.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn uncount(&mut self, cents: u64) -> Result<()> {
        self.claims = self
            .claims
            .checked_sub(1)
            .ok_or(ClaimsError::InvariantBroken)?;
        self.awards = self
            .awards
            .checked_sub(cents)
            .ok_or(ClaimsError::InvariantBroken)?;
        self.excess = self
            .excess
            .checked_sub(self.terms.excess_of(cents))
            .ok_or(ClaimsError::InvariantBroken)?;
        Ok(())
    }

    /// Counts `now` cents instead of `before` for a claim: of what it awards a bond has paid back more, or less is known of it.
    ///
    /// # Errors
    /// `InvariantBroken`, `AmountOverflow`.
    pub fn recount(&mut self, before: u64, now: u64) -> Result<()> {
        self.uncount(before)?;
        self.count(now)
    }

    /// What the treaty takes over of the claims counted.
    pub fn recoverable(&self) -> u64 {
        self.terms.recoverable(self.awards, self.excess)
    }

    /// What the pool has of it.
    fn had(&self) -> Result<u64> {
        self.drawn
            .checked_sub(self.returned)
            .ok_or_else(|| ClaimsError::InvariantBroken.into())
    }

    /// Cents in the layer. Money sent to its vault past `fund_layer` is not counted.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn held(&self) -> Result<u64> {
        self.funded
            .checked_sub(self.withdrawn)
            .and_then(|held| held.checked_sub(self.had().ok()?))
            .ok_or_else(|| ClaimsError::InvariantBroken.into())
    }

    /// What the pool can still draw at most from `today` on: all that is covered while claims can be counted, then what
    /// is recoverable.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn exposed(&self, today: i32) -> Result<u64> {
        let most = if self.terms.counts_on(today) {
            self.terms.most().ok_or(ClaimsError::InvariantBroken)?
        } else {
            self.recoverable()
        };
        Ok(most.saturating_sub(self.had()?))
    }

    /// Evens the ledgers of layer and pool as far as the layer holds the money, and the pool has `free` cents. Returns what
    /// is to be moved.
    ///
    /// # Errors
    /// `AmountOverflow`, `InvariantBroken`.
    pub fn settle(&mut self, free: u64) -> Result<Settlement> {
        let (recoverable, had) = (self.recoverable(), self.had()?);
        let draw = recoverable.saturating_sub(had).min(self.held()?);
        let back = had.saturating_sub(recoverable).min(free);
        Ok(match (draw, back) {
            (0, 0) => Settlement::Even,
            (0, back) => {
                self.returned = self
                    .returned
                    .checked_add(back)
                    .ok_or(ClaimsError::AmountOverflow)?;
                Settlement::Return(back)
            }
            (draw, _) => {
                self.drawn = self
                    .drawn
                    .checked_add(draw)
                    .ok_or(ClaimsError::AmountOverflow)?;
                Settlement::Draw(draw)
            }
        })
    }

    /// Announces that `cents` will be withdrawn to `destination`. Returns from when on.
    ///
    /// # Errors
    /// `TreatyNotInForce`, `WithdrawalAlreadyAnnounced`, `AmountOverflow`.
    pub fn announce_withdrawal(
        &mut self,
        cents: u64,
        destination: Pubkey,
        now: i64,
    ) -> Result<i64> {
        require!(
            self.status == TreatyStatus::InForce,
            ClaimsError::TreatyNotInForce
        );
        require!(
            self.withdrawal == 0,
            ClaimsError::WithdrawalAlreadyAnnounced
        );
        let due_at = now
            .checked_add(WITHDRAWAL_NOTICE_SECONDS)
            .ok_or(ClaimsError::AmountOverflow)?;
        self.withdrawal = cents;
        self.withdrawal_at = due_at;
        self.withdrawal_to = destination;
        Ok(due_at)
    }

    /// Withdraws the announcement. Returns the amount.
    ///
    /// # Errors
    /// `NoWithdrawalAnnounced`.
    pub fn cancel_withdrawal(&mut self) -> Result<u64> {
        require!(self.withdrawal != 0, ClaimsError::NoWithdrawalAnnounced);
        let amount = std::mem::take(&mut self.withdrawal);
        self.withdrawal_at = 0;
        self.withdrawal_to = Pubkey::default();
        Ok(amount)
    }

    /// Counts what was announced as withdrawn, on the day `today`. Returns the amount.
    ///
    /// # Errors
    /// `NoWithdrawalAnnounced`, `WithdrawalNotDue`, `WithdrawalLapsed`, `LayerExposed`, `AmountOverflow`.
    pub fn withdraw(&mut self, now: i64, today: i32) -> Result<u64> {
        let due_at = self.withdrawal_at;
        let amount = self.cancel_withdrawal()?;
        require!(now >= due_at, ClaimsError::WithdrawalNotDue);
        require!(
            now.saturating_sub(due_at) < WITHDRAWAL_WINDOW_SECONDS,
            ClaimsError::WithdrawalLapsed
        );
        let beyond = self.held()?.saturating_sub(self.exposed(today)?);
        require!(amount <= beyond, ClaimsError::LayerExposed);
        self.withdrawn = self
            .withdrawn
            .checked_add(amount)
            .ok_or(ClaimsError::AmountOverflow)?;
        Ok(amount)
    }

    /// What holds after every instruction, `vault_units` being the balance of the layer's vault and `unit_per_cent` the
    /// mint's: the layer's money is there, and no more was drawn than is covered.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self, vault_units: u64, unit_per_cent: u64) -> Result<()> {
        let held = self
            .held()?
            .checked_mul(unit_per_cent)
            .ok_or(ClaimsError::AmountOverflow)?;
        require!(
            vault_units >= held
                && self
                    .terms
                    .most()
                    .is_some_and(|most| self.had().is_ok_and(|had| had <= most))
                && self.excess <= self.awards
                && (self.status == TreatyStatus::InForce) == (self.vault != Pubkey::default())
                && (self.withdrawal != 0) == (self.withdrawal_at != 0),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn terms() -> TreatyTerms {
        TreatyTerms {
            from: 20_000,
            to: 20_364,
            runoff_days: 90,
            claim_attachment: 10_000,
            claim_limit: 50_000,
            claims_limit: 80_000,
            year_attachment: 100_000,
            year_limit: 40_000,
        }
    }

    fn treaty() -> Treaty {
        let key = Pubkey::new_from_array([1; 32]);
        let mut treaty = Treaty::offer(255, 0, key, key, terms()).unwrap();
        treaty.accept(key).unwrap();
        treaty
    }

    #[test]
    fn a_claim_and_a_year() {
        let mut treaty = treaty();
        // Below, inside and beyond the layer of a claim.
        for (award, excess, recoverable) in [
            (10_000, 0, 0),
            (10_001, 1, 1),
            (40_000, 30_001, 30_001),
            // 50,000 of it are in the layer, 80,000 are the most for all: the pool bears 90,000 − 1 itself.
            (110_000, 80_001, 80_000),
        ] {
            treaty.count(award).unwrap();
            assert_eq!((treaty.excess, treaty.recoverable()), (excess, recoverable));
        }
        assert_eq!(treaty.awards, 170_001);
        // 90,001 are borne; 100,000 is the year's attachment point.
        treaty.count(9_999).unwrap();
        assert_eq!(treaty.recoverable(), 80_000);
        treaty.count(1).unwrap();
        assert_eq!(treaty.recoverable(), 80_001);
        treaty.count(60_000).unwrap();
        assert_eq!(treaty.recoverable(), 120_000);
    }

    #[test]
    fn what_is_counted_in_any_order_comes_off_again() {
        let awards = [10_000, 60_000, 70_000, 5, 12_345];
        let mut treaty = treaty();
        for award in awards {
            treaty.count(award).unwrap();
        }
        for award in [70_000, 5, 10_000, 12_345, 60_000] {
            treaty.uncount(award).unwrap();
        }
        assert_eq!((treaty.claims, treaty.awards, treaty.excess), (0, 0, 0));
        assert!(treaty.uncount(1).is_err());
    }

    #[test]
    fn the_layer_pays_what_it_holds_and_takes_back_what_is_free() {
        let mut treaty = treaty();
        treaty.fund(25_000).unwrap();
        treaty.count(50_000).unwrap();
        assert_eq!(treaty.settle(0).unwrap(), Settlement::Draw(25_000));
        assert_eq!(treaty.settle(0).unwrap(), Settlement::Even);
        treaty.fund(100_000).unwrap();
        assert_eq!(treaty.settle(0).unwrap(), Settlement::Draw(15_000));
        assert_eq!(treaty.held().unwrap(), 85_000);
        treaty.uncount(50_000).unwrap();
        assert_eq!(treaty.settle(1_000).unwrap(), Settlement::Return(1_000));
        // What could not be given back is kept back of the next.
        treaty.count(49_500).unwrap();
        assert_eq!(treaty.settle(0).unwrap(), Settlement::Draw(500));
        assert_eq!(treaty.held().unwrap(), 85_500);
        treaty.invariant(85_500, 1).unwrap();
        assert!(treaty.invariant(85_499, 1).is_err());
    }

    #[test]
    fn terms_that_are_none() {
        let good = terms();
        good.check().unwrap();
        for bad in [
            TreatyTerms { to: 19_999, ..good },
            TreatyTerms { to: 20_366, ..good },
            TreatyTerms {
                claim_limit: 0,
                ..good
            },
            TreatyTerms {
                claims_limit: 0,
                ..good
            },
            TreatyTerms {
                claim_limit: 80_001,
                ..good
            },
            TreatyTerms {
                year_limit: u64::MAX,
                ..good
            },
            TreatyTerms {
                claim_limit: 0,
                claims_limit: 0,
                year_limit: 0,
                ..good
            },
            TreatyTerms {
                from: i32::MIN,
                to: i32::MAX,
                ..good
            },
        ] {
            assert!(bad.check().is_err(), "{bad:?}");
        }
        TreatyTerms { to: 20_365, ..good }.check().unwrap();
        let numbered =
            |number| Treaty::offer(0, number, Pubkey::default(), Pubkey::default(), good);
        assert!(numbered(u16::MAX).is_err() && numbered(Claim::NETTED - 1).is_err());
        let last = numbered(Claim::NETTED - 2).unwrap();
        assert_eq!(last.mark() & Claim::NETTED, 0);
    }

    #[test]
    fn an_offer_is_accepted_once() {
        let key = Pubkey::new_from_array([1; 32]);
        let mut treaty = Treaty::offer(255, 7, key, key, terms()).unwrap();
        treaty.invariant(0, 1).unwrap();
        assert!(treaty.announce_withdrawal(1, key, 0).is_err());
        treaty.accept(key).unwrap();
        treaty.invariant(0, 1).unwrap();
        assert_eq!(treaty.mark(), 8);
        assert!(treaty.accept(key).is_err());
    }

    #[test]
    fn what_is_exposed() {
        let mut treaty = treaty();
        treaty.fund(130_000).unwrap();
        treaty.count(40_000).unwrap();
        treaty.settle(0).unwrap();
        assert_eq!(treaty.exposed(20_364 + 90).unwrap(), 90_000);
        assert_eq!(treaty.exposed(20_364 + 91).unwrap(), 0);
        let key = Pubkey::new_from_array([2; 32]);
        let notice = WITHDRAWAL_NOTICE_SECONDS;
        let try_to = |cents: u64, today: i32| {
            let mut treaty = treaty.clone();
            treaty.announce_withdrawal(cents, key, 0).unwrap();
            treaty.withdraw(notice, today)
        };
        assert_eq!(try_to(10_000, 20_364).unwrap(), 10_000);
        assert!(try_to(10_001, 20_454).is_err());
        assert_eq!(try_to(100_000, 20_455).unwrap(), 100_000);
        assert!(try_to(100_001, 20_455).is_err());
    }
}
