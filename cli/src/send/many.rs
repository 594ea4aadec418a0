//! Many transactions of one kind: signed and written down by the wave, under way several at a time.

use solana_instruction::Instruction;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_transaction::Transaction;

use super::{fate, wire, Ledger};
use crate::error::Result;
use crate::store::{Progress, SentTransaction};

/// The label of payments to participants: the program makes an amount due zero when it pays it.
pub const PAY_PARTICIPANTS: &str = "Pay participants";

/// The label of claims of a batch: each has an address of its own, which can be taken once.
pub const SUBMIT_CLAIMS: &str = "Submit claims";

/// The label of draws: a claim waits for its draw once.
pub const DRAW_CLAIMS: &str = "Draw claims";

/// The label of the members of a table: each has an address of its own, which can be taken once.
pub const ENROL_MEMBERS: &str = "Enrol members";

/// The label of changes of members by a table: each is signed for one sequence number of the member, only ever raises a number, or can be
/// done once: a family and an authorization have addresses of their own, and a member joins one family.
pub const CHANGE_MEMBERS: &str = "Change members";

/// The label of what anybody may do about a pool's claims once its time has come: what was done is not due any more.
pub const CRANK_POOL: &str = "Do what is due";

/// Whether the repetition of a transaction with this label has no effect: a later run then need not wait until those of
/// an earlier one have landed or ended.
pub(super) fn is_repeatable(label: &str) -> bool {
    [
        CHANGE_MEMBERS,
        CRANK_POOL,
        DRAW_CLAIMS,
        ENROL_MEMBERS,
        PAY_PARTICIPANTS,
        SUBMIT_CLAIMS,
    ]
    .contains(&label)
}

/// Transactions that are signed with one blockhash: all of them are under way well before it ends.
const WAVE: usize = 64;

/// How many simulations are under way at once.
const CONNECTIONS: usize = 8;

/// A transaction to be.
pub struct Draft<'a> {
    /// What it does.
    pub instructions: Vec<Instruction>,
    /// Who signs beside the user and the payer.
    pub signers: Vec<&'a dyn Signer>,
    /// Compute units that it is given; none: what it is found to need when it is simulated.
    pub limit: Option<u32>,
}

/// What a landed transaction has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Its fee, in lamports; rent of new accounts is beside it.
    pub fee: u64,
    /// Compute units that it used.
    pub compute_units: u64,
}

/// Each transaction's signature, or why it did not get there, in their order.
pub type Fates = Vec<Result<String>>;

impl Ledger<'_> {
    /// Runs the instructions without sending them. Returns the compute units that a transaction of them is given.
    ///
    /// # Errors
    /// The program's refusal by name.
    pub fn try_out(&self, instructions: &[Instruction]) -> Result<u32> {
        self.simulate(instructions)
    }

    /// Sends a transaction for each list of instructions, and calls `landed` with how many more have arrived. The first of
    /// each wave is simulated, and the others, which are of its kind and no larger, get the compute units that it needs.
    /// Signed by the user and the payer.
    ///
    /// # Errors
    /// Where none can be sent: the first one's refusal, `cluster_unreachable`, `undecided`. What becomes of each of those
    /// that were sent stands in the answer.
    pub fn send_all(
        &self,
        label: &str,
        all: &[Vec<Instruction>],
        mut landed: impl FnMut(usize),
    ) -> Result<Fates> {
        let mut fates = Vec::with_capacity(all.len());
        for wave in all.chunks(WAVE) {
            let Some(first) = wave.first() else { break };
            let limit = self.simulate(first)?;
            fates.extend(self.send_wave(label, wave, limit, &mut landed)?);
        }
        Ok(fates)
    }

    /// Sends a transaction for each draft. Each that names no limit is simulated by itself, so that what one is refused for is
    /// known without holding up the others; of those that do, the node's own check says it. Signed by the user, the payer and whoever the draft names. No draft may need another's effect.
    ///
    /// # Errors
    /// `cluster_unreachable`, `undecided`. What becomes of each draft stands in the answer.
    pub fn send_each(
        &self,
        label: &str,
        drafts: &[Draft],
        mut landed: impl FnMut(usize),
    ) -> Result<Fates> {
        let mut fates = Vec::with_capacity(drafts.len());
        for wave in drafts.chunks(WAVE) {
            let limits = self.simulate_each(wave)?;
            let sign = |blockhash| {
                let mut transactions = Vec::with_capacity(wave.len());
                let signed: Vec<Result<()>> = wave
                    .iter()
                    .zip(&limits)
                    .map(|(draft, limit)| {
                        let limit = limit.as_ref().map_err(Clone::clone)?;
                        let instructions = self.budgeted(*limit, &draft.instructions);
                        let signers: Vec<&dyn Signer> = std::iter::once(self.signer.as_ref())
                            .chain(draft.signers.iter().copied())
                            .collect();
                        transactions.push(self.sign(&instructions, &signers, blockhash)?);
                        Ok(())
                    })
                    .collect();
                Ok((transactions, signed))
            };
            let ((transactions, signed), last_valid_block_height) =
                self.sign_anew(sign, |(transactions, _)| transactions)?;
            let mut sent = self
                .dispatch(label, &transactions, last_valid_block_height, &mut landed)?
                .into_iter();
            fates.extend(signed.into_iter().map(|signed| {
                signed.and_then(|()| sent.next().unwrap_or_else(|| Ok(String::new())))
            }));
        }
        Ok(fates)
    }

    /// The limit for a transaction where compute units have no price, so that a generous one costs nothing: the cluster's own
    /// default. None where they have one: what is needed is then worth finding out.
    pub fn unpriced_limit(&self, instructions: &[Instruction]) -> Option<u32> {
        self.settings
            .compute_unit_price
            .is_none()
            .then(|| super::default_limit(instructions))
    }

    /// What landed transactions have cost, several asked for at a time; none of those that the cluster does not know.
    pub fn costs(&self, signatures: &[String]) -> Vec<Option<Cost>> {
        let client = &self.cluster.client;
        at_once(signatures, |signature| super::cost_of(client, signature))
    }

    /// The compute units that each draft needs, several at a time.
    fn simulate_each(&self, drafts: &[Draft]) -> Result<Vec<Result<u32>>> {
        let blockhash = match drafts.iter().any(|draft| draft.limit.is_none()) {
            true => self.blockhash()?.0,
            false => solana_hash::Hash::default(),
        };
        let rehearsals: Vec<(Option<u32>, Transaction)> = drafts
            .iter()
            .map(|draft| (draft.limit, self.rehearsal(&draft.instructions, blockhash)))
            .collect();
        let simulation = self.simulation();
        let limits = at_once(&rehearsals, |(limit, transaction)| match limit {
            Some(limit) => wire(transaction).map(|_| *limit),
            None => simulation.run(transaction),
        });
        // Silence is not a refusal: nothing is known of the others then.
        match limits.iter().find_map(|limit| {
            limit
                .as_ref()
                .err()
                .filter(|error| error.code == "cluster_unreachable")
        }) {
            Some(silence) => Err(silence.clone()),
            None => Ok(limits),
        }
    }

    fn send_wave(
        &self,
        label: &str,
        wave: &[Vec<Instruction>],
        limit: u32,
        landed: &mut impl FnMut(usize),
    ) -> Result<Fates> {
        let sign = |blockhash| {
            wave.iter()
                .map(|instructions| {
                    let instructions = self.budgeted(limit, instructions);
                    self.sign(&instructions, &[self.signer.as_ref()], blockhash)
                })
                .collect::<Result<Vec<_>>>()
        };
        let (transactions, last_valid_block_height) =
            self.sign_anew(sign, |transactions| transactions)?;
        self.dispatch(label, &transactions, last_valid_block_height, landed)
    }

    /// Writes signed transactions down, gets them there, and writes down what became of them.
    fn dispatch(
        &self,
        label: &str,
        transactions: &[Transaction],
        last_valid_block_height: u64,
        landed: &mut impl FnMut(usize),
    ) -> Result<Fates> {
        let mut sent = Vec::with_capacity(transactions.len());
        for transaction in transactions {
            sent.push(SentTransaction {
                signature: super::signature(transaction).to_string(),
                cluster: self.cluster.genesis.clone(),
                label: label.to_owned(),
                bytes: wire(transaction)?,
                last_valid_block_height,
                progress: Progress::Signed,
            });
        }
        // All of them are on disk before the first byte of any leaves.
        self.store.note_transactions(&sent)?;
        let fates = fate::courier(self)
            .deliver(transactions, last_valid_block_height, || landed(1))
            .map_err(|error| fate::undecided_among(self, &sent, &error))?;
        let settle = |(sent, fate): (&SentTransaction, crate::courier::Fate)| {
            let signature: Signature = sent.signature.parse().unwrap_or_default();
            fate::settle(self, &signature, sent, fate).map(|_| sent.signature.clone())
        };
        Ok(sent.iter().zip(fates).map(settle).collect())
    }
}

/// What `work` makes of each, in their order, with several connections at a time.
fn at_once<T: Sync, R: Send>(all: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let share = all.len().div_ceil(CONNECTIONS).max(1);
    let work = &work;
    std::thread::scope(|scope| {
        let threads: Vec<_> = all
            .chunks(share)
            .map(|chunk| scope.spawn(move || chunk.iter().map(work).collect::<Vec<_>>()))
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_default())
            .collect()
    })
}
