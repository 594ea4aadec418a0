//! What has gone wrong in other systems that follow packs, each as a test with the system's name first. Source: domain.md D2.

use std::collections::BTreeSet;

use crate::common::*;

/// The system program's refusal to create an account where there is one.
const ADDRESS_IN_USE: u32 = 0;

/// Whatever a batch's size, ten serial numbers were made for it.
#[test]
fn pharmaledger_a_batch_has_as_many_packs_as_it_says() {
    let (mut world, fixture) = delivered();
    let made: Vec<u64> = packs().collect();
    let batch = fixture.read_batch(&world);
    assert!(made.len() > 10);
    assert_eq!((batch.quantity, fixture.tree.quantity()), (54, 54));
    let pages: BTreeSet<u64> = made
        .iter()
        .map(|index| index >> fixture.terms.page_height)
        .collect();
    for page in pages.into_iter().filter(|page| *page > 0) {
        let maker = fixture.maker.key();
        done(&mut world, fixture.open_page(page), &[&maker]);
    }
    for index in &made {
        let proof = fixture.tree.proof(*index, fixture.terms.page_height);
        done(&mut world, fixture.verify(proof), &[]);
    }
    // A place that no pack has is not one of them, whatever serial number is shown for it.
    let places = 1u64 << batch.layout.iter().sum::<u8>();
    let empty = (0..places).find(|index| !made.contains(index)).unwrap();
    let mut proof = fixture.tree.proof(made[0], fixture.terms.page_height);
    proof.index = empty;
    assert!(!world.send(&[fixture.verify(proof)], &[]).succeeded());
}

/// A mandatory field was refused where it was there, and taken where it was missing.
#[test]
fn pharmaledger_what_a_batch_must_have_is_asked_for() {
    let (mut world, fixture) = bare();
    let maker = fixture.maker.key();
    done(&mut world, fixture.register_product(), &[&maker]);
    let missing: [(fn(&mut BatchTerms), ProvenanceError); 3] = [
        (|terms| terms.lot = [0; 20], ProvenanceError::LotInvalid),
        (|terms| terms.root = [0; 32], ProvenanceError::RootEmpty),
        (|terms| terms.quantity = 0, ProvenanceError::QuantityInvalid),
    ];
    for (remove, error) in missing {
        let without = fixture.clone().with_terms("A1", remove);
        refused(&mut world, without.register_batch(), &[&maker], error);
    }
    done(&mut world, fixture.register_batch(), &[&maker]);
    assert_eq!(fixture.read_batch(&world).lot, fixture.terms.lot);
}

/// A second scan, of a code without an expiry, wiped the one that was stored. A report of a scan has none either: it leaves every byte
/// of the batch as it was, also where the transaction would let it write there.
#[test]
fn open_msupply_a_second_scan_leaves_the_expiry() {
    let (mut world, fixture) = delivered();
    let set = fixture.set_scan_policy(&fixture.maker, 1_000, 9);
    done(&mut world, set, &[&fixture.maker.key()]);
    let before = world.raw(&fixture.batch).unwrap();
    assert_eq!(fixture.read_batch(&world).expiry, EXPIRY);
    for by in [&fixture.pharmacy, &fixture.wholesaler, &fixture.pharmacy] {
        let mut report = fixture.report_scan(0, by, PARIS);
        for meta in &mut report.accounts {
            meta.is_writable |= meta.pubkey == fixture.batch;
        }
        done(&mut world, report, &[&by.key()]);
        assert_eq!(world.raw(&fixture.batch).unwrap(), before);
        world.advance(DAY);
    }
    let mut again = fixture.clone();
    again.terms.expiry += 1;
    refused(
        &mut world,
        again.register_batch(),
        &[&fixture.maker.key()],
        ADDRESS_IN_USE,
    );
    assert_eq!(world.raw(&fixture.batch).unwrap(), before);
}

/// A code that was copied off a genuine pack passed as genuine, as often as it was shown.
#[test]
fn sahidawa_a_cloned_code_passes_once() {
    let (mut world, fixture) = delivered();
    let pharmacist = fixture.pharmacy.key();
    let code = fixture.tree.proof(3, fixture.terms.page_height);
    done(
        &mut world,
        fixture.dispense_with(&fixture.pharmacy, code.clone(), false, None),
        &[&pharmacist],
    );
    // The copy has the same serial number, salt and place: there is nothing else to tell it by.
    let copy = fixture.dispense_with(&fixture.pharmacy, code, false, None);
    refused(
        &mut world,
        copy,
        &[&pharmacist],
        ProvenanceError::AlreadyDispensed,
    );
}
