//! Credentials as they are printed, and what names one.

use std::fmt;

use registry::state::{Credential, Standing};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::entity;
use crate::chain::organization::resolve;
use crate::chain::text::facts;
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::error::Result;
use crate::output::table;

/// Which credential.
#[derive(Debug, clap::Args)]
pub struct Name {
    /// Who states it: the organization's address or id
    #[arg(long, value_name = "ORG")]
    pub issuer: Pubkey,
    /// About whom: the organization's address or id
    #[arg(long, value_name = "ORG")]
    pub subject: Pubkey,
    /// What is stated: a number of the issuer's catalogue
    #[arg(long, value_name = "NUMBER")]
    pub kind: u16,
    /// Tells credentials of one kind apart
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub number: u32,
}

/// A credential's parties and address.
pub struct Named {
    /// The issuer's account.
    pub issuer: Pubkey,
    /// The subject's account.
    pub subject: Pubkey,
    /// The credential's address, whether or not it was issued.
    pub address: Pubkey,
}

impl Name {
    /// Looks the parties up.
    ///
    /// # Errors
    /// `not_found` where a party is not registered.
    pub fn resolve(&self, cluster: &Cluster) -> Result<Named> {
        let (issuer, _) = resolve(cluster, &self.issuer)?;
        let (subject, _) = resolve(cluster, &self.subject)?;
        let (address, _) = Credential::find_address(&issuer, &subject, self.kind, self.number);
        Ok(Named {
            issuer,
            subject,
            address,
        })
    }
}

/// As JSON: `{"address": "...", "issuer": "...", "subject": "...", "kind": 1, "number": 0, "valid_from": 1, "valid_until": 2,
/// "issued_at": 1, "revoked_at": null, "revocation_reason": null, "revoked_by": null, "standing": "not_yet_valid" | "valid" |
/// "expired" | "revoked"}`; times are Unix seconds.
#[derive(Serialize)]
pub struct View {
    address: String,
    issuer: String,
    subject: String,
    kind: u16,
    number: u32,
    valid_from: i64,
    valid_until: i64,
    issued_at: i64,
    revoked_at: Option<i64>,
    revocation_reason: Option<u16>,
    revoked_by: Option<String>,
    standing: &'static str,
}

impl View {
    /// The credential as it is on the cluster, as of its clock.
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

    /// A credential that was read, as of a moment.
    pub fn new(address: Pubkey, credential: &Credential, at: i64) -> Self {
        let revoked = credential.is_revoked();
        Self {
            address: address.to_string(),
            issuer: credential.issuer.to_string(),
            subject: credential.subject.to_string(),
            kind: credential.kind,
            number: credential.number,
            valid_from: credential.valid_from,
            valid_until: credential.valid_until,
            issued_at: credential.issued_at,
            revoked_at: Some(credential.revoked_at).filter(|_| revoked),
            revocation_reason: Some(credential.revocation_reason).filter(|_| revoked),
            revoked_by: Some(credential.revoked_by.to_string()).filter(|_| revoked),
            standing: match credential.standing(at) {
                Standing::NotYetValid => "not_yet_valid",
                Standing::Valid => "valid",
                Standing::Expired => "expired",
                Standing::Revoked => "revoked",
            },
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let revocation = match (self.revoked_at, self.revocation_reason, &self.revoked_by) {
            (Some(at), Some(reason), Some(by)) => {
                format!("{}, reason {reason}, by {by}", moment(at))
            }
            _ => "no".to_owned(),
        };
        facts(
            f,
            &[
                ("Credential", self.address.clone()),
                ("Issuer", self.issuer.clone()),
                ("Subject", self.subject.clone()),
                ("Kind", format!("{}, number {}", self.kind, self.number)),
                (
                    "Valid",
                    format!(
                        "from {} until {}",
                        moment(self.valid_from),
                        moment(self.valid_until)
                    ),
                ),
                ("Issued", moment(self.issued_at)),
                ("Revoked", revocation),
                ("Standing", self.standing.replace('_', " ")),
            ],
        )
    }
}

/// As JSON, an array of credentials.
#[derive(Serialize)]
#[serde(transparent)]
pub struct List(pub Vec<View>);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("No credentials.");
        }
        let mut rows = table(
            &[
                "Credential",
                "Issuer",
                "Subject",
                "Kind",
                "Number",
                "Until",
                "Standing",
            ],
            &[3, 4],
        );
        for view in &self.0 {
            rows.add_row([
                view.address.clone(),
                view.issuer.clone(),
                view.subject.clone(),
                view.kind.to_string(),
                view.number.to_string(),
                moment(view.valid_until),
                view.standing.replace('_', " "),
            ]);
        }
        write!(f, "{rows}")
    }
}
