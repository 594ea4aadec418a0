//! What the commands that change a pool have in common.

use anchor_lang::{InstructionData, ToAccountMetas};
use claims::state::Pool;
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

/// A pool as it is on the cluster, to be changed by an operator of the insurer.
pub struct Case<'a> {
    /// The cluster, and who signs.
    pub session: Session<'a>,
    /// The pool's account.
    pub address: Pubkey,
    /// The pool before the change.
    pub pool: Pool,
}

impl<'a> Case<'a> {
    /// Reads the pool.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`.
    pub fn open(address: Pubkey, settings: &'a Settings) -> Result<Self> {
        let session = Session::open(settings)?;
        let pool = entity::get(session.cluster(), &address)?;
        Ok(Self {
            session,
            address,
            pool,
        })
    }

    /// The record under which the signer may do what `permission` says for the insurer.
    ///
    /// # Errors
    /// Those of [`Session::staff`].
    pub fn record(&self, permission: Permission) -> Result<Pubkey> {
        self.session.staff(&self.pool.insurer, permission)
    }

    /// The answer where the pool is already as it was to be.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn unchanged(&self) -> Result<Answer> {
        let view = View::with_vault(self.session.cluster(), self.address, &self.pool)?;
        Answer::new(&Change::unchanged(view))
    }

    /// Shows the intent, asks, sends, and answers with the pool as it is then.
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
        let view = View::read(self.session.cluster(), self.address)?;
        Answer::new(&Change::changed(view, receipt))
    }
}
