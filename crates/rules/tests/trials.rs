//! Trials: worked examples for each rule, and what holds for every schedule, on random ones.

mod support;

use galen_rules::trial::{
    assess, bonus_earned, consent_due, screen_failure_fee_due, settle, split_fee, succession,
    Amendment, Assessment, Bits, Caps, Conduct, Consent, Course, Departure, Exceeded, Kind,
    Milestone, Refusal, ScheduleError, ScheduleTerms, Status, Summary, TaxChoice, TaxTerms,
    TaxYear, Voice, Worse, MAX_MILESTONES,
};
use galen_rules::{BasisPoints, Cents, Date};
use support::random::Random;

fn cents(amount: u64) -> Cents {
    Cents::new(amount)
}

fn bps(points: u16) -> BasisPoints {
    BasisPoints::new(points).unwrap()
}

fn day(number: i32) -> Date {
    Date::from_days(20_000 + number).unwrap()
}

fn milestone(kind: Kind, stipend: u64, opens: u16, closes: u16) -> Milestone {
    Milestone {
        kind,
        stipend: cents(stipend),
        site_fee: cents(stipend / 2),
        opens,
        closes,
        countersigned: false,
        counts: kind == Kind::Visit,
    }
}

fn terms(bonus: u64) -> ScheduleTerms {
    ScheduleTerms {
        bonus: cents(bonus),
        reimbursements: cents(20_000),
    }
}

const NO_CAPS: Caps = Caps {
    per_visit: Cents::MAX,
    per_participant: Cents::MAX,
    per_month: Cents::MAX,
    bonus_share: BasisPoints::WHOLE,
};

/// Screening 50.00, visits of 100.00 on days 0, 14 and 60, follow-up 40.00 on day 90; bonus 100.00.
fn schedule() -> Vec<Milestone> {
    vec![
        milestone(Kind::Screening, 5_000, 0, 28),
        milestone(Kind::Visit, 10_000, 0, 3),
        milestone(Kind::Visit, 10_000, 14, 17),
        milestone(Kind::Visit, 10_000, 60, 63),
        milestone(Kind::FollowUp, 4_000, 90, 120),
    ]
}

#[test]
fn a_schedule_is_summed_up() {
    let summary = Summary::of(&schedule(), &terms(10_000)).unwrap();
    assert_eq!(
        summary,
        Summary {
            // 50.00 and the site's 25.00, and 200.00 of expenses.
            at_consent: cents(27_500),
            // 340.00, the site's 170.00, and the bonus of 100.00.
            at_enrolment: cents(61_000),
            per_visit: cents(10_000),
            per_participant: cents(49_000),
            // Screening and the visits of days 0 and 14; day 60 and day 90 lie apart.
            per_month: cents(25_000),
            bonus: cents(10_000),
            counted: Bits(0b1110),
        }
    );
}

#[test]
fn what_cannot_be_sealed() {
    let of = |milestones: &[Milestone], bonus| Summary::of(milestones, &terms(bonus));
    assert_eq!(of(&[], 0), Err(ScheduleError::Empty));
    let many = vec![milestone(Kind::Visit, 1, 0, 0); MAX_MILESTONES + 1];
    assert_eq!(of(&many, 0), Err(ScheduleError::TooMany));
    assert!(of(&many[1..], 0).is_ok());
    let mut windows = schedule();
    windows[2].closes = 13;
    assert_eq!(of(&windows, 0), Err(ScheduleError::Window(2)));
    let mut screening = schedule();
    screening[0].counts = true;
    assert_eq!(of(&screening, 0), Err(ScheduleError::ScreeningCounts(0)));
    let only_follow_up = [milestone(Kind::FollowUp, 1, 0, 0)];
    assert_eq!(of(&only_follow_up, 1), Err(ScheduleError::BonusUncounted));
    let mut large = schedule();
    large[1].stipend = Cents::MAX;
    assert_eq!(of(&large, 0), Err(ScheduleError::TooLarge));
    // Each part fits, the two together do not.
    let mut halves = schedule();
    halves[0].stipend = cents(u64::MAX / 2);
    halves[1].stipend = cents(u64::MAX / 2);
    halves[0].site_fee = Cents::ZERO;
    assert_eq!(of(&halves, 0), Err(ScheduleError::TooLarge));
}

#[test]
fn caps_bind_at_their_bound_and_in_order() {
    let summary = Summary::of(&schedule(), &terms(9_800)).unwrap();
    let caps = Caps {
        per_visit: cents(10_000),
        per_participant: cents(48_800),
        per_month: cents(25_000),
        // 98.00 of 488.00 is 20.08%.
        bonus_share: bps(2_009),
    };
    assert_eq!(caps.admit(&summary), Ok(()));
    let tighter = |change: fn(&mut Caps)| {
        let mut caps = caps;
        change(&mut caps);
        caps.admit(&summary)
    };
    assert_eq!(
        tighter(|caps| caps.per_visit = cents(9_999)),
        Err(Exceeded::PerVisit)
    );
    assert_eq!(
        tighter(|caps| caps.per_participant = cents(48_799)),
        Err(Exceeded::PerParticipant)
    );
    assert_eq!(
        tighter(|caps| caps.per_month = cents(24_999)),
        Err(Exceeded::PerMonth)
    );
    assert_eq!(
        tighter(|caps| caps.bonus_share = bps(2_008)),
        Err(Exceeded::Bonus)
    );
    assert_eq!(NO_CAPS.admit(&summary), Ok(()));
}

#[test]
fn leaving() {
    use Departure as D;
    use Status as S;
    let table = [
        (S::Screening, D::ScreenFailed, Some(S::ScreenFailed)),
        (S::Screening, D::DeclinedAmendment, Some(S::ScreenFailed)),
        (S::Screening, D::Withdrawn, Some(S::Withdrawn)),
        (S::Screening, D::LostToFollowUp, Some(S::LostToFollowUp)),
        (S::Screening, D::Completed, None),
        (S::Screening, D::Discontinued, None),
        (S::Enrolled, D::Completed, Some(S::Completed)),
        (S::Enrolled, D::Withdrawn, Some(S::Withdrawn)),
        (S::Enrolled, D::Discontinued, Some(S::Discontinued)),
        (S::Enrolled, D::DeclinedAmendment, Some(S::Discontinued)),
        (S::Enrolled, D::LostToFollowUp, Some(S::LostToFollowUp)),
        (S::Enrolled, D::ScreenFailed, None),
    ];
    for (from, departure, to) in table {
        assert_eq!(from.after(departure), to, "{from:?} {departure:?}");
    }
    let ended = [
        S::Completed,
        S::ScreenFailed,
        S::Withdrawn,
        S::Discontinued,
        S::LostToFollowUp,
    ];
    for status in ended {
        assert!(!status.is_present());
        for departure in [
            D::Completed,
            D::ScreenFailed,
            D::Withdrawn,
            D::DeclinedAmendment,
            D::Discontinued,
            D::LostToFollowUp,
        ] {
            assert_eq!(status.after(departure), None, "{status:?} is an end");
        }
        assert_eq!(status.after(D::Died), Some(S::Died));
    }
    assert_eq!(S::Screening.after(D::Died), Some(S::Died));
    assert_eq!(S::Enrolled.after(D::Died), Some(S::Died));
    assert_eq!(S::Died.after(D::Died), None);
    assert_eq!(D::Withdrawn.voice(), Voice::Participant);
    assert_eq!(D::DeclinedAmendment.voice(), Voice::Participant);
    for departure in [
        D::Completed,
        D::ScreenFailed,
        D::Discontinued,
        D::LostToFollowUp,
        D::Died,
    ] {
        assert_eq!(departure.voice(), Voice::Site);
    }
}

const CONDUCT: Conduct = Conduct {
    ended_on: None,
    attest_days: 30,
};

fn version(number: u16, from: i32, renews: bool) -> Amendment {
    Amendment {
        version: number,
        from: day(from),
        renews,
    }
}

/// Consented to version 1 on day 0, enrolled on day 10.
fn course(consents: &[Consent]) -> Course<'_> {
    Course {
        status: Status::Enrolled,
        consents,
        enrolled_on: Some(day(10)),
        ended_on: None,
        follow_up: false,
    }
}

fn consent(version: u16, on: i32) -> Consent {
    Consent {
        version,
        on: day(on),
    }
}

#[test]
fn a_milestone_is_earned_on_its_visit_date() {
    let consents = [consent(1, 0)];
    let course = course(&consents);
    let visit = &schedule()[2]; // days 14 to 17 from enrolment: days 24 to 27
    let check = |on: i32, today: i32| {
        course.check_visit(visit, day(on), day(today), &CONDUCT, [version(1, -5, true)])
    };
    assert_eq!(check(24, 24), Ok(1));
    assert_eq!(check(27, 57), Ok(1));
    assert_eq!(check(27, 58), Err(Refusal::TooLate));
    assert_eq!(check(24, 23), Err(Refusal::InFuture));
    assert_eq!(check(23, 30), Err(Refusal::OutsideWindow));
    assert_eq!(check(28, 30), Err(Refusal::OutsideWindow));
    assert_eq!(check(-1, 20), Err(Refusal::BeforeConsent));
}

#[test]
fn leaving_never_takes_what_was_earned_before() {
    let consents = [consent(1, 0)];
    let visit = &schedule()[2];
    let ended_on = |end: i32| Course {
        status: Status::Withdrawn,
        ended_on: Some(day(end)),
        ..course(&consents)
    };
    let check = |course: &Course, on: i32| {
        course.check_visit(visit, day(on), day(50), &CONDUCT, [version(1, -5, true)])
    };
    // The visit of the last day counts, said weeks later.
    assert_eq!(check(&ended_on(24), 24), Ok(1));
    assert_eq!(check(&ended_on(24), 25), Err(Refusal::AfterEnd));
    // Follow-up only with the participant's agreement.
    let follow_up = &schedule()[4]; // days 100 to 130
    let later = |follow_up_agreed: bool| {
        Course {
            follow_up: follow_up_agreed,
            ..ended_on(24)
        }
        .check_visit(
            follow_up,
            day(101),
            day(101),
            &CONDUCT,
            [version(1, -5, true)],
        )
    };
    assert_eq!(later(false), Err(Refusal::AfterEnd));
    assert_eq!(later(true), Ok(1));
    let over = Conduct {
        ended_on: Some(day(24)),
        ..CONDUCT
    };
    let after = |on: i32| {
        course(&consents).check_visit(visit, day(on), day(50), &over, [version(1, -5, true)])
    };
    assert_eq!(after(24), Ok(1));
    assert_eq!(after(25), Err(Refusal::TrialOver));
}

#[test]
fn the_consent_of_the_visit_date_counts() {
    // Version 2 needs consent from day 20 on, version 3 does not.
    let amendments = [
        version(1, -5, true),
        version(2, 20, true),
        version(3, 22, false),
    ];
    let visit = &schedule()[1]; // days 10 to 13
    let late = &schedule()[2]; // days 24 to 27
    let old = [consent(1, 0)];
    let renewed = [consent(1, 0), consent(3, 25)];
    let check = |consents: &[Consent], milestone: &Milestone, on: i32| {
        course(consents).check_visit(milestone, day(on), day(30), &CONDUCT, amendments)
    };
    assert_eq!(check(&old, visit, 12), Ok(1), "before the amendment");
    assert_eq!(check(&old, late, 24), Err(Refusal::ConsentDue));
    assert_eq!(check(&renewed, late, 24), Err(Refusal::ConsentDue));
    assert_eq!(check(&renewed, late, 25), Ok(3));
    assert_eq!(check(&renewed, visit, 12), Ok(1));
    assert!(consent_due(1, amendments, day(20)));
    assert!(!consent_due(1, amendments, day(19)));
    assert!(!consent_due(2, amendments, day(400)));
}

#[test]
fn screening_comes_before_enrolment_and_the_rest_after() {
    let consents = [consent(1, 0)];
    let enrolled = course(&consents);
    let screening = Course {
        status: Status::Screening,
        enrolled_on: None,
        ..enrolled
    };
    let check = |course: &Course, milestone: &Milestone, on: i32| {
        course.check_visit(
            milestone,
            day(on),
            day(12),
            &CONDUCT,
            [version(1, -5, true)],
        )
    };
    let [first, visit, ..] = &schedule()[..] else {
        panic!("two milestones")
    };
    assert_eq!(check(&screening, first, 3), Ok(1));
    assert_eq!(check(&enrolled, first, 10), Ok(1));
    assert_eq!(check(&enrolled, first, 11), Err(Refusal::WrongPhase));
    assert_eq!(check(&screening, visit, 11), Err(Refusal::WrongPhase));
    assert_eq!(check(&enrolled, visit, 9), Err(Refusal::OutsideWindow));
}

#[test]
fn the_bonus_in_proportion() {
    assert_eq!(bonus_earned(cents(10_000), 1, 3), cents(3_333));
    assert_eq!(bonus_earned(cents(10_000), 2, 3), cents(6_667));
    assert_eq!(bonus_earned(cents(5), 1, 2), cents(3), "a tie goes up");
    assert_eq!(bonus_earned(cents(5), 0, 0), Cents::ZERO);
    assert_eq!(bonus_earned(Cents::MAX, 7, 7), Cents::MAX);
    let settled = settle(cents(61_000), cents(10_000), 2, 3).unwrap();
    assert_eq!(
        (settled.bonus, settled.released),
        (cents(6_667), cents(54_333))
    );
    assert_eq!(settle(cents(9), cents(10), 1, 1), None);
}

#[test]
fn the_bonus_agrees_with_wide_arithmetic() {
    let mut random = Random::new(11);
    for _ in 0..support::cases(200_000, 20_000_000) {
        let bonus = random.next() >> random.below(64);
        let counted = random.below(64) + 1;
        let done = random.below(counted + 1);
        let wide = (2 * u128::from(bonus) * u128::from(done) + u128::from(counted))
            / (2 * u128::from(counted));
        let earned = bonus_earned(cents(bonus), done as u32, counted as u32);
        assert_eq!(u128::from(earned.get()), wide);
        assert!(earned.get() <= bonus);
        // More attendance never earns less, and the two parts of a split never more than the whole and a cent.
        if done < counted {
            assert!(bonus_earned(cents(bonus), done as u32 + 1, counted as u32) >= earned);
        }
    }
}

#[test]
fn site_fees() {
    let fee = split_fee(cents(12_345), bps(1_000));
    assert_eq!((fee.now, fee.held), (cents(11_110), cents(1_235)));
    // One screening failure paid for each three enrolled.
    let due = |paid, enrolled| screen_failure_fee_due(paid, enrolled, 1, 3);
    assert!(!due(0, 2));
    assert!(due(0, 3));
    assert!(!due(1, 5));
    assert!(due(1, 6));
    // A fifth of those enrolled: 20 pay for 4.
    assert!(screen_failure_fee_due(3, 20, 1, 5));
    assert!(!screen_failure_fee_due(4, 20, 1, 5));
    // No ratio: all are paid.
    assert!(screen_failure_fee_due(1_000, 0, 0, 0));
}

const US: TaxTerms = TaxTerms {
    threshold: Cents::new(200_000),
    withholding: match BasisPoints::new(2_400) {
        Some(rate) => rate,
        None => BasisPoints::ZERO,
    },
};

#[test]
fn the_tax_threshold() {
    let of = |before: u64, stipend: u64, form, choice| {
        assess(&US, cents(before), cents(stipend), form, choice).unwrap()
    };
    let paid = |pay, withhold, hold| Assessment {
        pay: cents(pay),
        withhold: cents(withhold),
        hold: cents(hold),
    };
    let (below, after) = of(150_000, 49_999, false, TaxChoice::Hold);
    assert_eq!((below, after), (paid(49_999, 0, 0), cents(199_999)));
    // The stipend that reaches the threshold is the first to be held, or withheld from: all of it.
    let reached = of(150_000, 50_000, false, TaxChoice::Hold).0;
    assert_eq!(reached, paid(0, 0, 50_000));
    let net = of(150_000, 50_000, false, TaxChoice::Net).0;
    assert_eq!(net, paid(38_000, 12_000, 0));
    let with_form = of(150_000, 50_000, true, TaxChoice::Hold).0;
    assert_eq!(with_form, paid(50_000, 0, 0));
    // No regime.
    let none = TaxTerms {
        threshold: Cents::MAX,
        ..US
    };
    let (all, _) = assess(&none, cents(u64::MAX - 5), cents(5), false, TaxChoice::Hold).unwrap();
    assert_eq!(all.pay, cents(5));
    assert_eq!(
        assess(&none, cents(u64::MAX - 5), cents(6), false, TaxChoice::Hold),
        None
    );
    // A new year begins at nothing.
    let year = TaxYear {
        year: 2026,
        stipends: cents(199_999),
    };
    assert_eq!(year.in_year(2026), year);
    assert_eq!(year.in_year(2027).stipends, Cents::ZERO);
}

#[test]
fn nothing_is_lost_to_tax() {
    let mut random = Random::new(12);
    for _ in 0..support::cases(200_000, 20_000_000) {
        let before = random.below(400_000);
        let stipend = random.below(300_000);
        let form = random.chance(30);
        let choice = random.pick(&[TaxChoice::Hold, TaxChoice::Net]);
        let (first, after) = assess(&US, cents(before), cents(stipend), form, choice).unwrap();
        let sum = |a: Assessment| a.pay.get() + a.withhold.get() + a.hold.get();
        assert_eq!(sum(first), stipend);
        assert_eq!(after.get(), before + stipend);
        let released = Assessment::release(&US, first.hold, true, choice);
        assert_eq!(released.pay, first.hold, "a form frees all of it");
        let chosen = Assessment::release(&US, first.hold, false, TaxChoice::Net);
        assert_eq!(sum(chosen), first.hold.get());
        assert_eq!(chosen.hold, Cents::ZERO);
    }
}

#[test]
fn a_successor_is_never_worse() {
    let old = schedule();
    let old_terms = terms(10_000);
    let next = |new: &[Milestone], new_terms: &ScheduleTerms, earned, fees| {
        succession(
            (&old, &old_terms),
            (new, new_terms),
            Bits(earned),
            Bits(fees),
        )
    };
    assert_eq!(next(&old, &old_terms, 0, 0), Ok(Cents::ZERO));
    let mut raised = old.clone();
    raised[1].stipend = cents(11_000);
    raised[3].stipend = cents(12_000);
    raised[3].site_fee = cents(6_000);
    raised.push(milestone(Kind::Visit, 10_000, 80, 90));
    // 10.00 + 20.00 + 10.00 + the new visit of 150.00.
    assert_eq!(next(&raised, &old_terms, 0, 0), Ok(cents(19_000)));
    // The first is earned already, at the old amount.
    assert_eq!(next(&raised, &old_terms, 0b10, 0b10), Ok(cents(18_000)));
    assert_eq!(next(&old, &terms(12_500), 0, 0), Ok(cents(2_500)));
    assert_eq!(next(&old[..4], &old_terms, 0, 0), Err(Worse::Shorter));
    assert_eq!(next(&old, &terms(9_999), 0, 0), Err(Worse::TermsLess));
    let with = |index: usize, change: fn(&mut Milestone)| {
        let mut new = old.clone();
        change(&mut new[index]);
        next(&new, &old_terms, 0, 0)
    };
    assert_eq!(with(2, |m| m.stipend = cents(9_999)), Err(Worse::Less(2)));
    assert_eq!(with(2, |m| m.site_fee = cents(4_999)), Err(Worse::Less(2)));
    assert_eq!(with(0, |m| m.kind = Kind::FollowUp), Err(Worse::Changed(0)));
    assert_eq!(with(1, |m| m.counts = false), Err(Worse::Changed(1)));
    assert_eq!(
        with(1, |m| m.stipend = Cents::MAX),
        Ok(cents(u64::MAX - 10_000))
    );
}

fn random_schedule(random: &mut Random) -> (Vec<Milestone>, ScheduleTerms) {
    let count = random.below(64) + 1;
    let milestones: Vec<Milestone> = (0..count)
        .map(|_| {
            let kind = random.pick(&[Kind::Screening, Kind::Visit, Kind::Visit, Kind::FollowUp]);
            let opens = random.below(700) as u16;
            Milestone {
                kind,
                stipend: cents(random.below(50_000)),
                site_fee: cents(random.below(50_000)),
                opens,
                closes: opens + random.below(20) as u16,
                countersigned: random.chance(30),
                counts: kind != Kind::Screening && random.chance(70),
            }
        })
        .collect();
    let counts = milestones.iter().any(|milestone| milestone.counts);
    let terms = ScheduleTerms {
        bonus: cents(if counts { random.below(100_000) } else { 0 }),
        reimbursements: cents(random.below(50_000)),
    };
    (milestones, terms)
}

/// What is set aside pays every stipend and fee, the bonus for what was attended and every expense, whatever is attended
/// and in whatever order, and the rest is exactly what comes back.
#[test]
fn what_is_set_aside_covers_every_course() {
    let mut random = Random::new(13);
    for _ in 0..support::cases(20_000, 1_000_000) {
        let (milestones, terms) = random_schedule(&mut random);
        let summary = Summary::of(&milestones, &terms).unwrap();
        let mut reserved = summary.at_consent.get() + summary.at_enrolment.get();
        let whole = reserved;
        let mut earned = Bits::default();
        let mut spent = 0;
        for (index, milestone) in milestones.iter().enumerate() {
            if random.chance(60) {
                earned = earned.with(index as u8);
                let both = milestone.stipend.get() + milestone.site_fee.get();
                reserved -= both;
                spent += both;
            }
        }
        let expenses = random.below(terms.reimbursements.get() + 1);
        reserved -= expenses;
        spent += expenses;
        let done = earned.common(summary.counted);
        let all = summary.counted.0.count_ones();
        let settled = settle(cents(reserved), terms.bonus, done, all).unwrap();
        assert_eq!(
            spent + settled.bonus.get() + settled.released.get(),
            whole,
            "every cent is accounted for"
        );
        if done == all {
            assert_eq!(settled.bonus, terms.bonus);
        }
        // A better successor is covered by the difference.
        let mut better = milestones.clone();
        for milestone in &mut better {
            milestone.stipend = cents(milestone.stipend.get() + random.below(100));
            milestone.site_fee = cents(milestone.site_fee.get() + random.below(100));
        }
        let better_terms = ScheduleTerms {
            bonus: cents(terms.bonus.get() + if all > 0 { random.below(100) } else { 0 }),
            reimbursements: cents(terms.reimbursements.get() + random.below(100)),
        };
        let more = succession(
            (&milestones, &terms),
            (&better, &better_terms),
            Bits::default(),
            Bits::default(),
        )
        .unwrap();
        let after = Summary::of(&better, &better_terms).unwrap();
        assert_eq!(
            whole + more.get(),
            after.at_consent.get() + after.at_enrolment.get()
        );
    }
}

/// Whether some day of the month that begins `first` days after consent lies in the milestone's window, for somebody who is enrolled
/// `lag` days after consent.
fn can_fall_into(milestone: &Milestone, first: i32, lag: i32) -> bool {
    let window = i32::from(milestone.opens)..=i32::from(milestone.closes);
    (first..first + 30).any(|day| match milestone.kind {
        Kind::Screening => day <= lag && window.contains(&day),
        Kind::Visit | Kind::FollowUp => window.contains(&(day - lag)),
    })
}

/// The most that thirty days can bring, by trying every day of enrolment and every month.
fn month_by_trying(milestones: &[Milestone], days: i32) -> u64 {
    let month = |first, lag| -> u64 {
        milestones
            .iter()
            .filter(|milestone| can_fall_into(milestone, first, lag))
            .map(|milestone| milestone.stipend.get())
            .sum()
    };
    (0..=days)
        .flat_map(|lag| (-29..=lag + days).map(move |first| month(first, lag)))
        .max()
        .unwrap()
}

#[test]
fn the_month_agrees_with_trying_every_day() {
    let mut random = Random::new(14);
    for _ in 0..support::cases(60, 2_000) {
        let milestones: Vec<Milestone> = (0..random.below(7) + 1)
            .map(|_| {
                let kind = random.pick(&[Kind::Screening, Kind::Visit, Kind::FollowUp]);
                let opens = random.below(40) as u16;
                let closes = opens + random.below(20) as u16;
                milestone(kind, random.below(50_000), opens, closes)
            })
            .collect();
        let summary = Summary::of(&milestones, &terms(0)).unwrap();
        assert_eq!(
            summary.per_month.get(),
            month_by_trying(&milestones, 60),
            "{milestones:?}"
        );
    }
}

#[test]
fn a_wide_window_counts_in_every_month_that_it_reaches_into() {
    let month = |milestones: &[Milestone]| {
        let summary = Summary::of(milestones, &terms(0)).unwrap();
        summary.per_month.get()
    };
    // Four visits that open a month apart, and that can all be made in the last one's first month.
    let wide: Vec<Milestone> = (0..4)
        .map(|n| milestone(Kind::Visit, 10_000, n * 30, 120))
        .collect();
    assert_eq!(month(&wide), 40_000);
    let narrow: Vec<Milestone> = (0..4)
        .map(|n| milestone(Kind::Visit, 10_000, n * 30, n * 30 + 3))
        .collect();
    // Day 3 and day 30 lie within thirty days.
    assert_eq!(month(&narrow), 20_000);
    let apart: Vec<Milestone> = (0..4)
        .map(|n| milestone(Kind::Visit, 10_000, n * 33, n * 33 + 3))
        .collect();
    assert_eq!(month(&apart), 10_000);
    // A screening window counts from consent: it ends with enrolment, however late both are.
    let late = |opens| {
        [
            milestone(Kind::Screening, 5_000, 100, 120),
            milestone(Kind::Visit, 10_000, opens, opens),
        ]
    };
    assert_eq!(month(&late(0)), 15_000);
    assert_eq!(month(&late(29)), 15_000);
    assert_eq!(month(&late(30)), 10_000);
    // Two days before enrolment leave twenty-eight after it.
    let both = |opens| {
        [
            milestone(Kind::Screening, 5_000, 0, 0),
            milestone(Kind::Screening, 5_000, 1, 1),
            milestone(Kind::Visit, 10_000, opens, opens),
        ]
    };
    assert_eq!(
        [28, 29, 30].map(|opens| month(&both(opens))),
        [20_000, 15_000, 10_000]
    );
}
