//! What an insurer states of a member for the gates that ask: categories with their validity, never a date of birth.

use anchor_lang::prelude::*;

use crate::constants::{ACCOUNT_VERSION, MAX_MEMBER_FACTS};
use crate::convert;
use crate::error::ClaimsError;

/// What is stated of a member: written whole, by the insurer. Sized by its entries.
///
/// # PDA Seeds
/// `["member_facts", member]`
#[account]
#[derive(InitSpace, Debug, PartialEq, Eq)]
pub struct MemberFacts {
    /// Layout of this account.
    pub version: u8,
    /// Bump of the address.
    pub bump: u8,
    /// The member.
    pub member: Pubkey,
    /// The facts, ascending by kind, key and first day.
    #[max_len(MAX_MEMBER_FACTS)]
    pub entries: Vec<MemberFact>,
}

// Created by the program itself, in a call that stops at 10,240 bytes.
const _: () = assert!(8 + MemberFacts::INIT_SPACE <= 10_240);

/// One fact.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberFact {
    /// What it is.
    pub kind: MemberFactKind,
    /// Keyed identifier of what it names; zeros where it names nothing.
    pub key: [u8; 8],
    /// First day on which it holds, in days since 1970-01-01.
    pub from: i32,
    /// Last such day.
    pub to: i32,
}

/// What a fact is. Values never change.
#[derive(
    AnchorSerialize,
    AnchorDeserialize,
    InitSpace,
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
)]
pub enum MemberFactKind {
    /// The member's relation to the subscriber is `key`.
    Relation,
    /// The member is of the category of sex `key`.
    Sex,
    /// The member is of the category of age `key`.
    OfAge,
    /// The member is not of the category of age `key`.
    NotOfAge,
    /// The member meets the requirement `key`.
    Meets,
    /// The diagnosis `key` is of a condition from before coverage.
    PreExisting,
    /// There is no coverage.
    Lapse,
    /// The member has died, on the first day.
    Died,
    /// The member was discharged, on the first day, by the provider whose tag is `key`; zeros = by any.
    Discharge,
}

impl MemberFact {
    /// Whether it holds on a day.
    pub fn holds_on(&self, day: i32) -> bool {
        self.from <= day && day <= self.to
    }

    fn order(&self) -> (MemberFactKind, [u8; 8], i32) {
        (self.kind, self.key, self.from)
    }

    fn is_valid(&self) -> bool {
        use MemberFactKind::{Died, Discharge, Lapse};
        let key = match self.kind {
            Lapse | Died => self.key == [0; 8],
            Discharge => true,
            _ => self.key != [0; 8],
        };
        let single = !matches!(self.kind, Died | Discharge) || self.from == self.to;
        key && single
            && self.from <= self.to
            && convert::date(self.from).is_ok()
            && convert::date(self.to).is_ok()
    }
}

impl MemberFacts {
    /// First seed of the address.
    pub const SEED: &'static [u8] = b"member_facts";

    /// Address of the facts of `member`, and its bump.
    pub fn find_address(member: &Pubkey) -> (Pubkey, u8) {
        Pubkey::find_program_address(&[Self::SEED, member.as_ref()], &crate::ID)
    }

    /// Size in bytes of an account of `count` facts.
    pub const fn size(count: usize) -> usize {
        let missing = (MAX_MEMBER_FACTS as usize).saturating_sub(count);
        (8 + Self::INIT_SPACE).saturating_sub(missing.saturating_mul(MemberFact::INIT_SPACE))
    }

    /// These facts of `member`.
    ///
    /// # Errors
    /// `TooManyFacts`, `FactsOutOfOrder`, `FactInvalid`.
    pub fn stating(bump: u8, member: Pubkey, entries: Vec<MemberFact>) -> Result<Self> {
        require!(
            entries.len() <= usize::from(MAX_MEMBER_FACTS),
            ClaimsError::TooManyFacts
        );
        require!(
            entries.iter().all(MemberFact::is_valid),
            ClaimsError::FactInvalid
        );
        let ascends = entries
            .iter()
            .zip(entries.iter().skip(1))
            .all(|(one, next)| one.order() < next.order());
        require!(ascends, ClaimsError::FactsOutOfOrder);
        Ok(Self {
            version: ACCOUNT_VERSION,
            bump,
            member,
            entries,
        })
    }

    /// What holds after every instruction.
    ///
    /// # Errors
    /// `InvariantBroken`.
    pub fn invariant(&self) -> Result<()> {
        require!(
            self.entries.len() <= usize::from(MAX_MEMBER_FACTS) && self.member != Pubkey::default(),
            ClaimsError::InvariantBroken
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(entries: Vec<MemberFact>) -> Result<()> {
        MemberFacts::stating(1, Pubkey::new_unique(), entries)?.invariant()
    }

    fn fact(kind: MemberFactKind, key: u8, from: i32, to: i32) -> MemberFact {
        MemberFact {
            kind,
            key: [key; 8],
            from,
            to,
        }
    }

    #[test]
    fn what_can_be_stated() {
        use MemberFactKind as K;
        for (fact, valid) in [
            (fact(K::Sex, 1, 5, 9), true),
            (fact(K::Sex, 0, 5, 9), false),
            (fact(K::Sex, 1, 9, 5), false),
            (fact(K::Lapse, 0, 5, 9), true),
            (fact(K::Lapse, 1, 5, 9), false),
            (fact(K::Died, 0, 5, 5), true),
            (fact(K::Died, 0, 5, 9), false),
            (fact(K::Discharge, 0, 5, 5), true),
            (fact(K::Discharge, 3, 5, 6), false),
            (fact(K::OfAge, 1, 5, i32::MAX), false),
        ] {
            assert_eq!(state(vec![fact]).is_ok(), valid, "{fact:?}");
        }
        let one = fact(K::Sex, 1, 5, 9);
        assert!(state(vec![one, fact(K::Sex, 1, 10, 12)]).is_ok());
        assert!(state(vec![one, one]).is_err());
        assert!(state(vec![fact(K::OfAge, 1, 5, 9), one]).is_err());
        let many = (0..=MAX_MEMBER_FACTS).map(|n| fact(K::Lapse, 0, n.into(), n.into()));
        assert!(state(many.collect()).is_err());
    }
}
