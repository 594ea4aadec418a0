//! Whether, under which agreement and to which account awards are made: who changes that, what the walk knows of it, and that what is
//! due is paid all the same.

use registry::constants::{AWARD_MATURITY_SECONDS, MAX_PAUSE_SECONDS};
use registry::state::Config;

use super::members::Growth;
use super::uploads::{Rent, Stage, Uploaded};
use super::*;

/// Steps after which what is due must still be paid.
pub const CHANGES: [&str; 7] = [
    "accept_agreement",
    "cancel_payout",
    "end_pause",
    "pause",
    "propose_payout",
    "set_agreement_status",
    "set_agreement_terms",
];

/// Steps that name a token account for what it is, and not as the one in force.
pub const NAMES_ACCOUNT: [&str; 2] = ["accept_agreement", "propose_payout"];

/// What a step changes of what the walk knows.
pub enum Change {
    /// Whether the provider is in the network, from the next day on where the agreement is in force.
    Network { provider: usize, on: bool },
    /// Whether the agreement is in force: from today on, or no longer from tomorrow on.
    Force { provider: usize, on: bool },
    /// The plan's next version is there, for services from this day on.
    Published { from: i32 },
    /// What a reviewer finds of lines.
    Findings { n: u8, found: [u16; 2] },
    /// What is attached to a claim, by line and key.
    Attached { n: u8, more: Vec<(u8, [u8; 8])> },
    /// The last day of a member's coverage.
    Coverage { person: usize, to: i32 },
    /// All that is stated of a member.
    Stated {
        person: usize,
        facts: Vec<MemberFact>,
    },
    /// Who signs for a member, and what has said so.
    Key {
        person: usize,
        key: Pubkey,
        by: Instruction,
    },
    /// Tickets of a member with a lower nonce are void.
    Floor { person: usize, floor: u64 },
    /// Which of its keys the eligibility desk has; none where no tickets are issued.
    Desk { desk: Option<usize> },
    /// A member's history has another page.
    Grown(Growth),
    /// How far an upload has come.
    Upload { what: Uploaded, stage: Stage },
    /// An upload is given up.
    Closed { what: Uploaded, rent: Rent },
}

/// What was said of an agreement, each from a day on; what was said last goes first.
pub struct Deal {
    network: Vec<(i32, bool)>,
    force: Vec<(i32, bool)>,
}

impl Deal {
    /// One that was accepted before the walk begins: it counts for all days before.
    pub fn new(in_network: bool) -> Self {
        Self {
            network: vec![(i32::MIN, in_network)],
            force: vec![(i32::MIN, true)],
        }
    }

    /// Whether claims of today are taken.
    pub fn is_active(&self) -> bool {
        said(&self.force, i32::MAX)
    }

    fn in_network_on(&self, day: i32) -> bool {
        said(&self.network, day)
    }

    fn in_force_on(&self, day: i32) -> bool {
        said(&self.force, day)
    }
}

/// What was said last about a day.
fn said(list: &[(i32, bool)], day: i32) -> bool {
    let about = list.iter().rev().find(|(from, _)| *from <= day);
    about.expect("something was said about all days").1
}

impl Walk {
    /// Something about whether, where to and under what awards are made.
    pub fn pick_change(&mut self) -> Option<(&'static str, Vec<Instruction>)> {
        let start = Rc::clone(&self.start);
        let registry = start.fixture().registry;
        let provider = usize::from(self.dice.below(3) == 0);
        let way = start.way(provider, 0);
        // What is not in force is soon again, or little else would happen.
        let resumes = !self.deals[provider].is_active() && self.dice.below(8) == 0;
        // What there is nothing to end for is seldom tried.
        let is_odd = self.dice.below(8) == 0;
        let config: Config = self.world.account(&registry.config);
        let ends_pause = self.world.now() < config.pause.until || is_odd;
        let cancels =
            way.read_agreement(&self.world).payout_effective_at > self.world.now() || is_odd;
        let (name, instruction) = match self.dice.below(120) {
            _ if resumes => self.pick_status(provider),
            0 | 1 => {
                // At times longer than a guardian may.
                let longest = u64::try_from(MAX_PAUSE_SECONDS).unwrap() * 21 / 20;
                let duration = i64::try_from(self.dice.below(longest)).unwrap() + 1;
                ("pause", registry.pause_awards(&self.world, duration))
            }
            2..=4 if ends_pause => ("end_pause", registry.end_pause(&self.world)),
            5..=7 => self.pick_status(provider),
            8..=11 => {
                let which = usize::from(self.dice.below(2) == 0);
                let payout = start.payouts[provider][which];
                ("propose_payout", way.propose_payout(&self.world, payout))
            }
            12 | 13 if cancels => ("cancel_payout", way.cancel_payout()),
            14..=17 if self.published.is_none() => ("publish_plan_version", self.publish()),
            _ => return None,
        };
        Some((name, vec![instruction]))
    }

    /// Suspends, resumes or ends an agreement, offers or accepts it anew; at times what does not follow on its status.
    fn pick_status(&mut self, provider: usize) -> (&'static str, Instruction) {
        use AgreementStatus::{Active, Ended, Offered, Suspended};
        let start = Rc::clone(&self.start);
        let way = start.way(provider, 0);
        let is_odd = self.dice.below(12) == 0;
        let other = self.dice.below(4) == 0;
        let status = match way.read_agreement(&self.world).status {
            Offered if !is_odd => {
                self.change = Some(Change::Force { provider, on: true });
                return ("accept_agreement", way.accept(&self.world));
            }
            Active | Offered if other => Ended,
            Active => Suspended,
            Suspended if other => Ended,
            Suspended => Active,
            // What is over cannot be suspended.
            Ended if is_odd => Suspended,
            Ended | Offered => Offered,
        };
        self.change = Some(Change::Force {
            provider,
            on: status == Active,
        });
        let set = way.set_agreement_status(&self.world, status);
        ("set_agreement_status", set)
    }

    /// Takes down what a step has changed.
    pub fn note_change(&mut self, change: Change) {
        let today = self.today();
        match change {
            Change::Network { provider, on } => {
                let deal = &mut self.deals[provider];
                if said(&deal.network, i32::MAX) != on {
                    let from = today + i32::from(deal.in_force_on(today));
                    deal.network.push((from, on));
                }
            }
            Change::Force { provider, on } => {
                let deal = &mut self.deals[provider];
                if deal.is_active() != on {
                    deal.force.push((today + i32::from(!on), on));
                }
            }
            Change::Published { from } => {
                assert_eq!(self.details, Stage::Sealed, "published before its details");
                self.published = Some(from);
                self.details = Stage::None;
            }
            Change::Key { person, key, by } => self.note_key(person, key, by),
            Change::Floor { person, floor } => self.note_floor(person, floor),
            Change::Desk { desk } => self.desk = desk,
            Change::Grown(growth) => self.note_growth(&growth),
            Change::Upload { what, stage } => self.note_upload(what, stage),
            Change::Closed { what, rent } => self.note_closed(what, &rent),
            Change::Attached { n, more } => {
                self.filed[usize::from(n) - 1].attached.extend(more);
            }
            Change::Coverage { person, to } => self.covered[person] = to,
            Change::Stated { person, facts } => self.stated[person] = facts,
            Change::Findings { n, found } => {
                let findings = &mut self.filed[usize::from(n) - 1].findings;
                for (known, more) in findings.iter_mut().zip(found) {
                    *known |= more;
                }
            }
        }
    }

    /// Puts, wherever an account of a provider is to be paid, the one in force now.
    pub fn redirect(&self, instructions: &mut [Instruction]) {
        let metas = instructions.iter_mut().flat_map(|one| &mut one.accounts);
        for meta in metas {
            let mut payouts = self.start.payouts.iter();
            if let Some(provider) = payouts.position(|payouts| payouts.contains(&meta.pubkey)) {
                meta.pubkey = self.payout(provider);
            }
        }
    }

    /// The account of a provider that is paid now.
    fn payout(&self, provider: usize) -> Pubkey {
        let agreement = self.start.way(provider, 0).read_agreement(&self.world);
        agreement.effective_payout(self.world.now())
    }

    /// A claim goes by the plan version and the agreement of its days: those are days on which it was in force, and on them the
    /// provider was in the network or outside. While it is not in force nothing is awarded without the insurer.
    pub fn check_agreements(&self, before: &Before) {
        for (n, claim) in self.numbered() {
            let was_received = before.claim(n).is_some_and(|was| was.received_at != 0);
            if was_received || claim.received_at == 0 {
                continue;
            }
            let filed = self.filed(n);
            let deal = &self.deals[filed.provider];
            if let Some(original) = filed.in_place_of {
                let lifted = filed.waived & claims::waivers::WAIVE_NETWORK != 0;
                let original = self.claim(original).unwrap();
                assert_eq!(claim.in_network, original.in_network || lifted);
                continue;
            }
            let is_citing = filed.cites.is_some();
            let days: Vec<i32> = claim.lines.iter().map(|line| line.service_date).collect();
            for day in &days {
                assert!(deal.in_force_on(*day), "claim {n} of day {day}");
                let of_day = claim.plan_version == self.version_on(*day);
                assert!(of_day || is_citing, "claim {n} of day {day}");
            }
            let is_inside = days.iter().all(|day| deal.in_network_on(*day));
            let is_outside = days.iter().all(|day| !deal.in_network_on(*day));
            // A price that was held from within stays from within, and as it was answered where the days are of both sides.
            let is_right = if claim.in_network {
                is_inside || is_citing
            } else {
                is_outside || (is_citing && !is_inside)
            };
            assert!(is_right, "claim {n} of days {days:?}");
            assert!(
                deal.is_active()
                    || matches!(claim.status, ClaimStatus::Pended | ClaimStatus::Denied),
                "claim {n} is {:?} without an agreement",
                claim.status
            );
        }
    }

    /// On a copy: anybody has each award paid that is due, as far as there is money for it.
    pub fn check_payable(&mut self) {
        let fixture = self.start.fixture();
        let now = self.world.now();
        let config: Config = self.world.account(&fixture.registry.config);
        let is_paused = now < config.pause.until;
        let pool = fixture.read_pool(&self.world);
        // What the insurer lets out of the pool in a day is no pause: it is there again the next day.
        let has_limit = pool.outflow_limit != 0 || now < pool.former_until;
        let mut world = self.world.clone();
        let mut paid = 0;
        for (n, claim) in self.numbered() {
            let provider = self.filed(n).provider;
            let has_matured = now - claim.awarded_at >= AWARD_MATURITY_SECONDS;
            let has_money = claim.money_reserved || claim.share(&pool.rounds) > 0;
            if claim.status != ClaimStatus::Payable
                || (is_paused && !has_matured)
                || !has_money
                || self.frozen[provider]
            {
                continue;
            }
            let mut settle = self.of(n, |way| way.settle(n));
            self.redirect(std::slice::from_mut(&mut settle));
            let payout = self.payout(provider);
            let before = world.balance(&payout);
            let outcome = world.send_unsigned(&[settle]);
            if has_limit && outcome.code() == Some(ClaimsError::OutflowLimitReached.into()) {
                continue;
            }
            assert!(outcome.succeeded(), "claim {n} is due: {outcome}");
            // The clock of one that had to wait for the account runs again, and it waits for the limit.
            let only_turned = has_limit && claim.course.awaiting_since != 0;
            let moved = world.balance(&payout) > before;
            assert!(moved || only_turned, "claim {n} is due: {outcome}");
            paid += u64::from(moved);
        }
        let in_pause = if is_paused { paid } else { 0 };
        for (case, claims) in [
            ("still payable", paid),
            ("still payable in a pause", in_pause),
        ] {
            *self.tally.cases.entry(case).or_default() += claims;
        }
    }
}
