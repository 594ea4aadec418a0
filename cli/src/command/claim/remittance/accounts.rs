//! From accounts of the ledger to the claims of a remittance.

use std::collections::btree_map::{BTreeMap, Entry};

use claims::state::{Claim, ClaimFactKind, ClaimLine, PlanVersion};
use galen_rules::{Cents, Date, Group, Remark};
use galen_x12::remittance::{
    Adjustment, ClaimPayment, Processed, ProviderAdjustment, ProviderReason, ServicePayment,
};
use solana_pubkey::Pubkey;

use super::day_of;
use super::documents::{Named, Names};
use super::payment::{Payment, Settled};
use crate::chain::text::hex;
use crate::chain::{codes, entity, people};
use crate::cluster::Cluster;
use crate::command::claim::remark::Remarks;
use crate::command::claim::{submission, view};
use crate::error::{CliError, Result};
use crate::store::{CodeKey, Store, Subject};

/// What the ledger and the local store say about the claims of a payment.
pub struct Ledger<'a> {
    /// The local store.
    pub store: &'a Store,
    /// ISO 4217.
    pub currency: String,
    /// The code key of each plan version that a claim was adjudicated by, where this store has it.
    pub keys: BTreeMap<Pubkey, CodeKey>,
    /// What the insurer knows each member by, where this store does.
    members: BTreeMap<Pubkey, Option<String>>,
    /// What decided the claims of each member under each plan version.
    remarks: BTreeMap<(Pubkey, Pubkey), Remarks>,
}

impl<'a> Ledger<'a> {
    /// Reads it.
    ///
    /// # Errors
    /// `not_found`, `member_unknown`, `several_currencies`, `cluster_unreachable`.
    pub fn of(cluster: &Cluster, store: &'a Store, payment: &Payment) -> Result<Self> {
        let mut ledger = Self {
            store,
            currency: String::new(),
            keys: BTreeMap::new(),
            members: BTreeMap::new(),
            remarks: BTreeMap::new(),
        };
        let mut versions = BTreeMap::<Pubkey, String>::new();
        for Settled { claim, .. } in &payment.claims {
            if let Entry::Vacant(vacant) = versions.entry(claim.plan_version) {
                let version: PlanVersion = entity::get(cluster, vacant.key())?;
                let (schedule, _) = submission::schedule(cluster, &version.schedule)?;
                if let Some(key) = codes::known_key_of(store, &claim.pool, schedule.number)? {
                    ledger.keys.insert(*vacant.key(), key);
                }
                vacant.insert(String::from_utf8_lossy(&version.terms.currency).into_owned());
            }
            let decided = ledger.remarks.entry((claim.plan_version, claim.member));
            if let Entry::Vacant(vacant) = decided {
                vacant.insert(Remarks::read(cluster, claim)?);
            }
            if let Entry::Vacant(vacant) = ledger.members.entry(claim.member) {
                let member = people::member(cluster, vacant.key())?;
                vacant.insert(store.identifier(Subject::Member, &member.commitment)?);
            }
        }
        let mut currencies = versions.into_values();
        ledger.currency = currencies.next().unwrap_or_default();
        if currencies.any(|other| other != ledger.currency) {
            return Err(CliError::new(
                "several_currencies",
                "The plans of the claims have several currencies; a remittance has one.",
            ));
        }
        Ok(ledger)
    }

    /// The claims as a remittance has them; those of which only the interest was paid, or a part, are not among them.
    ///
    /// # Errors
    /// `code_unknown`, `ambiguous_document`, `reason_unknown`.
    pub fn claims(&self, payment: &Payment, names: &Names) -> Result<Vec<ClaimPayment>> {
        let settled = payment
            .claims
            .iter()
            .filter(|settled| !settled.interest_only && !settled.in_part);
        settled.map(|settled| self.claim(settled, names)).collect()
    }

    fn claim(&self, settled: &Settled, names: &Names) -> Result<ClaimPayment> {
        let claim = &settled.claim;
        let document = names.document(self, &settled.address, claim)?;
        // Also where the payer before paid nothing and wrote nothing off: all of it may have gone to that one's deductible.
        let is_secondary = !claim.other_payers.entries().is_empty();
        let lines = claim.lines.iter().enumerate().map(|(index, line)| {
            let named = match document {
                Some(document) => document.line(index),
                None => names.line(claim, line),
            };
            let named = named.ok_or_else(|| code_unknown(&settled.address, index))?;
            let decided = self.remarks.get(&(claim.plan_version, claim.member));
            let remark = decided.and_then(|decided| decided.of(claim, index));
            service(line, named, last_day(claim, index)?, remark)
        });
        let known = self.members.get(&claim.member).cloned().flatten();
        Ok(ClaimPayment {
            control_number: document.and_then(|document| document.control_number.clone()),
            processed: match (settled.reversed, is_secondary) {
                (true, _) => Processed::Reversal,
                (false, true) => Processed::Secondary,
                (false, false) => Processed::Primary,
            },
            filing_indicator: document.and_then(|document| document.filing_indicator.clone()),
            payer_number: hex(&claim.claim_id),
            facility: document.and_then(|document| document.facility.clone()),
            member: known.or_else(|| document.and_then(|document| document.member.clone())),
            received: Some(day_of(claim.received_at)?),
            interest: Cents::new(settled.interest),
            lines: lines.collect::<Result<_>>()?,
        })
    }
}

fn code_unknown(claim: &Pubkey, index: usize) -> CliError {
    let message = format!(
        "Nothing here names the code and the modifiers of line {} of the claim {claim}: the ledger has only their keys. Give its document with --document, or, for codes without modifiers, the plan with --plan; the store needs the code key of its schedule.",
        index.saturating_add(1)
    );
    CliError::new("code_unknown", message)
}

/// The last day of a service that took several.
fn last_day(claim: &Claim, index: usize) -> Result<Option<Date>> {
    let facts = claim.facts.entries().iter();
    facts
        .filter(|fact| fact.kind == ClaimFactKind::Until && fact.is_about(index))
        .map(|fact| people::day(fact.day).map(|day| day.0))
        .next()
        .transpose()
}

fn service(
    line: &ClaimLine,
    named: Named,
    last: Option<Date>,
    remark: Option<Remark>,
) -> Result<ServicePayment> {
    let adjustments = view::adjustments(line).into_iter().map(|entry| {
        let group = Group::ALL
            .into_iter()
            .find(|group| group.as_str() == entry.group);
        group
            .map(|group| Adjustment {
                group,
                reason: entry.reason,
                amount: entry.amount.0,
            })
            .ok_or_else(|| {
                CliError::new(
                    "reason_unknown",
                    format!("The group {} is none of the 835.", entry.group),
                )
            })
    });
    Ok(ServicePayment {
        code: named.code,
        modifiers: named.modifiers,
        charge: Cents::new(line.charge),
        paid: Cents::new(line.paid),
        allowed: Cents::new(line.allowed),
        units: line.units,
        denied: line.is_denied(),
        service_date: people::day(line.service_date)?.0,
        service_to: last,
        control_number: named.control_number,
        adjustments: adjustments.collect::<Result<_>>()?,
        remarks: remark.iter().map(ToString::to_string).collect(),
    })
}

/// What changes the payment beside the claims: interest, what is kept back, what is taken back without being kept back yet, parts
/// of an award before the claim itself is in a remittance, and those parts again where it is.
///
/// # Errors
/// `money_too_large`.
pub fn provider_adjustments(payment: &Payment) -> Result<Vec<ProviderAdjustment>> {
    let mut found = Vec::new();
    for settled in &payment.claims {
        let taken_back = if settled.reversed {
            settled.claim.totals.paid
        } else {
            0
        };
        let part = if settled.in_part { settled.moved } else { 0 };
        for (reason, cents, raises) in [
            (ProviderReason::Advance, part, true),
            (ProviderReason::Advance, settled.moved_before(), false),
            (ProviderReason::Interest, settled.interest, true),
            (ProviderReason::Recovery, taken_back, true),
            (
                ProviderReason::Recovery,
                if settled.interest_only {
                    0
                } else {
                    settled.offset
                },
                false,
            ),
        ] {
            if cents == 0 {
                continue;
            }
            let amount = i64::try_from(cents).map_err(|_| {
                CliError::new(
                    "money_too_large",
                    "The amounts add up to more than Galen counts.",
                )
            })?;
            found.push(ProviderAdjustment {
                reason,
                reference: hex(&settled.claim.claim_id),
                amount: if raises { -amount } else { amount },
            });
        }
    }
    Ok(found)
}
