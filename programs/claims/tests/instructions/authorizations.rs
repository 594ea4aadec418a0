//! `grant_authorization`, `end_authorization`, and claims that use authorisations up.

use claims::events::{AuthorizationEnded, AuthorizationGranted};
use claims::instructions::Decision;
use solana_instruction::AccountMeta;

use crate::common::*;

/// Code 1 needs an authorisation, of which number 1 grants the member three units in ten days with any provider.
fn authorized(agreement: AgreementTerms) -> (World, ClaimsFixture) {
    let mut world = empty();
    let mut entries: Vec<BenefitEntry> = (0..100).map(benefit).collect();
    entries[1].flags |= BenefitEntry::AUTHORIZATION;
    let fixture = ClaimsFixture::with(&mut world, terms(), entries, agreement);
    grant(&mut world, &fixture, three_units());
    (world, fixture)
}

fn three_units() -> Grant {
    Grant {
        number: 1,
        provider: Pubkey::default(),
        code_key: code(1),
        from: SERVICE_DATE,
        to: SERVICE_DATE + 10,
        units: 3,
    }
}

fn grant(world: &mut World, fixture: &ClaimsFixture, grant: Grant) {
    world
        .send(
            &[fixture.grant_authorization(grant)],
            &[&fixture.staff.key()],
        )
        .assert_ok();
}

/// So many units of code 1 on a day of their own.
fn asked(day: u8, units: u16) -> ClaimLineArgs {
    ClaimLineArgs {
        day,
        units,
        ..line(1, 10_000 * u64::from(units))
    }
}

fn submit(
    world: &mut World,
    fixture: &ClaimsFixture,
    n: u8,
    lines: &[ClaimLineArgs],
    papers: &[u8],
) -> Claim {
    world
        .send(
            &[fixture.authorized(fixture.submit_claim(n, lines), papers)],
            &[&fixture.clerk.key(), &fixture.member_key()],
        )
        .assert_ok();
    fixture.read_claim(world, n)
}

fn used(world: &World, fixture: &ClaimsFixture) -> u32 {
    fixture.read_authorization(world, 1).used
}

#[test]
fn units_are_used_up() {
    let (mut world, fixture) = authorized(unlimited());
    let first = submit(&mut world, &fixture, 1, &[asked(0, 2)], &[1]);
    assert_eq!(
        (first.status, first.lines[0].authorization),
        (ClaimStatus::Paid, 1)
    );
    assert_eq!(used(&world, &fixture), 2);
    // One is left: not enough for two, and one is not given in part.
    let second = submit(&mut world, &fixture, 2, &[asked(1, 2)], &[1]);
    assert_eq!(
        (second.lines[0].denial_reason, second.lines[0].authorization),
        (198, 0)
    );
    assert_eq!(used(&world, &fixture), 2);
    // Two lines of a claim share what is left; a line that needs none uses none.
    let third = submit(
        &mut world,
        &fixture,
        3,
        &[
            asked(2, 1),
            asked(3, 1),
            ClaimLineArgs {
                day: 4,
                ..line(5, 10_000)
            },
        ],
        &[1],
    );
    let reasons: Vec<u16> = third.lines.iter().map(|line| line.denial_reason).collect();
    assert_eq!(reasons, [0, 198, 0]);
    assert_eq!(used(&world, &fixture), 3);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn what_it_is_about() {
    let (mut world, fixture) = authorized(unlimited());
    let without = submit(&mut world, &fixture, 1, &[asked(0, 1)], &[]);
    assert_eq!(without.lines[0].denial_reason, 197);
    // Another provider's; another code's; for earlier days.
    let others = [
        Grant {
            number: 2,
            provider: fixture.insurer.address,
            ..three_units()
        },
        Grant {
            number: 3,
            code_key: code(2),
            ..three_units()
        },
        Grant {
            number: 5,
            to: SERVICE_DATE + 1,
            ..three_units()
        },
    ];
    let wanted = [15, 197, 15];
    for ((other, n), reason) in others.into_iter().zip([2, 3, 4]).zip(wanted) {
        grant(&mut world, &fixture, other);
        let claim = submit(&mut world, &fixture, n, &[asked(n, 1)], &[other.number]);
        assert_eq!(claim.lines[0].denial_reason, reason);
    }
    // Another member's.
    let sibling = fixture.sibling(7);
    world
        .send(&[sibling.enrol()], &[&fixture.staff.key()])
        .assert_ok();
    grant(&mut world, &sibling, three_units());
    let mut borrowed = fixture.submit_claim(5, &[asked(2, 1)]);
    borrowed
        .accounts
        .push(AccountMeta::new(sibling.authorization(1), false));
    world.send_unsigned(&[borrowed]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 5).lines[0].denial_reason, 197);
    assert_eq!(sibling.read_authorization(&world, 1).used, 0);
    // The provider's own, found behind one that does not fit.
    grant(
        &mut world,
        &fixture,
        Grant {
            number: 4,
            provider: fixture.provider.address,
            ..three_units()
        },
    );
    let own = submit(&mut world, &fixture, 6, &[asked(1, 3)], &[3, 4]);
    assert_eq!(own.lines[0].authorization, 4);
    assert_eq!(used(&world, &fixture), 0);
}

/// Under a plan that demands more they come before its details, and are used up and given back as under any.
#[test]
fn a_detailed_plan_asks_for_them_too() {
    let mut world = empty();
    let mut entries: Vec<BenefitEntry> = (0..100).map(benefit).collect();
    entries[1].flags |= BenefitEntry::AUTHORIZATION;
    let fixture = ClaimsFixture {
        entries,
        ..ClaimsFixture::bare(&mut world)
    };
    let demand = DetailEntry::new(code(2), DetailKind::Experimental, DetailEntry::NONE);
    fixture.set_up_with_details(&mut world, terms(), unlimited(), &[demand]);
    grant(&mut world, &fixture, three_units());
    let papers: [(u16, &[u8], u16); 4] =
        [(2, &[1], 0), (2, &[1], 198), (1, &[], 197), (1, &[1], 0)];
    for ((units, papers, reason), n) in papers.into_iter().zip(1..) {
        let submit = fixture.submit_claim(n, &[asked(n, units)]);
        let submit = fixture.detailed(&world, fixture.authorized(submit, papers));
        world.send_unsigned(&[submit]).assert_ok();
        let claim = fixture.read_claim(&world, n);
        assert_eq!(claim.lines[0].denial_reason, reason, "claim {n}");
    }
    assert_eq!(used(&world, &fixture), 3);
    let reverse = fixture.authorized(fixture.reverse(1, 7), &[1]);
    let reverse = fixture.detailed(&world, reverse);
    world.send(&[reverse], &[&fixture.staff.key()]).assert_ok();
    assert_eq!(used(&world, &fixture), 1);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn a_reversal_gives_units_back() {
    let (mut world, fixture) = authorized(unlimited());
    let staff = fixture.staff.key();
    submit(&mut world, &fixture, 1, &[asked(0, 3)], &[1]);
    refused(
        &mut world,
        &[fixture.reverse(1, 7)],
        &[&staff],
        ClaimsError::AuthorizationMissing,
    );
    world
        .send(
            &[fixture.authorized(fixture.reverse(1, 7), &[1])],
            &[&staff],
        )
        .assert_ok();
    assert_eq!(used(&world, &fixture), 0);
    let corrected = submit(&mut world, &fixture, 2, &[asked(0, 2)], &[1]);
    assert_eq!(corrected.lines[0].authorization, 1);
    assert_eq!(used(&world, &fixture), 2);
    fixture.assert_money_adds_up(&world);
}

/// What waits for the insurer, or is denied for another reason, uses nothing up.
#[test]
fn only_what_is_awarded_uses_units() {
    let limited = AgreementTerms {
        limit_per_claim: 1,
        ..unlimited()
    };
    let (mut world, fixture) = authorized(limited);
    let pended = submit(&mut world, &fixture, 1, &[asked(0, 2)], &[1]);
    assert_eq!(pended.status, ClaimStatus::Pended);
    assert_eq!(used(&world, &fixture), 0);
    let duplicate = submit(&mut world, &fixture, 2, &[asked(0, 2)], &[1]);
    assert_eq!(duplicate.lines[0].denial_reason, 18);
    assert_eq!(used(&world, &fixture), 0);
    let approve = fixture.authorized(fixture.decide(1, Decision::Approve), &[1]);
    world.send(&[approve], &[&fixture.staff.key()]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 1).lines[0].authorization, 1);
    assert_eq!(used(&world, &fixture), 2);
    fixture.assert_money_adds_up(&world);
}

/// Whoever cranks on a claim that waits cannot leave out what it is to use up, and so have its line denied.
#[test]
fn a_claim_that_waits_remembers_it() {
    let (mut world, fixture) = authorized(unlimited());
    let fixture = fixture.checked(&mut world, terms(), sampled(10_000));
    let waiting = submit(&mut world, &fixture, 1, &[asked(0, 2)], &[1]);
    assert_eq!(
        (waiting.pend_reason, waiting.lines[0].authorization),
        (PendReason::Draw, 1)
    );
    assert_eq!(used(&world, &fixture), 0);
    world.advance(7 * DAY);
    refused(
        &mut world,
        &[fixture.draw(1)],
        &[],
        ClaimsError::AuthorizationMissing,
    );
    // What the insurer denies uses nothing up.
    let mut denied = world.clone();
    let deny = fixture.decide(
        1,
        Decision::Deny {
            group: AdjustmentGroup::Contractual,
            reason: 50,
        },
    );
    denied.send(&[deny], &[&fixture.staff.key()]).assert_ok();
    assert_eq!(fixture.read_claim(&denied, 1).lines[0].authorization, 0);
    let draw = fixture.authorized(fixture.draw(1), &[1]);
    world.send_unsigned(&[draw]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.lines[0].authorization),
        (ClaimStatus::Paid, 1)
    );
    assert_eq!(used(&world, &fixture), 2);
    fixture.assert_money_adds_up(&world);
}

/// The order in which they are brought decides nothing about a claim that waits: each line gets what it was given first.
#[test]
fn the_order_of_a_crank_denies_no_line() {
    let (mut world, fixture) = authorized(unlimited());
    let fixture = fixture.checked(&mut world, terms(), sampled(10_000));
    // Number 2 is good for both days, number 3 for the first only.
    for (number, days) in [(2, 10), (3, 1)] {
        let one = Grant {
            number,
            units: 1,
            to: SERVICE_DATE + days,
            ..three_units()
        };
        grant(&mut world, &fixture, one);
    }
    let lines = [asked(0, 1), asked(3, 1)];
    let waiting = submit(&mut world, &fixture, 1, &lines, &[3, 2]);
    let numbers = |claim: &Claim| [0, 1].map(|at| claim.lines[at].authorization);
    assert_eq!(
        (waiting.pend_reason, numbers(&waiting)),
        (PendReason::Draw, [3, 2])
    );
    world.advance(7 * DAY);
    for order in [[2, 3], [3, 2]] {
        let mut world = world.clone();
        let draw = fixture.authorized(fixture.draw(1), &order);
        world.send_unsigned(&[draw]).assert_ok();
        let claim = fixture.read_claim(&world, 1);
        assert_eq!(
            (claim.status, numbers(&claim)),
            (ClaimStatus::Paid, [3, 2]),
            "brought as {order:?}"
        );
        assert!(claim.lines.iter().all(|line| !line.is_denied()));
        let used = [2, 3].map(|number| fixture.read_authorization(&world, number).used);
        assert_eq!(used, [1, 1]);
        fixture.assert_money_adds_up(&world);
    }
}

/// What was used up by another claim meanwhile is looked for elsewhere, after the lines that still have theirs.
#[test]
fn what_was_used_up_meanwhile_is_found_elsewhere() {
    let (mut world, fixture) = authorized(unlimited());
    let fixture = fixture.checked(&mut world, terms(), sampled(10_000));
    let one = Grant {
        number: 2,
        units: 1,
        ..three_units()
    };
    grant(&mut world, &fixture, one);
    let first = submit(
        &mut world,
        &fixture,
        1,
        &[asked(0, 1), asked(1, 3)],
        &[2, 1],
    );
    assert_eq!(
        [0, 1].map(|at| first.lines[at].authorization),
        [2, 1],
        "{:?}",
        first.pend_reason
    );
    // All of it goes to the deductible: nothing is paid, and nothing drawn.
    submit(&mut world, &fixture, 2, &[asked(2, 1)], &[2]);
    assert_eq!(fixture.read_authorization(&world, 2).used, 1);
    for number in [4, 3] {
        let spare = Grant {
            number,
            units: 1,
            ..three_units()
        };
        grant(&mut world, &fixture, spare);
    }
    world.advance(7 * DAY);
    // Number 1 fits the first line too, and is the second one's. Of what is left it gets the lowest, whoever cranks.
    for brought in [[1, 2, 3, 4], [4, 3, 2, 1], [4, 1, 2, 3], [3, 2, 4, 1]] {
        let mut world = world.clone();
        let draw = fixture.authorized(fixture.draw(1), &brought);
        world.send_unsigned(&[draw]).assert_ok();
        let claim = fixture.read_claim(&world, 1);
        assert_eq!(
            [0, 1].map(|at| (claim.lines[at].authorization, claim.lines[at].denial_reason)),
            [(3, 0), (1, 0)],
            "{brought:?}"
        );
        assert_eq!(fixture.read_authorization(&world, 4).used, 0);
        fixture.assert_money_adds_up(&world);
    }
}

#[test]
fn each_account_is_given_once() {
    let (mut world, fixture) = authorized(unlimited());
    let twice = fixture.authorized(
        fixture.submit_claim(1, &[asked(0, 2), asked(1, 2)]),
        &[1, 1],
    );
    let signers = [&fixture.clerk.key(), &fixture.member_key()];
    refused(
        &mut world,
        &[twice],
        &signers,
        ClaimsError::AuthorizationExhausted,
    );
    let mut read_only = fixture.authorized(fixture.submit_claim(1, &[asked(0, 2)]), &[1]);
    read_only.accounts.last_mut().unwrap().is_writable = false;
    refused(
        &mut world,
        &[read_only],
        &signers,
        ErrorCode::AccountNotMutable,
    );
    let mut something_else = fixture.submit_claim(1, &[asked(0, 2)]);
    something_else
        .accounts
        .push(AccountMeta::new(fixture.plan, false));
    refused(
        &mut world,
        &[something_else],
        &signers,
        ErrorCode::AccountDiscriminatorMismatch,
    );
}

/// A member of a family: its account comes first, authorisations after it.
#[test]
fn with_a_family() {
    let (mut world, fixture) = authorized(unlimited());
    let staff = fixture.staff.key();
    for instruction in [fixture.create_family(), fixture.join_family()] {
        world.send(&[instruction], &[&staff]).assert_ok();
    }
    let submit = fixture.in_family(fixture.submit_claim(1, &[asked(0, 2)]));
    world
        .send(
            &[fixture.authorized(submit, &[1])],
            &[&fixture.clerk.key(), &fixture.member_key()],
        )
        .assert_ok();
    assert_eq!(used(&world, &fixture), 2);
    let reverse = fixture.in_family(fixture.reverse(1, 7));
    world
        .send(&[fixture.authorized(reverse, &[1])], &[&staff])
        .assert_ok();
    assert_eq!(used(&world, &fixture), 0);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn it_is_granted_and_ended() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let wanted = three_units();
    let event: AuthorizationGranted = world
        .send(&[fixture.grant_authorization(wanted)], &[&staff])
        .assert_ok()
        .event();
    assert_eq!(
        (event.authorization, event.member, event.units),
        (fixture.authorization(1), fixture.member, 3)
    );
    let authorization = fixture.read_authorization(&world, 1);
    assert_eq!(
        (
            authorization.member,
            authorization.code_key,
            authorization.from,
            authorization.to,
            authorization.units,
            authorization.used
        ),
        (
            fixture.member,
            wanted.code_key,
            wanted.from,
            wanted.to,
            3,
            0
        )
    );
    let event: AuthorizationEnded = world
        .send(&[fixture.end_authorization(1, TODAY)], &[&staff])
        .assert_ok()
        .event();
    assert_eq!((event.old, event.new), (wanted.to, TODAY));
    assert_eq!(fixture.read_authorization(&world, 1).to, TODAY);
    // What was done under it stays covered.
    let mut later = world.clone();
    refused(
        &mut world,
        &[fixture.end_authorization(1, TODAY - 1)],
        &[&staff],
        ClaimsError::AuthorizationEndsTooEarly,
    );
    later.advance(5 * DAY);
    refused(
        &mut later,
        &[fixture.end_authorization(1, TODAY - 1)],
        &[&staff],
        ClaimsError::AuthorizationEndsTooEarly,
    );
    // One that is over can be prolonged, by a day that has passed too.
    for day in [TODAY + 2, TODAY + 20] {
        later
            .send(&[fixture.end_authorization(1, day)], &[&staff])
            .assert_ok();
    }
    refused(
        &mut world,
        &[fixture.end_authorization(1, wanted.from - 1)],
        &[&staff],
        ClaimsError::AuthorizationInvalid,
    );
    for invalid in [
        Grant {
            number: 0,
            ..wanted
        },
        Grant {
            number: 2,
            units: 0,
            ..wanted
        },
        Grant {
            number: 2,
            to: wanted.from - 1,
            ..wanted
        },
    ] {
        refused(
            &mut world,
            &[fixture.grant_authorization(invalid)],
            &[&staff],
            ClaimsError::AuthorizationInvalid,
        );
    }
    refused(
        &mut world,
        &[fixture.grant_authorization(Grant {
            number: 2,
            to: i32::MAX,
            ..wanted
        })],
        &[&staff],
        ClaimsError::DateInvalid,
    );
}

#[test]
fn only_the_members_insurer_grants() {
    let (mut world, fixture, other) = two_insurers();
    grant(&mut world, &fixture, three_units());
    grant(&mut world, &other, three_units());
    let staff = fixture.staff.key();
    let wanted = fixture.grant_authorization(Grant {
        number: 2,
        ..three_units()
    });
    let end = fixture.end_authorization(1, TODAY);
    for instruction in [&wanted, &end] {
        assert_insurer_staff_only(&world, &fixture, instruction, Permission::DecideClaim);
        refused(
            &mut world,
            &[swapped(instruction.clone(), fixture.pool, other.pool)],
            &[&staff],
            ClaimsError::PoolOfOtherInsurer,
        );
    }
    refused(
        &mut world,
        &[swapped(end.clone(), fixture.member, other.member)],
        &[&staff],
        ClaimsError::MemberOfOtherPool,
    );
    refused(
        &mut world,
        &[swapped(
            end,
            fixture.authorization(1),
            other.authorization(1),
        )],
        &[&staff],
        ClaimsError::AuthorizationOfOtherMember,
    );
}

/// Whoever has a claim adjudicated anew brings its authorisations in an order of its own: each line keeps the one that it had.
#[test]
fn adjudicated_anew_each_line_keeps_its_own() {
    let (mut world, fixture) = authorized(unlimited());
    let two_units = Grant {
        number: 2,
        units: 2,
        ..three_units()
    };
    grant(&mut world, &fixture, two_units);
    let first = ClaimLineArgs {
        day: 4,
        ..line(5, 10_000)
    };
    submit(&mut world, &fixture, 1, &[first], &[]);
    let won = submit(
        &mut world,
        &fixture,
        2,
        &[asked(0, 2), asked(1, 3)],
        &[2, 1],
    );
    let numbers = |claim: &Claim| [0, 1].map(|index: usize| claim.lines[index].authorization);
    assert_eq!(numbers(&won), [2, 1]);
    // By the first that fits, the two units would take the three that the other line needs.
    let reverse = fixture.reverse(1, 7);
    let reprocess = fixture.authorized(fixture.reprocess(2, 3), &[1, 2]);
    world.send_unsigned(&[reverse, reprocess]).assert_ok();
    let anew = fixture.read_claim(&world, 3);
    assert_eq!(numbers(&anew), [2, 1]);
    assert_eq!(anew.totals.allowed, won.totals.allowed);
    assert_eq!(fixture.read_authorization(&world, 1).used, 3);
    assert_eq!(fixture.read_authorization(&world, 2).used, 2);
    fixture.assert_money_adds_up(&world);
}
