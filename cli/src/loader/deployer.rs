//! Brings a program on a cluster to what was built, step by step, from wherever it is.
use std::{
    ops::Range,
    thread,
    time::{Duration, Instant},
};

use solana_instruction::Instruction;
use solana_loader_v3_interface::{instruction as loader, state::UpgradeableLoaderState};
use solana_message::Message;
use solana_pubkey::Pubkey;
use solana_sdk_ids::bpf_loader_upgradeable;
use solana_signer::Signer;
use solana_transaction::Transaction;

use super::{
    artifact::{deployed_hash, Artifact},
    identity::{refuse_development_key, Identity},
    journal::{Entry, Journal, Pending},
    state::{buffer_seed, Addresses, Snapshot},
    step::{self, Step},
    wallet::{make_account, make_seeded_account, Signed, Tally, Wallet},
    LoaderError,
};
use crate::courier::Fate;
use crate::output::Notes;

/// A legacy transaction has at most this many bytes.
const PACKET_BYTES: usize = 1_232;
/// A write of this length stands for all when the fixed part of its transaction is measured: its
/// length takes two bytes, as that of each longer one does.
const SAMPLE_BYTES: usize = 128;
/// How many writes go out under one blockhash: few at first, then as many as the cluster takes in a
/// few seconds, so that they land well before it ends.
const FIRST_BATCH: usize = 16;
const SMALLEST_BATCH: usize = 4;
const LARGEST_BATCH: usize = 128;
const QUICK: Duration = Duration::from_secs(2);
const SLOW: Duration = Duration::from_secs(5);
/// What the writes are for, in words that follow "to".
const WRITE: &str = "write the program";
/// How often a step may come to nothing before the run gives up.
const ATTEMPTS: u32 = 5;
/// How many steps a deployment may take. Six do, a few more where transactions expire.
const MAX_STEPS: u32 = 64;
/// How long to wait for a slot.
const SLOT_PATIENCE: Duration = Duration::from_secs(60);
/// How often to look whether a slot has come.
const SLOT_LOOK: Duration = Duration::from_millis(50);
/// How long a blockhash may stay unknown to the cluster before a transaction of an earlier run
/// counts as lost with it: a local validator that was started afresh never knew it.
const UNKNOWN_BLOCKHASH: Duration = Duration::from_secs(5);
/// Transactions besides the writes: buffer, extension, deployment, and one to spare.
const OTHER_TRANSACTIONS: u64 = 4;

/// What a deployment did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    /// The program was created.
    Deployed,
    /// The program was replaced.
    Upgraded,
    /// The program was already what was built.
    Unchanged,
}

/// The result of a deployment, read back from the cluster.
#[derive(Debug)]
pub struct Outcome {
    /// What was done.
    pub action: Action,
    /// The state afterwards.
    pub after: Snapshot,
    /// Lamports of the program's accounts before and after.
    pub lamports: (u64, u64),
    /// What was sent.
    pub tally: Tally,
    /// SHA-256 of what the cluster runs.
    pub deployed_sha256: String,
}

/// Deploys to one cluster for one upgrade authority.
pub struct Deployer<'a> {
    /// Pays and sends.
    pub wallet: Wallet<'a>,
    /// May upgrade.
    pub authority: &'a dyn Signer,
    /// The cluster's genesis hash.
    pub genesis: &'a str,
    /// What is under way.
    pub journal: &'a Journal,
    /// Where progress is shown.
    pub notes: Notes,
}

/// What goes where.
struct Job<'a> {
    artifact: &'a Artifact,
    identity: &'a Identity,
    addresses: Addresses,
    /// How many bytes of the program fit one write.
    chunk: usize,
}

impl Deployer<'_> {
    /// What [`Deployer::run`] would do, by looking only.
    ///
    /// # Errors
    /// What `run` would refuse before it sends anything.
    pub fn foresee(&self, artifact: &Artifact, identity: &Identity) -> Result<Action, LoaderError> {
        let job = self.job(artifact, identity)?;
        let snapshot = self.read(&job.addresses, 0)?;
        Ok(match (self.next(&snapshot, &job)?, &snapshot.deployment) {
            (Step::Done, _) => Action::Unchanged,
            (_, None) => Action::Deployed,
            (_, Some(_)) => Action::Upgraded,
        })
    }

    /// Deploys, upgrades or leaves alone, so that the cluster runs `artifact` at `identity`.
    ///
    /// # Errors
    /// Each with what to do. After any of them, and after the process was killed at any point, the
    /// same call goes on where this one stopped.
    pub fn run(&self, artifact: &Artifact, identity: &Identity) -> Result<Outcome, LoaderError> {
        let job = self.job(artifact, identity)?;
        let mut tally = Tally::default();
        self.settle(&identity.id)?;

        let before = self.read(&job.addresses, 0)?;
        let mut step = self.next(&before, &job)?;
        if step != Step::Done {
            self.check_key(&before, &job)?;
            self.check_funds(&before, &job)?;
        }

        let mut entry = Entry {
            name: artifact.name.clone(),
            authority: self.authority.pubkey().to_string(),
            buffer: job.addresses.buffer.to_string(),
            sha256: artifact.sha256.clone(),
            pending: None,
        };
        let mut snapshot = before.clone();
        let mut in_vain: u32 = 0;
        for _ in 0..MAX_STEPS {
            if step == Step::Done {
                self.journal.forget(&identity.id)?;
                return outcome(artifact, &before, snapshot, tally);
            }
            let landed = self.take(&step, &snapshot, &job, &mut entry, &mut tally)?;
            in_vain = if landed.is_some() {
                0
            } else {
                in_vain.saturating_add(1)
            };
            if in_vain >= ATTEMPTS {
                return Err(LoaderError::NotLanding { step: name(&step) });
            }
            snapshot = self.read(&job.addresses, landed.unwrap_or_default())?;
            let following = self.next(&snapshot, &job)?;
            if landed.is_some()
                && matches!(step, Step::Deploy | Step::Upgrade)
                && following != Step::Done
            {
                let found = snapshot
                    .deployment
                    .as_ref()
                    .map(|it| deployed_hash(&it.code, Some(artifact)));
                return Err(LoaderError::ReadBack {
                    program: identity.id,
                    wanted: artifact.sha256.clone(),
                    found: found.unwrap_or_else(|| "nothing".to_owned()),
                });
            }
            step = following;
        }
        Err(LoaderError::Stuck { step: name(&step) })
    }

    fn job<'a>(
        &self,
        artifact: &'a Artifact,
        identity: &'a Identity,
    ) -> Result<Job<'a>, LoaderError> {
        refuse_development_key(self.genesis, &artifact.name, &identity.id)?;
        let addresses = Addresses::of(&identity.id, &self.authority.pubkey())?;
        Ok(Job {
            chunk: self.chunk_bytes(&addresses)?,
            artifact,
            identity,
            addresses,
        })
    }

    fn next(&self, snapshot: &Snapshot, job: &Job) -> Result<Step, LoaderError> {
        step::next(
            snapshot,
            job.artifact,
            &job.identity.id,
            &self.authority.pubkey(),
            job.chunk,
        )
    }

    /// Takes one step; the slot in which it landed, or none if the cluster has to be looked at again.
    fn take(
        &self,
        step: &Step,
        snapshot: &Snapshot,
        job: &Job,
        entry: &mut Entry,
        tally: &mut Tally,
    ) -> Result<Option<u64>, LoaderError> {
        let Job {
            artifact,
            identity,
            addresses,
            ..
        } = job;
        let payer = self.wallet.payer.pubkey();
        let authority = self.authority.pubkey();
        let mut signers = vec![self.authority];
        let instructions = match step {
            Step::Done => return Ok(None),
            Step::Write(ranges) => return self.write(ranges, job, tally),
            Step::CloseBuffer => vec![loader::close(&addresses.buffer, &payer, &authority)],
            Step::CreateBuffer => self.create_buffer(snapshot, job)?,
            Step::Deploy => {
                signers.extend(identity.keypair.as_ref().map(|key| key as &dyn Signer));
                self.create_program(snapshot, job)?
            }
            Step::Extend(bytes) => {
                self.wait_past(snapshot.deployment.as_ref().map_or(0, |it| it.slot))?;
                self.extend(addresses, *bytes)?
            }
            Step::Upgrade => {
                self.wait_past(snapshot.deployment.as_ref().map_or(0, |it| it.slot))?;
                vec![loader::upgrade(
                    &addresses.program,
                    &addresses.buffer,
                    &authority,
                    &payer,
                )]
            }
        };
        self.notes
            .detail(format_args!("{}: {}", artifact.name, name(step)));
        let landed = self
            .wallet
            .execute(name(step), &instructions, &signers, tally, |signed| {
                self.write_down(&addresses.program, entry, name(step), signed)
            })?;
        if let (Some(slot), Step::Deploy | Step::Upgrade) = (landed, step) {
            // The loader lets a new program run from the next slot on.
            self.wait_past(slot)?;
        }
        Ok(landed)
    }

    fn write_down(
        &self,
        program: &Pubkey,
        entry: &mut Entry,
        step: &str,
        signed: &Signed,
    ) -> Result<(), LoaderError> {
        entry.pending = Some(Pending::new(step, &signed.transaction, signed.last_valid)?);
        self.journal.write(program, entry)
    }

    /// Finds out what became of what an earlier run sent last, if it was killed before it knew. Its fee
    /// is that run's.
    fn settle(&self, program: &Pubkey) -> Result<(), LoaderError> {
        let Some(pending) = self.journal.read(program)?.and_then(|entry| entry.pending) else {
            return Ok(());
        };
        let Some(transaction) = pending.decode() else {
            return Ok(());
        };
        self.notes.detail(format_args!(
            "An earlier run was stopped after sending {} (to {}); finding out what became of it.",
            pending.signature, pending.step
        ));
        let rpc = self.wallet.rpc;
        let courier = self.wallet.courier();
        let asked = Instant::now();
        while !rpc.is_blockhash_valid(
            &transaction.message.recent_blockhash,
            self.wallet.commitment,
        )? {
            // Landed long ago or never to land: either way the accounts tell.
            let ended = courier.has_ended(pending.last_valid_block_height)?;
            if ended || asked.elapsed() > UNKNOWN_BLOCKHASH {
                return Ok(());
            }
            thread::sleep(SLOT_LOOK);
        }
        courier.deliver(
            std::slice::from_ref(&transaction),
            pending.last_valid_block_height,
            || {},
        )?;
        Ok(())
    }

    fn create_buffer(
        &self,
        snapshot: &Snapshot,
        job: &Job,
    ) -> Result<Vec<Instruction>, LoaderError> {
        let Job {
            artifact,
            addresses,
            ..
        } = job;
        let authority = self.authority.pubkey();
        let space = UpgradeableLoaderState::size_of_buffer(artifact.bytes.len());
        let mut instructions = make_seeded_account(
            &self.wallet.payer.pubkey(),
            &addresses.buffer,
            &authority,
            &buffer_seed(&addresses.program),
            self.wallet
                .rent(space)?
                .saturating_sub(snapshot.buffer_gift),
            u64::try_from(space).map_err(|_| LoaderError::Arithmetic)?,
            &bpf_loader_upgradeable::id(),
        );
        // The interface pairs this instruction with `create_account`, which is replaced above.
        let made = loader::create_buffer(
            &authority,
            &addresses.buffer,
            &authority,
            0,
            artifact.bytes.len(),
        )
        .map_err(|error| LoaderError::Derivation(error.to_string()))?;
        instructions.extend(
            made.into_iter()
                .filter(|it| it.program_id == bpf_loader_upgradeable::id()),
        );
        Ok(instructions)
    }

    fn create_program(
        &self,
        snapshot: &Snapshot,
        job: &Job,
    ) -> Result<Vec<Instruction>, LoaderError> {
        let Job {
            artifact,
            addresses,
            ..
        } = job;
        let payer = self.wallet.payer.pubkey();
        let space = UpgradeableLoaderState::size_of_program();
        let mut instructions = make_account(
            &payer,
            &addresses.program,
            self.wallet
                .rent(space)?
                .saturating_sub(snapshot.program_lamports),
            u64::try_from(space).map_err(|_| LoaderError::Arithmetic)?,
            &bpf_loader_upgradeable::id(),
        );
        let made = loader::deploy_with_max_program_len(
            &payer,
            &addresses.program,
            &addresses.buffer,
            &self.authority.pubkey(),
            0,
            artifact.bytes.len(),
        )
        .map_err(|error| LoaderError::Derivation(error.to_string()))?;
        instructions.extend(
            made.into_iter()
                .filter(|it| it.program_id == bpf_loader_upgradeable::id()),
        );
        Ok(instructions)
    }

    /// The form of the extension that this cluster takes: some have replaced the open one by one
    /// that the authority signs.
    fn extend(&self, addresses: &Addresses, bytes: u32) -> Result<Vec<Instruction>, LoaderError> {
        let payer = self.wallet.payer.pubkey();
        let open = vec![loader::extend_program(
            &addresses.program,
            Some(&payer),
            bytes,
        )];
        match self.wallet.rehearse(name(&Step::Extend(bytes)), &open) {
            Err(LoaderError::Refused { logs, .. })
                if logs
                    .iter()
                    .any(|line| line.contains("ExtendProgramChecked")) =>
            {
                Ok(vec![loader::extend_program_checked(
                    &addresses.program,
                    &self.authority.pubkey(),
                    Some(&payer),
                    bytes,
                )])
            }
            _ => Ok(open),
        }
    }

    /// Writes the ranges into the buffer, batch by batch, each under a blockhash of its own; what does
    /// not land in its time is found by the next look at the buffer.
    fn write(
        &self,
        ranges: &[Range<usize>],
        job: &Job,
        tally: &mut Tally,
    ) -> Result<Option<u64>, LoaderError> {
        let writes = ranges
            .iter()
            .map(|range| self.write_instruction(range, job))
            .collect::<Result<Vec<Instruction>, LoaderError>>()?;
        let Some(sample) = writes.first() else {
            return Ok(None);
        };
        // Every write costs the same units.
        let units = self.wallet.rehearse(WRITE, std::slice::from_ref(sample))?;
        let bar = self.notes.bar(
            u64::try_from(writes.len()).unwrap_or(u64::MAX),
            &format!("{}: writing", job.artifact.name),
        );
        let mut landed = None;
        let mut size = FIRST_BATCH;
        let mut rest = writes.as_slice();
        while !rest.is_empty() {
            let (batch, others) = rest.split_at(size.min(rest.len()));
            rest = others;
            let begun = Instant::now();
            let slot = self.write_batch(batch, units, tally, || bar.inc(1))?;
            landed = landed.max(slot);
            size = next_batch(size, begun.elapsed());
        }
        bar.finish_and_clear();
        Ok(landed)
    }

    fn write_instruction(
        &self,
        range: &Range<usize>,
        job: &Job,
    ) -> Result<Instruction, LoaderError> {
        let offset = u32::try_from(range.start).map_err(|_| LoaderError::Arithmetic)?;
        let bytes = job
            .artifact
            .bytes
            .get(range.clone())
            .ok_or(LoaderError::Arithmetic)?;
        Ok(loader::write(
            &job.addresses.buffer,
            &self.authority.pubkey(),
            offset,
            bytes.to_vec(),
        ))
    }

    /// Signs and delivers writes under one blockhash; the last slot in which one landed.
    fn write_batch(
        &self,
        writes: &[Instruction],
        units: u64,
        tally: &mut Tally,
        progress: impl Fn(),
    ) -> Result<Option<u64>, LoaderError> {
        let rpc = self.wallet.rpc;
        let (blockhash, last_valid) =
            rpc.get_latest_blockhash_with_commitment(self.wallet.commitment)?;
        let signers = self.wallet.signers(&[self.authority]);
        let transactions = writes
            .iter()
            .map(|write| {
                let message = self.wallet.message(std::slice::from_ref(write), units);
                let mut transaction = Transaction::new_unsigned(message);
                transaction.try_sign(&signers, blockhash).map_err(|error| {
                    LoaderError::Unsigned(self.authority.pubkey(), error.to_string())
                })?;
                Ok(transaction)
            })
            .collect::<Result<Vec<Transaction>, LoaderError>>()?;
        let fee = match transactions.first() {
            Some(transaction) => rpc.get_fee_for_message(&transaction.message)?,
            None => 0,
        };
        let fates = self
            .wallet
            .courier()
            .deliver(&transactions, last_valid, || {
                tally.add(1, fee);
                progress();
            })?;
        Ok(fates
            .into_iter()
            .filter_map(|fate| match fate {
                Fate::Landed { slot, error: None } => Some(slot),
                _ => None,
            })
            .max())
    }

    /// How many bytes of the program fit one write transaction.
    fn chunk_bytes(&self, addresses: &Addresses) -> Result<usize, LoaderError> {
        let write = loader::write(
            &addresses.buffer,
            &self.authority.pubkey(),
            0,
            vec![0; SAMPLE_BYTES],
        );
        let message: Message = self.wallet.message(&[write], 0);
        let bytes = bincode::serialized_size(&Transaction::new_unsigned(message))
            .ok()
            .and_then(|bytes| usize::try_from(bytes).ok())
            .ok_or(LoaderError::Arithmetic)?;
        Ok(PACKET_BYTES.saturating_sub(bytes.saturating_sub(SAMPLE_BYTES)))
    }

    /// Refuses to begin what only the program's own key could finish, where that is not at hand.
    fn check_key(&self, snapshot: &Snapshot, job: &Job) -> Result<(), LoaderError> {
        if snapshot.deployment.is_some() || job.identity.keypair.is_some() {
            return Ok(());
        }
        let program = job.artifact.name.clone();
        Err(LoaderError::NoProgramKey {
            expected: format!("keys/{program}.json").into(),
            program,
            id: job.identity.id,
        })
    }

    /// Refuses to begin what the payer cannot finish.
    fn check_funds(&self, snapshot: &Snapshot, job: &Job) -> Result<(), LoaderError> {
        let length = job.artifact.bytes.len();
        let buffer_rent = self
            .wallet
            .rent(UpgradeableLoaderState::size_of_buffer(length))?;
        let data_rent = self
            .wallet
            .rent(UpgradeableLoaderState::size_of_programdata(length))?;
        let held = snapshot
            .buffer
            .as_ref()
            .map_or(snapshot.buffer_gift, |it| it.lamports);
        let for_buffer = buffer_rent.saturating_sub(held);
        let rent = match &snapshot.deployment {
            // The buffer's rent goes back to the payer before the program data is paid for.
            None => {
                let program_rent = self
                    .wallet
                    .rent(UpgradeableLoaderState::size_of_program())?;
                let for_program = program_rent
                    .saturating_sub(snapshot.program_lamports)
                    .saturating_add(data_rent)
                    .saturating_sub(held);
                for_buffer.max(for_program)
            }
            // An upgrade needs the room first and gives the buffer's rent back at the end.
            Some(deployment) => {
                for_buffer.saturating_add(data_rent.saturating_sub(deployment.lamports))
            }
        };
        let writes = u64::try_from(length.div_ceil(job.chunk.max(1)))
            .map_err(|_| LoaderError::Arithmetic)?;
        let one = self
            .wallet
            .rpc
            .get_fee_for_message(&self.sample_message()?)?;
        let needed =
            rent.saturating_add(one.saturating_mul(writes.saturating_add(OTHER_TRANSACTIONS)));
        let balance = self.wallet.balance()?;
        if balance < needed {
            return Err(LoaderError::InsufficientFunds {
                payer: self.wallet.payer.pubkey(),
                balance,
                needed,
            });
        }
        Ok(())
    }

    /// A message with the signatures and the budget of a write, to ask for its fee.
    fn sample_message(&self) -> Result<Message, LoaderError> {
        let authority = self.authority.pubkey();
        let mut message = self
            .wallet
            .message(&[loader::write(&authority, &authority, 0, vec![0])], 3_000);
        message.recent_blockhash = self
            .wallet
            .rpc
            .get_latest_blockhash_with_commitment(self.wallet.commitment)?
            .0;
        Ok(message)
    }

    /// Reads the state as of `slot` or later: behind one URL may stand many nodes, some of which lag.
    fn read(&self, addresses: &Addresses, slot: u64) -> Result<Snapshot, LoaderError> {
        let asked = Instant::now();
        loop {
            let snapshot = Snapshot::read(self.wallet.rpc, self.wallet.commitment, addresses)?;
            if snapshot.slot >= slot {
                return Ok(snapshot);
            }
            if asked.elapsed() > SLOT_PATIENCE {
                return Err(node_behind(slot));
            }
            thread::sleep(SLOT_LOOK);
        }
    }

    /// Waits until the cluster is past `slot`: a program can change once in a slot.
    fn wait_past(&self, slot: u64) -> Result<(), LoaderError> {
        let asked = Instant::now();
        while self
            .wallet
            .rpc
            .get_slot_with_commitment(self.wallet.commitment)?
            <= slot
        {
            if asked.elapsed() > SLOT_PATIENCE {
                return Err(node_behind(slot.saturating_add(1)));
            }
            thread::sleep(SLOT_LOOK);
        }
        Ok(())
    }
}

/// The size of the batch after one of `size` writes that took this long.
fn next_batch(size: usize, took: Duration) -> usize {
    if took < QUICK {
        size.saturating_mul(2).min(LARGEST_BATCH)
    } else if took > SLOW {
        (size / 2).max(SMALLEST_BATCH)
    } else {
        size
    }
}

fn outcome(
    artifact: &Artifact,
    before: &Snapshot,
    after: Snapshot,
    tally: Tally,
) -> Result<Outcome, LoaderError> {
    let deployment = after.deployment.as_ref().ok_or(LoaderError::Arithmetic)?;
    let action = match &before.deployment {
        None => Action::Deployed,
        Some(previous) if previous.code == deployment.code => Action::Unchanged,
        Some(_) => Action::Upgraded,
    };
    Ok(Outcome {
        action,
        lamports: (before.lamports(), after.lamports()),
        deployed_sha256: deployed_hash(&deployment.code, Some(artifact)),
        after,
        tally,
    })
}

fn node_behind(wanted: u64) -> LoaderError {
    LoaderError::NodeBehind {
        wanted,
        seconds: SLOT_PATIENCE.as_secs(),
    }
}

/// What a step does, in words that follow "to".
fn name(step: &Step) -> &'static str {
    match step {
        Step::Done => "do nothing",
        Step::CloseBuffer => "close a left-over buffer",
        Step::CreateBuffer => "create the buffer",
        Step::Write(_) => WRITE,
        Step::Deploy => "create the program",
        Step::Extend(_) => "extend the program",
        Step::Upgrade => "upgrade the program",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_grow_while_the_cluster_is_quick_and_shrink_while_it_is_slow() {
        let after = |size, seconds| next_batch(size, Duration::from_secs(seconds));
        assert_eq!((after(16, 1), after(16, 3), after(16, 6)), (32, 16, 8));
        assert_eq!(
            (after(LARGEST_BATCH, 0), after(SMALLEST_BATCH, 60)),
            (LARGEST_BATCH, SMALLEST_BATCH)
        );
    }
}
