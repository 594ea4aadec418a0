//! The names of codes, from plans: the ledger has only their keys.

use std::collections::btree_map::{BTreeMap, Entry};
use std::path::PathBuf;

use claims::state::{Claim, PlanVersion};
use solana_pubkey::Pubkey;

use super::submission;
use crate::chain::text::some_key;
use crate::chain::{codes, entity};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::document;
use crate::error::Result;
use crate::store::Store;

/// The flag of a command that names codes.
#[derive(Debug, clap::Args)]
pub struct PlanFlags {
    /// A plan whose codes name those of claims, where this store has their keys; can be given several times
    #[arg(long, value_name = "PLAN")]
    plan: Vec<PathBuf>,
}

/// The codes of plans, by their keys.
pub struct Codes {
    names: Vec<String>,
    store: Option<Store>,
    known: BTreeMap<Pubkey, BTreeMap<[u8; 8], String>>,
}

impl PlanFlags {
    /// Reads the plans. Where there are none, the store is left alone.
    ///
    /// # Errors
    /// Those of [`document::plan`] and [`Store::open`].
    pub fn read(&self, settings: &Settings) -> Result<Codes> {
        let mut names = Vec::new();
        for path in &self.plan {
            let benefits = document::plan(path)?.benefits.into_iter();
            names.extend(benefits.map(|benefit| benefit.code));
        }
        let store = match self.plan.is_empty() {
            true => None,
            false => Some(Store::open(&settings.home)?),
        };
        Ok(Codes {
            names,
            store,
            known: BTreeMap::new(),
        })
    }
}

impl Codes {
    /// Those that lines of the claim can have, by the keys of its plan version. A draft has none yet.
    ///
    /// # Errors
    /// `code_key_missing`, `not_found`, `wrong_account`, `cluster_unreachable`.
    pub fn of(&mut self, cluster: &Cluster, claim: &Claim) -> Result<&BTreeMap<[u8; 8], String>> {
        let place = match self.known.entry(claim.plan_version) {
            Entry::Occupied(known) => return Ok(known.into_mut()),
            Entry::Vacant(place) => place,
        };
        let mut keyed = BTreeMap::new();
        if let (Some(store), Some(version)) = (&self.store, some_key(claim.plan_version)) {
            let version: PlanVersion = entity::get(cluster, &version)?;
            let (schedule, _) = submission::schedule(cluster, &version.schedule)?;
            let key = codes::needed_key_of(store, &claim.pool, schedule.number)?;
            for name in &self.names {
                keyed.insert(codes::procedure(&key, name)?, name.clone());
            }
        }
        Ok(place.insert(keyed))
    }
}
