//! X12 on a running validator: an 837P becomes a claim that is paid, an 835 says what was paid for it and finds the payment.

mod chain;
mod common;

use anchor_lang::{InstructionData, ToAccountMetas};
use chain::claim_files::words;
use chain::field;
use chain::insured::{insured_by, plan, Insured, MEMBER, UNITS};
use chain::x12_files::{interchange, Claim};
use claims::instructions::ReverseClaimArgs;
use claims::state::History;
use claims::{accounts, instruction};
use common::text;
use galen_x12::read_835;
use galen_x12::remittance::{Processed, ProviderReason, Remittance};
use registry::state::Operator;
use serde_json::{json, Value};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;
use solana_signer::Signer;

fn parties() -> Value {
    json!({
        "payer": {
            "name": "GALEN INSURER", "tax_number": "000000002",
            "street": ["4 EXAMPLE STREET"], "city": "EXAMPLE TOWN", "state": "CT", "postal_code": "060010000",
            "contact": {"name": "EDI DESK", "telephone": "5550100200"},
            "interchange": {"id": "INSURER01"},
        },
        "payee": {"name": "CLINIC OF EXAMPLE TOWN", "interchange": {"id": "CLINIC01"}},
    })
}

/// A world with what a remittance needs.
struct Desk {
    world: Insured,
    parties: String,
    ticket: String,
}

impl Desk {
    fn open() -> Self {
        Self::under(&plan())
    }

    fn under(plan: &Value) -> Self {
        let world = insured_by(plan);
        let parties = text(&world.chain().world.json("parties.json", &parties()));
        let ticket = world.ticket("ticket.json");
        Self {
            world,
            parties,
            ticket,
        }
    }

    fn document(&self, name: &str, control: u32, claims: &[Claim]) -> String {
        let claims = interchange(&self.world, control, MEMBER, "1234567893", claims);
        text(&self.world.chain().world.write(name, &claims))
    }

    /// Submits a claim of a document; the answer.
    fn submit(&self, document: &str, number: &str) -> Value {
        let words = self.world.submission(document, &self.ticket);
        let choice = ["--control-number", number];
        self.world
            .chain()
            .run("clinic", &[&words[..], &choice].concat())
    }

    /// Writes the remittance about a transaction and reads it back.
    fn remittance(&self, reference: &str, name: &str, documents: &[&str]) -> (Value, Remittance) {
        let out = text(&self.world.chain().world.path(name));
        let mut words = vec![
            "claim",
            "remittance",
            reference,
            "--parties",
            &self.parties,
            "--out",
            &out,
            "--test",
        ];
        for document in documents {
            words.extend(["--document", document]);
        }
        let answer = self.world.chain().run("clerk", &words);
        let written = std::fs::read_to_string(&out).expect("written");
        (answer, read_835(&written).expect("it balances"))
    }

    /// The signature of the last transaction of an account.
    fn last(&self, account: &str) -> String {
        let account = account.parse().expect("an address");
        let client = &self.world.chain().client;
        let signatures = client
            .get_signatures_for_address(&account)
            .expect("signatures");
        signatures.first().expect("one").signature.clone()
    }

    /// Has the insurer take a claim back.
    fn reverse(&self, claim: &str) {
        let (world, chain) = (&self.world, self.world.chain());
        let shown = chain.run("anyone", &["claim", "show", claim]);
        let pool = world.pool_shown();
        let key = |text: &str| -> Pubkey { text.parse().expect("an address") };
        let operator = chain.keypair("clerk");
        let (insurer, member) = (key(&world.parties.insurer), key(&world.member));
        let accounts = accounts::ReverseClaim {
            operator: operator.pubkey(),
            operator_record: Operator::find_address(&insurer, &operator.pubkey()).0,
            insurer,
            pool: key(&world.pool),
            agreement: key(&world.agreement),
            plan_version: key(field(&shown, "plan_version")),
            member,
            history: History::find_address(&member).0,
            claim: key(claim),
            vault: key(field(&pool, "vault")),
            event_authority: claims::EVENT_AUTHORITY_AND_BUMP.0,
            program: claims::ID,
        };
        let reverse = Instruction {
            program_id: claims::ID,
            accounts: accounts.to_account_metas(None),
            data: instruction::ReverseClaim {
                args: ReverseClaimArgs { reason: 129 },
            }
            .data(),
        };
        chain.send(&[reverse], &[&operator]);
    }
}

/// A claim of a file: what it was filed from, its number there, another's in the same file, its account and its transaction.
struct Filed {
    file: String,
    number: String,
    other: String,
    claim: String,
    transaction: String,
}

impl Desk {
    /// Has a batch file claims; `numbers` are theirs, in the file's order.
    fn batch(&self, file: &str, numbers: &[&str]) -> Vec<Filed> {
        let table = format!("patient,ticket\n{MEMBER},ticket.json\n");
        let table = text(&self.world.chain().world.write("members.csv", &table));
        let words = words(&self.world, file, &table);
        let answer = self.world.chain().run("clinic", &words);
        let claims = answer["claims"].as_array().expect("claims");
        assert_eq!(claims.len(), numbers.len(), "{answer:#}");
        let rows = claims.iter().zip(numbers);
        rows.map(|(claim, number)| {
            assert_eq!(claim["status"], json!("paid"), "{answer:#}");
            let other = numbers.iter().find(|other| *other != number);
            let transactions = claim["signatures"].as_array().expect("signatures");
            let last = transactions.last().expect("one");
            Filed {
                file: file.to_owned(),
                number: (*number).to_owned(),
                other: other.map_or("no other", |other| other).to_owned(),
                claim: field(claim, "claim").to_owned(),
                transaction: last.as_str().expect("a signature").to_owned(),
            }
        })
        .collect()
    }
}

/// What changes a remittance's payment beside its claims, in order.
fn adjustments(remittance: &Remittance) -> Vec<(ProviderReason, i64)> {
    let entries = remittance.adjustments.iter();
    entries.map(|entry| (entry.reason, entry.amount)).collect()
}

fn signature(answer: &Value) -> String {
    field(&answer["transactions"][0], "signature").to_owned()
}

#[test]
fn a_claim_is_submitted_from_an_interchange_and_its_remittance_finds_the_payment() {
    let desk = Desk::open();
    let chain = desk.world.chain();
    desk.world.fund(100_000);
    let day: &[Claim] = &[
        ("CTRL-1", 1, &[("A", 1, 12_000), ("C", 2, 2_000)]),
        ("CTRL-2", 2, &[("B", 1, 4_000), ("Z", 1, 700)]),
    ];
    let document = desk.document("day.837", 1, day);
    let first = desk.submit(&document, "CTRL-1");
    assert_eq!(
        (field(&first, "outcome"), field(&first["account"], "status")),
        ("created", "paid")
    );
    assert_eq!(first["account"]["totals"]["paid"], json!(9_600));
    assert_eq!(chain.held(&desk.world.payout), 9_600 * UNITS);
    // The same claim in another interchange is the same document.
    let again = desk.document("again.837", 77, day);
    let found = desk.submit(&again, "CTRL-1");
    assert_eq!(
        (field(&found, "outcome"), &found["account"]["address"]),
        ("unchanged", &first["account"]["address"])
    );

    // Another provider's, and another member's.
    let submit = |name: &str, member: &str, npi: &str| {
        let text_ = interchange(
            &desk.world,
            5,
            member,
            npi,
            &[("CTRL-9", 3, &[("A", 1, 100)])],
        );
        let document = text(&chain.world.write(name, &text_));
        let words = desk.world.submission(&document, &desk.ticket);
        chain.refused("clinic", &words)
    };
    assert_eq!(
        submit("other.837", MEMBER, "1000000004"),
        "provider_mismatch"
    );

    // One line paid, one denied: all of it is processed.
    let second = desk.submit(&document, "CTRL-2");
    assert_eq!(second["account"]["totals"]["paid"], json!(3_200));

    let (answer, remittance) = desk.remittance(&signature(&first), "first.835", &[&document]);
    assert_eq!(
        (&answer["paid"], &answer["claims"]),
        (&json!(9_600), &json!(1))
    );
    let [paid] = remittance.claims.as_slice() else {
        panic!("one claim")
    };
    assert_eq!(paid.control_number.as_deref(), Some("CTRL-1"));
    assert_eq!(paid.payer_number, field(&first["account"], "claim_id"));
    assert_eq!(paid.member.as_deref(), Some(MEMBER));
    assert_eq!(
        (paid.processed, paid.filing_indicator.as_deref()),
        (Processed::Primary, Some("12"))
    );
    assert_eq!(paid.facility, Some(("11".to_owned(), "1".to_owned())));
    let lines: Vec<_> = paid
        .lines
        .iter()
        .map(|line| {
            (
                line.code.as_str(),
                line.units,
                line.charge.get(),
                line.paid.get(),
                line.control_number.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            ("A", 1, 12_000, 8_000, Some("CTRL-1L1")),
            ("C", 2, 2_000, 1_600, Some("CTRL-1L2"))
        ]
    );
    assert_eq!(
        (remittance.paid.get(), remittance.payee.identifier.as_str()),
        (9_600, "1234567893")
    );

    // Its number finds the transaction, alone.
    let number = field(&answer, "number");
    assert!(number.len() <= 50);
    assert_eq!(number, remittance.number);
    let payment = chain.run("anyone", &["claim", "payment", number]);
    assert_eq!(field(&payment, "signature"), signature(&first));
    assert_eq!(
        (&payment["paid"], &payment["claims"][0]["address"]),
        (&json!(9_600), &first["account"]["address"])
    );
    let (_, same) = desk.remittance(number, "again.835", &[&document]);
    assert_eq!(same, remittance);

    // Without the document a plan names the codes.
    let out = text(&chain.world.path("plan.835"));
    let plan = text(&chain.world.path("plan.json"));
    let words = [
        "claim",
        "remittance",
        number,
        "--parties",
        &desk.parties,
        "--out",
        &out,
    ];
    assert_eq!(chain.refused("clerk", &words), "code_unknown");
    chain.run("clerk", &[&words[..], &["--plan", &plan]].concat());
    assert_eq!(
        chain.refused("clerk", &[&words[..], &["--plan", &plan]].concat()),
        "file_exists"
    );
    let named = read_835(&std::fs::read_to_string(&out).expect("written")).expect("it balances");
    assert_eq!(
        (
            named.claims[0].control_number.as_deref(),
            named.claims[0].lines[0].code.as_str()
        ),
        (None, "A")
    );

    // The denied line of a known member is processed, with its reason.
    let (_, partly) = desk.remittance(&signature(&second), "second.835", &[&document]);
    let line = &partly.claims[0].lines[1];
    assert_eq!(
        (partly.claims[0].processed, line.denied, line.units),
        (Processed::Primary, true, 1)
    );
    let reasons: Vec<_> = line
        .adjustments
        .iter()
        .map(|entry| (entry.group.as_str(), entry.reason))
        .collect();
    assert_eq!(reasons, [("PR", 204)]);

    // What settles no claim has no remittance.
    desk.world.fund(100_100);
    let funding = desk.last(&desk.world.pool);
    assert_ne!(funding, signature(&second));
    for (reference, code) in [
        (funding.as_str(), "not_settled"),
        (
            "1111111111111111111111111111111111111111111111111111111111111111",
            "transaction_not_found",
        ),
    ] {
        assert_eq!(
            chain.refused("anyone", &["claim", "payment", reference]),
            code,
            "{reference}"
        );
    }
}

/// In whatever file a claim came, that file is its document, and of several the one alone is handed over.
#[test]
fn a_claim_of_any_file_is_told_of_and_handed_over_alone() {
    let desk = Desk::open();
    let (world, chain) = (&desk.world, desk.world.chain());
    world.fund(100_000);
    // The plan does not have the second line's code: there is something to write a letter about.
    let lines: &[(&str, u32, u64)] = &[("A", 1, 10_000), ("Z", 1, 700)];
    let day = desk.document("day.837", 1, &[("CTRL-1", 1, lines), ("CTRL-2", 2, lines)]);
    let fhir = |number: &str, ago: u32| {
        world.fhir_claim(number, MEMBER, ago, &[("A", 10_000), ("Z", 700)])
    };
    let entries: Vec<Value> = [fhir("B-1", 3), fhir("B-2", 4)]
        .into_iter()
        .map(|claim| json!({"resource": claim}))
        .collect();
    let bundle = json!({"resourceType": "Bundle", "type": "collection", "entry": entries});
    let bundle = text(&chain.world.json("bundle.json", &bundle));
    let ndjson = format!("{}\n{}\n", fhir("N-1", 5), fhir("N-2", 6));
    let ndjson = text(&chain.world.write("claims.ndjson", &ndjson));
    let one = text(&chain.world.json("one.json", &fhir("O-1", 7)));
    // One of the interchange by itself, before the batch finds it.
    let alone = desk.submit(&day, "CTRL-1");
    let mut filed = desk.batch(&day, &["CTRL-1", "CTRL-2"]);
    assert_eq!(filed[0].claim, field(&alone["account"], "address"));
    filed.extend(desk.batch(&bundle, &["B-1", "B-2"]));
    filed.extend(desk.batch(&ndjson, &["N-1", "N-2"]));
    filed.extend(desk.batch(&one, &["O-1"]));

    let inbox = text(&chain.world.path("inbox"));
    std::fs::create_dir(&inbox).expect("a folder");
    let tell = |verb: &'static str, claim: &str, file: &str| {
        ["claim", verb, claim, "--claim", file].map(str::to_owned)
    };
    let letter = |who: &str, claim: &str, file: &str| {
        let out = text(&chain.world.path(&format!("{who}-{claim}.pdf")));
        let words = ["claim", "letter", claim, &out, "--claim", file];
        let from = ["--insurer", "Plan", "--contact", "1 Main Street"];
        chain.run(who, &[&words[..], &from].concat())
    };
    for Filed {
        file,
        number,
        other,
        claim,
        transaction,
    } in &filed
    {
        // Where it was filed.
        let explanation = chain.run("clinic", &tell("explanation", claim, file));
        let codes = [0, 1].map(|item: usize| {
            field(
                &explanation["item"][item]["productOrService"]["coding"][0],
                "code",
            )
        });
        assert_eq!(codes, ["A", "Z"], "{number}");
        let identifier = |of: &Value| field(&of["identifier"], "value").to_owned();
        assert_eq!(identifier(&explanation["claim"]), *number);
        assert_eq!(identifier(&explanation["patient"]), MEMBER);
        let response = chain.run("clinic", &tell("response", claim, file));
        assert_eq!(identifier(&response["request"]), *number);
        assert_eq!(letter("clinic", claim, file)["denied"], json!(1));

        // And at the insurer, once it has it.
        assert_eq!(
            chain.refused("clerk", &tell("explanation", claim, file)),
            "document_unknown"
        );
        let parcel = text(&chain.world.path(&format!("{number}.parcel")));
        let pair = format!("{claim}={file}");
        let send = ["store", "send", &parcel, "--document", &pair, "--from"];
        let parties = [&world.parties.provider, "--to", &world.parties.insurer];
        chain.run("clinic", &[&send[..], &parties].concat());
        let receive = ["store", "receive", &parcel, "--documents", &inbox];
        let received = chain.run("clerk", &receive);
        let copy = field(&received["documents"][0], "file").to_owned();
        let content = std::fs::read_to_string(&copy).expect("there");
        assert!(
            content.contains(number) && !content.contains(other),
            "{content}"
        );
        assert_eq!(copy.ends_with(".x12"), file == &day);
        let told = chain.run("clerk", &tell("explanation", claim, &copy));
        assert_eq!(told["item"], explanation["item"]);
        assert_eq!(told["patient"], explanation["patient"]);
        assert_eq!(letter("clerk", claim, &copy)["denied"], json!(1));

        for (document, name) in [(file, "file.835"), (&copy, "copy.835")] {
            let name = format!("{number}-{name}");
            let (_, remittance) = desk.remittance(transaction, &name, &[document.as_str()]);
            let [paid] = remittance.claims.as_slice() else {
                panic!("one claim")
            };
            assert_eq!(paid.control_number.as_deref(), Some(number.as_str()));
        }
    }
    // A file of others, the document of another, and one that is known to nobody.
    let claim = &filed[0].claim;
    let strange = text(&chain.world.json("strange.json", &fhir("S-1", 8)));
    for (file, code) in [
        (&bundle, "document_unknown"),
        (&one, "document_differs"),
        (&strange, "document_unknown"),
    ] {
        let refused = chain.refused("clinic", &tell("explanation", claim, file));
        assert_eq!(refused, code, "{file}");
    }
}

#[test]
fn a_transfer_for_several_claims_a_denial_and_a_reversal_each_balance() {
    let desk = Desk::open();
    let (world, chain) = (&desk.world, desk.world.chain());
    // Too little for both: they wait, and are paid together.
    world.fund(1_000);
    let document = desk.document(
        "day.837",
        1,
        &[
            ("CTRL-1", 1, &[("A", 1, 10_000)]),
            ("CTRL-2", 2, &[("B", 2, 8_000)]),
            ("CTRL-4", 3, &[("C", 1, 1_000)]),
            ("CTRL-5", 4, &[("A", 1, 10_000)]),
        ],
    );
    let first = desk.submit(&document, "CTRL-1");
    let second = desk.submit(&document, "CTRL-2");
    assert_eq!(field(&second["account"], "status"), "payable");
    // Awarded is not settled.
    assert_eq!(
        chain.refused("anyone", &["claim", "payment", &signature(&first)]),
        "not_settled"
    );
    world.fund(100_000);
    let together = chain.run(
        "anyone",
        &[
            "claim",
            "settle-together",
            "--pool",
            &world.pool,
            "--provider",
            &world.parties.provider,
        ],
    );
    let counts = ["claims", "paid", "waiting"].map(|name| &together[name]);
    assert_eq!(counts, [&json!(2), &json!(2), &json!(0)]);
    let (answer, both) = desk.remittance(&signature(&together), "both.835", &[&document]);
    assert_eq!(
        (&answer["claims"], &answer["paid"], both.paid.get()),
        (&json!(2), &json!(14_400), 14_400)
    );
    // They were awarded within a second or not: either may come first.
    let mut numbers: Vec<&str> = both
        .claims
        .iter()
        .filter_map(|claim| claim.control_number.as_deref())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, ["CTRL-1", "CTRL-2"]);

    // It was awarded in one transaction and paid in another: the first has still settled nothing.
    assert_eq!(
        chain.refused("anyone", &["claim", "payment", &signature(&first)]),
        "not_settled"
    );

    // The same services once more: a duplicate, denied whole, with nothing paid.
    let copy = desk.document("copy.837", 2, &[("CTRL-3", 1, &[("A", 1, 10_000)])]);
    let third = desk.submit(&copy, "CTRL-3");
    assert_eq!(field(&third["account"], "status"), "denied");
    let (_, denied) = desk.remittance(&signature(&third), "denied.835", &[&copy]);
    // Both documents have these lines: who submitted them knows which is which, the insurer does not.
    let out = text(&chain.world.path("either.835"));
    let words = [
        "claim",
        "remittance",
        &signature(&third),
        "--parties",
        &desk.parties,
        "--out",
        &out,
        "--document",
        &document,
        "--document",
        &copy,
    ];
    assert_eq!(chain.refused("clerk", &words), "ambiguous_document");
    chain.run("clinic", &words);
    let own = read_835(&std::fs::read_to_string(&out).expect("written")).expect("it balances");
    assert_eq!(own.claims[0].control_number.as_deref(), Some("CTRL-3"));
    let claim = &denied.claims[0];
    assert_eq!(
        (
            denied.paid.get(),
            claim.processed,
            claim.control_number.as_deref()
        ),
        (0, Processed::Primary, Some("CTRL-3"))
    );
    assert_eq!(
        (
            claim.lines[0].adjustments[0].group.as_str(),
            claim.lines[0].adjustments[0].reason
        ),
        ("OA", 18)
    );

    // Taken back: nothing moves yet, and the next award is kept back for it.
    desk.reverse(field(&first["account"], "address"));
    let reversal = desk.last(field(&first["account"], "address"));
    let (answer, reversed) = desk.remittance(&reversal, "reversed.835", &[&document]);
    assert_eq!((&answer["reversals"], reversed.paid.get()), (&json!(1), 0));
    assert_eq!(reversed.claims[0].processed, Processed::Reversal);
    assert_eq!(adjustments(&reversed), [(ProviderReason::Recovery, -8_000)]);
    let fourth = desk.submit(&document, "CTRL-4");
    let (_, kept) = desk.remittance(&signature(&fourth), "kept.835", &[&document]);
    assert_eq!(
        (kept.paid.get(), adjustments(&kept)),
        (0, vec![(ProviderReason::Recovery, 800)])
    );
    let fifth = desk.submit(&document, "CTRL-5");
    let (_, rest) = desk.remittance(&signature(&fifth), "rest.835", &[&document]);
    assert_eq!(
        (rest.paid.get(), adjustments(&rest)),
        (800, vec![(ProviderReason::Recovery, 7_200)])
    );
    assert_eq!(chain.held(&world.payout), (14_400 + 800) * UNITS);
}

/// Who posts all remittances comes to what the ledger has: what the insurer had taken back before the appeal was won is in the
/// remittance of that, and what the appeal takes back in its own.
#[test]
fn what_was_taken_back_before_an_appeal_is_taken_back_once() {
    let mut plan = plan();
    plan["clocks"] = json!({"appeal_levels": 1, "appeal_days": 30, "appeal_decision_days": 10});
    let desk = Desk::under(&plan);
    let (world, chain) = (&desk.world, desk.world.chain());
    world.fund(100_000);
    let adjuster = chain.person("adjuster").to_string();
    let add = ["operator", "add", "--org", &world.parties.insurer];
    let who = ["--key", &adjuster, "--permissions", "decide-claim"];
    chain.run("insurer", &[&add[..], &who].concat());
    let small: &[(&str, u32, u64)] = &[("A", 1, 10_000)];
    let large: &[(&str, u32, u64)] = &[("A", 2, 25_000)];
    let claims = [("CTRL-1", 2, small), ("CTRL-2", 3, large)];
    let document = desk.document("two.837", 1, &claims);
    let [paid, denied] = ["CTRL-1", "CTRL-2"].map(|number| {
        let answer = desk.submit(&document, number);
        field(&answer["account"], "address").to_owned()
    });
    chain.run("clerk", &["claim", "decide", &denied, "--deny", "50"]);
    desk.reverse(&paid);
    let (_, reversed) = desk.remittance(&desk.last(&paid), "reversed.835", &[&document]);
    assert_eq!(adjustments(&reversed), [(ProviderReason::Recovery, -8_000)]);

    let letter = text(&chain.world.write("letter.txt", "We disagree."));
    let overturned = |claim: &str, name: &str| {
        chain.run("clinic", &["claim", "appeal", "file", claim, &letter]);
        let decide = ["claim", "appeal", "overturn", claim, "--reasons", &letter];
        let answer = chain.run("adjuster", &decide);
        let transaction = signature(&answer);
        let shown = chain.run("anyone", &["claim", "payment", &transaction]);
        let (told, remittance) = desk.remittance(&transaction, name, &[&document]);
        let taken_back = shown["claims"].as_array().expect("claims").iter();
        let taken_back = taken_back.filter(|claim| claim["reversed"] == json!(true));
        assert_eq!(told["reversals"], json!(taken_back.count()));
        remittance
    };
    let processed = |remittance: &Remittance| -> Vec<(Processed, i64)> {
        let claims = remittance.claims.iter();
        let paid = claims.map(|claim| {
            let lines = claim.lines.iter();
            let cents: u64 = lines.map(|line| line.paid.get()).sum();
            (claim.processed, i64::try_from(cents).expect("small"))
        });
        paid.collect()
    };
    // Owed since it was taken back, and kept back of the award in its place: nothing moves, and all in all nothing is owed.
    let won = overturned(&paid, "won.835");
    assert_eq!(processed(&won), [(Processed::Primary, 8_000)]);
    assert_eq!(
        (won.paid.get(), adjustments(&won)),
        (0, vec![(ProviderReason::Recovery, 8_000)])
    );
    // A denial is taken back by the appeal itself.
    let won = overturned(&denied, "won-too.835");
    assert_eq!(
        processed(&won),
        [(Processed::Reversal, 0), (Processed::Primary, 16_000)]
    );
    assert_eq!((won.paid.get(), adjustments(&won)), (16_000, Vec::new()));
    assert_eq!(chain.held(&world.payout), (8_000 + 16_000) * UNITS);
}

/// Each part is in a remittance of its own, as paid in advance; the claim is in the one that has the last part.
#[test]
fn an_award_that_is_paid_in_parts_is_in_as_many_remittances_and_each_balances() {
    let desk = Desk::open();
    let (world, chain) = (&desk.world, desk.world.chain());
    let document = desk.document(
        "day.837",
        1,
        &[
            ("CTRL-1", 1, &[("A", 1, 10_000)]),
            ("CTRL-2", 2, &[("B", 2, 8_000)]),
        ],
    );
    world.fund(1_000);
    let first = desk.submit(&document, "CTRL-1");
    assert_eq!(field(&first["account"], "status"), "payable");
    let claim = field(&first["account"], "address");
    let part = chain.run("anyone", &["claim", "settle", claim]);
    let shown = chain.run("anyone", &["claim", "payment", &signature(&part)]);
    assert_eq!(shown["paid"], json!(1_000));
    let told = &shown["claims"][0];
    assert_eq!(
        (&told["in_part"], &told["moved"], &told["paid"]),
        (&json!(true), &json!(1_000), &json!(8_000))
    );
    let (answer, advance) = desk.remittance(&signature(&part), "part.835", &[&document]);
    assert_eq!(
        (&answer["claims"], advance.paid.get(), adjustments(&advance)),
        (&json!(0), 1_000, vec![(ProviderReason::Advance, -1_000)])
    );
    assert_eq!(advance.adjustments[0].reference, field(told, "claim_id"));

    // A transfer for two, a part of each: of 50.00 more, 26.11 and 23.88.
    desk.submit(&document, "CTRL-2");
    world.fund(6_000);
    let together = || {
        chain.run(
            "anyone",
            &[
                "claim",
                "settle-together",
                "--pool",
                &world.pool,
                "--provider",
                &world.parties.provider,
            ],
        )
    };
    let held = || chain.held(&world.payout) / UNITS;
    let before = held();
    let parts = together();
    let (answer, both) = desk.remittance(&signature(&parts), "parts.835", &[&document]);
    assert_eq!(answer["claims"], json!(0));
    assert_eq!(both.paid.get(), held() - before);
    let mut shares: Vec<i64> = both.adjustments.iter().map(|entry| entry.amount).collect();
    shares.sort_unstable();
    assert_eq!(shares, [-2_611, -2_388]);
    assert!(both
        .adjustments
        .iter()
        .all(|entry| entry.reason == ProviderReason::Advance));

    world.fund(100_000);
    let rest = together();
    let (answer, last) = desk.remittance(&signature(&rest), "rest.835", &[&document]);
    assert_eq!(
        (&answer["claims"], &answer["awarded"]),
        (&json!(2), &json!(14_400))
    );
    let mut taken: Vec<i64> = last.adjustments.iter().map(|entry| entry.amount).collect();
    taken.sort_unstable();
    assert_eq!(taken, [2_388, 1_000 + 2_611]);
    assert_eq!(last.paid.get(), 14_400 - 1_000 - 2_611 - 2_388);
    assert_eq!(held(), 14_400);
    // What was a part stays one, now that the claim is paid.
    let (_, again) = desk.remittance(&signature(&part), "part-again.835", &[&document]);
    assert_eq!(
        (again.paid.get(), adjustments(&again)),
        (1_000, vec![(ProviderReason::Advance, -1_000)])
    );
}

/// What is paid with the member's confirmation, late, is paid with its interest, and so it is told.
#[test]
fn interest_of_a_claim_that_is_confirmed_late_is_in_its_remittance() {
    let mut plan = plan();
    plan["checks"] = json!({"confirmation": "required", "confirmation_days": 20});
    plan["clocks"] = json!({"prompt_pay_days": 3, "interest_rate": 10_000});
    let desk = Desk::under(&plan);
    let (world, chain) = (&desk.world, desk.world.chain());
    world.fund(100_000);
    let own = chain.person("member").to_string();
    let set = ["member", "set-authority", &own];
    let about = ["--pool", &world.pool, "--id", MEMBER];
    chain.run("clerk", &[&set[..], &about].concat());
    let document = desk.document("day.837", 1, &[("CTRL-1", 1, &[("A", 1, 10_000)])]);
    let waiting = desk.submit(&document, "CTRL-1");
    assert_eq!(field(&waiting["account"], "pend_reason"), "confirmation");
    chain.travel(10 * 86_400);
    let claim = field(&waiting["account"], "address");
    let confirmed = chain.run("member", &["claim", "confirm", claim]);
    let (answer, late) = desk.remittance(&signature(&confirmed), "late.835", &[&document]);
    let held = chain.held(&world.payout) / UNITS;
    let interest = held - 8_000;
    // Seven days at 10 % of 80.00 a year; a day more where midnight has passed since.
    assert!([15, 18].contains(&interest), "{interest}");
    assert_eq!(
        (late.paid.get(), late.claims[0].interest.get()),
        (held, interest)
    );
    assert_eq!(
        (&answer["paid"], &answer["interest"]),
        (&json!(held), &json!(interest))
    );
    assert_eq!(
        adjustments(&late),
        [(
            ProviderReason::Interest,
            -i64::try_from(interest).expect("small")
        )]
    );
}

#[test]
fn an_inquiry_is_answered_from_the_members_account() {
    let desk = Desk::open();
    let (world, chain) = (&desk.world, desk.world.chain());
    world.fund(100_000);
    // Another plan, with figures; its member has used some of them.
    let create = ["plan", "create", "--pool", &world.pool, "--number", "7"];
    let created = chain.run("clerk", &create);
    let plan = field(&created["account"], "address").to_owned();
    let terms = json!({
        "deductible": {"individual": 5_000, "family": 20_000}, "copay": 1_000, "coinsurance_bps": 2_000,
        "out_of_pocket_max": {"individual": 30_000, "family": null}, "annual_max": 1_000_000,
        "benefits": [{"code": "A", "allowed": 10_000}],
    });
    let file = text(&chain.world.json("figures.json", &terms));
    chain.run(
        "clerk",
        &[
            "plan",
            "publish",
            &file,
            "--plan",
            &plan,
            "--effective-from",
            "2020-01-01",
        ],
    );
    let enrol = [
        "member",
        "enrol",
        "--pool",
        &world.pool,
        "--plan",
        &plan,
        "--id",
        "M-1",
    ];
    let year = world.today.year();
    let (from, to) = (format!("{year}-01-01"), format!("{year}-12-31"));
    chain.run(
        "clerk",
        &[&enrol[..], &["--from", &from, "--to", &to]].concat(),
    );

    let today = world.day(0).replace('-', "");
    let asks = |name: &str, members: &[(&str, &str)]| {
        let mut segments = vec![
            "ST*270*0001*005010X279A1".to_owned(),
            format!("BHT*0022*13*ASK1*{today}*1015"),
            "HL*1**20*1".to_owned(),
            "NM1*PR*2*GALEN INSURER*****PI*INSURER01".to_owned(),
            "HL*2*1*21*1".to_owned(),
            "NM1*1P*2*CLINIC OF EXAMPLE TOWN*****XX*1234567893".to_owned(),
        ];
        for (index, (member, days)) in members.iter().enumerate() {
            segments.push(format!("HL*{}*2*22*0", index + 3));
            segments.push(format!("TRN*1*T{index}*9CLINIC001"));
            segments.push(format!("NM1*IL*1*TESTMEMBER*ALPHA****MI*{member}"));
            segments.push(format!("DTP*291*{days}"));
            segments.push("EQ*30".to_owned());
        }
        segments.push(format!("SE*{}*0001", segments.len() + 1));
        let date = &today[2..];
        let whole = format!(
            "ISA*00*          *00*          *ZZ*CLINIC01       *ZZ*INSURER01      *{date}*1015*^*00501*000000009*0*T*:~\n\
             GS*HS*CLINIC01*INSURER01*{today}*1015*9*X*005010X279A1~\n{}~\nGE*1*9~\nIEA*1*000000009~\n",
            segments.join("~\n")
        );
        let inquiry = text(&chain.world.write(&format!("{name}.270"), &whole));
        let out = text(&chain.world.path(&format!("{name}.271")));
        let words = [
            "member",
            "inquiry",
            &inquiry,
            "--pool",
            &world.pool,
            "--out",
            &out,
            "--control",
            "42",
        ];
        let answer = chain.run("clerk", &words);
        (answer, std::fs::read_to_string(&out).expect("written"))
    };
    let on = format!("D8*{today}");
    let last_year = format!("D8*{}0615", year - 1);
    let (answer, response) = asks(
        "asks",
        &[
            ("M-1", &on),
            ("M-1", &last_year),
            ("M-unknown", &on),
            (MEMBER, &format!("RD8*{}1231-{today}", year - 1)),
        ],
    );
    let answers: Vec<_> = answer["subjects"]
        .as_array()
        .expect("subjects")
        .iter()
        .map(|asked| field(asked, "answer"))
        .collect();
    assert_eq!(
        answers,
        ["covered", "not_covered", "not_found", "days_not_answered"]
    );
    for segment in [
        "EB*1*IND*30~",
        "EB*A*IND*30*****0.2~",
        "EB*B*IND*30***27*10~",
        "EB*C*IND*30***23*50~",
        "EB*C*IND*30***29*50~",
        "EB*C*FAM*30***23*200~",
        "EB*G*IND*30***29*300~",
        "EB*F*IND*30***29*10000~",
        "EB*6**30~",
        "AAA*N**75*C~",
        "AAA*N**62*C~",
    ] {
        assert!(response.contains(segment), "{segment} in {response}");
    }

    // A claim uses some of it up.
    let member = chain.run(
        "clerk",
        &["member", "show", "--pool", &world.pool, "--id", "M-1"],
    );
    let ticket = chain.run(
        "desk",
        &[
            "member",
            "ticket",
            "--pool",
            &world.pool,
            "--member",
            field(&member, "address"),
            "--provider",
            &world.parties.provider,
            "--from",
            "2020-01-01",
            "--to",
            "2099-12-31",
        ],
    );
    let ticket = text(&chain.world.json("m1.json", &ticket));
    let keys = text(&chain.world.path("more-keys.json"));
    chain.run("clerk", &["store", "export", &keys, "--code-keys"]);
    chain.run("clinic", &["store", "import", &keys]);
    let claim = world.document("claim.json", 0, &[("A", 1, 10_000)]);
    // Deductible 50.00, copay 10.00, a fifth of 40.00; the plan pays 32.00.
    assert_eq!(
        world.submit(&claim, &ticket)["totals"]["paid"],
        json!(3_200)
    );
    let (_, response) = asks("again", &[("M-1", &on)]);
    for segment in [
        "EB*C*IND*30***23*50~",
        "EB*C*IND*30***29*0~",
        "EB*C*FAM*30***29*150~",
        "EB*G*IND*30***29*232~",
        "EB*F*IND*30***29*9968~",
    ] {
        assert!(response.contains(segment), "{segment} in {response}");
    }

    // A lapse that the insurer states denies the claims of its days; nobody is told otherwise before.
    let lapse = json!({"lapses": [{"from": world.day(0), "to": world.day(0)}]});
    let known = text(&chain.world.json("known.json", &lapse));
    let who = ["member", "set-facts", "--pool", &world.pool, "--id", "M-1"];
    let what = ["--plan", &file, "--facts", &known];
    chain.run("clerk", &[&who[..], &what].concat());
    let (answer, response) = asks("lapsed", &[("M-1", &on)]);
    let asked = &answer["subjects"][0];
    assert_eq!(
        (&asked["answer"], &asked["reason"]),
        (&json!("not_covered"), &json!(200))
    );
    assert!(response.contains("EB*6**30~"), "{response}");
    assert!(!response.contains("EB*1*"), "{response}");
}

/// A claim that waits is approved but for single lines: the others are paid, and remittance, answer and account tell the reasons.
#[test]
fn lines_that_a_reviewer_denies_are_told_by_their_reasons() {
    let desk = Desk::open();
    let (world, chain) = (&desk.world, desk.world.chain());
    world.fund(100_000);
    let lines = &[("A", 2, 20_000), ("B", 1, 4_000), ("C", 1, 1_000)];
    let document = desk.document("day.837", 1, &[("CTRL-1", 1, lines)]);
    let waits = desk.submit(&document, "CTRL-1");
    assert_eq!(field(&waits["account"], "pend_reason"), "claim_limit");
    let claim = field(&waits["account"], "address").to_owned();
    let approve_but = |denied: &[&str]| {
        let mut words = vec!["claim", "decide", &claim, "--approve"];
        for line in denied {
            words.extend(["--deny-line", line]);
        }
        words.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    for (denied, code) in [
        (&["4=50"][..], "finding_outside_claim"),
        (&["17=50"], "finding_outside_claim"),
        (&["2=96"], "finding_unknown"),
        (&["2=50", "2=150"], "findings_overlap"),
        (&["1=50", "2=50", "3=150"], "findings_of_all_lines"),
    ] {
        assert_eq!(chain.refused("clerk", &approve_but(denied)), code);
    }
    let words = approve_but(&["2=50", "3=150"]);
    let account = chain.twice("clerk", &words, "changed");
    assert_eq!(field(&account, "status"), "paid");
    let told: Vec<Value> = account["lines"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| json!([line["paid"], line["finding"]]))
        .collect();
    assert_eq!(
        told,
        [
            json!([16_000, null]),
            json!([0, "not_necessary"]),
            json!([0, "level_unsupported"])
        ]
    );
    assert_eq!(chain.held(&world.payout), 16_000 * UNITS);
    // Other lines than it was decided about.
    assert_eq!(
        chain.refused("clerk", &approve_but(&["2=50"])),
        "claim_not_pended"
    );

    let reasons = |entries: &Value| -> Vec<(String, String)> {
        let entries = entries.as_array().expect("adjudication").iter();
        entries
            .filter(|entry| entry["reason"].is_object())
            .map(|entry| {
                let code = |of: &Value| field(&of["coding"][0], "code").to_owned();
                (code(&entry["category"]), code(&entry["reason"]))
            })
            .collect()
    };
    let response = chain.run("clerk", &["claim", "response", &claim]);
    let of = |index: usize| reasons(&response["item"][index]["adjudication"]);
    let denial = |reason: &str| vec![("CO".to_owned(), reason.to_owned())];
    assert_eq!((of(1), of(2)), (denial("50"), denial("150")));

    let (_, remittance) = desk.remittance(&desk.last(&claim), "paid.835", &[&document]);
    let lines: Vec<_> = remittance.claims[0]
        .lines
        .iter()
        .map(|line| {
            let entries = line.adjustments.iter();
            let reasons: Vec<_> = entries
                .map(|entry| (entry.group.as_str(), entry.reason, entry.amount.get()))
                .collect();
            (line.paid.get(), line.denied, reasons)
        })
        .collect();
    assert_eq!(
        lines,
        [
            (16_000, false, vec![("PR", 2, 4_000)]),
            (0, true, vec![("CO", 50, 4_000)]),
            (0, true, vec![("CO", 150, 1_000)])
        ]
    );
    assert_eq!(remittance.paid.get(), 16_000);
}

/// What the interchange below says of a patient and a visit.
const FAMILY_NAME: &str = "QUILLFEATHER";
const GIVEN_NAME: &str = "ZSIGMONDY";
const STREET: &str = "HOLLOWMERE LANE";
const BIRTH_DAY: &str = "1957-03-14";
const DIAGNOSIS: &str = "S72.0419";
const NUMBERS: [&str; 2] = ["CLM-5582001", "CLM-5582002"];
const PROCEDURES: [&str; 2] = ["HX40177", "QK99312"];

/// An interchange that says everything about the patient that one can.
fn whole_interchange(world: &Insured) -> String {
    let [hip, visit] = PROCEDURES;
    let text = interchange(
        world,
        1,
        MEMBER,
        "1234567893",
        &[
            (NUMBERS[0], 1, &[(hip, 1, 12_000), (visit, 2, 2_000)]),
            (NUMBERS[1], 2, &[(hip, 1, 10_000)]),
        ],
    );
    let name = format!("NM1*IL*1*TESTMEMBER*ALPHA****MI*{MEMBER}~\n");
    let more = format!(
        "NM1*IL*1*{FAMILY_NAME}*{GIVEN_NAME}****MI*{MEMBER}~\n\
         N3*7 {STREET}~\nN4*SAMPLE TOWN*CT*060010000~\nDMG*D8*{}*F~\n",
        BIRTH_DAY.replace('-', "")
    );
    let (head, rest) = text.split_once(&name).expect("the subscriber");
    let text = format!("{head}{more}{rest}");
    let text = text.replace(
        "HI*ABK:J189",
        &format!("HI*ABK:{}", DIAGNOSIS.replace('.', "")),
    );
    // Three segments more.
    let (head, rest) = text.split_once("SE*").expect("a trailer");
    let (count, rest) = rest.split_once('*').expect("a count");
    let count: usize = count.parse().expect("a count");
    format!("{head}SE*{}*{rest}", count + 3)
}

/// Claims of an interchange are submitted, paid, told of and taken back; what it says of the patient is nowhere.
#[test]
fn nothing_that_an_interchange_says_of_a_patient_is_on_the_ledger() {
    let [hip, visit] = PROCEDURES;
    let desk = Desk::under(&json!({"coinsurance_bps": 2_000, "benefits": [
        {"code": hip, "allowed": 10_000}, {"code": visit, "allowed": 1_000},
    ]}));
    let (world, chain) = (&desk.world, desk.world.chain());
    world.fund(100_000);
    let document = text(&chain.world.write("day.837", &whole_interchange(world)));
    let [first, second] = NUMBERS.map(|number| desk.submit(&document, number));
    for answer in [&first, &second] {
        assert_eq!(field(&answer["account"], "status"), "paid");
    }
    let (_, told) = desk.remittance(&signature(&first), "first.835", &[&document]);
    assert_eq!(told.claims[0].control_number.as_deref(), Some(NUMBERS[0]));
    desk.reverse(field(&second["account"], "address"));

    let of_patient = [MEMBER, FAMILY_NAME, GIVEN_NAME, STREET, DIAGNOSIS];
    let of_visit = [&NUMBERS[..], &PROCEDURES[..]].concat();
    chain.assert_nowhere(&[&of_patient[..], &of_visit[..]].concat(), &[BIRTH_DAY]);
}
