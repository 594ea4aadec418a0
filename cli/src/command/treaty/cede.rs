//! `galen treaty cede`

use std::fmt;

use claims::constants::SECONDS_PER_DAY;
use claims::state::{Claim, ClaimStatus, Pool, Settlement, Treaty};
use claims::{accounts, instruction};
use serde::Serialize;
use solana_instruction::AccountMeta;
use solana_pubkey::Pubkey;

use super::change::Case;
use crate::chain::entity::{self, offset};
use crate::chain::intent::Intent;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};
use crate::send::{foreseen_by_claims, Receipt};

/// Claims that fit a transaction beside the accounts of the treaty.
const PER_TRANSACTION: usize = 20;

/// Flags of `galen treaty cede`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen treaty cede TREATY

Counts every claim of the pool that the treaty covers and that is not counted yet, takes off those that were taken back
since, twenty a transaction, and moves in the same breath what is recoverable from the layer to the pool, or back. Where the
layer holds too little it pays what it has; run it again when it has been funded. Anybody may. Running it again is fine.")]
pub struct Args {
    /// The treaty's address
    #[arg(value_name = "TREATY")]
    treaty: Pubkey,
}

#[derive(Serialize)]
struct Report {
    /// Claims that were counted or taken off.
    claims: usize,
    /// Cents that went from the layer to the pool.
    drawn: u64,
    /// Cents that went back.
    returned: u64,
    /// Claims that the treaty counts now.
    counted: u32,
    /// Cents that it takes over of them.
    recoverable: u64,
    /// Cents of it that the layer could not pay yet.
    missing: u64,
    transactions: Vec<Receipt>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `treaty_not_in_force`, `cluster_unreachable`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::in_force(args.treaty, settings)?;
    let Case {
        session,
        treaty,
        pool,
        ..
    } = &case;
    let cluster = session.cluster();
    let today = day_of(session.now);
    let all = entity::list::<Claim>(cluster, &[(offset::CLAIM_POOL, treaty.pool)])?;
    let mut claims: Vec<(Pubkey, Claim)> = all
        .into_iter()
        .filter(|(_, claim)| is_to_be_taken(treaty, claim, today))
        .collect();
    claims.sort_by_key(|(_, claim)| claim.awarded_at);
    // Without a claim too: what was recoverable and not there may be there now.
    let batches: Vec<&[(Pubkey, Claim)]> = match claims.is_empty() {
        true if is_even(treaty, pool)? => Vec::new(),
        true => vec![&[]],
        false => claims.chunks(PER_TRANSACTION).collect(),
    };
    let mut transactions = Vec::new();
    if !batches.is_empty() {
        let intent = Intent::new("Count claims under a treaty")
            .with("treaty", args.treaty)
            .with("pool", treaty.pool)
            .with("claims", claims.len())
            .with("in the layer", money(held(treaty)?));
        session.ledger.confirm(&intent)?;
        for batch in batches {
            let mut cede = crate::chain::instruction(
                claims::ID,
                &accounts::CedeClaims {
                    pool: treaty.pool,
                    treaty: args.treaty,
                    layer_vault: treaty.vault,
                    vault: pool.vault,
                    mint: pool.mint,
                    token_program: pool.token_program,
                    event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
                    program: claims::ID,
                },
                &instruction::CedeClaims {},
            );
            let accounts = batch.iter();
            cede.accounts
                .extend(accounts.map(|(claim, _)| AccountMeta::new(*claim, false)));
            transactions.push(session.send(intent.title(), &[cede], &[])?);
        }
    }
    let after: Treaty = entity::get(cluster, &args.treaty)?;
    let had = after.drawn.saturating_sub(after.returned);
    Answer::new(&Report {
        claims: claims.len(),
        drawn: after.drawn.saturating_sub(treaty.drawn),
        returned: after.returned.saturating_sub(treaty.returned),
        counted: after.claims,
        recoverable: after.recoverable(),
        missing: after.recoverable().saturating_sub(had),
        transactions,
    })
}

/// The day of a Unix time; none outside the calendar.
fn day_of(unix: i64) -> Option<i32> {
    i32::try_from(unix.div_euclid(SECONDS_PER_DAY)).ok()
}

/// Whether the program would count the claim, or take it off, on the day `today`.
fn is_to_be_taken(treaty: &Treaty, claim: &Claim, today: Option<i32>) -> bool {
    match claim.status {
        ClaimStatus::Payable | ClaimStatus::Paid if claim.treaty == 0 => day_of(claim.awarded_at)
            .zip(today)
            .is_some_and(|(day, today)| treaty.terms.covers(day) && treaty.terms.counts_on(today)),
        ClaimStatus::Reversed => claim.treaty == treaty.mark(),
        _ => false,
    }
}

/// Whether layer and pool owe each other nothing that they could pay.
fn is_even(treaty: &Treaty, pool: &Pool) -> Result<bool> {
    let mut treaty = treaty.clone();
    let settlement = pool.free().and_then(|free| treaty.settle(free));
    let settlement = settlement.map_err(|error| foreseen_by_claims(&error))?;
    Ok(settlement == Settlement::Even)
}

fn held(treaty: &Treaty) -> Result<u64> {
    treaty.held().map_err(|error| foreseen_by_claims(&error))
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.transactions.is_empty() {
            return f.write_str("Nothing is to be counted, and nothing is owed; nothing was sent.");
        }
        write!(
            f,
            "{} claims counted or taken off: {} drawn, {} given back; {} claims count, {} recoverable, {} of it not paid yet.",
            self.claims,
            money(self.drawn),
            money(self.returned),
            self.counted,
            money(self.recoverable),
            money(self.missing)
        )?;
        for receipt in &self.transactions {
            write!(f, "\n{receipt}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use claims::state::{Opening, TreatyTerms};

    use super::*;

    const DAY: i32 = 20_000;

    fn treaty() -> Treaty {
        let terms = TreatyTerms {
            from: DAY,
            to: DAY + 9,
            runoff_days: 5,
            claim_attachment: 100,
            claim_limit: 100,
            claims_limit: 1_000,
            year_attachment: 0,
            year_limit: 0,
        };
        let key = |byte| Pubkey::new_from_array([byte; 32]);
        Treaty::offer(255, 3, key(1), key(2), terms).expect("offered")
    }

    fn claim(status: ClaimStatus, day: i32, mark: u16) -> Claim {
        let opening = Opening {
            bump: 255,
            pool: Pubkey::default(),
            provider: Pubkey::default(),
            claim_id: [3; 16],
            document: [4; 32],
            opener: Pubkey::default(),
            service_date: DAY,
            line_count: 1,
        };
        let mut claim = Claim::open(opening).expect("opened");
        claim.status = status;
        claim.awarded_at = i64::from(day) * SECONDS_PER_DAY;
        claim.treaty = mark;
        claim
    }

    #[test]
    fn claims_are_taken_that_the_program_would_take() {
        let treaty = treaty();
        let mark = treaty.mark();
        for (status, day, marked, today, is_taken) in [
            (ClaimStatus::Paid, DAY, 0, DAY, true),
            (ClaimStatus::Payable, DAY + 9, 0, DAY + 14, true),
            (ClaimStatus::Paid, DAY + 9, 0, DAY + 15, false),
            (ClaimStatus::Paid, DAY - 1, 0, DAY, false),
            (ClaimStatus::Paid, DAY, mark, DAY, false),
            (ClaimStatus::Pended, DAY, 0, DAY, false),
            (ClaimStatus::Denied, DAY, 0, DAY, false),
            (ClaimStatus::Reversed, DAY, mark, DAY + 99, true),
            (ClaimStatus::Reversed, DAY, 0, DAY, false),
            (ClaimStatus::Reversed, DAY, mark + 1, DAY, false),
        ] {
            let claim = claim(status, day, marked);
            assert_eq!(
                is_to_be_taken(&treaty, &claim, Some(today)),
                is_taken,
                "{status:?} on {day}, mark {marked}, today {today}"
            );
        }
    }
}
