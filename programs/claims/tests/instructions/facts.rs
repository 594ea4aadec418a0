//! What a claim states in its draft, and what an insurer states of a member.

use claims::constants::{MAX_CLAIM_FACTS, MAX_MEMBER_FACTS};
use claims::convert;
use claims::events::MemberFactsSet;
use galen_rules::adjudication as rules;
use galen_rules::date::Window;
use galen_testkit::precompile::compute_limit;

use crate::common::*;

use ClaimFactKind as Fact;
use MemberFactKind as Stated;

fn fact(line: u8, kind: Fact, key: u8) -> ClaimFact {
    ClaimFact {
        line,
        kind,
        key: [key; 8],
        day: 0,
    }
}

fn stated(kind: Stated, key: u8) -> MemberFact {
    MemberFact {
        kind,
        key: [key; 8],
        from: YEAR_BEGINS,
        to: YEAR_ENDS,
    }
}

#[test]
fn a_draft_takes_facts_and_grows_by_them() {
    let (mut world, fixture) = ready();
    let lines = [line(1, 10_000), line(2, 10_000)];
    fixture.draft_with_facts(&mut world, 1, &lines, &[]);
    let size = world.raw(&fixture.claim(1)).unwrap().data.len();
    let facts = [
        fact(0, Fact::Diagnosis, 1),
        fact(0, Fact::Diagnosis, 2),
        fact(1, Fact::Modifier, 3),
        fact(255, Fact::Referral, 0),
    ];
    let (first, second) = facts.split_at(3);
    for chunk in [first, second] {
        let add = fixture.add_facts(1, chunk);
        world.send(&[add], &[&fixture.clerk.key()]).assert_ok();
    }
    let account = world.raw(&fixture.claim(1)).unwrap();
    assert_eq!(account.data.len(), size + 2 + 4 * 14);
    assert_eq!(account.lamports, world.rent(account.data.len()));
    assert_eq!(fixture.read_claim(&world, 1).facts.entries(), facts);
    // What another payer has decided goes before them, whichever came first.
    let other = OtherPayer {
        line: 1,
        allowed: 8_000,
        paid: 6_000,
        obligated: 9_000,
    };
    let add = fixture.add_other_payers(1, &[other]);
    world.send(&[add], &[&fixture.clerk.key()]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(claim.facts.entries(), facts);
    assert_eq!(claim.other_payers.entries(), [other]);
    // A plan that asks for nothing takes them and looks at none.
    let adjudicate = fixture.adjudicate(&world, 1, 20_000);
    world.send_unsigned(&[adjudicate]).assert_ok();
    let claim = fixture.read_claim(&world, 1);
    assert_eq!(claim.facts.entries(), facts);
    let clerk = fixture.clerk.key();
    let late = fixture.add_facts(1, &[fact(255, Fact::Payer, 1)]);
    refused(&mut world, &[late], &[&clerk], ClaimsError::ClaimNotDraft);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn facts_that_cannot_be_are_refused_by_name() {
    let (mut world, fixture) = ready();
    fixture.draft_with_facts(&mut world, 1, &[line(1, 10_000)], &[]);
    let clerk = fixture.clerk.key();
    let place = fact(0, Fact::Place, 1);
    world
        .send(&[fixture.add_facts(1, &[place])], &[&clerk])
        .assert_ok();
    for (facts, error) in [
        (vec![], ClaimsError::FactsEmpty),
        (vec![place], ClaimsError::FactsOutOfOrder),
        (vec![fact(0, Fact::Place, 2)], ClaimsError::FactInvalid),
        (vec![fact(1, Fact::Diagnosis, 1)], ClaimsError::FactInvalid),
        (vec![fact(0, Fact::Modifier, 0)], ClaimsError::FactInvalid),
        (
            vec![ClaimFact {
                day: SERVICE_DATE - 1,
                ..fact(0, Fact::Until, 0)
            }],
            ClaimsError::FactInvalid,
        ),
    ] {
        let add = fixture.add_facts(1, &facts);
        refused(&mut world, &[add], &[&clerk], error);
    }
    let key = |n: u8| fact(0, Fact::Information, n);
    // With the place they are one too many.
    let many: Vec<ClaimFact> = (1..=MAX_CLAIM_FACTS).map(key).collect();
    let (last, most) = many.split_last().unwrap();
    for chunk in most.chunks(48) {
        let add = fixture.add_facts(1, chunk);
        world.send(&[add], &[&clerk]).assert_ok();
    }
    let add = fixture.add_facts(1, &[*last]);
    refused(&mut world, &[add], &[&clerk], ClaimsError::TooManyFacts);
}

#[test]
fn an_insurer_states_facts_of_a_member_and_others_in_their_place() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    for entries in [
        vec![stated(Stated::Sex, 1)],
        vec![
            stated(Stated::Relation, 1),
            stated(Stated::Sex, 2),
            stated(Stated::OfAge, 3),
        ],
        vec![stated(Stated::Lapse, 0)],
        vec![],
        vec![stated(Stated::Meets, 9)],
    ] {
        let set = fixture.set_member_facts(&entries);
        let event = world
            .send(&[set], &[&staff])
            .assert_ok()
            .event::<MemberFactsSet>();
        assert_eq!(usize::from(event.count), entries.len());
        let account = world.raw(&fixture.member_facts()).unwrap();
        assert_eq!(account.data.len(), MemberFacts::size(entries.len()));
        assert_eq!(account.lamports, world.rent(account.data.len()));
        let facts: MemberFacts = world.account(&fixture.member_facts());
        assert_eq!((facts.member, &facts.entries), (fixture.member, &entries));
        let flag = fixture.read_member(&world).has_facts;
        assert_eq!(flag, u8::from(!entries.is_empty()));
    }
    let two = [stated(Stated::Sex, 1), stated(Stated::Relation, 1)];
    for (entries, error) in [
        (&two[..], ClaimsError::FactsOutOfOrder),
        (&[stated(Stated::Sex, 0)], ClaimsError::FactInvalid),
    ] {
        let set = fixture.set_member_facts(entries);
        refused(&mut world, &[set], &[&staff], error);
    }
}

/// As many as can be stated of a member fit a transaction with a fee payer of its own that asks for units and pays for them.
#[test]
fn all_that_can_be_stated_of_a_member_fits_a_transaction() {
    let (mut world, fixture) = ready();
    let staff = fixture.staff.key();
    let mut facts: Vec<MemberFact> = (1..=MAX_MEMBER_FACTS)
        .map(|n| stated(Stated::Meets, n))
        .collect();
    let set = fixture.set_member_facts(&facts);
    let outcome = world
        .send(&[compute_limit(200_000), set], &[&staff])
        .assert_ok();
    // The price of a unit takes twelve bytes more.
    assert!(outcome.bytes + 12 <= 1_232, "{} bytes", outcome.bytes);
    facts.push(stated(Stated::Meets, 255));
    let set = fixture.set_member_facts(&facts);
    refused(&mut world, &[set], &[&staff], ClaimsError::TooManyFacts);
}

/// Nobody passes another member's facts for this one's.
#[test]
fn the_facts_of_another_member_are_refused() {
    let (mut world, fixture, other) = two_insurers();
    for one in [&fixture, &other] {
        let set = one.set_member_facts(&[stated(Stated::Lapse, 0)]);
        world.send(&[set], &[&one.staff.key()]).assert_ok();
    }
    let submit = fixture.detailed(&world, fixture.submit_claim(1, &[line(1, 10_000)]));
    let wrong = swapped(submit, fixture.member_facts(), other.member_facts());
    let signers = [&fixture.clerk.key(), &fixture.member_key()];
    refused(
        &mut world,
        &[wrong],
        &signers,
        ClaimsError::FactsOfOtherMember,
    );
}

/// A world whose provider has no contract with the insurer, which pays 60 % of the fee outside its network.
fn outside() -> (World, ClaimsFixture) {
    let plan = PlanTerms {
        out_of_network: Some(OutOfNetworkRule {
            coinsurance_bps: 4_000,
            deductible: Limits {
                individual: Some(2_000),
                family: None,
            },
            out_of_pocket_max: Limits::default(),
        }),
        ..terms()
    };
    let agreement = AgreementTerms {
        in_network: false,
        ..unlimited()
    };
    let mut world = empty();
    let entries = (0..10).map(benefit).collect();
    let fixture = ClaimsFixture::with(&mut world, plan, entries, agreement);
    (world, fixture)
}

/// What the rulebook comes to by itself for these lines of a member who has used nothing up.
fn by_the_rulebook(
    fixture: &ClaimsFixture,
    world: &World,
    n: u8,
    banned: &[bool],
) -> Vec<ClaimLine> {
    let claim = fixture.read_claim(world, n);
    let version: PlanVersion = world.account(&fixture.plan_version);
    let lists = convert::Lists::of(&version.terms).unwrap();
    let provider = rules::ProviderTag([1; 8]);
    let submitted: Vec<ClaimLine> = claim.lines.iter().map(ClaimLine::as_submitted).collect();
    let lines: Vec<rules::Line> = (1..)
        .zip(&submitted)
        .zip(banned)
        .map(|((number, line), banned)| {
            let mut entries = (0..10).map(benefit);
            let entry = entries.find(|entry| entry.code_key == line.code_key);
            rules::Line {
                balance_billing_prohibited: *banned,
                ..convert::line(number, line, provider, entry.as_ref())
            }
        })
        .collect();
    let mut results = vec![rules::LineResult::default(); lines.len()];
    rules::adjudicate(
        &convert::plan(&version.terms, &lists).unwrap(),
        &rules::Claim {
            submitted: convert::day_of(claim.received_at).unwrap(),
            network: rules::Network::Out,
            lines: &lines,
        },
        Window::ALWAYS,
        [],
        &mut rules::Accumulators::default(),
        &mut results,
    )
    .unwrap();
    let mut decided = submitted;
    for (line, result) in decided.iter_mut().zip(&results) {
        convert::record(line, result);
    }
    decided
}

/// Who must not bill the patient what the plan does not allow says so, of the claim or of a line: what is above the fee is written
/// off then, what is paid is the same, and all of it is what the rulebook comes to.
#[test]
fn a_ban_on_balance_billing_moves_what_is_above_the_fee_from_the_patient_to_the_provider() {
    use AdjustmentGroup::{Contractual, Patient};
    let lines = [line(1, 15_000), line(2, 12_500)];
    let ban = Fact::BalanceBillingBanned;
    let both = 5_000 + 2_500;
    // What the patient owes and what is written off, of which the former has deductible and coinsurance either way.
    let shared = 2_000 + 3_200 + 4_000;
    for (facts, groups, above) in [
        (vec![], [Patient, Patient], (both, 0)),
        (vec![fact(255, ban, 0)], [Contractual; 2], (0, both)),
        (
            vec![fact(0, ban, 0)],
            [Contractual, Patient],
            (2_500, 5_000),
        ),
        (
            vec![fact(0, ban, 0), fact(1, ban, 0)],
            [Contractual; 2],
            (0, both),
        ),
    ] {
        let (mut world, fixture) = outside();
        fixture.draft_with_facts(&mut world, 1, &lines, &facts);
        let adjudicate = fixture.adjudicate(&world, 1, 27_500);
        world.send_unsigned(&[adjudicate]).assert_ok();
        let claim = fixture.read_claim(&world, 1);
        let borne: Vec<AdjustmentGroup> =
            claim.lines.iter().map(|line| line.over_fee_group).collect();
        assert_eq!(borne, groups, "{facts:?}");
        let (patient, write_off) = above;
        assert_eq!(
            (claim.status, claim.totals),
            (
                ClaimStatus::Paid,
                ClaimTotals {
                    charge: 27_500,
                    allowed: 20_000,
                    paid: 20_000 - shared,
                    patient: shared + patient,
                    write_off,
                    other: 0,
                }
            ),
            "{facts:?}"
        );
        let banned = groups.map(|group| group == Contractual);
        assert_eq!(claim.lines, by_the_rulebook(&fixture, &world, 1, &banned));
        fixture.assert_money_adds_up(&world);
    }
}

/// In the network the contract bans it anyhow.
#[test]
fn in_the_network_a_ban_changes_nothing() {
    let (world, fixture) = ready();
    let totals: Vec<ClaimTotals> = [vec![], vec![fact(255, Fact::BalanceBillingBanned, 0)]]
        .iter()
        .map(|facts| {
            let mut world = world.clone();
            fixture.draft_with_facts(&mut world, 1, &[line(1, 15_000)], facts);
            let adjudicate = fixture.adjudicate(&world, 1, 15_000);
            world.send_unsigned(&[adjudicate]).assert_ok();
            fixture.read_claim(&world, 1).totals
        })
        .collect();
    assert_eq!(totals[0], totals[1]);
    assert_eq!(totals[0].write_off, 5_000);
}

/// Adjudicated anew, a claim states what the one in whose place it stands stated.
#[test]
fn a_claim_in_anothers_place_keeps_the_ban() {
    let (mut world, fixture) = outside();
    let earlier = ClaimLineArgs {
        day: 1,
        ..line(3, 10_000)
    };
    fixture.submit(&mut world, 2, &[earlier]).assert_ok();
    let ban = fact(255, Fact::BalanceBillingBanned, 0);
    fixture.draft_with_facts(&mut world, 1, &[line(1, 15_000)], &[ban]);
    let adjudicate = fixture.adjudicate(&world, 1, 15_000);
    let staff = fixture.staff.key();
    world.send_unsigned(&[adjudicate]).assert_ok();
    for step in [fixture.reverse(2, 7), fixture.reprocess(1, 3)] {
        world.send(&[step], &[&staff]).assert_ok();
    }
    let claim = fixture.read_claim(&world, 3);
    assert_eq!(claim.facts.entries(), [ban]);
    assert_eq!(claim.lines[0].over_fee, 5_000);
    assert_eq!(claim.lines[0].over_fee_group, AdjustmentGroup::Contractual);
    fixture.assert_money_adds_up(&world);
}

#[test]
fn a_ban_that_names_something_or_no_line_is_refused() {
    let (mut world, fixture) = ready();
    fixture.draft_with_facts(&mut world, 1, &[line(1, 10_000)], &[]);
    let ban = fact(0, Fact::BalanceBillingBanned, 0);
    let clerk = fixture.clerk.key();
    for refused_fact in [
        fact(1, Fact::BalanceBillingBanned, 0),
        fact(0, Fact::BalanceBillingBanned, 1),
        ClaimFact {
            day: SERVICE_DATE,
            ..ban
        },
    ] {
        let add = fixture.add_facts(1, &[refused_fact]);
        refused(&mut world, &[add], &[&clerk], ClaimsError::FactInvalid);
    }
    let twice = fixture.add_facts(1, &[ban, ban]);
    refused(
        &mut world,
        &[twice],
        &[&clerk],
        ClaimsError::FactsOutOfOrder,
    );
}
