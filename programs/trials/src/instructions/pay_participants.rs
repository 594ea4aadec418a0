use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use galen_chain::token_account;

use crate::error::TrialsError;
use crate::events::ParticipantsPaid;
use crate::payment::{Payment, Till};
use crate::state::{Cohort, Participant, Trial};

/// Arguments of `pay_participants`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct PayParticipantsArgs {
    /// The participants to be paid; their token accounts follow the named accounts in the same order.
    pub indexes: Vec<u16>,
    /// Pay through the token program's batch instruction, where it has one (SPL Token).
    pub at_once: bool,
}

/// Accounts of `pay_participants`. Nobody signs but whoever pays for the transaction: anybody may crank, paused or not.
#[event_cpi]
#[derive(Accounts)]
pub struct PayParticipants<'info> {
    /// The trial.
    #[account(
        mut,
        has_one = vault @ TrialsError::WrongVault,
        has_one = token_program @ TrialsError::WrongTokenProgram,
    )]
    pub trial: AccountLoader<'info, Trial>,
    /// The cohort.
    #[account(mut, has_one = trial @ TrialsError::CohortOfOtherTrial)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// CHECK: the trial's vault, by the address that the trial stores; this program created it as a token account.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// The program that owns the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

/// See [`crate::trials::pay_participants`].
pub fn pay_participants<'info>(
    ctx: Context<'info, PayParticipants<'info>>,
    args: PayParticipantsArgs,
) -> Result<()> {
    require!(
        args.indexes.len() == ctx.remaining_accounts.len(),
        TrialsError::PayeesMismatch
    );
    let accounts = &*ctx.accounts;
    let mut batch = Batch {
        payments: Vec::with_capacity(args.indexes.len()),
        ..Batch::default()
    };
    let total;
    let till = {
        let mut trial = accounts.trial.load_mut()?;
        let info: &AccountInfo = accounts.cohort.as_ref();
        let mut data = info.try_borrow_mut_data()?;
        let participants = Cohort::participants_mut(&mut data)?;
        for (index, payee) in args.indexes.iter().zip(ctx.remaining_accounts) {
            let participant = participants
                .get_mut(usize::from(*index))
                .ok_or(TrialsError::ParticipantUnknown)?;
            batch.add(&trial, participant, *index, payee)?;
        }
        trial.pay(batch.amount)?;
        total = trial.units(batch.amount)?;
        Till::of(&trial, accounts.trial.as_ref(), accounts.vault.as_ref())
    };
    let left = till.pay_sum(&batch.payments, total, args.at_once)?;
    accounts.trial.load()?.invariant_of_vault(left)?;

    let paid = u16::try_from(batch.payments.len()).map_err(|_| TrialsError::AmountOverflow)?;
    galen_entry::emit!(ctx => ParticipantsPaid {
        cohort: accounts.cohort.key(),
        trial: accounts.trial.key(),
        paid,
        amount: batch.amount,
        skipped: batch.skipped,
    });
    Ok(())
}

/// What a batch will pay.
#[derive(Default)]
struct Batch<'a, 'info> {
    payments: Vec<Payment<'a, 'info>>,
    amount: u64,
    skipped: Vec<u16>,
}

impl<'a, 'info> Batch<'a, 'info> {
    /// Adds what is due to a participant. Nothing due, or a payee that cannot take money (closed, frozen, given away, or not
    /// the one named): the others are paid all the same.
    fn add(
        &mut self,
        trial: &Trial,
        participant: &mut Participant,
        index: u16,
        payee: &'a AccountInfo<'info>,
    ) -> Result<()> {
        if participant.due == 0 {
            return Ok(());
        }
        // Another account than the one named: the change of payee came between planning and sending.
        if participant.payee != *payee.key {
            self.skipped.push(index);
            return Ok(());
        }
        if !token_account::can_receive(
            payee,
            &trial.token_program,
            &trial.mint,
            &participant.payee_owner,
        ) {
            participant.note_undeliverable();
            self.skipped.push(index);
            return Ok(());
        }
        let due = participant.pay()?;
        participant.invariant()?;
        self.amount = self
            .amount
            .checked_add(due)
            .ok_or(TrialsError::AmountOverflow)?;
        self.payments.push(Payment {
            to: payee,
            units: trial.units(due)?,
        });
        Ok(())
    }
}
