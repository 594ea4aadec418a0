//! A professional claim as Galen takes it, and the same in Galen's own form.

use galen_documents::claim::{self, Form, OtherPayer};
use galen_documents::{Day, Modifier, Money, Name};
use galen_rules::{Cents, Date};

use crate::fault::Place;

/// FHIR's name for National Provider Identifiers: the same provider has the same name in both forms.
pub const NPI_SYSTEM: &str = "http://hl7.org/fhir/sid/us-npi";

/// Somebody by a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Party {
    /// NM108: `XX` for a National Provider Identifier, `MI` for a member, `PI` for a payer; `EI` or `SY` where a provider
    /// has a tax number alone.
    pub qualifier: String,
    /// NM109.
    pub id: String,
    /// NM103, a person's last name or an organization's. Nothing is decided by it.
    pub name: String,
    /// NM104, a person's first name.
    pub first_name: String,
    /// Where the number stands.
    pub place: Place,
}

impl Party {
    /// One text that stands for the party.
    pub fn text(&self) -> String {
        if self.qualifier == "XX" {
            return format!("{NPI_SYSTEM}|{}", self.id);
        }
        self.id.clone()
    }
}

/// The patient, where it is not the subscriber. Version 005010 gives dependents no number of their own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// NM103.
    pub name: String,
    /// NM104.
    pub first_name: String,
    /// PAT01, the relation to the subscriber, as `19` for a child.
    pub relationship: String,
}

/// A professional claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// CLM01: the provider's number, which a remittance repeats.
    pub control_number: String,
    /// BHT04: the day on which the transaction set was made; none of a claim without its transaction set.
    pub submitted: Option<Date>,
    /// Who bills (2010AA).
    pub provider: Party,
    /// The taxonomy code of who rendered, else of who bills.
    pub provider_type: Option<Name>,
    /// By whose number the payer knows the insured (2010BA).
    pub subscriber: Party,
    /// Who was treated, where it is not the subscriber (2010CA).
    pub dependent: Option<Person>,
    /// Who is to pay (2010BB).
    pub payer: Party,
    /// SBR09, the sort of the coverage, which a remittance repeats.
    pub filing_indicator: Option<String>,
    /// CLM05-1, which a remittance repeats.
    pub facility: String,
    /// CLM05-3, which a remittance repeats: 1, for no other is taken.
    pub frequency: String,
    /// CLM02, the sum of the lines.
    pub charge: Cents,
    /// REF*9F.
    pub referral: Option<String>,
    /// REF*G1.
    pub authorization: Option<String>,
    /// PWK.
    pub attachments: Vec<Attachment>,
    /// In order.
    pub lines: Vec<Line>,
    /// The segments that make this claim, in one writing: the same claim sent again in another interchange has the same.
    pub source: String,
    /// Where its CLM stands.
    pub place: Place,
}

/// A document that belongs to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    /// PWK01, as `OZ`.
    pub report: Name,
    /// Whether it was sent along, rather than kept at hand (PWK02 = AA).
    pub sent: bool,
}

/// One service line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// SV101-2.
    pub code: String,
    /// SV101-3 to -6.
    pub modifiers: Vec<Modifier>,
    /// SV104.
    pub units: u16,
    /// SV102, the line's total.
    pub charge: Cents,
    /// DTP*472, the first day.
    pub service_date: Date,
    /// The last day, where there are several.
    pub service_to: Option<Date>,
    /// SV105, else CLM05-1.
    pub place_of_service: Name,
    /// Those that SV107 points to.
    pub diagnoses: Vec<Name>,
    /// REF*G1 of the line, else of the claim.
    pub authorization: Option<String>,
    /// Where that stands.
    pub authorization_place: Option<Place>,
    /// REF*6R, which a remittance repeats.
    pub control_number: Option<String>,
    /// PWK.
    pub attachments: Vec<Attachment>,
    /// What a payer before this one decided.
    pub other_payer: Option<OtherPayer>,
    /// Where its SV1 stands.
    pub place: Place,
}

impl Claim {
    /// The same claim in Galen's own form. X12 says nothing about networks: the agreement does.
    pub fn to_galen(&self, in_network: bool) -> claim::Claim {
        let first = self.lines.iter().map(|line| line.service_date).min();
        claim::Claim {
            service_date: first.map(Day),
            submitted: self.submitted.map(Day),
            in_network,
            provider: Some(self.provider.text()),
            lines: self.lines.iter().map(Line::to_galen).collect(),
            payer: Some(Name(self.payer.text())),
            insured: Some(Name(self.subscriber.text())),
            provider_type: self.provider_type.clone(),
            provider_eligible: true,
            referral: self.referral.clone().map(Name),
            filing_exception: None,
            information: stated(&self.attachments),
            attachments: sent(&self.attachments),
            place: Some(Name(self.facility.clone())),
            diagnoses: Vec::new(),
            form: Form::X12,
            order: Vec::new(),
        }
    }
}

impl Line {
    fn to_galen(&self) -> claim::Line {
        claim::Line {
            code: self.code.clone(),
            units: self.units,
            charge: Money(self.charge),
            service_date: Some(Day(self.service_date)),
            authorization: self.authorization.clone(),
            modifiers: self.modifiers.clone(),
            sequence: 0,
            balance_billing_prohibited: false,
            other_payer: self.other_payer,
            service_to: self.service_to.map(Day),
            place: Some(self.place_of_service.clone()),
            diagnoses: Some(self.diagnoses.clone()),
            information: stated(&self.attachments),
            attachments: sent(&self.attachments),
            review: None,
        }
    }
}

fn stated(attachments: &[Attachment]) -> Vec<Name> {
    attachments
        .iter()
        .map(|attachment| attachment.report.clone())
        .collect()
}

fn sent(attachments: &[Attachment]) -> Vec<Name> {
    let sent = attachments.iter().filter(|attachment| attachment.sent);
    sent.map(|attachment| attachment.report.clone()).collect()
}
