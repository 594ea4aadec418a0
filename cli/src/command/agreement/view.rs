//! Agreements as they are printed, and their terms as flags.

use std::fmt;
use std::str::FromStr;

use claims::constants::NO_LIMIT;
use claims::state::{Agreement, AgreementStatus, AgreementTerms, Pool};
use galen_documents::Day;
use galen_rules::Date;
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::entity;
use crate::chain::text::{facts, some_key};
use crate::chain::when::moment;
use crate::cluster::Cluster;
use crate::error::Result;
use crate::output::{money, table};

/// A limit as a flag: cents, or `none`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit(pub u64);

impl FromStr for Limit {
    type Err = &'static str;

    fn from_str(text: &str) -> std::result::Result<Self, Self::Err> {
        match (text, text.parse()) {
            ("none", _) => Ok(Self(NO_LIMIT)),
            (_, Ok(cents)) if cents < NO_LIMIT => Ok(Self(cents)),
            _ => Err("write a whole number of cents, or `none`"),
        }
    }
}

/// A limit as people read it.
pub fn limit(cents: u64) -> String {
    if cents == NO_LIMIT {
        return "none".to_owned();
    }
    money(cents)
}

/// Whether a provider is in the network.
pub fn network(in_network: bool) -> &'static str {
    if in_network {
        "in network"
    } else {
        "out of network"
    }
}

/// When awards are paid.
pub fn payment(netted: bool) -> &'static str {
    if netted {
        "paid together"
    } else {
        "paid at once"
    }
}

/// A status's name.
pub fn status(status: AgreementStatus) -> &'static str {
    match status {
        AgreementStatus::Offered => "offered",
        AgreementStatus::Active => "active",
        AgreementStatus::Suspended => "suspended",
        AgreementStatus::Ended => "ended",
    }
}

/// An agreement with its pool.
///
/// # Errors
/// `not_found`, `wrong_account`.
pub fn read(cluster: &Cluster, address: &Pubkey) -> Result<(Agreement, Pool)> {
    let agreement: Agreement = entity::get(cluster, address)?;
    let pool = entity::get(cluster, &agreement.pool)?;
    Ok((agreement, pool))
}

/// As JSON: `{"address": "...", "pool": "...", "provider": "...", "status": "active", "in_network": true,
/// "network": [{"from": "2026-11-23" | null, "in_network": true}], "in_force": [{"from": "2026-11-23" | null, "to": "2026-11-30" |
/// null}], "limit_per_claim": 100000, "limit_per_day": null, "netted": false, "paid_today": 0, "owed": 0, "payout": null,
/// "proposed_payout": null | {"payout": "...", "effective_at": 1}, "sequence": 0, "payout_sequence": 0}`; money is cents, null no limit, times are Unix seconds; `payout` is
/// the account that is paid now, `network` where the provider stands and `in_force` when it was in force, both by the day of service, the last
/// first, `paid_today` what was awarded without a look on the present day (UTC), `owed` what the provider owes the pool for claims taken back.
#[derive(Serialize)]
pub struct View {
    address: String,
    pool: String,
    provider: String,
    status: &'static str,
    in_network: bool,
    network: Vec<Standing>,
    in_force: Vec<Span>,
    limit_per_claim: Option<u64>,
    limit_per_day: Option<u64>,
    netted: bool,
    paid_today: u64,
    owed: u64,
    payout: Option<String>,
    proposed_payout: Option<Proposed>,
    sequence: u64,
    payout_sequence: u64,
}

/// Where a provider stands towards the network from a day of service on; none = from ever.
#[derive(Serialize)]
struct Standing {
    from: Option<Day>,
    in_network: bool,
}

/// Days in force; none = from ever, or until now and from now on.
#[derive(Serialize)]
struct Span {
    from: Option<Day>,
    to: Option<Day>,
}

#[derive(Serialize)]
struct Proposed {
    payout: String,
    effective_at: i64,
}

impl View {
    /// The agreement as it is on the cluster.
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

    /// An agreement that was read, as of `now`.
    pub fn new(address: Pubkey, agreement: &Agreement, now: i64) -> Self {
        let waits = now < agreement.payout_effective_at;
        let today = now.div_euclid(claims::constants::SECONDS_PER_DAY);
        Self {
            address: address.to_string(),
            pool: agreement.pool.to_string(),
            provider: agreement.provider.to_string(),
            status: status(agreement.status),
            in_network: agreement.terms.in_network,
            network: standings(agreement),
            in_force: spans(agreement),
            limit_per_claim: Some(agreement.terms.limit_per_claim)
                .filter(|cents| *cents != NO_LIMIT),
            limit_per_day: Some(agreement.terms.limit_per_day).filter(|cents| *cents != NO_LIMIT),
            netted: agreement.terms.netted,
            paid_today: if agreement.day == today {
                agreement.paid_on_day
            } else {
                0
            },
            owed: agreement.owed,
            payout: some_key(agreement.effective_payout(now)).map(|key| key.to_string()),
            proposed_payout: waits.then(|| Proposed {
                payout: agreement.proposed_payout.to_string(),
                effective_at: agreement.payout_effective_at,
            }),
            sequence: agreement.sequence,
            payout_sequence: agreement.payout_sequence,
        }
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let none = || "none".to_owned();
        let next = self.proposed_payout.as_ref().map_or_else(none, |next| {
            format!("{} from {}", next.payout, moment(next.effective_at))
        });
        facts(
            f,
            &[
                ("Agreement", self.address.clone()),
                ("Pool", self.pool.clone()),
                ("Provider", self.provider.clone()),
                ("Status", self.status.to_owned()),
                ("Network", network_by_day(&self.network)),
                ("In force", in_force_by_day(&self.in_force)),
                (
                    "Limit per claim",
                    self.limit_per_claim.map_or_else(none, money),
                ),
                ("Limit per day", self.limit_per_day.map_or_else(none, money)),
                ("Payment", payment(self.netted).to_owned()),
                ("Awarded today", money(self.paid_today)),
                ("Owed to the pool", money(self.owed)),
                ("Paid to", self.payout.clone().unwrap_or_else(none)),
                ("Announced", next),
                ("Sequence", self.sequence.to_string()),
            ],
        )
    }
}

/// Where the provider has stood by the day of service, the last first.
fn standings(agreement: &Agreement) -> Vec<Standing> {
    first_days(&agreement.past.network)
        .map(|(from, day)| Standing {
            from,
            in_network: agreement.in_network_on(day),
        })
        .collect()
}

/// When it was in force by the day of service, the last first. Before the provider has accepted it, never.
fn spans(agreement: &Agreement) -> Vec<Span> {
    let mut to = None;
    let mut spans = Vec::new();
    for (from, day) in first_days(&agreement.past.force) {
        if agreement.in_force_on(day) {
            spans.push(Span { from, to });
        }
        to = from.map(|first| Day(first.0.minus_days(1)));
    }
    spans
}

/// The days since which something has held, the last first, each with a day on which it did; none and a day before all of them for
/// what held before that.
fn first_days(changes: &[u16]) -> impl Iterator<Item = (Option<Day>, i32)> + '_ {
    let days = changes.iter().take_while(|day| **day != 0);
    days.map(|day| i32::from(*day))
        .map(|day| (Date::from_days(day).map(Day), day))
        .chain([(None, i32::MIN)])
}

fn in_force_by_day(spans: &[Span]) -> String {
    let words = spans.iter().map(|span| match (span.from, span.to) {
        (None, None) => "always".to_owned(),
        (Some(from), None) => format!("from {}", from.0),
        (None, Some(to)) => format!("until {}", to.0),
        (Some(from), Some(to)) => format!("from {} to {}", from.0, to.0),
    });
    let words = words.collect::<Vec<_>>();
    if words.is_empty() {
        return "never".to_owned();
    }
    words.join(", ")
}

fn network_by_day(standings: &[Standing]) -> String {
    let spans = standings.iter().map(|span| match span.from {
        Some(day) => format!("{} from {}", network(span.in_network), day.0),
        None if standings.len() > 1 => format!("{} before", network(span.in_network)),
        None => network(span.in_network).to_owned(),
    });
    spans.collect::<Vec<_>>().join(", ")
}

/// As JSON, an array of agreements.
#[derive(Serialize)]
#[serde(transparent)]
pub struct List(pub Vec<View>);

impl fmt::Display for List {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("No agreements.");
        }
        let mut rows = table(
            &[
                "Agreement",
                "Pool",
                "Provider",
                "Status",
                "Network",
                "Per claim",
                "Per day",
                "Owed",
            ],
            &[5, 6, 7],
        );
        for view in &self.0 {
            let figure = |limit: Option<u64>| limit.map_or_else(|| "none".to_owned(), money);
            rows.add_row([
                view.address.clone(),
                view.pool.clone(),
                view.provider.clone(),
                view.status.to_owned(),
                network(view.in_network).to_owned(),
                figure(view.limit_per_claim),
                figure(view.limit_per_day),
                money(view.owed),
            ]);
        }
        write!(f, "{rows}")
    }
}

/// Terms as people read them, for differences.
pub fn terms(terms: &AgreementTerms) -> String {
    format!(
        "{}, {} per claim, {} per day, {}",
        network(terms.in_network),
        limit(terms.limit_per_claim),
        limit(terms.limit_per_day),
        payment(terms.netted)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_network_is_told_by_day() {
        let terms = AgreementTerms {
            in_network: false,
            limit_per_claim: 0,
            limit_per_day: 0,
            netted: false,
        };
        let key = Pubkey::default();
        let mut agreement = Agreement::new(255, key, key, terms);
        assert_eq!(network_by_day(&standings(&agreement)), "out of network");
        agreement.past.network[..2].copy_from_slice(&[20_454, 20_453]);
        assert_eq!(
            network_by_day(&standings(&agreement)),
            "out of network from 2026-01-01, in network from 2025-12-31, out of network before"
        );
    }

    #[test]
    fn days_in_force_are_told() {
        let terms = AgreementTerms {
            in_network: true,
            limit_per_claim: 0,
            limit_per_day: 0,
            netted: false,
        };
        let key = Pubkey::default();
        let mut agreement = Agreement::new(255, key, key, terms);
        let told = |agreement: &Agreement| in_force_by_day(&spans(agreement));
        assert_eq!(told(&agreement), "never");
        agreement.payout = Pubkey::new_from_array([1; 32]);
        agreement.status = AgreementStatus::Active;
        assert_eq!(told(&agreement), "always");
        agreement.past.force[..2].copy_from_slice(&[20_459, 20_455]);
        assert_eq!(told(&agreement), "from 2026-01-06, until 2026-01-01");
        agreement.status = AgreementStatus::Ended;
        agreement.past.force[..3].copy_from_slice(&[20_461, 20_459, 20_455]);
        assert_eq!(
            told(&agreement),
            "from 2026-01-06 to 2026-01-07, until 2026-01-01"
        );
    }

    #[test]
    fn limits_are_cents_or_none() {
        assert_eq!("none".parse(), Ok(Limit(NO_LIMIT)));
        assert_eq!("150000".parse(), Ok(Limit(150_000)));
        for refused in [
            "",
            "-1",
            "1.5",
            "18446744073709551615",
            "18446744073709551616",
            "unlimited",
        ] {
            assert!(refused.parse::<Limit>().is_err(), "{refused}");
        }
    }
}
