use anchor_lang::prelude::*;
use registry::state::{Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::TaxStandingChanged;
use crate::state::Person;

/// Arguments of `record_tax_form`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct RecordTaxFormArgs {
    /// Salted commitment to the form, which stays off the ledger.
    pub digest: [u8; 32],
}

/// Accounts of `record_tax_form`.
#[event_cpi]
#[derive(Accounts)]
pub struct RecordTaxForm<'info> {
    /// The sponsor's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The person.
    #[account(mut, has_one = sponsor @ TrialsError::WrongPerson)]
    pub person: AccountLoader<'info, Person>,
}

impl RecordTaxForm<'_> {
    fn validate(&self, now: i64) -> Result<()> {
        authorize::sponsor_staff(
            &self.sponsor,
            &self.operator_record,
            &self.operator.key(),
            Permission::ManageTrial,
            now,
        )
    }
}

/// See [`crate::trials::record_tax_form`].
pub fn record_tax_form(ctx: Context<RecordTaxForm>, args: RecordTaxFormArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    let net = {
        let mut person = accounts.person.load_mut()?;
        person.record_form(args.digest)?;
        person.choice == 1
    };

    galen_entry::emit!(ctx => TaxStandingChanged {
        person: accounts.person.key(),
        has_form: true,
        net,
    });
    Ok(())
}
