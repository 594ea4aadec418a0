//! Members to be, by table.

use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;

use claims::state::{Member, Plan};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::{enrolment, opening, plan_of, Args, Wanted};
use crate::cluster::Cluster;
use crate::command::member::bulk::{self, by_member, keep, value_or, Fault, Job, Table};
use crate::command::member::opening::Named;
use crate::command::trial::rows::{self, Record, Seen};
use crate::command::trial::who::folder_of;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;
use crate::send::ENROL_MEMBERS;
use crate::store::{Store, Subject};

/// The columns of a table of members to be.
const COLUMNS: [&str; 6] = ["id", "from", "to", "authority", "plan", "opening"];

/// Enrols the members of a table.
///
/// # Errors
/// Those of [`Table::open`] and [`Table::finish`].
pub fn run(args: &Args, path: &Path, settings: &Settings) -> Result<Answer> {
    let staff = (args.pool, Permission::EnrolMember);
    let columns: (&[&'static str], &[&str]) = (&COLUMNS, &["id"]);
    let mut table = Table::open(&args.many, columns, staff, &args.people, settings)?;
    let (store, scope) = (&table.session.ledger.store, args.pool.to_string());
    let cluster = table.session.cluster();
    let mut reader = Reader {
        args,
        folder: folder_of(Some(path)),
        cluster,
        store,
        seen: Seen::nothing(),
        plans: BTreeMap::new(),
    };
    let work = &mut table.work;
    let mut rows = Vec::with_capacity(table.records.len());
    for record in &table.records {
        if let Some(wanted) = reader.read(record, &mut work.faults)? {
            let known = store.known_commitment(Subject::Member, &scope, &wanted.id)?;
            let address = known.map(|known| Member::find_address(&args.pool, &known).0);
            rows.push((record, wanted, address));
        }
    }
    let known: Vec<Pubkey> = rows.iter().filter_map(|(_, _, address)| *address).collect();
    let mut there = bulk::read(cluster, &known)?.into_iter();
    let mut missing = Vec::new();
    for (record, wanted, address) in rows {
        let there = address.and_then(|_| there.next().flatten());
        let line = record.line.unwrap_or_default();
        match there {
            Some(there) if wanted.is_met_by(&there) => {
                work.unchanged.push(wanted.job(line, address));
            }
            Some(there) => {
                let error = wanted.differs_from(&there)?;
                work.faults.push(Fault::of(record, "id", error));
            }
            None => missing.push((line, wanted, address)),
        }
    }
    table.work.jobs = if table.sends_nothing() {
        let planned = missing.iter();
        planned
            .map(|(line, wanted, address)| wanted.job(*line, *address))
            .collect()
    } else {
        // On disk before anything is sent, all at once: a run that is killed finds by them who is enrolled.
        store.together(|store| {
            let enrolled = missing.iter().map(|(line, wanted, _)| {
                let commitment = store.commitment(Subject::Member, &scope, &wanted.id)?;
                let (address, _) = Member::find_address(&args.pool, &commitment);
                let mut job = wanted.job(*line, Some(address));
                job.instructions = vec![enrolment(&table.desk, wanted, commitment)];
                Ok(job)
            });
            enrolled.collect()
        })?
    };
    table.finish("Enrol members", ENROL_MEMBERS)
}

/// Reads a table's rows.
struct Reader<'a> {
    args: &'a Args,
    folder: &'a Path,
    cluster: &'a Cluster,
    store: &'a Store,
    seen: Seen<String>,
    plans: BTreeMap<Pubkey, Rc<Result<Plan>>>,
}

impl Reader<'_> {
    /// What a row asks for; none where something is wrong with it, which is kept.
    fn read(&mut self, record: &Record, faults: &mut Vec<Fault>) -> Result<Option<Wanted>> {
        let args = self.args;
        let before = faults.len();
        let id = keep(
            faults,
            record
                .read("id", |text| Ok(text.to_owned()))
                .and_then(|id| {
                    self.seen
                        .first(record, "id", id.clone(), "The same identifier")?;
                    Ok(id)
                }),
        );
        let from = keep(
            faults,
            value_or(record, "from", args.from.as_ref(), rows::date),
        );
        let to = keep(faults, record.read_if("to", rows::date)).map(|to| to.or(args.to));
        let authority = keep(faults, record.read_if("authority", rows::key));
        let plan = keep(
            faults,
            value_or(record, "plan", args.plan.as_ref(), rows::key),
        );
        let known = match plan {
            Some(plan) => Some(self.plan(plan)?),
            None => None,
        };
        let named = match (known.as_deref(), plan, from) {
            (Some(Err(error)), ..) => {
                faults.push(Fault::of(record, "plan", error.clone()));
                None
            }
            (Some(Ok(plan)), Some(address), Some(from)) => Some(Named {
                cluster: self.cluster,
                store: self.store,
                address,
                plan,
                from,
            }),
            _ => None,
        };
        let begins = match record.value("opening") {
            None => None,
            Some(file) => match opening(&self.folder.join(file), named) {
                Err(error) if error.is_of_the_node() => return Err(error),
                read => keep(
                    faults,
                    read.map_err(|error| Fault::of(record, "opening", error)),
                ),
            },
        };
        let (Some(id), Some(from), Some(to), Some(authority), Some(plan)) =
            (id, from, to, authority, plan)
        else {
            return Ok(None);
        };
        let wanted = Wanted {
            id,
            plan,
            authority: authority.unwrap_or_default(),
            from,
            to,
            opening: begins,
        };
        if let Err((column, error)) = wanted.check(&args.pool) {
            faults.push(Fault::of(record, column, error));
        }
        Ok((faults.len() == before).then_some(wanted))
    }

    /// A plan, or why nobody can be enrolled in it; asked once for each.
    fn plan(&mut self, address: Pubkey) -> Result<Rc<Result<Plan>>> {
        if let Some(known) = self.plans.get(&address) {
            return Ok(Rc::clone(known));
        }
        let plan = match plan_of(self.cluster, &self.args.pool, &address) {
            Err(error) if error.is_of_the_node() => return Err(error),
            read => Rc::new(read),
        };
        self.plans.insert(address, Rc::clone(&plan));
        Ok(plan)
    }
}

impl Wanted {
    fn job(&self, line: u64, member: Option<Pubkey>) -> Job {
        let wanted = self.clone();
        Job {
            line,
            id: Some(self.id.clone()),
            member,
            instructions: Vec::new(),
            needs: None,
            shown_by: member,
            is_so: by_member(move |there| wanted.is_met_by(there)),
        }
    }
}
