//! `galen claim appeal list`

use std::collections::BTreeMap;
use std::fmt;

use anchor_lang::AccountDeserialize;
use claims::state::{Appeal, AppealStatus, Claim, Pool};
use galen_documents::Day;
use galen_rules::Date;
use registry::state::{Operator, Permission};
use serde::Serialize;
use solana_pubkey::Pubkey;

use crate::chain::entity::{self, offset, Read};
use crate::chain::organization;
use crate::chain::people::day;
use crate::chain::text::some_key;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{table, Answer};

/// Flags of `galen claim appeal list`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen claim appeal list --insurer INSURER --open
  galen claim appeal list --pool POOL --late
  galen claim appeal list --provider CLINIC --output json
  galen claim appeal list --reviewer BOARD --open

Those that wait stand first, the latest before all others, with the days that are left and with who may decide: keys of the
organization that have the permission decide-claim and have not decided before. Where there is none, `galen operator add` makes one.
What is late can still be given in to; `galen claim appeal lapse`, or `galen pool crank`, ends it. Of a claim that was archived nobody
can tell any more whose it was: by --provider and --member its appeals are not found.")]
pub struct Args {
    /// Only about claims of this pool
    #[arg(long, value_name = "ADDRESS", conflicts_with = "insurer")]
    pool: Option<Pubkey>,
    /// Only about claims of this insurer's pools, by its organization's address or id
    #[arg(long, value_name = "ORG")]
    insurer: Option<Pubkey>,
    /// Only those that this organization outside the insurer decides, by its address or id
    #[arg(long, value_name = "ORG")]
    reviewer: Option<Pubkey>,
    /// Only about claims of this provider, by its organization's address or id
    #[arg(long, value_name = "ORG")]
    provider: Option<Pubkey>,
    /// Only about claims of this member's account
    #[arg(long, value_name = "ADDRESS")]
    member: Option<Pubkey>,
    /// Only those that wait for their decision
    #[arg(long)]
    open: bool,
    /// Only those that wait past their last day
    #[arg(long)]
    late: bool,
}

/// How an appeal stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Waits for its decision, in time.
    Open,
    /// Waits past its last day, and can be ended by anybody.
    Late,
    /// The decision stayed as it was.
    Upheld,
    /// Another claim stands in the claim's place.
    Overturned,
    /// It was ended undecided: the level counts as exhausted.
    Lapsed,
}

impl State {
    fn of(appeal: &Appeal, today: Date) -> Self {
        match appeal.status {
            AppealStatus::Open if today.days() > appeal.due_on => Self::Late,
            AppealStatus::Open => Self::Open,
            AppealStatus::Upheld => Self::Upheld,
            AppealStatus::Overturned => Self::Overturned,
            AppealStatus::Lapsed => Self::Lapsed,
        }
    }

    fn waits(self) -> bool {
        matches!(self, Self::Open | Self::Late)
    }
}

/// As JSON: `{"appeals": [{"address": "...", "claim": "...", "pool": "...", "provider": "...", "member": "...", "number": 1, "by":
/// "member" | "provider", "level": 1, "review": false, "state": "open" | "late" | "upheld" | "overturned" | "lapsed", "filed_on":
/// "2026-03-01", "decide_by": "2026-03-31", "days_left": 12, "days_late": 0, "closed_on": null, "organization": "...", "deciders":
/// ["..."], "decider": null, "replacement": null}]}`.
#[derive(Debug, Serialize)]
struct Report {
    appeals: Vec<Row>,
}

#[derive(Debug, Serialize)]
struct Row {
    /// The appeal's account.
    address: String,
    /// The claim's account.
    claim: String,
    /// The pool that pays.
    pool: String,
    /// The claim's provider; null where the claim was archived.
    provider: Option<String>,
    /// The claim's member; null where the claim was archived.
    member: Option<String>,
    /// Number among the appeals about the claim and those that it replaces, from 1.
    number: u8,
    /// Who asks: `member` or `provider`.
    by: &'static str,
    /// Which of the levels of who asks, from 1; null where the claim was archived, and for a review outside the insurer.
    level: Option<u8>,
    /// Whether it is decided outside the insurer.
    review: bool,
    /// How it stands today.
    state: State,
    /// When it was filed.
    filed_on: Day,
    /// The last day on which it is decided in time.
    decide_by: Day,
    /// Days that are left, today not counted; null where it does not wait, or is late.
    days_left: Option<u32>,
    /// Days since the last one; 0 where it is not late.
    days_late: u32,
    /// When it was decided, or ended undecided; null while it waits.
    closed_on: Option<Day>,
    /// The organization that decides: the insurer, or the reviewer whom the plan names.
    organization: String,
    /// Who of it may decide now; empty where it does not wait.
    deciders: Vec<String>,
    /// The key that decided; null for none.
    decider: Option<String>,
    /// The account of the claim that stands in the claim's place by this appeal; null for none.
    replacement: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cluster_unreachable`, `wrong_account`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let named = |key: Option<Pubkey>| -> Result<Option<Pubkey>> {
        let found = key.map(|key| organization::resolve(&cluster, &key));
        Ok(found.transpose()?.map(|(address, _)| address))
    };
    let (insurer, reviewer) = (named(args.insurer)?, named(args.reviewer)?);
    let provider = named(args.provider)?;
    let in_pool: Vec<(usize, Pubkey)> = args
        .pool
        .map(|pool| (offset::APPEAL_POOL, pool))
        .into_iter()
        .collect();
    let appeals = entity::list::<Appeal>(&cluster, &in_pool)?;
    let claims = claims_of(&cluster, &appeals)?;
    let mut desks = Desks {
        cluster: &cluster,
        now: cluster.unix_time()?,
        pools: Read::new(),
        staff: BTreeMap::new(),
    };
    let today = cluster.today()?;
    let mut rows = Vec::new();
    for (address, appeal) in &appeals {
        let claim = claims.get(&appeal.claim);
        let state = State::of(appeal, today);
        let of_insurer = match insurer {
            None => true,
            Some(insurer) => desks.pools.get(&cluster, appeal.pool)?.insurer == insurer,
        };
        let is_meant = of_insurer
            && reviewer.is_none_or(|reviewer| appeal.reviewer == reviewer)
            && provider.is_none_or(|key| claim.is_some_and(|claim| claim.provider == key))
            && (args.member).is_none_or(|key| claim.is_some_and(|claim| claim.member == key))
            && (!args.open || state.waits())
            && (!args.late || state == State::Late);
        if is_meant {
            let level = claim.and_then(|claim| level_of(appeal, claim, &appeals));
            rows.push((
                appeal.due_on,
                desks.row(*address, appeal, claim, level, today)?,
            ));
        }
    }
    rows.sort_by_key(|(due_on, row)| (!row.state.waits(), *due_on));
    let appeals = rows.into_iter().map(|(_, row)| row).collect();
    Answer::new(&Report { appeals })
}

/// The claims that appeals are about; none where one was archived.
fn claims_of(cluster: &Cluster, appeals: &[(Pubkey, Appeal)]) -> Result<BTreeMap<Pubkey, Claim>> {
    let mut addresses: Vec<Pubkey> = appeals.iter().map(|(_, appeal)| appeal.claim).collect();
    addresses.sort_unstable();
    addresses.dedup();
    let accounts = cluster.accounts(&addresses)?;
    let claims = addresses.into_iter().zip(accounts);
    Ok(claims
        .filter_map(|(address, account)| {
            let account = account.filter(|account| account.owner == claims::ID)?;
            let claim = Claim::try_deserialize(&mut account.data.as_slice()).ok()?;
            Some((address, claim))
        })
        .collect())
}

/// Which of the levels inside the insurer it is, of who asks: the claim counts what was filed about those that it replaces too, and
/// `all` has what was filed about itself.
fn level_of(appeal: &Appeal, claim: &Claim, all: &[(Pubkey, Appeal)]) -> Option<u8> {
    if appeal.is_review() {
        return None;
    }
    let later = all.iter().filter(|(_, other)| {
        other.claim == appeal.claim
            && other.by_member == appeal.by_member
            && other.level > appeal.level
    });
    let later = u8::try_from(later.count()).ok()?;
    claim.course.appeals_of(appeal.by_member).checked_sub(later)
}

/// Who decides, read once for each organisation.
struct Desks<'a> {
    cluster: &'a Cluster,
    now: i64,
    pools: Read<Pool>,
    staff: BTreeMap<Pubkey, Vec<Operator>>,
}

impl Desks<'_> {
    fn row(
        &mut self,
        address: Pubkey,
        appeal: &Appeal,
        claim: Option<&Claim>,
        level: Option<u8>,
        today: Date,
    ) -> Result<Row> {
        let state = State::of(appeal, today);
        let organization = match some_key(appeal.reviewer) {
            Some(reviewer) => reviewer,
            None => self.pools.get(self.cluster, appeal.pool)?.insurer,
        };
        let deciders = match claim.filter(|_| state.waits()) {
            Some(claim) => self.deciders(organization, claim)?,
            None => Vec::new(),
        };
        let left = i64::from(appeal.due_on).saturating_sub(today.days().into());
        let replacement = claim.filter(|_| state == State::Overturned).map(|claim| {
            let id = claim.course.replaced_by;
            Claim::find_address(&claim.pool, &claim.provider, &id).0
        });
        Ok(Row {
            address: address.to_string(),
            claim: appeal.claim.to_string(),
            pool: appeal.pool.to_string(),
            provider: claim.map(|claim| claim.provider.to_string()),
            member: claim.map(|claim| claim.member.to_string()),
            number: appeal.level,
            by: match appeal.by_member {
                true => "member",
                false => "provider",
            },
            level,
            review: appeal.is_review(),
            state,
            filed_on: day(appeal.filed_on)?,
            decide_by: day(appeal.due_on)?,
            days_left: u32::try_from(left).ok().filter(|_| state == State::Open),
            days_late: match state {
                State::Late => u32::try_from(left.unsigned_abs()).unwrap_or(u32::MAX),
                _ => 0,
            },
            closed_on: Some(appeal.closed_on)
                .filter(|date| *date != 0)
                .map(day)
                .transpose()?,
            organization: organization.to_string(),
            deciders,
            decider: some_key(appeal.decider).map(|key| key.to_string()),
            replacement: replacement.map(|key| key.to_string()),
        })
    }

    /// The keys that may decide about an appeal against the decision about a claim, as the program asks it.
    fn deciders(&mut self, organization: Pubkey, claim: &Claim) -> Result<Vec<String>> {
        if !self.staff.contains_key(&organization) {
            let of = [(offset::OPERATOR_ORGANIZATION, organization)];
            let staff = entity::list::<Operator>(self.cluster, &of)?.into_iter();
            let staff = staff.map(|(_, operator)| operator).filter(|operator| {
                let decides = Permission::DecideClaim;
                operator
                    .authorize(&organization, &operator.key, decides, self.now)
                    .is_ok()
            });
            self.staff.insert(organization, staff.collect());
        }
        let staff = self.staff.get(&organization).into_iter().flatten();
        Ok(staff
            .filter(|operator| !claim.course.was_decided_by(&operator.key))
            .map(|operator| operator.key.to_string())
            .collect())
    }
}

impl Row {
    /// How it stands, in words.
    fn standing(&self) -> String {
        let state = match self.state {
            State::Open => match self.days_left {
                Some(0) => "open, due today".to_owned(),
                Some(1) => "open, due tomorrow".to_owned(),
                left => format!("open, due in {} days", left.unwrap_or_default()),
            },
            State::Late if self.days_late == 1 => "late by a day".to_owned(),
            State::Late => format!("late by {} days", self.days_late),
            State::Upheld => "upheld".to_owned(),
            State::Overturned => "overturned".to_owned(),
            State::Lapsed => "lapsed".to_owned(),
        };
        match &self.closed_on {
            Some(date) => format!("{state} on {}", date.0),
            None => state,
        }
    }

    fn level(&self) -> String {
        match (self.review, self.level) {
            (true, _) => "review".to_owned(),
            (false, Some(level)) => level.to_string(),
            (false, None) => String::new(),
        }
    }

    fn who(&self) -> String {
        match (self.state.waits(), self.deciders.as_slice()) {
            (false, _) => self.decider.clone().unwrap_or_default(),
            (true, []) => format!("nobody of {} who has not decided before", self.organization),
            (true, keys) => keys.join("\n"),
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.appeals.is_empty() {
            return f.write_str("There is no such appeal.");
        }
        let header = [
            "Claim",
            "By",
            "Level",
            "Filed",
            "Decide by",
            "State",
            "Who may decide, or did",
        ];
        let mut rows = table(&header, &[]);
        for row in &self.appeals {
            rows.add_row([
                row.claim.clone(),
                row.by.to_owned(),
                row.level(),
                row.filed_on.0.to_string(),
                row.decide_by.0.to_string(),
                row.standing(),
                row.who(),
            ]);
        }
        write!(f, "{rows}")
    }
}

#[cfg(test)]
mod tests {
    use claims::convert;
    use claims::state::{Filing, Opening};
    use registry::state::Pause;

    use super::*;

    fn key(byte: u8) -> Pubkey {
        Pubkey::new_from_array([byte; 32])
    }

    fn appeal(level: u8, by_member: bool, reviewer: Pubkey) -> Appeal {
        let filing = Filing {
            bump: 255,
            level,
            by_member,
            claim: key(1),
            pool: key(2),
            appellant: key(3),
            payer: key(3),
            grounds: [4; 32],
            today: 20_000,
            decision_days: 30,
            reviewer,
        };
        Appeal::file(filing).expect("filed")
    }

    fn claim() -> Claim {
        let opening = Opening {
            bump: 255,
            pool: key(2),
            provider: key(5),
            claim_id: [6; 16],
            document: [7; 32],
            opener: key(5),
            service_date: 20_000,
            line_count: 1,
        };
        Claim::open(opening).expect("opened")
    }

    fn on(days: i32) -> Date {
        Date::from_days(days).expect("a day")
    }

    #[test]
    fn an_appeal_is_late_the_day_after_its_last_one_just_as_the_program_says() {
        let open = appeal(1, true, Pubkey::default());
        for today in 20_000..20_040 {
            let state = State::of(&open, on(today));
            let noon = convert::noon_of(today);
            let can_lapse = open.clone().lapse(&Pause::default(), noon).is_ok();
            assert_eq!(state == State::Late, can_lapse, "{today}");
            assert!(state.waits());
        }
        let mut upheld = open.clone();
        upheld.uphold(key(9), [1; 32], 20_030).expect("upheld");
        let mut overturned = open.clone();
        overturned
            .overturn(key(9), [1; 32], 20_035)
            .expect("overturned");
        let mut lapsed = open;
        lapsed
            .lapse(&Pause::default(), convert::noon_of(20_031))
            .expect("lapsed");
        let states = [upheld, overturned, lapsed].map(|appeal| State::of(&appeal, on(20_050)));
        assert_eq!(states, [State::Upheld, State::Overturned, State::Lapsed]);
        assert!(!states.iter().any(|state| state.waits()));
    }

    #[test]
    fn levels_of_each_are_counted_apart_and_on_from_the_claim_that_was_replaced() {
        let own = Pubkey::default();
        let mut claim = claim();
        let mut all = Vec::new();
        // The claim that it replaces had one of the member's.
        claim.course.count_appeal(true).expect("counted");
        for (by_member, reviewer) in [(false, own), (true, own), (false, own), (false, key(8))] {
            claim.course.count_appeal(by_member).expect("counted");
            let number = claim.course.appeals_filed();
            all.push((key(number), appeal(number, by_member, reviewer)));
        }
        // One about another claim says nothing of this one.
        let mut other = appeal(9, true, own);
        other.claim = key(7);
        all.push((key(9), other));
        let levels = all.iter().take(4);
        let levels: Vec<Option<u8>> = levels
            .map(|(_, appeal)| level_of(appeal, &claim, &all))
            .collect();
        assert_eq!(levels, [Some(1), Some(2), Some(2), None]);
    }
}
