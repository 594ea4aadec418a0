//! The gates of domain.md B1 that ask for more than a plain claim says, each by an example worked by
//! hand: the bound, one step beyond it, and what changes nothing.

mod support;

use serde_json::{json, Value};
use support::documents::{quote, Quoted};

/// A plan with one benefit, a claim with one line on 2026-03-01, and a member; then what is laid
/// over them.
#[derive(Clone)]
struct Case {
    plan: Value,
    claim: Value,
    member: Value,
}

fn case() -> Case {
    Case {
        plan: json!({"benefits": [{"code": "99213", "allowed": 12500}]}),
        claim: json!({
            "service_date": "2026-03-01", "submitted": "2026-03-05", "provider": "north",
            "lines": [{"code": "99213", "charge": 12500}],
        }),
        member: json!({}),
    }
}

fn lay(over: Value, base: &mut Value) {
    for (name, value) in over.as_object().unwrap() {
        base[name] = value.clone();
    }
}

impl Case {
    fn plan(mut self, over: Value) -> Self {
        lay(over, &mut self.plan);
        self
    }

    fn benefit(mut self, over: Value) -> Self {
        lay(over, &mut self.plan["benefits"][0]);
        self
    }

    fn claim(mut self, over: Value) -> Self {
        lay(over, &mut self.claim);
        self
    }

    fn line(mut self, over: Value) -> Self {
        lay(over, &mut self.claim["lines"][0]);
        self
    }

    fn lines(mut self, lines: Value) -> Self {
        self.claim["lines"] = lines;
        self
    }

    fn member(mut self, over: Value) -> Self {
        lay(over, &mut self.member);
        self
    }

    fn quoted(&self) -> Quoted {
        quote(&self.plan, &self.claim, &self.member).unwrap()
    }

    /// Each line as `"12500"` where it is paid and `"CO-16 MA122"` where it is denied.
    fn each(&self) -> Vec<String> {
        let document = self.quoted().document();
        let lines = document["lines"].as_array().unwrap();
        let shown = |line: &Value| {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let parts: Vec<String> = line["adjustments"]
                .as_array()
                .unwrap()
                .iter()
                .map(|entry| {
                    let remark = &entry["remark"];
                    let remark = remark
                        .as_str()
                        .map_or(String::new(), |code| format!(" {code}"));
                    let amount = match line["paid"].as_u64() {
                        Some(0) => String::new(),
                        _ => format!(" {}", entry["amount"]),
                    };
                    format!(
                        "{}-{}{remark}{amount}",
                        text(&entry["group"]),
                        entry["reason"]
                    )
                })
                .collect();
            match line["paid"].as_u64().unwrap() {
                0 => parts.join(", "),
                paid => [vec![paid.to_string()], parts].concat().join(", "),
            }
        };
        lines.iter().map(shown).collect()
    }

    fn first(&self) -> String {
        self.each().swap_remove(0)
    }
}

const PAID: &str = "12500";

// --- gate 1 -------------------------------------------------------------------------------------

#[test]
fn another_payer_is_not_asked_for_money() {
    let asked = |plan: Value, claim: Value| {
        case()
            .plan(json!({"payer": plan}))
            .claim(json!({"payer": claim}))
            .first()
    };
    assert_eq!(asked(json!("acme"), json!("acme")), PAID);
    assert_eq!(asked(json!("acme"), json!("other")), "OA-109");
    assert_eq!(asked(json!("acme"), json!(null)), PAID);
    assert_eq!(asked(json!(null), json!("other")), PAID);
}

#[test]
fn the_insured_is_one_of_the_names_that_the_member_goes_by() {
    let named = |known_as: Value, insured: Value| {
        case()
            .member(json!({"known_as": known_as}))
            .claim(json!({"insured": insured}))
            .first()
    };
    assert_eq!(named(json!(["P1", "P2"]), json!("P2")), PAID);
    assert_eq!(named(json!(["P1", "P2"]), json!("P3")), "PR-31");
    assert_eq!(named(json!(["P1"]), json!(null)), PAID);
    assert_eq!(named(json!([]), json!("P3")), PAID);
}

#[test]
fn dependents_are_eligible_by_relation_and_age() {
    let dependent = |relation: &str, birth: Value| {
        case()
            .plan(json!({"dependents": {"child": {"to_age": 25}, "spouse": {"to_age": null}}}))
            .member(json!({"dependent": relation, "birth_date": birth}))
            .first()
    };
    // 25 until the day before the 26th birthday.
    assert_eq!(dependent("child", json!("2000-03-02")), PAID);
    assert_eq!(dependent("child", json!("2000-03-01")), "PR-32");
    assert_eq!(dependent("spouse", json!("1950-01-01")), PAID);
    assert_eq!(dependent("spouse", json!(null)), PAID);
    assert_eq!(dependent("parent", json!("1950-01-01")), "PR-32");
    // An age that nobody knows is asked for, not assumed.
    assert_eq!(dependent("child", json!(null)), "CO-16 N329");
    // Who is no dependent is not asked.
    let subscriber = case().plan(json!({"dependents": {}})).first();
    assert_eq!(subscriber, PAID);
}

// --- gate 2 -------------------------------------------------------------------------------------

#[test]
fn a_service_during_a_lapse_is_not_covered() {
    let lapsed = |from: &str, to: &str| {
        case()
            .member(json!({"lapses": [{"from": from, "to": to}]}))
            .first()
    };
    assert_eq!(lapsed("2026-03-01", "2026-03-01"), "PR-200");
    assert_eq!(lapsed("2026-02-01", "2026-02-28"), PAID);
    assert_eq!(lapsed("2026-03-02", "2026-04-01"), PAID);
}

#[test]
fn a_line_that_is_eligible_in_part_is_to_be_split_or_denied() {
    let stay = |from: &str, to: &str, member: Value| {
        let case = case()
            .line(json!({"service_date": from, "service_to": to}))
            .claim(json!({"submitted": "2026-04-30"}))
            .member(member);
        let denied = case.clone().plan(json!({"spanning": "deny"})).first();
        (case.first(), denied)
    };
    let both = |reason: &str| (reason.to_owned(), reason.to_owned());
    let covered = json!({"covered_from": "2026-03-01", "covered_to": "2026-03-31"});
    assert_eq!(
        stay("2026-03-01", "2026-03-31", covered.clone()),
        both(PAID)
    );
    // Partly: bill the eligible days again, or nothing, as the plan has it.
    let in_part = ("CO-239".to_owned(), "PR-238".to_owned());
    assert_eq!(stay("2026-02-28", "2026-03-01", covered.clone()), in_part);
    assert_eq!(stay("2026-03-31", "2026-04-01", covered.clone()), in_part);
    // Wholly outside it is what it was.
    assert_eq!(
        stay("2026-02-27", "2026-02-28", covered.clone()),
        both("PR-26")
    );
    assert_eq!(stay("2026-04-01", "2026-04-02", covered), both("PR-27"));
    let lapse = json!({"lapses": [{"from": "2026-03-10", "to": "2026-03-20"}]});
    assert_eq!(stay("2026-03-09", "2026-03-10", lapse.clone()), in_part);
    assert_eq!(stay("2026-03-20", "2026-03-21", lapse.clone()), in_part);
    assert_eq!(stay("2026-03-01", "2026-03-31", lapse.clone()), in_part);
    assert_eq!(
        stay("2026-03-10", "2026-03-20", lapse.clone()),
        both("PR-200")
    );
    assert_eq!(stay("2026-03-08", "2026-03-09", lapse), both(PAID));
}

#[test]
fn a_stay_across_two_benefit_periods_is_refused() {
    let stay = case().line(json!({"service_date": "2025-12-31", "service_to": "2026-01-01"}));
    let error = quote(&stay.plan, &stay.claim, &stay.member).err().unwrap();
    assert_eq!(error.line(), Some(1));
    assert!(error.to_string().contains("split the claim"), "{error}");
}

#[test]
fn a_service_lies_within_the_members_life() {
    let lived = |member: Value, to: Value| {
        let case = case().line(json!({"service_to": to}));
        case.member(member)
            .claim(json!({"submitted": "2026-03-09"}))
            .first()
    };
    let none = || json!(null);
    assert_eq!(lived(json!({"death_date": "2026-03-01"}), none()), PAID);
    assert_eq!(lived(json!({"death_date": "2026-02-28"}), none()), "CO-13");
    // A stay that goes on after the last day.
    let died = json!({"death_date": "2026-03-02"});
    assert_eq!(lived(died, json!("2026-03-03")), "CO-13");
    assert_eq!(lived(json!({"birth_date": "2026-03-01"}), none()), PAID);
    assert_eq!(lived(json!({"birth_date": "2026-03-02"}), none()), "CO-14");
}

#[test]
fn the_plans_requirements_are_met() {
    let met = |met: Value| {
        case()
            .plan(json!({"requirements": ["premium", "form"]}))
            .member(json!({"requirements_met": met}))
            .first()
    };
    assert_eq!(met(json!(["form", "premium", "more"])), PAID);
    assert_eq!(met(json!(["premium"])), "PR-177");
}

// --- gate 3 -------------------------------------------------------------------------------------

/// Service 2026-03-01, limit 90 days: in time until 2026-05-30.
fn filed(ground: &str, notified: &str, submitted: &str) -> String {
    case()
        .plan(json!({"filing_limit_days": 90}))
        .claim(json!({
            "submitted": submitted,
            "filing_exception": {"ground": ground, "notified": notified},
        }))
        .first()
}

#[test]
fn a_notice_opens_filing_until_the_end_of_the_sixth_month_after_its_own() {
    for ground in ["administrative_error", "retroactive_entitlement"] {
        assert_eq!(filed(ground, "2026-07-15", "2027-01-31"), PAID);
        assert_eq!(filed(ground, "2026-07-15", "2027-02-01"), "CO-29");
        // Of a notice on the last day of August the sixth month after is February.
        assert_eq!(filed(ground, "2026-08-31", "2027-02-28"), PAID);
        assert_eq!(filed(ground, "2026-08-31", "2027-03-01"), "CO-29");
        // Before the notice there is no exception, and in time none is needed.
        assert_eq!(filed(ground, "2026-07-15", "2026-07-14"), "CO-29");
        assert_eq!(filed(ground, "2026-07-15", "2026-05-30"), PAID);
        // Nothing excuses a claim that was filed before the service.
        assert_eq!(filed(ground, "2026-02-01", "2026-02-28"), "CO-110");
    }
}

#[test]
fn a_service_of_several_days_is_filed_when_it_is_over_and_in_time_by_its_first_day() {
    let stay = |to: Value, submitted: Value| {
        case()
            .plan(json!({"filing_limit_days": 90}))
            .line(json!({"service_to": to}))
            .claim(json!({"submitted": submitted}))
            .first()
    };
    let last = || json!("2026-03-10");
    assert_eq!(stay(last(), json!("2026-03-09")), "CO-110");
    assert_eq!(stay(last(), json!("2026-03-10")), PAID);
    // Of the day on which it began, as all of it would have been paid.
    assert_eq!(stay(json!("2026-12-31"), json!("2026-03-01")), "CO-110");
    assert_eq!(stay(last(), json!("2026-05-30")), PAID);
    assert_eq!(stay(last(), json!("2026-05-31")), "CO-29");
    // Both: it could not have been filed at all, and that comes first.
    assert_eq!(stay(json!("2026-07-01"), json!("2026-06-30")), "CO-110");
    assert_eq!(stay(json!("2026-07-01"), json!("2026-07-01")), "CO-29");
    // A claim that does not say when it was filed was when its services were over.
    assert_eq!(stay(last(), json!(null)), PAID);
    // Nothing excuses it: what makes up for being late is no reason to be early.
    let excused = case()
        .line(json!({"service_to": "2026-03-10"}))
        .claim(json!({
            "submitted": "2026-03-09",
            "filing_exception": {"ground": "administrative_error", "notified": "2026-03-09"},
        }));
    assert_eq!(excused.first(), "CO-110");
}

#[test]
fn services_of_a_provider_that_share_a_day_are_looked_at() {
    let suspect = |line: Value, entry: Value| {
        let case = case()
            .line(line)
            .claim(json!({"provider": "H", "submitted": "2026-12-31"}))
            .member(json!({"history": [entry]}));
        let quoted = case.quoted();
        assert!(quoted.results[0].is_live());
        quoted.results[0].suspect
    };
    let on = |from: &str, to: &str| json!({"service_date": from, "service_to": to});
    let past = |from: &str, to: Value, provider: &str| json!({"code": "BED", "service_date": from, "service_to": to, "provider": provider});
    let stay = || past("2026-03-01", json!("2026-03-10"), "H");
    for (from, to, wanted) in [
        ("2026-03-02", "2026-03-10", true),
        ("2026-03-02", "2026-03-02", true),
        ("2026-03-10", "2026-03-20", true),
        ("2026-03-11", "2026-03-20", false),
        ("2026-02-20", "2026-02-28", false),
        ("2026-02-20", "2026-03-01", true),
        ("2026-02-20", "2026-04-30", true),
    ] {
        assert_eq!(suspect(on(from, to), stay()), wanted, "{from} {to}");
    }
    // Of a single day inside a stay that is claimed, and of another provider.
    let day = |provider| past("2026-03-05", json!(null), provider);
    let claimed = || on("2026-03-01", "2026-03-10");
    assert!(suspect(claimed(), day("H")));
    assert!(!suspect(claimed(), day("K")));
    // An exact duplicate is one by its first day, as before.
    let same = json!({"code": "99213", "service_date": "2026-03-01", "provider": "H"});
    let again = case()
        .line(claimed())
        .claim(json!({"provider": "H", "submitted": "2026-12-31"}))
        .member(json!({"history": [same]}));
    assert_eq!(again.first(), "OA-18");
    // What goes on for longer than the history keeps counts to the end of its year.
    let long = |to: &str| past("2026-01-01", json!(to), "H");
    let late = || on("2026-12-01", "2026-12-02");
    assert!(!suspect(late(), long("2026-09-12")));
    assert!(suspect(late(), long("2026-09-13")));
}

#[test]
fn a_recoupment_excuses_from_six_months_after_the_service() {
    for ground in ["medicaid_recoupment", "advantage_disenrolment"] {
        assert_eq!(filed(ground, "2026-09-01", "2027-03-31"), PAID);
        assert_eq!(filed(ground, "2026-09-01", "2027-04-01"), "CO-29");
        assert_eq!(filed(ground, "2026-08-31", "2026-09-30"), "CO-29");
    }
}

#[test]
fn a_plan_says_which_grounds_it_takes() {
    let late = |grounds: Value| {
        case()
            .plan(json!({"filing_limit_days": 90, "filing_exceptions": grounds}))
            .claim(json!({
                "submitted": "2026-08-01",
                "filing_exception": {"ground": "administrative_error", "notified": "2026-07-15"},
            }))
            .first()
    };
    assert_eq!(late(json!(["administrative_error"])), PAID);
    assert_eq!(late(json!(["retroactive_entitlement"])), "CO-29");
    assert_eq!(late(json!([])), "CO-29");
}

/// What lacks nothing but an attachment can be asked for it; what another gate would deny anyway is denied, attached or not.
#[test]
fn what_lacks_its_attachment_alone_is_told_from_what_lacks_more() {
    let xray = || case().benefit(json!({"attachments": [{"name": "xray", "remark": "N40"}]}));
    let lacks = |case: Case| -> (String, bool) {
        let document = case.quoted().document();
        let line = &document["lines"][0];
        (case.first(), line["attachment_missing"] == true)
    };
    let alone = ("CO-252 N40".to_owned(), true);
    let with_more = ("CO-252 N40".to_owned(), false);
    assert_eq!(lacks(xray()), alone);
    // Of the plan as of the benefit, and however many are missing.
    let both = json!([{"name": "op", "remark": "N40"}, {"name": "xray", "remark": "N40"}]);
    assert_eq!(lacks(xray().plan(json!({"attachments": both}))), alone);
    // A gate behind it, of each kind: who bills, the benefit, the history.
    let refused = xray().claim(json!({"provider_eligible": false}));
    assert_eq!(lacks(refused), with_more);
    assert_eq!(lacks(xray().benefit(json!({"covered": false}))), with_more);
    let unknown = case()
        .plan(json!({"attachments": both}))
        .line(json!({"code": "unknown"}));
    assert_eq!(lacks(unknown), with_more);
    let many = xray().benefit(json!({"max_units": 1}));
    assert_eq!(lacks(many.line(json!({"units": 2}))), with_more);
    // A gate before it names its own reason, and what has come is not missing.
    let uninformed = xray().plan(json!({"information": [{"name": "onset", "remark": "MA122"}]}));
    assert_eq!(lacks(uninformed), ("CO-16 MA122".to_owned(), false));
    let whole = xray().claim(json!({"attachments": ["xray"]}));
    assert_eq!(lacks(whole), (PAID.to_owned(), false));
}

/// Leaving an attachment out hides nothing of what somebody should look at.
#[test]
fn what_lacks_its_attachment_is_as_suspect_as_if_it_had_come() {
    let entry = json!({"code": "other", "service_date": "2026-03-01", "provider": "P-1"});
    let case = |attachments: Value| {
        case()
            .benefit(json!({"attachments": [{"name": "xray", "remark": "N40"}]}))
            .plan(json!({"filing_limit_days": 90}))
            .member(json!({"history": [entry], "other_payer_first": [{"to": "2026-12-31"}]}))
            .claim(json!({
                "provider": "P-1",
                "submitted": "2026-06-01",
                "filing_exception": {"ground": "administrative_error", "notified": "2026-05-15"},
                "attachments": attachments,
            }))
            .line(json!({"other_payer": {"allowed": 12500, "paid": 0}}))
    };
    let looked_at = |document: &Value| {
        ["suspect", "prior_unpaid", "late_excused"].map(|word| document["lines"][0][word] == true)
    };
    let (whole, lacking) = (case(json!(["xray"])), case(json!([])));
    assert_eq!(whole.first(), PAID);
    assert_eq!(looked_at(&whole.quoted().document()), [true; 3]);
    assert_eq!(lacking.first(), "CO-252 N40");
    assert_eq!(looked_at(&lacking.quoted().document()), [true; 3]);
    // What is denied anyway is looked at by nobody.
    let excluded = case(json!([])).benefit(json!({"covered": false}));
    assert_eq!(looked_at(&excluded.quoted().document()), [false; 3]);
}

/// It is let through on the word of who bills, so that someone looks: line by line, and only where the ground was needed.
#[test]
fn what_is_late_and_excused_is_looked_at() {
    let looked_at = |limit: u32, notified: &str, lines: Value| -> Vec<bool> {
        let document = case()
            .plan(json!({"filing_limit_days": limit}))
            .claim(json!({
                "submitted": "2026-06-01",
                "filing_exception": {"ground": "administrative_error", "notified": notified},
            }))
            .lines(lines)
            .quoted()
            .document();
        let lines = document["lines"].as_array().unwrap();
        lines
            .iter()
            .map(|line| line["late_excused"] == true)
            .collect()
    };
    // The first day was 92 days ago, the second one 91.
    let lines = json!([
        {"code": "99213", "charge": 12500},
        {"code": "99213", "charge": 12500, "service_date": "2026-03-02"},
        {"code": "unknown", "charge": 100},
    ]);
    let notice = "2026-05-15";
    assert_eq!(looked_at(92, notice, lines.clone()), [false; 3]);
    assert_eq!(looked_at(91, notice, lines.clone()), [true, false, false]);
    assert_eq!(looked_at(90, notice, lines.clone()), [true, true, false]);
    // What does not excuse has the line denied.
    assert_eq!(looked_at(90, "2026-06-02", lines), [false; 3]);
}

// --- gate 4 -------------------------------------------------------------------------------------

#[test]
fn what_a_plan_asks_for_is_stated_and_attached_and_else_named_by_the_remark() {
    let onset = json!([{"name": "onset", "remark": "MA122"}]);
    let both = json!([{"name": "onset", "remark": "MA122"}, {"name": "ref", "remark": "N286"}]);
    let of_plan = case().plan(json!({"information": onset}));
    assert_eq!(of_plan.first(), "CO-16 MA122");
    assert_eq!(
        of_plan
            .clone()
            .claim(json!({"information": ["onset"]}))
            .first(),
        PAID
    );
    assert_eq!(
        of_plan.line(json!({"information": ["onset"]})).first(),
        PAID
    );
    // The first that is missing names the remark.
    let of_benefit = case().benefit(json!({"information": both}));
    assert_eq!(of_benefit.first(), "CO-16 MA122");
    let half = of_benefit.claim(json!({"information": ["onset"]}));
    assert_eq!(half.first(), "CO-16 N286");
    assert_eq!(half.line(json!({"information": ["ref"]})).first(), PAID);
    // Attachments likewise; one that is only stated is not attached.
    let xray = case().benefit(json!({"attachments": [{"name": "xray", "remark": "N40"}]}));
    assert_eq!(
        xray.clone().claim(json!({"information": ["xray"]})).first(),
        "CO-252 N40"
    );
    assert_eq!(xray.line(json!({"attachments": ["xray"]})).first(), PAID);
}

#[test]
fn a_limit_whose_fact_is_not_stated_asks_for_it() {
    for (benefit, remark) in [
        (json!({"diagnoses": ["E11.9"]}), "M76"),
        (json!({"ages": {"from": 18}}), "N329"),
        (json!({"sexes": ["F"]}), "MA39"),
        (json!({"provider_types": ["207Q"]}), "N255"),
        (json!({"places": ["11"]}), "M77"),
    ] {
        assert_eq!(case().benefit(benefit).first(), format!("CO-16 {remark}"));
    }
    let listed = case().plan(json!({"diagnoses": [{"code": "E11.9"}]}));
    assert_eq!(listed.first(), "CO-16 M76");
}

#[test]
fn the_provider_may_bill_and_bill_this_and_there() {
    let barred = case().claim(json!({"provider_eligible": false}));
    assert_eq!(barred.first(), "CO-185");
    let kind = |kind: &str| {
        let case = case().benefit(json!({"provider_types": ["207Q", "208D"]}));
        case.claim(json!({"provider_type": kind})).first()
    };
    assert_eq!(kind("208D"), PAID);
    assert_eq!(kind("363A"), "CO-8");
    let place = |claim: Value, line: Value| {
        let case = case().benefit(json!({"places": ["11", "22"]}));
        case.claim(json!({"place": claim}))
            .line(json!({"place": line}))
            .first()
    };
    assert_eq!(place(json!("11"), json!(null)), PAID);
    assert_eq!(place(json!("11"), json!("21")), "CO-5");
    assert_eq!(place(json!("21"), json!("22")), PAID);
}

// --- gate 6 -------------------------------------------------------------------------------------

#[test]
fn who_pays_first_is_billed_first() {
    let first = |from: &str, line: Value| {
        case()
            .member(json!({"other_payer_first": [{"from": from, "to": "2026-03-01"}]}))
            .line(line)
            .first()
    };
    assert_eq!(first("2026-01-01", json!({})), "OA-22");
    let billed = json!({"other_payer": {"allowed": 12500, "paid": 10000}});
    assert_eq!(first("2026-01-01", billed), "2500, OA-23 10000");
    let ended = case().member(json!({"other_payer_first": [{"to": "2026-02-28"}]}));
    assert_eq!(ended.first(), PAID);
}

// --- gate 7 -------------------------------------------------------------------------------------

#[test]
fn diagnoses_are_valid_that_day_and_one_of_them_is_covered() {
    let list = json!([
        {"code": "E11.9", "effective_from": "2026-03-01", "effective_to": "2026-03-01"},
        {"code": "M54.5", "effective_to": "2026-02-28"},
        {"code": "Z00.00", "covered": false},
    ]);
    let stated = |codes: Value| {
        let case = case().plan(json!({"diagnoses": list}));
        case.claim(json!({"diagnoses": codes})).first()
    };
    assert_eq!(stated(json!(["E11.9"])), PAID);
    assert_eq!(stated(json!(["M54.5"])), "CO-146");
    assert_eq!(stated(json!(["J06.9"])), "CO-146");
    // One that is invalid is one too many; one that is covered is enough.
    assert_eq!(stated(json!(["E11.9", "M54.5"])), "CO-146");
    assert_eq!(stated(json!(["Z00.00"])), "CO-167");
    assert_eq!(stated(json!(["Z00.00", "E11.9"])), PAID);
}

#[test]
fn one_diagnosis_goes_with_the_procedure() {
    let stated = |claim: Value, line: Value| {
        let case = case().benefit(json!({"diagnoses": ["E11.9", "J06.9"]}));
        case.claim(json!({"diagnoses": claim})).line(line).first()
    };
    assert_eq!(stated(json!(["M54.5", "J06.9"]), json!({})), PAID);
    assert_eq!(stated(json!(["M54.5"]), json!({})), "CO-11");
    // A line's own stand instead of the claim's.
    assert_eq!(
        stated(json!(["J06.9"]), json!({"diagnoses": ["M54.5"]})),
        "CO-11"
    );
    assert_eq!(
        stated(json!(["M54.5"]), json!({"diagnoses": ["J06.9"]})),
        PAID
    );
    assert_eq!(
        stated(json!(["J06.9"]), json!({"diagnoses": []})),
        "CO-16 M76"
    );
}

#[test]
fn ages_are_completed_years_both_included() {
    let born = |ages: Value, birth: &str| {
        let case = case().benefit(json!({"ages": ages}));
        case.member(json!({"birth_date": birth})).first()
    };
    let grown = || json!({"from": 18, "to": 64});
    assert_eq!(born(grown(), "2008-03-01"), PAID);
    assert_eq!(born(grown(), "2008-03-02"), "CO-6");
    assert_eq!(born(grown(), "1961-03-02"), PAID);
    assert_eq!(born(grown(), "1961-03-01"), "CO-6");
    assert_eq!(born(json!({"to": 0}), "2025-03-02"), PAID);
    assert_eq!(born(json!({"from": 18}), "1900-01-01"), PAID);
    // Born on a leap day: 18 on 1 March.
    assert_eq!(born(grown(), "2008-02-29"), PAID);
}

#[test]
fn sexes_are_categories_of_the_plan() {
    let sex = |sex: &str| {
        let case = case().benefit(json!({"sexes": ["F", "X"]}));
        case.member(json!({"sex": sex})).first()
    };
    assert_eq!((sex("F"), sex("X")), (PAID.into(), PAID.into()));
    assert_eq!(sex("M"), "CO-7");
}

#[test]
fn modifiers_go_with_the_procedure() {
    let with = |benefit: Value, modifiers: Value| {
        let case = case().benefit(benefit);
        case.line(json!({"modifiers": modifiers})).first()
    };
    let only = || json!({"modifiers": ["LT", "RT"]});
    assert_eq!(with(only(), json!([])), PAID);
    assert_eq!(with(only(), json!(["RT", "LT"])), PAID);
    assert_eq!(with(only(), json!(["RT", "59"])), "CO-4");
    assert_eq!(with(json!({"modifiers": []}), json!(["RT"])), "CO-4");
    let needs = || json!({"modifiers_required": ["LT", "RT"]});
    assert_eq!(with(needs(), json!(["59", "LT"])), PAID);
    assert_eq!(with(needs(), json!(["59"])), "CO-4");
    assert_eq!(with(needs(), json!([])), "CO-4");
}

// --- gate 8 -------------------------------------------------------------------------------------

#[test]
fn what_is_experimental_or_was_not_necessary_is_not_covered() {
    assert_eq!(
        case().benefit(json!({"experimental": true})).first(),
        "CO-55"
    );
    let reviewed = |finding: &str| case().line(json!({"review": finding})).first();
    assert_eq!(reviewed("confirmed"), PAID);
    assert_eq!(reviewed("not_necessary"), "CO-50");
    assert_eq!(reviewed("level_unsupported"), "CO-150");
}

#[test]
fn pre_existing_conditions_are_excluded_for_a_time() {
    let treated = |days: u64, codes: Value| {
        case()
            .plan(json!({"pre_existing_days": days}))
            .member(json!({"covered_from": "2026-01-30", "pre_existing": ["E11.9", "M54.5"]}))
            .claim(json!({"diagnoses": codes}))
            .first()
    };
    // 1 March is 30 days after 30 January.
    assert_eq!(treated(30, json!(["E11.9"])), PAID);
    assert_eq!(treated(31, json!(["E11.9"])), "PR-51");
    assert_eq!(treated(31, json!(["M54.5", "E11.9"])), "PR-51");
    assert_eq!(treated(31, json!(["E11.9", "J06.9"])), PAID);
    assert_eq!(treated(31, json!([])), PAID);
}

// --- gate 10 ------------------------------------------------------------------------------------

/// A line of `units` that cites A-1 for a benefit that needs an authorization.
fn authorized(grant: Value, units: u64) -> Case {
    let mut entry = json!({"number": "A-1"});
    lay(grant, &mut entry);
    case()
        .benefit(json!({"authorization": true, "allowed": 100_000}))
        .line(json!({"authorization": "A-1", "units": units}))
        .member(json!({"authorizations": [entry]}))
}

#[test]
fn authorization_has_five_ways_to_fail() {
    let of = |grant: Value| authorized(grant, 1).first();
    assert_eq!(of(json!({})), PAID);
    // Absent.
    let none = authorized(json!({}), 1).line(json!({"authorization": null}));
    assert_eq!(none.first(), "CO-197");
    // Exceeded.
    assert_eq!(authorized(json!({"units": 3, "used": 1}), 2).first(), PAID);
    assert_eq!(
        authorized(json!({"units": 3, "used": 2}), 2).first(),
        "CO-198"
    );
    // Invalid: another number, code, provider or time.
    let other = authorized(json!({}), 1).line(json!({"authorization": "A-2"}));
    assert_eq!(other.first(), "CO-15");
    assert_eq!(of(json!({"code": "99213"})), PAID);
    assert_eq!(of(json!({"code": "85025"})), "CO-15");
    assert_eq!(of(json!({"provider": "north"})), PAID);
    assert_eq!(of(json!({"provider": "south"})), "CO-15");
    assert_eq!(of(json!({"from": "2026-03-01", "to": "2026-03-01"})), PAID);
    assert_eq!(of(json!({"from": "2026-03-02"})), "CO-15");
    assert_eq!(of(json!({"to": "2026-02-28"})), "CO-15");
    // Late.
    assert_eq!(of(json!({"requested": "2026-03-01"})), PAID);
    assert_eq!(of(json!({"requested": "2026-03-02"})), "CO-210");
    let grace = |requested: &str| {
        let case = authorized(json!({"requested": requested}), 1);
        case.plan(json!({"authorization_grace_days": 2})).first()
    };
    assert_eq!(grace("2026-03-03"), PAID);
    assert_eq!(grace("2026-03-04"), "CO-210");
    // Refused, and the one reason where several would do.
    assert_eq!(of(json!({"refused": true})), "CO-39");
    let worst = json!({"units": 0, "code": "85025", "requested": "2026-03-02", "refused": true});
    assert_eq!(of(worst), "CO-198");
    // A number is enough where the member's authorizations are not known.
    let unknown = authorized(json!({}), 1).member(json!({"authorizations": null}));
    assert_eq!(unknown.first(), PAID);
}

#[test]
fn claims_use_authorizations_up() {
    let grants = json!([
        {"number": "A-1", "units": 4, "used": 1}, {"number": "A-1", "code": "85025", "units": 1},
    ]);
    let case = case()
        .plan(json!({"benefits": [
            {"code": "99213", "allowed": 100_000, "authorization": true},
            {"code": "85025", "allowed": 100_000, "authorization": true},
            {"code": "71046", "allowed": 100_000},
        ]}))
        .member(json!({"authorizations": grants}))
        .lines(json!([
            {"code": "99213", "charge": 1, "units": 2, "authorization": "A-1"},
            {"code": "85025", "charge": 1, "units": 1, "authorization": "A-1"},
            {"code": "99213", "charge": 1, "units": 2, "authorization": "A-1", "sequence": 1},
            {"code": "71046", "charge": 1, "units": 9, "authorization": "A-1"},
            {"code": "99213", "charge": 1, "units": 1, "authorization": "A-1", "sequence": 2},
        ]));
    // 2 of the 3 that are left, then none of 2 more, then the last; the entry for 85025 is its own, and
    // who needs no authorization uses none.
    assert_eq!(case.each(), ["1", "1", "CO-198", "1", "1"]);
    let after = case.quoted().document()["member"]["authorizations"].clone();
    assert_eq!(
        (&after[0]["used"], &after[1]["used"]),
        (&json!(4), &json!(1))
    );
    let again = case.claim(json!({"service_date": "2026-03-02"}));
    let again = again.member(json!({"authorizations": after}));
    assert_eq!(again.each(), ["CO-198", "CO-198", "CO-198", "1", "CO-198"]);
}

#[test]
fn referred_where_it_must_be() {
    let referred = |referral: Value| {
        let case = case().benefit(json!({"referral": true}));
        case.claim(json!({"referral": referral})).first()
    };
    assert_eq!(referred(json!("R-1")), PAID);
    assert_eq!(referred(json!(null)), "CO-243");
}

// --- gate 11 ------------------------------------------------------------------------------------

#[test]
fn unlikely_units_count_by_line_or_by_day() {
    let day = |indicator: u64, history: Value, second: Value| {
        let mut more = json!({"code": "99213", "charge": 12500, "units": 1, "sequence": 1});
        lay(second, &mut more);
        case()
            .benefit(json!({"units_per_day": {"max": 3, "indicator": indicator}}))
            .member(json!({"history": history}))
            .lines(json!([{"code": "99213", "charge": 12500, "units": 2}, more]))
            .each()
    };
    let entry = |date: &str, provider: Value| json!([{"code": "99213", "service_date": date, "units": 2, "sequence": 7, "provider": provider}]);
    let none = || json!([]);
    // 1: each line on its own, and the reviewer cannot lift it.
    assert_eq!(day(1, none(), json!({"units": 3})), [PAID, PAID]);
    let reviewed = json!({"units": 4, "review": "confirmed"});
    assert_eq!(day(1, none(), reviewed), [PAID, "CO-151"]);
    // 2: the whole day, of this provider or of nobody known, earlier claims included.
    assert_eq!(day(2, none(), json!({})), [PAID, PAID]);
    assert_eq!(day(2, none(), json!({"units": 2})), [PAID, "CO-151"]);
    let confirmed = json!({"units": 2, "review": "confirmed"});
    assert_eq!(day(2, none(), confirmed.clone()), [PAID, "CO-151"]);
    let before = entry("2026-03-01", json!("north"));
    // 2 and 2 are too many, 2 and 1 are not: a denied line is not live.
    assert_eq!(day(2, before, json!({})), ["CO-151", PAID]);
    assert_eq!(
        day(2, entry("2026-03-01", json!(null)), json!({})),
        ["CO-151", PAID]
    );
    assert_eq!(
        day(2, entry("2026-03-01", json!("south")), json!({})),
        [PAID, PAID]
    );
    assert_eq!(
        day(2, entry("2026-02-28", json!("north")), json!({})),
        [PAID, PAID]
    );
    // 3: like 2, and a reviewer lifts it.
    assert_eq!(day(3, none(), json!({"units": 2})), [PAID, "CO-151"]);
    assert_eq!(day(3, none(), confirmed), [PAID, PAID]);
}

#[test]
fn units_of_a_day_are_counted_over_claims() {
    let case = case().benefit(json!({"units_per_day": {"max": 3, "indicator": 2}}));
    let once = case.clone().line(json!({"units": 2}));
    let member = once.quoted().document()["member"].clone();
    assert_eq!(member["history"][0]["units"], 2);
    let again = case.line(json!({"units": 2, "sequence": 1})).member(member);
    assert_eq!(again.first(), "CO-151");
}

/// Two codes on one day, the second of the pair billed first.
fn pair(bundle: Value, first: Value, second: Value) -> Case {
    let mut entry = json!({"column_one": "A", "column_two": "B", "indicator": 0});
    lay(bundle, &mut entry);
    let (mut a, mut b) = (
        json!({"code": "A", "charge": 900}),
        json!({"code": "B", "charge": 500}),
    );
    lay(first, &mut a);
    lay(second, &mut b);
    case()
        .plan(json!({
            "bundles": [entry],
            "benefits": [{"code": "A", "allowed": 900}, {"code": "B", "allowed": 500}],
        }))
        .lines(json!([b, a]))
}

#[test]
fn column_two_is_not_paid_beside_column_one() {
    let none = || json!({});
    let each = |bundle: Value, first: Value, second: Value| pair(bundle, first, second).each();
    for (reason, denied) in [
        (236, "CO-236"),
        (97, "CO-97"),
        (231, "CO-231"),
        (234, "CO-234"),
    ] {
        assert_eq!(
            each(json!({"reason": reason}), none(), none()),
            [denied, "900"]
        );
    }
    assert_eq!(each(none(), none(), none()), ["CO-236", "900"]);
    // Another day, and a pair that is not in force.
    let later = json!({"service_date": "2026-03-02"});
    assert_eq!(each(none(), later, none()), ["500", "900"]);
    assert_eq!(
        each(json!({"effective_from": "2026-03-02"}), none(), none()),
        ["500", "900"]
    );
    assert_eq!(
        each(json!({"effective_to": "2026-03-01"}), none(), none()),
        ["CO-236", "900"]
    );
    // Column one that is denied itself stands in nobody's way.
    let denied = json!({"review": "not_necessary"});
    assert_eq!(each(none(), denied, none()), ["500", "CO-50"]);
}

#[test]
fn the_modifier_indicator_says_whether_distinct_services_are_paid() {
    let each = |indicator: u64, first: Value, second: Value| {
        pair(json!({"indicator": indicator}), first, second).each()
    };
    let with = |modifier: &str| json!({"modifiers": [modifier]});
    let none = || json!({});
    assert_eq!(each(0, none(), with("59")), ["CO-236", "900"]);
    assert_eq!(each(1, none(), with("59")), ["500", "900"]);
    assert_eq!(each(1, with("XU"), none()), ["500", "900"]);
    assert_eq!(each(1, none(), with("76")), ["CO-236", "900"]);
    assert_eq!(each(9, none(), none()), ["500", "900"]);
}

#[test]
fn pairs_reach_earlier_claims_of_the_same_provider() {
    let with = |code: &str, provider: Value| {
        let entry = json!({"code": code, "service_date": "2026-03-01", "provider": provider});
        let case = pair(json!({}), json!({}), json!({}));
        let case = case.lines(json!([{"code": "B", "charge": 500}]));
        case.member(json!({"history": [entry]})).first()
    };
    assert_eq!(with("A", json!("north")), "CO-236");
    assert_eq!(with("A", json!(null)), "CO-236");
    assert_eq!(with("A", json!("south")), "500");
}

#[test]
fn pairs_that_follow_on_each_other_are_decided_from_the_first_one() {
    let chain = |first: Value| {
        let mut a = json!({"code": "A", "charge": 900});
        lay(first, &mut a);
        case()
            .plan(json!({
                "bundles": [
                    {"column_one": "B", "column_two": "C", "indicator": 0},
                    {"column_one": "A", "column_two": "B", "indicator": 0},
                ],
                "benefits": [
                    {"code": "A", "allowed": 900}, {"code": "B", "allowed": 500},
                    {"code": "C", "allowed": 100},
                ],
            }))
            .lines(json!([{"code": "C", "charge": 100}, {"code": "B", "charge": 500}, a]))
            .each()
    };
    // A keeps B from being paid, so B keeps C from nothing.
    assert_eq!(chain(json!({})), ["100", "CO-236", "900"]);
    // Without A, B is paid and C is not.
    assert_eq!(
        chain(json!({"review": "not_necessary"})),
        ["CO-236", "500", "CO-50"]
    );
}

/// CMS, Claims Processing Manual 12, 40.6: the lower of the actual charge and the fee reduced by the percentage.
#[test]
fn a_reduction_is_of_the_fee_and_not_of_a_lower_charge() {
    let beside_a_dearer_one = |bps: u16, fee: u64, units: u32, charge: u64| {
        case()
            .plan(json!({
                "multiple_procedure_bps": bps,
                "benefits": [
                    {"code": "A", "allowed": u64::MAX, "multiple_procedure": true},
                    {"code": "B", "allowed": fee, "multiple_procedure": true},
                ],
            }))
            .lines(json!([
                {"code": "B", "charge": charge, "units": units}, {"code": "A", "charge": 9000},
            ]))
    };
    let reduced = |bps, fee, units, charge| {
        let case = beside_a_dearer_one(bps, fee, units, charge);
        let allowed = case.quoted().results[0].allowed.get();
        (case.each().swap_remove(0), allowed)
    };
    let told = |line: &str, allowed| (line.to_owned(), allowed);
    // Half of 100.00 is allowed, and 10.00 of the 60.00 charged are more.
    let between = reduced(5_000, 10_000, 1, 6_000);
    assert_eq!(between, told("5000, CO-59 1000", 5_000));
    // At the reduced fee and below it the line is paid as any other: there is no reduction to state.
    assert_eq!(
        reduced(5_000, 10_000, 1, 5_001),
        told("5000, CO-59 1", 5_000)
    );
    assert_eq!(reduced(5_000, 10_000, 1, 5_000), told("5000", 5_000));
    assert_eq!(reduced(5_000, 10_000, 1, 4_999), told("4999", 4_999));
    // All units together are reduced, and rounded once: half of 3 × 33 is 49.5.
    assert_eq!(reduced(5_000, 33, 3, 80), told("50, CO-59 30", 50));
    assert_eq!(
        reduced(5_000, 33, 3, 100),
        told("50, CO-45 1, CO-59 49", 50)
    );
    // A fee for all units that does not fit 64 bits, of which the part does, or does not either.
    let charge = 1 << 61;
    assert_eq!(reduced(1, 1 << 63, 2, charge).1, 1_844_674_407_370_955);
    assert_eq!(reduced(10_000, 1 << 63, 2, charge).1, charge);
    assert_eq!(reduced(1, 1 << 63, u32::MAX, charge).1, charge);
}

#[test]
fn of_several_procedures_the_dearest_is_paid_in_full() {
    let several = |plan: Value, lines: Value| {
        let mut base = json!({
            "multiple_procedure_bps": 5000,
            "benefits": [
                {"code": "A", "allowed": 9000, "multiple_procedure": true},
                {"code": "B", "allowed": 5001, "multiple_procedure": true},
                {"code": "C", "allowed": 700},
            ],
        });
        lay(plan, &mut base);
        case().plan(base).lines(lines)
    };
    let lines = || {
        json!([
            {"code": "B", "charge": 6000}, {"code": "A", "charge": 9000}, {"code": "C", "charge": 700},
        ])
    };
    // Half of 5001 is 2500.5, half up 2501.
    let case = several(json!({}), lines());
    assert_eq!(case.each(), ["2501, CO-45 999, CO-59 2500", "9000", "700"]);
    assert_eq!(case.quoted().results[0].allowed.get(), 2501);
    // Patient shares are of what is left.
    let shared = several(json!({"coinsurance_bps": 2000}), lines());
    assert_eq!(shared.each()[0], "2001, CO-45 999, CO-59 2500, PR-2 500");
    // The charge at the fee: the whole difference is the reduction.
    let mut exact = lines();
    exact[0]["charge"] = json!(5001);
    assert_eq!(several(json!({}), exact).each()[0], "2501, CO-59 2500");
    // Who is denied reduces nobody, and neither does another day.
    let mut denied = lines();
    denied[1]["review"] = json!("not_necessary");
    assert_eq!(several(json!({}), denied).each()[0], "5001, CO-45 999");
    let mut later = lines();
    later[1]["service_date"] = json!("2026-03-02");
    assert_eq!(several(json!({}), later).each()[0], "5001, CO-45 999");
    // Of equal fees the first in turn is paid in full.
    let mut equal = lines();
    equal[0] = json!({"code": "A", "charge": 9000, "sequence": 1});
    assert_eq!(
        several(json!({}), equal).each()[..2],
        ["9000", "4500, CO-59 4500"]
    );
    // Out of network it is the patient's, like the excess over the fee.
    let outside =
        several(json!({"out_of_network": {}}), lines()).claim(json!({"in_network": false}));
    assert_eq!(outside.each()[0], "2501, PR-45 999, PR-59 2500");
    // After a prior payer there is no reduction to state: what is left is CO-45.
    let mut prior = lines();
    prior[0]["other_payer"] = json!({"allowed": 6000, "paid": 1000});
    assert_eq!(
        several(json!({}), prior).each()[0],
        "2501, CO-45 2499, OA-23 1000"
    );
    // Nothing is allowed of the others.
    let nothing = several(json!({"multiple_procedure_bps": 0}), lines());
    assert_eq!(nothing.each()[0], "CO-45, CO-59");
}

#[test]
fn a_readmission_soon_after_a_discharge_is_not_paid_again() {
    let back = |days: u64, date: &str, provider: Value| {
        case()
            .benefit(json!({"readmission_days": days}))
            .member(json!({"discharges": [{"date": date, "provider": provider}]}))
            .first()
    };
    let north = || json!("north");
    assert_eq!(back(30, "2026-01-30", north()), PAID);
    assert_eq!(back(30, "2026-01-31", north()), "CO-249");
    assert_eq!(back(1, "2026-03-01", north()), "CO-249");
    assert_eq!(back(0, "2026-03-01", north()), PAID);
    assert_eq!(back(30, "2026-03-02", north()), PAID);
    assert_eq!(back(30, "2026-02-28", json!("south")), PAID);
    assert_eq!(back(30, "2026-02-28", json!(null)), "CO-249");
}

// --- order --------------------------------------------------------------------------------------

/// A claim that fails every gate there is, in the order of domain.md B1: each is repaired in turn,
/// and the next one answers.
#[test]
fn the_first_gate_that_fails_names_the_reason() {
    let mut case = Case {
        plan: json!({
            "payer": "acme", "dependents": {"child": {"to_age": 25}}, "requirements": ["premium"],
            "filing_limit_days": 1, "pre_existing_days": 100, "waiting_days": 100,
            "information": [{"name": "onset", "remark": "MA122"}],
            "attachments": [{"name": "xray", "remark": "N40"}],
            "diagnoses": [{"code": "E11.9", "covered": false}],
            "bundles": [
                {"column_one": "K", "column_two": "B", "indicator": 0, "reason": 231},
                {"column_one": "J", "column_two": "B", "indicator": 0, "reason": 234},
                {"column_one": "I", "column_two": "B", "indicator": 0, "reason": 97},
                {"column_one": "H", "column_two": "B", "indicator": 0, "reason": 236},
            ],
            "benefits": [],
        }),
        claim: json!({
            "service_date": "2026-03-10", "submitted": "2026-03-05", "provider": "north",
            "payer": "other", "insured": "P9", "provider_eligible": false, "provider_type": "T9",
            "place": "99", "in_network": false, "diagnoses": ["M54.5"],
            "lines": [{
                "code": "B", "charge": 500, "units": 9, "modifiers": ["59"], "review": "not_necessary",
                "service_to": "2026-03-11",
            }],
        }),
        member: json!({
            "known_as": ["P1"], "dependent": "parent", "birth_date": "2026-03-12", "death_date": "2026-03-01",
            "sex": "M", "covered_from": "2026-03-12", "pre_existing": ["E11.9"],
            "other_payer_first": [{}],
            "authorizations": [{
                "number": "A-1", "units": 1, "code": "Z", "requested": "2026-03-12", "refused": true,
            }],
            "history": [
                {"code": "B", "service_date": "2026-03-10", "modifiers": ["59"], "units": 5},
                {"code": "H", "service_date": "2026-03-10"}, {"code": "I", "service_date": "2026-03-10"},
                {"code": "J", "service_date": "2026-03-10"}, {"code": "K", "service_date": "2026-03-10"},
            ],
            "discharges": [{"date": "2026-03-09"}],
        }),
    };
    let benefit = json!({
        "code": "B", "allowed": 500, "covered": false, "authorization": true, "referral": true,
        "frequency_days": 30, "max_units": 8, "places": ["11"], "provider_types": ["T1"],
        "diagnoses": ["J06.9"], "ages": {"from": 30}, "sexes": ["F"], "modifiers": ["LT"],
        "experimental": true, "units_per_day": {"max": 7, "indicator": 2}, "readmission_days": 30, "effective_from": "2026-03-11",
    });
    let repairs: Vec<(&str, &str, Value)> = vec![
        ("OA-109", "/claim/payer", json!("acme")),
        ("PR-31", "/claim/insured", json!("P1")),
        ("PR-32", "/member/dependent", json!("child")),
        ("PR-26", "/member/covered_from", json!("2026-03-11")),
        ("PI-239", "/member/covered_from", json!("2026-03-01")),
        ("PI-13", "/member/death_date", json!(null)),
        ("PI-14", "/member/birth_date", json!("2010-01-01")),
        ("PR-177", "/member/requirements_met", json!(["premium"])),
        ("PI-110", "/claim/submitted", json!("2026-03-12")),
        ("PI-29", "/plan/filing_limit_days", json!(2)),
        ("PI-16 MA122", "/claim/information", json!(["onset"])),
        ("PI-252 N40", "/claim/attachments", json!(["xray"])),
        ("PI-185", "/claim/provider_eligible", json!(true)),
        // Without a benefit there is no more to gate 4.
        ("OA-18", "/claim/lines/0/sequence", json!(1)),
        ("OA-22", "/member/other_payer_first", json!([])),
        ("PR-204", "/plan/benefits", json!([benefit])),
        ("PI-8", "/claim/provider_type", json!("T1")),
        ("PI-5", "/claim/place", json!("11")),
        ("PI-181", "/plan/benefits/0/effective_from", json!(null)),
        ("PI-146", "/claim/diagnoses", json!(["E11.9"])),
        ("PI-167", "/plan/diagnoses", json!([{"code": "E11.9"}])),
        ("PI-11", "/plan/benefits/0/diagnoses", json!(["E11.9"])),
        ("PI-6", "/plan/benefits/0/ages", json!(null)),
        ("PI-7", "/plan/benefits/0/sexes", json!(null)),
        ("PI-4", "/plan/benefits/0/modifiers", json!(null)),
        ("PR-204", "/plan/benefits/0/covered", json!(true)),
        ("PI-55", "/plan/benefits/0/experimental", json!(false)),
        ("PI-50", "/claim/lines/0/review", json!("level_unsupported")),
        ("PR-51", "/plan/pre_existing_days", json!(0)),
        ("PR-179", "/plan/waiting_days", json!(0)),
        ("PI-197", "/claim/lines/0/authorization", json!("A-1")),
        ("PI-198", "/member/authorizations/0/units", json!(9)),
        ("PI-15", "/member/authorizations/0/code", json!("B")),
        ("PI-210", "/plan/authorization_grace_days", json!(2)),
        ("PI-39", "/member/authorizations/0/refused", json!(false)),
        ("PI-243", "/claim/referral", json!("R-1")),
        ("PI-242", "/plan/out_of_network", json!({})),
        ("PI-151", "/plan/benefits/0/frequency_days", json!(null)),
        ("PI-151", "/plan/benefits/0/max_units", json!(null)),
        ("PI-151", "/plan/benefits/0/units_per_day", json!(null)),
        ("PI-236", "/plan/bundles/3/indicator", json!(1)),
        ("PI-97", "/plan/bundles/2/indicator", json!(1)),
        ("PI-234", "/plan/bundles/1/indicator", json!(9)),
        ("PI-231", "/plan/bundles/0/indicator", json!(9)),
        ("PI-150", "/claim/lines/0/review", json!(null)),
        ("PI-249", "/plan/benefits/0/readmission_days", json!(null)),
    ];
    for (reason, at, repaired) in repairs {
        assert_eq!(case.first(), reason, "before {at}");
        let (document, pointer) = at[1..].split_once('/').unwrap();
        let document = match document {
            "plan" => &mut case.plan,
            "claim" => &mut case.claim,
            _ => &mut case.member,
        };
        let (parent, field) = pointer.rsplit_once('/').unwrap_or(("", pointer));
        let parent = if parent.is_empty() {
            String::new()
        } else {
            format!("/{parent}")
        };
        document.pointer_mut(&parent).unwrap()[field] = repaired;
    }
    assert_eq!(case.first(), "500");
}
