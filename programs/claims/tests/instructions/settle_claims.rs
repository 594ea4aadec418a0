use claims::events::ClaimsSettled;

use crate::appeals::write;
use crate::common::*;

/// A provider whose awards are paid together; claims 1 to `count` wait, with 80.00 awarded for each but the first.
fn waiting(count: u8) -> (World, ClaimsFixture) {
    let mut world = empty();
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, netted());
    for n in 1..=count {
        let own_day = ClaimLineArgs {
            day: n,
            units: 2,
            ..line(u32::from(n), if n == 1 { 20_000 } else { 10_000 })
        };
        world.set_time(
            world
                .now()
                .max((i64::from(SERVICE_DATE) + i64::from(n)) * DAY),
        );
        fixture.submit(&mut world, n, &[own_day]).assert_ok();
    }
    (world, fixture)
}

fn settle(world: &mut World, fixture: &ClaimsFixture, numbers: &[u8]) -> Outcome {
    world.send(&[fixture.settle_together(numbers)], &[])
}

#[test]
fn awards_of_a_provider_are_paid_in_one_transfer() {
    let (mut world, fixture) = waiting(3);
    for n in 1..=3 {
        let claim = fixture.read_claim(&world, n);
        assert_eq!(
            (claim.status, claim.money_reserved, claim.totals.paid),
            (ClaimStatus::Payable, true, 8_000)
        );
    }
    assert_eq!(world.balance(&fixture.payout), 0);
    assert_eq!(fixture.read_pool(&world).reserved_for_claims, 24_000);
    fixture.assert_money_adds_up(&world);
    let before = fixture.read_claim(&world, 2);
    // Claim 2 twice: it is paid once.
    let event: ClaimsSettled = settle(&mut world, &fixture, &[2, 1, 2, 3])
        .assert_ok()
        .event();
    assert_eq!(
        (event.pool, event.provider, event.payout),
        (fixture.pool, fixture.provider.address, fixture.payout)
    );
    assert_eq!(
        (event.amount, event.interest, event.paid),
        (24_000, 0, 0b1011)
    );
    assert_eq!(event.parts, []);
    assert_eq!(world.balance(&fixture.payout), 24_000 * UNIT_PER_CENT);
    assert_eq!(
        fixture.read_claim(&world, 2),
        Claim {
            status: ClaimStatus::Paid,
            money_reserved: false,
            paid_at: world.now(),
            ..before
        }
    );
    let pool = fixture.read_pool(&world);
    assert_eq!((pool.reserved_for_claims, pool.paid), (0, 24_000));
    fixture.assert_money_adds_up(&world);
    refused(
        &mut world,
        &[fixture.settle_together(&[1, 2, 3])],
        &[],
        ClaimsError::NothingToSettle,
    );
    refused(
        &mut world,
        &[fixture.settle_together(&[])],
        &[],
        ClaimsError::NothingToSettle,
    );
}

/// Twenty-two claims in a legacy transaction, at 1,500 units each and less.
#[test]
fn a_full_transaction() {
    const COUNT: u8 = 22;
    let (world, fixture) = waiting(COUNT);
    let numbers: Vec<u8> = (1..=COUNT).collect();
    let mut one = world.clone();
    let one = settle(&mut one, &fixture, &[1]).assert_ok();
    let mut all = world.clone();
    let outcome = settle(&mut all, &fixture, &numbers).assert_ok();
    assert!(outcome.bytes <= 1_232, "{}", outcome.bytes);
    let each = (outcome.cu - one.cu) / u64::from(COUNT - 1);
    println!(
        "{COUNT} claims: {} bytes, {} units, {each} for a further one",
        outcome.bytes, outcome.cu
    );
    assert!(outcome.cu / u64::from(COUNT) <= 1_500, "{}", outcome.cu);
    assert_eq!(
        all.balance(&fixture.payout),
        u64::from(COUNT) * 8_000 * UNIT_PER_CENT
    );
    fixture.assert_money_adds_up(&all);
}

/// What cannot be paid now holds up nothing else: drafts, claims that wait for the insurer, young awards in a pause.
/// The event names what was paid by one bit for each account: none is paid that it has no bit for.
#[test]
fn none_is_paid_that_the_event_cannot_name() {
    let (mut world, fixture) = waiting(2);
    settle(&mut world, &fixture, &[1]).assert_ok();
    let mut numbers = [1; 65];
    numbers[64] = 2;
    refused(
        &mut world,
        &[fixture.settle_together(&numbers)],
        &[],
        ClaimsError::TooManyClaims,
    );
    let event: ClaimsSettled = settle(&mut world, &fixture, &numbers[1..])
        .assert_ok()
        .event();
    assert_eq!((event.amount, event.paid), (8_000, 1 << 63));
    fixture.assert_money_adds_up(&world);
}

#[test]
fn claims_that_cannot_be_paid_are_passed_over() {
    let (mut world, fixture) = waiting(2);
    let open = fixture.open_claim(9, 1);
    world.send(&[open], &[&fixture.clerk.key()]).assert_ok();
    let event: ClaimsSettled = settle(&mut world.clone(), &fixture, &[9, 1, 2])
        .assert_ok()
        .event();
    assert_eq!((event.amount, event.paid), (16_000, 0b110));
    world.advance(DAY);
    let late = ClaimLineArgs {
        day: 7,
        units: 2,
        ..line(7, 10_000)
    };
    fixture.submit(&mut world, 3, &[late]).assert_ok();
    fixture.registry.pause(&mut world, 3_600).assert_ok();
    let event: ClaimsSettled = settle(&mut world, &fixture, &[3, 1, 2]).assert_ok().event();
    assert_eq!((event.amount, event.paid), (16_000, 0b110));
    fixture.assert_money_adds_up(&world);
}

/// The outflow limit of a day, and the pool's money, are given to the claims in their order.
#[test]
fn as_far_as_the_money_goes() {
    let (mut world, fixture) = waiting(3);
    let limit = fixture.set_outflow_limit(&world, 20_000);
    world.send(&[limit], &[&fixture.staff.key()]).assert_ok();
    // It holds for what was awarded before once the notice is over.
    world.advance(claims::constants::OUTFLOW_NOTICE_SECONDS);
    let event: ClaimsSettled = settle(&mut world, &fixture, &[3, 2, 1]).assert_ok().event();
    assert_eq!((event.amount, event.paid), (16_000, 0b011));
    refused(
        &mut world,
        &[fixture.settle_together(&[1])],
        &[],
        ClaimsError::NothingToSettle,
    );
    world.advance(DAY);
    settle(&mut world, &fixture, &[1]).assert_ok();
    fixture.assert_money_adds_up(&world);

    // Claims that wait for money, which is shared among them.
    let mut world = empty();
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, netted());
    let large = ClaimLineArgs {
        units: u16::MAX,
        ..line(1, FUNDED + 600_000)
    };
    fixture.submit(&mut world, 1, &[large]).assert_ok();
    let small = ClaimLineArgs {
        day: 1,
        ..line(2, 10_000)
    };
    fixture.submit(&mut world, 2, &[small]).assert_ok();
    assert!(!fixture.read_claim(&world, 2).money_reserved);
    // The first has all that there was when it began to wait; the second came later.
    let event: ClaimsSettled = settle(&mut world, &fixture, &[1, 2]).assert_ok().event();
    assert_eq!(
        (event.amount, event.paid, event.in_part),
        (FUNDED - 1, 0, 0b01)
    );
    fixture.assert_money_adds_up(&world);
    refused(
        &mut world,
        &[fixture.settle_together(&[1, 2])],
        &[],
        ClaimsError::NothingToSettle,
    );
    // Half of what both lack, then the rest: the batch pays a claim once, however often it is named.
    let lacking = fixture.read_pool(&world).unfunded;
    fixture.fund(&mut world, lacking / 2).assert_ok();
    let event: ClaimsSettled = settle(&mut world, &fixture, &[1, 2, 2]).assert_ok().event();
    assert_eq!((event.paid, event.in_part), (0, 0b011));
    assert!(event.amount <= lacking / 2 && event.amount + 2 >= lacking / 2);
    fixture.assert_money_adds_up(&world);
    fixture.fund(&mut world, lacking).assert_ok();
    let event: ClaimsSettled = settle(&mut world, &fixture, &[1, 2, 2]).assert_ok().event();
    assert_eq!((event.paid, event.in_part), (0b011, 0));
    fixture.assert_money_adds_up(&world);
}

#[test]
fn late_awards_are_paid_with_interest() {
    let (mut world, fixture) = waiting(2);
    let mut version: Claim = fixture.read_claim(&world, 1);
    let due = version.course.interest_after;
    assert_eq!(version.course.interest_rate, 10_000);
    world.set_time((i64::from(due) + 365) * DAY);
    let event: ClaimsSettled = settle(&mut world, &fixture, &[1, 2]).assert_ok().event();
    // The second came in later, if at all.
    let second = fixture.read_claim(&world, 2).course.interest;
    assert_eq!(fixture.read_claim(&world, 1).course.interest, 800);
    assert_eq!((event.amount, event.interest), (16_000, 800 + second));
    assert_eq!(
        world.balance(&fixture.payout),
        (16_800 + second) * UNIT_PER_CENT
    );
    fixture.assert_money_adds_up(&world);
    // Where the money for the interest is missing, the claim is left to `settle_claim`.
    let (mut world, fixture) = waiting(1);
    let notice = fixture.announce_withdrawal(&world, FUNDED - 8_000);
    world.send(&[notice], &[&fixture.staff.key()]).assert_ok();
    world.advance(claims::constants::WITHDRAWAL_NOTICE_SECONDS);
    world
        .send(&[fixture.withdraw()], &[&fixture.staff.key()])
        .assert_ok();
    version = fixture.read_claim(&world, 1);
    world.set_time((i64::from(version.course.interest_after) + 100) * DAY);
    refused(
        &mut world,
        &[fixture.settle_together(&[1])],
        &[],
        ClaimsError::NothingToSettle,
    );
    world.send(&[fixture.settle(1)], &[]).assert_ok();
    fixture.assert_money_adds_up(&world);
}

#[test]
fn only_claims_of_this_provider_with_this_pool() {
    let (mut world, fixture) = waiting(1);
    let other = ClaimsFixture::second(&mut world, fixture.registry, " 2", &MintTerms::default(), 0);
    other.set_up(&mut world, terms(), netted());
    other.submit(&mut world, 1, &[line(1, 20_000)]).assert_ok();
    let with = |claim: Pubkey| {
        let mut instruction = fixture.settle_together(&[1]);
        instruction.accounts.last_mut().unwrap().pubkey = claim;
        instruction
    };
    refused(
        &mut world,
        &[with(other.claim(1))],
        &[],
        ClaimsError::ClaimOfOtherPool,
    );
    refused(
        &mut world,
        &[with(fixture.member)],
        &[],
        ErrorCode::AccountDiscriminatorMismatch,
    );
    refused(
        &mut world,
        &[with(fixture.payout)],
        &[],
        ErrorCode::AccountOwnedByWrongProgram,
    );
    let mut of_other_provider = fixture.read_claim(&world, 1);
    of_other_provider.provider = other.provider.address;
    let mut changed = world.clone();
    write(&mut changed, &fixture.claim(1), &of_other_provider);
    refused(
        &mut changed,
        &[fixture.settle_together(&[1])],
        &[],
        ClaimsError::ClaimOfOtherProvider,
    );
    let mut read_only = fixture.settle_together(&[1]);
    read_only.accounts.last_mut().unwrap().is_writable = false;
    refused(&mut world, &[read_only], &[], ErrorCode::AccountNotMutable);
    for (from, to, error) in [
        (fixture.vault, other.vault, ClaimsError::WrongVault),
        (fixture.mint, other.mint, ClaimsError::WrongMint),
        (
            fixture.token_program,
            anchor_spl::token_2022::ID,
            ClaimsError::WrongTokenProgram,
        ),
        (
            fixture.agreement,
            other.agreement,
            ClaimsError::AgreementOfOtherPool,
        ),
        (fixture.payout, other.payout, ClaimsError::WrongPayout),
        (fixture.payout, fixture.vault, ClaimsError::PayoutIsVault),
    ] {
        refused(
            &mut world,
            &[swapped(fixture.settle_together(&[1]), from, to)],
            &[],
            error,
        );
    }
    world.freeze(&fixture.payout);
    refused(
        &mut world,
        &[fixture.settle_together(&[1])],
        &[],
        ClaimsError::PayoutFrozen,
    );
    // Suspended or over, the agreement still pays what was awarded.
    world.thaw(&fixture.payout);
    let end = fixture.set_agreement_status(&world, AgreementStatus::Ended);
    world.send(&[end], &[&fixture.staff.key()]).assert_ok();
    settle(&mut world, &fixture, &[1]).assert_ok();
    fixture.assert_money_adds_up(&world);
}
