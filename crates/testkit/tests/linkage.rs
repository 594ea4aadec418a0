//! What an outsider who reads the ledger learns, tried out: amounts joined with the published price list, dates with a calendar
//! from elsewhere, payees across trials. The ledgers are made by the compiled programs; the outsider sees accounts and nothing else.
//! What is found stands in docs/privacy.md, word for word. Source: rulings.md 1.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anchor_lang::prelude::Pubkey;
use anchor_lang::AccountDeserialize;
use claims::state::{BenefitEntry, Claim, ClaimLineArgs, ClaimStatus, DuplicateEntry, PlanChecks};
use galen_blinding::{finish, Question, SecretKey};
use galen_testkit::fixtures::claims::{
    benefit, claims_instruction, line, terms, unlimited, ClaimsFixture, SERVICE_DATE, YEAR_BEGINS,
};
use galen_testkit::fixtures::claims_life::sharing;
use galen_testkit::fixtures::trials::{TrialsFixture, FUNDED};
use galen_testkit::token::MintTerms;
use galen_testkit::{Program, Random, World};
use solana_signer::Signer;

const CODES: u32 = 300;
const MEMBERS: u8 = 60;
/// Participants of each of the two trials, and persons who take part in both.
const PARTICIPANTS: u16 = 20;
const IN_BOTH: u16 = 8;

/// What a published price list says: the fee of each code, most in steps of 5.00, so that some codes cost the same.
fn price_list(dice: &mut Random) -> Vec<BenefitEntry> {
    (0..CODES)
        .map(|n| BenefitEntry {
            allowed: 2_000
                + 500 * dice.below(120)
                + if dice.below(4) == 0 {
                    dice.below(500)
                } else {
                    0
                },
            ..benefit(n)
        })
        .collect()
}

/// Claims of many members, as they come in over two months.
fn insured(prices: &[BenefitEntry], dice: &mut Random) -> World {
    let mut world = World::new(&[Program::Registry, Program::Claims]);
    let fixture = ClaimsFixture::with(&mut world, terms(), prices.to_vec(), unlimited());
    let mut n = 0;
    for member in 1..=MEMBERS {
        let patient = fixture.sibling(member);
        world
            .send(&[patient.enrol()], &[&patient.staff.key()])
            .assert_ok();
        for _ in 0..=dice.below(4) {
            if n == u8::MAX {
                break;
            }
            let lines: Vec<ClaimLineArgs> = (0..=dice.below(3))
                .map(|_| {
                    let which = dice.below(u64::from(CODES));
                    let price = prices[which as usize].allowed;
                    let units = 1 + dice.below(3) as u16;
                    // Most providers charge more than the plan allows, some less.
                    let charge = price * u64::from(units) * (90 + dice.below(60)) / 100;
                    ClaimLineArgs {
                        units,
                        ..line(which as u32, charge)
                    }
                })
                .collect();
            let mut args = patient.submit_args(n, &lines);
            args.service_date =
                YEAR_BEGINS + dice.below((SERVICE_DATE - YEAR_BEGINS) as u64) as i32;
            let submit = claims_instruction(
                patient.submit_accounts(n),
                claims::instruction::SubmitClaim { args },
            );
            world
                .send(&[submit], &[&patient.clerk.key(), &patient.member_key()])
                .assert_ok();
            n += 1;
        }
    }
    world
}

/// The claims on the ledger.
fn claims_of(world: &World) -> Vec<Claim> {
    world
        .accounts_of(&claims::ID)
        .into_iter()
        .filter_map(|(_, account)| Claim::try_deserialize(&mut account.data.as_slice()).ok())
        .collect()
}

/// For each keyed code that was seen, the codes of the price list that it can stand for: where less was allowed than charged, the
/// fee is known to the cent; where all of the charge was, it is no lower.
fn decoded(ledger: &[Claim], prices: &[BenefitEntry]) -> BTreeMap<[u8; 8], BTreeSet<[u8; 8]>> {
    let mut candidates: BTreeMap<[u8; 8], BTreeSet<[u8; 8]>> = BTreeMap::new();
    let decided = ledger.iter().filter(|claim| {
        !matches!(
            claim.status,
            ClaimStatus::Draft | ClaimStatus::Pended | ClaimStatus::AwaitsDispense
        )
    });
    for line in decided.flat_map(|claim| &claim.lines) {
        if line.denial_reason != 0 {
            continue;
        }
        let fits = |price: u64| {
            let most = price * u64::from(line.units);
            line.allowed == most.min(line.charge)
        };
        let fitting: BTreeSet<[u8; 8]> = prices
            .iter()
            .filter(|entry| fits(entry.allowed))
            .map(|entry| entry.code_key)
            .collect();
        candidates
            .entry(line.code_key)
            .and_modify(|known| known.retain(|code| fitting.contains(code)))
            .or_insert(fitting);
    }
    candidates
}

/// Of the members with at least `known` service dates: how many there are, and how many are the only one with their first `known`.
fn found_by_dates(ledger: &[Claim], known: usize) -> (usize, usize) {
    let mut dates: BTreeMap<Pubkey, BTreeSet<i32>> = BTreeMap::new();
    for claim in ledger {
        dates
            .entry(claim.member)
            .or_default()
            .insert(claim.service_date);
    }
    let calendars: Vec<Vec<i32>> = dates
        .values()
        .filter(|dates| dates.len() >= known)
        .map(|dates| dates.iter().take(known).copied().collect())
        .collect();
    let alone = calendars
        .iter()
        .filter(|calendar| {
            dates
                .values()
                .filter(|dates| calendar.iter().all(|date| dates.contains(date)))
                .count()
                == 1
        })
        .count();
    (calendars.len(), alone)
}

/// Two trials with persons who take part in both. `one_wallet`: they are paid to the same wallet by both.
fn trials_in_common(one_wallet: bool) -> usize {
    let mut world = World::new(&[Program::Registry, Program::Trials]);
    let first = TrialsFixture::new(&mut world);
    let second = TrialsFixture::second(&mut world, first.registry, " 2", &MintTerms::default(), 0);
    second.set_up(&mut world, FUNDED);
    if one_wallet {
        for n in 0..IN_BOTH {
            world.fund(&second.participant(n).pubkey());
            world.token_account(
                &format!("payee {n} 2"),
                &second.mint,
                &first.participant(n).pubkey(),
            );
        }
    }
    first.enrol_many(&mut world, PARTICIPANTS);
    second.enrol_many(&mut world, PARTICIPANTS);
    let wallets = |trial: &TrialsFixture| -> BTreeSet<Pubkey> {
        trial
            .read_cohort(&world)
            .iter()
            .map(|participant| world.token(&participant.payee).owner)
            .collect()
    };
    wallets(&first).intersection(&wallets(&second)).count()
}

/// Persons insured by each of two insurers, and persons insured by both, who claim the same visit twice.
const INSURED: u8 = 24;
const INSURED_TWICE: u8 = 8;

/// A registry of duplicates: what stands on the ledger, and what its parties hold.
struct Shared {
    world: World,
    provider: Pubkey,
    service: SecretKey,
    secret: [u8; 32],
}

/// The identifier by which both insurers know a person.
fn person(n: u8) -> String {
    format!("urn:oid:2.16.840.1.113883.4.1|{n:09}")
}

/// The day of a person's visit: persons are not told apart by it alone.
fn visit(n: u8) -> i32 {
    SERVICE_DATE - i32::from(n % 5)
}

/// What whoever has this key and this secret makes of a person's visit.
fn marker(service: &SecretKey, secret: &[u8; 32], provider: &Pubkey, n: u8) -> [u8; 16] {
    let input = galen_blinding::input(secret, &provider.to_bytes(), visit(n), &person(n))
        .expect("a person");
    let question = Question::new(input).expect("random");
    let answer = service.answer(&[question.element()]).expect("a point");
    let outputs = finish(&[question], &answer, &service.public()).expect("the service's");
    galen_blinding::marker(&outputs[0])
}

impl Shared {
    /// Two insurers with the same provider screen a visit of each of their members.
    fn new() -> Self {
        let mut world = World::new(&[Program::Registry, Program::Claims]);
        let first = ClaimsFixture::new(&mut world);
        let second =
            ClaimsFixture::second(&mut world, first.registry, " 2", &MintTerms::default(), 0)
                .with_provider_of(&mut world, &first);
        second.set_up(&mut world, terms(), unlimited());
        let shared = Self {
            provider: first.provider.address,
            service: SecretKey::generate().expect("random"),
            secret: [42; 32],
            world,
        };
        shared.filled([(first, 1), (second, INSURED - INSURED_TWICE + 1)])
    }

    fn filled(mut self, insurers: [(ClaimsFixture, u8); 2]) -> Self {
        let blinder = Pubkey::new_from_array(self.service.public());
        let checks = PlanChecks {
            blinder,
            ..sharing()
        };
        for (insurer, from) in insurers {
            let insurer = insurer.checked(&mut self.world, terms(), checks);
            for n in from..from + INSURED {
                let patient = insurer.sibling(n);
                let mut args = patient.submit_args(n, &[line(1, 20_000)]);
                args.service_date = visit(n);
                let submit = claims_instruction(
                    patient.submit_accounts(n),
                    claims::instruction::SubmitClaim { args },
                );
                let marker = marker(&self.service, &self.secret, &self.provider, n);
                let screen = patient.screen_under(n, &blinder, &[marker]);
                for instruction in [patient.enrol(), submit, screen] {
                    self.world.send_unsigned(&[instruction]).assert_ok();
                }
            }
        }
        self
    }

    /// The pools that meet in an entry: who reads the ledger sees that the same person is insured by both.
    fn met(&self) -> usize {
        self.world
            .accounts_of(&claims::ID)
            .into_iter()
            .filter_map(|(_, account)| {
                DuplicateEntry::try_deserialize(&mut account.data.as_slice()).ok()
            })
            .filter(|entry| entry.holders.len() == 2)
            .count()
    }

    /// Of all persons, how many whoever holds this key and this secret finds in the registry, knowing their identifiers and
    /// the days of their visits.
    fn tried_out(&self, service: &SecretKey, secret: &[u8; 32]) -> usize {
        let blinder = Pubkey::new_from_array(self.service.public());
        (1..=PERSONS)
            .filter(|n| {
                let marker = marker(service, secret, &self.provider, *n);
                let (entry, _) = DuplicateEntry::find_address(&blinder, &self.provider, &marker);
                self.world.raw(&entry).is_some()
            })
            .count()
    }

    /// Of the persons insured twice, how many of whose two questions the service sees the same.
    fn seen_twice(&self) -> usize {
        (INSURED - INSURED_TWICE + 1..=INSURED)
            .filter(|n| {
                let ask = || {
                    let input = galen_blinding::input(
                        &self.secret,
                        &self.provider.to_bytes(),
                        visit(*n),
                        &person(*n),
                    );
                    Question::new(input.expect("a person")).expect("random")
                };
                ask().element() == ask().element()
            })
            .count()
    }
}

/// Persons whom one of the insurers or both insure.
const PERSONS: u8 = 2 * INSURED - INSURED_TWICE;

/// What the registry of duplicates shows, and to whom.
fn registry_rows() -> Vec<String> {
    let shared = Shared::new();
    let stranger = SecretKey::generate().expect("random");
    let all = usize::from(PERSONS);
    let twice = usize::from(INSURED_TWICE);
    let no_secret = [0; 32];
    [
        ("| who | tries | found |".to_owned()),
        ("|---|---|---|".to_owned()),
        format!(
            "| who reads the ledger | entries in which two insurers meet: that one person is insured by both | {} |",
            share(shared.met(), twice)
        ),
        format!(
            "| who reads the ledger and knows everybody's identifier and visits | persons, with a key and a secret of its own | {} |",
            share(shared.tried_out(&stranger, &no_secret), all)
        ),
        format!(
            "| an insurer of the registry | the same, with the insurers' secret and without asking the service | {} |",
            share(shared.tried_out(&stranger, &shared.secret), all)
        ),
        format!(
            "| the blinding service | the same, with its key and without the insurers' secret | {} |",
            share(shared.tried_out(&shared.service, &no_secret), all)
        ),
        format!(
            "| the blinding service | whether two questions are about the same person | {} |",
            share(shared.seen_twice(), twice)
        ),
        format!(
            "| the blinding service together with one insurer | persons, with both | {} |",
            share(shared.tried_out(&shared.service, &shared.secret), all)
        ),
    ]
    .into()
}

fn share(part: usize, whole: usize) -> String {
    format!("{part} of {whole} ({} %)", (100 * part + whole / 2) / whole)
}

#[test]
fn what_an_outsider_learns_is_what_the_page_says() {
    let mut dice = Random(0x0067_616c_656e);
    let prices = price_list(&mut dice);
    let ledger = claims_of(&insured(&prices, &mut dice));

    let candidates = decoded(&ledger, &prices);
    // The fixtures key codes by themselves: so the outsider's conclusions can be marked.
    assert!(candidates.iter().all(|(key, of)| of.contains(key)));
    let at_most = |most: usize| candidates.values().filter(|of| of.len() <= most).count();
    let seen = candidates.len();

    let mut rows = vec![
        ("| joined | found |".to_owned()),
        ("|---|---|".to_owned()),
        format!(
            "| amounts with a published price list of {CODES} codes: keyed codes decoded | {} |",
            share(at_most(1), seen)
        ),
        format!(
            "| the same: keyed codes narrowed to at most three | {} |",
            share(at_most(3), seen)
        ),
    ];
    for known in 1..=3 {
        let (members, alone) = found_by_dates(&ledger, known);
        rows.push(format!(
            "| {known} service date{} known from elsewhere: members found | {} |",
            if known == 1 { "" } else { "s" },
            share(alone, members)
        ));
    }
    for (one_wallet, how) in [
        (true, "the same wallet"),
        (false, "another wallet for each"),
    ] {
        rows.push(format!(
            "| payees of two trials, persons in both with {how}: persons found | {} |",
            share(trials_in_common(one_wallet), usize::from(IN_BOTH))
        ));
    }
    let found = rows.join("\n");
    println!("{} claims of {MEMBERS} members\n{found}", ledger.len());

    assert_on_the_page(&found);
}

#[test]
fn what_the_registry_of_duplicates_shows_is_what_the_page_says() {
    let found = registry_rows().join("\n");
    println!("{found}");
    assert_on_the_page(&found);
}

#[track_caller]
fn assert_on_the_page(found: &str) {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/privacy.md");
    let page = std::fs::read_to_string(page).expect("docs/privacy.md");
    assert!(
        page.contains(found),
        "docs/privacy.md does not say what was found:\n{found}"
    );
}
