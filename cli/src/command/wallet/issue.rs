//! `galen wallet issue`

use std::fmt;

use serde::Serialize;
use solana_signer::Signer;

use crate::chain::intent::Intent;
use crate::chain::text::facts;
use crate::command::demo::purse;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};
use crate::send::{Ledger, Receipt};

/// Flags of `galen wallet issue`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen wallet issue
  galen wallet issue --cents 500000

A mint of SPL Token with six decimals, and the signer's token account, which holds so much of it: what `galen pool create --mint`
and `galen pool fund` need. Each run makes another currency. Public clusters are refused.")]
pub struct Args {
    /// How much, in cents
    #[arg(long, value_name = "CENTS", default_value_t = purse::ISSUED_CENTS, value_parser = clap::value_parser!(u64).range(1..=1_000_000_000_000))]
    cents: u64,
}

/// As JSON: `{"mint": "...", "account": "...", "cents": 100000000, "transaction": {...}}`.
#[derive(Serialize)]
struct Report {
    mint: String,
    account: String,
    cents: u64,
    transaction: Receipt,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, and whatever the cluster refuses.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let ledger = Ledger::open(settings)?;
    ledger.cluster.require_local("a currency to play with")?;
    let owner = ledger.signer.pubkey();
    let intent = Intent::new("Issue a test currency")
        .with("to", owner)
        .with("amount", money(args.cents));
    ledger.confirm(&intent)?;
    let (mint, transaction) = purse::issue(&ledger, args.cents, &[])?;
    Answer::new(&Report {
        mint: mint.to_string(),
        account: purse::token_account(&owner, &mint).to_string(),
        cents: args.cents,
        transaction,
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Mint", self.mint.clone()),
                ("Token account", self.account.clone()),
                ("Holds", money(self.cents)),
            ],
        )?;
        write!(f, "\n{}", self.transaction)
    }
}
