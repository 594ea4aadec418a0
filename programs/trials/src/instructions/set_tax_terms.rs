use anchor_lang::prelude::*;
use registry::state::{AdminArgs, Operator, Organization, Permission};

use crate::authorize;
use crate::error::TrialsError;
use crate::events::TaxTermsSet;
use crate::state::Trial;

/// Arguments of `set_tax_terms`.
#[derive(AnchorSerialize, AnchorDeserialize, Clone, Debug)]
pub struct SetTaxTermsArgs {
    /// Against the trial's sequence.
    pub admin: AdminArgs,
    /// Stipends of a calendar year in cents from which a tax form is needed; `u64::MAX` = never.
    pub tax_threshold: u64,
    /// Backup withholding in basis points.
    pub withholding_bps: u16,
}

/// Accounts of `set_tax_terms`.
#[event_cpi]
#[derive(Accounts)]
pub struct SetTaxTerms<'info> {
    /// The sponsor's operator.
    pub operator: Signer<'info>,
    /// The operator's record at the sponsor.
    pub operator_record: Box<Account<'info, Operator>>,
    /// The sponsor.
    pub sponsor: Box<Account<'info, Organization>>,
    /// The trial.
    #[account(mut, has_one = sponsor @ TrialsError::TrialOfOtherSponsor)]
    pub trial: AccountLoader<'info, Trial>,
}

impl SetTaxTerms<'_> {
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

/// See [`crate::trials::set_tax_terms`].
pub fn set_tax_terms(ctx: Context<SetTaxTerms>, args: SetTaxTermsArgs) -> Result<()> {
    let now = Clock::get()?.unix_timestamp;
    ctx.accounts.validate(now)?;
    let accounts = &*ctx.accounts;
    {
        let mut trial = accounts.trial.load_mut()?;
        trial.authorize(&args.admin, now)?;
        trial.set_tax_terms(args.tax_threshold, args.withholding_bps)?;
        trial.invariant()?;
    }

    galen_entry::emit!(ctx => TaxTermsSet {
        trial: accounts.trial.key(),
        tax_threshold: args.tax_threshold,
        withholding_bps: args.withholding_bps,
    });
    Ok(())
}
