//! Who signs for a member, which tickets of the insurer are good, and what room there is in a member's history: who changes that, and
//! what the walk knows of it.

use anchor_lang::prelude::AccountMeta;
use anchor_lang::Discriminator;
use claims::constants::HISTORY_PAGE;
use claims::ticket::EligibilityTicket;
use claims::waivers::WAIVE_REVIEW;

use super::agreements::Change;
use super::*;

/// Keys that members have, one after another.
pub const KEYS: usize = 3;
/// Keys of the insurer's eligibility desk, the same.
pub const DESKS: usize = 2;
/// No key, of a member or of the desk.
const NONE: Pubkey = Pubkey::new_from_array([0; 32]);
/// Entries of a page of a history.
const PAGE: usize = HISTORY_PAGE as usize;
/// Where a history's account has the number of its live lines.
const LIVE_COUNT: usize = 40;
/// For how long what the insurer signs about a member is good, in seconds.
const SIGNATURE_SECONDS: i64 = 3_600;

/// What is refused for want of the member's part in it, and what that comes to.
const CONSENT: [(ClaimsError, &str); 5] = [
    (ClaimsError::NotAppellant, "refused an appellant"),
    (ClaimsError::NotMemberAuthority, "refused a signature"),
    (ClaimsError::TicketRevoked, "refused a void ticket"),
    (
        ClaimsError::TicketSignerMismatch,
        "refused another desk's ticket",
    ),
    (ClaimsError::TicketsNotIssued, "refused a ticket of no desk"),
];

/// What the walk knows of a member's part in its claims.
pub struct Part {
    /// Who signs for it; none where nobody can.
    pub key: Pubkey,
    /// Tickets with a lower nonce are void.
    floor: u64,
    /// Places in its history.
    places: usize,
    /// What has set its key last, and when: good for that once.
    used: Option<(Instruction, i64)>,
}

impl Part {
    pub fn new(key: Pubkey) -> Self {
        Self {
            key,
            floor: 0,
            places: PAGE,
            used: None,
        }
    }

    pub fn has_key(&self) -> bool {
        self.key != NONE
    }
}

/// A history before it grew, and who paid for that.
pub struct Growth {
    pub person: usize,
    history: solana_account::Account,
    payer: Pubkey,
    /// What the payer had, in lamports.
    had: u64,
}

/// How a claim's lines stand in the member's history.
pub struct Entered {
    pub live: usize,
    pub denied: usize,
    /// Entries for which there is still a place.
    pub room: usize,
}

impl Walk {
    /// Something about who signs or vouches for a member, or about the room in its history.
    pub fn pick_part(&mut self) -> (&'static str, Vec<Instruction>) {
        let (_, mut person) = self.somebody();
        let without = self.parts.iter().position(|part| !part.has_key());
        // Who cannot sign soon can again, or little else would happen to it.
        let resumes = without.is_some() && self.dice.below(2) == 0;
        if resumes {
            person = without.unwrap_or(person);
        }
        match self.dice.below(8) {
            _ if resumes => self.pick_authority(person, true),
            0..=2 => self.pick_authority(person, false),
            3 => self.pick_floor(person),
            4 => self.pick_desk(),
            _ => self.pick_growth(person),
        }
    }

    /// The member has another key, or none any more; at times by what has been signed, and used, before.
    fn pick_authority(&mut self, person: usize, has_to: bool) -> (&'static str, Vec<Instruction>) {
        let start = Rc::clone(&self.start);
        if let Some((used, at)) = self.parts[person].used.clone() {
            if !has_to && self.dice.below(4) == 0 {
                let refusal = if self.world.now() > at + SIGNATURE_SECONDS {
                    ClaimsError::AdminExpired
                } else {
                    ClaimsError::AdminSequenceStale
                };
                self.wanted = Some(Wanted::Refused(refusal.into()));
                return ("set_member_authority", vec![used]);
            }
        }
        let which = usize::try_from(self.dice.below(5)).unwrap();
        let key = if which == 0 && !has_to {
            NONE
        } else {
            start.keys[which % KEYS]
        };
        let way = start.way(0, person);
        let set = way.set_member_authority(&self.world, key);
        self.wanted = Some(Wanted::Done);
        self.change = Some(Change::Key {
            person,
            key,
            by: set.clone(),
        });
        ("set_member_authority", vec![set])
    }

    /// Tickets up to some nonce are void; at times to one that is not above the last.
    fn pick_floor(&mut self, person: usize) -> (&'static str, Vec<Instruction>) {
        let floor = self.parts[person].floor;
        let raised = if self.dice.below(3) == 0 {
            self.dice.below(floor + 1)
        } else {
            floor + 1 + self.dice.below(3)
        };
        self.wanted = Some(if raised > floor {
            Wanted::Done
        } else {
            Wanted::Refused(ClaimsError::TicketFloorNotHigher.into())
        });
        self.change = Some(Change::Floor {
            person,
            floor: raised,
        });
        let way = self.start.way(0, person);
        ("raise_ticket_floor", vec![way.raise_ticket_floor(raised)])
    }

    /// Another key of the eligibility desk is in office, or none.
    fn pick_desk(&mut self) -> (&'static str, Vec<Instruction>) {
        let which = usize::try_from(self.dice.below(6)).unwrap();
        let desk = (self.desk.is_none() || which > 0).then_some(which % DESKS);
        let key = desk.map_or(NONE, |desk| self.start.desks[desk].pubkey());
        self.wanted = Some(Wanted::Done);
        self.change = Some(Change::Desk { desk });
        let set = self.start.fixture().set_ticket_key(&self.world, key);
        ("set_ticket_key", vec![set])
    }

    /// Anybody pays for another page of a history: mostly of the one that needs it most.
    fn pick_growth(&mut self, person: usize) -> (&'static str, Vec<Instruction>) {
        let start = Rc::clone(&self.start);
        let has_grown = |(n, claim): &(u8, &Claim)| {
            let places = self.parts[self.whose(*n).1].places;
            claim.pend_reason == PendReason::HistoryFull
                && claim.status == ClaimStatus::Pended
                && places > PAGE
        };
        // What had to wait for that waits for the insurer still.
        let waiting = self.numbered().find(has_grown).map(|(n, _)| n);
        if let Some(n) = waiting {
            return ("decide_claim", vec![self.decide(n, Decision::Approve)]);
        }
        let room = |person| start.way(0, person).history_room(&self.world);
        let person = if self.dice.below(4) == 0 {
            person
        } else {
            (0..PEOPLE).min_by_key(|person| room(*person)).unwrap()
        };
        let is_short = room(person) < PAGE / 2;
        self.missed.set(!is_short);
        self.wanted = Some(if is_short {
            Wanted::Done
        } else {
            Wanted::Refused(ClaimsError::HistoryHasRoom.into())
        });
        let way = start.way(0, person);
        let payer = way.clerk.key().pubkey();
        self.change = Some(Change::Grown(Growth {
            person,
            history: self.world.raw(&way.history).unwrap(),
            payer,
            had: self.world.raw(&payer).unwrap().lamports,
        }));
        ("grow_history", vec![way.grow_history()])
    }

    /// A history has grown by a page of zeros, for its rent and nothing else; what was in it stands as it stood.
    pub fn note_growth(&mut self, growth: &Growth) {
        let history = self.start.way(0, growth.person).history;
        let (was, is) = (&growth.history, self.world.raw(&history).unwrap());
        let (kept, added) = is.data.split_at(was.data.len());
        assert_eq!(kept, was.data, "a history lost something");
        assert_eq!(added.len(), PAGE * HistoryEntry::SIZE);
        assert!(added.iter().all(|byte| *byte == 0));
        assert_eq!(is.lamports, self.world.rent(is.data.len()));
        let payer = self.world.raw(&growth.payer).unwrap().lamports;
        assert_eq!(payer + is.lamports, growth.had + was.lamports);
        self.parts[growth.person].places += PAGE;
    }

    pub fn note_key(&mut self, person: usize, key: Pubkey, by: Instruction) {
        let at = self.world.now();
        let part = &mut self.parts[person];
        part.key = key;
        part.used = Some((by, at));
    }

    pub fn note_floor(&mut self, person: usize, floor: u64) {
        self.parts[person].floor = floor;
    }

    /// Puts, wherever a member signs, who signs for it now; at times somebody who did, or will. What that is to be refused by.
    pub fn sign(&mut self, instructions: &mut [Instruction]) -> Option<ClaimsError> {
        let start = Rc::clone(&self.start);
        let mut refusal = None;
        for instruction in instructions {
            let metas = &mut instruction.accounts;
            let of = |person: &usize| {
                let member = start.way(0, *person).member;
                metas.iter().any(|meta| meta.pubkey == member)
            };
            let Some(person) = (0..PEOPLE).find(of) else {
                continue;
            };
            let is_key = |meta: &&mut AccountMeta| meta.is_signer && meta.pubkey == start.keys[0];
            let Some(signer) = metas.iter_mut().find(is_key) else {
                continue;
            };
            let part = &self.parts[person];
            let is_odd = self.dice.below(24) == 0;
            // Nobody signs with the key that stands for none: whoever had one before tries.
            if is_odd || !part.has_key() {
                let which = usize::try_from(self.dice.below(KEYS as u64)).unwrap();
                signer.pubkey = start.keys[which];
            } else {
                signer.pubkey = part.key;
            }
            if signer.pubkey != part.key {
                let is_appeal = instruction
                    .data
                    .starts_with(data::FileAppeal::DISCRIMINATOR);
                refusal = Some(if is_appeal {
                    ClaimsError::NotAppellant
                } else {
                    ClaimsError::NotMemberAuthority
                });
            }
        }
        refusal
    }

    /// A ticket for a member, and who signs it: mostly one that is good. The walk notes what it is to be refused by.
    pub fn ticket(&mut self, way: &ClaimsFixture, person: usize) -> (EligibilityTicket, Keypair) {
        let floor = self.parts[person].floor;
        let is_void = floor > 0 && self.dice.below(6) == 0;
        let nonce = if is_void {
            floor - 1
        } else {
            floor + self.dice.below(2)
        };
        let ticket = EligibilityTicket {
            nonce,
            ..way.ticket()
        };
        let is_odd = self.dice.below(12) == 0;
        let which = match self.desk {
            Some(desk) if !is_odd => desk,
            _ => usize::try_from(self.dice.below(DESKS as u64)).unwrap(),
        };
        self.refusal = if is_void {
            Some(ClaimsError::TicketRevoked)
        } else if self.desk.is_none() {
            Some(ClaimsError::TicketsNotIssued)
        } else {
            (self.desk != Some(which)).then_some(ClaimsError::TicketSignerMismatch)
        };
        (ticket, self.start.desks[which].insecure_clone())
    }

    /// No claim comes without its member's part in it, and none is refused for want of a part that it has.
    pub fn check_consent(&mut self, outcome: &Outcome, refusal: Option<ClaimsError>) {
        let is_about_it = |error: &ClaimsError| outcome.code() == Some((*error).into());
        let met = CONSENT.iter().find(|(error, _)| is_about_it(error));
        let Some((error, case)) = met else {
            assert!(
                refusal.is_none() || !outcome.succeeded(),
                "nobody has refused it by {refusal:?}"
            );
            return;
        };
        let code = refusal.map(u32::from);
        assert_eq!(code, Some((*error).into()), "refused by {error:?}");
        *self.tally.cases.entry(case).or_default() += 1;
    }

    /// The ledger has of each member, and of the desk, what the walk knows; and a claim waits for a member, for some days, where the
    /// member can answer.
    pub fn check_parts(&self, before: &Before) {
        for (n, claim) in self.numbered() {
            let is_asked = claim.pend_reason == PendReason::Confirmation;
            let was_asked = before
                .claim(n)
                .is_some_and(|was| was.pend_reason == PendReason::Confirmation);
            if is_asked && !was_asked {
                let part = &self.parts[self.filed(n).person];
                assert_eq!(claim.course.wait_until != 0, part.has_key(), "claim {n}");
            }
        }
        for (person, (part, member)) in self.parts.iter().zip(self.members()).enumerate() {
            assert_eq!(
                (member.authority, member.ticket_floor),
                (part.key, part.floor)
            );
            let history = self.world.raw(&self.start.way(0, person).history).unwrap();
            let size = History::ENTRIES_OFFSET + part.places * HistoryEntry::SIZE;
            assert_eq!(history.data.len(), size, "the history of {person}");
        }
        let pool = self.start.fixture().read_pool(&self.world);
        let desk = self
            .desk
            .map_or(NONE, |desk| self.start.desks[desk].pubkey());
        assert_eq!(pool.ticket_key, desk);
    }

    /// Fills a history, but for so many places, with what another provider has had paid before.
    pub fn fill(&mut self, person: usize, room: usize) {
        let count = PAGE - room;
        let history = self.start.way(0, person).history;
        let mut account = self.world.raw(&history).unwrap();
        let places = account.data[History::ENTRIES_OFFSET..].chunks_exact_mut(HistoryEntry::SIZE);
        for (n, place) in (0..count).zip(places) {
            let entry = HistoryEntry {
                code_key: code(100 + u32::try_from(n % 40).unwrap()),
                provider_tag: [1; 8],
                claim_tag: [2; 8],
                service_date: TODAY - 100,
                ..HistoryEntry::default()
            };
            place.copy_from_slice(bytemuck::bytes_of(&entry));
        }
        let used = u16::try_from(count).unwrap().to_le_bytes();
        account.data[LIVE_COUNT..LIVE_COUNT + 2].copy_from_slice(&used);
        self.world.set_raw(&history, account);
        let left = self.start.way(0, person).history_room(&self.world);
        assert_eq!(left, room);
    }

    /// The lines of a claim stand in the member's history as its status says, and it waits for room, or has its denied lines left out
    /// of it, only where there is none.
    pub fn check_history(&self, n: u8, was: Option<&Claim>, claim: &Claim) -> Entered {
        use ClaimStatus::{NothingDue, Paid, Payable, Pended};
        let filed = self.filed(n);
        let entered = self.entered(n);
        let live = claim.lines.iter().filter(|line| !line.is_denied()).count();
        let found = (filed.findings[0] | filed.findings[1]).count_ones();
        let found = if filed.waived & WAIVE_REVIEW == 0 {
            usize::try_from(found).unwrap()
        } else {
            0
        };
        match claim.status {
            NothingDue | Paid | Payable => {
                assert_eq!((entered.live, entered.denied), (live, found), "claim {n}");
            }
            Pended if entered.live == 0 && live > 0 => {
                // What waits for something else by now may have waited for room before.
                let was = was.filter(|was| was.received_at != 0);
                let is_new = was.is_none_or(|was| was.pend_reason != claim.pend_reason)
                    && claim.pend_reason == PendReason::HistoryFull;
                assert!(
                    entered.room < live + found || !(was.is_none() || is_new || filed.entered),
                    "there was room for claim {n}"
                );
            }
            Pended => {
                assert_eq!(entered.live, live, "claim {n}");
                assert_ne!(claim.pend_reason, PendReason::HistoryFull, "claim {n}");
            }
            _ => assert_eq!(entered.live, 0, "claim {n}"),
        }
        entered
    }

    fn entered(&self, n: u8) -> Entered {
        let (provider, person) = self.whose(n);
        let way = self.start.way(provider, person);
        let claim_tag = HistoryEntry::claim_tag(&way.claim(n));
        let provider_tag = HistoryEntry::provider_tag(&way.provider.address);
        let account = self.world.raw(&way.history).unwrap();
        let live = History::decode(&account.data).unwrap();
        let denied = History::decode_denied(&account.data).unwrap();
        let of_claim = |entries: &[HistoryEntry]| {
            let tags = (provider_tag, claim_tag);
            let entries = entries.iter();
            entries
                .filter(|entry| (entry.provider_tag, entry.claim_tag) == tags)
                .count()
        };
        Entered {
            live: of_claim(&live),
            denied: of_claim(&denied),
            room: self.parts[person].places - live.len() - denied.len(),
        }
    }
}
