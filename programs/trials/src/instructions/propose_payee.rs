use anchor_lang::prelude::*;
use galen_rules::trial::Status;
use registry::state::{Operator, Organization};

use crate::error::TrialsError;
use crate::events::PayeeChangeAnnounced;
use crate::independence::is_independent;
use crate::payment;
use crate::state::{Cohort, PayeeChange, Trial};

/// Arguments of `propose_payee`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ProposePayeeArgs {
    /// The participant's index in the cohort.
    pub index: u16,
}

/// Accounts of `propose_payee`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: ProposePayeeArgs)]
pub struct ProposePayee<'info> {
    /// The participant's key; somebody independent where the site holds it, or the participant has died (for the estate).
    /// Pays the rent, which comes back when the change is applied or cancelled.
    #[account(mut)]
    pub signer: Signer<'info>,
    /// The signer's record, where it signs for the sponsor or the ethics board.
    pub operator_record: Option<Box<Account<'info, Operator>>>,
    /// The sponsor or the ethics board, where the signer acts for it.
    pub organization: Option<Box<Account<'info, Organization>>>,
    /// The trial.
    pub trial: AccountLoader<'info, Trial>,
    /// The cohort.
    #[account(has_one = trial @ TrialsError::CohortOfOtherTrial)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// CHECK: the new token account; read by hand, so that each fault has an error of its own.
    pub payee: UncheckedAccount<'info>,
    /// The change to be announced.
    #[account(
        init,
        payer = signer,
        space = 8 + PayeeChange::INIT_SPACE,
        seeds = [PayeeChange::SEED, cohort.key().as_ref(), &args.index.to_le_bytes()],
        bump,
    )]
    pub change: Box<Account<'info, PayeeChange>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl ProposePayee<'_> {
    /// Checks who signs. A site that holds the key could otherwise pay itself.
    fn validate(&self, args: &ProposePayeeArgs, now: i64) -> Result<()> {
        let info = self.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, args.index)?;
        if participant.is_site_held() || participant.status()? == Status::Died {
            let independent = is_independent(
                &*self.trial.load()?,
                &self.signer,
                self.operator_record.as_deref(),
                self.organization.as_deref(),
                now,
            )?;
            require!(independent, TrialsError::CountersignerMissing);
        } else {
            require_keys_eq!(
                participant.key,
                self.signer.key(),
                TrialsError::NotTheParticipantsKey
            );
        }
        Ok(())
    }
}

/// See [`crate::trials::propose_payee`].
pub fn propose_payee(ctx: Context<ProposePayee>, args: ProposePayeeArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(&args, now)?;
    let accounts = &mut *ctx.accounts;
    let owner = payment::check_new_payee(
        &accounts.payee,
        &*accounts.trial.load()?,
        &accounts.trial.key(),
    )?;
    accounts.change.set_inner(PayeeChange::new(
        ctx.bumps.change,
        accounts.cohort.key(),
        args.index,
        accounts.payee.key(),
        owner,
        accounts.signer.key(),
        now,
    )?);

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => PayeeChangeAnnounced {
        cohort: accounts.cohort.key(),
        index: args.index,
        payee: accounts.payee.key(),
        effective_at: accounts.change.effective_at,
    });
    Ok(())
}
