//! What a dispense costs and what fits a transaction. The bench writes the table; this keeps the promises.

use crate::common::*;

/// A legacy transaction, signatures included.
const MOST_BYTES: usize = 1_232;

/// Compute units of a dispense from a batch of depth 20. The aim is 10,000; this is what is kept until it is reached.
const DISPENSE: u64 = 13_500;

/// Compute units of the membership check of a pack in a batch of depth 30.
const MEMBERSHIP: u64 = 5_300;

/// A batch of depth 20 with pages of this height, and its first case at the pharmacy.
fn deep(page_height: u8) -> (World, ProvenanceFixture) {
    let (mut world, fixture) = registered();
    let layout = Layout::new(6, 6, 8).unwrap();
    let tree = Tree::new(*GTIN, layout, 0..48);
    let fixture = fixture.with_tree(tree, page_height, "DEEP");
    fixture.begin_batch(&mut world);
    fixture.deliver(&mut world);
    (world, fixture)
}

#[test]
fn a_dispense_of_a_pack_of_a_million() {
    for page_height in [12, 16] {
        let (mut world, fixture) = deep(page_height);
        let dispense = fixture.dispense(47);
        let (bytes, accounts) = world.size(std::slice::from_ref(&dispense));
        let outcome = done(&mut world, dispense, &[&fixture.pharmacy.key()]);
        println!(
            "depth 20, {page_height} siblings up to the page: {} CU, {bytes} bytes, {accounts} accounts",
            outcome.cu
        );
        assert!(bytes <= MOST_BYTES, "{bytes} bytes");
        assert!(outcome.cu <= DISPENSE, "{} CU", outcome.cu);
    }
}

#[test]
fn the_membership_of_a_pack_of_a_billion() {
    let (mut world, fixture) = registered();
    let layout = Layout::new(6, 6, 18).unwrap();
    let tree = Tree::new(*GTIN, layout, (0..48).chain([1 << 29]));
    let fixture = fixture.with_tree(tree, 16, "HIGH");
    fixture.begin_batch(&mut world);
    let outcome = done(&mut world, fixture.verify(fixture.tree.proof(47, 16)), &[]);
    println!("depth 30, 16 siblings up to the page: {} CU", outcome.cu);
    assert!(outcome.cu <= MEMBERSHIP, "{} CU", outcome.cu);
}

#[test]
fn a_case_of_48_in_one_transaction() {
    let (mut world, fixture) = deep(12);
    let all = fixture.dispense_all(case(0));
    let (bytes, _) = world.size(std::slice::from_ref(&all));
    let outcome = done(&mut world, all, &[&fixture.pharmacy.key()]);
    println!("a case of 48: {} CU, {bytes} bytes", outcome.cu);
    assert!(bytes <= MOST_BYTES);
    let (world, fixture) = deep(12);
    let most = (1..=10_u64)
        .take_while(|count| {
            let packs: Vec<_> = (0..*count).map(|index| fixture.dispense(index)).collect();
            world.size(&packs).0 <= MOST_BYTES
        })
        .last();
    println!("separate packs in a legacy transaction: {most:?}");
    assert!(most >= Some(1));
}
