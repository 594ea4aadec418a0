//! What has held of an agreement before, day by day: whether it was in force, and where the provider stood towards the network.

use anchor_lang::prelude::*;

use crate::constants::CLAIMABLE_DAYS;
use crate::error::ClaimsError;

/// The days on which something has changed, in days since 1970-01-01, the last first; 0 = none. What holds now has held since the
/// first of them, before it the opposite, back to the next one, and so on. A service goes by its own day.
#[derive(InitSpace, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(
    not(feature = "idl-build"),
    derive(bytemuck::Pod, bytemuck::Zeroable),
    repr(C)
)]
#[cfg_attr(feature = "idl-build", derive(AnchorSerialize, AnchorDeserialize))]
pub struct AgreementPast {
    /// First days on which the provider was in the network, or outside it.
    pub network: [u16; 7],
    /// First days in force, and first days not in force; the day of the first acceptance is not among them. There is an odd number
    /// of places, so that one is always left for the day on which it ceases to be in force.
    pub force: [u16; 15],
}

#[cfg(not(feature = "idl-build"))]
const _: () = assert!(std::mem::size_of::<AgreementPast>() == AgreementPast::INIT_SPACE);

// Every claim reads its agreement, and of most there is nothing to say.
#[cfg(not(feature = "idl-build"))]
super::copied::copied!(AgreementPast);

/// Whether what now is so was so on the day `day`.
pub(super) fn held(changes: &[u16], now: bool, day: i32) -> bool {
    let since = changes
        .iter()
        .take_while(|change| **change != 0 && i32::from(**change) > day)
        .count();
    now == (since & 1 == 0)
}

/// Notes on the day `today` that the opposite holds from the day `from` on. A change that has not come to hold, or came to hold on
/// that very day, is taken back by the next one. Of more than there is room for the oldest two are forgotten, once nothing of
/// between them, or of before, can be claimed any more.
///
/// # Errors
/// `DateInvalid`, `AgreementChangedTooOften`.
pub(super) fn note(changes: &mut [u16], from: i32, today: i32) -> Result<()> {
    let from = u16::try_from(from).map_err(|_| ClaimsError::DateInvalid)?;
    if changes.first().is_some_and(|last| *last >= from) {
        changes.rotate_left(1);
        if let Some(oldest) = changes.last_mut() {
            *oldest = 0;
        }
        return Ok(());
    }
    if changes.last().is_some_and(|oldest| *oldest != 0) {
        let claimable = today.saturating_sub(CLAIMABLE_DAYS);
        // Two, so that what held before them is what holds after them.
        if let [.., later, oldest] = changes {
            require!(
                i32::from(*later) <= claimable,
                ClaimsError::AgreementChangedTooOften
            );
            (*later, *oldest) = (0, 0);
        }
    }
    changes.rotate_right(1);
    if let Some(last) = changes.first_mut() {
        *last = from;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On every day, what the changes that were noted say of it.
    #[test]
    fn a_day_goes_by_what_held_on_it() {
        let mut changes = [0; 7];
        for day in [-1, 0, 9, 20_000] {
            assert!(held(&changes, true, day) && !held(&changes, false, day));
        }
        for from in [10, 20, 30] {
            note(&mut changes, from, 40).unwrap();
        }
        assert_eq!(changes, [30, 20, 10, 0, 0, 0, 0]);
        for day in -5..50 {
            let expected = (10..20).contains(&day) || day >= 30;
            assert_eq!(held(&changes, true, day), expected, "{day}");
            assert_eq!(held(&changes, false, day), !expected, "{day}");
        }
    }

    #[test]
    fn what_is_changed_back_before_it_held_has_not_changed() {
        let mut changes = [0; 7];
        note(&mut changes, 10, 9).unwrap();
        note(&mut changes, 20, 19).unwrap();
        note(&mut changes, 20, 19).unwrap();
        assert_eq!(changes, [10, 0, 0, 0, 0, 0, 0]);
        note(&mut changes, 10, 10).unwrap();
        assert_eq!(changes, [0; 7]);
    }

    /// The oldest two are forgotten on the first day on which nothing of before the later of them can be claimed.
    #[test]
    fn nothing_is_forgotten_that_can_be_claimed() {
        let mut full = [0; 7];
        for from in [10, 20, 30, 40, 50, 60, 70] {
            note(&mut full, from, from).unwrap();
        }
        let mut changes = full;
        let early = note(&mut changes, 2_000, 20 + CLAIMABLE_DAYS - 1);
        assert_eq!(early, Err(ClaimsError::AgreementChangedTooOften.into()));
        assert_eq!(changes, full);
        note(&mut changes, 2_000, 20 + CLAIMABLE_DAYS).unwrap();
        assert_eq!(changes, [2_000, 70, 60, 50, 40, 30, 0]);
        for day in 20..2_000 {
            assert_eq!(held(&changes, true, day), held(&full, false, day), "{day}");
        }
        // Taking back needs no room.
        let mut changes = full;
        note(&mut changes, 70, 70).unwrap();
        assert_eq!(changes, [60, 50, 40, 30, 20, 10, 0]);
    }

    #[test]
    fn only_days_that_there_are() {
        for from in [-1, 65_536] {
            let refused = note(&mut [0; 7], from, 0);
            assert_eq!(refused, Err(ClaimsError::DateInvalid.into()));
        }
    }

    #[test]
    fn it_is_read_as_it_is_written() {
        let past = AgreementPast {
            network: [1, 2, 3, 4, 5, 6, 0x0708],
            force: [9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23],
        };
        let mut bytes = Vec::new();
        AnchorSerialize::serialize(&past, &mut bytes).unwrap();
        let fields: Vec<u8> = past
            .network
            .iter()
            .chain(&past.force)
            .flat_map(|day| day.to_le_bytes())
            .collect();
        assert_eq!(bytes, fields);
        assert_eq!(AgreementPast::try_from_slice(&bytes).unwrap(), past);
    }
}
