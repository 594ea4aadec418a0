//! `galen member end`

use claims::instructions::EndCoverageArgs;
use claims::state::Pool;
use claims::{accounts, instruction};
use galen_rules::Date;
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::people::{self, MemberFlags, PeopleFlags};
use crate::chain::session::Session;
use crate::chain::{entity, organization};
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen member end`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen member end --pool POOL --id M-4711 --to 2026-06-30

The last day may also be later than before.")]
pub struct Args {
    /// The pool that pays
    #[arg(long, value_name = "ADDRESS")]
    pool: Pubkey,
    #[command(flatten)]
    who: MemberFlags,
    /// Last day of coverage
    #[arg(long, value_name = "DATE")]
    to: Date,
    #[command(flatten)]
    people: PeopleFlags,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `member_unknown`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    cluster.require_private(args.people.public_ledger_accepted)?;
    let pool: Pool = entity::get(cluster, &args.pool)?;
    let address = args.who.address(&session.ledger.store, &args.pool)?;
    let member = people::member(cluster, &address)?;
    if member.covered_to == args.to.days() {
        return Answer::new(&Change::unchanged(View::of(
            &session.ledger.store,
            address,
            &member,
        )?));
    }
    let accounts = accounts::EndCoverage {
        operator: session.key(),
        operator_record: organization::staff(
            cluster,
            &pool.insurer,
            &session.key(),
            Permission::EnrolMember,
            session.now,
        )?,
        insurer: pool.insurer,
        pool: args.pool,
        member: address,
        event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
        program: claims::ID,
    };
    let intent = Intent::new("Set a member's last day of coverage")
        .with("member", address)
        .with("so far", people::day(member.covered_to)?.0)
        .with("from now on", args.to);
    let data = instruction::EndCoverage {
        args: EndCoverageArgs {
            covered_to: args.to.days(),
        },
    };
    let receipt = session.execute(
        &intent,
        &[crate::chain::instruction(claims::ID, &accounts, &data)],
        &[],
    )?;
    let member = people::member(cluster, &address)?;
    Answer::new(&Change::changed(
        View::of(&session.ledger.store, address, &member)?,
        receipt,
    ))
}
