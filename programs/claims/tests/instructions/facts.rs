//! What a claim states in its draft, and what an insurer states of a member.

use claims::constants::{MAX_CLAIM_FACTS, MAX_MEMBER_FACTS};
use claims::events::MemberFactsSet;
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
