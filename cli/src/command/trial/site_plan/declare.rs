//! `galen trial site-plan declare`

use std::path::PathBuf;

use registry::state::Permission;
use solana_pubkey::Pubkey;
use trials::constants::NO_DAY;
use trials::instructions::DeclareSiteMilestoneArgs;
use trials::state::{Site, SitePlan};
use trials::{accounts, instruction};

use super::super::publish::digest;
use super::super::read;
use super::plans::{self, PlanView};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// Flags of `galen trial site-plan declare`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial site-plan declare SITE --milestone 0 --evidence initiation-report.pdf

Says that a milestone of the site is done. The sponsor has 30 days to confirm it or to say that it is not; silence earns it
(`galen trial site-plan earn`). Signed by an operator of the site with the permission attest-visit. Only the evidence's SHA-256
goes to the ledger. Running it again is fine.")]
pub struct Args {
    /// The site's address
    #[arg(value_name = "SITE")]
    site: Pubkey,
    /// The milestone's number in the plan, from 0
    #[arg(long, value_name = "NUMBER")]
    milestone: u8,
    /// What shows it, in any format; it stays with you
    #[arg(long, value_name = "FILE")]
    evidence: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let evidence_digest = digest(&args.evidence)?;
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let site: Site = read::get(cluster, &args.site)?;
    let plan = plans::of_site(cluster, &args.site)?;
    let declared = plans::in_use(&plan)
        .nth(usize::from(args.milestone))
        .is_some_and(|milestone| milestone.declared_on != NO_DAY);
    if declared {
        return Answer::new(&Change::unchanged(PlanView::of(&plan)));
    }
    let accounts = accounts::DeclareSiteMilestone {
        operator: session.key(),
        operator_record: session.staff(&site.organization, Permission::AttestVisit)?,
        organization: site.organization,
        site: args.site,
        plan: SitePlan::find_address(&args.site).0,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Declare a milestone of a site")
        .with("trial", site.trial)
        .with("site", args.site)
        .with("milestone", args.milestone);
    let data = instruction::DeclareSiteMilestone {
        args: DeclareSiteMilestoneArgs {
            milestone: args.milestone,
            evidence_digest,
        },
    };
    let receipt = session.perform(&intent, trials::ID, &accounts, &data)?;
    let plan = plans::of_site(cluster, &args.site)?;
    Answer::new(&Change::changed(PlanView::of(&plan), receipt))
}
