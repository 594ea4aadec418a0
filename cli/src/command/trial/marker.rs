//! `galen trial marker`

use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::state::Person;

use crate::chain::organization::resolve;
use crate::chain::text::{facts, hex};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;
use crate::store::Store;

/// Flags of `galen trial marker`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial marker --sponsor ORG --person CH-1987-0331

The marker blinds who a person is, with a key that never leaves the sponsor's store (`galen store export` saves it). The same
person has the same marker at every site, so that nobody is in two trials of the sponsor at once; a site that is given markers
can find out about nobody else. The identifier stays in the store.")]
pub struct Args {
    /// The sponsor's address or id
    #[arg(long, value_name = "ORG")]
    sponsor: Pubkey,
    /// Who the person is: the same text each time
    #[arg(long, value_name = "IDENTIFIER")]
    person: String,
}

#[derive(Serialize)]
struct Marker {
    marker: String,
    account: String,
}

/// Runs the command.
///
/// # Errors
/// `not_found`, `store_damaged`, `no_randomness`.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let cluster = Cluster::connect(settings)?;
    let (sponsor, _) = resolve(&cluster, &args.sponsor)?;
    let marker = Store::open(&settings.home)?.marker(&sponsor.to_string(), &args.person)?;
    Answer::new(&Marker {
        marker: hex(&marker),
        account: Person::find_address(&sponsor, &marker).0.to_string(),
    })
}

impl fmt::Display for Marker {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Marker", self.marker.clone()),
                ("Account", self.account.clone()),
            ],
        )
    }
}
