//! Claims drawn for review by a secret that the insurer committed before they came in.

use claims::events::{ClaimDrawn, DrawsCommitted, DrawsRevealed};
use claims::instructions::{CommitDrawsArgs, Decision};

use crate::common::*;

const SEED: u8 = 7;
/// Half of the claims are drawn.
const HALF: u16 = 5_000;

/// Two units of code `n`, on a day of its own: all but the deductible and a fifth are paid.
fn asked(n: u8) -> [ClaimLineArgs; 1] {
    [ClaimLineArgs {
        units: 2,
        day: n % 4,
        ..line(n.into(), 20_000)
    }]
}

/// A plan that draws `checks`' part of its claims, the day after the secret was committed.
fn drawing(checks: PlanChecks) -> (World, ClaimsFixture) {
    let (mut world, fixture) = ready();
    let fixture = fixture.checked(&mut world, terms(), checks);
    let commit = fixture.commit_draws(SEED, TODAY + 1);
    world.send_unsigned(&[commit]).assert_ok();
    world.advance(DAY);
    (world, fixture)
}

/// Claim 1 waits for its draw.
fn waiting(checks: PlanChecks) -> (World, ClaimsFixture) {
    let (mut world, fixture) = drawing(checks);
    fixture.submit(&mut world, 1, &asked(1)).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.pend_reason, claim.course.wait_until),
        (
            ClaimStatus::Pended,
            PendReason::Draw,
            TODAY + 1 + i32::from(REVEAL_DAYS)
        )
    );
    (world, fixture)
}

/// The same, and the draw of its day is revealed.
fn revealed(checks: PlanChecks) -> (World, ClaimsFixture) {
    let (mut world, fixture) = waiting(checks);
    world.advance(DAY);
    let reveal = fixture.reveal_draws(SEED, TODAY + 1);
    world.send_unsigned(&[reveal]).assert_ok();
    (world, fixture)
}

#[test]
fn a_secret_is_committed_before_its_days() {
    let (mut world, fixture) = ready();
    let outcome = world
        .send(
            &[fixture.commit_draws(SEED, TODAY + 1)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
    let chain = fixture.read_draws(&world);
    assert_eq!(
        (chain.from, chain.to, chain.revealed_to, chain.link),
        (TODAY + 1, YEAR_ENDS, TODAY, link(SEED, TODAY))
    );
    let event: DrawsCommitted = outcome.event();
    assert_eq!(
        (event.draws, event.from, event.to, event.commitment),
        (fixture.draws(), TODAY + 1, YEAR_ENDS, chain.commitment)
    );
    // One a year: no other can take its place.
    let again = fixture.commit_draws(SEED + 1, TODAY + 2);
    refused(
        &mut world,
        &[again],
        &[&fixture.staff.key()],
        ADDRESS_IN_USE,
    );
}

#[test]
fn days_that_have_begun_cannot_be_committed() {
    let (mut world, fixture) = ready();
    let commit = |from, commitment| Instruction {
        data: data::CommitDraws {
            args: CommitDrawsArgs {
                year: 2026,
                from,
                commitment,
            },
        }
        .data(),
        ..fixture.commit_draws(SEED, TODAY + 1)
    };
    for (from, commitment) in [
        (TODAY, [1; 32]),
        (YEAR_ENDS + 1, [1; 32]),
        (YEAR_BEGINS - 1, [1; 32]),
        (i32::MIN, [1; 32]),
        (i32::MAX, [1; 32]),
        (TODAY + 1, [0; 32]),
    ] {
        refused(
            &mut world,
            &[commit(from, commitment)],
            &[&fixture.staff.key()],
            ClaimsError::DrawDaysInvalid,
        );
    }
    assert_insurer_staff_only(
        &world,
        &fixture,
        &fixture.commit_draws(SEED, TODAY + 1),
        Permission::ManagePool,
    );
}

#[test]
fn a_day_is_revealed_once_and_when_it_is_over() {
    let (mut world, fixture) = drawing(sampled(HALF));
    let reveal = |seed, day| fixture.reveal_draws(seed, day);
    let late = |world: &mut World, day, error| refused(world, &[reveal(SEED, day)], &[], error);
    late(&mut world, TODAY + 1, ClaimsError::DrawTooEarly);
    world.advance(DAY);
    late(&mut world, TODAY, ClaimsError::DrawDaysInvalid);
    late(&mut world, TODAY + 2, ClaimsError::DrawTooEarly);
    let forged = reveal(SEED + 1, TODAY + 1);
    refused(&mut world, &[forged], &[], ClaimsError::LinkMismatch);

    let outcome = world.send_unsigned(&[reveal(SEED, TODAY + 1)]).assert_ok();
    let event: DrawsRevealed = outcome.event();
    assert_eq!((event.day, event.link), (TODAY + 1, link(SEED, TODAY + 1)));
    late(&mut world, TODAY + 1, ClaimsError::DrawDaysInvalid);
    // Days that were left out are revealed with a later one.
    world.advance(9 * DAY);
    let outcome = world.send_unsigned(&[reveal(SEED, TODAY + 9)]).assert_ok();
    println!("eight days at once: {} CU", outcome.cu);
    let chain = fixture.read_draws(&world);
    assert_eq!(chain.link_of(TODAY + 4), Some(link(SEED, TODAY + 4)));
    late(&mut world, TODAY + 4, ClaimsError::DrawDaysInvalid);
}

/// A year that is revealed at once, at its end, fits a transaction.
#[test]
fn the_longest_wait_can_be_made_up_for() {
    let (mut world, fixture) = drawing(sampled(HALF));
    world.advance(i64::from(YEAR_ENDS - TODAY) * DAY);
    let outcome = world
        .send_unsigned(&[fixture.reveal_draws(SEED, YEAR_ENDS)])
        .assert_ok();
    println!("300 days at once: {} CU", outcome.cu);
    assert!(outcome.cu < 150_000, "{}", outcome.cu);
}

/// Anybody can work out from the ledger which claims are drawn, and nobody before the day is over.
#[test]
fn the_link_of_the_day_and_the_claims_address_decide() {
    let (mut world, fixture) = drawing(sampled(HALF));
    for n in 1..=12 {
        let mut args = fixture.submit_args(n, &asked(n));
        args.service_date = SERVICE_DATE - 4 * i32::from(n);
        let accounts = fixture.submit_accounts(n);
        let submit = claims_instruction(accounts, data::SubmitClaim { args });
        world.send_unsigned(&[submit]).assert_ok();
        assert_eq!(fixture.read_claim(&world, n).pend_reason, PendReason::Draw);
    }
    world.advance(DAY);
    world
        .send_unsigned(&[fixture.reveal_draws(SEED, TODAY + 1)])
        .assert_ok();
    let (mut drawn, mut passed) = (0, 0);
    for n in 1..=12 {
        let outcome = world.send_unsigned(&[fixture.draw(n)]).assert_ok();
        let event: ClaimDrawn = outcome.event();
        let wanted = DrawChain::draws(&link(SEED, TODAY + 1), &fixture.claim(n), HALF);
        assert_eq!(
            (event.is_drawn, event.link),
            (wanted, link(SEED, TODAY + 1))
        );
        let claim = fixture.read_claim(&world, n);
        if wanted {
            drawn += 1;
            assert_eq!(
                (claim.status, claim.pend_reason, event.payout),
                (ClaimStatus::Pended, PendReason::Sampled, Pubkey::default())
            );
            assert_eq!(claim.totals.paid, 0);
        } else {
            passed += 1;
            assert_eq!(
                (claim.status, claim.pend_reason, claim.course.wait_until),
                (ClaimStatus::Paid, PendReason::None, 0)
            );
            assert_eq!((event.paid, event.payout), (claim.due(), fixture.payout));
        }
        fixture.assert_money_adds_up(&world);
        refused(
            &mut world,
            &[fixture.draw(n)],
            &[],
            ClaimsError::DrawNotAwaited,
        );
    }
    assert!(
        drawn > 0 && passed > 0,
        "{drawn} drawn, {passed} passed over"
    );
}

#[test]
fn what_is_drawn_is_the_insurers_to_decide() {
    let (mut world, fixture) = revealed(sampled(10_000));
    for early in [
        fixture.decide(1, Decision::Approve),
        fixture.request_information(1),
    ] {
        refused(
            &mut world,
            &[early],
            &[&fixture.staff.key()],
            ClaimsError::DrawAwaited,
        );
    }
    world.send_unsigned(&[fixture.draw(1)]).assert_ok();
    let deny = Decision::Deny {
        group: AdjustmentGroup::Contractual,
        reason: 50,
    };
    world
        .clone()
        .send_unsigned(&[fixture.decide(1, deny)])
        .assert_ok();
    world
        .send_unsigned(&[fixture.decide(1, Decision::Approve)])
        .assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.totals.paid),
        (ClaimStatus::Paid, 8_000)
    );
    fixture.assert_money_adds_up(&world);
}

/// An insurer that does not reveal its draw blocks nobody: in time nothing passes, after that everything does.
#[test]
fn silence_draws_nothing() {
    let (mut world, fixture) = waiting(sampled(10_000));
    for _ in 0..=REVEAL_DAYS {
        refused(
            &mut world,
            &[fixture.draw(1)],
            &[],
            ClaimsError::DrawNotRevealed,
        );
        world.advance(DAY);
    }
    let mut decided = world.clone();
    decided
        .send_unsigned(&[fixture.decide(1, Decision::Approve)])
        .assert_ok();
    let outcome = world.send_unsigned(&[fixture.draw(1)]).assert_ok();
    let event: ClaimDrawn = outcome.event();
    assert_eq!(
        (event.is_drawn, event.link, event.status),
        (false, [0; 32], ClaimStatus::Paid)
    );
    assert_eq!(world.balance(&fixture.payout), 8_000 * UNIT_PER_CENT);
    fixture.assert_money_adds_up(&world);
}

/// Without any committed secret, or on a day before it, claims wait their time and pass.
#[test]
fn no_secret_draws_nothing() {
    let (mut world, fixture) = ready();
    let fixture = fixture.checked(&mut world, terms(), sampled(10_000));
    fixture.submit(&mut world, 1, &asked(1)).assert_ok();
    for (commits, days) in [(false, 6), (true, 6)] {
        let mut world = world.clone();
        if commits {
            let commit = fixture.commit_draws(SEED, TODAY + 1);
            world.send_unsigned(&[commit]).assert_ok();
            world.advance(2 * DAY);
            let reveal = fixture.reveal_draws(SEED, TODAY + 1);
            world.send_unsigned(&[reveal]).assert_ok();
            refused(
                &mut world,
                &[fixture.draw(1)],
                &[],
                ClaimsError::DrawNotRevealed,
            );
        }
        world.advance(days * DAY);
        world.send_unsigned(&[fixture.draw(1)]).assert_ok();
        assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
    }
}

/// Nobody can leave the chain out or bring another pool's: it lies at an address of its own.
#[test]
fn the_chain_is_the_pools_of_the_year() {
    let (mut world, fixture) = revealed(sampled(10_000));
    world.advance(20 * DAY);
    let empty = world.actor("nothing").pubkey();
    for other in [empty, fixture.claim(1), fixture.claim(9)] {
        let mut draw = fixture.draw(1);
        draw.accounts[8].pubkey = other;
        refused(&mut world, &[draw], &[], ErrorCode::ConstraintSeeds);
    }
    // So what is revealed counts, however late it is looked at.
    world.send_unsigned(&[fixture.draw(1)]).assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 1).pend_reason,
        PendReason::Sampled
    );
}

/// Limits look first: what the insurer sees anyway is not drawn.
#[test]
fn only_what_would_pass_without_a_look_is_drawn() {
    let (mut world, fixture) = drawing(sampled(10_000));
    let limited = AgreementTerms {
        limit_per_claim: 1,
        ..unlimited()
    };
    let set = fixture.set_agreement_terms(&world, limited);
    world.send_unsigned(&[set]).assert_ok();
    fixture.submit(&mut world, 1, &asked(1)).assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 1).pend_reason,
        PendReason::ClaimLimit
    );
    fixture.submit(&mut world, 2, &[line(2, 5_000)]).assert_ok();
    // All of it is the member's share, or suspect: nothing to draw.
    assert_ne!(fixture.read_claim(&world, 2).pend_reason, PendReason::Draw);
    // A limit that falls after the draw holds too.
    let (mut world, fixture) = waiting(sampled(1));
    let set = fixture.set_agreement_terms(&world, limited);
    world.send_unsigned(&[set]).assert_ok();
    world.advance((i64::from(REVEAL_DAYS) + 1) * DAY);
    world.send_unsigned(&[fixture.draw(1)]).assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 1).pend_reason,
        PendReason::ClaimLimit
    );
}

/// Where the plan says so, the draw asks the member instead of the insurer, about what the member has not signed.
#[test]
fn the_draw_can_ask_the_member() {
    let checks = PlanChecks {
        confirmation: Confirmation::Sampled,
        confirmation_days: CONFIRMATION_DAYS,
        ..sampled(10_000)
    };
    let (mut world, fixture) = drawing(checks);
    world
        .send_unsigned(&fixture.submit_vouched(1, &asked(1)))
        .assert_ok();
    fixture.submit(&mut world, 2, &asked(2)).assert_ok();
    for n in [1, 2] {
        assert_eq!(fixture.read_claim(&world, n).pend_reason, PendReason::Draw);
    }
    world.advance(DAY);
    let reveal = fixture.reveal_draws(SEED, TODAY + 1);
    world.send_unsigned(&[reveal]).assert_ok();
    for n in [1, 2] {
        world.send_unsigned(&[fixture.draw(n)]).assert_ok();
    }
    let (vouched, signed) = (fixture.read_claim(&world, 1), fixture.read_claim(&world, 2));
    assert_eq!(
        (vouched.pend_reason, vouched.course.wait_until),
        (
            PendReason::Confirmation,
            TODAY + 2 + i32::from(CONFIRMATION_DAYS)
        )
    );
    assert_eq!(signed.pend_reason, PendReason::Sampled);
    // Confirmed, it is not drawn again.
    world
        .send(&[fixture.confirm(1)], &[&fixture.member_key()])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Paid);
    fixture.assert_money_adds_up(&world);
}

/// Confirmed by the member, a claim can still be drawn for the insurer.
#[test]
fn first_the_member_then_the_draw() {
    let checks = PlanChecks {
        sampling_bps: 10_000,
        reveal_days: REVEAL_DAYS,
        ..confirmed()
    };
    let (mut world, fixture) = drawing(checks);
    world
        .send_unsigned(&fixture.submit_vouched(1, &asked(1)))
        .assert_ok();
    world.send_unsigned(&[fixture.confirm(1)]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).pend_reason, PendReason::Draw);
    world.advance(DAY);
    for step in [fixture.reveal_draws(SEED, TODAY + 1), fixture.draw(1)] {
        world.send_unsigned(&[step]).assert_ok();
    }
    assert_eq!(
        fixture.read_claim(&world, 1).pend_reason,
        PendReason::Sampled
    );
}

/// Nor drawn: whoever decides has looked.
#[test]
fn nothing_is_drawn_under_an_agreement_that_is_over() {
    let (mut world, fixture) = drawing(sampled(HALF));
    let suspend = fixture.set_agreement_status(&world, AgreementStatus::Suspended);
    world.send_unsigned(&[suspend]).assert_ok();
    fixture.submit(&mut world, 1, &asked(1)).assert_ok();
    assert_eq!(
        fixture.read_claim(&world, 1).pend_reason,
        PendReason::AgreementOver
    );
}

#[test]
fn only_under_an_agreement_and_no_pause() {
    let (world, fixture) = revealed(sampled(HALF));
    let mut suspended = world.clone();
    let suspend = fixture.set_agreement_status(&suspended, AgreementStatus::Suspended);
    suspended.send_unsigned(&[suspend]).assert_ok();
    refused(
        &mut suspended,
        &[fixture.draw(1)],
        &[],
        ClaimsError::AgreementNotActive,
    );
    // It is not lost: once its time is over the insurer decides.
    suspended.advance(6 * DAY);
    suspended
        .send_unsigned(&[fixture.decide(1, Decision::Approve)])
        .assert_ok();
    let mut paused = world.clone();
    fixture.registry.pause(&mut paused, 3_600).assert_ok();
    refused(
        &mut paused,
        &[fixture.draw(1)],
        &[],
        ClaimsError::AwardsPaused,
    );
    let mut other = world;
    let owner = fixture.provider.authority().pubkey();
    let payout = other.token_account("elsewhere", &fixture.mint, &owner);
    refused(
        &mut other,
        &[swapped(fixture.draw(1), fixture.payout, payout)],
        &[],
        ClaimsError::WrongPayout,
    );
}
