//! Dispensing, whole or in part, and undoing it.

use crate::date::Date;

use super::status::Status;

/// Days within which a dispense can be undone (Delegated Regulation (EU) 2016/161, article 13), counted as the Union counts days: that of
/// the dispense is not one of them, and the last one counts to its end (Regulation (EEC, Euratom) 1182/71, article 3). UTC.
pub const UNDO_DAYS: i32 = 10;

/// That a pack was dispensed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dispensed {
    /// The premises at which it was.
    pub premises: [u8; 32],
    /// When.
    pub on: Date,
    /// Whether it left the pharmacy with somebody.
    pub is_handed_out: bool,
}

/// What is known when a dispense is to be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Undo {
    /// The premises that ask.
    pub premises: [u8; 32],
    /// Today.
    pub today: Date,
    /// The last day of use of the batch.
    pub expiry: Date,
    /// Whether the pack is recalled or withdrawn.
    pub is_recalled: bool,
    /// What has become of the pack apart from the dispense: stolen, to be destroyed.
    pub status: Status,
}

/// Why a dispense is not undone: the six conditions of article 13.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UndoRefusal {
    /// Another pharmacy dispensed it.
    OtherPremises,
    /// More than ten days ago, or not yet.
    TooLate,
    /// It has expired.
    Expired,
    /// It is recalled or withdrawn.
    Recalled,
    /// It is stolen, or to be destroyed, or set aside.
    NotFit,
    /// It has been handed to the public.
    HandedOut,
}

/// Whether a dispense may be undone.
///
/// # Errors
/// The first condition that fails.
pub fn may_undo(dispensed: &Dispensed, undo: &Undo) -> Result<(), UndoRefusal> {
    let days = undo.today.days_since(dispensed.on);
    let is_fit = matches!(undo.status, Status::Dispensed | Status::PartiallyDispensed);
    for (holds, refusal) in [
        (
            dispensed.premises == undo.premises,
            UndoRefusal::OtherPremises,
        ),
        ((0..=UNDO_DAYS).contains(&days), UndoRefusal::TooLate),
        (undo.today <= undo.expiry, UndoRefusal::Expired),
        (!undo.is_recalled, UndoRefusal::Recalled),
        (is_fit, UndoRefusal::NotFit),
        (!dispensed.is_handed_out, UndoRefusal::HandedOut),
    ] {
        if !holds {
            return Err(refusal);
        }
    }
    Ok(())
}

/// What a fill leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// Base units left in the pack.
    pub left: u32,
    /// Whether the pack counts as dispensed now: it is empty, or opening it counts where law says so.
    pub is_dispensed: bool,
}

/// Why a fill is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FillRefusal {
    /// Of no units.
    Nothing,
    /// Of more than there are.
    TooMuch {
        /// What there is.
        left: u32,
    },
}

/// Takes units out of a pack that fills several prescriptions, tablets out of a bottle.
///
/// # Errors
/// [`FillRefusal`].
pub fn fill(left: u32, units: u32, opening_dispenses: bool) -> Result<Fill, FillRefusal> {
    if units == 0 {
        return Err(FillRefusal::Nothing);
    }
    let remaining = left
        .checked_sub(units)
        .ok_or(FillRefusal::TooMuch { left })?;
    Ok(Fill {
        left: remaining,
        is_dispensed: remaining == 0 || opening_dispenses,
    })
}

/// That units were taken out of a pack, and some are left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Base units left in it.
    pub left: u32,
}

/// What is left in a pack of `units` base units of which `taken` were; none where it is whole or empty.
#[must_use]
pub fn opened(units: u32, taken: u32) -> Option<Opened> {
    units
        .checked_sub(taken)
        .filter(|left| taken > 0 && *left > 0)
        .map(|left| Opened { left })
}

/// What a pack is after its last fill was undone, by the units that others have of it.
#[must_use]
pub const fn after_undone_fill(others: u32) -> Status {
    if others == 0 {
        Status::Received
    } else {
        Status::PartiallyDispensed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(day: u8) -> Date {
        Date::from_ymd(2026, 3, day).unwrap()
    }

    #[test]
    fn each_of_the_six_conditions_refuses_alone() {
        let dispensed = Dispensed {
            premises: [1; 32],
            on: day(5),
            is_handed_out: false,
        };
        let undo = Undo {
            premises: [1; 32],
            today: day(15),
            expiry: day(15),
            is_recalled: false,
            status: Status::Dispensed,
        };
        assert_eq!(may_undo(&dispensed, &undo), Ok(()));
        assert_eq!(
            may_undo(
                &dispensed,
                &Undo {
                    today: day(5),
                    ..undo
                }
            ),
            Ok(())
        );
        for (dispensed, undo, refusal) in [
            (
                dispensed,
                Undo {
                    premises: [2; 32],
                    ..undo
                },
                UndoRefusal::OtherPremises,
            ),
            (
                dispensed,
                Undo {
                    today: day(16),
                    expiry: day(31),
                    ..undo
                },
                UndoRefusal::TooLate,
            ),
            (
                dispensed,
                Undo {
                    today: day(4),
                    ..undo
                },
                UndoRefusal::TooLate,
            ),
            (
                dispensed,
                Undo {
                    expiry: day(14),
                    ..undo
                },
                UndoRefusal::Expired,
            ),
            (
                dispensed,
                Undo {
                    is_recalled: true,
                    ..undo
                },
                UndoRefusal::Recalled,
            ),
            (
                dispensed,
                Undo {
                    status: Status::Stolen,
                    ..undo
                },
                UndoRefusal::NotFit,
            ),
            (
                dispensed,
                Undo {
                    status: Status::Quarantined,
                    ..undo
                },
                UndoRefusal::NotFit,
            ),
            (
                Dispensed {
                    is_handed_out: true,
                    ..dispensed
                },
                undo,
                UndoRefusal::HandedOut,
            ),
        ] {
            assert_eq!(may_undo(&dispensed, &undo), Err(refusal));
        }
    }

    #[test]
    fn fills_take_units_until_none_is_left() {
        assert_eq!(
            fill(100, 30, false),
            Ok(Fill {
                left: 70,
                is_dispensed: false
            })
        );
        assert_eq!(
            fill(70, 70, false),
            Ok(Fill {
                left: 0,
                is_dispensed: true
            })
        );
        assert_eq!(
            fill(100, 30, true),
            Ok(Fill {
                left: 70,
                is_dispensed: true
            })
        );
        assert_eq!(fill(70, 71, false), Err(FillRefusal::TooMuch { left: 70 }));
        assert_eq!(fill(70, 0, false), Err(FillRefusal::Nothing));
    }

    #[test]
    fn a_pack_is_open_from_its_first_unit_to_its_last() {
        for (units, taken, left) in [
            (100, 0, None),
            (100, 1, Some(99)),
            (100, 99, Some(1)),
            (100, 100, None),
            (100, 101, None),
            (0, 0, None),
            (u32::MAX, 1, Some(u32::MAX - 1)),
        ] {
            let expected = left.map(|left| Opened { left });
            assert_eq!(opened(units, taken), expected, "{taken} of {units}");
        }
    }

    #[test]
    fn an_undone_fill_leaves_what_others_have() {
        assert_eq!(after_undone_fill(0), Status::Received);
        assert_eq!(after_undone_fill(1), Status::PartiallyDispensed);
    }
}
