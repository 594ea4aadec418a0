//! From a received claim to its result: the one way, whether it came whole, in parts, or back from the insurer.

mod detailed;

use anchor_lang::prelude::*;
use galen_rules::adjudication::{self as rules, Accumulators, BenefitPeriod, Line, ProviderTag};
use galen_rules::Date;

use crate::authorizations;
use crate::convert;
use crate::docket::{AsItStands, Place, Sheet, Telling};
use crate::error::ClaimsError;
use crate::payment::{self, Till};
use crate::state::{
    Agreement, AgreementStatus, BenefitEntry, BenefitSchedule, Claim, ClaimFacts, ClaimLine,
    Course, DayNote, Family, History, HistoryEntry, HistoryPages, Member, PendReason, PlanVersion,
    Pool,
};
use crate::waivers::Waivers;

/// A received claim with everything that decides it. That the accounts belong together has been checked.
pub struct Case<'a, 'info> {
    /// The claim.
    pub claim: &'a mut Claim,
    /// Its account.
    pub claim_key: Pubkey,
    /// The pool that pays.
    pub pool: &'a mut Pool,
    /// The agreement with the provider.
    pub agreement: &'a mut Agreement,
    /// The plan version in force on the service date.
    pub plan_version: &'a PlanVersion,
    /// The plan version's schedule.
    pub schedule: &'a AccountLoader<'info, BenefitSchedule>,
    /// The member.
    pub member: &'a AccountLoader<'info, Member>,
    /// The member's history.
    pub history: &'a AccountLoader<'info, History>,
    /// The accounts after the instruction's own: the member's family, where it has one, then authorisations, then what is stated
    /// of the member, where something is, and last the plan version's details, where it has any.
    pub others: &'info [AccountInfo<'info>],
    /// What a payment touches.
    pub till: Till<'a, 'info>,
    /// Unix seconds.
    pub now: i64,
}

/// Who has looked at a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scrutiny {
    /// Nobody: the insurer has vouched for the member, who has not signed. The plan may have the member asked.
    Vouched,
    /// The member.
    Consented,
    /// The member where it had to, and the draw has passed it over.
    PassedOver,
    /// The insurer, who has decided to let it pass: neither suspicion nor limits pend it.
    Decided,
}

impl Scrutiny {
    /// Of a claim as submitted, with or without the member's signature.
    pub fn of(member: Option<&Signer>) -> Self {
        if member.is_some() {
            Self::Consented
        } else {
            Self::Vouched
        }
    }
}

/// What the rulebook came to, beside what it has written to the claim's lines.
struct Verdict {
    totals: rules::Totals,
    /// Another claim has a line of the same provider on a day of one that was let through, or lacks nothing but an attachment.
    suspect: bool,
    /// Another payer who comes first is said to have paid nothing of such a line.
    prior_unpaid: bool,
    /// A person at the insurer has denied what may be such a line.
    denied_before: bool,
    /// Such a line was filed late, and is excused on the word of who bills.
    late_excused: bool,
    /// Lines denied for nothing but what must come with them, bits by index: unless the insurer has decided, they wait for it.
    attachment_missing: u16,
    /// A line, let through or not, is paid only with a pack.
    names_pack: bool,
    accumulators: Accumulators,
    year: u32,
    /// By line, the number of the authorisation that it uses up; 0 = none. Empty where none was given.
    authorized: Vec<u8>,
    /// By line, what later claims of its day are asked about. Empty under a plan that asks for nothing of a day.
    notes: Vec<DayNote>,
}

impl Verdict {
    /// How many lines were let through or, once [`Case::let_wait`] has looked, wait for what must come with them.
    fn live(&self) -> usize {
        self.totals.lines.saturating_sub(self.totals.denied)
    }
}

impl<'info> Case<'_, 'info> {
    /// Adjudicates the claim and pays, queues or pends it.
    ///
    /// # Errors
    /// Where it cannot be adjudicated at all, or an account would break its invariant. Never for a line: it is denied.
    pub fn adjudicate(mut self, scrutiny: Scrutiny) -> Result<()> {
        let waited = self.claim.lines.iter().any(|line| line.authorization != 0);
        // Else whoever cranks could leave an authorisation out, and have the line denied. The insurer may decide without.
        if waited && scrutiny != Scrutiny::Decided {
            let papers = authorizations::among(&*self.member.load()?, self.others);
            authorizations::check_remembered(papers, self.claim)?;
        }
        // What an appeal has won stays won, however often the claim is adjudicated anew.
        let waivers = Waivers::of(self.claim);
        let mut verdict = self.question().work_out(waivers)?;
        if verdict.attachment_missing != 0 {
            self.let_wait(&mut verdict, scrutiny);
        }
        if verdict.names_pack {
            check_pack(self.claim)?;
        }
        let has_room = self.enter(&mut verdict)?;
        let pend_reason = self.pend_reason(&verdict, has_room, scrutiny)?;
        match pend_reason {
            Some(reason) => self.pend(&verdict, reason, scrutiny)?,
            None => self.conclude(&verdict, scrutiny == Scrutiny::Decided)?,
        }
        self.check()
    }

    /// Takes the denial off the lines that wait for what must come with them: they stand in the history, and need the member's word
    /// and the registry's, as those that were let through. Once the insurer has decided nothing waits, and they are denied.
    // Few claims lack something: the others pay nothing for it but the question.
    #[cold]
    #[inline(never)]
    fn let_wait(&mut self, verdict: &mut Verdict, scrutiny: Scrutiny) {
        if scrutiny == Scrutiny::Decided {
            verdict.attachment_missing = 0;
            return;
        }
        for (line, index) in self.claim.lines.iter_mut().zip(0..) {
            if verdict.attachment_missing & ClaimFacts::bit(index) != 0 {
                *line = line.as_submitted();
                verdict.totals.denied = verdict.totals.denied.saturating_sub(1);
            }
        }
    }

    /// What is asked of the rulebook.
    fn question(&mut self) -> Question<'_, 'info> {
        Question {
            claim: self.claim,
            plan_version: self.plan_version,
            schedule: self.schedule,
            member: self.member,
            history: self.history,
            others: self.others,
        }
    }

    /// The member's family, as the rulebook was told of it.
    #[inline(always)]
    fn family(&self, member: &Member) -> Result<Option<AccountLoader<'info, Family>>> {
        family(member, self.others)
    }

    /// Enters the live lines in the member's history, and those that a reviewer has found something of behind them, after dropping
    /// what is too old to matter if need be. Whether there was room for them. Before that it looks whether a person has denied what
    /// may be one of the live ones.
    fn enter(&self, verdict: &mut Verdict) -> Result<bool> {
        let mut data = self.history.as_ref().try_borrow_mut_data()?;
        let mut pages = HistoryPages::of(&mut data)?;
        if !pages.denied().is_empty() {
            verdict.denied_before = self.may_repeat_denied(pages.denied());
        }
        let (mut needed, mut found, mut is_stay) = (verdict.live(), 0, false);
        if !self.claim.facts.is_empty() {
            is_stay = self.claim.facts.last_day().is_some();
            found = self.claim.found_against();
            // At most sixteen.
            needed = needed.saturating_add(found.count_ones() as usize);
        }
        if pages.room() < needed {
            pages.drop_old(convert::day_of(self.now)?.days());
            if pages.room() < needed {
                return Ok(false);
            }
        }
        let provider_tag = HistoryEntry::provider_tag(&self.claim.provider);
        let claim_tag = HistoryEntry::claim_tag(&self.claim_key);
        let live = self.claim.lines.iter().filter(|line| !line.is_denied());
        pages.enter(live.map(|line| HistoryEntry::of(line, provider_tag, claim_tag)))?;
        if !verdict.notes.is_empty() {
            let noted = self.claim.lines.iter().zip(&verdict.notes);
            let noted = noted.filter(|(line, _)| !line.is_denied());
            let notes: Vec<DayNote> = noted.map(|(_, note)| *note).collect();
            pages.note_last(&notes);
        }
        if is_stay {
            let live = (0..).zip(&self.claim.lines);
            let live = live.filter(|(_, line)| !line.is_denied());
            let days = |(index, line): (u8, &ClaimLine)| {
                self.claim.facts.further_days(index, line.service_date)
            };
            let further_days: Vec<u8> = live.map(days).collect();
            pages.note_stays(&further_days);
        }
        if found != 0 {
            pages.enter_denied(self.claim.history_entries(&self.claim_key, found))?;
        }
        pages.invariant()?;
        Ok(true)
    }

    /// Whether a line that is not denied may be one of these, which a person at the insurer has denied. What an appeal has won
    /// against the history is held against no entry of it.
    #[cold]
    #[inline(never)]
    fn may_repeat_denied(&self, denied: &[HistoryEntry]) -> bool {
        if Waivers::of(self.claim).lifts_history() {
            return false;
        }
        let provider_tag = HistoryEntry::provider_tag(&self.claim.provider);
        let is_pack = self.claim.course.has_pack();
        let lines = self.claim.lines.iter().zip(0..);
        let live = lines.filter(|(line, _)| !line.is_denied());
        let live = live.fold(0, |bits, (_, index)| bits | ClaimFacts::bit(index));
        let live = self.claim.history_entries(&self.claim_key, live);
        let live: Vec<_> = live.filter_map(|line| convert::past(&line)).collect();
        // Those of other providers say nothing, and are passed over without a look at each line.
        let mut denied = denied
            .iter()
            .filter(|entry| entry.provider_tag == provider_tag)
            .filter_map(convert::past);
        denied.any(|other| {
            let mut live = live.iter();
            live.any(|line| line.may_repeat_denied(&other, is_pack))
        })
    }

    /// Why the claim must wait for the insurer, if it must.
    fn pend_reason(
        &self,
        verdict: &Verdict,
        has_room: bool,
        scrutiny: Scrutiny,
    ) -> Result<Option<PendReason>> {
        let award = verdict.totals.paid.get();
        if scrutiny == Scrutiny::Decided {
            require!(has_room, ClaimsError::HistoryFull);
            return Ok(None);
        }
        let checks = &self.plan_version.checks;
        // Nothing passes without a look but under an agreement in force: then it is the insurer that is asked, and nobody else.
        let is_over = self.agreement.status != AgreementStatus::Active;
        let asked = scrutiny == Scrutiny::Vouched && checks.asks_member() && !is_over;
        if checks.takes_part() && !asked {
            if let Some(reason) = self.registry_reason(verdict) {
                return Ok(Some(reason));
            }
        }
        Ok(if asked && verdict.live() > 0 {
            Some(PendReason::Confirmation)
        } else if is_over && verdict.live() > 0 {
            Some(PendReason::AgreementOver)
        } else if !has_room {
            Some(PendReason::HistoryFull)
        } else if verdict.denied_before {
            // Before what only looks suspect: somebody has said no to it.
            Some(PendReason::DeniedBefore)
        } else if verdict.suspect && !self.claim.course.has_pack() {
            // A pack is dispensed once: with another one it is another thing, whatever else was had that day.
            Some(PendReason::SuspectDuplicate)
        } else if verdict.prior_unpaid {
            Some(PendReason::PriorUnpaid)
        } else if verdict.late_excused {
            Some(PendReason::LateExcused)
        } else if verdict.attachment_missing != 0 {
            // Whether it is drawn comes first: else leaving an attachment out would be a way around the draw.
            Some(if self.is_to_be_drawn(scrutiny) {
                PendReason::Draw
            } else {
                PendReason::AttachmentMissing
            })
        } else if award > self.agreement.terms.limit_per_claim {
            Some(PendReason::ClaimLimit)
        } else if award > 0 && self.agreement.exceeds_day(award, self.now) {
            Some(PendReason::DayLimit)
        } else if self.pool.exceeds_outflow(
            award.saturating_sub(self.agreement.owed),
            self.now,
            self.now,
        ) {
            Some(PendReason::OutflowLimit)
        } else if award > 0 && self.is_to_be_drawn(scrutiny) {
            Some(PendReason::Draw)
        } else {
            None
        })
    }

    /// Whether it is not known yet if the claim is drawn for review.
    fn is_to_be_drawn(&self, scrutiny: Scrutiny) -> bool {
        self.plan_version.checks.sampling_bps != 0
            && scrutiny != Scrutiny::PassedOver
            && !self.claim.course.has(Course::DRAWN)
    }

    /// Why the claim must wait for the registry of duplicates, or for what was found there: before limits and suspicions of the
    /// pool's own, so that whoever looks at those knows of the others' claims too.
    // Most plans take no part: what they do costs the others nothing but the question.
    #[cold]
    #[inline(never)]
    fn registry_reason(&self, verdict: &Verdict) -> Option<PendReason> {
        let course = &self.claim.course;
        if verdict.live() == 0 {
            None
        } else if course.has(Course::FOUND_ELSEWHERE) {
            Some(PendReason::SuspectDuplicate)
        } else {
            (!course.has(Course::SCREENED)).then_some(PendReason::Screening)
        }
    }

    /// Lets the claim wait: no accumulator changes, no line but the denied ones is decided.
    fn pend(&mut self, verdict: &Verdict, reason: PendReason, scrutiny: Scrutiny) -> Result<()> {
        for line in &mut self.claim.lines {
            line.undecide();
        }
        authorizations::remember(self.claim, &verdict.authorized);
        let checks = &self.plan_version.checks;
        match reason {
            PendReason::Confirmation => {
                let has_key = self.member.load()?.authority != Pubkey::default();
                let today = convert::day_of(self.now)?.days();
                self.claim
                    .ask_member(has_key, checks.confirmation_days, today)?;
            }
            PendReason::Draw => {
                let received = convert::day_of(self.claim.received_at)?.days();
                let is_vouched = scrutiny == Scrutiny::Vouched;
                self.claim.course.set(Course::VOUCHED, is_vouched);
                self.claim.await_draw(checks.reveal_days, received)?;
            }
            PendReason::Screening => {
                let is_vouched = scrutiny == Scrutiny::Vouched;
                self.claim.course.set(Course::VOUCHED, is_vouched);
                self.claim.pend(reason);
            }
            PendReason::AttachmentMissing => {
                self.claim
                    .await_attachment(convert::day_of(self.now)?.days());
            }
            _ => self.claim.pend(reason),
        }
        self.start_clock()
    }

    /// Starts the prompt-pay clock of a claim that is not paid at once. One in another's place is late only from now on:
    /// the other was decided in its time. Where the other's award was not paid, its clock runs on ([`Claim::in_place_of`]).
    fn start_clock(&mut self) -> Result<()> {
        // Started anew, it would forget the days that have passed; those on which it stood are counted already.
        if self.claim.course.interest_after != 0 {
            return Ok(());
        }
        let from = if self.claim.replaces == [0; 16] {
            self.claim.received_at
        } else {
            self.now
        };
        self.claim
            .course
            .start_clock(&self.plan_version.clocks, convert::day_of(from)?)
    }

    /// Stores the result, updates the accumulators, and pays or queues the award.
    fn conclude(&mut self, verdict: &Verdict, looked_at: bool) -> Result<()> {
        let today = convert::day_of(self.now)?.days();
        self.claim.decide(convert::totals(&verdict.totals), today);
        let mut member = self.member.load_mut()?;
        if !verdict.authorized.is_empty() {
            let papers = authorizations::among(&member, self.others);
            authorizations::use_up(papers, self.claim, &verdict.authorized)?;
        }
        let family = self.family(&member)?;
        self.claim.turn = match &family {
            None => member.turns.take()?,
            Some(family) => {
                member.turns.last = family.load_mut()?.turns.take()?;
                member.turns.last
            }
        };
        if verdict.live() > 0 {
            convert::store_accumulators(
                &mut member,
                verdict.year,
                &self.plan_version.terms,
                &verdict.accumulators,
            )?;
            if let Some(family) = &family {
                let mut family = family.load_mut()?;
                family.store(verdict.year, &verdict.accumulators)?;
                family.invariant()?;
            }
        }
        drop(member);
        let award = self.claim.totals.paid;
        if award == 0 {
            return Ok(());
        }
        self.claim.award(self.now)?;
        if !looked_at {
            self.agreement.count_award(award, self.now)?;
        }
        self.claim.keep_back(self.agreement.keep_back(award))?;
        let due = self.claim.due();
        // What did not wait is decided on the day of its receipt, and has no clock.
        let interest = if self.claim.course.interest_rate != 0 {
            let today = convert::day_of(self.now)?;
            self.claim.course.interest_on(due, today)?
        } else {
            0
        };
        self.pay(due, interest)
    }

    /// Pays what is due, with interest; sets it aside where the payout account cannot take it, the pool pays no more
    /// today, or awards are paid together; lets it wait where the money is missing, and shares what there is.
    fn pay(&mut self, due: u64, interest: u64) -> Result<()> {
        if due == 0 {
            // The provider owed all of it.
            return self.claim.mark_paid(self.now);
        }
        let sum = due
            .checked_add(interest)
            .ok_or(ClaimsError::AmountOverflow)?;
        if !self.pool.can_pay_now(sum)? {
            self.start_clock()?;
            self.claim.wait(self.pool.queue(due)?);
            return self.pool.close_round();
        }
        let refuses = payment::check_payout(self.till.payout, self.pool).is_err();
        if self.agreement.terms.netted
            || refuses
            || self.pool.exceeds_outflow(sum, self.now, self.now)
        {
            self.start_clock()?;
            self.claim.reserve_money()?;
            if refuses {
                let today = convert::day_of(self.now)?.days();
                self.claim.await_account(&self.pool.rounds, today);
            }
            return self.pool.set_aside(due);
        }
        self.pool.pay_now(sum)?;
        self.pool.count_outflow(sum, self.now, self.now)?;
        payment::transfer(self.pool, &self.till, sum)?;
        self.claim.mark_paid(self.now)?;
        if interest > 0 {
            self.claim.bear_interest(interest, false);
        }
        Ok(())
    }

    /// What holds in the end.
    fn check(&self) -> Result<()> {
        self.claim.invariant()?;
        self.agreement.invariant()?;
        self.member.load()?.invariant()?;
        self.pool.invariant(payment::vault_amount(self.till.vault)?)
    }
}

/// What the rulebook is asked: a claim, and everything that decides it. Nothing is changed by asking but the claim's lines,
/// which are decided.
pub struct Question<'a, 'info> {
    /// The claim.
    pub claim: &'a mut Claim,
    /// The plan version by which it is adjudicated.
    pub plan_version: &'a PlanVersion,
    /// The plan version's schedule.
    pub schedule: &'a AccountLoader<'info, BenefitSchedule>,
    /// The member.
    pub member: &'a AccountLoader<'info, Member>,
    /// The member's history.
    pub history: &'a AccountLoader<'info, History>,
    /// The accounts after the instruction's own, as in a [`Case`].
    pub others: &'info [AccountInfo<'info>],
}

impl<'info> Question<'_, 'info> {
    /// Decides the claim's lines; what they come to.
    ///
    /// # Errors
    /// Where it cannot be adjudicated at all. Never for a line: it is denied.
    #[inline(never)]
    pub fn quote(mut self) -> Result<rules::Totals> {
        Ok(self.work_out(Waivers::NONE)?.totals)
    }

    /// Asks the rulebook.
    // One copy of the rulebook in the program: what is called from one place is inlined there whole.
    #[inline(never)]
    fn work_out(&mut self, waivers: Waivers) -> Result<Verdict> {
        let member = self.member.load()?;
        let history = self.history.as_ref().try_borrow_data()?;
        let live = History::live(&history)?;
        let schedule = self.schedule.load()?;
        let data = self.schedule.as_ref().try_borrow_data()?;
        let entries = schedule.entries(&data)?;
        // Of what took several days the plain way sees the first.
        if self.is_detailed(&member) || History::has_stays(&history) {
            return self.work_out_in_detail(&member, live, entries, waivers);
        }
        let terms = &self.plan_version.terms;
        let lists = convert::Lists::of(terms)?;
        let mut plan = convert::plan(terms, &lists)?;
        let first = self.claim.lines.first().ok_or(ClaimsError::NoLines)?;
        let year = u32::from(BenefitPeriod::of(convert::date(first.service_date)?).year());
        let mut accumulators = convert::accumulators(&member, year, terms);
        // Most claims come without further accounts.
        let mut papers: &'info [AccountInfo<'info>] = &[];
        if self.others.is_empty() {
            require!(
                member.family == Pubkey::default(),
                ClaimsError::FamilyMissing
            );
        } else {
            papers = authorizations::among(&member, self.others);
            if let Some(family) = family(&member, self.others)? {
                family.load()?.lend(year, &mut accumulators);
            }
        }
        let Places { places, flags } = places(&self.claim.lines, entries)?;
        let provider = ProviderTag(HistoryEntry::provider_tag(&self.claim.provider));
        let (mut authorized, mut live) = (Vec::new(), live);
        let mut told = Vec::new();
        if !papers.is_empty()
            || waivers != Waivers::NONE
            || !self.claim.other_payers.entries().is_empty()
        {
            told = lines(&self.claim.lines, &places, provider);
            self.claim.other_payers.tell(&mut told);
            authorized = authorizations::find(papers, self.claim, &mut told)?;
            // Why what was brought does not do is for the rulebook to say, which must be told of it.
            let is_brought = !papers.is_empty() && !waivers.lifts_authorization();
            if is_brought && authorizations::are_lacking(&told) {
                return self.work_out_in_detail(&member, live, entries, waivers);
            }
            live = waivers.apply(&mut plan, &mut told, live);
        }
        let mut setting = rules::Setting {
            plan: &plan,
            submitted: convert::day_of(self.claim.received_at)?,
            network: convert::network(self.claim.in_network),
            coverage: convert::coverage(&member)?,
            first_payer: member
                .other_coverage()
                .map(convert::other_coverage)
                .transpose()?,
        };
        if waivers != Waivers::NONE {
            setting.coverage = waivers.coverage(setting.coverage);
            setting.first_payer = waivers.first_payer(setting.first_payer);
        }
        let lines = &mut self.claim.lines;
        let (totals, found) = if told.is_empty() {
            let sheet = Sheet::new(lines, places, AsItStands(provider));
            ask(&setting, live, &mut accumulators, sheet)?
        } else {
            let sheet = Sheet::new(lines, places, told);
            ask(&setting, live, &mut accumulators, sheet)?
        };
        Ok(Verdict {
            totals,
            suspect: found.suspect,
            prior_unpaid: found.prior_unpaid,
            denied_before: false,
            // Grounds are stated by claims of which more is known.
            late_excused: false,
            // So are plans that ask for attachments.
            attachment_missing: 0,
            names_pack: flags & BenefitEntry::WITH_PACK != 0,
            accumulators,
            year,
            authorized,
            notes: Vec::new(),
        })
    }
}

/// The member's family. Most claims come without further accounts, so nothing is looked at for them: a member whose
/// family is left out has been refused before the rulebook was asked.
#[inline(always)]
fn family<'info>(
    member: &Member,
    others: &'info [AccountInfo<'info>],
) -> Result<Option<AccountLoader<'info, Family>>> {
    if others.is_empty() {
        return Ok(None);
    }
    Family::of(member, others)
}

/// What the schedule says of each line, and every flag of any.
struct Places<'a> {
    places: Vec<Place<'a>>,
    flags: u8,
}

/// What the schedule says of each line.
///
/// # Errors
/// `DateInvalid`.
// On its own: its loop finds room in the machine's registers.
#[inline(never)]
fn places<'a>(lines: &[ClaimLine], entries: &'a [BenefitEntry]) -> Result<Places<'a>> {
    let (mut are_dates, mut flags) = (true, 0);
    let places = lines.iter().map(|line| {
        let date = Date::from_days(line.service_date);
        are_dates &= date.is_some();
        let entry = find(entries, line);
        flags |= entry.map_or(0, |entry| entry.flags);
        Place::of(date.unwrap_or(Date::MIN), entry)
    });
    // Collected from where the number is known: one by one, each asks whether there is room.
    let places = places.collect();
    require!(are_dates, ClaimsError::DateInvalid);
    Ok(Places { places, flags })
}

/// The lines in the rulebook's own words, where more is to be said of them than they and the schedule say.
#[cold]
#[inline(never)]
fn lines(lines: &[ClaimLine], places: &[Place], provider: ProviderTag) -> Vec<Line> {
    let lines = lines.iter().zip(places).zip(1u16..);
    lines
        .map(|((line, place), number)| convert::line(number, line, provider, place.entry))
        .collect()
}

/// What holds of a line, as in a [`Verdict`].
struct Found {
    suspect: bool,
    prior_unpaid: bool,
}

/// The rulebook, on its own: what is done around it does not make its loops dearer. What the lines come to, and what holds of
/// one of them.
#[inline(never)]
fn ask<'a, T: Telling<'a>>(
    setting: &rules::Setting<'_>,
    live: &[HistoryEntry],
    accumulators: &mut Accumulators,
    sheet: Sheet<'a, T>,
) -> Result<(rules::Totals, Found)> {
    // Moved to where it is found without another address.
    let mut sheet = sheet;
    let live = live.iter().filter_map(convert::service);
    let totals = rules::adjudicate_in(setting, live, accumulators, &mut sheet);
    let found = Found {
        suspect: sheet.suspect(),
        prior_unpaid: sheet.prior_unpaid(),
    };
    Ok((totals.map_err(convert::error)?, found))
}

/// Checks a claim with a medicine that is paid only with its pack: it stands alone, denied or not, for a line that is denied today
/// can be let through when the claim is adjudicated anew; and it has its pack where it is let through.
///
/// # Errors
/// `PackLineNotAlone`, `PackRequired`.
#[cold]
#[inline(never)]
fn check_pack(claim: &Claim) -> Result<()> {
    let [line] = claim.lines.as_slice() else {
        return Err(ClaimsError::PackLineNotAlone.into());
    };
    require!(line.units == 1, ClaimsError::PackLineNotAlone);
    require!(
        line.is_denied() || claim.course.has_pack(),
        ClaimsError::PackRequired
    );
    Ok(())
}

/// The entry of a line's code, if the schedule has it.
#[inline(always)]
pub fn find<'a>(entries: &'a [BenefitEntry], line: &ClaimLine) -> Option<&'a BenefitEntry> {
    let key = u64::from_be_bytes(line.code_key);
    // Of lengths that the compiler knows a halving is four instructions instead of eleven.
    let found = match entries.len() {
        8_192.. => below_8192(half(entries, key)?, key),
        4_096.. => below_4096(half(entries, key)?, key),
        2_048.. => below_2048(half(entries, key)?, key),
        1_024.. => below_1024(half(entries, key)?, key),
        512.. => below_512(half(entries, key)?, key),
        256.. => below_256(half(entries, key)?, key),
        128.. => below_128(half(entries, key)?, key),
        64.. => below_64(half(entries, key)?, key),
        32.. => below_32(half(entries, key)?, key),
        16.. => below_16(half(entries, key)?, key),
        _ => {
            let mut rest = entries;
            while rest.len() > 1 {
                rest = any_half(rest, key);
            }
            rest.first()
        }
    };
    found.filter(|entry| entry.order() == key)
}

/// Of more than one entry a half, as long on either side, in which one with this key is if any is.
///
/// By halves: what a binary search of the library asks beside is a third of what this costs. Of an odd number the half before the
/// middle keeps the middle.
#[inline(always)]
fn any_half(entries: &[BenefitEntry], key: u64) -> &[BenefitEntry] {
    let half = entries.len() / 2;
    let left = entries.len().wrapping_sub(half);
    match entries.get(half) {
        Some(entry) if entry.order() <= key => entries.get(half..),
        _ => entries.get(..left),
    }
    .unwrap_or_default()
}

/// Of N to 2·N entries the first N or the last N, in which one with this key is if any is; none where there are fewer.
#[inline(always)]
fn half<const N: usize>(entries: &[BenefitEntry], key: u64) -> Option<&[BenefitEntry; N]> {
    match entries.last_chunk::<N>() {
        Some(last) if last.first()?.order() <= key => Some(last),
        _ => entries.first_chunk::<N>(),
    }
}

/// Functions that look among so many entries for the one with this key, by half as many.
macro_rules! below {
    ($($name:ident: $count:literal by $next:ident: $half:literal),*) => {$(
        #[inline(always)]
        fn $name(entries: &[BenefitEntry; $count], key: u64) -> Option<&BenefitEntry> {
            $next(half::<$half>(entries, key)?, key)
        }
    )*};
}

// A schedule has 10,000 entries at most.
const _: () = assert!(crate::constants::MAX_BENEFITS <= 2 * 8_192);
below! {
    below_8192: 8_192 by below_4096: 4_096,
    below_4096: 4_096 by below_2048: 2_048,
    below_2048: 2_048 by below_1024: 1_024,
    below_1024: 1_024 by below_512: 512,
    below_512: 512 by below_256: 256,
    below_256: 256 by below_128: 128,
    below_128: 128 by below_64: 64,
    below_64: 64 by below_32: 32,
    below_32: 32 by below_16: 16,
    below_16: 16 by below_8: 8,
    below_8: 8 by below_4: 4,
    below_4: 4 by below_2: 2
}

/// Of two entries the one with this key, if any has it.
#[inline(always)]
fn below_2(entries: &[BenefitEntry; 2], key: u64) -> Option<&BenefitEntry> {
    half::<1>(entries, key)?.first()
}

/// The first and the last service date of a claim's lines.
///
/// # Errors
/// `NoLines`.
pub fn service_span(claim: &Claim) -> Result<(i32, i32)> {
    let date = claim
        .lines
        .first()
        .ok_or(ClaimsError::NoLines)?
        .service_date;
    let (mut first, mut last) = (date, date);
    for line in &claim.lines {
        // Most lines are of one day.
        if line.service_date != date {
            first = first.min(line.service_date);
            last = last.max(line.service_date);
        }
    }
    Ok((first, last))
}

/// The same of a claim whose lines must be under this plan version, which is in force on their days.
///
/// # Errors
/// `NoLines`, `PlanVersionNotInForce`.
pub fn service_dates(claim: &Claim, plan_version: &PlanVersion) -> Result<(i32, i32)> {
    let (first, last) = service_span(claim)?;
    require!(
        plan_version.in_force_on(first) && plan_version.in_force_on(last),
        ClaimsError::PlanVersionNotInForce
    );
    Ok((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: u64) -> BenefitEntry {
        BenefitEntry {
            code_key: key.to_be_bytes(),
            ..BenefitEntry::default()
        }
    }

    /// Of every number of entries, the code of each, and those between, before and behind them.
    #[test]
    fn a_code_is_found_wherever_it_stands_and_no_other() {
        // Where halves of a known length begin, and where those of any length end.
        let larger = [95, 96, 97, 127, 128, 129, 130, 191, 257, 300];
        for count in (0..70).chain(larger) {
            let entries: Vec<BenefitEntry> = (1..=count).map(|n| entry(10 * n)).collect();
            let zeros = [0; ClaimLine::INIT_SPACE];
            let empty = ClaimLine::try_from_slice(&zeros).expect("a line");
            for key in 0..=10 * (count + 1) {
                let line = ClaimLine {
                    code_key: key.to_be_bytes(),
                    ..empty
                };
                let expected = entries.iter().find(|entry| entry.order() == key);
                assert_eq!(find(&entries, &line), expected, "{key} of {count}");
            }
        }
    }
}
