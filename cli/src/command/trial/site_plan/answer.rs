//! `galen trial site-plan answer`

use std::path::PathBuf;

use clap::ValueEnum;
use registry::state::Permission;
use solana_pubkey::Pubkey;
use trials::constants::NO_DAY;
use trials::instructions::AnswerSiteMilestoneArgs;
use trials::state::{Site, SiteMilestone, SitePlan};
use trials::{accounts, instruction};

use super::super::publish::digest;
use super::super::read;
use super::plans::{self, PlanView};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{money, Answer};

/// Flags of `galen trial site-plan answer`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial site-plan answer SITE --milestone 0 --decision confirm --reason report.pdf
  galen trial site-plan answer SITE --milestone 0 --decision refuse --reason findings.pdf

Confirms a milestone of a site, which earns it, whether or not the site has declared it; or says that a declared one is not done,
and the site can declare it again. Signed by an operator of the sponsor with the permission manage-trial. Only the reason's
SHA-256 goes to the ledger. Running it again is fine.")]
pub struct Args {
    /// The site's address
    #[arg(value_name = "SITE")]
    site: Pubkey,
    /// The milestone's number in the plan, from 0
    #[arg(long, value_name = "NUMBER")]
    milestone: u8,
    /// Whether it is done
    #[arg(long, value_name = "DECISION")]
    decision: Decision,
    /// Why, in any format; it stays with you
    #[arg(long, value_name = "FILE")]
    reason: PathBuf,
}

/// The sponsor's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Decision {
    /// It is done
    Confirm,
    /// It is not
    Refuse,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let reason_digest = digest(&args.reason)?;
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let site: Site = read::get(cluster, &args.site)?;
    let plan = plans::of_site(cluster, &args.site)?;
    let confirm = args.decision == Decision::Confirm;
    let milestone = plans::in_use(&plan).nth(usize::from(args.milestone));
    let already = milestone.is_some_and(|milestone| {
        if confirm {
            milestone.state == SiteMilestone::EARNED
        } else {
            milestone.state == SiteMilestone::OPEN && milestone.declared_on == NO_DAY
        }
    });
    if already {
        return Answer::new(&Change::unchanged(PlanView::of(&plan)));
    }
    let trial = read::trial(cluster, &site.trial)?;
    let accounts = accounts::AnswerSiteMilestone {
        operator: session.key(),
        operator_record: session.staff(&trial.sponsor, Permission::ManageTrial)?,
        sponsor: trial.sponsor,
        trial: site.trial,
        site: args.site,
        plan: SitePlan::find_address(&args.site).0,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Answer a site about a milestone")
        .with("trial", site.trial)
        .with("site", args.site)
        .with("milestone", args.milestone)
        .with(
            "amount",
            milestone.map_or_else(|| "-".to_owned(), |milestone| money(milestone.amount)),
        )
        .with("decision", if confirm { "done" } else { "not done" });
    let data = instruction::AnswerSiteMilestone {
        args: AnswerSiteMilestoneArgs {
            milestone: args.milestone,
            confirm,
            reason_digest,
        },
    };
    let receipt = session.perform(&intent, trials::ID, &accounts, &data)?;
    let plan = plans::of_site(cluster, &args.site)?;
    Answer::new(&Change::changed(PlanView::of(&plan), receipt))
}
