//! `galen member ticket`

use std::fmt;

use claims::state::Pool;
use claims::ticket::EligibilityTicket;
use galen_documents::Day;
use galen_rules::Date;
use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;

use crate::chain::people::{self, MemberFlags};
use crate::chain::{entity, organization};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::signer;
use crate::store::Store;

/// Flags of `galen member ticket`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member ticket --pool POOL --id M-4711 --provider CLINIC --from 2026-03-01 --to 2026-03-31 -k desk.json --output json > ticket.json
  galen claim submit --ticket ticket.json ...

The ticket is the insurer's word, signed with the key of the pool's eligibility desk, that the member is eligible with
that provider in those days. It can be used for several claims until it ends or is voided; nothing is sent.")]
pub struct Args {
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    #[command(flatten)]
    who: MemberFlags,
    /// The provider's organization, by its address or id
    #[arg(long, value_name = "KEY")]
    provider: Pubkey,
    /// First service date
    #[arg(long, value_name = "DATE")]
    from: Date,
    /// Last service date
    #[arg(long, value_name = "DATE")]
    to: Date,
    /// Number of the ticket [default: the member's ticket floor]
    #[arg(long, value_name = "NUMBER")]
    nonce: Option<u64>,
}

/// A ticket, as it goes from the insurer to the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ticket {
    /// The pool that pays.
    pub pool: String,
    /// The member's account.
    pub member: String,
    /// The provider's organization account.
    pub provider: String,
    /// First service date.
    pub from: Day,
    /// Last service date.
    pub to: Day,
    /// Number of the ticket.
    pub nonce: u64,
    /// Key of the eligibility desk.
    pub key: String,
    /// Its Ed25519 signature, base58.
    pub signature: String,
}

/// Runs the command.
///
/// # Errors
/// `ticket_signer_mismatch`, `member_unknown`, `not_found`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let store = Store::open(&settings.home)?;
    let desk = signer::load(&settings.keypair, "eligibility desk's keypair")?;
    signer::warn_of_readers(&settings.keypair, settings.notes);
    let pool: Pool = entity::get(&cluster, &args.pool)?;
    if pool.ticket_key != desk.pubkey() {
        let message = format!("{} is not the key of the pool's eligibility desk, which is {}; sign with that one (-k).", desk.pubkey(), pool.ticket_key);
        return Err(CliError::new("ticket_signer_mismatch", message));
    }
    if args.to < args.from {
        return Err(CliError::new(
            "invalid_date",
            "The ticket ends before it starts.",
        ));
    }
    let (provider, _) = organization::resolve(&cluster, &args.provider)?;
    let address = args.who.address(&store, &args.pool)?;
    let member = people::member(&cluster, &address)?;
    let ticket = EligibilityTicket {
        from: args.from.days(),
        to: args.to.days(),
        nonce: args.nonce.unwrap_or(member.ticket_floor),
    };
    let message = ticket.message(&args.pool, &address, &provider);
    let signature = desk.try_sign_message(&message).map_err(|error| {
        CliError::new(
            "signing_failed",
            format!("The ticket cannot be signed: {error}."),
        )
    })?;
    Answer::new(&Ticket {
        pool: args.pool.to_string(),
        member: address.to_string(),
        provider: provider.to_string(),
        from: Day(args.from),
        to: Day(args.to),
        nonce: ticket.nonce,
        key: desk.pubkey().to_string(),
        signature: signature.to_string(),
    })
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        // The ticket is a document to be handed on, in text form too.
        let text = serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}
