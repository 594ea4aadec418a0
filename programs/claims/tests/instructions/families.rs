//! `create_family`, `join_family`, and claims of members who share accumulators.

use claims::events::{FamilyCreated, FamilyJoined};
use solana_instruction::AccountMeta;

use crate::common::*;

/// A family deductible of 150.00 and out-of-pocket maximum of 300.00 over individual ones of 100.00 and 200.00.
fn embedded() -> PlanTerms {
    PlanTerms {
        deductible: Limits {
            individual: Some(10_000),
            family: Some(15_000),
        },
        out_of_pocket_max: Limits {
            individual: Some(20_000),
            family: Some(30_000),
        },
        ..terms()
    }
}

/// One family deductible of 150.00, no individual one.
fn aggregate() -> PlanTerms {
    PlanTerms {
        deductible: Limits {
            individual: None,
            family: Some(15_000),
        },
        ..terms()
    }
}

/// A family of two with this plan: the fixture's member and a sibling.
fn family_of_two(plan: PlanTerms) -> (World, ClaimsFixture, ClaimsFixture) {
    let mut world = empty();
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, plan, entries, unlimited());
    let sibling = fixture.sibling(7);
    let staff = fixture.staff.key();
    for instruction in [
        sibling.enrol(),
        fixture.create_family(),
        fixture.join_family(),
        sibling.join_family(),
    ] {
        world.send(&[instruction], &[&staff]).assert_ok();
    }
    (world, fixture, sibling)
}

/// A claim of `charge` cents on its own day, adjudicated with the family.
fn claim(world: &mut World, fixture: &ClaimsFixture, n: u8, day: u8, charge: u64) -> Claim {
    let asked = ClaimLineArgs {
        day,
        units: 100,
        ..line(u32::from(day) + 1, charge)
    };
    world
        .send(
            &[fixture.in_family(fixture.submit_claim(n, &[asked]))],
            &[&fixture.clerk.key(), &fixture.member_key()],
        )
        .assert_ok();
    fixture.read_claim(world, n)
}

fn in_network(world: &World, fixture: &ClaimsFixture) -> FamilyUsed {
    fixture
        .read_family(world)
        .periods
        .iter()
        .find(|period| period.year == 2026)
        .map(|period| period.in_network)
        .unwrap_or_default()
}

#[test]
fn a_family_is_created_and_joined() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let event: FamilyCreated = world
        .send(&[fixture.create_family()], &[&staff])
        .assert_ok()
        .event();
    assert_eq!(
        (event.family, event.pool, event.plan),
        (fixture.family(), fixture.pool, fixture.plan)
    );
    let before = fixture.read_member(&world);
    let event: FamilyJoined = world
        .send(&[fixture.join_family()], &[&staff])
        .assert_ok()
        .event();
    assert_eq!(
        (event.family, event.member),
        (fixture.family(), fixture.member)
    );
    assert_eq!(
        fixture.read_member(&world),
        Member {
            family: fixture.family(),
            ..before
        }
    );
    let family = fixture.read_family(&world);
    assert_eq!(
        (family.members, family.pool, family.plan, family.turns),
        (1, fixture.pool, fixture.plan, Turns::default())
    );
    refused(
        &mut world,
        &[fixture.join_family()],
        &[&staff],
        ClaimsError::FamilyJoined,
    );
}

/// What a member had used up before its coverage began counts for the family that it joins.
#[test]
fn a_member_brings_what_it_had_used_up() {
    let mut world = empty();
    let entries = (0..100).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, embedded(), entries, unlimited());
    let staff = fixture.staff.key();
    let newcomer = fixture.sibling(9);
    let enrol = fixture.enrol_as(claims::instructions::EnrolMemberArgs {
        commitment: newcomer.commitment,
        authority: newcomer.member_key().pubkey(),
        covered_from: YEAR_BEGINS + 30,
        covered_to: YEAR_ENDS,
        opening: Some(OpeningAccumulators {
            deductible: 9_000,
            out_of_pocket: 11_000,
            ..OpeningAccumulators::default()
        }),
    });
    for instruction in [
        fixture.create_family(),
        fixture.join_family(),
        enrol,
        newcomer.join_family(),
    ] {
        world.send(&[instruction], &[&staff]).assert_ok();
    }
    assert_eq!(
        in_network(&world, &fixture),
        FamilyUsed {
            deductible: 9_000,
            out_of_pocket: 11_000
        }
    );
    // Of the family's 150.00, 60.00 are left for the first member, whose own 100.00 are untouched.
    let first = claim(&mut world, &fixture, 1, 0, 20_000);
    assert_eq!(first.lines[0].deductible, 6_000);
}

/// Embedded: nobody bears more than the individual deductible, all together no more than the family's.
#[test]
fn an_embedded_deductible() {
    let (mut world, fixture, sibling) = family_of_two(embedded());
    let first = claim(&mut world, &fixture, 1, 0, 20_000);
    assert_eq!(first.lines[0].deductible, 10_000);
    let second = claim(&mut world, &sibling, 2, 0, 20_000);
    assert_eq!(second.lines[0].deductible, 5_000);
    // 120.00 and 80.00 were borne, the family's maximum leaves 100.00; the sibling's own 120.00.
    assert_eq!(
        in_network(&world, &fixture),
        FamilyUsed {
            deductible: 15_000,
            out_of_pocket: 12_000 + 8_000
        }
    );
    let third = claim(&mut world, &sibling, 3, 1, 100_000);
    assert_eq!(
        (third.lines[0].deductible, third.totals.patient),
        (0, 10_000)
    );
    assert_eq!(in_network(&world, &fixture).out_of_pocket, 30_000);
    let fourth = claim(&mut world, &fixture, 4, 1, 10_000);
    assert_eq!((fourth.totals.patient, fourth.totals.paid), (0, 10_000));
    fixture.assert_money_adds_up(&world);
}

/// Aggregate: the family's deductible is everybody's.
#[test]
fn an_aggregate_deductible() {
    let (mut world, fixture, sibling) = family_of_two(aggregate());
    let first = claim(&mut world, &fixture, 1, 0, 12_000);
    assert_eq!(first.lines[0].deductible, 12_000);
    let second = claim(&mut world, &sibling, 2, 0, 12_000);
    assert_eq!(second.lines[0].deductible, 3_000);
    // Without the family the sibling would have begun anew.
    assert_eq!(
        sibling
            .read_member(&world)
            .period(2026)
            .map(|period| period.in_network.deductible_individual),
        Some(3_000)
    );
}

/// A (one member), B (the other), reverse A, reprocess B = B alone.
#[test]
fn what_one_used_up_is_given_back_to_all() {
    for plan in [embedded(), aggregate()] {
        let (world, fixture, sibling) = family_of_two(plan);
        let mut alone = world.clone();
        let wanted = claim(&mut alone, &sibling, 2, 0, 30_000);

        let mut world = world;
        claim(&mut world, &fixture, 1, 0, 14_000);
        let seen = claim(&mut world, &sibling, 2, 0, 30_000);
        assert_ne!(seen.lines, wanted.lines);
        let staff = fixture.staff.key();
        // Without the family nothing is reversed: it would be left with what is taken back.
        refused(
            &mut world,
            &[fixture.reverse(1, 7)],
            &[&staff],
            ClaimsError::FamilyMissing,
        );
        world
            .send(&[fixture.in_family(fixture.reverse(1, 7))], &[&staff])
            .assert_ok();
        assert!(fixture.read_family(&world).turns.is_flagged(seen.turn));
        world
            .send(&[sibling.in_family(sibling.reprocess(2, 3))], &[&staff])
            .assert_ok();
        let claim = fixture.read_claim(&world, 3);
        assert_eq!((claim.lines, claim.totals), (wanted.lines, wanted.totals));
        assert_eq!(in_network(&world, &fixture), in_network(&alone, &fixture));
        assert_eq!(
            sibling.read_member(&world).periods,
            sibling.read_member(&alone).periods
        );
        fixture.assert_money_adds_up(&world);
    }
}

#[test]
fn the_family_cannot_be_left_out() {
    let (mut world, fixture, _) = family_of_two(embedded());
    let (clerk, member) = (fixture.clerk.key(), fixture.member_key());
    let submit = fixture.submit_claim(1, &[line(1, 10_000)]);
    let with = |meta: AccountMeta| {
        let mut instruction = submit.clone();
        instruction.accounts.push(meta);
        instruction
    };
    for instruction in [
        submit.clone(),
        with(AccountMeta::new(fixture.pool, false)),
        with(AccountMeta::new(
            Family::find_address(&fixture.pool, &[8; 32]).0,
            false,
        )),
    ] {
        refused(
            &mut world,
            &[instruction],
            &[&clerk, &member],
            ClaimsError::FamilyMissing,
        );
    }
    refused(
        &mut world,
        &[with(AccountMeta::new_readonly(fixture.family(), false))],
        &[&clerk, &member],
        ErrorCode::AccountNotMutable,
    );
    world
        .send(
            &[with(AccountMeta::new(fixture.family(), false))],
            &[&clerk, &member],
        )
        .assert_ok();
}

#[test]
fn who_can_join_what() {
    let (mut world, fixture, other) = two_insurers();
    let staff = fixture.staff.key();
    let create = fixture.create_family();
    assert_insurer_staff_only(&world, &fixture, &create, Permission::EnrolMember);
    refused(
        &mut world,
        &[swapped(create.clone(), fixture.plan, other.plan)],
        &[&staff],
        ClaimsError::PlanOfOtherPool,
    );
    let in_their_pool = swapped(
        swapped(create.clone(), fixture.pool, other.pool),
        fixture.family(),
        other.family(),
    );
    refused(
        &mut world,
        &[in_their_pool],
        &[&staff],
        ClaimsError::PoolOfOtherInsurer,
    );
    let mut nobody = create.clone();
    nobody.data[8..].fill(0);
    let address = Family::find_address(&fixture.pool, &[0; 32]).0;
    refused(
        &mut world,
        &[swapped(nobody, fixture.family(), address)],
        &[&staff],
        ClaimsError::CommitmentEmpty,
    );
    world.send(&[create], &[&staff]).assert_ok();
    world
        .send(&[other.create_family()], &[&other.staff.key()])
        .assert_ok();
    let join = fixture.join_family();
    assert_insurer_staff_only(&world, &fixture, &join, Permission::EnrolMember);
    for (from, to, error) in [
        (fixture.pool, other.pool, ClaimsError::PoolOfOtherInsurer),
        (
            fixture.family(),
            other.family(),
            ClaimsError::FamilyOfOtherPool,
        ),
        (fixture.member, other.member, ClaimsError::MemberOfOtherPool),
    ] {
        refused(
            &mut world,
            &[swapped(join.clone(), from, to)],
            &[&staff],
            error,
        );
    }
    // A member of another plan of the pool.
    let second = ClaimsFixture {
        plan: Plan::find_address(&fixture.pool, 1).0,
        ..fixture.sibling(7)
    };
    world.send(&[fixture.create_plan(1)], &[&staff]).assert_ok();
    world.send(&[second.enrol()], &[&staff]).assert_ok();
    refused(
        &mut world,
        &[second.join_family()],
        &[&staff],
        ClaimsError::FamilyOfOtherPlan,
    );
    // Somebody whose claims have been adjudicated already.
    fixture
        .submit(&mut world, 1, &[line(1, 10_000)])
        .assert_ok();
    refused(&mut world, &[join], &[&staff], ClaimsError::MemberHasClaims);
}
