//! Claim, written: what Galen knows of one is read again as it was, and comes to the same; what FHIR cannot say is refused by its
//! place, and what nobody has said is not made up.

use galen_documents::claim::{self, OtherPayer};
use galen_documents::fhir::{
    read_claim, write_claim, Claim, Code, Identifier, Information, Item, Party, Purpose, Systems,
};
use galen_documents::{member, plan, quote, Modifier, Money, Name};
use galen_rules::{Cents, Date};
use serde_json::{json, Map, Value};

const VISIT: &str = include_str!("../../samples/visit.fhir.json");
const LATE: &str = include_str!("../../samples/late.fhir.json");

/// Numbers that look random and are the same in each run (SplitMix64).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn one_in(&mut self, sides: u64) -> bool {
        self.roll(sides) == 0
    }

    fn small(&mut self, sides: u64) -> u32 {
        u32::try_from(self.roll(sides)).expect("small")
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.roll(from.len() as u64)).expect("small");
        from[index]
    }

    fn names(&mut self, from: &[&str], most: u64) -> Vec<Name> {
        let count = self.roll(most + 1);
        (0..count).map(|_| name(self.pick(from))).collect()
    }

    fn maybe<T>(&mut self, value: T) -> Option<T> {
        self.one_in(2).then_some(value)
    }
}

const CODES: [&str; 4] = ["A", "B", "G0463", "X 1"];
const DIAGNOSES: [&str; 3] = ["J06.9", "E11.9", "Z00.0"];
const PLACES: [&str; 2] = ["11", "22"];
const TYPES: [&str; 2] = ["207Q00000X", "122300000X"];
const NEEDS: [&str; 3] = ["onset", "weight", "operative report"];
const SYSTEMS: [&str; 2] = ["https://codes.example", "urn:oid:1.2.3"];

fn name(text: &str) -> Name {
    Name(text.to_owned())
}

fn document(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

fn day(text: &str) -> Date {
    text.parse().expect("a date")
}

fn party(dice: &mut Dice) -> Party {
    let value = format!("{}|{}", dice.pick(&["P", "M-4711"]), dice.roll(9));
    let (system, reference) = (
        dice.maybe(dice_system(dice)),
        dice.maybe("Organization/1".to_owned()),
    );
    Party {
        system,
        value: Some(value),
        reference,
    }
}

fn dice_system(dice: &Dice) -> String {
    SYSTEMS[usize::from(dice.0 % 2 == 1)].to_owned()
}

fn information(dice: &mut Dice) -> Information {
    let stated = dice.names(&NEEDS, 3);
    let attached = stated.iter().filter(|_| dice.one_in(2)).cloned();
    Information {
        attached: attached.collect(),
        stated,
    }
}

fn settled(dice: &mut Dice, charge: u64) -> OtherPayer {
    let obligated = dice.roll(charge + 1);
    let allowed = dice.roll(obligated + 1);
    let money = |cents| Money(Cents::new(cents));
    OtherPayer {
        allowed: money(allowed),
        paid: money(dice.roll(allowed + 1)),
        obligated: Some(money(obligated)),
    }
}

fn an_item(dice: &mut Dice, sequence: u32, paid_before: bool) -> Item {
    let charge = dice.roll(50_000_000);
    let begun = day("2026-03-02").plus_days(dice.small(40)).expect("a date");
    let modifiers = ["LT", "59", "GA"].iter().filter(|_| dice.one_in(2));
    let modifiers: Vec<Modifier> = modifiers.filter_map(|text| Modifier::new(text)).collect();
    Item {
        sequence,
        system: dice.maybe(dice_system(dice)).unwrap_or_default(),
        code: dice.pick(&CODES).to_owned(),
        modifiers,
        units: u16::try_from(1 + dice.roll(65_535)).expect("small"),
        charge: Cents::new(charge),
        service_date: begun,
        service_to: begun
            .plus_days(1 + dice.small(9))
            .filter(|_| dice.one_in(3)),
        authorization: None,
        diagnoses: dice.names(&DIAGNOSES, 3),
        place: Some(name(dice.pick(&PLACES))).filter(|_| dice.one_in(2)),
        information: information(dice),
        other_payer: paid_before.then(|| settled(dice, charge)),
        balance_billing_prohibited: prohibited(dice),
    }
}

/// A claim as a document can have it.
fn a_claim(dice: &mut Dice) -> Claim {
    let paid_before = dice.one_in(3);
    let count = 1 + dice.small(6);
    let mut items: Vec<Item> = (1..=count)
        .map(|number| {
            let gap = dice.small(5);
            an_item(dice, number * 7 - gap, paid_before)
        })
        .collect();
    if dice.one_in(3) {
        let number = dice.roll(255).to_string();
        for item in &mut items {
            item.authorization = Some(number.clone());
        }
    }
    let first = items
        .iter()
        .map(|item| item.service_date)
        .min()
        .expect("an item");
    let identifier = Identifier {
        system: dice.maybe(dice_system(dice)),
        value: format!("C-{}", dice.roll(9_999)),
    };
    let identifier = dice.maybe(identifier);
    let mut identifiers: Vec<String> = identifier
        .iter()
        .map(|id| match &id.system {
            Some(system) => format!("{system}|{}", id.value),
            None => id.value.clone(),
        })
        .collect();
    if identifier.is_some() && dice.one_in(2) {
        identifiers.push(
            dice.pick(&["C-2", "https://other.example|C|2", "C|2"])
                .to_owned(),
        );
    }
    let total = items.iter().map(|item| item.charge.get()).sum();
    Claim {
        purpose: if dice.one_in(4) {
            Purpose::Predetermination
        } else {
            Purpose::Claim
        },
        identifiers,
        identifier,
        kind: dice.maybe(Code {
            system: dice_system(dice),
            code: "professional".to_owned(),
        }),
        patient: party(dice),
        provider: party(dice),
        insurer: dice.maybe(true).map(|_| party(dice)),
        coverage: party(dice),
        insurance: usize::from(paid_before),
        submitted: day("2026-05-01"),
        service_date: Date::from_days(first.days() - i32::from(dice.one_in(4))).expect("a date"),
        order: (0..items.len()).collect(),
        items,
        total: Cents::new(total),
        referral: dice.maybe(true).map(|_| party(dice)),
        provider_type: Some(name(dice.pick(&TYPES))).filter(|_| dice.one_in(2)),
        information: information(dice),
        balance_billing_prohibited: prohibited(dice),
    }
}

/// Whether it says that balance billing is prohibited, and which.
fn prohibited(dice: &mut Dice) -> Option<bool> {
    let said = dice.one_in(2);
    dice.maybe(said)
}

fn systems(dice: &mut Dice) -> Systems {
    if dice.one_in(2) {
        Systems::PROFESSIONAL
    } else {
        Systems::default()
    }
}

#[test]
fn what_is_written_is_read_and_is_equal() {
    for seed in 0..600_u64 {
        let dice = &mut Dice(seed);
        let claim = a_claim(dice);
        let systems = systems(dice);
        let written = write_claim(&claim, &systems, "USD");
        let written = written.unwrap_or_else(|problem| panic!("{seed}: {problem:?} {claim:#?}"));
        let read = read_claim(&written, "USD").expect("read");
        assert_eq!(read, claim, "{seed}: {written:#}");
        // Written again, it is the same document.
        let again = write_claim(&read, &systems, "USD").expect("written");
        assert_eq!(again, written, "{seed}");
    }
}

#[test]
fn the_samples_go_out_as_they_came_in() {
    let plan = plan::read(&document(include_str!("../../samples/plan.json"))).expect("a plan");
    let known = document(include_str!("../../samples/member.json"));
    let known = member::read(&known).expect("a member");
    for (text, outcome) in [(VISIT, "partial"), (LATE, "denied")] {
        let claim = read_claim(&document(text), "USD").expect("read");
        let written = write_claim(&claim, &Systems::default(), "USD").expect("written");
        let read = read_claim(&written, "USD").expect("read");
        assert_eq!(read, claim);
        let quoted = |claim: &Claim| quote::quote(&plan, &claim.to_galen(true), &known);
        let (before, after) = (
            quoted(&claim).expect("quoted"),
            quoted(&read).expect("quoted"),
        );
        assert_eq!((before.outcome, &before), (outcome, &after));
    }
}

/// The array of a document says nothing about its lines; their numbers do. Places of problems are those of the document.
#[test]
fn lines_are_in_the_order_of_their_numbers() {
    let plan = plan::read(&document(include_str!("../../samples/plan.json"))).expect("a plan");
    let known = document(include_str!("../../samples/member.json"));
    let known = member::read(&known).expect("a member");
    let given = document(VISIT);
    let mut turned = given.clone();
    turned["item"].as_array_mut().expect("items").reverse();
    let read = |document: &Value| read_claim(document, "USD").expect("read");
    let (first, second) = (read(&given), read(&turned));
    assert_eq!(
        (first.order, second.order.clone()),
        (vec![0, 1, 2], vec![2, 1, 0])
    );
    assert_eq!(first.items, second.items);
    // The deductible goes to the first line in either.
    let quoted = |document: &Value| {
        quote::quote(&plan, &read(document).to_galen(true), &known).expect("quoted")
    };
    assert_eq!(quoted(&given), quoted(&turned));
    // Written again, they stand in their order.
    let written = write_claim(&second, &Systems::default(), "USD").expect("written");
    let numbers: Vec<&Value> = written["item"]
        .as_array()
        .expect("items")
        .iter()
        .map(|item| &item["sequence"])
        .collect();
    assert_eq!(numbers, [&json!(1), &json!(2), &json!(3)]);
    assert_eq!(read(&written).order, [0, 1, 2]);

    turned["item"][2]["net"]["value"] = json!(-1);
    assert_eq!(
        refusal(read_claim(&turned, "USD")),
        (
            "negative_money".to_owned(),
            "Claim.item[2].net.value".to_owned()
        )
    );
    // Found once the lines are in order: the last of them is of another year.
    let mut long = given.clone();
    long["item"].as_array_mut().expect("items").reverse();
    long.as_object_mut()
        .expect("fields")
        .remove("billablePeriod");
    long["created"] = json!("2027-01-05");
    for (index, day) in ["2027-01-02", "2026-12-31", "2026-12-31"]
        .iter()
        .enumerate()
    {
        long["item"][index]["servicedDate"] = json!(day);
    }
    let refused = quote::quote(&plan, &read(&long).to_galen(true), &known);
    assert_eq!(
        refusal(refused),
        (
            "spans_benefit_periods".to_owned(),
            "Claim.item[0].servicedDate".to_owned()
        )
    );
    long["item"][2]["sequence"] = long["item"][0]["sequence"].clone();
    assert_eq!(
        refusal(read_claim(&long, "USD")),
        (
            "duplicate_sequence".to_owned(),
            "Claim.item[2].sequence".to_owned()
        )
    );
}

/// A claim of one line of which nothing is said that need not be.
fn least() -> Value {
    json!({
        "service_date": "2026-03-02", "provider": "CLINIC", "insured": "M-4711",
        "lines": [{"code": "G0463", "charge": 18_000}],
    })
}

fn own(document: &Value) -> claim::Claim {
    claim::read(document).expect("a claim")
}

#[test]
fn nothing_is_made_up() {
    let claim = Claim::from_galen(&own(&least()), None, None).expect("a claim");
    let written = write_claim(&claim, &Systems::default(), "USD").expect("written");
    let unsaid = json!({"text": "The claim does not say."});
    let amount = json!({"value": 180.00, "currency": "USD"});
    let wanted = json!({
        "resourceType": "Claim", "status": "active", "use": "claim", "type": unsaid, "priority": unsaid,
        "patient": {"identifier": {"value": "M-4711"}}, "provider": {"identifier": {"value": "CLINIC"}},
        "created": "2026-03-02", "billablePeriod": {"start": "2026-03-02", "end": "2026-03-02"},
        "insurance": [{"sequence": 1, "focal": true, "coverage": {"identifier": {"value": "M-4711"}}}],
        "item": [{
            "sequence": 1, "productOrService": {"coding": [{"code": "G0463"}]}, "servicedDate": "2026-03-02",
            "quantity": {"value": 1}, "net": amount,
        }],
        "total": amount,
    });
    // Amounts have their two decimals, which the numbers of the test do not keep.
    let plain = |value: &Value| value.to_string().replace("180.00", "180.0");
    assert_eq!(
        document(&plain(&written)),
        document(&plain(&wanted)),
        "{written:#}"
    );
    assert!(written.to_string().contains("\"value\":180.00"));
}

/// Code and place of a refusal.
fn refusal<T: std::fmt::Debug>(result: Result<T, galen_documents::Problem>) -> (String, String) {
    let problem = result.expect_err("refused");
    (problem.code, problem.at)
}

#[test]
fn what_fhir_cannot_say_is_refused_by_its_place() {
    for (change, code, at) in [
        (json!({"provider": null}), "missing_field", "provider"),
        (json!({"insured": null}), "missing_field", "insured"),
        (json!({"in_network": false}), "unsupported", "in_network"),
        (
            json!({"provider_eligible": false}),
            "unsupported",
            "provider_eligible",
        ),
        (
            json!({"filing_exception": {"ground": "administrative_error", "notified": "2026-04-01"}}),
            "unsupported",
            "filing_exception",
        ),
        (
            json!({"attachments": ["report"]}),
            "unsupported",
            "attachments",
        ),
        (
            json!({"lines": [{"code": "A", "charge": 1, "sequence": 1}]}),
            "unsupported",
            "lines[0].sequence",
        ),
        (
            json!({"lines": [{"code": "A", "charge": 1, "review": "confirmed"}]}),
            "unsupported",
            "lines[0].review",
        ),
        (
            json!({"lines": [{"code": "A", "charge": 1}, {"code": "A", "charge": 1, "attachments": ["x"]}]}),
            "unsupported",
            "lines[1].attachments",
        ),
    ] {
        let mut document = least();
        let fields = document.as_object_mut().expect("an object");
        fields.extend(change.as_object().expect("an object").clone());
        let made = Claim::from_galen(&own(&document), None, None);
        assert_eq!(refusal(made), (code.to_owned(), at.to_owned()), "{change}");
    }
}

#[test]
fn what_cannot_stand_in_a_document_is_refused_by_its_path() {
    let dice = &mut Dice(5);
    let mut claim = a_claim(dice);
    claim.items = (1..=3).map(|number| an_item(dice, number, false)).collect();
    claim.service_date = day("2026-03-01");
    let total = claim.items.iter().map(|item| item.charge.get()).sum();
    claim.total = Cents::new(total);
    write_claim(&claim, &Systems::default(), "USD").expect("written");
    let paid = OtherPayer {
        allowed: Money(Cents::new(2)),
        paid: Money(Cents::new(1)),
        obligated: None,
    };
    let local = Party {
        reference: Some("#p".to_owned()),
        system: None,
        value: None,
    };
    type Spoil<'a> = &'a dyn Fn(&mut Claim);
    let cases: [(Spoil, &str, &str); 11] = [
        (
            &|claim| claim.patient = local.clone(),
            "missing_reference",
            "Claim.patient.reference",
        ),
        (
            &|claim| claim.referral = Some(local.clone()),
            "missing_reference",
            "Claim.referral.reference",
        ),
        (
            &|claim| claim.items[2].authorization = Some("7".to_owned()),
            "unsupported",
            "Claim.item[2]",
        ),
        (
            &|claim| {
                claim.items[1].charge = Cents::new(2);
                claim.items[1].other_payer = Some(paid);
            },
            "unsupported",
            "Claim.item[0]",
        ),
        (
            &|claim| {
                for item in &mut claim.items {
                    item.charge = Cents::new(1);
                    item.other_payer = Some(paid);
                }
            },
            "sum_mismatch",
            "Claim.item[0]",
        ),
        (
            &|claim| claim.total = Cents::new(1),
            "sum_mismatch",
            "Claim.total.value",
        ),
        (
            &|claim| claim.service_date = day("2026-05-01"),
            "invalid_date",
            "Claim.billablePeriod.end",
        ),
        (
            &|claim| claim.items[1].sequence = claim.items[0].sequence,
            "duplicate_sequence",
            "Claim.item[1].sequence",
        ),
        (
            &|claim| claim.items[0].sequence = 0,
            "invalid_value",
            "Claim.item[0].sequence",
        ),
        (
            &|claim| claim.items[0].diagnoses = vec![name(" J06.9")],
            "invalid_value",
            "Claim.diagnosis.diagnosis.coding.code",
        ),
        (&|claim| claim.items.clear(), "no_lines", "Claim.item"),
    ];
    for (spoil, code, at) in cases {
        let mut claim = claim.clone();
        spoil(&mut claim);
        let written = write_claim(&claim, &Systems::default(), "USD");
        assert_eq!(refusal(written), (code.to_owned(), at.to_owned()));
    }
}

/// A party that the document contains is named by its identifier.
#[test]
fn references_to_what_a_document_contains_are_left_out() {
    let dice = &mut Dice(9);
    let mut claim = a_claim(dice);
    claim.provider.reference = Some("#o".to_owned());
    let written = write_claim(&claim, &Systems::default(), "USD").expect("written");
    claim.provider.reference = None;
    assert_eq!(read_claim(&written, "USD").expect("read"), claim);
}

/// A plan that asks for everything that a document can say.
fn demanding() -> plan::Plan {
    let benefit = |code: &str, more: Value| {
        let mut benefit = json!({"code": code, "allowed": 9_000})
            .as_object()
            .expect("an object")
            .clone();
        benefit.extend(more.as_object().expect("an object").clone());
        Value::Object(benefit)
    };
    let need = |name: &str| json!([{"name": name, "remark": "N130"}]);
    let document = json!({
        "deductible": {"individual": 2_000}, "coinsurance_bps": 2_000, "coordination": "medicare_secondary", "filing_limit_days": 60, "multiple_procedure_bps": 5_000,
        "diagnoses": DIAGNOSES.map(|code| json!({"code": code, "covered": code != "Z00.0"})),
        "benefits": [
            benefit("A", json!({"places": ["11"], "information": need("onset"), "multiple_procedure": true})),
            benefit("B", json!({"diagnoses": ["J06.9"], "attachments": need("weight"), "authorization": true})),
            benefit("G0463", json!({"provider_types": ["207Q00000X"], "referral": true, "units_per_day": {"max": 3, "indicator": 2}})),
            benefit("X 1", json!({"modifiers_required": ["LT"], "multiple_procedure": true})),
        ],
    });
    plan::read(&document).expect("a plan")
}

/// A claim in Galen's own form, as FHIR can say it.
fn an_own_claim(dice: &mut Dice) -> Value {
    let facts = |dice: &mut Dice, fields: &mut Map<String, Value>| {
        let Information { stated, attached } = information(dice);
        let names = |names: Vec<Name>| names.into_iter().map(|name| name.0).collect::<Vec<_>>();
        let (stated, attached) = (names(stated), names(attached));
        let diagnoses = names(dice.names(&DIAGNOSES, 2));
        let place = dice.pick(&PLACES);
        for (field, value) in [
            ("information", json!(stated)),
            ("attachments", json!(attached)),
            ("diagnoses", json!(diagnoses)),
            ("place", json!(place)),
        ] {
            fields.insert(field.to_owned(), value);
        }
        if dice.one_in(3) {
            fields.remove("diagnoses");
            fields.remove("place");
        }
    };
    let (paid_before, authorization) = (dice.one_in(2), dice.maybe("7"));
    let lines = (0..1 + dice.roll(4)).map(|_| {
        let charge = dice.roll(30_000);
        let mut line = Map::new();
        line.insert("code".into(), dice.pick(&CODES).into());
        line.insert("charge".into(), charge.into());
        line.insert("units".into(), (1 + dice.roll(4)).into());
        line.insert("authorization".into(), json!(authorization));
        line.insert(
            "modifiers".into(),
            json!(dice.maybe("LT").into_iter().collect::<Vec<_>>()),
        );
        let begun = day("2026-03-02").plus_days(dice.small(9)).expect("a date");
        line.insert("service_date".into(), begun.to_string().into());
        if dice.one_in(3) {
            let last = begun.plus_days(dice.small(5)).expect("a date");
            line.insert("service_to".into(), last.to_string().into());
        }
        if paid_before {
            let OtherPayer {
                allowed,
                paid,
                obligated,
            } = settled(dice, charge);
            let obligated = obligated.filter(|_| dice.one_in(2));
            line.insert(
                "other_payer".into(),
                json!({"allowed": allowed, "paid": paid, "obligated": obligated}),
            );
        }
        facts(dice, &mut line);
        Value::Object(line)
    });
    let lines: Vec<Value> = lines.collect();
    let mut claim = Map::new();
    claim.insert("lines".into(), lines.into());
    claim.insert(
        "provider".into(),
        "http://hl7.org/fhir/sid/us-npi|1234567893".into(),
    );
    claim.insert("insured".into(), "M-4711".into());
    claim.insert("payer".into(), json!(dice.maybe("us")));
    claim.insert("provider_type".into(), json!(dice.pick(&TYPES)));
    claim.insert("referral".into(), json!(dice.maybe("R|1")));
    let filed = dice
        .pick(&["2026-03-20", "2026-03-20", "2026-09-01"])
        .to_owned();
    claim.insert("submitted".into(), json!(dice.maybe(filed)));
    facts(dice, &mut claim);
    claim.into()
}

#[test]
fn what_is_written_comes_to_the_same() {
    let (plan, known) = (demanding(), member::Member::default());
    let mut reasons = std::collections::BTreeSet::new();
    for seed in 0..600_u64 {
        let document = an_own_claim(&mut Dice(seed.wrapping_mul(0x1_0001)));
        let claim = own(&document);
        let made = Claim::from_galen(&claim, None, None).expect("a FHIR claim");
        let written = write_claim(&made, &Systems::PROFESSIONAL, "USD").expect("written");
        let read = read_claim(&written, "USD").expect("read").to_galen(true);
        let quoted = |claim| quote::quote(&plan, claim, &known).expect("quoted");
        let (before, after) = (quoted(&claim), quoted(&read));
        assert_eq!(before, after, "{seed}: {document:#} {written:#}");
        let lines = before.lines.iter().flat_map(|line| &line.adjustments);
        reasons.extend(lines.map(|adjustment| adjustment.reason));
    }
    // Everything that the plan asks for has decided something.
    for reason in [
        1, 2, 4, 5, 8, 11, 16, 23, 29, 45, 59, 151, 167, 197, 243, 252,
    ] {
        assert!(
            reasons.contains(&reason),
            "no line had CARC {reason}: {reasons:?}"
        );
    }
}
