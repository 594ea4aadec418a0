//! `galen store receive`

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use galen_documents::strict;
use registry::state::Organization;
use serde::Serialize;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use crate::chain::{entity, organization};
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::document;
use crate::error::{CliError, Result};
use crate::exchange::check::{address, permission_to_receive, Paper, Route};
use crate::exchange::envelope::Envelope;
use crate::exchange::keys;
use crate::exchange::parcel::Parcel;
use crate::output::Answer;
use crate::store::{self, Imported, Store};

/// Flags of `galen store receive`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen store receive parcel.json --documents ~/claims
  galen store receive parcel.json --from CLINIC

Opens a file of `galen store send` with your keypair, an operator's of the recipient. It is checked before anything is kept:
that it was not changed, that an operator of the sender has signed it who may, and that each document and each salt gives the
commitment that stands on the ledger. Documents are written to a folder, named by their claim, papers of an appeal by its number too;
salts and code keys go into the local store, all or none. Receiving it again is fine.")]
pub struct Args {
    /// The parcel
    file: PathBuf,
    /// Only from this organization, by its address or id
    #[arg(long, value_name = "ORG")]
    from: Option<Pubkey>,
    /// The folder for documents, made where it is not there
    #[arg(long, value_name = "DIR", default_value = ".")]
    documents: PathBuf,
}

#[derive(Serialize)]
struct Report {
    from: String,
    /// The operator of the sender who has signed it.
    signed_by: String,
    documents: Vec<Received>,
    #[serde(flatten)]
    imported: Imported,
    store: String,
}

#[derive(Serialize)]
struct Received {
    claim: String,
    file: String,
}

/// Runs the command.
///
/// # Errors
/// `keypair_file_needed`, `not_a_recipient`, `parcel_damaged`, `parcel_forged`, `wrong_cluster`, `other_sender`,
/// `store_conflict`, `file_exists`; those of [`Route::check`].
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let keypair = keys::keypair(&settings.keypair)?;
    let name = document::name(&args.file);
    let within = |problem| CliError::in_document(&name, problem);
    let value = strict::parse(&document::bytes(&args.file)?).map_err(within)?;
    let envelope: Envelope = strict::from_value(&value).map_err(within)?;
    let opened = Parcel::read(&envelope.open(&keypair)?)?;
    let parcel = opened.parcel;
    let cluster = Cluster::connect(settings)?;
    if parcel.genesis != cluster.genesis {
        return Err(CliError::new(
            "wrong_cluster",
            format!(
                "The parcel is about the ledger {}, and this is {}.",
                parcel.genesis, cluster.genesis
            ),
        ));
    }
    let route = Route {
        from: address(&parcel.from)?,
        to: address(&parcel.to)?,
        key: opened.key,
        now: cluster.unix_time()?,
        cluster: &cluster,
    };
    if let Some(expected) = &args.from {
        let (expected, _) = organization::resolve(&cluster, expected)?;
        if expected != route.from {
            return Err(CliError::new(
                "other_sender",
                format!(
                    "The parcel is from {}, and not from {expected}.",
                    route.from
                ),
            ));
        }
    }
    // A sender who was a recipient of another's parcel could seal what is in it to somebody else.
    let recipient: Organization = entity::get(&cluster, &route.to)?;
    let permission = permission_to_receive(&recipient);
    organization::staff(
        &cluster,
        &route.to,
        &keypair.pubkey(),
        permission,
        route.now,
    )?;
    let papers = route.check(&parcel)?;
    let documents = write(&parcel, &papers, &args.documents)?;
    let mut store = Store::open(&settings.home)?;
    let imported = store.import(&parcel.store)?;
    Answer::new(&Report {
        from: parcel.from.clone(),
        signed_by: opened.key.to_string(),
        documents,
        imported,
        store: store.path().display().to_string(),
    })
}

/// Writes the documents under the names of their claims, and of what they are to them. One that is there to the letter stays.
fn write(parcel: &Parcel, papers: &[Paper], folder: &Path) -> Result<Vec<Received>> {
    let mut missing = Vec::new();
    let mut received = Vec::new();
    for (entry, paper) in parcel.documents.iter().zip(papers) {
        let path = folder.join(match paper {
            Paper::Claim if galen_x12::is_source(&entry.bytes.0) => format!("{}.x12", entry.claim),
            Paper::Claim => format!("{}.json", entry.claim),
            // Any file: what its name ended in nobody knows here.
            Paper::Grounds(number) => format!("{}.appeal-{number}.grounds", entry.claim),
            Paper::Reasons(number) => format!("{}.appeal-{number}.reasons", entry.claim),
        });
        if !path.exists() {
            missing.push((path.clone(), entry));
        } else if document::bytes(&path)? != entry.bytes.0 {
            return Err(CliError::new(
                "file_exists",
                format!(
                    "{} exists already and is another document; nothing was taken.",
                    path.display()
                ),
            ));
        }
        received.push(Received {
            claim: entry.claim.clone(),
            file: path.display().to_string(),
        });
    }
    let unwritable = |path: &Path, error: &io::Error| {
        CliError::new(
            "file_unwritable",
            format!("{} cannot be written: {error}.", path.display()),
        )
    };
    if !missing.is_empty() {
        fs::create_dir_all(folder).map_err(|error| unwritable(folder, &error))?;
    }
    for (path, entry) in missing {
        store::write_private(&path, &entry.bytes.0).map_err(|error| unwritable(&path, &error))?;
    }
    Ok(received)
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "From {}, signed by {}:", self.from, self.signed_by)?;
        for Received { claim, file } in &self.documents {
            write!(f, "\n  a document of claim {claim}: {file}")?;
        }
        write!(
            f,
            "\n  into {}: {} new, {} known already",
            self.store, self.imported.added, self.imported.known
        )
    }
}
