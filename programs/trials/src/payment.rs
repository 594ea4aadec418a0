//! The transfers out of a trial's vault.

use anchor_lang::prelude::*;
use anchor_lang::solana_program::entrypoint::ProgramResult;
use anchor_lang::solana_program::instruction::{AccountMeta, Instruction};
use anchor_lang::solana_program::program::invoke_signed_unchecked;
use anchor_spl::token_interface::TokenAccount;
use galen_chain::token_account;
use galen_entry::RawAccount;

use crate::error::TrialsError;
use crate::state::Trial;

/// The token programs' instruction `Transfer`: from, to, authority; the amount follows. The mint policy refuses every
/// extension under which `TransferChecked` would do anything else.
const TRANSFER: u8 = 3;
/// SPL Token's instruction `Batch` (p-token): each instruction is preceded by its number of accounts and of bytes.
const BATCH: u8 = 255;
const TRANSFER_ACCOUNTS: u8 = 3;
const TRANSFER_BYTES: u8 = 9;
/// Bytes of a transfer in a batch.
const BATCHED_BYTES: usize = 2 + TRANSFER_BYTES as usize;

/// One transfer to make, in the mint's smallest units.
pub struct Payment<'a, P> {
    /// The token account to be paid.
    pub to: &'a P,
    /// How much.
    pub units: u64,
}

/// An account that may be paid: as Anchor reads it, or where the machine put it (decision 48). What is asked of both is the same.
pub trait Payee<'info>: Sized {
    /// Its address.
    fn address(&self) -> &Pubkey;

    /// Whether it belongs to the token program, can receive the mint now, and is of this owner.
    fn can_receive(&self, token_program: &Pubkey, mint: &Pubkey, owner: &Pubkey) -> bool;

    /// Pays several at once, through the token program's batch instruction.
    ///
    /// # Errors
    /// The token program's.
    fn pay_at_once(till: &Till<'_, 'info>, payments: &[Payment<'_, Self>]) -> Result<()>;

    /// Pays one after the other.
    ///
    /// # Errors
    /// The token program's.
    fn pay_one_by_one(till: &Till<'_, 'info>, payments: &[Payment<'_, Self>]) -> Result<()>;
}

impl<'info> Payee<'info> for AccountInfo<'info> {
    #[inline(always)]
    fn address(&self) -> &Pubkey {
        self.key
    }

    #[inline(always)]
    fn can_receive(&self, token_program: &Pubkey, mint: &Pubkey, owner: &Pubkey) -> bool {
        token_account::can_receive(self, token_program, mint, owner)
    }

    fn pay_at_once(till: &Till<'_, 'info>, payments: &[Payment<'_, Self>]) -> Result<()> {
        till.transfer_at_once(payments)
    }

    fn pay_one_by_one(till: &Till<'_, 'info>, payments: &[Payment<'_, Self>]) -> Result<()> {
        till.transfer_one_by_one(payments)
    }
}

impl<'info> Payee<'info> for RawAccount {
    #[inline(always)]
    fn address(&self) -> &Pubkey {
        self.key()
    }

    #[inline(always)]
    fn can_receive(&self, token_program: &Pubkey, mint: &Pubkey, owner: &Pubkey) -> bool {
        self.is_owned_by(token_program)
            && self.look(|data| token_account::data_can_receive(data, mint, owner))
    }

    #[inline(always)]
    fn pay_at_once(till: &Till<'_, 'info>, payments: &[Payment<'_, Self>]) -> Result<()> {
        till.sign(|seeds| {
            galen_entry::invoke_for_each(
                &till.token_program,
                (till.vault, till.trial),
                payments.iter().map(|payment| payment.to),
                &batch_data(payments),
                seeds,
            )
        })
    }

    fn pay_one_by_one(till: &Till<'_, 'info>, payments: &[Payment<'_, Self>]) -> Result<()> {
        payments.iter().try_for_each(|payment| {
            let mut data = Vec::with_capacity(usize::from(TRANSFER_BYTES));
            push_transfer(&mut data, payment.units);
            till.sign(|seeds| {
                galen_entry::invoke_for_each(
                    &till.token_program,
                    (till.vault, till.trial),
                    std::iter::once(payment.to),
                    &data,
                    seeds,
                )
            })
        })
    }
}

/// A trial's vault and how to sign for it: a copy of what is needed, so that the trial's account is not borrowed while
/// the token program runs.
pub struct Till<'a, 'info> {
    /// The trial's account.
    trial: &'a AccountInfo<'info>,
    /// The vault.
    vault: &'a AccountInfo<'info>,
    token_program: Pubkey,
    sponsor: Pubkey,
    number: [u8; 4],
    bump: u8,
}

impl<'a, 'info> Till<'a, 'info> {
    /// The till of `trial`, whose account is `info`.
    pub fn of(trial: &Trial, info: &'a AccountInfo<'info>, vault: &'a AccountInfo<'info>) -> Self {
        Self {
            trial: info,
            vault,
            token_program: trial.token_program,
            sponsor: trial.sponsor,
            number: trial.number.to_le_bytes(),
            bump: trial.bump,
        }
    }

    /// The vault's balance in the mint's smallest units.
    ///
    /// # Errors
    /// `WrongVault`.
    pub fn balance(&self) -> Result<u64> {
        token_account::amount(self.vault).ok_or_else(|| TrialsError::WrongVault.into())
    }

    /// Makes the payments as [`Till::pay_sum`] does. Returns the vault's balance after that.
    ///
    /// # Errors
    /// `AmountOverflow`, and those of [`Till::pay_sum`].
    pub fn pay<P: Payee<'info>>(&self, payments: &[Payment<'_, P>], at_once: bool) -> Result<u64> {
        let total = payments
            .iter()
            .try_fold(0u64, |sum, payment| sum.checked_add(payment.units))
            .ok_or(TrialsError::AmountOverflow)?;
        self.pay_sum(payments, total, at_once)
    }

    /// Makes the payments, which come to `total` units, `at_once` through the token program's batch instruction (SPL Token only)
    /// or one by one. Returns the vault's balance after that.
    ///
    /// # Errors
    /// `PaymentMismatch`, and the token program's.
    #[inline(always)]
    pub fn pay_sum<P: Payee<'info>>(
        &self,
        payments: &[Payment<'_, P>],
        total: u64,
        at_once: bool,
    ) -> Result<u64> {
        let before = self.balance()?;
        if at_once && payments.len() > 1 {
            P::pay_at_once(self, payments)?;
        } else {
            P::pay_one_by_one(self, payments)?;
        }
        let after = self.balance()?;
        require!(
            before.checked_sub(after) == Some(total),
            TrialsError::PaymentMismatch
        );
        Ok(after)
    }

    fn transfer_one_by_one(&self, payments: &[Payment<'_, AccountInfo<'info>>]) -> Result<()> {
        let Some(first) = payments.first() else {
            return Ok(());
        };
        // One instruction, in which payee and amount change: making it anew each time costs more than the transfer.
        let mut infos = [self.vault.clone(), first.to.clone(), self.trial.clone()];
        let mut instruction = Instruction {
            program_id: self.token_program,
            accounts: self.metas(first.to.key).to_vec(),
            data: Vec::with_capacity(usize::from(TRANSFER_BYTES)),
        };
        push_transfer(&mut instruction.data, first.units);
        for payment in payments {
            if let Some(units) = instruction.data.last_chunk_mut() {
                *units = payment.units.to_le_bytes();
            }
            if let [_, to, _] = instruction.accounts.as_mut_slice() {
                to.pubkey = *payment.to.key;
            }
            let [_, to, _] = &mut infos;
            // Forgotten, as are all of them below: giving back a reference costs more than the machine ever gets for it.
            std::mem::forget(std::mem::replace(to, payment.to.clone()));
            self.invoke(&instruction, &infos)?;
        }
        std::mem::forget(infos);
        Ok(())
    }

    fn transfer_at_once(&self, payments: &[Payment<'_, AccountInfo<'info>>]) -> Result<()> {
        let count = payments.len();
        let accounts = usize::from(TRANSFER_ACCOUNTS);
        let vault = AccountMeta::new(*self.vault.key, false);
        let mut metas = vec![vault; count.saturating_mul(accounts)];
        for (metas, payment) in metas.chunks_exact_mut(accounts).zip(payments) {
            if let [_, to, trial] = metas {
                to.pubkey = *payment.to.key;
                *trial = AccountMeta::new_readonly(*self.trial.key, true);
            }
        }
        let mut infos = Vec::with_capacity(count.saturating_add(2));
        infos.push(self.vault.clone());
        infos.push(self.trial.clone());
        infos.extend(payments.iter().map(|payment| payment.to.clone()));
        let instruction = Instruction {
            program_id: self.token_program,
            accounts: metas,
            data: batch_data(payments),
        };
        self.invoke(&instruction, &infos)?;
        // Giving back the references one by one costs a batch some 25 units a payee, and the machine forgets them anyway.
        std::mem::forget(infos);
        Ok(())
    }

    fn metas(&self, to: &Pubkey) -> [AccountMeta; 3] {
        [
            AccountMeta::new(*self.vault.key, false),
            AccountMeta::new(*to, false),
            AccountMeta::new_readonly(*self.trial.key, true),
        ]
    }

    fn invoke(&self, instruction: &Instruction, infos: &[AccountInfo<'info>]) -> Result<()> {
        // Unchecked: the checked form compares every account of the instruction with every account given, to find what is
        // still borrowed. Nothing is: the trial and the cohort were let go before the payments.
        self.sign(|seeds| invoke_signed_unchecked(instruction, infos, &[seeds]))
    }

    /// Makes a call that the trial's account signs.
    #[inline(always)]
    fn sign(&self, call: impl FnOnce(&[&[u8]]) -> ProgramResult) -> Result<()> {
        let seeds: &[&[u8]] = &[
            Trial::SEED,
            self.sponsor.as_ref(),
            &self.number,
            &[self.bump],
        ];
        call(seeds).map_err(Into::into)
    }
}

/// The data of a batch of transfers.
#[inline(always)]
fn batch_data<P>(payments: &[Payment<'_, P>]) -> Vec<u8> {
    // Laid out at once and then filled in: pushed one by one, each part is copied twice and looks for room.
    let mut data = vec![
        0;
        payments
            .len()
            .saturating_mul(BATCHED_BYTES)
            .saturating_add(1)
    ];
    if let Some((number, transfers)) = data.split_first_mut() {
        *number = BATCH;
        for (transfer, payment) in transfers.chunks_exact_mut(BATCHED_BYTES).zip(payments) {
            if let Some(head) = transfer.first_chunk_mut() {
                *head = [TRANSFER_ACCOUNTS, TRANSFER_BYTES, TRANSFER];
            }
            if let Some(units) = transfer.last_chunk_mut() {
                *units = payment.units.to_le_bytes();
            }
        }
    }
    data
}

fn push_transfer(data: &mut Vec<u8>, units: u64) {
    data.push(TRANSFER);
    data.extend_from_slice(&units.to_le_bytes());
}

/// Checks that `account` can be named as a payee of `trial`, whose account is `trial_key`. Returns its owner.
///
/// # Errors
/// `PayeeIsVault`, `PayeeInvalid`.
pub fn check_new_payee(account: &AccountInfo, trial: &Trial, trial_key: &Pubkey) -> Result<Pubkey> {
    require_keys_neq!(*account.key, trial.vault, TrialsError::PayeeIsVault);
    require_keys_eq!(
        *account.owner,
        trial.token_program,
        TrialsError::PayeeInvalid
    );
    let owner = TokenAccount::try_deserialize(&mut &account.try_borrow_data()?[..])
        .map_err(|_| TrialsError::PayeeInvalid)?
        .owner;
    require_keys_neq!(owner, *trial_key, TrialsError::PayeeIsVault);
    require!(
        token_account::can_receive(account, &trial.token_program, &trial.mint, &owner),
        TrialsError::PayeeInvalid
    );
    Ok(owner)
}
