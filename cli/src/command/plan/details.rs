//! The upload of a plan version's details: opened, filled in chunks of one transaction each, sealed.
//!
//! The ledger is the record of how far it has come, so a run that was killed anywhere is continued by the next.

use claims::instructions::{AppendPlanDetailsArgs, SealPlanDetailsArgs};
use claims::state::{DetailEntry, PlanDetails};
use claims::{accounts, instruction};
use sha2::{Digest, Sha256};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::convoy::Convoy;
use super::schedule::{Parties, Stage};
use crate::chain::session::Session;
use crate::cluster::Cluster;
use crate::error::{CliError, Result};
use crate::send::Receipt;

/// Details on their way to the ledger.
pub struct Upload<'a> {
    session: &'a Session<'a>,
    parties: Parties,
    plan: Pubkey,
    address: Pubkey,
    entries: &'a [DetailEntry],
}

/// The details at an address, if there are any.
///
/// # Errors
/// `wrong_account`, `cluster_unreachable`.
pub fn find(
    cluster: &Cluster,
    address: &Pubkey,
) -> Result<Option<(PlanDetails, Vec<DetailEntry>)>> {
    let Some(account) = cluster.account(address)? else {
        return Ok(None);
    };
    if account.owner == solana_sdk_ids::system_program::ID && account.data.is_empty() {
        return Ok(None);
    }
    let refused = || {
        CliError::new(
            "wrong_account",
            format!("{address} should be the details of a plan version and is something else."),
        )
    };
    if account.owner != claims::ID {
        return Err(refused());
    }
    PlanDetails::decode(&account.data)
        .map(Some)
        .map_err(|_| refused())
}

/// What a plan version demands beyond terms and schedule; empty where it has no details.
///
/// # Errors
/// `wrong_account`, `cluster_unreachable`.
pub fn of_version(
    cluster: &Cluster,
    version: &claims::state::PlanVersion,
) -> Result<Vec<DetailEntry>> {
    if !version.has_details() {
        return Ok(Vec::new());
    }
    let (address, _) = PlanDetails::find_address(&version.plan, version.number);
    let (_, entries) = find(cluster, &address)?.ok_or_else(|| {
        CliError::new(
            "wrong_account",
            format!("The details of the plan version are not at {address}, where they belong."),
        )
    })?;
    Ok(entries)
}

impl<'a> Upload<'a> {
    /// An upload of `entries` as the details of version `number` of `plan`.
    pub fn new(
        session: &'a Session<'a>,
        parties: Parties,
        plan: Pubkey,
        number: u16,
        entries: &'a [DetailEntry],
    ) -> Self {
        Self {
            session,
            parties,
            plan,
            address: PlanDetails::find_address(&plan, number).0,
            entries,
        }
    }

    /// Where they are or will be; none where the version demands nothing more.
    pub fn address(&self) -> Option<Pubkey> {
        (!self.entries.is_empty()).then_some(self.address)
    }

    /// How many entries there are.
    pub fn count(&self) -> usize {
        self.entries.len()
    }

    /// How far the upload has come.
    ///
    /// # Errors
    /// `details_differ` where others than these were begun, `wrong_account`, `cluster_unreachable`.
    pub fn stage(&self) -> Result<Stage> {
        let Some((header, there)) = find(self.session.cluster(), &self.address)? else {
            return Ok(Stage::Absent);
        };
        let fits = self.entries.starts_with(&there);
        match (fits, header.is_sealed()) {
            (true, true) if there.len() == self.entries.len() => Ok(Stage::Sealed),
            (true, false) if header.opener == self.session.key() => Ok(Stage::Begun(there.len())),
            _ => Err(CliError::new(
                "details_differ",
                format!(
                    "An upload of the next version's details was begun ({}) by {}, with other entries than this document gives, or with another code key. Discard it, for its rent, and begin anew with --restart.",
                    self.address, header.opener
                ),
            )),
        }
    }

    /// Uploads and seals what has not arrived yet. Returns the transactions that opened and sealed, and how many were between.
    ///
    /// # Errors
    /// Those of [`Convoy::run`].
    pub fn run(&self, stage: Stage) -> Result<(Vec<Receipt>, usize)> {
        if self.entries.is_empty() || stage == Stage::Sealed {
            return Ok((Vec::new(), 0));
        }
        let mut receipts = Vec::new();
        if stage == Stage::Absent {
            receipts.push(self.session.send(
                "Open the details of the plan version",
                &[self.open()],
                &[],
            )?);
        }
        let from = if let Stage::Begun(count) = stage {
            count
        } else {
            0
        };
        let sent = self.convoy().run(from)?;
        receipts.push(self.session.send(
            "Seal the details of the plan version",
            &[self.seal()],
            &[],
        )?);
        Ok((receipts, usize::try_from(sent).unwrap_or(usize::MAX)))
    }

    fn convoy(&self) -> Convoy<'_, 'a, DetailEntry> {
        Convoy {
            session: self.session,
            what: "Uploading demands",
            entries: self.entries,
            append: Box::new(move |start, chunk| self.append(start, chunk)),
            arrived: Box::new(move || {
                let there = find(self.session.cluster(), &self.address)?;
                Ok(there.map_or(0, |(_, entries)| entries.len()))
            }),
        }
    }

    /// Closes an upload that was begun, for its opener's rent. Nothing to do where there is none.
    ///
    /// # Errors
    /// Whatever the cluster or the program refuses, by name.
    pub fn discard(&self) -> Result<Option<Receipt>> {
        let Some((header, _)) = find(self.session.cluster(), &self.address)? else {
            return Ok(None);
        };
        let accounts = accounts::ClosePlanDetails {
            operator: self.session.key(),
            operator_record: self.parties.operator_record,
            insurer: self.parties.insurer,
            pool: self.parties.pool,
            plan: self.plan,
            plan_version: None,
            details: self.address,
            opener: header.opener,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let close =
            crate::chain::instruction(claims::ID, &accounts, &instruction::ClosePlanDetails {});
        self.session
            .send("Discard the details that were begun", &[close], &[])
            .map(Some)
    }

    fn open(&self) -> Instruction {
        let accounts = accounts::OpenPlanDetails {
            operator: self.session.key(),
            operator_record: self.parties.operator_record,
            insurer: self.parties.insurer,
            pool: self.parties.pool,
            plan: self.plan,
            details: self.address,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        crate::chain::instruction(claims::ID, &accounts, &instruction::OpenPlanDetails {})
    }

    fn append(&self, start: usize, chunk: &[DetailEntry]) -> Instruction {
        let accounts = accounts::AppendPlanDetails {
            opener: self.session.key(),
            details: self.address,
            system_program: solana_sdk_ids::system_program::ID,
        };
        let args = AppendPlanDetailsArgs {
            start_index: u32::try_from(start).unwrap_or(u32::MAX),
            entries: chunk.to_vec(),
        };
        crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::AppendPlanDetails { args },
        )
    }

    fn seal(&self) -> Instruction {
        let accounts = accounts::SealPlanDetails {
            operator: self.session.key(),
            operator_record: self.parties.operator_record,
            insurer: self.parties.insurer,
            pool: self.parties.pool,
            plan: self.plan,
            details: self.address,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let args = SealPlanDetailsArgs {
            count: u32::try_from(self.entries.len()).unwrap_or(u32::MAX),
            digest: Sha256::digest(bytemuck::cast_slice::<DetailEntry, u8>(self.entries)).into(),
        };
        crate::chain::instruction(
            claims::ID,
            &accounts,
            &instruction::SealPlanDetails { args },
        )
    }
}
