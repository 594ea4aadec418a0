use claims::constants::{WITHDRAWAL_NOTICE_SECONDS, WITHDRAWAL_WINDOW_SECONDS};
use claims::events::{WithdrawalAnnounced, WithdrawalCancelled, Withdrawn};
use claims::instructions::{AnnounceWithdrawalArgs, CancelWithdrawalArgs};

use crate::common::*;

fn announce(world: &mut World, fixture: &ClaimsFixture, amount: u64) -> Outcome {
    let announce = fixture.announce_withdrawal(world, amount);
    world.send(&[announce], &[&fixture.staff.key()])
}

fn withdraw(world: &mut World, fixture: &ClaimsFixture) -> Outcome {
    world.send(&[fixture.withdraw()], &[&fixture.staff.key()])
}

#[test]
fn what_was_announced_is_withdrawn_in_time() {
    let (mut world, fixture) = ready();
    let before = fixture.read_pool(&world);
    let treasury = world.balance(&fixture.treasury);
    let event: WithdrawalAnnounced = announce(&mut world, &fixture, 500).assert_ok().event();
    let due_at = world.now() + WITHDRAWAL_NOTICE_SECONDS;
    assert_eq!(
        (event.amount, event.destination, event.due_at),
        (500, fixture.treasury, due_at)
    );
    let announced = fixture.read_pool(&world);
    assert_eq!(
        announced,
        Pool {
            sequence: before.sequence + 1,
            withdrawal: 500,
            withdrawal_at: due_at,
            withdrawal_to: fixture.treasury,
            ..before
        }
    );
    let staff = fixture.staff.key();
    let second = fixture.announce_withdrawal(&world, 1);
    refused(
        &mut world,
        &[second],
        &[&staff],
        ClaimsError::WithdrawalAlreadyAnnounced,
    );

    world.set_time(due_at - 1);
    refused(
        &mut world,
        &[fixture.withdraw()],
        &[&staff],
        ClaimsError::WithdrawalNotDue,
    );
    let mut late = world.clone();
    late.set_time(due_at + WITHDRAWAL_WINDOW_SECONDS);
    refused(
        &mut late,
        &[fixture.withdraw()],
        &[&staff],
        ClaimsError::WithdrawalLapsed,
    );
    late.set_time(due_at + WITHDRAWAL_WINDOW_SECONDS - 1);
    withdraw(&mut late, &fixture).assert_ok();

    world.set_time(due_at);
    let event: Withdrawn = withdraw(&mut world, &fixture).assert_ok().event();
    assert_eq!((event.amount, event.destination), (500, fixture.treasury));
    assert_eq!(
        fixture.read_pool(&world),
        Pool {
            sequence: before.sequence + 1,
            withdrawn: 500,
            ..before
        }
    );
    assert_eq!(
        world.balance(&fixture.treasury),
        treasury + 500 * UNIT_PER_CENT
    );
    fixture.assert_money_adds_up(&world);
    refused(
        &mut world,
        &[fixture.withdraw()],
        &[&staff],
        ClaimsError::NoWithdrawalAnnounced,
    );
}

#[test]
fn claims_come_first() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    announce(&mut world, &fixture, FUNDED).assert_ok();
    fixture
        .submit(&mut world, 1, &[line(1, 50_000), line(2, 50_000)])
        .assert_ok();
    assert_eq!(fixture.read_pool(&world).paid, 8_000);
    world.advance(WITHDRAWAL_NOTICE_SECONDS);
    // The money is no longer all there.
    refused(
        &mut world,
        &[fixture.withdraw()],
        &[&staff],
        ClaimsError::PoolUnderfunded,
    );
    // Somebody waits for more than there is.
    let large = ClaimLineArgs {
        units: u16::MAX,
        day: 1,
        ..line(1, FUNDED + 600_000)
    };
    fixture.submit(&mut world, 2, &[large]).assert_ok();
    assert!(fixture.read_pool(&world).unfunded > 0);
    refused(
        &mut world,
        &[fixture.withdraw()],
        &[&staff],
        ClaimsError::WithdrawalWhileUnfunded,
    );
    // What is set aside for a claim is not free either.
    fixture.fund(&mut world, 1_000_000).assert_ok();
    assert_eq!(fixture.read_pool(&world).unfunded, 0);
    refused(
        &mut world,
        &[fixture.withdraw()],
        &[&staff],
        ClaimsError::PoolUnderfunded,
    );
    fixture.assert_money_adds_up(&world);
}

#[test]
fn what_is_withdrawn_pays_nobody() {
    let (mut world, fixture) = ready();
    announce(&mut world, &fixture, FUNDED).assert_ok();
    world.advance(WITHDRAWAL_NOTICE_SECONDS);
    withdraw(&mut world, &fixture).assert_ok();
    assert_eq!(world.balance(&fixture.vault), 0);
    fixture
        .submit(&mut world, 1, &[line(1, 50_000), line(2, 50_000)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Payable);
    assert_eq!(fixture.read_pool(&world).unfunded, 8_000);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn an_announcement_is_cancelled() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let nothing = fixture.cancel_withdrawal(&world);
    refused(
        &mut world,
        &[nothing],
        &[&staff],
        ClaimsError::NoWithdrawalAnnounced,
    );
    let before = fixture.read_pool(&world);
    announce(&mut world, &fixture, 500).assert_ok();
    let cancel = fixture.cancel_withdrawal(&world);
    let event: WithdrawalCancelled = world.send(&[cancel], &[&staff]).assert_ok().event();
    assert_eq!(event.amount, 500);
    assert_eq!(
        fixture.read_pool(&world),
        Pool {
            sequence: before.sequence + 2,
            ..before
        }
    );
    announce(&mut world, &fixture, 7).assert_ok();
}

#[test]
fn where_to_and_how_much() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let none = fixture.announce_withdrawal(&world, 0);
    refused(
        &mut world,
        &[none],
        &[&staff],
        ClaimsError::WithdrawalInvalid,
    );
    let good = fixture.announce_withdrawal(&world, 500);
    let other_mint = world.mint("other mint", &MintTerms::default());
    let of_other_mint = world.token_account("elsewhere", &other_mint, &staff.pubkey());
    for (to, error) in [
        (fixture.vault, ClaimsError::PayoutIsVault),
        (of_other_mint, ClaimsError::PayoutInvalid),
        (staff.pubkey(), ClaimsError::PayoutInvalid),
    ] {
        refused(
            &mut world,
            &[swapped(good.clone(), fixture.treasury, to)],
            &[&staff],
            error,
        );
    }
    world.send(&[good], &[&staff]).assert_ok();
    world.advance(WITHDRAWAL_NOTICE_SECONDS);
    refused(
        &mut world,
        &[swapped(
            fixture.withdraw(),
            fixture.treasury,
            fixture.payout,
        )],
        &[&staff],
        ClaimsError::WrongDestination,
    );
    world.freeze(&fixture.treasury);
    refused(
        &mut world,
        &[fixture.withdraw()],
        &[&staff],
        ClaimsError::PayoutFrozen,
    );
}

#[test]
fn not_during_a_pause() {
    let (mut world, fixture) = ready();
    announce(&mut world, &fixture, 500).assert_ok();
    world.advance(WITHDRAWAL_NOTICE_SECONDS);
    fixture.registry.pause(&mut world, 3_600).assert_ok();
    refused(
        &mut world,
        &[fixture.withdraw()],
        &[&fixture.staff.key()],
        ClaimsError::WithdrawalsPaused,
    );
    world.advance(3_600);
    withdraw(&mut world, &fixture).assert_ok();
}

#[test]
fn only_staff_that_commits_money() {
    let (mut world, fixture) = ready();
    let announcement = fixture.announce_withdrawal(&world, 500);
    assert_insurer_staff_only(&world, &fixture, &announcement, Permission::Fund);
    announce(&mut world, &fixture, 500).assert_ok();
    let cancel = fixture.cancel_withdrawal(&world);
    assert_insurer_staff_only(&world, &fixture, &cancel, Permission::Fund);
    world.advance(WITHDRAWAL_NOTICE_SECONDS);
    assert_insurer_staff_only(&world, &fixture, &fixture.withdraw(), Permission::Fund);
}

#[test]
fn a_signature_is_good_once() {
    let (mut world, fixture) = ready();
    let template = fixture.announce_withdrawal(&world, 500);
    assert_admin_is_checked(
        &world,
        &fixture.staff.key(),
        fixture.read_pool(&world).sequence,
        &|admin| Instruction {
            data: data::AnnounceWithdrawal {
                args: AnnounceWithdrawalArgs { admin, amount: 500 },
            }
            .data(),
            ..template.clone()
        },
    );
    announce(&mut world, &fixture, 500).assert_ok();
    let template = fixture.cancel_withdrawal(&world);
    assert_admin_is_checked(
        &world,
        &fixture.staff.key(),
        fixture.read_pool(&world).sequence,
        &|admin| Instruction {
            data: data::CancelWithdrawal {
                args: CancelWithdrawalArgs { admin },
            }
            .data(),
            ..template.clone()
        },
    );
}

#[test]
fn another_insurers_pool_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    announce(&mut world, &other, 500).assert_ok();
    world.advance(WITHDRAWAL_NOTICE_SECONDS);
    let staff = fixture.staff.key();
    for instruction in [
        fixture.announce_withdrawal(&world, 1),
        fixture.cancel_withdrawal(&world),
        fixture.withdraw(),
    ] {
        refused(
            &mut world,
            &[swapped(instruction, fixture.pool, other.pool)],
            &[&staff],
            ClaimsError::PoolOfOtherInsurer,
        );
    }
    for (from, to, error) in [
        (fixture.vault, other.vault, ClaimsError::WrongVault),
        (fixture.mint, other.mint, ClaimsError::WrongMint),
        (
            fixture.token_program,
            anchor_spl::token_2022::ID,
            ClaimsError::WrongTokenProgram,
        ),
    ] {
        refused(
            &mut world,
            &[swapped(fixture.withdraw(), from, to)],
            &[&staff],
            error,
        );
    }
}

/// Money that did not leave the vault was not paid, wherever it was sent.
#[test]
fn what_comes_back_to_the_vault_is_no_payment() {
    let (mut world, fixture) = ready();
    let announce = fixture.announce_withdrawal(&world, 1_000);
    world.send_unsigned(&[announce]).assert_ok();
    world.advance(WITHDRAWAL_NOTICE_SECONDS);
    // No announcement can name the vault.
    let to_itself = Pool {
        withdrawal_to: fixture.vault,
        ..fixture.read_pool(&world)
    };
    overwrite(&mut world, &fixture.pool, &to_itself);
    let withdraw = swapped(fixture.withdraw(), fixture.treasury, fixture.vault);
    refused(
        &mut world,
        &[withdraw],
        &[&fixture.staff.key()],
        ClaimsError::PaymentMismatch,
    );
}
