//! What is signed for with a claim in parts or with an answer: digests of their accounts, the same in the program and in every
//! client, so that nobody can put another draft or answer in the place of the one that was looked at.

use anchor_lang::prelude::*;
use anchor_lang::{Discriminator, Space};
use solana_sha256_hasher::hashv;

use super::{Claim, ClaimLine, Predetermination};

// Where the fields lie: all of them have one size up to the lines. Tests hold them against the accounts.
/// Of a claim: pool, provider, member, plan version, identifier and the document's commitment.
const WHOSE: std::ops::Range<usize> = 12..188;
/// Of a claim: whether the held price that it cites is one from within the network; one byte.
const IN_NETWORK: usize = 220;
/// Of a claim: the number of lines, in one byte of four, for there are at most sixteen.
const LINE_COUNT: usize = LINES - 4;
/// Of a claim: the lines.
const LINES: usize = 436;
/// Of a line: code key, modifiers, service date and charge.
const ASKED: std::ops::Range<usize> = 0..24;
/// Of a line: units.
const UNITS: std::ops::Range<usize> = 128..130;
/// Of an answer: up to the day until which the price is held.
const ANSWERED: usize = 226;
/// Of an answer: from its sums on, after the claim that cites it.
const TOTALS: usize = 246;

impl Claim {
    /// SHA-256 of what a draft states, from the bytes of its account: pool, provider, member and plan version of a held price that
    /// it cites (zeros where it cites none), identifier, the document's commitment, the number of lines (u8), 128 more where that
    /// price is one from within the network; of each line code key, modifiers, service date (i32), charge (u64) and units (u16),
    /// little-endian; and what follows the lines, as it stands there: what other payers have decided, and facts. What adjudication
    /// writes is not in it.
    ///
    /// # Errors
    /// `AccountDiscriminatorMismatch`, `AccountDidNotDeserialize`.
    pub fn stated(data: &[u8]) -> Result<[u8; 32]> {
        require!(
            data.starts_with(Self::DISCRIMINATOR),
            ErrorCode::AccountDiscriminatorMismatch
        );
        digest_of_claim(data).ok_or_else(|| ErrorCode::AccountDidNotDeserialize.into())
    }

    /// The same of a draft as it will stand in its account.
    ///
    /// # Errors
    /// Where it cannot be written: never.
    pub fn will_state(&self) -> Result<[u8; 32]> {
        let mut data = Vec::new();
        self.try_serialize(&mut data)?;
        Self::stated(&data)
    }
}

impl Predetermination {
    /// SHA-256 of an answer, from the bytes of its account: all of them but for how long its price is held, and which claim cites
    /// it, which come after the answer.
    ///
    /// # Errors
    /// `AccountDiscriminatorMismatch`, `AccountDidNotDeserialize`.
    pub fn stated(data: &[u8]) -> Result<[u8; 32]> {
        require!(
            data.starts_with(Self::DISCRIMINATOR),
            ErrorCode::AccountDiscriminatorMismatch
        );
        let parts = data.get(..ANSWERED).zip(data.get(TOTALS..));
        let (answered, rest) = parts.ok_or(ErrorCode::AccountDidNotDeserialize)?;
        Ok(hashv(&[answered, rest]).to_bytes())
    }

    /// The same of an answer that was read.
    ///
    /// # Errors
    /// Where it cannot be written: never.
    pub fn states(&self) -> Result<[u8; 32]> {
        let mut data = Vec::new();
        self.try_serialize(&mut data)?;
        Self::stated(&data)
    }
}

/// Parts of a claim of sixteen lines: whose it is, how many lines, two of each line, and the rest.
const PARTS: usize = 35;

/// In place: the lines are not copied, and the zeros that adjudication will fill are not hashed. Nothing is taken from the heap, which
/// a claim with all facts nearly fills.
#[inline(never)]
fn digest_of_claim(data: &[u8]) -> Option<[u8; 32]> {
    let count = data.get(LINE_COUNT..)?.get(..1)?;
    let lines = usize::from(*count.first()?).checked_mul(ClaimLine::INIT_SPACE)?;
    let (lines, rest) = data.get(LINES..)?.split_at_checked(lines)?;
    // There are at most sixteen: the byte has room for whether it is one from within the network.
    let in_network = data.get(IN_NETWORK)? & 1;
    let marked = [count.first()? | (in_network << 7)];
    let mut parts: [&[u8]; PARTS] = [&[]; PARTS];
    let mut places = parts.iter_mut();
    let mut put = |part| places.next().map(|place| *place = part);
    put(data.get(WHOSE)?)?;
    put(&marked)?;
    for line in lines.chunks_exact(ClaimLine::INIT_SPACE) {
        put(line.get(ASKED)?)?;
        put(line.get(UNITS)?)?;
    }
    put(rest)?;
    let left = places.len();
    let parts = parts.get(..PARTS.checked_sub(left)?)?;
    Some(hashv(parts).to_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{
        ClaimFact, ClaimFactKind, ClaimLineArgs, ClaimTotals, Opening, OtherPayer, QuotedLine,
    };
    use solana_sha256_hasher::hash;

    fn line(n: u8) -> ClaimLineArgs {
        ClaimLineArgs {
            code_key: [n; 8],
            modifiers: [n ^ 0x80; 4],
            units: 0x0102,
            charge: 0x0304_0506 + u64::from(n),
            day: n,
        }
    }

    fn draft(lines: &[ClaimLineArgs]) -> Claim {
        let mut claim = Claim::open(Opening {
            bump: 254,
            pool: Pubkey::new_from_array([2; 32]),
            provider: Pubkey::new_from_array([3; 32]),
            claim_id: [4; 16],
            document: [5; 32],
            opener: Pubkey::new_from_array([6; 32]),
            service_date: 20_000,
            line_count: u8::try_from(lines.len()).unwrap(),
        })
        .unwrap();
        claim.append(0, lines).unwrap();
        claim
    }

    /// What the documentation says, put together field by field.
    fn message(claim: &Claim) -> Vec<u8> {
        let mut message = Vec::new();
        for key in [claim.pool, claim.provider, claim.member, claim.plan_version] {
            message.extend(key.to_bytes());
        }
        message.extend(claim.claim_id);
        message.extend(claim.document);
        message.push(claim.line_count + if claim.in_network { 128 } else { 0 });
        for line in &claim.lines {
            message.extend(line.code_key);
            message.extend(line.modifiers);
            message.extend(line.service_date.to_le_bytes());
            message.extend(line.charge.to_le_bytes());
            message.extend(line.units.to_le_bytes());
        }
        claim.other_payers.serialize(&mut message).unwrap();
        claim.facts.serialize(&mut message).unwrap();
        message
    }

    fn other(line: u8, paid: u64) -> OtherPayer {
        OtherPayer {
            line,
            allowed: 300,
            paid,
            obligated: 400,
        }
    }

    fn fact(key: u8) -> ClaimFact {
        ClaimFact {
            line: 0,
            kind: ClaimFactKind::Diagnosis,
            key: [key; 8],
            day: 0,
        }
    }

    #[test]
    fn it_is_the_digest_of_what_the_documentation_says() {
        for lines in 1..=16 {
            let lines: Vec<_> = (0..lines).map(line).collect();
            let mut claim = draft(&lines);
            assert_eq!(
                claim.will_state().unwrap(),
                hash(&message(&claim)).to_bytes()
            );
            claim.tell_of_others(&[other(0, 200)]).unwrap();
            claim.state_facts(&[fact(1)]).unwrap();
            let (member, version) = (Pubkey::new_unique(), Pubkey::new_unique());
            claim.adopt(member, version, true).unwrap();
            assert_eq!(
                claim.will_state().unwrap(),
                hash(&message(&claim)).to_bytes()
            );
        }
    }

    /// Every part of it counts; what is written to the account in another way does not.
    #[test]
    fn any_change_of_what_is_stated_changes_it() {
        let mut all = vec![draft(&[line(1), line(2)])];
        let changed = |change: &dyn Fn(&mut ClaimLineArgs)| {
            let mut second = line(2);
            change(&mut second);
            draft(&[line(1), second])
        };
        all.push(changed(&|line| line.code_key[0] ^= 1));
        all.push(changed(&|line| line.modifiers[3] ^= 1));
        all.push(changed(&|line| line.units += 1));
        all.push(changed(&|line| line.charge += 1));
        all.push(changed(&|line| line.day += 1));
        all.push(draft(&[line(2), line(1)]));
        all.push(draft(&[line(1)]));
        let edited = |edit: &dyn Fn(&mut Claim)| {
            let mut claim = draft(&[line(1), line(2)]);
            edit(&mut claim);
            claim
        };
        all.push(edited(&|claim| claim.document[31] ^= 1));
        all.push(edited(&|claim| claim.claim_id[0] ^= 1));
        all.push(edited(&|claim| claim.pool = Pubkey::new_unique()));
        all.push(edited(&|claim| claim.provider = Pubkey::new_unique()));
        all.push(edited(&|claim| claim.member = Pubkey::new_unique()));
        all.push(edited(&|claim| claim.plan_version = Pubkey::new_unique()));
        all.push(edited(&|claim| claim.in_network = true));
        all.push(edited(&|claim| {
            claim.tell_of_others(&[other(0, 200)]).unwrap()
        }));
        all.push(edited(&|claim| {
            claim.tell_of_others(&[other(0, 201)]).unwrap()
        }));
        all.push(edited(&|claim| {
            claim.tell_of_others(&[other(1, 200)]).unwrap()
        }));
        all.push(edited(&|claim| claim.state_facts(&[fact(1)]).unwrap()));
        all.push(edited(&|claim| claim.state_facts(&[fact(2)]).unwrap()));
        let mut digests: Vec<_> = all
            .iter()
            .map(|claim| claim.will_state().unwrap())
            .collect();
        digests.sort_unstable();
        digests.dedup();
        assert_eq!(digests.len(), all.len());

        let same = edited(&|claim| {
            claim.received_at = 7;
            claim.totals.charge = 8;
            claim.course.decided_on = 9;
            claim.lines[0].paid = 10;
            claim.lines[1].denial_reason = 11;
        });
        assert_eq!(same.will_state().unwrap(), all[0].will_state().unwrap());
    }

    #[test]
    fn only_of_a_whole_account_of_its_kind() {
        let mut data = Vec::new();
        draft(&[line(1), line(2)]).try_serialize(&mut data).unwrap();
        assert!(Claim::stated(&data).is_ok());
        for length in 0..data.len() {
            assert!(Claim::stated(&data[..length]).is_err(), "{length}");
        }
        assert!(Predetermination::stated(&data).is_err());
        data[0] ^= 1;
        assert!(Claim::stated(&data).is_err());
    }

    #[test]
    fn an_answer_is_all_but_what_comes_after_it() {
        let line = QuotedLine {
            code_key: [1; 8],
            modifiers: [2; 4],
            units: 3,
            charge: 400,
            allowed: 300,
            paid: 200,
            patient: 100,
            denial_reason: 0,
        };
        let answer = Predetermination {
            version: 1,
            bump: 255,
            pool: Pubkey::new_from_array([2; 32]),
            provider: Pubkey::new_from_array([3; 32]),
            member: Pubkey::new_from_array([4; 32]),
            plan_version: Pubkey::new_from_array([5; 32]),
            id: [6; 16],
            document: [7; 32],
            opener: Pubkey::new_from_array([8; 32]),
            answered_on: 20_000,
            service_date: 20_001,
            hold_until: 0,
            cited_by: [0; 16],
            totals: ClaimTotals {
                charge: 400,
                allowed: 300,
                paid: 200,
                patient: 100,
                write_off: 100,
                other: 0,
            },
            in_network: false,
            reserved: [0; 31],
            lines: vec![line],
        };
        let digest = answer.states().unwrap();
        let mut held = answer.clone();
        held.hold_until = -1;
        held.cited_by = [255; 16];
        assert_eq!(held.states().unwrap(), digest);
        let edits: [fn(&mut Predetermination); 10] = [
            |answer| answer.member = Pubkey::default(),
            |answer| answer.plan_version = Pubkey::default(),
            |answer| answer.document[0] ^= 1,
            |answer| answer.answered_on += 1,
            |answer| answer.service_date += 1,
            |answer| answer.totals.charge += 1,
            |answer| answer.totals.other += 1,
            |answer| answer.in_network = true,
            |answer| answer.lines[0].units += 1,
            |answer| answer.lines.push(answer.lines[0]),
        ];
        for edit in edits {
            let mut other = answer.clone();
            edit(&mut other);
            assert_ne!(other.states().unwrap(), digest);
        }
        assert!(Predetermination::stated(&[]).is_err());
    }
}
