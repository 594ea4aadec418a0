//! What the commands that change a claim after its submission have in common: what they read, and the answer.

use std::collections::BTreeMap;
use std::path::Path;

use anchor_lang::{InstructionData, ToAccountMetas};
use claims::state::{Agreement, Claim, PlanVersion, Pool};
use sha2::{Digest, Sha256};
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::remark::Finder;
use super::view::View;
use crate::chain::change::Change;
use crate::chain::entity;
use crate::chain::intent::Intent;
use crate::chain::others::{details_of, remembered, with_details, with_others};
use crate::chain::people;
use crate::chain::session::Session;
use crate::chain::text::hex;
use crate::cluster::Cluster;
use crate::document;
use crate::error::Result;
use crate::output::Answer;
use crate::store::Subject;

/// Bytes of heap for a claim that is adjudicated anew under details: the most there is.
const HEAP: u32 = 256 * 1_024;

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
        Self::agreement_of(self.session.cluster(), &self.claim)
    }

    /// The same of a claim, for who changes several.
    ///
    /// # Errors
    /// `not_found`.
    pub fn agreement_of(cluster: &Cluster, claim: &Claim) -> Result<(Pubkey, Agreement)> {
        let (address, _) = Agreement::find_address(&claim.pool, &claim.provider);
        Ok((address, entity::get(cluster, &address)?))
    }

    /// A salted commitment to a file, for this claim.
    ///
    /// # Errors
    /// Those of [`document::bytes`], `store_damaged`, `no_randomness`.
    pub fn commit(&self, path: &Path) -> Result<[u8; 32]> {
        let hash = Sha256::digest(document::bytes(path)?);
        self.session.ledger.store.commitment(
            Subject::Document,
            &self.address.to_string(),
            &hex(&hash),
        )
    }

    /// Whether this store has made that commitment before.
    ///
    /// # Errors
    /// Those of [`document::bytes`], `store_damaged`.
    pub fn has_committed(&self, path: &Path) -> Result<bool> {
        let hash = Sha256::digest(document::bytes(path)?);
        let known = self.session.ledger.store.known_commitment(
            Subject::Document,
            &self.address.to_string(),
            &hex(&hash),
        )?;
        Ok(known.is_some())
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
        let instruction = crate::chain::instruction(claims::ID, accounts, data);
        self.execute_all(intent, &[instruction])
    }

    /// As [`Case::execute`], for an instruction that looks at what the member has used: with its family, the
    /// authorizations that the claim has used or is to use, what is stated of the member and the plan version's details.
    ///
    /// # Errors
    /// Those of [`Case::execute`], `not_found`.
    pub fn execute_for_member<'n>(
        &self,
        intent: &Intent,
        accounts: &impl ToAccountMetas,
        data: &impl InstructionData,
        authorizations: impl IntoIterator<Item = &'n u8>,
    ) -> Result<Answer> {
        let member = people::member(self.session.cluster(), &self.claim.member)?;
        let mut numbers = remembered(&self.claim);
        numbers.extend(authorizations);
        let instruction = crate::chain::instruction(claims::ID, accounts, data);
        let instruction = with_others(instruction, &self.claim.member, &member, numbers);
        let version: PlanVersion = entity::get(self.session.cluster(), &self.claim.plan_version)?;
        let details = details_of(&version);
        let instruction = with_details(instruction, &self.claim.member, &member, details);
        if details.is_none() && self.claim.facts.is_empty() {
            return self.execute_all(intent, &[instruction]);
        }
        // A large claim and the one in its place are more than what a program has unasked.
        let heap = ComputeBudgetInstruction::request_heap_frame(HEAP);
        self.execute_all(intent, &[heap, instruction])
    }

    /// As [`Case::execute`], for several instructions in one transaction.
    ///
    /// # Errors
    /// Those of [`Case::execute`].
    pub fn execute_all(&self, intent: &Intent, instructions: &[Instruction]) -> Result<Answer> {
        let receipt = self.session.execute(intent, instructions, &[])?;
        let claim: Claim = entity::get(self.session.cluster(), &self.address)?;
        Answer::new(&Change::changed(self.view(&claim)?, receipt))
    }

    fn view(&self, claim: &Claim) -> Result<View> {
        let mut finder = Finder::new(self.session.cluster());
        View::read(&mut finder, self.address, claim, &BTreeMap::new())
    }
}
