//! Claim: written from what Galen knows of one, whatever the form in which it came.
//!
//! What the claim does not say is not made up: where R4 wants an element all the same, a text says that there is nothing.
//! What is written is read again before it is given out, and must be what it was made from.

use galen_rules::Cents;
use serde_json::{json, Value};

use super::claim::{Claim, Item, Purpose};
use super::facts::Information;
use super::prior::DISCOUNT;
use super::reference::{self, Party};
use super::response::{BENEFIT, ELIGIBLE, RESPONSE, SUBMITTED};
use super::write::{self, Object, NOT_SAID};
use super::{elements, parse, read_claim, systems, Identifier};
use crate::claim::OtherPayer;
use crate::leaf::Name;
use crate::problem::Problem;

const CLAIM: &str = "Claim";
/// The id under which a claim contains what the payer before decided.
const PRIOR: &str = "prior";

/// Of which code systems the codes are that Galen keeps without their system. Empty: none is stated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Systems {
    /// The diagnoses'.
    pub diagnoses: &'static str,
    /// The places'.
    pub places: &'static str,
    /// That of the type of the provider.
    pub provider_types: &'static str,
}

impl Systems {
    /// Those of an X12 837P, which takes no others.
    pub const PROFESSIONAL: Self = Self {
        diagnoses: systems::ICD_10_CM,
        places: systems::PLACE_OF_SERVICE,
        provider_types: systems::PROVIDER_TAXONOMY,
    };
}

/// Writes a Claim whose amounts are in `currency` (ISO 4217). Which of a document's `insurance` was claimed on, and the
/// references to what a document only contained, are not said again.
///
/// # Errors
/// With the FHIR path as the place: `missing_reference` for a party that only the document itself had; `unsupported` where
/// lines name several authorisations, or another payer decided about some of them only; `sum_mismatch` where what it decided is
/// not in order; `invalid_value` where something cannot stand in FHIR; those of [`read_claim`].
pub fn write_claim(claim: &Claim, systems: &Systems, currency: &str) -> Result<Value, Problem> {
    let claim = portable(claim)?;
    let Pieces {
        information,
        diagnoses,
        items,
    } = pieces(&claim, systems, currency)?;
    let last = claim.items.iter().map(last_day).max();
    let period = last.map(|last| write::period(claim.service_date, last));
    let identifiers = claim.identifier.iter().cloned();
    let others = claim.identifiers.iter().skip(1).map(|text| named(text));
    let identifiers = identifiers.chain(others);
    let team = claim.provider_type.as_ref().map(|name| {
        json!({
            "sequence": 1, "provider": {"display": NOT_SAID},
            "qualification": write::concept(systems.provider_types, &name.0),
        })
    });
    let purpose = match claim.purpose {
        Purpose::Claim => "claim",
        Purpose::Predetermination => "predetermination",
    };
    let kind = claim.kind.as_ref().map_or_else(
        || json!({"text": NOT_SAID}),
        |code| write::concept(&code.system, &code.code),
    );
    let prior = prior(&claim, &kind, currency)?;
    let document = Object::resource(CLAIM)
        .with_list("contained", prior.into_iter().collect())
        .with_list(
            "extension",
            balance_billing(claim.balance_billing_prohibited),
        )
        .with_list(
            "identifier",
            identifiers.map(|id| write::identifier(&id)).collect(),
        )
        .with("status", json!("active"))
        .with("type", kind)
        .with("use", json!(purpose))
        .with("patient", write::reference(&claim.patient))
        .with_some("billablePeriod", period)
        .with("created", write::day(claim.submitted))
        .with_some("insurer", claim.insurer.as_ref().map(write::reference))
        .with("provider", write::reference(&claim.provider))
        .with("priority", json!({"text": NOT_SAID}))
        .with_some("referral", claim.referral.as_ref().map(write::reference))
        .with_list("careTeam", team.into_iter().collect())
        .with_list("supportingInfo", information)
        .with_list("diagnosis", diagnoses)
        .with_list("insurance", insurance(&claim)?)
        .with_list("item", items)
        .with("total", write::money(claim.total, currency)?)
        .done();
    checked(&claim, document, currency)
}

/// The extension that says whether the patient must not be billed what the plan does not allow, where that is said.
fn balance_billing(prohibited: Option<bool>) -> Vec<Value> {
    let extension =
        prohibited.map(|value| json!({"url": systems::BALANCE_BILLING, "valueBoolean": value}));
    extension.into_iter().collect()
}

/// The document, if R4 takes it and reading it gives what it was made from.
fn checked(claim: &Claim, document: Value, currency: &str) -> Result<Value, Problem> {
    parse::resource::<::fhir::r4::resources::Claim>(&document, CLAIM)?;
    let read = read_claim(&document, currency)?;
    let (given, found) = (parts(claim), parts(&read));
    let differs = given.into_iter().zip(found).find(|(one, two)| one != two);
    match differs {
        None => Ok(document),
        Some(((at, _), _)) => Err(write::reads_otherwise(&format!("{CLAIM}.{at}"))),
    }
}

/// A claim by the elements that say its parts.
fn parts(claim: &Claim) -> [(&'static str, String); 10] {
    let say = |part: &dyn std::fmt::Debug| format!("{part:?}");
    let Claim {
        purpose,
        identifiers,
        identifier,
        kind,
        patient,
        provider,
        insurer,
        coverage,
        // Where it stands in the document, not what it says.
        insurance: _,
        submitted,
        service_date,
        items,
        // Nor this: they are written in their order.
        order: _,
        total,
        referral,
        provider_type,
        information,
        balance_billing_prohibited,
    } = claim;
    [
        ("identifier", say(&(identifiers, identifier))),
        ("type", say(&(purpose, kind))),
        ("patient", say(patient)),
        ("provider", say(&(provider, insurer))),
        ("insurance", say(coverage)),
        ("created", say(&(submitted, service_date))),
        ("referral", say(&(referral, provider_type))),
        ("supportingInfo", say(information)),
        ("extension", say(balance_billing_prohibited)),
        ("item", say(&(items, total))),
    ]
}

/// The claim as another document can say it: without references to what its own one contained, what the provider is obliged to
/// accept written out.
fn portable(claim: &Claim) -> Result<Claim, Problem> {
    let party = |party: &Party, at: &str| {
        party.elsewhere().ok_or_else(|| {
            reference::missing(
                &format!("{CLAIM}.{at}.reference"),
                "Who this is stands only in the document itself; give it an identifier",
            )
        })
    };
    let maybe = |found: &Option<Party>, at: &str| {
        let found = found.as_ref();
        found.map(|found| party(found, at)).transpose()
    };
    let items = claim.items.iter().cloned().map(|mut item| {
        item.other_payer = item.other_payer.map(|other| OtherPayer {
            obligated: Some(other.obligated()),
            ..other
        });
        item
    });
    Ok(Claim {
        patient: party(&claim.patient, "patient")?,
        provider: party(&claim.provider, "provider")?,
        insurer: maybe(&claim.insurer, "insurer")?,
        coverage: party(&claim.coverage, "insurance[0].coverage")?,
        referral: maybe(&claim.referral, "referral")?,
        items: items.collect(),
        ..claim.clone()
    })
}

/// An identifier of which the claim keeps one text: what comes before the first bar is its system, where it is a URI.
fn named(text: &str) -> Identifier {
    let party = Party::of_text(text);
    Identifier {
        system: party.system,
        value: party.value.unwrap_or_default(),
    }
}

fn last_day(item: &Item) -> galen_rules::Date {
    item.service_to.unwrap_or(item.service_date)
}

/// The coverage that is claimed on, and before it the one whose payer has decided.
fn insurance(claim: &Claim) -> Result<Vec<Value>, Problem> {
    let mut entries = Vec::new();
    if claim.items.iter().any(|item| item.other_payer.is_some()) {
        entries.push(json!({
            "sequence": 1, "focal": false, "coverage": {"display": NOT_SAID},
            "claimResponse": {"reference": format!("#{PRIOR}")},
        }));
    }
    let mut authorizations = claim.items.iter().map(|item| item.authorization.as_ref());
    let first = authorizations.next().flatten();
    if let Some(index) = authorizations.position(|other| other != first) {
        return Err(elements::unsupported(
            &format!("{CLAIM}.item[{}]", index.saturating_add(1)),
            "R4 does not say which item an authorisation is for, and this one names another than the first; split the claim",
        ));
    }
    let own = Object::default()
        .with("sequence", json!(entries.len().saturating_add(1)))
        .with("focal", json!(true))
        .with("coverage", write::reference(&claim.coverage))
        .with_list(
            "preAuthRef",
            first.map(|number| json!(number)).into_iter().collect(),
        );
    entries.push(own.done());
    Ok(entries)
}

/// What the payer before decided, as the claim knows it: of each line what it allowed, paid, and took off by contract.
fn prior(claim: &Claim, kind: &Value, currency: &str) -> Result<Option<Value>, Problem> {
    let decided = claim.items.iter().map(|item| item.other_payer.as_ref());
    if decided.clone().all(|other| other.is_none()) {
        return Ok(None);
    }
    let mut items = Vec::with_capacity(claim.items.len());
    for (index, (item, other)) in claim.items.iter().zip(decided).enumerate() {
        let at = format!("{CLAIM}.item[{index}]");
        let other = other.ok_or_else(|| {
            elements::unsupported(
                &at,
                "The payer before decided about other lines, and nothing says what about this one",
            )
        })?;
        let obligated = other.obligated().0;
        let taken_off = item.charge.get().checked_sub(obligated.get());
        let taken_off = taken_off.map(Cents::new).ok_or_else(|| {
            Problem::new(
                "sum_mismatch",
                at,
                "What the provider is obliged to accept cannot exceed the charge.",
            )
        })?;
        let figures = [
            (systems::ADJUDICATION, SUBMITTED, item.charge),
            (systems::ADJUDICATION, ELIGIBLE, other.allowed.0),
            (systems::CARIN_ADJUDICATION, DISCOUNT, taken_off),
            (systems::ADJUDICATION, BENEFIT, other.paid.0),
        ];
        let figures = figures.into_iter().map(|(system, code, cents)| {
            let category = write::concept(system, code);
            Ok(json!({"category": category, "amount": write::money(cents, currency)?}))
        });
        let figures = figures.collect::<Result<Vec<_>, Problem>>()?;
        items.push(json!({"itemSequence": item.sequence, "adjudication": figures}));
    }
    let response = Object::resource(RESPONSE)
        .with("id", json!(PRIOR))
        .with("status", json!("active"))
        .with("type", kind.clone())
        .with("use", json!("claim"))
        .with("patient", write::reference(&claim.patient))
        // Of the resource, which is made with the claim: when the payer decided is not known.
        .with("created", write::day(claim.submitted))
        .with("insurer", json!({"display": NOT_SAID}))
        .with("outcome", json!("complete"))
        .with("item", Value::Array(items));
    Ok(Some(response.done()))
}

/// The lists that items point into, and the items.
struct Pieces {
    information: Vec<Value>,
    diagnoses: Vec<Value>,
    items: Vec<Value>,
}

fn pieces(claim: &Claim, systems: &Systems, currency: &str) -> Result<Pieces, Problem> {
    let mut information = Supporting::default();
    // What no item points to is about all of them.
    information.add(&claim.information);
    let mut diagnoses = Diagnoses::of(claim);
    let mut items = Vec::with_capacity(claim.items.len());
    for item in &claim.items {
        let modifiers = item.modifiers.iter();
        let modifiers = modifiers.map(|modifier| write::concept("", &modifier.to_string()));
        let (served, days) = match item.service_to {
            None => ("servicedDate", write::day(item.service_date)),
            Some(last) => ("servicedPeriod", write::period(item.service_date, last)),
        };
        let place = item.place.as_ref();
        let line = Object::default()
            .with("sequence", json!(item.sequence))
            .with_list(
                "extension",
                balance_billing(item.balance_billing_prohibited),
            )
            .with_list("diagnosisSequence", diagnoses.point(&item.diagnoses))
            .with_list("informationSequence", information.add(&item.information))
            .with("productOrService", write::concept(&item.system, &item.code))
            .with_list("modifier", modifiers.collect())
            .with(served, days)
            .with_some(
                "locationCodeableConcept",
                place.map(|name| write::concept(systems.places, &name.0)),
            )
            .with("quantity", json!({"value": item.units}))
            .with("net", write::money(item.charge, currency)?);
        items.push(line.done());
    }
    Ok(Pieces {
        information: information.0,
        diagnoses: diagnoses.written(systems.diagnoses),
        items,
    })
}

/// The claim's supporting information, numbered from 1.
#[derive(Default)]
struct Supporting(Vec<Value>);

impl Supporting {
    /// Adds entries; their numbers. What is attached stands in the order of what is stated.
    fn add(&mut self, information: &Information) -> Vec<Value> {
        let mut attached = information.attached.iter().peekable();
        let numbers = information.stated.iter().map(|name| {
            let comes_along = attached.next_if_eq(&name).is_some();
            let number = self.0.len().saturating_add(1);
            let category = if comes_along { "attachment" } else { "info" };
            let entry = Object::default()
                .with("sequence", json!(number))
                .with(
                    "category",
                    write::concept(systems::INFORMATION_CATEGORY, category),
                )
                .with("code", write::concept("", &name.0))
                .with_some(
                    "valueAttachment",
                    comes_along.then(|| json!({"title": name.0})),
                );
            self.0.push(entry.done());
            json!(number)
        });
        numbers.collect()
    }
}

/// The claim's diagnoses. An item has those that it points to, in the claim's order; all of them where it points to none.
struct Diagnoses {
    /// None: one that the claim does not say, for the items that have none beside others that have.
    entries: Vec<Option<Name>>,
}

impl Diagnoses {
    fn of(claim: &Claim) -> Self {
        let has_some = |item: &Item| !item.diagnoses.is_empty();
        let is_mixed = claim.items.iter().any(has_some) && !claim.items.iter().all(has_some);
        Self {
            entries: is_mixed.then_some(None).into_iter().collect(),
        }
    }

    /// The numbers of an item's diagnoses; new ones come last, so that the order stays the item's.
    fn point(&mut self, names: &[Name]) -> Vec<Value> {
        if names.is_empty() && !self.entries.is_empty() {
            return vec![json!(1)];
        }
        let mut from = 0_usize;
        let numbers = names.iter().map(|name| {
            let known = self.entries.iter().skip(from);
            let mut known = known.zip(from..);
            let found = known.find(|(entry, _)| entry.as_ref() == Some(name));
            let index = found.map(|(_, index)| index).unwrap_or_else(|| {
                self.entries.push(Some(name.clone()));
                self.entries.len().saturating_sub(1)
            });
            from = index.saturating_add(1);
            json!(from)
        });
        numbers.collect()
    }

    fn written(self, system: &str) -> Vec<Value> {
        let entries = self.entries.into_iter().zip(1_u32..);
        let entries = entries.map(|(entry, number)| {
            let concept = entry.map_or_else(
                || json!({"text": NOT_SAID}),
                |name| write::concept(system, &name.0),
            );
            json!({"sequence": number, "diagnosisCodeableConcept": concept})
        });
        entries.collect()
    }
}
