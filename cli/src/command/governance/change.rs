//! What the commands that change the registry's configuration have in common: what they read, and the answer.

use anchor_lang::{InstructionData, ToAccountMetas};
use registry::state::Config;
use solana_pubkey::Pubkey;

use super::view::{read, View};
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::config::Settings;
use crate::error::Result;
use crate::output::Answer;

/// The configuration as it is on the cluster.
pub struct Case<'a> {
    /// The cluster, and who signs.
    pub session: Session<'a>,
    /// The configuration's account.
    pub address: Pubkey,
    /// The configuration before the change.
    pub config: Config,
}

impl<'a> Case<'a> {
    /// Reads the configuration.
    ///
    /// # Errors
    /// `not_found`.
    pub fn open(settings: &'a Settings) -> Result<Self> {
        let session = Session::open(settings)?;
        let (address, config) = read(session.cluster())?;
        Ok(Self {
            session,
            address,
            config,
        })
    }

    /// The answer where the configuration is already as it was to be.
    ///
    /// # Errors
    /// None that is expected: the answer cannot be written.
    pub fn unchanged(&self) -> Result<Answer> {
        let view = View::new(self.address, &self.config, self.session.now);
        Answer::new(&Change::unchanged(view))
    }

    /// Shows the intent, asks, sends, and answers with the configuration as it is then.
    ///
    /// # Errors
    /// `confirmation_needed`, `cancelled`, and the program's refusals by name.
    pub fn execute(
        &self,
        intent: &Intent,
        accounts: &impl ToAccountMetas,
        data: &impl InstructionData,
    ) -> Result<Answer> {
        let receipt = self.session.perform(intent, registry::ID, accounts, data)?;
        let view = View::read(self.session.cluster())?;
        Answer::new(&Change::changed(view, receipt))
    }
}
