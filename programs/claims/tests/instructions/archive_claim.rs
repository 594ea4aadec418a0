//! `archive_claim`, `close_appeal`, `link_replacement`.

use claims::events::{ClaimArchived, ClaimReplaced};
use solana_sha256_hasher::hash;

use crate::appeals::write;
use crate::common::*;
use crate::reverse_claim::{on_day, reverse};

/// The last day on which the fixtures' claim of the service date is kept.
const KEPT_UNTIL: i64 = (SERVICE_DATE as i64 + 1_000) * DAY;

#[test]
fn a_commitment_stays_in_the_place_of_the_claim() {
    let (mut world, fixture) = ready();
    fixture
        .submit(&mut world, 1, &[on_day(0, 20_000), on_day(0, 100)])
        .assert_ok();
    let data = world.raw(&fixture.claim(1)).unwrap().data;
    world.set_time(KEPT_UNTIL + DAY - 1);
    refused(
        &mut world,
        &[fixture.archive(1)],
        &[],
        ClaimsError::ArchiveTooEarly,
    );
    world.set_time(KEPT_UNTIL + DAY);
    let opener = fixture.clerk.key().pubkey();
    let before = world.raw(&opener).unwrap().lamports;
    let event: ClaimArchived = world.send(&[fixture.archive(1)], &[]).assert_ok().event();
    let refund = world.rent(data.len()) - world.rent(ArchivedClaim::SIZE);
    assert_eq!(world.raw(&opener).unwrap().lamports - before, refund);
    let commitment = hash(&data).to_bytes();
    assert_eq!((event.commitment, event.refund), (commitment, refund));
    let raw = world.raw(&fixture.claim(1)).unwrap();
    assert_eq!(raw.data.len(), ArchivedClaim::SIZE);
    assert_eq!(raw.lamports, world.rent(ArchivedClaim::SIZE));
    let archived = fixture.read_archived(&world, 1);
    assert_eq!(
        (archived.status, archived.commitment, archived.replaced_by),
        (ClaimStatus::Paid, commitment, [0; 16])
    );
    assert_eq!(i64::from(archived.archived_on) * DAY, KEPT_UNTIL + DAY);
    // It is no claim any more, and none can be filed under its identifier.
    refused(
        &mut world,
        &[fixture.archive(1)],
        &[],
        ErrorCode::AccountDiscriminatorMismatch,
    );
    refused(
        &mut world,
        &[fixture.settle(1)],
        &[],
        ErrorCode::AccountDiscriminatorMismatch,
    );
    // On a day on which the provider's staff could file it.
    world.set_time(i64::from(TODAY) * DAY);
    let before = world.snapshot();
    let again = world.send_unsigned(&[fixture.submit_claim(1, &[line(1, 1)])]);
    again.assert_error(ADDRESS_IN_USE);
    before.assert_same(&world.snapshot());
}

#[test]
fn what_still_waits_is_kept() {
    let (mut world, fixture) = ready();
    let large = ClaimLineArgs {
        units: u16::MAX,
        ..line(1, FUNDED + 600_000)
    };
    fixture.submit(&mut world, 1, &[large]).assert_ok();
    // Suspected to be part of the same visit.
    fixture.submit(&mut world, 2, &[line(2, 100)]).assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Pended);
    let open = fixture.open_claim(3, 1);
    world.send(&[open], &[&fixture.clerk.key()]).assert_ok();
    world.set_time(KEPT_UNTIL + DAY);
    for n in [1, 2] {
        refused(
            &mut world,
            &[fixture.archive(n)],
            &[],
            ClaimsError::ClaimNotFinal,
        );
    }
    refused(
        &mut world,
        &[fixture.archive(3)],
        &[],
        ClaimsError::ClaimOfOtherPlanVersion,
    );
    // The award is paid and the interest is not.
    fixture.fund(&mut world, 600_000).assert_ok();
    world.send(&[fixture.settle(1)], &[]).assert_ok();
    refused(
        &mut world,
        &[fixture.archive(1)],
        &[],
        ClaimsError::InterestOwed,
    );
}

#[test]
fn what_is_flagged_or_under_appeal_is_kept() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    fixture
        .submit(&mut world, 1, &[on_day(0, 20_000)])
        .assert_ok();
    fixture
        .submit(&mut world, 2, &[on_day(0, 20_000)])
        .assert_ok();
    assert_eq!(fixture.read_claim(&world, 2).status, ClaimStatus::Denied);
    reverse(&mut world, &fixture, 1).assert_ok();
    let mut flagged = world.clone();
    flagged.set_time(KEPT_UNTIL + DAY);
    refused(
        &mut flagged,
        &[fixture.archive(2)],
        &[],
        ClaimsError::ClaimStillFlagged,
    );
    // The reversed claim itself can go.
    flagged.send(&[fixture.archive(1)], &[]).assert_ok();
    assert_eq!(
        fixture.read_archived(&flagged, 1).status,
        ClaimStatus::Reversed
    );

    fixture.submit(&mut world, 3, &[line(500, 100)]).assert_ok();
    world
        .send(
            &[fixture.appeal_as_member(1, 1)],
            &[&fixture.clerk.key(), &fixture.member_key()],
        )
        .assert_ok();
    world.set_time(KEPT_UNTIL + DAY);
    world.send(&[fixture.archive(3)], &[]).assert_ok();
    refused(
        &mut world,
        &[fixture.archive(1)],
        &[],
        ClaimsError::AppealStillOpen,
    );
    refused(
        &mut world,
        &[fixture.close_appeal(1, 1)],
        &[],
        ErrorCode::AccountDiscriminatorMismatch,
    );
    world.send(&[fixture.lapse(1, 1)], &[]).assert_ok();
    // The second level is open from then on, for 180 days.
    world.advance(180 * DAY);
    refused(
        &mut world,
        &[fixture.archive(1)],
        &[],
        ClaimsError::ArchiveTooEarly,
    );
    world.advance(DAY);
    world.send(&[fixture.archive(1)], &[]).assert_ok();
    // With the claim go its appeals: the rent returns to who paid it.
    refused(
        &mut world,
        &[swapped(
            fixture.close_appeal(1, 1),
            fixture.clerk.key().pubkey(),
            staff.pubkey(),
        )],
        &[],
        ClaimsError::NotAppealPayer,
    );
    refused(
        &mut world,
        &[swapped(
            fixture.close_appeal(1, 1),
            fixture.claim(1),
            fixture.claim(3),
        )],
        &[],
        ClaimsError::AppealOfOtherClaim,
    );
    let payer = fixture.clerk.key().pubkey();
    let rent = world.raw(&fixture.appeal(1, 1)).unwrap().lamports;
    let before = world.raw(&payer).unwrap().lamports;
    world.send(&[fixture.close_appeal(1, 1)], &[]).assert_ok();
    assert_eq!(world.raw(&payer).unwrap().lamports, before + rent);
    assert!(world
        .raw(&fixture.appeal(1, 1))
        .is_none_or(|account| account.lamports == 0));
}

#[test]
fn the_accounts_belong_together() {
    let (mut world, fixture, other) = two_insurers();
    fixture
        .submit(&mut world, 1, &[on_day(0, 20_000)])
        .assert_ok();
    world.set_time(KEPT_UNTIL + DAY);
    for (from, to, error) in [
        (
            fixture.clerk.key().pubkey(),
            other.clerk.key().pubkey(),
            ClaimsError::NotClaimOpener,
        ),
        (
            fixture.plan_version,
            other.plan_version,
            ClaimsError::ClaimOfOtherPlanVersion,
        ),
        (
            fixture.member,
            other.member,
            ClaimsError::ClaimOfOtherMember,
        ),
    ] {
        refused(
            &mut world,
            &[swapped(fixture.archive(1), from, to)],
            &[],
            error,
        );
    }
    refused(
        &mut world,
        &[swapped(
            fixture.archive(1),
            fixture.claim(1),
            fixture.payout,
        )],
        &[],
        ErrorCode::AccountOwnedByWrongProgram,
    );
}

/// A corrected claim that the provider filed after a reversal says in whose place it stands.
#[test]
fn a_claim_is_linked_to_the_one_in_its_place() {
    let (mut world, fixture) = ready();
    let clerk = fixture.clerk.key();
    for n in [1, 2] {
        fixture
            .submit(&mut world, n, &[on_day(n, 20_000)])
            .assert_ok();
    }
    world.advance(60);
    reverse(&mut world, &fixture, 1).assert_ok();
    world.advance(60);
    fixture
        .submit(&mut world, 3, &[on_day(1, 15_000)])
        .assert_ok();
    // Filed before the reversal; not reversed; a claim in its own place.
    for (from, to) in [(1, 2), (2, 3), (3, 3)] {
        let before = world.snapshot();
        let error = match (from, to) {
            (3, 3) => ErrorCode::ConstraintDuplicateMutableAccount.into(),
            _ => u32::from(ClaimsError::ClaimNotReplaceable),
        };
        world
            .send(&[fixture.link_replacement(from, to)], &[&clerk])
            .assert_error(error);
        before.assert_same(&world.snapshot());
    }
    // For a pack its own code only: a bond may have to pay for what stands in the claim's place.
    let mut packed = world.clone();
    let mut claim = fixture.read_claim(&packed, 1);
    claim.course.note_pack(true);
    write(&mut packed, &fixture.claim(1), &claim);
    let mut other = fixture.read_claim(&packed, 3);
    packed
        .clone()
        .send(&[fixture.link_replacement(1, 3)], &[&clerk])
        .assert_ok();
    other.lines[0].code_key = [0xee; 8];
    write(&mut packed, &fixture.claim(3), &other);
    refused(
        &mut packed,
        &[fixture.link_replacement(1, 3)],
        &[&clerk],
        ClaimsError::ClaimNotReplaceable,
    );
    let event: ClaimReplaced = world
        .send(&[fixture.link_replacement(1, 3)], &[&clerk])
        .assert_ok()
        .event();
    assert_eq!(
        (event.claim, event.replacement),
        (fixture.claim(1), fixture.claim(3))
    );
    assert_eq!(
        fixture.read_claim(&world, 1).course.replaced_by,
        fixture.claim_id(3)
    );
    assert_eq!(fixture.read_claim(&world, 3).replaces, fixture.claim_id(1));
    fixture.assert_money_adds_up(&world);
    // Once, and in one place.
    fixture
        .submit(&mut world, 4, &[on_day(3, 15_000)])
        .assert_ok();
    for (from, to) in [(1, 4), (1, 3)] {
        refused(
            &mut world,
            &[fixture.link_replacement(from, to)],
            &[&clerk],
            ClaimsError::ClaimNotReplaceable,
        );
    }
    reverse(&mut world, &fixture, 2).assert_ok();
    refused(
        &mut world,
        &[fixture.link_replacement(2, 3)],
        &[&clerk],
        ClaimsError::ClaimNotReplaceable,
    );
}

#[test]
fn only_the_provider_links_its_own() {
    let (mut world, fixture, other) = two_insurers();
    for fixture in [&fixture, &other] {
        fixture
            .submit(&mut world, 1, &[on_day(0, 20_000)])
            .assert_ok();
        reverse(&mut world, fixture, 1).assert_ok();
        fixture
            .submit(&mut world, 2, &[on_day(0, 20_000)])
            .assert_ok();
    }
    let clerk = fixture.clerk.key();
    let link = fixture.link_replacement(1, 2);
    for (from, to) in [
        (fixture.claim(1), other.claim(1)),
        (fixture.claim(2), other.claim(2)),
    ] {
        refused(
            &mut world,
            &[swapped(link.clone(), from, to)],
            &[&clerk],
            ClaimsError::ClaimOfOtherProvider,
        );
    }
    let stranger = world.actor("stranger");
    refused(
        &mut world,
        &[swapped_all(&link, clerk.pubkey(), stranger.pubkey())],
        &[&stranger],
        ClaimsError::OperatorKeyMismatch,
    );
    // The same provider's claim for another pool, and for another member.
    let original = fixture.read_claim(&world, 2);
    for (change, error) in [
        (
            Claim {
                pool: other.pool,
                ..original.clone()
            },
            ClaimsError::ClaimOfOtherPool,
        ),
        (
            Claim {
                member: other.member,
                ..original
            },
            ClaimsError::ClaimOfOtherMember,
        ),
    ] {
        let mut changed = world.clone();
        crate::appeals::write(&mut changed, &fixture.claim(2), &change);
        refused(&mut changed, std::slice::from_ref(&link), &[&clerk], error);
    }
    world.send(&[link], &[&clerk]).assert_ok();
}
