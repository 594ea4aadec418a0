//! What a claim states beyond its lines: only of claims under plans that ask for it.

use anchor_lang::prelude::*;
use anchor_lang::Space;
use galen_rules::adjudication::details::Past;
use galen_rules::Date;

use super::ClaimLine;
use crate::constants::{MAX_ATTACHED, MAX_CLAIM_FACTS, MAX_LINES};
use crate::error::ClaimsError;

/// One fact.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClaimFact {
    /// Index of the line that it is about, from 0; [`ClaimFact::ALL_LINES`] = the claim.
    pub line: u8,
    /// What it is.
    pub kind: ClaimFactKind,
    /// Keyed identifier of what it names; zeros where it names nothing.
    pub key: [u8; 8],
    /// A day, since 1970-01-01; 0 where it has none.
    pub day: i32,
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
pub enum ClaimFactKind {
    /// The diagnosis `key`; of the claim, for the lines that have none of their own.
    Diagnosis,
    /// It was done at the place `key`; of the claim, for the lines that have none of their own.
    Place,
    /// The line has the modifier `key`.
    Modifier,
    /// `key` is stated.
    Information,
    /// `key` is attached.
    Attachment,
    /// The line's service took until `day`.
    Until,
    /// The provider's type is `key`.
    ProviderType,
    /// There is a referral.
    Referral,
    /// The claim asks `key` to pay.
    Payer,
    /// It was late by an error of the payer, of which the notice is of `day` (42 CFR 424.44(b)(1)).
    AdministrativeError,
    /// By entitlement that reaches back, of which the notice is of `day` ((b)(2)).
    RetroactiveEntitlement,
    /// The same, where Medicaid took its payment back on `day` ((b)(3)).
    MedicaidRecoupment,
    /// By disenrolment that reaches back, where the plan took its payment back on `day` ((b)(4)).
    AdvantageDisenrolment,
    /// Law or contract forbids to bill the patient what the plan does not allow; of the claim, for all lines. The provider says so
    /// against itself: it changes who bears that, and nothing that is paid.
    BalanceBillingBanned,
    /// What appeals have waived, as bits of `day`: `WAIVE_FILING` and so on. `overturn_appeal` writes it, of the claim, and nobody
    /// states it.
    Waived,
    /// A reviewer of the insurer's has found that the line was not necessary (CARC 50). `decide_claim` writes it, and nobody states it.
    NotNecessary,
    /// The same: that the documents do not support the line as it was billed (CARC 150).
    LevelUnsupported,
}

impl ClaimFact {
    /// `line` of a fact about the claim.
    pub const ALL_LINES: u8 = u8::MAX;

    /// Whether it is stated of the line at `index` or of the claim.
    pub fn is_about(&self, index: usize) -> bool {
        self.line == Self::ALL_LINES || usize::from(self.line) == index
    }

    /// What facts ascend by.
    fn order(&self) -> (u8, ClaimFactKind, [u8; 8]) {
        (self.line, self.kind, self.key)
    }

    /// Whether it can be stated of a claim with these lines.
    fn holds_for(&self, lines: &[ClaimLine]) -> bool {
        use ClaimFactKind as K;
        if self.kind == K::Waived || self.is_finding() {
            return false;
        }
        let line = lines.get(usize::from(self.line));
        let of_claim = self.line == Self::ALL_LINES;
        let place = match self.kind {
            K::Modifier | K::Until => line.is_some(),
            K::Diagnosis | K::Place | K::Information | K::Attachment | K::BalanceBillingBanned => {
                of_claim || line.is_some()
            }
            _ => of_claim,
        };
        let key = match self.kind {
            K::Until
            | K::Referral
            | K::AdministrativeError
            | K::RetroactiveEntitlement
            | K::MedicaidRecoupment
            | K::AdvantageDisenrolment
            | K::BalanceBillingBanned => self.key == [0; 8],
            _ => self.key != [0; 8],
        };
        let day = match self.kind {
            K::Until => {
                line.is_some_and(|line| line.service_date <= self.day)
                    && Date::from_days(self.day).is_some()
            }
            K::AdministrativeError
            | K::RetroactiveEntitlement
            | K::MedicaidRecoupment
            | K::AdvantageDisenrolment => Date::from_days(self.day).is_some(),
            _ => self.day == 0,
        };
        place && key && day
    }

    /// Whether a line, or the claim, has at most one of its kind.
    fn is_alone(&self) -> bool {
        use ClaimFactKind::{Attachment, Diagnosis, Information, Modifier};
        !matches!(self.kind, Diagnosis | Modifier | Information | Attachment)
    }

    /// Whether a reviewer has found it.
    pub fn is_finding(&self) -> bool {
        use ClaimFactKind::{LevelUnsupported, NotNecessary};
        matches!(self.kind, NotNecessary | LevelUnsupported)
    }

    fn is_exception(&self) -> bool {
        use ClaimFactKind::{AdministrativeError, AdvantageDisenrolment};
        (AdministrativeError..=AdvantageDisenrolment).contains(&self.kind)
    }
}

/// The facts of a claim, ascending by line, kind and key. They follow what other payers have decided in the claim's account, or
/// are nothing at all, so that they cost the other claims no byte: a zero, which says that no more other payers follow, their
/// number (u8, at least 1), and the facts.
///
/// Where there are other payers' decisions, those begin with their number, which is not zero; where there are none, their
/// reader takes the zero for their number. So whoever reads on finds the zero or the number of facts, and knows which it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimFacts(Vec<ClaimFact>);

impl Space for ClaimFacts {
    const INIT_SPACE: usize = 0;
}

impl AnchorSerialize for ClaimFacts {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        let count = u8::try_from(self.0.len()).map_err(|_| std::io::ErrorKind::InvalidData)?;
        writer.write_all(&[0, count])?;
        self.0.iter().try_for_each(|fact| fact.serialize(writer))
    }
}

impl AnchorDeserialize for ClaimFacts {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let mut byte = [0];
        // At the end of the data nothing is read, and the byte stays what it is.
        if reader.read(&mut byte)? == 1 && byte == [0] {
            let _ = reader.read(&mut byte)?;
        }
        let [count] = byte;
        (0..count)
            .map(|_| ClaimFact::deserialize_reader(reader))
            .collect::<std::io::Result<_>>()
            .map(Self)
    }
}

// Clients that read by the IDL stop at the end of the lines.
#[cfg(feature = "idl-build")]
impl anchor_lang::IdlBuild for ClaimFacts {
    fn create_type() -> Option<anchor_lang::idl::types::IdlTypeDef> {
        use anchor_lang::idl::types::{IdlSerialization, IdlTypeDef, IdlTypeDefTy};
        Some(IdlTypeDef {
            name: "ClaimFacts".to_owned(),
            docs: vec![
                "What a claim states beyond its lines. It is read by no client: where there is any, a zero, its number (u8) and entries (ClaimFact) follow what other payers have decided.".to_owned(),
            ],
            serialization: IdlSerialization::Borsh,
            repr: None,
            generics: Vec::new(),
            ty: IdlTypeDefTy::Struct { fields: None },
        })
    }
}

impl ClaimFacts {
    /// The bit of a line among bits by index, of which there are as many as a claim has lines; none for what is about the claim.
    pub fn bit(line: u8) -> u16 {
        1_u16.checked_shl(line.into()).unwrap_or(0)
    }

    /// Bytes that `count` facts take in a claim's account.
    pub const fn size(count: usize) -> usize {
        match count {
            0 => 0,
            _ => count
                .saturating_mul(ClaimFact::INIT_SPACE)
                .saturating_add(2),
        }
    }

    /// The facts.
    pub fn entries(&self) -> &[ClaimFact] {
        &self.0
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether nothing is stated: what appeals have waived tells the rulebook nothing of the claim.
    pub fn states_nothing(&self) -> bool {
        self.0.iter().all(|fact| fact.kind == ClaimFactKind::Waived)
    }

    /// The last day of all services of several days, since 1970-01-01; none where there are no such.
    pub fn last_day(&self) -> Option<i32> {
        let until = |fact: &&ClaimFact| fact.kind == ClaimFactKind::Until;
        self.0.iter().filter(until).map(|fact| fact.day).max()
    }

    /// How many days after `service_date` the service of a line went on, as the history keeps it.
    pub fn further_days(&self, line: u8, service_date: i32) -> u8 {
        let until = |fact: &&ClaimFact| fact.line == line && fact.kind == ClaimFactKind::Until;
        let last = self.0.iter().find(until);
        let days = last.and_then(|fact| {
            let last = Date::from_days(fact.day)?;
            Some(Past::further_days(Date::from_days(service_date)?, last))
        });
        days.unwrap_or(0)
    }

    /// What appeals have waived, as bits.
    #[inline(always)]
    pub fn waived(&self) -> u16 {
        // It is the last of all.
        match self.0.last() {
            Some(fact) if fact.kind == ClaimFactKind::Waived => {
                let [low, high, ..] = fact.day.to_le_bytes();
                u16::from_le_bytes([low, high])
            }
            _ => 0,
        }
    }

    /// How many facts more there are once these bits are waived too: one, or none.
    pub fn more_to_waive(&self, bits: u16) -> usize {
        usize::from(bits != 0 && self.waived() == 0)
    }

    /// Waives these bits too.
    pub fn waive(&mut self, bits: u16) {
        let waived = self.waived();
        let all = waived | bits;
        if all == waived {
            return;
        }
        if waived != 0 {
            self.0.pop();
        }
        self.0.push(ClaimFact {
            line: ClaimFact::ALL_LINES,
            kind: ClaimFactKind::Waived,
            key: [0; 8],
            day: all.into(),
        });
    }

    /// The lines of which a reviewer has found something, as bits by index.
    pub fn found_lines(&self) -> u16 {
        let found = self.0.iter().filter(|fact| fact.is_finding());
        found.fold(0, |lines, fact| lines | Self::bit(fact.line))
    }

    /// How many facts more there are once a reviewer has found something of these lines too, bits by index.
    pub fn more_to_find(&self, lines: u16) -> usize {
        // At most sixteen.
        (lines & !self.found_lines()).count_ones() as usize
    }

    /// Notes what a reviewer has found of these lines, bits by index; of each it is in place of what was found before.
    pub fn find(&mut self, lines: u16, kind: ClaimFactKind) {
        self.0
            .retain(|fact| !fact.is_finding() || lines & Self::bit(fact.line) == 0);
        for line in (0..MAX_LINES).filter(|line| lines & Self::bit(*line) != 0) {
            let fact = ClaimFact {
                line,
                kind,
                key: [0; 8],
                day: 0,
            };
            let place = self.0.partition_point(|other| other.order() < fact.order());
            self.0.insert(place, fact);
        }
    }

    /// Adds facts about a claim with these lines.
    ///
    /// # Errors
    /// `FactsEmpty`, `TooManyFacts`, `FactsOutOfOrder`, `FactInvalid`.
    pub fn add(&mut self, facts: &[ClaimFact], lines: &[ClaimLine]) -> Result<()> {
        require!(!facts.is_empty(), ClaimsError::FactsEmpty);
        let room = usize::from(MAX_CLAIM_FACTS).saturating_sub(self.0.len());
        require!(facts.len() <= room, ClaimsError::TooManyFacts);
        for fact in facts {
            require!(
                self.0.last().is_none_or(|last| last.order() < fact.order()),
                ClaimsError::FactsOutOfOrder
            );
            let mut before = self.0.iter().rev();
            let repeats = before.next().is_some_and(|last| {
                last.line == fact.line
                    && ((last.kind == fact.kind && fact.is_alone())
                        || (last.is_exception() && fact.is_exception()))
            });
            require!(fact.holds_for(lines) && !repeats, ClaimsError::FactInvalid);
            self.0.push(*fact);
        }
        Ok(())
    }

    /// Adds attachments that have come since a claim with these lines was submitted, each in its place. They have room of their own.
    ///
    /// # Errors
    /// `FactsEmpty`, `TooManyFacts`, `FactNotAttachment`, `FactInvalid`, `FactsOutOfOrder` where they do not ascend or one is stated
    /// already.
    pub fn attach(&mut self, facts: &[ClaimFact], lines: &[ClaimLine]) -> Result<()> {
        require!(!facts.is_empty(), ClaimsError::FactsEmpty);
        let most = usize::from(MAX_CLAIM_FACTS).saturating_add(MAX_ATTACHED.into());
        let room = most.saturating_sub(self.0.len());
        require!(facts.len() <= room, ClaimsError::TooManyFacts);
        let mut after = 0;
        for fact in facts {
            require!(
                fact.kind == ClaimFactKind::Attachment,
                ClaimsError::FactNotAttachment
            );
            require!(fact.holds_for(lines), ClaimsError::FactInvalid);
            let place = self.0.partition_point(|other| other.order() < fact.order());
            let is_there = self
                .0
                .get(place)
                .is_some_and(|other| other.order() == fact.order());
            require!(place >= after && !is_there, ClaimsError::FactsOutOfOrder);
            self.0.insert(place, *fact);
            after = place.saturating_add(1);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::state::{Claim, ClaimLineArgs, Opening, OtherPayer, OtherPayers};

    fn lines() -> Vec<ClaimLine> {
        let line = ClaimLineArgs {
            code_key: [1; 8],
            modifiers: [0; 4],
            units: 1,
            charge: 100_000,
            day: 0,
        };
        let mut claim = Claim::open(Opening {
            bump: 255,
            pool: Pubkey::default(),
            provider: Pubkey::default(),
            claim_id: [1; 16],
            document: [1; 32],
            opener: Pubkey::default(),
            service_date: 20_000,
            line_count: 2,
        })
        .unwrap();
        claim.append(0, &[line, line]).unwrap();
        claim.lines
    }

    fn fact(line: u8, kind: ClaimFactKind, key: u8, day: i32) -> ClaimFact {
        ClaimFact {
            line,
            kind,
            key: [key; 8],
            day,
        }
    }

    #[test]
    fn they_are_read_as_they_are_written_with_and_without_other_payers() {
        let mut facts = ClaimFacts::default();
        let all = [
            fact(0, ClaimFactKind::Diagnosis, 1, 0),
            fact(255, ClaimFactKind::Referral, 0, 0),
        ];
        facts.add(&all, &lines()).unwrap();
        let mut decided = OtherPayers::default();
        let entry = OtherPayer {
            line: 1,
            allowed: 3,
            paid: 2,
            obligated: 3,
        };
        decided.add(&[entry], &lines()).unwrap();
        for others in [OtherPayers::default(), decided] {
            for facts in [&facts, &ClaimFacts::default()] {
                let mut bytes = Vec::new();
                others.serialize(&mut bytes).unwrap();
                facts.serialize(&mut bytes).unwrap();
                assert_eq!(
                    bytes.len(),
                    OtherPayers::size(others.entries().len())
                        + ClaimFacts::size(facts.entries().len())
                );
                // The account may be longer than what is in it.
                for padding in [0, 7] {
                    let data = [bytes.clone(), vec![0; padding]].concat();
                    let mut reader = &data[..];
                    let read = OtherPayers::deserialize_reader(&mut reader).unwrap();
                    assert_eq!(read, others);
                    let read = ClaimFacts::deserialize_reader(&mut reader).unwrap();
                    assert_eq!(read, *facts);
                }
            }
        }
    }

    #[test]
    fn what_can_be_stated() {
        use ClaimFactKind as K;
        for (fact, holds) in [
            (fact(0, K::Diagnosis, 1, 0), true),
            (fact(255, K::Diagnosis, 1, 0), true),
            (fact(2, K::Diagnosis, 1, 0), false),
            (fact(0, K::Diagnosis, 0, 0), false),
            (fact(0, K::Diagnosis, 1, 5), false),
            (fact(1, K::Modifier, 1, 0), true),
            (fact(255, K::Modifier, 1, 0), false),
            (fact(1, K::Until, 0, 20_000), true),
            (fact(1, K::Until, 0, 19_999), false),
            (fact(255, K::Until, 0, 20_000), false),
            (fact(0, K::ProviderType, 1, 0), false),
            (fact(255, K::ProviderType, 1, 0), true),
            (fact(255, K::Referral, 1, 0), false),
            (fact(255, K::MedicaidRecoupment, 0, 20_400), true),
            (fact(255, K::MedicaidRecoupment, 0, i32::MAX), false),
            (fact(1, K::BalanceBillingBanned, 0, 0), true),
            (fact(255, K::BalanceBillingBanned, 0, 0), true),
            (fact(2, K::BalanceBillingBanned, 0, 0), false),
            (fact(1, K::BalanceBillingBanned, 1, 0), false),
            (fact(1, K::BalanceBillingBanned, 0, 20_000), false),
        ] {
            let added = ClaimFacts::default().add(&[fact], &lines());
            assert_eq!(added.is_ok(), holds, "{fact:?}");
        }
    }

    #[test]
    fn what_a_reviewer_finds_stands_in_its_place_once() {
        use ClaimFactKind as K;
        let mut facts = ClaimFacts::default();
        let stated = [
            fact(0, K::Diagnosis, 1, 0),
            fact(1, K::Place, 1, 0),
            fact(255, K::Referral, 0, 0),
        ];
        facts.add(&stated, &lines()).unwrap();
        facts.waive(5);
        assert_eq!((facts.found_lines(), facts.more_to_find(0b11)), (0, 2));
        facts.find(0b10, K::NotNecessary);
        assert_eq!((facts.found_lines(), facts.more_to_find(0b11)), (0b10, 1));
        facts.find(0b11, K::LevelUnsupported);
        let kinds: Vec<_> = facts
            .entries()
            .iter()
            .map(|fact| (fact.line, fact.kind))
            .collect();
        assert_eq!(
            kinds,
            [
                (0, K::Diagnosis),
                (0, K::LevelUnsupported),
                (1, K::Place),
                (1, K::LevelUnsupported),
                (255, K::Referral),
                (255, K::Waived),
            ]
        );
        assert_eq!((facts.waived(), facts.more_to_find(0b11)), (5, 0));
        // Nobody states it.
        for kind in [K::NotNecessary, K::LevelUnsupported] {
            let finding = fact(0, kind, 0, 0);
            assert!(ClaimFacts::default().add(&[finding], &lines()).is_err());
        }
        // The last line that a claim can have.
        facts.find(1 << 15, K::NotNecessary);
        assert_eq!(facts.found_lines(), 0b11 | 1 << 15);
    }

    #[test]
    fn an_attachment_that_comes_later_stands_in_its_place_once() {
        use ClaimFactKind as K;
        let mut facts = ClaimFacts::default();
        let stated = [
            fact(0, K::Attachment, 5, 0),
            fact(0, K::Until, 0, 20_001),
            fact(1, K::Place, 1, 0),
            fact(255, K::Referral, 0, 0),
        ];
        facts.add(&stated, &lines()).unwrap();
        facts.waive(5);
        let code = |refused: Result<()>| match refused {
            Err(Error::AnchorError(error)) => error.error_code_number,
            other => panic!("{other:?}"),
        };
        let before = facts.clone();
        let attachment = |line, key| fact(line, K::Attachment, key, 0);
        for (more, wanted) in [
            (vec![], ClaimsError::FactsEmpty),
            (
                vec![fact(0, K::Information, 5, 0)],
                ClaimsError::FactNotAttachment,
            ),
            (
                vec![fact(255, K::Waived, 0, 7)],
                ClaimsError::FactNotAttachment,
            ),
            (vec![attachment(2, 5)], ClaimsError::FactInvalid),
            (vec![attachment(0, 0)], ClaimsError::FactInvalid),
            (vec![attachment(0, 5)], ClaimsError::FactsOutOfOrder),
            (
                vec![attachment(1, 5), attachment(0, 6)],
                ClaimsError::FactsOutOfOrder,
            ),
            (
                vec![attachment(1, 5), attachment(1, 5)],
                ClaimsError::FactsOutOfOrder,
            ),
            (
                (0..=MAX_CLAIM_FACTS + MAX_ATTACHED)
                    .map(|n| attachment(0, n))
                    .collect(),
                ClaimsError::TooManyFacts,
            ),
        ] {
            // A refusal has the whole transaction undone.
            let refused = before.clone().attach(&more, &lines());
            assert_eq!(code(refused), u32::from(wanted), "{more:?}");
        }
        let more = [
            attachment(0, 4),
            attachment(0, 6),
            attachment(1, 5),
            attachment(255, 5),
        ];
        facts.attach(&more, &lines()).unwrap();
        let order: Vec<_> = facts
            .entries()
            .iter()
            .map(|fact| (fact.line, fact.kind, fact.key[0]))
            .collect();
        assert_eq!(
            order,
            [
                (0, K::Attachment, 4),
                (0, K::Attachment, 5),
                (0, K::Attachment, 6),
                (0, K::Until, 0),
                (1, K::Place, 1),
                (1, K::Attachment, 5),
                (255, K::Attachment, 5),
                (255, K::Referral, 0),
                (255, K::Waived, 0),
            ]
        );
        assert_eq!(facts.waived(), 5);
    }

    #[test]
    fn they_ascend_and_one_of_a_kind_is_alone() {
        use ClaimFactKind as K;
        let mut facts = ClaimFacts::default();
        let two = [fact(0, K::Diagnosis, 1, 0), fact(0, K::Diagnosis, 2, 0)];
        facts.add(&two, &lines()).unwrap();
        for refused in [fact(0, K::Diagnosis, 2, 0), fact(0, K::Diagnosis, 1, 0)] {
            assert!(facts.add(&[refused], &lines()).is_err(), "{refused:?}");
        }
        facts.add(&[fact(0, K::Place, 1, 0)], &lines()).unwrap();
        assert!(facts.add(&[fact(0, K::Place, 2, 0)], &lines()).is_err());
        facts
            .add(&[fact(255, K::AdministrativeError, 0, 20_100)], &lines())
            .unwrap();
        let second = fact(255, K::MedicaidRecoupment, 0, 20_100);
        assert!(facts.add(&[second], &lines()).is_err());
        // It is no exception, and stands beside one.
        facts
            .add(&[fact(255, K::BalanceBillingBanned, 0, 0)], &lines())
            .unwrap();
        assert!(facts.add(&[], &lines()).is_err());
    }
}
