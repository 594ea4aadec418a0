//! `galen member enrol`

mod table;

use std::path::{Path, PathBuf};

use claims::instructions::EnrolMemberArgs;
use claims::state::{History, Member, OpeningAccumulators, Plan};
use claims::{accounts, instruction};
use galen_documents::{member, Money};
use galen_rules::Date;
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::bulk::FileFlags;
use super::change::Desk;
use super::opening::{Categories, Named};
use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::people::{self, PeopleFlags};
use crate::chain::session::Session;
use crate::cluster::Cluster;
use crate::command::trial::rows;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::send::foreseen_by_claims;
use crate::store::Subject;

/// Flags of `galen member enrol`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member enrol --pool POOL --plan PLAN --id M-4711 --from 2026-01-01 --to 2026-12-31
  galen member enrol --pool POOL --plan PLAN --id M-4711 --from 2026-01-01 --authority MEMBERS_KEY
  galen member enrol --pool POOL --plan PLAN --id M-4711 --from 2026-07-01 --opening member.json
  galen member enrol --pool POOL --plan PLAN --from 2027-01-01 --file members.csv --dry-run
  galen member enrol --pool POOL --plan PLAN --from 2027-01-01 --file members.csv --yes --report report.csv

The identifier stays in the local store together with its salt; on the ledger stands a commitment to both. Running it
again is fine.

MEMBERS.csv has the columns id and, where they differ from the flags or from nothing, from, to, authority, plan and opening, which is
a MEMBER.json seen from the table's folder. Everything that is wrong with it is said at once, each with its line and column, and
nothing is sent before. Should it be killed, run it again with the same store: who is enrolled is found there. The exit code is 1
while something is wrong or was refused.")]
pub struct Args {
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    /// The plan; of a table, for rows that name none
    #[arg(long, value_name = "ADDRESS", required_unless_present = "file")]
    plan: Option<Pubkey>,
    /// The member's identifier at the insurer
    #[arg(
        long,
        value_name = "IDENTIFIER",
        value_parser = rows::identifier,
        required_unless_present = "file",
        conflicts_with = "file"
    )]
    id: Option<String>,
    /// First day of coverage; of a table, for rows that name none
    #[arg(long, value_name = "DATE", required_unless_present = "file")]
    from: Option<Date>,
    /// Last day of coverage; of a table, for rows that name none [default: without end]
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// The member's own key; without it, claims need an eligibility ticket
    #[arg(long, value_name = "KEY", conflicts_with = "file")]
    authority: Option<Pubkey>,
    /// What the member had used up in the calendar year of the first day, before it, as MEMBER.json
    #[arg(long, value_name = "MEMBER", conflicts_with = "file")]
    opening: Option<PathBuf>,
    #[command(flatten)]
    many: FileFlags,
    #[command(flatten)]
    people: PeopleFlags,
}

/// A member to be.
#[derive(Debug, Clone)]
struct Wanted {
    id: String,
    plan: Pubkey,
    authority: Pubkey,
    from: Date,
    to: Option<Date>,
    opening: Option<OpeningAccumulators>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_differs`, `opening_unsupported`, and the program's refusals. What single rows of a table are refused for
/// stands in the answer.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    match (&args.many.file, &args.id, args.plan, args.from) {
        (Some(path), ..) => table::run(args, path, settings),
        (None, Some(id), Some(plan), Some(from)) => {
            let who = Wanted {
                id: id.clone(),
                plan,
                authority: Pubkey::default(),
                from,
                to: None,
                opening: None,
            };
            one(args, who, settings)
        }
        _ => Err(CliError::new(
            "missing_value",
            "Say who is to be enrolled, with --id, --plan and --from, or with --file.",
        )),
    }
}

fn one(args: &Args, who: Wanted, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    cluster.require_private(args.people.public_ledger_accepted)?;
    let plan = plan_of(cluster, &args.pool, &who.plan)?;
    let named = Named {
        cluster,
        store: &session.ledger.store,
        address: who.plan,
        plan: &plan,
        from: who.from,
    };
    let wanted = Wanted {
        authority: args.authority.unwrap_or_default(),
        to: args.to,
        opening: args
            .opening
            .as_deref()
            .map(|path| opening(path, Some(named)))
            .transpose()?,
        ..who
    };
    let commitment =
        session
            .ledger
            .store
            .commitment(Subject::Member, &args.pool.to_string(), &wanted.id)?;
    let (address, _) = Member::find_address(&args.pool, &commitment);
    if let Some(there) = people::find_member(cluster, &address)? {
        if !wanted.is_met_by(&there) {
            return Err(wanted.differs_from(&there)?);
        }
        return Answer::new(&Change::unchanged(View::of(
            &session.ledger.store,
            address,
            &there,
        )?));
    }
    let desk = Desk::open(&session, args.pool, Permission::EnrolMember)?;
    let intent = Intent::new("Enrol a member")
        .with("pool", args.pool)
        .with("plan", wanted.plan)
        .with("identifier", format!("{} (stays here)", wanted.id))
        .with(
            "covered",
            format!(
                "{} to {}",
                wanted.from,
                wanted
                    .to
                    .map_or_else(|| "without end".to_owned(), |to| to.to_string())
            ),
        )
        .with(
            "used up before",
            args.opening
                .as_deref()
                .map_or_else(|| "nothing".to_owned(), document::name),
        )
        .with(
            "own key",
            args.authority.map_or_else(
                || "none: claims need a ticket".to_owned(),
                |key| key.to_string(),
            ),
        );
    let receipt = session.execute(&intent, &[enrolment(&desk, &wanted, commitment)], &[])?;
    let member = people::member(cluster, &address)?;
    Answer::new(&Change::created(
        View::of(&session.ledger.store, address, &member)?,
        receipt,
    ))
}

/// A plan of the pool.
fn plan_of(cluster: &Cluster, pool: &Pubkey, address: &Pubkey) -> Result<Plan> {
    let plan: Plan = entity::get(cluster, address)?;
    if plan.pool != *pool {
        return Err(CliError::new(
            "plan_of_other_pool",
            format!("The plan {address} belongs to the pool {}.", plan.pool),
        ));
    }
    Ok(plan)
}

fn enrolment(desk: &Desk, wanted: &Wanted, commitment: [u8; 32]) -> Instruction {
    let (member, _) = Member::find_address(&desk.pool, &commitment);
    let accounts = accounts::EnrolMember {
        operator: desk.operator,
        operator_record: desk.operator_record,
        insurer: desk.insurer,
        pool: desk.pool,
        plan: wanted.plan,
        member,
        history: History::find_address(&member).0,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let args = EnrolMemberArgs {
        commitment,
        authority: wanted.authority,
        covered_from: wanted.from.days(),
        covered_to: wanted.covered_to(),
        opening: wanted.opening,
    };
    crate::chain::instruction(claims::ID, &accounts, &instruction::EnrolMember { args })
}

impl Wanted {
    fn covered_to(&self) -> i32 {
        self.to.unwrap_or(Date::MAX).days()
    }

    /// Checks what the program would refuse, in its words, with the column that it is about.
    fn check(&self, pool: &Pubkey) -> std::result::Result<(), (&'static str, CliError)> {
        // Any commitment will do: whose it is nobody looks at.
        let member = Member::new(
            0,
            *pool,
            self.plan,
            [1; 32],
            self.authority,
            self.from.days(),
            self.covered_to(),
        );
        let mut member = member.map_err(|error| ("to", foreseen_by_claims(&error)))?;
        let Some(opening) = &self.opening else {
            return Ok(());
        };
        member
            .open(self.from.year().into(), opening)
            .map_err(|error| ("opening", foreseen_by_claims(&error)))
    }

    /// Whether a member was enrolled so.
    fn is_met_by(&self, there: &Member) -> bool {
        // Once there are claims, nobody can tell any more what it began with.
        let begun = self.opening.as_ref().is_none_or(|opening| {
            let period = opening.of_year(self.from.year().into());
            there.turns.last != 0 || there.periods.contains(&period)
        });
        begun
            && there.plan == self.plan
            && there.authority == self.authority
            && there.covered_from == self.from.days()
            && there.covered_to == self.covered_to()
    }

    /// The refusal of who was enrolled otherwise: coverage that was ended since, and a key that was set since, are shown by `show`;
    /// enrolling again must not hide them.
    fn differs_from(&self, there: &Member) -> Result<CliError> {
        let message = format!(
            "{} is enrolled already, on other terms: plan {}, covered from {} to {}. `galen member end` changes the last day.",
            self.id,
            there.plan,
            people::day(there.covered_from)?.0,
            people::day(there.covered_to)?.0
        );
        Ok(CliError::new("member_differs", message))
    }
}

/// What a member document says was used up; what a member's account does not begin with must not be left out in silence. Without a
/// plan (`named`), only what has nothing to do with one.
fn opening(path: &Path, named: Option<Named>) -> Result<OpeningAccumulators> {
    let given = document::member(path)?;
    let taken = member::Member {
        deductible_used: given.deductible_used,
        out_of_pocket_used: given.out_of_pocket_used,
        annual_used: given.annual_used,
        lifetime_used: given.lifetime_used,
        tier_used: given.tier_used,
        out_of_network: given.out_of_network,
        category_used: given.category_used.clone(),
        ..member::Member::default()
    };
    let figures = [
        ("deductible_used", given.deductible_used),
        ("out_of_pocket_used", given.out_of_pocket_used),
        (
            "out_of_network.deductible_used",
            given.out_of_network.deductible_used,
        ),
        (
            "out_of_network.out_of_pocket_used",
            given.out_of_network.out_of_pocket_used,
        ),
    ];
    let family = figures
        .iter()
        .find(|(_, used)| !used.family.0.is_zero() && used.family != used.individual);
    let name = document::name(path);
    let refused = |at: Option<String>, why: &str| CliError {
        code: "opening_unsupported".to_owned(),
        message: format!("{name}: {why}"),
        at,
    };
    if let Some((field, _)) = family {
        return Err(refused(
            Some(format!("{field}.family")),
            "What a family has used is in the family's account; give the member's own figure.",
        ));
    }
    if taken != given {
        return Err(refused(
            None,
            "A member begins with deductible, out-of-pocket, annual, lifetime, tier and category figures only; leave out what else is in it.",
        ));
    }
    let categories = match named {
        Some(named) => named.categories(&given.category_used, &name)?,
        None => Categories::default(),
    };
    let cents = |money: Money| money.0.get();
    Ok(OpeningAccumulators {
        deductible: cents(given.deductible_used.individual),
        out_of_pocket: cents(given.out_of_pocket_used.individual),
        out_of_network_deductible: cents(given.out_of_network.deductible_used.individual),
        out_of_network_out_of_pocket: cents(given.out_of_network.out_of_pocket_used.individual),
        annual_used: cents(given.annual_used),
        tier_used: cents(given.tier_used),
        lifetime_used: cents(given.lifetime_used),
        category_used: categories.of_year,
        lifetime_category_used: categories.of_life,
    })
}
