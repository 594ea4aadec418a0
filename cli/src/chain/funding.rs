//! Money into a vault and out of it: the flags of verbs that pay in, and of those that announce what will be taken out.

use solana_pubkey::Pubkey;

use super::admin::AdminFlags;
use super::session::Session;
use super::token;
use crate::error::{CliError, Result};
use crate::output::money;

/// A mint, and the token program that it belongs to.
pub struct Currency<'a> {
    /// The mint.
    pub mint: &'a Pubkey,
    /// Its token program.
    pub token_program: &'a Pubkey,
}

/// Flags of a verb that pays into a vault.
#[derive(Debug, clap::Args)]
pub struct DepositFlags {
    /// Pay so many cents
    #[arg(long, value_name = "CENTS", value_parser = clap::value_parser!(u64).range(1..), required_unless_present = "total")]
    amount: Option<u64>,
    /// Pay what is missing to so many cents paid in since the beginning
    #[arg(long, value_name = "CENTS", conflicts_with = "amount")]
    total: Option<u64>,
    /// The token account that pays [default: the signer's associated token account]
    #[arg(long, value_name = "TOKEN_ACCOUNT")]
    from: Option<Pubkey>,
}

impl DepositFlags {
    /// The cents to pay where `so_far` have been paid in since the beginning; none where nothing is missing.
    pub fn cents(&self, so_far: u64) -> Option<u64> {
        let missing = |total: u64| total.saturating_sub(so_far);
        self.amount
            .or(self.total.map(missing))
            .filter(|cents| *cents > 0)
    }

    /// The token account that pays `cents`, which are `units` of the currency: it holds as much.
    ///
    /// # Errors
    /// `wrong_token_account`, `amount_overflow`, `insufficient_tokens`.
    pub fn source(
        &self,
        session: &Session,
        currency: &Currency,
        cents: u64,
        units: anchor_lang::Result<u64>,
    ) -> Result<Pubkey> {
        let source = self.from.unwrap_or_else(|| own(session, currency));
        let held = token::account(session.cluster(), &source, currency.mint)?.amount;
        let needed = units.map_err(|_| {
            CliError::new(
                "amount_overflow",
                format!("{cents} cents are more than the mint can count."),
            )
        })?;
        if held < needed {
            let message = format!("The token account {source} holds {held} smallest units, and {needed} are needed for {} ({cents} cents).", money(cents));
            return Err(CliError::new("insufficient_tokens", message));
        }
        Ok(source)
    }
}

/// Flags of a verb that announces a withdrawal.
#[derive(Debug, clap::Args)]
pub struct WithdrawalFlags {
    /// How much, in cents
    #[arg(long, value_name = "CENTS", value_parser = clap::value_parser!(u64).range(1..))]
    pub amount: u64,
    /// The token account that it will go to [default: the signer's associated token account]
    #[arg(long, value_name = "TOKEN_ACCOUNT")]
    to: Option<Pubkey>,
    #[command(flatten)]
    pub admin: AdminFlags,
}

impl WithdrawalFlags {
    /// The token account that the money will go to; none where just that is `announced`: how much, and to where.
    ///
    /// # Errors
    /// `wrong_token_account`.
    pub fn destination(
        &self,
        session: &Session,
        currency: &Currency,
        announced: (u64, Pubkey),
    ) -> Result<Option<Pubkey>> {
        let destination = self.to.unwrap_or_else(|| own(session, currency));
        if announced == (self.amount, destination) {
            return Ok(None);
        }
        token::account(session.cluster(), &destination, currency.mint)?;
        Ok(Some(destination))
    }
}

/// The signer's associated token account.
fn own(session: &Session, currency: &Currency) -> Pubkey {
    token::associated(&session.key(), currency.mint, currency.token_program)
}
