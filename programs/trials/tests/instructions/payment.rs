//! Paying participants in batches, and sites.

use galen_testkit::random::Random;
use trials::events::{HoldbackReleased, ParticipantsPaid, SitePaid, SurplusWithdrawn};

use crate::common::*;

/// `count` participants who are each owed 100.00.
fn owed(count: u16) -> (World, TrialsFixture) {
    let (mut world, fixture) = enrolled(count);
    for index in 0..count {
        done(
            &mut world,
            fixture.attest(index, 1, TODAY),
            &[&fixture.nurse.key()],
        );
    }
    (world, fixture)
}

fn balances(world: &World, fixture: &TrialsFixture, count: u16) -> Vec<u64> {
    (0..count)
        .map(|n| world.balance(&fixture.payee_address(n)) / UNIT_PER_CENT)
        .collect()
}

#[test]
fn a_batch_pays_each_once() {
    for at_once in [false, true] {
        let (mut world, fixture) = owed(3);
        let event: ParticipantsPaid =
            done(&mut world, fixture.pay(&[0, 1, 2], at_once), &[]).event();
        assert_eq!(
            (event.paid, event.amount, event.skipped),
            (3, 30_000, vec![])
        );
        assert_eq!(balances(&world, &fixture, 3), [10_000; 3]);
        for participant in fixture.read_cohort(&world) {
            assert_eq!(
                (participant.due, participant.paid, participant.paid_bits),
                (0, 10_000, 2)
            );
        }
        assert_books(&world, &fixture);
        // Again, as a second operator or a restarted client would: nothing moves.
        let event: ParticipantsPaid =
            done(&mut world, fixture.pay(&[2, 1, 0], at_once), &[]).event();
        assert_eq!((event.paid, event.amount), (0, 0));
        // The same participant twice in one batch is paid once.
        done(
            &mut world,
            fixture.reimburse(0, 500, false),
            &[&fixture.nurse.key()],
        );
        done(&mut world, fixture.pay(&[0, 0, 0], at_once), &[]);
        assert_eq!(balances(&world, &fixture, 3), [10_500, 10_000, 10_000]);
        assert_books(&world, &fixture);
    }
}

#[test]
fn a_payee_that_cannot_take_money_holds_up_nobody() {
    for at_once in [false, true] {
        let (mut world, fixture) = owed(5);
        // 0: frozen; 1: closed; 2: given away; 3: another account than the one named.
        world.freeze(&fixture.payee_address(0));
        world.remove(&fixture.payee_address(1));
        let mut state = world.token(&fixture.payee_address(2));
        state.owner = actor("thief").pubkey();
        world.set_token(&fixture.payee_address(2), state);
        let thief = world.token_account("thief's", &fixture.mint, &actor("thief").pubkey());
        let payees = [
            fixture.payee_address(0),
            fixture.payee_address(1),
            fixture.payee_address(2),
            thief,
            fixture.payee_address(4),
        ];
        let event: ParticipantsPaid = done(
            &mut world,
            fixture.pay_to(&[0, 1, 2, 3, 4], &payees, at_once),
            &[],
        )
        .event();
        assert_eq!(
            (event.paid, event.amount, event.skipped),
            (1, 10_000, vec![0, 1, 2, 3])
        );
        assert_eq!(world.balance(&thief), 0);
        assert_eq!(
            world.balance(&fixture.payee_address(4)),
            10_000 * UNIT_PER_CENT
        );
        let noted: Vec<bool> = fixture
            .read_cohort(&world)
            .iter()
            .map(|p| p.has(Participant::UNDELIVERABLE))
            .collect();
        assert_eq!(noted, [true, true, true, false, false]);
        assert_books(&world, &fixture);
        // Still owed, and paid once the account can take it.
        let mut state = world.token(&fixture.payee_address(0));
        state.state = anchor_spl::token::spl_token::state::AccountState::Initialized;
        world.set_token(&fixture.payee_address(0), state);
        done(&mut world, fixture.pay(&[0, 3], at_once), &[]);
        let participant = fixture.read(&world, 0);
        assert_eq!((participant.due, participant.paid), (0, 10_000));
        assert!(!participant.has(Participant::UNDELIVERABLE));
        assert_eq!(fixture.read(&world, 3).paid, 10_000);
    }
}

/// Paid at once, payees are read where they lie; one of the named accounts among them, and they are read as Anchor does. Whichever
/// way is gone, and one by one, the same is paid, skipped, noted and refused.
#[test]
fn every_way_of_paying_comes_to_the_same() {
    const COUNT: u64 = 6;
    let (mut world, fixture) = owed(6);
    // Nothing is due to the last one: the account given for it decides on the way, and on nothing else.
    done(&mut world, fixture.pay(&[5], false), &[]);
    let thief = world.token_account("thief's", &fixture.mint, &actor("thief").pubkey());
    let (mut paid, mut refused) = (0, 0);
    for round in 0..60 {
        let mut random = Random(round);
        let mut world = world.clone();
        for payee in (0..5).map(|n| fixture.payee_address(n)) {
            match random.below(16) {
                0 => world.freeze(&payee),
                1 => world.remove(&payee),
                2 => {
                    let mut state = world.token(&payee);
                    state.owner = actor("thief").pubkey();
                    world.set_token(&payee, state);
                }
                3 => {
                    let mut account = world.raw(&payee).unwrap();
                    account.data.pop();
                    world.set_raw(&payee, account);
                }
                _ => {}
            }
        }
        let mut indexes = Vec::new();
        let mut payees = Vec::new();
        for _ in 0..random.below(12) {
            let index = u16::try_from(random.below(COUNT)).unwrap();
            let other = u16::try_from(random.below(COUNT)).unwrap();
            // No participant, one time in forty; another's account, one in eight.
            indexes.push(if random.below(40) == 0 {
                u16::MAX
            } else {
                index
            });
            payees.push(fixture.payee_address(if random.below(8) == 0 { other } else { index }));
        }
        indexes.push(5);
        let pay = |last: Pubkey, at_once: bool| {
            let mut world = world.clone();
            let payees = [&payees[..], &[last]].concat();
            let outcome = world.send(&[fixture.pay_to(&indexes, &payees, at_once)], &[]);
            let event = outcome.succeeded().then(|| {
                let event: ParticipantsPaid = outcome.event();
                (
                    event.cohort,
                    event.trial,
                    event.paid,
                    event.amount,
                    event.skipped,
                )
            });
            (event, outcome.code(), world)
        };
        let (event, code, after) = pay(thief, true);
        for (last, at_once) in [
            (fixture.vault, true),
            (thief, false),
            (fixture.vault, false),
        ] {
            let (other_event, other_code, other_after) = pay(last, at_once);
            assert_eq!((&event, code), (&other_event, other_code), "{round}");
            after.snapshot().assert_same(&other_after.snapshot());
        }
        match event {
            Some((_, _, count, ..)) => paid += count,
            None => refused += 1,
        }
    }
    assert!(paid > 60 && refused > 3, "{paid} paid, {refused} refused");
}

/// What is not the data of a payment at once to the byte is read as Anchor reads it.
#[test]
fn arguments_that_are_not_whole_are_read_as_anchor_does() {
    let (world, fixture) = owed(2);
    let pay = |change: fn(&mut Vec<u8>)| {
        let mut world = world.clone();
        let mut instruction = fixture.pay(&[0, 1], true);
        change(&mut instruction.data);
        let outcome = world.send(&[instruction], &[]);
        (outcome.code(), balances(&world, &fixture, 2))
    };
    // Anchor passes over what follows the arguments.
    assert_eq!(pay(|data| data.push(1)), (None, vec![10_000; 2]));
    let unread = (
        Some(ErrorCode::InstructionDidNotDeserialize.into()),
        vec![0; 2],
    );
    // Neither true nor false; a byte, an index and the flag too few; more indexes than there are bytes.
    assert_eq!(pay(|data| *data.last_mut().unwrap() = 2), unread);
    assert_eq!(pay(|data| data.truncate(data.len() - 1)), unread);
    assert_eq!(pay(|data| data.truncate(10)), unread);
    assert_eq!(pay(|data| data[11] = 1), unread);
    // More accounts than indexes.
    let mut world = world.clone();
    let mut instruction = fixture.pay(&[0, 1], true);
    instruction.accounts.pop();
    assert_eq!(
        world.send(&[instruction], &[]).code(),
        Some(TrialsError::PayeesMismatch.into())
    );
}

#[test]
fn accounts_of_other_mints_and_other_programs_are_skipped() {
    let (mut world, fixture) = owed(1);
    let mint = world.mint("other mint", &MintTerms::default());
    let other = world.token_account("other", &mint, &fixture.participant(0).pubkey());
    let same = world.raw(&other).unwrap();
    // At the named address: another mint, then another program.
    let payee = fixture.payee_address(0);
    let mut foreign = world.raw(&payee).unwrap();
    foreign.owner = actor("foreign program").pubkey();
    for account in [same, foreign] {
        let mut world = world.clone();
        world.set_raw(&payee, account);
        let event: ParticipantsPaid = done(&mut world, fixture.pay(&[0], false), &[]).event();
        assert_eq!((event.paid, event.skipped), (0, vec![0]));
        assert_eq!(fixture.read(&world, 0).due, 10_000);
    }
}

#[test]
fn token_2022_accounts_that_ask_for_a_memo_are_skipped() {
    let mut world = empty();
    let terms = MintTerms {
        program: galen_testkit::TokenProgram::Token2022,
        ..MintTerms::default()
    };
    let fixture = TrialsFixture::bare_with_mint(&mut world, &terms);
    fixture.set_up(&mut world, FUNDED);
    fixture.enrol_many(&mut world, 3);
    for index in 0..3 {
        done(
            &mut world,
            fixture.attest(index, 1, TODAY),
            &[&fixture.nurse.key()],
        );
    }
    for (index, required) in [(0, false), (1, true)] {
        world.extend_with_memo(&fixture.payee_address(index), required);
    }
    let event: ParticipantsPaid = done(&mut world, fixture.pay(&[0, 1, 2], false), &[]).event();
    assert_eq!((event.paid, event.skipped), (2, vec![1]));
    // The token program agrees: forced, the transfer fails.
    let participant = fixture.read(&world, 1);
    assert!(participant.has(Participant::UNDELIVERABLE));
    assert_books(&world, &fixture);
}

#[test]
fn what_does_not_fit_is_refused() {
    let (mut world, fixture, other) = two_trials();
    fixture.enrol_many(&mut world, 1);
    let pay = fixture.pay(&[0], false);
    for (from, to, error) in [
        (fixture.vault, other.vault, TrialsError::WrongVault),
        (
            fixture.cohort,
            other.cohort,
            TrialsError::CohortOfOtherTrial,
        ),
    ] {
        refused(&mut world, swapped(pay.clone(), from, to), &[], error);
    }
    refused(
        &mut world,
        fixture.pay_to(&[0, 0], &[fixture.payee_address(0)], false),
        &[],
        TrialsError::PayeesMismatch,
    );
    refused(
        &mut world,
        fixture.pay(&[1], false),
        &[],
        TrialsError::ParticipantUnknown,
    );
    refused(
        &mut world,
        swapped(pay, anchor_spl::token::ID, anchor_spl::token_2022::ID),
        &[],
        TrialsError::WrongTokenProgram,
    );
}

#[test]
fn a_frozen_vault_pays_nobody_and_loses_nothing() {
    let (mut world, fixture) = owed(2);
    world.freeze(&fixture.vault);
    for at_once in [false, true] {
        let before = world.snapshot();
        assert!(!world
            .send(&[fixture.pay(&[0, 1], at_once)], &[])
            .succeeded());
        before.assert_same(&world.snapshot());
    }
    assert_eq!(fixture.read(&world, 0).due, 10_000);
}

#[test]
fn donations_to_the_vault_are_not_the_trials() {
    let (mut world, fixture) = owed(1);
    world.mint_to(&fixture.vault, 77);
    done(&mut world, fixture.pay(&[0], false), &[]);
    let trial = fixture.read_trial(&world);
    assert_eq!(
        world.balance(&fixture.vault),
        trial.escrow().unwrap() * UNIT_PER_CENT + 77
    );
}

#[test]
fn a_donation_is_taken_back_when_nobody_is_owed_anything() {
    let (mut world, fixture) = owed(1);
    let (nurse, staff) = (fixture.nurse.key(), fixture.staff.key());
    // 50.00 and some thousandths of a cent.
    world.mint_to(&fixture.vault, 5_000 * UNIT_PER_CENT + 77);
    let free = |world: &World| fixture.read_trial(world).free().unwrap();
    let take = |world: &mut World, cents: u64| {
        let take = fixture.withdraw_surplus(world, cents);
        done(world, take, &[&staff]).event::<SurplusWithdrawn>()
    };
    let refuse = |world: &mut World, cents: u64| {
        let take = fixture.withdraw_surplus(world, cents);
        refused(world, take, &[&staff], TrialsError::MoreThanFree);
    };
    // While it runs, and while something is set aside or payable, it is nobody's.
    let now_free = free(&world);
    refuse(&mut world, now_free + 1);
    let end = fixture.end_trial(&world, EndReason::Sponsor);
    done(&mut world, end, &[&staff]);
    let now_free = free(&world);
    refuse(&mut world, now_free + 1);
    done(
        &mut world,
        fixture.leave(0, DepartureArg::Discontinued, false),
        &[&nurse],
    );
    world.advance(31 * DAY);
    done(&mut world, fixture.settle(0), &[]);
    let trial = fixture.read_trial(&world);
    assert!(trial.reserved == 0 && trial.payable > 0);
    let now_free = free(&world);
    refuse(&mut world, now_free + 1);
    assert_eq!(take(&mut world, 1).donated, 0);
    done(&mut world, fixture.pay(&[0], false), &[]);
    done(&mut world, fixture.pay_site(), &[]);
    world.advance(90 * DAY);
    done(&mut world, fixture.release_holdback(None), &[&staff]);
    done(&mut world, fixture.pay_site(), &[]);
    let before = fixture.read_trial(&world);
    assert_eq!((before.reserved, before.payable), (0, 0));

    // To the cent, and not one more.
    let everything = free(&world) + 5_000;
    refuse(&mut world, everything + 1);
    let event = take(&mut world, 1_000);
    assert_eq!(
        (event.amount, event.donated, event.free),
        (1_000, 5_000, everything - 1_000)
    );
    let after = fixture.read_trial(&world);
    assert_eq!(
        (after.funded, after.withdrawn, after.paid),
        (before.funded + 5_000, before.withdrawn + 1_000, before.paid)
    );
    let event = take(&mut world, everything - 1_000);
    assert_eq!((event.donated, event.free), (0, 0));
    assert_eq!(world.balance(&fixture.vault), 77, "less than a cent");
    refuse(&mut world, 1);
    // Another donation is found as well.
    world.mint_to(&fixture.vault, UNIT_PER_CENT - 77);
    assert_eq!(take(&mut world, 1).donated, 1);
    assert_eq!(world.balance(&fixture.vault), 0);
}

#[test]
fn a_donation_too_large_to_count_keeps_nothing_from_the_sponsor() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let end = fixture.end_trial(&world, EndReason::Sponsor);
    done(&mut world, end, &[&staff]);
    // More cents than the ledger can count beside what was funded before.
    world.mint_to(&fixture.vault, u64::MAX / 2);
    let most = u64::MAX / UNIT_PER_CENT;
    let held = (u64::MAX / 2 + FUNDED * UNIT_PER_CENT) / UNIT_PER_CENT;
    let take = fixture.withdraw_surplus(&world, held);
    let event: SurplusWithdrawn = done(&mut world, take, &[&staff]).event();
    assert_eq!((event.donated, event.free), (held - FUNDED, 0));
    // The same money comes again.
    let mut treasury = world.token(&fixture.treasury);
    let mut vault = world.token(&fixture.vault);
    vault.amount += std::mem::take(&mut treasury.amount);
    world.set_token(&fixture.treasury, treasury);
    world.set_token(&fixture.vault, vault);
    let take = fixture.withdraw_surplus(&world, most - held);
    let event: SurplusWithdrawn = done(&mut world, take, &[&staff]).event();
    assert_eq!((event.donated, event.free), (most - held, 0));
    assert_eq!(fixture.read_trial(&world).funded, most);
    // The rest stays, and so nothing is refused for it but the amount.
    let take = fixture.withdraw_surplus(&world, 1);
    refused(&mut world, take, &[&staff], TrialsError::MoreThanFree);
}

#[test]
fn the_site_is_paid_and_the_holdback_later() {
    let (mut world, fixture) = owed(2);
    refused(
        &mut world,
        swapped(fixture.pay_site(), fixture.payout, fixture.payee_address(0)),
        &[],
        TrialsError::WrongPayout,
    );
    let event: SitePaid = done(&mut world, fixture.pay_site(), &[]).event();
    assert_eq!((event.payout, event.amount), (fixture.payout, 9_000));
    assert_eq!(world.balance(&fixture.payout), 9_000 * UNIT_PER_CENT);
    refused(&mut world, fixture.pay_site(), &[], TrialsError::NothingDue);
    let stranger = world.actor("stranger");
    refused(
        &mut world,
        fixture.release_holdback(Some(stranger.pubkey())),
        &[&stranger],
        TrialsError::TrialRunning,
    );
    let mut by_sponsor = world.clone();
    let event: HoldbackReleased = done(
        &mut by_sponsor,
        fixture.release_holdback(None),
        &[&fixture.staff.key()],
    )
    .event();
    assert_eq!(event.amount, 1_000);
    refused(
        &mut by_sponsor,
        fixture.release_holdback(None),
        &[&fixture.staff.key()],
        TrialsError::NothingHeld,
    );
    done(&mut by_sponsor, fixture.pay_site(), &[]);
    assert_eq!(world.balance(&fixture.payout), 9_000 * UNIT_PER_CENT);
    assert_books(&by_sponsor, &fixture);
    // Or by anybody, 90 days after the end.
    let end = fixture.end_trial(&world, EndReason::Complete);
    done(&mut world, end, &[&fixture.staff.key()]);
    world.advance(89 * DAY);
    refused(
        &mut world,
        fixture.release_holdback(Some(stranger.pubkey())),
        &[&stranger],
        TrialsError::TrialRunning,
    );
    world.advance(DAY);
    done(
        &mut world,
        fixture.release_holdback(Some(stranger.pubkey())),
        &[&stranger],
    );
    world.freeze(&fixture.payout);
    refused(
        &mut world,
        fixture.pay_site(),
        &[],
        TrialsError::PayeeInvalid,
    );
}

#[test]
fn the_sponsor_takes_back_what_is_free_and_no_cent_more() {
    let (mut world, fixture) = owed(1);
    let staff = fixture.staff.key();
    let trial = fixture.read_trial(&world);
    let free = trial.free().unwrap();
    assert_eq!(free, FUNDED - AT_CONSENT - AT_ENROLMENT);
    let more = fixture.withdraw_surplus(&world, free + 1);
    refused(&mut world, more, &[&staff], TrialsError::MoreThanFree);
    let none = fixture.withdraw_surplus(&world, 0);
    refused(&mut world, none, &[&staff], TrialsError::AmountZero);
    let to_vault = swapped(
        fixture.withdraw_surplus(&world, 1),
        fixture.treasury,
        fixture.vault,
    );
    refused(
        &mut world,
        to_vault,
        &[&staff],
        TrialsError::PaymentMismatch,
    );
    let all = fixture.withdraw_surplus(&world, free);
    let event: SurplusWithdrawn = done(&mut world, all.clone(), &[&staff]).event();
    assert_eq!((event.amount, event.free), (free, 0));
    assert_books(&world, &fixture);
    refused(&mut world, all, &[&staff], TrialsError::AdminSequenceStale);
    // What was promised is paid to the end.
    done(&mut world, fixture.pay(&[0], false), &[]);
    done(&mut world, fixture.pay_site(), &[]);
    let late = fixture.withdraw_surplus(&world, 1);
    world.advance(3_601);
    refused(&mut world, late, &[&staff], TrialsError::AdminExpired);
}
