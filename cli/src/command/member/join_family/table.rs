//! Families by table: those that are not there yet are created first, all of them, and then their members join.

use std::collections::BTreeMap;

use claims::error::ClaimsError;
use claims::state::{decode_zero_copy, Family, Member};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::{creation, joined_another, joining, Args};
use crate::chain::text::some_key;
use crate::command::member::bulk::{by_member, keep, Fault, Job, Row, Table};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::send::{foreseen, foreseen_by_claims, CHANGE_MEMBERS};
use crate::store::{Store, Subject};

/// The columns of a table of families.
const COLUMNS: [&str; 3] = ["id", "member", "family"];

/// Any commitment will do for a family that is not there yet: whose it is nobody looks at.
const SOMEBODY: [u8; 32] = [1; 32];

/// A family as it will be once the rows so far have joined.
struct Household {
    /// Its account; none while this store has no salt for it.
    address: Option<Pubkey>,
    /// Whether it is on the ledger.
    is_there: bool,
    /// None while nobody has joined and it is not there.
    family: Option<Family>,
}

/// Has the members of a table join families.
///
/// # Errors
/// Those of [`Table::open`] and [`Table::finish`].
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let who = &args.who;
    let staff = (who.pool, Permission::EnrolMember);
    let columns: (&[&'static str], &[&str]) = (&COLUMNS, &["family"]);
    let mut table = Table::open(&who.many, columns, staff, &who.people, settings)?;
    let rows = table.rows(true, |_, record, faults| {
        let family = record.read("family", |text| Ok(text.to_owned()));
        Ok(keep(faults, family))
    })?;
    let mut families = households(&table, rows.iter().map(|(_, name)| name))?;
    let mut joins = Vec::with_capacity(rows.len());
    for (row, name) in rows {
        let Some(household) = families.get_mut(&name) else {
            continue;
        };
        match household.take_in(&table.desk.pool, &row.member) {
            Ok(done) => joins.push((row, name, done)),
            Err(error) => table.work.faults.push(Fault::at(row.line, "family", error)),
        }
    }
    if !table.sends_nothing() {
        let store = &table.session.ledger.store;
        // On disk before anything is sent, all at once: a run that is killed finds by them which families there are.
        let made = store.together(|store| commit(store, &table.desk.pool, &families))?;
        let desk = table.desk;
        for (name, commitment) in made {
            let Some(household) = families.get_mut(&name) else {
                continue;
            };
            let (address, _) = Family::find_address(&desk.pool, &commitment);
            household.address = Some(address);
            if let Some(family) = household.family.as_ref().filter(|_| !household.is_there) {
                let create = creation(&desk, family.plan, commitment);
                table.work.before.push((address, create));
            }
        }
    }
    for (row, name, done) in joins {
        let household = families.get(&name);
        let job = job(
            &table,
            row,
            household.and_then(|household| household.address),
        );
        table.work.take(job, done);
    }
    table.finish("Have members join families", CHANGE_MEMBERS)
}

/// What has the row's member join the family at an address; without one it can only be planned.
fn job(table: &Table, row: Row, family: Option<Pubkey>) -> Job {
    let (line, member) = (row.line, row.address);
    Job {
        line,
        id: row.id,
        member: Some(member),
        instructions: family
            .map(|family| joining(&table.desk, family, member))
            .into_iter()
            .collect(),
        needs: family,
        shown_by: Some(member),
        is_so: by_member(move |there| Some(there.family) == family),
    }
}

/// The families of these names, as far as they are known.
fn households<'n>(
    table: &Table,
    names: impl Iterator<Item = &'n String>,
) -> Result<BTreeMap<String, Household>> {
    let (pool, store) = (table.desk.pool, &table.session.ledger.store);
    let mut families = BTreeMap::new();
    for name in names {
        let known = store.known_commitment(Subject::Family, &pool.to_string(), name)?;
        let household = Household {
            address: known.map(|known| Family::find_address(&pool, &known).0),
            is_there: false,
            family: None,
        };
        families.insert(name.clone(), household);
    }
    let known: Vec<Pubkey> = families.values().filter_map(|one| one.address).collect();
    let mut there = table.session.cluster().accounts(&known)?.into_iter();
    for household in families.values_mut() {
        if household.address.is_none() {
            continue;
        }
        let account = there.next().flatten();
        let account = account.filter(|account| account.owner == claims::ID);
        household.family = account.and_then(|account| decode_zero_copy(&account.data).ok());
        household.is_there = household.family.is_some();
    }
    Ok(families)
}

/// The commitments to these families' identifiers, made where there was none.
fn commit(
    store: &Store,
    pool: &Pubkey,
    families: &BTreeMap<String, Household>,
) -> Result<Vec<(String, [u8; 32])>> {
    let scope = pool.to_string();
    // Nobody joins those of whom all rows are wrong.
    let joined = families.iter().filter(|(_, one)| one.family.is_some());
    let commitments = joined.map(|(name, _)| {
        let commitment = store.commitment(Subject::Family, &scope, name)?;
        Ok((name.clone(), commitment))
    });
    commitments.collect()
}

impl Household {
    /// Takes a member in as the program will. Returns whether it belongs to the family already.
    fn take_in(&mut self, pool: &Pubkey, member: &Member) -> std::result::Result<bool, CliError> {
        match some_key(member.family) {
            Some(joined) if Some(joined) == self.address => return Ok(true),
            Some(joined) => return Err(joined_another(&joined)),
            None => {}
        }
        let mut joined = *member;
        let mut family = match self.family {
            Some(family) => family,
            None => Family::new(0, *pool, member.plan, SOMEBODY)
                .map_err(|error| foreseen_by_claims(&error))?,
        };
        if family.plan != member.plan {
            return Err(foreseen(&ClaimsError::FamilyOfOtherPlan));
        }
        joined
            .join(self.address.unwrap_or_default())
            .and_then(|()| {
                let mut periods = joined.periods.iter();
                periods.try_for_each(|period| family.take_in(period))
            })
            .and_then(|()| family.count_member())
            .map_err(|error| foreseen_by_claims(&error))?;
        self.family = Some(family);
        Ok(false)
    }
}
