//! What holds after every transaction, by the claims that stand.

use super::start::{FAMILY, MARKERS};
use super::*;

/// Cents used up on one side of the network's border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Used {
    deductible: u64,
    out_of_pocket: u64,
}

/// What a member has used up in one year, worked out from claims.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Year {
    in_network: Used,
    out_of_network: Used,
    paid: u64,
    tier: u64,
    categories: [u64; 8],
}

/// What a member has used up, worked out from claims.
#[derive(Clone, Debug, Default)]
struct Sums {
    years: BTreeMap<u32, Year>,
    paid: u64,
    categories: [u64; 8],
}

/// Steps that change answers before care, or what has cited them.
const ANSWERS: [&str; 6] = [
    "adjudicate_claim",
    "cite_predetermination",
    "close_draft_claim",
    "close_predetermination",
    "hold_price",
    "predetermine",
];

/// Whether a claim has used up what its lines say.
pub fn stands(claim: &Claim) -> bool {
    claim.turn != 0 && claim.status != ClaimStatus::Reversed
}

impl Walk {
    /// Everything that holds, after the transaction `name`.
    pub fn check(&self, name: &str, before: &Before) {
        let fixture = self.start.fixture();
        let claims: Vec<&Claim> = self.numbered().map(|(_, claim)| claim).collect();
        self.start.treaty.assert_balances_of(&self.world, &claims);
        self.start.way(1, 0).assert_owed_of(&self.world, &claims);
        // Asking moves nothing, whatever the answer is and however long it is held.
        if matches!(name, "predetermine" | "hold_price") {
            assert_eq!(fixture.read_pool(&self.world), before.pool);
            assert_eq!(self.members(), before.members);
        }
        self.check_tokens();
        self.check_outflow(before);
        self.check_people(before);
        self.check_papers();
        self.check_parts(before);
        self.check_decisions(before);
        self.check_agreements(before);
        self.check_won(before);
        if ANSWERS.contains(&name) {
            self.check_answers();
        }
        if self.start.plans == Plans::Sharing {
            self.check_entries();
        }
    }

    /// No claim is paid twice, and nothing but claims: the providers have what the ledger says. No token appears or is lost.
    fn check_tokens(&self) {
        let pool = self.start.fixture().read_pool(&self.world);
        let payouts = self.start.payouts.iter().flatten();
        let paid: u64 = payouts.map(|payout| self.world.balance(payout)).sum();
        assert_eq!(paid, pool.paid * pool.unit_per_cent);
        assert_eq!(self.tokens(), self.supply);
    }

    /// The limit may have been lowered since something was paid, but nothing was paid beyond it.
    fn check_outflow(&self, before: &Before) {
        let before = &before.pool;
        let pool = self.start.fixture().read_pool(&self.world);
        let same_day = pool.outflow_day == before.outflow_day;
        if pool.outflow > if same_day { before.outflow } else { 0 } {
            // What was awarded before it was lowered has the limit of before for a while.
            let former = pool.former_limit;
            let lets = |limit| limit == 0 || pool.outflow <= limit;
            let is_on_notice = self.world.now() < pool.former_until;
            assert!(lets(pool.outflow_limit) || (is_on_notice && lets(former)));
        }
    }

    /// What members and family have used up is what the claims that stand have added to it, line by line, and passes no limit.
    fn check_people(&self, before: &Before) {
        let mut family = BTreeMap::<u32, (Used, Used)>::new();
        let on_ledger = self.start.fixture().read_family(&self.world);
        for (person, member) in self.members().iter().enumerate() {
            let sums = self.sums(person);
            for period in member.periods.iter().filter(|period| period.year != 0) {
                let year = sums.years.get(&period.year).copied().unwrap_or_default();
                assert_eq!(on_record(period), year, "member {person}, {}", period.year);
                self.check_limits(&year);
                if person < FAMILY {
                    let of_family = family.entry(period.year).or_default();
                    of_family.0.add(&year.in_network);
                    of_family.1.add(&year.out_of_network);
                }
                if before.members[person].period(period.year) != Some(period) {
                    check_copy(period, (person < FAMILY).then_some(&on_ledger));
                }
            }
            let none = Year::default();
            let kept = |year: &u32| member.period(*year).is_some();
            assert!(sums
                .years
                .iter()
                .all(|(year, used)| kept(year) || *used == none));
            let lifetime = (member.lifetime.used, member.lifetime.category_used);
            assert_eq!(lifetime, (sums.paid, sums.categories), "member {person}");
            assert!(self
                .start
                .terms
                .lifetime_max
                .is_none_or(|max| sums.paid <= max));
        }
        for period in on_ledger.periods.iter().filter(|period| period.year != 0) {
            let (inside, outside) = family.remove(&period.year).unwrap_or_default();
            assert_eq!(family_used(&period.in_network), inside);
            assert_eq!(family_used(&period.out_of_network), outside);
            self.check_family_limits(&inside, &outside);
        }
        assert!(family.values().all(|used| *used == Default::default()));
    }

    /// What the claims that stand of a member add up to.
    fn sums(&self, person: usize) -> Sums {
        let mut sums = Sums::default();
        for (n, claim) in self.numbered() {
            if self.filed(n).person != person || !stands(claim) {
                continue;
            }
            for line in &claim.lines {
                let date = galen_rules::Date::from_days(line.service_date).unwrap();
                let year = sums.years.entry(u32::from(date.year())).or_default();
                let side = if claim.in_network {
                    &mut year.in_network
                } else {
                    &mut year.out_of_network
                };
                side.deductible += line.deductible_delta;
                side.out_of_pocket += line.out_of_pocket_delta;
                year.paid += line.paid;
                year.tier += line.tier_delta;
                sums.paid += line.paid;
                if let Some(place) = usize::from(line.category).checked_sub(1) {
                    match self.start.terms.categories[place].period {
                        CategoryPeriod::Year => year.categories[place] += line.paid,
                        CategoryPeriod::Lifetime => sums.categories[place] += line.paid,
                    }
                }
            }
        }
        for (place, category) in self.start.terms.categories.iter().enumerate() {
            let max = category.max.unwrap_or(u64::MAX);
            assert!(sums.categories[place] <= max, "category {place}");
        }
        sums
    }

    /// What one member has used up in a year passes no maximum of its own.
    fn check_limits(&self, year: &Year) {
        let terms = &self.start.terms;
        let within = |max: Option<u64>, used| max.is_none_or(|max| used <= max);
        assert!(within(
            terms.deductible.individual,
            year.in_network.deductible
        ));
        assert!(within(
            terms.out_of_pocket_max.individual,
            year.in_network.out_of_pocket
        ));
        assert!(within(terms.annual_max, year.paid));
        for (category, used) in terms.categories.iter().zip(&year.categories) {
            assert!(within(category.max, *used));
        }
        match &terms.out_of_network {
            None => assert_eq!(year.out_of_network, Used::default()),
            Some(outside) => {
                let used = &year.out_of_network;
                assert!(within(outside.deductible.individual, used.deductible));
                assert!(within(
                    outside.out_of_pocket_max.individual,
                    used.out_of_pocket
                ));
            }
        }
    }

    fn check_family_limits(&self, inside: &Used, outside: &Used) {
        let terms = &self.start.terms;
        let within = |limits: &Limits, used| limits.family.is_none_or(|max| used <= max);
        assert!(within(&terms.deductible, inside.deductible));
        assert!(within(&terms.out_of_pocket_max, inside.out_of_pocket));
        if let Some(rule) = &terms.out_of_network {
            assert!(within(&rule.deductible, outside.deductible));
            assert!(within(&rule.out_of_pocket_max, outside.out_of_pocket));
        }
    }

    /// Of each authorisation so many units are used as the claims that stand have, for the code, days and provider that it is about.
    fn check_papers(&self) {
        for (person, granted) in self.granted.iter().enumerate() {
            for (grant, address) in granted {
                let paper: Authorization = read_zero_copy(&self.world, address);
                let mut used = 0;
                for (n, claim) in self.numbered() {
                    if self.filed(n).person != person || !stands(claim) {
                        continue;
                    }
                    let lines = claim.lines.iter();
                    for line in lines.filter(|line| line.authorization == grant.number) {
                        used += u32::from(line.units);
                        assert!(!line.is_denied() && line.code_key == grant.code_key);
                        assert!((grant.from..=grant.to.max(paper.to)).contains(&line.service_date));
                        assert!(
                            grant.provider == Pubkey::default() || grant.provider == claim.provider
                        );
                    }
                }
                assert_eq!((paper.used, paper.units), (used, grant.units));
                assert!(used <= paper.units);
            }
        }
    }

    /// Each answer is one, and one claim at most has had its price.
    fn check_answers(&self) {
        for n in 1..=u8::try_from(self.asked.len()).unwrap() {
            let Some(answer) = self.answer(n) else {
                continue;
            };
            answer.invariant().unwrap();
            if answer.cited_by != [0; 16] {
                let mut filed = self.filed.iter();
                let place = filed.position(|filed| filed.cites == Some(n));
                let place = place.expect("a claim has cited it");
                // A draft that was given up has used it up.
                let Some(claim) = &self.claims[place] else {
                    continue;
                };
                assert_eq!(claim.claim_id, answer.cited_by);
                assert_eq!(claim.plan_version, answer.plan_version);
                assert_eq!(claim.member, answer.member);
            }
        }
    }

    /// Each entry is one, and whoever stands there does; nobody is paid under a plan that shares before the registry, or the
    /// insurer, was asked, nor what was found elsewhere before the insurer has decided.
    fn check_entries(&self) {
        let all =
            (0..PROVIDERS).flat_map(|provider| (0..MARKERS).map(move |marker| (provider, marker)));
        for entry in all.filter_map(|(provider, marker)| self.entry(provider, marker)) {
            entry.invariant().unwrap();
            for holder in &entry.holders {
                let claim: Claim = self.world.account(&holder.claim);
                assert_eq!(claim.pool, holder.pool);
                assert_ne!(claim.status, ClaimStatus::Draft);
            }
        }
        for (_, claim) in self.numbered() {
            let decided = claim.course.decider != [0; 8] || claim.replaces != [0; 16];
            let awarded = matches!(claim.status, ClaimStatus::Payable | ClaimStatus::Paid);
            let may_pass =
                claim.course.has(Course::SCREENED) && !claim.course.has(Course::FOUND_ELSEWHERE);
            assert!(!awarded || decided || may_pass);
        }
    }
}

impl Used {
    fn add(&mut self, other: &Self) {
        self.deductible += other.deductible;
        self.out_of_pocket += other.out_of_pocket;
    }
}

/// What the ledger has of one year.
fn on_record(period: &PeriodAccumulators) -> Year {
    let used = |network: &NetworkAccumulators| Used {
        deductible: network.deductible_individual,
        out_of_pocket: network.out_of_pocket_individual,
    };
    Year {
        in_network: used(&period.in_network),
        out_of_network: used(&period.out_of_network),
        paid: period.annual_used,
        tier: period.tier_used,
        categories: period.category_used,
    }
}

fn family_used(used: &FamilyUsed) -> Used {
    Used {
        deductible: used.deductible,
        out_of_pocket: used.out_of_pocket,
    }
}

/// What an account keeps of its family's figures; who has no family is a family of one.
fn copy_of(network: &NetworkAccumulators) -> Used {
    Used {
        deductible: network.deductible_family,
        out_of_pocket: network.out_of_pocket_family,
    }
}

/// A member whose claim was just decided, or taken back, has the figures of its family.
fn check_copy(period: &PeriodAccumulators, family: Option<&Family>) {
    let own = on_record(period);
    let wanted = match family {
        None => (own.in_network, own.out_of_network),
        Some(family) => {
            let mut periods = family.periods.iter();
            let kept = periods.find(|kept| kept.year == period.year).unwrap();
            (
                family_used(&kept.in_network),
                family_used(&kept.out_of_network),
            )
        }
    };
    let copied = (copy_of(&period.in_network), copy_of(&period.out_of_network));
    assert_eq!(copied, wanted);
}
