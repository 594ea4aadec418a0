//! What the commands that change a treaty have in common.

use anchor_lang::{InstructionData, ToAccountMetas};
use claims::state::{Pool, Treaty};
use registry::state::Permission;
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;
use crate::send::foreseen;

/// A treaty as it is on the cluster, with its pool.
pub struct Case<'a> {
    /// The cluster, and who signs.
    pub session: Session<'a>,
    /// The treaty's account.
    pub address: Pubkey,
    /// The treaty before the change.
    pub treaty: Treaty,
    /// The pool whose awards it covers.
    pub pool: Pool,
}

impl<'a> Case<'a> {
    /// Reads treaty and pool.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`.
    pub fn open(address: Pubkey, settings: &'a Settings) -> Result<Self> {
        let session = Session::open(settings)?;
        let treaty: Treaty = entity::get(session.cluster(), &address)?;
        let pool = entity::get(session.cluster(), &treaty.pool)?;
        Ok(Self {
            session,
            address,
            treaty,
            pool,
        })
    }

    /// As [`Case::open`], of a treaty that has a layer.
    ///
    /// # Errors
    /// `treaty_not_in_force`, and those of [`Case::open`].
    pub fn in_force(address: Pubkey, settings: &'a Settings) -> Result<Self> {
        let case = Self::open(address, settings)?;
        if case.treaty.vault == Pubkey::default() {
            return Err(foreseen(&claims::error::ClaimsError::TreatyNotInForce));
        }
        Ok(case)
    }

    /// The record under which the signer may do what `permission` says for the reinsurer.
    ///
    /// # Errors
    /// Those of [`Session::staff`].
    pub fn record(&self, permission: Permission) -> Result<Pubkey> {
        self.session.staff(&self.treaty.reinsurer, permission)
    }

    /// The answer where the treaty is already as it was to be.
    ///
    /// # Errors
    /// `wrong_account`.
    pub fn unchanged(&self) -> Result<Answer> {
        Answer::new(&Change::unchanged(View::of(self.address, &self.treaty)?))
    }

    /// Shows the intent, asks, sends, and answers with the treaty as it is then.
    ///
    /// # Errors
    /// `confirmation_needed`, `cancelled`, and the program's refusals by name.
    pub fn execute(
        &self,
        intent: &Intent,
        accounts: &impl ToAccountMetas,
        data: &impl InstructionData,
    ) -> Result<Answer> {
        let receipt = self.session.perform(intent, claims::ID, accounts, data)?;
        let treaty = entity::get(self.session.cluster(), &self.address)?;
        Answer::new(&Change::changed(View::of(self.address, &treaty)?, receipt))
    }
}
