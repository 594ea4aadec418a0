//! `galen deploy status`

use std::fmt;

use serde::Serialize;

use super::target::{identities, sol};
use super::Shared;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::loader::artifact::{deployed_hash, Artifact, BuildRecord, TestRecord};
use crate::loader::state::{Addresses, Deployment, Snapshot};
use crate::loader::LoaderError;
use crate::output::{table, Answer};

/// Flags of `galen deploy status`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen deploy status
  galen deploy status claims -u devnet --output json

Needs no key. The loader fills a program's capacity with zeros, so that those at the end do not count; the hash of what is
deployed is the file's where they are the same, else that of the bytes without the zeros at their end.")]
pub struct Args {
    /// Programs to show; all of them if none is named
    #[arg(value_name = "PROGRAM")]
    programs: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    url: String,
    genesis: String,
    programs: Vec<Row>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    program: String,
    program_id: String,
    standing: Standing,
    built: Option<Built>,
    deployed: Option<Deployed>,
}

/// How what is deployed compares to what was built.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
enum Standing {
    /// The same bytes.
    AsBuilt,
    /// Other bytes.
    Differs,
    /// Built and not on this cluster.
    NotDeployed,
    /// On this cluster, and nothing built to compare it with.
    NotBuilt,
    /// Neither.
    Absent,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Built {
    sha256: String,
    bytes: usize,
    tested: bool,
    /// From build.json; absent where that does not know these bytes.
    way: Option<String>,
    rustc: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Deployed {
    sha256: String,
    slot: u64,
    authority: Option<String>,
    capacity: usize,
    /// Lamports of the program's two accounts.
    rent: u64,
}

/// Runs the command.
pub fn run(args: &Args, shared: &Shared, settings: &Settings) -> Result<Answer> {
    let tests = TestRecord::read(&shared.program_dir)?;
    let builds = BuildRecord::read(&shared.program_dir)?;
    let identities = identities(&shared.program_dir, &args.programs)?;
    let cluster = Cluster::connect(settings)?;
    let mut programs = Vec::new();
    for (program, identity) in identities {
        let artifact = match Artifact::read(&shared.program_dir, &program) {
            Ok(artifact) => Some(artifact),
            Err(LoaderError::ProgramNotBuilt { .. }) => None,
            Err(error) => return Err(error.into()),
        };
        // Buffers belong to an authority, whom this command does not ask for: the program's own
        // address stands in, under which there is none.
        let addresses = Addresses::of(&identity.id, &identity.id)?;
        let snapshot = Snapshot::read(&cluster.client, settings.commitment, &addresses)?;
        let standing = standing(artifact.as_ref(), snapshot.deployment.as_ref());
        let rent = snapshot.lamports();
        programs.push(Row {
            program,
            program_id: identity.id.to_string(),
            standing,
            deployed: snapshot.deployment.map(|deployment| Deployed {
                sha256: deployed_hash(&deployment.code, artifact.as_ref()),
                slot: deployment.slot,
                authority: deployment.authority.map(|key| key.to_string()),
                capacity: deployment.code.len(),
                rent,
            }),
            built: artifact.map(|artifact| {
                let build = builds.of(&artifact);
                Built {
                    tested: tests.knows(&artifact),
                    way: build.map(|build| build.way.clone()),
                    rustc: build.map(|build| build.rustc.clone()),
                    bytes: artifact.bytes.len(),
                    sha256: artifact.sha256,
                }
            }),
        });
    }
    Answer::new(&Report {
        url: settings.url.clone(),
        genesis: cluster.genesis,
        programs,
    })
}

fn standing(built: Option<&Artifact>, deployed: Option<&Deployment>) -> Standing {
    match (built, deployed) {
        (Some(built), Some(deployed)) if built.is(&deployed.code) => Standing::AsBuilt,
        (Some(_), Some(_)) => Standing::Differs,
        (Some(_), None) => Standing::NotDeployed,
        (None, Some(_)) => Standing::NotBuilt,
        (None, None) => Standing::Absent,
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str(match self {
            Self::AsBuilt => "as built",
            Self::Differs => "DIFFERS FROM WHAT WAS BUILT",
            Self::NotDeployed => "not deployed",
            Self::NotBuilt => "deployed; nothing built here to compare with",
            Self::Absent => "neither built nor deployed",
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut summary = table(
            &[
                "Program",
                "Address",
                "Standing",
                "Tested",
                "Slot",
                "Rent held",
            ],
            &[4, 5],
        );
        for row in &self.programs {
            let tested = match &row.built {
                Some(built) if built.tested => "yes",
                Some(_) => "no",
                None => "",
            };
            summary.add_row([
                row.program.clone(),
                row.program_id.clone(),
                row.standing.to_string(),
                tested.to_owned(),
                row.deployed
                    .as_ref()
                    .map_or_else(String::new, |it| it.slot.to_string()),
                row.deployed
                    .as_ref()
                    .map_or_else(String::new, |it| sol(it.rent)),
            ]);
        }
        writeln!(f, "{summary}")?;
        for row in &self.programs {
            writeln!(f, "{}", row.program)?;
            if let Some(built) = &row.built {
                let how = match (&built.way, &built.rustc) {
                    (Some(way), Some(rustc)) => format!(" ({way}, {rustc})"),
                    _ => " (build.json does not know these bytes)".to_owned(),
                };
                writeln!(f, "  built      {}{how}", built.sha256)?;
            }
            if let Some(deployed) = &row.deployed {
                writeln!(f, "  deployed   {}", deployed.sha256)?;
                writeln!(
                    f,
                    "  authority  {}",
                    deployed.authority.as_deref().unwrap_or("none: final")
                )?;
            }
        }
        Ok(())
    }
}
