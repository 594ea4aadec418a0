//! `galen claim appeal close`

use std::fmt;

use claims::state::Appeal;
use claims::{accounts, instruction};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;
use crate::send::Receipt;

/// Flags of `galen claim appeal close`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim appeal close ADDRESS --level 1

Anybody may, once the claim is archived. The rent goes to who paid it when the appeal was filed.")]
pub struct Args {
    /// The claim's account
    address: Pubkey,
    /// Which appeal, from 1
    #[arg(long, value_name = "LEVEL", default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..))]
    level: u8,
}

#[derive(Serialize)]
struct Report {
    address: String,
    /// Who got the rent back; null where there was nothing to close.
    payer: Option<String>,
    transaction: Option<Receipt>,
}

/// Runs the command.
///
/// # Errors
/// The program's refusals: `account_discriminator_mismatch` while the claim is not archived.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let (address, _) = Appeal::find_address(&args.address, args.level);
    let Some(appeal) = entity::find::<Appeal>(session.cluster(), &address)? else {
        return Answer::new(&Report {
            address: address.to_string(),
            payer: None,
            transaction: None,
        });
    };
    let accounts = accounts::CloseAppeal {
        payer: appeal.payer,
        claim: args.address,
        appeal: address,
    };
    let intent = Intent::new("Close an appeal about an archived claim")
        .with("claim", args.address)
        .with("level", args.level)
        .with("rent goes to", appeal.payer);
    let close = crate::chain::instruction(claims::ID, &accounts, &instruction::CloseAppeal {});
    let receipt = session.execute(&intent, &[close], &[])?;
    Answer::new(&Report {
        address: address.to_string(),
        payer: Some(appeal.payer.to_string()),
        transaction: Some(receipt),
    })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match &self.transaction {
            Some(receipt) => write!(f, "Closed {}.\n{receipt}", self.address),
            None => write!(f, "There is nothing at {}; nothing was sent.", self.address),
        }
    }
}
