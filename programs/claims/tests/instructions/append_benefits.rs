use claims::constants::MAX_FREQUENCY_DAYS;

use crate::common::*;

fn opened(capacity: usize) -> (World, ClaimsFixture) {
    let (mut world, fixture) = bare();
    world
        .send(&[fixture.create_pool(0)], &[&fixture.staff.key()])
        .assert_ok();
    fixture
        .open_schedule_account(&mut world, "schedule 1", capacity)
        .assert_ok();
    (world, fixture)
}

fn entries(world: &World, fixture: &ClaimsFixture) -> Vec<BenefitEntry> {
    BenefitSchedule::decode(&world.raw(&fixture.schedule).unwrap().data)
        .unwrap()
        .1
}

#[test]
fn appends_chunk_after_chunk() {
    let (mut world, fixture) = opened(5);
    let staff = fixture.staff.key();
    let all: Vec<BenefitEntry> = (0..5).map(benefit).collect();
    world
        .send(&[fixture.append(0, &all[..2])], &[&staff])
        .assert_ok();
    assert_eq!(entries(&world, &fixture), all[..2]);
    world
        .send(&[fixture.append(2, &all[2..])], &[&staff])
        .assert_ok();
    assert_eq!(entries(&world, &fixture), all);
}

#[test]
fn a_chunk_in_the_wrong_place_is_refused() {
    let (mut world, fixture) = opened(6);
    let staff = fixture.staff.key();
    let all: Vec<BenefitEntry> = (0..7).map(benefit).collect();
    world
        .send(&[fixture.append(0, &all[..3])], &[&staff])
        .assert_ok();
    for (start, chunk, error) in [
        (0, &all[..3], ClaimsError::ScheduleChunkAlreadyUploaded),
        (2, &all[2..4], ClaimsError::ScheduleChunkAlreadyUploaded),
        (4, &all[4..5], ClaimsError::ScheduleChunkOutOfOrder),
        (u32::MAX, &all[3..4], ClaimsError::ScheduleChunkOutOfOrder),
        (3, &all[3..7], ClaimsError::ScheduleFull),
        (3, &all[..0], ClaimsError::ScheduleChunkEmpty),
        (3, &all[2..4], ClaimsError::ScheduleNotSorted),
        (3, &all[1..2], ClaimsError::ScheduleNotSorted),
        (3, &[all[4], all[3]], ClaimsError::ScheduleNotSorted),
        (3, &[all[4], all[4]], ClaimsError::ScheduleNotSorted),
    ] {
        refused(
            &mut world,
            &[fixture.append(start, chunk)],
            &[&staff],
            error,
        );
    }
}

#[test]
fn an_entry_out_of_range_is_refused() {
    let (mut world, fixture) = opened(6);
    let changes: [fn(&mut BenefitEntry); 8] = [
        |entry| entry.code_key = [0; 8],
        |entry| entry.frequency_days = MAX_FREQUENCY_DAYS + 1,
        |entry| entry.flags = 1 << 5,
        |entry| entry.flags = BenefitEntry::DEDUCTIBLE_APPLIES | BenefitEntry::DEDUCTIBLE_WAIVED,
        |entry| entry.category = 9,
        |entry| entry.coinsurance_bps = 10_001,
        |entry| entry.reserved = [0, 1],
        |entry| entry.coinsurance_bps = u16::MAX - 1,
    ];
    for change in changes {
        let mut entry = benefit(1);
        change(&mut entry);
        refused(
            &mut world,
            &[fixture.append(0, &[entry])],
            &[&fixture.staff.key()],
            ClaimsError::BenefitInvalid,
        );
    }
}

#[test]
fn only_who_opened_it_appends() {
    let (mut world, fixture) = opened(6);
    let colleague = fixture
        .insurer
        .operator(&mut world, "colleague", &Permission::ALL);
    let append = fixture.append(0, &[benefit(1)]);
    let staff = fixture.staff.key();
    refused(
        &mut world,
        &[swapped(
            append.clone(),
            staff.pubkey(),
            colleague.key().pubkey(),
        )],
        &[&colleague.key()],
        ClaimsError::NotScheduleOpener,
    );
    refused(
        &mut world,
        &[unsigned(append, staff.pubkey())],
        &[],
        ErrorCode::AccountNotSigner,
    );
}

#[test]
fn a_sealed_schedule_is_closed_to_change() {
    let (mut world, fixture) = ready();
    refused(
        &mut world,
        &[fixture.append(100, &[benefit(200)])],
        &[&fixture.staff.key()],
        ClaimsError::ScheduleSealed,
    );
}

/// The whole of it: ten thousand codes in chunks, sealed, and the first, a middle and the last one found by a claim.
#[test]
fn ten_thousand_codes() {
    let mut world = empty();
    let fixture = ClaimsFixture::with(
        &mut world,
        terms(),
        (0..10_000).map(benefit).collect(),
        unlimited(),
    );
    let lines = [
        line(0, 10_000),
        line(4_999, 10_000),
        line(9_999, 10_000),
        line(10_000, 10_000),
    ];
    fixture.submit(&mut world, 1, &lines).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    let denials: Vec<u16> = claim.lines.iter().map(|line| line.denial_reason).collect();
    assert_eq!(denials, [0, 0, 0, 204]);
}
