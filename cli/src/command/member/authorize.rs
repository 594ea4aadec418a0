//! `galen member authorize`

mod table;

use std::collections::BTreeMap;

use claims::instructions::GrantAuthorizationArgs;
use claims::state::{Authorization, Grant, Plan};
use claims::{accounts, instruction};
use galen_rules::Date;
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::change::{Case, Desk, SomeMember, Target};
use crate::chain::entity::Read;
use crate::chain::intent::Intent;
use crate::chain::text::key_or_none;
use crate::chain::{codes, organization, people};
use crate::cluster::Cluster;
use crate::command::claim::submission::schedule;
use crate::command::plan::version;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::store::Store;

/// Flags of `galen member authorize`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member authorize --pool POOL --id M-4711 27447 --number 1 --units 1 --from 2026-03-01 --to 2026-05-31
  galen member authorize --pool POOL --id M-4711 97110 --number 2 --units 12 --from 2026-03-01 --to 2026-05-31 --provider CLINIC

  galen member authorize --pool POOL --file authorizations.csv --dry-run
  galen member authorize --pool POOL --from 2026-03-01 --to 2026-05-31 --file authorizations.csv --yes --report report.csv

Signed by an operator of the insurer with the permission decide-claim. Claims name it by its number (`galen claim submit
--authorization`) and use its units up. It is under the code key of the version in force on its first day: a later version has the
same, unless it was published with --new-code-key, and then needs another authorization.

The table has the columns id, or member with the account's address, code, and number, units, from, to and provider where they differ
from the flags; a member may stand in several rows. Everything that is wrong with it is said at once, and nothing is sent before.
Should it be killed, run it again: what was granted so already is left as it is. The exit code is 1 while something is wrong or was
refused.")]
pub struct Args {
    #[command(flatten)]
    who: SomeMember,
    /// The procedure's code
    #[arg(
        value_name = "CODE",
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    code: Option<String>,
    /// Number among the member's authorizations, from 1; of a table, for rows that name none
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..), required_unless_present = "file")]
    number: Option<u8>,
    /// Units that may be used up; of a table, for rows that name none
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1..), required_unless_present = "file")]
    units: Option<u32>,
    /// First service date; of a table, for rows that name none
    #[arg(long, value_name = "DATE", required_unless_present = "file")]
    from: Option<Date>,
    /// Last service date; of a table, for rows that name none
    #[arg(long, value_name = "DATE", required_unless_present = "file")]
    to: Option<Date>,
    /// Only with this provider: its organization's address or id; of a table, for rows that name none
    #[arg(long, value_name = "ORG")]
    provider: Option<Pubkey>,
}

/// What is to be granted, of a code that is not looked up yet.
struct Wanted {
    code: String,
    number: u8,
    units: u32,
    from: Date,
    to: Date,
    /// The organization's account; none: with any provider.
    provider: Option<Pubkey>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, `no_plan_version`, `code_key_missing`, `authorization_exists`, and the program's refusals. What
/// single rows of a table are refused for stands in the answer.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    if args.who.many.file.is_some() {
        return table::run(args, settings);
    }
    let wanted = match (&args.code, args.number, args.units, args.from, args.to) {
        (Some(code), Some(number), Some(units), Some(from), Some(to)) => Wanted {
            code: code.clone(),
            number,
            units,
            from,
            to,
            provider: None,
        },
        _ => {
            let message = "Say what is granted, with a code, --number, --units, --from and --to.";
            return Err(CliError::new("missing_value", message));
        }
    };
    one(args, wanted, settings)
}

fn one(args: &Args, wanted: Wanted, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&Target::of(&args.who), settings)?;
    let provider = args
        .provider
        .map(|key| organization::resolve(case.cluster(), &key))
        .transpose()?
        .map(|(address, _)| address);
    let wanted = Wanted { provider, ..wanted };
    let mut keys = Keys::new(case.cluster(), case.store(), case.pool);
    let grant = wanted.grant(keys.of(case.member.plan, &wanted)?);
    let (authorization, _) = Authorization::find_address(&case.address, grant.number);
    match people::find_authorization(case.cluster(), &authorization)? {
        Some(there) if was_granted(&there, &grant) => return case.unchanged(),
        Some(_) => return Err(exists(grant.number)),
        None => {}
    }
    let intent = Intent::new("Authorize a service beforehand")
        .with("member", case.address)
        .with("code", &wanted.code)
        .with("units", wanted.units)
        .with("from", wanted.from)
        .with("to", wanted.to)
        .with("provider", key_or_none(provider));
    let desk = case.desk(Permission::DecideClaim)?;
    case.execute_all(&intent, &[granting(&desk, case.address, grant)])
}

/// Whether an authorization is what would be granted; what was used of it since is no matter.
fn was_granted(there: &Authorization, grant: &Grant) -> bool {
    there.provider == grant.provider
        && there.code_key == grant.code_key
        && (there.from, there.to) == (grant.from, grant.to)
        && there.units == grant.units
}

fn exists(number: u8) -> CliError {
    let message = format!(
        "The member has an authorization number {number} already, on other terms; take another number, or set its last day with `galen member end-authorization`."
    );
    CliError::new("authorization_exists", message)
}

fn granting(desk: &Desk, member: Pubkey, grant: Grant) -> Instruction {
    let accounts = accounts::GrantAuthorization {
        operator: desk.operator,
        operator_record: desk.operator_record,
        insurer: desk.insurer,
        pool: desk.pool,
        member,
        authorization: Authorization::find_address(&member, grant.number).0,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let args = GrantAuthorizationArgs { grant };
    crate::chain::instruction(
        claims::ID,
        &accounts,
        &instruction::GrantAuthorization { args },
    )
}

impl Wanted {
    fn grant(&self, code_key: [u8; 8]) -> Grant {
        Grant {
            number: self.number,
            provider: self.provider.unwrap_or_default(),
            code_key,
            from: self.from.days(),
            to: self.to.days(),
            units: self.units,
        }
    }
}

/// The keys of codes in the schedules of a pool's plans, each plan and version read once.
struct Keys<'a> {
    cluster: &'a Cluster,
    store: &'a Store,
    pool: Pubkey,
    plans: Read<Plan>,
    /// The schedule of each version.
    versions: BTreeMap<(Pubkey, version::Place), Pubkey>,
    /// The number of each schedule, by its account.
    schedules: BTreeMap<Pubkey, u16>,
}

impl<'a> Keys<'a> {
    fn new(cluster: &'a Cluster, store: &'a Store, pool: Pubkey) -> Self {
        Self {
            cluster,
            store,
            pool,
            plans: Read::new(),
            versions: BTreeMap::new(),
            schedules: BTreeMap::new(),
        }
    }

    /// The code's key in the schedule that is in force on the first day.
    ///
    /// # Errors
    /// `no_plan_version`, `code_key_missing`, `not_found`, `cluster_unreachable`, `store_damaged`.
    fn of(&mut self, plan: Pubkey, wanted: &Wanted) -> Result<[u8; 8]> {
        let known = self.plans.get(self.cluster, plan)?;
        let place = (plan, version::place(known, wanted.from));
        let address = match self.versions.get(&place) {
            Some(address) => *address,
            None => {
                let found = version::on(self.cluster, &plan, known, wanted.from)?;
                let (_, version) = found.ok_or_else(|| {
                    let message = format!(
                        "The plan {plan} has no version in force on {}; its first one begins later.",
                        wanted.from
                    );
                    CliError::new("no_plan_version", message)
                })?;
                self.versions.insert(place, version.schedule);
                version.schedule
            }
        };
        let number = match self.schedules.get(&address) {
            Some(number) => *number,
            None => {
                let number = schedule(self.cluster, &address)?.0.number;
                self.schedules.insert(address, number);
                number
            }
        };
        let key = codes::needed_key_of(self.store, &self.pool, number)?;
        codes::procedure(&key, &wanted.code)
    }
}
