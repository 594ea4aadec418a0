//! The remark code of a denial that says nothing without one (CARC 16, 96, 252). It is not stored with the line: it follows from
//! what decided it, by the rulebook.

use std::collections::btree_map::{BTreeMap, Entry};

use claims::convert;
use claims::details::{Known, Sources};
use claims::state::{
    Claim, ClaimFact, ClaimFactKind, ClaimLine, ClaimStatus, DetailEntry, MemberFact, MemberFacts,
    PlanVersion,
};
use claims::waivers::Waivers;
use galen_rules::adjudication::{
    self as rules, Accumulators, Benefit, Covered, LineResult, Network, ProviderTag,
};
use galen_rules::date::Window;
use galen_rules::{Cents, Reason, Remark};
use solana_pubkey::Pubkey;

use super::turn::Turns;
use crate::chain::entity;
use crate::cluster::Cluster;
use crate::command::plan::details;
use crate::error::Result;

/// What decided the claims of a member under a plan version.
pub struct Remarks {
    version: PlanVersion,
    details: Vec<DetailEntry>,
    stated: Vec<MemberFact>,
}

impl Remarks {
    /// Of the member of `claim` under its plan version.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`, `cluster_unreachable`.
    pub fn read(cluster: &Cluster, claim: &Claim) -> Result<Self> {
        let version: PlanVersion = entity::get(cluster, &claim.plan_version)?;
        let (address, _) = MemberFacts::find_address(&claim.member);
        let stated = entity::find::<MemberFacts>(cluster, &address)?;
        Ok(Self {
            details: details::of_version(cluster, &version)?,
            stated: stated.map_or_else(Vec::new, |facts| facts.entries),
            version,
        })
    }

    /// The remark of the line at `index`, where its denial has one. What the insurer has stated otherwise since can leave it
    /// without.
    pub fn of(&self, claim: &Claim, index: usize) -> Option<Remark> {
        let reason = Reason::from_code(claim.lines.get(index)?.denial_reason)?;
        if !reason.needs_remark() {
            return None;
        }
        let stated = claim.facts.entries();
        let remark = self.denied(claim, index, reason, stated);
        if remark.is_some() || reason != Reason::Attachment {
            return remark;
        }
        // It came after the line was denied for it.
        let others = stated.iter().copied();
        let others: Vec<ClaimFact> = others
            .filter(|fact| fact.kind != ClaimFactKind::Attachment)
            .collect();
        self.denied(claim, index, reason, &others)
    }

    /// The remark of what the line at `index` of a claim that waits lacks; none where it lacks no attachment.
    pub fn missing(&self, claim: &Claim, index: usize) -> Option<Remark> {
        let line = claim.lines.get(index)?;
        if claim.status != ClaimStatus::Pended || line.is_denied() {
            return None;
        }
        self.denied(claim, index, Reason::Attachment, claim.facts.entries())
    }

    /// The remark of a denial of the line at `index` for `reason`, had the claim stated these facts.
    fn denied(
        &self,
        claim: &Claim,
        index: usize,
        reason: Reason,
        facts: &[ClaimFact],
    ) -> Option<Remark> {
        let mut known = Known::of(&Sources {
            demands: &self.details,
            facts,
            member: &self.stated,
            lines: &claim.lines,
            live: &[],
            first_payer: None,
        })
        .ok()?;
        known.waive(Waivers::of(claim));
        let mut lines = lines(claim);
        known.amend(&mut lines);
        let lists = convert::Lists::of(&self.version.terms).ok()?;
        let mut plan = convert::plan(&self.version.terms, &lists).ok()?;
        plan.filing_limit_days = u32::MAX;
        let mut results = vec![LineResult::default(); lines.len()];
        known
            .lend(|details| {
                rules::adjudicate_with(
                    details,
                    &plan,
                    &rules::Claim {
                        submitted: lines.iter().map(|line| line.service.date).max()?,
                        network: Network::In,
                        lines: &lines,
                    },
                    Window::ALWAYS,
                    [],
                    &mut Accumulators::default(),
                    &mut results,
                )
                .ok()
            })
            .and_then(|_| results.get(index)?.denial)
            .filter(|denial| denial.reason == reason)?
            .remark
    }
}

/// Finds what the ledger has beside claims: their remarks, and which are flagged; what decided those of one member under one plan
/// version is read once.
pub struct Finder<'a> {
    cluster: &'a Cluster,
    known: BTreeMap<(Pubkey, Pubkey), Remarks>,
    /// The order in which claims were adjudicated.
    pub turns: Turns<'a>,
}

impl<'a> Finder<'a> {
    /// On a cluster.
    pub const fn new(cluster: &'a Cluster) -> Self {
        Self {
            cluster,
            known: BTreeMap::new(),
            turns: Turns::new(cluster),
        }
    }

    /// The remark of each line, in order. Nothing is read for a claim without a denial that needs one.
    ///
    /// # Errors
    /// Those of [`Remarks::read`].
    pub fn of(&mut self, claim: &Claim) -> Result<Vec<Option<Remark>>> {
        if !claim.lines.iter().any(needs_remark) {
            return Ok(vec![None; claim.lines.len()]);
        }
        self.each(claim, Remarks::of)
    }

    /// The remark of what each line lacks, in order. Nothing is read for a claim that does not wait.
    ///
    /// # Errors
    /// Those of [`Remarks::read`].
    pub fn missing(&mut self, claim: &Claim) -> Result<Vec<Option<Remark>>> {
        if claim.status != ClaimStatus::Pended {
            return Ok(vec![None; claim.lines.len()]);
        }
        self.each(claim, Remarks::missing)
    }

    fn each(
        &mut self,
        claim: &Claim,
        of: impl Fn(&Remarks, &Claim, usize) -> Option<Remark>,
    ) -> Result<Vec<Option<Remark>>> {
        let remarks = match self.known.entry((claim.plan_version, claim.member)) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(Remarks::read(self.cluster, claim)?),
        };
        let lines = 0..claim.lines.len();
        Ok(lines.map(|index| of(remarks, claim, index)).collect())
    }
}

/// A remark as people read it: what is missing, where that is one of the rulebook's own remarks, and its code (X12 list 411).
pub fn text(remark: Remark) -> String {
    match missing(remark) {
        Some(what) => format!("{what}, remark {remark}"),
        None => format!("remark {remark}"),
    }
}

/// What is missing, by a remark that the rulebook derives itself. Those of a plan's own needs are named in its document.
pub fn missing(remark: Remark) -> Option<&'static str> {
    Some(match remark.as_str() {
        "M76" => "the diagnosis is missing",
        "M77" => "the place of service is missing",
        "MA39" => "the patient's sex is not known",
        "N255" => "the provider's type is missing",
        "N329" => "the patient's date of birth is not known",
        _ => return None,
    })
}

fn needs_remark(line: &ClaimLine) -> bool {
    Reason::from_code(line.denial_reason).is_some_and(Reason::needs_remark)
}

/// The lines of a claim for the gates that have remarks: what they cost does not matter.
fn lines(claim: &Claim) -> Vec<rules::Line> {
    let line = |(line, number): (&ClaimLine, u16)| {
        let excluded = Reason::from_code(line.denial_reason) == Some(Reason::NonCovered);
        let benefit = Benefit {
            covered: if excluded {
                Covered::NotInPlan
            } else {
                Covered::Yes
            },
            ..Benefit::at(Cents::ZERO)
        };
        rules::Line {
            benefit: Some(benefit),
            ..convert::line(number, line, ProviderTag([1; 8]), None)
        }
    };
    claim.lines.iter().zip(1..).map(line).collect()
}

#[cfg(test)]
mod tests {
    use claims::state::{ClaimLineArgs, Opening, PendReason, PlanChecks, PlanClocks};
    use galen_documents::plan;
    use serde_json::json;

    use super::*;
    use crate::chain::codes::Vocabulary;
    use crate::command::plan::terms::compile;
    use crate::store::CodeKey;

    const KEY: CodeKey = CodeKey([7; 32]);

    fn claim(reason: u16, facts: &[ClaimFact]) -> Claim {
        let mut claim = Claim::open(Opening {
            bump: 0,
            pool: Pubkey::default(),
            provider: Pubkey::default(),
            claim_id: [1; 16],
            document: [1; 32],
            opener: Pubkey::default(),
            service_date: 20_500,
            line_count: 1,
        })
        .expect("opened");
        let line = ClaimLineArgs {
            code_key: crate::chain::codes::procedure(&KEY, "A").expect("keyed"),
            modifiers: [0; 4],
            units: 1,
            charge: 100,
            day: 0,
        };
        claim.append(0, &[line]).expect("appended");
        if !facts.is_empty() {
            claim.state_facts(facts).expect("stated");
        }
        claim.lines[0].denial_reason = reason;
        claim
    }

    fn remark(benefit: serde_json::Value, reason: u16, facts: &[ClaimFact]) -> Option<String> {
        let found = remarks(benefit).of(&claim(reason, facts), 0);
        found.map(|remark| remark.to_string())
    }

    fn remarks(benefit: serde_json::Value) -> Remarks {
        let mut first = json!({"code": "A", "allowed": 1});
        for (field, value) in benefit.as_object().expect("fields") {
            first[field] = value.clone();
        }
        let document = plan::read(&json!({"benefits": [first]})).expect("a plan");
        let compiled = compile(&document, &KEY, None, "plan.json").expect("compiled");
        Remarks {
            version: PlanVersion::new(
                0,
                1,
                Pubkey::default(),
                Pubkey::default(),
                Pubkey::default(),
                [1; 32],
                0,
                PlanClocks::default(),
                PlanChecks::default(),
                true,
                compiled.terms,
            ),
            details: compiled.details,
            stated: Vec::new(),
        }
    }

    #[test]
    fn each_reason_that_needs_one_has_its_remark() {
        let needs = json!([{"name": "x", "remark": "N40"}]);
        for (benefit, reason, wanted) in [
            (
                json!({"covered": false, "remark": "N130"}),
                96,
                Some("N130"),
            ),
            (json!({"information": needs}), 16, Some("N40")),
            (json!({"attachments": needs}), 252, Some("N40")),
            (json!({"diagnoses": ["J06.9"]}), 16, Some("M76")),
            (json!({"ages": {"from": 18}}), 16, Some("N329")),
            (json!({"sexes": ["F"]}), 16, Some("MA39")),
            (json!({"provider_types": ["gp"]}), 16, Some("N255")),
            (json!({"places": ["11"]}), 16, Some("M77")),
            (json!({"places": ["11"]}), 5, None),
            (json!({}), 16, None),
        ] {
            let found = remark(benefit.clone(), reason, &[]);
            assert_eq!(found.as_deref(), wanted, "{benefit}");
        }
    }

    #[test]
    fn what_is_stated_is_not_what_was_missing() {
        let stated = [ClaimFact {
            line: ClaimFact::ALL_LINES,
            kind: ClaimFactKind::ProviderType,
            key: [1; 8],
            day: 0,
        }];
        let benefit = json!({"provider_types": ["gp"], "places": ["11"]});
        assert_eq!(remark(benefit, 16, &stated).as_deref(), Some("M77"));
    }

    #[test]
    fn what_a_claim_waits_for_is_named_until_it_has_come() {
        let x = ClaimFact {
            line: ClaimFact::ALL_LINES,
            kind: ClaimFactKind::Attachment,
            key: Vocabulary::Information.word(&KEY, "x").expect("keyed"),
            day: 0,
        };
        let benefit = json!({"attachments": [{"name": "x", "remark": "N40"}]});
        let remarks = remarks(benefit.clone());
        let missing = |claim: &Claim| {
            let missing = remarks.missing(claim, 0);
            missing.map(|remark| remark.to_string())
        };
        let mut waits = claim(0, &[]);
        assert_eq!(missing(&waits), None);
        waits.pend(PendReason::AttachmentMissing);
        assert_eq!(missing(&waits).as_deref(), Some("N40"));
        waits.take_attachments(&[x], 20_500).expect("taken");
        assert_eq!(missing(&waits), None);
        // Denied before that it keeps its remark.
        assert_eq!(remark(benefit, 252, &[x]).as_deref(), Some("N40"));
    }
}
