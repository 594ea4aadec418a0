//! Many small things of one kind, several in a transaction: what one of them is refused for holds up no other.

use solana_instruction::Instruction;
use solana_signer::Signer;

use super::{Draft, Fates, Ledger};
use crate::error::Result;

/// Most things of a transaction: what one of them is refused for holds up no more than these.
const LARGEST_PACK: usize = 12;
/// Packs that are under way together.
const WAVE: usize = 64;

/// Something to be done, by instructions that stay together.
pub struct Errand<'a> {
    /// What does it.
    pub instructions: Vec<Instruction>,
    /// Who signs beside the user.
    pub signer: Option<&'a dyn Signer>,
}

impl Ledger<'_> {
    /// Does each errand, several in a transaction where they fit one, and calls `done` with how many more have been tried. Where a
    /// transaction of several is refused, each of them is tried by itself. No errand may need another's effect.
    ///
    /// # Errors
    /// `cluster_unreachable`, `undecided`. What becomes of each errand stands in the answer.
    pub fn send_packed(
        &self,
        label: &str,
        errands: &[Errand],
        mut done: impl FnMut(usize),
    ) -> Result<Fates> {
        let packs = self.packs(errands)?;
        let mut fates = Vec::with_capacity(errands.len());
        for wave in packs.chunks(WAVE) {
            let drafts: Vec<Draft> = wave.iter().map(|pack| draft(pack)).collect();
            let sent = self.send_each(label, &drafts, |_| {})?;
            let mut alone = Vec::new();
            let before = fates.len();
            for (pack, fate) in wave.iter().zip(sent) {
                if fate.is_err() && pack.len() > 1 {
                    // One of a pack was refused, and with it all: by themselves, the others are not.
                    alone.extend((fates.len()..).zip(pack.iter()));
                }
                fates.extend(std::iter::repeat_n(fate, pack.len()));
            }
            let drafts: Vec<Draft> = alone
                .iter()
                .map(|(_, errand)| draft(std::slice::from_ref(*errand)))
                .collect();
            let sent = self.send_each(label, &drafts, |_| {})?;
            for ((place, _), fate) in alone.iter().zip(sent) {
                if let Some(first) = fates.get_mut(*place) {
                    *first = fate;
                }
            }
            done(fates.len().saturating_sub(before));
        }
        Ok(fates)
    }

    /// Errands in the packs that fit a transaction each; whoever signs for themselves has one of their own.
    fn packs<'e, 's>(&self, errands: &'e [Errand<'s>]) -> Result<Vec<&'e [Errand<'s>]>> {
        let mut packs = Vec::new();
        let mut rest = errands;
        while !rest.is_empty() {
            let mut size = rest
                .iter()
                .take_while(|errand| errand.signer.is_none())
                .count()
                .clamp(1, LARGEST_PACK);
            while size > 1 {
                let instructions = draft(rest.get(..size).unwrap_or_default()).instructions;
                if self.fits(&instructions)? {
                    break;
                }
                size -= 1;
            }
            let (pack, left) = rest.split_at(size.min(rest.len()));
            packs.push(pack);
            rest = left;
        }
        Ok(packs)
    }
}

fn draft<'s>(pack: &[Errand<'s>]) -> Draft<'s> {
    Draft {
        instructions: pack
            .iter()
            .flat_map(|errand| errand.instructions.iter().cloned())
            .collect(),
        signers: pack.iter().filter_map(|errand| errand.signer).collect(),
        limit: None,
    }
}
