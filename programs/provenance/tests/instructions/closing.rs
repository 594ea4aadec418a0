//! The end of a batch: what comes back, what stays, and that nothing is done with it any more.

use galen_testkit::attack::fixtures;
use galen_testkit::attack::idl::Idl;
use provenance::events::{BatchClosed, OrphanClosed};
use solana_account::Account;

use crate::common::*;

/// A batch whose time is over, its page closed.
fn released() -> (World, ProvenanceFixture) {
    let (mut world, fixture) = delivered();
    done(&mut world, fixture.dispense(0), &[&fixture.pharmacy.key()]);
    world.set_time(i64::from(TODAY + RETENTION_DAYS) * DAY);
    done(&mut world, fixture.close_page(0), &[]);
    (world, fixture)
}

/// A batch that is closed, its records still there.
fn closed() -> (World, ProvenanceFixture) {
    let (mut world, fixture) = released();
    done(&mut world, fixture.close_batch(), &[]);
    (world, fixture)
}

fn lamports(world: &World, key: &Pubkey) -> u64 {
    world.raw(key).map_or(0, |account| account.lamports)
}

/// What is left of a batch.
fn grave(world: &World) -> Account {
    Account {
        lamports: world.rent(ClosedBatch::SIZE),
        data: [
            <ClosedBatch as anchor_lang::Discriminator>::DISCRIMINATOR,
            &[ACCOUNT_VERSION],
        ]
        .concat(),
        owner: provenance::ID,
        ..Account::default()
    }
}

#[test]
fn all_comes_back_but_the_grave() {
    let (mut world, fixture) = released();
    let maker = fixture.maker.key().pubkey();
    let before = lamports(&world, &maker);
    let held = lamports(&world, &fixture.batch);
    let event: BatchClosed = done(&mut world, fixture.close_batch(), &[]).event();
    let stays = world.rent(ClosedBatch::SIZE);
    assert_eq!(ClosedBatch::SIZE, 9);
    let left = world.raw(&fixture.batch).expect("the address stays taken");
    let grave = grave(&world);
    assert_eq!(
        (left.data, left.owner, left.lamports),
        (grave.data, grave.owner, grave.lamports)
    );
    assert_eq!(lamports(&world, &maker), before + held - stays);
    assert_eq!(
        (event.batch, event.product, event.manufacturer),
        (fixture.batch, fixture.product, fixture.maker.address())
    );
    assert_eq!(
        (event.lot, event.returned),
        (fixture.terms.lot, held - stays)
    );
    // What trading partners have left open does not hold the manufacturer up, nor is it lost to them.
    for (record, payer) in [
        (fixture.node(case(0)), &fixture.wholesaler),
        (fixture.node(pallet(0)), &fixture.maker),
        (fixture.node(whole()), &fixture.maker),
        (fixture.dispense_address(pack(0)), &fixture.pharmacy),
    ] {
        let key = payer.key().pubkey();
        let (before, held) = (lamports(&world, &key), lamports(&world, &record));
        let event: OrphanClosed =
            done(&mut world, fixture.close_orphan(record, payer), &[]).event();
        assert_eq!((event.batch, event.record), (fixture.batch, record));
        assert_eq!(lamports(&world, &key), before + held);
        assert!(!exists(&world, &record));
    }
    // The product and the grave.
    assert_eq!(world.accounts_of(&provenance::ID).len(), 2);
}

#[test]
fn shipments_monitors_and_scans_come_back_too() {
    let (mut world, fixture) = cold();
    let wholesaler = &fixture.wholesaler;
    let offer = fixture.offer(case(1), wholesaler, &fixture.pharmacy, sale());
    done(&mut world, offer, &[&wholesaler.key()]);
    let watch = fixture.register_device(case(0), &fixture.pharmacy, device().pubkey());
    done(&mut world, watch, &[&fixture.pharmacy.key()]);
    let judge = fixture.set_scan_policy(&fixture.maker, 1_000, 1);
    done(&mut world, judge, &[&fixture.maker.key()]);
    let scan = fixture.report_scan(0, wholesaler, PARIS);
    done(&mut world, scan, &[&wholesaler.key()]);
    world.set_time(i64::from(TODAY + RETENTION_DAYS) * DAY);
    done(&mut world, fixture.close_page(0), &[]);
    done(&mut world, fixture.close_batch(), &[]);
    for (record, payer) in [
        (fixture.shipment(case(1)), wholesaler),
        (fixture.monitor(case(0)), &fixture.pharmacy),
        (fixture.scan(0), wholesaler),
    ] {
        let key = payer.key().pubkey();
        let (before, held) = (lamports(&world, &key), lamports(&world, &record));
        assert!(held > 0);
        done(&mut world, fixture.close_orphan(record, payer), &[]);
        assert_eq!(lamports(&world, &key), before + held);
    }
}

#[test]
fn not_before_its_time_nor_with_pages() {
    let (mut world, fixture) = delivered();
    let retained = i64::from(TODAY + RETENTION_DAYS) * DAY;
    world.set_time(retained - 1);
    refused(
        &mut world,
        fixture.close_batch(),
        &[],
        ProvenanceError::StillRetained,
    );
    world.advance(1);
    refused(
        &mut world,
        fixture.close_batch(),
        &[],
        ProvenanceError::PagesAreOpen,
    );
    done(&mut world, fixture.close_page(0), &[]);
    let to_another = swapped(
        fixture.close_batch(),
        fixture.maker.key().pubkey(),
        fixture.pharmacy.key().pubkey(),
    );
    refused(&mut world, to_another, &[], ProvenanceError::WrongPayer);
    let no_batch = swapped(fixture.close_batch(), fixture.batch, fixture.product);
    refused(
        &mut world,
        no_batch,
        &[],
        ErrorCode::AccountDiscriminatorMismatch,
    );
    let of_others = swapped(
        fixture.close_batch(),
        fixture.batch,
        fixture.maker.address(),
    );
    refused(
        &mut world,
        of_others,
        &[],
        ErrorCode::AccountOwnedByWrongProgram,
    );
    done(&mut world, fixture.close_batch(), &[]);
    refused(
        &mut world,
        fixture.close_batch(),
        &[],
        ProvenanceError::BatchClosed,
    );
}

#[test]
fn its_address_stays_taken() {
    /// `SystemError::AccountAlreadyInUse`.
    const TAKEN: u32 = 0;
    let (mut world, fixture) = closed();
    // The same lot, with a date on which it could be sold once more.
    let again = fixture.with_terms("A1", |terms| terms.expiry = TODAY + 20 * 365);
    let maker = again.maker.key();
    refused(&mut world, again.register_batch(), &[&maker], TAKEN);
    // Nor once what was recorded of it is gone.
    done(
        &mut world,
        again.close_orphan(again.node(whole()), &again.maker),
        &[],
    );
    refused(&mut world, again.register_batch(), &[&maker], TAKEN);
}

#[test]
fn only_what_a_closed_batch_has_left() {
    let (mut world, fixture) = delivered();
    let other = fixture.clone().with_terms("O1", |_| {});
    let maker = other.maker.key();
    done(&mut world, other.register_batch(), &[&maker]);
    world.set_time(i64::from(TODAY + RETENTION_DAYS) * DAY);
    done(&mut world, fixture.close_page(0), &[]);
    done(&mut world, fixture.close_batch(), &[]);
    let node = fixture.node(case(0));
    let wholesaler = &fixture.wholesaler;
    refused(
        &mut world,
        other.close_orphan(other.node(whole()), &other.maker),
        &[],
        ProvenanceError::BatchStillOpen,
    );
    refused(
        &mut world,
        fixture.close_orphan(other.node(whole()), &other.maker),
        &[],
        ProvenanceError::RecordOfOtherBatch,
    );
    refused(
        &mut world,
        fixture.close_orphan(node, &fixture.pharmacy),
        &[],
        ProvenanceError::WrongPayer,
    );
    for no_record in [fixture.product, fixture.batch, fixture.maker.address()] {
        refused(
            &mut world,
            fixture.close_orphan(no_record, wholesaler),
            &[],
            ProvenanceError::WrongRecord,
        );
    }
    done(&mut world, fixture.close_orphan(node, wholesaler), &[]);
    refused(
        &mut world,
        fixture.close_orphan(node, wholesaler),
        &[],
        ProvenanceError::WrongRecord,
    );
}

/// Whatever takes a batch, with a closed one in its place.
#[test]
fn every_instruction_refuses_it_by_name() {
    let mut refused = 0;
    for definition in Idl::read(Program::Provenance).instructions {
        let named = definition
            .accounts
            .iter()
            .position(|account| account.name == "batch");
        let Some(position) = named else {
            continue;
        };
        // One makes a batch, the other is for what a closed one has left.
        if ["register_batch", "close_orphan"].contains(&definition.name.as_str()) {
            continue;
        }
        for name in fixtures::variants(Program::Provenance, &definition.name) {
            let mut fixture = fixtures::fixture(Program::Provenance, &name).expect("a fixture");
            let batch = fixture.instruction.accounts[position].pubkey;
            let grave = grave(&fixture.world);
            fixture.world.set_raw(&batch, grave);
            let before = fixture.world.snapshot();
            let mut instructions = fixture.before;
            instructions.push(fixture.instruction);
            let outcome = fixture.world.send_unsigned(&instructions);
            assert_eq!(
                outcome.code(),
                Some(u32::from(ProvenanceError::BatchClosed)),
                "{name}: {outcome}"
            );
            before.assert_same(&fixture.world.snapshot());
            refused += 1;
        }
    }
    assert!(refused >= 30, "{refused} of them");
}
