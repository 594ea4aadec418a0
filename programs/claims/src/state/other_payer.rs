//! What another payer has decided about lines of a claim: only of claims that were billed elsewhere first.

use anchor_lang::prelude::*;
use anchor_lang::Space;
use galen_rules::adjudication as rules;
use galen_rules::Cents;

use super::ClaimLine;
use crate::error::ClaimsError;

/// What another payer has decided about a line, in cents: paid ≤ allowed ≤ obligated ≤ charge.
#[derive(AnchorSerialize, AnchorDeserialize, InitSpace, Clone, Copy, Debug, PartialEq, Eq)]
pub struct OtherPayer {
    /// Index of the line, from 0.
    pub line: u8,
    /// What it allowed.
    pub allowed: u64,
    /// What it paid.
    pub paid: u64,
    /// What the provider may collect in all; what it allowed, where it says nothing else.
    pub obligated: u64,
}

impl OtherPayer {
    /// What nobody can be asked for any more of a `charge`: what it paid, and what it says that the provider may not
    /// collect. OA-23.
    pub fn settled(&self, charge: u64) -> u64 {
        charge.saturating_sub(self.obligated.saturating_sub(self.paid))
    }

    fn holds_for(&self, line: &ClaimLine) -> bool {
        self.paid <= self.allowed && self.allowed <= self.obligated && self.obligated <= line.charge
    }
}

/// What other payers have decided about a claim's lines, ascending by line. It follows the lines in the claim's account:
/// their number (u8) and the entries, or nothing at all, so that it costs the other claims no byte.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OtherPayers(Vec<OtherPayer>);

impl Space for OtherPayers {
    const INIT_SPACE: usize = 0;
}

impl AnchorSerialize for OtherPayers {
    fn serialize<W: std::io::Write>(&self, writer: &mut W) -> std::io::Result<()> {
        if self.0.is_empty() {
            return Ok(());
        }
        // A claim has few lines.
        let count = u8::try_from(self.0.len()).map_err(|_| std::io::ErrorKind::InvalidData)?;
        writer.write_all(&[count])?;
        self.0.iter().try_for_each(|entry| entry.serialize(writer))
    }
}

impl AnchorDeserialize for OtherPayers {
    fn deserialize_reader<R: std::io::Read>(reader: &mut R) -> std::io::Result<Self> {
        let mut count = [0];
        // At the end of the data nothing is read, and the count stays what it is.
        let _ = reader.read(&mut count)?;
        let [count] = count;
        (0..count)
            .map(|_| OtherPayer::deserialize_reader(reader))
            .collect::<std::io::Result<_>>()
            .map(Self)
    }
}

// Clients that read by the IDL stop at the end of the lines.
#[cfg(feature = "idl-build")]
impl anchor_lang::IdlBuild for OtherPayers {
    fn create_type() -> Option<anchor_lang::idl::types::IdlTypeDef> {
        use anchor_lang::idl::types::{IdlSerialization, IdlTypeDef, IdlTypeDefTy};
        Some(IdlTypeDef {
            name: "OtherPayers".to_owned(),
            docs: vec![
                "What other payers have decided about a claim's lines. It is read by no client: where there is any, its number (u8) and entries (OtherPayer) follow the lines.".to_owned(),
            ],
            serialization: IdlSerialization::Borsh,
            repr: None,
            generics: Vec::new(),
            ty: IdlTypeDefTy::Struct { fields: None },
        })
    }
}

impl OtherPayers {
    /// Bytes that `count` entries take in a claim's account.
    pub const fn size(count: usize) -> usize {
        match count {
            0 => 0,
            _ => count
                .saturating_mul(OtherPayer::INIT_SPACE)
                .saturating_add(1),
        }
    }

    /// The entries.
    pub fn entries(&self) -> &[OtherPayer] {
        &self.0
    }

    /// Adds entries about these lines.
    ///
    /// # Errors
    /// `OtherPayersEmpty`, `OtherPayersOutOfOrder`, `OtherPayerInvalid`.
    pub fn add(&mut self, entries: &[OtherPayer], lines: &[ClaimLine]) -> Result<()> {
        require!(!entries.is_empty(), ClaimsError::OtherPayersEmpty);
        for entry in entries {
            require!(
                self.0.last().is_none_or(|last| last.line < entry.line),
                ClaimsError::OtherPayersOutOfOrder
            );
            require!(
                lines
                    .get(usize::from(entry.line))
                    .is_some_and(|line| entry.holds_for(line)),
                ClaimsError::OtherPayerInvalid
            );
            self.0.push(*entry);
        }
        Ok(())
    }

    /// Tells the rulebook.
    #[inline(always)]
    pub fn tell(&self, lines: &mut [rules::Line]) {
        if !self.0.is_empty() {
            self.tell_each(lines);
        }
    }

    #[cold]
    #[inline(never)]
    fn tell_each(&self, lines: &mut [rules::Line]) {
        for entry in &self.0 {
            if let Some(line) = lines.get_mut(usize::from(entry.line)) {
                line.other_payer = Some(rules::OtherPayer {
                    allowed: Cents::new(entry.allowed),
                    paid: Cents::new(entry.paid),
                    obligated: Cents::new(entry.obligated),
                });
            }
        }
    }

    /// Writes what they have settled to lines that the rulebook did not decide.
    pub fn settle(&self, lines: &mut [ClaimLine]) {
        for entry in &self.0 {
            if let Some(line) = lines.get_mut(usize::from(entry.line)) {
                line.other_payer = entry.settled(line.charge);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(line: u8) -> OtherPayer {
        OtherPayer {
            line,
            allowed: 15_000,
            paid: 12_000,
            obligated: 16_000,
        }
    }

    #[test]
    fn they_are_read_as_they_are_written() {
        let others = OtherPayers(vec![entry(0), entry(3)]);
        let mut bytes = Vec::new();
        AnchorSerialize::serialize(&others, &mut bytes).unwrap();
        assert_eq!(bytes.len(), OtherPayers::size(2));
        assert_eq!(OtherPayers::try_from_slice(&bytes).unwrap(), others);
        assert!(OtherPayers::try_from_slice(&bytes[..bytes.len() - 1]).is_err());
    }

    #[test]
    fn none_take_no_byte() {
        let none = OtherPayers::default();
        let mut bytes = Vec::new();
        AnchorSerialize::serialize(&none, &mut bytes).unwrap();
        assert_eq!((bytes.len(), OtherPayers::size(0)), (0, 0));
        assert_eq!(OtherPayers::try_from_slice(&[]).unwrap(), none);
        assert_eq!(OtherPayers::try_from_slice(&[0]).unwrap(), none);
    }

    #[test]
    fn what_is_settled_is_what_nobody_can_be_asked_for() {
        // 42 CFR 411.33(b): charged 175.00, allowed 150.00, paid 120.00.
        let prior = OtherPayer {
            obligated: 15_000,
            ..entry(0)
        };
        assert_eq!(prior.settled(17_500), 14_500);
    }
}
