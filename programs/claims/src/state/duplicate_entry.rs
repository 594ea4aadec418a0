//! Entries of the registry of duplicates, in which insurers see that a service was claimed elsewhere too.

use anchor_lang::prelude::*;

use crate::constants::{ACCOUNT_VERSION, MAX_HOLDERS};
use crate::error::ClaimsError;

/// The claims for one person's services of one day by one provider, whoever insures the person. Who that is nobody can tell
/// by the marker: it is a pseudorandom function of the person, under the key of a blinding service that never sees whom it
/// is asked about.
///
/// # PDA Seeds
/// `["duplicate", blinder, provider, marker (16 bytes)]`, `blinder` being the service's public key.
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct DuplicateEntry {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// Who paid the rent, and gets it back.
    pub payer: Pubkey,
    /// The last day on which it is kept, in days since 1970-01-01.
    pub kept_until: i32,
    /// The claims that stand in it, in the order in which they came.
    #[max_len(MAX_HOLDERS)]
    pub holders: Vec<Holder>,
}

const _: () = assert!(8 + DuplicateEntry::INIT_SPACE == 50 + 3 * 64);

/// A claim that stands in an entry.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The pool that pays.
    pub pool: Pubkey,
    /// The claim.
    pub claim: Pubkey,
}

impl DuplicateEntry {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"duplicate";
    /// Size in bytes of the account.
    pub const SIZE: usize = 8 + Self::INIT_SPACE;

    /// Address of the entry of `marker` for `provider` (the organisation's account) under the blinding service `blinder`, and
    /// its bump.
    pub fn find_address(blinder: &Pubkey, provider: &Pubkey, marker: &[u8; 16]) -> (Pubkey, u8) {
        Pubkey::find_program_address(
            &[Self::SEED, blinder.as_ref(), provider.as_ref(), marker],
            &crate::ID,
        )
    }

    /// An entry in which nobody stands yet.
    pub fn new(bump: u8, payer: Pubkey) -> Self {
        Self {
            version: ACCOUNT_VERSION,
            bump,
            payer,
            kept_until: 0,
            holders: Vec::with_capacity(1),
        }
    }

    /// Whether a claim of another pool than `pool` stands in it.
    pub fn is_held_elsewhere(&self, pool: &Pubkey) -> bool {
        self.holders.iter().any(|holder| holder.pool != *pool)
    }

    /// Enters a claim, and keeps the entry until `kept_until` at least. Where there is no room, a claim of a pool that no
    /// claim here is of takes the place of one whose pool stands here more than once: else one pool's claims could hide
    /// another's from it. Any other is left out: whoever comes after it finds claims of its pool, or of three others, here.
    pub fn enter(&mut self, holder: Holder, kept_until: i32) {
        self.kept_until = self.kept_until.max(kept_until);
        if self.holders.contains(&holder) {
            return;
        }
        if self.holders.len() >= usize::from(MAX_HOLDERS) {
            let Some(place) = self.place_for(&holder.pool) else {
                return;
            };
            self.holders.remove(place);
        }
        self.holders.push(holder);
    }

    /// Whose place in a full entry a claim of `pool` takes: the last one's whose pool stands here more than once. None
    /// where `pool` stands here already, or nobody can be spared.
    fn place_for(&self, pool: &Pubkey) -> Option<usize> {
        let of = |pool: &Pubkey| {
            let holders = self.holders.iter();
            holders.filter(|holder| holder.pool == *pool).count()
        };
        if of(pool) > 0 {
            return None;
        }
        self.holders.iter().rposition(|holder| of(&holder.pool) > 1)
    }

    /// Takes `claim` out, or puts `replacement` there.
    ///
    /// # Errors
    /// `EntryNotHeld`.
    pub fn release(&mut self, claim: &Pubkey, replacement: Option<Pubkey>) -> Result<()> {
        let place = self
            .holders
            .iter()
            .position(|holder| holder.claim == *claim)
            .ok_or(ClaimsError::EntryNotHeld)?;
        let holder = self.holders.remove(place);
        let stands = |claim: &Pubkey| self.holders.iter().any(|holder| holder.claim == *claim);
        if let Some(claim) = replacement.filter(|claim| !stands(claim)) {
            self.holders.insert(place, Holder { claim, ..holder });
        }
        Ok(())
    }

    /// Whether it is no longer kept on the day `today`.
    pub fn is_over(&self, today: i32) -> bool {
        today > self.kept_until
    }

    /// What holds after every instruction that leaves it in being: somebody stands in it, and nobody twice.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        let mut rest = self.holders.as_slice();
        require!(
            !rest.is_empty() && rest.len() <= usize::from(MAX_HOLDERS),
            ClaimsError::InvariantBroken
        );
        while let Some((holder, after)) = rest.split_first() {
            require!(
                after.iter().all(|other| other.claim != holder.claim),
                ClaimsError::InvariantBroken
            );
            rest = after;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(pool: u8, claim: u8) -> Holder {
        Holder {
            pool: Pubkey::new_from_array([pool; 32]),
            claim: Pubkey::new_from_array([claim; 32]),
        }
    }

    fn entry(holders: &[Holder]) -> DuplicateEntry {
        let mut entry = DuplicateEntry::new(255, Pubkey::default());
        for one in holders {
            entry.enter(*one, 10);
        }
        entry
    }

    #[test]
    fn who_comes_fourth_is_left_out_and_still_finds_the_others() {
        let three = [holder(1, 1), holder(2, 2), holder(3, 3)];
        let mut entry = entry(&three);
        entry.enter(holder(4, 4), 30);
        assert_eq!(entry.holders, three);
        assert_eq!(entry.kept_until, 30);
        assert!(entry.is_held_elsewhere(&holder(4, 4).pool));
        assert!(!entry.is_over(30) && entry.is_over(31));
        entry.enter(holder(2, 2), 5);
        assert_eq!((entry.holders.len(), entry.kept_until), (3, 30));
        entry.invariant().unwrap();
    }

    #[test]
    fn one_pools_claims_hide_no_others() {
        for (first, next, wanted) in [
            // The last of a pool that stands there more than once makes room.
            ([(1, 1), (1, 2), (1, 3)], (2, 4), [(1, 1), (1, 2), (2, 4)]),
            ([(1, 1), (1, 2), (2, 4)], (3, 5), [(1, 1), (2, 4), (3, 5)]),
            ([(2, 4), (1, 1), (1, 2)], (3, 5), [(2, 4), (1, 1), (3, 5)]),
            // A pool that stands there needs no second place.
            ([(1, 1), (1, 2), (2, 4)], (2, 5), [(1, 1), (1, 2), (2, 4)]),
            ([(1, 1), (1, 2), (1, 3)], (1, 4), [(1, 1), (1, 2), (1, 3)]),
            // Nobody loses its only place.
            ([(1, 1), (2, 2), (3, 3)], (4, 4), [(1, 1), (2, 2), (3, 3)]),
        ] {
            let mut entry = entry(&first.map(|(pool, claim)| holder(pool, claim)));
            entry.enter(holder(next.0, next.1), 10);
            assert_eq!(
                entry.holders,
                wanted.map(|(pool, claim)| holder(pool, claim)),
                "{next:?} after {first:?}"
            );
            entry.invariant().unwrap();
            // Every pool that stands there, or comes to it, is found by whoever is of another.
            assert!(entry.is_held_elsewhere(&holder(9, 9).pool));
        }
    }

    #[test]
    fn claims_of_one_pool_are_no_hit_for_it() {
        let entry = entry(&[holder(1, 1), holder(1, 2)]);
        assert!(!entry.is_held_elsewhere(&holder(1, 9).pool));
        assert!(entry.is_held_elsewhere(&holder(2, 9).pool));
    }

    #[test]
    fn a_replacement_takes_the_place_once() {
        let mut moved = entry(&[holder(1, 1), holder(2, 2)]);
        moved
            .release(&holder(1, 1).claim, Some(holder(1, 3).claim))
            .unwrap();
        assert_eq!(moved.holders, [holder(1, 3), holder(2, 2)]);
        // It has been screened itself: it already stands there.
        let mut screened = entry(&[holder(1, 1), holder(1, 3)]);
        screened
            .release(&holder(1, 1).claim, Some(holder(1, 3).claim))
            .unwrap();
        assert_eq!(screened.holders, [holder(1, 3)]);
        assert!(screened.release(&holder(1, 1).claim, None).is_err());
        screened.release(&holder(1, 3).claim, None).unwrap();
        assert!(screened.holders.is_empty() && screened.invariant().is_err());
    }
}
