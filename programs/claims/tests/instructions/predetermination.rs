//! Questions before care: answered without anything moving, and a price that the insurer may hold.

use claims::events::{Predetermined, PriceHeld};

use crate::common::*;

const HOLD: i32 = 30;

/// Three units of code 1 and one of code 2.
fn planned() -> [ClaimLineArgs; 2] {
    [
        ClaimLineArgs {
            units: 3,
            ..line(1, 30_000)
        },
        line(2, 10_000),
    ]
}

fn ask(world: &mut World, fixture: &ClaimsFixture, n: u8, service_date: i32) -> Outcome {
    world.send_unsigned(&[fixture.predetermine(n, service_date, &planned())])
}

/// Asked about days from today on.
fn asked() -> (World, ClaimsFixture) {
    let (mut world, fixture) = ready();
    ask(&mut world, &fixture, 1, TODAY).assert_ok();
    (world, fixture)
}

/// The price of answer 1 is held, and the plan has had another version since, which pays nothing of code 1.
fn held() -> (World, ClaimsFixture, ClaimsFixture) {
    let (mut world, fixture) = asked();
    world
        .send_unsigned(&[fixture.hold_price(&world, 1, TODAY + HOLD)])
        .assert_ok();
    let dearer = PlanTerms {
        coinsurance_bps: 10_000,
        ..terms()
    };
    let next = fixture.checked(&mut world, dearer, PlanChecks::default());
    (world, fixture, next)
}

fn draft(world: &mut World, fixture: &ClaimsFixture, n: u8, lines: &[ClaimLineArgs]) -> u64 {
    let count = u8::try_from(lines.len()).unwrap();
    for step in [
        fixture.open_claim_on(n, TODAY, count),
        fixture.append_lines(n, 0, lines),
    ] {
        world.send_unsigned(&[step]).assert_ok();
    }
    lines.iter().map(|line| line.charge).sum()
}

#[test]
fn an_answer_moves_nothing() {
    let (mut world, fixture) = ready();
    let before = (
        fixture.read_member(&world),
        fixture.read_history(&world),
        fixture.read_pool(&world),
        fixture.read_agreement(&world),
        world.balance(&fixture.vault),
    );
    let outcome = ask(&mut world, &fixture, 1, TODAY + 10).assert_ok();
    assert_eq!(
        (
            fixture.read_member(&world),
            fixture.read_history(&world),
            fixture.read_pool(&world),
            fixture.read_agreement(&world),
            world.balance(&fixture.vault),
        ),
        before
    );
    let answer = fixture.read_predetermination(&world, 1);
    assert_eq!(
        (
            answer.member,
            answer.plan_version,
            answer.answered_on,
            answer.service_date,
            answer.hold_until
        ),
        (fixture.member, fixture.plan_version, TODAY, TODAY + 10, 0)
    );
    // The deductible takes 100.00 of the first line, the member a fifth of the rest.
    let lines: Vec<_> = answer
        .lines
        .iter()
        .map(|line| (line.units, line.allowed, line.paid, line.patient))
        .collect();
    assert_eq!(
        lines,
        [(3, 30_000, 16_000, 14_000), (1, 10_000, 8_000, 2_000)]
    );
    assert_eq!(
        (answer.totals.paid, answer.totals.patient),
        (24_000, 16_000)
    );
    let event: Predetermined = outcome.event();
    assert_eq!(
        (event.predetermination, event.paid, event.patient),
        (fixture.predetermination(1), 24_000, 16_000)
    );
    fixture.assert_money_adds_up(&world);
}

/// The claim that is asked about would be filed when all of it is over.
#[test]
fn a_stay_that_lies_ahead_is_not_too_early() {
    let (mut world, fixture) = ready();
    let until = ClaimFact {
        line: 0,
        kind: ClaimFactKind::Until,
        key: [0; 8],
        day: TODAY + 9,
    };
    let ask = fixture.predetermine_stating(1, TODAY, &planned(), vec![until]);
    world.send_unsigned(&[ask]).assert_ok();
    let answer = fixture.read_predetermination(&world, 1);
    let reasons: Vec<u16> = answer.lines.iter().map(|line| line.denial_reason).collect();
    assert_eq!((reasons, answer.totals.paid), (vec![0, 0], 24_000));
}

/// What is answered is what a claim of that day comes to.
#[test]
fn the_answer_is_the_bill() {
    let (mut world, fixture) = asked();
    let answer = fixture.read_predetermination(&world, 1);
    let charge = draft(&mut world, &fixture, 1, &planned());
    world
        .send_unsigned(&[fixture.adjudicate(&world, 1, charge)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(claim.totals, answer.totals);
    for (line, quoted) in claim.lines.iter().zip(&answer.lines) {
        assert_eq!(
            (line.allowed, line.paid, line.denial_reason),
            (quoted.allowed, quoted.paid, quoted.denial_reason)
        );
    }
}

/// It needs what a claim needs: the provider's staff, an agreement in force, the member's word or the insurer's.
#[test]
fn who_may_ask() {
    let (mut world, fixture, other) = two_insurers();
    let ask = fixture.predetermine(1, TODAY, &planned());
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    let stranger = world.actor("stranger");
    refused(
        &mut world,
        &[swapped_all(&ask, clerk.pubkey(), stranger.pubkey())],
        &[&stranger, &member],
        ClaimsError::OperatorKeyMismatch,
    );
    refused(
        &mut world,
        &[swapped(ask.clone(), member.pubkey(), stranger.pubkey())],
        &[&clerk, &stranger],
        ClaimsError::NotMemberAuthority,
    );
    let mut alone = ask.clone();
    alone.accounts[8].pubkey = claims::ID;
    alone.accounts[8].is_signer = false;
    refused(
        &mut world,
        &[alone],
        &[&clerk],
        ClaimsError::MemberConsentMissing,
    );
    for (from, to, error) in [
        (
            fixture.agreement,
            other.agreement,
            ClaimsError::AgreementOfOtherPool,
        ),
        (
            fixture.plan_version,
            other.plan_version,
            ClaimsError::PlanVersionOfOtherPool,
        ),
        (
            fixture.schedule,
            other.schedule,
            ClaimsError::ScheduleMismatch,
        ),
        (fixture.member, other.member, ClaimsError::MemberOfOtherPool),
        (
            fixture.history,
            other.history,
            ClaimsError::HistoryOfOtherMember,
        ),
    ] {
        refused(
            &mut world,
            &[swapped(ask.clone(), from, to)],
            &[&clerk, &member],
            error,
        );
    }
    let suspend = fixture.set_agreement_status(&world, AgreementStatus::Suspended);
    world.send_unsigned(&[suspend]).assert_ok();
    refused(
        &mut world,
        &[ask],
        &[&clerk, &member],
        ClaimsError::AgreementNotActive,
    );
}

#[test]
fn an_insurer_holds_a_price_for_longer_and_never_shorter() {
    let (mut world, fixture) = asked();
    let outcome = world
        .send(
            &[fixture.hold_price(&world, 1, TODAY + HOLD)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    let event: PriceHeld = outcome.event();
    assert_eq!(
        (event.predetermination, event.until, event.plan_version),
        (
            fixture.predetermination(1),
            TODAY + HOLD,
            fixture.plan_version
        )
    );
    for until in [TODAY + HOLD, TODAY + HOLD - 1, TODAY + 367, i32::MAX, 0] {
        let hold = fixture.hold_price(&world, 1, until);
        refused(
            &mut world,
            &[hold],
            &[&fixture.staff.key()],
            ClaimsError::HoldInvalid,
        );
    }
    world
        .send_unsigned(&[fixture.hold_price(&world, 1, TODAY + 366)])
        .assert_ok();
    ask(&mut world, &fixture, 2, TODAY).assert_ok();
    world.advance(DAY);
    let late = fixture.hold_price(&world, 2, TODAY);
    refused(
        &mut world,
        &[late],
        &[&fixture.staff.key()],
        ClaimsError::HoldInvalid,
    );
    assert_insurer_staff_only(
        &world,
        &fixture,
        &fixture.hold_price(&world, 2, TODAY + HOLD),
        Permission::DecideClaim,
    );
}

/// The insurer signs for an answer. Asked again under the same identifier about something else it is another one; that its price
/// is held by now, and cited, changes nothing.
#[test]
fn the_answer_is_the_one_signed_for() {
    let (mut world, fixture) = asked();
    let (clerk, staff) = (fixture.clerk.key(), fixture.staff.key());
    let signed = fixture.hold_price(&world, 1, TODAY + HOLD + 1);
    let mut held = world.clone();
    let first = fixture.hold_price(&world, 1, TODAY + HOLD);
    held.send(&[first], &[&staff]).assert_ok();
    draft(&mut held, &fixture, 1, &planned());
    held.send(&[fixture.cite_predetermination(1, 1)], &[&clerk])
        .assert_ok();
    held.send(std::slice::from_ref(&signed), &[&staff])
        .assert_ok();
    assert_eq!(
        fixture.read_predetermination(&held, 1).hold_until,
        TODAY + HOLD + 1
    );

    world
        .send(&[fixture.close_predetermination(1)], &[&clerk])
        .assert_ok();
    let [three, one] = planned();
    let dearer = ClaimLineArgs {
        code_key: line(3, 0).code_key,
        ..one
    };
    for lines in [[three, dearer], [one, three]] {
        let mut world = world.clone();
        world
            .send_unsigned(&[fixture.predetermine(1, TODAY, &lines)])
            .assert_ok();
        refused(
            &mut world,
            std::slice::from_ref(&signed),
            &[&staff],
            ClaimsError::AnswerDiffers,
        );
    }
}

/// A claim that cites a held price is adjudicated by the version that was answered by, whatever has been published since.
#[test]
fn a_held_price_is_paid() {
    let (mut world, fixture, next) = held();
    let answer = fixture.read_predetermination(&world, 1);
    let charge = draft(&mut world, &fixture, 1, &planned());
    let mut without = world.clone();
    let now_in_force = fixture.adjudicate(&without, 1, charge);
    refused(
        &mut without,
        &[now_in_force],
        &[&fixture.clerk.key(), &fixture.member_key()],
        ClaimsError::PlanVersionNotInForce,
    );
    without
        .send_unsigned(&[next.adjudicate(&without, 1, charge)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&without, 1).totals.paid, 0);

    world
        .send(
            &[fixture.cite_predetermination(1, 1)],
            &[&fixture.clerk.key()],
        )
        .assert_ok();
    // The submitter does not pick the rules after that either.
    let picked = next.adjudicate(&world, 1, charge);
    refused(
        &mut world,
        &[picked],
        &[&fixture.clerk.key(), &fixture.member_key()],
        ClaimsError::ClaimOfOtherPlanVersion,
    );
    world.advance(DAY * i64::from(HOLD + 40));
    world
        .send_unsigned(&[fixture.adjudicate(&world, 1, charge)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.plan_version, claim.totals),
        (ClaimStatus::Paid, fixture.plan_version, answer.totals)
    );
    fixture.assert_money_adds_up(&world);
}

/// Nor does the provider's leaving the network reach a price that is held.
#[test]
fn a_held_price_holds_outside_the_network() {
    let (mut world, fixture) = asked();
    let answer = fixture.read_predetermination(&world, 1);
    assert!(answer.in_network);
    let hold = fixture.hold_price(&world, 1, TODAY + HOLD);
    world.send_unsigned(&[hold]).assert_ok();
    let outside = AgreementTerms {
        in_network: false,
        ..unlimited()
    };
    let leave = fixture.set_agreement_terms(&world, outside);
    world.send_unsigned(&[leave]).assert_ok();
    world.advance(DAY);
    let lines = planned().map(|line| ClaimLineArgs { day: 1, ..line });
    let charge = draft(&mut world, &fixture, 1, &lines);
    let mut without = world.clone();
    let uncited = fixture.stated(&world, 1);
    without
        .send_unsigned(&[fixture.adjudicate(&without, 1, charge)])
        .assert_ok();
    let claim = fixture.read_claim(&without, 1);
    assert_eq!(
        (claim.in_network, claim.lines[0].denial_reason),
        (false, 242)
    );

    world
        .send_unsigned(&[fixture.cite_predetermination(1, 1)])
        .assert_ok();
    assert!(fixture.read_claim(&world, 1).in_network);
    // The member signs for the side of the border, too.
    let outside = fixture.will_state(1, TODAY, &lines, |draft| {
        draft.adopt(fixture.member, fixture.plan_version, false)
    });
    for digest in [uncited, outside] {
        let other = fixture.adjudicate_stating(1, charge, digest);
        refused(
            &mut world,
            &[other],
            &[&fixture.clerk.key(), &fixture.member_key()],
            ClaimsError::DraftDiffers,
        );
    }
    world
        .send_unsigned(&[fixture.adjudicate(&world, 1, charge)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.in_network, claim.totals),
        (ClaimStatus::Paid, true, answer.totals)
    );
    fixture.assert_money_adds_up(&world);
    // Asked about now, it is another price: one from outside, also once it is held.
    ask(&mut world, &fixture, 2, TODAY + 1).assert_ok();
    assert!(!fixture.read_predetermination(&world, 2).in_network);
}

/// A price that was held from outside does not keep a provider there that has joined by the day of service.
#[test]
fn a_price_held_from_outside_gives_way_to_the_network() {
    let (mut world, fixture) = ready();
    let outside = AgreementTerms {
        in_network: false,
        ..unlimited()
    };
    let leave = fixture.set_agreement_terms(&world, outside);
    world.send_unsigned(&[leave]).assert_ok();
    world.advance(DAY);
    ask(&mut world, &fixture, 1, TODAY + 1).assert_ok();
    assert!(!fixture.read_predetermination(&world, 1).in_network);
    let hold = fixture.hold_price(&world, 1, TODAY + HOLD);
    world.send_unsigned(&[hold]).assert_ok();
    let join = fixture.set_agreement_terms(&world, unlimited());
    world.send_unsigned(&[join]).assert_ok();
    world.advance(DAY);
    let lines = planned().map(|line| ClaimLineArgs { day: 2, ..line });
    let charge = draft(&mut world, &fixture, 1, &lines);
    world
        .send_unsigned(&[fixture.cite_predetermination(1, 1)])
        .assert_ok();
    world
        .send_unsigned(&[fixture.adjudicate(&world, 1, charge)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!((claim.status, claim.in_network), (ClaimStatus::Paid, true));
    fixture.assert_money_adds_up(&world);
}

#[test]
fn only_what_was_signed_for_is_held() {
    let (mut world, fixture, _) = held();
    let cite = |world: &mut World, n, id, error| {
        refused(
            world,
            &[fixture.cite_predetermination(n, id)],
            &[&fixture.clerk.key()],
            error,
        );
    };
    // Another code, other modifiers, more units.
    let [three, one] = planned();
    for (n, lines) in [
        (2, vec![line(3, 10_000)]),
        (
            3,
            vec![ClaimLineArgs {
                modifiers: [1; 4],
                ..one
            }],
        ),
        (4, vec![ClaimLineArgs { units: 4, ..three }]),
        (5, vec![three, line(1, 10_000)]),
    ] {
        draft(&mut world, &fixture, n, &lines);
        cite(&mut world, n, 1, ClaimsError::CodesNotWithin);
    }
    // A day after the hold, a day before the answer.
    draft(
        &mut world,
        &fixture,
        6,
        &[ClaimLineArgs {
            day: u8::try_from(HOLD + 1).unwrap(),
            ..one
        }],
    );
    cite(&mut world, 6, 1, ClaimsError::ServiceOutsideHold);
    for step in [fixture.open_claim(7, 1), fixture.append_lines(7, 0, &[one])] {
        world.send_unsigned(&[step]).assert_ok();
    }
    cite(&mut world, 7, 1, ClaimsError::ServiceOutsideHold);
    // A draft that lacks lines, a claim that is none any more.
    world
        .send_unsigned(&[fixture.open_claim_on(8, TODAY, 2)])
        .assert_ok();
    cite(&mut world, 8, 1, ClaimsError::ClaimIncomplete);
    world.send_unsigned(&[fixture.close_draft(8)]).assert_ok();
    // Less than was asked about is within it.
    draft(
        &mut world,
        &fixture,
        9,
        &[one, ClaimLineArgs { units: 2, ..three }],
    );
    world
        .send_unsigned(&[fixture.cite_predetermination(9, 1)])
        .assert_ok();
    // It is used up by that claim, which may be opened anew.
    draft(&mut world, &fixture, 10, &[one]);
    cite(&mut world, 10, 1, ClaimsError::AlreadyCited);
    world.send_unsigned(&[fixture.close_draft(9)]).assert_ok();
    draft(&mut world, &fixture, 9, &[one]);
    world
        .send_unsigned(&[fixture.cite_predetermination(9, 1)])
        .assert_ok();
    assert_eq!(
        fixture.read_predetermination(&world, 1).cited_by,
        fixture.claim_id(9)
    );
}

#[test]
fn an_answer_that_is_not_held_binds_nobody() {
    let (mut world, fixture) = asked();
    draft(&mut world, &fixture, 1, &planned());
    refused(
        &mut world,
        &[fixture.cite_predetermination(1, 1)],
        &[&fixture.clerk.key()],
        ClaimsError::PriceNotHeld,
    );
    let charge: u64 = planned().iter().map(|line| line.charge).sum();
    world
        .send_unsigned(&[fixture.adjudicate(&world, 1, charge)])
        .assert_ok();
    refused(
        &mut world,
        &[fixture.cite_predetermination(1, 1)],
        &[&fixture.clerk.key()],
        ClaimsError::ClaimNotDraft,
    );
}

/// Only the provider that asked, and only for the member it asked about.
#[test]
fn of_the_same_provider_and_member() {
    let (mut world, fixture, other) = two_insurers();
    ask(&mut world, &fixture, 1, TODAY).assert_ok();
    world
        .send_unsigned(&[fixture.hold_price(&world, 1, TODAY + HOLD)])
        .assert_ok();
    let charge = draft(&mut world, &fixture, 1, &planned());
    draft(&mut world, &other, 1, &planned());
    let foreign = swapped(
        other.cite_predetermination(1, 1),
        other.predetermination(1),
        fixture.predetermination(1),
    );
    refused(
        &mut world,
        &[foreign],
        &[&other.clerk.key()],
        ClaimsError::PredeterminationOfOtherProvider,
    );
    let foreign = swapped(
        fixture.cite_predetermination(1, 1),
        fixture.claim(1),
        other.claim(1),
    );
    refused(
        &mut world,
        &[foreign],
        &[&fixture.clerk.key()],
        ClaimsError::ClaimOfOtherProvider,
    );
    let longer = fixture.hold_price(&world, 1, TODAY + HOLD + 1);
    refused(
        &mut world,
        &[swapped(longer, fixture.pool, other.pool)],
        &[&fixture.staff.key()],
        ClaimsError::PoolOfOtherInsurer,
    );
    world
        .send_unsigned(&[fixture.cite_predetermination(1, 1)])
        .assert_ok();
    let sibling = fixture.sibling(9);
    world.send_unsigned(&[sibling.enrol()]).assert_ok();
    let siblings = sibling.adjudicate(&world, 1, charge);
    refused(
        &mut world,
        &[siblings],
        &[&fixture.clerk.key(), &fixture.member_key()],
        ClaimsError::ClaimOfOtherMember,
    );
}

#[test]
fn who_asked_closes_it_for_its_rent() {
    let (mut world, fixture) = asked();
    let address = fixture.predetermination(1);
    let clerk = fixture.clerk.key();
    let account = world.raw(&address).unwrap();
    assert_eq!(account.data.len(), 330 + 2 * 48);
    let colleague = fixture
        .provider
        .operator(&mut world, "colleague", &[Permission::SubmitClaim]);
    refused(
        &mut world,
        &[swapped(
            fixture.close_predetermination(1),
            clerk.pubkey(),
            colleague.key().pubkey(),
        )],
        &[&colleague.key()],
        ClaimsError::NotPredeterminationOpener,
    );
    let before = world.raw(&clerk.pubkey()).unwrap().lamports;
    world
        .send(&[fixture.close_predetermination(1)], &[&clerk])
        .assert_ok();
    assert!(world
        .raw(&address)
        .is_none_or(|account| account.lamports == 0));
    assert!(world.raw(&clerk.pubkey()).unwrap().lamports >= before + account.lamports - 10_000);
    ask(&mut world, &fixture, 1, TODAY).assert_ok();
}

/// An insurer holds prices of its own pool only.
#[test]
fn another_pools_answer_is_not_held() {
    let (mut world, fixture, other) = two_insurers();
    ask(&mut world, &fixture, 1, TODAY).assert_ok();
    let foreign = swapped(
        other.hold_price(&world, 1, TODAY + HOLD),
        other.predetermination(1),
        fixture.predetermination(1),
    );
    refused(
        &mut world,
        &[foreign],
        &[&other.staff.key()],
        ClaimsError::PredeterminationOfOtherPool,
    );
}
