//! What is to be paid, in which transactions. Read from the ledger each time: its bits are the receipts.

use std::collections::BTreeSet;

use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;
use trials::instructions::PayParticipantsArgs;
use trials::state::Trial;
use trials::{accounts, instruction};

use super::read::Page;

/// One participant to whom something is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Due {
    /// The cohort.
    pub cohort: Pubkey,
    /// The participant's index in it.
    pub index: u16,
    /// The token account to be paid.
    pub payee: Pubkey,
    /// Cents.
    pub amount: u64,
}

/// Participants of one cohort who are paid in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch(pub Vec<Due>);

/// Everybody to whom something is due, in the order of cohorts and indexes.
pub fn due(pages: &[Page]) -> Vec<Due> {
    pages
        .iter()
        .flat_map(|page| {
            (0..)
                .zip(&page.participants)
                .filter_map(|(index, participant)| {
                    (participant.due > 0).then_some(Due {
                        cohort: page.address,
                        index,
                        payee: participant.payee,
                        amount: participant.due,
                    })
                })
        })
        .collect()
}

/// Batches of at most `size` for those who were not `tried` yet.
pub fn batches(due: &[Due], tried: &BTreeSet<(Pubkey, u16)>, size: usize) -> Vec<Batch> {
    let open: Vec<Due> = due
        .iter()
        .filter(|one| !tried.contains(&(one.cohort, one.index)))
        .copied()
        .collect();
    open.chunk_by(|a, b| a.cohort == b.cohort)
        .flat_map(|of_one_cohort| of_one_cohort.chunks(size.max(1)))
        .map(|chunk| Batch(chunk.to_vec()))
        .collect()
}

impl Batch {
    /// The instruction that pays it; `at_once` through the token program's batch instruction.
    pub fn instruction(&self, trial: &Pubkey, state: &Trial, at_once: bool) -> Instruction {
        let cohort = self.0.first().map(|due| due.cohort).unwrap_or_default();
        let accounts = accounts::PayParticipants {
            trial: *trial,
            cohort,
            vault: state.vault,
            token_program: state.token_program,
            event_authority: trials::EVENT_AUTHORITY_AND_BUMP.0,
            program: trials::ID,
        };
        let data = instruction::PayParticipants {
            args: PayParticipantsArgs {
                indexes: self.0.iter().map(|due| due.index).collect(),
                at_once,
            },
        };
        let mut instruction = crate::chain::instruction(trials::ID, &accounts, &data);
        let payees = self.0.iter().map(|due| AccountMeta::new(due.payee, false));
        instruction.accounts.extend(payees);
        instruction
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(cohort: u8, index: u16) -> Due {
        Due {
            cohort: Pubkey::new_from_array([cohort; 32]),
            index,
            payee: Pubkey::new_from_array([9; 32]),
            amount: 1,
        }
    }

    #[test]
    fn batches_keep_to_one_cohort_and_leave_out_who_was_tried() {
        let due: Vec<Due> = (0..5)
            .map(|n| one(1, n))
            .chain((0..2).map(|n| one(2, n)))
            .collect();
        let tried = BTreeSet::from([(due[1].cohort, 1)]);
        let of = |size| {
            batches(&due, &tried, size)
                .into_iter()
                .map(|batch| {
                    batch
                        .0
                        .iter()
                        .map(|due| (due.cohort.to_bytes()[0], due.index))
                        .collect()
                })
                .collect::<Vec<Vec<(u8, u16)>>>()
        };
        assert_eq!(
            of(3),
            [
                vec![(1, 0), (1, 2), (1, 3)],
                vec![(1, 4)],
                vec![(2, 0), (2, 1)]
            ]
        );
        assert_eq!(of(9).len(), 2);
        assert_eq!(of(0).len(), 6, "one by one rather than not at all");
        assert!(batches(&due[1..2], &tried, 3).is_empty());
    }
}
