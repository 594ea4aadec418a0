//! Pools, plans and agreements on a running validator: each command does what it says, has nothing to do the second time,
//! and is refused by name where it must be.

mod chain;
mod common;

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use chain::field;
use chain::insured::UNITS;
use chain::parties::{parties, Parties};
use claims::state::{decode_zero_copy, BenefitSchedule};
use common::{error, text};
use galen_rules::Date;
use serde_json::{json, Value};
use solana_pubkey::Pubkey;

const HOUR: i64 = 3_600;
const SOL: u64 = 1_000_000_000;

/// With nothing but this program: a key, SOL, a currency, an account in which it is held.
#[test]
fn a_purse_is_filled_by_the_commands_alone() {
    let world = parties();
    let chain = &world.chain;
    let file = text(&chain.keyfile("newcomer"));
    let (exit, made) = chain.world.run(&["wallet", "new", &file]);
    assert_eq!((exit, field(&made, "file")), (0, file.as_str()));
    let newcomer = field(&made, "address").to_owned();
    assert_eq!(chain.person("newcomer").to_string(), newcomer);

    // Who has no SOL is told where some is to be had.
    let refusal = |who: &str, args: &[&str]| {
        let mut command = chain.galen(who);
        let output = command.args(args).args(["--yes", "--output", "json"]);
        let answer = common::document(&output.output().expect("run"));
        let message = field(&answer["error"], "message").to_owned();
        (error(&answer).0, message)
    };
    let (code, message) = refusal("newcomer", &["wallet", "issue"]);
    assert_eq!(code, "insufficient_funds");
    assert!(message.contains("`galen wallet airdrop`"), "{message}");

    let airdrop = ["wallet", "airdrop", "--sol", "2"];
    for balance in [2 * SOL, 4 * SOL] {
        let expected = json!({"address": newcomer, "received": 2 * SOL, "balance": balance});
        assert_eq!(chain.run("newcomer", &airdrop), expected);
    }
    let other = Pubkey::new_from_array([7; 32]);
    let to = ["wallet", "airdrop", "--to", &other.to_string()].map(str::to_owned);
    let given = chain.run("newcomer", &to);
    assert_eq!(field(&given, "address"), other.to_string());
    assert_eq!(chain.client.get_balance(&other).ok(), Some(10 * SOL));

    let issued = chain.run("newcomer", &["wallet", "issue", "--cents", "70000"]);
    let (mint, account) = (field(&issued, "mint"), field(&issued, "account"));
    assert_eq!(chain.held(account), 70_000 * UNITS);
    let create = [
        "pool",
        "create",
        "--insurer",
        &world.insurer,
        "--mint",
        mint,
    ];
    let pool = chain.run("clerk", &create);
    let pool = field(&pool["account"], "address").to_owned();
    let fund = ["pool", "fund", &pool, "--amount", "50000"];
    let (code, message) = refusal("clerk", &fund);
    assert_eq!(code, "wrong_token_account");
    let open = ["wallet", "open-account", mint];
    let command = format!("`galen {}`", open.join(" "));
    assert!(message.contains(&command), "{message}");

    let opened = chain.twice("clerk", &open, "created");
    let clerk = chain.person("clerk").to_string();
    assert_eq!(
        (field(&opened, "owner"), &opened["amount"]),
        (clerk.as_str(), &json!(0))
    );
    assert_eq!(chain.refused("clerk", &fund), "insufficient_tokens");
    let of_other = ["wallet", "open-account", mint, "--owner", &newcomer];
    let there = chain.run("clerk", &of_other);
    assert_eq!(there["outcome"], "unchanged");
    assert_eq!(field(&there["account"], "address"), account);
    let no_mint = ["wallet", "open-account", &pool];
    assert_eq!(chain.refused("clerk", &no_mint), "wrong_mint");
    // Nobody is asked where the environment says so.
    let mut command = chain.galen("newcomer");
    let output = command.args(fund).args(["--output", "json"]);
    let refused = output.output().expect("run");
    assert_eq!(error(&common::document(&refused)).0, "confirmation_needed");
    let output = output.env("GALEN_YES", "1").output().expect("run");
    assert!(output.status.success(), "{output:?}");
    assert_eq!(chain.held(account), 20_000 * UNITS);
}

#[test]
fn a_pool_is_created_funded_and_has_a_desk() {
    let world = parties();
    let (chain, mint) = (&world.chain, world.mint.to_string());
    let create = [
        "pool",
        "create",
        "--insurer",
        world.insurer.as_str(),
        "--mint",
        mint.as_str(),
    ];
    assert_eq!(chain.refused("insurer", &create), "operator_missing");
    assert_eq!(
        chain.refused(
            "clerk",
            &[
                "pool",
                "create",
                "--insurer",
                &world.insurer,
                "--mint",
                &world.insurer
            ]
        ),
        "wrong_mint"
    );
    assert_eq!(
        chain.refused(
            "clerk",
            &[
                "pool",
                "create",
                "--insurer",
                &world.provider,
                "--mint",
                &mint
            ]
        ),
        "operator_missing"
    );
    let coarse = chain.mint("treasury", 1).to_string();
    assert_eq!(
        chain.refused(
            "clerk",
            &[
                "pool",
                "create",
                "--insurer",
                &world.insurer,
                "--mint",
                &coarse
            ]
        ),
        "mint_decimals_invalid"
    );

    let pool = chain.twice("clerk", &create, "created");
    assert_eq!(
        (
            &pool["funded"],
            &pool["free"],
            &pool["vault_amount"],
            &pool["ticket_key"]
        ),
        (&json!(0), &json!(0), &json!(0), &json!(null))
    );
    assert_eq!(pool["issuer_powers"], json!(["mint"]));
    let pool = field(&pool, "address").to_owned();
    let second = chain.run("clerk", &[&create[..], &["--number", "1"]].concat());
    assert_ne!(field(&second["account"], "address"), pool);
    assert_eq!(
        chain
            .run("anyone", &["pool", "list", "--insurer", &world.insurer])
            .as_array()
            .map(Vec::len),
        Some(2)
    );
    assert_eq!(
        chain.run("anyone", &["pool", "list", "--insurer", &world.provider]),
        json!([])
    );

    // 500.00 held; a total is funded once, an amount each time, and never more than is held.
    let donor = chain.person("donor");
    assert_eq!(
        chain.refused("donor", &["pool", "fund", &pool, "--amount", "1"]),
        "wrong_token_account"
    );
    chain.tokens(&world.mint, "treasury", &donor, 500_000_000);
    let funded = chain.twice(
        "donor",
        &["pool", "fund", &pool, "--total", "30000"],
        "changed",
    );
    assert_eq!(
        (&funded["funded"], &funded["free"], &funded["vault_amount"]),
        (&json!(30_000), &json!(30_000), &json!(300_000_000))
    );
    assert_eq!(
        chain.run("donor", &["pool", "fund", &pool, "--amount", "5000"])["account"]["funded"],
        json!(35_000)
    );
    assert_eq!(
        chain.run("donor", &["pool", "fund", &pool, "--amount", "5000"])["account"]["funded"],
        json!(40_000)
    );
    assert_eq!(
        chain.refused("donor", &["pool", "fund", &pool, "--amount", "10001"]),
        "insufficient_tokens"
    );
    assert_eq!(
        chain.run("anyone", &["pool", "show", &pool])["vault_amount"],
        json!(400_000_000)
    );

    let desk = chain.person("desk").to_string();
    assert_eq!(
        field(
            &chain.twice(
                "clerk",
                &["pool", "set-ticket-key", &pool, &desk],
                "changed"
            ),
            "ticket_key"
        ),
        desk
    );
    assert_eq!(
        chain.refused(
            "clerk",
            &[&create[..], &["--ticket-key", &world.insurer]].concat()
        ),
        "pool_differs"
    );
    assert_eq!(
        chain.refused(
            "clerk",
            &[
                "pool",
                "set-ticket-key",
                &pool,
                "--none",
                "--expected-sequence",
                "0"
            ]
        ),
        "admin_sequence_stale"
    );
    assert_eq!(
        chain.twice(
            "clerk",
            &["pool", "set-ticket-key", &pool, "--none"],
            "changed"
        )["ticket_key"],
        json!(null)
    );
    assert_eq!(
        chain.refused("anyone", &["pool", "show", &mint]),
        "wrong_account"
    );
}

#[test]
fn an_agreement_is_offered_accepted_changed_and_ended() {
    let world = parties();
    let chain = &world.chain;
    let pool = world.pool();
    let offer = |provider: &str, per_claim: &str| {
        [
            "agreement",
            "offer",
            "--pool",
            &pool,
            "--provider",
            provider,
            "--limit-per-claim",
            per_claim,
            "--limit-per-day",
            "none",
        ]
        .map(str::to_owned)
    };
    assert_eq!(
        chain.refused("clerk", &offer(&world.insurer, "150000")),
        "not_a_provider"
    );
    assert_eq!(
        chain.refused("clinic", &offer(&world.provider, "150000")),
        "operator_missing"
    );
    let offered = chain.twice("clerk", &offer(&world.provider, "150000"), "created");
    assert_eq!(
        (
            field(&offered, "status"),
            &offered["limit_per_claim"],
            &offered["limit_per_day"]
        ),
        ("offered", &json!(150_000), &json!(null))
    );
    assert_eq!(
        (&offered["in_network"], &offered["payout"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(
        chain.refused("clerk", &offer(&world.provider, "150001")),
        "agreement_differs"
    );
    let agreement = field(&offered, "address").to_owned();
    let on = |verb: &'static str| ["agreement", verb, agreement.as_str()];
    assert_eq!(
        chain.refused("clerk", &on("resume")),
        "agreement_transition_invalid"
    );

    let clinic = chain.person("clinic");
    assert_eq!(
        chain.refused("clinic", &on("accept")),
        "wrong_token_account"
    );
    let payout = chain
        .tokens(&world.mint, "treasury", &clinic, 1)
        .to_string();
    assert_eq!(
        chain.refused(
            "insurer",
            &[&on("accept")[..], &["--payout", &payout]].concat()
        ),
        "not_provider_authority"
    );
    let accepted = chain.twice("clinic", &on("accept"), "changed");
    assert_eq!(
        (field(&accepted, "status"), field(&accepted, "payout")),
        ("active", payout.as_str())
    );

    let set = chain.twice(
        "clerk",
        &[
            &on("set")[..],
            &["--network", "out", "--limit-per-day", "1000000"],
        ]
        .concat(),
        "changed",
    );
    assert_eq!(
        (
            &set["in_network"],
            &set["limit_per_claim"],
            &set["limit_per_day"]
        ),
        (&json!(false), &json!(150_000), &json!(1_000_000))
    );
    let day = |later: i32| {
        let today = i32::try_from(chain.now() / 86_400).expect("a day");
        let date = galen_rules::Date::from_days(today + later).expect("a day");
        date.to_string()
    };
    // What was done until tonight is paid for as ever.
    assert_eq!(
        set["network"],
        json!([{ "from": day(1), "in_network": false }, { "from": null, "in_network": true }])
    );
    let suspended = chain.twice("clerk", &on("suspend"), "changed");
    assert_eq!(
        (field(&suspended, "status"), &suspended["in_force"]),
        ("suspended", &json!([{ "from": null, "to": day(0) }]))
    );
    chain.travel(72 * HOUR);
    let resumed = chain.twice("clerk", &on("resume"), "changed");
    assert_eq!(
        (field(&resumed, "status"), &resumed["in_force"]),
        (
            "active",
            &json!([{ "from": day(0), "to": null }, { "from": null, "to": day(-3) }])
        )
    );

    // Another account is paid from 72 hours on, unless the announcement is withdrawn.
    let sister = chain.person("sister");
    let other = chain
        .tokens(&world.mint, "treasury", &sister, 1)
        .to_string();
    let propose = [
        "agreement",
        "propose-payout",
        agreement.as_str(),
        other.as_str(),
    ];
    assert_eq!(chain.refused("clerk", &propose), "not_provider_authority");
    let proposed = chain.twice("clinic", &propose, "changed");
    assert_eq!(
        (
            field(&proposed, "payout"),
            field(&proposed["proposed_payout"], "payout")
        ),
        (payout.as_str(), other.as_str())
    );
    assert_eq!(
        chain.refused(
            "clinic",
            &[&on("accept")[..], &["--payout", &other]].concat()
        ),
        "payout_differs"
    );
    assert_eq!(
        chain.refused("clerk", &on("cancel-payout")),
        "not_payout_authority"
    );
    assert_eq!(
        chain.twice("clinic", &on("cancel-payout"), "changed")["proposed_payout"],
        json!(null)
    );
    chain.run("clinic", &propose);
    chain.travel(73 * HOUR);
    let shown = chain.run(
        "anyone",
        &[
            "agreement",
            "show",
            "--pool",
            &pool,
            "--provider",
            &world.provider,
        ],
    );
    assert_eq!(
        (field(&shown, "payout"), &shown["proposed_payout"]),
        (other.as_str(), &json!(null))
    );

    assert_eq!(
        field(&chain.twice("clerk", &on("end"), "changed"), "status"),
        "ended"
    );
    let anew = chain.twice("clerk", &offer(&world.provider, "0"), "changed");
    assert_eq!(
        (
            field(&anew, "status"),
            &anew["limit_per_claim"],
            &anew["in_network"]
        ),
        ("offered", &json!(0), &json!(true))
    );
    assert_eq!(
        chain
            .run(
                "anyone",
                &["agreement", "list", "--provider", &world.provider]
            )
            .as_array()
            .map(Vec::len),
        Some(1)
    );
    assert_eq!(
        chain.run("anyone", &["agreement", "list", "--pool", &world.insurer]),
        json!([])
    );
}

fn document(codes: u32) -> Value {
    let benefits: Vec<_> = (0..codes).map(|code| json!({"code": format!("{code:05}"), "allowed": 1_000 + code, "category": if code == 1 { json!("surgery") } else { json!(null) }})).collect();
    json!({
        "deductible": {"individual": 50_000}, "coinsurance_bps": 2_000, "out_of_pocket_max": {"individual": 300_000, "family": 600_000},
        "categories": {"surgery": {"max": 550_000, "period": "year"}}, "benefits": benefits
    })
}

#[test]
fn a_plan_is_published_version_by_version() {
    let world = parties();
    let chain = &world.chain;
    let pool = world.pool();
    let plan = chain.twice("clerk", &["plan", "create", "--pool", &pool], "created");
    assert_eq!(plan["versions"], json!([]));
    let plan = field(&plan, "address").to_owned();
    let mut more = document(40);
    // Sorts before the one that members may have used by then.
    more["categories"]["dental"] = json!({"max": 9_000, "period": "year"});
    more["benefits"][2]["category"] = json!("dental");
    let (first, second) = (
        text(&chain.world.json("first.json", &document(3))),
        text(&chain.world.json("second.json", &more)),
    );
    let publish = |file: &str, from: &str| {
        [
            "plan",
            "publish",
            file,
            "--plan",
            &plan,
            "--effective-from",
            from,
        ]
        .map(str::to_owned)
    };
    let ahead = |days: i64| {
        let day = i32::try_from(chain.now() / 86_400 + days).expect("a day");
        Date::from_days(day).expect("a day").to_string()
    };
    let (today, coming) = (ahead(0), ahead(60));
    let (one, later) = (publish(&first, "2026-01-01"), publish(&second, &coming));

    assert_eq!(chain.refused("clinic", &one), "operator_missing");
    let version = chain.twice("clerk", &one, "created");
    assert_eq!(
        (
            &version["number"],
            field(&version, "effective_from"),
            &version["superseded_from"]
        ),
        (&json!(1), "2026-01-01", &json!(null))
    );
    assert_eq!(
        (
            &version["schedule"]["entries"],
            &version["schedule"]["sealed"],
            &version["schedule"]["number"]
        ),
        (&json!(3), &json!(true), &json!(0))
    );
    let terms = &version["terms"];
    assert_eq!(
        (&terms["deductible"], &terms["coinsurance_bps"]),
        (
            &json!({"individual": 50_000, "family": null}),
            &json!(2_000)
        )
    );
    assert_eq!(
        (
            &terms["categories"][0]["max"],
            &terms["out_of_network"],
            &terms["currency"]
        ),
        (&json!(550_000), &json!("deny"), &json!("USD"))
    );

    assert_eq!(
        chain.refused("clerk", &publish(&second, "2026-01-01")),
        "plan_version_differs"
    );
    assert_eq!(
        chain.refused("clerk", &publish(&second, "2025-12-31")),
        "effective_date_not_later"
    );
    // Care is paid for by the terms of its day.
    assert_eq!(
        chain.refused("clerk", &publish(&second, &today)),
        "effective_date_past"
    );
    let version = chain.twice("clerk", &later, "created");
    assert_eq!(
        (
            &version["number"],
            &version["schedule"]["number"],
            &version["schedule"]["entries"]
        ),
        (&json!(2), &json!(1), &json!(40))
    );
    let shown = chain.run("anyone", &["plan", "show", &plan]);
    assert_eq!(
        (
            &shown["versions"][0]["superseded_from"],
            &shown["versions"][1]["superseded_from"]
        ),
        (&json!(coming), &json!(null))
    );
    assert_eq!(
        chain.run("anyone", &["plan", "list", "--pool", &pool])[0]["versions"][1]["effective_from"],
        json!(coming)
    );

    // No code in clear.
    let schedule = |index: usize| -> Vec<u8> {
        let address: Pubkey = field(&shown["versions"][index]["schedule"], "address")
            .parse()
            .expect("an address");
        chain.client.get_account(&address).expect("there").data
    };
    let (old, new) = (schedule(0), schedule(1));
    // A category keeps its place.
    let categories = |index: usize| &shown["versions"][index]["terms"]["categories"];
    let [before, after] = [categories(0), categories(1)];
    assert_eq!(
        (before.as_array().map(Vec::len), &before[0]),
        (Some(1), &after[0])
    );
    assert_eq!(
        (&after[0]["max"], &after[1]["max"]),
        (&json!(550_000), &json!(9_000))
    );
    let of_benefits = |data: &[u8]| {
        let (_, entries) = BenefitSchedule::decode(data).expect("a schedule");
        let mut places: Vec<_> = entries.iter().map(|entry| entry.category).collect();
        places.sort_unstable();
        places.into_iter().rev().take(3).collect::<Vec<_>>()
    };
    assert_eq!(
        (of_benefits(&old), of_benefits(&new)),
        (vec![1, 0, 0], vec![2, 1, 0])
    );
    assert!(!old
        .windows(5)
        .chain(new.windows(5))
        .any(|bytes| bytes == b"00001"));
    let keys = |data: &[u8]| {
        BenefitSchedule::decode(data)
            .expect("a schedule")
            .1
            .iter()
            .map(|entry| entry.code_key)
            .collect::<Vec<_>>()
    };
    // What stands for a code is the same in the next schedule, until a new key is drawn.
    let (old, new) = (keys(&old), keys(&new));
    assert!(old.iter().all(|key| new.contains(key)));
    let third = text(&chain.world.json("third.json", &more));
    let coming = [ahead(90), ahead(120), ahead(150)];
    let further = |from: &str, flags: &[&str]| {
        let words = publish(&third, from);
        let flags = flags.iter().map(|flag| (*flag).to_owned());
        words.into_iter().chain(flags).collect::<Vec<_>>()
    };
    let published = |from: &str, flags: &[&str]| {
        let answer = chain.run("clerk", &further(from, flags));
        let address = field(&answer["account"]["schedule"], "address");
        let address: Pubkey = address.parse().expect("an address");
        keys(&chain.client.get_account(&address).expect("there").data)
    };
    let drawn = published(&coming[0], &["--new-code-key"]);
    assert!(!drawn.iter().any(|key| new.contains(key)));
    // A number under which the store has another key, or the same where a new one is wanted.
    let other = further(&coming[1], &["--schedule", "0"]);
    assert_eq!(chain.refused("clerk", &other), "code_key_differs");
    let same = further(&coming[1], &["--schedule", "2", "--new-code-key"]);
    assert_eq!(chain.refused("clerk", &same), "code_key_not_new");
    // Who lacks the key of the version before does not go on with one of its own unasked.
    let mut lost = chain.galen_with_store("clerk", "lost-store");
    lost.args(further(&coming[1], &[]));
    let lost = lost
        .args(["--yes", "--output", "json"])
        .output()
        .expect("run");
    let lost = common::error(&common::document(&lost)).0;
    assert_eq!(lost, "code_key_missing");
    assert_eq!(published(&coming[1], &[]), drawn);
    // The same under a number of one's own.
    assert_eq!(published(&coming[2], &["--schedule", "900"]), drawn);
}

/// Codes of a large schedule: as many as one takes where `GALEN_SOAK` is set.
fn many() -> u32 {
    if std::env::var_os("GALEN_SOAK").is_some() {
        claims::constants::MAX_BENEFITS
    } else {
        2_000
    }
}

impl Parties {
    /// The header of the unsealed schedule that is being uploaded, if there is one.
    fn upload(&self) -> Option<BenefitSchedule> {
        let accounts = self
            .chain
            .client
            .get_program_accounts(&claims::ID)
            .expect("accounts");
        let headers = accounts
            .iter()
            .filter_map(|(_, account)| decode_zero_copy::<BenefitSchedule>(&account.data).ok());
        headers.into_iter().find(|header| !header.is_sealed())
    }

    /// Runs a command and kills it once so many entries have arrived. How many had, then.
    fn killed_at(&self, args: &[&str], at_least: u32) -> u32 {
        let flags = self.chain.flags("clerk", "clerk-store");
        let mut run = Command::new(env!("CARGO_BIN_EXE_galen"))
            .args(args)
            .args(flags)
            .arg("--yes")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("run");
        let started = Instant::now();
        loop {
            let count = self.upload().map_or(0, |header| header.count);
            if count >= at_least {
                break;
            }
            assert!(
                started.elapsed() < Duration::from_secs(240),
                "the upload does not come on: {count}"
            );
            assert!(
                run.try_wait().expect("asked").is_none(),
                "the upload ended by itself at {count}"
            );
            sleep(Duration::from_millis(50));
        }
        run.kill().expect("killed");
        run.wait().expect("ended");
        self.upload().expect("begun").count
    }
}

#[test]
fn an_upload_that_is_killed_is_continued_and_paid_for_once() {
    let codes = many();
    let world = parties();
    let chain = &world.chain;
    let plan = world.plan();
    let file = text(&chain.world.json("plan.json", &document(codes)));
    let publish = [
        "plan",
        "publish",
        &file,
        "--plan",
        &plan,
        "--effective-from",
        "2026-01-01",
    ];

    // Killed twice, the second time further on, then left alone.
    let first = world.killed_at(&publish, codes / 20);
    let reached = world.killed_at(&publish, codes / 2);
    assert!(first < reached && reached < codes, "{first} {reached}");

    // Another document cannot slip into the upload that was begun.
    let other = text(&chain.world.json("other.json", &document(codes - 1)));
    let slip = [
        "plan",
        "publish",
        &other,
        "--plan",
        &plan,
        "--effective-from",
        "2026-01-01",
    ];
    assert_eq!(chain.refused("clerk", &slip), "schedule_differs");
    // Nor can somebody without the code key continue it.
    let mut lost = chain.galen_with_store("clerk", "lost-store");
    let lost = lost
        .args(publish)
        .args(["--yes", "--output", "json"])
        .output()
        .expect("run");
    assert_eq!(
        common::error(&common::document(&lost)).0,
        "code_key_missing"
    );

    let finished = chain.run("clerk", &publish);
    assert_eq!(finished["outcome"], json!("created"));
    assert!(
        finished["uploaded"]["entries"].as_u64() <= Some(u64::from(codes - reached)),
        "{finished:#}"
    );
    let schedule = &finished["account"]["schedule"];
    assert_eq!(
        (&schedule["entries"], &schedule["sealed"]),
        (&json!(codes), &json!(true))
    );
    let again = chain.run("clerk", &publish);
    assert_eq!(
        (&again["outcome"], &again["uploaded"]["entries"]),
        (&json!("unchanged"), &json!(0))
    );
}

#[test]
fn an_upload_that_was_begun_can_be_discarded_for_its_rent() {
    let world = parties();
    let chain = &world.chain;
    let plan = world.plan();
    let publish = |file: &str| {
        [
            "plan",
            "publish",
            file,
            "--plan",
            &plan,
            "--effective-from",
            "2026-01-01",
        ]
        .map(str::to_owned)
    };
    let wrong = publish(&text(&chain.world.json("wrong.json", &document(1_500))));
    world.killed_at(&wrong.each_ref().map(String::as_str), 100);
    let balance = || {
        chain
            .client
            .get_balance(&chain.person("clerk"))
            .expect("a balance")
    };
    let before = balance();

    let right = publish(&text(&chain.world.json("right.json", &document(2))));
    assert_eq!(chain.refused("clerk", &right), "schedule_differs");
    let published = chain.run("clerk", &[&right[..], &["--restart".to_owned()]].concat());
    assert_eq!(
        (
            &published["account"]["schedule"]["entries"],
            &published["uploaded"]["entries"]
        ),
        (&json!(2), &json!(2))
    );
    // The rent of 1,500 entries is back, that of 2 and of the version is spent.
    assert!(balance() > before, "{} {before}", balance());
}

#[test]
fn what_is_paid_in_a_day_is_limited_and_money_is_taken_out_by_notice() {
    let world = parties();
    let chain = &world.chain;
    let pool = world.pool();
    let donor = chain.person("donor");
    chain.tokens(&world.mint, "treasury", &donor, 300_000_000);
    chain.run("donor", &["pool", "fund", &pool, "--total", "30000"]);

    let limit = |more: &'static str| ["pool", "set-outflow-limit", pool.as_str(), more];
    assert_eq!(chain.refused("donor", &limit("5000")), "operator_missing");
    let limited = chain.twice("clerk", &limit("5000"), "changed");
    assert_eq!(limited["outflow_limit"], json!(5_000));
    let free = chain.twice("clerk", &limit("--none"), "changed");
    assert_eq!(free["outflow_limit"], json!(null));

    // Who manages the pool is not who takes its money.
    let cashier = chain.person("cashier");
    let target = chain
        .tokens(&world.mint, "treasury", &cashier, 0)
        .to_string();
    let announce = |amount: &'static str| {
        let words = ["pool", "announce-withdrawal", pool.as_str(), "--amount"];
        [&words[..], &[amount, "--to", target.as_str()]].concat()
    };
    assert_eq!(
        chain.refused("clerk", &announce("10000")),
        "permission_missing"
    );
    let add = ["operator", "add", "--org", &world.insurer, "--key"];
    chain.run(
        "insurer",
        &[&add[..], &[&cashier.to_string(), "--permissions", "fund"]].concat(),
    );
    let announced = chain.twice("cashier", &announce("10000"), "changed");
    assert_eq!(
        (
            &announced["withdrawal"]["amount"],
            &announced["withdrawal"]["to"]
        ),
        (&json!(10_000), &json!(target))
    );
    assert_eq!(
        chain.refused("cashier", &announce("20000")),
        "withdrawal_already_announced"
    );
    let withdraw = ["pool", "withdraw", &pool];
    assert_eq!(chain.refused("cashier", &withdraw), "withdrawal_not_due");
    let cancel = ["pool", "cancel-withdrawal", &pool];
    assert_eq!(chain.refused("clerk", &cancel), "permission_missing");
    let cancelled = chain.twice("cashier", &cancel, "changed");
    assert_eq!(cancelled["withdrawal"], json!(null));

    chain.run("cashier", &announce("10000"));
    chain.travel(14 * 24 * HOUR + HOUR);
    assert_eq!(chain.refused("clerk", &withdraw), "permission_missing");
    let taken = chain.twice("cashier", &withdraw, "changed");
    assert_eq!(
        (&taken["withdrawn"], &taken["free"], &taken["withdrawal"]),
        (&json!(10_000), &json!(20_000), &json!(null))
    );
    assert_eq!(chain.held(&target), 100_000_000);
}
