//! ClaimResponse and ExplanationOfBenefit: written from what became of a claim, and read again.
//!
//! Each line has its charge (`submitted`), what the plan allows (`eligible`), what it pays (`benefit`), and each adjustment
//! under its X12 group with its reason code; submitted = benefit + Σ adjustments. The totals say the same of all lines.
//! What is written is read again before it is given out, and must be what it was made from.

use galen_rules::{Cents, Date, Group};
use serde_json::{json, Value};

use super::adjudicated::{Adjudicated, AdjudicatedItem, Code, LineAdjustment, Payment};
use super::parse::{self, Entry, Root};
use super::systems;
use super::write::{self, Object};
use crate::problem::Problem;

/// The type of the one document.
pub(super) const RESPONSE: &str = "ClaimResponse";
/// The type of the other.
pub(super) const EXPLANATION: &str = "ExplanationOfBenefit";

/// The category of what was billed.
pub(super) const SUBMITTED: &str = "submitted";
/// The category of what the plan allows.
pub(super) const ELIGIBLE: &str = "eligible";
/// The category of what the plan pays.
pub(super) const BENEFIT: &str = "benefit";

/// Writes a ClaimResponse.
///
/// # Errors
/// `unbalanced` with the place; `invalid_value` where something in it cannot stand in FHIR.
pub fn write_claim_response(claim: &Adjudicated) -> Result<Value, Problem> {
    let lines_without_services: Vec<AdjudicatedItem> = claim
        .items
        .iter()
        .map(|item| AdjudicatedItem {
            service: None,
            ..item.clone()
        })
        .collect();
    let claim = Adjudicated {
        items: lines_without_services,
        ..claim.clone()
    };
    claim.check(RESPONSE)?;
    let items = claim.items.iter().map(|item| {
        Ok(json!({"itemSequence": item.sequence, "adjudication": adjudication(item, &claim.currency)?}))
    });
    let items = items.collect::<Result<Vec<_>, Problem>>()?;
    let insurance =
        json!([{"sequence": 1, "focal": true, "coverage": write::reference(&claim.coverage)}]);
    let document = head(&claim, RESPONSE)
        .with("requestor", write::reference(&claim.provider))
        .with_some(
            "request",
            claim
                .request
                .as_ref()
                .map(|id| json!({"identifier": write::identifier(id)})),
        )
        .with_list("item", items)
        .with_list("total", totals(&claim)?)
        .with_some("payment", payment(&claim)?)
        .with("insurance", insurance)
        .done();
    same(&claim, parse::claim_response(&document)?, document)
}

/// Writes an ExplanationOfBenefit. Each line says what was done.
///
/// # Errors
/// `unbalanced` with the place, `missing_field` for a line without its service; `invalid_value` where something in it cannot
/// stand in FHIR.
pub fn write_explanation(claim: &Adjudicated) -> Result<Value, Problem> {
    claim.check(EXPLANATION)?;
    let mut items = Vec::with_capacity(claim.items.len());
    let mut days: Vec<Date> = Vec::with_capacity(claim.items.len());
    for (index, item) in claim.items.iter().enumerate() {
        let service = item.service.as_ref().ok_or_else(|| {
            Problem::new(
                "missing_field",
                format!("{EXPLANATION}.item[{index}].productOrService"),
                "It is not known what was done; the claim's document says it.",
            )
        })?;
        let last = service.until.unwrap_or(service.date);
        days.extend([service.date, last]);
        let modifiers = service.modifiers.iter();
        let modifiers = modifiers.map(|modifier| write::concept("", &modifier.to_string()));
        let line = Object::default()
            .with("sequence", json!(item.sequence))
            .with("productOrService", code(&service.code))
            .with_list("modifier", modifiers.collect())
            .with_some(
                "servicedDate",
                service.until.is_none().then(|| write::day(service.date)),
            )
            .with_some(
                "servicedPeriod",
                service.until.map(|last| write::period(service.date, last)),
            )
            .with("quantity", json!({"value": service.units}))
            .with("net", write::money(item.charge, &claim.currency)?)
            .with("adjudication", adjudication(item, &claim.currency)?);
        items.push(line.done());
    }
    let period = days.iter().min().zip(days.iter().max());
    let insurance = json!([{"focal": true, "coverage": write::reference(&claim.coverage)}]);
    let document = head(claim, EXPLANATION)
        .with_some(
            "billablePeriod",
            period.map(|(first, last)| write::period(*first, *last)),
        )
        .with("provider", write::reference(&claim.provider))
        .with_some(
            "claim",
            claim
                .request
                .as_ref()
                .map(|id| json!({"identifier": write::identifier(id)})),
        )
        .with("insurance", insurance)
        .with_list("item", items)
        .with_list("total", totals(claim)?)
        .with_some("payment", payment(claim)?)
        .done();
    same(claim, parse::explanation(&document)?, document)
}

/// Reads a ClaimResponse of the form that Galen writes.
///
/// # Errors
/// With the FHIR path as the place: those of [`super::read_claim`], `unsupported` for what is not of this form,
/// `unknown_reason`, `unbalanced`.
pub fn read_claim_response(document: &Value) -> Result<Adjudicated, Problem> {
    parse::claim_response(document)
}

/// Reads an ExplanationOfBenefit of the form that Galen writes.
///
/// # Errors
/// Those of [`read_claim_response`].
pub fn read_explanation(document: &Value) -> Result<Adjudicated, Problem> {
    parse::explanation(document)
}

/// The document, if reading it gives what it was made from.
fn same(claim: &Adjudicated, read: Adjudicated, document: Value) -> Result<Value, Problem> {
    if read == *claim {
        return Ok(document);
    }
    Err(write::reads_otherwise(""))
}

/// What both documents begin with.
fn head(claim: &Adjudicated, name: &str) -> Object {
    let status = if claim.cancelled {
        "cancelled"
    } else {
        "active"
    };
    let outcome = if claim.pending { "queued" } else { "complete" };
    let kind = claim.kind.as_ref();
    Object::resource(name)
        .with("identifier", json!([write::identifier(&claim.ledger)]))
        .with("status", json!(status))
        .with(
            "type",
            kind.map_or_else(|| json!({"text": write::NOT_SAID}), code),
        )
        .with("use", json!("claim"))
        .with("patient", write::reference(&claim.patient))
        .with("created", json!(claim.created))
        .with("insurer", write::reference(&claim.insurer))
        .with("outcome", json!(outcome))
        .with("disposition", json!(claim.disposition))
}

fn code(code: &Code) -> Value {
    write::concept(&code.system, &code.code)
}

fn adjudication(item: &AdjudicatedItem, currency: &str) -> Result<Value, Problem> {
    let mut entries = vec![
        category(SUBMITTED, item.charge, currency)?,
        category(ELIGIBLE, item.allowed, currency)?,
    ];
    for entry in &item.adjustments {
        entries.push(json!({
            "category": write::concept(systems::ADJUSTMENT_GROUPS, entry.group.as_str()),
            "reason": reason(entry),
            "amount": write::money(entry.amount, currency)?,
        }));
    }
    entries.push(category(BENEFIT, item.paid, currency)?);
    Ok(Value::Array(entries))
}

/// The reason, and beside it the remark: CARIN Blue Button has both in one concept.
fn reason(entry: &LineAdjustment) -> Value {
    let mut codings = vec![json!({
        "system": systems::ADJUSTMENT_REASONS, "code": entry.reason.code().to_string(),
    })];
    codings.extend(
        entry
            .remark
            .map(|remark| json!({"system": systems::REMARKS, "code": remark.as_str()})),
    );
    json!({"coding": codings})
}

fn category(name: &str, amount: Cents, currency: &str) -> Result<Value, Problem> {
    let category = write::concept(systems::ADJUDICATION, name);
    Ok(json!({"category": category, "amount": write::money(amount, currency)?}))
}

/// The sums that a reader looks for first, each of which the lines must give.
pub(super) fn sums(claim: &Adjudicated) -> Option<Vec<(Entry, Cents)>> {
    let mut sums = vec![(Entry::Submitted, claim.charge)];
    if claim.pending {
        return Some(sums);
    }
    sums.push((Entry::Eligible, claim.allowed()?));
    for group in Group::ALL {
        let sum = claim.of_group(group)?;
        if !sum.is_zero() {
            sums.push((Entry::Group(group), sum));
        }
    }
    sums.push((Entry::Benefit, claim.paid()?));
    Some(sums)
}

fn totals(claim: &Adjudicated) -> Result<Vec<Value>, Problem> {
    let sums = sums(claim).ok_or_else(|| {
        Problem::new(
            "money_too_large",
            "",
            "The lines add up to more than Galen counts.",
        )
    })?;
    let totals = sums.into_iter().map(|(entry, amount)| {
        let category = match entry {
            Entry::Submitted => write::concept(systems::ADJUDICATION, SUBMITTED),
            Entry::Eligible => write::concept(systems::ADJUDICATION, ELIGIBLE),
            Entry::Benefit => write::concept(systems::ADJUDICATION, BENEFIT),
            Entry::Group(group) => write::concept(systems::ADJUSTMENT_GROUPS, group.as_str()),
        };
        Ok(json!({"category": category, "amount": write::money(amount, &claim.currency)?}))
    });
    totals.collect()
}

fn payment(claim: &Adjudicated) -> Result<Option<Value>, Problem> {
    let Some(payment) = &claim.payment else {
        return Ok(None);
    };
    let Payment {
        date,
        amount,
        adjustment,
        reason,
    } = payment;
    let adjusted = *adjustment != 0;
    let adjustment = adjusted
        .then(|| write::signed_money(i128::from(*adjustment), &claim.currency))
        .transpose()?;
    let payment = Object::default()
        .with("type", write::concept(systems::PAYMENT_TYPE, "complete"))
        .with_some("adjustment", adjustment)
        .with_some(
            "adjustmentReason",
            adjusted.then(|| json!({"text": reason})),
        )
        .with("date", write::day(*date))
        .with("amount", write::money(*amount, &claim.currency)?);
    Ok(Some(payment.done()))
}

/// The document's type, where it is one of the two.
pub fn outcome_document(document: &Value) -> Option<Root> {
    match document.get("resourceType").and_then(Value::as_str) {
        Some(RESPONSE) => Some(Root::Response),
        Some(EXPLANATION) => Some(Root::Explanation),
        _ => None,
    }
}
