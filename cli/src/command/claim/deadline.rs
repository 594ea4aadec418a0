//! The days by which a claim is to be decided and paid, and what its lateness has cost so far: as the program and the rulebook have
//! them, nothing of it is worked out here.

use claims::state::{Claim, ClaimStatus, PlanClocks};
use galen_documents::{Day, Money};
use galen_rules::{prompt_pay, Cents, Date};
use serde::Serialize;

use crate::chain::people::day;
use crate::error::{CliError, Result};
use crate::send::foreseen_by_claims;

/// How a claim stands to its clocks. Days on which they stand are not counted, the present ones neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Deadlines {
    /// The last day on which payment carries no interest; null where the plan has no such clock, or nothing is to be paid any more.
    pub pay_by: Option<Day>,
    /// Days since then; 0 = it is not late.
    pub days_past_pay_by: u32,
    /// The last day on which it is decided in time; null where the plan has no such clock, or it is decided.
    pub decide_by: Option<Day>,
    /// Days since then; 0 = it is not late.
    pub days_past_decide_by: u32,
    /// Interest, were it paid today; null where nothing is awarded yet, so that nobody knows on what.
    pub interest_so_far: Option<Money>,
    /// Since when its clocks stand: information is awaited, or the provider's account takes no money; null while they run.
    pub clocks_stand_since: Option<Day>,
}

impl Deadlines {
    /// How a claim stands on the day `today`; none where it waits for nothing.
    ///
    /// # Errors
    /// `wrong_account`, and the program's where a sum leaves the range.
    pub fn of(claim: &Claim, clocks: &PlanClocks, today: Date) -> Result<Option<Self>> {
        let is_decided = claim.status == ClaimStatus::Payable;
        if !is_decided && claim.status != ClaimStatus::Pended {
            return Ok(None);
        }
        // As the program lets them run again, were it today.
        let mut course = claim.course;
        course
            .resume_clocks(today.days())
            .map_err(|error| foreseen_by_claims(&error))?;
        let has_clock = clocks.prompt_pay_days != 0 || course.interest_rate != 0;
        let pay_by = (has_clock && course.interest_after != 0)
            .then(|| day(course.interest_after))
            .transpose()?;
        let received = Date::from_unix(claim.received_at).ok_or_else(|| {
            let message = format!(
                "The claim was received at {}, which is in no calendar.",
                claim.received_at
            );
            CliError::new("wrong_account", message)
        })?;
        let decide_by = (!is_decided && clocks.decision_days != 0)
            .then(|| {
                prompt_pay::due(
                    received,
                    clocks.decision_days.into(),
                    course.stopped_days.into(),
                )
            })
            .flatten()
            .map(Day);
        let interest = course
            .interest_on(claim.due(), today)
            .map_err(|error| foreseen_by_claims(&error))?;
        Ok(Some(Self {
            pay_by,
            days_past_pay_by: days_past(pay_by, today),
            decide_by,
            days_past_decide_by: days_past(decide_by, today),
            interest_so_far: is_decided.then_some(Money(Cents::new(interest))),
            clocks_stand_since: Some(claim.course.awaiting_since)
                .filter(|since| *since != 0)
                .map(day)
                .transpose()?,
        }))
    }

    /// Whether a day is past.
    pub fn is_late(&self) -> bool {
        self.days_late() > 0
    }

    /// Days since the one that passed first.
    pub fn days_late(&self) -> u32 {
        self.days_past_pay_by.max(self.days_past_decide_by)
    }
}

fn days_past(last: Option<Day>, today: Date) -> u32 {
    last.and_then(|last| u32::try_from(today.days_since(last.0)).ok())
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use claims::state::{Opening, PendReason};
    use solana_pubkey::Pubkey;

    use super::*;

    const CLOCKS: PlanClocks = PlanClocks {
        prompt_pay_days: 30,
        interest_rate: 10_000,
        decision_days: 20,
        appeal_levels: 0,
        appeal_days: 0,
        appeal_decision_days: 0,
        archive_days: 0,
    };
    const RECEIVED: i32 = 20_000;

    fn date(days: i32) -> Date {
        Date::from_days(days).expect("a day")
    }

    /// A claim that was received on day 20,000 and waits.
    fn pended() -> Claim {
        let key = |byte| Pubkey::new_from_array([byte; 32]);
        let opening = Opening {
            bump: 255,
            pool: key(1),
            provider: key(2),
            claim_id: [3; 16],
            document: [4; 32],
            opener: key(5),
            service_date: RECEIVED,
            line_count: 1,
        };
        let mut claim = Claim::open(opening).expect("opened");
        claim.received_at = i64::from(RECEIVED) * 86_400;
        claim
            .course
            .start_clock(&CLOCKS, date(RECEIVED))
            .expect("started");
        claim.pend(PendReason::ClaimLimit);
        claim
    }

    fn of(claim: &Claim, today: i32) -> Deadlines {
        let deadlines = Deadlines::of(claim, &CLOCKS, date(today)).expect("computed");
        deadlines.expect("it waits")
    }

    #[test]
    fn a_decision_is_late_the_day_after_its_last_day_just_as_the_program_says() {
        for stopped in [0, 7] {
            let mut claim = pended();
            claim.course.stopped_days = stopped;
            for today in RECEIVED..RECEIVED + 60 {
                let is_overdue = CLOCKS.is_overdue(RECEIVED, stopped, today);
                assert_eq!(
                    of(&claim, today).days_past_decide_by > 0,
                    is_overdue,
                    "{today}"
                );
            }
        }
        let late = of(&pended(), RECEIVED + 23);
        assert_eq!((late.days_past_decide_by, late.days_late()), (3, 3));
        // Nothing is awarded: nobody knows yet what interest is on.
        assert_eq!(late.interest_so_far, None);
        assert_eq!(
            (late.pay_by, late.days_past_pay_by),
            (Some(Day(date(RECEIVED + 30))), 0)
        );
    }

    #[test]
    fn interest_is_the_rulebooks() {
        let mut claim = pended();
        claim.status = ClaimStatus::Payable;
        claim.totals.paid = 365_000;
        let at = |today| of(&claim, today);
        assert_eq!(at(RECEIVED + 30).interest_so_far, Some(Money(Cents::ZERO)));
        assert!(!at(RECEIVED + 30).is_late());
        let late = at(RECEIVED + 33);
        assert_eq!(late.interest_so_far, Some(Money(Cents::new(300))));
        assert_eq!((late.days_past_pay_by, late.decide_by), (3, None));
    }

    #[test]
    fn nothing_is_late_while_the_clocks_stand() {
        let mut claim = pended();
        claim.course.awaiting_since = RECEIVED + 10;
        let standing = of(&claim, RECEIVED + 100);
        assert!(!standing.is_late(), "{standing:?}");
        assert_eq!(standing.clocks_stand_since, Some(Day(date(RECEIVED + 10))));
        // Days that had passed before count.
        claim.course.awaiting_since = RECEIVED + 22;
        assert_eq!(of(&claim, RECEIVED + 100).days_past_decide_by, 2);
    }

    #[test]
    fn what_waits_for_nothing_has_no_deadline() {
        let mut claim = pended();
        for status in [
            ClaimStatus::Draft,
            ClaimStatus::Paid,
            ClaimStatus::NothingDue,
            ClaimStatus::Denied,
            ClaimStatus::Reversed,
            ClaimStatus::AwaitsDispense,
        ] {
            claim.status = status;
            let deadlines = Deadlines::of(&claim, &CLOCKS, date(RECEIVED + 100));
            assert_eq!(deadlines.expect("computed"), None, "{status:?}");
        }
        claim.status = ClaimStatus::Pended;
        let none = PlanClocks::default();
        claim.course.interest_rate = 0;
        let deadlines = Deadlines::of(&claim, &none, date(RECEIVED + 100)).expect("computed");
        assert!(!deadlines.expect("it waits").is_late());
    }
}
