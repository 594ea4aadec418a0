//! What is to be paid, in which transactions. Read from the ledger each time: its bits are the receipts.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use solana_instruction::{AccountMeta, Instruction};
use solana_pubkey::Pubkey;
use trials::instructions::PayParticipantsArgs;
use trials::state::{Participant, Trial};
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
    /// At the last try the token account could not take it.
    pub undeliverable: bool,
}

impl Due {
    /// Whose it is.
    pub fn seat(&self) -> Seat {
        (self.cohort, self.index)
    }
}

/// A participant: the cohort and the index in it.
pub type Seat = (Pubkey, u16);

/// What the ledger says of a trial's payments at one moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Everybody to whom something is due, in the order of cohorts and indexes.
    pub due: Vec<Due>,
    /// What each has been paid since the beginning, in cents.
    pub paid: BTreeMap<Seat, u64>,
}

impl Standing {
    /// Reads it from pages.
    pub fn of(pages: &[Page]) -> Self {
        let mut standing = Self::default();
        for page in pages {
            for (index, participant) in (0..).zip(&page.participants) {
                if participant.paid > 0 {
                    standing
                        .paid
                        .insert((page.address, index), participant.paid);
                }
                if participant.due > 0 {
                    standing.due.push(Due {
                        cohort: page.address,
                        index,
                        payee: participant.payee,
                        amount: participant.due,
                        undeliverable: participant.has(Participant::UNDELIVERABLE),
                    });
                }
            }
        }
        standing
    }

    /// What somebody has been paid since `before`, in cents.
    pub fn paid_since(&self, before: &Self, seat: &Seat) -> u64 {
        let of = |standing: &Self| standing.paid.get(seat).copied().unwrap_or_default();
        of(self).saturating_sub(of(before))
    }
}

/// Participants of one cohort who are paid in one transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch(pub Vec<Due>);

/// Batches of at most `size` for those whose payment has not `failed`, the largest first: what the first needs is enough for all.
pub fn batches(due: &[Due], failed: &BTreeSet<Seat>, size: usize) -> Vec<Batch> {
    let open: Vec<Due> = due
        .iter()
        .filter(|one| !failed.contains(&one.seat()))
        .copied()
        .collect();
    let mut batches: Vec<Batch> = open
        .chunk_by(|a, b| a.cohort == b.cohort)
        .flat_map(|of_one_cohort| of_one_cohort.chunks(size.max(1)))
        .map(|chunk| Batch(chunk.to_vec()))
        .collect();
    batches.sort_by_key(|batch| Reverse(batch.0.len()));
    batches
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
            undeliverable: false,
        }
    }

    #[test]
    fn batches_keep_to_one_cohort_and_leave_out_whose_payment_failed() {
        let due: Vec<Due> = (0..5)
            .map(|n| one(1, n))
            .chain((0..2).map(|n| one(2, n)))
            .collect();
        let tried = BTreeSet::from([due[1].seat()]);
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
                vec![(2, 0), (2, 1)],
                vec![(1, 4)]
            ]
        );
        assert_eq!(of(9).len(), 2);
        assert_eq!(of(0).len(), 6, "one by one rather than not at all");
        assert!(batches(&due[1..2], &tried, 3).is_empty());
    }
    #[test]
    fn what_was_paid_is_the_difference_of_two_looks() {
        let standing = |paid: &[(u16, u64)]| Standing {
            due: Vec::new(),
            paid: paid
                .iter()
                .map(|(index, cents)| (one(1, *index).seat(), *cents))
                .collect(),
        };
        let (before, after) = (standing(&[(0, 5)]), standing(&[(0, 12), (1, 3)]));
        let paid = |index| after.paid_since(&before, &one(1, index).seat());
        assert_eq!([paid(0), paid(1), paid(2)], [7, 3, 0]);
    }
}
