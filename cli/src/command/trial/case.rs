//! What the commands that change a trial have in common: what they read, who may, and the answer.

use anchor_lang::{InstructionData, ToAccountMetas};
use galen_rules::Date;
use registry::state::Permission;
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use trials::state::Trial;

use super::read::{self, Page};
use super::view::View;
use crate::chain::change::Change;
use crate::chain::intent::Intent;
use crate::chain::people::PeopleFlags;
use crate::chain::session::Session;
use crate::cluster::Cluster;
use crate::config::Settings;
use crate::error::{CliError, Result};
use crate::output::Answer;
use crate::send::Receipt;

/// Flags of every command that changes something about a trial's people.
#[derive(Debug, clap::Args)]
pub struct Target {
    /// The trial's address
    #[arg(value_name = "TRIAL")]
    pub trial: Pubkey,
    #[command(flatten)]
    people: PeopleFlags,
}

/// A trial as it is on the cluster, and who signs.
pub struct Case<'a> {
    /// The cluster, and who signs.
    pub session: Session<'a>,
    /// The trial's account.
    pub address: Pubkey,
    /// The trial before the change.
    pub trial: Trial,
}

impl<'a> Case<'a> {
    /// Reads the trial.
    ///
    /// # Errors
    /// `public_ledger`, `not_found`, `wrong_account`.
    pub fn open(target: &Target, settings: &'a Settings) -> Result<Self> {
        let session = Session::open(settings)?;
        session
            .cluster()
            .require_private(target.people.public_ledger_accepted)?;
        Ok(Self {
            address: target.trial,
            trial: read::trial(session.cluster(), &target.trial)?,
            session,
        })
    }

    /// The cluster.
    pub fn cluster(&self) -> &Cluster {
        self.session.cluster()
    }

    /// The cluster's day.
    ///
    /// # Errors
    /// `cluster_odd`.
    pub fn today(&self) -> Result<Date> {
        Date::from_unix(self.session.now).ok_or_else(|| {
            CliError::new(
                "cluster_odd",
                "The cluster's clock is outside the calendar.",
            )
        })
    }

    /// The cohorts of the trial.
    ///
    /// # Errors
    /// `cluster_unreachable`, `wrong_account`.
    pub fn cohorts(&self) -> Result<Vec<Page>> {
        read::cohorts(self.cluster(), &self.address)
    }

    /// The record under which the signer may act for the sponsor.
    ///
    /// # Errors
    /// Those of [`Session::staff`].
    pub fn sponsor_record(&self, permission: Permission) -> Result<Pubkey> {
        self.session.staff(&self.trial.sponsor, permission)
    }

    /// The record under which the signer may act for the ethics board.
    ///
    /// # Errors
    /// Those of [`Session::staff`].
    pub fn board_record(&self) -> Result<Pubkey> {
        self.session
            .staff(&self.trial.board, Permission::OverseeTrial)
    }

    /// The answer where the trial is already as it was to be.
    ///
    /// # Errors
    /// `wrong_account`.
    pub fn unchanged(&self) -> Result<Answer> {
        Answer::new(&Change::unchanged(self.view()?))
    }

    /// Shows the intent, asks, sends one instruction.
    ///
    /// # Errors
    /// `confirmation_needed`, `cancelled`, and the program's refusals by name.
    pub fn perform(
        &self,
        intent: &Intent,
        accounts: &impl ToAccountMetas,
        data: &impl InstructionData,
    ) -> Result<Receipt> {
        self.session.perform(intent, trials::ID, accounts, data)
    }

    /// As [`Case::perform`]; answers with the trial as it is then.
    ///
    /// # Errors
    /// Those of [`Case::perform`].
    pub fn execute(
        &self,
        intent: &Intent,
        accounts: &impl ToAccountMetas,
        data: &impl InstructionData,
    ) -> Result<Answer> {
        let receipt = self.perform(intent, accounts, data)?;
        Answer::new(&Change::changed(self.view()?, receipt))
    }

    fn view(&self) -> Result<View> {
        View::read(self.cluster(), self.address)
    }
}

/// An instruction of the trials program.
pub fn instruction(accounts: &impl ToAccountMetas, data: &impl InstructionData) -> Instruction {
    crate::chain::instruction(trials::ID, accounts, data)
}

/// A refusal of the trials program that this side foresees, in the program's words: said before anything is sent.
pub fn foreseen(error: &anchor_lang::error::Error) -> CliError {
    crate::send::foreseen_by_trials(error)
}
