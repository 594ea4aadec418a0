//! What a plan version's details demand, as far as a claim can meet it.

use anchor_lang::prelude::*;
use galen_rules::adjudication::details as rules;
use galen_rules::adjudication::CodeKey;
use galen_rules::date::Window;
use galen_rules::{BasisPoints, Remark};

use super::claim::{ClaimLists, LineLists};
use super::member::MemberLists;
use super::{about, naming, of_kind, Sources};
use crate::error::ClaimsError;
use crate::state::{ClaimFactKind, ClaimLine, DetailEntry, DetailKind, MemberFactKind};

/// Of the plan as a whole.
#[derive(Debug)]
pub(super) struct PlanLists {
    payer: Option<CodeKey>,
    dependents: Option<Vec<rules::Dependent>>,
    /// The category of age to which dependents of the member's relation are eligible; none = at every age.
    pub dependent_age: Option<CodeKey>,
    requirements: Vec<CodeKey>,
    spanning: rules::Spanning,
    filing_grounds: Vec<rules::FilingGround>,
    information: Vec<rules::Need>,
    attachments: Vec<rules::Need>,
    diagnoses: Option<Vec<rules::Diagnosis>>,
    pub pre_existing_days: u32,
    bundles: Vec<rules::Bundle>,
    pub distinct: Vec<CodeKey>,
    multiple_procedure: BasisPoints,
}

impl PlanLists {
    pub fn of(sources: &Sources) -> Result<Self> {
        let own = about(sources.demands, DetailEntry::NONE);
        let (dependents, dependent_age) = dependents(sources, own);
        let grounds = of_kind(own, DetailKind::FilingGrounds).first();
        Ok(Self {
            payer: first_object(of_kind(own, DetailKind::Payer)),
            dependents,
            dependent_age,
            requirements: objects(of_kind(own, DetailKind::Requirement)).collect(),
            spanning: if of_kind(own, DetailKind::SpanningDenied).is_empty() {
                rules::Spanning::Rebill
            } else {
                rules::Spanning::Deny
            },
            filing_grounds: match grounds {
                None => rules::FilingGround::ALL.to_vec(),
                Some(entry) => filing_grounds(entry.indicator),
            },
            information: needs(of_kind(own, DetailKind::Information))?,
            attachments: needs(of_kind(own, DetailKind::Attachment))?,
            diagnoses: diagnoses(sources, of_kind(own, DetailKind::Diagnosis))?,
            pre_existing_days: first_figure(of_kind(own, DetailKind::PreExisting)).unwrap_or(0),
            bundles: bundles(sources)?,
            distinct: stated_among(
                sources,
                ClaimFactKind::Modifier,
                of_kind(own, DetailKind::Distinct),
            ),
            multiple_procedure: match of_kind(own, DetailKind::MultipleRate).first() {
                None => BasisPoints::WHOLE,
                Some(entry) => {
                    BasisPoints::new(entry.figure()).ok_or(ClaimsError::DetailsInvalid)?
                }
            },
        })
    }

    /// Nothing is demanded; what is reduced stays reduced.
    pub fn waive(&mut self) {
        self.payer = None;
        self.dependents = None;
        self.requirements = Vec::new();
        self.filing_grounds = rules::FilingGround::ALL.to_vec();
        self.information = Vec::new();
        self.attachments = Vec::new();
        self.diagnoses = None;
        self.pre_existing_days = 0;
        self.bundles = Vec::new();
    }

    pub fn lend(&self) -> rules::PlanDetails<'_> {
        rules::PlanDetails {
            payer: self.payer,
            dependents: self.dependents.as_deref(),
            requirements: &self.requirements,
            spanning: self.spanning,
            filing_grounds: &self.filing_grounds,
            information: &self.information,
            attachments: &self.attachments,
            diagnoses: self.diagnoses.as_deref(),
            pre_existing_days: self.pre_existing_days,
            // When an authorization was requested is not on the ledger.
            authorization_grace_days: 0,
            bundles: &self.bundles,
            distinct: &self.distinct,
            multiple_procedure: self.multiple_procedure,
        }
    }
}

/// Of one procedure, as far as a line can meet it.
#[derive(Debug, Default)]
pub(super) struct BenefitLists {
    /// The remark of its exclusion.
    pub excluded: Option<Remark>,
    /// The days on which the code is valid; none = all.
    pub effective: Option<Window>,
    information: Vec<rules::Need>,
    attachments: Vec<rules::Need>,
    provider_types: Limit,
    places: Limit,
    diagnoses: Limit,
    sexes: Limit,
    modifiers: Limit,
    modifiers_required: Limit,
    /// Whether it is done in some categories of age only.
    ages: bool,
    /// Whether the member is in one of them, as the insurer states it.
    pub of_age: Option<bool>,
    pub experimental: bool,
    referral_required: bool,
    pub units_per_day: Option<rules::UnitsPerDay>,
    multiple_procedure: bool,
    readmission_days: Option<u32>,
}

/// A list of what is let through, of which only what is stated matters: lists can be long, and a program's heap is short.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Limit {
    /// There is none.
    #[default]
    Absent,
    /// What is stated is not in it.
    Unmet,
    /// What is stated is in it.
    Met,
}

/// What nobody can state: no keyed identifier is zeros.
const UNMEETABLE: [CodeKey; 1] = [CodeKey([0; 8])];

impl Limit {
    /// Notes an entry of the list, and whether it is what is stated.
    fn note(&mut self, is_stated: bool) {
        if is_stated {
            *self = Self::Met;
        } else if *self == Self::Absent {
            *self = Self::Unmet;
        }
    }

    /// The list, cut to what is stated.
    fn cut(self, stated: &[CodeKey]) -> Option<&[CodeKey]> {
        match self {
            Self::Absent => None,
            Self::Unmet => Some(&[]),
            Self::Met => Some(stated),
        }
    }
}

impl BenefitLists {
    /// Of a procedure's entries, what a line meets of them; `of_age` says of a category whether the member is in it.
    pub fn of(
        entries: &[DetailEntry],
        line: &LineLists,
        claim: &ClaimLists,
        member: &MemberLists,
        of_age: impl Fn(CodeKey) -> Option<bool>,
    ) -> Result<Self> {
        let mut lists = Self::default();
        let (mut limits_modifiers, mut fitting) = (false, 0_usize);
        for entry in entries {
            let object = CodeKey(entry.object);
            match DetailKind::of(entry.kind).ok_or(ClaimsError::DetailsInvalid)? {
                DetailKind::Excluded => lists.excluded = entry.remark(),
                DetailKind::Effective => lists.effective = entry.days(),
                DetailKind::ProviderType => {
                    let is_stated = claim.provider_type == Some(object);
                    lists.provider_types.note(is_stated);
                }
                DetailKind::Place => lists.places.note(line.place == Some(object)),
                DetailKind::DiagnosedFor => {
                    lists.diagnoses.note(line.diagnoses.contains(&object));
                }
                DetailKind::Age => {
                    lists.ages = true;
                    // One that holds is enough.
                    lists.of_age = lists.of_age.max(of_age(object));
                }
                DetailKind::Sex => lists.sexes.note(member.sex == Some(object)),
                DetailKind::Modifier => {
                    limits_modifiers = true;
                    fitting = fitting.saturating_add(usize::from(line.modifiers.contains(&object)));
                }
                DetailKind::ModifierRequired => {
                    let is_stated = line.modifiers.contains(&object);
                    lists.modifiers_required.note(is_stated);
                }
                DetailKind::Experimental => lists.experimental = true,
                DetailKind::Referral => lists.referral_required = true,
                DetailKind::UnitsPerDay => lists.units_per_day = Some(units_per_day(entry)),
                DetailKind::MultipleProcedure => lists.multiple_procedure = true,
                DetailKind::Readmission => lists.readmission_days = Some(entry.figure().into()),
                // They come last, and there can be many.
                DetailKind::Pair => break,
                // Together, in the order in which they are asked for.
                _ => {}
            }
        }
        if limits_modifiers {
            // Each modifier is stated once and listed once.
            lists.modifiers.note(fitting == line.modifiers.len());
        }
        lists.information = needs(of_kind(entries, DetailKind::LineInformation))?;
        lists.attachments = needs(of_kind(entries, DetailKind::LineAttachment))?;
        Ok(lists)
    }

    /// Nothing is demanded; what is reduced or limited stays so.
    pub fn waived(&self) -> Self {
        Self {
            excluded: self.excluded,
            experimental: self.experimental,
            units_per_day: self.units_per_day,
            multiple_procedure: self.multiple_procedure,
            ..Self::default()
        }
    }

    pub fn lend<'a>(
        &'a self,
        line: &'a LineLists,
        claim: &'a ClaimLists,
        member: &'a MemberLists,
    ) -> rules::BenefitDetails<'a> {
        rules::BenefitDetails {
            information: &self.information,
            attachments: &self.attachments,
            provider_types: self.provider_types.cut(claim.provider_type.as_slice()),
            places: self.places.cut(line.place.as_slice()),
            diagnoses: self.diagnoses.cut(&line.diagnoses),
            // The ledger has no day of birth, so the years are never looked at.
            ages: self.ages.then_some(rules::Ages {
                from: 0,
                to: u16::MAX,
            }),
            sexes: self.sexes.cut(member.sex.as_slice()),
            modifiers: self.modifiers.cut(&line.modifiers),
            modifiers_required: match self.modifiers_required {
                Limit::Absent => &[],
                Limit::Unmet => &UNMEETABLE,
                Limit::Met => &line.modifiers,
            },
            experimental: self.experimental,
            referral_required: self.referral_required,
            units_per_day: self.units_per_day,
            multiple_procedure: self.multiple_procedure,
            readmission_days: self.readmission_days,
        }
    }
}

fn units_per_day(entry: &DetailEntry) -> rules::UnitsPerDay {
    rules::UnitsPerDay {
        most: entry.figure().into(),
        indicator: match entry.indicator {
            1 => rules::UnitsIndicator::Line,
            2 => rules::UnitsIndicator::Day,
            _ => rules::UnitsIndicator::Reviewable,
        },
    }
}

fn objects(entries: &[DetailEntry]) -> impl Iterator<Item = CodeKey> + '_ {
    entries.iter().map(|entry| CodeKey(entry.object))
}

fn first_object(entries: &[DetailEntry]) -> Option<CodeKey> {
    objects(entries).next()
}

fn first_figure(entries: &[DetailEntry]) -> Option<u32> {
    entries.first().map(|entry| entry.figure().into())
}

/// In the order in which they are asked for.
fn needs(entries: &[DetailEntry]) -> Result<Vec<rules::Need>> {
    let mut ranked = Vec::with_capacity(entries.len());
    for entry in entries {
        let remark = entry.remark().ok_or(ClaimsError::DetailsInvalid)?;
        let what = CodeKey(entry.object);
        ranked.push((entry.rank, rules::Need { what, remark }));
    }
    ranked.sort_unstable_by_key(|(rank, _)| *rank);
    Ok(ranked.into_iter().map(|(_, need)| need).collect())
}

fn filing_grounds(bits: u8) -> Vec<rules::FilingGround> {
    let grounds = rules::FilingGround::ALL.iter().zip(0u32..);
    grounds
        .filter(|(_, bit)| bits & 1u8.wrapping_shl(*bit) != 0)
        .map(|(ground, _)| *ground)
        .collect()
}

/// The list of eligible relations, with the member's own where it is in it, and the category of age of that.
fn dependents(
    sources: &Sources,
    own: &[DetailEntry],
) -> (Option<Vec<rules::Dependent>>, Option<CodeKey>) {
    let listed = of_kind(own, DetailKind::Dependent);
    if listed.is_empty() {
        return (None, None);
    }
    let span = sources.span();
    let mut facts = sources.member.iter();
    let relation = facts.find(|fact| {
        fact.kind == MemberFactKind::Relation && fact.holds_on(span.0) && fact.holds_on(span.1)
    });
    let found = relation.and_then(|fact| naming(listed, CodeKey(fact.key)).first());
    let Some(entry) = found else {
        return (Some(Vec::new()), None);
    };
    let is_limited = entry.more != DetailEntry::NONE;
    let dependent = rules::Dependent {
        relation: CodeKey(entry.object),
        to_age: is_limited.then_some(u16::MAX),
    };
    let age = is_limited.then_some(CodeKey(entry.more));
    (Some(vec![dependent]), age)
}

/// Of the list of valid diagnoses, those that the claim states.
fn diagnoses(sources: &Sources, listed: &[DetailEntry]) -> Result<Option<Vec<rules::Diagnosis>>> {
    if listed.is_empty() {
        return Ok(None);
    }
    let mut found = Vec::new();
    for code in stated(sources, ClaimFactKind::Diagnosis) {
        for entry in naming(listed, code) {
            found.push(rules::Diagnosis {
                code,
                effective: entry.days().ok_or(ClaimsError::DetailsInvalid)?,
                covered: entry.indicator == 1,
            });
        }
    }
    Ok(Some(found))
}

/// What the claim states of one kind, each once.
fn stated(sources: &Sources, kind: ClaimFactKind) -> Vec<CodeKey> {
    let mut keys = Vec::new();
    for fact in sources.facts.iter().filter(|fact| fact.kind == kind) {
        let key = CodeKey(fact.key);
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

/// What the claim states of one kind and these entries name.
fn stated_among(sources: &Sources, kind: ClaimFactKind, listed: &[DetailEntry]) -> Vec<CodeKey> {
    let mut keys = stated(sources, kind);
    keys.retain(|key| !naming(listed, *key).is_empty());
    keys
}

/// The pairs of which the claim has the second code, and the claim or the member's live lines the first.
fn bundles(sources: &Sources) -> Result<Vec<rules::Bundle>> {
    let mut bundles = Vec::new();
    if sources.demands.is_empty() {
        return Ok(bundles);
    }
    let mut firsts: Vec<CodeKey> = Vec::new();
    for (index, line) in sources.lines.iter().enumerate() {
        if repeats(sources.lines, index) {
            continue;
        }
        let pairs = of_kind(about(sources.demands, line.code_key), DetailKind::Pair);
        if pairs.is_empty() {
            continue;
        }
        if firsts.is_empty() {
            firsts = codes(sources);
        }
        for first in &firsts {
            for entry in naming(pairs, *first) {
                // One place more at a time: it is the last thing on the heap and grows where it is, and there is no room for a
                // list of twice the length.
                bundles.reserve_exact(1);
                bundles.push(bundle(line, entry)?);
            }
        }
    }
    Ok(bundles)
}

/// Whether an earlier line has the same code.
fn repeats(lines: &[ClaimLine], index: usize) -> bool {
    let mut earlier = lines.iter().take(index);
    lines
        .get(index)
        .is_some_and(|line| earlier.any(|other| other.code_key == line.code_key))
}

/// The codes of the claim and of what was live on its days, each once.
fn codes(sources: &Sources) -> Vec<CodeKey> {
    let (first, last) = sources.span();
    let live = sources.live.iter();
    let live = live.filter(|entry| (first..=last).contains(&entry.service_date));
    let mut codes = Vec::new();
    let all = sources.lines.iter().map(|line| line.code_key);
    for code in all.chain(live.map(|entry| entry.code_key)).map(CodeKey) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

fn bundle(line: &ClaimLine, entry: &DetailEntry) -> Result<rules::Bundle> {
    let mut reasons = rules::BundleReason::ALL.into_iter();
    Ok(rules::Bundle {
        column_one: CodeKey(entry.object),
        column_two: CodeKey(line.code_key),
        indicator: match entry.indicator {
            0 => rules::ModifierIndicator::Never,
            1 => rules::ModifierIndicator::Distinct,
            _ => rules::ModifierIndicator::Deleted,
        },
        reason: reasons
            .find(|reason| reason.reason().code() == entry.figure())
            .ok_or(ClaimsError::DetailsInvalid)?,
        effective: entry.days().ok_or(ClaimsError::DetailsInvalid)?,
    })
}
