//! Money to play with: lamports from the local faucet, and a mint of the insurer's own.

use std::time::{Duration, Instant};

use anchor_lang::solana_program::program_pack::Pack;
use anchor_spl::associated_token::get_associated_token_address;
use anchor_spl::associated_token::spl_associated_token_account::instruction::create_associated_token_account_idempotent;
use anchor_spl::token::spl_token;
use solana_keypair::Keypair;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

use crate::cluster::{unreachable, Cluster};
use crate::error::{CliError, Result};
use crate::send::{Ledger, Receipt};

/// What each key gets at most from one request.
const AIRDROP: u64 = 10_000_000_000;
const DECIMALS: u8 = 6;
/// Smallest units of the mint in a cent.
const UNITS_PER_CENT: u64 = 10_000;
/// What the issuer has where nothing else is said: 1,000,000.00.
pub const ISSUED_CENTS: u64 = 100_000_000;
const PATIENCE: Duration = Duration::from_secs(60);

/// Sees to it that a key has lamports.
///
/// # Errors
/// `airdrop_failed`, `cluster_unreachable`.
pub fn fill(cluster: &Cluster, key: &Pubkey) -> Result<()> {
    if balance(cluster, key)? < AIRDROP / 2 {
        airdrop(cluster, key, AIRDROP)?;
    }
    Ok(())
}

/// Has the cluster's faucet give a key lamports, and waits until they can be spent; what the key has then.
///
/// # Errors
/// `airdrop_failed`, `cluster_unreachable`.
pub fn airdrop(cluster: &Cluster, key: &Pubkey, lamports: u64) -> Result<u64> {
    let refused = |why: String| {
        CliError::new("airdrop_failed", format!("The cluster gives no lamports to {key}: {why}. A local cluster with a faucet, as `galen localnet` is, gives some."))
    };
    let wanted = balance(cluster, key)?.saturating_add(lamports);
    cluster
        .client
        .request_airdrop(key, lamports)
        .map_err(|error| refused(error.to_string()))?;
    let asked = Instant::now();
    let wait = || {
        if asked.elapsed() > PATIENCE {
            return Err(refused("they did not arrive".to_owned()));
        }
        std::thread::sleep(Duration::from_millis(200));
        Ok(())
    };
    while balance(cluster, key)? < wanted {
        wait()?;
    }
    // On a busy machine the balance is told before a transaction can spend it.
    let seen = slot(cluster)?;
    while slot(cluster)? <= seen {
        wait()?;
    }
    balance(cluster, key)
}

fn balance(cluster: &Cluster, key: &Pubkey) -> Result<u64> {
    cluster
        .client
        .get_balance(key)
        .map_err(|error| unreachable(&cluster.client.url(), &error))
}

fn slot(cluster: &Cluster) -> Result<u64> {
    cluster
        .client
        .get_slot()
        .map_err(|error| unreachable(&cluster.client.url(), &error))
}

/// Makes a mint of the signer's, with a token account for the signer (which holds `cents`) and one for each of `others` (empty).
///
/// # Errors
/// Whatever the cluster refuses.
pub fn issue(ledger: &Ledger, cents: u64, others: &[Pubkey]) -> Result<(Pubkey, Receipt)> {
    let issuer = ledger.signer.pubkey();
    let mint = Keypair::new();
    let rent = ledger
        .cluster
        .client
        .get_minimum_balance_for_rent_exemption(spl_token::state::Mint::LEN)
        .map_err(|error| unreachable(&ledger.cluster.client.url(), &error))?;
    let size = u64::try_from(spl_token::state::Mint::LEN).unwrap_or(u64::MAX);
    let odd = |error: anchor_lang::prelude::ProgramError| {
        CliError::new("cluster_odd", format!("The mint cannot be made: {error}."))
    };
    let program = spl_token::ID;
    let mut instructions = vec![
        solana_system_interface::instruction::create_account(
            &issuer,
            &mint.pubkey(),
            rent,
            size,
            &program,
        ),
        spl_token::instruction::initialize_mint2(&program, &mint.pubkey(), &issuer, None, DECIMALS)
            .map_err(odd)?,
        create_associated_token_account_idempotent(&issuer, &issuer, &mint.pubkey(), &program),
        spl_token::instruction::mint_to(
            &program,
            &mint.pubkey(),
            &token_account(&issuer, &mint.pubkey()),
            &issuer,
            &[],
            cents.saturating_mul(UNITS_PER_CENT),
        )
        .map_err(odd)?,
    ];
    instructions.extend(others.iter().map(|owner| {
        create_associated_token_account_idempotent(&issuer, owner, &mint.pubkey(), &program)
    }));
    let receipt = ledger.send(
        "Issue a test currency",
        &instructions,
        &[ledger.signer.as_ref(), &mint],
    )?;
    Ok((mint.pubkey(), receipt))
}

/// The token account of an owner.
pub fn token_account(owner: &Pubkey, mint: &Pubkey) -> Pubkey {
    get_associated_token_address(owner, mint)
}

/// What a token account holds, in cents.
///
/// # Errors
/// `cluster_unreachable`, `cluster_odd`.
pub fn cents(cluster: &Cluster, address: &Pubkey) -> Result<u64> {
    let account = cluster.account(address)?;
    let token = account.and_then(|account| spl_token::state::Account::unpack(&account.data).ok());
    let token = token.ok_or_else(|| {
        CliError::new("cluster_odd", format!("{address} is not a token account."))
    })?;
    Ok(token.amount / UNITS_PER_CENT)
}
