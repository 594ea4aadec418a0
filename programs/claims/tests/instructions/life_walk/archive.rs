//! What becomes of a walk's claims years later.

use anchor_lang::prelude::AccountMeta;

use super::start::FAMILY;
use super::*;

/// Days until every appeal that was open is overdue, and every service as old as its plan asks for.
const UNTIL_OVERDUE: i64 = 1_500;
/// Days from then on in which nobody appeals any more.
const UNTIL_SILENT: i64 = 700;
/// Appeals against a claim at most: seven of the member and seven of the provider.
const APPEALS: u8 = 14;

impl Walk {
    /// On a copy, years later: appeals lapse, every claim of which nothing can become any more is archived, those of which something
    /// can are refused by what that is, and appeals go with their claims. What was paid and used up stays as it was.
    pub fn archive(&mut self) {
        let mut world = self.world.clone();
        world.advance(UNTIL_OVERDUE * DAY);
        for (n, claim) in self.numbered() {
            if claim.course.has(Course::APPEAL_OPEN) {
                let level = claim.course.appeals_filed();
                let lapse = self.of(n, |way| way.lapse(n, level));
                world.send_unsigned(&[lapse]).assert_ok();
            }
        }
        world.advance(UNTIL_SILENT * DAY);
        let start = Rc::clone(&self.start);
        let pool = start.fixture().read_pool(&world);
        let members = self.members();
        // A draft was never received; whoever opened it closes it.
        let received = self.numbered().filter(|(_, claim)| claim.received_at != 0);
        let numbers: Vec<u8> = received.map(|(n, _)| n).collect();
        for n in numbers {
            let waits_for = self.keeps_from_archive(&world, n);
            let outcome = world.send_unsigned(&[self.archive_claim(&world, n)]);
            let refusal = (!outcome.succeeded()).then(|| refusals::name_of(&outcome));
            assert_eq!(refusal.as_deref(), waits_for, "claim {n}");
            let done = refusal.is_none();
            self.count("archive_claim", done);
            if let Some(refusal) = refusal {
                let count = self.tally.refusals.entry(refusal);
                count.or_insert((0, "archive_claim")).0 += 1;
                continue;
            }
            self.close_appeals(&mut world, n);
        }
        assert_eq!(start.fixture().read_pool(&world), pool);
        let now: [Member; PEOPLE] =
            std::array::from_fn(|person| start.way(0, person).read_member(&world));
        assert!(members == now, "a member has other figures");
    }

    /// `archive_claim` with all that it asks for.
    fn archive_claim(&self, world: &World, n: u8) -> Instruction {
        let (provider, person) = self.whose(n);
        let way = self.start.way(provider, person);
        let mut archive = archive_of(world, way, n, None);
        if person < FAMILY {
            let family = AccountMeta::new_readonly(self.start.family, false);
            archive.accounts.push(family);
        }
        if let Some(original) = self.original(n) {
            let original = AccountMeta::new_readonly(way.claim(original), false);
            archive.accounts.push(original);
        }
        // The original may be one of another version.
        let version = self.claim(n).unwrap().plan_version;
        let metas = archive.accounts.iter_mut();
        for meta in metas.filter(|meta| meta.pubkey == way.plan_version) {
            meta.pubkey = version;
        }
        archive
    }

    /// The claim in whose place number `n` stood before it was taken back: an adjudication, or the provider, has put it there.
    fn original(&self, n: u8) -> Option<u8> {
        let claim = self.claim(n)?;
        let mut others = self.numbered();
        others
            .find(|(_, other)| {
                claim.status == ClaimStatus::Reversed
                    && other.claim_id == claim.replaces
                    && other.provider == claim.provider
            })
            .map(|(number, _)| number)
    }

    /// Whether a claim is to be adjudicated anew.
    fn is_flagged(&self, n: u8, claim: &Claim) -> bool {
        let person = self.whose(n).1;
        let way = self.start.way(0, person);
        let turns = if person < FAMILY {
            way.read_family(&self.world).turns
        } else {
            way.read_member(&self.world).turns
        };
        turns.is_flagged(claim.turn)
    }

    /// Why claim number `n` is not archived: something can still become of it.
    fn keeps_from_archive(&self, world: &World, n: u8) -> Option<&'static str> {
        use ClaimStatus::{Denied, NothingDue, Paid, Reversed};
        let claim = self.claim(n).unwrap();
        if !matches!(claim.status, Denied | NothingDue | Paid | Reversed) {
            Some("ClaimNotFinal")
        } else if claim.course.has(Course::INTEREST_OWED) {
            Some("InterestOwed")
        } else if claim.status != Reversed {
            // All years of the walk are kept.
            self.is_flagged(n, claim).then_some("ClaimStillFlagged")
        } else if claim.treaty != 0 {
            Some("ClaimStillCeded")
        } else {
            let original = self.original(n)?;
            (!self.is_clear(world, original)).then_some("OriginalNotCleared")
        }
    }

    /// Whether no treaty can count claim number `n`, which is taken back, nor one in whose place it stands: so it is with what is
    /// archived.
    fn is_clear(&self, world: &World, n: u8) -> bool {
        let (provider, person) = self.whose(n);
        let address = self.start.way(provider, person).claim(n);
        let account = world.raw(&address).unwrap();
        let claim = self.claim(n).unwrap();
        account.data.len() == ArchivedClaim::SIZE
            || (claim.treaty == 0 && claim.replaces == [0; 16])
    }

    /// The appeals of an archived claim go, and with them their rent to who paid it.
    fn close_appeals(&mut self, world: &mut World, n: u8) {
        let (provider, person) = self.whose(n);
        let start = Rc::clone(&self.start);
        let way = start.way(provider, person);
        for level in 1..=APPEALS {
            let appeal = way.appeal(n, level);
            let is_there = |world: &World| {
                let account = world.raw(&appeal);
                account.is_some_and(|account| account.lamports > 0)
            };
            if !is_there(world) {
                continue;
            }
            let close = way.close_appeal(n, level);
            world.send_unsigned(&[close]).assert_ok();
            assert!(!is_there(world), "the appeal is still there");
            self.count("close_appeal", true);
        }
    }

    fn count(&mut self, name: &'static str, done: bool) {
        let count = self.tally.steps.entry(name).or_default();
        if done {
            count.0 += 1;
        } else {
            count.1 += 1;
        }
    }
}
