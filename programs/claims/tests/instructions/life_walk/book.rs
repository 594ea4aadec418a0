//! The walk's own book about its claims: which stands in whose place, what has been waived of it, how long its clock stood and
//! what interest that comes to.

use std::collections::BTreeSet;

use galen_rules::prompt_pay::{self, AnnualRate};
use galen_rules::{Cents, Date};

use super::*;

/// What the walk knows of a claim.
pub struct Filed {
    pub provider: usize,
    pub person: usize,
    /// The claim in whose place an adjudication has put it.
    pub in_place_of: Option<u8>,
    /// What appeals have waived of it, as bits.
    pub waived: u16,
    /// Lines that a reviewer has found unnecessary, and those that the documents do not support, as bits.
    pub findings: [u16; 2],
    /// Lines that a person has denied with the whole of it, as bits.
    pub denied: u16,
    /// What is attached to it: by line, or of the claim, and key.
    pub attached: BTreeSet<(u8, [u8; 8])>,
    /// The day of the notice by which it says that its lateness is excused.
    pub notice: Option<i32>,
    /// Whether its lines stand in the member's history.
    pub entered: bool,
    /// The answer before care whose price it cites.
    pub cites: Option<u8>,
    /// Its clock; none before it was received.
    clock: Option<Clock>,
}

/// When a claim is late. Days.
#[derive(Clone, Copy)]
struct Clock {
    /// The day from which it is counted.
    from: i32,
    /// For how long it stood.
    stopped: i32,
    /// The interest that was worked out when it was paid, in cents.
    interest: Option<u64>,
}

impl Filed {
    pub fn new(provider: usize, person: usize) -> Self {
        Self {
            provider,
            person,
            in_place_of: None,
            waived: 0,
            findings: [0; 2],
            denied: 0,
            attached: BTreeSet::new(),
            notice: None,
            entered: false,
            cites: None,
            clock: None,
        }
    }
}

impl Walk {
    /// Takes down what a transaction has changed, and holds it against the ledger.
    pub fn keep_books(&mut self, before: &Before) {
        let today = self.today();
        for n in 1..=u8::try_from(self.claims.len()).unwrap() {
            let place = usize::from(n) - 1;
            let was = before.claim(n);
            let Some(is) = self.claims[place].clone() else {
                continue;
            };
            if was == Some(&*is) || is.received_at == 0 {
                continue;
            }
            let entered = self.check_history(n, was, &is);
            self.filed[place].entered = entered.live > 0;
            // What the rulebook has denied has had its turn.
            if is.status == ClaimStatus::Denied && is.turn == 0 {
                if let Some(was) = was.filter(|was| was.status == ClaimStatus::Pended) {
                    let lines = (0..).zip(&was.lines);
                    let open = lines.filter(|(_, line)| !line.is_denied());
                    // Those for which there is no room in the history are not held against what is filed again.
                    let noted = open.take(entered.denied);
                    self.filed[place].denied = noted.fold(0, |bits, (index, _)| bits | 1 << index);
                    let all = was.lines.iter().filter(|line| !line.is_denied()).count();
                    assert!(entered.denied == all || entered.room == 0, "claim {n}");
                }
            }
            let mut clock = match self.filed[place].clock {
                Some(clock) => clock,
                None => self.begin(n, &is, before),
            };
            self.stop(n, was, &is, &mut clock);
            if is.status == ClaimStatus::Paid && clock.interest.is_none() {
                clock.interest = Some(self.interest(&is, &clock));
            }
            assert_eq!(is.course.interest, clock.interest.unwrap_or(0));
            let due = clock.from + i32::from(self.start.clocks.prompt_pay_days) + clock.stopped;
            if is.course.interest_after != 0 {
                assert_eq!(is.course.interest_after, due, "claim {n} on day {today}");
            }
            self.filed[place].clock = Some(clock);
        }
    }

    /// The clock of a claim that has just been received, or put in another's place.
    fn begin(&self, n: u8, is: &Claim, before: &Before) -> Clock {
        let today = self.today();
        let fresh = Clock {
            from: today,
            stopped: 0,
            interest: None,
        };
        let Some(original) = self.filed(n).in_place_of else {
            assert_eq!(is.received_at, self.world.now());
            return fresh;
        };
        let original_was = before.claim(original).unwrap();
        assert_eq!(is.received_at, original_was.received_at);
        // An award that was never paid in whole is late from the day on which it was.
        if original_was.totals.paid == 0 || original_was.paid_at != 0 {
            return fresh;
        }
        let taken_over = self.filed(original).clock.unwrap();
        let since = original_was.course.awaiting_since;
        Clock {
            stopped: taken_over.stopped + if since == 0 { 0 } else { today - since },
            ..taken_over
        }
    }

    /// Notes for how long a clock stood that runs again, and looks whether there was a reason to stop it.
    fn stop(&self, n: u8, was: Option<&Claim>, is: &Claim, clock: &mut Clock) {
        let today = self.today();
        let since = was.map_or(0, |was| was.course.awaiting_since);
        if is.course.awaiting_since == since {
            return;
        }
        if since != 0 {
            clock.stopped += today - since;
        }
        if is.course.awaiting_since != 0 {
            assert_eq!(is.course.awaiting_since, today);
            let asked = is.status == ClaimStatus::Pended;
            let refused = is.status == ClaimStatus::Payable && self.frozen[self.filed(n).provider];
            assert!(asked || refused, "claim {n} stopped its clock");
        }
        assert_eq!(i32::from(is.course.stopped_days), clock.stopped);
    }

    /// The interest on an award that is paid today, in cents.
    fn interest(&self, claim: &Claim, clock: &Clock) -> u64 {
        let clocks = &self.start.clocks;
        let date = |days| Date::from_days(days).unwrap();
        let due = prompt_pay::due(
            date(clock.from),
            clocks.prompt_pay_days.into(),
            u32::try_from(clock.stopped).unwrap(),
        );
        let rate = AnnualRate::new(clocks.interest_rate).unwrap();
        let net = Cents::new(claim.due());
        prompt_pay::interest(net, rate, due.unwrap(), date(self.today()))
            .unwrap()
            .get()
    }
}
