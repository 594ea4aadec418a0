//! What the cluster holds of one program: the program account, its data and the upload buffer,
//! all read at one slot.
use solana_account::Account;
use solana_client::rpc_client::RpcClient;
use solana_commitment_config::CommitmentConfig;
use solana_loader_v3_interface::{get_program_data_address, state::UpgradeableLoaderState};
use solana_pubkey::Pubkey;
use solana_sdk_ids::{bpf_loader_upgradeable, system_program};

use super::LoaderError;

/// The addresses that belong to one program under one upgrade authority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addresses {
    /// The program itself.
    pub program: Pubkey,
    /// The account with its code, derived by the loader.
    pub program_data: Pubkey,
    /// The upload buffer: see [`buffer_seed`].
    pub buffer: Pubkey,
}

impl Addresses {
    /// The addresses of `program` under `authority`.
    ///
    /// # Errors
    /// Never for the seeds used here; the derivation itself can refuse a seed that is too long.
    pub fn of(program: &Pubkey, authority: &Pubkey) -> Result<Self, LoaderError> {
        let buffer = Pubkey::create_with_seed(
            authority,
            &buffer_seed(program),
            &bpf_loader_upgradeable::id(),
        )
        .map_err(|error| LoaderError::Derivation(error.to_string()))?;
        Ok(Self {
            program: *program,
            program_data: get_program_data_address(program),
            buffer,
        })
    }
}

/// The seed of a program's upload buffer under its upgrade authority.
///
/// The buffer's address follows from the two keys, so there is one buffer per program and authority,
/// and whoever holds the authority finds it again, on any machine, with or without local files.
#[must_use]
pub fn buffer_seed(program: &Pubkey) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::new()
        .chain_update(b"galen deploy buffer")
        .chain_update(program.as_ref())
        .finalize();
    // A seed has at most 32 bytes: 16 bytes of the digest in hexadecimal.
    hex::encode(digest.get(..16).unwrap_or_default())
}

/// A deployed program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// Slot of the last deployment, upgrade or extension.
    pub slot: u64,
    /// Who may upgrade it; none: nobody, ever.
    pub authority: Option<Pubkey>,
    /// The code, with the zeros that fill the capacity.
    pub code: Vec<u8>,
    /// Lamports that the program data account holds.
    pub lamports: u64,
}

/// An upload buffer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Buffer {
    /// Who may write to it, use it and close it.
    pub authority: Option<Pubkey>,
    /// What has been written, zeros elsewhere.
    pub content: Vec<u8>,
    /// Lamports that it holds.
    pub lamports: u64,
}

/// The state of one program at one slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snapshot {
    /// The slot of the answer.
    pub slot: u64,
    /// Lamports of the program account. Before deployment these are gifts that count towards its rent.
    pub program_lamports: u64,
    /// The deployed program, if there is one.
    pub deployment: Option<Deployment>,
    /// The upload buffer, if there is one.
    pub buffer: Option<Buffer>,
    /// Lamports at the buffer's address while there is no buffer: gifts that count towards its rent.
    pub buffer_gift: u64,
}

impl Snapshot {
    /// Reads the three accounts in one request, so that they belong to one slot.
    ///
    /// # Errors
    /// The cluster does not answer, or the addresses hold something that is not an upgradeable program.
    pub fn read(
        rpc: &RpcClient,
        commitment: CommitmentConfig,
        addresses: &Addresses,
    ) -> Result<Self, LoaderError> {
        let response = rpc.get_multiple_accounts_with_commitment(
            &[addresses.program, addresses.program_data, addresses.buffer],
            commitment,
        )?;
        let mut accounts = response.value.into_iter();
        let mut next = || accounts.next().flatten();
        Self::decode(response.context.slot, addresses, next(), next(), next())
    }

    fn decode(
        slot: u64,
        addresses: &Addresses,
        program: Option<Account>,
        program_data: Option<Account>,
        buffer: Option<Account>,
    ) -> Result<Self, LoaderError> {
        let deployed = match &program {
            None => false,
            Some(account) if is_empty(account) => false,
            Some(account) => match loader_state(account) {
                Some(UpgradeableLoaderState::Program {
                    programdata_address,
                }) if programdata_address == addresses.program_data => true,
                _ => {
                    return Err(LoaderError::AddressTaken {
                        address: addresses.program,
                        owner: account.owner,
                    })
                }
            },
        };
        let deployment = match (deployed, program_data) {
            (false, _) => None,
            (true, Some(account)) => Some(decode_deployment(&addresses.program, account)?),
            (true, None) => return Err(LoaderError::ProgramClosed(addresses.program)),
        };
        let (buffer, buffer_gift) = match buffer {
            None => (None, 0),
            Some(account) if is_empty(&account) => (None, account.lamports),
            Some(account) => (Some(decode_buffer(&addresses.buffer, account)?), 0),
        };
        Ok(Self {
            slot,
            program_lamports: program.map_or(0, |account| account.lamports),
            deployment,
            buffer,
            buffer_gift,
        })
    }

    /// Everything that these accounts hold, in lamports.
    #[must_use]
    pub fn lamports(&self) -> u64 {
        let deployment = self.deployment.as_ref().map_or(0, |it| it.lamports);
        let buffer = self
            .buffer
            .as_ref()
            .map_or(self.buffer_gift, |it| it.lamports);
        self.program_lamports
            .saturating_add(deployment)
            .saturating_add(buffer)
    }
}

/// An address that nobody has made an account at; it may have been sent lamports.
fn is_empty(account: &Account) -> bool {
    account.owner == system_program::id() && account.data.is_empty()
}

fn loader_state(account: &Account) -> Option<UpgradeableLoaderState> {
    if account.owner != bpf_loader_upgradeable::id() {
        return None;
    }
    bincode::deserialize(&account.data).ok()
}

fn decode_deployment(program: &Pubkey, account: Account) -> Result<Deployment, LoaderError> {
    match loader_state(&account) {
        Some(UpgradeableLoaderState::ProgramData {
            slot,
            upgrade_authority_address,
        }) => Ok(Deployment {
            slot,
            authority: upgrade_authority_address,
            code: after(
                account.data,
                UpgradeableLoaderState::size_of_programdata_metadata(),
            ),
            lamports: account.lamports,
        }),
        // Closing a program empties its data account; the address cannot be used again.
        _ => Err(LoaderError::ProgramClosed(*program)),
    }
}

fn decode_buffer(address: &Pubkey, account: Account) -> Result<Buffer, LoaderError> {
    match loader_state(&account) {
        Some(UpgradeableLoaderState::Buffer { authority_address }) => Ok(Buffer {
            authority: authority_address,
            lamports: account.lamports,
            content: after(
                account.data,
                UpgradeableLoaderState::size_of_buffer_metadata(),
            ),
        }),
        _ => Err(LoaderError::AddressTaken {
            address: *address,
            owner: account.owner,
        }),
    }
}

fn after(mut data: Vec<u8>, metadata: usize) -> Vec<u8> {
    data.split_off(metadata.min(data.len()))
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use super::*;

    fn account(state: &UpgradeableLoaderState, tail: &[u8]) -> Result<Account, Box<dyn Error>> {
        let mut data = bincode::serialize(state)?;
        data.extend_from_slice(tail);
        Ok(Account {
            lamports: 1_000,
            data,
            owner: bpf_loader_upgradeable::id(),
            ..Account::default()
        })
    }

    fn addresses() -> Result<Addresses, LoaderError> {
        Addresses::of(
            &Pubkey::new_from_array([1; 32]),
            &Pubkey::new_from_array([2; 32]),
        )
    }

    #[test]
    fn each_program_and_each_authority_has_a_buffer_of_its_own() -> Result<(), Box<dyn Error>> {
        let [one, two, three] = [1, 2, 3].map(|byte| Pubkey::new_from_array([byte; 32]));
        let buffer = |program, authority| Addresses::of(program, authority).map(|it| it.buffer);
        assert_eq!(buffer(&one, &two)?, buffer(&one, &two)?);
        assert_ne!(buffer(&one, &two)?, buffer(&one, &three)?);
        assert_ne!(buffer(&one, &two)?, buffer(&three, &two)?);
        assert_eq!(buffer_seed(&one).len(), 32);
        Ok(())
    }

    #[test]
    fn a_whole_state_is_decoded_and_added_up() -> Result<(), Box<dyn Error>> {
        let addresses = addresses()?;
        let authority = Some(Pubkey::new_from_array([2; 32]));
        let snapshot = Snapshot::decode(
            9,
            &addresses,
            Some(account(
                &UpgradeableLoaderState::Program {
                    programdata_address: addresses.program_data,
                },
                &[],
            )?),
            Some(account(
                &UpgradeableLoaderState::ProgramData {
                    slot: 7,
                    upgrade_authority_address: authority,
                },
                b"code\0\0",
            )?),
            Some(account(
                &UpgradeableLoaderState::Buffer {
                    authority_address: authority,
                },
                b"new code",
            )?),
        )?;
        assert_eq!(snapshot.lamports(), 3_000);
        assert_eq!(
            snapshot.deployment,
            Some(Deployment {
                slot: 7,
                authority,
                code: b"code\0\0".to_vec(),
                lamports: 1_000
            })
        );
        assert_eq!(
            snapshot.buffer.map(|buffer| buffer.content),
            Some(b"new code".to_vec())
        );
        Ok(())
    }

    #[test]
    fn gifts_do_not_make_an_account() -> Result<(), Box<dyn Error>> {
        let gift = || {
            Some(Account {
                lamports: 890_880,
                ..Account::default()
            })
        };
        let snapshot = Snapshot::decode(1, &addresses()?, gift(), None, gift())?;
        assert_eq!((&snapshot.deployment, &snapshot.buffer), (&None, &None));
        assert_eq!(
            (snapshot.program_lamports, snapshot.buffer_gift),
            (890_880, 890_880)
        );
        assert_eq!(snapshot.lamports(), 1_781_760);
        Ok(())
    }

    #[test]
    fn closed_programs_and_foreign_accounts_are_named() -> Result<(), Box<dyn Error>> {
        let addresses = addresses()?;
        let program = || {
            account(
                &UpgradeableLoaderState::Program {
                    programdata_address: addresses.program_data,
                },
                &[],
            )
        };
        let closed = account(&UpgradeableLoaderState::Uninitialized, &[])?;
        for program_data in [None, Some(closed)] {
            assert!(matches!(
                Snapshot::decode(1, &addresses, Some(program()?), program_data, None),
                Err(LoaderError::ProgramClosed(address)) if address == addresses.program
            ));
        }
        let foreign = Account {
            owner: Pubkey::new_from_array([9; 32]),
            data: vec![1],
            ..Account::default()
        };
        assert!(matches!(
            Snapshot::decode(1, &addresses, Some(foreign.clone()), None, None),
            Err(LoaderError::AddressTaken { address, .. }) if address == addresses.program
        ));
        assert!(matches!(
            Snapshot::decode(1, &addresses, None, None, Some(foreign)),
            Err(LoaderError::AddressTaken { address, .. }) if address == addresses.buffer
        ));
        Ok(())
    }
}
