//! The upload of a plan version's details: opened for the next version only, filled in order, sealed, published with it.

use claims::events::{PlanDetailsClosed, PlanDetailsOpened, PlanDetailsSealed};

use galen_testkit::precompile::compute_limit;

use crate::common::*;

fn entries() -> Vec<DetailEntry> {
    let entry = |n, kind| DetailEntry::new(code(n), kind, DetailEntry::NONE);
    let mut all: Vec<DetailEntry> = (0..40)
        .map(|n| entry(n, DetailKind::Experimental))
        .collect();
    all.sort_by_key(DetailEntry::order);
    all
}

/// A world with a plan and a sealed schedule, and no version yet.
fn planned() -> (World, ClaimsFixture) {
    let (mut world, fixture) = bare();
    let staff = fixture.staff.key();
    for create in [fixture.create_pool(0), fixture.create_plan(0)] {
        world.send(&[create], &[&staff]).assert_ok();
    }
    fixture.upload_schedule(&mut world);
    (world, fixture)
}

fn read(world: &World, fixture: &ClaimsFixture) -> (PlanDetails, Vec<DetailEntry>) {
    PlanDetails::decode(&world.raw(&fixture.details_of(1)).unwrap().data).unwrap()
}

#[test]
fn they_are_uploaded_in_chunks_and_published() {
    let (mut world, fixture) = planned();
    let staff = fixture.staff.key();
    let opened = world
        .send(&[fixture.open_details(1)], &[&staff])
        .assert_ok();
    assert_eq!(opened.event::<PlanDetailsOpened>().number, 1);
    let all = entries();
    let (one, two) = all.split_at(25);
    for (start, chunk) in [(0, one), (25, two)] {
        let append = fixture.append_details(1, start, chunk);
        world.send(&[append], &[&staff]).assert_ok();
        let account = world.raw(&fixture.details_of(1)).unwrap();
        assert_eq!(
            account.data.len(),
            PlanDetails::ENTRIES_OFFSET + 32 * (usize::try_from(start).unwrap() + chunk.len())
        );
        assert_eq!(account.lamports, world.rent(account.data.len()));
    }
    let publish = fixture.publish_detailed(&world, terms(), YEAR_BEGINS);
    refused(
        &mut world,
        std::slice::from_ref(&publish),
        &[&staff],
        ClaimsError::DetailsNotSealed,
    );
    let sealed = world
        .send(&[fixture.seal_details(1, &all)], &[&staff])
        .assert_ok()
        .event::<PlanDetailsSealed>();
    let (header, there) = read(&world, &fixture);
    assert_eq!(there, all);
    assert_eq!((sealed.count, sealed.digest), (40, header.digest));
    assert!(header.is_sealed() && header.plan == fixture.plan && header.opener == staff.pubkey());
    world.send(&[publish], &[&staff]).assert_ok();
    let version: PlanVersion = world.account(&fixture.plan_version);
    assert!(version.has_details());
    // A version that was published without any has none.
    let next = fixture.publish(&world, terms(), TODAY + 1);
    world.send(&[next], &[&staff]).assert_ok();
    let version: PlanVersion = world.account(&PlanVersion::find_address(&fixture.plan, 2).0);
    assert!(!version.has_details());
}

#[test]
fn chunks_that_do_not_fit_are_refused_by_name() {
    let (mut world, fixture) = planned();
    let staff = fixture.staff.key();
    world
        .send(&[fixture.open_details(1)], &[&staff])
        .assert_ok();
    let all = entries();
    let first = fixture.append_details(1, 0, &all[..2]);
    world
        .send(std::slice::from_ref(&first), &[&staff])
        .assert_ok();
    let invalid = DetailEntry { kind: 12, ..all[3] };
    for (start, chunk, error) in [
        (0, &all[..2], ClaimsError::DetailsChunkAlreadyUploaded),
        (3, &all[3..4], ClaimsError::DetailsChunkOutOfOrder),
        (2, &all[..0], ClaimsError::DetailsChunkEmpty),
        (2, &all[1..2], ClaimsError::DetailsNotSorted),
        (2, &[all[4], all[3]], ClaimsError::DetailsNotSorted),
        (2, &[invalid], ClaimsError::DetailInvalid),
    ] {
        let append = fixture.append_details(1, start, chunk);
        refused(&mut world, &[append], &[&staff], error);
    }
    let stranger = actor("stranger");
    world.fund(&stranger.pubkey());
    let other = swapped(
        fixture.append_details(1, 2, &all[2..3]),
        staff.pubkey(),
        stranger.pubkey(),
    );
    refused(
        &mut world,
        &[other],
        &[&stranger],
        ClaimsError::NotDetailsOpener,
    );
    let seal = fixture.seal_details(1, &all);
    refused(
        &mut world,
        &[seal],
        &[&staff],
        ClaimsError::DetailsDigestMismatch,
    );
    world
        .send(&[fixture.seal_details(1, &all[..2])], &[&staff])
        .assert_ok();
    let append = fixture.append_details(1, 2, &all[2..3]);
    refused(&mut world, &[append], &[&staff], ClaimsError::DetailsSealed);
    let seal = fixture.seal_details(1, &all[..2]);
    refused(&mut world, &[seal], &[&staff], ClaimsError::DetailsSealed);
}

#[test]
fn they_are_given_up_until_they_are_published() {
    let (mut world, fixture) = planned();
    let staff = fixture.staff.key();
    let all = entries();
    let begun = [
        fixture.open_details(1),
        fixture.append_details(1, 0, &all[..3]),
    ];
    for step in begun {
        world.send(&[step], &[&staff]).assert_ok();
    }
    let before = world.raw(&staff.pubkey()).unwrap().lamports;
    let rent = world.raw(&fixture.details_of(1)).unwrap().lamports;
    let closed = world
        .send(&[fixture.close_details(1)], &[&staff])
        .assert_ok();
    assert_eq!(closed.event::<PlanDetailsClosed>().number, 1);
    let after = world.raw(&staff.pubkey()).unwrap().lamports;
    assert_eq!(after, before + rent);
    // Sealed ones too, and then others in their place.
    fixture.upload_details(&mut world, 1, &all[..3]);
    world
        .send(&[fixture.close_details(1)], &[&staff])
        .assert_ok();
    fixture.upload_details(&mut world, 1, &all);
    let publish = fixture.publish_detailed(&world, terms(), YEAR_BEGINS);
    world.send(&[publish], &[&staff]).assert_ok();
    let version = PlanVersion::find_address(&fixture.plan, 1).0;
    for close in [
        fixture.close_details(1),
        fixture.close_details_beside(1, Some(version)),
    ] {
        refused(
            &mut world,
            &[close],
            &[&staff],
            ClaimsError::DetailsPublished,
        );
    }
    // Those that the next version was published without are given up.
    fixture.upload_details(&mut world, 2, &all[..3]);
    let mut later = world.clone();
    let without = fixture.publish(&later, terms(), TODAY + 1);
    later.send(&[without], &[&staff]).assert_ok();
    let close = fixture.close_details(2);
    refused(
        &mut later,
        &[close],
        &[&staff],
        ClaimsError::DetailsPublished,
    );
    let other = fixture.close_details_beside(2, Some(version));
    refused(
        &mut later,
        &[other],
        &[&staff],
        ClaimsError::DetailsPublished,
    );
    let next = PlanVersion::find_address(&fixture.plan, 2).0;
    let close = fixture.close_details_beside(2, Some(next));
    later.send(&[close], &[&staff]).assert_ok();
    let gone = later.raw(&fixture.details_of(2));
    assert!(gone.is_none_or(|account| account.lamports == 0));
    // Nor do those of a published version serve the next one.
    let publish = fixture.publish(&world, terms(), TODAY + 1);
    let mut publish = publish;
    publish.accounts[8] =
        solana_instruction::AccountMeta::new_readonly(fixture.details_of(1), false);
    refused(
        &mut world,
        &[publish],
        &[&staff],
        ClaimsError::DetailsOfOtherVersion,
    );
}

/// The last entry that there is room for goes in, and none after it.
#[test]
fn details_take_as_many_entries_as_a_claim_can_be_searched_for() {
    let (mut world, fixture) = planned();
    let staff = fixture.staff.key();
    world
        .send(&[fixture.open_details(1)], &[&staff])
        .assert_ok();
    let room = usize::try_from(claims::constants::MAX_DETAILS).unwrap();
    let mut all: Vec<DetailEntry> = (0..=u32::try_from(room).unwrap())
        .map(|n| DetailEntry::new(code(n), DetailKind::Experimental, DetailEntry::NONE))
        .collect();
    all.sort_by_key(DetailEntry::order);
    // What the uploads before would have left: all entries but one.
    let (there, rest) = all.split_at(room - 1);
    let mut account = world.raw(&fixture.details_of(1)).unwrap();
    let mut header = PlanDetails::decode(&account.data).unwrap().0;
    header.extend(0, there.len()).unwrap();
    account.data.truncate(8);
    account.data.extend_from_slice(bytemuck::bytes_of(&header));
    account.data.extend_from_slice(bytemuck::cast_slice(there));
    account.lamports = world.rent(account.data.len());
    world.set_raw(&fixture.details_of(1), account);

    let both = fixture.append_details(1, header.count, rest);
    refused(&mut world, &[both], &[&staff], ClaimsError::DetailsFull);
    let last = fixture.append_details(1, header.count, &rest[..1]);
    world.send(&[last], &[&staff]).assert_ok();
    let more = fixture.append_details(1, header.count + 1, &rest[1..]);
    refused(&mut world, &[more], &[&staff], ClaimsError::DetailsFull);
    assert_eq!(read(&world, &fixture).1, all[..room]);
    // So many are sealed within what a transaction may take.
    let seal = fixture.seal_details(1, &all[..room]);
    world
        .send(&[compute_limit(1_400_000), seal], &[&staff])
        .assert_ok();
}
