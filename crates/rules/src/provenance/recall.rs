//! Recalls: who lifts them, and where recalled goods may go.

use core::cmp::Ordering;

/// How dangerous what is recalled is (21 CFR 7.3(m)), from the most on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecallClass {
    /// Serious harm or death is reasonably probable.
    One,
    /// Harm is temporary or reversible, or serious harm is remote.
    Two,
    /// Harm is not likely.
    Three,
    /// The regulator has not said yet: to be treated as the first.
    Unset,
}

/// How far down the chain a recall reaches (21 CFR 7.42(b)(1)), from the shortest on. It says who is to be told and from whom the
/// goods are taken back; the sale of what is recalled stops at every depth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecallDepth {
    /// To wholesalers.
    Wholesaler,
    /// To pharmacies and hospitals.
    Retailer,
    /// To patients: those who have it already are called.
    Consumer,
}

/// A recall of a batch, or of a part of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recall {
    /// How dangerous.
    pub class: RecallClass,
    /// How far down the chain.
    pub depth: RecallDepth,
    /// Who issued it.
    pub issuer: [u8; 32],
}

impl Recall {
    /// The graver of two recalls of the same pack: of the more dangerous class, of two alike the one that reaches further; the first
    /// where they are alike in that too.
    #[must_use]
    pub fn graver(self, other: Self) -> Self {
        let rank = |recall: Self| match recall.class {
            RecallClass::Unset => RecallClass::One,
            class => class,
        };
        match rank(self).cmp(&rank(other)) {
            Ordering::Less => self,
            Ordering::Equal if self.depth >= other.depth => self,
            Ordering::Equal | Ordering::Greater => other,
        }
    }
}

/// To whom recalled goods may be handed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Recipient {
    /// An organisation, by its key.
    Organization([u8; 32]),
    /// A licensed reverse distributor.
    ReverseDistributor,
    /// Destruction.
    Destruction,
    /// A patient.
    Patient,
}

/// Whether somebody may lift a recall: only who issued it. A regulator's is lifted by the regulator only, since it is
/// the issuer.
#[must_use]
pub fn may_lift(recall: &Recall, by: &[u8; 32]) -> bool {
    recall.issuer == *by
}

/// Whether recalled goods may go there: to the issuer, to a reverse distributor, or into destruction.
#[must_use]
pub fn may_move(recall: &Recall, to: Recipient) -> bool {
    match to {
        Recipient::Organization(organization) => recall.issuer == organization,
        Recipient::ReverseDistributor | Recipient::Destruction => true,
        Recipient::Patient => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: [u8; 32] = [1; 32];
    const OTHER: [u8; 32] = [2; 32];

    fn recall(class: RecallClass) -> Recall {
        Recall {
            class,
            depth: RecallDepth::Retailer,
            issuer: ISSUER,
        }
    }

    #[test]
    fn the_graver_recall_counts_and_an_unset_one_is_grave() {
        use RecallClass::*;
        for (one, two, graver) in [
            (One, Two, One),
            (Three, Two, Two),
            (Unset, Three, Unset),
            (Two, Unset, Unset),
            (One, Unset, One),
            (Unset, One, Unset),
        ] {
            assert_eq!(
                recall(one).graver(recall(two)).class,
                graver,
                "{one:?} {two:?}"
            );
        }
    }

    #[test]
    fn of_two_alike_the_one_that_reaches_further_counts() {
        use RecallDepth::*;
        for (class, other) in [
            (RecallClass::Two, RecallClass::Two),
            (RecallClass::One, RecallClass::Unset),
        ] {
            for (one, two, further) in [
                (Retailer, Consumer, Consumer),
                (Retailer, Wholesaler, Retailer),
                (Wholesaler, Wholesaler, Wholesaler),
            ] {
                let of = |class, depth| Recall {
                    depth,
                    ..recall(class)
                };
                let counts = of(class, one).graver(of(other, two));
                assert_eq!(counts.depth, further, "{one:?} {two:?}");
            }
        }
        // The class comes first.
        let deep = Recall {
            depth: Consumer,
            ..recall(RecallClass::Three)
        };
        assert_eq!(
            deep.graver(recall(RecallClass::Two)),
            recall(RecallClass::Two)
        );
    }

    #[test]
    fn recalled_goods_go_back_or_away() {
        let recall = recall(RecallClass::Two);
        for (to, allowed) in [
            (Recipient::Organization(ISSUER), true),
            (Recipient::Organization(OTHER), false),
            (Recipient::ReverseDistributor, true),
            (Recipient::Destruction, true),
            (Recipient::Patient, false),
        ] {
            assert_eq!(may_move(&recall, to), allowed, "{to:?}");
        }
        assert!(may_lift(&recall, &ISSUER) && !may_lift(&recall, &OTHER));
    }
}
