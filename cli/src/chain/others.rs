//! The accounts that a claim brings after those of its instruction: the member's family, authorisations, what is stated of the
//! member, the plan version's details.

use std::collections::BTreeSet;

use claims::state::{Authorization, Claim, Member, MemberFacts, PlanDetails, PlanVersion};
use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;

use super::text::some_key;

/// The instruction with the family of `member` (at `address`), where it has one, and its authorisations of these numbers.
pub fn with_others(
    mut instruction: Instruction,
    address: &Pubkey,
    member: &Member,
    authorizations: impl IntoIterator<Item = u8>,
) -> Instruction {
    let family = some_key(member.family);
    let papers = authorizations
        .into_iter()
        .map(|number| Authorization::find_address(address, number).0);
    instruction.accounts.extend(
        family
            .into_iter()
            .chain(papers)
            .map(|key| AccountMeta::new(key, false)),
    );
    instruction
}

/// The instruction with what is stated of `member` (at `address`), where something is, and the plan version's details, where it
/// has any: they come last, and no instruction adjudicates without them.
pub fn with_details(
    mut instruction: Instruction,
    address: &Pubkey,
    member: &Member,
    details: Option<Pubkey>,
) -> Instruction {
    let stated = (member.has_facts != 0).then(|| MemberFacts::find_address(address).0);
    let last = stated.into_iter().chain(details);
    let last = last.map(|key| AccountMeta::new_readonly(key, false));
    instruction.accounts.extend(last);
    instruction
}

/// The address of a plan version's details, where it has any.
pub fn details_of(version: &PlanVersion) -> Option<Pubkey> {
    version
        .has_details()
        .then(|| PlanDetails::find_address(&version.plan, version.number).0)
}

/// The numbers of the authorisations that the claim has used, or remembers because it is to use them, each once: an account
/// that is given twice would be counted twice.
pub fn remembered(claim: &Claim) -> BTreeSet<u8> {
    let numbers = claim.lines.iter().map(|line| line.authorization);
    numbers.filter(|number| *number != 0).collect()
}

/// The numbers of those of `papers` that are about a line of the claim and have something left, and of those that the claim
/// remembers, used up or ended as they may be: whoever brings a claim that waits before the program brings them too, because
/// a line that needs one would be denied without it, and a claim is refused without what it remembers.
pub fn about(claim: &Claim, papers: &[Authorization]) -> BTreeSet<u8> {
    let useful = papers.iter().filter(|paper| {
        let mut lines = claim.lines.iter();
        paper.left() > 0 && lines.any(|line| paper.is_about(line, &claim.member, &claim.provider))
    });
    let mut numbers = remembered(claim);
    numbers.extend(useful.map(|paper| paper.number));
    numbers
}

#[cfg(test)]
mod tests {
    use claims::state::{ClaimLineArgs, Grant, Opening};

    use super::*;

    #[test]
    fn papers_are_brought_that_a_line_can_use() {
        let key = |byte: u8| Pubkey::new_from_array([byte; 32]);
        let (member, provider) = (key(1), key(2));
        let opening = Opening {
            bump: 255,
            pool: key(3),
            provider,
            claim_id: [3; 16],
            document: [4; 32],
            opener: provider,
            service_date: 20_000,
            line_count: 2,
        };
        let mut claim = Claim::open(opening).expect("opened");
        let line = ClaimLineArgs {
            code_key: [5; 8],
            modifiers: [0; 4],
            units: 1,
            charge: 100,
            day: 0,
        };
        let next_day = ClaimLineArgs { day: 1, ..line };
        claim.append(0, &[line, next_day]).expect("appended");
        claim.member = member;
        let grant = Grant {
            number: 1,
            provider: Pubkey::default(),
            code_key: [5; 8],
            from: 19_999,
            to: 20_001,
            units: 1,
        };
        let paper = |change: &dyn Fn(&mut Grant)| {
            let mut grant = grant;
            change(&mut grant);
            Authorization::new(255, member, &grant).expect("granted")
        };
        let mut used = paper(&|grant| grant.number = 2);
        used.use_up(1).expect("used up");
        let papers = [
            paper(&|grant| grant.number = 9),
            used,
            paper(&|grant| (grant.number, grant.code_key) = (3, [6; 8])),
            paper(&|grant| (grant.number, grant.to) = (4, 19_999)),
            paper(&|grant| (grant.number, grant.provider) = (5, key(8))),
            paper(&|grant| (grant.number, grant.provider) = (6, provider)),
            paper(&|_| {}),
        ];
        assert_eq!(about(&claim, &papers), BTreeSet::from([1, 6, 9]));
        assert!(remembered(&claim).is_empty());
        // What it remembers is brought though nothing of it is left, or it has ended; once, though two lines remember it.
        for line in &mut claim.lines {
            line.authorization = 2;
        }
        assert_eq!(remembered(&claim), BTreeSet::from([2]));
        assert_eq!(about(&claim, &papers), BTreeSet::from([1, 2, 6, 9]));
        for (line, number) in claim.lines.iter_mut().zip([2, 4]) {
            line.authorization = number;
        }
        assert_eq!(remembered(&claim), BTreeSet::from([2, 4]));
        assert_eq!(about(&claim, &papers), BTreeSet::from([1, 2, 4, 6, 9]));
    }
}
