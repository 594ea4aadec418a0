use anchor_lang::prelude::*;

use crate::error::TrialsError;
use crate::events::TaxStandingChanged;
use crate::state::{Cohort, Person};

/// Arguments of `choose_tax`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct ChooseTaxArgs {
    /// The participant's index in the cohort.
    pub index: u16,
    /// True: without a form, stipends at the threshold are paid net of withholding; false: they are held.
    pub net: bool,
}

/// Accounts of `choose_tax`.
#[event_cpi]
#[derive(Accounts)]
pub struct ChooseTax<'info> {
    /// The participant's key: of where the person takes part, or took part if that is nowhere.
    pub key: Signer<'info>,
    /// The cohort.
    pub cohort: AccountLoader<'info, Cohort>,
    /// The person.
    #[account(mut)]
    pub person: AccountLoader<'info, Person>,
}

impl ChooseTax<'_> {
    fn validate(&self, args: &ChooseTaxArgs) -> Result<()> {
        let info = self.cohort.to_account_info();
        let mut data = info.try_borrow_mut_data()?;
        let participant = Cohort::participant(&mut data, args.index)?;
        require_keys_eq!(
            participant.key,
            self.key.key(),
            TrialsError::NotTheParticipantsKey
        );
        require_keys_eq!(
            participant.person,
            self.person.key(),
            TrialsError::WrongPerson
        );
        // A key of an earlier participation has no say in the one that lasts.
        let person = self.person.load()?;
        require!(
            person.cohort == Pubkey::default()
                || (person.cohort == self.cohort.key() && person.index == args.index),
            TrialsError::NotPresent
        );
        Ok(())
    }
}

/// See [`crate::trials::choose_tax`].
pub fn choose_tax(ctx: Context<ChooseTax>, args: ChooseTaxArgs) -> Result<()> {
    ctx.accounts.validate(&args)?;
    let accounts = &*ctx.accounts;
    let has_form = {
        let mut person = accounts.person.load_mut()?;
        person.choose(args.net);
        person.has_form()
    };

    galen_entry::emit!(ctx => TaxStandingChanged {
        person: accounts.person.key(),
        has_form,
        net: args.net,
    });
    Ok(())
}
