//! Members as they are printed.

use std::fmt;

use claims::state::{Member, NetworkAccumulators, PeriodAccumulators};
use galen_documents::member::Used;
use galen_documents::{Day, Money, Span};
use galen_rules::{Cents, Date};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::people::day;
use crate::chain::text::{facts, hex, some_key};
use crate::error::Result;
use crate::output::money;
use crate::store::{Store, Subject};

/// A member's account.
#[derive(Debug, Serialize)]
pub struct View {
    /// The account.
    pub address: String,
    /// What the insurer knows the member by, where this store has the salt.
    pub identifier: Option<String>,
    /// The commitment that stands on the ledger.
    pub commitment: String,
    /// The plan.
    pub plan: String,
    /// The member's own key, if there is one.
    pub authority: Option<String>,
    /// First covered day.
    pub covered_from: Day,
    /// Last covered day.
    pub covered_to: Day,
    /// The days on which another payer comes first; null: on none.
    pub other_payer_first: Option<Span>,
    /// Tickets with a lower number are void.
    pub ticket_floor: u64,
    /// What has been used in the benefit periods that are kept, the latest last.
    pub periods: Vec<Period>,
    /// What the plan has ever paid.
    pub lifetime_used: Money,
}

/// What has been used in one benefit period. Cents.
#[derive(Debug, Serialize)]
pub struct Period {
    /// The calendar year.
    pub year: u32,
    /// Deductible met in the network.
    pub deductible_used: Used,
    /// Cost share paid in the network.
    pub out_of_pocket_used: Used,
    /// Paid by the plan.
    pub annual_used: Money,
    /// Gone through the coinsurance tiers.
    pub tier_used: Money,
    /// Deductible met outside the network.
    pub out_of_network_deductible_used: Used,
    /// Cost share paid outside the network.
    pub out_of_network_out_of_pocket_used: Used,
}

impl View {
    /// A member as printed; the store tells who it is, where it knows.
    ///
    /// # Errors
    /// `wrong_account`, `store_damaged`.
    pub fn of(store: &Store, address: Pubkey, member: &Member) -> Result<Self> {
        let mut periods: Vec<Period> = member
            .periods
            .iter()
            .filter(|period| period.year != 0)
            .map(Period::of)
            .collect();
        periods.sort_by_key(|period| period.year);
        Ok(Self {
            address: address.to_string(),
            identifier: store.identifier(Subject::Member, &member.commitment)?,
            commitment: hex(&member.commitment),
            plan: member.plan.to_string(),
            authority: some_key(member.authority).map(|key| key.to_string()),
            covered_from: day(member.covered_from)?,
            covered_to: day(member.covered_to)?,
            other_payer_first: other_payer_first(member)?,
            ticket_floor: member.ticket_floor,
            periods,
            lifetime_used: cents(member.lifetime.used),
        })
    }
}

fn other_payer_first(member: &Member) -> Result<Option<Span>> {
    let Some(days) = member.other_coverage() else {
        return Ok(None);
    };
    Ok(Some(Span {
        from: Some(day(days.from)?),
        // Without an end, the last day of the calendar stands there.
        to: Some(day(days.to)?).filter(|to| to.0 != Date::MAX),
    }))
}

impl Period {
    fn of(period: &PeriodAccumulators) -> Self {
        Self {
            year: period.year,
            deductible_used: deductible(&period.in_network),
            out_of_pocket_used: out_of_pocket(&period.in_network),
            annual_used: cents(period.annual_used),
            tier_used: cents(period.tier_used),
            out_of_network_deductible_used: deductible(&period.out_of_network),
            out_of_network_out_of_pocket_used: out_of_pocket(&period.out_of_network),
        }
    }
}

fn cents(amount: u64) -> Money {
    Money(Cents::new(amount))
}

fn deductible(used: &NetworkAccumulators) -> Used {
    Used {
        individual: cents(used.deductible_individual),
        family: cents(used.deductible_family),
    }
}

fn out_of_pocket(used: &NetworkAccumulators) -> Used {
    Used {
        individual: cents(used.out_of_pocket_individual),
        family: cents(used.out_of_pocket_family),
    }
}

impl fmt::Display for View {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let amount = |money_: Money| money(money_.0.get());
        let mut lines = vec![
            ("Member", self.address.clone()),
            (
                "Identifier",
                self.identifier
                    .clone()
                    .unwrap_or_else(|| "not known to this store".to_owned()),
            ),
            ("Plan", self.plan.clone()),
            (
                "Covered",
                format!("{} to {}", self.covered_from.0, self.covered_to.0),
            ),
            (
                "Own key",
                self.authority
                    .clone()
                    .unwrap_or_else(|| "none: claims need a ticket".to_owned()),
            ),
            ("Tickets void below", self.ticket_floor.to_string()),
        ];
        if let Some(Span { from, to }) = self.other_payer_first {
            let day = |day: Option<Day>, none: &str| {
                day.map_or_else(|| none.to_owned(), |day| day.0.to_string())
            };
            let days = format!("{} to {}", day(from, "ever"), day(to, "no end"));
            lines.push(("Another payer first", days));
        }
        let years: Vec<String> = self
            .periods
            .iter()
            .map(|period| {
                format!(
                    "{}: deductible {}, out of pocket {}, paid by the plan {}",
                    period.year,
                    amount(period.deductible_used.individual),
                    amount(period.out_of_pocket_used.individual),
                    amount(period.annual_used)
                )
            })
            .collect();
        lines.push((
            "Used",
            if years.is_empty() {
                "nothing".to_owned()
            } else {
                years.join("; ")
            },
        ));
        facts(f, &lines)
    }
}
