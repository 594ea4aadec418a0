use anchor_lang::prelude::*;
use galen_rules::trial::Status;
use registry::state::{Operator, Organization};

use crate::constants::{KEY_DELAY_SECONDS, LOST_KEY_DELAY_SECONDS};
use crate::error::TrialsError;
use crate::events::KeyChangeAnnounced;
use crate::independence::is_independent;
use crate::state::{Cohort, KeyChange, KeyHolder, Trial};

/// Arguments of `propose_key`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ProposeKeyArgs {
    /// The participant's index in the cohort.
    pub index: u16,
    /// Who holds the new key: the participant or a guardian.
    pub holder: KeyHolder,
}

/// Accounts of `propose_key`.
#[event_cpi]
#[derive(Accounts)]
#[instruction(args: ProposeKeyArgs)]
pub struct ProposeKey<'info> {
    /// The present key, which hands over; or somebody independent, where it is lost, the site's, or a guardian's whose time is
    /// over. Pays the rent, which comes back when the change is applied or cancelled.
    #[account(mut)]
    pub signer: Signer<'info>,
    /// The signer's record, where it signs for the sponsor or the ethics board.
    pub operator_record: Option<Box<Account<'info, Operator>>>,
    /// The sponsor or the ethics board, where the signer acts for it.
    pub organization: Option<Box<Account<'info, Organization>>>,
    /// The new key.
    pub new_key: Signer<'info>,
    /// The trial.
    pub trial: AccountLoader<'info, Trial>,
    /// The cohort.
    #[account(has_one = trial @ TrialsError::CohortOfOtherTrial)]
    pub cohort: AccountLoader<'info, Cohort>,
    /// The change to be announced.
    #[account(
        init,
        payer = signer,
        space = 8 + KeyChange::INIT_SPACE,
        seeds = [KeyChange::SEED, cohort.key().as_ref(), &args.index.to_le_bytes()],
        bump,
    )]
    pub change: Box<Account<'info, KeyChange>>,
    /// The system program.
    pub system_program: Program<'info, System>,
}

impl ProposeKey<'_> {
    /// Checks who signs. Returns how long the change waits, and whether it overrules a guardian.
    fn validate(&self, args: &ProposeKeyArgs, now: i64) -> Result<(i64, bool)> {
        require!(
            args.holder != KeyHolder::Site,
            TrialsError::KeyHolderInvalid
        );
        require_keys_neq!(
            self.new_key.key(),
            self.signer.key(),
            TrialsError::KeyOfTheProposer
        );
        let trial = self.trial.load()?;
        let independent = is_independent(
            &trial,
            &self.signer,
            self.operator_record.as_deref(),
            self.organization.as_deref(),
            now,
        )?;
        let info = self.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, args.index)?;
        require!(
            participant.status()? != Status::Died,
            TrialsError::ParticipantDied
        );
        require_keys_neq!(
            self.new_key.key(),
            participant.key,
            TrialsError::KeyUnchanged
        );
        if participant.is_site_held() {
            require!(independent, TrialsError::CountersignerMissing);
            return Ok((KEY_DELAY_SECONDS, false));
        }
        if !independent {
            require_keys_eq!(
                participant.key,
                self.signer.key(),
                TrialsError::NotTheParticipantsKey
            );
            return Ok((KEY_DELAY_SECONDS, false));
        }
        let by_board = self
            .organization
            .as_ref()
            .is_some_and(|organization| organization.key() == trial.board);
        Ok((LOST_KEY_DELAY_SECONDS, by_board && participant.is_guarded()))
    }
}

/// See [`crate::trials::propose_key`].
pub fn propose_key(ctx: Context<ProposeKey>, args: ProposeKeyArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    let (delay, overrules) = ctx.accounts.validate(&args, now)?;
    let effective_at = now.checked_add(delay).ok_or(TrialsError::AmountOverflow)?;
    let accounts = &mut *ctx.accounts;
    accounts.change.set_inner(KeyChange::new(
        ctx.bumps.change,
        (accounts.cohort.key(), args.index),
        (accounts.new_key.key(), args.holder),
        overrules,
        accounts.signer.key(),
        effective_at,
    ));

    let accounts = &*ctx.accounts;
    galen_entry::emit!(ctx => KeyChangeAnnounced {
        cohort: accounts.cohort.key(),
        index: args.index,
        key: accounts.new_key.key(),
        holder: args.holder,
        overrules,
        effective_at,
    });
    Ok(())
}
