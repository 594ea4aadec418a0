//! The answer to a scan: may this pack be sold?

use crate::date::Date;

use super::dispense::Dispensed;
use super::recall::Recall;
use super::status::Status;

/// Who has something, and what has become of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Who has it in custody.
    pub custodian: [u8; 32],
    /// What has become of it.
    pub status: Status,
}

/// What is recorded at the four places that contain a pack: pack, case, pallet, batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path {
    /// Custody; the first that is recorded decides: a case that was detached goes its own way.
    pub holdings: [Option<Holding>; 4],
    /// Recalls; any of them counts.
    pub recalls: [Option<Recall>; 4],
}

impl Path {
    /// The custody that decides.
    #[must_use]
    pub fn holding(&self) -> Option<Holding> {
        self.holdings.iter().flatten().next().copied()
    }

    /// The gravest recall.
    #[must_use]
    pub fn recall(&self) -> Option<Recall> {
        self.recalls
            .iter()
            .flatten()
            .copied()
            .reduce(Recall::graver)
    }
}

/// What is known when a pack is scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// Whether the pack is proved to be in the batch.
    pub is_member: bool,
    /// Whether its serial number is in more than one batch.
    pub is_elsewhere: bool,
    /// What is recorded above it.
    pub path: Path,
    /// That it was dispensed; none where it was not.
    pub dispensed: Option<Dispensed>,
    /// The last day of use of the batch.
    pub expiry: Date,
    /// Today.
    pub today: Date,
    /// Who asks.
    pub asker: [u8; 32],
    /// Whether the batch's policy has its custody recorded.
    pub is_custody_recorded: bool,
}

/// The answer, the first that applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Not in the batch.
    Unknown,
    /// Recalled: not to be sold, whatever else holds.
    Recalled(Recall),
    /// Dispensed before, by whom and when.
    Dispensed(Dispensed),
    /// Expired.
    Expired,
    /// In two batches: one of them, or both, cannot be genuine.
    Suspect,
    /// Set aside, in transit, destroyed or the like.
    NotSellable(Status),
    /// In somebody else's custody.
    NotInCustody,
    /// Custody is not recorded, so a copied code would look the same: never called genuine.
    CannotTell,
    /// Genuine and sellable.
    Sellable,
}

/// Answers a scan.
#[must_use]
pub fn answer(facts: &Facts) -> Answer {
    if !facts.is_member {
        return Answer::Unknown;
    }
    if let Some(recall) = facts.path.recall() {
        return Answer::Recalled(recall);
    }
    if let Some(dispensed) = facts.dispensed {
        return Answer::Dispensed(dispensed);
    }
    if facts.today > facts.expiry {
        return Answer::Expired;
    }
    if facts.is_elsewhere {
        return Answer::Suspect;
    }
    match facts.path.holding() {
        Some(holding) if !holding.status.is_sellable() => Answer::NotSellable(holding.status),
        _ if !facts.is_custody_recorded => Answer::CannotTell,
        Some(holding) if holding.custodian == facts.asker => Answer::Sellable,
        Some(_) => Answer::NotInCustody,
        None => Answer::CannotTell,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::provenance::RecallClass;

    const PHARMACY: [u8; 32] = [1; 32];
    const OTHER: [u8; 32] = [2; 32];

    fn day(day: u8) -> Date {
        Date::from_ymd(2026, 3, day).unwrap()
    }

    fn held(custodian: [u8; 32], status: Status) -> Option<Holding> {
        Some(Holding { custodian, status })
    }

    fn facts() -> Facts {
        Facts {
            is_member: true,
            is_elsewhere: false,
            path: Path {
                holdings: [
                    None,
                    held(PHARMACY, Status::Received),
                    None,
                    held(OTHER, Status::Commissioned),
                ],
                recalls: [None; 4],
            },
            dispensed: None,
            expiry: day(15),
            today: day(15),
            asker: PHARMACY,
            is_custody_recorded: true,
        }
    }

    #[test]
    fn the_first_that_applies_is_the_answer() {
        // From the last on, each fact hides all answers after it.
        let mut facts = facts();
        assert_eq!(answer(&facts), Answer::Sellable);
        facts.asker = OTHER;
        assert_eq!(answer(&facts), Answer::NotInCustody);
        facts.is_custody_recorded = false;
        assert_eq!(answer(&facts), Answer::CannotTell);
        facts.path.holdings[1] = held(PHARMACY, Status::Quarantined);
        assert_eq!(answer(&facts), Answer::NotSellable(Status::Quarantined));
        facts.is_elsewhere = true;
        assert_eq!(answer(&facts), Answer::Suspect);
        facts.today = day(16);
        assert_eq!(answer(&facts), Answer::Expired);
        let dispensed = Dispensed {
            premises: OTHER,
            on: day(2),
            is_handed_out: true,
        };
        facts.dispensed = Some(dispensed);
        assert_eq!(answer(&facts), Answer::Dispensed(dispensed));
        let recall = |class| {
            Some(Recall {
                class,
                issuer: OTHER,
            })
        };
        facts.path.recalls = [
            None,
            recall(RecallClass::Three),
            None,
            recall(RecallClass::Two),
        ];
        assert_eq!(
            answer(&facts),
            Answer::Recalled(recall(RecallClass::Two).unwrap())
        );
        facts.is_member = false;
        assert_eq!(answer(&facts), Answer::Unknown);
    }

    #[test]
    fn the_deepest_holding_decides_and_every_recall_counts() {
        for detached in 0..4 {
            let mut facts = facts();
            facts.path.holdings = [None; 4];
            for above in detached..4 {
                facts.path.holdings[above] = held(OTHER, Status::Stolen);
            }
            facts.path.holdings[detached] = held(PHARMACY, Status::Received);
            assert_eq!(answer(&facts), Answer::Sellable, "{detached}");
            let recall = Recall {
                class: RecallClass::Unset,
                issuer: OTHER,
            };
            facts.path.recalls[detached] = Some(recall);
            assert_eq!(answer(&facts), Answer::Recalled(recall), "{detached}");
        }
    }

    #[test]
    fn without_custody_nothing_is_called_genuine() {
        let mut facts = facts();
        facts.path = Path::default();
        assert_eq!(answer(&facts), Answer::CannotTell);
        facts.is_custody_recorded = false;
        assert_eq!(answer(&facts), Answer::CannotTell);
        facts.path.holdings[3] = held(PHARMACY, Status::Received);
        assert_eq!(answer(&facts), Answer::CannotTell);
    }
}
