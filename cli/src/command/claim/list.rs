//! `galen claim list`

use std::cmp::Reverse;
use std::fmt;

use claims::state::{Claim, ClaimStatus, PlanVersion};
use galen_documents::Day;
use serde::Serialize;
use solana_pubkey::Pubkey;

use super::deadline::Deadlines;
use super::plans::PlanFlags;
use super::remark::Finder;
use super::view::{Status, View};
use crate::chain::entity::{self, offset, Read};
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
  galen claim list --provider CLINIC --output json
  galen claim list --pool POOL --late
  galen claim list --pool POOL --flagged

With --late: those that wait past the day by which they are to be decided, or past the last day on which payment carries no interest,
with the days since, and the interest that is due were they paid today. Days on which the clocks stand are not counted. The latest
stand first. `galen pool crank` does what anybody may do about them.

With --flagged: those that saw what has been taken back since, each member's or family's in the order of their turns, in which
`galen claim reprocess` is best called for them.")]
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
    /// Only those that wait past their day for a decision or for payment
    #[arg(long)]
    late: bool,
    /// Only those that are to be adjudicated anew
    #[arg(long)]
    flagged: bool,
    #[command(flatten)]
    plans: PlanFlags,
}

/// As JSON: `{"claims": [{...}]}`, each claim as `galen claim show` has it; with --late each with `"deadlines": {"pay_by": "2026-03-31",
/// "days_past_pay_by": 2, "decide_by": null, "days_past_decide_by": 0, "interest_so_far": 12, "clocks_stand_since": null}`.
#[derive(Serialize)]
struct Report {
    claims: Vec<Row>,
    #[serde(skip)]
    late: bool,
    #[serde(skip)]
    flagged: bool,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    claim: View,
    /// Where its turn was counted, with --flagged.
    #[serde(skip)]
    counted_in: Option<Pubkey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deadlines: Option<Deadlines>,
}

/// Runs the command.
///
/// # Errors
/// `cluster_unreachable`, `not_found`, `code_key_missing`, and those of the plans' reader.
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
    let mut codes = args.plans.read(settings)?;
    let mut versions: Read<PlanVersion> = Read::new();
    let today = match args.late {
        true => Some(cluster.today()?),
        false => None,
    };
    let mut found = entity::list::<Claim>(&cluster, &filters)?;
    found.retain(|(_, claim)| args.is_meant(claim));
    finder.turns.prepare(found.iter().map(|(_, claim)| claim))?;
    for (address, claim) in found {
        let deadlines = match today.filter(|_| waits(&claim)) {
            Some(today) => {
                let version = versions.get(&cluster, claim.plan_version)?;
                Deadlines::of(&claim, &version.clocks, today)?.filter(Deadlines::is_late)
            }
            None => None,
        };
        if today.is_some() && deadlines.is_none()
            || args.flagged && !finder.turns.is_flagged(&claim)?
        {
            continue;
        }
        let counted_in = match args.flagged {
            true => Some(finder.turns.counted_in(&claim)?),
            false => None,
        };
        claims.push(Row {
            claim: View::read(&mut finder, address, &claim, codes.of(&cluster, &claim)?)?,
            counted_in,
            deadlines,
        });
    }
    let days_late = |row: &Row| row.deadlines.as_ref().map(Deadlines::days_late);
    let turn = |row: &Row| row.counted_in.map(|account| (account, row.claim.turn));
    claims.sort_by_key(|row| (Reverse(days_late(row)), turn(row), row.claim.received_at));
    Answer::new(&Report {
        claims,
        late: args.late,
        flagged: args.flagged,
    })
}

impl Args {
    fn is_meant(&self, claim: &Claim) -> bool {
        self.status
            .is_none_or(|status| status == Status::from(claim.status))
    }
}

/// Whether it waits for somebody: only then has it a plan version's clocks.
fn waits(claim: &Claim) -> bool {
    matches!(claim.status, ClaimStatus::Pended | ClaimStatus::Payable)
}

impl Report {
    /// With how late each is in place of its lines.
    fn write_late(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.claims.is_empty() {
            return f.write_str("No claim is late.");
        }
        let header = [
            "Claim",
            "Status",
            "Decide by",
            "Pay by",
            "Days late",
            "Award",
            "Interest so far",
        ];
        let mut rows = table(&header, &[4, 5, 6]);
        let day = |day: Option<Day>| day.map_or_else(String::new, |day| day.0.to_string());
        for Row {
            claim, deadlines, ..
        } in &self.claims
        {
            let Some(late) = deadlines else { continue };
            rows.add_row([
                claim.address.clone(),
                claim.status_in_words(),
                day(late.decide_by),
                day(late.pay_by),
                late.days_late().to_string(),
                money(claim.totals.paid.0.get()),
                late.interest_so_far.map_or_else(
                    || "not known yet".to_owned(),
                    |so_far| money(so_far.0.get()),
                ),
            ]);
        }
        write!(f, "{rows}")
    }

    /// With the turn of each in place of its lines.
    fn write_flagged(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.claims.is_empty() {
            return f.write_str("No claim is flagged.");
        }
        let header = ["Claim", "Member", "Turn", "Status", "Plan pays"];
        let mut rows = table(&header, &[2, 4]);
        for Row { claim, .. } in &self.claims {
            rows.add_row([
                claim.address.clone(),
                claim.member.clone().unwrap_or_default(),
                claim.turn.map_or_else(String::new, |turn| turn.to_string()),
                claim.status_in_words(),
                money(claim.totals.paid.0.get()),
            ]);
        }
        write!(f, "{rows}")
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.late {
            return self.write_late(f);
        }
        if self.flagged {
            return self.write_flagged(f);
        }
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
        for Row { claim, .. } in &self.claims {
            rows.add_row([
                claim.address.clone(),
                claim.service_date.0.to_string(),
                claim.status_in_words(),
                claim.lines.len().to_string(),
                money(claim.totals.charge.0.get()),
                money(claim.totals.paid.0.get()),
                money(claim.totals.patient.0.get()),
            ]);
        }
        write!(f, "{rows}")
    }
}
