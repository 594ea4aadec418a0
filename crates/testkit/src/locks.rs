//! Which accounts claims write: transactions that write the same one wait for each other, all others can run at the same time.
//! Source: rulings.md 3 (the plain path), decision 6d.

use std::collections::{BTreeMap, BTreeSet};

use anchor_lang::prelude::Pubkey;
use claims::instruction as data;
use claims::state::{ClaimLineArgs, ClaimStatus};
use serde::{Deserialize, Serialize};
use solana_signer::Signer;

use crate::fixtures::claims::{
    claims_instruction, line, terms, unlimited, ClaimsFixture, SERVICE_DATE,
};
use crate::token::MintTerms;
use crate::world::World;

/// Pools, each of an insurer of its own.
pub const POOLS: u16 = 8;
/// Members of each who have claims.
pub const MEMBERS: u8 = 5;
/// Claims of each of these, on as many days.
pub const CLAIMS_OF_A_MEMBER: u8 = 25;
/// Claims of each pool.
pub const CLAIMS_OF_A_POOL: u8 = MEMBERS * CLAIMS_OF_A_MEMBER;

/// The accounts that the claims of several pools write.
pub struct WriteLocks {
    /// The pools.
    pub pools: Vec<ClaimsFixture>,
    /// By pool, how many of its claims write an account.
    pub written: Vec<BTreeMap<Pubkey, u32>>,
    /// Claims of all pools together.
    pub claims: u32,
}

/// What the bench writes down of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockFigures {
    /// Pools.
    pub pools: usize,
    /// Claims of all of them together.
    pub claims: u32,
    /// Accounts that claims of different pools write.
    pub shared: usize,
    /// What is written within a pool, by what it is.
    pub kinds: BTreeMap<String, KindFigures>,
}

/// Accounts of one kind within a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindFigures {
    /// How many of them the pool's claims write.
    pub accounts: usize,
    /// How many claims write the one that most of them write.
    pub most: u32,
}

impl WriteLocks {
    /// Submits [`CLAIMS_OF_A_POOL`] claims of one line to each of [`POOLS`] pools, the first of which there is already, and notes
    /// what each transaction writes. Each claim is paid at once.
    ///
    /// # Panics
    /// Where an instruction is refused, or a claim is not paid.
    pub fn measure(world: &mut World, first: ClaimsFixture) -> Self {
        let mut locks = Self {
            pools: pools(world, first),
            written: Vec::new(),
            claims: 0,
        };
        for pool in &locks.pools {
            let mut written = BTreeMap::new();
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
                        *written.entry(meta.pubkey).or_default() += 1;
                    }
                    world
                        .send(&[submit], &[&fixture.clerk.key(), &fixture.member_key()])
                        .assert_ok();
                    assert_eq!(fixture.read_claim(world, n).status, ClaimStatus::Paid);
                    locks.claims += 1;
                }
            }
            locks.written.push(written);
        }
        locks
    }

    /// The accounts that claims of more than one pool write.
    pub fn shared(&self) -> BTreeSet<Pubkey> {
        let mut seen = BTreeSet::new();
        let all = self.written.iter().flat_map(BTreeMap::keys);
        all.filter(|key| !seen.insert(**key)).copied().collect()
    }

    /// The accounts that each claim of a pool writes, by the pool's place.
    pub fn of_every_claim(&self, pool: usize) -> BTreeSet<Pubkey> {
        let written = self.written.get(pool).into_iter().flatten();
        written
            .filter(|(_, count)| **count == u32::from(CLAIMS_OF_A_POOL))
            .map(|(key, _)| *key)
            .collect()
    }

    /// The figures; of the pools those of the one with the highest.
    pub fn figures(&self) -> LockFigures {
        let mut kinds = BTreeMap::<String, KindFigures>::new();
        for (pool, written) in self.pools.iter().zip(&self.written) {
            let known = kinds_of(pool);
            let mut of_pool = BTreeMap::<&str, KindFigures>::new();
            for (key, count) in written {
                let kind = known.get(key).copied().unwrap_or("another account");
                let figures = of_pool.entry(kind).or_default();
                figures.accounts += 1;
                figures.most = figures.most.max(*count);
            }
            for (kind, figures) in of_pool {
                let highest = kinds.entry(kind.to_owned()).or_default();
                highest.accounts = highest.accounts.max(figures.accounts);
                highest.most = highest.most.max(figures.most);
            }
        }
        LockFigures {
            pools: self.pools.len(),
            claims: self.claims,
            shared: self.shared().len(),
            kinds,
        }
    }
}

/// The first pool and those beside it.
fn pools(world: &mut World, first: ClaimsFixture) -> Vec<ClaimsFixture> {
    let registry = first.registry;
    let mut pools = vec![first];
    for number in 1..POOLS {
        let suffix = format!(" of pool {number}");
        let other = ClaimsFixture::second(world, registry, &suffix, &MintTerms::default(), 0);
        other.set_up(world, terms(), unlimited());
        pools.push(other);
    }
    pools
}

/// What the accounts of a pool's claims are.
fn kinds_of(pool: &ClaimsFixture) -> BTreeMap<Pubkey, &'static str> {
    let mut kinds = BTreeMap::from([
        (pool.clerk.key().pubkey(), "the operator, who pays the fee"),
        (pool.pool, "the pool"),
        (pool.vault, "its vault"),
        (pool.agreement, "the agreement with the provider"),
        (pool.payout, "the provider's payout account"),
    ]);
    for member in 1..=MEMBERS {
        let sibling = pool.sibling(member);
        kinds.insert(sibling.member, "a member");
        kinds.insert(sibling.history, "a member's history");
    }
    for n in 0..CLAIMS_OF_A_POOL {
        kinds.insert(pool.claim(n), "a claim");
    }
    kinds
}
