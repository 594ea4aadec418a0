//! Handing the upgrade authority to another key in two steps: the holder proposes, the new key
//! accepts.
//!
//! The loader changes an authority in one instruction, signed by both keys (`SetAuthorityChecked`).
//! To let two people sign at two times, on two machines, the holder signs a transaction whose
//! blockhash is a durable nonce, and writes the parts of it to a file: the proposal. Nothing has
//! changed then. The new key adds its signature and sends it: now the authority has changed, for all
//! programs of the proposal or for none. Until then the holder can withdraw, which uses up the
//! nonce and makes the signature worthless; a newer proposal does the same to the older.
//!
//! The file holds no opaque transaction. It holds the facts, and each side builds the transaction
//! from them, so that what is shown is what is signed.
use std::{
    fs, io,
    path::{Path, PathBuf},
    str::FromStr,
    thread,
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use solana_client::rpc_client::RpcClient;
use solana_commitment_config::CommitmentConfig;
use solana_compute_budget_interface::ComputeBudgetInstruction;
use solana_hash::Hash;
use solana_loader_v3_interface::instruction as loader;
use solana_message::Message;
use solana_nonce::{state::State, versions::Versions};
use solana_pubkey::Pubkey;
use solana_rpc_client_api::config::RpcSendTransactionConfig;
use solana_sdk_ids::system_program;
use solana_signature::Signature;
use solana_signer::Signer;
use solana_system_interface::instruction as system;
use solana_transaction::Transaction;

use super::{
    journal::{remove, write_private, Journal},
    state::{Addresses, Snapshot},
    wallet::{make_seeded_account, Tally, Wallet},
    LoaderError,
};

/// The nonce account of a holder's proposals follows from its key and this seed: one open proposal
/// per holder, found again without any file.
const NONCE_SEED: &str = "galen authority hand-over";
/// How long to wait for the last transaction to land. A nonce does not expire, so there is no block
/// height to wait for; running the command again looks once more.
const PATIENCE: Duration = Duration::from_secs(90);
/// Enough for the programs that fit one transaction: the loader takes 2,370 units for each, the rest 150.
const HANDOVER_UNITS: u32 = 50_000;
const RESEND_AFTER: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(100);
/// How long a nonce that was used in this very slot may refuse to be used again.
const NONCE_REST: Duration = Duration::from_secs(10);

/// A program whose authority is handed over.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Handed {
    /// Its name.
    pub program: String,
    /// Its address.
    #[serde(with = "base58")]
    pub program_id: Pubkey,
}

/// A proposal: who hands what to whom on which cluster, and the signatures that stand for it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Proposal {
    /// The cluster's genesis hash.
    pub genesis: String,
    /// Who has the authority.
    #[serde(with = "base58")]
    pub from: Pubkey,
    /// Who gets it.
    #[serde(with = "base58")]
    pub to: Pubkey,
    /// Who pays the fee of the hand-over.
    #[serde(with = "base58")]
    pub payer: Pubkey,
    /// Priority fee of the hand-over, in micro-lamports per compute unit.
    pub compute_unit_price: Option<u64>,
    /// What is handed over.
    pub programs: Vec<Handed>,
    /// The account with the nonce.
    #[serde(with = "base58")]
    pub nonce_account: Pubkey,
    /// The nonce's value: the proposal is open as long as the account has it.
    #[serde(with = "base58")]
    pub nonce: Hash,
    /// The holder's signature.
    #[serde(with = "base58")]
    pub from_signature: Signature,
    /// The payer's, which is the holder's again where the holder pays.
    #[serde(with = "base58")]
    pub payer_signature: Signature,
}

impl Proposal {
    /// Where a proposal lies unless a file is named.
    #[must_use]
    pub fn path(home: &Path, genesis: &str) -> PathBuf {
        Journal::folder(home, genesis).join("authority-proposal.json")
    }

    /// Reads a proposal.
    ///
    /// # Errors
    /// There is no such file, or it is not a proposal.
    pub fn read(path: &Path) -> Result<Self, LoaderError> {
        let text = fs::read(path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => LoaderError::NoProposal(Some(path.to_owned())),
            _ => LoaderError::Unreadable {
                path: path.to_owned(),
                error,
            },
        })?;
        serde_json::from_slice(&text).map_err(|error| LoaderError::BadRecord {
            path: path.to_owned(),
            error,
        })
    }

    /// Writes it where only its owner can read it. It is no secret, but it is nobody's business.
    ///
    /// # Errors
    /// The disk does not take it.
    pub fn write(&self, path: &Path) -> Result<(), LoaderError> {
        write_private(path, self)
    }

    /// Removes the file of a proposal that is worthless.
    ///
    /// # Errors
    /// It is there and cannot be removed.
    pub fn forget(path: &Path) -> Result<(), LoaderError> {
        remove(path)
    }

    /// The transaction that it stands for, unsigned: the nonce is used up first, then each authority
    /// is set.
    fn message(&self) -> Message {
        let mut instructions = vec![system::advance_nonce_account(
            &self.nonce_account,
            &self.from,
        )];
        if let Some(price) = self.compute_unit_price {
            instructions.push(ComputeBudgetInstruction::set_compute_unit_limit(
                HANDOVER_UNITS,
            ));
            instructions.push(ComputeBudgetInstruction::set_compute_unit_price(price));
        }
        instructions.extend(self.programs.iter().map(|handed| {
            loader::set_upgrade_authority_checked(&handed.program_id, &self.from, &self.to)
        }));
        Message::new_with_blockhash(&instructions, Some(&self.payer), &self.nonce)
    }

    /// The transaction with the signatures of the proposal, to which the new key's is missing.
    ///
    /// # Errors
    /// A signature does not fit the proposal's content.
    fn transaction(&self) -> Result<Transaction, LoaderError> {
        let mut transaction = Transaction::new_unsigned(self.message());
        let text = transaction.message_data();
        for (key, signature) in [
            (self.payer, self.payer_signature),
            (self.from, self.from_signature),
        ] {
            if !signature.verify(key.as_ref(), &text) {
                return Err(LoaderError::ProposalUnsigned(key));
            }
            if let Some(place) = transaction
                .message
                .account_keys
                .iter()
                .position(|account| *account == key)
                .and_then(|index| transaction.signatures.get_mut(index))
            {
                *place = signature;
            }
        }
        Ok(transaction)
    }
}

/// The address of the nonce account for `holder`'s proposals.
///
/// # Errors
/// Never for the seed used here.
pub fn nonce_address(holder: &Pubkey) -> Result<Pubkey, LoaderError> {
    Pubkey::create_with_seed(holder, NONCE_SEED, &system_program::id())
        .map_err(|error| LoaderError::Derivation(error.to_string()))
}

/// Who may upgrade a program now.
///
/// # Errors
/// There is no such program, it is final, or the cluster does not answer.
pub fn authority_of(
    rpc: &RpcClient,
    commitment: CommitmentConfig,
    program: &Pubkey,
) -> Result<Pubkey, LoaderError> {
    let addresses = Addresses::of(program, program)?;
    Snapshot::read(rpc, commitment, &addresses)?
        .deployment
        .ok_or(LoaderError::NotDeployed(*program))?
        .authority
        .ok_or(LoaderError::ProgramFinal(*program))
}

/// Proposes to hand the authority over `programs` to `to`. A proposal of the same holder that is
/// still open is replaced.
///
/// # Errors
/// A program is not the holder's, or the cluster refuses or does not answer.
pub fn propose(
    wallet: &Wallet,
    holder: &dyn Signer,
    genesis: &str,
    to: &Pubkey,
    programs: Vec<Handed>,
    tally: &mut Tally,
) -> Result<Proposal, LoaderError> {
    let from = holder.pubkey();
    if from == *to {
        return Err(LoaderError::SameAuthority(from));
    }
    for handed in &programs {
        let current = authority_of(wallet.rpc, wallet.commitment, &handed.program_id)?;
        if current != from {
            return Err(LoaderError::WrongAuthority {
                program: handed.program_id,
                current,
                given: from,
            });
        }
    }
    let nonce_account = nonce_address(&from)?;
    let nonce = fresh_nonce(wallet, holder, &nonce_account, tally)?;
    let mut proposal = Proposal {
        genesis: genesis.to_owned(),
        from,
        to: *to,
        payer: wallet.payer.pubkey(),
        compute_unit_price: wallet.price,
        programs,
        nonce_account,
        nonce,
        from_signature: Signature::default(),
        payer_signature: Signature::default(),
    };
    let text = Transaction::new_unsigned(proposal.message()).message_data();
    let sign = |signer: &dyn Signer| {
        signer
            .try_sign_message(&text)
            .map_err(|error| LoaderError::Unsigned(signer.pubkey(), error.to_string()))
    };
    proposal.from_signature = sign(holder)?;
    proposal.payer_signature = sign(wallet.payer)?;
    Ok(proposal)
}

/// A nonce that no earlier proposal has.
fn fresh_nonce(
    wallet: &Wallet,
    holder: &dyn Signer,
    address: &Pubkey,
    tally: &mut Tally,
) -> Result<Hash, LoaderError> {
    let from = holder.pubkey();
    let payer = wallet.payer.pubkey();
    let (gift, existing) = read_nonce(wallet, address)?;
    let instructions = match existing {
        Some(_) => vec![system::advance_nonce_account(address, &from)],
        None => {
            let space = State::size();
            let mut instructions = make_seeded_account(
                &payer,
                address,
                &from,
                NONCE_SEED,
                wallet.rent(space)?.saturating_sub(gift),
                u64::try_from(space).map_err(|_| LoaderError::Arithmetic)?,
                &system_program::id(),
            );
            // The interface pairs the initialisation with `create_account`, which is replaced above.
            instructions.extend(
                system::create_nonce_account(&payer, address, &from, 0)
                    .into_iter()
                    .skip(1),
            );
            instructions
        }
    };
    let slot = patiently(|| {
        wallet.execute("open the proposal", &instructions, &[holder], tally, |_| {
            Ok(())
        })
    })?
    .ok_or(LoaderError::NotLanding {
        step: "open the proposal",
    })?;
    let asked = Instant::now();
    loop {
        let answer = wallet
            .rpc
            .get_account_with_commitment(address, wallet.commitment)?;
        let nonce = answer
            .value
            .as_ref()
            .and_then(|account| nonce_of(&account.data));
        match nonce {
            Some((_, nonce)) if answer.context.slot >= slot => return Ok(nonce),
            _ if asked.elapsed() > PATIENCE => {
                return Err(LoaderError::NodeBehind {
                    wanted: slot,
                    seconds: PATIENCE.as_secs(),
                })
            }
            _ => thread::sleep(LOOK_AGAIN),
        }
    }
}

/// Accepts a proposal: the new key signs, and the authority changes. Accepting again what has been
/// accepted does nothing.
///
/// # Errors
/// The proposal is for another cluster or key, is no longer open, or was changed after it was
/// signed; or the cluster refuses or does not answer.
pub fn accept(
    rpc: &RpcClient,
    commitment: CommitmentConfig,
    genesis: &str,
    proposal: &Proposal,
    new_key: &dyn Signer,
) -> Result<Option<Signature>, LoaderError> {
    if proposal.genesis != genesis {
        return Err(LoaderError::WrongCluster {
            proposed: proposal.genesis.clone(),
            found: genesis.to_owned(),
        });
    }
    if proposal.to != new_key.pubkey() {
        return Err(LoaderError::NotTheProposedKey {
            proposed: proposal.to,
            given: new_key.pubkey(),
        });
    }
    let mut transaction = proposal.transaction()?;
    if is_accepted(rpc, commitment, proposal)? {
        return Ok(None);
    }
    for handed in &proposal.programs {
        let current = authority_of(rpc, commitment, &handed.program_id)?;
        if current != proposal.from {
            return Err(LoaderError::ProposalClosed(proposal.from));
        }
    }
    let account = rpc
        .get_account_with_commitment(&proposal.nonce_account, commitment)?
        .value;
    if account.and_then(|account| nonce_of(&account.data)) != Some((proposal.from, proposal.nonce))
    {
        return Err(LoaderError::ProposalClosed(proposal.from));
    }
    transaction
        .try_partial_sign(&[new_key], proposal.nonce)
        .map_err(|error| LoaderError::Unsigned(new_key.pubkey(), error.to_string()))?;
    deliver(rpc, commitment, proposal, &transaction)
}

fn deliver(
    rpc: &RpcClient,
    commitment: CommitmentConfig,
    proposal: &Proposal,
    transaction: &Transaction,
) -> Result<Option<Signature>, LoaderError> {
    let signature = transaction.signatures.first().copied().unwrap_or_default();
    let begun = Instant::now();
    // The first time the node checks before it passes the transaction on: a refusal costs nothing,
    // and the nonce stays.
    let config = RpcSendTransactionConfig {
        preflight_commitment: Some(commitment.commitment),
        max_retries: Some(0),
        ..RpcSendTransactionConfig::default()
    };
    rpc.send_transaction_with_config(transaction, config)?;
    let mut sent = Instant::now();
    while begun.elapsed() < PATIENCE {
        let status = rpc
            .get_signature_statuses(&[signature])?
            .value
            .into_iter()
            .next()
            .flatten();
        match status {
            Some(status) if status.satisfies_commitment(commitment) => {
                return match status.err {
                    None => Ok(Some(signature)),
                    Some(error) => Err(LoaderError::Refused {
                        step: "hand the authority over",
                        reason: error.to_string(),
                        logs: Vec::new(),
                    }),
                };
            }
            _ if sent.elapsed() > RESEND_AFTER => {
                // Whether it landed is asked of the blocks, so what the node says to this is not.
                let _ = rpc.send_transaction_with_config(
                    transaction,
                    RpcSendTransactionConfig {
                        skip_preflight: true,
                        ..config
                    },
                );
                sent = Instant::now();
            }
            _ => thread::sleep(LOOK_AGAIN),
        }
    }
    if is_accepted(rpc, commitment, proposal)? {
        return Ok(Some(signature));
    }
    Err(LoaderError::NotLanding {
        step: "hand the authority over",
    })
}

fn is_accepted(
    rpc: &RpcClient,
    commitment: CommitmentConfig,
    proposal: &Proposal,
) -> Result<bool, LoaderError> {
    for handed in &proposal.programs {
        if authority_of(rpc, commitment, &handed.program_id)? != proposal.to {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Closes the holder's nonce account: an open proposal becomes worthless, and the rent goes to the
/// payer. Returns the lamports, or none if there was nothing to close.
///
/// # Errors
/// The cluster refuses or does not answer.
pub fn withdraw(
    wallet: &Wallet,
    holder: &dyn Signer,
    tally: &mut Tally,
) -> Result<Option<u64>, LoaderError> {
    let address = nonce_address(&holder.pubkey())?;
    let (lamports, Some(_)) = read_nonce(wallet, &address)? else {
        return Ok(None);
    };
    let close = system::withdraw_nonce_account(
        &address,
        &holder.pubkey(),
        &wallet.payer.pubkey(),
        lamports,
    );
    patiently(|| {
        wallet.execute(
            "withdraw the proposal",
            std::slice::from_ref(&close),
            &[holder],
            tally,
            |_| Ok(()),
        )
    })?
    .ok_or(LoaderError::NotLanding {
        step: "withdraw the proposal",
    })?;
    Ok(Some(lamports))
}

/// A nonce can be used once per slot: what is refused for that reason is tried again.
fn patiently<T>(mut attempt: impl FnMut() -> Result<T, LoaderError>) -> Result<T, LoaderError> {
    let begun = Instant::now();
    loop {
        match attempt() {
            Err(LoaderError::Refused { logs, .. })
                if begun.elapsed() < NONCE_REST
                    && logs
                        .iter()
                        .any(|line| line.to_lowercase().contains("nonce")) =>
            {
                thread::sleep(LOOK_AGAIN);
            }
            result => return result,
        }
    }
}

fn read_nonce(wallet: &Wallet, address: &Pubkey) -> Result<(u64, Option<Hash>), LoaderError> {
    let account = wallet
        .rpc
        .get_account_with_commitment(address, wallet.commitment)?
        .value;
    Ok(account.map_or((0, None), |account| {
        let nonce = nonce_of(&account.data).map(|(_, nonce)| nonce);
        (account.lamports, nonce)
    }))
}

/// The authority and the value of a nonce account.
fn nonce_of(data: &[u8]) -> Option<(Pubkey, Hash)> {
    match bincode::deserialize::<Versions>(data).ok()?.state() {
        State::Initialized(data) => Some((data.authority, data.blockhash())),
        State::Uninitialized => None,
    }
}

/// Keys, hashes and signatures as the text that people know them by.
mod base58 {
    use super::{Deserialize, FromStr};

    pub fn serialize<T: ToString, S: serde::Serializer>(
        value: &T,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.to_string())
    }

    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: std::fmt::Display>,
        D: serde::Deserializer<'de>,
    {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use solana_keypair::Keypair;

    use super::*;

    fn proposal(holder: &Keypair, payer: &Keypair, to: &Pubkey) -> Result<Proposal, LoaderError> {
        let mut proposal = Proposal {
            genesis: "4WVZ3FSJiESnNT6gbymvUaPXcyx6zXGYRzKEqyQo2Yxy".to_owned(),
            from: holder.pubkey(),
            to: *to,
            payer: payer.pubkey(),
            compute_unit_price: Some(1_000),
            programs: vec![Handed {
                program: "registry".to_owned(),
                program_id: Pubkey::new_from_array([1; 32]),
            }],
            nonce_account: nonce_address(&holder.pubkey())?,
            nonce: Hash::new_from_array([7; 32]),
            from_signature: Signature::default(),
            payer_signature: Signature::default(),
        };
        let text = Transaction::new_unsigned(proposal.message()).message_data();
        proposal.from_signature = holder.sign_message(&text);
        proposal.payer_signature = payer.sign_message(&text);
        Ok(proposal)
    }

    #[test]
    fn the_new_keys_signature_completes_the_transaction() -> Result<(), Box<dyn Error>> {
        let (holder, payer, new_key) = (Keypair::new(), Keypair::new(), Keypair::new());
        for payer in [&payer, &holder] {
            let proposal = proposal(&holder, payer, &new_key.pubkey())?;
            let mut transaction = proposal.transaction()?;
            assert!(!transaction.is_signed());
            transaction.try_partial_sign(&[&new_key], proposal.nonce)?;
            assert_eq!(transaction.verify(), Ok(()));
            assert!(solana_transaction::uses_durable_nonce(&transaction).is_some());
        }
        Ok(())
    }

    #[test]
    fn nothing_can_be_changed_after_the_holder_signed() -> Result<(), Box<dyn Error>> {
        let (holder, payer, new_key) = (Keypair::new(), Keypair::new(), Keypair::new());
        let signed = proposal(&holder, &payer, &new_key.pubkey())?;
        let changes: [fn(&mut Proposal); 6] = [
            |it| it.compute_unit_price = None,
            |it| it.to = Pubkey::new_from_array([9; 32]),
            |it| it.nonce = Hash::new_from_array([9; 32]),
            |it| it.programs.push(it.programs[0].clone()),
            |it| it.programs[0].program_id = Pubkey::new_from_array([9; 32]),
            |it| it.from_signature = it.payer_signature,
        ];
        for change in changes {
            let mut changed = signed.clone();
            change(&mut changed);
            assert!(matches!(
                changed.transaction(),
                Err(LoaderError::ProposalUnsigned(_))
            ));
        }
        Ok(())
    }

    #[test]
    fn a_proposal_survives_its_file_and_a_strange_one_does_not() -> Result<(), Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("deeper/proposal.json");
        assert!(matches!(
            Proposal::read(&path),
            Err(LoaderError::NoProposal(Some(_)))
        ));
        let (holder, new_key) = (Keypair::new(), Keypair::new());
        let proposal = proposal(&holder, &holder, &new_key.pubkey())?;
        proposal.write(&path)?;
        assert_eq!(Proposal::read(&path)?, proposal);
        let text = fs::read_to_string(&path)?;
        assert!(text.contains(&new_key.pubkey().to_string()));
        fs::write(
            &path,
            text.replace("\"genesis\"", "\"extra\": 1, \"genesis\""),
        )?;
        assert!(matches!(
            Proposal::read(&path),
            Err(LoaderError::BadRecord { .. })
        ));
        Ok(())
    }
}
