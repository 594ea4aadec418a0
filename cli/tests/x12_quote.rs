//! X12 claims where a quote takes FHIR: the same answer, and each refusal by its place.

mod common;

use common::{error, sample, text, World};
use serde_json::Value;

const DAY: &str = include_str!("../x12/tests/documents/day.837");

fn visit() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/visit.837");
    std::fs::read_to_string(path).expect("a sample")
}

/// Quotes a claim as text under the sample's plan, with more flags.
fn quote(world: &World, claim: &[u8], more: &[&str]) -> (i32, Value) {
    let plan = text(&world.json("plan.json", &sample("plan.json")));
    let member = text(&world.json("member.json", &sample("member.json")));
    let path = world.path("claim.837");
    std::fs::write(&path, claim).expect("written");
    let claim = text(&path);
    let words = [
        "claim", "quote", "--plan", &plan, "--claim", &claim, "--member", &member,
    ];
    world.run(&[&words[..], more].concat())
}

fn refused(world: &World, claim: &[u8], more: &[&str]) -> (String, String) {
    let (code, answer) = quote(world, claim, more);
    assert_eq!(code, 1, "{answer:#}");
    error(&answer)
}

#[test]
fn a_visit_is_quoted_as_its_fhir_form_is() {
    let world = World::new();
    let fhir = world.quoted(
        &sample("plan.json"),
        &sample("visit.fhir.json"),
        Some(&sample("member.json")),
    );
    let (code, x12) = quote(&world, visit().as_bytes(), &[]);
    assert_eq!((code, &x12), (0, &fhir));
    let (code, outside) = quote(&world, visit().as_bytes(), &["--out-of-network"]);
    assert_eq!(code, 0);
    assert_ne!(outside["totals"], fhir["totals"]);
    let number = ["--control-number", "C-2026-0001"];
    let (code, chosen) = quote(&world, visit().as_bytes(), &number);
    assert_eq!((code, chosen), (0, fhir));
}

#[test]
fn of_several_claims_one_is_named() {
    let world = World::new();
    assert_eq!(refused(&world, DAY.as_bytes(), &[]).0, "several_claims");
    let none = ["--control-number", "C-0"];
    assert_eq!(
        refused(&world, DAY.as_bytes(), &none).0,
        "claim_not_in_document"
    );
    let number = ["--control-number", "C-2026-0005"];
    let (code, secondary) = quote(&world, DAY.as_bytes(), &number);
    assert_eq!(code, 0, "{secondary:#}");
    assert_eq!(secondary["totals"]["charge"], 22_500);
    let twice = DAY.replace("C-2026-0003", "C-2026-0005");
    assert_eq!(
        refused(&world, twice.as_bytes(), &number).0,
        "ambiguous_control_number"
    );
    // A claim that is not meant may be wrong.
    let other = DAY.replace("HC>99212|90|", "HC>99212|ninety|");
    assert_eq!(quote(&world, other.as_bytes(), &number).0, 0);
    let json = sample("claim.json").to_string();
    assert_eq!(refused(&world, json.as_bytes(), &number).0, "contradiction");
}

#[test]
fn what_is_malformed_is_refused_by_its_place() {
    let world = World::new();
    let edited = |from: &str, to: &str| {
        let text = visit();
        assert!(text.contains(from), "{from}");
        text.replacen(from, to, 1).into_bytes()
    };
    for (from, to, code, at) in [
        ("*265***", "*266***", "sum_mismatch", "segment[21].CLM02"),
        ("*180*UN", "*-180*UN", "negative_money", "segment[24].SV102"),
        ("*180*UN", "*1e2*UN", "invalid_value", "segment[24].SV102"),
        (
            "D8*20260302",
            "D8*20260231",
            "invalid_date",
            "segment[25].DTP03",
        ),
        ("SE*33*", "SE*32*", "count_mismatch", "segment[35].SE01"),
        ("IEA*1*000000001~", "", "truncated", "segment[37].?"),
        ("ALPHA", "AL\0PHA", "invalid_character", "segment[16].NM104"),
        (
            "*00501*",
            "*00401*",
            "unsupported_version",
            "segment[1].ISA12",
        ),
        (
            "PRV*BI*PXC*261QP2300X",
            "CUR*85*CAD",
            "wrong_currency",
            "segment[9].CUR02",
        ),
    ] {
        let found = refused(&world, &edited(from, to), &[]);
        assert_eq!(
            (found.0.as_str(), found.1.as_str()),
            (code, at),
            "{from} → {to}"
        );
    }
    let mut bytes = visit().into_bytes();
    let last = bytes.len() - 30;
    bytes[last] = 0xff;
    assert_eq!(refused(&world, &bytes, &[]).0, "invalid_encoding");
    let blank = format!("\n{}", visit());
    let mark = format!("\u{feff}{}", visit());
    for document in ["ISA", "ISA*", "ISA*00*          *00", &blank, &mark] {
        assert_eq!(refused(&world, document.as_bytes(), &[]).0, "not_x12");
    }
}

#[test]
fn an_interchange_is_acknowledged() {
    let world = World::new();
    let answered = |name: &str, document: &str| {
        let path = text(&world.write(name, document));
        let [form, claims] = ["999", "277"].map(|end| text(&world.path(&format!("{name}.{end}"))));
        let (code, answer) = world.run(&[
            "claim",
            "acknowledge",
            &path,
            "--out-999",
            &form,
            "--out-277",
            &claims,
            "--control",
            "41",
        ]);
        let written = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
        (code, answer, written(&form), written(&claims))
    };
    let (code, answer, form, claims) = answered("day", DAY);
    assert_eq!(code, 0, "{answer:#}");
    assert_eq!(
        (&answer["accepted"], &answer["rejected"]),
        (&4.into(), &0.into())
    );
    assert!(form.contains("AK9*A*2*2*2~") && claims.contains("STC*A2:20*"));

    let bad = DAY.replacen("SV1|HC>36415|60|", "SV1|HC>36415|sixty|", 1);
    let (code, answer, form, claims) = answered("bad", &bad);
    assert_eq!(code, 1);
    assert_eq!(
        (&answer["accepted"], &answer["rejected"]),
        (&3.into(), &1.into())
    );
    let claim = &answer["sets"][0]["claims"][1];
    assert_eq!(
        (
            claim["control_number"].as_str(),
            claim["refusal"]["code"].as_str()
        ),
        (Some("C-2026-0003"), Some("invalid_value"))
    );
    assert!(form.contains("CTX*CLM01:C-2026-0003~") && form.contains("IK5*E*5~"));
    assert!(claims.contains("STC*A7:21*"));

    // All rejected: there is no 277CA.
    let (code, answer, form, claims) = answered("none", &DAY.replace("BHT|0019", "BHT|0022"));
    assert_eq!(
        (code, &answer["claims_acknowledged"], claims.as_str()),
        (1, &false.into(), "")
    );
    assert!(form.contains("AK9*R*2*2*0~"));
    // Not over what is there.
    let (code, answer, _, _) = answered("none", DAY);
    assert_eq!((code, error(&answer).0.as_str()), (1, "file_exists"));
}
