//! `galen org register`

use registry::instructions::RegisterOrganizationArgs;
use registry::state::Organization;
use registry::{accounts, instruction};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::view::{identifier, IdentifierFlag, Kind, View};
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::signer;

/// Flags of `galen org register`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen org register --kind insurer --identifier lei:5493001KJTIIGC8Y1R12
  galen org register --kind provider --identifier npi:1234567893 --id clinic-id.json --authority clinic.json

The id names the organization for ever; it signs only this once, so that nobody can take another's name. The authority
manages operators. Running it again is fine.")]
pub struct Args {
    /// What the organization is
    #[arg(long, value_name = "KIND")]
    kind: Kind,
    /// Its public identifier: npi:..., gln:..., lei:... or other:...
    #[arg(long, value_name = "SCHEME:NUMBER")]
    identifier: IdentifierFlag,
    /// The key that names the organization [default: the signer]
    #[arg(long, value_name = "KEYPAIR")]
    id: Option<String>,
    /// Manages its operators [default: the signer]
    #[arg(long, value_name = "KEYPAIR")]
    authority: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `organization_differs`, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    let session = Session::open(settings)?;
    let load = |source: &Option<String>, role| {
        source
            .as_deref()
            .map(|source| signer::load(source, role))
            .transpose()
    };
    let (id_signer, authority_signer) =
        (load(&args.id, "id")?, load(&args.authority, "authority")?);
    let key_of = |signer: &Option<Box<dyn Signer>>| {
        signer
            .as_ref()
            .map_or_else(|| session.key(), |signer| signer.pubkey())
    };
    let (id, authority) = (key_of(&id_signer), key_of(&authority_signer));
    let (address, _) = Organization::find_address(&id);
    if let Some(there) = entity::find::<Organization>(session.cluster(), &address)? {
        refuse_difference(&there, args, authority)?;
        return Answer::new(&Change::unchanged(View::new(address, &there)));
    }
    let accounts = accounts::RegisterOrganization {
        payer: session.payer(),
        id,
        authority,
        organization: address,
        system_program: solana_sdk_ids::system_program::ID,
        event_authority: registry::EVENT_AUTHORITY_AND_BUMP.0,
        program: registry::ID,
    };
    let data = instruction::RegisterOrganization {
        args: RegisterOrganizationArgs {
            kind: args.kind.on_chain(),
            identifier: args.identifier.0,
        },
    };
    let intent = Intent::new("Register an organization")
        .with("organization", address)
        .with("id", id)
        .with("kind", args.kind)
        .with("identifier", identifier(&args.identifier.0))
        .with("authority", authority);
    let others: Vec<&dyn Signer> = id_signer
        .iter()
        .chain(&authority_signer)
        .map(AsRef::as_ref)
        .collect();
    let receipt = session.execute(
        &intent,
        &[crate::chain::instruction(registry::ID, &accounts, &data)],
        &others,
    )?;
    Answer::new(&Change::created(
        View::read(session.cluster(), address)?,
        receipt,
    ))
}

/// An organization that was handed over since is still the one that was registered, so its authority counts only where
/// it was named.
fn refuse_difference(there: &Organization, args: &Args, authority: Pubkey) -> Result<()> {
    let differs = |what: &str, is: String, asked: String| {
        let message = format!("The id is taken: an organization is registered under it whose {what} is {is} and not {asked}. Register with another --id.");
        Err(CliError::new("organization_differs", message))
    };
    if there.kind != args.kind.on_chain() {
        return differs(
            "kind",
            Kind::from(there.kind).to_string(),
            args.kind.to_string(),
        );
    }
    if there.identifier != args.identifier.0 {
        return differs(
            "identifier",
            identifier(&there.identifier),
            identifier(&args.identifier.0),
        );
    }
    if args.authority.is_some() && there.authority != authority {
        return differs(
            "authority",
            there.authority.to_string(),
            authority.to_string(),
        );
    }
    Ok(())
}
