//! Doubts: what is set aside is set aside until it is released, whatever else becomes of it.

use super::answer::Holding;
use super::status::Status;

/// Those with whom something was, by the first eight bytes of their keys.
pub type Mark = [u8; 8];

/// Whoever it is with.
pub const ANYBODY: Mark = [u8::MAX; 8];

/// Nobody: a raising that never was.
const NOBODY: Mark = [0; 8];

/// What marks begin with that are of no key: [`ANYBODY`], and those of [`left_since`].
const OF_NO_KEY: [u8; 4] = [u8::MAX; 4];

/// The mark of a key.
#[must_use]
pub const fn mark(key: &[u8; 32]) -> Mark {
    match *key {
        // A key that begins like a mark of no key.
        [u8::MAX, u8::MAX, u8::MAX, u8::MAX, e, f, g, h, ..] => {
            [u8::MAX - 1, u8::MAX, u8::MAX, u8::MAX, e, f, g, h]
        }
        [a, b, c, d, e, f, g, h, ..] => [a, b, c, d, e, f, g, h],
    }
}

/// Whoever it is with, of what was recorded at a Unix second or later: what has left since.
fn left_since(second: i64) -> Mark {
    // All ones are whoever it is with, whenever that was recorded.
    let last = u32::MAX - 1;
    let [e, f, g, h] = u32::try_from(second.max(0))
        .unwrap_or(last)
        .min(last)
        .to_be_bytes();
    let [a, b, c, d] = OF_NO_KEY;
    [a, b, c, d, e, f, g, h]
}

/// The Unix second of a mark of [`left_since`]; none of another.
fn since(mark: Mark) -> Option<u32> {
    let [start @ .., e, f, g, h] = mark;
    (start == OF_NO_KEY && mark != ANYBODY).then(|| u32::from_be_bytes([e, f, g, h]))
}

/// One mark for two, where one stands for both.
fn merged(one: Mark, two: Mark) -> Option<Mark> {
    match (since(one), since(two)) {
        (Some(first), Some(second)) => Some(left_since(first.min(second).into())),
        _ => (one == two).then_some(one),
    }
}

/// With whom something was when a doubt about it was raised, and when that was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Raised {
    /// The mark of who had it; [`ANYBODY`] where that is not looked at; four bytes of 255 and a Unix second where it is about what was
    /// recorded since; zeros where there was no doubt.
    pub with: Mark,
    /// Unix second, up to 2106-02-07.
    pub at: u32,
}

impl Raised {
    /// Whether it was.
    #[must_use]
    pub fn is_any(&self) -> bool {
        self.with != NOBODY
    }

    /// Whether it is about what is recorded so, and came no earlier than that.
    fn reaches(&self, own: &Holding) -> bool {
        let is_about = match since(self.with) {
            Some(second) => own.at >= second.into(),
            None => self.with == ANYBODY || self.with == mark(&own.custodian),
        };
        self.is_any() && is_about && i64::from(self.at) >= own.at
    }
}

/// A doubt about what is at a place. It stays until it is released: also where the place's goods have gone on to somebody else, were
/// destroyed, stolen or taken out since.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// What the doubt is: quarantined, suspect or illegitimate.
    pub status: Status,
    /// With whom the goods were when it was raised: first, and again.
    pub raised: [Raised; 2],
}

impl Doubt {
    /// A doubt about what is with `custodian`.
    #[must_use]
    pub fn new(status: Status, custodian: &[u8; 32], at: i64) -> Self {
        let raised = [Raised::default(); 2];
        let mut doubt = Self { status, raised };
        doubt.raise(mark(custodian), at);
        doubt
    }

    /// Raises it, for the first time or again. Where it was raised with two others before, it is from now on a doubt about whatever has
    /// a record of its own, wherever that is: rather one too many than one too few.
    pub fn raise(&mut self, with: Mark, at: i64) {
        let [first, second] = &mut self.raised;
        // A second out of reach is later than any that can be told.
        let at = u32::try_from(at).unwrap_or(u32::MAX);
        let in_slot = |slot: &Raised| match slot.with {
            NOBODY => Some(with),
            one => merged(one, with),
        };
        let (slot, with) = match (in_slot(first), in_slot(second)) {
            (Some(with), _) => (first, with),
            (None, Some(with)) => (second, with),
            (None, None) => (second, ANYBODY),
        };
        slot.with = with;
        slot.at = slot.at.max(at);
    }

    /// Raises it about what was with them, and about what was recorded since a Unix second, with whomever: what was found now began then,
    /// and what has left meanwhile was there.
    pub fn raise_since(&mut self, with: Mark, second: i64, at: i64) {
        self.raise(with, at);
        self.raise(left_since(second), at);
    }

    /// Whether it was raised about what was with them, or with anybody.
    #[must_use]
    pub fn is_raised_with(&self, with: Mark) -> bool {
        self.raised
            .iter()
            .any(|raised| raised.with == with || raised.with == ANYBODY)
    }

    /// Whether it reaches what is recorded apart of the place: what one party had, recorded apart or not, was most often in one place. A
    /// doubt that came before its own record was known to whoever wrote that.
    #[must_use]
    pub fn reaches(&self, own: &Holding) -> bool {
        self.reached_at(own).is_some()
    }

    /// The last Unix second at which it was raised about what is recorded apart of the place; none where it does not reach that.
    #[must_use]
    pub fn reached_at(&self, own: &Holding) -> Option<i64> {
        if own.status.is_final() || own.status.is_set_aside() {
            return None;
        }
        self.raised
            .iter()
            .filter(|raised| raised.reaches(own))
            .map(|raised| i64::from(raised.at))
            .max()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: [u8; 32] = [1; 32];
    const TWO: [u8; 32] = [2; 32];
    const THREE: [u8; 32] = [3; 32];

    fn held(custodian: [u8; 32], at: i64) -> Holding {
        Holding {
            custodian,
            status: Status::Received,
            at,
        }
    }

    #[test]
    fn it_reaches_what_was_with_the_same_custodian_before_it() {
        let doubt = Doubt::new(Status::Quarantined, &ONE, 100);
        assert!(doubt.reaches(&held(ONE, 99)) && doubt.reaches(&held(ONE, 100)));
        assert!(!doubt.reaches(&held(ONE, 101)));
        assert!(!doubt.reaches(&held(TWO, 0)));
        for status in Status::ALL {
            let own = Holding {
                status,
                ..held(ONE, 50)
            };
            let is_open = !status.is_final() && !status.is_set_aside();
            assert_eq!(doubt.reaches(&own), is_open, "{status:?}");
        }
        // Nobody is nobody, and not whoever has a key of zeros.
        assert!(!doubt.reaches(&held([0; 32], -1)));
    }

    #[test]
    fn raised_again_it_reaches_more_and_never_less() {
        let mut doubt = Doubt::new(Status::Suspect, &ONE, 100);
        doubt.raise(mark(&ONE), 90);
        assert!(doubt.reaches(&held(ONE, 100)), "never earlier");
        doubt.raise(mark(&ONE), 110);
        assert!(doubt.reaches(&held(ONE, 110)) && !doubt.is_raised_with(mark(&TWO)));
        doubt.raise(mark(&TWO), 200);
        assert!(doubt.is_raised_with(mark(&ONE)) && doubt.is_raised_with(mark(&TWO)));
        assert_eq!(doubt.reached_at(&held(ONE, 90)), Some(110));
        assert!(doubt.reaches(&held(ONE, 110)) && !doubt.reaches(&held(ONE, 111)));
        assert!(doubt.reaches(&held(TWO, 200)) && !doubt.reaches(&held(THREE, 0)));
        doubt.raise(mark(&TWO), 210);
        assert!(doubt.reaches(&held(TWO, 210)));
        // With a third, wherever it is.
        doubt.raise(mark(&THREE), 300);
        assert!(doubt.reaches(&held(ONE, 110)));
        for custodian in [ONE, TWO, THREE, [4; 32]] {
            assert!(doubt.reaches(&held(custodian, 300)) && !doubt.reaches(&held(custodian, 301)));
        }
        doubt.raise(mark(&TWO), 400);
        assert!(doubt.reaches(&held([4; 32], 400)));
    }

    #[test]
    fn what_left_since_is_reached_wherever_it_is() {
        let mut doubt = Doubt::new(Status::Quarantined, &ONE, 50);
        doubt.raise_since(mark(&ONE), 100, 200);
        // With the same custodian, whenever; with others, what was recorded from then until now.
        assert!(doubt.reaches(&held(ONE, 0)) && doubt.reaches(&held(ONE, 200)));
        for custodian in [TWO, THREE] {
            assert!(!doubt.reaches(&held(custodian, 99)));
            assert!(doubt.reaches(&held(custodian, 100)) && doubt.reaches(&held(custodian, 200)));
            assert!(!doubt.reaches(&held(custodian, 201)));
        }
        assert!(doubt.is_raised_with(mark(&ONE)) && !doubt.is_raised_with(mark(&TWO)));
        // Found again, it is about what left since the first time.
        doubt.raise_since(mark(&ONE), 300, 400);
        assert!(doubt.reaches(&held(TWO, 100)) && doubt.reaches(&held(TWO, 400)));
        assert!(!doubt.reaches(&held(TWO, 99)));
        assert_eq!(doubt.reached_at(&held(ONE, 0)), Some(400));
        // With two others before, there is no room: it reaches everything that is apart.
        let mut doubt = Doubt::new(Status::Quarantined, &ONE, 50);
        doubt.raise(mark(&TWO), 60);
        doubt.raise_since(mark(&ONE), 100, 200);
        assert!(doubt.reaches(&held(THREE, 0)) && doubt.reaches(&held(TWO, 200)));
    }

    #[test]
    fn no_key_has_the_mark_of_what_is_no_key() {
        let mut key = [u8::MAX; 32];
        assert_eq!(since(mark(&key)), None);
        assert_ne!(mark(&key), ANYBODY);
        key[5] = 7;
        assert_eq!(since(mark(&key)), None);
        for second in [
            -1,
            0,
            1,
            i64::from(u32::MAX) - 1,
            i64::from(u32::MAX),
            i64::MAX,
        ] {
            let expected = second.clamp(0, i64::from(u32::MAX) - 1);
            assert_eq!(since(left_since(second)).map(i64::from), Some(expected));
        }
    }

    #[test]
    fn a_second_out_of_reach_is_the_last_that_can_be_told() {
        for at in [-1, i64::MIN, i64::MAX, 1 << 32] {
            let doubt = Doubt::new(Status::Quarantined, &ONE, at);
            assert!(doubt.reaches(&held(ONE, i64::from(u32::MAX))), "{at}");
        }
    }
}
