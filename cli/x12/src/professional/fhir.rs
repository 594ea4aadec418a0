//! A professional claim as a FHIR Claim has it.

use galen_documents::fhir::{self, systems, Code, Identifier, Party};
use galen_documents::Problem;

use super::claim::Claim;

/// Of which type a professional claim is, in FHIR's words.
const PROFESSIONAL: &str = "professional";

impl Claim {
    /// By what the patient is named: the subscriber's number; of a dependent, who has none of its own in X12, that number, the
    /// relation (PAT01), last and first name, with blanks between them.
    pub fn patient_name(&self) -> String {
        let number = &self.subscriber.id;
        match &self.dependent {
            None => number.clone(),
            Some(person) => format!(
                "{number} {} {} {}",
                person.relationship, person.name, person.first_name
            ),
        }
    }

    /// By whose number the coverage is known, for a FHIR document.
    pub fn coverage(&self) -> Party {
        number(self.subscriber.id.clone())
    }

    /// Who was treated, as [`Self::patient_name`] names the patient, for a FHIR document.
    pub fn patient(&self) -> Party {
        number(self.patient_name())
    }

    /// The provider's number of the claim.
    pub fn identifier(&self) -> Identifier {
        Identifier {
            system: None,
            value: self.control_number.clone(),
        }
    }

    /// The same claim as a FHIR document says it; the coverage is known by the subscriber's number.
    ///
    /// # Errors
    /// Those of [`fhir::Claim::from_galen`].
    pub fn to_fhir(&self) -> Result<fhir::Claim, Problem> {
        let claim = fhir::Claim::from_galen(
            &self.to_galen(true),
            Some(self.patient()),
            Some(self.coverage()),
        )?;
        let items = claim.items.into_iter().map(|mut item| {
            item.system = system(&item.code).to_owned();
            item
        });
        Ok(fhir::Claim {
            identifiers: vec![self.control_number.clone()],
            identifier: Some(self.identifier()),
            kind: Some(kind()),
            items: items.collect(),
            ..claim
        })
    }
}

fn number(value: String) -> Party {
    Party {
        reference: None,
        system: None,
        value: Some(value),
    }
}

/// Of which type the claims of an 837P are.
pub fn kind() -> Code {
    Code {
        system: systems::CLAIM_TYPE.to_owned(),
        code: PROFESSIONAL.to_owned(),
    }
}

/// Of which system a code of the sort HC is: CMS's own begin with a letter, those of the American Medical Association with a
/// digit.
pub fn system(code: &str) -> &'static str {
    match code.chars().next() {
        Some(letter) if letter.is_ascii_digit() => systems::CPT,
        _ => systems::HCPCS,
    }
}
