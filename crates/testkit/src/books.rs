//! Whether the books of the claims program's pools balance: vaults, ledgers and claims say the same.

use anchor_lang::prelude::Pubkey;
use anchor_lang::AccountDeserialize;
use claims::state::{Agreement, Claim, ClaimStatus, Pool};

use crate::world::World;

/// What does not balance, told to people.
pub type Balanced = Result<(), String>;

/// Checks the books of every pool in `world` and of every agreement. Returns how many pools there are.
///
/// # Errors
/// What does not balance first. That of a pool of which claims are archived is none, since those are not summed up; nor that of one
/// whose vault holds what a bond has paid and nobody has counted.
pub fn check(world: &World) -> Result<usize, String> {
    let claims: Vec<(Pubkey, Claim)> = all(world);
    let pools: Vec<(Pubkey, Pool)> = all(world);
    let of = |pool: &Pubkey| -> Vec<&Claim> {
        let claims = claims.iter().map(|(_, claim)| claim);
        claims.filter(|claim| claim.pool == *pool).collect()
    };
    for (address, pool) in &pools {
        check_pool(world, pool, &of(address))?;
    }
    for (_, agreement) in all::<Agreement>(world) {
        check_owed(&agreement, &of(&agreement.pool))?;
    }
    Ok(pools.len())
}

fn all<T: AccountDeserialize>(world: &World) -> Vec<(Pubkey, T)> {
    let accounts = world.accounts_of(&claims::ID).into_iter();
    accounts
        .filter_map(|(address, account)| {
            let decoded = T::try_deserialize(&mut account.data.as_slice()).ok()?;
            Some((address, decoded))
        })
        .collect()
}

/// Checks that no cent is lost: what was funded is in the vault or paid, each line balances, and what `claims`, which are all of the
/// pool's, are owed is what its ledger says.
///
/// # Errors
/// What does not balance first.
pub fn check_pool(world: &World, pool: &Pool, claims: &[&Claim]) -> Balanced {
    same(
        world.balance(&pool.vault),
        (pool.funded - pool.paid - pool.withdrawn) * pool.unit_per_cent,
        "the vault holds what was funded and neither paid nor withdrawn",
    )?;
    let (mut paid, mut reserved, mut lacking) = (0, 0, 0);
    let (mut shares, mut waiting) = (0, 0);
    for claim in claims {
        claim
            .invariant()
            .map_err(|error| format!("a claim keeps its invariant: {error}"))?;
        paid += claim.award_paid() + claim.interest_paid();
        lacking += claim.lacking();
        shares += claim.share(&pool.rounds);
        waiting += u64::from(claim.lacking() > 0);
        match claim.status {
            ClaimStatus::Paid | ClaimStatus::Reversed => {}
            ClaimStatus::Payable if claim.money_reserved => reserved += claim.due(),
            ClaimStatus::Payable => hold(claim.lacking() > 0, "it waits for something")?,
            _ => same(claim.totals.paid, 0, "nothing was awarded")?,
        }
        let decided = !matches!(
            claim.status,
            ClaimStatus::Draft | ClaimStatus::Pended | ClaimStatus::AwaitsDispense
        );
        for line in claim.lines.iter().filter(|_| decided) {
            same(line.balance(), Some(line.charge), "a line balances")?;
        }
    }
    same(
        (pool.paid, pool.reserved_for_claims + pool.unfunded),
        (paid, reserved + lacking),
        "the ledger is the sum of the claims",
    )?;
    let for_rounds = pool.reserved_for_claims - reserved;
    hold(
        shares <= for_rounds,
        "the shares do not pass what is set aside for them",
    )?;
    if pool.unfunded == 0 {
        same(shares, lacking, "who waits is funded to the cent")
    } else {
        same(
            pool.free().map_err(|error| error.to_string())?,
            0,
            "nothing lies idle",
        )?;
        hold(waiting > 0, "somebody lacks what is unfunded")
    }
}

/// Checks that what the agreement's provider owes is what was taken back of its claims among `claims`.
///
/// # Errors
/// What does not balance.
pub fn check_owed(agreement: &Agreement, claims: &[&Claim]) -> Balanced {
    let (mut taken_back, mut kept_back) = (0, 0);
    let ours = claims
        .iter()
        .filter(|claim| claim.provider == agreement.provider);
    for claim in ours {
        kept_back += claim.offset;
        if claim.status == ClaimStatus::Reversed {
            taken_back += if claim.paid_at != 0 {
                claim.totals.paid
            } else {
                claim.offset + claim.award_paid()
            };
        }
    }
    same(
        agreement.owed + kept_back,
        taken_back,
        "what was taken back is owed or kept back",
    )
}

fn same<T: PartialEq + std::fmt::Debug>(left: T, right: T, what: &str) -> Balanced {
    if left == right {
        Ok(())
    } else {
        Err(format!("{what}: {left:?}, {right:?}"))
    }
}

fn hold(holds: bool, what: &str) -> Balanced {
    if holds {
        Ok(())
    } else {
        Err(what.to_owned())
    }
}
