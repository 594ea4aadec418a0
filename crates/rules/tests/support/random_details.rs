//! Random facts beyond the plain claim: each on its own, and seldom enough for most lines to pass.

use galen_rules::Date;
use serde_json::{json, Map, Value};

use super::{Random, CODES, NEW_YEAR};

const DIAGNOSES: [&str; 4] = ["E11.9", "M54.5", "J06.9", "Z00.00"];
const MODIFIERS: [&str; 7] = ["25", "59", "76", "77", "LT", "RT", "XU"];
const NUMBERS: [&str; 3] = ["A-1", "A-2", "A-3"];
const PLACES: [&str; 3] = ["11", "21", "22"];
const RELATIONS: [&str; 3] = ["child", "spouse", "parent"];
const TYPES: [&str; 2] = ["207Q", "208D"];
const PROVIDERS: [&str; 2] = ["north", "south"];
const GROUNDS: [&str; 4] = [
    "administrative_error",
    "retroactive_entitlement",
    "medicaid_recoupment",
    "advantage_disenrolment",
];

impl Random {
    /// Some of a list, in its order; never none.
    fn some(&mut self, of: &[&str]) -> Value {
        let first = self.pick(of);
        let chosen: Vec<&str> = of
            .iter()
            .filter(|word| **word == first || self.chance(50))
            .copied()
            .collect();
        chosen.into()
    }

    fn near(&mut self) -> String {
        let days = NEW_YEAR + 50 + i32::try_from(self.below(25)).unwrap();
        Date::from_days(days).unwrap().to_string()
    }

    fn window(&mut self) -> Value {
        let mut window = Map::new();
        let (mut from, mut to) = (self.day(), self.day());
        if self.chance(60) {
            (from, to) = (self.near(), self.near());
        }
        if to < from {
            (from, to) = (to, from);
        }
        self.maybe(&mut window, 80, "from", from.into());
        self.maybe(&mut window, 80, "to", to.into());
        window.into()
    }

    fn lapse(&mut self) -> Value {
        let (one, other) = (self.near(), self.near());
        json!({"from": one.clone().min(other.clone()), "to": one.max(other)})
    }

    fn effective(&mut self, entry: &mut Value) {
        if self.chance(15) {
            entry["effective_from"] = self.near().into();
        } else if self.chance(15) {
            entry["effective_to"] = self.near().into();
        }
    }

    fn needs(&mut self, names: &[&str], remarks: &[&str]) -> Value {
        let need = |(name, remark)| json!({"name": name, "remark": remark});
        let all: Vec<Value> = names.iter().zip(remarks).map(need).collect();
        all.into()
    }

    pub fn plan_details(&mut self, plan: &mut Map<String, Value>) {
        self.maybe(plan, 15, "payer", "acme".into());
        if self.chance(20) {
            plan.insert(
                "dependents".into(),
                json!({"child": {"to_age": 25}, "spouse": {"to_age": null}}),
            );
        }
        self.maybe(plan, 8, "requirements", json!(["premium"]));
        self.maybe(plan, 50, "spanning", "deny".into());
        let grounds = self.some(&GROUNDS);
        self.maybe(plan, 40, "filing_exceptions", grounds);
        let needs = self.needs(&["onset"], &["MA122"]);
        self.maybe(plan, 4, "information", needs);
        let needs = self.needs(&["xray"], &["N40"]);
        self.maybe(plan, 4, "attachments", needs);
        if self.chance(12) {
            let mut list = Vec::new();
            for code in DIAGNOSES {
                if self.chance(85) {
                    let mut entry = json!({"code": code});
                    self.effective(&mut entry);
                    if self.chance(20) {
                        entry["covered"] = false.into();
                    }
                    list.push(entry);
                }
            }
            plan.insert("diagnoses".into(), list.into());
        }
        let days = self.pick(&[0, 60, 61, 200]);
        self.maybe(plan, 40, "pre_existing_days", days.into());
        let days = self.pick(&[0, 1, 2]);
        self.maybe(plan, 40, "authorization_grace_days", days.into());
        let mut bundles = Vec::new();
        let pairs = if self.chance(40) { 5 } else { 0 };
        for _ in 0..pairs {
            // Column one is listed before column two, so that no pairs run in a circle.
            let one = self.below(CODES.len() as u64 - 1);
            let two = one + 1 + self.below(CODES.len() as u64 - 1 - one);
            let code = |index: u64| CODES[usize::try_from(index).unwrap()];
            let mut entry = json!({
                "column_one": code(one),
                "column_two": code(two),
                "indicator": self.pick(&[0, 1, 1, 9]),
            });
            if self.chance(75) {
                entry["reason"] = self.pick(&[236, 97, 231, 234]).into();
            }
            self.effective(&mut entry);
            bundles.push(entry);
        }
        plan.insert("bundles".into(), bundles.into());
        let rate = self.pick(&[0, 5_000, 5_000, 3_333, 10_000]);
        self.maybe(plan, 60, "multiple_procedure_bps", rate.into());
    }

    pub fn benefit_details(&mut self, benefit: &mut Map<String, Value>) {
        let needs = self.needs(&["onset", "ref"], &["MA122", "N286"]);
        self.maybe(benefit, 3, "information", needs);
        let needs = self.needs(&["op"], &["N706"]);
        self.maybe(benefit, 3, "attachments", needs);
        let list = self.some(&TYPES);
        self.maybe(benefit, 5, "provider_types", list);
        let list = self.some(&PLACES);
        self.maybe(benefit, 5, "places", list);
        let list = self.some(&DIAGNOSES);
        self.maybe(benefit, 5, "diagnoses", list);
        if self.chance(6) {
            let from = self.pick(&[0, 18, 26]);
            let mut ages = Map::new();
            self.maybe(&mut ages, 60, "from", from.into());
            let to = from + self.pick(&[0, 7, 40]);
            self.maybe(&mut ages, 60, "to", to.into());
            benefit.insert("ages".into(), ages.into());
        }
        let sex = self.pick(&["F", "M"]);
        self.maybe(benefit, 5, "sexes", json!([sex]));
        let list = self.some(&MODIFIERS);
        self.maybe(benefit, 8, "modifiers", list);
        let list = self.some(&MODIFIERS);
        self.maybe(benefit, 2, "modifiers_required", list);
        self.maybe(benefit, 2, "experimental", true.into());
        self.maybe(benefit, 5, "referral", true.into());
        if self.chance(15) {
            let limit =
                json!({"max": self.pick(&[1, 2, 4, 6]), "indicator": self.pick(&[1, 2, 3])});
            benefit.insert("units_per_day".into(), limit);
        }
        self.maybe(benefit, 35, "multiple_procedure", true.into());
        let days = self.pick(&[0, 1, 2, 30]);
        self.maybe(benefit, 10, "readmission_days", days.into());
        if self.chance(20) {
            let mut entry = Value::Object(std::mem::take(benefit));
            self.effective(&mut entry);
            if let Value::Object(entry) = entry {
                *benefit = entry;
            }
        }
    }

    pub fn claim_details(&mut self, claim: &mut Map<String, Value>) {
        let payer = self.pick(&["acme", "acme", "other"]);
        self.maybe(claim, 40, "payer", payer.into());
        let patient = self.pick(&["P1", "P1", "P2"]);
        self.maybe(claim, 40, "insured", patient.into());
        let kind = self.pick(&TYPES);
        self.maybe(claim, 70, "provider_type", kind.into());
        self.maybe(claim, 2, "provider_eligible", false.into());
        self.maybe(claim, 60, "referral", "R-1".into());
        if self.chance(30) {
            let exception = json!({"ground": self.pick(&GROUNDS), "notified": self.day()});
            claim.insert("filing_exception".into(), exception);
        }
        self.maybe(claim, 50, "information", json!(["onset"]));
        self.maybe(claim, 50, "attachments", json!(["xray"]));
        let place = self.pick(&PLACES);
        self.maybe(claim, 60, "place", place.into());
        let diagnoses = self.some(&DIAGNOSES);
        self.maybe(claim, 60, "diagnoses", diagnoses);
    }

    pub fn line_details(&mut self, line: &mut Map<String, Value>, first_day: &str) {
        let number = self.pick(&NUMBERS);
        self.maybe(line, 60, "authorization", number.into());
        if self.chance(15) {
            let last = self.last_day(first_day);
            line.insert("service_to".into(), last.into());
        }
        let place = self.pick(&PLACES);
        self.maybe(line, 20, "place", place.into());
        if self.chance(20) {
            let diagnoses = if self.chance(80) {
                json!([self.pick(&DIAGNOSES)])
            } else {
                json!([])
            };
            line.insert("diagnoses".into(), diagnoses);
        }
        self.maybe(line, 20, "information", json!(["ref", "onset"]));
        self.maybe(line, 20, "attachments", json!(["op"]));
        let review = self.pick(&[
            "confirmed",
            "confirmed",
            "confirmed",
            "not_necessary",
            "level_unsupported",
        ]);
        self.maybe(line, 12, "review", review.into());
    }

    /// The last day of a service: of few days, or of about as many as the history keeps.
    pub fn last_day(&mut self, first_day: &str) -> String {
        let first: Date = first_day.parse().unwrap();
        let least = if self.chance(10) { 253 } else { 0 };
        let more = least + u32::try_from(self.below(4)).unwrap();
        first.plus_days(more).unwrap().to_string()
    }

    pub fn member_details(&mut self, member: &mut Map<String, Value>) {
        self.maybe(member, 40, "known_as", json!(["P1", "P3"]));
        let relation = self.pick(&RELATIONS);
        self.maybe(member, 40, "dependent", relation.into());
        let born = match self.below(20) {
            0 => self.near(),
            1..=9 => {
                let year = self.pick(&[1_980, 1_999, 2_000, 2_007, 2_008]);
                format!("{year}-03-{:02}", self.below(6) + 1)
            }
            _ => "1990-05-17".to_owned(),
        };
        self.maybe(member, 80, "birth_date", born.into());
        let died = self.near();
        let dead = self.chance(4)
            && member
                .get("birth_date")
                .is_none_or(|born| died.as_str() >= born.as_str().unwrap());
        if dead {
            member.insert("death_date".into(), died.into());
        }
        let sex = self.pick(&["F", "M", "X"]);
        self.maybe(member, 80, "sex", sex.into());
        let lapse = self.lapse();
        self.maybe(member, 10, "lapses", json!([lapse]));
        self.maybe(member, 60, "requirements_met", json!(["premium", "form"]));
        let window = self.window();
        self.maybe(member, 10, "other_payer_first", json!([window]));
        let diagnoses = self.some(&DIAGNOSES);
        self.maybe(member, 40, "pre_existing", diagnoses);
        if self.chance(50) {
            let mut list = Vec::new();
            for number in NUMBERS {
                if self.chance(85) {
                    list.push(self.authorization(number, false));
                }
                if self.chance(40) {
                    list.push(self.authorization(number, true));
                }
            }
            member.insert("authorizations".into(), list.into());
        }
        let mut discharges = Vec::new();
        while self.chance(25) {
            let mut entry = Map::new();
            entry.insert("date".into(), self.near().into());
            let provider = self.pick(&PROVIDERS);
            self.maybe(&mut entry, 60, "provider", provider.into());
            discharges.push(Value::from(entry));
        }
        if !discharges.is_empty() {
            member.insert("discharges".into(), discharges.into());
        }
    }

    /// One for a code, the other for any: of one number there is at most one of each.
    fn authorization(&mut self, number: &str, for_one_code: bool) -> Value {
        let mut entry = Map::new();
        entry.insert("number".into(), number.into());
        let code = self.pick(&CODES);
        if for_one_code {
            entry.insert("code".into(), code.into());
        }
        let provider = self.pick(&PROVIDERS);
        self.maybe(&mut entry, 15, "provider", provider.into());
        if self.chance(20) {
            for (name, day) in self.window().as_object().unwrap() {
                entry.insert(name.clone(), day.clone());
            }
        }
        let requested = self.near();
        self.maybe(&mut entry, 25, "requested", requested.into());
        let units = self.below(8) + 1;
        self.maybe(&mut entry, 60, "units", units.into());
        let used = self.below(units.min(3) + 1);
        self.maybe(&mut entry, 50, "used", used.into());
        self.maybe(&mut entry, 20, "refused", true.into());
        entry.into()
    }
}
