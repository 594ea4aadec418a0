//! The claim story of the samples: quoted before care, filed, filed again, filed too late.

mod common;

use common::{sample, World};
use serde_json::{json, Value};

/// The whole answer, as the contract has it: a golden document.
#[test]
fn the_visit_is_quoted_line_by_line() {
    let world = World::new();
    let answer = world.quoted(
        &sample("plan.json"),
        &sample("visit.fhir.json"),
        Some(&sample("member.json")),
    );
    assert_eq!(
        answer,
        json!({
            "outcome": "partial",
            "lines": [
                { "line": 1, "code": "G0463", "charge": 18_000, "allowed": 18_000,
                  "adjustments": [{ "group": "PR", "reason": 1, "amount": 15_000 }, { "group": "PR", "reason": 2, "amount": 600 }],
                  "paid": 2_400, "patient": 15_600 },
                { "line": 2, "code": "J0696", "charge": 5_000, "allowed": 2_200,
                  "adjustments": [{ "group": "CO", "reason": 45, "amount": 2_800 }, { "group": "PR", "reason": 2, "amount": 440 }],
                  "paid": 1_760, "patient": 440 },
                { "line": 3, "code": "A9270", "charge": 3_500, "allowed": 0,
                  "adjustments": [{ "group": "PR", "reason": 204, "amount": 3_500 }],
                  "paid": 0, "patient": 3_500 }
            ],
            "totals": { "charge": 26_500, "allowed": 20_200, "paid": 4_160, "patient": 19_540, "write_off": 2_800, "other": 0 },
            "member": {
                "covered_from": "2025-01-01", "covered_to": "2026-12-31",
                "deductible_used": { "individual": 15_000, "family": 15_000 },
                "out_of_pocket_used": { "individual": 16_040, "family": 16_040 },
                "annual_used": 4_160, "lifetime_used": 4_160, "tier_used": 0,
                "category_used": { "drugs": 1_760 },
                "history": [
                    { "code": "G0463", "service_date": "2026-03-02", "provider": "http://hl7.org/fhir/sid/us-npi|1234567893" },
                    { "code": "J0696", "service_date": "2026-03-02", "provider": "http://hl7.org/fhir/sid/us-npi|1234567893" }
                ]
            }
        })
    );
}

#[test]
fn both_forms_of_the_visit_are_the_same_claim() {
    let world = World::new();
    let (plan, member) = (sample("plan.json"), sample("member.json"));
    let fhir = world.quoted(&plan, &sample("visit.fhir.json"), Some(&member));
    let galen = world.quoted(&plan, &sample("claim.json"), Some(&member));
    assert_eq!(
        (&fhir["lines"], &fhir["totals"]),
        (&galen["lines"], &galen["totals"])
    );
}

#[test]
fn the_same_claim_again_is_a_duplicate_line_by_line() {
    let world = World::new();
    let (plan, claim) = (sample("plan.json"), sample("visit.fhir.json"));
    let first = world.quoted(&plan, &claim, Some(&sample("member.json")));
    let again = world.quoted(&plan, &claim, Some(&first["member"]));
    let reasons: Vec<&Value> = again["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| &line["adjustments"][0])
        .collect();
    assert_eq!(again["outcome"], "denied");
    assert_eq!(
        *reasons[0],
        json!({ "group": "OA", "reason": 18, "amount": 18_000 })
    );
    assert_eq!(
        *reasons[1],
        json!({ "group": "OA", "reason": 18, "amount": 5_000 })
    );
    // What was denied is not live, so it is no duplicate now: it is denied for what it is.
    assert_eq!(
        *reasons[2],
        json!({ "group": "PR", "reason": 204, "amount": 3_500 })
    );
    assert_eq!(
        again["member"], first["member"],
        "a denied claim changes nothing"
    );
}

#[test]
fn a_next_visit_shows_what_has_been_met() {
    let world = World::new();
    let plan = sample("plan.json");
    let first = world.quoted(
        &plan,
        &sample("visit.fhir.json"),
        Some(&sample("member.json")),
    );
    let next = json!({ "service_date": "2026-04-02", "submitted": "2026-04-02", "lines": [{ "code": "G0463", "charge": 18_000 }] });
    let answer = world.quoted(&plan, &next, Some(&first["member"]));
    assert_eq!(answer["lines"][0]["paid"], 14_400);
}

#[test]
fn late_and_uncovered_claims_are_denied_with_their_codes() {
    let world = World::new();
    let (plan, member) = (sample("plan.json"), sample("member.json"));
    let late = world.quoted(&plan, &sample("late.fhir.json"), Some(&member));
    assert_eq!(
        late["lines"][0]["adjustments"],
        json!([{ "group": "CO", "reason": 29, "amount": 18_000 }])
    );
    for (from, to, reason) in [
        ("2026-03-03", "2026-12-31", 26),
        ("2025-01-01", "2026-03-01", 27),
    ] {
        let member = json!({ "covered_from": from, "covered_to": to });
        let answer = world.quoted(&plan, &sample("claim.json"), Some(&member));
        assert_eq!(
            answer["lines"][0]["adjustments"],
            json!([{ "group": "PR", "reason": reason, "amount": 18_000 }])
        );
    }
}

#[test]
fn members_go_round() {
    let world = World::new();
    let plan = json!({ "categories": { "surgery": { "max": 5_500, "period": "year" } },
        "out_of_network": { "coinsurance_bps": 4000, "deductible": { "individual": 1_000 } },
        "benefits": [{ "code": "A", "allowed": 10_000, "category": "surgery" }] });
    let member = json!({ "covered_from": "2026-01-01", "covered_to": null,
        "category_used": { "surgery": 500, "other": 7 }, "history": [{ "code": "B", "service_date": "2026-01-02", "modifiers": ["RT"], "sequence": 2 }] });
    let claim = json!({ "service_date": "2026-03-01", "submitted": "2026-03-01", "in_network": false, "lines": [{ "code": "A", "charge": 12_000 }] });
    let first = world.quoted(&plan, &claim, Some(&member));
    assert_eq!(first["lines"][0]["paid"], 5_000, "the category's maximum");
    assert_eq!(
        first["member"]["out_of_network"]["deductible_used"]["individual"],
        1_000
    );
    assert_eq!(
        first["member"]["category_used"],
        json!({ "surgery": 5_500, "other": 7 })
    );
    // A claim that is denied leaves the member as read: what went out comes back in unchanged.
    let again = world.quoted(&plan, &claim, Some(&first["member"]));
    assert_eq!(again["outcome"], "denied");
    assert_eq!(again["member"], first["member"]);
}

/// What a FHIR claim says beyond its lines, as a plan asks for it: each fact is taken from its element, so that without the
/// element the line is denied.
#[test]
fn facts_of_a_fhir_claim_meet_what_a_plan_asks_for() {
    let world = World::new();
    let coded = |code: &str| json!({ "coding": [{ "code": code }] });
    let mut claim = sample("visit.fhir.json");
    claim["referral"] = json!({ "identifier": { "value": "R-1" } });
    claim["careTeam"] = json!([
        { "sequence": 1, "provider": { "reference": "Practitioner/1" }, "responsible": true, "qualification": coded("207Q00000X") },
        { "sequence": 2, "provider": { "reference": "Practitioner/2" }, "qualification": coded("208D00000X") },
    ]);
    claim["supportingInfo"] = json!([
        { "sequence": 1, "category": coded("onset"), "timingDate": "2026-02-27" },
        { "sequence": 2, "category": coded("attachment"), "code": coded("xray"), "valueAttachment": { "title": "film" } },
    ]);
    claim["item"][0]["informationSequence"] = json!([2]);
    claim["item"][0]["locationCodeableConcept"] = coded("11");
    let mut plan = sample("plan.json");
    let demands = json!({
        "diagnoses": ["J18.9"], "places": ["11"], "provider_types": ["207Q00000X"], "referral": true,
        "information": [{ "name": "onset", "remark": "MA122" }], "attachments": [{ "name": "xray", "remark": "N40" }],
        "sexes": ["female"], "ages": { "from": 18 },
    });
    let visit = plan["benefits"].as_array_mut().expect("benefits");
    let visit = visit
        .iter_mut()
        .find(|benefit| benefit["code"] == "G0463")
        .expect("the visit");
    for (field, value) in demands.as_object().expect("demands") {
        visit[field] = value.clone();
    }
    plan["payer"] = json!("urn:iso:std:iso:17442|9845GALENINSURER0047");
    let mut member = sample("member.json");
    member["birth_date"] = json!("1980-05-05");
    member["sex"] = json!("female");
    member["known_as"] = json!(["https://insurer.example/members|M-4711"]);

    let reason = |claim: &Value, plan: &Value, member: &Value| {
        let quoted = world.quoted(plan, claim, Some(member));
        let first = &quoted["lines"][0]["adjustments"][0];
        (first["reason"].clone(), first["remark"].clone())
    };
    assert_eq!(reason(&claim, &plan, &member), (json!(1), json!(null)));
    // The third line points to nothing: what no item points to is about it, the attachment of the first is not.
    let mut other = plan.clone();
    other["attachments"] = json!([{ "name": "xray", "remark": "N40" }]);
    let quoted = world.quoted(&other, &claim, Some(&member));
    assert_eq!(quoted["lines"][1]["adjustments"][0]["reason"], 252);

    for (pointer, name, expected) in [
        ("", "referral", (243, None)),
        ("", "careTeam", (16, Some("N255"))),
        ("/item/0", "locationCodeableConcept", (16, Some("M77"))),
        ("/item/0", "informationSequence", (1, None)),
        ("", "diagnosis", (16, Some("M76"))),
    ] {
        let mut claim = claim.clone();
        let parent = claim.pointer_mut(pointer).and_then(Value::as_object_mut);
        parent.expect(pointer).remove(name).expect(name);
        if name == "diagnosis" {
            for item in claim["item"].as_array_mut().expect("items") {
                item.as_object_mut()
                    .expect("an item")
                    .remove("diagnosisSequence");
            }
        }
        let (code, remark) = expected;
        assert_eq!(
            reason(&claim, &plan, &member),
            (json!(code), json!(remark)),
            "{name}"
        );
    }
    let mut without = claim.clone();
    without["supportingInfo"]
        .as_array_mut()
        .expect("a list")
        .remove(0);
    assert_eq!(
        reason(&without, &plan, &member),
        (json!(16), json!("MA122"))
    );
    // Two codings are not one code, and which of them is meant is not guessed.
    let mut twice = claim.clone();
    twice["item"][0]["locationCodeableConcept"] =
        json!({ "coding": [{ "code": "11" }, { "code": "O" }] });
    assert_eq!(reason(&twice, &plan, &member), (json!(16), json!("M77")));
    let mut stranger = member.clone();
    stranger["known_as"] = json!(["M-4712"]);
    assert_eq!(reason(&claim, &plan, &stranger).0, json!(31));
    let mut elsewhere = plan.clone();
    elsewhere["payer"] = json!("somebody else");
    assert_eq!(reason(&claim, &elsewhere, &member).0, json!(109));
}

/// What a quote says of the member goes into the next quote, authorisations used up and all.
#[test]
fn authorizations_go_round() {
    let world = World::new();
    let plan = json!({ "benefits": [{ "code": "A", "allowed": 100, "authorization": true, "units_per_day": { "max": 3, "indicator": 2 } }] });
    let claim = |day: &str, sequence: u8| json!({ "service_date": day, "lines": [{ "code": "A", "charge": 100, "units": 2, "authorization": "A-1", "sequence": sequence }] });
    let member = json!({
        "birth_date": "1980-05-05", "sex": "female", "lapses": [{ "from": "2025-01-01", "to": "2025-01-31" }],
        "authorizations": [{ "number": "A-1", "units": 5 }],
    });
    let once = world.quoted(&plan, &claim("2026-03-01", 0), Some(&member));
    assert_eq!(once["outcome"], "complete");
    let after = &once["member"];
    assert_eq!(
        after["authorizations"],
        json!([{ "number": "A-1", "units": 5, "used": 2 }])
    );
    assert_eq!(after["history"][0]["units"], 2);
    for field in ["birth_date", "sex", "lapses"] {
        assert_eq!(after[field], member[field], "{field}");
    }
    let same_day = world.quoted(&plan, &claim("2026-03-01", 1), Some(after));
    assert_eq!(same_day["lines"][0]["adjustments"][0]["reason"], 151);
    let twice = world.quoted(&plan, &claim("2026-03-02", 0), Some(after));
    assert_eq!(twice["member"]["authorizations"][0]["used"], 4);
    let thrice = world.quoted(&plan, &claim("2026-03-03", 0), Some(&twice["member"]));
    assert_eq!(thrice["lines"][0]["adjustments"][0]["reason"], 198);
}
