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

impl RecallClass {
    /// How grave, from the most on: what the regulator has not said yet counts as the first class.
    const fn rank(self) -> u8 {
        match self {
            Self::One | Self::Unset => 1,
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// Whether it is less grave than another.
    #[must_use]
    pub const fn is_less_than(self, other: Self) -> bool {
        self.rank() > other.rank()
    }
}

/// Whose recall it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RecallBy {
    /// The manufacturer's: its class is what it fears, until a regulator says.
    Manufacturer,
    /// A regulator's.
    Regulator,
}

/// What becomes of a recall in force of which its issuer says more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Restated {
    /// It is the same: who has acknowledged it has done so, and who is late stays late.
    Same,
    /// It is another one, which takes in the one before: holders acknowledge it anew.
    Wider,
}

impl Recall {
    /// What becomes of this recall, in force, where its issuer says `after`; none where that would lessen it, or hide it behind another:
    /// it is to be lifted first. The class of a notice is the regulator's to set; a manufacturer only makes its own graver, else it would
    /// decide whether its bond pays.
    #[must_use]
    pub fn restated(self, after: Self, is_same_notice: bool, by: RecallBy) -> Option<Restated> {
        let is_less = after.class.is_less_than(self.class);
        if is_same_notice && after.depth == self.depth {
            return (by == RecallBy::Regulator || !is_less).then_some(Restated::Same);
        }
        let is_more = self.class.is_less_than(after.class) || after.depth > self.depth;
        (is_more && !is_less && after.depth >= self.depth).then_some(Restated::Wider)
    }

    /// The graver of two recalls of the same pack: of the more dangerous class, of two alike the one that reaches further; the first
    /// where they are alike in that too.
    #[must_use]
    pub fn graver(self, other: Self) -> Self {
        match self.class.rank().cmp(&other.class.rank()) {
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

/// Seconds between a recall and the first recoupment by it: 72 hours, as other takings wait. What is recouped does not come back, and a
/// recall by mistake is lifted meanwhile.
pub const RECOUPMENT_WAIT_SECONDS: i64 = 72 * 60 * 60;

/// Why nothing is recouped yet, or at all, of what was paid for a pack.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotRecoupable {
    /// It is not recalled.
    NotRecalled,
    /// Its recalls are of class III.
    NotGrave,
    /// From this Unix second on.
    Before(i64),
}

/// Whether what was paid for a pack is recouped at `now`: by each recall in force, told by its class and the Unix second of its issue,
/// that is not of class III, from [`RECOUPMENT_WAIT_SECONDS`] after its issue on. A class that is not set yet counts as the first.
///
/// # Errors
/// Why not.
pub fn recoupable(
    recalls: impl IntoIterator<Item = (RecallClass, i64)>,
    now: i64,
) -> Result<(), NotRecoupable> {
    let mut refusal = NotRecoupable::NotRecalled;
    for (class, issued_at) in recalls {
        if class == RecallClass::Three {
            if refusal == NotRecoupable::NotRecalled {
                refusal = NotRecoupable::NotGrave;
            }
            continue;
        }
        let from = issued_at.saturating_add(RECOUPMENT_WAIT_SECONDS);
        if now >= from {
            return Ok(());
        }
        refusal = NotRecoupable::Before(match refusal {
            NotRecoupable::Before(earlier) => earlier.min(from),
            NotRecoupable::NotRecalled | NotRecoupable::NotGrave => from,
        });
    }
    Err(refusal)
}

/// Whether somebody may lift a recall: only who issued it. A regulator's is lifted by the regulator only, since it is
/// the issuer.
#[must_use]
pub fn may_lift(recall: &Recall, by: &[u8; 32]) -> bool {
    recall.issuer == *by
}

/// Whether goods under these recalls may go there: to an issuer of one, to the manufacturer, who takes them back whoever has recalled
/// them, to a reverse distributor, or into destruction. Anywhere where there is no recall.
#[must_use]
pub fn may_move(recalls: &[Recall], manufacturer: &[u8; 32], to: Recipient) -> bool {
    recalls.is_empty()
        || match to {
            Recipient::Organization(organization) => {
                organization == *manufacturer
                    || recalls.iter().any(|recall| recall.issuer == organization)
            }
            Recipient::ReverseDistributor | Recipient::Destruction => true,
            Recipient::Patient => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: [u8; 32] = [1; 32];
    const OTHER: [u8; 32] = [2; 32];
    const MAKER: [u8; 32] = [3; 32];

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
        let second = Recall {
            issuer: [4; 32],
            ..recall
        };
        for (to, under_one, under_two) in [
            (Recipient::Organization(ISSUER), true, true),
            (Recipient::Organization([4; 32]), false, true),
            (Recipient::Organization(MAKER), true, true),
            (Recipient::Organization(OTHER), false, false),
            (Recipient::ReverseDistributor, true, true),
            (Recipient::Destruction, true, true),
            (Recipient::Patient, false, false),
        ] {
            assert_eq!(may_move(&[recall], &MAKER, to), under_one, "{to:?}");
            assert_eq!(may_move(&[recall, second], &MAKER, to), under_two, "{to:?}");
            assert!(may_move(&[], &MAKER, to));
        }
        assert!(may_lift(&recall, &ISSUER) && !may_lift(&recall, &OTHER));
    }

    #[test]
    fn a_recall_in_force_is_never_lessened_by_the_next() {
        use RecallBy::*;
        const CLASSES: [RecallClass; 4] = [
            RecallClass::One,
            RecallClass::Two,
            RecallClass::Three,
            RecallClass::Unset,
        ];
        const DEPTHS: [RecallDepth; 3] = [
            RecallDepth::Wholesaler,
            RecallDepth::Retailer,
            RecallDepth::Consumer,
        ];
        let mut wider = 0;
        for (before, was) in CLASSES
            .into_iter()
            .flat_map(|class| DEPTHS.map(|depth| (class, depth)))
        {
            for (after, is) in CLASSES
                .into_iter()
                .flat_map(|class| DEPTHS.map(|depth| (class, depth)))
            {
                for is_same_notice in [true, false] {
                    let of = |class, depth| Recall {
                        depth,
                        ..recall(class)
                    };
                    let restated = |by| of(before, was).restated(of(after, is), is_same_notice, by);
                    let is_less = after.is_less_than(before);
                    if is_same_notice && was == is {
                        assert_eq!(restated(Regulator), Some(Restated::Same));
                        assert_eq!(
                            restated(Manufacturer).is_some(),
                            !is_less,
                            "{before:?} {after:?}"
                        );
                        continue;
                    }
                    assert_eq!(restated(Regulator), restated(Manufacturer));
                    let is_wider = restated(Regulator).is_some();
                    // What takes its place counts before it, and reaches as far.
                    let counts = of(before, was).graver(of(after, is));
                    assert!(!is_wider || (counts == of(after, is) && is >= was && !is_less));
                    assert!(is_wider || is < was || is_less || counts == of(before, was));
                    wider += u32::from(is_wider);
                }
            }
        }
        assert!(wider > 0);
        // As the manufacturer fears, until a regulator has said.
        assert!(RecallClass::Two.is_less_than(RecallClass::Unset));
        assert!(!RecallClass::Unset.is_less_than(RecallClass::One));
    }

    #[test]
    fn a_recoupment_waits_for_the_first_grave_recall_that_is_old_enough() {
        use NotRecoupable::*;
        use RecallClass::*;
        const AT: i64 = 1_700_000_000;
        const DUE: i64 = AT + RECOUPMENT_WAIT_SECONDS;
        for (recalls, now, expected) in [
            (&[][..], DUE, Err(NotRecalled)),
            (&[(Three, AT)], i64::MAX, Err(NotGrave)),
            (&[(Two, AT)], AT, Err(Before(DUE))),
            (&[(Two, AT)], DUE - 1, Err(Before(DUE))),
            (&[(Two, AT)], DUE, Ok(())),
            (&[(Unset, AT)], DUE, Ok(())),
            (&[(Three, AT), (One, AT + 9)], DUE, Err(Before(DUE + 9))),
            (&[(One, AT + 9), (Three, AT)], DUE, Err(Before(DUE + 9))),
            // The graver one of today does not put off the one before.
            (&[(Two, AT), (One, DUE)], DUE, Ok(())),
            (&[(One, DUE), (Two, AT)], DUE, Ok(())),
            (&[(One, AT + 9), (Two, AT)], DUE - 1, Err(Before(DUE))),
            (&[(Two, AT), (One, AT + 9)], DUE - 1, Err(Before(DUE))),
            (&[(One, i64::MAX)], i64::MAX - 1, Err(Before(i64::MAX))),
        ] {
            let found = recoupable(recalls.iter().copied(), now);
            assert_eq!(found, expected, "{recalls:?} {now}");
        }
    }
}
