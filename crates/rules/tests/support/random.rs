//! Random documents, every feature on, from a seed.
//!
//! Amounts, dates and codes come from small sets on purpose: limits are met exactly, services
//! repeat, windows end on the day, and halves of a cent occur.

#[path = "random_details.rs"]
mod random_details;

use galen_rules::Date;
use serde_json::{json, Map, Value};

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(u64);

/// A year with enough days on either side for claims to span two.
const NEW_YEAR: i32 = 20_454;
const CODES: [&str; 6] = ["99213", "85025", "71046", "D1110", "J0585", "A0428"];
const CATEGORIES: [&str; 3] = ["lab", "surgery", "visit"];

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[usize::try_from(self.below(from.len() as u64)).unwrap()]
    }

    fn money(&mut self) -> u64 {
        match self.below(20) {
            0 => 0,
            1..=4 => self.below(20),
            5..=8 => self.pick(&[500, 1_000, 1_500, 5_000, 12_500, 17_500]),
            9 => self.below(1_000_000_000_000_000),
            _ => self.below(30_000),
        }
    }

    fn limit(&mut self) -> u64 {
        match self.below(10) {
            0 => 0,
            1..=4 => self.pick(&[1_000, 5_000, 20_000, 50_000]),
            5 => self.below(1_000_000_000_000_000),
            _ => self.below(60_000),
        }
    }

    fn rate(&mut self) -> u64 {
        match self.below(4) {
            0 => self.below(10_001),
            _ => self.pick(&[0, 1_000, 2_000, 2_500, 3_333, 5_000, 10_000]),
        }
    }

    fn day(&mut self) -> String {
        let days = match self.below(40) {
            0 => NEW_YEAR - 1 - i32::try_from(self.below(3)).unwrap(),
            1..=19 => NEW_YEAR + 60 + i32::try_from(self.below(4)).unwrap(),
            _ => NEW_YEAR + i32::try_from(self.below(365)).unwrap(),
        };
        Date::from_days(days).unwrap().to_string()
    }

    fn maybe(&mut self, document: &mut Map<String, Value>, percent: u64, name: &str, value: Value) {
        if self.chance(percent) {
            document.insert(name.into(), value);
        }
    }

    fn limits(&mut self) -> Value {
        let mut limits = Map::new();
        for name in ["individual", "family"] {
            match self.below(5) {
                0 => {}
                1 => {
                    limits.insert(name.into(), Value::Null);
                }
                _ => {
                    limits.insert(name.into(), self.limit().into());
                }
            }
        }
        limits.into()
    }

    fn terms(&mut self, document: &mut Map<String, Value>) {
        let (rate, deductible, maximum) = (self.rate(), self.limits(), self.limits());
        self.maybe(document, 80, "coinsurance_bps", rate.into());
        self.maybe(document, 75, "deductible", deductible);
        self.maybe(document, 60, "out_of_pocket_max", maximum);
    }

    pub fn plan(&mut self) -> Value {
        let mut plan = Map::new();
        self.terms(&mut plan);
        let order = self.pick(&["deductible_first", "copay_first"]);
        self.maybe(&mut plan, 80, "cost_share_order", order.into());
        let coordination = self.pick(&[
            "standard",
            "carve_out",
            "maintenance_of_benefits",
            "medicare_secondary",
        ]);
        self.maybe(&mut plan, 80, "coordination", coordination.into());
        let copay = self.money();
        self.maybe(&mut plan, 40, "copay", copay.into());
        if self.chance(30) {
            let mut end = 0;
            let mut tiers = Vec::new();
            let bounded = self.below(3);
            for _ in 0..bounded {
                end += 1 + self.limit();
                tiers.push(json!({"up_to": end, "coinsurance_bps": self.rate()}));
            }
            tiers.push(json!({"up_to": null, "coinsurance_bps": self.rate()}));
            plan.insert("tiers".into(), tiers.into());
        }
        let recognised = self.pick(&[6_250, 5_000, 9_999, 10_000]);
        self.maybe(&mut plan, 25, "recognised_bps", recognised.into());
        let maximum = self.limit();
        self.maybe(&mut plan, 25, "annual_max", maximum.into());
        let maximum = self.limit();
        self.maybe(&mut plan, 25, "lifetime_max", maximum.into());
        let mut categories = Map::new();
        for name in CATEGORIES {
            if self.chance(50) {
                let period = self.pick(&["year", "lifetime"]);
                categories.insert(name.into(), json!({"max": self.limit(), "period": period}));
            }
        }
        plan.insert("categories".into(), categories.into());
        let limit = self.pick(&[0, 1, 30, 90, 365]);
        self.maybe(&mut plan, 30, "filing_limit_days", limit.into());
        let waiting = self.pick(&[0, 1, 30, 62, 180]);
        self.maybe(&mut plan, 25, "waiting_days", waiting.into());
        if self.chance(60) {
            let mut terms = Map::new();
            self.terms(&mut terms);
            plan.insert("out_of_network".into(), terms.into());
        }
        let detailed = self.chance(60);
        if detailed {
            self.plan_details(&mut plan);
        }
        let mut benefits = Vec::new();
        for code in CODES {
            if self.chance(90) {
                let mut benefit = self.benefit(code);
                if detailed {
                    self.benefit_details(&mut benefit);
                }
                benefits.push(Value::from(benefit));
            }
        }
        plan.insert("benefits".into(), benefits.into());
        plan.into()
    }

    fn benefit(&mut self, code: &str) -> Map<String, Value> {
        let mut benefit = Map::new();
        benefit.insert("code".into(), code.into());
        benefit.insert("allowed".into(), self.money().into());
        if self.chance(8) {
            benefit.insert("covered".into(), false.into());
            self.maybe(&mut benefit, 50, "remark", "N130".into());
        }
        let category = self.pick(&CATEGORIES);
        self.maybe(&mut benefit, 60, "category", category.into());
        let applies = self.chance(50);
        self.maybe(&mut benefit, 25, "deductible_applies", applies.into());
        let copay = self.money();
        self.maybe(&mut benefit, 40, "copay", copay.into());
        let rate = self.rate();
        self.maybe(&mut benefit, 25, "coinsurance_bps", rate.into());
        self.maybe(&mut benefit, 20, "authorization", true.into());
        let days = self.pick(&[0, 1, 2, 30, 180]);
        self.maybe(&mut benefit, 20, "frequency_days", days.into());
        let units = self.pick(&[1, 2, 3]);
        self.maybe(&mut benefit, 15, "max_units", units.into());
        let days = self.pick(&[0, 1, 60, 90]);
        self.maybe(&mut benefit, 15, "waiting_days", days.into());
        benefit
    }

    fn service(&mut self, entry: &mut Map<String, Value>) {
        let code = self.pick(&CODES);
        entry.insert("code".into(), code.into());
        if self.chance(12) {
            let modifiers =
                self.pick(&[&["76"][..], &["LT"], &["77", "RT"], &["RT", "77"], &["59"]]);
            entry.insert("modifiers".into(), modifiers.into());
        }
        let sequence = self.below(3);
        self.maybe(entry, 12, "sequence", sequence.into());
    }

    pub fn claim(&mut self) -> Value {
        let mut claim = Map::new();
        let day = self.day();
        claim.insert("service_date".into(), day.clone().into());
        if self.chance(60) {
            self.claim_details(&mut claim);
        }
        let submitted = self.day();
        if self.chance(75) {
            let late = Date::from_days(NEW_YEAR + 340).unwrap().to_string();
            let submitted = if self.chance(80) { late } else { submitted };
            claim.insert("submitted".into(), submitted.into());
        }
        if self.chance(25) {
            claim.insert("in_network".into(), false.into());
        }
        let provider = self.pick(&["north", "south"]);
        self.maybe(&mut claim, 40, "provider", provider.into());
        let mut lines = Vec::new();
        let most = if self.chance(10) { 16 } else { 5 };
        for _ in 0..=self.below(most) {
            lines.push(self.line(&day));
        }
        claim.insert("lines".into(), lines.into());
        claim.into()
    }

    fn line(&mut self, claim_day: &str) -> Value {
        let mut line = Map::new();
        self.service(&mut line);
        let units = self.below(4) + 1;
        self.maybe(&mut line, 50, "units", units.into());
        let charge = self.money();
        line.insert("charge".into(), charge.into());
        let own_day = self.day();
        let day = if self.chance(30) {
            line.insert("service_date".into(), own_day.clone().into());
            own_day.as_str()
        } else {
            claim_day
        };
        if self.chance(60) {
            self.line_details(&mut line, day);
        }
        let prohibited = self.chance(50);
        self.maybe(
            &mut line,
            30,
            "balance_billing_prohibited",
            prohibited.into(),
        );
        if self.chance(30) {
            let mut figures = [charge, self.below(charge + 1), self.below(charge + 1)];
            figures.sort_unstable();
            let mut other = json!({"paid": figures[0], "allowed": figures[1]});
            if self.chance(50) {
                other["obligated"] = figures[2].into();
            }
            if self.chance(1) {
                other["paid"] = (figures[1] + 1).into();
            }
            if self.chance(10) {
                other["paid"] = 0.into();
            }
            line.insert("other_payer".into(), other);
        }
        line.into()
    }

    fn used(&mut self, document: &mut Map<String, Value>) {
        for name in ["deductible_used", "out_of_pocket_used"] {
            if self.chance(50) {
                let individual = self.limit();
                let family = individual + self.limit();
                document.insert(
                    name.into(),
                    json!({"individual": individual, "family": family}),
                );
            }
        }
    }

    pub fn member(&mut self) -> Value {
        let mut member = Map::new();
        self.used(&mut member);
        if self.chance(30) {
            let mut outside = Map::new();
            self.used(&mut outside);
            member.insert("out_of_network".into(), outside.into());
        }
        let from = self.day();
        let early = Date::from_days(NEW_YEAR).unwrap().to_string();
        let from = if self.chance(80) { early } else { from };
        self.maybe(&mut member, 70, "covered_from", from.into());
        let to = self.day();
        let late = Date::from_days(NEW_YEAR + 364).unwrap().to_string();
        let to = if self.chance(80) { late } else { to };
        self.maybe(&mut member, 70, "covered_to", to.into());
        for name in ["annual_used", "lifetime_used", "tier_used"] {
            let used = self.limit();
            self.maybe(&mut member, 40, name, used.into());
        }
        let mut categories = Map::new();
        for name in CATEGORIES {
            let used = self.limit();
            self.maybe(&mut categories, 30, name, used.into());
        }
        member.insert("category_used".into(), categories.into());
        let mut history = Vec::new();
        let entries = self.below(6);
        for _ in 0..entries {
            let mut entry = Map::new();
            self.service(&mut entry);
            let first = self.day();
            if self.chance(20) {
                let last = self.last_day(&first);
                entry.insert("service_to".into(), last.into());
            }
            entry.insert("service_date".into(), first.into());
            let provider = self.pick(&["north", "south"]);
            self.maybe(&mut entry, 60, "provider", provider.into());
            let units = self.below(4) + 1;
            self.maybe(&mut entry, 30, "units", units.into());
            history.push(Value::from(entry));
        }
        member.insert("history".into(), history.into());
        if self.chance(60) {
            self.member_details(&mut member);
        }
        member.into()
    }
}
