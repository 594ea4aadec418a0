//! What a claim states beyond its lines: of what the document says, only what the plan version's details ask for, and what counts
//! under every plan.

use claims::constants::MAX_CLAIM_FACTS;
use claims::state::{ClaimFact, ClaimFactKind as Fact, DetailEntry, DetailKind as Kind};
use galen_documents::claim::{Claim, Line};
use galen_documents::Name;
use galen_rules::adjudication::details::FilingGround;

use crate::chain::codes::{self, Vocabulary};
use crate::command::plan::demands::modifier_word;
use crate::error::{CliError, Result};
use crate::store::CodeKey;

/// The facts of a claim under a plan version with these details, in the order in which the program takes them.
///
/// # Errors
/// `too_many_facts`.
pub fn facts(claim: &Claim, key: &CodeKey, details: &[DetailEntry]) -> Result<Vec<ClaimFact>> {
    let mut stating = Stating {
        claim,
        key,
        asked: Asked(details),
        facts: Vec::new(),
    };
    let codes = claim
        .lines
        .iter()
        .map(|line| codes::procedure(key, &line.code))
        .collect::<Result<Vec<_>>>()?;
    stating.of_claim(&codes)?;
    stating.shared(&codes, Fact::Diagnosis, &claim.diagnoses, |line| {
        line.diagnoses.as_deref()
    })?;
    stating.shared(&codes, Fact::Place, claim.place.as_slice(), |line| {
        line.place.as_ref().map(std::slice::from_ref)
    })?;
    stating.ban();
    for (index, (line, code)) in claim.lines.iter().zip(&codes).enumerate() {
        stating.of_line(u8::try_from(index).unwrap_or(u8::MAX), line, *code)?;
    }
    let mut facts = stating.facts;
    facts.sort_by_key(|fact| (fact.line, fact.kind, fact.key));
    facts.dedup();
    if facts.len() > usize::from(MAX_CLAIM_FACTS) {
        return Err(CliError::new(
            "too_many_facts",
            format!("The plan asks the claim for {} diagnoses, modifiers and the like, and a claim states at most {MAX_CLAIM_FACTS}; split it.", facts.len()),
        ));
    }
    Ok(facts)
}

/// What says that these attachments have come, of the line at the index `line` or of all lines, in the order in which the program
/// takes it. `codes` are those of the lines that it is about.
///
/// # Errors
/// `attachment_not_asked`.
pub fn attached(
    names: &[String],
    line: u8,
    codes: &[[u8; 8]],
    key: &CodeKey,
    details: &[DetailEntry],
) -> Result<Vec<ClaimFact>> {
    let asked = Asked(details);
    let mut facts = Vec::new();
    for name in names {
        let word = Vocabulary::Information.word(key, name)?;
        let mut of_lines = codes.iter();
        if !asked.names(DetailEntry::NONE, Kind::Attachment, word)
            && !of_lines.any(|code| asked.names(*code, Kind::LineAttachment, word))
        {
            return Err(CliError::new(
                "attachment_not_asked",
                format!("The plan asks for no attachment `{name}` of this; the plan's document has the names."),
            ));
        }
        facts.push(ClaimFact {
            line,
            kind: Fact::Attachment,
            key: word,
            day: 0,
        });
    }
    facts.sort_by_key(|fact| fact.key);
    facts.dedup();
    Ok(facts)
}

/// What the details ask for.
struct Asked<'a>(&'a [DetailEntry]);

impl Asked<'_> {
    fn of(&self, subject: [u8; 8], kind: Kind) -> impl Iterator<Item = &DetailEntry> {
        // Ascending by subject, then kind.
        let start = self
            .0
            .partition_point(|entry| (entry.subject, entry.kind) < (subject, kind as u8));
        let rest = self.0.get(start..).unwrap_or_default().iter();
        rest.take_while(move |entry| (entry.subject, entry.kind) == (subject, kind as u8))
    }

    fn asks(&self, subject: [u8; 8], kind: Kind) -> bool {
        self.of(subject, kind).next().is_some()
    }

    fn asks_plan(&self, kind: Kind) -> bool {
        self.asks(DetailEntry::NONE, kind)
    }

    fn names(&self, subject: [u8; 8], kind: Kind, object: [u8; 8]) -> bool {
        self.of(subject, kind).any(|entry| entry.object == object)
    }

    /// Whether a line of this code has to say so, of its diagnoses or of its place.
    fn asks_line(&self, code: [u8; 8], kind: Fact) -> bool {
        match kind {
            Fact::Place => self.asks(code, Kind::Place),
            _ => {
                self.asks(code, Kind::DiagnosedFor)
                    || self.asks_plan(Kind::Diagnosis)
                    || self.asks_plan(Kind::PreExisting)
            }
        }
    }

    /// Whether a modifier can lift a pair with this code.
    fn has_liftable_pair(&self, code: [u8; 8]) -> bool {
        let mut all = self.0.iter();
        all.any(|entry| {
            entry.kind == Kind::Pair as u8
                && entry.indicator == 1
                && (entry.subject == code || entry.object == code)
        })
    }
}

struct Stating<'a> {
    claim: &'a Claim,
    key: &'a CodeKey,
    asked: Asked<'a>,
    facts: Vec<ClaimFact>,
}

impl Stating<'_> {
    fn state(&mut self, line: u8, kind: Fact, key: [u8; 8], day: i32) {
        self.facts.push(ClaimFact {
            line,
            kind,
            key,
            day,
        });
    }

    fn of_claim(&mut self, codes: &[[u8; 8]]) -> Result<()> {
        const ALL: u8 = ClaimFact::ALL_LINES;
        let claim = self.claim;
        let any = |asked: &Asked<'_>, kind| codes.iter().any(|code| asked.asks(*code, kind));
        if let Some(payer) = &claim.payer {
            if self.asked.asks_plan(Kind::Payer) {
                let word = Vocabulary::Payer.word(self.key, &payer.0)?;
                self.state(ALL, Fact::Payer, word, 0);
            }
        }
        if let Some(provider) = &claim.provider_type {
            if any(&self.asked, Kind::ProviderType) {
                let word = Vocabulary::ProviderType.word(self.key, &provider.0)?;
                self.state(ALL, Fact::ProviderType, word, 0);
            }
        }
        if claim.referral.is_some() && any(&self.asked, Kind::Referral) {
            self.state(ALL, Fact::Referral, [0; 8], 0);
        }
        for (kind, of_plan, of_line, names) in [
            (
                Fact::Information,
                Kind::Information,
                Kind::LineInformation,
                &claim.information,
            ),
            (
                Fact::Attachment,
                Kind::Attachment,
                Kind::LineAttachment,
                &claim.attachments,
            ),
        ] {
            for name in names {
                let word = Vocabulary::Information.word(self.key, &name.0)?;
                let named = self.asked.names(DetailEntry::NONE, of_plan, word)
                    || codes
                        .iter()
                        .any(|code| self.asked.names(*code, of_line, word));
                if named {
                    self.state(ALL, kind, word, 0);
                }
            }
        }
        if let Some(exception) = claim.filing_exception {
            let kind = match exception.ground.0 {
                FilingGround::AdministrativeError => Fact::AdministrativeError,
                FilingGround::RetroactiveEntitlement => Fact::RetroactiveEntitlement,
                FilingGround::MedicaidRecoupment => Fact::MedicaidRecoupment,
                FilingGround::AdvantageDisenrolment => Fact::AdvantageDisenrolment,
            };
            self.state(ALL, kind, [0; 8], exception.notified.0.days());
        }
        Ok(())
    }

    /// The lines whose patient must not be billed what the plan does not allow: once where it is all of them. Also in the network,
    /// where it changes nothing: whether the provider still belongs to it shows only when the claim is adjudicated.
    fn ban(&mut self) {
        let lines = || (0..).zip(&self.claim.lines);
        let banned: Vec<u8> = lines()
            .filter(|(_, line)| line.balance_billing_prohibited)
            .map(|(index, _)| index)
            .collect();
        if banned.len() == self.claim.lines.len() {
            self.state(ClaimFact::ALL_LINES, Fact::BalanceBillingBanned, [0; 8], 0);
            return;
        }
        for line in banned {
            self.state(line, Fact::BalanceBillingBanned, [0; 8], 0);
        }
    }

    /// What a claim says for the lines that say nothing else: once where no line does, else of each line that is asked.
    fn shared<'l>(
        &mut self,
        codes: &[[u8; 8]],
        kind: Fact,
        of_claim: &[Name],
        of_line: impl Fn(&'l Line) -> Option<&'l [Name]>,
    ) -> Result<()>
    where
        Self: 'l,
    {
        let words = match kind {
            Fact::Place => Vocabulary::Place,
            _ => Vocabulary::Diagnosis,
        };
        let mut own: Vec<(u8, &[Name])> = Vec::new();
        let mut differ = false;
        for (index, (line, code)) in self.claim.lines.iter().zip(codes).enumerate() {
            if self.asked.asks_line(*code, kind) {
                let stated = of_line(line);
                differ |= stated.is_some();
                let index = u8::try_from(index).unwrap_or(u8::MAX);
                own.push((index, stated.unwrap_or(of_claim)));
            }
        }
        if !differ && !own.is_empty() {
            own = vec![(ClaimFact::ALL_LINES, of_claim)];
        }
        for (line, names) in own {
            for name in names {
                let word = words.word(self.key, &name.0)?;
                self.state(line, kind, word, 0);
            }
        }
        Ok(())
    }

    fn of_line(&mut self, index: u8, line: &Line, code: [u8; 8]) -> Result<()> {
        if let Some(last) = self.claim.last_of(line) {
            self.state(index, Fact::Until, [0; 8], last.days());
        }
        for (kind, of_plan, of_line, names) in [
            (
                Fact::Information,
                Kind::Information,
                Kind::LineInformation,
                &line.information,
            ),
            (
                Fact::Attachment,
                Kind::Attachment,
                Kind::LineAttachment,
                &line.attachments,
            ),
        ] {
            for name in names {
                let word = Vocabulary::Information.word(self.key, &name.0)?;
                if self.asked.names(DetailEntry::NONE, of_plan, word)
                    || self.asked.names(code, of_line, word)
                {
                    self.state(index, kind, word, 0);
                }
            }
        }
        if line.modifiers.is_empty() {
            return Ok(());
        }
        // Where only some are let through, one that is not must be seen; else only those that the plan knows matter.
        let all = self.asked.asks(code, Kind::Modifier);
        let pairs = self.asked.has_liftable_pair(code);
        for modifier in &line.modifiers {
            let word = modifier_word(self.key, *modifier)?;
            let named = self.asked.names(code, Kind::ModifierRequired, word)
                || (pairs && self.asked.names(DetailEntry::NONE, Kind::Distinct, word));
            if all || named {
                self.state(index, Fact::Modifier, word, 0);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use galen_documents::{claim, plan};
    use serde_json::{json, Value};

    use super::*;
    use crate::command::plan::demands::details;

    const KEY: CodeKey = CodeKey([7; 32]);

    fn stated(plan: &Value, claim: &Value) -> Vec<(u8, Fact)> {
        let plan = plan::read(plan).expect("a plan");
        let claim = claim::read(claim).expect("a claim");
        let details = details(&plan, &KEY, "plan.json").expect("compiled");
        let facts = facts(&claim, &KEY, &details).expect("stated");
        facts.iter().map(|fact| (fact.line, fact.kind)).collect()
    }

    fn claim() -> Value {
        json!({
            "service_date": "2026-03-01", "diagnoses": ["J06.9", "E11.9"], "place": "11", "provider_type": "gp", "referral": "R-1",
            "payer": "us", "information": ["onset", "weight"], "attachments": ["report"],
            "lines": [
                {"code": "A", "charge": 100, "modifiers": ["LT", "GA"]},
                {"code": "B", "charge": 100, "information": ["tooth"]}
            ]
        })
    }

    #[test]
    fn a_plan_that_asks_for_nothing_is_told_nothing() {
        let plan = json!({"benefits": [{"code": "A", "allowed": 1}, {"code": "B", "allowed": 1}]});
        assert_eq!(stated(&plan, &claim()), []);
        let mut late = claim();
        late["filing_exception"] =
            json!({"ground": "medicaid_recoupment", "notified": "2026-12-01"});
        late["lines"][1]["service_to"] = json!("2026-03-04");
        let facts = stated(&plan, &late);
        assert_eq!(facts, [(1, Fact::Until), (255, Fact::MedicaidRecoupment)]);
    }

    #[test]
    fn a_ban_on_balance_billing_is_stated_under_every_plan() {
        let plan = json!({"benefits": [{"code": "A", "allowed": 1}, {"code": "B", "allowed": 1}]});
        let mut banned = claim();
        banned["lines"][1]["balance_billing_prohibited"] = json!(true);
        assert_eq!(stated(&plan, &banned), [(1, Fact::BalanceBillingBanned)]);
        banned["lines"][0]["balance_billing_prohibited"] = json!(true);
        assert_eq!(stated(&plan, &banned), [(255, Fact::BalanceBillingBanned)]);
    }

    #[test]
    fn only_what_is_asked_for_is_stated() {
        let plan = |benefit: Value| {
            let mut first = json!({"code": "A", "allowed": 1});
            for (field, value) in benefit.as_object().expect("fields") {
                first[field] = value.clone();
            }
            json!({"benefits": [first, {"code": "B", "allowed": 1}]})
        };
        let need = json!([{"name": "weight", "remark": "N1"}]);
        for (benefit, facts) in [
            (
                json!({"diagnoses": ["J06.9"]}),
                vec![(255, Fact::Diagnosis); 2],
            ),
            (json!({"places": ["11"]}), vec![(255, Fact::Place)]),
            (
                json!({"provider_types": ["x"]}),
                vec![(255, Fact::ProviderType)],
            ),
            (json!({"referral": true}), vec![(255, Fact::Referral)]),
            (json!({"information": need}), vec![(255, Fact::Information)]),
            (json!({"attachments": need}), vec![]),
            (json!({"modifiers": ["LT"]}), vec![(0, Fact::Modifier); 2]),
            (
                json!({"modifiers_required": ["LT"]}),
                vec![(0, Fact::Modifier)],
            ),
            (json!({"sexes": ["F"], "ages": {"from": 3}}), vec![]),
        ] {
            assert_eq!(stated(&plan(benefit.clone()), &claim()), facts, "{benefit}");
        }
        let mut plan = plan(json!({}));
        plan["bundles"] = json!([{"column_one": "A", "column_two": "B", "indicator": 1}]);
        assert_eq!(stated(&plan, &claim()), [(0, Fact::Modifier)]);
        plan["bundles"][0]["indicator"] = json!(0);
        assert_eq!(stated(&plan, &claim()), []);
        plan["payer"] = json!("us");
        plan["information"] = json!([{"name": "tooth", "remark": "N1"}]);
        let facts = stated(&plan, &claim());
        assert_eq!(facts, [(1, Fact::Information), (255, Fact::Payer)]);
    }

    #[test]
    fn only_what_the_plan_asks_for_is_attached_later() {
        let plan = plan::read(&json!({
            "attachments": [{"name": "report", "remark": "N40"}],
            "benefits": [
                {"code": "A", "allowed": 1, "attachments": [{"name": "xray", "remark": "N40"}]},
                {"code": "B", "allowed": 1},
            ],
        }));
        let details = details(&plan.expect("a plan"), &KEY, "plan.json").expect("compiled");
        let [first, second] = ["A", "B"].map(|code| codes::procedure(&KEY, code).expect("keyed"));
        let number = |names: &[&str], line, lines: &[[u8; 8]]| {
            let names: Vec<String> = names.iter().map(ToString::to_string).collect();
            attached(&names, line, lines, &KEY, &details)
                .map(|facts| facts.len())
                .map_err(|error| error.code)
        };
        let refused = || Err("attachment_not_asked".to_owned());
        let both = [first, second];
        assert_eq!(number(&["report", "xray", "report"], 255, &both), Ok(2));
        assert_eq!(number(&["report"], 1, &[second]), Ok(1));
        assert_eq!(number(&["xray"], 0, &[first]), Ok(1));
        assert_eq!(number(&["xray"], 1, &[second]), refused());
        assert_eq!(number(&["report", "onset"], 255, &both), refused());
    }

    #[test]
    fn a_line_that_says_otherwise_is_stated_by_itself() {
        let plan = json!({"diagnoses": [{"code": "J06.9"}], "benefits": [{"code": "A", "allowed": 1}, {"code": "B", "allowed": 1}]});
        let mut claim = claim();
        claim["lines"][0]["diagnoses"] = json!(["J06.9"]);
        let facts = stated(&plan, &claim);
        let each = [
            (0, Fact::Diagnosis),
            (1, Fact::Diagnosis),
            (1, Fact::Diagnosis),
        ];
        assert_eq!(facts, each);
    }
}
