//! Quote and ledger: the same documents come to the same, whatever the plan asks for. Documents at random are quoted, and put
//! through the commands' own translation and the program's own code.

use std::sync::Arc;

use anchor_lang::prelude::AccountInfo;
use anchor_lang::Discriminator;
use claims::details::{Known, Sources};
use claims::state::{
    Authorization, BenefitEntry, Claim, ClaimFactKind, Family, Grant, HistoryEntry, Member,
    MemberFact, Opening, PlanTerms,
};
use claims::waivers::Waivers;
use claims::{authorizations, convert};
use galen_documents::{claim, member, plan, quote};
use galen_rules::adjudication::details::{Past, Review, DISTINCT};
use galen_rules::adjudication::{self as rules, Accumulators, CostShareUsed, LineResult, Used};
use galen_rules::date::Window;
use galen_rules::{Cents, Date};
use serde_json::{json, Map, Value};
use solana_pubkey::Pubkey;

use super::submission::{Submission, Terms};
use crate::chain::{codes, people};
use crate::command::member::stated::{self, Reach};
use crate::command::plan::terms::compile;
use crate::document;
use crate::store::CodeKey;

const KEY: CodeKey = CodeKey([7; 32]);
const CASES: u64 = 8_000;

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

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let index = usize::try_from(self.roll(from.len() as u64)).expect("small");
        from[index]
    }

    fn some(&mut self, from: &[&str], most: u64) -> Vec<String> {
        let count = self.roll(most + 1);
        let mut list: Vec<String> = (0..count).map(|_| self.pick(from).to_owned()).collect();
        list.dedup();
        list
    }

    fn day(&mut self, from: &str, days: u64) -> String {
        let first: Date = from.parse().expect("a date");
        let more = u32::try_from(self.roll(days)).expect("small");
        first.plus_days(more).expect("a date").to_string()
    }
}

const CODES: [&str; 4] = ["A", "B", "C", "D"];
const DIAGNOSES: [&str; 3] = ["J06.9", "E11.9", "Z00.0"];
const PLACES: [&str; 2] = ["11", "22"];
const TYPES: [&str; 2] = ["207Q", "122300000X"];
const MODIFIERS: [&str; 4] = ["LT", "59", "GA", "RT"];
const CATEGORIES: [&str; 2] = ["therapy", "vision"];
const NEEDS: [&str; 3] = ["onset", "weight", "report"];
const NORTH: Pubkey = Pubkey::new_from_array([9; 32]);
const SOUTH: Pubkey = Pubkey::new_from_array([10; 32]);

fn needs(dice: &mut Dice) -> Value {
    let names = dice.some(&NEEDS, 2);
    let need = |name: &String| json!({"name": name, "remark": format!("N{}", name.len())});
    names.iter().map(need).collect()
}

fn maybe(dice: &mut Dice, to: &mut Map<String, Value>, field: &str, value: Value) {
    if dice.one_in(9) {
        to.insert(field.to_owned(), value);
    }
}

fn a_benefit(dice: &mut Dice, code: &str) -> Value {
    let mut benefit = Map::new();
    benefit.insert("code".into(), code.into());
    benefit.insert("allowed".into(), (5_000 + dice.roll(10_000)).into());
    if dice.one_in(12) {
        benefit.insert("covered".into(), false.into());
        maybe(dice, &mut benefit, "remark", "N130".into());
    }
    let list = |list: Vec<String>| match list.is_empty() {
        true => json!(null),
        false => json!(list),
    };
    let (from, to) = (dice.roll(60), dice.roll(40));
    let fields = [
        ("effective_from", json!(dice.day("2026-01-01", 200))),
        ("effective_to", json!(dice.day("2026-09-01", 120))),
        ("information", needs(dice)),
        ("attachments", needs(dice)),
        ("provider_types", list(dice.some(&TYPES, 1))),
        ("places", list(dice.some(&PLACES, 1))),
        ("diagnoses", list(dice.some(&DIAGNOSES, 2))),
        ("ages", json!({"from": from, "to": from + to})),
        ("sexes", json!(["F"])),
        ("modifiers", json!(dice.some(&MODIFIERS, 2))),
        ("modifiers_required", json!(dice.some(&MODIFIERS, 1))),
        ("experimental", json!(true)),
        ("referral", json!(true)),
        (
            "units_per_day",
            json!({"max": dice.roll(4), "indicator": 1 + dice.roll(3)}),
        ),
        ("multiple_procedure", json!(true)),
        ("multiple_procedure", json!(true)),
        ("readmission_days", json!(dice.roll(60))),
        ("frequency_days", json!(1 + dice.roll(30))),
        ("max_units", json!(1 + dice.roll(4))),
        ("copay", json!(dice.roll(3_000))),
        ("category", json!(dice.pick(&CATEGORIES))),
        ("category", json!(dice.pick(&CATEGORIES))),
        ("deductible_applies", json!(dice.one_in(2))),
        ("coinsurance_bps", json!(dice.roll(5) * 1_250)),
        ("waiting_days", json!(dice.roll(90))),
        ("authorization", json!(true)),
    ];
    for (field, value) in fields {
        maybe(dice, &mut benefit, field, value);
    }
    benefit.into()
}

/// Null half of the time.
fn or_none(dice: &mut Dice, most: u64) -> Value {
    let amount = dice.roll(most);
    if dice.one_in(2) {
        json!(null)
    } else {
        json!(amount)
    }
}

/// What the plan leaves to the member, and the most that it pays.
fn shares(dice: &mut Dice, plan: &mut Map<String, Value>) {
    let of_families = json!({"individual": or_none(dice, 9_000), "family": or_none(dice, 15_000)});
    let most = json!({"individual": or_none(dice, 20_000), "family": or_none(dice, 40_000)});
    let first = 1 + dice.roll(10_000);
    let tiers = json!([
        {"up_to": first, "coinsurance_bps": dice.roll(5) * 1_000},
        {"up_to": first + 1 + dice.roll(20_000), "coinsurance_bps": 2_500},
        {"coinsurance_bps": dice.roll(4) * 1_111},
    ]);
    let mut categories = Map::new();
    for name in CATEGORIES {
        if dice.one_in(2) {
            let period = dice.pick(&["year", "lifetime"]).to_owned();
            let most = or_none(dice, 12_000);
            categories.insert(name.to_owned(), json!({"max": most, "period": period}));
        }
    }
    let rules = [
        "standard",
        "carve_out",
        "maintenance_of_benefits",
        "medicare_secondary",
    ];
    let fields = [
        ("deductible", of_families),
        ("out_of_pocket_max", most),
        ("copay", json!(dice.roll(2_000))),
        ("cost_share_order", json!("copay_first")),
        ("tiers", tiers),
        ("recognised_bps", json!(6_000 + dice.roll(40) * 100)),
        ("annual_max", json!(dice.roll(30_000))),
        ("lifetime_max", json!(dice.roll(60_000))),
        ("filing_limit_days", json!(10 + dice.roll(20))),
        ("categories", categories.into()),
        ("coordination", json!(dice.pick(&rules))),
    ];
    for (field, value) in fields {
        if dice.one_in(3) {
            plan.insert(field.to_owned(), value);
        }
    }
}

fn a_plan(dice: &mut Dice) -> Value {
    let benefits: Vec<Value> = CODES[..3]
        .iter()
        .map(|code| a_benefit(dice, code))
        .collect();
    let mut plan = Map::new();
    plan.insert("benefits".into(), benefits.into());
    plan.insert("deductible".into(), json!({"individual": dice.roll(9_000)}));
    plan.insert("coinsurance_bps".into(), (dice.roll(5) * 1_000).into());
    plan.insert("out_of_network".into(), json!({"coinsurance_bps": 4_000}));
    let diagnoses = dice.some(&DIAGNOSES, 3);
    let known = |code: &String| json!({"code": code, "covered": code != "Z00.0", "effective_to": if code == "E11.9" { json!("2026-06-30") } else { json!(null) }});
    let pairs = [("A", "B"), ("A", "C"), ("B", "C")].map(|(one, two)| {
        let (indicator, reason) = (
            [0, 1, 9][dice.roll(3) as usize],
            [236, 97, 234, 231][dice.roll(4) as usize],
        );
        json!({"column_one": one, "column_two": two, "indicator": indicator, "reason": reason})
    });
    let count = dice.roll(4) as usize;
    let fields = [
        ("payer", json!("us")),
        ("dependents", json!({"child": {"to_age": 25}, "spouse": {}})),
        ("requirements", json!(["resident"])),
        ("spanning", json!("deny")),
        ("filing_exceptions", json!(["administrative_error"])),
        ("information", needs(dice)),
        ("attachments", needs(dice)),
        (
            "diagnoses",
            if diagnoses.is_empty() {
                json!(null)
            } else {
                diagnoses.iter().map(known).collect()
            },
        ),
        ("pre_existing_days", json!(dice.roll(300))),
        ("multiple_procedure_bps", json!(5_000)),
        ("multiple_procedure_bps", json!(3_333)),
        ("waiting_days", json!(dice.roll(60))),
    ];
    for (field, value) in fields {
        maybe(dice, &mut plan, field, value);
    }
    if dice.one_in(2) {
        plan.insert("bundles".into(), json!(pairs[..count]));
    }
    shares(dice, &mut plan);
    plan.into()
}

/// What another payer has settled of a charge: paid ≤ allowed ≤ obligated ≤ charge.
fn another_payer(dice: &mut Dice, charge: u64) -> Value {
    let obligated = dice.roll(charge + 1);
    let allowed = dice.roll(obligated + 1);
    let paid = dice.roll(allowed + 1);
    let obligated = if dice.one_in(3) {
        json!(null)
    } else {
        json!(obligated)
    };
    json!({"allowed": allowed, "paid": paid, "obligated": obligated})
}

fn a_line(dice: &mut Dice) -> Value {
    let mut line = Map::new();
    let (code, charge) = (dice.pick(&CODES), 1 + dice.roll(30_000));
    line.insert("code".into(), code.into());
    line.insert("charge".into(), charge.into());
    if dice.one_in(4) {
        line.insert("other_payer".into(), another_payer(dice, charge));
    }
    line.insert("units".into(), (1 + dice.roll(3)).into());
    line.insert("modifiers".into(), json!(dice.some(&MODIFIERS, 2)));
    line.insert("balance_billing_prohibited".into(), dice.one_in(2).into());
    let date = dice.day("2026-05-28", 5);
    let fields = [
        ("service_date", json!(date)),
        ("service_to", json!(dice.day("2026-06-02", 9))),
        ("place", json!(dice.pick(&PLACES))),
        ("diagnoses", json!(dice.some(&DIAGNOSES, 2))),
        ("information", json!(dice.some(&NEEDS, 1))),
        ("attachments", json!(dice.some(&NEEDS, 1))),
        ("review", json!("not_necessary")),
        ("review", json!("level_unsupported")),
    ];
    for (field, value) in fields {
        maybe(dice, &mut line, field, value);
    }
    line.into()
}

fn a_claim(dice: &mut Dice) -> Value {
    let count = 1 + dice.roll(4);
    let lines: Vec<Value> = (0..count).map(|_| a_line(dice)).collect();
    let mut claim = Map::new();
    claim.insert("service_date".into(), "2026-06-01".into());
    claim.insert("submitted".into(), "2026-06-15".into());
    claim.insert("provider".into(), NORTH.to_string().into());
    claim.insert("in_network".into(), (!dice.one_in(3)).into());
    claim.insert("lines".into(), lines.into());
    if dice.one_in(10) {
        claim.insert("submitted".into(), "2027-08-15".into());
    }
    let exception = json!({"ground": dice.pick(&["administrative_error", "retroactive_entitlement"]), "notified": dice.day("2027-01-01", 300)});
    let fields = [
        ("filing_exception", exception),
        ("payer", json!(dice.pick(&["us", "them"]))),
        ("provider_type", json!(dice.pick(&TYPES))),
        ("referral", json!("R-1")),
        ("information", json!(dice.some(&NEEDS, 3))),
        ("attachments", json!(dice.some(&NEEDS, 3))),
        ("place", json!(dice.pick(&PLACES))),
        ("diagnoses", json!(dice.some(&DIAGNOSES, 2))),
    ];
    for (field, value) in fields {
        // What is asked for is stated more often than not.
        if !dice.one_in(3) {
            claim.insert(field.to_owned(), value);
        }
    }
    claim.into()
}

/// The number of a member's authorisation about a code.
fn number_of(code: &str) -> String {
    let place = CODES.iter().position(|known| *known == code);
    (1 + place.expect("a code")).to_string()
}

/// At most one for each code.
fn some_authorizations(dice: &mut Dice) -> Value {
    let mut list = Vec::new();
    for code in CODES {
        if dice.one_in(3) {
            continue;
        }
        let units = 1 + dice.roll(4);
        let mut entry = json!({
            "number": number_of(code), "code": code, "units": units, "used": dice.roll(units + 1),
            "from": dice.day("2026-05-01", 32), "to": dice.day("2026-06-02", 30),
        });
        if dice.one_in(3) {
            let by = [NORTH, SOUTH][dice.roll(2) as usize].to_string();
            entry["provider"] = by.into();
        }
        list.push(entry);
    }
    list.into()
}

/// Has each line cite the member's authorisation about its code, so that the ledger has no choice that the document does not have.
fn cite(claim: &mut Value, known: &Value) {
    for line in claim["lines"].as_array_mut().expect("lines") {
        let list = known["authorizations"].as_array().expect("a list");
        if let Some(entry) = list.iter().find(|entry| entry["code"] == line["code"]) {
            line["authorization"] = entry["number"].clone();
        }
    }
}

/// What the member and its family have used up; the family's includes the member's.
fn used_up(dice: &mut Dice, known: &mut Map<String, Value>) {
    let mut used = |most| {
        let individual = dice.roll(most);
        json!({"individual": individual, "family": individual + dice.roll(most)})
    };
    let pairs = [
        ("deductible_used", used(6_000)),
        ("out_of_pocket_used", used(15_000)),
    ];
    let outside = json!({"deductible_used": used(6_000), "out_of_pocket_used": used(15_000)});
    let mut categories = Map::new();
    for name in CATEGORIES {
        categories.insert(name.to_owned(), dice.roll(12_000).into());
    }
    known.extend(pairs.map(|(field, value)| (field.to_owned(), value)));
    let annual = dice.roll(25_000);
    let figures = [
        ("out_of_network", outside),
        ("annual_used", json!(annual)),
        ("lifetime_used", json!(annual + dice.roll(25_000))),
        ("tier_used", json!(dice.roll(25_000))),
        ("category_used", categories.into()),
    ];
    for (field, value) in figures {
        known.insert(field.to_owned(), value);
    }
}

fn a_member(dice: &mut Dice) -> Value {
    let mut known = Map::new();
    known.insert("authorizations".into(), some_authorizations(dice));
    if dice.one_in(2) {
        used_up(dice, &mut known);
    }
    known.insert("covered_from".into(), dice.day("2026-01-01", 170).into());
    known.insert("covered_to".into(), dice.day("2026-05-26", 200).into());
    let history: Vec<Value> = (0..dice.roll(4))
        .map(|_| {
            let by = [NORTH, SOUTH][dice.roll(2) as usize].to_string();
            let last = dice.one_in(3).then(|| dice.day("2026-06-02", 9));
            json!({"code": dice.pick(&CODES), "service_date": dice.day("2026-05-28", 6), "service_to": last, "provider": by,
                   "modifiers": dice.some(&MODIFIERS, 1), "units": 1 + dice.roll(3)})
        })
        .collect();
    known.insert("history".into(), history.into());
    let fields = [
        (
            "dependent",
            json!(dice.pick(&["child", "spouse", "cousin"])),
        ),
        ("birth_date", json!(dice.day("1950-01-01", 27_000))),
        ("birth_date", json!(dice.day("2000-05-20", 20))),
        ("sex", json!(dice.pick(&["F", "M"]))),
        ("requirements_met", json!(["resident"])),
        ("pre_existing", json!(dice.some(&DIAGNOSES, 2))),
        (
            "discharges",
            json!([{"date": dice.day("2026-04-20", 60), "provider": NORTH.to_string()}]),
        ),
    ];
    for (field, value) in fields {
        if !dice.one_in(3) {
            known.insert(field.to_owned(), value);
        }
    }
    let spans = |dice: &mut Dice| {
        let from = dice.day("2026-05-20", 15);
        json!([{"from": from, "to": dice.day("2026-06-04", 9)}])
    };
    let (lapses, others) = (spans(dice), spans(dice));
    maybe(dice, &mut known, "lapses", lapses);
    maybe(dice, &mut known, "other_payer_first", others);
    let death = dice.day("2026-05-28", 20);
    maybe(dice, &mut known, "death_date", json!(death));
    known.into()
}

/// The year of all services.
const YEAR: u32 = 2026;
const MEMBER: Pubkey = Pubkey::new_from_array([11; 32]);

/// The member's account, and its family's: as after the claims that used this up. The member's copy of the family's figures is
/// that of its own last claim, so an older one.
fn accounts(plan: &plan::Plan, terms: &PlanTerms, known: &member::Member) -> (Member, Family) {
    let mut member = Member::new(
        1,
        NORTH,
        NORTH,
        [1; 32],
        Pubkey::default(),
        known.covered_from.map_or(Date::MIN, |day| day.0).days(),
        known.covered_to.map_or(Date::MAX, |day| day.0).days(),
    )
    .expect("a member");
    let mut family = Family::new(1, NORTH, NORTH, [2; 32]).expect("a family");
    let mut used = Accumulators {
        in_network: share(known.deductible_used, known.out_of_pocket_used),
        out_of_network: share(
            known.out_of_network.deductible_used,
            known.out_of_network.out_of_pocket_used,
        ),
        tier: known.tier_used.0,
        annual: known.annual_used.0,
        lifetime: known.lifetime_used.0,
        ..Accumulators::default()
    };
    for (index, name) in plan.category_names().into_iter().enumerate() {
        let of_category = known.category_used.get(name);
        used.category[index] = of_category.copied().unwrap_or_default().0;
    }
    family.store(YEAR, &used).expect("stored");
    for side in [&mut used.in_network, &mut used.out_of_network] {
        side.deductible.family = side.deductible.individual;
        side.out_of_pocket.family = side.out_of_pocket.individual;
    }
    convert::store_accumulators(&mut member, YEAR, terms, &used).expect("stored");
    (member, family)
}

fn share(deductible: member::Used, out_of_pocket: member::Used) -> CostShareUsed {
    let used = |used: member::Used| Used {
        individual: used.individual.0,
        family: used.family.0,
    };
    CostShareUsed {
        deductible: used(deductible),
        out_of_pocket: used(out_of_pocket),
    }
}

/// The member's authorisations, as accounts that come with the claim. As long as the program runs, accounts outlive it: here they
/// are left behind, some megabytes in all.
fn papers(known: &member::Member) -> &'static [AccountInfo<'static>] {
    let granted = known.authorizations.iter().flatten().map(|entry| {
        let code = entry.code.as_ref().expect("a code");
        let by = entry.provider.as_ref();
        let grant = Grant {
            number: entry.number.0.parse().expect("a number"),
            provider: by.map_or_else(Pubkey::default, |by| by.0.parse().expect("a key")),
            code_key: codes::procedure(&KEY, &code.0).expect("keyed"),
            from: entry.from.expect("a day").0.days(),
            to: entry.to.expect("a day").0.days(),
            units: entry.units.expect("units"),
        };
        let mut paper = Authorization::new(1, MEMBER, &grant).expect("granted");
        let used = u16::try_from(entry.used).expect("few");
        paper.use_up(used).expect("left");
        let address = Authorization::find_address(&MEMBER, grant.number).0;
        let data = [Authorization::DISCRIMINATOR, bytemuck::bytes_of(&paper)].concat();
        AccountInfo::new(
            Box::leak(Box::new(address)),
            false,
            false,
            Box::leak(Box::new(1)),
            data.leak(),
            &claims::ID,
            false,
        )
    });
    granted.collect::<Vec<_>>().leak()
}

/// What the ledger would come to: the documents as the commands put them there, adjudicated as the program does.
fn on_ledger(
    plan: &plan::Plan,
    claim: &claim::Claim,
    known: &member::Member,
) -> (Vec<LineResult>, Accumulators) {
    let compiled = compile(plan, &KEY, None, "plan.json").expect("compiled");
    // What a reviewer finds is stated by nobody who submits a claim.
    let mut submitted = claim.clone();
    for line in &mut submitted.lines {
        line.review = None;
    }
    let document = document::Claim {
        claim: submitted,
        fhir: None,
        x12: None,
        bytes: Vec::new(),
    };
    let terms = Terms {
        plan_version: Pubkey::default(),
        schedule: Pubkey::default(),
        key: KEY,
        details: (None, Arc::from(compiled.details.clone())),
    };
    let submission = Submission::under(&document, "claim.json", |_| Ok(terms)).expect("submitted");
    let mut filed = Claim::open(Opening {
        bump: 0,
        pool: Pubkey::default(),
        provider: NORTH,
        claim_id: [1; 16],
        document: [1; 32],
        opener: NORTH,
        service_date: submission.service_date.days(),
        line_count: u8::try_from(submission.lines.len()).expect("few"),
    })
    .expect("opened");
    filed.append(0, &submission.lines).expect("appended");
    if !submission.other_payers.is_empty() {
        filed
            .tell_of_others(&submission.other_payers)
            .expect("told");
    }
    if !submission.facts.is_empty() {
        filed.state_facts(&submission.facts).expect("stated");
    }
    // As who decides has them written there: the program does not let that be all lines.
    for (kind, review) in [
        (ClaimFactKind::NotNecessary, Review::NotNecessary),
        (ClaimFactKind::LevelUnsupported, Review::LevelUnsupported),
    ] {
        let found = |(index, line): (usize, &claim::Line)| {
            let is_found = line.review == Some(claim::Finding(review));
            u16::from(is_found) << index
        };
        let lines = claim.lines.iter().enumerate();
        filed
            .facts
            .find(lines.map(found).fold(0, |all, bit| all | bit), kind);
    }
    filed.member = MEMBER;
    let lists = convert::Lists::of(&compiled.terms).expect("lists");
    let mut lines: Vec<rules::Line> = filed
        .lines
        .iter()
        .zip(1..)
        .map(|(line, number)| {
            let mut entries = compiled.entries.iter();
            let entry = entries.find(|entry: &&BenefitEntry| entry.code_key == line.code_key);
            let tag = rules::ProviderTag(HistoryEntry::provider_tag(&NORTH));
            convert::line(number, line, tag, entry)
        })
        .collect();
    filed.other_payers.tell(&mut lines);
    let papers = papers(known);
    let authorized = authorizations::find(papers, &filed, &mut lines).expect("found");
    let granted = authorizations::tell(papers, &MEMBER).expect("told");
    let authorized = authorizations::cite(&granted, &mut lines, &authorized);
    let (member, family) = accounts(plan, &compiled.terms, known);
    let mut accumulators = convert::accumulators(&member, YEAR, &compiled.terms);
    family.lend(YEAR, &mut accumulators);
    let live: Vec<HistoryEntry> = known.history.iter().map(entered).collect();
    let first_payer = known.other_payer_first.first().map(|span| Window {
        from: span.from.map_or(Date::MIN, |day| day.0),
        to: span.to.map_or(Date::MAX, |day| day.0),
    });
    let stated = of_member(plan, known);
    let mut all = Known::of(&Sources {
        demands: &compiled.details,
        facts: filed.facts.entries(),
        member: &stated,
        lines: &filed.lines,
        live: &live,
        first_payer,
    })
    .expect("known");
    all.waive(Waivers::NONE);
    all.amend(&mut lines);
    all.cite(granted, &authorized);
    let mut results = vec![LineResult::default(); lines.len()];
    all.lend(|details| {
        rules::adjudicate_with(
            details,
            &convert::plan(&compiled.terms, &lists).expect("terms"),
            &rules::Claim {
                submitted: claim.filed().0,
                network: convert::network(claim.in_network),
                lines: &lines,
            },
            convert::coverage(&member).expect("days"),
            live.iter().filter_map(convert::service),
            &mut accumulators,
            &mut results,
        )
    })
    .expect("adjudicated");
    (results, accumulators)
}

fn entered(line: &member::HistoryLine) -> HistoryEntry {
    let by: Pubkey = line
        .provider
        .as_deref()
        .expect("known")
        .parse()
        .expect("a key");
    HistoryEntry {
        code_key: codes::procedure(&KEY, &line.code).expect("keyed"),
        provider_tag: HistoryEntry::provider_tag(&by),
        claim_tag: [5; 8],
        modifiers: people::modifiers_key(&KEY, &line.modifiers, line.sequence).expect("keyed"),
        service_date: line.service_date.0.days(),
        units: line.units,
        distinct: line
            .modifiers
            .iter()
            .any(|modifier| DISTINCT.contains(&modifier.0))
            .into(),
        further_days: line
            .service_to
            .map_or(0, |last| Past::further_days(line.service_date.0, last.0)),
    }
}

fn of_member(plan: &plan::Plan, known: &member::Member) -> Vec<MemberFact> {
    let reach = Reach::between("2026-01-01", "2026-06-30");
    let mut facts = stated::facts(plan, known, &KEY, &reach, "member.json").expect("stated");
    facts.sort_by_key(|fact| (fact.kind, fact.key, fact.from));
    facts.dedup();
    facts
}

#[test]
fn the_ledger_comes_to_what_the_quote_says() {
    let (mut denials, mut adjudicated) = (std::collections::BTreeMap::new(), 0);
    let mut adjusted = std::collections::BTreeSet::new();
    // Who bears what is above the fee outside the network, with the ban on balance billing and without it.
    let mut over_fee = std::collections::BTreeSet::new();
    for seed in 0..CASES {
        let dice = &mut Dice(seed.wrapping_mul(0x1_0001));
        let mut documents = (a_plan(dice), a_claim(dice), a_member(dice));
        cite(&mut documents.1, &documents.2);
        let plan = plan::read(&documents.0).expect("a plan");
        let (Ok(claim), Ok(known)) = (claim::read(&documents.1), member::read(&documents.2)) else {
            // A service that ends before it begins, or the like.
            continue;
        };
        let quoted = quote::quote(&plan, &claim, &known).expect("quoted");
        let (decided, after) = on_ledger(&plan, &claim, &known);
        let quoted_after = &quoted.member;
        // Without a maximum of its own a category only groups copays: what it has used is of no account.
        let counts = |(name, used): (&str, Cents)| {
            let is_counted = plan.categories.contains_key(name);
            is_counted.then(|| (name.to_owned(), used))
        };
        let names = || plan.category_names().into_iter();
        let of_categories = names().map(|name| {
            let used = quoted_after.category_used.get(name);
            (name, used.copied().unwrap_or_default().0)
        });
        let of_categories: Vec<_> = of_categories.filter_map(counts).collect();
        let wanted_after = Accumulators {
            in_network: share(
                quoted_after.deductible_used,
                quoted_after.out_of_pocket_used,
            ),
            out_of_network: share(
                quoted_after.out_of_network.deductible_used,
                quoted_after.out_of_network.out_of_pocket_used,
            ),
            tier: quoted_after.tier_used.0,
            annual: quoted_after.annual_used.0,
            lifetime: quoted_after.lifetime_used.0,
            category: after.category,
        };
        let categories = names().zip(after.category).filter_map(counts);
        assert_eq!(
            (after, categories.collect::<Vec<_>>()),
            (wanted_after, of_categories),
            "{seed}: used up after {documents:#?}"
        );
        for ((wanted, found), line) in quoted.lines.iter().zip(&decided).zip(&claim.lines) {
            let above = found.adjustments.over_fee;
            // What Medicare leaves is the provider's, with a ban and without it.
            let is_alone = line.other_payer.is_none() && found.adjustments.prior.is_zero();
            if !claim.in_network && is_alone && found.denial.is_none() && !above.is_zero() {
                let group = found.adjustments.over_fee_group.as_str();
                over_fee.insert((line.balance_billing_prohibited, group));
            }
            let remark = |reason| {
                let denial = found.denial.filter(|denial| denial.reason == reason);
                denial.and_then(|denial| denial.remark)
            };
            let list = found.adjustments.list();
            let adjustments: Vec<_> = list
                .iter()
                .map(|one| {
                    (
                        one.group.as_str(),
                        one.reason.code(),
                        one.amount.get(),
                        remark(one.reason),
                    )
                })
                .collect();
            let wanted_adjustments: Vec<_> = wanted
                .adjustments
                .iter()
                .map(|one| {
                    (
                        one.group,
                        one.reason,
                        one.amount.0.get(),
                        one.remark.map(|remark| remark.0),
                    )
                })
                .collect();
            assert_eq!(
                (
                    adjustments,
                    found.paid.get(),
                    found.allowed.get(),
                    found.suspect,
                    found.prior_unpaid,
                    found.late_excused,
                    found.attachment_missing
                ),
                (
                    wanted_adjustments,
                    wanted.paid.0.get(),
                    wanted.allowed.0.get(),
                    wanted.suspect,
                    wanted.prior_unpaid,
                    wanted.late_excused,
                    wanted.attachment_missing
                ),
                "{seed}: line {} of {documents:#?}",
                wanted.line
            );
            adjusted.extend(list.iter().map(|one| one.reason.code()));
            if let Some(denial) = found.denial {
                *denials.entry(denial.reason.code()).or_insert(0) += 1;
            }
            adjudicated += 1;
        }
    }
    let seen: Vec<u16> = denials.keys().copied().collect();
    println!("{adjudicated} lines; denied: {denials:?}");
    let each = [
        4, 5, 6, 7, 8, 11, 13, 15, 16, 18, 22, 26, 27, 29, 32, 50, 51, 55, 96, 97, 109, 146, 150,
        151, 167, 177, 179, 181, 197, 198, 200, 204, 231, 234, 236, 238, 239, 243, 249, 252,
    ];
    for code in each {
        assert!(seen.contains(&code), "no line was denied by CARC {code}");
    }
    // Fee, recognised share, deductible, copay, coinsurance, another payer, maxima of a time and of a life.
    for code in [45, 122, 1, 3, 2, 23, 119, 149] {
        assert!(adjusted.contains(&code), "no line had CARC {code}");
    }
    let borne: Vec<(bool, &str)> = over_fee.into_iter().collect();
    assert_eq!(borne, [(false, "PR"), (true, "CO")]);
}
