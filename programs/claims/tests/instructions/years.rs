//! Benefit periods that are kept: a claim that waits is decided, appealed and adjudicated anew years later (decision 32).

use claims::instructions::Decision;

use crate::common::*;
use crate::reverse_claim::{on_day, reverse};

/// Days from a service of 2026 to the same of the next year and the one after.
const ON: i32 = 365;
/// What a claim of 200.00 pays in each year: less the deductible of 100.00, 80% of the rest.
const YEARLY: u64 = 8_000;
/// What the claim of 300.00 that waits comes to.
const WAITING: u64 = 16_000;

/// Whether the member has a family, and what it is adjudicated with.
#[derive(Clone, Copy, Debug)]
enum Household {
    Single,
    Family,
}

/// An insurer whose agreement lets pass what a year's claim pays and not the one that waits; its staff and the provider's clerk
/// are hired anew each year.
struct Years {
    world: World,
    fixture: ClaimsFixture,
    household: Household,
}

impl Years {
    fn begin(household: Household) -> Self {
        let mut world = empty();
        let plan = PlanTerms {
            deductible: Limits {
                individual: Some(10_000),
                family: Some(10_000),
            },
            ..terms()
        };
        let agreement = AgreementTerms {
            limit_per_claim: YEARLY,
            ..unlimited()
        };
        let entries = (0..100).map(benefit).collect();
        let fixture = ClaimsFixture::with(&mut world, plan, entries, agreement);
        let staff = fixture.staff.key();
        let mut steps = vec![fixture.end_coverage(&world, YEAR_ENDS + 10 * ON)];
        if let Household::Family = household {
            steps.extend([fixture.create_family(), fixture.join_family()]);
        }
        for step in steps {
            world.send(&[step], &[&staff]).assert_ok();
        }
        Self {
            world,
            fixture,
            household,
        }
    }

    /// So many years after the beginning.
    fn turn_to(&mut self, years: i32) {
        let now = i64::from(TODAY + years * ON) * DAY;
        self.world.set_time(now);
        let fixture = &mut self.fixture;
        let name = |who: &str| format!("{who} of year {years}");
        fixture.staff = fixture
            .insurer
            .operator(&mut self.world, &name("staff"), &Permission::ALL);
        fixture.clerk =
            fixture
                .provider
                .operator(&mut self.world, &name("clerk"), &[Permission::SubmitClaim]);
    }

    fn in_household(&self, instruction: Instruction) -> Instruction {
        match self.household {
            Household::Single => instruction,
            Household::Family => self.fixture.in_family(instruction),
        }
    }

    /// Submits claim `n` of a service so many years and days after those of the fixture.
    fn submit(&mut self, n: u8, years: i32, day: u8, charge: u64) -> Claim {
        let fixture = &self.fixture;
        let mut args = fixture.submit_args(n, &[on_day(day, charge)]);
        args.service_date = SERVICE_DATE + years * ON;
        let submit = claims_instruction(fixture.submit_accounts(n), data::SubmitClaim { args });
        let signers = [&fixture.clerk.key(), &fixture.member_key()];
        let submit = self.in_household(submit);
        self.world.send(&[submit], &signers).assert_ok();
        self.fixture.read_claim(&self.world, n)
    }

    fn by_staff(&mut self, instruction: Instruction) -> Outcome {
        let instruction = self.in_household(instruction);
        self.world
            .send(&[instruction], &[&self.fixture.staff.key()])
    }

    /// What the member and, where it has one, its family have used up of the deductible: the years in order.
    fn deductibles(&self) -> Vec<(u32, u64)> {
        let member = self.fixture.read_member(&self.world);
        let mut kept: Vec<(u32, u64)> = member
            .periods
            .iter()
            .map(|period| (period.year, period.in_network.deductible_individual))
            .collect();
        kept.sort_unstable();
        if let Household::Family = self.household {
            let family = self.fixture.read_family(&self.world);
            let mut together: Vec<(u32, u64)> = family
                .periods
                .iter()
                .map(|period| (period.year, period.in_network.deductible))
                .collect();
            together.sort_unstable();
            assert_eq!(together, kept);
        }
        kept
    }

    fn lifetime(&self) -> u64 {
        self.fixture.read_member(&self.world).lifetime.used
    }
}

/// A claim of 2026 waits while claims of the next three years are paid. It is approved, an appeal against that is overturned, and
/// the claim in its place is adjudicated once more, each by the deductible of 2026.
#[test]
fn a_claim_waits_for_three_years() {
    for household in [Household::Single, Household::Family] {
        let mut years = Years::begin(household);
        let waiting = years.submit(1, 0, 0, 30_000);
        assert_eq!(
            (waiting.status, waiting.pend_reason),
            (ClaimStatus::Pended, PendReason::ClaimLimit)
        );
        assert_eq!(years.deductibles(), [(0, 0); 4]);
        for (n, later) in [(2, 1), (3, 2), (4, 3)] {
            years.turn_to(later);
            let claim = years.submit(n, later, 0, 20_000);
            assert_eq!(
                (claim.status, claim.totals.paid),
                (ClaimStatus::Paid, YEARLY)
            );
        }
        assert_eq!(
            years.deductibles(),
            [(0, 0), (2027, 10_000), (2028, 10_000), (2029, 10_000)]
        );

        let fixture = years.fixture.clone();
        years
            .by_staff(fixture.decide(1, Decision::Approve))
            .assert_ok();
        let decided = fixture.read_claim(&years.world, 1);
        assert_eq!(
            (decided.status, decided.totals.paid, decided.turn),
            (ClaimStatus::Paid, WAITING, 4)
        );
        let all = [2026, 2027, 2028, 2029].map(|year| (year, 10_000));
        assert_eq!(years.deductibles(), all);
        assert_eq!(years.lifetime(), 3 * YEARLY + WAITING);

        years.by_staff(fixture.reverse(1, 7)).assert_ok();
        years
            .world
            .send(
                &[fixture.appeal_as_member(1, 1)],
                &[&fixture.clerk.key(), &fixture.member_key()],
            )
            .assert_ok();
        let reviewer = reviewer(&mut years.world, &fixture, "reviewer");
        let overturn = years.in_household(fixture.overturn(1, 1, &reviewer, 5, 0));
        years
            .world
            .send(&[overturn], &[&reviewer.key()])
            .assert_ok();
        let replacement = fixture.read_claim(&years.world, 5);
        assert_eq!(replacement.lines, decided.lines);
        assert_eq!(
            (replacement.totals, replacement.offset),
            (decided.totals, WAITING)
        );
        assert_eq!(years.deductibles(), all);

        // The first claim of a later year is taken back, so what was adjudicated after it is to be adjudicated anew.
        years.by_staff(fixture.reverse(2, 7)).assert_ok();
        let mut given_back = all;
        given_back[1] = (2027, 0);
        assert_eq!(years.deductibles(), given_back);
        years.by_staff(fixture.reprocess(5, 6)).assert_ok();
        let anew = fixture.read_claim(&years.world, 6);
        assert_eq!(anew.lines, decided.lines);
        assert_eq!((anew.totals, anew.offset), (decided.totals, WAITING));
        assert_eq!(years.deductibles(), given_back);
        assert_eq!(years.lifetime(), 2 * YEARLY + WAITING);
        assert_eq!(fixture.read_agreement(&years.world).owed, YEARLY);
        assert_eq!(
            years.world.balance(&fixture.payout),
            (3 * YEARLY + WAITING + decided.interest_paid()) * UNIT_PER_CENT
        );
        fixture.assert_money_adds_up(&years.world);
    }
}

/// With the fifth year the oldest is no longer kept. A claim of it is then neither approved nor adjudicated anew, which changes
/// nothing; it can be denied, and taken back as far as it counts for ever.
#[test]
fn the_fifth_year_closes_the_first() {
    for household in [Household::Single, Household::Family] {
        let mut years = Years::begin(household);
        years.submit(1, 0, 0, 20_000);
        years.submit(2, 0, 1, 30_000);
        years.submit(7, 0, 2, 10_000);
        for (n, later) in [(3, 1), (4, 2), (5, 3)] {
            years.turn_to(later);
            years.submit(n, later, 0, 20_000);
        }
        let kept = [2026, 2027, 2028, 2029].map(|year| (year, 10_000));
        assert_eq!(years.deductibles(), kept);
        years.turn_to(4);
        years.submit(6, 4, 0, 20_000);
        let kept = [2027, 2028, 2029, 2030].map(|year| (year, 10_000));
        assert_eq!(years.deductibles(), kept);

        let fixture = years.fixture.clone();
        let staff = fixture.staff.key();
        let approve = years.in_household(fixture.decide(2, Decision::Approve));
        refused(
            &mut years.world,
            &[approve],
            &[&staff],
            ClaimsError::PeriodClosed,
        );
        years
            .by_staff(fixture.decide(
                2,
                Decision::Deny {
                    group: AdjustmentGroup::Contractual,
                    reason: 50,
                },
            ))
            .assert_ok();
        assert_eq!(years.lifetime(), 6 * YEARLY);
        match household {
            Household::Single => reverse(&mut years.world, &fixture, 1).assert_ok(),
            Household::Family => years.by_staff(fixture.reverse(1, 7)).assert_ok(),
        };
        assert_eq!(years.lifetime(), 5 * YEARLY);
        assert_eq!(years.deductibles(), kept);
        // That one was of the first year as well, and the claim after it saw what it had used up.
        let anew = years.in_household(fixture.reprocess(7, 8));
        refused(
            &mut years.world,
            &[anew],
            &[&staff],
            ClaimsError::PeriodClosed,
        );
        // So it is not kept for that: nothing will become of it any more.
        let archive = years.in_household(archive_of(&years.world, &fixture, 7, None));
        let mut later = years.world.clone();
        later.send(&[archive], &[]).assert_ok();
        let archived = fixture.read_archived(&later, 7);
        assert_eq!(archived.status, ClaimStatus::Paid);
        fixture.assert_money_adds_up(&years.world);
    }
}
