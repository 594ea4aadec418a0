//! What an appeal has won stays won.

use anchor_lang::prelude::AccountMeta;

use super::checks::stands;
use super::start::FAMILY;
use super::*;

/// Number of a claim that is only tried: no walk has as many.
const TRIED: u8 = u8::MAX - 1;

impl Walk {
    /// What an appeal has just put in another's place comes to the same, line by line, when the insurer has it adjudicated anew while
    /// nothing else has been used up; and lines that have their authorisations keep them, in whatever order it brings those.
    pub fn check_won(&self, before: &Before) {
        for (n, claim) in self.numbered() {
            let is_new = before.claim(n).is_none_or(|was| was.turn == 0);
            if !is_new || !stands(claim) {
                continue;
            }
            // Without an agreement what is adjudicated anew may have to wait.
            if !self.deals[self.filed(n).provider].is_active() {
                continue;
            }
            // A denied one is looked at as any other where there is a registry, and may wait for what it lacks (decision 60 g).
            let may_wait = self.start.plans == Plans::Sharing
                && claim.status == ClaimStatus::Denied
                && (0..claim.lines.len()).any(|index| self.lacks_report(n, claim, index));
            if self.filed(n).in_place_of.is_some() && claim.facts.waived() != 0 && !may_wait {
                let anew = self.try_anew(n, claim, self.brought.iter());
                assert_eq!(
                    (&anew.lines, anew.totals, anew.facts.waived()),
                    (&claim.lines, claim.totals, claim.facts.waived()),
                    "claim {n} comes to something else"
                );
            }
            let has_paper = |line: &&ClaimLine| line.authorization != 0;
            if claim.lines.iter().filter(has_paper).count() > 1 {
                let anew = self.try_anew(n, claim, self.brought.iter().rev());
                for (line, anew) in claim.lines.iter().zip(&anew.lines) {
                    let kept = anew.authorization == line.authorization;
                    assert!(
                        kept || line.authorization == 0,
                        "claim {n}: {line:?} had its authorisation, {anew:?} has not"
                    );
                }
            }
        }
    }

    /// The claim that stands in the place of number `n`, the last one adjudicated, when it is adjudicated anew with these authorisations.
    fn try_anew<'a>(
        &self,
        n: u8,
        claim: &Claim,
        papers: impl Iterator<Item = &'a Pubkey>,
    ) -> Claim {
        let Filed {
            provider, person, ..
        } = *self.filed(n);
        let way = self.start.way(provider, person);
        let mut world = self.world.clone();
        let mut reprocess = way.reprocess(n, TRIED);
        // As if a claim before it had been taken back that had used nothing up.
        if person < FAMILY {
            let mut family = way.read_family(&world);
            flag(&mut family.turns, claim.turn);
            write(&mut world, &self.start.family, &family);
            let family = AccountMeta::new(self.start.family, false);
            reprocess.accounts.push(family);
        } else {
            let mut member = way.read_member(&world);
            flag(&mut member.turns, claim.turn);
            write(&mut world, &way.member, &member);
        }
        let metas = papers.map(|address| AccountMeta::new(*address, false));
        reprocess.accounts.extend(metas);
        reprocess.accounts.extend(self.told_of(person));
        // With other authorisations it may have more lines that stand.
        let mut history = world.raw(&way.history).unwrap();
        let another = usize::from(claims::constants::HISTORY_PAGE) * HistoryEntry::SIZE;
        history.data.resize(history.data.len() + another, 0);
        world.set_raw(&way.history, history);
        self.redirect(std::slice::from_mut(&mut reprocess));
        self.go_by_version(std::slice::from_mut(&mut reprocess));
        world.send_unsigned(&[reprocess]).assert_ok();
        way.read_claim(&world, TRIED)
    }
}

/// Flags the claim of this turn, the last one.
fn flag(turns: &mut Turns, turn: u32) {
    assert_eq!(turns.last, turn);
    turns.reprocess_from = turn - 1;
    turns.reprocess_to = turn;
}

/// Writes a zero-copy account anew.
fn write<T: anchor_lang::ZeroCopy>(world: &mut World, address: &Pubkey, value: &T) {
    let mut account = world.raw(address).unwrap();
    account.data[8..].copy_from_slice(bytemuck::bytes_of(value));
    world.set_raw(address, account);
}
