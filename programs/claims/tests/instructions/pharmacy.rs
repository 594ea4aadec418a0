//! Claims that are paid by dispensing a pack: bound to it by a commitment, adjudicated, dispensed and paid in one transaction, and
//! undone with it.

use std::sync::{LazyLock, Mutex};

use claims::constants::{MAX_PACK_SECONDS, WITHDRAWAL_NOTICE_SECONDS};
use claims::events::{ClaimAdjudicated, ClaimReversed, PackCommitted, PackPutBack, PackReleased};
use claims::instructions::{CommitPackArgs, Decision, DispenseClaimArgs};
use galen_testkit::fixtures::pharmacy::{pack_salt, PharmacyFixture, KEPT};
use galen_testkit::fixtures::provenance as packs;
use provenance::convert::StatusAction;
use provenance::error::ProvenanceError;
use provenance::events::{DispenseUndone, PackDispensed};
use provenance::state::DispenseKind;
use solana_instruction::AccountMeta;

use crate::common::*;

/// The charge of the fixtures' claim: two units of code 1, of which the deductible takes the first.
const CHARGE: u64 = 20_000;
/// What is paid for it.
const PAID: u64 = 8_000;
/// Places of `payer` among the accounts of `release_pack`, and of `pack_payer` among those of `undo_claim`.
const RELEASE_PAYER: usize = 3;
const UNDO_PACK_PAYER: usize = 11;

fn lines() -> Vec<ClaimLineArgs> {
    vec![ClaimLineArgs {
        units: 2,
        ..line(1, CHARGE)
    }]
}

/// A pharmacy with a case of packs, and nothing claimed yet. Made once: the tests take copies.
pub fn stocked() -> (World, PharmacyFixture) {
    static STOCKED: LazyLock<Mutex<(World, PharmacyFixture)>> = LazyLock::new(|| {
        let mut world = World::new(&[Program::Registry, Program::Claims, Program::Provenance]);
        let claims = ClaimsFixture::new(&mut world);
        let fixture = PharmacyFixture::around(&mut world, claims, "", packs::GTIN);
        Mutex::new((world, fixture))
    });
    STOCKED.lock().unwrap().clone()
}

/// Claim 1 waits for pack 2.
fn committed() -> (World, PharmacyFixture) {
    let (mut world, fixture) = stocked();
    fixture.commit_to(&mut world, 1, 2, &lines());
    (world, fixture)
}

/// Claim 1 is paid, and pack 2 dispensed for it.
fn dispensed() -> (World, PharmacyFixture) {
    let (mut world, fixture) = committed();
    fixture.dispensed(&mut world, 1, 2).assert_ok();
    (world, fixture)
}

/// Asserts that `dispense_claim` is refused with `error` and changes nothing, the pack, the claim and the money included.
#[track_caller]
fn not_dispensed(world: &mut World, fixture: &PharmacyFixture, error: impl Into<u32>) {
    let key = fixture.packs.pharmacy.key();
    refused(world, &[fixture.dispense(1, 2)], &[&key], error);
}

#[test]
fn it_adjudicates_dispenses_and_pays_at_once() {
    let (mut world, fixture) = committed();
    let claims = &fixture.claims;
    let before = claims.read_pool(&world);
    let had = world.balance(&claims.payout);
    assert_eq!(
        claims.read_claim(&world, 1).status,
        ClaimStatus::AwaitsDispense
    );
    assert_eq!(before.reserved_for_claims, 0);
    assert!(!fixture.packs.is_marked(&world, 2));

    let outcome = fixture.dispensed(&mut world, 1, 2).assert_ok();
    let claim = claims.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.totals.charge, claim.totals.paid),
        (ClaimStatus::Paid, CHARGE, PAID)
    );
    assert_eq!((claim.member, claim.paid_at), (claims.member, world.now()));
    assert_eq!(world.balance(&claims.payout) - had, PAID * UNIT_PER_CENT);
    assert_eq!(claims.read_pool(&world).paid, before.paid + PAID);

    assert!(fixture.packs.is_marked(&world, 2));
    let record = fixture.packs.read_dispense(&world, packs::pack(2));
    assert_eq!(record.kind(), DispenseKind::Dispensed);
    assert_eq!(
        (record.claim, record.pharmacy, record.at),
        (claims.claim(1), claims.provider.address, world.now())
    );
    assert_eq!(
        fixture.claims.read_commitment(&world, 1).dispensed_at,
        world.now()
    );

    let adjudicated: ClaimAdjudicated = outcome.event();
    assert_eq!(
        (adjudicated.status, adjudicated.paid, adjudicated.payout),
        (ClaimStatus::Paid, PAID, claims.payout)
    );
    let event: PackDispensed = outcome.event();
    assert_eq!((event.index, event.claim), (2, claims.claim(1)));
    claims.assert_money_adds_up(&world);

    // Once, and never again.
    not_dispensed(&mut world, &fixture, ClaimsError::DispenseNotAwaited);
}

/// A dispense goes by the network of its day, whatever comes after it.
#[test]
fn it_is_paid_by_the_network_of_its_day() {
    let (mut world, fixture) = committed();
    let claims = &fixture.claims;
    let outside = AgreementTerms {
        in_network: false,
        ..unlimited()
    };
    let leave = claims.set_agreement_terms(&world, outside);
    world.send(&[leave], &[&claims.staff.key()]).assert_ok();
    let mut tomorrow = world.clone();
    fixture.dispensed(&mut world, 1, 2).assert_ok();
    let claim = claims.read_claim(&world, 1);
    assert_eq!(
        (claim.in_network, claim.status, claim.totals.paid),
        (true, ClaimStatus::Paid, PAID)
    );
    tomorrow.advance(DAY);
    fixture.commit_to(&mut tomorrow, 3, 4, &lines());
    let key = fixture.packs.pharmacy.key();
    refused(
        &mut tomorrow,
        &[fixture.dispense(3, 4)],
        &[&key],
        ClaimsError::DispenseWouldDeny,
    );
}

/// It comes to what the same claim comes to without a pack.
#[test]
fn it_is_adjudicated_as_any_claim_is() {
    let (world, fixture) = dispensed();
    let claims = &fixture.claims;
    let (mut plain, _) = stocked();
    let of_today = ClaimLineArgs {
        day: u8::try_from(TODAY - SERVICE_DATE).unwrap(),
        ..lines()[0]
    };
    claims.submit(&mut plain, 1, &[of_today]).assert_ok();
    let (with, without) = (claims.read_claim(&world, 1), claims.read_claim(&plain, 1));
    assert_eq!(with.lines, without.lines);
    assert_eq!(with.totals, without.totals);
    assert_eq!(claims.read_member(&world), claims.read_member(&plain));
    assert_eq!(claims.read_history(&world), claims.read_history(&plain));
    assert_eq!(claims.read_pool(&world), claims.read_pool(&plain));
}

/// The member's transaction names the claim, and nothing of the batch.
#[test]
fn the_members_transaction_names_the_pack_by_its_commitment_only() {
    let (mut world, fixture) = stocked();
    fixture.draft(&mut world, 1, &lines());
    let commit = fixture.commit(&world, 1, 2, CHARGE);
    let packs = &fixture.packs;
    let of_the_pack = [
        packs.batch,
        packs.product,
        packs.page(0),
        packs.dispense_address(packs::pack(2)),
        packs.node(packs::pack(2)),
        packs.node(packs::case(0)),
        packs.node(packs::pallet(0)),
        packs.node(packs::whole()),
        provenance::ID,
    ];
    assert!(commit
        .accounts
        .iter()
        .all(|meta| !of_the_pack.contains(&meta.pubkey)));
    for key in of_the_pack {
        assert!(!commit.data.windows(32).any(|bytes| bytes == key.as_ref()));
    }
    let keys = (fixture.claims.clerk.key(), fixture.claims.member_key());
    let outcome = world.send(&[commit], &[&keys.0, &keys.1]).assert_ok();
    let event: PackCommitted = outcome.event();
    let made = fixture.claims.read_commitment(&world, 1);
    assert_eq!(
        (event.claim, event.commitment, event.until),
        (fixture.claims.claim(1), made.commitment, world.now() + KEPT)
    );
    assert_eq!(
        made.commitment,
        PackCommitment::of(&pack_salt(1), &packs.batch, 2)
    );
    assert_eq!(
        (made.member, made.payer, made.is_vouched, made.dispensed_at),
        (fixture.claims.member, keys.0.pubkey(), false, 0)
    );
}

#[test]
fn a_ticket_stands_for_the_member() {
    let (mut world, fixture) = stocked();
    fixture.draft(&mut world, 1, &lines());
    let key = fixture.claims.clerk.key();
    world.send(&[fixture.reserve(1, 2)], &[&key]).assert_ok();
    let ticket = fixture.claims.ticket();
    let [verify, commit] = fixture.commit_vouched(&world, 1, 2, CHARGE, ticket);
    refused(
        &mut world,
        std::slice::from_ref(&commit),
        &[&key],
        ClaimsError::TicketSignatureMissing,
    );
    world.send(&[verify, commit], &[&key]).assert_ok();
    assert!(fixture.claims.read_commitment(&world, 1).is_vouched);
    fixture.dispensed(&mut world, 1, 2).assert_ok();
    assert_eq!(
        fixture.claims.read_claim(&world, 1).status,
        ClaimStatus::Paid
    );
}

/// A plan that asks the member asks also where the pack is at hand; one that has signed is not asked.
#[test]
fn who_has_not_signed_is_asked_where_the_plan_asks() {
    let (mut world, mut fixture) = stocked();
    fixture.claims = fixture.claims.checked(&mut world, terms(), confirmed());
    let mut signed = world.clone();
    fixture.commit_to(&mut signed, 1, 2, &lines());
    fixture.dispensed(&mut signed, 1, 2).assert_ok();

    fixture.draft(&mut world, 1, &lines());
    let key = fixture.claims.clerk.key();
    world.send(&[fixture.reserve(1, 2)], &[&key]).assert_ok();
    let ticket = fixture.claims.ticket();
    let commit = fixture.commit_vouched(&world, 1, 2, CHARGE, ticket);
    world.send(&commit, &[&key]).assert_ok();
    not_dispensed(&mut world, &fixture, ClaimsError::DispenseWouldPend);
}

#[test]
fn what_is_committed_to() {
    let (mut world, fixture) = stocked();
    fixture.draft(&mut world, 1, &lines());
    let keys = (fixture.claims.clerk.key(), fixture.claims.member_key());
    let now = world.now();
    let good = fixture.commit_args(&world, 1, 2, CHARGE);
    let bad = [
        (
            CommitPackArgs {
                commitment: [0; 32],
                ..good.clone()
            },
            ClaimsError::PackCommitmentInvalid,
        ),
        (
            CommitPackArgs {
                until: now,
                ..good.clone()
            },
            ClaimsError::PackCommitmentInvalid,
        ),
        (
            CommitPackArgs {
                until: now + MAX_PACK_SECONDS + 1,
                ..good.clone()
            },
            ClaimsError::PackCommitmentInvalid,
        ),
        (
            CommitPackArgs {
                until: i64::MIN,
                ..good.clone()
            },
            ClaimsError::PackCommitmentInvalid,
        ),
        (
            CommitPackArgs {
                charge: CHARGE - 1,
                ..good.clone()
            },
            ClaimsError::ChargeMismatch,
        ),
        (
            CommitPackArgs {
                digest: [7; 32],
                ..good.clone()
            },
            ClaimsError::DraftDiffers,
        ),
    ];
    for (args, error) in bad {
        let commit = claims_instruction(
            fixture.claims.commit_pack_accounts(1),
            data::CommitPack { args },
        );
        refused(&mut world, &[commit], &[&keys.0, &keys.1], error);
    }
    for until in [now + 1, now + MAX_PACK_SECONDS] {
        let args = CommitPackArgs {
            until,
            ..good.clone()
        };
        let commit = claims_instruction(
            fixture.claims.commit_pack_accounts(1),
            data::CommitPack { args },
        );
        world
            .clone()
            .send(&[commit], &[&keys.0, &keys.1])
            .assert_ok();
    }
}

#[test]
fn who_commits() {
    let (mut world, fixture) = stocked();
    fixture.draft(&mut world, 1, &lines());
    let claims = &fixture.claims;
    let keys = (claims.clerk.key(), claims.member_key());
    let commit = fixture.commit(&world, 1, 2, CHARGE);
    // Without the member's word, with somebody else's.
    let mut alone = fixture.claims.commit_pack_accounts(1);
    alone.member_authority = None;
    let args = fixture.commit_args(&world, 1, 2, CHARGE);
    refused(
        &mut world,
        &[claims_instruction(alone, data::CommitPack { args })],
        &[&keys.0],
        ClaimsError::MemberConsentMissing,
    );
    let stranger = world.actor("stranger");
    refused(
        &mut world,
        &[swapped(commit.clone(), keys.1.pubkey(), stranger.pubkey())],
        &[&keys.0, &stranger],
        ClaimsError::NotMemberAuthority,
    );
    // By staff that may not submit claims.
    let porter = claims
        .provider
        .operator(&mut world, "porter", &[Permission::DispensePack]);
    let by_porter = swapped(
        swapped(commit.clone(), keys.0.pubkey(), porter.key().pubkey()),
        claims.clerk.address,
        porter.address,
    );
    refused(
        &mut world,
        &[by_porter],
        &[&porter.key(), &keys.1],
        ClaimsError::PermissionMissing,
    );
    // Of a claim whose lines are not all there.
    let open = claims.open_claim(2, 1);
    world.send(&[open], &[&keys.0]).assert_ok();
    let early = fixture.commit(&world, 2, 2, 0);
    refused(
        &mut world,
        &[early],
        &[&keys.0, &keys.1],
        ClaimsError::ClaimIncomplete,
    );
}

/// What is dispensed is of the day of the dispense: not of before the commitment, but for the day that it can still be west of
/// Greenwich, nor of a day to come.
#[test]
fn it_is_of_the_day_of_the_dispense() {
    let (mut world, fixture) = stocked();
    let keys = (fixture.claims.clerk.key(), fixture.claims.member_key());
    let commit = |world: &mut World, n: u8, index: u64, day: i32, lines: &[ClaimLineArgs]| {
        fixture.draft_on(world, n, day, lines);
        world
            .send(&[fixture.reserve(n, index)], &[&keys.0])
            .assert_ok();
        let charge = lines.iter().map(|line| line.charge).sum();
        fixture.commit(world, n, index, charge)
    };
    let of_day = |day| {
        vec![ClaimLineArgs {
            day,
            ..line(1, CHARGE)
        }]
    };
    // Every line counts, whatever the others are of.
    let both = vec![line(1, CHARGE), of_day(2).remove(0)];
    for (n, lines) in [(1, of_day(0)), (2, both)] {
        let early = commit(&mut world.clone(), n, 2, TODAY - 2, &lines);
        let mut world = world.clone();
        commit(&mut world, n, 2, TODAY - 2, &lines);
        refused(
            &mut world,
            &[early],
            &[&keys.0, &keys.1],
            ClaimsError::ServiceDateNotOfDispense,
        );
    }
    let mut yesterday = world.clone();
    let commit_yesterday = commit(&mut yesterday, 1, 2, TODAY - 1, &of_day(0));
    yesterday
        .send(&[commit_yesterday], &[&keys.0, &keys.1])
        .assert_ok();
    fixture.dispensed(&mut yesterday, 1, 2).assert_ok();

    let tomorrow = commit(&mut world, 1, 2, TODAY, &of_day(1));
    world.send(&[tomorrow], &[&keys.0, &keys.1]).assert_ok();
    refused(
        &mut world,
        &[fixture.dispense(1, 2)],
        &[&keys.0],
        ClaimsError::ServiceDateNotOfDispense,
    );
    world.advance(DAY);
    fixture.dispensed(&mut world, 1, 2).assert_ok();
    fixture.claims.assert_money_adds_up(&world);
}

/// Two packs of one day are two things, and neither holds the other up; the same line again is a duplicate as ever.
#[test]
fn packs_of_one_day_are_no_suspects() {
    let (mut world, fixture) = stocked();
    let second = ClaimLineArgs {
        modifiers: [1, 2, 3, 4],
        ..lines().remove(0)
    };
    for (n, index, line) in [
        (1, 2, lines().remove(0)),
        (2, 3, second),
        (3, 4, line(2, 9_000)),
    ] {
        fixture.commit_to(&mut world, n, index, &[line]);
        fixture.dispensed(&mut world, n, index).assert_ok();
        assert_eq!(
            fixture.claims.read_claim(&world, n).status,
            ClaimStatus::Paid
        );
    }
    fixture.commit_to(&mut world, 4, 5, &lines());
    refused(
        &mut world,
        &[fixture.dispense(4, 5)],
        &[&fixture.claims.clerk.key()],
        ClaimsError::DispenseWouldDeny,
    );
    fixture.claims.assert_money_adds_up(&world);
}

/// What a person has denied is not paid at the till with a pack instead. Another medicine of that day is another thing.
#[test]
fn what_was_denied_is_not_dispensed_before_somebody_has_looked() {
    let (mut world, fixture) = stocked();
    let claims = &fixture.claims;
    let staff = claims.staff.key();
    let limited = AgreementTerms {
        limit_per_claim: PAID - 1,
        ..unlimited()
    };
    for terms in [limited, unlimited()] {
        let set = claims.set_agreement_terms(&world, terms);
        world.send(&[set], &[&staff]).assert_ok();
        if terms.limit_per_claim < PAID {
            let of_today = ClaimLineArgs {
                day: u8::try_from(TODAY - SERVICE_DATE).unwrap(),
                ..lines()[0]
            };
            claims.submit(&mut world, 3, &[of_today]).assert_ok();
            let deny = Decision::Deny {
                group: AdjustmentGroup::Contractual,
                reason: 50,
            };
            let deny = claims.decide(3, deny);
            world.send(&[deny], &[&staff]).assert_ok();
        }
    }
    assert_eq!(claims.denied_lines(&world).len(), 1);
    fixture.commit_to(&mut world, 1, 2, &lines());
    not_dispensed(&mut world, &fixture, ClaimsError::DispenseWouldPend);
    let other = ClaimLineArgs {
        code_key: code(2),
        ..lines()[0]
    };
    fixture.commit_to(&mut world, 4, 5, &[other]);
    fixture.dispensed(&mut world, 4, 5).assert_ok();
    assert_eq!(claims.read_claim(&world, 4).status, ClaimStatus::Paid);
    claims.assert_money_adds_up(&world);
}

/// While it waits for its pack nothing else is done with the claim.
#[test]
fn nothing_else_has_it_paid() {
    let (mut world, fixture) = committed();
    let claims = &fixture.claims;
    let (clerk, staff, member) = (claims.clerk.key(), claims.staff.key(), claims.member_key());
    let adjudicate = claims.adjudicate(&world, 1, CHARGE);
    refused(
        &mut world,
        &[adjudicate],
        &[&clerk, &member],
        ClaimsError::ClaimAwaitsDispense,
    );
    refused(
        &mut world,
        &[claims.append_lines(1, 1, &lines())],
        &[&clerk],
        ClaimsError::ClaimAwaitsDispense,
    );
    let prior = OtherPayer {
        line: 0,
        allowed: 100,
        paid: 100,
        obligated: 100,
    };
    refused(
        &mut world,
        &[claims.add_other_payers(1, &[prior])],
        &[&clerk],
        ClaimsError::ClaimAwaitsDispense,
    );
    refused(
        &mut world,
        &[claims.close_draft(1)],
        &[&clerk],
        ClaimsError::ClaimAwaitsDispense,
    );
    refused(
        &mut world,
        &[claims.settle(1)],
        &[],
        ClaimsError::ClaimNotPayable,
    );
    refused(
        &mut world,
        &[claims.settle_together(&[1])],
        &[],
        ClaimsError::NothingToSettle,
    );
    // There is one commitment: the system program makes no account twice.
    let again = fixture.commit(&world, 1, 3, CHARGE);
    refused(&mut world, &[again], &[&clerk, &member], 0_u32);
    for decide in [claims.reverse(1, 7), claims.decide(1, Decision::Approve)] {
        refused(
            &mut world,
            &[decide],
            &[&staff],
            ClaimsError::ClaimOfOtherMember,
        );
    }
    fixture.dispensed(&mut world, 1, 2).assert_ok();
}

/// A claim that cites a held price names its member before it is adjudicated. It waits for its pack as any other, and is paid by the
/// price that was held.
#[test]
fn a_held_price_is_paid_with_the_pack() {
    let (mut world, fixture) = stocked();
    let claims = &fixture.claims;
    let (clerk, staff, member) = (claims.clerk.key(), claims.staff.key(), claims.member_key());
    let ask = claims.predetermine(1, TODAY, &lines());
    world.send_unsigned(&[ask]).assert_ok();
    for step in [
        claims.hold_price(&world, 1, TODAY + 60),
        claims.open_claim_on(1, TODAY, 1),
        claims.append_lines(1, 0, &lines()),
        claims.cite_predetermination(1, 1),
        fixture.reserve(1, 2),
    ] {
        world.send_unsigned(&[step]).assert_ok();
    }
    let commit = fixture.commit(&world, 1, 2, CHARGE);
    world.send(&[commit], &[&clerk, &member]).assert_ok();
    assert_eq!(claims.read_claim(&world, 1).member, claims.member);
    for (instruction, signer, error) in [
        (
            claims.reverse(1, 7),
            &staff,
            ClaimsError::ClaimNotReversible,
        ),
        (
            fixture.undo(1, 2, None),
            &clerk,
            ClaimsError::ClaimNotReversible,
        ),
        (
            claims.decide(1, Decision::Approve),
            &staff,
            ClaimsError::ClaimNotPended,
        ),
        (
            claims.cite_predetermination(1, 1),
            &clerk,
            ClaimsError::ClaimAwaitsDispense,
        ),
    ] {
        refused(&mut world, &[instruction], &[signer], error);
    }
    fixture.dispensed(&mut world, 1, 2).assert_ok();
    let (claim, answer) = (
        claims.read_claim(&world, 1),
        claims.read_predetermination(&world, 1),
    );
    assert_eq!(
        (claim.status, claim.totals, claim.plan_version),
        (ClaimStatus::Paid, answer.totals, claims.plan_version)
    );
    assert!(fixture.packs.is_marked(&world, 2));
    claims.assert_money_adds_up(&world);
}

/// Another pack than the member agreed to, or another salt.
#[test]
fn only_the_pack_that_was_committed_to() {
    let (mut world, fixture) = committed();
    let key = fixture.packs.pharmacy.key();
    // Another pack is kept for the claim too.
    world.send(&[fixture.reserve(1, 3)], &[&key]).assert_ok();
    refused(
        &mut world,
        &[fixture.dispense(1, 3)],
        &[&key],
        ClaimsError::PackMismatch,
    );
    let args = DispenseClaimArgs {
        salt: [1; 32],
        index: 2,
        is_handed_out: false,
        opening: None,
    };
    refused(
        &mut world,
        &[claims_instruction(
            fixture.dispense_accounts(1, 2),
            data::DispenseClaim { args },
        )],
        &[&key],
        ClaimsError::PackMismatch,
    );
    fixture.dispensed(&mut world, 1, 2).assert_ok();
}

/// The pack is kept for another claim, or for none, or not any more.
#[test]
fn only_a_pack_that_is_kept_for_it() {
    let (mut world, fixture) = stocked();
    let keys = (fixture.claims.clerk.key(), fixture.claims.member_key());
    fixture.draft(&mut world, 1, &lines());
    let commit = fixture.commit(&world, 1, 2, CHARGE);
    world.send(&[commit], &[&keys.0, &keys.1]).assert_ok();
    not_dispensed(&mut world, &fixture, ErrorCode::AccountOwnedByWrongProgram);
    let mut for_other = world.clone();
    for_other
        .send(&[fixture.reserve(9, 2)], &[&keys.0])
        .assert_ok();
    not_dispensed(&mut for_other, &fixture, ProvenanceError::ReservedForOther);

    let brief = fixture.packs.reserve(2, fixture.claims.claim(1), 60);
    world.send(&[brief], &[&keys.0]).assert_ok();
    world.advance(61);
    not_dispensed(&mut world, &fixture, ProvenanceError::ReservationLapsed);
    world.send(&[fixture.reserve(1, 2)], &[&keys.0]).assert_ok();
    fixture.dispensed(&mut world, 1, 2).assert_ok();
}

/// Recalled, expired, set aside, gone, dispensed: the claim stops, and everything stays as it was.
#[test]
fn a_pack_that_may_not_be_dispensed_stops_the_claim() {
    let (world, fixture) = committed();
    let batch = &fixture.packs;
    for of in [
        packs::pack(2),
        packs::case(0),
        packs::pallet(0),
        packs::whole(),
    ] {
        let mut world = world.clone();
        let recall = batch.recall(of, &batch.regulator, packs::recall_terms());
        world.send(&[recall], &[&batch.regulator.key()]).assert_ok();
        not_dispensed(&mut world, &fixture, ProvenanceError::Recalled);
        let lift = batch.lift(of, &batch.regulator);
        world.send(&[lift], &[&batch.regulator.key()]).assert_ok();
        fixture.dispensed(&mut world, 1, 2).assert_ok();
    }
    let pharmacist = batch.pharmacy.key();
    for of in [packs::pack(2), packs::case(0)] {
        let mut world = world.clone();
        let set = batch.set_status(of, &batch.pharmacy, StatusAction::Quarantine);
        world.send(&[set], &[&pharmacist]).assert_ok();
        not_dispensed(&mut world, &fixture, ProvenanceError::NotSellable);
    }
    // Out of the pharmacy's hands; its case goes without it.
    let mut away = world.clone();
    let shipped = |world: &mut World, of| {
        batch.hand_over(world, of, &batch.pharmacy, &batch.wholesaler);
    };
    shipped(&mut away, packs::case(0));
    fixture.dispensed(&mut away.clone(), 1, 2).assert_ok();
    // What goes back up the trade is a return, which is to be verified.
    shipped(&mut away, packs::pack(2));
    not_dispensed(&mut away, &fixture, ProvenanceError::NotSellable);
    // The pharmacy is no trading partner any more.
    let mut revoked = world.clone();
    batch
        .revoke_credential(&mut revoked, &batch.pharmacy)
        .assert_ok();
    not_dispensed(&mut revoked, &fixture, ProvenanceError::CredentialRevoked);
    // The case was dispensed as a whole, without the pack that is kept.
    let mut gone = world.clone();
    gone.send(&[batch.dispense_all(packs::case(0))], &[&pharmacist])
        .assert_ok();
    fixture.dispensed(&mut gone, 1, 2).assert_ok();
}

#[test]
fn an_expired_pack_stops_the_claim() {
    let (mut world, mut fixture) = stocked();
    let today = world.now() / DAY;
    fixture.packs = fixture.packs.with_terms("E1", |terms| {
        terms.expiry = i32::try_from(today).unwrap() + 1;
    });
    fixture.packs.begin_batch(&mut world);
    fixture.packs.deliver(&mut world);
    fixture.commit_to(&mut world, 1, 2, &lines());
    let mut last_day = world.clone();
    last_day.advance(DAY);
    fixture.dispensed(&mut last_day, 1, 2).assert_ok();
    world.advance(2 * DAY);
    not_dispensed(&mut world, &fixture, ProvenanceError::Expired);
}

/// A pack that was dispensed in between, without the claim.
#[test]
fn a_pack_dispensed_before_stops_the_claim() {
    let (mut world, fixture) = stocked();
    let keys = (fixture.claims.clerk.key(), fixture.claims.member_key());
    fixture.draft(&mut world, 1, &lines());
    let commit = fixture.commit(&world, 1, 2, CHARGE);
    world.send(&[commit], &[&keys.0, &keys.1]).assert_ok();
    world
        .send(&[fixture.packs.dispense(2)], &[&keys.0])
        .assert_ok();
    not_dispensed(&mut world, &fixture, ProvenanceError::AlreadyDispensed);
}

/// Whatever would have the claim wait has nothing happen: it names why.
#[test]
fn what_cannot_be_paid_at_once_is_not_dispensed() {
    // Above the agreement's limit.
    let (mut world, fixture) = committed();
    let claims = &fixture.claims;
    let limited = AgreementTerms {
        limit_per_claim: PAID - 1,
        ..unlimited()
    };
    let set = claims.set_agreement_terms(&world, limited);
    world.send(&[set], &[&claims.staff.key()]).assert_ok();
    not_dispensed(&mut world, &fixture, ClaimsError::DispenseWouldPend);
    // Drawn, or held against the registry of duplicates, first.
    for checks in [sampled(5_000), sharing()] {
        let (mut world, mut fixture) = stocked();
        fixture.claims = fixture.claims.checked(&mut world, terms(), checks);
        fixture.commit_to(&mut world, 1, 2, &lines());
        not_dispensed(&mut world, &fixture, ClaimsError::DispenseWouldPend);
    }
    // Not covered.
    let (mut world, fixture) = stocked();
    fixture.commit_to(&mut world, 1, 2, &[line(500, CHARGE)]);
    not_dispensed(&mut world, &fixture, ClaimsError::DispenseWouldDeny);
    // The pool is short.
    let (mut world, fixture) = stocked();
    let staff = fixture.claims.staff.key();
    let announce = fixture.claims.announce_withdrawal(&world, FUNDED - 100);
    world.send(&[announce], &[&staff]).assert_ok();
    world.advance(WITHDRAWAL_NOTICE_SECONDS);
    world
        .send(&[fixture.claims.withdraw()], &[&staff])
        .assert_ok();
    fixture.commit_to(&mut world, 1, 2, &lines());
    not_dispensed(&mut world, &fixture, ClaimsError::PoolUnderfunded);
}

/// An agreement under which awards are paid together: this one is paid by itself all the same.
#[test]
fn it_is_paid_at_once_under_a_netted_agreement() {
    let (mut world, fixture) = committed();
    let claims = &fixture.claims;
    let set = claims.set_agreement_terms(&world, netted());
    world.send(&[set], &[&claims.staff.key()]).assert_ok();
    let had = world.balance(&claims.payout);
    let mut frozen = world.clone();
    frozen.freeze(&claims.payout);
    not_dispensed(&mut frozen, &fixture, ClaimsError::PayoutFrozen);
    fixture.dispensed(&mut world, 1, 2).assert_ok();
    let claim = claims.read_claim(&world, 1);
    assert_eq!((claim.status, claim.totals.paid), (ClaimStatus::Paid, PAID));
    assert_eq!(claims.read_pool(&world).reserved_for_claims, 0);
    assert_eq!(world.balance(&claims.payout) - had, PAID * UNIT_PER_CENT);
    claims.assert_money_adds_up(&world);
}

/// What the provider owes is kept back: it may be all of the award, or the deductible takes all of it. The pack goes out.
#[test]
fn it_is_dispensed_where_nothing_is_to_be_paid_out() {
    let (mut world, fixture) = stocked();
    fixture.commit_to(&mut world, 1, 2, &[line(1, 9_000)]);
    fixture.dispensed(&mut world, 1, 2).assert_ok();
    let claim = fixture.claims.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.totals.paid, claim.totals.patient),
        (ClaimStatus::NothingDue, 0, 9_000)
    );
    assert!(fixture.packs.is_marked(&world, 2));
    fixture.claims.assert_money_adds_up(&world);
}

#[test]
fn who_dispenses() {
    let (mut world, fixture) = committed();
    let claims = &fixture.claims;
    let key = claims.clerk.key();
    let dispense = fixture.dispense(1, 2);
    for (name, permission, error) in [
        (
            "filer",
            Permission::SubmitClaim,
            u32::from(ProvenanceError::PermissionMissing),
        ),
        (
            "porter",
            Permission::DispensePack,
            u32::from(ClaimsError::PermissionMissing),
        ),
    ] {
        let other = claims.provider.operator(&mut world, name, &[permission]);
        let by_other = swapped(
            swapped(dispense.clone(), key.pubkey(), other.key().pubkey()),
            claims.clerk.address,
            other.address,
        );
        refused(&mut world, &[by_other], &[&other.key()], error);
    }
    // The member's consent is over.
    let mut late = world.clone();
    late.advance(KEPT + 1);
    not_dispensed(&mut late, &fixture, ClaimsError::PackCommitmentLapsed);
    // The agreement is suspended; awards are paused.
    let mut suspended = world.clone();
    let set = claims.set_agreement_status(&suspended, AgreementStatus::Suspended);
    suspended.send(&[set], &[&claims.staff.key()]).assert_ok();
    not_dispensed(&mut suspended, &fixture, ClaimsError::AgreementNotActive);
    let mut paused = world.clone();
    claims.registry.pause(&mut paused, 3_600).assert_ok();
    not_dispensed(&mut paused, &fixture, ClaimsError::AwardsPaused);
    // A program in place of the provenance program.
    refused(
        &mut world,
        &[swapped(
            dispense,
            provenance::ID,
            anchor_lang::system_program::ID,
        )],
        &[&key],
        ErrorCode::InvalidProgramId,
    );
}

/// The provenance program does as it is told by the claim's address only, which nobody but the claims program signs for.
#[test]
fn nobody_else_dispenses_a_pack_that_is_kept_for_a_claim() {
    let (mut world, fixture) = committed();
    let key = fixture.packs.pharmacy.key();
    let claim = fixture.claims.claim(1);
    refused(
        &mut world,
        &[unsigned(fixture.packs.dispense_reserved(2, claim), claim)],
        &[&key],
        ErrorCode::AccountNotSigner,
    );
    let stranger = world.actor("stranger");
    refused(
        &mut world,
        &[fixture.packs.dispense_reserved(2, stranger.pubkey())],
        &[&key, &stranger],
        ProvenanceError::ReservedForOther,
    );
    refused(
        &mut world,
        &[fixture.packs.dispense(2)],
        &[&key],
        ProvenanceError::ReservedForOther,
    );
}

#[test]
fn who_paid_releases_it_at_any_time_and_anybody_afterwards() {
    let (mut world, fixture) = committed();
    let key = fixture.claims.clerk.key();
    refused(
        &mut world,
        &[fixture.claims.release_pack(1, false)],
        &[],
        ClaimsError::PackCommitmentInForce,
    );
    let stranger = world.actor("stranger");
    let mut by_stranger = fixture.claims.release_pack(1, true);
    by_stranger.accounts[0].pubkey = stranger.pubkey();
    refused(
        &mut world,
        &[by_stranger],
        &[&stranger],
        ClaimsError::PackCommitmentInForce,
    );
    let rent = world.rent(8 + 147);
    for is_signed in [true, false] {
        let mut world = world.clone();
        if !is_signed {
            world.advance(KEPT);
            refused(
                &mut world,
                &[fixture.claims.release_pack(1, false)],
                &[],
                ClaimsError::PackCommitmentInForce,
            );
            world.advance(1);
        }
        let had = world.raw(&key.pubkey()).unwrap().lamports;
        let release = fixture.claims.release_pack(1, is_signed);
        let signers: &[&Keypair] = if is_signed { &[&key] } else { &[] };
        let event: PackReleased = world.send(&[release], signers).assert_ok().event();
        assert_eq!(event.claim, fixture.claims.claim(1));
        assert_eq!(world.raw(&key.pubkey()).unwrap().lamports, had + rent);
        // A draft as any other: it can be committed anew, closed, or submitted with the member's signature.
        assert_eq!(
            fixture.claims.read_claim(&world, 1).status,
            ClaimStatus::Draft
        );
        not_dispensed(&mut world, &fixture, ErrorCode::AccountNotInitialized);
        let mut closed = world.clone();
        closed
            .send(&[fixture.claims.close_draft(1)], &[&key])
            .assert_ok();
        world
            .send(
                &[fixture.claims.adjudicate(&world, 1, CHARGE)],
                &[&key, &fixture.claims.member_key()],
            )
            .assert_ok();
        assert!(!fixture.packs.is_marked(&world, 2));
    }
}

/// The commitment of a claim that was paid stays, so that the pack can be shown to be the one, until the claim is archived.
#[test]
fn the_commitment_stays_as_long_as_the_claim() {
    let (mut world, fixture) = dispensed();
    let key = fixture.claims.clerk.key();
    world.advance(30 * DAY);
    for release in [
        fixture.claims.release_pack(1, true),
        fixture.claims.release_pack(1, false),
    ] {
        refused(
            &mut world,
            &[release],
            &[&key],
            ClaimsError::PackStillNeeded,
        );
    }
    // The record of the dispense goes with the time in which it could be undone.
    let close = fixture.packs.close_dispense(packs::pack(2));
    world.send(&[close], &[]).assert_ok();
    assert!(fixture
        .claims
        .read_commitment(&world, 1)
        .check_opens(&pack_salt(1), &fixture.packs.batch, 2)
        .is_ok());
    world.advance(1_100 * DAY);
    world.send(&[fixture.claims.archive(1)], &[]).assert_ok();
    world
        .send(&[fixture.claims.release_pack(1, false)], &[])
        .assert_ok();
    assert!(world
        .raw(&fixture.claims.pack_commitment(1))
        .is_none_or(|account| account.data.is_empty()));
}

/// Both or neither: the pack is back and can be sold, the claim is taken back and what was paid is owed.
#[test]
fn an_undo_takes_the_claim_back_with_the_dispense() {
    let (mut world, fixture) = dispensed();
    let claims = &fixture.claims;
    let key = claims.clerk.key();
    // The provenance program alone does not undo it.
    refused(
        &mut world,
        &[fixture
            .packs
            .undo(packs::pack(2), &fixture.packs.pharmacy, None)],
        &[&key],
        ProvenanceError::ClaimSignatureMissing,
    );
    let had = world.raw(&key.pubkey()).unwrap().lamports;
    let outcome = world.send(&[fixture.undo(1, 2, None)], &[&key]).assert_ok();
    let rent = world.rent(8 + 147) + world.rent(provenance::state::Dispense::SIZE);
    assert_eq!(world.raw(&key.pubkey()).unwrap().lamports, had + rent);
    let claim = claims.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.reversal_reason, claim.reversed_at),
        (ClaimStatus::Reversed, Claim::PUT_BACK, world.now())
    );
    assert_eq!(claims.read_agreement(&world).owed, PAID);
    assert_eq!(claims.live_lines(&world).len(), 0);
    assert!(!fixture.packs.is_marked(&world, 2));
    let reversed: ClaimReversed = outcome.event();
    assert_eq!((reversed.paid, reversed.owed), (PAID, PAID));
    let undone: DispenseUndone = outcome.event();
    assert_eq!(undone.claim, claims.claim(1));
    claims.assert_money_adds_up(&world);

    // Nothing is left to appeal for, and the pack can be dispensed for another claim.
    let appeal = claims.appeal_as_provider(1, 1);
    refused(&mut world, &[appeal], &[&key], ClaimsError::NothingToAppeal);
    world.advance(DAY);
    fixture.commit_to(&mut world, 2, 2, &lines());
    fixture.dispensed(&mut world, 2, 2).assert_ok();
    claims.assert_money_adds_up(&world);
}

/// Where the provenance program refuses the undo, the claim stands.
#[test]
fn what_is_not_undone_is_not_taken_back() {
    let (world, fixture) = dispensed();
    let key = fixture.claims.clerk.key();
    let undo = fixture.undo(1, 2, None);
    let batch = &fixture.packs;
    let mut late = world.clone();
    late.advance(10 * DAY + DAY / 2);
    refused(
        &mut late,
        std::slice::from_ref(&undo),
        &[&key],
        ProvenanceError::UndoTooLate,
    );
    let mut handed_out = world.clone();
    handed_out
        .send(&[batch.hand_out(packs::pack(2))], &[&key])
        .assert_ok();
    refused(
        &mut handed_out,
        std::slice::from_ref(&undo),
        &[&key],
        ProvenanceError::UndoHandedOut,
    );
    let mut recalled = world.clone();
    let recall = batch.recall(packs::case(0), &batch.regulator, packs::recall_terms());
    recalled
        .send(&[recall], &[&batch.regulator.key()])
        .assert_ok();
    refused(
        &mut recalled,
        std::slice::from_ref(&undo),
        &[&key],
        ProvenanceError::UndoRecalled,
    );
    // The provider's appeal for more is open: the claim cannot be taken back, so the dispense cannot either.
    let mut appealed = world.clone();
    appealed
        .send(&[fixture.claims.appeal_as_provider(1, 1)], &[&key])
        .assert_ok();
    refused(
        &mut appealed,
        &[undo],
        &[&key],
        ClaimsError::AppealStillOpen,
    );
}

/// The insurer takes back a claim whose pack is with the patient; the pharmacy may still put the pack back where it is not.
#[test]
fn a_claim_that_the_insurer_took_back_is_undone_too() {
    let (mut world, fixture) = dispensed();
    let claims = &fixture.claims;
    let key = claims.clerk.key();
    refused(
        &mut world,
        &[claims.reverse(1, Claim::PUT_BACK)],
        &[&claims.staff.key()],
        ClaimsError::ReversalReasonInvalid,
    );
    world
        .send(&[claims.reverse(1, 7)], &[&claims.staff.key()])
        .assert_ok();
    assert!(fixture.packs.is_marked(&world, 2));
    let told: PackPutBack = world
        .send(&[fixture.undo(1, 2, None)], &[&key])
        .assert_ok()
        .event();
    assert_eq!(
        (told.claim, told.pool, told.provider, told.operator),
        (
            claims.claim(1),
            claims.pool,
            claims.provider.address,
            key.pubkey()
        )
    );
    let claim = claims.read_claim(&world, 1);
    assert_eq!(
        (claim.status, claim.reversal_reason),
        (ClaimStatus::Reversed, Claim::PUT_BACK)
    );
    assert_eq!(claims.read_agreement(&world).owed, PAID);
    assert!(!fixture.packs.is_marked(&world, 2));
    claims.assert_money_adds_up(&world);
}

/// The claim was adjudicated anew: the one in its place is taken back.
#[test]
fn the_claim_in_its_place_is_taken_back() {
    let (mut world, fixture) = stocked();
    let claims = &fixture.claims;
    let keys = (claims.clerk.key(), claims.staff.key());
    // Claim 2 meets the deductible, the day before; taken back, it has claim 1 adjudicated anew.
    let mut args = claims.submit_args(2, &[line(90, 10_000)]);
    args.service_date = SERVICE_DATE - 1;
    let earlier = claims_instruction(claims.submit_accounts(2), data::SubmitClaim { args });
    world
        .send(&[earlier], &[&keys.0, &claims.member_key()])
        .assert_ok();
    fixture.commit_to(&mut world, 1, 2, &lines());
    fixture.dispensed(&mut world, 1, 2).assert_ok();
    let first = claims.read_claim(&world, 1).totals.paid;
    world
        .send(&[claims.reverse(2, 7), claims.reprocess(1, 3)], &[&keys.1])
        .assert_ok();
    let standing = claims.read_claim(&world, 3);
    assert_eq!(
        (standing.status, standing.totals.paid),
        (ClaimStatus::Paid, PAID)
    );
    assert!(first > PAID);
    for wrong in [None, Some(2)] {
        refused(
            &mut world,
            &[fixture.undo(1, 2, wrong)],
            &[&keys.0],
            ClaimsError::ClaimWasReplaced,
        );
    }
    world
        .send(&[fixture.undo(1, 2, Some(3))], &[&keys.0])
        .assert_ok();
    let standing = claims.read_claim(&world, 3);
    assert_eq!(
        (standing.status, standing.reversal_reason),
        (ClaimStatus::Reversed, Claim::PUT_BACK)
    );
    assert!(!fixture.packs.is_marked(&world, 2));
    claims.assert_money_adds_up(&world);
}

/// A claim numbered with zeros is not the one that stands in the place of a claim in whose place none stands.
#[test]
fn another_claim_is_not_taken_back_instead() {
    let (mut world, fixture) = dispensed();
    let claims = &fixture.claims;
    let other = ClaimLineArgs {
        day: 1,
        ..line(90, 10_000)
    };
    claims.submit(&mut world, 2, &[other]).assert_ok();
    let nameless = Claim {
        claim_id: [0; 16],
        ..claims.read_claim(&world, 2)
    };
    assert_eq!(nameless.status, ClaimStatus::Paid);
    overwrite(&mut world, &claims.claim(2), &nameless);
    refused(
        &mut world,
        &[fixture.undo(1, 2, Some(2))],
        &[&claims.clerk.key()],
        ClaimsError::ClaimWasReplaced,
    );
}

#[test]
fn who_undoes() {
    let (mut world, fixture) = dispensed();
    let claims = &fixture.claims;
    let key = claims.clerk.key();
    for (name, permission, error) in [
        (
            "filer",
            Permission::SubmitClaim,
            u32::from(ProvenanceError::PermissionMissing),
        ),
        (
            "porter",
            Permission::DispensePack,
            u32::from(ClaimsError::PermissionMissing),
        ),
    ] {
        let other = claims.provider.operator(&mut world, name, &[permission]);
        let mut undo = fixture.undo(1, 2, None);
        undo.accounts[0].pubkey = other.key().pubkey();
        undo.accounts[1].pubkey = other.address;
        refused(&mut world, &[undo], &[&other.key()], error);
    }
    // Of another pack that was dispensed without a claim.
    world
        .send(&[fixture.packs.dispense(3)], &[&key])
        .assert_ok();
    refused(
        &mut world,
        &[fixture.undo(1, 3, None)],
        &[&key],
        ProvenanceError::ClaimSignatureMissing,
    );
}

/// A commitment is used for its own claim only, and its rent goes to nobody but who paid it.
#[test]
fn a_commitment_belongs_to_one_claim_and_its_rent_to_who_paid() {
    let (mut world, fixture) = committed();
    fixture.commit_to(&mut world, 2, 3, &[line(90, 10_000)]);
    let claims = &fixture.claims;
    let key = claims.clerk.key();
    let (own, other) = (claims.pack_commitment(1), claims.pack_commitment(2));
    let stranger = world.actor("stranger");
    for instruction in [fixture.dispense(1, 2), claims.release_pack(1, true)] {
        refused(
            &mut world,
            &[swapped(instruction, own, other)],
            &[&key],
            ClaimsError::PackOfOtherClaim,
        );
    }
    let mut release = claims.release_pack(1, true);
    pay_to(&mut release, RELEASE_PAYER, &stranger.pubkey());
    refused(&mut world, &[release], &[&key], ClaimsError::NotPackPayer);

    fixture.dispensed(&mut world, 1, 2).assert_ok();
    let undo = fixture.undo(1, 2, None);
    refused(
        &mut world,
        &[swapped(undo.clone(), own, other)],
        &[&key],
        ClaimsError::PackOfOtherClaim,
    );
    let mut to_stranger = undo;
    pay_to(&mut to_stranger, UNDO_PACK_PAYER, &stranger.pubkey());
    refused(
        &mut world,
        &[to_stranger],
        &[&key],
        ClaimsError::NotPackPayer,
    );
}

/// Names `payee` in the place `at` of the accounts; its key stands at other places too.
fn pay_to(instruction: &mut Instruction, at: usize, payee: &Pubkey) {
    instruction.accounts[at].pubkey = *payee;
}

/// A second insurer's claim over the same pack, or with the same commitment.
#[test]
fn a_pack_is_paid_for_once() {
    let (mut world, fixture) = dispensed();
    let keys = (fixture.claims.clerk.key(), fixture.claims.member_key());
    // Nobody reserves a pack that was dispensed.
    refused(
        &mut world,
        &[fixture.reserve(2, 2)],
        &[&keys.0],
        ProvenanceError::AlreadyDispensed,
    );
    world.advance(DAY);
    // Of the day after: the same lines of the same day would be a duplicate.
    fixture.draft(&mut world, 2, &lines());
    let commit = fixture.commit(&world, 2, 2, CHARGE);
    world.send(&[commit], &[&keys.0, &keys.1]).assert_ok();
    refused(
        &mut world,
        &[fixture.dispense(2, 2)],
        &[&keys.0],
        ProvenanceError::AlreadyDispensed,
    );
    assert_eq!(
        fixture.packs.read_dispense(&world, packs::pack(2)).claim,
        fixture.claims.claim(1)
    );
}

/// The account budget of the pharmacy's transaction, and what it takes.
#[test]
fn it_fits_a_legacy_transaction() {
    const MOST_BYTES: usize = 1_232;
    /// With one line, and with sixteen.
    const MOST_CU: [u64; 2] = [36_000, 54_000];
    let (mut world, fixture) = stocked();
    let many: Vec<ClaimLineArgs> = (0..16)
        .map(|n| ClaimLineArgs {
            units: 2,
            ..line(n, 20_000)
        })
        .collect();
    for (n, lines, budget) in [(1, &many[..1], MOST_CU[0]), (2, &many[..], MOST_CU[1])] {
        let mut world = world.clone();
        for (index, chunk) in lines.chunks(6).enumerate() {
            if index == 0 {
                let open =
                    fixture
                        .claims
                        .open_claim_on(n, TODAY, u8::try_from(lines.len()).unwrap());
                world
                    .send(&[open], &[&fixture.claims.clerk.key()])
                    .assert_ok();
            }
            let start = u8::try_from(index * 6).unwrap();
            world
                .send(
                    &[fixture.claims.append_lines(n, start, chunk)],
                    &[&fixture.claims.clerk.key()],
                )
                .assert_ok();
        }
        let keys = (fixture.claims.clerk.key(), fixture.claims.member_key());
        world.send(&[fixture.reserve(n, 2)], &[&keys.0]).assert_ok();
        let charge = lines.iter().map(|line| line.charge).sum();
        let commit = fixture.commit(&world, n, 2, charge);
        world.send(&[commit], &[&keys.0, &keys.1]).assert_ok();
        let dispense = fixture.dispense(n, 2);
        let (bytes, accounts) = world.size(std::slice::from_ref(&dispense));
        let outcome = fixture.dispensed(&mut world, n, 2).assert_ok();
        println!(
            "{} lines: {} CU, {bytes} bytes, {accounts} accounts",
            lines.len(),
            outcome.cu
        );
        assert!(bytes <= MOST_BYTES, "{bytes} bytes");
        assert!(outcome.cu <= budget, "{} CU", outcome.cu);
    }
    let undo = {
        fixture.commit_to(&mut world, 1, 2, &lines());
        fixture.dispensed(&mut world, 1, 2).assert_ok();
        fixture.undo(1, 2, None)
    };
    let (bytes, accounts) = world.size(std::slice::from_ref(&undo));
    println!("undone: {bytes} bytes, {accounts} accounts");
    assert!(bytes <= MOST_BYTES, "{bytes} bytes");
}

/// Under a plan version with details the claim of a pack is asked what any claim is: by the account of the details, last of all.
#[test]
fn under_details_a_pack_is_dispensed_with_them() {
    let (mut world, mut fixture) = stocked();
    let demand = DetailEntry::new(code(9), DetailKind::Experimental, DetailEntry::NONE);
    fixture.claims =
        fixture
            .claims
            .checked_with_details(&mut world, terms(), PlanChecks::default(), &[demand]);
    fixture.commit_to(&mut world, 1, 2, &lines());
    not_dispensed(&mut world, &fixture, ClaimsError::DetailsMissing);
    let mut dispense = fixture.dispense(1, 2);
    let details = fixture.claims.details_of(2);
    dispense
        .accounts
        .push(AccountMeta::new_readonly(details, false));
    world
        .send(&[dispense], &[&fixture.packs.pharmacy.key()])
        .assert_ok();
    assert!(fixture.claims.read_claim(&world, 1).totals.paid > 0);
    fixture.claims.assert_money_adds_up(&world);
}
