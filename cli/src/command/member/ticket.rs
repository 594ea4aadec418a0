//! `galen member ticket`

pub mod table;

use std::fmt;
use std::path::PathBuf;

use claims::state::Pool;
use claims::ticket::EligibilityTicket;
use galen_documents::Day;
use galen_rules::Date;
use serde::{Deserialize, Serialize};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::bulk::FileFlags;
use crate::chain::people;
use crate::chain::{entity, organization};
use crate::cluster::Cluster;
use crate::command::trial::rows;
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
  galen member ticket --pool POOL --file members.csv --out tickets --provider CLINIC --from 2026-03-01 --to 2026-03-31 -k desk.json
  galen claim batch claims.ndjson --pool POOL --provider CLINIC --members tickets/CLINIC/members.csv

The ticket is the insurer's word, signed with the key of the pool's eligibility desk, that the member is eligible with
that provider in those days. It can be used for several claims until it ends or is voided; nothing is sent.

MEMBERS.csv has the column id and, where they differ from the flags, provider, from, to and nonce. Each provider gets a folder of its
own under --out, named by its organization's address: a file for each ticket, and the members.csv that `galen claim batch` takes.
Everything that is wrong with the table is said at once, and nothing is written before. Running it again is fine.")]
pub struct Args {
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    /// The member's identifier at the insurer; it stays in the local store
    #[arg(
        long,
        value_name = "IDENTIFIER",
        value_parser = rows::identifier,
        conflicts_with_all = ["member", "file"],
        required_unless_present_any = ["member", "file"]
    )]
    id: Option<String>,
    /// The member's account
    #[arg(long, value_name = "ADDRESS", conflicts_with = "file")]
    member: Option<Pubkey>,
    /// The provider's organization, by its address or id; of a table, for rows that name none
    #[arg(long, value_name = "KEY", required_unless_present = "file")]
    provider: Option<Pubkey>,
    /// First service date; of a table, for rows that name none
    #[arg(long, value_name = "DATE", required_unless_present = "file")]
    from: Option<Date>,
    /// Last service date; of a table, for rows that name none
    #[arg(long, value_name = "DATE", required_unless_present = "file")]
    to: Option<Date>,
    /// Number of the ticket [default: the member's ticket floor]
    #[arg(long, value_name = "NUMBER")]
    nonce: Option<u64>,
    /// Folder for the tickets of a table
    #[arg(long, value_name = "FOLDER", requires = "file")]
    out: Option<PathBuf>,
    #[command(flatten)]
    many: FileFlags,
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

/// Who signs tickets, and for which pool.
struct Desk {
    cluster: Cluster,
    store: Store,
    signer: Box<dyn Signer>,
    pool: Pubkey,
}

/// What a ticket is for.
struct Subject {
    member: Pubkey,
    provider: Pubkey,
    from: Date,
    to: Date,
    nonce: u64,
}

/// Runs the command.
///
/// # Errors
/// `ticket_signer_mismatch`, `member_unknown`, `not_found`, `invalid_date`. What is wrong with a table's rows stands in the answer.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let (provider, from, to) = match (&args.many.file, args.provider, args.from, args.to) {
        (Some(path), ..) => return table::run(args, path, settings),
        (None, Some(provider), Some(from), Some(to)) => (provider, from, to),
        _ => {
            let message =
                "Say for which provider and days, with --provider, --from and --to, or with --file.";
            return Err(CliError::new("missing_value", message));
        }
    };
    let desk = Desk::open(args.pool, settings)?;
    check_days(from, to)?;
    let (provider, _) = organization::resolve(&desk.cluster, &provider)?;
    let address = match (args.member, &args.id) {
        (Some(address), _) => address,
        (None, Some(id)) => people::known(&desk.store, &args.pool, id)?,
        (None, None) => {
            return Err(CliError::new(
                "member_unknown",
                "Say who is meant, with --id or --member.",
            ))
        }
    };
    let member = people::member(&desk.cluster, &address)?;
    let ticket = desk.sign(&Subject {
        member: address,
        provider,
        from,
        to,
        nonce: args.nonce.unwrap_or(member.ticket_floor),
    })?;
    Answer::new(&ticket)
}

fn check_days(from: Date, to: Date) -> Result<()> {
    if to < from {
        return Err(CliError::new(
            "invalid_date",
            "The ticket ends before it starts.",
        ));
    }
    Ok(())
}

impl Desk {
    fn open(pool_address: Pubkey, settings: &Settings) -> Result<Self> {
        let cluster = Cluster::connect(settings)?;
        let store = Store::open(&settings.home)?;
        let signer = signer::load(&settings.keypair, "eligibility desk's keypair")?;
        signer::warn_of_readers(&settings.keypair, settings.notes);
        let pool: Pool = entity::get(&cluster, &pool_address)?;
        if pool.ticket_key != signer.pubkey() {
            let message = format!("{} is not the key of the pool's eligibility desk, which is {}; sign with that one (-k).", signer.pubkey(), pool.ticket_key);
            return Err(CliError::new("ticket_signer_mismatch", message));
        }
        Ok(Self {
            cluster,
            store,
            signer,
            pool: pool_address,
        })
    }

    fn sign(&self, subject: &Subject) -> Result<Ticket> {
        let ticket = EligibilityTicket {
            from: subject.from.days(),
            to: subject.to.days(),
            nonce: subject.nonce,
        };
        let message = ticket.message(&self.pool, &subject.member, &subject.provider);
        let signature = self.signer.try_sign_message(&message).map_err(|error| {
            CliError::new(
                "signing_failed",
                format!("The ticket cannot be signed: {error}."),
            )
        })?;
        Ok(Ticket {
            pool: self.pool.to_string(),
            member: subject.member.to_string(),
            provider: subject.provider.to_string(),
            from: Day(subject.from),
            to: Day(subject.to),
            nonce: ticket.nonce,
            key: self.signer.pubkey().to_string(),
            signature: signature.to_string(),
        })
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        // The ticket is a document to be handed on, in text form too.
        let text = serde_json::to_string_pretty(self).map_err(|_| fmt::Error)?;
        f.write_str(&text)
    }
}
