//! What comes back at the end: every lamport of pages and records.

use provenance::events::{NodeClosed, PageClosed};

use crate::common::*;

#[test]
fn pages_and_records_are_kept_and_then_refunded() {
    let (mut world, fixture) = delivered();
    let maker = fixture.maker.key().pubkey();
    done(&mut world, fixture.dispense(0), &[&fixture.pharmacy.key()]);
    let retained = i64::from(TODAY + RETENTION_DAYS) * DAY;
    world.set_time(retained - 1);
    refused(
        &mut world,
        fixture.close_page(0),
        &[],
        ProvenanceError::StillRetained,
    );
    refused(
        &mut world,
        fixture.close_node(case(0), &fixture.wholesaler),
        &[],
        ProvenanceError::StillRetained,
    );
    world.advance(1);
    refused(
        &mut world,
        fixture.close_node(case(0), &fixture.wholesaler),
        &[],
        ProvenanceError::PagesAreOpen,
    );
    let lamports = |world: &World, key: &Pubkey| world.raw(key).map_or(0, |one| one.lamports);
    let held = lamports(&world, &fixture.page(0));
    let before = lamports(&world, &maker);
    let event: PageClosed = done(&mut world, fixture.close_page(0), &[]).event();
    assert_eq!((event.number, event.dispensed), (0, 1));
    assert_eq!(lamports(&world, &maker), before + held);
    assert!(!exists(&world, &fixture.page(0)));
    assert_eq!(fixture.read_batch(&world).pages, 0);
    // The wholesaler offered the case and so paid for its record, the manufacturer for the pallet's and the batch's.
    refused(
        &mut world,
        fixture.close_node(case(0), &fixture.maker),
        &[],
        ProvenanceError::WrongPayer,
    );
    for (of, payer) in [
        (case(0), &fixture.wholesaler),
        (pallet(0), &fixture.maker),
        (whole(), &fixture.maker),
    ] {
        let key = payer.key().pubkey();
        let held = lamports(&world, &fixture.node(of));
        let before = lamports(&world, &key);
        done(&mut world, fixture.close_node(of, payer), &[]).event::<NodeClosed>();
        assert_eq!(lamports(&world, &key), before + held);
    }
    done(&mut world, fixture.close_dispense(pack(0)), &[]);
    // Nothing is left but what is history: product and batch.
    let left = world.accounts_of(&provenance::ID);
    assert_eq!(left.len(), 2);
}

#[test]
fn a_long_shelf_life_keeps_them_longer() {
    let (mut world, fixture) = registered();
    let long = fixture.with_terms("L1", |terms| terms.expiry = TODAY + 10 * 365);
    long.begin_batch(&mut world);
    world.set_time(i64::from(long.terms.expiry + RETENTION_AFTER_EXPIRY_DAYS) * DAY - 1);
    refused(
        &mut world,
        long.close_page(0),
        &[],
        ProvenanceError::StillRetained,
    );
    world.advance(1);
    done(&mut world, long.close_page(0), &[]);
}

#[test]
fn not_another_batchs() {
    let (mut world, fixture) = registered();
    let other = fixture.clone().with_terms("O1", |_| {});
    other.begin_batch(&mut world);
    world.set_time(i64::from(TODAY + RETENTION_DAYS) * DAY);
    for instruction in [
        swapped(fixture.close_page(0), fixture.batch, other.batch),
        swapped(
            fixture.close_node(whole(), &fixture.maker),
            fixture.batch,
            other.batch,
        ),
    ] {
        refused(
            &mut world,
            instruction,
            &[],
            ProvenanceError::RecordOfOtherBatch,
        );
    }
}
