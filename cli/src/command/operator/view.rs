//! Staff keys as they are printed, and what names one.

use std::fmt;

use clap::ValueEnum;
use registry::state::{Operator, Permission, Permissions};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::entity;
use crate::chain::text::{facts, permissions};
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::error::Result;
use crate::output::table;

/// One power of a staff key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Power {
    /// Create pools and change their eligibility desk
    ManagePool,
    /// Commit the organization's money
    Fund,
    /// Publish plans, plan versions and benefit schedules
    PublishPlan,
    /// Enrol members and change their coverage
    EnrolMember,
    /// Offer agreements to providers and change their terms
    ManageAgreement,
    /// Submit claims in the name of a provider
    SubmitClaim,
    /// Decide claims that wait for the insurer
    DecideClaim,
    /// Issue and revoke credentials
    IssueCredential,
    /// Set trials up, and end them
    ManageTrial,
    /// Set a trial's caps and approve its protocols, as its ethics board
    OverseeTrial,
    /// Take consent and enrol participants, as a site
    EnrolParticipant,
    /// Attest visits and expenses, as a site
    AttestVisit,
    /// Countersign what a site has attested, as the sponsor
    CountersignVisit,
    /// Register products and batches, as a manufacturer
    ManageBatch,
    /// Hand goods over and accept them, set them aside, acknowledge recalls
    HandOver,
    /// Dispense packs and undo that, as a pharmacy
    DispensePack,
    /// Recall and lift recalls, as a manufacturer or a regulator
    RecallBatch,
    /// All of them
    All,
}

impl Power {
    fn on_chain(self) -> &'static [Permission] {
        match self {
            Self::ManagePool => &[Permission::ManagePool],
            Self::Fund => &[Permission::Fund],
            Self::PublishPlan => &[Permission::PublishPlan],
            Self::EnrolMember => &[Permission::EnrolMember],
            Self::ManageAgreement => &[Permission::ManageAgreement],
            Self::SubmitClaim => &[Permission::SubmitClaim],
            Self::DecideClaim => &[Permission::DecideClaim],
            Self::IssueCredential => &[Permission::IssueCredential],
            Self::ManageTrial => &[Permission::ManageTrial],
            Self::OverseeTrial => &[Permission::OverseeTrial],
            Self::EnrolParticipant => &[Permission::EnrolParticipant],
            Self::AttestVisit => &[Permission::AttestVisit],
            Self::CountersignVisit => &[Permission::CountersignVisit],
            Self::ManageBatch => &[Permission::ManageBatch],
            Self::HandOver => &[Permission::HandOver],
            Self::DispensePack => &[Permission::DispensePack],
            Self::RecallBatch => &[Permission::RecallBatch],
            Self::All => &Permission::ALL,
        }
    }
}

/// The set of these powers.
pub fn set_of(powers: &[Power]) -> Permissions {
    Permissions::of(
        &powers
            .iter()
            .flat_map(|power| power.on_chain())
            .copied()
            .collect::<Vec<_>>(),
    )
}

/// Which staff key of which organization.
#[derive(Debug, clap::Args)]
pub struct Name {
    /// The organization's address or id
    #[arg(long = "org", value_name = "ORG")]
    pub organization: Pubkey,
    /// The staff key
    #[arg(long, value_name = "KEY")]
    pub key: Pubkey,
}

/// As JSON: `{"address": "...", "organization": "...", "key": "...", "permissions": ["submit-claim"], "expires_at": 1,
/// "revoked_at": null, "standing": "active" | "expired" | "revoked"}`; times are Unix seconds.
#[derive(Serialize)]
pub struct View {
    address: String,
    organization: String,
    key: String,
    permissions: Vec<&'static str>,
    expires_at: i64,
    revoked_at: Option<i64>,
    standing: &'static str,
}

impl View {
    /// The record as it is on the cluster.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, address: Pubkey) -> Result<Self> {
        Ok(Self::new(
            address,
            &entity::get(cluster, &address)?,
            cluster.unix_time()?,
        ))
    }

    /// A record that was read, as of `now`.
    pub fn new(address: Pubkey, operator: &Operator, now: i64) -> Self {
        let standing = match (operator.is_revoked(), now >= operator.expires_at) {
            (true, _) => "revoked",
            (false, true) => "expired",
            (false, false) => "active",
        };
        Self {
            address: address.to_string(),
            organization: operator.organization.to_string(),
            key: operator.key.to_string(),
            permissions: permissions(operator.permissions),
            expires_at: operator.expires_at,
            revoked_at: Some(operator.revoked_at).filter(|_| operator.is_revoked()),
            standing,
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let since = self
            .revoked_at
            .map_or_else(String::new, |at| format!(" since {}", moment(at)));
        facts(
            f,
            &[
                ("Operator record", self.address.clone()),
                ("Organization", self.organization.clone()),
                ("Key", self.key.clone()),
                ("Permissions", self.permissions.join(", ")),
                ("Expires", moment(self.expires_at)),
                ("Standing", format!("{}{since}", self.standing)),
            ],
        )
    }
}

/// As JSON, an array of staff keys.
#[derive(Serialize)]
#[serde(transparent)]
pub struct List(pub Vec<View>);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("No operators.");
        }
        let mut rows = table(
            &["Key", "Organization", "Permissions", "Expires", "Standing"],
            &[],
        );
        for view in &self.0 {
            rows.add_row([
                view.key.clone(),
                view.organization.clone(),
                view.permissions.join("\n"),
                moment(view.expires_at),
                view.standing.to_owned(),
            ]);
        }
        write!(f, "{rows}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_power_is_one_permission_and_carries_its_name() {
        for power in Power::value_variants()
            .iter()
            .filter(|power| **power != Power::All)
        {
            let name = power
                .to_possible_value()
                .map(|value| value.get_name().to_owned());
            assert_eq!(permissions(set_of(&[*power])), [name.expect("named")]);
        }
        assert_eq!(
            permissions(set_of(&[Power::All])).len(),
            Permission::ALL.len()
        );
    }
}
