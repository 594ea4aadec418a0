//! `galen wallet open-account`

use std::fmt;

use anchor_spl::associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent;
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::chain::text::facts;
use crate::chain::token;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen wallet open-account`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen wallet open-account MINT
  galen wallet open-account MINT --owner KEY

The account is the owner's associated token account, which commands about money take where none is named. The signer pays its
rent. Where it is there already, nothing is sent.")]
pub struct Args {
    /// The currency
    #[arg(value_name = "MINT")]
    mint: Pubkey,
    /// Whose it is [default: the signer's]
    #[arg(long, value_name = "KEY")]
    owner: Option<Pubkey>,
}

/// As JSON: `{"address": "...", "owner": "...", "mint": "...", "amount": 0}`, in the mint's smallest units.
#[derive(Serialize)]
pub struct View {
    address: String,
    owner: String,
    mint: String,
    amount: u64,
}

impl View {
    fn read(cluster: &Cluster, address: &Pubkey, mint: &Pubkey) -> Result<Self> {
        let account = token::account(cluster, address, mint)?;
        Ok(Self {
            address: address.to_string(),
            owner: account.owner.to_string(),
            mint: mint.to_string(),
            amount: account.amount,
        })
    }
}

/// Runs the command.
///
/// # Errors
/// `wrong_mint`, `wrong_token_account`, and what the token program refuses.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let program = token::program_of(cluster, &args.mint)?;
    let owner = args.owner.unwrap_or_else(|| session.key());
    let address = token::associated(&owner, &args.mint, &program);
    let is_there = cluster
        .account(&address)?
        .is_some_and(|account| account.owner == program);
    if is_there {
        let view = View::read(cluster, &address, &args.mint)?;
        return Answer::new(&Change::unchanged(view));
    }
    let intent = Intent::new("Open a token account")
        .with("address", address)
        .with("owner", owner)
        .with("mint", args.mint);
    let payer = session.payer();
    let create = create_associated_token_account_idempotent(&payer, &owner, &args.mint, &program);
    let receipt = session.execute(&intent, &[create], &[])?;
    let view = View::read(session.cluster(), &address, &args.mint)?;
    Answer::new(&Change::created(view, receipt))
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Token account", self.address.clone()),
                ("Owner", self.owner.clone()),
                ("Mint", self.mint.clone()),
                ("Smallest units", self.amount.to_string()),
            ],
        )
    }
}
