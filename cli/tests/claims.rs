//! Claims and members on a running validator: what happens to a claim after it was submitted, typed by who may.

mod chain;
mod common;

use anchor_lang::{InstructionData, ToAccountMetas};
use chain::claim_files::words;
use chain::field;
use chain::insured::{insured, plan, Insured, MEMBER, UNITS};
use chain::x12_files::interchange;
use claims::instructions::OpenClaimArgs;
use claims::state::{Claim, History};
use claims::{accounts, instruction};
use common::{document, error, text};
use registry::state::{Config, Operator};
use serde_json::{json, Value};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

/// Every line's charge is paid or explained, to the cent, and so are the totals.
fn balanced(claim: &Value) {
    let cents = |value: &Value| value.as_u64().expect("cents");
    for line in claim["lines"].as_array().expect("lines") {
        let adjustments = line["adjustments"].as_array().expect("adjustments");
        let explained: u64 = adjustments
            .iter()
            .map(|entry| cents(&entry["amount"]))
            .sum();
        assert_eq!(cents(&line["charge"]), cents(&line["paid"]) + explained);
    }
    let total = |name: &str| cents(&claim["totals"][name]);
    assert_eq!(
        total("charge"),
        total("paid") + total("patient") + total("write_off") + total("other")
    );
}

#[test]
fn a_claim_above_the_limit_waits_is_decided_and_is_paid() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");

    // 80% of 200.00 is above the limit of 100.00.
    let large = world.document("large.json", 1, &[("A", 2, 25_000)]);
    let submitted = chain.twice("clinic", &world.submission(&large, &ticket), "created");
    assert_eq!(
        (field(&submitted, "status"), &submitted["pend_reason"]),
        ("pended", &json!("claim_limit"))
    );
    assert_eq!(submitted["totals"]["paid"], json!(0));
    let claim = field(&submitted, "address").to_owned();
    let decide = |verdict: &'static [&'static str]| {
        let words = ["claim", "decide", claim.as_str()];
        [&words[..], verdict].concat()
    };
    assert_eq!(
        chain.refused("clinic", &decide(&["--approve"])),
        "operator_missing"
    );
    assert_eq!(
        chain.refused("clerk", &decide(&["--deny", "9999"])),
        "reason_unknown"
    );
    // It states nothing beside its lines.
    let output = chain
        .galen("clerk")
        .args(decide(&["--approve", "--facts", "3"]))
        .args(["--yes", "--output", "json"])
        .output();
    let answer = document(&output.expect("run"));
    let message = field(&answer["error"], "message");
    assert_eq!(error(&answer).0, "facts_changed");
    assert!(message.contains("0, and not 3"), "{message}");
    for (verb, code) in [
        ("settle", "claim_not_payable"),
        ("close", "claim_not_draft"),
    ] {
        assert_eq!(chain.refused("clinic", &["claim", verb, &claim]), code);
    }
    assert_eq!(chain.held(&world.payout), 0);

    let approved = chain.twice("clerk", &decide(&["--approve"]), "changed");
    assert_eq!(
        (field(&approved, "status"), &approved["pend_reason"]),
        ("paid", &json!(null))
    );
    assert_eq!(
        approved["lines"][0]["adjustments"],
        json!([
            {"group": "CO", "reason": 45, "amount": 5_000},
            {"group": "PR", "reason": 2, "amount": 4_000},
        ])
    );
    balanced(&approved);
    assert_eq!(chain.held(&world.payout), 16_000 * UNITS);
    assert_eq!(
        chain.refused("clerk", &decide(&["--deny", "50"])),
        "claim_not_pended"
    );

    // Who has the plan and the key of its codes sees their names.
    let plan = text(&chain.world.path("plan.json"));
    let codes = |who: &str, more: &[&str]| {
        let show = chain.run(who, &[&["claim", "show", &claim], more].concat());
        let list = ["claim", "list", "--pool", &world.pool];
        let list = chain.run(who, &[&list, more].concat());
        [&show, &list["claims"][0]].map(|claim| claim["lines"][0]["code"].clone())
    };
    assert_eq!(codes("clerk", &[]), [json!(null), json!(null)]);
    assert_eq!(codes("clerk", &["--plan", &plan]), [json!("A"), json!("A")]);
    assert_eq!(
        chain.refused("anyone", &["claim", "show", &claim, "--plan", &plan]),
        "code_key_missing"
    );

    // Another one is denied, by a reason that the provider bears.
    let other = world.document("other.json", 2, &[("A", 2, 20_000), ("C", 1, 1_000)]);
    let other = world.submit(&other, &ticket);
    assert_eq!(field(&other, "pend_reason"), "claim_limit");
    let other = field(&other, "address").to_owned();
    let deny = ["claim", "decide", &other, "--deny", "50"];
    let denied = chain.twice("clerk", &deny, "changed");
    assert_eq!(
        (field(&denied, "status"), &denied["totals"]["write_off"]),
        ("denied", &json!(21_000))
    );
    for (line, charge) in [(0, 20_000), (1, 1_000)] {
        assert_eq!(
            denied["lines"][line]["adjustments"],
            json!([{"group": "CO", "reason": 50, "amount": charge}])
        );
    }
    balanced(&denied);
    assert_eq!(
        chain.refused("clerk", &["claim", "decide", &other, "--approve"]),
        "claim_not_pended"
    );
    assert_eq!(chain.held(&world.payout), 16_000 * UNITS);

    // What was approved counts for the member, what was denied does not.
    let show = ["member", "show", "--pool", &world.pool, "--id", MEMBER];
    let member = chain.run("clerk", &show);
    assert_eq!(
        member["periods"][0]["out_of_pocket_used"]["individual"],
        json!(4_000)
    );
    let listed = |status: &str| {
        let words = ["claim", "list", "--pool", &world.pool, "--status", status];
        let answer = chain.run("anyone", &words);
        answer["claims"].as_array().map(Vec::len)
    };
    assert_eq!(
        [listed("paid"), listed("denied"), listed("pended")],
        [Some(1), Some(1), Some(0)]
    );
}

#[test]
fn an_award_waits_while_the_pool_is_short_and_anybody_pays_it() {
    let world = insured();
    let chain = world.chain();
    world.fund(5_000);
    let ticket = world.ticket("ticket.json");
    let submit = |name: &str, ago: u32, lines: &[(&str, u32, u64)]| {
        let claim = world.submit(&world.document(name, ago, lines), &ticket);
        assert_eq!(field(&claim, "status"), "payable", "{claim:#}");
        field(&claim, "address").to_owned()
    };

    // 80.00 are awarded and 50.00 are there; then nothing new is paid at once, though 8.00 would be.
    let first = submit("first.json", 1, &[("A", 1, 10_000)]);
    let second = submit("second.json", 2, &[("C", 1, 1_000)]);
    let pool = world.pool_shown();
    assert_eq!(
        (&pool["unfunded"], &pool["free"]),
        (&json!(3_800), &json!(0))
    );
    assert_eq!(
        chain.refused("anyone", &["claim", "settle", &second]),
        "pool_underfunded"
    );

    // What there was when it began to wait is the first one's.
    let settle =
        |claim: &String| chain.run("anyone", &["claim", "settle", claim])["account"].clone();
    let settled = settle(&first);
    assert_eq!(
        (field(&settled, "status"), &settled["paid_out"]),
        ("payable", &json!(5_000))
    );
    assert_eq!(chain.held(&world.payout), 5_000 * UNITS);
    assert_eq!(
        chain.refused("anyone", &["claim", "settle", &first]),
        "pool_underfunded"
    );

    // Half of what they lack, 30.00 and 8.00: half for each.
    world.fund(6_900);
    let pool = world.pool_shown();
    assert_eq!(
        (
            &pool["reserved_for_claims"],
            &pool["unfunded"],
            &pool["rounds"]
        ),
        (&json!(1_900), &json!(1_900), &json!(2))
    );
    let settled = settle(&second);
    assert_eq!(settled["paid_out"], json!(400));
    assert_eq!(chain.held(&world.payout), 5_400 * UNITS);

    // Then the rest, to the cent.
    world.fund(8_800);
    for (claim, award) in [(&first, 8_000), (&second, 800)] {
        let settled = chain.twice("anyone", &["claim", "settle", claim], "changed");
        assert_eq!(
            (field(&settled, "status"), &settled["paid_out"]),
            ("paid", &json!(award))
        );
        assert!(settled["paid_at"].is_i64());
        balanced(&settled);
    }
    assert_eq!(chain.held(&world.payout), 8_800 * UNITS);
    let pool = world.pool_shown();
    assert_eq!(
        (&pool["paid"], &pool["unfunded"], &pool["vault_amount"]),
        (&json!(8_800), &json!(0), &json!(0))
    );
}

/// A FHIR claim of `A` (125.00) and `C` (10.00) to the second payer; the first has paid 75.00 of 85.00 and nothing.
fn secondary_fhir_claim(world: &Insured) -> Value {
    let mut claim = world.fhir_claim("S-1", MEMBER, 3, &[("A", 12_500), ("C", 1_000)]);
    let amount = |name: &str, value: u32| {
        let coding =
            json!([{"system": "http://terminology.hl7.org/CodeSystem/adjudication", "code": name}]);
        json!({"category": {"coding": coding}, "amount": {"value": value, "currency": "USD"}})
    };
    let line = |number: u32, allowed: u32, paid: u32| json!({"itemSequence": number, "adjudication": [amount("eligible", allowed), amount("benefit", paid)]});
    claim["contained"] = json!([{
        "resourceType": "ClaimResponse", "id": "first", "status": "active", "outcome": "complete", "use": "claim",
        "type": claim["type"], "patient": {"identifier": {"value": "OTHER-M-1"}}, "created": world.day(2),
        "insurer": {"identifier": {"value": "OTHER-PAYER"}}, "item": [line(1, 85, 75), line(2, 0, 0)],
    }]);
    let mut own = claim["insurance"][0].clone();
    own["sequence"] = json!(2);
    let coverage = json!({"identifier": {"value": "OTHER-1"}});
    claim["insurance"] = json!([
        {"sequence": 1, "focal": false, "coverage": coverage, "claimResponse": {"reference": "#first"}}, own,
    ]);
    claim
}

/// A quote is the bill, also where another payer has paid a part: what the document says of it goes to the ledger.
#[test]
fn a_quote_is_the_bill_after_another_payer() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let ticket = world.ticket("ticket.json");
    let first = json!({"allowed": 8_500, "paid": 7_500, "obligated": 9_000});
    let mut sixteen = vec![json!({"code": "C", "charge": 500}); 16];
    sixteen[3]["other_payer"] = json!({"allowed": 450, "paid": 100});
    sixteen[15]["other_payer"] = json!({"allowed": 0, "paid": 0, "obligated": 500});
    let few = vec![
        json!({"code": "A", "charge": 12_500, "other_payer": first}),
        json!({"code": "B", "charge": 4_000}),
        json!({"code": "X", "charge": 700, "other_payer": {"allowed": 500, "paid": 200}}),
    ];
    let own_form = |ago: u32, lines: Vec<Value>| json!({"service_date": world.day(ago), "submitted": world.day(0), "lines": lines});
    for (name, document, most) in [
        ("few.json", own_form(1, few), 2),
        ("sixteen.json", own_form(2, sixteen), 3),
        ("fhir.json", secondary_fhir_claim(&world), 3),
    ] {
        let quote = chain.world.quoted(&plan(), &document, None);
        let file = common::text(&chain.world.json(name, &document));
        let submitted = chain.run("clinic", &world.submission(&file, &ticket));
        let claim = &submitted["account"];
        assert_eq!(field(claim, "status"), "paid");
        assert_eq!(claim["totals"], quote["totals"]);
        let lines = claim["lines"].as_array().expect("lines");
        let quoted = quote["lines"].as_array().expect("lines");
        for (line, quoted) in lines.iter().zip(quoted) {
            for part in ["allowed", "adjustments", "paid", "patient"] {
                assert_eq!(line[part], quoted[part], "{part} of {line:#}");
            }
        }
        balanced(claim);
        let sent = submitted["transactions"].as_array().map(Vec::len);
        assert!(sent <= Some(most), "{sent:?} transactions for {name}");
        assert_eq!(
            chain.run("clinic", &world.submission(&file, &ticket))["transactions"],
            json!([]),
            "what has been submitted is not submitted again"
        );
    }
}

impl Insured {
    /// Opens a claim and leaves it a draft, as a submission does that is never continued.
    fn draft(&self, claim_id: [u8; 16]) -> Pubkey {
        let operator = self.chain().keypair("clinic");
        let [provider, pool, agreement]: [Pubkey; 3] =
            [&self.parties.provider, &self.pool, &self.agreement]
                .map(|address| address.parse().expect("an address"));
        let (claim, _) = Claim::find_address(&pool, &provider, &claim_id);
        let accounts = accounts::OpenClaim {
            operator: operator.pubkey(),
            operator_record: Operator::find_address(&provider, &operator.pubkey()).0,
            provider,
            config: Config::find_address().0,
            agreement,
            claim,
            system_program: solana_sdk_ids::system_program::ID,
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let args = OpenClaimArgs {
            claim_id,
            document: [7; 32],
            service_date: self.today.days(),
            line_count: 16,
        };
        let open = Instruction {
            program_id: claims::ID,
            accounts: accounts.to_account_metas(None),
            data: instruction::OpenClaim { args }.data(),
        };
        self.chain().send(&[open], &[&operator]);
        claim
    }
}

#[test]
fn a_draft_is_given_up_for_its_rent_by_who_opened_it() {
    let world = insured();
    let chain = world.chain();
    let draft = world.draft([1; 16]);
    let rent = chain.client.get_balance(&draft).expect("a balance");
    let balance = || {
        let clinic = chain.person("clinic");
        chain.client.get_balance(&clinic).expect("a balance")
    };
    let before = balance();
    let close = ["claim", "close", &draft.to_string()];
    let shown = chain.run("anyone", &["claim", "show", &draft.to_string()]);
    assert_eq!(
        (field(&shown, "status"), &shown["lines"]),
        ("draft", &json!([]))
    );
    assert_eq!(chain.refused("clerk", &close), "not_claim_opener");

    let closed = chain.run("clinic", &close);
    let fee = closed["transaction"]["fee"].as_u64().expect("a fee");
    assert_eq!(balance(), before + rent - fee);
    assert_eq!(
        chain.run("clinic", &close)["transaction"],
        json!(null),
        "nothing is left to close"
    );
    assert_eq!(
        chain.refused("anyone", &["claim", "show", &draft.to_string()]),
        "not_found"
    );
}

#[test]
fn a_member_has_a_key_tickets_and_an_end() {
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let about = |verb: &'static str| ["member", verb, "--pool", &world.pool, "--id", MEMBER];
    let with = |verb: &'static str, more: &[&str]| -> Vec<String> {
        let words = about(verb);
        words.iter().chain(more).map(|&word| word.into()).collect()
    };

    // Sixteen lines and a ticket take several transactions; a ticket that was voided costs none of them.
    let old = world.ticket("old.json");
    let sixteen = world.document("sixteen.json", 1, &[("C", 1, 100); 16]);
    assert_eq!(
        chain.refused("clinic", &with("void-tickets", &["--below", "1"])),
        "member_unknown",
        "the clinic's store knows nobody"
    );
    let void = with("void-tickets", &["--below", "1"]);
    assert_eq!(
        chain.twice("clerk", &void, "changed")["ticket_floor"],
        json!(1)
    );
    assert_eq!(
        chain.refused("clerk", &with("void-tickets", &["--below", "0"])),
        "ticket_floor_not_higher"
    );
    assert_eq!(
        chain.refused("clinic", &world.submission(&sixteen, &old)),
        "ticket_revoked"
    );
    let list = ["claim", "list", "--pool", &world.pool];
    assert_eq!(chain.run("anyone", &list)["claims"], json!([]));
    let new = world.ticket("new.json");
    let submitted = chain.run("clinic", &world.submission(&sixteen, &new));
    assert_eq!(submitted["transactions"].as_array().map(Vec::len), Some(2));
    let claim = &submitted["account"];
    assert_eq!(claim["lines"].as_array().map(Vec::len), Some(16));
    balanced(claim);

    // With a key of its own the member signs, and no other key does.
    let key = chain.person("member").to_string();
    assert_eq!(
        chain.refused("insurer", &with("set-authority", &[&key])),
        "member_unknown"
    );
    let by_address = |more: &[&str]| -> Vec<String> {
        let words = ["member", "set-authority", "--pool", &world.pool];
        let member = ["--member", &world.member];
        let words = words.iter().chain(&member).chain(more);
        words.map(|&word| word.into()).collect()
    };
    assert_eq!(
        chain.refused("insurer", &by_address(&[&key])),
        "operator_missing"
    );
    let set = chain.twice("clerk", &with("set-authority", &[&key]), "changed");
    assert_eq!(field(&set, "authority"), key);
    let signed = |name: &str, ago: u32, keypair: &str| -> Vec<String> {
        let document = world.document(name, ago, &[("C", 1, 1_000)]);
        let keypair = common::text(&chain.keyfile(keypair));
        let words = world.submission(&document, "").map(str::to_owned);
        let member = ["--member-keypair", &keypair, "--member", &world.member];
        let member = member.iter().map(|&word| word.into());
        words[..8].iter().cloned().chain(member).collect()
    };
    chain.person("stranger");
    assert_eq!(
        chain.refused("clinic", &signed("forged.json", 2, "stranger")),
        "not_member_authority"
    );
    let paid = chain.run("clinic", &signed("signed.json", 2, "member"));
    assert_eq!(field(&paid["account"], "status"), "paid");
    let none = chain.twice("clerk", &by_address(&["--none"]), "changed");
    assert_eq!(none["authority"], json!(null));
    assert_eq!(
        chain.refused("clinic", &signed("after.json", 3, "member")),
        "not_member_authority"
    );

    // The last day moves back and forth, never before the first.
    assert_eq!(
        chain.refused("clerk", &with("end", &["--to", "2019-12-31"])),
        "coverage_invalid"
    );
    let last = world.day(5);
    let ended = chain.twice("clerk", &with("end", &["--to", &last]), "changed");
    assert_eq!(field(&ended, "covered_to"), last);
    let after = world.document("late.json", 4, &[("C", 1, 1_000)]);
    let denied = world.submit(&after, &new);
    assert_eq!(
        denied["lines"][0]["adjustments"],
        json!([{"group": "PR", "reason": 27, "amount": 1_000}])
    );
    let on = world.document("on.json", 5, &[("C", 1, 1_000)]);
    assert_eq!(field(&world.submit(&on, &new), "status"), "paid");
    chain.twice("clerk", &with("end", &["--to", "2099-12-31"]), "changed");
    // What was signed before those changes does not undo them.
    let held = with("set-authority", &[&key, "--expected-sequence", "1"]);
    assert_eq!(chain.refused("clerk", &held), "admin_sequence_stale");
    let late = with("set-authority", &[&key, "--valid-until", "2020-01-01"]);
    assert_eq!(chain.refused("clerk", &late), "admin_expired");

    // Where the history has little room left, anybody makes some; where it has, there is nothing to do.
    let grow = ["member", "grow-history", "--pool", &world.pool];
    let grow = [&grow[..], &["--member", &world.member]].concat();
    let room = chain.run("clinic", &grow);
    assert_eq!(
        (&room["capacity"], &room["transaction"]),
        (&json!(128), &json!(null))
    );
    let member: Pubkey = world.member.parse().expect("an address");
    let history = History::find_address(&member).0;
    let mut data = chain.client.get_account(&history).expect("there").data;
    // The number of lines comes after the member.
    let lines = u16::from_le_bytes([data[40], data[41]]);
    assert_eq!(room["lines"], json!(lines));
    data[40..42].copy_from_slice(&100_u16.to_le_bytes());
    chain::accounts::write(chain, &history, &claims::ID, &data);
    let grown = chain.run("clinic", &grow);
    assert_eq!(
        (&grown["lines"], &grown["capacity"]),
        (&json!(100), &json!(256))
    );
    assert!(grown["transaction"]["signature"].is_string(), "{grown:#}");
    assert_eq!(chain.run("clinic", &grow)["transaction"], json!(null));
    // Not the document of before to the letter: that one would be answered with what became of it.
    let again = world.document("again.json", 4, &[("C", 1, 1_100)]);
    assert_eq!(field(&world.submit(&again, &new), "status"), "paid");
}

/// A ticket proves the part of the member whom it names, and says nothing of the document.
#[test]
fn nobody_is_paid_for_another_than_the_document_names() {
    const OTHER: &str = "M-4712";
    let world = insured();
    let chain = world.chain();
    world.fund(100_000);
    let enrol = ["member", "enrol", "--pool", &world.pool, "--plan"];
    let who = [&world.plan, "--id", OTHER, "--from", "2020-01-01"];
    chain.run("clerk", &[&enrol[..], &who].concat());
    let ticket = world.ticket("ticket.json");
    let text = common::text;

    // Stores of the clinic that know one of the two: whose the ticket is, or whom the document names.
    let whole = text(&chain.world.path("whole.json"));
    chain.run("clerk", &["store", "export", &whole]);
    let whole: Value = serde_json::from_slice(&std::fs::read(whole).expect("there")).expect("JSON");
    let run = |store: &str, words: &[&str]| {
        let output = chain
            .galen_with_store("clinic", store)
            .args(words)
            .args(["--yes", "--output", "json"])
            .output()
            .expect("run");
        common::document(&output)
    };
    let stores = [MEMBER, OTHER].map(|known| {
        let mut one = whole.clone();
        let salts = one["commitments"].as_array_mut().expect("commitments");
        salts.retain(|salt| salt["identifier"] == known);
        assert_eq!(salts.len(), 1);
        let file = text(&chain.world.json(&format!("{known}.json"), &one));
        let store = format!("{known}-store");
        assert_eq!(run(&store, &["store", "import", &file])["added"], json!(2));
        store
    });

    let fhir = |name: &str, patient: &str, purpose: &str, ago: u32| {
        let mut claim = world.fhir_claim(name, patient, ago, &[("A", 10_000)]);
        claim["use"] = json!(purpose);
        text(&chain.world.json(name, &claim))
    };
    let x12 = |name: &str, patient: &str| {
        let claims = [("CTRL-1", 2, &[("A", 1, 10_000)][..])];
        let claims = interchange(&world, 1, patient, "1234567893", &claims);
        text(&chain.world.write(name, &claims))
    };
    let visit = fhir("other.fhir.json", OTHER, "claim", 1);
    let planned = fhir("planned.fhir.json", OTHER, "predetermination", 1);
    let day = x12("other.837", OTHER);
    let table = format!("patient,ticket\n{OTHER},ticket.json\n");
    let table = text(&chain.world.write("members.csv", &table));
    let place = "Claim.patient.identifier.value";
    let member = "segment[15].NM109";
    for store in &stores {
        let mut ask = world.submission(&planned, &ticket);
        [ask[0], ask[1]] = ["predetermination", "ask"];
        for (words, at) in [
            (world.submission(&visit, &ticket), place),
            (world.submission(&day, &ticket), member),
            (ask, place),
        ] {
            let refusal = common::error(&run(store, &words));
            let expected = ("patient_mismatch".to_owned(), at.to_owned());
            assert_eq!(refusal, expected, "{store}: {words:?}");
        }
        for (file, at) in [(&visit, place), (&day, member)] {
            let answer = run(store, &words(&world, file, &table));
            let fault = &answer["faults"][0];
            assert_eq!(
                (&fault["code"], &fault["at"], &answer["filed"]),
                (&json!("patient_mismatch"), &json!(at), &json!(0)),
                "{store}: {answer:#}"
            );
        }
    }
    // By the member's own key it is the same.
    chain.person("member");
    let key = text(&chain.keyfile("member"));
    let signed = ["--member-keypair", &key, "--id", MEMBER];
    let signed = [&world.submission(&visit, "")[..8], &signed].concat();
    assert_eq!(
        common::error(&run(&stores[0], &signed)).0,
        "patient_mismatch"
    );
    // A dependent of the member, by the member's number, is somebody else too.
    let own = interchange(
        &world,
        1,
        MEMBER,
        "1234567893",
        &[("CTRL-2", 3, &[("A", 1, 10_000)])],
    );
    let child = "HL*3*2*23*0~\nPAT*19~\nNM1*QC*1*TESTCHILD*BETA~\nN3*2 EXAMPLE STREET~\nN4*EXAMPLE TOWN*CT*060010000~\nDMG*D8*20150101*U~\nCLM*CTRL-2";
    let child = own
        .replace("HL*2*1*22*0", "HL*2*1*22*1")
        .replace("SBR*P*18*", "SBR*P**")
        .replace("CLM*CTRL-2", child)
        .replace("SE*21*", "SE*27*");
    let child = text(&chain.world.write("child.837", &child));
    let refusal = common::error(&run(&stores[0], &world.submission(&child, &ticket)));
    assert_eq!(refusal, ("patient_mismatch".to_owned(), member.to_owned()));
    let list = ["claim", "list", "--pool", &world.pool];
    assert_eq!(chain.run("anyone", &list)["claims"], json!([]));

    // Whose the ticket is, is paid for.
    for (store, ago) in stores.iter().zip(1..) {
        let visit = fhir(&format!("own-{ago}.json"), MEMBER, "claim", ago);
        let paid = run(store, &world.submission(&visit, &ticket));
        assert_eq!(paid["account"]["totals"]["paid"], json!(8_000), "{paid:#}");
    }
}
