//! What the commands that change a claim after its submission have in common: what they read, and the answer.

use std::collections::BTreeMap;

use anchor_lang::{InstructionData, ToAccountMetas};
use claims::state::{Agreement, Claim, Pool};
use solana_pubkey::Pubkey;

use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::session::Session;
use crate::error::Result;
use crate::output::Answer;

/// A claim as it is on the cluster, with the pool that pays.
pub struct Case<'a> {
    /// The cluster, and who signs.
    pub session: Session<'a>,
    /// The claim's account.
    pub address: Pubkey,
    /// The claim before the change.
    pub claim: Claim,
    /// The pool that pays.
    pub pool: Pool,
}

impl<'a> Case<'a> {
    /// Reads the claim and its pool.
    ///
    /// # Errors
    /// `not_found`, `wrong_account`.
    pub fn open(session: Session<'a>, address: Pubkey) -> Result<Self> {
        let claim: Claim = entity::get(session.cluster(), &address)?;
        let pool = entity::get(session.cluster(), &claim.pool)?;
        Ok(Self {
            session,
            address,
            claim,
            pool,
        })
    }

    /// The agreement under which it was submitted, and its address.
    ///
    /// # Errors
    /// `not_found`.
    pub fn agreement(&self) -> Result<(Pubkey, Agreement)> {
        let (address, _) = Agreement::find_address(&self.claim.pool, &self.claim.provider);
        Ok((address, entity::get(self.session.cluster(), &address)?))
    }

    /// The answer where the claim is already as it was to be.
    ///
    /// # Errors
    /// `wrong_account`.
    pub fn unchanged(&self) -> Result<Answer> {
        Answer::new(&Change::unchanged(self.view(&self.claim)?))
    }

    /// Shows the intent, asks, sends, and answers with the claim as it is then.
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
        let claim: Claim = entity::get(self.session.cluster(), &self.address)?;
        Answer::new(&Change::changed(self.view(&claim)?, receipt))
    }

    fn view(&self, claim: &Claim) -> Result<View> {
        View::of(self.address, claim, &BTreeMap::new())
    }
}
