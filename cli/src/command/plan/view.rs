//! Plans, their versions and their terms as they are printed.

use std::fmt;

use claims::constants::IN_FORCE;
use claims::state::{
    decode_zero_copy, BenefitSchedule, CategoryPeriod, CoordinationRule, CostShareOrder, Limits,
    OutOfNetworkRule, Plan, PlanTerms, PlanVersion,
};
use galen_rules::Date;
use serde::Serialize;
use solana_account_decoder_client_types::{UiAccountEncoding, UiDataSliceConfig};
use solana_client::rpc_config::RpcAccountInfoConfig;
use solana_pubkey::Pubkey;

use super::{details, version};
use crate::chain::entity;
use crate::chain::others::details_of;
use crate::chain::text::{facts, hex};
use crate::cluster::{self, Cluster};
use crate::error::{CliError, Result};
use crate::output::{money, table};

/// As JSON: `{"address": "...", "pool": "...", "number": 0, "sequence": 1, "versions": [...]}`, the versions as [`Version`]
/// has them, the first one first.
#[derive(Serialize)]
pub struct View {
    address: String,
    pool: String,
    number: u16,
    sequence: u64,
    versions: Vec<Version>,
}

/// As JSON: `{"address": "...", "number": 1, "effective_from": "2026-01-01", "superseded_from": null, "document": "<SHA-256>",
/// "schedule": {"address": "...", "number": 0, "entries": 3, "sealed": true, "digest": "<SHA-256>"}, "terms": {...}}`, with `"details":
/// {"address": "...", "entries": 9, "digest": "<SHA-256>"}` where it demands more than terms and schedule say; the
/// terms have the fields of the plan document without its benefits, `categories` being `[{"name_key": "<hex>", "max": null,
/// "period": "year"}]`. Money is cents.
#[derive(Serialize)]
pub struct Version {
    address: String,
    number: u16,
    effective_from: String,
    superseded_from: Option<String>,
    document: String,
    schedule: Schedule,
    #[serde(skip_serializing_if = "Option::is_none")]
    details: Option<Details>,
    terms: Terms,
}

#[derive(Serialize)]
struct Details {
    address: String,
    entries: u32,
    digest: String,
}

#[derive(Serialize)]
struct Schedule {
    address: String,
    number: u16,
    entries: u32,
    sealed: bool,
    digest: String,
}

#[derive(Serialize)]
struct Terms {
    currency: String,
    cost_share_order: &'static str,
    deductible: Pair,
    copay: u64,
    coinsurance_bps: u16,
    tiers: Option<Vec<Tier>>,
    recognised_bps: u16,
    out_of_pocket_max: Pair,
    annual_max: Option<u64>,
    lifetime_max: Option<u64>,
    categories: Vec<Category>,
    filing_limit_days: u16,
    waiting_days: u16,
    coordination: &'static str,
    out_of_network: Outside,
}

#[derive(Serialize)]
struct Pair {
    individual: Option<u64>,
    family: Option<u64>,
}

#[derive(Serialize)]
struct Tier {
    up_to: Option<u64>,
    coinsurance_bps: u16,
}

#[derive(Serialize)]
struct Category {
    name_key: String,
    max: Option<u64>,
    period: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Outside {
    Deny(&'static str),
    Terms {
        coinsurance_bps: u16,
        deductible: Pair,
        out_of_pocket_max: Pair,
    },
}

impl View {
    /// The plan and all of its versions as they are on the cluster.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, address: Pubkey) -> Result<Self> {
        let plan: Plan = entity::get(cluster, &address)?;
        let versions = version::numbers(&plan)
            .map(|number| Version::read(cluster, PlanVersion::find_address(&address, number).0))
            .collect::<Result<_>>()?;
        Ok(Self {
            address: address.to_string(),
            pool: plan.pool.to_string(),
            number: plan.number,
            sequence: plan.sequence,
            versions,
        })
    }
}

impl Version {
    /// A version as it is on the cluster.
    ///
    /// # Errors
    /// `not_found`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, address: Pubkey) -> Result<Self> {
        let version: PlanVersion = entity::get(cluster, &address)?;
        let header = schedule_header(cluster, &version.schedule)?;
        Ok(Self {
            address: address.to_string(),
            number: version.number,
            effective_from: date(version.effective_from),
            superseded_from: Some(version.superseded_from)
                .filter(|day| *day != IN_FORCE)
                .map(date),
            document: hex(&version.document),
            schedule: Schedule {
                address: version.schedule.to_string(),
                number: header.number,
                entries: header.count,
                sealed: header.is_sealed(),
                digest: hex(&header.digest),
            },
            details: Details::read(cluster, &version)?,
            terms: Terms::of(&version.terms),
        })
    }
}

impl Details {
    fn read(cluster: &Cluster, version: &PlanVersion) -> Result<Option<Self>> {
        let Some(address) = details_of(version) else {
            return Ok(None);
        };
        let found = details::find(cluster, &address)?;
        Ok(found.map(|(header, _)| Self {
            address: address.to_string(),
            entries: header.count,
            digest: hex(&header.digest),
        }))
    }
}

/// The header of a schedule, without the entries that follow it: they may be 320,000 bytes.
///
/// # Errors
/// `not_found`, `wrong_account`, `cluster_unreachable`.
pub fn schedule_header(cluster: &Cluster, address: &Pubkey) -> Result<BenefitSchedule> {
    let config = RpcAccountInfoConfig {
        encoding: Some(UiAccountEncoding::Base64),
        data_slice: Some(UiDataSliceConfig {
            offset: 0,
            length: BenefitSchedule::ENTRIES_OFFSET,
        }),
        commitment: Some(cluster.client.commitment()),
        ..RpcAccountInfoConfig::default()
    };
    let answer = cluster
        .client
        .get_ui_account_with_config(address, config)
        .map_err(|error| cluster::unreachable(&cluster.client.url(), &error))?;
    let account = answer.value.ok_or_else(|| {
        CliError::new(
            "not_found",
            format!("There is no benefit schedule at {address} on this cluster."),
        )
    })?;
    let data = account.data.decode().unwrap_or_default();
    decode_zero_copy(&data).map_err(|_| {
        CliError::new(
            "wrong_account",
            format!("{address} is not the address of a benefit schedule."),
        )
    })
}

impl Terms {
    fn of(terms: &PlanTerms) -> Self {
        let tiers: Vec<_> = terms
            .tiers
            .iter()
            .map(|tier| Tier {
                up_to: tier.up_to,
                coinsurance_bps: tier.coinsurance_bps,
            })
            .collect();
        let categories = terms.categories.iter().map(|category| Category {
            name_key: hex(&category.name_key),
            max: category.max,
            period: match category.period {
                CategoryPeriod::Year => "year",
                CategoryPeriod::Lifetime => "lifetime",
            },
        });
        Self {
            currency: String::from_utf8_lossy(&terms.currency).into_owned(),
            cost_share_order: match terms.cost_share_order {
                CostShareOrder::DeductibleFirst => "deductible_first",
                CostShareOrder::CopayFirst => "copay_first",
            },
            deductible: Pair::of(&terms.deductible),
            copay: terms.copay,
            coinsurance_bps: terms.coinsurance_bps,
            tiers: Some(tiers).filter(|tiers| !tiers.is_empty()),
            recognised_bps: terms.recognised_bps,
            out_of_pocket_max: Pair::of(&terms.out_of_pocket_max),
            annual_max: terms.annual_max,
            lifetime_max: terms.lifetime_max,
            categories: categories.collect(),
            filing_limit_days: terms.filing_limit_days,
            waiting_days: terms.waiting_days,
            coordination: match terms.coordination {
                CoordinationRule::Standard => "standard",
                CoordinationRule::CarveOut => "carve_out",
                CoordinationRule::MaintenanceOfBenefits => "maintenance_of_benefits",
                CoordinationRule::MedicareSecondary => "medicare_secondary",
            },
            out_of_network: Outside::of(terms.out_of_network.as_ref()),
        }
    }
}

impl Pair {
    fn of(limits: &Limits) -> Self {
        Self {
            individual: limits.individual,
            family: limits.family,
        }
    }
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let figure = |cents: Option<u64>| cents.map_or_else(|| "none".to_owned(), money);
        write!(
            f,
            "{} individual, {} family",
            figure(self.individual),
            figure(self.family)
        )
    }
}

impl Outside {
    fn of(rule: Option<&OutOfNetworkRule>) -> Self {
        match rule {
            None => Self::Deny("deny"),
            Some(rule) => Self::Terms {
                coinsurance_bps: rule.coinsurance_bps,
                deductible: Pair::of(&rule.deductible),
                out_of_pocket_max: Pair::of(&rule.out_of_pocket_max),
            },
        }
    }
}

/// A day as documents write it.
pub fn date(days: i32) -> String {
    Date::from_days(days).map_or_else(|| format!("day {days}"), |date| date.to_string())
}

fn rate(bps: u16) -> String {
    format!("{}.{:02} %", bps / 100, bps % 100)
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Plan", format!("{} (number {})", self.address, self.number)),
                ("Pool", self.pool.clone()),
                ("Sequence", self.sequence.to_string()),
                ("Versions", self.versions.len().to_string()),
            ],
        )?;
        self.versions
            .iter()
            .try_for_each(|version| write!(f, "\n\n{version}"))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let until = self
            .superseded_from
            .as_ref()
            .map_or_else(String::new, |day| format!(", until the day before {day}"));
        let schedule = &self.schedule;
        let terms = &self.terms;
        let outside = match &terms.out_of_network {
            Outside::Deny(_) => "not covered".to_owned(),
            Outside::Terms {
                coinsurance_bps,
                deductible,
                out_of_pocket_max,
            } => {
                format!("coinsurance {}, deductible {deductible}, out of pocket at most {out_of_pocket_max}", rate(*coinsurance_bps))
            }
        };
        let coinsurance = match &terms.tiers {
            None => rate(terms.coinsurance_bps),
            Some(tiers) => tiers
                .iter()
                .map(|tier| {
                    format!(
                        "{} up to {}",
                        rate(tier.coinsurance_bps),
                        tier.up_to.map_or_else(|| "any amount".to_owned(), money)
                    )
                })
                .collect::<Vec<_>>()
                .join(", "),
        };
        let demands = self.details.as_ref().map_or_else(
            || "none".to_owned(),
            |details| format!("{} ({})", details.entries, details.address),
        );
        let maximum = |cents: Option<u64>| cents.map_or_else(|| "none".to_owned(), money);
        facts(
            f,
            &[
                ("Version", format!("{} ({})", self.number, self.address)),
                ("Services", format!("from {}{until}", self.effective_from)),
                ("Document", self.document.clone()),
                (
                    "Schedule",
                    format!(
                        "{} (number {}, {} codes{})",
                        schedule.address,
                        schedule.number,
                        schedule.entries,
                        if schedule.sealed { "" } else { ", not sealed" }
                    ),
                ),
                ("Further demands", demands),
                ("Currency", terms.currency.clone()),
                ("Cost sharing", terms.cost_share_order.replace('_', " ")),
                ("Deductible", terms.deductible.to_string()),
                ("Copay", money(terms.copay)),
                ("Coinsurance", coinsurance),
                ("Recognised", rate(terms.recognised_bps)),
                ("Out of pocket at most", terms.out_of_pocket_max.to_string()),
                ("Annual maximum", maximum(terms.annual_max)),
                ("Lifetime maximum", maximum(terms.lifetime_max)),
                ("Categories", terms.categories.len().to_string()),
                ("Filing limit", format!("{} days", terms.filing_limit_days)),
                ("Waiting time", format!("{} days", terms.waiting_days)),
                ("Coordination", terms.coordination.replace('_', " ")),
                ("Out of network", outside),
            ],
        )
    }
}

/// As JSON: `{"address": "...", "pool": "...", "number": 0, "versions": [{"number": 1, "effective_from": "2026-01-01"}]}`, the latest sixteen
/// versions.
#[derive(Serialize)]
pub struct Summary {
    address: String,
    pool: String,
    number: u16,
    versions: Vec<Entry>,
}

#[derive(Serialize)]
struct Entry {
    number: u16,
    effective_from: String,
}

impl Summary {
    /// A plan that was read.
    pub fn new(address: Pubkey, plan: &Plan) -> Self {
        let versions = plan.versions.iter().map(|entry| Entry {
            number: entry.version,
            effective_from: date(entry.effective_from),
        });
        Self {
            address: address.to_string(),
            pool: plan.pool.to_string(),
            number: plan.number,
            versions: versions.collect(),
        }
    }
}

/// As JSON, an array of plans.
#[derive(Serialize)]
#[serde(transparent)]
pub struct List(pub Vec<Summary>);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("No plans.");
        }
        let mut rows = table(
            &["Plan", "Pool", "Number", "Versions", "Latest from"],
            &[2, 3],
        );
        for plan in &self.0 {
            let latest = plan
                .versions
                .last()
                .map_or_else(|| "none".to_owned(), |entry| entry.effective_from.clone());
            // Those before the listed ones count too.
            let count = plan.versions.last().map_or(0, |entry| entry.number);
            rows.add_row([
                plan.address.clone(),
                plan.pool.clone(),
                plan.number.to_string(),
                count.to_string(),
                latest,
            ]);
        }
        write!(f, "{rows}")
    }
}
