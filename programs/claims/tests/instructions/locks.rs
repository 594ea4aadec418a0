//! Which accounts claims write: those of different pools never wait for each other. The bench writes the table (bench/README.md).

use std::collections::BTreeSet;

use galen_testkit::locks::WriteLocks;

use crate::common::*;

#[test]
fn a_thousand_claims_of_eight_pools_share_no_writable_account() {
    let (mut world, first) = ready();
    let locks = WriteLocks::measure(&mut world, first);
    assert_eq!((locks.pools.len(), locks.claims), (8, 1_000));
    assert_eq!(locks.shared(), BTreeSet::new());
    // Within a pool: who pays the fee, the pool, its vault, the agreement and the payout account of the one provider.
    for (index, fixture) in locks.pools.iter().enumerate() {
        let expected = BTreeSet::from([
            fixture.clerk.key().pubkey(),
            fixture.pool,
            fixture.vault,
            fixture.agreement,
            fixture.payout,
        ]);
        assert_eq!(locks.of_every_claim(index), expected);
    }
    let figures = locks.figures();
    let of = |kind: &str| figures.kinds[kind];
    assert_eq!((of("a claim").accounts, of("a claim").most), (125, 1));
    assert_eq!((of("a member").accounts, of("a member").most), (5, 25));
    assert!(!figures.kinds.contains_key("another account"));
}
