//! A site's own milestones as they are on the ledger, and as people and scripts see them.

use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::state::{SiteMilestone, SitePlan};

use super::super::parts::day;
use super::super::read::{self, Copied};
use crate::cluster::Cluster;
use crate::error::Result;
use crate::output::{money, table};

impl Copied for SitePlan {
    const NAME: &'static str = "site's plan";
    const HINT: &'static str = "The sponsor offers one with `galen trial site-plan offer`.";
}

/// The plan of a site.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn of_site(cluster: &Cluster, site: &Pubkey) -> Result<SitePlan> {
    read::get(cluster, &SitePlan::find_address(site).0)
}

/// A site's milestones. Money is cents.
#[derive(Debug, Serialize)]
pub struct PlanView {
    address: String,
    site: String,
    reserved: u64,
    milestones: Vec<MilestoneView>,
}

#[derive(Debug, Serialize)]
struct MilestoneView {
    number: usize,
    amount: u64,
    enrolled: Option<u32>,
    declared_on: Option<String>,
    state: &'static str,
}

impl PlanView {
    /// As it stands on the ledger.
    pub fn of(plan: &SitePlan) -> Self {
        let milestones = in_use(plan).enumerate().map(|(number, one)| MilestoneView {
            number,
            amount: one.amount,
            enrolled: Some(one.enrolled).filter(|enrolled| *enrolled > 0),
            declared_on: day(one.declared_on),
            state: match one.state {
                SiteMilestone::OPEN => "open",
                SiteMilestone::EARNED => "earned",
                _ => "lapsed",
            },
        });
        Self {
            address: SitePlan::find_address(&plan.site).0.to_string(),
            site: plan.site.to_string(),
            reserved: plan.reserved,
            milestones: milestones.collect(),
        }
    }
}

/// The milestones of a plan, in the order of their numbers.
pub fn in_use(plan: &SitePlan) -> impl Iterator<Item = &SiteMilestone> {
    plan.milestones.iter().take(usize::from(plan.count))
}

impl fmt::Display for PlanView {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        writeln!(
            f,
            "Site {}: {} set aside for what is not earned yet",
            self.site,
            money(self.reserved)
        )?;
        let mut rows = table(&["", "Pays", "Earned", "Declared", "State"], &[0, 1]);
        for one in &self.milestones {
            rows.add_row([
                one.number.to_string(),
                money(one.amount),
                one.enrolled.map_or_else(
                    || "when it is done".to_owned(),
                    |enrolled| format!("with {enrolled} enrolled"),
                ),
                one.declared_on.clone().unwrap_or_else(|| "-".to_owned()),
                one.state.to_owned(),
            ]);
        }
        write!(f, "{rows}")
    }
}

/// The plans of several sites.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub struct Plans(Vec<PlanView>);

impl Plans {
    /// Those of a trial, by address.
    ///
    /// # Errors
    /// `wrong_account`, `cluster_unreachable`.
    pub fn of_trial(cluster: &Cluster, trial: &Pubkey) -> Result<Self> {
        let plans = read::list::<SitePlan>(cluster, Some(trial))?;
        Ok(Self(
            plans.iter().map(|(_, plan)| PlanView::of(plan)).collect(),
        ))
    }
}

impl fmt::Display for Plans {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("No site of the trial has milestones of its own.");
        }
        let plans: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&plans.join("\n"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytemuck::Zeroable;

    #[test]
    fn the_trial_stands_where_lists_look() {
        let key = Pubkey::new_from_array([7; 32]);
        let mut plan = SitePlan::zeroed();
        plan.trial = key;
        assert!(bytemuck::bytes_of(&plan).starts_with(key.as_ref()));
    }
}
