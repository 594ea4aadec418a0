//! The registry's commands on a running validator: each does what it says, has nothing to do the second time, and is refused
//! by name where it must be.

mod chain;
mod common;

use chain::{field, Chain};
use serde_json::json;

const HOUR: i64 = 3_600;

#[test]
fn governance_is_set_up_handed_over_and_pauses() {
    let chain = Chain::with_programs();
    let (governance, guardian) = (
        chain.person("governance").to_string(),
        chain.person("guardian").to_string(),
    );

    assert_eq!(
        chain.refused("governance", &["governance", "show"]),
        "not_found"
    );
    assert_eq!(
        chain.refused("stranger", &["governance", "init"]),
        "not_upgrade_authority"
    );
    let config = chain.twice(
        "governance",
        &["governance", "init", "--guardian", &guardian],
        "created",
    );
    assert_eq!(
        (field(&config, "governance"), field(&config, "guardian")),
        (governance.as_str(), guardian.as_str())
    );
    assert_eq!(
        (&config["sequence"], &config["pause"]),
        (&json!(0), &json!(null))
    );
    assert_eq!(
        chain.refused("governance", &["governance", "init"]),
        "config_differs"
    );

    let stranger = chain.person("stranger").to_string();
    assert_eq!(
        chain.refused("stranger", &["governance", "set-guardian", &stranger]),
        "not_governance"
    );
    let deputy = chain.person("deputy").to_string();
    let config = chain.twice(
        "governance",
        &["governance", "set-guardian", &deputy],
        "changed",
    );
    assert_eq!(
        (field(&config, "guardian"), &config["sequence"]),
        (deputy.as_str(), &json!(1))
    );

    // A signature made for another moment is refused.
    let set = ["governance", "set-guardian", &guardian];
    assert_eq!(
        chain.refused(
            "governance",
            &[&set[..], &["--expected-sequence", "0"]].concat()
        ),
        "admin_sequence_stale"
    );
    assert_eq!(
        chain.refused("governance", &[&set[..], &["--valid-until", "1"]].concat()),
        "admin_expired"
    );

    let successor = chain.person("successor").to_string();
    chain.twice(
        "governance",
        &["governance", "propose", &successor],
        "changed",
    );
    let config = chain.twice(
        "governance",
        &["governance", "propose", "--withdraw"],
        "changed",
    );
    assert_eq!(config["proposed_governance"], json!(null));
    assert_eq!(
        chain.refused("successor", &["governance", "accept"]),
        "not_proposed_governance"
    );
    chain.twice(
        "governance",
        &["governance", "propose", &successor],
        "changed",
    );
    let config = chain.twice("successor", &["governance", "accept"], "changed");
    assert_eq!(field(&config, "governance"), successor);
    assert_eq!(
        chain.refused("governance", &["governance", "propose", &governance]),
        "not_governance"
    );

    assert_eq!(
        chain.refused("stranger", &["governance", "pause", "--for", "1h"]),
        "not_guardian"
    );
    assert_eq!(
        chain.refused("deputy", &["governance", "pause", "--for", "73h"]),
        "pause_duration_invalid"
    );
    let config = chain.twice(
        "deputy",
        &["governance", "pause", "--for", "24h"],
        "changed",
    );
    assert_eq!(config["pause"]["running"], json!(true));
    assert_eq!(
        chain.refused("deputy", &["governance", "pause", "--for", "48h"]),
        "already_paused"
    );
    let config = chain.twice("successor", &["governance", "resume"], "changed");
    assert_eq!(config["pause"]["running"], json!(false));
    assert_eq!(
        chain.refused("deputy", &["governance", "pause", "--for", "24h"]),
        "pause_cooling_down"
    );
    chain.travel(73 * HOUR);
    chain.run("deputy", &["governance", "pause", "--for", "1h"]);
    chain.travel(2 * HOUR);
    assert_eq!(
        chain.run("anyone", &["governance", "show"])["pause"]["running"],
        json!(false),
        "a pause ends by itself"
    );
}

#[test]
fn organizations_staff_and_credentials_live_their_lives() {
    let chain = Chain::with_programs();
    chain.run("governance", &["governance", "init"]);
    let lei = "lei:5493001KJTIIGC8Y1R12";

    // An organization: registered, looked up in three ways, admitted, suspended, handed over, closed.
    let register = [
        "org",
        "register",
        "--kind",
        "regulator",
        "--identifier",
        lei,
    ];
    let org = chain.twice("regulator", &register, "created");
    let regulator = field(&org, "address").to_owned();
    assert_eq!(
        (
            field(&org, "status"),
            field(&org, "identifier"),
            field(&org, "kind")
        ),
        ("pending", lei, "regulator")
    );
    assert_eq!(
        chain.run("anyone", &["org", "show", field(&org, "id")])["address"],
        json!(regulator)
    );
    assert_eq!(
        chain
            .run("anyone", &["org", "list", "--identifier", lei])
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(
        chain.run("anyone", &["org", "list", "--kind", "insurer"]),
        json!([])
    );
    assert_eq!(
        chain.refused(
            "regulator",
            &["org", "register", "--kind", "insurer", "--identifier", lei]
        ),
        "organization_differs"
    );
    assert_eq!(
        chain.refused(
            "anyone",
            &["org", "show", &chain.person("anyone").to_string()]
        ),
        "not_found"
    );
    assert_eq!(
        chain.refused("anyone", &["org", "show", &registry::ID.to_string()]),
        "wrong_account"
    );

    assert_eq!(
        chain.refused("regulator", &["org", "activate", &regulator]),
        "not_governance"
    );
    assert_eq!(
        chain.twice("governance", &["org", "activate", &regulator], "changed")["status"],
        json!("active")
    );
    let suspended = chain.twice(
        "governance",
        &["org", "suspend", &regulator, "--reason", "7"],
        "changed",
    );
    assert_eq!(
        (&suspended["status"], &suspended["status_reason"]),
        (&json!("suspended"), &json!(7))
    );
    assert_eq!(
        chain.refused(
            "governance",
            &["org", "suspend", &regulator, "--reason", "8"]
        ),
        "status_reason_differs"
    );
    chain.run("governance", &["org", "activate", &regulator]);

    let heir = chain.person("heir").to_string();
    chain.twice(
        "regulator",
        &["org", "propose-authority", &regulator, &heir],
        "changed",
    );
    assert_eq!(
        chain.refused("stranger", &["org", "accept-authority", &regulator]),
        "not_proposed_authority"
    );
    assert_eq!(
        field(
            &chain.twice("heir", &["org", "accept-authority", &regulator], "changed"),
            "authority"
        ),
        heir
    );

    // A staff key: added, extended, refused where it may not act, revoked for good.
    let clerk = chain.person("clerk").to_string();
    let name = ["--org", regulator.as_str(), "--key", clerk.as_str()];
    let with =
        |verb: &'static str, rest: &[&'static str]| [&["operator", verb], &name[..], rest].concat();
    assert_eq!(
        chain.refused("regulator", &with("add", &["--permissions", "fund"])),
        "not_organization_authority"
    );
    let operator = chain.twice(
        "heir",
        &with("add", &["--permissions", "fund,decide-claim"]),
        "created",
    );
    assert_eq!(
        (&operator["permissions"], field(&operator, "standing")),
        (&json!(["fund", "decide-claim"]), "active")
    );
    assert_eq!(
        chain.refused("heir", &with("add", &["--permissions", "fund"])),
        "operator_differs"
    );
    assert_eq!(
        chain.refused("heir", &with("update", &["--expires", "2001-01-01"])),
        "expiry_in_past"
    );

    chain.run(
        "pharmacy",
        &[
            "org",
            "register",
            "--kind",
            "pharmacy",
            "--identifier",
            "gln:9506000134352",
        ],
    );
    let pharmacy = chain.person("pharmacy").to_string();
    let credential = [
        "--issuer",
        regulator.as_str(),
        "--subject",
        pharmacy.as_str(),
        "--kind",
        "3",
    ];
    let about = |verb: &'static str, rest: &[&'static str]| {
        [&["credential", verb], &credential[..], rest].concat()
    };
    assert_eq!(
        chain.refused("clerk", &about("issue", &["--until", "2090-01-01"])),
        "permission_missing"
    );
    assert_eq!(
        chain.refused("stranger", &about("issue", &["--until", "2090-01-01"])),
        "operator_missing"
    );
    chain.twice(
        "heir",
        &with(
            "update",
            &[
                "--permissions",
                "issue-credential",
                "--expires",
                "2090-06-30",
            ],
        ),
        "changed",
    );

    // A credential: never issued, valid, not yet valid at an earlier date, expired, revoked are different answers.
    assert_eq!(chain.refused("anyone", &about("show", &[])), "not_found");
    assert_eq!(
        chain.refused("clerk", &about("issue", &["--until", "2001-01-01"])),
        "credential_window_invalid"
    );
    assert_eq!(
        field(
            &chain.twice(
                "clerk",
                &about("issue", &["--until", "2090-01-01"]),
                "created"
            ),
            "standing"
        ),
        "valid"
    );
    assert_eq!(
        chain.refused("clerk", &about("issue", &["--until", "2091-01-01"])),
        "credential_differs"
    );
    assert_eq!(
        field(
            &chain.run("anyone", &about("show", &["--at", "2001-01-01"])),
            "standing"
        ),
        "not_yet_valid"
    );
    assert_eq!(
        field(
            &chain.run("anyone", &about("show", &["--at", "2090-01-01"])),
            "standing"
        ),
        "expired"
    );
    let revoked = chain.twice("clerk", &about("revoke", &["--reason", "9"]), "changed");
    assert_eq!(
        (
            field(&revoked, "standing"),
            &revoked["revocation_reason"],
            field(&revoked, "revoked_by")
        ),
        ("revoked", &json!(9), clerk.as_str())
    );
    assert_eq!(
        chain.refused("clerk", &about("revoke", &["--reason", "8"])),
        "revocation_differs"
    );
    assert_eq!(
        chain.refused("clerk", &about("issue", &["--until", "2090-01-01"])),
        "credential_revoked"
    );
    // Another one, whose issuer is suspended: governance takes it back, and nobody else.
    let second = ["--number", "7"];
    let other =
        |verb: &'static str, rest: &[&'static str]| about(verb, &[&second[..], rest].concat());
    chain.run("clerk", &other("issue", &["--until", "2090-01-01"]));
    let reason = ["--reason", "5"];
    assert_eq!(
        chain.refused("governance", &other("withdraw", &reason)),
        "credential_issuer_active"
    );
    chain.run(
        "governance",
        &["org", "suspend", &regulator, "--reason", "2"],
    );
    assert_eq!(
        chain.refused("clerk", &other("revoke", &reason)),
        "organization_not_active"
    );
    assert_eq!(
        chain.refused("clerk", &other("withdraw", &reason)),
        "not_governance"
    );
    assert_eq!(
        field(&chain.run("anyone", &other("show", &[])), "standing"),
        "valid"
    );
    let withdrawn = chain.twice("governance", &other("withdraw", &reason), "changed");
    let governance = chain.person("governance").to_string();
    assert_eq!(
        (
            field(&withdrawn, "standing"),
            &withdrawn["revocation_reason"],
            field(&withdrawn, "revoked_by")
        ),
        ("revoked", &json!(5), governance.as_str())
    );
    assert_eq!(
        chain.refused("governance", &other("withdraw", &["--reason", "6"])),
        "revocation_differs"
    );
    chain.run("governance", &["org", "activate", &regulator]);
    assert_eq!(
        chain
            .run("anyone", &["credential", "list", "--subject", &pharmacy])
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    assert_eq!(
        chain.run("anyone", &["credential", "list", "--issuer", &pharmacy]),
        json!([])
    );

    assert_eq!(
        field(
            &chain.twice("heir", &with("revoke", &[]), "changed"),
            "standing"
        ),
        "revoked"
    );
    assert_eq!(
        chain.refused("heir", &with("add", &["--permissions", "fund"])),
        "operator_revoked"
    );
    assert_eq!(
        chain.refused(
            "clerk",
            &about("issue", &["--number", "1", "--until", "2090-01-01"])
        ),
        "operator_revoked"
    );
    assert_eq!(
        chain.run("anyone", &["operator", "list", "--org", &regulator])[0]["standing"],
        json!("revoked")
    );

    assert_eq!(
        field(
            &chain.twice(
                "governance",
                &["org", "close", &regulator, "--reason", "2"],
                "changed"
            ),
            "status"
        ),
        "closed"
    );
    assert_eq!(
        chain.refused("governance", &["org", "activate", &regulator]),
        "status_transition_invalid"
    );
}

#[test]
fn nothing_is_sent_without_a_yes() {
    let chain = Chain::with_programs();
    chain.person("governance");
    let output = chain
        .galen("governance")
        .args(["governance", "init"])
        .output()
        .expect("run");
    assert_eq!(common::code(&output), 1);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        said.contains("Configure the registry") && said.contains("confirmation_needed"),
        "{said}"
    );
    assert_eq!(
        chain.refused("governance", &["governance", "show"]),
        "not_found"
    );
}
