use claims::constants::CLAIMABLE_DAYS;
use claims::events::{AgreementStatusChanged, ClaimAdjudicated};
use claims::instructions::{Decision, SetAgreementStatusArgs};

use crate::common::*;

use AgreementStatus::{Active, Ended, Offered, Suspended};

const ALL: [AgreementStatus; 4] = [Offered, Active, Suspended, Ended];

/// A world in which the agreement has `status`.
fn with(status: AgreementStatus) -> (World, ClaimsFixture) {
    let (mut world, fixture) = ready();
    let path: &[AgreementStatus] = match status {
        Active => &[],
        Suspended => &[Suspended],
        Ended => &[Ended],
        Offered => &[Ended, Offered],
    };
    for step in path {
        let change = fixture.set_agreement_status(&world, *step);
        world.send(&[change], &[&fixture.staff.key()]).assert_ok();
    }
    (world, fixture)
}

/// Every status to every status.
#[test]
fn only_the_listed_transitions() {
    let listed = [
        (Offered, Ended),
        (Active, Suspended),
        (Active, Ended),
        (Suspended, Active),
        (Suspended, Ended),
        (Ended, Offered),
    ];
    for old in ALL {
        for new in ALL {
            let (mut world, fixture) = with(old);
            let change = fixture.set_agreement_status(&world, new);
            if listed.contains(&(old, new)) {
                let outcome = world.send(&[change], &[&fixture.staff.key()]).assert_ok();
                assert_eq!(world.account::<Agreement>(&fixture.agreement).status, new);
                let event: AgreementStatusChanged = outcome.event();
                assert_eq!((event.old, event.new), (old, new));
            } else {
                refused(
                    &mut world,
                    &[change],
                    &[&fixture.staff.key()],
                    ClaimsError::AgreementTransitionInvalid,
                );
            }
        }
    }
}

fn set(world: &mut World, fixture: &ClaimsFixture, status: AgreementStatus) {
    let change = fixture.set_agreement_status(world, status);
    world.send(&[change], &[&fixture.staff.key()]).assert_ok();
}

/// A day as it stands in an agreement.
fn at(day: i32) -> u16 {
    u16::try_from(day).unwrap()
}

/// Two units of code `n`, so many days after the day on which the tests begin.
fn had(n: u8, later: i32) -> [ClaimLineArgs; 1] {
    [ClaimLineArgs {
        units: 2,
        day: u8::try_from(TODAY + later - SERVICE_DATE).unwrap(),
        ..line(n.into(), 20_000)
    }]
}

fn pends(world: &mut World, fixture: &ClaimsFixture, n: u8, later: i32) {
    let outcome = fixture.submit(world, n, &had(n, later)).assert_ok();
    let event: ClaimAdjudicated = outcome.event();
    assert_eq!(
        (event.status, event.pend_reason, event.paid, event.payout),
        (
            ClaimStatus::Pended,
            PendReason::AgreementOver,
            0,
            Pubkey::default()
        ),
        "{later}"
    );
}

fn is_paid(world: &mut World, fixture: &ClaimsFixture, n: u8, later: i32) {
    fixture.submit(world, n, &had(n, later)).assert_ok();
    assert_eq!(
        fixture.read_claim(world, n).status,
        ClaimStatus::Paid,
        "{later}"
    );
}

/// By each of the ways in: whole, opened, and in parts with a line of that day.
fn is_outside(world: &mut World, fixture: &ClaimsFixture, later: i32) {
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    let refuse = |world: &mut World, steps: &[Instruction], signers: &[&Keypair]| {
        refused(world, steps, signers, ClaimsError::ServiceOutsideAgreement);
    };
    let submit = fixture.submit_claim(100, &had(100, later));
    refuse(world, &[submit], &[&clerk, &member]);
    let open = fixture.open_claim_on(100, TODAY + later, 1);
    refuse(world, &[open], &[&clerk]);
    let mut parts = world.clone();
    let lines = [had(100, later)[0], line(101, 10_000)];
    for step in [
        fixture.open_claim(100, 2),
        fixture.append_lines(100, 0, &lines),
    ] {
        parts.send_unsigned(&[step]).assert_ok();
    }
    let adjudicate = fixture.adjudicate(&parts, 100, 30_000);
    refuse(&mut parts, &[adjudicate], &[&clerk, &member]);
}

/// Care that was given while the agreement was in force is claimed afterwards: it waits for the insurer, who approves or denies.
#[test]
fn what_was_given_under_an_agreement_is_claimed_after_it() {
    for status in [Suspended, Ended, Offered] {
        let (mut world, fixture) = ready();
        is_paid(&mut world, &fixture, 1, -1);
        set(
            &mut world,
            &fixture,
            if status == Suspended {
                Suspended
            } else {
                Ended
            },
        );
        if status == Offered {
            set(&mut world, &fixture, Offered);
        }
        let agreement = fixture.read_agreement(&world);
        assert_eq!(
            (agreement.status, agreement.past.force[..2].to_vec()),
            (status, vec![at(TODAY + 1), 0])
        );
        world.advance(3 * DAY);
        // Its last day, and the first after it.
        pends(&mut world, &fixture, 2, 0);
        is_outside(&mut world, &fixture, 1);
        pends(&mut world, &fixture, 3, -4);
        // What is owed is kept back, and the account is the one that was accepted.
        world
            .send(&[fixture.reverse(1, 1)], &[&fixture.staff.key()])
            .assert_ok();
        assert_eq!(fixture.read_agreement(&world).owed, 8_000);
        let before = world.balance(&fixture.payout);
        world
            .send_unsigned(&[fixture.decide(2, Decision::Approve)])
            .assert_ok();
        let claim = fixture.read_claim(&world, 2);
        assert_eq!(
            (
                claim.status,
                claim.totals.paid,
                claim.offset,
                claim.pend_reason
            ),
            (ClaimStatus::Paid, 8_000, 8_000, PendReason::None)
        );
        assert_eq!(world.balance(&fixture.payout), before);
        assert_eq!(fixture.read_agreement(&world).owed, 0);
        // A denial has its reason, and can be appealed.
        let deny = Decision::Deny {
            group: AdjustmentGroup::Contractual,
            reason: 50,
        };
        world.send_unsigned(&[fixture.decide(3, deny)]).assert_ok();
        let denied = fixture.read_claim(&world, 3);
        assert_eq!(
            (denied.status, denied.lines[0].denial_reason),
            (ClaimStatus::Denied, 50)
        );
        world
            .send_unsigned(&[fixture.appeal_as_provider(3, 1)])
            .assert_ok();
        fixture.assert_money_adds_up(&world);
    }
}

/// What the rulebook denies altogether is denied at once: there is nothing to pay.
#[test]
fn what_is_denied_anyway_does_not_wait() {
    let (mut world, fixture) = with(Ended);
    fixture
        .submit(&mut world, 1, &[line(9_999, 10_000)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).status, ClaimStatus::Denied);
}

/// Days on which it was suspended, or over, stay without it; those before are paid as ever once it is in force again.
#[test]
fn the_days_between_stay_without_an_agreement() {
    for anew in [false, true] {
        let (mut world, fixture) = ready();
        set(&mut world, &fixture, if anew { Ended } else { Suspended });
        world.advance(3 * DAY);
        if anew {
            set(&mut world, &fixture, Offered);
            world
                .send(&[fixture.accept(&world)], &[&fixture.provider.authority()])
                .assert_ok();
        } else {
            set(&mut world, &fixture, Active);
        }
        assert_eq!(
            fixture.read_agreement(&world).past.force[..3],
            [at(TODAY + 3), at(TODAY + 1), 0]
        );
        is_paid(&mut world, &fixture, 1, 0);
        is_outside(&mut world, &fixture, 1);
        is_outside(&mut world, &fixture, 2);
        is_paid(&mut world, &fixture, 2, 3);
        // A question before care is one about days under it, too.
        let ask = fixture.predetermine(1, TODAY + 2, &[line(1, 10_000)]);
        refused(
            &mut world,
            &[ask],
            &[&fixture.clerk.key(), &fixture.member_key()],
            ClaimsError::ServiceOutsideAgreement,
        );
        fixture.assert_money_adds_up(&world);
    }
}

#[test]
fn a_day_that_ends_in_force_was_in_force() {
    let (mut world, fixture) = ready();
    for status in [Suspended, Active] {
        set(&mut world, &fixture, status);
    }
    assert_eq!(
        fixture.read_agreement(&world).past,
        AgreementPast::default()
    );
    // Resumed on the day after, it was never out of force either.
    set(&mut world, &fixture, Suspended);
    world.advance(DAY);
    set(&mut world, &fixture, Active);
    assert_eq!(
        fixture.read_agreement(&world).past,
        AgreementPast::default()
    );
    is_paid(&mut world, &fixture, 1, 1);
}

/// Terms that are set while it is not in force hold from the day on which it is accepted anew.
#[test]
fn what_is_offered_anew_holds_from_its_acceptance_on() {
    let (mut world, fixture) = ready();
    set(&mut world, &fixture, Ended);
    world.advance(2 * DAY);
    let outside = AgreementTerms {
        in_network: false,
        ..unlimited()
    };
    let change = fixture.set_agreement_terms(&world, outside);
    world.send(&[change], &[&fixture.staff.key()]).assert_ok();
    set(&mut world, &fixture, Offered);
    world
        .send(&[fixture.accept(&world)], &[&fixture.provider.authority()])
        .assert_ok();
    is_paid(&mut world, &fixture, 1, 0);
    fixture.submit(&mut world, 2, &had(2, 2)).assert_ok();
    let claim = fixture.read_claim(&world, 2);
    assert_eq!(
        (claim.in_network, claim.lines[0].denial_reason),
        (false, 242)
    );
}

/// An insurer can suspend whenever it must. It is the eighth resumption that waits, until nothing of the oldest time without an
/// agreement can be claimed.
#[test]
fn a_suspension_always_has_room() {
    let (mut world, fixture) = ready();
    for _ in 0..7 {
        set(&mut world, &fixture, Suspended);
        world.advance(2 * DAY);
        set(&mut world, &fixture, Active);
    }
    set(&mut world, &fixture, Suspended);
    let full = fixture.read_agreement(&world).past.force;
    assert!(full.iter().all(|day| *day != 0));
    world.advance(2 * DAY);
    let resume = fixture.set_agreement_status(&world, Active);
    refused(
        &mut world,
        &[resume],
        &[&fixture.staff.key()],
        ClaimsError::AgreementChangedTooOften,
    );
    let mut ended = world.clone();
    for status in [Ended, Offered] {
        set(&mut ended, &fixture, status);
    }
    let accept = fixture.accept(&ended);
    refused(
        &mut ended,
        &[accept],
        &[&fixture.provider.authority()],
        ClaimsError::AgreementChangedTooOften,
    );
    // The oldest days without it, 1 and no more, begin and end on days 1 and 2.
    assert_eq!(full[13..], [at(TODAY + 2), at(TODAY + 1)]);
    world.set_time(i64::from(TODAY + 2 + CLAIMABLE_DAYS) * DAY - 1);
    let fixture = fixture.with_new_staff(&mut world);
    let early = fixture.set_agreement_status(&world, Active);
    refused(
        &mut world,
        &[early],
        &[&fixture.staff.key()],
        ClaimsError::AgreementChangedTooOften,
    );
    world.advance(1);
    set(&mut world, &fixture, Active);
    let agreement = fixture.read_agreement(&world);
    assert_eq!(
        agreement.past.force[..3],
        [
            at(TODAY + 2 + CLAIMABLE_DAYS),
            at(TODAY + 15),
            at(TODAY + 14)
        ]
    );
    assert_eq!(agreement.past.force[13..], [at(TODAY + 3), 0]);
}

#[test]
fn an_agreement_offered_anew_is_accepted_anew() {
    let (mut world, fixture) = with(Offered);
    world
        .send(&[fixture.accept(&world)], &[&fixture.provider.authority()])
        .assert_ok();
    fixture
        .submit(&mut world, 1, &[line(1, 10_000)])
        .assert_ok();
}

#[test]
fn only_staff_that_manages_agreements() {
    let (world, fixture) = ready();
    let change = fixture.set_agreement_status(&world, Suspended);
    assert_insurer_staff_only(&world, &fixture, &change, Permission::ManageAgreement);
}

#[test]
fn a_signature_is_good_once() {
    let (world, fixture) = ready();
    let template = fixture.set_agreement_status(&world, Suspended);
    assert_admin_is_checked(&world, &fixture.staff.key(), 1, &|admin| Instruction {
        data: data::SetAgreementStatus {
            args: SetAgreementStatusArgs {
                admin,
                status: Suspended,
            },
        }
        .data(),
        ..template.clone()
    });
}

#[test]
fn another_pools_agreement_is_refused() {
    let (mut world, fixture, other) = two_insurers();
    let change = fixture.set_agreement_status(&world, Suspended);
    refused(
        &mut world,
        &[swapped(change, fixture.agreement, other.agreement)],
        &[&fixture.staff.key()],
        ClaimsError::AgreementOfOtherPool,
    );
}
