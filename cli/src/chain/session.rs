//! A ledger to act on, with its clock, and intents that say what will be signed.

use anchor_lang::{InstructionData, ToAccountMetas};
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use super::intent::Intent;
use super::organization;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::Result;
use crate::send::{Ledger, Receipt};

/// What a command that signs works with.
pub struct Session<'a> {
    /// Cluster, signer, payer, store.
    pub ledger: Ledger<'a>,
    /// The cluster's clock when the session began, as a Unix time. On a local cluster it may be far from this machine's.
    pub now: i64,
}

impl<'a> Session<'a> {
    /// Loads the signers and reaches the cluster.
    ///
    /// # Errors
    /// Those of [`Ledger::open`].
    pub fn open(settings: &'a Settings) -> Result<Self> {
        let ledger = Ledger::open(settings)?;
        let now = ledger.cluster.unix_time()?;
        Ok(Self { ledger, now })
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        &self.ledger.cluster
    }

    /// The key that signs for the user.
    pub fn key(&self) -> Pubkey {
        self.ledger.signer.pubkey()
    }

    /// Who pays fees and, where an instruction leaves the choice, rent.
    pub fn payer(&self) -> Pubkey {
        self.ledger.payer()
    }

    /// Shows the intent, asks, and sends the instructions as one transaction, signed by the user, the payer and `others`.
    ///
    /// # Errors
    /// `confirmation_needed`, `cancelled`, and whatever the cluster or the program refuses, by name.
    pub fn execute(
        &self,
        intent: &Intent,
        instructions: &[Instruction],
        others: &[&dyn Signer],
    ) -> Result<Receipt> {
        self.ledger.confirm(intent)?;
        self.send(intent.title(), instructions, others)
    }

    /// As [`Session::execute`], for one instruction of a program that the user and the payer alone sign.
    ///
    /// # Errors
    /// Those of [`Session::execute`].
    pub fn perform(
        &self,
        intent: &Intent,
        program: Pubkey,
        accounts: &impl ToAccountMetas,
        data: &impl InstructionData,
    ) -> Result<Receipt> {
        self.execute(intent, &[super::instruction(program, accounts, data)], &[])
    }

    /// The address of the record under which the user may do what `permission` says for `organization`.
    ///
    /// # Errors
    /// Those of [`organization::staff`].
    pub fn staff(&self, organization: &Pubkey, permission: Permission) -> Result<Pubkey> {
        organization::staff(
            self.cluster(),
            organization,
            &self.key(),
            permission,
            self.now,
        )
    }

    /// Sends the instructions as one transaction, as a part of what has been confirmed.
    ///
    /// # Errors
    /// Whatever the cluster or the program refuses, by name.
    pub fn send(
        &self,
        label: &str,
        instructions: &[Instruction],
        others: &[&dyn Signer],
    ) -> Result<Receipt> {
        let mut signers: Vec<&dyn Signer> = vec![self.ledger.signer.as_ref()];
        signers.extend(others);
        self.ledger.send(label, instructions, &signers)
    }
}
