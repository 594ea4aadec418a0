//! `galen wallet airdrop`

use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::cluster::Cluster;
use crate::command::demo::purse;
use crate::command::deploy::target::sol;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;
use crate::signer;

const LAMPORTS_PER_SOL: u64 = 1_000_000_000;

/// Flags of `galen wallet airdrop`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen wallet airdrop
  galen wallet airdrop --sol 100
  galen wallet airdrop --to KEY

SOL pays fees and rent. A local validator gives it away, each time it is asked; public clusters are refused.")]
pub struct Args {
    /// How much, in SOL
    #[arg(long, value_name = "SOL", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=1_000_000))]
    sol: u64,
    /// Whose it is [default: the signer's]
    #[arg(long, value_name = "KEY")]
    to: Option<Pubkey>,
}

/// As JSON: `{"address": "...", "received": 10000000000, "balance": 10000000000}`, in lamports.
#[derive(Serialize)]
struct Report {
    address: String,
    received: u64,
    balance: u64,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `airdrop_failed`, `keypair_missing`, `cluster_unreachable`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let key = match args.to {
        Some(key) => key,
        None => signer::load(&settings.keypair, "keypair")?.pubkey(),
    };
    let cluster = Cluster::connect(settings)?;
    cluster.require_local("an airdrop")?;
    let received = args.sol.saturating_mul(LAMPORTS_PER_SOL);
    let balance = purse::airdrop(&cluster, &key, received)?;
    Answer::new(&Report {
        address: key.to_string(),
        received,
        balance,
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let [received, balance] = [self.received, self.balance].map(sol);
        write!(f, "{} has got {received}, and has {balance}.", self.address)
    }
}
