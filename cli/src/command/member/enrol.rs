//! `galen member enrol`

use std::path::{Path, PathBuf};

use claims::instructions::EnrolMemberArgs;
use claims::state::{History, Member, OpeningAccumulators, Plan, Pool};
use claims::{accounts, instruction};
use galen_documents::{member, Money};
use galen_rules::Date;
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::opening::Named;
use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::people::{self, PeopleFlags};
use crate::chain::session::Session;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::store::Subject;

/// Flags of `galen member enrol`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member enrol --pool POOL --plan PLAN --id M-4711 --from 2026-01-01 --to 2026-12-31
  galen member enrol --pool POOL --plan PLAN --id M-4711 --from 2026-01-01 --authority MEMBERS_KEY
  galen member enrol --pool POOL --plan PLAN --id M-4711 --from 2026-07-01 --opening member.json

The identifier stays in the local store together with its salt; on the ledger stands a commitment to both. Running it
again is fine.")]
pub struct Args {
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    /// The plan
    #[arg(long, value_name = "ADDRESS")]
    plan: Pubkey,
    /// The member's identifier at the insurer
    #[arg(long, value_name = "IDENTIFIER")]
    id: String,
    /// First day of coverage
    #[arg(long, value_name = "DATE")]
    from: Date,
    /// Last day of coverage [default: without end]
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// The member's own key; without it, claims need an eligibility ticket
    #[arg(long, value_name = "KEY")]
    authority: Option<Pubkey>,
    /// What the member had used up in the calendar year of the first day, before it, as MEMBER.json
    #[arg(long, value_name = "MEMBER")]
    opening: Option<PathBuf>,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_differs`, `opening_unsupported`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    cluster.require_private(args.people.public_ledger_accepted)?;
    let pool: Pool = entity::get(cluster, &args.pool)?;
    let plan: Plan = entity::get(cluster, &args.plan)?;
    if plan.pool != args.pool {
        return Err(CliError::new(
            "plan_of_other_pool",
            format!("The plan {} belongs to the pool {}.", args.plan, plan.pool),
        ));
    }
    let named = Named {
        cluster,
        store: &session.ledger.store,
        address: args.plan,
        plan: &plan,
        from: args.from,
    };
    let wanted = EnrolMemberArgs {
        commitment: session.ledger.store.commitment(
            Subject::Member,
            &args.pool.to_string(),
            &args.id,
        )?,
        authority: args.authority.unwrap_or_default(),
        covered_from: args.from.days(),
        covered_to: args.to.unwrap_or(Date::MAX).days(),
        opening: args
            .opening
            .as_deref()
            .map(|path| opening(path, named))
            .transpose()?,
    };
    let (address, _) = Member::find_address(&args.pool, &wanted.commitment);
    if let Some(there) = people::find_member(cluster, &address)? {
        refuse_difference(&there, args, &wanted)?;
        return Answer::new(&Change::unchanged(View::of(
            &session.ledger.store,
            address,
            &there,
        )?));
    }
    let accounts = accounts::EnrolMember {
        operator: session.key(),
        operator_record: session.staff(&pool.insurer, Permission::EnrolMember)?,
        insurer: pool.insurer,
        pool: args.pool,
        plan: args.plan,
        member: address,
        history: History::find_address(&address).0,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Enrol a member")
        .with("pool", args.pool)
        .with("plan", args.plan)
        .with("identifier", format!("{} (stays here)", args.id))
        .with(
            "covered",
            format!(
                "{} to {}",
                args.from,
                args.to
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
    let data = instruction::EnrolMember { args: wanted };
    let receipt = session.perform(&intent, claims::ID, &accounts, &data)?;
    let member = people::member(cluster, &address)?;
    Answer::new(&Change::created(
        View::of(&session.ledger.store, address, &member)?,
        receipt,
    ))
}

/// What a member document says was used up; what a member's account does not begin with must not be left out in silence.
fn opening(path: &Path, named: Named) -> Result<OpeningAccumulators> {
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
    let categories = named.categories(&given.category_used, &name)?;
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

/// Coverage that was ended since, and a key that was set since, are shown by `show`; enrolling again must not hide them.
fn refuse_difference(there: &Member, args: &Args, wanted: &EnrolMemberArgs) -> Result<()> {
    // Once there are claims, nobody can tell any more what it began with.
    let begun = wanted.opening.as_ref().is_none_or(|opening| {
        let period = opening.of_year(args.from.year().into());
        there.turns.last != 0 || there.periods.contains(&period)
    });
    let same = begun
        && there.plan == args.plan
        && there.authority == wanted.authority
        && there.covered_from == wanted.covered_from
        && there.covered_to == wanted.covered_to;
    if same {
        return Ok(());
    }
    let message = format!(
        "{} is enrolled already, on other terms: plan {}, covered from {} to {}. `galen member end` changes the last day.",
        args.id,
        there.plan,
        people::day(there.covered_from)?.0,
        people::day(there.covered_to)?.0
    );
    Err(CliError::new("member_differs", message))
}
