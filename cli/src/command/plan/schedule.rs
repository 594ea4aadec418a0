//! The upload of a benefit schedule: up to 10,000 entries in chunks of one transaction each, then sealed.
//!
//! The ledger is the record of how far it has come. The schedule's address follows from the operator's key, the pool and the
//! number, so a run that was killed anywhere is continued by the next, and nothing is paid for twice: a chunk that has
//! arrived is refused by the program should it arrive again.

use claims::instructions::{AppendBenefitsArgs, OpenScheduleArgs, SealScheduleArgs};
use claims::state::{BenefitEntry, BenefitSchedule};
use claims::{accounts, instruction};
use sha2::{Digest, Sha256};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

use super::convoy::Convoy;
use super::view::schedule_header;
use crate::chain::session::Session;
use crate::chain::text::hex;
use crate::cluster::unreachable;
use crate::error::{CliError, Result};
use crate::loader::wallet::make_seeded_account;
use crate::send::Receipt;

/// A schedule on its way to the ledger.
pub struct Upload<'a> {
    session: &'a Session<'a>,
    parties: Parties,
    number: u16,
    seed: String,
    address: Pubkey,
    entries: &'a [BenefitEntry],
}

/// Whose schedule it is.
#[derive(Debug, Clone, Copy)]
pub struct Parties {
    /// The pool whose plans may use the schedule.
    pub pool: Pubkey,
    /// The pool's insurer.
    pub insurer: Pubkey,
    /// The record of the signer at the insurer.
    pub operator_record: Pubkey,
}

/// How far the upload has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// There is nothing yet.
    Absent,
    /// So many entries have arrived, and they are the right ones.
    Begun(usize),
    /// All entries have arrived and are sealed.
    Sealed,
}

/// Address and seed of schedule `number` of `pool` as `operator` uploads it.
///
/// # Errors
/// `address_underivable` never, in fact: the seed is short enough.
pub fn address_of(operator: &Pubkey, pool: &Pubkey, number: u16) -> Result<(Pubkey, String)> {
    let digest = Sha256::new()
        .chain_update("galen benefit schedule")
        .chain_update(pool)
        .chain_update(number.to_le_bytes())
        .finalize();
    let seed: String = hex(&digest).chars().take(32).collect();
    let address = BenefitSchedule::address(operator, &seed).ok_or_else(|| {
        CliError::new(
            "address_underivable",
            "The schedule's address cannot be derived.",
        )
    })?;
    Ok((address, seed))
}

impl<'a> Upload<'a> {
    /// An upload of `entries` as the pool's schedule `number`.
    ///
    /// # Errors
    /// Those of [`address_of`].
    pub fn new(
        session: &'a Session<'a>,
        parties: Parties,
        number: u16,
        entries: &'a [BenefitEntry],
    ) -> Result<Self> {
        let (address, seed) = address_of(&session.key(), &parties.pool, number)?;
        Ok(Self {
            session,
            parties,
            number,
            seed,
            address,
            entries,
        })
    }

    /// Where the schedule is or will be.
    pub fn address(&self) -> Pubkey {
        self.address
    }

    /// What the schedule's account has to hold, in lamports.
    ///
    /// # Errors
    /// `cluster_unreachable`.
    pub fn rent(&self) -> Result<u64> {
        let client = &self.session.cluster().client;
        client
            .get_minimum_balance_for_rent_exemption(self.account_size()?)
            .map_err(|error| unreachable(&client.url(), &error))
    }

    /// How many transactions of entries are still to be sent from `count` entries on.
    ///
    /// # Errors
    /// Those of [`Convoy::transactions_left`].
    pub fn transactions_left(&self, count: usize) -> Result<usize> {
        self.convoy().transactions_left(count)
    }

    /// How far the upload has come.
    ///
    /// # Errors
    /// `schedule_differs` where other entries have arrived there, `wrong_account`, `cluster_unreachable`.
    pub fn stage(&self) -> Result<Stage> {
        let Some(account) = self.session.cluster().account(&self.address)? else {
            return Ok(Stage::Absent);
        };
        if account.owner != claims::ID {
            // Lamports that somebody sent there do not matter; `open` counts them in.
            return Ok(Stage::Absent);
        }
        let (header, entries) = BenefitSchedule::decode(&account.data).map_err(|_| {
            CliError::new(
                "wrong_account",
                format!(
                    "{} should be a benefit schedule and is something else.",
                    self.address
                ),
            )
        })?;
        let fits = header.pool == self.parties.pool
            && header.number == self.number
            && usize::try_from(header.capacity)
                .is_ok_and(|capacity| capacity == self.entries.len())
            && self.entries.starts_with(&entries);
        match (fits, header.is_sealed()) {
            (true, true) => Ok(Stage::Sealed),
            (true, false) => Ok(Stage::Begun(entries.len())),
            (false, sealed) => Err(self.differs(sealed)),
        }
    }

    /// Creates the account and opens it, in one transaction.
    ///
    /// # Errors
    /// Whatever the cluster or the program refuses, by name.
    pub fn open(&self) -> Result<Receipt> {
        let session = self.session;
        let size = self.account_size()?;
        let there = session
            .cluster()
            .account(&self.address)?
            .map_or(0, |account| account.lamports);
        let space = u64::try_from(size).unwrap_or(u64::MAX);
        let mut instructions = make_seeded_account(
            &session.payer(),
            &self.address,
            &session.key(),
            &self.seed,
            self.rent()?.saturating_sub(there),
            space,
            &claims::ID,
        );
        let accounts = accounts::OpenSchedule {
            operator: session.key(),
            operator_record: self.parties.operator_record,
            insurer: self.parties.insurer,
            pool: self.parties.pool,
            schedule: self.address,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let data = instruction::OpenSchedule {
            args: OpenScheduleArgs {
                number: self.number,
            },
        };
        instructions.push(crate::chain::instruction(claims::ID, &accounts, &data));
        session.send("Open the benefit schedule", &instructions, &[])
    }

    /// Uploads what has not arrived yet. Returns how many transactions it took.
    ///
    /// # Errors
    /// Those of [`Convoy::run`].
    pub fn append(&self, from: usize) -> Result<u64> {
        self.convoy().run(from)
    }

    fn convoy(&self) -> Convoy<'_, 'a, BenefitEntry> {
        Convoy {
            session: self.session,
            what: "Uploading benefits",
            entries: self.entries,
            append: Box::new(move |start, chunk| self.append_instruction(start, chunk)),
            arrived: Box::new(move || {
                let header = schedule_header(self.session.cluster(), &self.address)?;
                Ok(usize::try_from(header.count).unwrap_or(usize::MAX))
            }),
        }
    }

    /// Seals exactly these entries.
    ///
    /// # Errors
    /// Whatever the cluster or the program refuses, by name.
    pub fn seal(&self) -> Result<Receipt> {
        let accounts = accounts::SealSchedule {
            operator: self.session.key(),
            operator_record: self.parties.operator_record,
            insurer: self.parties.insurer,
            pool: self.parties.pool,
            schedule: self.address,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let digest = Sha256::digest(bytemuck::cast_slice::<BenefitEntry, u8>(self.entries)).into();
        let args = SealScheduleArgs {
            count: u32::try_from(self.entries.len()).unwrap_or(u32::MAX),
            digest,
        };
        self.session.send(
            "Seal the benefit schedule",
            &[crate::chain::instruction(
                claims::ID,
                &accounts,
                &instruction::SealSchedule { args },
            )],
            &[],
        )
    }

    /// Closes an upload that was begun, for its rent. Nothing to do where there is none.
    ///
    /// # Errors
    /// Whatever the cluster or the program refuses, by name.
    pub fn discard(&self) -> Result<Option<Receipt>> {
        match self.session.cluster().account(&self.address)? {
            Some(account) if account.owner == claims::ID => {}
            _ => return Ok(None),
        }
        let accounts = accounts::CloseSchedule {
            operator: self.session.key(),
            operator_record: self.parties.operator_record,
            insurer: self.parties.insurer,
            pool: self.parties.pool,
            schedule: self.address,
            opener: self.session.key(),
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let close =
            crate::chain::instruction(claims::ID, &accounts, &instruction::CloseSchedule {});
        self.session
            .send("Discard the upload that was begun", &[close], &[])
            .map(Some)
    }

    fn differs(&self, sealed: bool) -> CliError {
        let message = if sealed {
            format!(
                "The pool's schedule {} is sealed already ({}) and has other entries than this document gives, or another code key made them. Choose another number with --schedule.",
                self.number, self.address
            )
        } else {
            format!(
                "An upload of the pool's schedule {} was begun ({}) with other entries than this document gives, or with another code key. Discard it, for its rent, and begin anew with --restart; or choose another number with --schedule.",
                self.number, self.address
            )
        };
        CliError::new("schedule_differs", message)
    }

    fn account_size(&self) -> Result<usize> {
        u32::try_from(self.entries.len())
            .ok()
            .and_then(BenefitSchedule::account_size)
            .ok_or_else(|| {
                CliError::new(
                    "too_many_benefits",
                    "The schedule is too large for an account.",
                )
            })
    }

    fn append_instruction(&self, start: usize, chunk: &[BenefitEntry]) -> Instruction {
        let accounts = accounts::AppendBenefits {
            opener: self.session.key(),
            schedule: self.address,
        };
        let args = AppendBenefitsArgs {
            start_index: u32::try_from(start).unwrap_or(u32::MAX),
            entries: chunk.to_vec(),
        };
        crate::chain::instruction(claims::ID, &accounts, &instruction::AppendBenefits { args })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_operator_pool_and_number_has_an_address_of_its_own() {
        let key = |byte| Pubkey::new_from_array([byte; 32]);
        let address = |operator, pool, number| {
            address_of(&key(operator), &key(pool), number)
                .expect("derived")
                .0
        };
        let all = [
            address(1, 2, 0),
            address(1, 2, 1),
            address(1, 3, 0),
            address(2, 2, 0),
        ];
        assert_eq!(address(1, 2, 0), all[0]);
        assert!(all
            .iter()
            .enumerate()
            .all(|(index, one)| !all[..index].contains(one)));
    }
}
