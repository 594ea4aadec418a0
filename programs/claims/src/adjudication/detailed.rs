//! A claim of which more is known: by the plan version's details, by what it states, by what the insurer states of the member; and
//! one whose authorisations do not do.
//!
//! Beside the way of the other claims, so that those pay nothing for it but the question whether it is needed.

use anchor_lang::prelude::*;
use galen_rules::adjudication::{self as rules, BenefitPeriod, LineResult, ProviderTag};

use super::{Places, Question, Verdict};
use crate::details::{Known, Sources};
use crate::error::ClaimsError;
use crate::state::{
    BenefitEntry, ClaimFacts, DetailEntry, Family, HistoryEntry, Member, MemberFact, MemberFacts,
    PlanDetails,
};
use crate::waivers::Waivers;
use crate::{authorizations, convert};

/// The accounts after an instruction's own, told apart.
struct Told<'info> {
    /// The family, where the member has one, and authorisations.
    papers: &'info [AccountInfo<'info>],
    member_facts: Option<&'info AccountInfo<'info>>,
    plan_details: Option<&'info AccountInfo<'info>>,
}

impl<'info> Question<'_, 'info> {
    /// Whether anything is known beyond a plain claim.
    #[inline(always)]
    pub(super) fn is_detailed(&self, member: &Member) -> bool {
        self.plan_version.has_details()
            || member.has_facts != 0
            || !self.claim.facts.states_nothing()
    }

    /// Asks the rulebook with everything that is known, and writes to the claim's lines what it came to.
    #[cold]
    #[inline(never)]
    pub(super) fn work_out_in_detail(
        &mut self,
        member: &Member,
        live: &[HistoryEntry],
        entries: &[BenefitEntry],
        waivers: Waivers,
    ) -> Result<Verdict> {
        let told = self.told(member)?;
        let terms = &self.plan_version.terms;
        let lists = convert::Lists::of(terms)?;
        let mut plan = convert::plan(terms, &lists)?;
        let Places { places, flags } = super::places(&self.claim.lines, entries)?;
        let provider = ProviderTag(HistoryEntry::provider_tag(&self.claim.provider));
        let mut lines = super::lines(&self.claim.lines, &places, provider);
        self.claim.other_payers.tell(&mut lines);
        let papers = authorizations::among(member, told.papers);
        let mut authorized = authorizations::find(papers, self.claim, &mut lines)?;
        let mut granted = Vec::new();
        if !waivers.lifts_authorization() {
            granted = authorizations::tell(papers, &self.claim.member)?;
            authorized = authorizations::cite(&granted, &mut lines, &authorized);
        }
        let live = waivers.apply(&mut plan, &mut lines, live);
        let first = lines.first().ok_or(ClaimsError::NoLines)?;
        let year = u32::from(BenefitPeriod::of(first.service.date).year());
        let mut accumulators = convert::accumulators(member, year, terms);
        if let Some(family) = Family::of(member, told.papers)? {
            family.load()?.lend(year, &mut accumulators);
        }
        let mut known = self.known(&told, member, live, waivers)?;
        known.waive(waivers);
        known.amend(&mut lines);
        known.cite(granted, &authorized);
        let claim = rules::Claim {
            submitted: convert::day_of(self.claim.received_at)?,
            network: convert::network(self.claim.in_network),
            lines: &lines,
        };
        let coverage = waivers.coverage(convert::coverage(member)?);
        let mut results = vec![LineResult::default(); lines.len()];
        let totals = known
            .lend(|details| {
                rules::adjudicate_with(
                    details,
                    &plan,
                    &claim,
                    coverage,
                    live.iter().filter_map(convert::service),
                    &mut accumulators,
                    &mut results,
                )
            })
            .map_err(convert::error)?;
        for (line, result) in self.claim.lines.iter_mut().zip(&results) {
            convert::record(line, result);
            convert::record_reduction(line, result);
        }
        let missing = (0..)
            .zip(&results)
            .filter(|(_, one)| one.attachment_missing);
        let attachment_missing = missing.fold(0, |bits, (index, _)| bits | ClaimFacts::bit(index));
        Ok(Verdict {
            totals,
            suspect: results.iter().any(|result| result.suspect),
            prior_unpaid: results.iter().any(|result| result.prior_unpaid),
            denied_before: false,
            late_excused: results.iter().any(|result| result.late_excused),
            attachment_missing,
            names_pack: flags & BenefitEntry::WITH_PACK != 0,
            accumulators,
            year,
            authorized,
            notes: known.notes(&self.claim.lines),
        })
    }

    /// Takes what the plan version and the member must come with off the end of the accounts.
    fn told(&self, member: &Member) -> Result<Told<'info>> {
        let mut papers = self.others;
        let mut take = |missing| -> Result<&'info AccountInfo<'info>> {
            let (last, rest) = papers.split_last().ok_or(missing)?;
            papers = rest;
            Ok(last)
        };
        let plan_details = if self.plan_version.has_details() {
            Some(take(ClaimsError::DetailsMissing)?)
        } else {
            None
        };
        let member_facts = if member.has_facts != 0 {
            Some(take(ClaimsError::MemberFactsMissing)?)
        } else {
            None
        };
        Ok(Told {
            papers,
            member_facts,
            plan_details,
        })
    }

    fn known(
        &self,
        told: &Told<'info>,
        member: &Member,
        live: &[HistoryEntry],
        waivers: Waivers,
    ) -> Result<Known> {
        let stated = match told.member_facts {
            None => None,
            Some(account) => Some(self.member_facts(account)?),
        };
        let stated: &[MemberFact] = stated.as_ref().map_or(&[], |facts| &facts.entries);
        let first_payer = match member.other_coverage() {
            None => None,
            Some(days) => Some(convert::other_coverage(days)?),
        };
        let ask = |demands: &[DetailEntry]| {
            Known::of(&Sources {
                demands,
                facts: self.claim.facts.entries(),
                member: stated,
                lines: &self.claim.lines,
                live,
                first_payer: waivers.first_payer(first_payer),
            })
        };
        let Some(account) = told.plan_details else {
            return ask(&[]);
        };
        let loader = AccountLoader::<PlanDetails>::try_from(account)
            .map_err(|_| ClaimsError::DetailsMissing)?;
        let header = loader.load()?;
        require!(
            header.plan == self.plan_version.plan && header.number == self.plan_version.number,
            ClaimsError::DetailsOfOtherVersion
        );
        let data = account.try_borrow_data()?;
        ask(header.entries(&data)?)
    }

    fn member_facts(&self, account: &'info AccountInfo<'info>) -> Result<MemberFacts> {
        let facts = Account::<MemberFacts>::try_from(account)
            .map_err(|_| ClaimsError::MemberFactsMissing)?;
        require!(
            facts.member == self.member.key(),
            ClaimsError::FactsOfOtherMember
        );
        Ok(facts.into_inner())
    }
}
