//! Documents, salts and code keys from provider to insurer and back, on a running validator.

mod chain;
mod common;

use std::path::Path;

use chain::insured::{insured, Insured, MEMBER};
use chain::{field, Chain};
use common::text;
use serde_json::{json, Value};

/// The clinic sends the document of a claim to the insurer; the file.
fn sent(world: &Insured, name: &str, claim: &str, document: &str) -> String {
    let chain = world.chain();
    let file = text(&chain.world.path(name));
    let pair = format!("{claim}={document}");
    let report = chain.run("clinic", &send(world, &file, &["--document", &pair]));
    assert_eq!(
        (&report["documents"], &report["salts"], &report["code_keys"]),
        (&json!(1), &json!(1), &json!(0))
    );
    file
}

fn send(world: &Insured, file: &str, what: &[&str]) -> Vec<String> {
    let route = [
        "store",
        "send",
        file,
        "--from",
        &world.parties.provider,
        "--to",
        &world.parties.insurer,
    ];
    route
        .iter()
        .chain(what)
        .map(|&word| word.to_owned())
        .collect()
}

fn folder(chain: &Chain, name: &str) -> String {
    let path = chain.world.path(name);
    std::fs::create_dir(&path).expect("a folder");
    text(&path)
}

fn is_empty(folder: &str) -> bool {
    std::fs::read_dir(folder)
        .expect("a folder")
        .next()
        .is_none()
}

fn read(file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(file).expect("there")).expect("JSON")
}

#[test]
fn a_document_and_its_salt_reach_the_insurer_and_nobody_else() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let document = world.document("visit.json", 1, &[("A", 1, 12_345)]);
    let claim = field(&world.submit(&document, &ticket), "address").to_owned();
    let explain = |file: &str| ["claim", "explanation", &claim, "--claim", file].map(str::to_owned);

    let file = sent(&world, "parcel.json", &claim, &document);
    // Nothing of it can be read in the file.
    let sealed = std::fs::read_to_string(&file).expect("text");
    let bytes = std::fs::read(&document).expect("there");
    let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    for secret in [
        "12345",
        &digits,
        "service_date",
        &claim,
        &world.parties.provider,
    ] {
        assert!(!sealed.contains(secret), "{secret}");
    }

    // The insurer's clerk opens it; now the insurer can write what only who has document and salt can.
    assert_eq!(
        chain.refused("clerk", &explain(&document)),
        "document_unknown"
    );
    // The folder is made.
    let inbox = text(&chain.world.path("post/inbox"));
    let receive = [
        "store",
        "receive",
        &file,
        "--documents",
        &inbox,
        "--from",
        &world.parties.provider,
    ];
    let received = chain.run("clerk", &receive);
    assert_eq!(
        (&received["added"], &received["known"]),
        (&json!(1), &json!(0))
    );
    assert_eq!(
        received["signed_by"],
        json!(chain.person("clinic").to_string())
    );
    let copy = field(&received["documents"][0], "file").to_owned();
    assert_eq!(std::fs::read(&copy).expect("there"), bytes);
    let explanation = chain.run("clerk", &explain(&copy));
    assert_eq!(
        explanation["item"][0]["productOrService"]["coding"][0]["code"],
        "A"
    );
    let again = chain.run("clerk", &receive);
    assert_eq!((&again["added"], &again["known"]), (&json!(0), &json!(1)));

    // A third party cannot, nor another operator of the insurer who has nothing to decide, nor the sender.
    let empty = folder(chain, "empty");
    let receive_into =
        |file: &str| ["store", "receive", file, "--documents", &empty].map(str::to_owned);
    let nurse = chain.person("nurse").to_string();
    let add = [
        "operator",
        "add",
        "--org",
        &world.parties.insurer,
        "--key",
        &nurse,
        "--permissions",
        "enrol-member",
    ];
    chain.run("insurer", &add);
    for who in ["stranger", "nurse", "clinic"] {
        assert_eq!(
            chain.refused(who, &receive_into(&file)),
            "not_a_recipient",
            "{who}"
        );
    }
    // Not even who puts their own key into the file.
    let stranger = chain.person("stranger").to_string();
    let mut swapped = read(&file);
    swapped["recipients"][0]["key"] = json!(stranger);
    let swapped = text(&chain.world.json("swapped.json", &swapped));
    assert_eq!(
        chain.refused("stranger", &receive_into(&swapped)),
        "parcel_damaged"
    );

    // What was changed on its way is refused by name, and leaves nothing.
    let mut changed = read(&file);
    let content = field(&changed, "content").to_owned();
    let digit = if content.ends_with('0') { '1' } else { '0' };
    changed["content"] = json!(format!("{}{digit}", &content[..content.len() - 1]));
    let changed = text(&chain.world.json("changed.json", &changed));
    assert_eq!(
        chain.refused("clerk", &receive_into(&changed)),
        "parcel_damaged"
    );
    for (name, change, code) in [
        (
            "newer.json",
            ("form", json!("galen parcel 2")),
            "parcel_newer",
        ),
        ("short.json", ("content", json!("00ff")), "parcel_damaged"),
        ("odd.json", ("nonce", json!("0")), "invalid_value"),
        ("more.json", ("colour", json!("red")), "unknown_field"),
    ] {
        let mut parcel = read(&file);
        parcel[change.0] = change.1;
        let parcel = text(&chain.world.json(name, &parcel));
        assert_eq!(
            chain.refused("clerk", &receive_into(&parcel)),
            code,
            "{name}"
        );
    }
    assert!(is_empty(&empty));

    // A document of the same name that is another one is not written over.
    std::fs::write(Path::new(&copy), "another").expect("written");
    assert_eq!(chain.refused("clerk", &receive), "file_exists");

    // Revoked since: it cannot be opened any more, and a parcel that the key has signed is not taken.
    let hardware = ["--keypair", "usb://ledger"];
    let output = chain
        .world
        .galen()
        .args(["store", "receive", &file])
        .args(hardware)
        .args(["--output", "json"])
        .output()
        .expect("run");
    assert_eq!(
        common::error(&common::document(&output)).0,
        "keypair_file_needed"
    );
    let clinic = chain.person("clinic").to_string();
    chain.run(
        "clinic",
        &[
            "operator",
            "revoke",
            "--org",
            &world.parties.provider,
            "--key",
            &clinic,
        ],
    );
    assert_eq!(
        chain.refused("clerk", &receive_into(&file)),
        "operator_revoked"
    );
    let clerk = chain.person("clerk").to_string();
    chain.run(
        "insurer",
        &[
            "operator",
            "revoke",
            "--org",
            &world.parties.insurer,
            "--key",
            &clerk,
        ],
    );
    assert_eq!(
        chain.refused("clerk", &receive_into(&file)),
        "operator_revoked"
    );
    assert!(is_empty(&empty));
}

#[test]
fn what_the_ledger_does_not_bear_out_is_neither_sent_nor_taken() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let one = world.document("one.json", 1, &[("A", 1, 10_000)]);
    let two = world.document("two.json", 2, &[("C", 1, 1_000)]);
    let claim = field(&world.submit(&one, &ticket), "address").to_owned();
    world.submit(&two, &ticket);
    let file = text(&chain.world.path("parcel.json"));
    let pair = |document: &str| format!("{claim}={document}");

    // Another claim's document; one that was changed; a claim that there is not; nothing; somebody who may not.
    assert_eq!(
        chain.refused("clinic", &send(&world, &file, &["--document", &pair(&two)])),
        "commitment_mismatch"
    );
    let changed = world.document("changed.json", 1, &[("A", 1, 9_999)]);
    assert_eq!(
        chain.refused(
            "clinic",
            &send(&world, &file, &["--document", &pair(&changed)])
        ),
        "document_unknown"
    );
    let nowhere = format!("{}={one}", chain.person("nobody"));
    assert_eq!(
        chain.refused("clinic", &send(&world, &file, &["--document", &nowhere])),
        "not_found"
    );
    assert_eq!(
        chain.refused("clinic", &send(&world, &file, &[])),
        "parcel_empty"
    );
    let by_stranger = ["store", "import", "nothing.json"];
    assert_eq!(chain.refused("stranger", &by_stranger), "file_missing");
    let own = chain
        .galen_with_store("stranger", "clinic-store")
        .args(send(&world, &file, &["--document", &pair(&one)]))
        .args(["--yes", "--output", "json"])
        .output()
        .expect("run");
    assert_eq!(common::error(&common::document(&own)).0, "operator_missing");
    // To somebody whom it does not concern.
    let pharmacy = chain.run(
        "pharmacy",
        &[
            "org",
            "register",
            "--kind",
            "pharmacy",
            "--identifier",
            "npi:1245319599",
        ],
    );
    let pharmacy = field(&pharmacy["account"], "address").to_owned();
    chain.run("governance", &["org", "activate", &pharmacy]);
    let elsewhere = [
        "store",
        "send",
        &file,
        "--from",
        &world.parties.provider,
        "--to",
        &pharmacy,
        "--document",
        &pair(&one),
    ];
    assert_eq!(chain.refused("clinic", &elsewhere), "not_a_party");
    let stranger = chain.person("stranger").to_string();
    assert_eq!(
        chain.refused(
            "clinic",
            &send(
                &world,
                &file,
                &["--document", &pair(&one), "--to-key", &stranger]
            )
        ),
        "operator_missing"
    );
    assert!(!chain.world.path("parcel.json").exists());
    sent(&world, "parcel.json", &claim, &one);
    assert_eq!(
        chain.refused("clinic", &send(&world, &file, &["--document", &pair(&one)])),
        "file_exists"
    );
}

#[test]
fn the_insurer_hands_salts_and_code_keys_to_a_provider() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let document = world.document("visit.json", 1, &[("A", 1, 10_000)]);
    let claim = field(&world.submit(&document, &ticket), "address").to_owned();
    let file = text(&chain.world.path("keys.json"));
    let route = [
        "store",
        "send",
        &file,
        "--from",
        &world.parties.insurer,
        "--to",
        &world.parties.provider,
        "--pool",
        &world.pool,
    ];
    let with = |more: &[&str]| {
        [&route[..], more]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        chain.refused("clerk", &with(&["--id", "M-1"])),
        "member_unknown"
    );
    let report = chain.run("clerk", &with(&["--id", MEMBER, "--code-keys"]));
    assert_eq!(
        (&report["salts"], &report["code_keys"]),
        (&json!(1), &json!(1))
    );
    assert_eq!(
        report["recipients"],
        json!([chain.person("clinic").to_string()])
    );

    // A provider's new store knows neither whose claim it was nor the codes; after it has received them, both.
    let fresh = |args: &[&str]| {
        let output = chain
            .galen_with_store("clinic", "fresh-store")
            .args(args)
            .args(["--yes", "--output", "json"])
            .output()
            .expect("run");
        (common::code(&output), common::document(&output))
    };
    let (code, answer) = fresh(&["claim", "response", &claim]);
    assert_eq!(
        (code, common::error(&answer).0),
        (1, "member_unknown".to_owned())
    );
    let (code, answer) = fresh(&["store", "receive", &file]);
    assert_eq!((code, &answer["added"]), (0, &json!(2)), "{answer:#}");
    let (code, answer) = fresh(&["claim", "response", &claim]);
    assert_eq!(
        (code, &answer["patient"]["identifier"]["value"]),
        (0, &json!(MEMBER)),
        "{answer:#}"
    );
    let other = world.document("other.json", 3, &[("C", 1, 1_000)]);
    let submission = world.submission(&other, &ticket);
    let (code, answer) = fresh(&submission);
    assert_eq!(
        (code, &answer["account"]["status"]),
        (0, &json!("paid")),
        "{answer:#}"
    );

    // A provider cannot hand them on, and what contradicts the store is taken not at all.
    assert_eq!(
        chain.refused(
            "clinic",
            &send(
                &world,
                &text(&chain.world.path("on.json")),
                &["--pool", &world.pool, "--code-keys"]
            )
        ),
        "not_a_party"
    );
    let mut backup = {
        let exported = text(&chain.world.path("fresh.json"));
        let (code, _) = fresh(&["store", "export", &exported]);
        assert_eq!(code, 0);
        read(&exported)
    };
    backup["code_keys"][0]["key"] = json!("00".repeat(32));
    let backup = text(&chain.world.json("contradiction.json", &backup));
    let output = chain
        .galen_with_store("clinic", "third-store")
        .args(["store", "import", &backup, "--output", "json"])
        .output()
        .expect("run");
    assert_eq!(common::code(&output), 0);
    let output = chain
        .galen_with_store("clinic", "third-store")
        .args(["store", "receive", &file, "--output", "json"])
        .output()
        .expect("run");
    assert_eq!(
        common::error(&common::document(&output)).0,
        "store_conflict"
    );
}

/// A parcel made by hand, after docs/exchange.md: what a sender could write who does not use `galen store send`.
fn by_hand(world: &Insured, name: &str, signer: &str, named: &str, parcel: &Value) -> String {
    use crypto_box::aead::{Aead, AeadCore, KeyInit, OsRng};
    use crypto_secretbox::XSalsa20Poly1305;
    use solana_signer::Signer;

    let chain = world.chain();
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let parcel = parcel.to_string();
    let message = [b"galen parcel v1\0", parcel.as_bytes()].concat();
    chain.person(signer);
    let signature = chain.keypair(signer).sign_message(&message).to_string();
    let signed =
        json!({"parcel": parcel, "key": chain.person(named).to_string(), "signature": signature});
    let (key, nonce) = (
        XSalsa20Poly1305::generate_key(&mut OsRng),
        XSalsa20Poly1305::generate_nonce(&mut OsRng),
    );
    let content = XSalsa20Poly1305::new(&key)
        .encrypt(&nonce, signed.to_string().as_bytes())
        .expect("sealed");
    let clerk = chain.person("clerk");
    let point = curve25519_dalek::edwards::CompressedEdwardsY(clerk.to_bytes())
        .decompress()
        .expect("a point");
    let public = crypto_box::PublicKey::from(point.to_montgomery().to_bytes());
    let sealed = public.seal(&mut OsRng, &key).expect("sealed");
    let envelope = json!({
        "form": "galen parcel 1", "recipients": [{"key": clerk.to_string(), "sealed": hex(&sealed)}],
        "nonce": hex(&nonce), "content": hex(&content),
    });
    text(&chain.world.json(name, &envelope))
}

#[test]
fn a_sender_who_lies_is_refused_by_name() {
    use sha2::{Digest, Sha256};

    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let document = world.document("visit.json", 1, &[("A", 1, 10_000)]);
    let claim = field(&world.submit(&document, &ticket), "address").to_owned();
    let exported = text(&chain.world.path("clinic.json.store"));
    chain.run("clinic", &["store", "export", &exported]);
    let mut store = read(&exported);
    store["claims"] = json!([]);
    store["code_keys"] = json!([]);
    let hex = |bytes: &[u8]| -> String { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let bytes = std::fs::read(&document).expect("there");
    let genesis = chain.client.get_genesis_hash().expect("a hash").to_string();
    let honest = json!({
        "genesis": genesis, "from": world.parties.provider, "to": world.parties.insurer, "made_at": chain.now(),
        "documents": [{"claim": claim, "bytes": hex(&bytes)}], "store": store,
    });
    let inbox = folder(chain, "inbox");
    let receive = |name: &str, signer: &str, named: &str, parcel: &Value| {
        let file = by_hand(&world, name, signer, named, parcel);
        ["store", "receive", &file, "--documents", &inbox].map(str::to_owned)
    };
    let refused = |name: &str, parcel: &Value| {
        let code = chain.refused("clerk", &receive(name, "clinic", "clinic", parcel));
        assert!(is_empty(&inbox), "{name}");
        code
    };
    let with = |pointer: &str, value: Value| {
        let mut parcel = honest.clone();
        *parcel.pointer_mut(pointer).expect(pointer) = value;
        parcel
    };

    // Another document: under the salt of the right one, under a salt that fits it, under one that does not.
    let forged = b"{\"lines\": []}".to_vec();
    let other = with("/documents/0/bytes", json!(hex(&forged)));
    assert_eq!(refused("a.json", &other), "salt_missing");
    let identifier = hex(&Sha256::digest(&forged));
    let mut fitting = other.clone();
    let salt = [7; 32];
    let commitment = Sha256::new()
        .chain_update(b"galen document v1")
        .chain_update(salt)
        .chain_update(&identifier)
        .finalize();
    fitting["store"]["commitments"][0]["identifier"] = json!(identifier);
    fitting["store"]["commitments"][0]["salt"] = json!(hex(&salt));
    fitting["store"]["commitments"][0]["commitment"] = json!(hex(&commitment));
    assert_eq!(refused("b.json", &fitting), "commitment_mismatch");
    let mut claiming = other.clone();
    claiming["store"]["commitments"][0]["identifier"] = json!(identifier);
    assert_eq!(refused("c.json", &claiming), "commitment_mismatch");

    // Another ledger, another recipient, things that do not belong in it, nothing at all.
    assert_eq!(
        refused("d.json", &with("/genesis", json!("elsewhere"))),
        "wrong_cluster"
    );
    assert_eq!(
        refused("e.json", &with("/to", json!(world.parties.provider))),
        "operator_missing"
    );
    assert_eq!(
        refused("f.json", &with("/from", json!(world.parties.insurer))),
        "not_a_party"
    );
    assert_eq!(
        refused(
            "g.json",
            &with(
                "/store/claims",
                json!([{
                    "document": "00".repeat(32), "scope": "x", "claim_id": "00".repeat(16), "address": "x", "signature": null, "status": "paid",
                }])
            )
        ),
        "parcel_unexpected"
    );
    assert_eq!(
        refused("h.json", &with("/documents", json!([]))),
        "parcel_unexpected"
    );
    assert_eq!(
        refused("i.json", &with("/documents/0/claim", json!("../../escape"))),
        "invalid_value"
    );
    assert_eq!(
        refused("j.json", &with("/made_at", json!("now"))),
        "wrong_type"
    );
    let mut empty = with("/documents", json!([]));
    empty["store"]["commitments"] = json!([]);
    assert_eq!(refused("k.json", &empty), "parcel_empty");
    let key_of_insurer = with(
        "/store/code_keys",
        json!([{"insurer": world.pool, "schedule": 1, "key": "00".repeat(32)}]),
    );
    assert_eq!(refused("l.json", &key_of_insurer), "not_a_party");

    // Signed by somebody who may not, or in another's name.
    assert_eq!(
        chain.refused("clerk", &receive("m.json", "stranger", "stranger", &honest)),
        "operator_missing"
    );
    assert_eq!(
        chain.refused("clerk", &receive("n.json", "stranger", "clinic", &honest)),
        "parcel_forged"
    );
    let elsewhere = [
        &receive("o.json", "clinic", "clinic", &honest)[..],
        &["--from".to_owned(), world.parties.insurer.clone()],
    ]
    .concat();
    assert_eq!(chain.refused("clerk", &elsewhere), "other_sender");
    assert!(is_empty(&inbox));
    let taken = chain.run("clerk", &receive("p.json", "clinic", "clinic", &honest));
    assert_eq!(taken["added"], json!(1));
}
