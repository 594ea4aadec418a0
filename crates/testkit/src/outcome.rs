//! What a transaction did, and how to assert it.

use std::collections::BTreeMap;

use anchor_lang::prelude::Pubkey;
use anchor_lang::{AnchorDeserialize, Discriminator};
use litesvm::types::TransactionResult;
use solana_account::AccountSharedData;
use solana_instruction::error::InstructionError;
use solana_transaction_error::TransactionError;

/// The result of a transaction.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Why it failed; none = it succeeded.
    pub error: Option<TransactionError>,
    /// What the programs logged.
    pub logs: Vec<String>,
    /// Compute units consumed.
    pub cu: u64,
    /// Size of the transaction on the wire, signatures included.
    pub bytes: usize,
    /// Accounts named by the transaction, programs and fee payer included.
    pub accounts: usize,
    /// What the last program returned.
    pub returned: Vec<u8>,
    /// Data of every inner instruction, in order.
    inner: Vec<Vec<u8>>,
}

impl Outcome {
    pub(crate) fn new(result: TransactionResult, bytes: usize, accounts: usize) -> Self {
        let (error, meta) = match result {
            Ok(meta) => (None, meta),
            Err(failed) => (Some(failed.err), failed.meta),
        };
        let inner = meta
            .inner_instructions
            .into_iter()
            .flatten()
            .map(|inner| inner.instruction.data)
            .collect();
        Self {
            error,
            logs: meta.logs,
            cu: meta.compute_units_consumed,
            bytes,
            accounts,
            returned: meta.return_data.data,
            inner,
        }
    }

    /// Whether the transaction succeeded.
    pub fn succeeded(&self) -> bool {
        self.error.is_none()
    }

    /// The error of the instruction that failed.
    pub fn instruction_error(&self) -> Option<&InstructionError> {
        match &self.error {
            Some(TransactionError::InstructionError(_, error)) => Some(error),
            _ => None,
        }
    }

    /// The number of the program's own error.
    pub fn code(&self) -> Option<u32> {
        match self.instruction_error() {
            Some(InstructionError::Custom(code)) => Some(*code),
            _ => None,
        }
    }

    /// Whether a program crashed rather than refused: such a failure has no name and takes all compute units.
    pub fn crashed(&self) -> bool {
        matches!(
            self.instruction_error(),
            Some(
                InstructionError::ProgramFailedToComplete
                    | InstructionError::ComputationalBudgetExceeded
            )
        ) || self.logs.iter().any(|line| line.contains("panicked"))
    }

    /// Asserts that the transaction succeeded.
    #[track_caller]
    pub fn assert_ok(self) -> Self {
        assert!(self.succeeded(), "refused: {self}");
        self
    }

    /// Asserts that the transaction failed with exactly this error of a program.
    #[track_caller]
    pub fn assert_error(self, expected: impl Into<u32>) -> Self {
        let expected = expected.into();
        assert_eq!(self.code(), Some(expected), "expected {expected}: {self}");
        self
    }

    /// Asserts that the transaction failed with exactly this error of the runtime.
    #[track_caller]
    pub fn assert_instruction_error(self, expected: InstructionError) -> Self {
        assert_eq!(self.instruction_error(), Some(&expected), "{self}");
        self
    }

    /// The events of type `T` that were emitted, in order.
    pub fn events<T: AnchorDeserialize + Discriminator>(&self) -> Vec<T> {
        self.inner
            .iter()
            .filter_map(|data| {
                let event = data.strip_prefix(anchor_lang::event::EVENT_IX_TAG_LE)?;
                let fields = event.strip_prefix(T::DISCRIMINATOR)?;
                Some(T::try_from_slice(fields).expect("an event decodes"))
            })
            .collect()
    }

    /// The one event of type `T` that was emitted.
    #[track_caller]
    pub fn event<T: AnchorDeserialize + Discriminator>(&self) -> T {
        let mut events = self.events();
        assert_eq!(events.len(), 1, "expected one event: {self}");
        events.remove(0)
    }
}

impl std::fmt::Display for Outcome {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(f, "{:?}, {} CU", self.error, self.cu)?;
        self.logs
            .iter()
            .try_for_each(|line| writeln!(f, "  {line}"))
    }
}

/// A state of all accounts, to be compared with another.
#[derive(Clone)]
pub struct Snapshot(BTreeMap<Pubkey, AccountSharedData>);

impl Snapshot {
    pub(crate) fn new(accounts: impl Iterator<Item = (Pubkey, AccountSharedData)>) -> Self {
        Self(accounts.collect())
    }

    /// Addresses at which the two states differ.
    pub fn differences(&self, other: &Self) -> Vec<Pubkey> {
        let addresses = self.0.keys().chain(other.0.keys());
        let mut differing: Vec<Pubkey> = addresses
            .filter(|address| self.0.get(address) != other.0.get(address))
            .copied()
            .collect();
        differing.sort_unstable();
        differing.dedup();
        differing
    }

    /// Puts the account at `address` back as it was.
    pub(crate) fn restore(&self, world: &mut crate::World, address: &Pubkey) {
        let account = self.0.get(address).cloned().unwrap_or_default();
        world.set_raw(address, account.into());
    }

    /// Lamports held by accounts that exist here and not in `before`, less those of accounts that are gone.
    pub fn rent_since(&self, before: &Self) -> i128 {
        use solana_account::ReadableAccount;
        let held = |of: &Self, not_in: &Self| -> i128 {
            let alone =
                of.0.iter()
                    .filter(|(address, _)| !not_in.0.contains_key(*address));
            alone
                .map(|(_, account)| i128::from(account.lamports()))
                .sum()
        };
        held(self, before) - held(before, self)
    }

    /// Asserts that not a byte differs.
    #[track_caller]
    pub fn assert_same(&self, other: &Self) {
        assert_eq!(self.differences(other), [], "accounts changed");
    }
}
