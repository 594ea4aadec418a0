//! `galen trial open-cohort`

use registry::state::Permission;
use solana_pubkey::Pubkey;
use trials::constants::MAX_COHORT;
use trials::state::{Cohort, Site};
use trials::{accounts, instruction};

use super::case::instruction as of_trials;
use super::parts::CohortView;
use super::read;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::cluster::unreachable;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;

/// Flags of `galen trial open-cohort`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial open-cohort SITE --capacity 200
  galen trial open-cohort SITE --capacity 200 --number 2

Signed by an operator of the site with the permission enrol-participant, who pays the rent of 296 bytes for each place; it is
not given back, for the page keeps the receipts. Running it again is fine.")]
pub struct Args {
    /// The site's address
    #[arg(value_name = "SITE")]
    site: Pubkey,
    /// Participants that it has room for
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u16).range(1..=i64::from(MAX_COHORT)))]
    capacity: u16,
    /// Tells the signer's cohorts at this site apart
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    number: u32,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `cohort_differs`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let cluster = session.cluster();
    let site: Site = read::get(cluster, &args.site)?;
    let operator = session.key();
    let seed = seed(&args.site, args.number);
    let address = Cohort::address(&operator, &seed).ok_or_else(|| {
        CliError::new(
            "address_underivable",
            "The cohort's address cannot be derived.",
        )
    })?;
    if cluster
        .account(&address)?
        .is_some_and(|account| account.owner == trials::ID)
    {
        let page = read::cohort(cluster, &address)?;
        if page.header.capacity == args.capacity {
            return Answer::new(&Change::unchanged(CohortView::of(&page)));
        }
        let message = format!("The cohort {address} has room for {} participants, not {}; name another with --number.", page.header.capacity, args.capacity);
        return Err(CliError::new("cohort_differs", message));
    }
    let size = Cohort::account_size(args.capacity).unwrap_or_default();
    let rent = cluster
        .client
        .get_minimum_balance_for_rent_exemption(size)
        .map_err(|error| unreachable(&settings.url, &error))?;
    let create = solana_system_interface::instruction::create_account_with_seed(
        &operator,
        &address,
        &operator,
        &seed,
        rent,
        u64::try_from(size).unwrap_or(u64::MAX),
        &trials::ID,
    );
    let accounts = accounts::OpenCohort {
        operator,
        operator_record: session.staff(&site.organization, Permission::EnrolParticipant)?,
        organization: site.organization,
        trial: site.trial,
        site: args.site,
        cohort: address,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Open a cohort")
        .with("trial", site.trial)
        .with("site", args.site)
        .with("places", args.capacity)
        .with("rent, not given back", format!("{rent} lamports"));
    let receipt = session.execute(
        &intent,
        &[create, of_trials(&accounts, &instruction::OpenCohort {})],
        &[],
    )?;
    let page = read::cohort(cluster, &address)?;
    Answer::new(&Change::created(CohortView::of(&page), receipt))
}

/// At most 32 bytes: sixteen letters of the site's address tell sites apart, the number the cohorts of one.
fn seed(site: &Pubkey, number: u32) -> String {
    let site: String = site.to_string().chars().take(16).collect();
    format!("{site}/{number}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_is_short_enough_and_its_own() {
        let site = Pubkey::new_from_array([9; 32]);
        assert!(seed(&site, u32::MAX).len() <= 32);
        assert_ne!(seed(&site, 1), seed(&site, 11));
        assert!(Cohort::address(&site, &seed(&site, u32::MAX)).is_some());
    }
}
