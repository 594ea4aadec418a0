//! Which accounts claims write: those of different pools never wait for each other. Source: rulings.md 3 (the plain path), decision 6d.

use std::collections::{BTreeMap, BTreeSet};

use crate::common::*;

const POOLS: u16 = 8;
const MEMBERS: u8 = 5;
const CLAIMS_OF_A_MEMBER: u8 = 25;

#[test]
fn a_thousand_claims_of_eight_pools_share_no_writable_account() {
    let (mut world, first) = ready();
    let mut pools = vec![first.clone()];
    for number in 1..POOLS {
        let suffix = format!(" of pool {number}");
        let other = ClaimsFixture::second(
            &mut world,
            first.registry,
            &suffix,
            &MintTerms::default(),
            0,
        );
        other.set_up(&mut world, terms(), unlimited());
        pools.push(other);
    }

    let mut written: Vec<BTreeMap<Pubkey, u32>> = Vec::new();
    let mut claims = 0;
    for pool in &pools {
        let mut of_pool = BTreeMap::new();
        for member in 1..=MEMBERS {
            let fixture = pool.sibling(member);
            world
                .send(&[fixture.enrol()], &[&fixture.staff.key()])
                .assert_ok();
            for count in 0..CLAIMS_OF_A_MEMBER {
                let n = (member - 1) * CLAIMS_OF_A_MEMBER + count;
                let visit = ClaimLineArgs {
                    units: 3,
                    ..line(u32::from(count), 60_000)
                };
                let mut args = fixture.submit_args(n, &[visit]);
                args.service_date = SERVICE_DATE - i32::from(count);
                let submit =
                    claims_instruction(fixture.submit_accounts(n), data::SubmitClaim { args });
                for meta in submit.accounts.iter().filter(|meta| meta.is_writable) {
                    *of_pool.entry(meta.pubkey).or_default() += 1;
                }
                world
                    .send(&[submit], &[&fixture.clerk.key(), &fixture.member_key()])
                    .assert_ok();
                assert_eq!(fixture.read_claim(&world, n).status, ClaimStatus::Paid);
                claims += 1;
            }
        }
        written.push(of_pool);
    }
    assert_eq!(claims, 1_000);

    for (index, of_pool) in written.iter().enumerate() {
        for others in &written[index + 1..] {
            let shared: Vec<&Pubkey> = of_pool
                .keys()
                .filter(|key| others.contains_key(key))
                .collect();
            assert!(shared.is_empty(), "{shared:?}");
        }
    }
    // Within a pool: who pays the fee, the pool, its vault, the agreement and the payout account of the one provider.
    let fixture = &pools[0];
    let in_all: BTreeSet<Pubkey> = written[0]
        .iter()
        .filter(|(_, count)| **count == 125)
        .map(|(key, _)| *key)
        .collect();
    let expected = BTreeSet::from([
        fixture.clerk.key().pubkey(),
        fixture.pool,
        fixture.vault,
        fixture.agreement,
        fixture.payout,
    ]);
    assert_eq!(in_all, expected);
}
