//! `galen claim settle-together`

use std::fmt;

use claims::state::{Agreement, Claim, ClaimStatus, Pool};
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::settle::Till;
use crate::chain::entity::{self, offset};
use crate::chain::intent::Intent;
use crate::chain::organization;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};
use crate::send::Receipt;

/// Claims that fit a transaction beside the accounts of the payment.
pub const PER_TRANSACTION: usize = 20;

/// Flags of `galen claim settle-together`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim settle-together --pool POOL --provider CLINIC

Pays what the pool owes a provider, twenty claims a transfer. Anybody may: what is awarded is owed. Claims that cannot be
paid now are passed over; run it again later.")]
pub struct Args {
    /// The pool that pays
    #[arg(long, value_name = "POOL")]
    pool: Pubkey,
    /// The provider or pharmacy: its address or id
    #[arg(long, value_name = "ORG")]
    provider: Pubkey,
}

#[derive(Serialize)]
struct Report {
    /// Claims that waited for money before.
    claims: usize,
    /// Those of them that were paid.
    paid: usize,
    /// Those that wait still.
    waiting: usize,
    /// Cents of their awards, what was kept back taken off.
    amount: u64,
    /// Cents of interest.
    interest: u64,
    transactions: Vec<Receipt>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let pool: Pool = entity::get(cluster, &args.pool)?;
    let (provider, _) = organization::resolve(cluster, &args.provider)?;
    let address = Agreement::find_address(&args.pool, &provider).0;
    let agreement: Agreement = entity::get(cluster, &address)?;
    let filters = [
        (offset::CLAIM_POOL, args.pool),
        (offset::CLAIM_PROVIDER, provider),
    ];
    let mut waiting: Vec<(Pubkey, Claim)> = entity::list::<Claim>(cluster, &filters)?
        .into_iter()
        .filter(|(_, claim)| claim.status == ClaimStatus::Payable)
        .collect();
    waiting.sort_by_key(|(_, claim)| claim.awarded_at);
    let mut report = Report {
        claims: waiting.len(),
        paid: 0,
        waiting: waiting.len(),
        amount: 0,
        interest: 0,
        transactions: Vec::new(),
    };
    if waiting.is_empty() {
        return Answer::new(&report);
    }
    let due = waiting
        .iter()
        .fold(0_u64, |sum, (_, claim)| sum.saturating_add(claim.due()));
    let intent = Intent::new("Pay a provider's claims that waited")
        .with("pool", args.pool)
        .with("provider", provider)
        .with("claims", waiting.len())
        .with("amount", money(due));
    session.ledger.confirm(&intent)?;
    let till = Till {
        pool_address: args.pool,
        pool: &pool,
        agreement_address: address,
        payout: agreement.effective_payout(session.now),
    };
    for batch in waiting.chunks(PER_TRANSACTION) {
        let settle = till.settle_together(batch.iter().map(|(claim, _)| *claim));
        let receipt = session.send(intent.title(), &[settle], &[])?;
        report.transactions.push(receipt);
        for (address, _) in batch {
            let claim: Claim = entity::get(cluster, address)?;
            if claim.status == ClaimStatus::Paid {
                report.paid = report.paid.saturating_add(1);
                report.waiting = report.waiting.saturating_sub(1);
                report.amount = report.amount.saturating_add(claim.due());
                report.interest = report.interest.saturating_add(claim.interest_paid());
            }
        }
    }
    Answer::new(&report)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.claims == 0 {
            return f.write_str("No claim waits for money; nothing was sent.");
        }
        write!(
            f,
            "Paid {} of {} claims: {}",
            self.paid,
            self.claims,
            money(self.amount)
        )?;
        if self.interest > 0 {
            write!(f, " and {} interest", money(self.interest))?;
        }
        write!(f, ".")?;
        for receipt in &self.transactions {
            write!(f, "\n{receipt}")?;
        }
        Ok(())
    }
}
