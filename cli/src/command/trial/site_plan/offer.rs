//! `galen trial site-plan offer`

use std::path::PathBuf;

use registry::state::Permission;
use solana_pubkey::Pubkey;
use trials::instructions::OfferSiteMilestonesArgs;
use trials::state::{Site, SiteMilestoneTerms, SitePlan};
use trials::{accounts, instruction};

use super::super::read;
use super::document;
use super::plans::{self, PlanView};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Flags of `galen trial site-plan offer`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial site-plan offer SITE site-plan.json

SITE-PLAN.json, money in cents, at most 16 milestones:
  {\"milestones\": [
    {\"name\": \"initiation visit\", \"amount\": 150000},
    {\"name\": \"ten enrolled\", \"amount\": 250000, \"enrolled\": 10}]}

A milestone without `enrolled` is earned when the site says that it is done and the sponsor confirms it, or is silent for 30 days;
with it, when so many are enrolled at the site. The whole of it is set aside now and never taken back from the site. Signed by an
operator of the sponsor with the permission manage-trial. Running it again with the same document is fine.")]
pub struct Args {
    /// The site's address
    #[arg(value_name = "SITE")]
    site: Pubkey,
    /// The milestones
    #[arg(value_name = "SITE-PLAN.json")]
    document: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `site_plan_differs`, what the document's reader refuses, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let milestones = document::read(&args.document)?;
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let site: Site = read::get(cluster, &args.site)?;
    let address = SitePlan::find_address(&args.site).0;
    if let Some(there) = read::find::<SitePlan>(cluster, &address)? {
        let same = plans::in_use(&there)
            .map(|one| SiteMilestoneTerms {
                amount: one.amount,
                enrolled: one.enrolled,
            })
            .eq(milestones.iter().copied());
        if same {
            return Answer::new(&Change::unchanged(PlanView::of(&there)));
        }
        let message = "The site was promised other milestones already; a promise never changes. `galen trial site-plan show` shows them.";
        return Err(CliError::new("site_plan_differs", message));
    }
    let trial = read::trial(cluster, &site.trial)?;
    let accounts = accounts::OfferSiteMilestones {
        operator: session.key(),
        operator_record: session.staff(&trial.sponsor, Permission::ManageTrial)?,
        sponsor: trial.sponsor,
        trial: site.trial,
        site: args.site,
        plan: address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let amount = milestones
        .iter()
        .map(|milestone| milestone.amount)
        .fold(0, u64::saturating_add);
    let intent = Intent::new("Promise a site milestones of its own")
        .with("trial", site.trial)
        .with("site", args.site)
        .with("milestones", milestones.len())
        .with("set aside", money(amount));
    let data = instruction::OfferSiteMilestones {
        args: OfferSiteMilestonesArgs { milestones },
    };
    let receipt = session.perform(&intent, trials::ID, &accounts, &data)?;
    let plan = plans::of_site(cluster, &args.site)?;
    Answer::new(&Change::created(PlanView::of(&plan), receipt))
}
