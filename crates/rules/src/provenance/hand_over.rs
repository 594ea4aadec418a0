//! Hand-overs: what is a return, whatever its sender calls it, and where what was taken back may go.

/// As what one side of a hand-over acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Makes, buys, keeps or sells.
    Trader,
    /// Gives to patients: a pharmacy, a hospital.
    Dispenser,
    /// Takes back what cannot be sold any more (21 CFR 1300.01, DSCSA 581(18)).
    ReverseDistributor,
}

impl Side {
    /// Every side.
    pub const ALL: [Self; 3] = [Self::Trader, Self::Dispenser, Self::ReverseDistributor];
}

/// Whether a hand-over goes back up the trade: it is a return, to be verified before it is sold again (FDCA 582(c)(4)(D)), whatever the
/// sender says. Between traders, and from one dispenser to another, the sender says.
#[must_use]
pub const fn is_return(from: Side, to: Side) -> bool {
    match (from, to) {
        (_, Side::Dispenser) | (Side::Trader, Side::Trader) => false,
        (_, Side::ReverseDistributor)
        | (Side::Dispenser | Side::ReverseDistributor, Side::Trader) => true,
    }
}

/// Whether goods may be sent there: a reverse distributor sends only to another one, or back (`is_back`: to who made or recalled them).
/// What was sent away as unsaleable does not come back as a sale.
#[must_use]
pub const fn may_send(from: Side, to: Side, is_back: bool) -> bool {
    match (from, to) {
        (Side::ReverseDistributor, Side::Trader | Side::Dispenser) => is_back,
        (Side::Trader | Side::Dispenser, _) | (_, Side::ReverseDistributor) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Side::*;

    #[test]
    fn what_goes_back_up_the_trade_is_a_return() {
        for (from, to, expected) in [
            (Trader, Trader, false),
            (Trader, Dispenser, false),
            (Trader, ReverseDistributor, true),
            (Dispenser, Trader, true),
            (Dispenser, Dispenser, false),
            (Dispenser, ReverseDistributor, true),
            (ReverseDistributor, Trader, true),
            (ReverseDistributor, Dispenser, false),
            (ReverseDistributor, ReverseDistributor, true),
        ] {
            assert_eq!(is_return(from, to), expected, "{from:?} {to:?}");
        }
    }

    #[test]
    fn what_was_taken_back_is_sold_to_nobody() {
        for from in Side::ALL {
            for to in Side::ALL {
                assert!(may_send(from, to, true), "{from:?} {to:?}");
                let is_resale = from == ReverseDistributor && to != ReverseDistributor;
                assert_eq!(may_send(from, to, false), !is_resale, "{from:?} {to:?}");
            }
        }
    }
}
