//! `galen claim list`

use std::collections::BTreeMap;
use std::fmt;

use claims::state::Claim;
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::remark::Finder;
use super::view::{Status, View};
use crate::chain::entity::{self, offset};
use crate::chain::organization;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, table, Answer};

/// Flags of `galen claim list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim list --pool POOL
  galen claim list --pool POOL --status pended
  galen claim list --provider CLINIC --output json")]
pub struct Args {
    /// Only those of this pool
    #[arg(long, value_name = "ADDRESS")]
    pool: Option<Pubkey>,
    /// Only those of this provider, by its organization's address or id
    #[arg(long, value_name = "KEY")]
    provider: Option<Pubkey>,
    /// Only those of this member's account
    #[arg(long, value_name = "ADDRESS")]
    member: Option<Pubkey>,
    /// Only those of which this became
    #[arg(long, value_name = "STATUS")]
    status: Option<Status>,
}

#[derive(Serialize)]
struct Report {
    claims: Vec<View>,
}

/// Runs the command.
///
/// # Errors
/// `cluster_unreachable`, `not_found`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let provider = args
        .provider
        .map(|key| organization::resolve(&cluster, &key))
        .transpose()?
        .map(|(address, _)| address);
    let filters = [
        (offset::CLAIM_POOL, args.pool),
        (offset::CLAIM_PROVIDER, provider),
        (offset::CLAIM_MEMBER, args.member),
    ];
    let filters: Vec<(usize, Pubkey)> = filters
        .into_iter()
        .filter_map(|(offset, key)| key.map(|key| (offset, key)))
        .collect();
    let mut claims = Vec::new();
    let mut finder = Finder::new(&cluster);
    for (address, claim) in entity::list::<Claim>(&cluster, &filters)? {
        if args
            .status
            .is_none_or(|status| status == Status::from(claim.status))
        {
            claims.push(View::read(&mut finder, address, &claim, &BTreeMap::new())?);
        }
    }
    claims.sort_by_key(|claim| claim.received_at);
    Answer::new(&Report { claims })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut rows = table(
            &[
                "Claim",
                "Service date",
                "Status",
                "Lines",
                "Charge",
                "Plan pays",
                "Patient owes",
            ],
            &[3, 4, 5, 6],
        );
        for claim in &self.claims {
            rows.add_row([
                claim.address.clone(),
                claim.service_date.0.to_string(),
                claim.status.to_string(),
                claim.lines.len().to_string(),
                money(claim.totals.charge.0.get()),
                money(claim.totals.paid.0.get()),
                money(claim.totals.patient.0.get()),
            ]);
        }
        write!(f, "{rows}")
    }
}
