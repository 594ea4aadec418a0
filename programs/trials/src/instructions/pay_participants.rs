use std::collections::BTreeSet;

use anchor_lang::prelude::*;
use anchor_lang::Discriminator;
use anchor_spl::token_interface::TokenInterface;
use galen_entry::{Many, RawAccount};

use crate::error::TrialsError;
use crate::events::ParticipantsPaid;
use crate::payment::{Payee, Payment, Till};
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
    let indexes = args.indexes.iter().copied();
    pay(ctx.accounts, indexes, ctx.remaining_accounts, args.at_once)
}

/// The way of `pay_participants` past the list of accounts that Anchor makes, where the payments are made at once: that list and the
/// one that a call wants are most of what a payee costs (decision 48). The named accounts go through the same checks, the payees
/// through the same code.
pub const MANY: Many = Many {
    // The two after those of [`PayParticipants`] are Anchor's, for the event.
    named: 6,
    is_its: |data| indexes_at_once(data).is_some(),
    process: |program_id, accounts, payees, data| {
        pay_at_once(program_id, accounts, payees, data).map_err(|error| {
            error.log();
            error.into()
        })
    },
};

/// The indexes in the data of `pay_participants` at once, where it is that: what Anchor reads as [`PayParticipantsArgs`], in place.
fn indexes_at_once(data: &[u8]) -> Option<&[[u8; 2]]> {
    let arguments = data.strip_prefix(crate::instruction::PayParticipants::DISCRIMINATOR)?;
    let (count, rest) = arguments.split_first_chunk()?;
    let (at_once, indexes) = rest.split_last()?;
    let indexes: &[[u8; 2]] = bytemuck::try_cast_slice(indexes).ok()?;
    let is_all = usize::try_from(u32::from_le_bytes(*count)) == Ok(indexes.len());
    (is_all && *at_once == 1).then_some(indexes)
}

// As Anchor runs an instruction.
fn pay_at_once(
    program_id: &'static Pubkey,
    accounts: &'static [AccountInfo<'static>],
    payees: &'static [RawAccount],
    data: &'static [u8],
) -> Result<()> {
    let indexes = indexes_at_once(data).ok_or(ErrorCode::InstructionDidNotDeserialize)?;
    let (mut bumps, mut left) = (PayParticipantsBumps::default(), accounts);
    let reallocated = &mut BTreeSet::new();
    let named =
        PayParticipants::try_accounts(program_id, &mut left, data, &mut bumps, reallocated)?;
    let indexes = indexes.iter().map(|index| u16::from_le_bytes(*index));
    pay(&named, indexes, payees, true)?;
    named.exit(program_id)
}

#[inline(always)]
fn pay<'info, P: Payee<'info>>(
    accounts: &PayParticipants<'info>,
    indexes: impl ExactSizeIterator<Item = u16>,
    payees: &[P],
    at_once: bool,
) -> Result<()> {
    require!(indexes.len() == payees.len(), TrialsError::PayeesMismatch);
    let mut batch = Batch {
        payments: Vec::with_capacity(payees.len()),
        amount: 0,
        skipped: Vec::new(),
    };
    let total;
    let till = {
        let mut trial = accounts.trial.load_mut()?;
        let info: &AccountInfo = accounts.cohort.as_ref();
        let mut data = info.try_borrow_mut_data()?;
        let participants = Cohort::participants_mut(&mut data)?;
        for (index, payee) in indexes.zip(payees) {
            let participant = participants
                .get_mut(usize::from(index))
                .ok_or(TrialsError::ParticipantUnknown)?;
            batch.add(&trial, participant, index, payee)?;
        }
        trial.pay(batch.amount)?;
        total = trial.units(batch.amount)?;
        Till::of(&trial, accounts.trial.as_ref(), accounts.vault.as_ref())
    };
    let left = till.pay_sum(&batch.payments, total, at_once)?;
    accounts.trial.load()?.invariant_of_vault(left)?;

    let paid = u16::try_from(batch.payments.len()).map_err(|_| TrialsError::AmountOverflow)?;
    let event = ParticipantsPaid {
        cohort: accounts.cohort.key(),
        trial: accounts.trial.key(),
        paid,
        amount: batch.amount,
        skipped: batch.skipped,
    };
    let (_, bump) = crate::EVENT_AUTHORITY_AND_BUMP;
    galen_entry::write_event(&accounts.event_authority, &crate::ID, bump, &event)
}

/// What a batch will pay.
struct Batch<'a, P> {
    payments: Vec<Payment<'a, P>>,
    amount: u64,
    skipped: Vec<u16>,
}

impl<'a, P> Batch<'a, P> {
    /// Adds what is due to a participant. Nothing due, or a payee that cannot take money (closed, frozen, given away, or not
    /// the one named): the others are paid all the same.
    #[inline(always)]
    fn add<'info>(
        &mut self,
        trial: &Trial,
        participant: &mut Participant,
        index: u16,
        payee: &'a P,
    ) -> Result<()>
    where
        P: Payee<'info>,
    {
        if participant.due == 0 {
            return Ok(());
        }
        // Another account than the one named: the change of payee came between planning and sending.
        if participant.payee != *payee.address() {
            self.skipped.push(index);
            return Ok(());
        }
        if !payee.can_receive(&trial.token_program, &trial.mint, &participant.payee_owner) {
            participant.note_undeliverable();
            self.skipped.push(index);
            return Ok(());
        }
        let due = participant.pay()?;
        require!(participant.is_sound(), TrialsError::InvariantBroken);
        self.amount = self
            .amount
            .checked_add(due)
            .ok_or(TrialsError::AmountOverflow)?;
        self.payments.push(Payment {
            to: payee,
            // A part of a sum that is checked before anything is paid.
            units: due.wrapping_mul(trial.unit_per_cent),
        });
        Ok(())
    }
}
