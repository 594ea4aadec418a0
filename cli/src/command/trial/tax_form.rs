//! `galen trial tax-form`

use std::fmt;
use std::path::PathBuf;

use registry::state::Permission;
use serde::Serialize;
use solana_pubkey::Pubkey;
use trials::instructions::RecordTaxFormArgs;
use trials::state::Person;
use trials::{accounts, instruction};

use super::paper;
use super::read;
use super::rows::{self, Reason};
use super::tax_document::Form;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::organization::resolve;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::chain::text::{facts, hex};
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::{money, Answer};

/// Flags of `galen trial tax-form`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galen trial tax-form --sponsor ORG --person CH-1987-0331 --form w-9.json
  galen trial tax-form --sponsor ORG --marker 64_HEX_DIGITS --form w-8ben.json

FORM.json: {\"form\": \"W-9\", \"name\": \"...\", \"tin\": \"...\", \"address\": \"...\"}, or \"W-8BEN\" with a \"country\" of two
letters. The form stays in the local store, for the yearly statements (`galen trial tax`); only a salted commitment to it goes to the ledger.
Signed by an operator of the sponsor with the permission manage-trial. From then on nothing of the person's is held; what is held
already is freed by `galen trial release-held`. Running it again is fine.")]
pub struct Args {
    /// The sponsor's address or id
    #[arg(long, value_name = "ORG")]
    sponsor: Pubkey,
    /// Who the person is, where this store has the sponsor's marker key
    #[arg(long, value_name = "IDENTIFIER", value_parser = rows::identifier, required_unless_present = "marker")]
    person: Option<String>,
    /// The person's blinded marker
    #[arg(long, value_name = "HEX", conflicts_with = "person")]
    marker: Option<String>,
    /// The form
    #[arg(long, value_name = "FORM.json")]
    form: PathBuf,
    #[command(flatten)]
    people: PeopleFlags,
}

/// A person's account.
#[derive(Debug, Serialize)]
struct PersonView {
    address: String,
    marker: String,
    taking_part: bool,
    year: u16,
    stipends: u64,
    form: Option<String>,
}

/// Runs the command.
///
/// # Errors
/// `public_ledger`, `not_found`, `marker_key_missing`, what the form's reader refuses, and the program's refusals.
pub fn run(args: &Args, settings: &Settings) -> Result<Answer> {
    Form::read(&args.form)?;
    let text = String::from_utf8(crate::document::bytes(&args.form)?).unwrap_or_default();
    let session = Session::open(settings)?;
    session
        .cluster()
        .require_private(args.people.public_ledger_accepted)?;
    let (sponsor, _) = resolve(session.cluster(), &args.sponsor)?;
    let marker = marker(args, &session, &sponsor)?;
    let (address, _) = Person::find_address(&sponsor, &marker);
    let there: Person = read::get(session.cluster(), &address)?;
    // The form is in the store before the commitment is on the ledger: one without the other is of no use.
    session
        .ledger
        .store
        .keep_form(&sponsor.to_string(), &marker, &text)?;
    let digest = paper::commit(&session.ledger.store, &sponsor, &args.form)?;
    if there.form == digest {
        return Answer::new(&Change::unchanged(PersonView::new(address, &there)));
    }
    let accounts = accounts::RecordTaxForm {
        operator: session.key(),
        operator_record: session.staff(&sponsor, Permission::ManageTrial)?,
        sponsor,
        person: address,
        event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
        program: trials::ID,
    };
    let intent = Intent::new("Record a tax form")
        .with("person", address)
        .with(
            "form",
            format!("{} (a commitment; the form stays here)", hex(&digest)),
        );
    let data = instruction::RecordTaxForm {
        args: RecordTaxFormArgs { digest },
    };
    let receipt = session.perform(&intent, trials::ID, &accounts, &data)?;
    let person = read::get(session.cluster(), &address)?;
    Answer::new(&Change::changed(PersonView::new(address, &person), receipt))
}

fn marker(args: &Args, session: &Session, sponsor: &Pubkey) -> Result<[u8; 32]> {
    if let Some(text) = &args.marker {
        return rows::hex32(text).map_err(|reason: Reason| reason.at(None, "marker").into_error());
    }
    let person = args.person.as_deref().unwrap_or_default();
    session
        .ledger
        .store
        .known_marker(&sponsor.to_string(), person)?
        .ok_or_else(|| {
            CliError::new(
                "marker_key_missing",
                "This store does not have the sponsor's marker key; import the store that has it, or give the --marker.",
            )
        })
}

impl PersonView {
    fn new(address: Pubkey, person: &Person) -> Self {
        Self {
            address: address.to_string(),
            marker: hex(&person.marker),
            taking_part: person.cohort != Pubkey::default(),
            year: person.year,
            stipends: person.stipends,
            form: person.has_form().then(|| hex(&person.form)),
        }
    }
}

impl fmt::Display for PersonView {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        facts(
            f,
            &[
                ("Person", self.address.clone()),
                ("Marker", self.marker.clone()),
                (
                    "Stipends",
                    format!("{} in {}", money(self.stipends), self.year),
                ),
                (
                    "Tax form",
                    self.form.clone().unwrap_or_else(|| "none".to_owned()),
                ),
            ],
        )
    }
}
