//! Recoupments that are only partly paid, on a running validator: what is owed keeps neither the rent of other records nor what has
//! arrived. The records are written as they would have come to be; the programs that close and count them are the real ones.

mod chain;
mod common;

use anchor_lang::{AccountDeserialize, AccountSerialize, Discriminator};
use anchor_spl::token::spl_token;
use bytemuck::{bytes_of, Pod, Zeroable};
use chain::accounts::{key, write};
use chain::insured::{insured, UNITS};
use chain::{field, Chain};
use claims::state::claim_recoupment::Asked;
use claims::state::{ClaimRecoupment, Pool};
use galen_rules::merkle::{Level, Subtree};
use provenance::state::{Bond, ClosedBatch, Recoupment, Scan};
use serde_json::{json, Value};
use solana_pubkey::Pubkey;
use solana_signer::Signer;

const DUE: u64 = 1_000;

fn record<T: Pod + Discriminator>(record: &T) -> Vec<u8> {
    [T::DISCRIMINATOR, bytes_of(record)].concat()
}

fn account<T: AccountSerialize>(account: &T) -> Vec<u8> {
    let mut data = Vec::new();
    account.try_serialize(&mut data).expect("serialised");
    data
}

fn pack(index: u64) -> Subtree {
    Subtree {
        level: Level::Pack,
        index,
    }
}

/// Writes the recoupment of a pack, of which so much is paid.
fn write_recoupment(chain: &Chain, index: u64, claim: Pubkey, payee: Pubkey, paid: u64) -> Pubkey {
    let batch = key(1, 0);
    let recoupment = Recoupment {
        batch,
        bond: key(2, 0),
        claim,
        payee,
        payer: key(3, 0),
        index,
        at: chain.now(),
        due: DUE,
        recouped: paid,
        version: 1,
        reserved: [0; 31],
    };
    let address = Recoupment::address(&batch, pack(index));
    write(chain, &address, &provenance::ID, &record(&recoupment));
    address
}

#[test]
fn one_that_is_owed_does_not_keep_the_rent_of_others() {
    let chain = Chain::with_programs();
    let batch = key(1, 0);
    write(
        &chain,
        &batch,
        &provenance::ID,
        &account(&ClosedBatch::new()),
    );
    let mut recoupments = Vec::new();
    for index in 0..12 {
        let paid = if index == 5 { 400 } else { DUE };
        recoupments.push(write_recoupment(&chain, index, key(4, 0), key(5, 0), paid));
    }
    let mut scan: Scan = Zeroable::zeroed();
    (scan.batch, scan.payer) = (batch, key(3, 0));
    write(&chain, &key(6, 0), &provenance::ID, &record(&scan));

    let name = batch.to_string();
    let close = ["batch", "close-orphans", &name];
    let closed = chain.run("stranger", &close)["account"].clone();
    assert_eq!(closed["closed"], 12, "{closed:#}");
    let owed = json!([{
        "recoupment": recoupments[5].to_string(), "claim": key(4, 0).to_string(), "cents": 600,
    }]);
    assert_eq!(closed["owed"], owed);
    let returned = chain.client.get_balance(&key(3, 0)).expect("a balance");
    assert_eq!(closed["returned"], returned);
    let again = chain.run("stranger", &close);
    assert_eq!(field(&again, "outcome"), "unchanged");
    assert_eq!(again["account"]["owed"], owed);

    write_recoupment(&chain, 5, key(4, 0), key(5, 0), DUE);
    let last = chain.run("stranger", &close)["account"].clone();
    assert_eq!((&last["closed"], &last["owed"]), (&json!(1), &json!([])));
}

#[test]
fn what_has_arrived_is_counted_whatever_the_bond_still_lacks() {
    let world = insured();
    world.fund(50_000);
    let (chain, mint) = (world.chain(), world.parties.mint);
    let address: Pubkey = world.pool.parse().expect("an address");
    let data = chain.client.get_account_data(&address).expect("the pool");
    let vault = Pool::try_deserialize(&mut data.as_slice())
        .expect("a pool")
        .vault;
    let claim = key(4, 0);
    let bond = Bond {
        version: 1,
        bump: 255,
        number: 0,
        manufacturer: key(7, 0),
        mint,
        token_program: spl_token::ID,
        vault: key(8, 0),
        claims_program: claims::ID,
        decimals: 6,
        issuer_powers: 0,
        unit_per_cent: UNITS,
        sequence: 0,
        batches: 0,
        deposited: 0,
        recouped: 0,
        owed: DUE,
        withdrawn: 0,
        withdrawal: 0,
        withdrawal_at: 0,
        withdrawal_to: Pubkey::default(),
    };
    write(chain, &key(2, 0), &provenance::ID, &account(&bond));
    let recoupment = write_recoupment(chain, 0, claim, vault, 0);
    let (place, bump) = ClaimRecoupment::find_address(&claim);
    let asked = Asked {
        claim,
        pool: address,
        recoupment,
        original: claim,
        before: 0,
        due: DUE,
    };
    let asked = ClaimRecoupment::new(bump, &asked).expect("a record");
    write(chain, &place, &claims::ID, &account(&asked));
    let pays = |cents: u64| {
        let treasury = chain.keypair("treasury");
        let mint_to = spl_token::instruction::mint_to(
            &spl_token::ID,
            &mint,
            &vault,
            &treasury.pubkey(),
            &[],
            cents * UNITS,
        );
        chain.send(&[mint_to.expect("an instruction")], &[&treasury]);
    };
    let name = claim.to_string();
    let recoup = ["claim", "recoup", &name];
    let told = |answer: &Value| {
        let account = &answer["account"];
        let [recouped, counted] =
            ["recouped", "counted"].map(|name| account[name].as_u64().expect("cents"));
        (field(answer, "outcome").to_owned(), recouped, counted)
    };
    let told = |answer: Value| told(&answer);

    // The bond is empty, and nobody has put anything in.
    assert_eq!(
        told(chain.run("stranger", &recoup)),
        ("unchanged".to_owned(), 0, 0)
    );
    // Somebody had it pay, past the pool; now it is empty again.
    pays(400);
    write_recoupment(chain, 0, claim, vault, 400);
    let some = chain.twice("stranger", &recoup, "changed");
    assert_eq!((&some["due"], &some["counted"]), (&json!(DUE), &json!(400)));
    assert_eq!(world.pool_shown()["funded"], 50_400);
    pays(600);
    write_recoupment(chain, 0, claim, vault, DUE);
    assert_eq!(
        told(chain.run("stranger", &recoup)),
        ("changed".to_owned(), DUE, DUE)
    );
    assert_eq!(world.pool_shown()["funded"], 51_000);

    // All is paid and the bond's record closed with its batch; later another claim's is at its address.
    write(chain, &recoupment, &solana_sdk_ids::system_program::ID, &[]);
    let closed = chain.run("stranger", &recoup);
    assert_eq!(closed["account"]["bond"], Value::Null);
    assert_eq!(told(closed), ("unchanged".to_owned(), DUE, DUE));
    write_recoupment(chain, 0, key(4, 1), vault, 1);
    assert_eq!(
        told(chain.run("stranger", &recoup)),
        ("unchanged".to_owned(), DUE, DUE)
    );
}
