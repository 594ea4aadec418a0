//! Accounts that are written into the validator, and plain token transfers to measure against.

use std::thread::sleep;
use std::time::{Duration, Instant};

use anchor_lang::solana_program::program_pack::Pack;
use anchor_spl::token::spl_token;
use anchor_spl::token::spl_token::state::{Account as TokenState, AccountState};
use serde_json::json;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;
use solana_transaction::Transaction;

use super::Chain;

/// A number of the environment.
pub fn number(name: &str) -> Option<usize> {
    std::env::var(name)
        .ok()
        .map(|text| text.parse().expect("a number"))
}

/// Adds a row to the table of rates in the file that `GALEN_RATES` names, where it does (`cargo xtask bench --rates`): what was
/// done `count` times, how long that took, and how long as many plain token transfers took in the same run.
pub fn note_rate(what: &str, count: usize, took: Duration, plain: Duration) {
    let Some(path) = std::env::var_os("GALEN_RATES") else {
        return;
    };
    let per_second = |time: Duration| count as f64 / time.as_secs_f64();
    let build = if cfg!(debug_assertions) {
        "unoptimised"
    } else {
        "optimised"
    };
    let row = format!(
        "| {what} | {count} | {:.0} | {:.0} | {:.2} | {build} |\n",
        per_second(took),
        per_second(plain),
        per_second(took) / per_second(plain)
    );
    let mut file = std::fs::OpenOptions::new()
        .append(true)
        .open(path)
        .expect("the table of rates");
    std::io::Write::write_all(&mut file, row.as_bytes()).expect("written");
}

/// An address that nobody has a key of.
pub fn key(kind: u8, number: usize) -> Pubkey {
    let mut bytes = [kind; 32];
    bytes[..8].copy_from_slice(&(number as u64).to_le_bytes());
    Pubkey::new_from_array(bytes)
}

/// Writes an account as it is to be.
pub fn write(chain: &Chain, address: &Pubkey, owner: &Pubkey, data: &[u8]) {
    let hex: String = data.iter().map(|byte| format!("{byte:02x}")).collect();
    let lamports = chain
        .client
        .get_minimum_balance_for_rent_exemption(data.len())
        .expect("rent");
    chain.cheat(
        "surfnet_setAccount",
        json!([
            address.to_string(),
            { "lamports": lamports, "owner": owner.to_string(), "executable": false, "data": hex }
        ]),
    );
}

/// A token account's data.
pub fn token(mint: Pubkey, owner: Pubkey, amount: u64, state: AccountState) -> Vec<u8> {
    let mut data = vec![0; TokenState::LEN];
    let account = TokenState {
        mint,
        owner,
        amount,
        state,
        ..TokenState::default()
    };
    TokenState::pack(account, &mut data).expect("packs");
    data
}

/// Asks again where the validator, busy with what killed runs have left to it, does not answer in time.
pub fn patiently<T, E: std::fmt::Display>(ask: impl Fn() -> Result<T, E>) -> T {
    let started = Instant::now();
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(error) if started.elapsed() < Duration::from_secs(300) => {
                eprintln!("asked again: {error}");
                sleep(Duration::from_secs(1));
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// Transfers `units` from `source` to each payee, in a transaction each, sent by as many connections as galen has, with
/// nothing written down; how long it took to the last confirmation.
pub fn plain_transfers(
    chain: &Chain,
    source: &Pubkey,
    owner: &Keypair,
    payees: &[Pubkey],
    units: u64,
) -> Duration {
    let client = &chain.client;
    let started = Instant::now();
    for wave in payees.chunks(64) {
        let blockhash = client.get_latest_blockhash().expect("a blockhash");
        let transactions: Vec<Transaction> = wave
            .iter()
            .map(|payee| {
                let transfer = spl_token::instruction::transfer(
                    &spl_token::ID,
                    source,
                    payee,
                    &owner.pubkey(),
                    &[],
                    units,
                )
                .expect("an instruction");
                Transaction::new_signed_with_payer(
                    &[transfer],
                    Some(&owner.pubkey()),
                    &[owner],
                    blockhash,
                )
            })
            .collect();
        std::thread::scope(|scope| {
            for share in transactions.chunks(transactions.len().div_ceil(8)) {
                scope.spawn(move || {
                    for transaction in share {
                        client.send_transaction(transaction).expect("sent");
                    }
                });
            }
        });
        let signatures: Vec<_> = transactions
            .iter()
            .map(|transaction| transaction.signatures[0])
            .collect();
        let confirmed = || {
            let statuses = client
                .get_signature_statuses(&signatures)
                .expect("statuses");
            statuses.value.iter().all(|status| {
                status
                    .as_ref()
                    .is_some_and(|status| status.satisfies_commitment(client.commitment()))
            })
        };
        while !confirmed() {
            assert!(
                started.elapsed() < Duration::from_secs(300),
                "not confirmed"
            );
            sleep(Duration::from_millis(20));
        }
    }
    started.elapsed()
}
