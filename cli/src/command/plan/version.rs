//! Which of a plan's versions a day falls under.

use claims::state::{Plan, PlanVersion};
use galen_rules::Date;
use solana_pubkey::Pubkey;

use crate::chain::entity;
use crate::cluster::Cluster;
use crate::error::Result;

/// The version of the plan at `address` in force on `day`, with its address; none before the first. A plan lists its latest versions
/// only; those before them are read one after the other, the latest first.
///
/// # Errors
/// `not_found`, `cluster_unreachable`, `wrong_account`.
pub fn on(
    cluster: &Cluster,
    address: &Pubkey,
    plan: &Plan,
    day: Date,
) -> Result<Option<(Pubkey, PlanVersion)>> {
    if let Some(entry) = plan.version_on(day.days()) {
        return read(cluster, address, entry.version).map(Some);
    }
    let listed = plan.versions.first().map_or(1, |entry| entry.version);
    for number in (1..listed).rev() {
        let found = read(cluster, address, number)?;
        if found.1.in_force_on(day.days()) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// By what a version is kept once it was read: its number where its plan lists it, otherwise the day that was asked for.
pub type Place = std::result::Result<u16, Date>;

/// Where the version of the plan in force on `day` is kept.
pub fn place(plan: &Plan, day: Date) -> Place {
    plan.version_on(day.days())
        .map_or(Err(day), |entry| Ok(entry.version))
}

/// All numbers that versions of the plan have, listed or not.
pub fn numbers(plan: &Plan) -> impl Iterator<Item = u16> {
    1..=plan.latest().map_or(0, |entry| entry.version)
}

fn read(cluster: &Cluster, plan: &Pubkey, number: u16) -> Result<(Pubkey, PlanVersion)> {
    let (address, _) = PlanVersion::find_address(plan, number);
    Ok((address, entity::get(cluster, &address)?))
}
