//! Authorizations by table.

use std::collections::BTreeMap;

use claims::state::{decode_zero_copy, Authorization, Grant};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::{exists, granting, was_granted, Args, Keys, Wanted};
use crate::chain::session::Session;
use crate::command::member::bulk::{keep, value_or, Fault, Organizations, Row, Table};
use crate::command::trial::rows::{self, Reason, Record};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::send::{foreseen_by_claims, CHANGE_MEMBERS};

/// The columns of a table of authorizations.
const COLUMNS: [&str; 8] = [
    "id", "member", "code", "number", "units", "from", "to", "provider",
];

/// Grants a table's authorizations.
///
/// # Errors
/// Those of [`Table::open`] and [`Table::finish`].
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let who = &args.who;
    let staff = (who.pool, Permission::DecideClaim);
    let columns: (&[&'static str], &[&str]) = (&COLUMNS, &["code"]);
    let mut table = Table::open(&who.many, columns, staff, &who.people, settings)?;
    let mut reader = Reader {
        args,
        providers: Organizations::default(),
    };
    // One member may have several.
    let rows = table.rows(false, |session, record, faults| {
        reader.read(session, record, faults)
    })?;
    let grants = grants(&mut table, rows)?;
    let places: Vec<Pubkey> = grants.iter().map(|(_, _, place)| *place).collect();
    let there = table.session.cluster().accounts(&places)?;
    for ((row, grant, place), account) in grants.into_iter().zip(there) {
        let account = account.filter(|account| account.owner == claims::ID);
        let is_so = move |data: &[u8]| {
            decode_zero_copy(data).is_ok_and(|there: Authorization| was_granted(&there, &grant))
        };
        let done = match account {
            Some(account) if is_so(&account.data) => true,
            Some(_) => {
                let fault = Fault::at(row.line, "number", exists(grant.number));
                table.work.faults.push(fault);
                continue;
            }
            None => false,
        };
        let granting = granting(&table.desk, row.address, grant);
        table
            .work
            .take(row.job(granting, place, Box::new(is_so)), done);
    }
    table.finish("Authorize services beforehand", CHANGE_MEMBERS)
}

/// What the rows grant, with the address of each; what the program would refuse, and a number that stands twice, are faults.
fn grants(table: &mut Table, rows: Vec<(Row, Wanted)>) -> Result<Vec<(Row, Grant, Pubkey)>> {
    let session = &table.session;
    let mut keys = Keys::new(session.cluster(), &session.ledger.store, table.desk.pool);
    let mut first = BTreeMap::new();
    let mut grants = Vec::with_capacity(rows.len());
    for (row, wanted) in rows {
        let checked = match keys.of(row.member.plan, &wanted) {
            Err(error) => match error.code.as_str() {
                "no_plan_version" => Err(("from", error)),
                "code_key_missing" => Err(("code", error)),
                _ => return Err(error),
            },
            Ok(key) => {
                let grant = wanted.grant(key);
                Authorization::new(0, row.address, &grant)
                    .map(|_| grant)
                    .map_err(|error| ("to", foreseen_by_claims(&error)))
            }
        };
        let (place, _) = Authorization::find_address(&row.address, wanted.number);
        let once = checked.and_then(|grant| match first.insert(place, row.line) {
            None => Ok(grant),
            Some(line) => {
                let message = format!(
                    "Number {} of the same member stands on line {line} already.",
                    wanted.number
                );
                Err(("number", CliError::new("repeated", message)))
            }
        });
        let once = once.map_err(|(column, error)| Fault::at(row.line, column, error));
        if let Some(grant) = keep(&mut table.work.faults, once) {
            grants.push((row, grant, place));
        }
    }
    Ok(grants)
}

/// Reads a table's rows.
struct Reader<'a> {
    args: &'a Args,
    providers: Organizations,
}

impl Reader<'_> {
    /// What a row asks for; none where something is wrong with it, which is kept.
    fn read(
        &mut self,
        session: &Session,
        record: &Record,
        faults: &mut Vec<Fault>,
    ) -> Result<Option<Wanted>> {
        let args = self.args;
        let code = keep(faults, record.read("code", |text| Ok(text.to_owned())));
        let numbered = value_or(record, "number", args.number.as_ref(), number);
        let numbered = keep(faults, numbered);
        let units = value_or(record, "units", args.units.as_ref(), units);
        let units = keep(faults, units);
        let from = value_or(record, "from", args.from.as_ref(), rows::date);
        let from = keep(faults, from);
        let to = keep(faults, value_or(record, "to", args.to.as_ref(), rows::date));
        let named = keep(faults, record.read_if("provider", rows::key));
        let provider = match named.map(|named| named.or(args.provider)) {
            None => None,
            Some(None) => Some(None),
            Some(Some(named)) => {
                let found = self
                    .providers
                    .find(session.cluster(), named)?
                    .map_err(|error| Fault::of(record, "provider", error));
                keep(faults, found).map(Some)
            }
        };
        let (Some(code), Some(number), Some(units), Some(from), Some(to), Some(provider)) =
            (code, numbered, units, from, to, provider)
        else {
            return Ok(None);
        };
        Ok(Some(Wanted {
            code,
            number,
            units,
            from,
            to,
            provider,
        }))
    }
}

/// A number among a member's authorizations.
fn number(text: &str) -> std::result::Result<u8, Reason> {
    whole(text).filter(|number| *number > 0).ok_or_else(|| {
        let message =
            format!("{text:?} is no number of an authorization; they are whole, from 1 to 255.");
        Reason::new("authorization_number_invalid", message)
    })
}

/// A count of units.
fn units(text: &str) -> std::result::Result<u32, Reason> {
    whole(text).filter(|count| *count > 0).ok_or_else(|| {
        let message = format!(
            "{text:?} is no number of units; it is whole, from 1 to {}.",
            u32::MAX
        );
        Reason::new("units_invalid", message)
    })
}

fn whole<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse()
        .ok()
        .filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()))
}
