//! `galen trial add-site`

use registry::state::Permission;
use solana_pubkey::Pubkey;
use trials::constants::MAX_HOLDBACK_BPS;
use trials::instructions::AddSiteArgs;
use trials::state::{Site, SiteTerms};
use trials::{accounts, instruction};

use super::case::{Case, Target};
use super::parts::SiteView;
use super::read;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial add-site`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial add-site TRIAL --organization ORG
  galen trial add-site TRIAL --organization ORG --holdback-bps 1000 --failures 1 --per-enrolled 3

Signed by an operator of the sponsor with the permission manage-trial; the site accepts with `galen trial accept-site`. With
--failures 1 --per-enrolled 3 the site earns its fees for one screening failure for each three enrolled; without, for all.
Running it again is fine.")]
pub struct Args {
    #[command(flatten)]
    target: Target,
    /// The site's address or id
    #[arg(long, value_name = "ORG")]
    organization: Pubkey,
    /// Part of the site's fees that is held back until close-out, in basis points
    #[arg(long, value_name = "BPS", default_value_t = 0, value_parser = clap::value_parser!(u16).range(..=i64::from(MAX_HOLDBACK_BPS)))]
    holdback_bps: u16,
    /// Screening failures whose fees are paid for each --per-enrolled enrolled
    #[arg(long, value_name = "COUNT", requires = "per_enrolled")]
    failures: Option<u16>,
    /// See --failures
    #[arg(long, value_name = "COUNT", requires = "failures", value_parser = clap::value_parser!(u16).range(1..))]
    per_enrolled: Option<u16>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `site_differs`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let case = Case::open(&args.target, settings)?;
    let (organization, _) = resolve(case.cluster(), &args.organization)?;
    let terms = SiteTerms {
        holdback_bps: args.holdback_bps,
        failures: args.failures.unwrap_or_default(),
        per_enrolled: args.per_enrolled.unwrap_or_default(),
    };
    let (address, _) = Site::find_address(&case.address, &organization);
    if let Some(there) = read::find::<Site>(case.cluster(), &address)? {
        let same = there.holdback_bps == terms.holdback_bps
            && there.failures == terms.failures
            && there.per_enrolled == terms.per_enrolled;
        if same {
            return Answer::new(&Change::unchanged(SiteView::new(address, &there)));
        }
        let message = format!(
            "The site {address} was offered the trial already, on other terms: holdback {} basis points, {} failures paid per {} enrolled. They never change.",
            there.holdback_bps, there.failures, there.per_enrolled
        );
        return Err(CliError::new("site_differs", message));
    }
    let accounts = accounts::AddSite {
        operator: case.session.key(),
        operator_record: case.sponsor_record(Permission::ManageTrial)?,
        sponsor: case.trial.sponsor,
        trial: case.address,
        organization,
        site: address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Offer a trial to a site")
        .with("trial", case.address)
        .with("organization", organization)
        .with("holdback, basis points", terms.holdback_bps)
        .with(
            "screening failures paid",
            match terms.per_enrolled {
                0 => "all".to_owned(),
                enrolled => format!("{} per {enrolled} enrolled", terms.failures),
            },
        );
    let data = instruction::AddSite {
        args: AddSiteArgs { terms },
    };
    let receipt = case.perform(&intent, &accounts, &data)?;
    let site = read::get(case.cluster(), &address)?;
    Answer::new(&Change::created(SiteView::new(address, &site), receipt))
}
