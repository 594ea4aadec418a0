//! `galen trial marker`

use std::fmt;

use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::state::Person;

use super::rows;
use crate::chain::organization::resolve;
use crate::chain::text::hex;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::output::{table, Answer};
use crate::store::Store;

/// Flags of `galen trial marker`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial marker --sponsor ORG --person CH-1987-0331
  galen trial marker --sponsor ORG --person CH-1987-0331 --person CH-1990-1207 --output json

The marker blinds who a person is, with a key that never leaves the sponsor's store (`galen store export` saves it). The same
person has the same marker at every site, so that nobody is in two trials of the sponsor at once; a site that is given markers
can find out about nobody else. The identifier stays in the store.")]
pub struct Args {
    /// The sponsor's address or id
    #[arg(long, value_name = "ORG")]
    sponsor: Pubkey,
    /// Who the person is: the same text each time; as often as needed
    #[arg(long = "person", value_name = "IDENTIFIER", value_parser = rows::identifier, required = true)]
    persons: Vec<String>,
}

#[derive(Serialize)]
struct Markers {
    markers: Vec<Marker>,
}

#[derive(Serialize)]
struct Marker {
    person: String,
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
    let store = Store::open(&settings.home)?;
    let markers = args
        .persons
        .iter()
        .map(|person| {
            let marker = store.marker(&sponsor.to_string(), person)?;
            Ok(Marker {
                person: person.clone(),
                marker: hex(&marker),
                account: Person::find_address(&sponsor, &marker).0.to_string(),
            })
        })
        .collect::<Result<_>>()?;
    Answer::new(&Markers { markers })
}

impl fmt::Display for Markers {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut rows = table(&["Person", "Marker", "Account"], &[]);
        for one in &self.markers {
            rows.add_row([one.person.clone(), one.marker.clone(), one.account.clone()]);
        }
        write!(f, "{rows}")
    }
}
