//! What a claim and its lines state.

use anchor_lang::prelude::*;
use galen_rules::adjudication::details as rules;
use galen_rules::adjudication::CodeKey;
use galen_rules::Date;

use crate::convert;
use crate::state::{ClaimFact, ClaimFactKind as Kind};

/// Of the claim as a whole.
#[derive(Debug)]
pub(super) struct ClaimLists {
    payer: Option<CodeKey>,
    pub provider_type: Option<CodeKey>,
    referred: bool,
    filing_exception: Option<rules::FilingException>,
    information: Vec<CodeKey>,
    attachments: Vec<CodeKey>,
}

impl ClaimLists {
    pub fn of(facts: &[ClaimFact]) -> Result<Self> {
        let own = || {
            facts
                .iter()
                .filter(|fact| fact.line == ClaimFact::ALL_LINES)
        };
        let keys = |kind| keys(own(), kind);
        Ok(Self {
            payer: keys(Kind::Payer).next(),
            provider_type: keys(Kind::ProviderType).next(),
            referred: own().any(|fact| fact.kind == Kind::Referral),
            filing_exception: filing_exception(own())?,
            information: keys(Kind::Information).collect(),
            attachments: keys(Kind::Attachment).collect(),
        })
    }

    pub fn lend(&self) -> rules::ClaimDetails<'_> {
        rules::ClaimDetails {
            payer: self.payer,
            provider_type: self.provider_type,
            referred: self.referred,
            filing_exception: self.filing_exception,
            information: &self.information,
            attachments: &self.attachments,
            // Who is insured and who may bill is known by the accounts of member and agreement.
            ..rules::ClaimDetails::NONE
        }
    }
}

/// Of one line.
#[derive(Debug)]
pub(super) struct LineLists {
    pub to: Option<Date>,
    pub place: Option<CodeKey>,
    pub diagnoses: Vec<CodeKey>,
    pub modifiers: Vec<CodeKey>,
    information: Vec<CodeKey>,
    attachments: Vec<CodeKey>,
    /// What it cites of what was authorised.
    pub authorization: Option<CodeKey>,
    pub of_age: Option<bool>,
    pub dependent_of_age: Option<bool>,
    /// Whether it says that the patient is not to be billed what the plan does not allow.
    pub balance_billing_prohibited: bool,
    /// What a reviewer has found of it.
    pub review: Option<rules::Review>,
}

impl LineLists {
    pub fn of(facts: &[ClaimFact], index: usize) -> Result<Self> {
        let own = || {
            facts
                .iter()
                .filter(move |fact| usize::from(fact.line) == index)
        };
        let until = own().find(|fact| fact.kind == Kind::Until);
        let mut places = own_or_all(facts, index, Kind::Place).into_iter();
        Ok(Self {
            to: match until {
                None => None,
                Some(fact) => Some(convert::date(fact.day)?),
            },
            place: places.next(),
            diagnoses: own_or_all(facts, index, Kind::Diagnosis),
            modifiers: keys(own(), Kind::Modifier).collect(),
            information: keys(own(), Kind::Information).collect(),
            attachments: keys(own(), Kind::Attachment).collect(),
            authorization: None,
            of_age: None,
            dependent_of_age: None,
            balance_billing_prohibited: facts
                .iter()
                .any(|fact| fact.kind == Kind::BalanceBillingBanned && fact.is_about(index)),
            review: own().find_map(|fact| match fact.kind {
                Kind::NotNecessary => Some(rules::Review::NotNecessary),
                Kind::LevelUnsupported => Some(rules::Review::LevelUnsupported),
                _ => None,
            }),
        })
    }

    pub fn lend<'a>(&'a self, benefit: &'a rules::BenefitDetails<'a>) -> rules::LineDetails<'a> {
        rules::LineDetails {
            benefit: Some(benefit),
            to: self.to,
            place: self.place,
            diagnoses: &self.diagnoses,
            modifiers: &self.modifiers,
            of_age: self.of_age,
            dependent_of_age: self.dependent_of_age,
            information: &self.information,
            attachments: &self.attachments,
            authorization: self.authorization,
            review: self.review,
        }
    }
}

fn keys<'a>(
    facts: impl Iterator<Item = &'a ClaimFact> + 'a,
    kind: Kind,
) -> impl Iterator<Item = CodeKey> + 'a {
    facts
        .filter(move |fact| fact.kind == kind)
        .map(|fact| CodeKey(fact.key))
}

/// What is stated of the line, and where nothing is, of the claim.
fn own_or_all(facts: &[ClaimFact], index: usize, kind: Kind) -> Vec<CodeKey> {
    let of = |line: usize| {
        let own = facts.iter().filter(|fact| usize::from(fact.line) == line);
        keys(own, kind).collect::<Vec<_>>()
    };
    let own = of(index);
    if own.is_empty() {
        of(ClaimFact::ALL_LINES.into())
    } else {
        own
    }
}

fn filing_exception<'a>(
    mut facts: impl Iterator<Item = &'a ClaimFact>,
) -> Result<Option<rules::FilingException>> {
    use rules::FilingGround as Ground;
    let stated = facts.find_map(|fact| {
        let ground = match fact.kind {
            Kind::AdministrativeError => Ground::AdministrativeError,
            Kind::RetroactiveEntitlement => Ground::RetroactiveEntitlement,
            Kind::MedicaidRecoupment => Ground::MedicaidRecoupment,
            Kind::AdvantageDisenrolment => Ground::AdvantageDisenrolment,
            _ => return None,
        };
        Some((ground, fact.day))
    });
    let Some((ground, day)) = stated else {
        return Ok(None);
    };
    let notified = convert::date(day)?;
    Ok(Some(rules::FilingException { ground, notified }))
}
