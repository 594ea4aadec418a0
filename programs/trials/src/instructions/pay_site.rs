use anchor_lang::prelude::*;
use anchor_spl::token_interface::TokenInterface;
use galen_chain::token_account;

use crate::error::TrialsError;
use crate::events::SitePaid;
use crate::payment::{Payment, Till};
use crate::state::{Site, Trial};

/// Accounts of `pay_site`. Nobody signs but whoever pays for the transaction: anybody may crank.
#[event_cpi]
#[derive(Accounts)]
pub struct PaySite<'info> {
    /// The trial.
    #[account(
        mut,
        has_one = vault @ TrialsError::WrongVault,
        has_one = token_program @ TrialsError::WrongTokenProgram,
    )]
    pub trial: AccountLoader<'info, Trial>,
    /// The site.
    #[account(
        mut,
        has_one = trial @ TrialsError::SiteOfOtherTrial,
        has_one = payout @ TrialsError::WrongPayout,
    )]
    pub site: AccountLoader<'info, Site>,
    /// CHECK: the trial's vault, by the address that the trial stores; this program created it as a token account.
    #[account(mut)]
    pub vault: UncheckedAccount<'info>,
    /// CHECK: the token account that the site has named, by the address that the site stores; read by hand.
    #[account(mut)]
    pub payout: UncheckedAccount<'info>,
    /// The program that owns the mint.
    pub token_program: Interface<'info, TokenInterface>,
}

/// See [`crate::trials::pay_site`].
pub fn pay_site(ctx: Context<PaySite>) -> Result<()> {
    let accounts = &*ctx.accounts;
    let (till, amount, units) = {
        let mut trial = accounts.trial.load_mut()?;
        let mut site = accounts.site.load_mut()?;
        require!(
            token_account::can_receive(
                &accounts.payout,
                &trial.token_program,
                &trial.mint,
                &site.payout_owner,
            ),
            TrialsError::PayeeInvalid
        );
        let amount = site.pay()?;
        trial.pay(amount)?;
        site.invariant()?;
        let till = Till::of(&trial, accounts.trial.as_ref(), accounts.vault.as_ref());
        (till, amount, trial.units(amount)?)
    };
    let left = till.pay(
        &[Payment {
            to: accounts.payout.as_ref(),
            units,
        }],
        false,
    )?;
    accounts.trial.load()?.invariant_of_vault(left)?;

    galen_entry::emit!(ctx => SitePaid {
        site: accounts.site.key(),
        trial: accounts.trial.key(),
        payout: accounts.payout.key(),
        amount,
    });
    Ok(())
}
